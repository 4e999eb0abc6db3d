/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The table against a naive list of routes that is searched from end to end.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <CUnit/Basic.h>
#include <rte_common.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "lpm_wrap/lpm.h"

#define MAX_ROUTES 2000

struct route {
	uint32_t prefix;
	uint8_t depth;
	uint32_t value;
};

static struct route oracle[MAX_ROUTES];
static unsigned int oracle_count;
static uint64_t random_state;

static uint32_t
random32(void)
{
	/* xorshift64* */
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * UINT64_C(0x2545f4914f6cdd1d)) >> 32;
}

static uint32_t
mask_of(uint8_t depth)
{
	return depth == 0 ? 0 : UINT32_MAX << (32 - depth);
}

static struct route *
oracle_find(uint32_t prefix, uint8_t depth)
{
	for (unsigned int i = 0; i < oracle_count; i++)
		if (oracle[i].prefix == prefix && oracle[i].depth == depth)
			return &oracle[i];
	return NULL;
}

static uint32_t
oracle_lookup(uint32_t address)
{
	const struct route *best = NULL;

	for (unsigned int i = 0; i < oracle_count; i++) {
		const struct route *route = &oracle[i];

		if ((address & mask_of(route->depth)) == route->prefix &&
			(best == NULL || route->depth > best->depth))
			best = route;
	}
	return best == NULL ? LPM_NO_ROUTE : best->value;
}

/* Prefixes that nest: few distinct high bits, depths of every length. */
static void
random_prefix(uint32_t *prefix, uint8_t *depth)
{
	*depth = random32() % 33;
	*prefix = (0x0a000000 | (random32() & 0xc003f3ff)) & mask_of(*depth);
}

static void
check_lookups(const struct lpm *lpm)
{
	uint32_t addresses[150], values[150];

	for (unsigned int i = 0; i < RTE_DIM(addresses); i++) {
		addresses[i] = 0x0a000000 | (random32() & 0xc003f3ff);
		if (oracle_count > 0 && i % 2) {
			const struct route *route = &oracle[random32() % oracle_count];

			/* The ends of a route and what lies beside them. */
			addresses[i] = route->prefix | (i % 4 == 1 ? 0 : ~mask_of(route->depth));
			addresses[i] += (int)(random32() % 3) - 1;
		}
	}
	lpm_lookup_bulk(lpm, addresses, values, RTE_DIM(addresses));
	for (unsigned int i = 0; i < RTE_DIM(addresses); i++)
		if (values[i] != oracle_lookup(addresses[i]))
			CU_FAIL_FATAL("a look-up differs from the list");
	CU_ASSERT(lpm_lookup(lpm, addresses[0]) == values[0]);
}

struct walked {
	unsigned int count;
	struct route last;
};

static bool
check_route(uint32_t prefix, uint8_t depth, uint32_t value, void *context)
{
	const struct route *route = oracle_find(prefix, depth);
	struct walked *walked = context;

	CU_ASSERT_FATAL(route != NULL && route->value == value);
	if (walked->count > 0)
		CU_ASSERT(walked->last.prefix < prefix ||
			  (walked->last.prefix == prefix && walked->last.depth < depth));
	walked->last = *route;
	walked->count++;
	return true;
}

static void
check_walk(const struct lpm *lpm)
{
	struct walked walked = { 0 };

	lpm_walk(lpm, check_route, &walked);
	CU_ASSERT(walked.count == oracle_count);
	CU_ASSERT(lpm_count(lpm) == oracle_count);
}

static struct lpm *
create(uint32_t max_routes)
{
	struct lpm_params params = { .name = "test", .max_routes = max_routes, .socket = -1 };
	struct lpm *lpm = lpm_create(&params);

	CU_ASSERT_PTR_NOT_NULL_FATAL(lpm);
	oracle_count = 0;
	return lpm;
}

static void
add_one(struct lpm *lpm)
{
	struct route new = { .value = 1 + random32() % 50 };
	struct route *old;

	random_prefix(&new.prefix, &new.depth);
	old = oracle_find(new.prefix, new.depth);
	if (old == NULL && oracle_count == MAX_ROUTES)
		return;
	CU_ASSERT_FATAL(lpm_add(lpm, new.prefix, new.depth, new.value) == 0);
	if (old != NULL)
		*old = new;
	else
		oracle[oracle_count++] = new;
	CU_ASSERT(lpm_get(lpm, new.prefix, new.depth) == new.value);
}

static void
delete_one(struct lpm *lpm)
{
	struct route *victim;

	if (oracle_count == 0)
		return;
	victim = &oracle[random32() % oracle_count];
	CU_ASSERT_FATAL(lpm_delete(lpm, victim->prefix, victim->depth) == 0);
	CU_ASSERT(lpm_delete(lpm, victim->prefix, victim->depth) == -ENOENT);
	CU_ASSERT(lpm_get(lpm, victim->prefix, victim->depth) == LPM_NO_ROUTE);
	*victim = oracle[--oracle_count];
}

