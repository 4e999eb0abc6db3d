/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Checksums against sums of 16 bits at a time in network byte order, the carry added at each step.
 */

#include <string.h>

#include <CUnit/Basic.h>
#include <rte_common.h>

#include "packet/checksum.h"
#include "random.h"

#define HEADER 20

/* In one's complement 0 and 0xffff are the same; this gives 0 only if every byte is 0. */
static uint16_t
slow_sum(const uint8_t *bytes, uint32_t length)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < length; i += 2) {
		sum += (uint32_t)bytes[i] << 8 | (i + 1 < length ? bytes[i + 1] : 0);
		if (sum > 0xffff)
			sum -= 0xffff;
	}
	return (uint16_t)sum;
}

static void
test_fold(void)
{
	static const uint64_t sums[] = { 0, 1, 0xffff, 0x10000, 0x1fffe, 0xffffffff, 0x100000000,
		0xffff0000ffff0000, UINT64_MAX, UINT64_MAX - 1, 0xffffffff00000000 };

	for (unsigned int i = 0; i < 100000; i++) {
		uint64_t sum =
			i < RTE_DIM(sums) ? sums[i] : (uint64_t)random32() << 32 | random32();
		uint16_t folded = checksum_fold(sum);

		CU_ASSERT_FATAL(folded % 0xffff == sum % 0xffff);
		CU_ASSERT_FATAL((folded == 0) == (sum == 0));
	}
}

static void
test_add(void)
{
	static uint8_t bytes[9100];

	random_bytes(bytes, sizeof(bytes));
	for (uint32_t length = 0; length < 9000; length += length < 200 ? 1 : 97) {
		for (uint32_t start = 0; start < 9; start++) {
			uint64_t sum = checksum_add(bytes + start, length, 0);
			uint32_t half = random32() % (length + 1) & ~1u;

			CU_ASSERT_FATAL(rte_be_to_cpu_16(checksum_fold(sum)) ==
					slow_sum(bytes + start, length));
			/* In two parts of which the first is even. */
			sum = checksum_add(bytes + start, half, 0);
			sum = checksum_add(bytes + start + half, length - half, sum);
			CU_ASSERT_FATAL(rte_be_to_cpu_16(checksum_fold(sum)) ==
					slow_sum(bytes + start, length));
		}
	}
	memset(bytes, 0xff, sizeof(bytes));
	for (uint32_t length = 0; length < 9000; length++)
		CU_ASSERT_FATAL(rte_be_to_cpu_16(checksum_of(bytes, length)) ==
				0xffff - slow_sum(bytes, length));
}

/* A message with its checksum verifies; with any bit flipped it does not. */
static void
test_verify(void)
{
	uint8_t bytes[64];

	for (unsigned int round = 0; round < 2000; round++) {
		uint32_t length = round % 2 ? HEADER : 2 + random32() % (sizeof(bytes) - 1);
		uint32_t bit = random32() % (8 * length);
		uint16_t checksum;

		random_bytes(bytes, length);
		if (round == 2)
			memset(bytes, 0, length);
		memset(bytes, 0, sizeof(checksum));
		checksum = checksum_of(bytes, length);
		memcpy(bytes, &checksum, sizeof(checksum));
		CU_ASSERT_FATAL(checksum_ok(bytes, length));
		if (length == HEADER)
			CU_ASSERT_FATAL(checksum_ipv4_ok(bytes));
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CU_ASSERT_FATAL(!checksum_ok(bytes, length));
		if (length == HEADER)
			CU_ASSERT_FATAL(!checksum_ipv4_ok(bytes));
	}
}

/* Every checksum field beside a header: one value is right, or its other zero. */
static void
test_ipv4_every_checksum(void)
{
	uint8_t header[HEADER];

	for (unsigned int round = 0; round < 4; round++) {
		random_bytes(header, sizeof(header));
		for (uint32_t value = 0; value <= UINT16_MAX; value++) {
			header[10] = (uint8_t)(value >> 8);
			header[11] = (uint8_t)value;
			CU_ASSERT_FATAL(
				checksum_ipv4_ok(header) == (slow_sum(header, HEADER) == 0xffff));
		}
	}
}

static uint16_t
recomputed(const uint8_t *header)
{
	uint8_t copy[HEADER];

	memcpy(copy, header, HEADER);
	copy[10] = copy[11] = 0;
	return rte_cpu_to_be_16((uint16_t)~slow_sum(copy, HEADER));
}

/* Each value that a word can take, from each of some, in each of some headers. */
static void
test_update(void)
{
	uint8_t header[HEADER];
	uint16_t old_word, new_word;

	for (unsigned int round = 0; round < 40; round++) {
		unsigned int word = round % 10;

		if (word == 5)
			continue; /* the checksum itself */
		random_bytes(header, sizeof(header));
		header[0] = 0x45;
		for (uint32_t value = 0; value <= UINT16_MAX; value++) {
			uint16_t checksum = recomputed(header);

			memcpy(&old_word, header + 2 * word, 2);
			new_word = (uint16_t)value;
			memcpy(header + 2 * word, &new_word, 2);
			CU_ASSERT_FATAL(checksum_update(checksum, old_word, new_word) ==
					recomputed(header));
			/* Every second time from a value far away. */
			if (value % 2) {
				new_word = (uint16_t)random32();
				memcpy(header + 2 * word, &new_word, 2);
			}
		}
	}
}

/* The TTL goes down by one: 256 TTLs, 256 protocols. */
static void
test_ttl(void)
{
	uint8_t header[HEADER];
	uint16_t old_word, new_word, checksum;

	random_bytes(header, sizeof(header));
	header[0] = 0x45;
	for (uint32_t value = 0x100; value <= UINT16_MAX; value++) {
		header[8] = (uint8_t)(value >> 8);
		header[9] = (uint8_t)value;
		checksum = recomputed(header);
		memcpy(&old_word, header + 8, 2);
		header[8]--;
		memcpy(&new_word, header + 8, 2);
		CU_ASSERT_FATAL(
			checksum_update(checksum, old_word, new_word) == recomputed(header));
	}
}

/* The one case in which the update is not what a sum of all gives (see checksum.h). */
static void
test_update_to_zeros(void)
{
	for (uint32_t value = 1; value <= UINT16_MAX; value++)
		CU_ASSERT_FATAL(checksum_update((uint16_t)~value, (uint16_t)value, 0) == 0);
}

int
main(void)
{
	unsigned int failures;
	CU_pSuite suite;

	random_start();
	CU_initialize_registry();
	suite = CU_add_suite("checksum", NULL, NULL);
	CU_add_test(suite, "folding", test_fold);
	CU_add_test(suite, "adding, odd lengths too", test_add);
	CU_add_test(suite, "verifying", test_verify);
	CU_add_test(suite, "IPv4 headers with every checksum", test_ipv4_every_checksum);
	CU_add_test(suite, "updates against recomputation", test_update);
	CU_add_test(suite, "a TTL less", test_ttl);
	CU_add_test(suite, "an update to zeros", test_update_to_zeros);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	return failures != 0;
}
