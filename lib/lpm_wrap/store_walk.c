/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "lpm_wrap/lpm.h"
#include "lpm_wrap/store.h"

struct walk {
	const struct store *store;
	struct key from;
	unsigned int from_depth;
	store_walk_fn fn;
	void *context;
};

static int
key_compare(struct key a, struct key b)
{
	if (a.high != b.high)
		return a.high < b.high ? -1 : 1;
	if (a.low != b.low)
		return a.low < b.low ? -1 : 1;
	return 0;
}

/* The routes of a node that begin at this slot. */
static bool
walk_slot(const struct walk *walk, const struct store_node *node, unsigned int slot)
{
	struct key key = key_with_slot(node->key, node->level, slot);
	int order = key_compare(key, walk->from);

	if (order < 0)
		return true;
	for (unsigned int length = 1; length <= STRIDE; length++) {
		unsigned int bit = store_bit(length, slot >> (STRIDE - length));

		if (slot % (SLOTS >> length) != 0 || !store_has(node, bit))
			continue;
		if (order == 0 && node->level + length < walk->from_depth)
			continue;
		if (!walk->fn(key, node->level + length, *store_value_at(walk->store, node, bit),
			    walk->context))
			return false;
	}
	return true;
}

static bool
walk_node(const struct walk *walk, uint32_t block)
{
	const struct store_node *node = store_node(walk->store, block);
	unsigned int slot = 0;

	if (key_matches(node->key, walk->from, node->level))
		slot = key_slot(walk->from, node->level);
	else if (key_compare(node->key, walk->from) < 0)
		return true;
	for (; slot < SLOTS; slot++) {
		if (!walk_slot(walk, node, slot))
			return false;
		if (store_has_child(node, slot) &&
			!walk_node(walk, *store_child_at(walk->store, node, slot)))
			return false;
	}
	return true;
}

bool
store_walk(const struct store *store, struct key key, unsigned int depth, store_walk_fn fn,
	void *context)
{
	struct walk walk = { store, key, depth, fn, context };
	struct key zero = { 0 };

	if (store->default_value != LPM_NO_ROUTE && depth == 0 && key_equal(key, zero) &&
		!fn(zero, 0, store->default_value, context))
		return false;
	return store->root == 0 || walk_node(&walk, store->root);
}
