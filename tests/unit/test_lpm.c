/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Every engine and every look-up function against a naive list of routes that is searched from end
 * to end, over tables of every shape, of both families.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <CUnit/Basic.h>
#include <rte_common.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

#include "lpm_routes.h"
#include "lpm_wrap/lpm.h"

#define MAX_ROUTES 1500
#define MIN_CHANGES 2000u
#define BURST 150

static struct route oracle[MAX_ROUTES];
static unsigned int oracle_count;
static uint64_t random_state;
static enum lpm_family family;
static unsigned int depth_max;

/* One of each engine, and one more compact table for each look-up function but the best. */
static struct lpm *tables[LPM_ENGINE_COUNT + 4];
static unsigned int table_count;

static const char *const lookups[] = { "scalar", "avx2", "avx512" };

static uint32_t
random_below(uint32_t bound)
{
	return random64(&random_state) % bound;
}

static void
choose_family(enum lpm_family chosen)
{
	family = chosen;
	depth_max = family == LPM_IPV4 ? LPM_IPV4_DEPTH_MAX : LPM_IPV6_DEPTH_MAX;
}

static struct route *
oracle_find(struct key key, uint8_t depth)
{
	for (unsigned int i = 0; i < oracle_count; i++)
		if (key_equal(oracle[i].key, key) && oracle[i].depth == depth)
			return &oracle[i];
	return NULL;
}

static const struct route *
oracle_cover(struct key address, uint8_t max_depth)
{
	const struct route *best = NULL;

	for (unsigned int i = 0; i < oracle_count; i++) {
		const struct route *route = &oracle[i];

		if (route->depth <= max_depth && (best == NULL || route->depth > best->depth) &&
			key_equal(key_mask(address, route->depth), route->key))
			best = route;
	}
	return best;
}

static uint32_t
oracle_lookup(struct key address)
{
	const struct route *route = oracle_cover(address, depth_max);

	return route == NULL ? LPM_NO_ROUTE : route->value;
}

static int
table_add(struct lpm *lpm, const struct route *route)
{
	uint8_t prefix[16];

	if (family == LPM_IPV4)
		return lpm_add(lpm, key_to_ipv4(route->key), route->depth, route->value);
	key_to_ipv6(route->key, prefix);
	return lpm6_add(lpm, prefix, route->depth, route->value);
}

static int
table_delete(struct lpm *lpm, const struct route *route)
{
	uint8_t prefix[16];

	if (family == LPM_IPV4)
		return lpm_delete(lpm, key_to_ipv4(route->key), route->depth);
	key_to_ipv6(route->key, prefix);
	return lpm6_delete(lpm, prefix, route->depth);
}

static uint32_t
table_get(const struct lpm *lpm, const struct route *route)
{
	uint8_t prefix[16];

	if (family == LPM_IPV4)
		return lpm_get(lpm, key_to_ipv4(route->key), route->depth);
	key_to_ipv6(route->key, prefix);
	return lpm6_get(lpm, prefix, route->depth);
}

static uint32_t
table_cover(const struct lpm *lpm, struct key address, uint8_t max_depth, uint8_t *depth)
{
	uint8_t bytes[16];

	if (family == LPM_IPV4)
		return lpm_cover(lpm, key_to_ipv4(address), max_depth, depth);
	key_to_ipv6(address, bytes);
	return lpm6_cover(lpm, bytes, max_depth, depth);
}

static void
table_lookup(const struct lpm *lpm, const struct key *addresses, uint32_t *values, unsigned int n)
{
	uint32_t ipv4[BURST];
	uint8_t ipv6[BURST][16];

	for (unsigned int i = 0; i < n; i++) {
		ipv4[i] = key_to_ipv4(addresses[i]);
		key_to_ipv6(addresses[i], ipv6[i]);
	}
	if (family == LPM_IPV4)
		lpm_lookup_bulk(lpm, ipv4, values, n);
	else
		lpm6_lookup_bulk(lpm, (const uint8_t(*)[16])ipv6, values, n);
}

