/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Making nodes, and chains of them: levels on which one slot leads on and all others have the same
 * value. Long ones become one skip, as in a Patricia tree.
 */

#include <string.h>

#include "lpm_wrap/lpm.h"
#include "lpm_wrap/trie_build.h"

/* Room for a node. Gives 0 and has the change fail without memory. */
static uint32_t
make_block(struct trie_change *change, unsigned int units, uint32_t kind)
{
	struct trie *trie = change->trie;
	uint32_t block;

	while ((block = pool_alloc(&trie->pool, units)) == 0) {
		if (!trie_arena_grow(trie)) {
			change->failed = true;
			return 0;
		}
	}
	if (trie->work == trie->arena && !trie_waste_add(&trie->fresh, kind | block)) {
		pool_free(&trie->pool, block, units);
		change->failed = true;
		return 0;
	}
	return block;
}

/* What a node holds: one entry for each run of equal slots. */
struct runs {
	uint64_t starts;
	unsigned int count;
	uint32_t entries[SLOTS];
};

static void
find_runs(const uint32_t slots[SLOTS], struct runs *runs)
{
	runs->starts = 1;
	runs->count = 0;
	for (unsigned int slot = 1; slot < SLOTS; slot++)
		runs->starts |= (uint64_t)(slots[slot] != slots[slot - 1]) << slot;
	for (uint64_t bits = runs->starts; bits != 0; bits &= bits - 1)
		runs->entries[runs->count++] = slots[__builtin_ctzll(bits)];
}

static uint32_t
make_node(struct trie_change *change, const struct runs *runs)
{
	struct trie_node *node;
	uint32_t block;

	if (runs->count == 1 && !trie_is_child(runs->entries[0]))
		return runs->entries[0];
	block = make_block(change, trie_node_units(runs->count), 0);
	if (block == 0)
		return LPM_NO_ROUTE;
	node = pool_at(&change->trie->pool, block);
	node->starts = runs->starts;
	memcpy(node->entries, runs->entries, runs->count * sizeof(runs->entries[0]));
	return TRIE_CHILD | block;
}

uint32_t
trie_make_plain(struct trie_change *change, const uint32_t slots[SLOTS])
{
	struct runs runs;

	find_runs(slots, &runs);
	return make_node(change, &runs);
}

static uint32_t
make_skip(struct trie_change *change, uint64_t bits, unsigned int levels, uint32_t aside,
	uint32_t below)
{
	uint32_t block = make_block(change, TRIE_SKIP_UNITS, TRIE_SKIP);
	struct trie_skip *skip;

	if (block == 0)
		return LPM_NO_ROUTE;
	skip = pool_at(&change->trie->pool, block);
	skip->bits = bits | levels * STRIDE;
	skip->aside = aside;
	skip->below = below;
	return TRIE_CHILD | TRIE_SKIP | block;
}

/* A level of a chain: its slot, the value of all others, and what the slot leads to. */
struct link {
	unsigned int slot;
	uint32_t aside;
	uint32_t below;
};

/* Whether a node is one. With two entries the slot is the first or the last. */
static bool
read_link(uint64_t starts, const uint32_t *entries, struct link *link)
{
	unsigned int count = __builtin_popcountll(starts);
	unsigned int slot = count > 1 ? __builtin_ctzll(starts & (starts - 1)) : 0;

	if (count == 3 && starts >> slot == 3 && entries[0] == entries[2])
		*link = (struct link){ slot, entries[0], entries[1] };
	else if (count == 2 && slot == SLOTS - 1)
		*link = (struct link){ SLOTS - 1, entries[0], entries[1] };
	else if (count == 2 && slot == 1)
		*link = (struct link){ 0, entries[1], entries[0] };
	else
		return false;
	return !trie_is_child(link->aside);
}

static bool
read_link_at(const struct trie *trie, uint32_t entry, struct link *link)
{
	const struct trie_node *node = trie_node_at(trie, entry);

	return read_link(node->starts, node->entries, link);
}

bool
trie_is_link(const struct trie *trie, uint32_t entry)
{
	struct link link;

	return trie->ipv6 && trie_is_child(entry) && !trie_is_skip(entry) &&
	       read_link_at(trie, entry, &link);
}

/* A chain that hangs from an entry. */
struct chain {
	uint64_t bits;
	unsigned int levels;
	uint32_t below;
};

/*
 * The one of at most `room` levels, with this value aside; of no level if there is none. With a
 * change its nodes are discarded.
 */
static struct chain
read_chain(const struct trie *trie, struct trie_change *change, uint32_t entry, uint32_t aside,
	unsigned int room)
{
	struct chain chain = { .below = entry };

	while (trie_is_child(chain.below)) {
		const struct trie_skip *skip = trie_skip_at(trie, chain.below);
		unsigned int shift = chain.levels * STRIDE;
		uint32_t node = chain.below;
		struct link link;

		if (trie_is_skip(node)) {
			unsigned int levels = trie_skip_depth(skip) / STRIDE;

			if (skip->aside != aside || chain.levels + levels > room)
				break;
			chain.bits |= trie_skip_bits(skip) >> shift;
			chain.levels += levels;
			chain.below = skip->below;
		} else {
			if (chain.levels == room || !read_link_at(trie, node, &link) ||
				link.aside != aside)
				break;
			chain.bits |= (uint64_t)link.slot << (64 - STRIDE) >> shift;
			chain.levels++;
			chain.below = link.below;
		}
		if (change != NULL)
			trie_discard_node(change, node);
	}
	return chain;
}

bool
trie_is_chain(const struct trie *trie, uint32_t entry, uint32_t aside)
{
	return read_chain(trie, NULL, entry, aside, TRIE_SKIP_LEVELS).levels > 0;
}

static uint32_t
make_links(struct trie_change *change, uint64_t bits, unsigned int levels, uint32_t aside,
	uint32_t below)
{
	while (levels-- > 0 && !change->failed) {
		uint32_t slots[SLOTS];

		for (unsigned int slot = 0; slot < SLOTS; slot++)
			slots[slot] = aside;
		slots[bits << levels * STRIDE >> (64 - STRIDE)] = below;
		below = trie_make_plain(change, slots);
	}
	return below;
}

uint32_t
trie_make_chain(struct trie_change *change, struct key key, unsigned int from, unsigned int to,
	uint32_t aside, uint32_t below)
{
	while (from < to && below != aside && !change->failed) {
		unsigned int levels = (to - from) / STRIDE;
		struct chain chain =
			read_chain(change->trie, NULL, below, aside, TRIE_SKIP_LEVELS - 1);
		uint64_t bits;

		levels = RTE_MIN(levels, TRIE_SKIP_LEVELS - chain.levels);
		to -= levels * STRIDE;
		bits = key_bits(key, to) & key_mask_high(levels * STRIDE);
		if (levels + chain.levels < change->trie->chain_min) {
			below = make_links(change, bits, levels, aside, below);
			continue;
		}
		read_chain(change->trie, change, below, aside, TRIE_SKIP_LEVELS - 1);
		below = make_skip(change, bits | chain.bits >> levels * STRIDE,
			levels + chain.levels, aside, chain.below);
	}
	return below;
}

uint32_t
trie_make_node(struct trie_change *change, const uint32_t slots[SLOTS])
{
	struct link link;
	struct runs runs;

	find_runs(slots, &runs);
	if (!change->trie->ipv6 || !read_link(runs.starts, runs.entries, &link))
		return make_node(change, &runs);
	return trie_make_chain(change, key_with_slot((struct key){ 0 }, 0, link.slot), 0, STRIDE,
		link.aside, link.below);
}
