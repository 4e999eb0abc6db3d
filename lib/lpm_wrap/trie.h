/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef LPM_WRAP_TRIE_H
#define LPM_WRAP_TRIE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

#include "lpm_wrap/key.h"
#include "lpm_wrap/lpm.h"
#include "lpm_wrap/pool.h"
#include "lpm_wrap/store.h"

struct rte_rcu_qsbr;

/*
 * The compact engine: a multibit trie of 64-way nodes with leaf compression and a direct-indexed
 * root, after Asai & Ohara, "Poptrie" (SIGCOMM 2015). What differs from the paper:
 *
 * - A node is one bit vector and, right behind it, one array for leaves and children alike. A bit
 *   is set where a run of equal entries begins; the entry of a slot is found by counting the bits
 *   up to it. So a level costs two loads, mostly of one cache line, and no choice between two
 * arrays.
 * - In IPv6, where few routes may lie deep and far apart, a skip takes the place of a chain of
 *   nodes with one slot that leads on and the same value in all others.
 * - The root indexes a window, the addresses that begin with the bits nearly all routes share, and
 *   so stays small where routes lie close together. One more entry leads all other addresses into
 *   an ordinary trie that begins at bit 0.
 *
 * All of it lies in one arena. An entry is a value, or with its highest bit set the number of the
 * 8-byte unit in the arena where a node begins, or with the next bit set too, a skip.
 *
 * Readers take the arena's address once for a burst and follow entries. A change builds new nodes
 * aside and then stores entries, each of which an address passes at most one of: so for each
 * address the change happens at once. What is replaced is freed when RCU says so.
 */
#define TRIE_CHILD 0x80000000u
#define TRIE_SKIP 0x40000000u
#define TRIE_UNIT (TRIE_SKIP - 1)
static_assert(LPM_VALUE_MAX < TRIE_SKIP, "a value has neither bit set");

struct trie_arena {
	uint64_t window;      /* the first bits of the addresses in the root's window */
	uint32_t window_ipv4; /* its upper half */
	uint32_t root_size;   /* entries of the window; the one behind them is for the rest */
	uint8_t window_depth; /* bits that are the same in the window */
	uint8_t root_depth;   /* bits that the root decides on, a multiple of STRIDE, not 0 */
	uint8_t ipv4_shift;   /* 32 - root_depth */
	uint8_t ipv6_shift;   /* 64 - root_depth */
	uint32_t reserved[5];
	/* The writer's, once the arena is replaced. */
	struct trie_arena *older;
	uint64_t token; /* free after this grace period */
	uint64_t bytes;
	uint32_t root[];
};
static_assert(sizeof(struct trie_arena) == 64, "the root begins a cache line");
static_assert(offsetof(struct trie_arena, root) == 64, "the look-ups count on it");

/* A node: uint64_t with the bits, then uint32_t entries. */
struct trie_node {
	uint64_t starts; /* bit 0 is always set */
	uint32_t entries[];
};
static_assert(offsetof(struct trie_node, entries) == 8, "the look-ups count on it");

/*
 * Levels in one, STRIDE to TRIE_SKIP_LEVELS * STRIDE bits: an address with these bits goes on
 * below, all others have the value aside, which is another one than below.
 */
struct trie_skip {
	uint64_t bits; /* at the top; their number is in the lowest STRIDE bits */
	uint32_t aside;
	uint32_t below;
};
static_assert(sizeof(struct trie_skip) == 16, "the look-ups count on it");
#define TRIE_SKIP_UNITS (sizeof(struct trie_skip) / POOL_UNIT)
#define TRIE_SKIP_LEVELS 9u
static_assert(TRIE_SKIP_LEVELS * STRIDE <= 64 - STRIDE, "room for their number");

static inline unsigned int
trie_skip_depth(const struct trie_skip *skip)
{
	return skip->bits & (SLOTS - 1);
}

static inline uint64_t
trie_skip_bits(const struct trie_skip *skip)
{
	return skip->bits & ~(uint64_t)(SLOTS - 1);
}

/* A list of numbers, mostly of blocks (TRIE_SKIP | block) out of use that readers may still see. */
struct trie_waste {
	uint32_t *blocks;
	uint32_t count;
	uint32_t capacity;
};

struct trie {
	struct trie_arena *arena; /* what readers read */
	const struct store *store;
	struct rte_rcu_qsbr *rcu;
	int socket;
	bool ipv6;

	/* The rest is the writer's, who writes it all the time. */
	/* The arena, or the one being built in its place. */
	struct trie_arena *work __rte_cache_aligned;
	struct pool pool;          /* over work */
	unsigned int chain_min;    /* levels that a skip has at least */
	uint32_t planned_count;    /* routes when the shape of the root was chosen last */
	uint32_t outside_changes;  /* since then, of routes that are not in the window */
	struct trie_waste fresh;   /* nodes made by the change under way */
	struct trie_waste stale;   /* what it replaces */
	struct trie_waste entries; /* of the root, about to be stored by it */
	struct trie_waste recent;  /* replaced, no grace period begun */
	struct trie_waste waiting; /* replaced before waiting_token was taken */
	uint64_t waiting_token;
	struct trie_arena *old; /* arenas replaced, the latest first */
};
static_assert(offsetof(struct trie, work) == RTE_CACHE_LINE_SIZE, "changes disturb no reader");

int trie_init(struct trie *trie, const struct store *store, bool ipv6, struct rte_rcu_qsbr *rcu,
	int socket);

/* No look-up may be under way. */
void trie_free(struct trie *trie);

/*
 * Makes the trie follow the store after a change of this prefix. -ENOMEM: the trie is as it was,
 * and the caller undoes the change of the store.
 */
int trie_update(struct trie *trie, struct key key, unsigned int depth);

/* Frees what readers no longer see, without waiting. */
void trie_reclaim(struct trie *trie);

/* Bytes held for look-ups, what waits for readers included; and by the writer's own lists. */
size_t trie_memory(const struct trie *trie);
size_t trie_writer_memory(const struct trie *trie);

/* Functions with the same answers, the portable ones first, the best last. The state is a trie. */
struct trie_lookup {
	const char *name;
	bool (*is_supported)(void);
	void (*ipv4)(
		const void *state, const uint32_t *addresses, uint32_t *values, unsigned int n);
	void (*ipv6)(const void *state, const uint8_t (*addresses)[16], uint32_t *values,
		unsigned int n);
};
extern const struct trie_lookup trie_lookups[];
extern const unsigned int trie_lookup_count;

#endif
