/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "lpm_wrap/engine.h"
#include "lpm_wrap/lpm.h"

static const struct lpm_engine *const engines[LPM_ENGINE_COUNT] = {
	[LPM_ENGINE_COMPACT] = &lpm_engine_compact,
	[LPM_ENGINE_FIB] = &lpm_engine_fib,
	[LPM_ENGINE_LPM] = &lpm_engine_lpm,
};

const char *
lpm_engine_name(enum lpm_engine_type engine)
{
	return engines[engine]->name;
}

int
lpm_engine_by_name(const char *name, enum lpm_engine_type *engine)
{
	for (unsigned int i = 0; i < LPM_ENGINE_COUNT; i++) {
		if (strcmp(name, engines[i]->name) == 0) {
			*engine = i;
			return 0;
		}
	}
	return -EINVAL;
}

size_t
lpm_heap_used(void)
{
	struct rte_malloc_socket_stats stats;
	size_t used = 0;

	for (int socket = 0; socket < RTE_MAX_NUMA_NODES; socket++)
		if (rte_malloc_get_socket_stats(socket, &stats) == 0)
			used += stats.heap_allocsz_bytes;
	return used;
}

static bool
params_are_valid(const struct lpm_params *params)
{
	return params->name != NULL && params->name[0] != '\0' &&
	       params->engine < LPM_ENGINE_COUNT &&
	       (params->family == LPM_IPV4 || params->family == LPM_IPV6) &&
	       params->max_routes <= INT32_MAX / 4;
}

