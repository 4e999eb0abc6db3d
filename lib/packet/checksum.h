/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef PACKET_CHECKSUM_H
#define PACKET_CHECKSUM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_byteorder.h>

/*
 * The Internet checksum (RFC 1071). Every sum and every checksum here is in the byte order of the
 * packet, which the one's complement sum does not mind.
 */

static inline uint16_t
checksum_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* The sum of `length` bytes at `data`, on top of `sum`; to be folded. length < 2^31. */
static inline uint64_t
checksum_add(const void *data, uint32_t length, uint64_t sum)
{
	const uint8_t *bytes = data;
	uint32_t word;

	for (; length >= sizeof(word); length -= sizeof(word), bytes += sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		sum += word;
	}
	if (length != 0) {
		word = 0;
		memcpy(&word, bytes, length);
		sum += word;
	}
	return sum;
}

/* The checksum to write over `length` bytes whose checksum field is zero. */
static inline uint16_t
checksum_of(const void *data, uint32_t length)
{
	return (uint16_t)~checksum_fold(checksum_add(data, length, 0));
}

/* Whether `length` bytes, their checksum field included, sum up. */
static inline bool
checksum_ok(const void *data, uint32_t length)
{
	return checksum_fold(checksum_add(data, length, 0)) == 0xffff;
}

/* The same for an IPv4 header of 20 bytes, without a loop. */
static inline bool
checksum_ipv4_ok(const void *header)
{
	uint64_t low, high, sum;
	uint32_t last, half;

	memcpy(&low, header, sizeof(low));
	memcpy(&high, (const uint8_t *)header + 8, sizeof(high));
	memcpy(&last, (const uint8_t *)header + 16, sizeof(last));
	/* One's complement sums of 64 bits: a carry out of the top comes back at the bottom. */
	sum = low + high;
	sum += sum < high;
	sum += last;
	sum += sum < last;
	/* A number and itself with its halves swapped add up, above, to the sum of the halves. */
	half = (uint32_t)((sum + (sum << 32 | sum >> 32)) >> 32);
	return (half + (half << 16 | half >> 16)) >> 16 == 0xffff;
}

/*
 * The checksum after one 16-bit word of what it covers changes: HC' = ~(~HC + ~m + m'),
 * RFC 1624, equation 3. Only where all that it covers is zero afterwards does it differ from the
 * checksum summed anew: it gives 0 then, which does not verify, for 0xffff. An IPv4 header is never
 * all zero.
 */
static inline uint16_t
checksum_update(uint16_t checksum, uint16_t old_word, uint16_t new_word)
{
	uint32_t sum = (uint16_t)~checksum;

	sum += (uint16_t)~old_word;
	sum += new_word;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* The same when the TTL goes down by one: ~m + m' is 0xfeff whatever the TTL was. */
static inline uint16_t
checksum_decrement_ttl(uint16_t checksum)
{
	uint32_t sum = (uint16_t)~checksum + (uint32_t)RTE_BE16(0xfeff);

	return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

/*
 * For changes of more than a word, or of words that several checksums cover: what the change of 32
 * bits, or of 16 in the lower half, adds to a sum. Such differences may be added up, 1000 of them.
 */
static inline uint32_t
checksum_difference(uint32_t old_bits, uint32_t new_bits)
{
	return (~old_bits & 0xffff) + (~old_bits >> 16) + (new_bits & 0xffff) + (new_bits >> 16);
}

/* The checksum after them: checksum_update() for any number of words, with the same exception. */
static inline uint16_t
checksum_apply(uint16_t checksum, uint32_t difference)
{
	uint32_t sum = (uint16_t)~checksum + (difference & 0xffff) + (difference >> 16);

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

#endif