static uint32_t
table_lookup_one(const struct lpm *lpm, struct key address)
{
	uint8_t bytes[16];

	if (family == LPM_IPV4)
		return lpm_lookup(lpm, key_to_ipv4(address));
	key_to_ipv6(address, bytes);
	return lpm6_lookup(lpm, bytes);
}

static struct lpm *
create(enum lpm_engine_type engine, uint32_t max_routes)
{
	struct lpm_params params = {
		.name = "test",
		.max_routes = max_routes,
		.socket = -1,
		.family = family,
		.engine = engine,
	};
	struct lpm *lpm = lpm_create(&params);

	CU_ASSERT_PTR_NOT_NULL_FATAL(lpm);
	return lpm;
}

static void
create_all(uint32_t max_routes)
{
	oracle_count = 0;
	table_count = 0;
	for (unsigned int engine = 0; engine < LPM_ENGINE_COUNT; engine++)
		tables[table_count++] = create(engine, max_routes);
	for (unsigned int i = 0; i < RTE_DIM(lookups); i++) {
		struct lpm *lpm = create(LPM_ENGINE_COMPACT, max_routes);

		if (strcmp(lpm_lookup_name(tables[0]), lookups[i]) != 0 &&
			lpm_lookup_choose(lpm, lookups[i]) == 0)
			tables[table_count++] = lpm;
		else
			lpm_free(lpm);
	}
}

static void
free_all(void)
{
	while (table_count > 0)
		lpm_free(tables[--table_count]);
}

/*
 * Where routes lie. Each shape fixes the bits that all share and those that are always zero; the
 * fewer bits are left, the more routes nest and touch.
 */
struct shape {
	const char *name;
	struct key base[2]; /* by family */
	struct key vary[2];
	uint8_t depths[2][2]; /* shortest and longest; the longest 0: the family's */
	unsigned int routes;
};

static const struct shape shapes[] = {
	{ "nested", { { UINT64_C(0x0a000000) << 32, 0 }, { UINT64_C(0x20010db800000000), 0 } },
		{ { UINT64_C(0xc003f3ff) << 32, 0 },
			{ UINT64_C(0xe00300030300c003), UINT64_C(0xc00000000003000f) } },
		{ { 0, 0 }, { 0, 0 } }, 1200 },
	{ "scattered", { { 0, 0 }, { 0, 0 } }, { { UINT64_MAX, 0 }, { UINT64_MAX, UINT64_MAX } },
		{ { 4, 24 }, { 4, 64 } }, 1500 },
	{ "hosts of one net",
		{ { UINT64_C(0xc0a80000) << 32, 0 }, { UINT64_C(0x20010db800010000), 0 } },
		{ { UINT64_C(0x000003ff) << 32, 0 }, { 0, 0x3ff } }, { { 30, 0 }, { 126, 0 } },
		800 },
	{ "nets side by side",
		{ { UINT64_C(0x0a000000) << 32, 0 }, { UINT64_C(0x20010db800000000), 0 } },
		{ { UINT64_C(0x0003ff00) << 32, 0 }, { UINT64_C(0x3ff0000), 0 } },
		{ { 22, 24 }, { 46, 48 } }, 1000 },
	{ "the ends of the address space", { { 0, 0 }, { 0, 0 } },
		/* Made by random_prefix(). */
		{ { 0, 0 }, { 0, 0 } }, { { 0, 0 }, { 0, 0 } }, 150 },
	{ "few", { { 0, 0 }, { 0, 0 } }, { { UINT64_MAX, 0 }, { UINT64_MAX, UINT64_MAX } },
		{ { 0, 0 }, { 0, 0 } }, 6 },
	/* Long stretches without a branch, which come and go with a route. */
	{ "few far apart",
		{ { UINT64_C(0x0a000000) << 32, 0 }, { UINT64_C(0x20010db800000000), 0 } },
		{ { UINT64_C(0x80000801) << 32, 0 },
			{ UINT64_C(0x8000000000100001), UINT64_C(0x0000000100000001) } },
		{ { 0, 0 }, { 0, 0 } }, 8 },
	{ "networks far apart",
		{ { UINT64_C(0x0a000000) << 32, 0 }, { UINT64_C(0x20010db800000000), 0 } },
		{ { UINT64_C(0x8100c000) << 32, 0 },
			{ UINT64_C(0xdc0000000000c003), UINT64_C(0x8000000000000003) } },
		{ { 12, 24 }, { 40, 68 } }, 120 },
	{ "hosts far apart",
		{ { UINT64_C(0x0a000000) << 32, 0 }, { UINT64_C(0x20010db800000000), 0 } },
		{ { UINT64_C(0xc000000f) << 32, 0 },
			{ UINT64_C(0xc000000000000000), UINT64_C(0x800000000000000f) } },
		{ { 27, 0 }, { 100, 0 } }, 60 },
};

