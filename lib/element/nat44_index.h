/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_NAT44_INDEX_H
#define ELEMENT_NAT44_INDEX_H

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <rte_common.h>

#include "element/nat44_hash.h"

/*
 * Finds a session by one of its endpoints. A table of buckets, each of one cache line: 15 bits of
 * the hash and the number of the session for up to eight, and a chain of sessions for more, which
 * is rare. So a look-up waits for two lines, the bucket's and the
 * session's, and both can be fetched ahead for a burst; rte_hash reads a third one, that of its
 * keys, and took twice the time (docs/nat44.md).
 */

#define NAT44_BUCKET_SLOTS 8u

/* An endpoint: IPv4 address, port (or ICMP identifier), both in network byte order, protocol. */
static inline uint64_t
nat44_key(uint32_t address, uint16_t port, uint8_t protocol)
{
	return address | (uint64_t)port << 32 | (uint64_t)protocol << 48;
}

static inline uint32_t
nat44_key_address(uint64_t key)
{
	return (uint32_t)key;
}

static inline uint16_t
nat44_key_port(uint64_t key)
{
	return (uint16_t)(key >> 32);
}

static inline uint8_t
nat44_key_protocol(uint64_t key)
{
	return (uint8_t)(key >> 48);
}

struct nat44_bucket {
	uint16_t tags[NAT44_BUCKET_SLOTS]; /* 0: free */
	uint32_t sessions[NAT44_BUCKET_SLOTS];
	uint32_t overflow; /* the first of the chain; 0: none */
	uint32_t unused[3];
};

static_assert(sizeof(struct nat44_bucket) == RTE_CACHE_LINE_MIN_SIZE, "a line");

struct nat44_index {
	struct nat44_bucket *buckets;
	uint32_t mask;
	struct nat44_secret secret;
};

static inline uint64_t
nat44_index_hash(const struct nat44_index *index, uint64_t key)
{
	return nat44_hash(&index->secret, key, 0);
}

static inline struct nat44_bucket *
nat44_bucket_of(const struct nat44_index *index, uint64_t hash)
{
	return &index->buckets[hash & index->mask];
}

static inline uint16_t
nat44_tag_of(uint64_t hash)
{
	return (uint16_t)(hash >> 48 | 1);
}

/*
 * Bit 16 k + 15 for each slot k of four whose tag this is, and maybe for some behind the first: a
 * zero among 16-bit fields makes its borrow visible there.
 */
static inline uint64_t
nat44_tags_equal(const uint16_t tags[4], uint16_t tag)
{
	const uint64_t ones = UINT64_C(0x0001000100010001);
	uint64_t word;

	__builtin_memcpy(&word, tags, sizeof(word));
	word ^= tag * ones;
	return (word - ones) & ~word & ones << 15;
}

/* The session in the first slot with this tag, which mostly is the one; 0: there is none. */
static inline uint32_t
nat44_bucket_guess(const struct nat44_bucket *bucket, uint16_t tag)
{
	uint64_t low = nat44_tags_equal(&bucket->tags[0], tag);
	uint64_t high = nat44_tags_equal(&bucket->tags[4], tag);

	uint64_t equal = low != 0 ? low : high;

	/* Which half it is in nobody can foretell: no branch. */
	if (unlikely(equal == 0))
		return 0;
	return bucket->sessions[(low != 0 ? 0 : 4) + __builtin_ctzll(equal) / 16];
}

static_assert(RTE_BYTE_ORDER == RTE_LITTLE_ENDIAN, "slots are numbered from the lowest byte on");

#endif
