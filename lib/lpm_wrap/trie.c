/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <string.h>

#include <rte_common.h>
#include <rte_malloc.h>

#include "lpm_wrap/lpm.h"
#include "lpm_wrap/trie_build.h"

/* A change of more than this part of the root builds all anew. */
#define ROOT_CHANGE_PART 8
#define ROOT_BITS_MAX 20
/*
 * In small tables even a skip of two levels is worth it. In large ones some lanes of each vector
 * would be at one and all others wait; only very long ones are.
 */
#define FEW_ROUTES 1024
#define CHAIN_MIN_FEW 2
#define CHAIN_MIN 4

static struct key
root_key(const struct trie_arena *arena, uint32_t index)
{
	return (struct key){ .high = arena->window | (uint64_t)index << arena->ipv6_shift };
}

static uint32_t
root_index(const struct trie_arena *arena, struct key key)
{
	return key.high >> arena->ipv6_shift & (arena->root_size - 1);
}

static uint32_t
build_root_entry(struct trie_change *change, uint32_t index)
{
	const struct trie *trie = change->trie;
	unsigned int depth = trie->work->root_depth;
	struct key key = root_key(trie->work, index);
	uint32_t inherited;
	uint32_t block = trie_below(trie->store, key, depth, &inherited);

	return trie_build(change, key, depth, block, inherited);
}

struct shape {
	uint64_t window;
	unsigned int window_depth;
	unsigned int root_depth;
	unsigned int chain_min;
};

struct survey {
	uint32_t seen;
	uint32_t first_at, last_at;
	struct key first, last;
	uint32_t depths[LPM_IPV6_DEPTH_MAX + 1];
};

static bool
survey_route(struct key key, unsigned int depth, uint32_t value, void *context)
{
	struct survey *survey = context;

	RTE_SET_USED(value);
	if (depth == 0)
		return true;
	if (survey->seen == survey->first_at)
		survey->first = key;
	if (survey->seen == survey->last_at)
		survey->last = key;
	survey->depths[depth]++;
	survey->seen++;
	return true;
}

/*
 * The window is what seven of eight routes share. The root is as deep as most routes if there are
 * enough of them to justify its size: at most sixteen entries for each, and 4 MB.
 */
static struct shape
choose_shape(const struct trie *trie)
{
	uint32_t count = trie->store->count - (trie->store->default_value != LPM_NO_ROUTE);
	struct survey survey = { .first_at = count / 16, .last_at = count - 1 - count / 16 };
	unsigned int budget, common, depth = 0;
	struct shape shape;
	uint32_t below_depth = 0;

	if (count == 0)
		return (struct shape){
			.window_depth = STRIDE, .root_depth = STRIDE, .chain_min = CHAIN_MIN_FEW
		};
	store_walk(trie->store, (struct key){ 0 }, 0, survey_route, &survey);
	while (below_depth <= count / 2)
		below_depth += survey.depths[++depth];
	depth = RTE_MIN(key_level(depth) + STRIDE, trie->ipv6 ? 60u : 30u);
	budget = RTE_MIN(31 - __builtin_clz(count) + 4, ROOT_BITS_MAX);
	common = key_common(survey.first, survey.last);
	shape.root_depth = RTE_MIN((common + budget) / STRIDE * STRIDE, depth);
	shape.root_depth = RTE_MAX(shape.root_depth, (unsigned int)STRIDE);
	shape.window_depth = RTE_MIN(common, shape.root_depth);
	shape.window = key_mask(survey.first, shape.window_depth).high;
	shape.chain_min = count <= FEW_ROUTES ? CHAIN_MIN_FEW : CHAIN_MIN;
	return shape;
}

static void
set_shape(struct trie_arena *arena, const struct shape *shape)
{
	arena->window = shape->window;
	arena->window_ipv4 = shape->window >> 32;
	arena->window_depth = shape->window_depth;
	arena->root_depth = shape->root_depth;
	arena->root_size = 1u << (shape->root_depth - shape->window_depth);
	arena->ipv4_shift = 32 - shape->root_depth;
	arena->ipv6_shift = 64 - shape->root_depth;
}