static void
random_bits(const struct shape *shape, struct key *key)
{
	bool upper = random_below(2);

	key->high = shape->base[family].high ^ (random64(&random_state) & shape->vary[family].high);
	key->low = shape->base[family].low ^ (random64(&random_state) & shape->vary[family].low);
	if (shape->vary[family].high == 0 && shape->vary[family].low == 0 && upper) {
		key->high = UINT64_MAX;
		key->low = UINT64_MAX;
	}
	*key = key_mask(*key, depth_max);
}

static void
random_prefix(const struct shape *shape, struct route *route)
{
	const uint8_t *depths = shape->depths[family];
	unsigned int longest = depths[1] ? depths[1] : depth_max;

	route->depth = depths[0] + random_below(longest - depths[0] + 1);
	/* Now and then one of another kind: the default route, a short one, a far away host. */
	if (random_below(32) == 0)
		route->depth = random_below(depth_max + 1);
	random_bits(shape, &route->key);
	if (random_below(64) == 0)
		route->key.high ^= random64(&random_state);
	route->key = key_mask(route->key, RTE_MIN((unsigned int)route->depth, depth_max));
	/* Few values, so that neighbours often have the same. */
	route->value = 1 + random_below(random_below(2) ? 4 : 1000000);
}

static struct key
key_next(struct key key, int step)
{
	unsigned __int128 number = (unsigned __int128)key.high << 64 | key.low;

	number += (unsigned __int128)step << (128 - depth_max);
	return (struct key){ number >> 64, number };
}

/* Half anywhere in the shape, half at the ends of a route and beside them. */
static struct key
random_address(const struct shape *shape)
{
	const struct route *route;
	struct key key;

	random_bits(shape, &key);
	if (oracle_count == 0 || random_below(2))
		return key;
	route = &oracle[random_below(oracle_count)];
	key = route->key;
	if (random_below(2)) {
		struct key ones = { UINT64_MAX, UINT64_MAX };
		struct key kept = key_mask(ones, route->depth);

		key.high |= ~kept.high;
		key.low |= ~kept.low;
	}
	return key_mask(key_next(key, (int)random_below(3) - 1), depth_max);
}

static void
check_lookups(const struct shape *shape)
{
	unsigned int n = random_below(BURST + 1);
	struct key addresses[BURST];
	uint32_t expected[BURST];

	for (unsigned int i = 0; i < n; i++) {
		addresses[i] = random_address(shape);
		expected[i] = oracle_lookup(addresses[i]);
	}
	for (unsigned int t = 0; t < table_count; t++) {
		uint32_t values[BURST + 1];

		memset(values, 0xa5, sizeof(values));
		table_lookup(tables[t], addresses, values, n);
		CU_ASSERT(values[n] == 0xa5a5a5a5);
		for (unsigned int i = 0; i < n; i++) {
			if (values[i] == expected[i])
				continue;
			printf("%s, table %u: %#lx %#lx: %u, not %u\n", shape->name, t,
				addresses[i].high, addresses[i].low, values[i], expected[i]);
			CU_FAIL_FATAL("a look-up differs from the list");
		}
		CU_ASSERT(n == 0 || table_lookup_one(tables[t], addresses[0]) == expected[0]);
	}
}

static void
check_cover(const struct shape *shape)
{
	struct key address = random_address(shape);
	uint8_t max_depth = random_below(depth_max + 1);
	const struct route *route = oracle_cover(address, max_depth);
	uint8_t depth;
	uint32_t value = table_cover(tables[0], address, max_depth, &depth);

	CU_ASSERT(value == (route == NULL ? LPM_NO_ROUTE : route->value));
	CU_ASSERT(route == NULL || depth == route->depth);
}

