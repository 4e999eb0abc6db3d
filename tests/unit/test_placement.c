/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

/* Placement against all ways that there are, of few routers on few workers. */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <CUnit/Basic.h>

#include "random.h"
#include "sched/placement.h"
#include "sched/sched.h"

#define ROUTERS_MAX 8
#define WORKERS_MAX 3

static struct placement_router routers[ROUTERS_MAX];
static uint32_t n, n_workers;

static void
make(bool reserving)
{
	n = 1 + random32() % ROUTERS_MAX;
	n_workers = 1 + random32() % WORKERS_MAX;
	for (uint32_t i = 0; i < n; i++)
		routers[i] = (struct placement_router){
			.load = 1 + random32() % 100,
			.reserved =
				reserving && random32() % 3 > 0 ? 50000 + random32() % 500000 : 0,
			.worker = PLACEMENT_ANY,
		};
}

static void
sum(const uint32_t *where, struct placement_worker workers[WORKERS_MAX])
{
	memset(workers, 0, WORKERS_MAX * sizeof(*workers));
	for (uint32_t i = 0; i < n; i++)
		placement_add(&workers[where[i]], &routers[i]);
}

static uint64_t
most_loaded(const struct placement_worker *workers)
{
	uint64_t most = 0;

	for (uint32_t w = 0; w < n_workers; w++)
		most = workers[w].load > most ? workers[w].load : most;
	return most;
}

static bool
fits(const struct placement_worker *workers)
{
	for (uint32_t w = 0; w < n_workers; w++)
		if (workers[w].reserved > SCHED_RESERVED_MAX)
			return false;
	return true;
}

static bool
next_way(uint32_t *where)
{
	for (uint32_t i = 0; i < n; i++) {
		if (++where[i] < n_workers)
			return true;
		where[i] = 0;
	}
	return false;
}

static void
spread(struct placement_worker workers[WORKERS_MAX])
{
	uint32_t where[ROUTERS_MAX];

	CU_ASSERT_EQUAL_FATAL(placement_spread(routers, n, n_workers), 0);
	for (uint32_t i = 0; i < n; i++) {
		where[i] = routers[i].worker;
		CU_ASSERT_FATAL(where[i] < n_workers);
	}
	sum(where, workers);
}

static void
test_load(void)
{
	for (unsigned int round = 0; round < 500; round++) {
		struct placement_worker workers[WORKERS_MAX];
		uint32_t where[ROUTERS_MAX] = { 0 };
		uint64_t best = UINT64_MAX;

		make(false);
		do {
			sum(where, workers);
			if (most_loaded(workers) < best)
				best = most_loaded(workers);
		} while (next_way(where));
		spread(workers);
		CU_ASSERT(3 * most_loaded(workers) <= 4 * best);
	}
}

/* Where few are to be placed first-fit decreasing misses hardly any way that there is. */
static void
test_reservations(void)
{
	unsigned int possible = 0, found = 0;

	for (unsigned int round = 0; round < 2000; round++) {
		struct placement_worker workers[WORKERS_MAX];
		uint32_t where[ROUTERS_MAX] = { 0 };
		bool any = false;

		make(true);
		do {
			sum(where, workers);
			any = fits(workers);
		} while (!any && next_way(where));
		spread(workers);
		possible += any;
		found += fits(workers);
		CU_ASSERT(any || !fits(workers));
	}
	CU_ASSERT(possible > 500);
	CU_ASSERT(found * 100 >= possible * 97);
}

/* Two of 45% and three of 30% fit on two workers in one way only. */
static void
test_tight(void)
{
	const uint32_t reserved[] = { 300000, 450000, 300000, 450000, 300000 };
	struct placement_worker workers[WORKERS_MAX];

	n = 5;
	n_workers = 2;
	for (uint32_t i = 0; i < n; i++)
		routers[i] = (struct placement_router){ 1, reserved[i], PLACEMENT_ANY };
	spread(workers);
	CU_ASSERT_TRUE(fits(workers));
}

/* Equals go round in the order given; who has to be somewhere is, and others know of it. */
static void
test_order(void)
{
	struct placement_worker workers[WORKERS_MAX];

	n = 6;
	n_workers = 3;
	for (uint32_t i = 0; i < n; i++)
		routers[i] = (struct placement_router){ 5, 0, PLACEMENT_ANY };
	spread(workers);
	for (uint32_t i = 0; i < n; i++)
		CU_ASSERT_EQUAL(routers[i].worker, i % 3);
	for (uint32_t i = 0; i < n; i++)
		routers[i] = (struct placement_router){ 5, 0, i < 3 ? 1 : PLACEMENT_ANY };
	spread(workers);
	CU_ASSERT_EQUAL(workers[1].load, 15);
	CU_ASSERT_EQUAL(workers[0].load + workers[2].load, 15);
}

/* What is reserved of a worker is not there for those without. */
static void
test_beside_reservations(void)
{
	const struct placement_router light = { 1, 0, PLACEMENT_ANY };
	const struct placement_router reserving = { 1, 300000, PLACEMENT_ANY };
	const struct placement_router greedy = { 1, 800000, PLACEMENT_ANY };
	const struct placement_worker workers[] = { { 2, 700000 }, { 4, 0 }, { 4, 200000 } };

	CU_ASSERT_EQUAL(placement_choose(workers, 3, &light), 1);
	CU_ASSERT_EQUAL(placement_choose(workers, 3, &reserving), 1);
	CU_ASSERT_EQUAL(placement_choose(workers, 3, &greedy), 1);
	CU_ASSERT_EQUAL(placement_choose(workers, 1, &greedy), 0);
}

int
main(void)
{
	CU_pSuite suite;

	random_start();
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	suite = CU_add_suite("placement", NULL, NULL);
	CU_add_test(suite, "load against all ways", test_load);
	CU_add_test(suite, "reservations against all ways", test_reservations);
	CU_add_test(suite, "reservations that fit in one way", test_tight);
	CU_add_test(suite, "order, and who has to be somewhere", test_order);
	CU_add_test(suite, "beside reservations", test_beside_reservations);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	return CU_get_number_of_failures() == 0 && CU_get_error() == CUE_SUCCESS ? 0 : 1;
}