static uint32_t
root_units(const struct shape *shape)
{
	uint32_t entries = (1u << (shape->root_depth - shape->window_depth)) + 1;

	return (sizeof(struct trie_arena) + entries * sizeof(uint32_t) + POOL_UNIT - 1) / POOL_UNIT;
}

/* Makes an arena of this shape from the store and puts it in the place of the old one. */
static int
rebuild(struct trie *trie, const struct shape *shape)
{
	struct pool old_pool = trie->pool;
	struct trie_arena *old = trie->arena;
	struct trie_change change = { .trie = trie };
	unsigned int old_chain_min = trie->chain_min;
	uint32_t first = root_units(shape);
	uint64_t units =
		first + TRIE_SPARE_UNITS + RTE_MIN(pool_live(&old_pool), 4 * trie->store->count);
	struct trie_arena *arena = trie_arena_new(trie, units);

	if (arena == NULL)
		return -ENOMEM;
	set_shape(arena, shape);
	trie->chain_min = shape->chain_min;
	trie->work = arena;
	pool_init(&trie->pool, arena, units, first);
	for (uint32_t i = 0; i < arena->root_size && !change.failed; i++) {
		uint32_t entry = build_root_entry(&change, i);

		arena = trie->work; /* it moves as it grows */
		arena->root[i] = entry;
	}
	arena->root[arena->root_size] = LPM_NO_ROUTE;
	if (arena->window_depth > 0 && !change.failed) {
		uint32_t entry;

		change.outside = true;
		entry = trie_build(&change, (struct key){ 0 }, 0, trie->store->root,
			trie->store->default_value);
		arena = trie->work;
		arena->root[arena->root_size] = entry;
	}
	if (change.failed) {
		pool_close(&trie->pool);
		rte_free(trie->work);
		trie->pool = old_pool;
		trie->work = old;
		trie->chain_min = old_chain_min;
		return -ENOMEM;
	}
	pool_close(&old_pool);
	trie_arena_publish(trie, arena);
	trie_waste_free(&trie->recent);
	trie_waste_free(&trie->waiting);
	trie_waste_free(&trie->fresh);
	trie_waste_free(&trie->stale);
	trie_waste_free(&trie->entries);
	return 0;
}

/*
 * The shape is looked at again when the number of routes has doubled or fallen to a quarter, and
 * when many changes were outside the window: look-ups there take longer.
 */
static int
reshape(struct trie *trie)
{
	const struct pool *pool = &trie->pool;
	const struct trie_arena *arena = trie->arena;
	uint32_t count = trie->store->count;
	bool fewer = count < trie->planned_count / 4 || (count == 0 && trie->planned_count > 0);
	bool full_of_holes =
		pool->capacity - pool->used < TRIE_SPARE_UNITS && pool->holes > pool->capacity / 4;
	struct shape shape;

	if (count <= 2 * trie->planned_count && trie->outside_changes <= count / 4 + 16 && !fewer &&
		!full_of_holes)
		return 0;
	shape = choose_shape(trie);
	trie->planned_count = count;
	trie->outside_changes = 0;
	if (shape.window == arena->window && shape.window_depth == arena->window_depth &&
		shape.root_depth == arena->root_depth && shape.chain_min == trie->chain_min &&
		!fewer && !full_of_holes)
		return 0;
	/* Without the memory for it the old shape has to do. */
	return rebuild(trie, &shape) == 0 ? 1 : 0;
}

static struct shape
present_shape(const struct trie *trie)
{
	return (struct shape){
		.window = trie->arena->window,
		.window_depth = trie->arena->window_depth,
		.root_depth = trie->arena->root_depth,
		.chain_min = trie->chain_min,
	};
}

