/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * What the trie's nodes have to be, read off the store: anew, or as a change of what is there.
 */

#include <string.h>

#include <rte_common.h>

#include "lpm_wrap/lpm.h"
#include "lpm_wrap/trie_build.h"

static unsigned int
entry_rank(const struct trie_node *node, unsigned int slot)
{
	return __builtin_popcountll(node->starts << (SLOTS - 1 - slot)) - 1;
}

/* The entry of a slot, in a child or in a leaf, which has the same for all. */
static uint32_t
entry_at(const struct trie *trie, uint32_t entry, unsigned int slot)
{
	const struct trie_node *node = trie_node_at(trie, entry);

	return trie_is_child(entry) ? node->entries[entry_rank(node, slot)] : entry;
}

/* In the trie for the rest: the slots of a node that lie in the window, which nobody reads. */
static uint64_t
hidden_slots(const struct trie_change *change, struct key key, unsigned int level)
{
	const struct trie_arena *arena = change->trie->work;
	struct key window = { .high = arena->window };
	unsigned int width;

	if (!change->outside || level + STRIDE < arena->window_depth ||
		!key_matches(key, window, level))
		return 0;
	width = 1u << (level + STRIDE - arena->window_depth);
	return (width == SLOTS ? UINT64_MAX : (UINT64_C(1) << width) - 1)
	       << key_slot(window, level);
}

/* The entry for all below (key, level), where block is what the store has there. */
uint32_t
trie_build(struct trie_change *change, struct key key, unsigned int level, uint32_t block,
	uint32_t inherited)
{
	const struct store *store = change->trie->store;
	const struct store_node *node;
	uint32_t slots[SLOTS];
	uint64_t children, hidden;

	if (block == 0)
		return inherited;
	node = store_node(store, block);
	if (node->level == level) {
		store_fill(store, node, inherited, slots);
		children = node->children;
	} else if (change->trie->ipv6 && !change->outside) {
		return trie_make_chain(change, node->key, level, node->level, inherited,
			trie_build(change, node->key, node->level, block, inherited));
	} else {
		for (unsigned int slot = 0; slot < SLOTS; slot++)
			slots[slot] = inherited;
		children = UINT64_C(1) << key_slot(node->key, level);
	}
	hidden = hidden_slots(change, key, level);
	for (uint64_t bits = hidden; bits != 0; bits &= bits - 1)
		slots[__builtin_ctzll(bits)] = inherited;
	for (uint64_t bits = children & ~hidden; bits != 0; bits &= bits - 1) {
		unsigned int slot = __builtin_ctzll(bits);

		slots[slot] = trie_build(change, key_with_slot(key, level, slot), level + STRIDE,
			store_child(store, block, level, slot), slots[slot]);
	}
	return trie_make_node(change, slots);
}

void
trie_discard_node(struct trie_change *change, uint32_t entry)
{
	struct trie *trie = change->trie;

	if (!trie_is_child(entry))
		return;
	/* No reader has seen an arena that is being made. */
	if (trie->work != trie->arena)
		trie_block_free(trie, entry & ~TRIE_CHILD);
	else if (!trie_waste_add(&trie->stale, entry & ~TRIE_CHILD))
		change->failed = true;
}

/* All that hangs from an entry will be out of use. */
void
trie_discard(struct trie_change *change, uint32_t entry)
{
	const struct trie_node *node = trie_node_at(change->trie, entry);

	if (!trie_is_child(entry))
		return;
	if (trie_is_skip(entry)) {
		trie_discard(change, trie_skip_at(change->trie, entry)->below);
		trie_discard_node(change, entry);
		return;
	}
	for (int i = __builtin_popcountll(node->starts) - 1; i >= 0; i--)
		trie_discard(change, node->entries[i]);
	trie_discard_node(change, entry);
}

static void
expand(const struct trie *trie, uint32_t entry, uint32_t slots[SLOTS])
{
	const struct trie_node *node = trie_node_at(trie, entry);
	const uint32_t *next = node->entries;
	uint32_t current = entry;

	if (!trie_is_child(entry)) {
		for (unsigned int slot = 0; slot < SLOTS; slot++)
			slots[slot] = entry;
		return;
	}
	for (unsigned int slot = 0; slot < SLOTS; slot++) {
		bool start = node->starts >> slot & 1;

		current = start ? *next : current;
		next += start;
		slots[slot] = current;
	}
}

/* What a slot of (key, level) hands down, where block is what the store has at (key, level). */
static uint32_t
slot_value(const struct store *store, uint32_t block, unsigned int level, unsigned int slot,
	uint32_t inherited)
{
	if (block == 0 || store_node(store, block)->level > level)
		return inherited;
	return store_match(store, store_node(store, block), slot, inherited);
}

