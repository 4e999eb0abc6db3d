/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * A table as large as the Internet's, withdrawn and announced in random order. With BENCH_ROUTES in
 * the environment it is that file's, else a made-up one. The oracle is the sorted list of what is
 * announced, searched by bisection for each length.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <CUnit/Basic.h>
#include <rte_common.h>
#include <rte_eal.h>

#include "lpm_routes.h"
#include "lpm_wrap/lpm.h"

#define BURST 64
#define CHECK 20000

static uint64_t seed, random_state;
static enum lpm_family family;
static struct routes sorted; /* value 0: withdrawn */
static bool has_depth[LPM_IPV6_DEPTH_MAX + 1];

static struct route *
find(struct key key, uint8_t depth)
{
	uint32_t low = 0, high = sorted.count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		struct route *route = &sorted.list[middle];
		bool before = route->key.high != key.high ? route->key.high < key.high
		              : route->key.low != key.low ? route->key.low < key.low
		                                          : route->depth < depth;

		if (key_equal(route->key, key) && route->depth == depth)
			return route;
		if (before)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static uint32_t
expected(struct key address)
{
	for (int depth = LPM_IPV6_DEPTH_MAX; depth >= 0; depth--) {
		const struct route *route =
			has_depth[depth] ? find(key_mask(address, depth), depth) : NULL;

		if (route != NULL && route->value != LPM_NO_ROUTE)
			return route->value;
	}
	return LPM_NO_ROUTE;
}

static int
change(struct lpm *lpm, const struct route *route, uint32_t value)
{
	uint8_t prefix[16];

	key_to_ipv6(route->key, prefix);
	if (family == LPM_IPV4)
		return value == LPM_NO_ROUTE
		               ? lpm_delete(lpm, key_to_ipv4(route->key), route->depth)
		               : lpm_add(lpm, key_to_ipv4(route->key), route->depth, value);
	return value == LPM_NO_ROUTE ? lpm6_delete(lpm, prefix, route->depth)
	                             : lpm6_add(lpm, prefix, route->depth, value);
}

static void
check_burst(const struct lpm *lpm)
{
	uint8_t ipv6[BURST][16];
	uint32_t ipv4[BURST], values[BURST];
	struct key keys[BURST];

	for (unsigned int i = 0; i < BURST; i++) {
		keys[i] = route_address(
			&sorted.list[random64(&random_state) % sorted.count], &random_state);
		if (i % 8 == 0)
			keys[i].high = random64(&random_state);
		keys[i] = key_mask(keys[i], family == LPM_IPV4 ? 32 : 128);
		ipv4[i] = key_to_ipv4(keys[i]);
		key_to_ipv6(keys[i], ipv6[i]);
	}
	if (family == LPM_IPV4)
		lpm_lookup_bulk(lpm, ipv4, values, BURST);
	else
		lpm6_lookup_bulk(lpm, (const uint8_t(*)[16])ipv6, values, BURST);
	for (unsigned int i = 0; i < BURST; i++)
		CU_ASSERT_FATAL(values[i] == expected(keys[i]));
}

static void
check(struct lpm *lpm)
{
	for (unsigned int i = 0; i < CHECK / BURST; i++)
		check_burst(lpm);
}

struct walked {
	uint32_t next;
	uint32_t count;
};

static bool
walk_route(struct walked *walked, struct key key, uint8_t depth, uint32_t value)
{
	const struct route *route;

	while (walked->next < sorted.count && sorted.list[walked->next].value == LPM_NO_ROUTE)
		walked->next++;
	CU_ASSERT_FATAL(walked->next < sorted.count);
	route = &sorted.list[walked->next++];
	walked->count++;
	return key_equal(route->key, key) && route->depth == depth && route->value == value;
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
check_walk(const struct lpm *lpm)
{
	struct walked walked = { 0 };

	if (family == LPM_IPV4)
		lpm_walk(lpm, walk_ipv4, &walked);
	else
		lpm6_walk(lpm, walk_ipv6, &walked);
	CU_ASSERT(walked.count == lpm_count(lpm));
}

/* Withdraws this part of what is announced and announces it again, checking in between. */
static void
flap(struct lpm *lpm, const struct routes *order, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		CU_ASSERT_FATAL(change(lpm, &order->list[i], LPM_NO_ROUTE) == 0);
		find(order->list[i].key, order->list[i].depth)->value = LPM_NO_ROUTE;
	}
	check(lpm);
	check_walk(lpm);
	for (uint32_t i = count; i-- > 0;) {
		uint32_t value = 1 + random64(&random_state) % 1000;

		CU_ASSERT_FATAL(change(lpm, &order->list[i], value) == 0);
		find(order->list[i].key, order->list[i].depth)->value = value;
	}
	check(lpm);
	check_walk(lpm);
}

static void
make_table(struct routes *order)
{
	const char *path = getenv("BENCH_ROUTES");

	if (path != NULL && path[0] == '\0')
		path = NULL;
	if (path != NULL)
		CU_ASSERT_FATAL(routes_load(&sorted, family, path) == 0);
	if (path == NULL)
		CU_ASSERT_FATAL(routes_make(&sorted, family, 0, seed) == 0);
	for (uint32_t i = 0; i < sorted.count; i++) {
		sorted.list[i].value = 1 + random64(&random_state) % 1000;
		has_depth[sorted.list[i].depth] = true;
	}
	order->count = sorted.count;
	order->list = malloc(sorted.count * sizeof(*order->list));
	CU_ASSERT_PTR_NOT_NULL_FATAL(order->list);
	for (uint32_t i = 0; i < sorted.count; i++)
		order->list[i] = sorted.list[i];
	routes_shuffle(order, seed);
}

static void
check_table(size_t lookup_bytes_max)
{
	struct lpm_params params = {
		.name = "full", .socket = -1, .family = family, .max_routes = 2000000
	};
	struct lpm *lpm = lpm_create(&params);
	size_t empty = lpm_memory(lpm);
	struct routes order;

	CU_ASSERT_PTR_NOT_NULL_FATAL(lpm);
	make_table(&order);
	for (uint32_t i = 0; i < sorted.count; i++)
		CU_ASSERT_FATAL(change(lpm, &sorted.list[i], sorted.list[i].value) == 0);
	CU_ASSERT(lpm_count(lpm) == sorted.count);
	CU_ASSERT(lpm_lookup_memory(lpm) <= lookup_bytes_max);
	check(lpm);
	check_walk(lpm);
	flap(lpm, &order, order.count / 3);
	flap(lpm, &order, order.count);
	CU_ASSERT(lpm_lookup_memory(lpm) <= lookup_bytes_max);
	CU_ASSERT(lpm_memory(lpm) <= 96 << 20);
	for (uint32_t i = 0; i < order.count; i++)
		CU_ASSERT_FATAL(change(lpm, &order.list[i], LPM_NO_ROUTE) == 0);
	CU_ASSERT(lpm_memory(lpm) == empty);
	lpm_free(lpm);
	routes_free(&order);
	routes_free(&sorted);
}

static void
test_ipv4(void)
{
	family = LPM_IPV4;
	check_table(12 << 20);
}

static void
test_ipv6(void)
{
	family = LPM_IPV6;
	check_table(12 << 20);
}

int
main(int argc, char **argv)
{
	char *eal_args[] = { argv[0], "--no-huge", "-m", "512", "--no-pci", "--no-shconf",
		"--no-telemetry", "-l", "0", "--log-level", "*:4" };
	CU_pSuite suite;
	unsigned int failures;

	seed = argc > 1 ? strtoull(argv[1], NULL, 0) : (uint64_t)time(NULL);
	printf("seed %#lx (give it as the argument to repeat)\n", seed);
	random_state = seed * 2 + 1;
	if (rte_eal_init(RTE_DIM(eal_args), eal_args) < 0)
		return 1;
	CU_initialize_registry();
	suite = CU_add_suite("lpm_full", NULL, NULL);
	CU_add_test(suite, "a full IPv4 table, withdrawn and announced", test_ipv4);
	CU_add_test(suite, "a full IPv6 table, withdrawn and announced", test_ipv6);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	rte_eal_cleanup();
	return failures != 0;
}
