/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef LPM_WRAP_TRIE_LOOKUP_H
#define LPM_WRAP_TRIE_LOOKUP_H

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_prefetch.h>

#include "lpm_wrap/trie.h"

/* Addresses that go down together. */
#define TRIE_BURST 64

/* When so few IPv6 lanes are left, vectors are too many: prefixes may be far longer than most. */
#define TRIE_STRAGGLERS 3

/* Needs AVX2, and EAL's leave for 256 bits. */
bool trie_avx2_is_supported(void);
void trie_avx2_ipv4(const void *state, const uint32_t *addresses, uint32_t *values, unsigned int n);
void trie_avx2_ipv6(
	const void *state, const uint8_t (*addresses)[16], uint32_t *values, unsigned int n);

/* Needs AVX512 F, BW, DQ, VL and VPOPCNTDQ, and EAL's leave for 256 bits. */
bool trie_avx512_is_supported(void);
void trie_avx512_ipv4(
	const void *state, const uint32_t *addresses, uint32_t *values, unsigned int n);
void trie_avx512_ipv6(
	const void *state, const uint8_t (*addresses)[16], uint32_t *values, unsigned int n);

/* The slow way, one address by itself from an entry at any level. */
uint32_t trie_descend(
	const struct trie_arena *arena, uint32_t entry, struct key key, unsigned int level);

/* For an address outside the window. */
uint32_t trie_lookup_outside(const struct trie_arena *arena, struct key key);

/* Whole look-ups, one address by itself. */
uint32_t trie_one_ipv4(const struct trie_arena *arena, uint32_t address);
uint32_t trie_one_ipv6(const struct trie_arena *arena, const uint8_t address[16]);

/*
 * The last few lanes of a vector, of long prefixes, go on alone: those whose bit in open is set,
 * with their next bits at the top of highs.
 */
void trie_finish(const struct trie_arena *arena, uint32_t *values, unsigned int open,
	const uint64_t *highs, const uint64_t *lows);

/* Once for a burst. */
static __rte_always_inline const struct trie_arena *
trie_arena_of(const void *state)
{
	const struct trie *trie = state;

	return __atomic_load_n(&trie->arena, __ATOMIC_ACQUIRE);
}

static __rte_always_inline uint32_t
trie_entry(const uint32_t *entry)
{
	/* What it leads to is ordered behind it by dependency. */
	return __atomic_load_n(entry, __ATOMIC_RELAXED);
}

static __rte_always_inline const struct trie_node *
trie_node_of(const struct trie_arena *arena, uint32_t entry)
{
	return (const struct trie_node *)((const uint64_t *)arena + (entry & ~TRIE_CHILD));
}

static __rte_always_inline const struct trie_skip *
trie_skip_of(const struct trie_arena *arena, uint32_t entry)
{
	return (const struct trie_skip *)((const uint64_t *)arena + (entry & TRIE_UNIT));
}

/* The entry of a slot, which is given inverted: 63 - slot; higher bits are ignored. */
static __rte_always_inline uint32_t
trie_step(const struct trie_arena *arena, uint32_t entry, uint64_t inverted_slot)
{
	const struct trie_node *node = trie_node_of(arena, entry);
	unsigned int rank = __builtin_popcountll(node->starts << (inverted_slot & (SLOTS - 1)));

	return trie_entry(&node->entries[(int)rank - 1]);
}

static __rte_always_inline void
trie_prefetch(const struct trie_arena *arena, const uint32_t *values, const uint8_t *open,
	unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		rte_prefetch0(trie_node_of(arena, values[open[i]]));
}

/* The levels below the root for the addresses in the list, which is used up. */
static __rte_always_inline void
trie_levels_ipv4(const struct trie_arena *arena, const uint32_t *addresses, uint32_t *values,
	uint8_t *open, unsigned int count)
{
	/* The last level's slots begin at bit 30 and have but two bits of the address. */
	for (int shift = arena->ipv4_shift - STRIDE; count > 0; shift -= STRIDE) {
		unsigned int left = shift < 0 ? -shift : 0;
		unsigned int right = shift < 0 ? 0 : shift;
		unsigned int next = 0;

		trie_prefetch(arena, values, open, count);
		for (unsigned int i = 0; i < count; i++) {
			unsigned int lane = open[i];
			uint64_t inverted = ~((uint64_t)addresses[lane] << left >> right);
			uint32_t entry = trie_step(arena, values[lane], inverted);

			values[lane] = entry;
			open[next] = lane;
			next += entry >> 31;
		}
		count = next;
	}
}

static __rte_always_inline void
trie_levels_ipv6(const struct trie_arena *arena, const struct key *keys, uint32_t *values,
	uint8_t *open, unsigned int count)
{
	for (unsigned int level = arena->root_depth; count > 0; level += STRIDE) {
		unsigned int next = 0;

		trie_prefetch(arena, values, open, count);
		if (level <= 64 - STRIDE) {
			unsigned int shift = 64 - STRIDE - level;

			for (unsigned int i = 0; i < count; i++) {
				unsigned int lane = open[i];
				uint32_t entry =
					trie_step(arena, values[lane], ~(keys[lane].high >> shift));

				if (unlikely(entry & TRIE_SKIP))
					entry = trie_descend(
						arena, entry, keys[lane], level + STRIDE);
				values[lane] = entry;
				open[next] = lane;
				next += entry >> 31;
			}
		} else {
			for (unsigned int i = 0; i < count; i++) {
				unsigned int lane = open[i];
				uint32_t entry = trie_step(arena, values[lane],
					~(uint64_t)key_slot(keys[lane], level));

				if (unlikely(entry & TRIE_SKIP))
					entry = trie_descend(
						arena, entry, keys[lane], level + STRIDE);
				values[lane] = entry;
				open[next] = lane;
				next += entry >> 31;
			}
		}
		count = next;
	}
}

#endif
