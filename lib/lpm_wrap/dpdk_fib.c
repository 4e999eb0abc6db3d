/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * rte_fib (DIR-24-8) and rte_fib6 (TRIE) as an engine.
 */

#include <assert.h>
#include <errno.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_fib.h>
#include <rte_fib6.h>
#include <rte_rib.h>
#include <rte_rib6.h>

#include "lpm_wrap/dpdk_ipv6.h"
#include "lpm_wrap/engine.h"

#define CHUNK 64

/*
 * Marks a value of a route longer than 24. rte_fib (22.11) forgets to reserve a group for such a
 * route when its value is that of the route around it, but releases one when it goes.
 */
#define LONG_ROUTE 0x40000000u
static_assert((LPM_VALUE_MAX & LONG_ROUTE) == 0, "values leave room for the mark");

/*
 * Neither gets a prefix that ends where the address space ends, unless it is of full length: where
 * such a one holds another, 22.11 takes the end of the address space for its beginning and
 * overwrites the whole table. In place of such a prefix stand its pieces: the sibling of each
 * longer prefix with that end, and the last address.
 */
#define IPV4_PIECES (LPM_IPV4_DEPTH_MAX + 1)
#define IPV6_PIECES (LPM_IPV6_DEPTH_MAX + 1)

struct fib {
	struct rte_fib *ipv4;
	struct rte_fib6 *ipv6;
	size_t memory;
};

/*
 * A group of 256 is needed for each /24 that holds a longer route: a small table may consist of
 * host routes only, a large one never does. rte_fib6 needs one for each 8 bits of a path.
 */
static uint32_t
group_count(const struct lpm *lpm)
{
	uint64_t routes = lpm->max_routes;

	if (lpm->family == LPM_IPV4)
		return RTE_MIN(routes, 1024 + routes / 8) + 1;
	return RTE_MIN(routes * 13, 16384 + 2 * routes) + 2 * IPV6_PIECES;
}

static void
lookup_ipv4(const void *state, const uint32_t *addresses, uint32_t *values, unsigned int n)
{
	const struct fib *fib = state;
	uint64_t wide[CHUNK];

	while (n > 0) {
		unsigned int chunk = RTE_MIN(n, (unsigned int)CHUNK);

		/* rte_fib_lookup_bulk only reads the addresses. */
		rte_fib_lookup_bulk(fib->ipv4, (uint32_t *)(uintptr_t)addresses, wide, chunk);
		for (unsigned int i = 0; i < chunk; i++)
			values[i] = wide[i] & ~LONG_ROUTE;
		addresses += chunk;
		values += chunk;
		n -= chunk;
	}
}

static void
lookup_ipv6(const void *state, const uint8_t (*addresses)[16], uint32_t *values, unsigned int n)
{
	const struct fib *fib = state;
	uint64_t wide[CHUNK];

	while (n > 0) {
		unsigned int chunk = RTE_MIN(n, (unsigned int)CHUNK);

		rte_fib6_lookup_bulk(fib->ipv6, dpdk_ipv6_bulk(addresses), wide, chunk);
		for (unsigned int i = 0; i < chunk; i++)
			values[i] = wide[i];
		addresses += chunk;
		values += chunk;
		n -= chunk;
	}
}

static int
create_ipv4(struct fib *fib, struct lpm *lpm)
{
	struct rte_fib_conf conf = {
		.type = RTE_FIB_DIR24_8,
		.default_nh = LPM_NO_ROUTE,
		.max_routes = lpm->max_routes + IPV4_PIECES,
		.dir24_8.nh_sz = RTE_FIB_DIR24_8_4B,
		.dir24_8.num_tbl8 = group_count(lpm),
	};

	lpm->lookup_ipv4 = lookup_ipv4;
	fib->ipv4 = rte_fib_create(lpm->name, lpm->socket, &conf);
	return fib->ipv4 == NULL ? -rte_errno : 0;
}

static int
create_ipv6(struct fib *fib, struct lpm *lpm)
{
	struct rte_fib6_conf conf = {
		.type = RTE_FIB6_TRIE,
		.default_nh = LPM_NO_ROUTE,
		.max_routes = lpm->max_routes + IPV6_PIECES,
		.trie.nh_sz = RTE_FIB6_TRIE_4B,
		.trie.num_tbl8 = group_count(lpm),
	};

	lpm->lookup_ipv6 = lookup_ipv6;
	fib->ipv6 = rte_fib6_create(lpm->name, lpm->socket, &conf);
	return fib->ipv6 == NULL ? -rte_errno : 0;
}

static int
create(struct lpm *lpm, const struct lpm_params *params)
{
	struct fib *fib = lpm->state;
	size_t before = lpm_heap_used();
	int ret = params->family == LPM_IPV4 ? create_ipv4(fib, lpm) : create_ipv6(fib, lpm);

	fib->memory = lpm_heap_used() - before;
	return ret;
}

