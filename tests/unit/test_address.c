/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Addresses against arithmetic on one bit at a time, and their text against getaddrinfo().
 */

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>

#include <CUnit/Basic.h>
#include <rte_common.h>

#include "address/address.h"
#include "random.h"

#define ROUNDS 20000

/* With long runs of equal bits, so that carries and shared prefixes of every length come up. */
static struct ip_address
any_address(void)
{
	struct ip_address address = { .family = random32() % IP_FAMILIES };
	unsigned int n = ip_family_bits(address.family) / 8;

	random_bytes(address.bytes, n);
	for (unsigned int i = random32() % (n + 1); i < n; i++)
		address.bytes[i] = random32() % 4 == 0 ? 0 : 0xff;
	return address;
}

static unsigned int
bit(const struct ip_address *address, unsigned int i)
{
	return address->bytes[i / 8] >> (7 - i % 8) & 1;
}

static void
test_bits(void)
{
	for (unsigned int round = 0; round < ROUNDS; round++) {
		struct ip_address a = any_address();
		unsigned int bits = ip_family_bits(a.family);
		uint8_t depth = random32() % (bits + 1);
		struct ip_address network = ip_address_network(&a, depth);
		struct ip_address last = ip_address_last(&a, depth);
		struct ip_address other = any_address();
		struct ip_prefix prefix = { a, depth };
		bool same = other.family == a.family;

		for (unsigned int i = 0; i < bits; i++) {
			CU_ASSERT_FATAL(bit(&network, i) == (i < depth ? bit(&a, i) : 0));
			CU_ASSERT_FATAL(bit(&last, i) == (i < depth ? bit(&a, i) : 1));
			if (i < depth && same)
				same = bit(&a, i) == bit(&other, i);
		}
		for (unsigned int i = bits / 8; i < sizeof(a.bytes); i++)
			CU_ASSERT_FATAL(network.bytes[i] == 0 && last.bytes[i] == 0);
		CU_ASSERT_FATAL(ip_prefix_covers(&prefix, &other) == same);
		CU_ASSERT_FATAL(ip_prefix_covers(&prefix, &network));
		CU_ASSERT_FATAL(ip_prefix_covers(&prefix, &last));
	}
}

static void
test_next(void)
{
	for (unsigned int round = 0; round < ROUNDS; round++) {
		struct ip_address a = any_address();
		struct ip_address next = a;
		bool more = ip_address_next(&next);
		unsigned int carry = 1;

		CU_ASSERT_FATAL(next.family == a.family);
		for (unsigned int i = ip_family_bits(a.family); i-- > 0;) {
			CU_ASSERT_FATAL(bit(&next, i) == ((bit(&a, i) + carry) & 1));
			carry &= bit(&a, i);
		}
		CU_ASSERT_FATAL(more == (carry == 0));
		CU_ASSERT_FATAL(!more || memcmp(&a, &next, sizeof(a)) < 0);
	}
}

static void
test_text(void)
{
	for (unsigned int round = 0; round < ROUNDS; round++) {
		struct ip_address a = any_address();
		struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_DGRAM };
		struct ip_prefix prefix = { a, random32() % (ip_family_bits(a.family) + 1) };
		struct ip_prefix parsed;
		struct ip_address back;
		struct addrinfo *info;
		char text[IP_PREFIX_TEXT_SIZE];
		const void *bytes;

		ip_address_text(&a, text);
		CU_ASSERT_FATAL(ip_address_parse(text, &back) == 0 && ip_address_equal(&a, &back));
		CU_ASSERT_FATAL(getaddrinfo(text, NULL, &hints, &info) == 0);
		if (a.family == IP_FAMILY_IPV4)
			bytes = &((struct sockaddr_in *)info->ai_addr)->sin_addr;
		else
			bytes = &((struct sockaddr_in6 *)info->ai_addr)->sin6_addr;
		CU_ASSERT_FATAL(memcmp(bytes, a.bytes, ip_family_bits(a.family) / 8) == 0);
		freeaddrinfo(info);
		ip_prefix_text(&prefix, text);
		CU_ASSERT_FATAL(ip_prefix_parse(text, &parsed) == 0);
		CU_ASSERT_FATAL(ip_prefix_equal(&prefix, &parsed));
	}
}

static void
test_bad_text(void)
{
	static const char *const addresses[] = { "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4",
		"1.2.3.4 ", " 1.2.3.4", "1.2.3.4/8", "::1/64", ":::", "1::2::3", "fe80::1%lan",
		"12345::", "1:2:3:4:5:6:7:8:9", "::1.2.3", "a.b.c.d", "0x1.2.3.4" };
	static const char *const prefixes[] = { "", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33",
		"10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/8 ", "10.0.0.0/8/8", "::/129", "::/0x1",
		"10.0.0.0/ 8", "10.0.0.0/1000",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb/64" };
	struct ip_address address = { .bytes = { 1 } };
	struct ip_prefix prefix = { .depth = 77 };

	for (unsigned int i = 0; i < RTE_DIM(addresses); i++)
		CU_ASSERT(ip_address_parse(addresses[i], &address) != 0 && address.bytes[0] == 1);
	for (unsigned int i = 0; i < RTE_DIM(prefixes); i++)
		CU_ASSERT(ip_prefix_parse(prefixes[i], &prefix) != 0 && prefix.depth == 77);
}

static void
test_kinds(void)
{
	static const struct {
		const char *text;
		bool host, link_local, multicast;
	} kinds[] = {
		{ "10.0.0.1", true, false, false },
		{ "224.0.0.1", false, false, true },
		{ "239.255.255.255", false, false, true },
		{ "240.0.0.1", false, false, false },
		{ "255.255.255.255", false, false, false },
		{ "127.0.0.1", false, false, false },
		{ "0.0.0.0", false, false, false },
		{ "169.254.0.1", true, false, false },
		{ "::", false, false, false },
		{ "::1", false, false, false },
		{ "::2", true, false, false },
		{ "::ffff:10.0.0.1", false, false, false },
		{ "64:ff9b::1", true, false, false },
		{ "fe80::1", true, true, false },
		{ "febf::1", true, true, false },
		{ "fec0::1", true, false, false },
		{ "fe7f::1", true, false, false },
		{ "ff02::1", false, false, true },
	};

	for (unsigned int i = 0; i < RTE_DIM(kinds); i++) {
		struct ip_address address;

		CU_ASSERT_FATAL(ip_address_parse(kinds[i].text, &address) == 0);
		CU_ASSERT((ip_address_not_a_host(&address) == NULL) == kinds[i].host);
		CU_ASSERT(ip_address_is_link_local(&address) == kinds[i].link_local);
		CU_ASSERT(ip_address_is_multicast(&address) == kinds[i].multicast);
	}
}

int
main(void)
{
	CU_TestInfo tests[] = {
		{ "networks, last addresses and covers", test_bits },
		{ "the next address", test_next },
		{ "text and back", test_text },
		{ "text that is none", test_bad_text },
		{ "kinds of addresses", test_kinds },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = { { "address", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL };
	unsigned int failed;

	random_start();
	CU_initialize_registry();
	CU_register_suites(suites);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failed = CU_get_number_of_failures();
	CU_cleanup_registry();
	return failed != 0;
}
