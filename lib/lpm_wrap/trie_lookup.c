/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Look-ups in the trie. A burst goes down level by level: the addresses that are not yet at a leaf
 * are kept in a list, so that each level is a loop without a branch on what was found, and the
 * processor has the cache misses of many addresses under way at once.
 */

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_prefetch.h>

#include "lpm_wrap/trie.h"
#include "lpm_wrap/trie_lookup.h"

uint32_t
trie_descend(const struct trie_arena *arena, uint32_t entry, struct key key, unsigned int level)
{
	while (entry & TRIE_CHILD) {
		if (entry & TRIE_SKIP) {
			const struct trie_skip *skip = trie_skip_of(arena, entry);
			unsigned int depth = trie_skip_depth(skip);

			if ((key_bits(key, level) ^ skip->bits) >> (64 - depth) != 0)
				return skip->aside;
			entry = trie_entry(&skip->below);
			level += depth;
		} else {
			entry = trie_step(arena, entry, ~(uint64_t)key_slot(key, level));
			level += STRIDE;
		}
	}
	return entry;
}

uint32_t
trie_lookup_outside(const struct trie_arena *arena, struct key key)
{
	return trie_descend(arena, trie_entry(&arena->root[arena->root_size]), key, 0);
}

static uint32_t
lookup_one(const struct trie_arena *arena, struct key key)
{
	uint64_t index = (key.high ^ arena->window) >> arena->ipv6_shift;

	if (index >= arena->root_size)
		return trie_lookup_outside(arena, key);
	return trie_descend(arena, trie_entry(&arena->root[index]), key, arena->root_depth);
}

uint32_t
trie_one_ipv4(const struct trie_arena *arena, uint32_t address)
{
	return lookup_one(arena, key_of_ipv4(address));
}

uint32_t
trie_one_ipv6(const struct trie_arena *arena, const uint8_t address[16])
{
	return lookup_one(arena, key_of_ipv6(address));
}

void
trie_finish(const struct trie_arena *arena, uint32_t *values, unsigned int open,
	const uint64_t *highs, const uint64_t *lows)
{
	for (; open != 0; open &= open - 1) {
		unsigned int lane = __builtin_ctz(open);

		values[lane] = trie_descend(
			arena, values[lane], (struct key){ highs[lane], lows[lane] }, 0);
	}
}

/* The root's part, for up to TRIE_BURST addresses; gives the number of those that go on. */
static unsigned int
root_ipv4(const struct trie_arena *arena, const uint32_t *addresses, uint32_t *values,
	unsigned int n, uint8_t *open)
{
	uint32_t window = arena->window_ipv4;
	uint32_t size = arena->root_size;
	unsigned int shift = arena->ipv4_shift;
	unsigned int count = 0;

	for (unsigned int i = 0; i < n; i++) {
		uint32_t index = (addresses[i] ^ window) >> shift;
		uint32_t entry = trie_entry(&arena->root[RTE_MIN(index, size)]);

		if (unlikely(index >= size && (entry & TRIE_CHILD)))
			entry = trie_lookup_outside(arena, key_of_ipv4(addresses[i]));
		values[i] = entry;
		open[count] = i;
		count += entry >> 31;
	}
	return count;
}

static void
lookup_ipv4(const void *state, const uint32_t *addresses, uint32_t *values, unsigned int n)
{
	const struct trie_arena *arena = trie_arena_of(state);

	while (n > 0) {
		unsigned int chunk = RTE_MIN(n, (unsigned int)TRIE_BURST);
		uint8_t open[TRIE_BURST];
		unsigned int count = root_ipv4(arena, addresses, values, chunk, open);

		if (count > 0)
			trie_levels_ipv4(arena, addresses, values, open, count);
		addresses += chunk;
		values += chunk;
		n -= chunk;
	}
}

static unsigned int
root_ipv6(const struct trie_arena *arena, const struct key *keys, uint32_t *values, unsigned int n,
	uint8_t *open)
{
	uint64_t window = arena->window;
	uint64_t size = arena->root_size;
	unsigned int shift = arena->ipv6_shift;
	unsigned int count = 0;

	for (unsigned int i = 0; i < n; i++) {
		uint64_t index = (keys[i].high ^ window) >> shift;
		uint32_t entry = trie_entry(&arena->root[RTE_MIN(index, size)]);

		if (unlikely(index >= size && (entry & TRIE_CHILD)))
			entry = trie_lookup_outside(arena, keys[i]);
		else if (unlikely(entry & TRIE_SKIP))
			entry = trie_descend(arena, entry, keys[i], arena->root_depth);
		values[i] = entry;
		open[count] = i;
		count += entry >> 31;
	}
	return count;
}

static void
lookup_ipv6(const void *state, const uint8_t (*addresses)[16], uint32_t *values, unsigned int n)
{
	const struct trie_arena *arena = trie_arena_of(state);

	while (n > 0) {
		unsigned int chunk = RTE_MIN(n, (unsigned int)TRIE_BURST);
		struct key keys[TRIE_BURST];
		uint8_t open[TRIE_BURST];
		unsigned int count;

		for (unsigned int i = 0; i < chunk; i++)
			keys[i] = key_of_ipv6(addresses[i]);
		count = root_ipv6(arena, keys, values, chunk, open);
		if (count > 0)
			trie_levels_ipv6(arena, keys, values, open, count);
		addresses += chunk;
		values += chunk;
		n -= chunk;
	}
}

static bool
always(void)
{
	return true;
}

const struct trie_lookup trie_lookups[] = {
	{ "scalar", always, lookup_ipv4, lookup_ipv6 },
#ifdef RTE_ARCH_X86_64
	{ "avx2", trie_avx2_is_supported, trie_avx2_ipv4, trie_avx2_ipv6 },
	{ "avx512", trie_avx512_is_supported, trie_avx512_ipv4, trie_avx512_ipv6 },
#endif
};
const unsigned int trie_lookup_count = RTE_DIM(trie_lookups);