static void
free_state(struct lpm *lpm)
{
	struct fib *fib = lpm->state;

	rte_fib_free(fib->ipv4);
	rte_fib6_free(fib->ipv6);
}

static unsigned int
depth_max(const struct lpm *lpm)
{
	return lpm->family == LPM_IPV4 ? LPM_IPV4_DEPTH_MAX : LPM_IPV6_DEPTH_MAX;
}

/* The prefix of this depth at the end of the address space. */
static struct key
top_prefix(unsigned int depth)
{
	return key_mask((struct key){ UINT64_MAX, UINT64_MAX }, depth);
}

/* The other half of what the prefix one bit shorter is. */
static struct key
sibling(struct key key, unsigned int depth)
{
	if (depth <= 64)
		key.high ^= UINT64_C(1) << (64 - depth);
	else
		key.low ^= UINT64_C(1) << (128 - depth);
	return key;
}

static bool
is_top(struct key key, unsigned int depth)
{
	return key_equal(key, top_prefix(depth));
}

static bool
is_piece(const struct lpm *lpm, struct key key, unsigned int depth)
{
	if (depth == 0)
		return false;
	return is_top(sibling(key, depth), depth) ||
	       (depth == depth_max(lpm) && is_top(key, depth));
}

/* What the fib has to hold for a prefix: its route or, for a piece, that of the whole. */
static uint32_t
wanted_value(const struct lpm *lpm, struct key key, unsigned int depth)
{
	uint32_t value = store_get(&lpm->store, key, depth);

	if (value == LPM_NO_ROUTE && is_piece(lpm, key, depth))
		while (value == LPM_NO_ROUTE && depth-- > 0)
			value = store_get(&lpm->store, top_prefix(depth), depth);
	return value;
}

/* A replacement that runs out of groups is reported as done; the rib knows better. */
static int
add_ipv4(struct rte_fib *fib, uint32_t prefix, unsigned int depth, uint32_t value)
{
	const struct rte_rib_node *node;
	uint64_t held;
	int ret;

	if (depth > 24)
		value |= LONG_ROUTE;
	ret = rte_fib_add(fib, prefix, depth, value);
	if (ret < 0)
		return ret;
	node = rte_rib_lookup_exact(rte_fib_get_rib(fib), prefix, depth);
	if (node == NULL || rte_rib_get_nh(node, &held) < 0 || held != value)
		return -ENOSPC;
	return 0;
}

static int
add_ipv6(struct rte_fib6 *fib, const uint8_t prefix[16], unsigned int depth, uint32_t value)
{
	const struct rte_rib6_node *node;
	uint64_t held;
	int ret = rte_fib6_add(fib, dpdk_ipv6(prefix), depth, value);

	if (ret < 0)
		return ret;
	node = rte_rib6_lookup_exact(rte_fib6_get_rib(fib), dpdk_ipv6(prefix), depth);
	if (node == NULL || rte_rib6_get_nh(node, &held) < 0 || held != value)
		return -ENOSPC;
	return 0;
}

static int
sync_one(struct lpm *lpm, struct key key, unsigned int depth)
{
	const struct fib *fib = lpm->state;
	uint32_t value = wanted_value(lpm, key, depth);
	uint8_t prefix[16];
	int ret;

	key_to_ipv6(key, prefix);
	if (value != LPM_NO_ROUTE)
		return lpm->family == LPM_IPV4 ? add_ipv4(fib->ipv4, key_to_ipv4(key), depth, value)
		                               : add_ipv6(fib->ipv6, prefix, depth, value);
	ret = lpm->family == LPM_IPV4 ? rte_fib_delete(fib->ipv4, key_to_ipv4(key), depth)
	                              : rte_fib6_delete(fib->ipv6, dpdk_ipv6(prefix), depth);
	return ret == -ENOENT ? 0 : ret;
}

static int
update(struct lpm *lpm, struct key key, unsigned int depth)
{
	unsigned int last = depth_max(lpm);

	if (!is_top(key, depth) || depth == last)
		return sync_one(lpm, key, depth);
	while (++depth <= last) {
		int ret = sync_one(lpm, sibling(top_prefix(depth), depth), depth);

		if (ret < 0)
			return ret;
	}
	return sync_one(lpm, top_prefix(last), last);
}

static size_t
memory(const struct lpm *lpm, size_t *writer)
{
	const struct fib *fib = lpm->state;

	*writer = 0;
	return fib->memory;
}

const struct lpm_engine lpm_engine_fib = {
	.name = "fib",
	.create = create,
	.free = free_state,
	.update = update,
	.must_resync = true,
	.value_max = { LPM_VALUE_MAX, LPM_VALUE_MAX },
	.memory = memory,
	.state_size = sizeof(struct fib),
};