static void
store_entry(uint32_t *entry, uint32_t value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

/* The root's entries that a prefix concerns; gives their number. */
static uint32_t
root_range(const struct trie_arena *arena, struct key key, unsigned int depth, uint32_t *first)
{
	struct key window = { .high = arena->window };

	*first = 0;
	if (!key_matches(key, window, RTE_MIN(depth, arena->window_depth)))
		return 0;
	if (depth <= arena->window_depth)
		return arena->root_size;
	*first = root_index(arena, key);
	return depth >= arena->root_depth ? 1 : 1u << (arena->root_depth - depth);
}

static bool
concerns_outside(const struct trie_arena *arena, struct key key, unsigned int depth)
{
	struct key window = { .high = arena->window };

	return arena->window_depth > 0 &&
	       (depth < arena->window_depth || !key_matches(key, window, arena->window_depth));
}

/* The entry of the root that leads to a prefix longer than the root's depth. */
static uint32_t
update_root_entry(struct trie_change *change, uint32_t index)
{
	const struct trie *trie = change->trie;
	unsigned int depth = trie->work->root_depth;
	struct key key = root_key(trie->work, index);
	uint32_t inherited;
	uint32_t block = trie_below(trie->store, key, depth, &inherited);

	return trie_change_below(change, key, depth, trie->work->root[index], block, inherited);
}

int
trie_update(struct trie *trie, struct key key, unsigned int depth)
{
	struct trie_change change = { .trie = trie, .key = key, .depth = depth };
	uint32_t first, count, outside = LPM_NO_ROUTE;
	uint32_t *entries;
	struct trie_arena *arena;
	bool has_outside;

	if (reshape(trie) > 0)
		return 0;
	count = root_range(trie->arena, key, depth, &first);
	has_outside = concerns_outside(trie->arena, key, depth);
	trie->outside_changes += has_outside;
	if (depth == 0 || (count > 1 && count > trie->arena->root_size / ROOT_CHANGE_PART)) {
		struct shape shape = present_shape(trie);

		return rebuild(trie, &shape);
	}
	if (!trie_waste_reserve(&trie->entries, count))
		return -ENOMEM;
	entries = trie->entries.blocks;
	if (count == 1 && depth > trie->arena->root_depth)
		entries[0] = update_root_entry(&change, first);
	else
		for (uint32_t i = 0; i < count && !change.failed; i++) {
			trie_discard(&change, trie->work->root[first + i]);
			entries[i] = build_root_entry(&change, first + i);
		}
	if (has_outside) {
		change.outside = true;
		outside = trie_change_below(&change, (struct key){ 0 }, 0,
			trie->work->root[trie->work->root_size], trie->store->root,
			trie->store->default_value);
	}
	if (trie->rcu != NULL && !trie_waste_reserve(&trie->recent, trie->stale.count))
		change.failed = true;
	if (change.failed) {
		trie_abandon(trie);
		return -ENOMEM;
	}
	arena = trie->work;
	for (uint32_t i = 0; i < count; i++)
		if (arena->root[first + i] != entries[i])
			store_entry(&arena->root[first + i], entries[i]);
	if (has_outside)
		store_entry(&arena->root[arena->root_size], outside);
	if (change.publish_word != 0)
		store_entry((uint32_t *)arena + change.publish_word, change.publish_entry);
	trie_retire_stale(trie);
	return 0;
}

int
trie_init(struct trie *trie, const struct store *store, bool ipv6, struct rte_rcu_qsbr *rcu,
	int socket)
{
	struct shape shape;

	memset(trie, 0, sizeof(*trie));
	trie->store = store;
	trie->ipv6 = ipv6;
	trie->rcu = rcu;
	trie->socket = socket;
	shape = choose_shape(trie);
	trie->planned_count = store->count;
	return rebuild(trie, &shape);
}

void
trie_free(struct trie *trie)
{
	while (trie->old != NULL) {
		struct trie_arena *arena = trie->old;

		trie->old = arena->older;
		rte_free(arena);
	}
	trie_waste_free(&trie->recent);
	trie_waste_free(&trie->waiting);
	trie_waste_free(&trie->fresh);
	trie_waste_free(&trie->stale);
	trie_waste_free(&trie->entries);
	pool_close(&trie->pool);
	rte_free(trie->arena);
}