struct walked {
	unsigned int count;
	unsigned int end_after;
	struct route last;
};

static bool
walk_route(struct walked *walked, struct key key, uint8_t depth, uint32_t value)
{
	const struct route *route = oracle_find(key, depth);
	const struct route *last = &walked->last;

	CU_ASSERT_FATAL(route != NULL && route->value == value);
	if (walked->count > 0)
		CU_ASSERT(last->key.high < key.high ||
			  (last->key.high == key.high &&
				  (last->key.low < key.low ||
					  (last->key.low == key.low && last->depth < depth))));
	walked->last = *route;
	return ++walked->count != walked->end_after;
}

static bool
walk_ipv4(uint32_t prefix, uint8_t depth, uint32_t value, void *context)
{
	return walk_route(context, key_of_ipv4(prefix), depth, value);
}

static bool
walk_ipv6(const uint8_t prefix[16], uint8_t depth, uint32_t value, void *context)
{
	return walk_route(context, key_of_ipv6(prefix), depth, value);
}

static void
walk_from(const struct lpm *lpm, struct key key, uint8_t depth, struct walked *walked)
{
	uint8_t prefix[16];

	key_to_ipv6(key, prefix);
	if (family == LPM_IPV4)
		lpm_walk_from(lpm, key_to_ipv4(key), depth, walk_ipv4, walked);
	else
		lpm6_walk_from(lpm, prefix, depth, walk_ipv6, walked);
}

static bool
precedes(const struct route *route, struct key key, uint8_t depth)
{
	if (route->key.high != key.high)
		return route->key.high < key.high;
	if (route->key.low != key.low)
		return route->key.low < key.low;
	return route->depth < depth;
}

static void
check_walks(const struct shape *shape)
{
	struct walked whole = { 0 }, part = { 0 }, pages = { .end_after = 7 };
	struct key from = random_address(shape);
	uint8_t from_depth = random_below(depth_max + 1);
	unsigned int behind = 0, seen = 0;

	if (family == LPM_IPV4)
		lpm_walk(tables[0], walk_ipv4, &whole);
	else
		lpm6_walk(tables[0], walk_ipv6, &whole);
	CU_ASSERT(whole.count == oracle_count);
	for (unsigned int t = 0; t < table_count; t++)
		CU_ASSERT(lpm_count(tables[t]) == oracle_count);

	for (unsigned int i = 0; i < oracle_count; i++)
		behind += !precedes(&oracle[i], from, from_depth);
	walk_from(tables[0], from, from_depth, &part);
	CU_ASSERT(part.count == behind);

	/* In pages of seven, each from where the last one ended. */
	walk_from(tables[0], (struct key){ 0 }, 0, &pages);
	while (seen += pages.count, pages.count == 7) {
		struct route last = pages.last;

		pages.count = 0;
		if (last.depth < depth_max)
			walk_from(tables[0], last.key, last.depth + 1, &pages);
		else
			walk_from(tables[0], key_next(last.key, 1), 0, &pages);
		if (key_equal(last.key, key_next((struct key){ 0 }, -1)))
			break;
	}
	CU_ASSERT(seen == oracle_count);
}

static void
add_one(const struct shape *shape)
{
	struct route new;
	struct route *old;

	random_prefix(shape, &new);
	old = oracle_find(new.key, new.depth);
	if (old == NULL && oracle_count == shape->routes)
		return;
	for (unsigned int t = 0; t < table_count; t++) {
		CU_ASSERT_FATAL(table_add(tables[t], &new) == 0);
		CU_ASSERT(table_get(tables[t], &new) == new.value);
	}
	if (old != NULL)
		*old = new;
	else
		oracle[oracle_count++] = new;
}

static void
delete_one(void)
{
	struct route *victim = &oracle[random_below(oracle_count)];

	for (unsigned int t = 0; t < table_count; t++) {
		CU_ASSERT_FATAL(table_delete(tables[t], victim) == 0);
		CU_ASSERT(table_get(tables[t], victim) == LPM_NO_ROUTE);
	}
	CU_ASSERT(table_delete(tables[0], victim) == -ENOENT);
	*victim = oracle[--oracle_count];
}

