/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_fib.h>
#include <rte_malloc.h>
#include <rte_rib.h>

#include "lpm_wrap/lpm.h"

/* Longer names would not fit the prefixes that rte_fib, rte_rib and rte_mempool put before them. */
#define NAME_MAX_LENGTH 20
#define CHUNK           64

/*
 * The routes are in rib; the fib holds what gives the same answers without a prefix shorter than 32
 * that ends at 255.255.255.255: where such a one holds another, rte_fib (22.11) takes the end of
 * the address space for its beginning and overwrites the whole table. In place of such a prefix
 * stand its pieces: the sibling of each longer prefix with that end, and 255.255.255.255/32.
 */
struct lpm {
	struct rte_fib *fib;
	struct rte_rib *rib;
	uint32_t max_routes;
	uint32_t count;
	size_t memory;
};

#define TOP_PIECES (LPM_IPV4_DEPTH_MAX + 1)

/*
 * Marks a value of a route longer than 24. rte_fib (22.11) forgets to reserve a group for such a
 * route when its value is that of the route around it, but releases one when it goes.
 */
#define LONG_ROUTE 0x40000000u
static_assert((LPM_VALUE_MAX & LONG_ROUTE) == 0, "values leave room for the mark");

static size_t
heap_used(void)
{
	struct rte_malloc_socket_stats stats;
	size_t used = 0;

	for (int socket = 0; socket < RTE_MAX_NUMA_NODES; socket++)
		if (rte_malloc_get_socket_stats(socket, &stats) == 0)
			used += stats.heap_allocsz_bytes;
	return used;
}

/*
 * A group of 256 is needed for each /24 that holds a longer route: a small table may consist of
 * host routes only, a large one never does.
 */
static uint32_t
tbl8_groups(uint32_t max_routes)
{
	return RTE_MIN(max_routes, 1024 + max_routes / 8);
}

