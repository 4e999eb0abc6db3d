/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The memory of the trie: arenas and blocks, and when they are free again.
 */

#include <string.h>

#include <rte_common.h>
#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

#include "lpm_wrap/trie_build.h"

bool
trie_waste_reserve(struct trie_waste *waste, uint32_t more)
{
	uint32_t capacity = RTE_MAX(waste->count + more, waste->capacity * 2);
	uint32_t *blocks;

	if (waste->capacity - waste->count >= more)
		return true;
	blocks = rte_realloc(waste->blocks, capacity * sizeof(*blocks), 0);
	if (blocks == NULL)
		return false;
	waste->blocks = blocks;
	waste->capacity = capacity;
	return true;
}

bool
trie_waste_add(struct trie_waste *waste, uint32_t block)
{
	if (!trie_waste_reserve(waste, waste->capacity == 0 ? 16 : 1))
		return false;
	waste->blocks[waste->count++] = block;
	return true;
}

void
trie_waste_free(struct trie_waste *waste)
{
	rte_free(waste->blocks);
	memset(waste, 0, sizeof(*waste));
}

void
trie_block_free(struct trie *trie, uint32_t block)
{
	unsigned int units = TRIE_SKIP_UNITS;

	if (!trie_is_skip(block))
		units = trie_node_units(__builtin_popcountll(trie_node_at(trie, block)->starts));
	pool_free(&trie->pool, block & TRIE_UNIT, units);
}

static void
waste_release(struct trie *trie, struct trie_waste *waste)
{
	for (uint32_t i = 0; i < waste->count; i++)
		trie_block_free(trie, waste->blocks[i]);
	waste->count = 0;
	if (waste->capacity > 4096)
		trie_waste_free(waste);
}

/* Hands an arena over to the readers; NULL before the first. */
void
trie_arena_publish(struct trie *trie, struct trie_arena *arena)
{
	struct trie_arena *old = trie->arena;

	__atomic_store_n(&trie->arena, arena, __ATOMIC_RELEASE);
	trie->work = arena;
	if (old == NULL)
		return;
	if (trie->rcu == NULL) {
		rte_free(old);
		return;
	}
	old->token = rte_rcu_qsbr_start(trie->rcu);
	old->older = trie->old;
	trie->old = old;
}

static void
reclaim_arenas(struct trie *trie)
{
	struct trie_arena **link = &trie->old;

	/* Tokens fall along the list: behind one that is through, all are. */
	while (*link != NULL && rte_rcu_qsbr_check(trie->rcu, (*link)->token, false) == 0)
		link = &(*link)->older;
	while (*link != NULL) {
		struct trie_arena *arena = *link;

		*link = arena->older;
		rte_free(arena);
	}
}

void
trie_reclaim(struct trie *trie)
{
	struct trie_waste empty;

	if (trie->rcu == NULL)
		return;
	if (trie->old != NULL)
		reclaim_arenas(trie);
	if (trie->waiting.count > 0) {
		if (rte_rcu_qsbr_check(trie->rcu, trie->waiting_token, false) == 0)
			return;
		waste_release(trie, &trie->waiting);
	}
	if (trie->recent.count == 0)
		return;
	empty = trie->waiting;
	trie->waiting = trie->recent;
	trie->recent = empty;
	trie->waiting_token = rte_rcu_qsbr_start(trie->rcu);
}

struct trie_arena *
trie_arena_new(const struct trie *trie, uint64_t units)
{
	struct trie_arena *arena;

	if (units > TRIE_UNIT)
		return NULL;
	arena = rte_malloc_socket("lpm_trie", units * POOL_UNIT, 0, trie->socket);
	if (arena == NULL)
		return NULL;
	memset(arena, 0, sizeof(*arena));
	arena->bytes = units * POOL_UNIT;
	return arena;
}

bool
trie_arena_grow(struct trie *trie)
{
	struct pool *pool = &trie->pool;
	uint64_t units = (uint64_t)pool->capacity + pool->capacity / 4 + TRIE_SPARE_UNITS;
	struct trie_arena *arena = trie_arena_new(trie, units);

	if (arena == NULL)
		return false;
	pool_close(pool);
	memcpy(arena, trie->work, (size_t)pool->used * POOL_UNIT);
	arena->bytes = units * POOL_UNIT;
	pool_move(pool, arena, units);
	if (trie->work == trie->arena) {
		trie_arena_publish(trie, arena);
	} else {
		rte_free(trie->work);
		trie->work = arena;
	}
	return true;
}

void
trie_abandon(struct trie *trie)
{
	for (uint32_t i = 0; i < trie->fresh.count; i++)
		trie_block_free(trie, trie->fresh.blocks[i]);
	trie->fresh.count = 0;
	trie->stale.count = 0;
}

/* After the readers can no longer come to them. */
void
trie_retire_stale(struct trie *trie)
{
	struct trie_waste *stale = &trie->stale;

	trie->fresh.count = 0;
	if (stale->count == 0)
		return;
	if (trie->rcu == NULL) {
		waste_release(trie, stale);
		return;
	}
	/* Room was reserved. */
	memcpy(trie->recent.blocks + trie->recent.count, stale->blocks,
		stale->count * sizeof(*stale->blocks));
	trie->recent.count += stale->count;
	stale->count = 0;
	if (trie->recent.count >= 64)
		trie_reclaim(trie);
}

size_t
trie_memory(const struct trie *trie)
{
	size_t bytes = trie->arena->bytes;

	for (const struct trie_arena *arena = trie->old; arena != NULL; arena = arena->older)
		bytes += arena->bytes;
	return bytes;
}

size_t
trie_writer_memory(const struct trie *trie)
{
	return sizeof(uint32_t) *
	       ((size_t)trie->fresh.capacity + trie->stale.capacity + trie->entries.capacity +
		       trie->recent.capacity + trie->waiting.capacity);
}