static void
check_shape(const struct shape *shape)
{
	unsigned int changes = RTE_MAX(5 * shape->routes, MIN_CHANGES);
	size_t empty;

	create_all(MAX_ROUTES);
	empty = lpm_memory(tables[0]);
	for (unsigned int i = 0; i < changes; i++) {
		/* Grow for a while, then shrink. */
		if (oracle_count == 0 || random_below(4) < (i / shape->routes % 2 ? 1u : 3u))
			add_one(shape);
		else
			delete_one();
		if (i % 16 == 0)
			check_lookups(shape);
		if (i % 4 == 0)
			check_cover(shape);
		if (i % 512 == 0)
			check_walks(shape);
	}
	check_walks(shape);
	while (oracle_count > 0) {
		delete_one();
		if (oracle_count % 32 == 0)
			check_lookups(shape);
	}
	check_lookups(shape);
	check_walks(shape);
	CU_ASSERT(lpm_memory(tables[0]) == empty);
	free_all();
}

static void
test_shapes_ipv4(void)
{
	choose_family(LPM_IPV4);
	for (unsigned int i = 0; i < RTE_DIM(shapes); i++)
		check_shape(&shapes[i]);
}

static void
test_shapes_ipv6(void)
{
	choose_family(LPM_IPV6);
	for (unsigned int i = 0; i < RTE_DIM(shapes); i++)
		check_shape(&shapes[i]);
}

static void
check_errors(enum lpm_engine_type engine)
{
	struct route route = { { UINT64_C(0x20000000) << 32, 0 }, 1, 8 };
	struct route other = { { UINT64_C(0x30000000) << 32, 0 }, 3, 8 };
	struct route default_route = { { 0, 0 }, 2, 0 };
	struct route bad = route;
	struct lpm *lpm = create(engine, 2);
	size_t memory = lpm_memory(lpm);
	uint8_t depth;

	bad.depth = depth_max + 1;
	CU_ASSERT(table_add(lpm, &bad) == -EINVAL);
	CU_ASSERT(table_delete(lpm, &bad) == -EINVAL);
	CU_ASSERT(table_get(lpm, &bad) == LPM_NO_ROUTE);
	bad = route;
	bad.key.high |= UINT64_C(1) << 40; /* a host bit */
	CU_ASSERT(table_add(lpm, &bad) == -EINVAL);
	CU_ASSERT(table_delete(lpm, &bad) == -EINVAL);
	bad = route;
	bad.value = LPM_NO_ROUTE;
	CU_ASSERT(table_add(lpm, &bad) == -EINVAL);
	bad.value = LPM_VALUE_MAX + 1;
	CU_ASSERT(table_add(lpm, &bad) == -EINVAL);
	CU_ASSERT(table_delete(lpm, &route) == -ENOENT);
	CU_ASSERT(table_delete(lpm, &default_route) == -ENOENT);
	CU_ASSERT(lpm_count(lpm) == 0);
	CU_ASSERT(lpm_memory(lpm) == memory);
	CU_ASSERT(table_lookup_one(lpm, route.key) == LPM_NO_ROUTE);
	CU_ASSERT(table_cover(lpm, route.key, 32, &depth) == LPM_NO_ROUTE);

	CU_ASSERT(table_add(lpm, &default_route) == 0);
	CU_ASSERT(table_add(lpm, &route) == 0);
	CU_ASSERT(table_add(lpm, &other) == -ENOSPC);
	CU_ASSERT(table_lookup_one(lpm, other.key) == default_route.value);
	route.value = 4;
	CU_ASSERT(table_add(lpm, &route) == 0);
	CU_ASSERT(table_lookup_one(lpm, route.key) == 4);
	CU_ASSERT(lpm_count(lpm) == 2);
	if (engine == LPM_ENGINE_COMPACT) {
		route.value = LPM_VALUE_MAX;
		CU_ASSERT(table_add(lpm, &route) == 0);
		CU_ASSERT(table_lookup_one(lpm, route.key) == LPM_VALUE_MAX);
	}
	CU_ASSERT(lpm_lookup_choose(lpm, "none such") == -EINVAL);
	lpm_free(lpm);
}