struct lpm *
lpm_create(const struct lpm_params *params)
{
	uint32_t max_routes = params->max_routes ? params->max_routes : LPM_MAX_ROUTES_DEFAULT;
	char name[NAME_MAX_LENGTH + 1];
	struct rte_rib_conf rib_conf = { 0 };
	struct rte_fib_conf conf = {
		.type = RTE_FIB_DIR24_8,
		.default_nh = LPM_NO_ROUTE,
		.dir24_8.nh_sz = RTE_FIB_DIR24_8_4B,
	};
	struct lpm *lpm;
	size_t before = heap_used();
	int error;

	/* The rib doubles the number in an int. */
	if (params->name == NULL || params->name[0] == '\0' ||
		max_routes > INT32_MAX / 2 - TOP_PIECES) {
		rte_errno = EINVAL;
		return NULL;
	}
	lpm = rte_zmalloc_socket("lpm", sizeof(*lpm), 0, params->socket);
	if (lpm == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	snprintf(name, sizeof(name), "%s", params->name);
	conf.max_routes = max_routes + TOP_PIECES;
	conf.dir24_8.num_tbl8 = tbl8_groups(max_routes) + 1;
	lpm->fib = rte_fib_create(name, params->socket, &conf);
	if (lpm->fib == NULL)
		goto fail;
	/* The fib has a rib of that name. */
	snprintf(name, sizeof(name), "+%s", params->name);
	rib_conf.max_nodes = 2 * max_routes;
	lpm->rib = rte_rib_create(name, params->socket, &rib_conf);
	if (lpm->rib == NULL)
		goto fail;
	lpm->max_routes = max_routes;
	lpm->memory = heap_used() - before;
	return lpm;
fail:
	error = rte_errno;
	lpm_free(lpm);
	rte_errno = error;
	return NULL;
}

void
lpm_free(struct lpm *lpm)
{
	if (lpm == NULL)
		return;
	rte_rib_free(lpm->rib);
	rte_fib_free(lpm->fib);
	rte_free(lpm);
}

static bool
prefix_is_valid(uint32_t prefix, uint8_t depth)
{
	return depth <= LPM_IPV4_DEPTH_MAX && (prefix & ~rte_rib_depth_to_mask(depth)) == 0;
}

/* The prefix of this depth that ends at 255.255.255.255. */
static uint32_t
top_prefix(uint8_t depth)
{
	return rte_rib_depth_to_mask(depth);
}

static bool
is_top(uint32_t prefix, uint8_t depth)
{
	return depth < LPM_IPV4_DEPTH_MAX && prefix == top_prefix(depth);
}

static bool
is_piece(uint32_t prefix, uint8_t depth)
{
	if (depth == 0)
		return false;
	return prefix == UINT32_MAX ||
	       (prefix | 1u << (LPM_IPV4_DEPTH_MAX - depth)) == top_prefix(depth);
}

static uint32_t
node_value(const struct rte_rib_node *node)
{
	uint64_t value;

	return rte_rib_get_nh(node, &value) == 0 ? value : LPM_NO_ROUTE;
}

/* What the fib has to hold for a prefix: its route or, for a piece, that of the whole. */
static uint32_t
wanted_value(const struct lpm *lpm, uint32_t prefix, uint8_t depth)
{
	const struct rte_rib_node *node = rte_rib_lookup_exact(lpm->rib, prefix, depth);

	if (node == NULL && is_piece(prefix, depth))
		while (node == NULL && depth-- > 0)
			node = rte_rib_lookup_exact(lpm->rib, top_prefix(depth), depth);
	return node == NULL ? LPM_NO_ROUTE : node_value(node);
}

static int
fib_sync_one(struct lpm *lpm, uint32_t prefix, uint8_t depth)
{
	uint32_t value = wanted_value(lpm, prefix, depth);
	const struct rte_rib_node *node;
	int ret;

	if (value == LPM_NO_ROUTE) {
		ret = rte_fib_delete(lpm->fib, prefix, depth);
		return ret == -ENOENT ? 0 : ret;
	}
	if (depth > 24)
		value |= LONG_ROUTE;
	ret = rte_fib_add(lpm->fib, prefix, depth, value);
	if (ret < 0)
		return ret;
	/* A replacement that runs out of groups is reported as done; the fib's rib knows better. */
	node = rte_rib_lookup_exact(rte_fib_get_rib(lpm->fib), prefix, depth);
	return node != NULL && node_value(node) == value ? 0 : -ENOSPC;
}

/* Makes the fib follow the rib after a change of this prefix. */
static int
fib_sync(struct lpm *lpm, uint32_t prefix, uint8_t depth)
{
	int ret;

	if (!is_top(prefix, depth))
		return fib_sync_one(lpm, prefix, depth);
	while (++depth <= LPM_IPV4_DEPTH_MAX) {
		ret = fib_sync_one(
			lpm, top_prefix(depth) ^ 1u << (LPM_IPV4_DEPTH_MAX - depth), depth);
		if (ret < 0)
			return ret;
	}
	return fib_sync_one(lpm, UINT32_MAX, LPM_IPV4_DEPTH_MAX);
}

int
lpm_add(struct lpm *lpm, uint32_t prefix, uint8_t depth, uint32_t value)
{
	struct rte_rib_node *node;
	uint32_t old;
	int ret;

	if (!prefix_is_valid(prefix, depth) || value == LPM_NO_ROUTE || value > LPM_VALUE_MAX)
		return -EINVAL;
	node = rte_rib_lookup_exact(lpm->rib, prefix, depth);
	old = node == NULL ? LPM_NO_ROUTE : node_value(node);
	if (node == NULL) {
		if (lpm->count == lpm->max_routes)
			return -ENOSPC;
		node = rte_rib_insert(lpm->rib, prefix, depth);
		if (node == NULL)
			return -rte_errno;
	}
	rte_rib_set_nh(node, value);
	ret = fib_sync(lpm, prefix, depth);
	if (ret < 0) {
		if (old == LPM_NO_ROUTE)
			rte_rib_remove(lpm->rib, prefix, depth);
		else
			rte_rib_set_nh(node, old);
		fib_sync(lpm, prefix, depth);
		return ret;
	}
	lpm->count += old == LPM_NO_ROUTE;
	return 0;
}

int
lpm_delete(struct lpm *lpm, uint32_t prefix, uint8_t depth)
{
	if (!prefix_is_valid(prefix, depth))
		return -EINVAL;
	if (rte_rib_lookup_exact(lpm->rib, prefix, depth) == NULL)
		return -ENOENT;
	rte_rib_remove(lpm->rib, prefix, depth);
	lpm->count--;
	return fib_sync(lpm, prefix, depth);
}

uint32_t
lpm_get(const struct lpm *lpm, uint32_t prefix, uint8_t depth)
{
	const struct rte_rib_node *node;

	if (!prefix_is_valid(prefix, depth))
		return LPM_NO_ROUTE;
	node = rte_rib_lookup_exact(lpm->rib, prefix, depth);
	return node == NULL ? LPM_NO_ROUTE : node_value(node);
}

void
lpm_lookup_bulk(const struct lpm *lpm, const uint32_t *addresses, uint32_t *values, unsigned int n)
{
	uint64_t wide[CHUNK];

	while (n > 0) {
		unsigned int chunk = RTE_MIN(n, (unsigned int)CHUNK);

		/* rte_fib_lookup_bulk only reads the addresses. */
		rte_fib_lookup_bulk(lpm->fib, (uint32_t *)(uintptr_t)addresses, wide, chunk);
		for (unsigned int i = 0; i < chunk; i++)
			values[i] = wide[i] & ~LONG_ROUTE;
		addresses += chunk;
		values += chunk;
		n -= chunk;
	}
}

uint32_t
lpm_lookup(const struct lpm *lpm, uint32_t address)
{
	uint32_t value;

	lpm_lookup_bulk(lpm, &address, &value, 1);
	return value;
}

/*
 * The rib's own order is children first. So: each topmost route below prefix/depth, and after it
 * what lies below that. Gives false when fn ended the walk.
 */
static bool
walk_below(struct rte_rib *rib, uint32_t prefix, uint8_t depth, lpm_walk_fn fn, void *context)
{
	struct rte_rib_node *node = NULL;

	while ((node = rte_rib_get_nxt(rib, prefix, depth, node, RTE_RIB_GET_NXT_COVER)) != NULL) {
		uint32_t node_prefix;
		uint8_t node_depth;

		rte_rib_get_ip(node, &node_prefix);
		rte_rib_get_depth(node, &node_depth);
		if (!fn(node_prefix, node_depth, node_value(node), context) ||
			!walk_below(rib, node_prefix, node_depth, fn, context))
			return false;
	}
	return true;
}

void
lpm_walk(const struct lpm *lpm, lpm_walk_fn fn, void *context)
{
	uint32_t value = lpm_get(lpm, 0, 0);

	if (value == LPM_NO_ROUTE || fn(0, 0, value, context))
		walk_below(lpm->rib, 0, 0, fn, context);
}

uint32_t
lpm_count(const struct lpm *lpm)
{
	return lpm->count;
}

size_t
lpm_memory(const struct lpm *lpm)
{
	return lpm->memory;
}
