/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef LPM_WRAP_STORE_H
#define LPM_WRAP_STORE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lpm_wrap/key.h"
#include "lpm_wrap/pool.h"

/*
 * The routes themselves, as the control thread keeps them: what exact look-ups, walks and rebuilds
 * of an engine read. No worker looks in here.
 *
 * A trie of 64-way nodes that skips levels without routes or branches. A node of level L (a
 * multiple of STRIDE) has a bit for each prefix of L+1 .. L+6 bits that continues its own, as in
 * Eatherton et al., "Tree Bitmap" (SIGCOMM CCR 2004), and a bit for each slot that has a node
 * below it. The default route stands beside the trie.
 */
struct store_node {
	struct key key;       /* the first level bits */
	uint64_t children;    /* by slot */
	uint64_t routes[2];   /* by store_bit() */
	uint32_t child_block; /* uint32_t for each bit of children: its node's block */
	uint32_t value_block; /* uint32_t for each bit of routes: its value */
	uint32_t level;
	uint32_t reserved;
};
static_assert(sizeof(struct store_node) == 56, "seven units of the pool");

struct store {
	struct pool pool;
	uint32_t root; /* block of the topmost node, or 0 */
	uint32_t default_value;
	uint32_t count;
	int socket;
};

int store_init(struct store *store, int socket);
void store_free(struct store *store);

/* Adds or replaces; *old is the value replaced, or LPM_NO_ROUTE. -ENOMEM: nothing has changed. */
int store_set(
	struct store *store, struct key key, unsigned int depth, uint32_t value, uint32_t *old);

/* Gives the value of the route that was there, LPM_NO_ROUTE if there was none. */
uint32_t store_remove(struct store *store, struct key key, unsigned int depth);

uint32_t store_get(const struct store *store, struct key key, unsigned int depth);

/* The longest route of at most max_depth that covers key; *depth is its own. */
uint32_t store_cover(
	const struct store *store, struct key key, unsigned int max_depth, unsigned int *depth);

/*
 * Visits the routes from (key, depth) on, in order of address, then depth. fn gives false to end;
 * so does the function then.
 */
typedef bool (*store_walk_fn)(struct key key, unsigned int depth, uint32_t value, void *context);
bool store_walk(const struct store *store, struct key key, unsigned int depth, store_walk_fn fn,
	void *context);

/* Makes room for one change: the next store_set cannot fail. -ENOMEM. */
int store_reserve(struct store *store);

/* Gives memory back when few routes are left. May move the nodes; does nothing without memory. */
void store_shrink(struct store *store);

/* Bytes held. */
size_t store_memory(const struct store *store);

static inline const struct store_node *
store_node(const struct store *store, uint32_t block)
{
	return pool_at(&store->pool, block);
}

/* The bit of the prefix that continues a node's by length (1 .. STRIDE) bits. */
static inline unsigned int
store_bit(unsigned int length, unsigned int bits)
{
	return (1u << length) - 2 + bits;
}

/* Set bits below this one: the place in value_block. */
static inline unsigned int
store_rank(const uint64_t routes[2], unsigned int bit)
{
	if (bit < 64)
		return __builtin_popcountll(routes[0] & ((UINT64_C(1) << bit) - 1));
	return __builtin_popcountll(routes[0]) +
	       __builtin_popcountll(routes[1] & ((UINT64_C(1) << (bit - 64)) - 1));
}

static inline bool
store_has(const struct store_node *node, unsigned int bit)
{
	return node->routes[bit / 64] >> (bit % 64) & 1;
}

/* Of the store's own files. */
static inline uint32_t *
store_value_at(const struct store *store, const struct store_node *node, unsigned int bit)
{
	return (uint32_t *)pool_at(&store->pool, node->value_block) + store_rank(node->routes, bit);
}

static inline bool
store_has_child(const struct store_node *node, unsigned int slot)
{
	return node->children >> slot & 1;
}

/* Where a node keeps the block of its child. */
static inline uint32_t *
store_child_at(const struct store *store, const struct store_node *node, unsigned int slot)
{
	uint64_t before = node->children & ((UINT64_C(1) << slot) - 1);

	return (uint32_t *)pool_at(&store->pool, node->child_block) + __builtin_popcountll(before);
}

/* The value of the longest of the node's own prefixes that covers a slot, else inherited. */
uint32_t store_match(const struct store *store, const struct store_node *node, unsigned int slot,
	uint32_t inherited);

/* The same for all slots. */
void store_fill(const struct store *store, const struct store_node *node, uint32_t inherited,
	uint32_t slots[SLOTS]);

/*
 * What a trie hangs below a slot: the block of the node under it, or 0. `level` is the slot's own
 * level; node may be at a deeper one, and is then its only descendant.
 */
uint32_t store_child(
	const struct store *store, uint32_t block, unsigned int level, unsigned int slot);

#endif