static void
test_random_changes(void)
{
	struct lpm *lpm = create(MAX_ROUTES);

	for (unsigned int i = 0; i < 6000; i++) {
		/* Grow for a while, then shrink. */
		if (random32() % 4 < (i / 1000 % 2 ? 1u : 3u))
			add_one(lpm);
		else
			delete_one(lpm);
		if (i % 16 == 0)
			check_lookups(lpm);
		if (i % 500 == 0)
			check_walk(lpm);
	}
	while (oracle_count > 0)
		delete_one(lpm);
	check_walk(lpm);
	check_lookups(lpm);
	lpm_free(lpm);
}

static bool
stop_at_second(uint32_t prefix, uint8_t depth, uint32_t value, void *context)
{
	RTE_SET_USED(prefix);
	RTE_SET_USED(depth);
	RTE_SET_USED(value);
	return ++*(unsigned int *)context < 2;
}

static void
test_walk_ends(void)
{
	struct lpm *lpm = create(8);
	unsigned int visited = 0;

	CU_ASSERT(lpm_add(lpm, 0, 0, 1) == 0);
	CU_ASSERT(lpm_add(lpm, 0, 1, 2) == 0);
	CU_ASSERT(lpm_add(lpm, UINT32_MAX, 32, 3) == 0);
	lpm_walk(lpm, stop_at_second, &visited);
	CU_ASSERT(visited == 2);
	lpm_free(lpm);
}

static void
test_errors(void)
{
	struct lpm *lpm = create(2);

	CU_ASSERT(lpm_add(lpm, 0, 33, 1) == -EINVAL);
	CU_ASSERT(lpm_add(lpm, 0x0a000001, 24, 1) == -EINVAL);
	CU_ASSERT(lpm_add(lpm, 1, 0, 1) == -EINVAL);
	CU_ASSERT(lpm_add(lpm, 0, 0, LPM_NO_ROUTE) == -EINVAL);
	CU_ASSERT(lpm_add(lpm, 0, 0, LPM_VALUE_MAX + 1) == -EINVAL);
	CU_ASSERT(lpm_delete(lpm, 0, 33) == -EINVAL);
	CU_ASSERT(lpm_delete(lpm, 0, 0) == -ENOENT);
	CU_ASSERT(lpm_get(lpm, 0, 33) == LPM_NO_ROUTE);
	CU_ASSERT(lpm_count(lpm) == 0);
	CU_ASSERT(lpm_lookup(lpm, 0x0a000001) == LPM_NO_ROUTE);

	CU_ASSERT(lpm_add(lpm, 0, 0, LPM_VALUE_MAX) == 0);
	CU_ASSERT(lpm_add(lpm, 0x0a000000, 8, 2) == 0);
	CU_ASSERT(lpm_add(lpm, 0x0b000000, 8, 3) == -ENOSPC);
	CU_ASSERT(lpm_lookup(lpm, 0x0b000001) == LPM_VALUE_MAX);
	CU_ASSERT(lpm_add(lpm, 0x0a000000, 8, 4) == 0);
	CU_ASSERT(lpm_lookup(lpm, 0x0a000001) == 4);
	CU_ASSERT(lpm_count(lpm) == 2);
	lpm_free(lpm);
}

static void
test_create(void)
{
	struct lpm *lpm = create(16);
	struct lpm_params params = { .name = "test", .socket = -1 };

	CU_ASSERT(lpm_memory(lpm) > 0);
	CU_ASSERT(lpm_create(&params) == NULL && rte_errno == EEXIST);
	params.name = "";
	CU_ASSERT(lpm_create(&params) == NULL && rte_errno == EINVAL);
	params.name = "enormous";
	params.max_routes = UINT32_MAX;
	CU_ASSERT(lpm_create(&params) == NULL && rte_errno == EINVAL);
	lpm_free(lpm);
	lpm_free(NULL);
}

int
main(int argc, char **argv)
{
	char *eal_args[] = { argv[0], "--no-huge", "-m", "512", "--no-pci", "--no-shconf",
		"--no-telemetry", "-l", "0", "--log-level", "*:4" };
	CU_pSuite suite;
	unsigned int failures;

	random_state = argc > 1 ? strtoull(argv[1], NULL, 0) : (uint64_t)time(NULL);
	random_state |= UINT64_C(1) << 40; /* xorshift stays at zero */
	printf("seed %#lx (give it as the argument to repeat)\n", random_state);
	if (rte_eal_init(RTE_DIM(eal_args), eal_args) < 0)
		return 1;
	CU_initialize_registry();
	suite = CU_add_suite("lpm", NULL, NULL);
	CU_add_test(suite, "random changes against a list", test_random_changes);
	CU_add_test(suite, "a walk ends when told", test_walk_ends);
	CU_add_test(suite, "errors leave the table as it was", test_errors);
	CU_add_test(suite, "create and free", test_create);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	rte_eal_cleanup();
	return failures != 0;
}
