/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef LPM_WRAP_KEY_H
#define LPM_WRAP_KEY_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_byteorder.h>

/*
 * The bits of an address of either family, the first one highest. An IPv4 address fills the upper
 * half of high. This is what lets both families share the store and the trie.
 */
struct key {
	uint64_t high;
	uint64_t low;
};

/* Bits that one level of the store and of the trie decides on. */
#define STRIDE 6
#define SLOTS (1u << STRIDE)

static inline struct key
key_of_ipv4(uint32_t address)
{
	return (struct key){ .high = (uint64_t)address << 32 };
}

static inline uint32_t
key_to_ipv4(struct key key)
{
	return key.high >> 32;
}

static inline struct key
key_of_ipv6(const uint8_t address[16])
{
	struct key key;

	memcpy(&key, address, sizeof(key));
	key.high = rte_be_to_cpu_64(key.high);
	key.low = rte_be_to_cpu_64(key.low);
	return key;
}

static inline void
key_to_ipv6(struct key key, uint8_t address[16])
{
	key.high = rte_cpu_to_be_64(key.high);
	key.low = rte_cpu_to_be_64(key.low);
	memcpy(address, &key, sizeof(key));
}

/* Ones in the first depth bits of the first half. */
static inline uint64_t
key_mask_high(unsigned int depth)
{
	return depth == 0 ? 0 : depth >= 64 ? UINT64_MAX : UINT64_MAX << (64 - depth);
}

/* The first depth bits; the others zero. */
static inline struct key
key_mask(struct key key, unsigned int depth)
{
	key.high &= key_mask_high(depth);
	key.low &= depth <= 64 ? 0 : depth >= 128 ? UINT64_MAX : UINT64_MAX << (128 - depth);
	return key;
}

static inline bool
key_equal(struct key a, struct key b)
{
	return a.high == b.high && a.low == b.low;
}

/* Leading bits that two keys share, 0 to 128. */
static inline unsigned int
key_common(struct key a, struct key b)
{
	if (a.high != b.high)
		return __builtin_clzll(a.high ^ b.high);
	if (a.low != b.low)
		return 64 + __builtin_clzll(a.low ^ b.low);
	return 128;
}

static inline bool
key_matches(struct key a, struct key b, unsigned int depth)
{
	return key_common(a, b) >= depth;
}

/* 64 bits that begin at bit position from, 0 to 127; what lies beyond bit 127 is zero. */
static inline uint64_t
key_bits(struct key key, unsigned int from)
{
	if (from == 0)
		return key.high;
	return from < 64 ? key.high << from | key.low >> (64 - from) : key.low << (from - 64);
}

/* The STRIDE bits that begin at bit position from; what lies beyond bit 127 is zero. */
static inline unsigned int
key_slot(struct key key, unsigned int from)
{
	if (from <= 64 - STRIDE)
		return key.high >> (64 - STRIDE - from) & (SLOTS - 1);
	if (from < 64)
		return (key.high << (from + STRIDE - 64) | key.low >> (128 - STRIDE - from)) &
		       (SLOTS - 1);
	if (from <= 128 - STRIDE)
		return key.low >> (128 - STRIDE - from) & (SLOTS - 1);
	return key.low << (from + STRIDE - 128) & (SLOTS - 1);
}

/* The key with its STRIDE bits at from set to slot; they must have been zero. */
static inline struct key
key_with_slot(struct key key, unsigned int from, unsigned int slot)
{
	uint64_t bits = slot;

	if (from <= 64 - STRIDE) {
		key.high |= bits << (64 - STRIDE - from);
	} else if (from < 64) {
		key.high |= bits >> (from + STRIDE - 64);
		key.low |= bits << (128 - STRIDE - from);
	} else if (from <= 128 - STRIDE) {
		key.low |= bits << (128 - STRIDE - from);
	} else {
		key.low |= bits >> (from + STRIDE - 128);
	}
	return key;
}

/* The level, a multiple of STRIDE, whose node holds a route of this depth; depth is not 0. */
static inline unsigned int
key_level(unsigned int depth)
{
	return (depth - 1) / STRIDE * STRIDE;
}

#endif