static void
test_errors(void)
{
	for (unsigned int engine = 0; engine < LPM_ENGINE_COUNT; engine++) {
		choose_family(LPM_IPV4);
		check_errors(engine);
		choose_family(LPM_IPV6);
		check_errors(engine);
	}
}

static void
test_create(void)
{
	struct lpm_params params = { .name = "test", .socket = -1 };
	enum lpm_engine_type found;

	choose_family(LPM_IPV4);
	for (unsigned int engine = 0; engine < LPM_ENGINE_COUNT; engine++) {
		struct lpm *lpm = create(engine, 16);

		CU_ASSERT(lpm_memory(lpm) >= lpm_lookup_memory(lpm));
		CU_ASSERT(lpm_lookup_memory(lpm) > 0);
		params.engine = engine;
		if (engine != LPM_ENGINE_COMPACT)
			CU_ASSERT(lpm_create(&params) == NULL && rte_errno == EEXIST);
		lpm_free(lpm);
		CU_ASSERT(lpm_engine_by_name(lpm_engine_name(engine), &found) == 0 &&
			  found == engine);
	}
	CU_ASSERT(lpm_engine_by_name("none such", &found) == -EINVAL);
	params.engine = LPM_ENGINE_COUNT;
	CU_ASSERT(lpm_create(&params) == NULL && rte_errno == EINVAL);
	params.engine = LPM_ENGINE_COMPACT;
	params.name = "";
	CU_ASSERT(lpm_create(&params) == NULL && rte_errno == EINVAL);
	params.name = "enormous";
	params.max_routes = UINT32_MAX;
	CU_ASSERT(lpm_create(&params) == NULL && rte_errno == EINVAL);
	lpm_free(NULL);
}

/* Routes that take and give back groups of 256, in tables that somebody may read. */
static void
test_rcu(void)
{
	struct rte_rcu_qsbr *rcu =
		rte_zmalloc(NULL, rte_rcu_qsbr_get_memsize(1), RTE_CACHE_LINE_SIZE);

	CU_ASSERT_FATAL(rcu != NULL && rte_rcu_qsbr_init(rcu, 1) == 0);
	for (unsigned int i = 0; i < 2 * LPM_ENGINE_COUNT; i++) {
		struct lpm_params params = {
			.name = "rcu", .socket = -1, .family = i % 2, .engine = i / 2, .rcu = rcu
		};
		struct lpm *lpm = lpm_create(&params);

		CU_ASSERT_PTR_NOT_NULL_FATAL(lpm);
		choose_family(i % 2);
		for (unsigned int j = 0; j < 200; j++) {
			struct route route = { { UINT64_C(0x20010000) << 32 | (uint64_t)j << 40,
						       0 },
				j + 1, depth_max };

			CU_ASSERT(table_add(lpm, &route) == 0);
			CU_ASSERT(table_lookup_one(lpm, route.key) == j + 1);
			CU_ASSERT(j % 2 || table_delete(lpm, &route) == 0);
			CU_ASSERT(
				table_lookup_one(lpm, route.key) == (j % 2 ? j + 1 : LPM_NO_ROUTE));
		}
		CU_ASSERT(lpm_count(lpm) == 100);
		lpm_reclaim(lpm);
		lpm_free(lpm);
	}
	rte_free(rcu);
}

/* Takes all of the heap but about `left` bytes; blocks hang together by their first word. */
static void *
take_heap(size_t left)
{
	void *spare = rte_malloc(NULL, left, 0);
	void *taken = NULL;

	for (size_t size = 64 << 20; size >= 64; size /= 2) {
		void **block;

		while ((block = rte_malloc(NULL, size, 0)) != NULL) {
			*block = taken;
			taken = block;
		}
	}
	rte_free(spare);
	return taken;
}

static void
give_heap(void *taken)
{
	while (taken != NULL) {
		void *next = *(void **)taken;

		rte_free(taken);
		taken = next;
	}
}

