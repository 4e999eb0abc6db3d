/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef LPM_WRAP_TRIE_BUILD_H
#define LPM_WRAP_TRIE_BUILD_H

#include "lpm_wrap/trie.h"

/* What the writer's parts share: trie.c, trie_build.c, trie_chain.c and trie_memory.c. */

/* Units that a new arena has to spare. */
#define TRIE_SPARE_UNITS 48

/* A change under way. Nodes are made aside; one entry below the root may have to be stored. */
struct trie_change {
	struct trie *trie;
	struct key key;
	unsigned int depth;
	bool outside;          /* in the trie for what is not in the window */
	bool failed;           /* no memory: what was made is to be abandoned */
	uint32_t publish_word; /* where in the arena an entry is to be stored, or 0 */
	uint32_t publish_entry;
};

static inline bool
trie_is_child(uint32_t entry)
{
	return entry & TRIE_CHILD;
}

/* Of a child. */
static inline bool
trie_is_skip(uint32_t entry)
{
	return entry & TRIE_SKIP;
}

static inline struct trie_node *
trie_node_at(const struct trie *trie, uint32_t entry)
{
	return pool_at(&trie->pool, entry & TRIE_UNIT);
}

static inline struct trie_skip *
trie_skip_at(const struct trie *trie, uint32_t entry)
{
	return pool_at(&trie->pool, entry & TRIE_UNIT);
}

static inline unsigned int
trie_node_units(unsigned int entries)
{
	return 1 + (entries + 1) / 2;
}

/* The entry for all below (key, level), where block is what the store has there. */
uint32_t trie_build(struct trie_change *change, struct key key, unsigned int level, uint32_t block,
	uint32_t inherited);

/*
 * The entry for (key, level) after the change, whose depth is more than level: old itself where a
 * store further down is enough (publish_word), else one made anew around the parts of old that
 * stay.
 */
uint32_t trie_change_below(struct trie_change *change, struct key key, unsigned int level,
	uint32_t old, uint32_t block, uint32_t inherited);

/* All that hangs from an entry will be out of use; or the node it leads to, by itself. */
void trie_discard(struct trie_change *change, uint32_t entry);
void trie_discard_node(struct trie_change *change, uint32_t entry);

/*
 * The entry for these slots: runs of equal entries become one, and a node of one leaf is that
 * leaf. The second one joins it with the chain below it, whose nodes it discards. LPM_NO_ROUTE
 * when the change fails.
 */
uint32_t trie_make_plain(struct trie_change *change, const uint32_t slots[SLOTS]);
uint32_t trie_make_node(struct trie_change *change, const uint32_t slots[SLOTS]);

/*
 * The entry for level `from`, where addresses with the key's bits up to level `to` go on below,
 * and all others have the value aside. It joins the chain below, too.
 */
uint32_t trie_make_chain(struct trie_change *change, struct key key, unsigned int from,
	unsigned int to, uint32_t aside, uint32_t below);

/* Whether an entry leads to a node that could be part of a chain. */
bool trie_is_link(const struct trie *trie, uint32_t entry);

/* Whether a chain begins there that has this value aside. */
bool trie_is_chain(const struct trie *trie, uint32_t entry, uint32_t aside);

/* What the store has below (key, depth), depth a multiple of STRIDE, and the value handed down. */
uint32_t trie_below(
	const struct store *store, struct key key, unsigned int depth, uint32_t *inherited);

/* NULL if there is no memory. */
struct trie_arena *trie_arena_new(const struct trie *trie, uint64_t units);

/* Moves what is being worked on to a larger arena, which readers see if they saw the old one. */
bool trie_arena_grow(struct trie *trie);

/* Hands an arena over to the readers and retires the one before it. */
void trie_arena_publish(struct trie *trie, struct trie_arena *arena);

/* false: no memory. */
bool trie_waste_reserve(struct trie_waste *waste, uint32_t more);
bool trie_waste_add(struct trie_waste *waste, uint32_t block);
void trie_waste_free(struct trie_waste *waste);

void trie_block_free(struct trie *trie, uint32_t block);

/* After a change that failed: what it made is free, what it would have replaced stays. */
void trie_abandon(struct trie *trie);

/* After a change: what it replaced is free once no reader can be at it. Room was reserved. */
void trie_retire_stale(struct trie *trie);

#endif