struct lpm *
lpm_create(const struct lpm_params *params)
{
	const struct lpm_engine *engine;
	struct lpm *lpm;
	int ret;

	if (!params_are_valid(params)) {
		rte_errno = EINVAL;
		return NULL;
	}
	engine = engines[params->engine];
	lpm = rte_zmalloc_socket("lpm", sizeof(*lpm), 0, params->socket);
	if (lpm == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	lpm->engine = engine;
	lpm->family = params->family;
	lpm->max_routes = params->max_routes ? params->max_routes : LPM_MAX_ROUTES_DEFAULT;
	lpm->socket = params->socket;
	lpm->rcu = params->rcu;
	snprintf(lpm->name, sizeof(lpm->name), "%s", params->name);
	ret = store_init(&lpm->store, params->socket);
	if (ret < 0)
		goto fail;
	lpm->state = rte_zmalloc_socket("lpm", engine->state_size, 0, params->socket);
	ret = lpm->state == NULL ? -ENOMEM : engine->create(lpm, params);
	if (ret < 0)
		goto fail;
	return lpm;
fail:
	lpm_free(lpm);
	rte_errno = -ret;
	return NULL;
}

void
lpm_free(struct lpm *lpm)
{
	if (lpm == NULL)
		return;
	if (lpm->state != NULL)
		lpm->engine->free(lpm);
	store_free(&lpm->store);
	rte_free(lpm->state);
	rte_free(lpm);
}

static bool
prefix_is_valid(const struct lpm *lpm, struct key key, unsigned int depth)
{
	unsigned int depth_max = lpm->family == LPM_IPV4 ? LPM_IPV4_DEPTH_MAX : LPM_IPV6_DEPTH_MAX;

	return depth <= depth_max && key_equal(key, key_mask(key, depth));
}

/* The engine could not follow: the store goes back. It had room for what it gave up just now. */
static void
undo(struct lpm *lpm, struct key key, unsigned int depth, uint32_t old)
{
	uint32_t given_up;

	if (old == LPM_NO_ROUTE)
		store_remove(&lpm->store, key, depth);
	else
		store_set(&lpm->store, key, depth, old, &given_up);
	if (lpm->engine->must_resync)
		lpm->engine->update(lpm, key, depth);
}

static int
add_route(struct lpm *lpm, struct key key, unsigned int depth, uint32_t value)
{
	uint32_t old;
	int ret;

	if (!prefix_is_valid(lpm, key, depth) || value == LPM_NO_ROUTE ||
		value > lpm->engine->value_max[lpm->family])
		return -EINVAL;
	if (lpm->store.count >= lpm->max_routes &&
		store_get(&lpm->store, key, depth) == LPM_NO_ROUTE)
		return -ENOSPC;
	ret = store_set(&lpm->store, key, depth, value, &old);
	if (ret < 0 || old == value)
		return ret;
	ret = lpm->engine->update(lpm, key, depth);
	if (ret < 0)
		undo(lpm, key, depth, old);
	return ret;
}

static int
delete_route(struct lpm *lpm, struct key key, unsigned int depth)
{
	uint32_t old;
	int ret;

	if (!prefix_is_valid(lpm, key, depth))
		return -EINVAL;
	if (store_get(&lpm->store, key, depth) == LPM_NO_ROUTE)
		return -ENOENT;
	/* For the way back, should the engine be unable to follow. */
	ret = store_reserve(&lpm->store);
	if (ret < 0)
		return ret;
	old = store_remove(&lpm->store, key, depth);
	ret = lpm->engine->update(lpm, key, depth);
	if (ret < 0) {
		undo(lpm, key, depth, old);
		return ret;
	}
	store_shrink(&lpm->store);
	return 0;
}

int
lpm_add(struct lpm *lpm, uint32_t prefix, uint8_t depth, uint32_t value)
{
	return add_route(lpm, key_of_ipv4(prefix), depth, value);
}

int
lpm6_add(struct lpm *lpm, const uint8_t prefix[16], uint8_t depth, uint32_t value)
{
	return add_route(lpm, key_of_ipv6(prefix), depth, value);
}

int
lpm_delete(struct lpm *lpm, uint32_t prefix, uint8_t depth)
{
	return delete_route(lpm, key_of_ipv4(prefix), depth);
}

int
lpm6_delete(struct lpm *lpm, const uint8_t prefix[16], uint8_t depth)
{
	return delete_route(lpm, key_of_ipv6(prefix), depth);
}

static uint32_t
get_route(const struct lpm *lpm, struct key key, unsigned int depth)
{
	if (!prefix_is_valid(lpm, key, depth))
		return LPM_NO_ROUTE;
	return store_get(&lpm->store, key, depth);
}

uint32_t
lpm_get(const struct lpm *lpm, uint32_t prefix, uint8_t depth)
{
	return get_route(lpm, key_of_ipv4(prefix), depth);
}

uint32_t
lpm6_get(const struct lpm *lpm, const uint8_t prefix[16], uint8_t depth)
{
	return get_route(lpm, key_of_ipv6(prefix), depth);
}

static uint32_t
cover_address(const struct lpm *lpm, struct key key, uint8_t max_depth, uint8_t *depth)
{
	unsigned int found;
	uint32_t value = store_cover(&lpm->store, key, max_depth, &found);

	*depth = found;
	return value;
}

uint32_t
lpm_cover(const struct lpm *lpm, uint32_t address, uint8_t max_depth, uint8_t *depth)
{
	return cover_address(lpm, key_of_ipv4(address), max_depth, depth);
}

uint32_t
lpm6_cover(const struct lpm *lpm, const uint8_t address[16], uint8_t max_depth, uint8_t *depth)
{
	return cover_address(lpm, key_of_ipv6(address), max_depth, depth);
}

void
lpm_lookup_bulk(const struct lpm *lpm, const uint32_t *addresses, uint32_t *values, unsigned int n)
{
	lpm->lookup_ipv4(lpm->state, addresses, values, n);
}

void
lpm6_lookup_bulk(
	const struct lpm *lpm, const uint8_t (*addresses)[16], uint32_t *values, unsigned int n)
{
	lpm->lookup_ipv6(lpm->state, addresses, values, n);
}

uint32_t
lpm_lookup(const struct lpm *lpm, uint32_t address)
{
	uint32_t value;

	lpm_lookup_bulk(lpm, &address, &value, 1);
	return value;
}

uint32_t
lpm6_lookup(const struct lpm *lpm, const uint8_t address[16])
{
	uint8_t addresses[1][16];
	uint32_t value;

	memcpy(addresses[0], address, sizeof(addresses[0]));
	lpm6_lookup_bulk(lpm, (const uint8_t(*)[16])addresses, &value, 1);
	return value;
}

/* The caller's function, of the one family or the other. */
struct visit {
	lpm_walk_fn fn;
	lpm6_walk_fn fn6;
	void *context;
};

static bool
visit(struct key key, unsigned int depth, uint32_t value, void *context)
{
	const struct visit *to = context;

	return to->fn(key_to_ipv4(key), depth, value, to->context);
}

static bool
visit6(struct key key, unsigned int depth, uint32_t value, void *context)
{
	const struct visit *to = context;
	uint8_t prefix[16];

	key_to_ipv6(key, prefix);
	return to->fn6(prefix, depth, value, to->context);
}

void
lpm_walk_from(const struct lpm *lpm, uint32_t prefix, uint8_t depth, lpm_walk_fn fn, void *context)
{
	struct visit to = { .fn = fn, .context = context };

	store_walk(&lpm->store, key_of_ipv4(prefix), depth, visit, &to);
}

void
lpm6_walk_from(const struct lpm *lpm, const uint8_t prefix[16], uint8_t depth, lpm6_walk_fn fn,
	void *context)
{
	struct visit to = { .fn6 = fn, .context = context };

	store_walk(&lpm->store, key_of_ipv6(prefix), depth, visit6, &to);
}

void
lpm_walk(const struct lpm *lpm, lpm_walk_fn fn, void *context)
{
	lpm_walk_from(lpm, 0, 0, fn, context);
}

void
lpm6_walk(const struct lpm *lpm, lpm6_walk_fn fn, void *context)
{
	const uint8_t first[16] = { 0 };

	lpm6_walk_from(lpm, first, 0, fn, context);
}

uint32_t
lpm_count(const struct lpm *lpm)
{
	return lpm->store.count;
}

size_t
lpm_memory(const struct lpm *lpm)
{
	size_t writer;
	size_t lookup = lpm->engine->memory(lpm, &writer);

	return sizeof(*lpm) + lpm->engine->state_size + store_memory(&lpm->store) + lookup + writer;
}

size_t
lpm_lookup_memory(const struct lpm *lpm)
{
	size_t writer;

	return lpm->engine->memory(lpm, &writer);
}

void
lpm_reclaim(struct lpm *lpm)
{
	if (lpm->engine->reclaim != NULL)
		lpm->engine->reclaim(lpm);
}