/* With ever less memory left, a change either happens or leaves the table as it was. */
static void
check_no_memory(const struct shape *shape)
{
	unsigned int refused = 0;

	oracle_count = 0;
	table_count = 1;
	tables[0] = create(LPM_ENGINE_COMPACT, MAX_ROUTES);
	for (size_t left = 256; left <= 65536; left *= 2) {
		void *taken = take_heap(left);

		for (unsigned int i = 0; i < 60; i++) {
			bool is_delete = oracle_count > 0 && random_below(3) == 0;
			struct route route;
			struct route *old;
			int ret;

			random_prefix(shape, &route);
			if (is_delete)
				route = oracle[random_below(oracle_count)];
			old = oracle_find(route.key, route.depth);
			ret = is_delete ? table_delete(tables[0], &route)
			                : table_add(tables[0], &route);
			CU_ASSERT_FATAL(ret == 0 || ret == -ENOMEM);
			refused += ret != 0;
			if (ret == 0 && is_delete)
				*old = oracle[--oracle_count];
			else if (ret == 0 && old != NULL)
				*old = route;
			else if (ret == 0)
				oracle[oracle_count++] = route;
			check_lookups(shape);
		}
		check_walks(shape);
		give_heap(taken);
	}
	CU_ASSERT(refused > 0);
	while (oracle_count > 0)
		delete_one();
	check_lookups(shape);
	free_all();
}

static void
test_no_memory(void)
{
	choose_family(LPM_IPV4);
	check_no_memory(&shapes[0]);
	check_no_memory(&shapes[1]);
	choose_family(LPM_IPV6);
	check_no_memory(&shapes[0]);
	check_no_memory(&shapes[1]);
	check_no_memory(&shapes[RTE_DIM(shapes) - 2]);
}

/* What a router with few routes pays, of both families together. */
static void
test_small_memory(void)
{
	size_t empty = 0, twenty = 0;

	for (unsigned int f = 0; f < 2; f++) {
		struct lpm *lpm;

		choose_family(f);
		lpm = create(LPM_ENGINE_COMPACT, 0);
		empty += lpm_memory(lpm);
		for (unsigned int i = 0; i < 20; i++) {
			struct route route = { { random64(&random_state), random64(&random_state) },
				i + 1, i % 4 == 0 ? depth_max : depth_max / 2 + i / 2 };

			route.key =
				key_mask(route.key, RTE_MIN((unsigned int)route.depth, depth_max));
			CU_ASSERT(table_add(lpm, &route) == 0);
		}
		twenty += lpm_memory(lpm);
		lpm_free(lpm);
	}
	printf("empty %zu, twenty routes %zu bytes ", empty, twenty);
	CU_ASSERT(empty <= 8192);
	CU_ASSERT(twenty <= 32768);
}

int
main(int argc, char **argv)
{
	char *eal_args[] = { argv[0], "--no-huge", "-m", "1024", "--no-pci", "--no-shconf",
		"--no-telemetry", "-l", "0", "--log-level", "*:4",
		"--force-max-simd-bitwidth=512" };
	CU_pSuite suite;
	unsigned int failures;

	random_state = argc > 1 ? strtoull(argv[1], NULL, 0) : (uint64_t)time(NULL);
	printf("seed %#lx (give it as the argument to repeat)\n", random_state);
	random_state = random_state * 2 + 1;
	if (rte_eal_init(RTE_DIM(eal_args), eal_args) < 0)
		return 1;
	CU_initialize_registry();
	suite = CU_add_suite("lpm", NULL, NULL);
	CU_add_test(suite, "IPv4 tables of every shape", test_shapes_ipv4);
	CU_add_test(suite, "IPv6 tables of every shape", test_shapes_ipv6);
	CU_add_test(suite, "errors leave the table as it was", test_errors);
	CU_add_test(suite, "so does a lack of memory", test_no_memory);
	CU_add_test(suite, "create and free", test_create);
	CU_add_test(suite, "tables with readers", test_rcu);
	CU_add_test(suite, "small tables are small", test_small_memory);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	rte_eal_cleanup();
	return failures != 0;
}
