/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The heap of timers against a list that is searched.
 */

#include <CUnit/Basic.h>

#include "random.h"
#include "vrf/timer.h"

#define N 200

static struct timers timers;
static struct timer timer[N];
static uint64_t deadline[N]; /* the oracle's */
static uint64_t now;
static uint64_t latest; /* deadline of the one that was called last */
static unsigned int n_due;

static void
fire(struct timer *fired, uint64_t at)
{
	unsigned int i = (unsigned int)(fired - timer);

	CU_ASSERT(at == now && deadline[i] <= now);
	CU_ASSERT(fired->deadline == TIMER_UNSET);
	/* In order, but for one that was set to an earlier time meanwhile. */
	CU_ASSERT(deadline[i] >= latest);
	latest = deadline[i];
	deadline[i] = TIMER_UNSET;
	n_due++;
	if (random32() % 4 == 0) {
		deadline[i] = now + 1 + random32() % 50;
		timer_set(&timers, fired, deadline[i]);
	}
}

static uint64_t
earliest(void)
{
	uint64_t first = TIMER_UNSET;

	for (unsigned int i = 0; i < N; i++)
		if (deadline[i] < first)
			first = deadline[i];
	return first;
}

static unsigned int
count_due(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < N; i++)
		n += deadline[i] <= now;
	return n;
}

static void
change(unsigned int i)
{
	if (random32() % 8 == 0) {
		timer_remove(&timers, &timer[i]);
		CU_ASSERT(timer_add(&timers, &timer[i], fire) == 0);
		deadline[i] = TIMER_UNSET;
		return;
	}
	/* Often the same time as another's. */
	deadline[i] = random32() % 8 == 0 ? TIMER_UNSET : now + 1 + random32() % 100;
	timer_set(&timers, &timer[i], deadline[i]);
}

static void
test_model(void)
{
	for (unsigned int i = 0; i < N; i++) {
		deadline[i] = TIMER_UNSET;
		CU_ASSERT(timer_add(&timers, &timer[i], fire) == 0);
	}
	for (unsigned int round = 0; round < 100000; round++) {
		unsigned int due, max;

		change(random32() % N);
		if (round % 3 != 0)
			continue;
		now += random32() % 20;
		due = count_due();
		max = random32() % 2 ? N : random32() % 8;
		n_due = 0;
		latest = 0;
		timers_run(&timers, now, max);
		CU_ASSERT(n_due == (due < max ? due : max));
		CU_ASSERT(timers_next(&timers) == earliest());
	}
	for (unsigned int i = 0; i < N; i++)
		timer_remove(&timers, &timer[i]);
	CU_ASSERT(timers.n == 0 && timers.n_known == 0 && timers_next(&timers) == TIMER_UNSET);
	timers_free(&timers);
}

int
main(void)
{
	CU_pSuite suite;
	unsigned int failures;

	random_start();
	CU_initialize_registry();
	suite = CU_add_suite("timer", NULL, NULL);
	CU_add_test(suite, "timers against a list", test_model);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	return failures != 0;
}