/* Builds the slots anew that a prefix ending within this level covers. */
static uint32_t
update_range(struct trie_change *change, struct key key, unsigned int level, uint32_t old,
	uint32_t block, uint32_t inherited)
{
	const struct store *store = change->trie->store;
	unsigned int first = key_slot(change->key, level);
	unsigned int width = 1u << (level + STRIDE - change->depth);
	uint64_t hidden = hidden_slots(change, key, level);
	uint32_t slots[SLOTS];

	expand(change->trie, old, slots);
	for (unsigned int slot = first; slot < first + width; slot++) {
		uint32_t value = slot_value(store, block, level, slot, inherited);

		trie_discard(change, slots[slot]);
		if (hidden >> slot & 1)
			slots[slot] = inherited;
		else
			slots[slot] = trie_build(change, key_with_slot(key, level, slot),
				level + STRIDE, store_child(store, block, level, slot), value);
	}
	trie_discard_node(change, old);
	return trie_make_node(change, slots);
}

/* The change is of a route that all of a skip's bits lead to: the end of the skip may be another.
 */
static uint32_t
change_skip_end(struct trie_change *change, struct key key, unsigned int level, uint32_t old)
{
	struct trie *trie = change->trie;
	struct trie_skip skip = *trie_skip_at(trie, old);
	unsigned int end = level + trie_skip_depth(&skip);
	uint32_t inherited;
	uint32_t block = trie_below(trie->store, key, end, &inherited);
	uint32_t below = trie_change_below(change, key, end, skip.below, block, inherited);

	if (below == skip.below || change->failed)
		return old;
	if (below != skip.aside && !trie_is_chain(trie, below, skip.aside)) {
		uint32_t *entry = &trie_skip_at(trie, old)->below;

		change->publish_word = entry - (uint32_t *)trie->work;
		change->publish_entry = below;
		return old;
	}
	trie_discard_node(change, old);
	return trie_make_chain(change, key, level, end, skip.aside, below);
}

/* The same as trie_change_below, where old is a skip; it may have to be split. */
static uint32_t
change_skip(struct trie_change *change, unsigned int level, uint32_t old)
{
	struct trie *trie = change->trie;
	struct trie_skip skip = *trie_skip_at(trie, old);
	uint64_t differ = key_bits(change->key, level) ^ trie_skip_bits(&skip);
	unsigned int end = level + trie_skip_depth(&skip);
	unsigned int common =
		level + (differ == 0 ? 64 : __builtin_clzll(differ)) / STRIDE * STRIDE;
	unsigned int split = RTE_MIN(common, key_level(change->depth));
	struct key key = key_mask(change->key, RTE_MIN(split, end));
	uint32_t slots[SLOTS], entry, block, inherited;

	if (split >= end)
		return change_skip_end(change, key, level, old);
	for (unsigned int slot = 0; slot < SLOTS; slot++)
		slots[slot] = skip.aside;
	slots[skip.bits << (split - level) >> (64 - STRIDE)] = trie_make_chain(change,
		(struct key){ .high = skip.bits << (split + STRIDE - level) }, 0,
		end - split - STRIDE, skip.aside, skip.below);
	block = trie_below(trie->store, key, split, &inherited);
	entry = trie_change_below(
		change, key, split, trie_make_plain(change, slots), block, inherited);
	trie_discard_node(change, old);
	return trie_make_chain(change, key, level, split, skip.aside, entry);
}

/*
 * The entry for (key, level) after the change: old itself where a store further down is enough,
 * else one made anew around the parts of old that stay.
 */
uint32_t
trie_change_below(struct trie_change *change, struct key key, unsigned int level, uint32_t old,
	uint32_t block, uint32_t inherited)
{
	struct trie *trie = change->trie;
	unsigned int slot = key_slot(change->key, level);
	uint32_t slots[SLOTS];
	uint32_t was, is;

	if (trie_is_child(old) && trie_is_skip(old))
		return change_skip(change, level, old);
	if (change->depth <= level + STRIDE)
		return update_range(change, key, level, old, block, inherited);
	was = entry_at(trie, old, slot);
	is = trie_change_below(change, key_with_slot(key, level, slot), level + STRIDE, was,
		store_child(trie->store, block, level, slot),
		slot_value(trie->store, block, level, slot, inherited));
	if (is == was || change->failed)
		return old;
	if (trie_is_child(is) && trie_is_child(was) && !trie_is_link(trie, old)) {
		struct trie_node *node = trie_node_at(trie, old);
		uint32_t *entry = &node->entries[entry_rank(node, slot)];

		change->publish_word = entry - (uint32_t *)trie->work;
		change->publish_entry = is;
		return old;
	}
	expand(trie, old, slots);
	slots[slot] = is;
	trie_discard_node(change, old);
	return trie_make_node(change, slots);
}

/* What the store has below (key, depth), and the value it hands down. */
uint32_t
trie_below(const struct store *store, struct key key, unsigned int depth, uint32_t *inherited)
{
	uint32_t block = store->root;

	*inherited = store->default_value;
	while (block != 0) {
		const struct store_node *node = store_node(store, block);
		unsigned int slot;

		if (!key_matches(node->key, key, RTE_MIN(node->level, depth)))
			return 0;
		if (node->level >= depth)
			return block;
		slot = key_slot(key, node->level);
		*inherited = store_match(store, node, slot, *inherited);
		block = store_child(store, block, node->level, slot);
	}
	return 0;
}
