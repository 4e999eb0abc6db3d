/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The verdict on a worker: two threads, one of which enters and leaves code as a worker does, while
 * the other takes it for gone as often as it can. Whoever is told that the worker is not waited for
 * any more has what they share for itself, until it lets the worker go on.
 */

#include <pthread.h>
#include <stdio.h>

#include <CUnit/Basic.h>
#include <CUnit/TestDB.h>
#include <rte_cycles.h>
#include <rte_pause.h>

#include "random.h"
#include "worker/watchdog.h"

#define TAKES 500
#define PATIENCE_S 60
#define HZ 1000000000 /* of no importance here */

static struct watchdog dog;
static uint32_t stop;
static uint32_t parked;

/* Of who has it: the worker while it is outside, or the control thread while it has taken it. */
static struct {
	uint64_t a;
	uint64_t b;
} shared;
static uint64_t wrong, turns;

/* Of this thread's: who does not get a core has more time. */
static uint64_t
clock_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec;
}

static void
touch_shared(void)
{
	if (shared.a != shared.b)
		wrong++;
	shared.a++;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	shared.b++;
}

static void
work(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		__asm__ volatile("");
}

static void *
worker(void *context)
{
	uint64_t random = 0x9e3779b97f4a7c15;

	(void)context;
	watchdog_begin(&dog);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		bool mine = true;

		turns++;
		random = random * 6364136223846793005 + 1442695040888963407;
		watchdog_enter(&dog, &dog, rte_rdtsc());
		for (unsigned int i = 0; i < (random >> 60) + 1; i++) {
			work((uint32_t)(random >> 33) % 20000);
			/* As when the output is flushed in the middle of a turn. */
			mine = watchdog_leave(&dog);
			if (mine)
				touch_shared();
			watchdog_enter_again(&dog);
		}
		mine = watchdog_leave(&dog);
		if (mine) {
			touch_shared();
			continue;
		}
		__atomic_store_n(&parked, 1, __ATOMIC_RELEASE);
		while (watchdog_is_taken(&dog))
			rte_pause();
	}
	return NULL;
}

/* Takes the worker for gone; false: it was not where it could be taken. */
static bool
take(void)
{
	dog.turn = __atomic_load_n(&dog.since, __ATOMIC_RELAXED);
	return watchdog_take(&dog);
}

static void
hammer(bool fence)
{
	uint64_t taken = 0, not_taken = 0;
	uint64_t deadline = clock_s() + PATIENCE_S;
	pthread_t thread;

	stop = 0;
	parked = 0;
	turns = 0;
	shared.a = shared.b = 0;
	watchdog_init(&dog, HZ, 0, 1, fence);
	CU_ASSERT_FATAL(pthread_create(&thread, NULL, worker, NULL) == 0);
	while (taken < TAKES && clock_s() < deadline) {
		if (!take()) {
			not_taken++;
			wrong += dog.verdict != WATCHDOG_NONE;
			continue;
		}
		taken++;
		/* Its code may come back at any time; it is told so. */
		for (unsigned int i = 0; i < random32() % 20; i++) {
			touch_shared();
			work(random32() % 500);
		}
		while (!__atomic_load_n(&parked, __ATOMIC_ACQUIRE))
			touch_shared();
		touch_shared();
		__atomic_store_n(&parked, 0, __ATOMIC_RELAXED);
		watchdog_release(&dog);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	CU_ASSERT(taken == TAKES && not_taken > 0);
	CU_ASSERT(wrong == 0 && shared.a == shared.b && turns > TAKES);
	printf("(%lu taken, %lu not, %lu turns) ", taken, not_taken, turns);
}

static void
test_membarrier(void)
{
	if (!watchdog_register()) {
		printf("(this kernel has no membarrier) ");
		return;
	}
	hammer(false);
}

static void
test_fence(void)
{
	hammer(true);
}

static void
test_not_inside(void)
{
	watchdog_init(&dog, HZ, 0, 1, true);
	CU_ASSERT(!watchdog_take(&dog));
	watchdog_enter(&dog, &dog, 1);
	/* Another turn than that which was looked at. */
	CU_ASSERT(!watchdog_take(&dog));
	dog.turn = 1;
	CU_ASSERT(watchdog_take(&dog) && watchdog_is_taken(&dog));
	CU_ASSERT(!watchdog_leave(&dog));
	watchdog_release(&dog);
	CU_ASSERT(!watchdog_is_inside(&dog) && watchdog_wait(&dog) == WATCHDOG_NONE);
}

static void *
sleeper(void *context)
{
	(void)context;
	watchdog_begin(&dog);
	watchdog_enter(&dog, &dog, 7);
	__atomic_store_n(&parked, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
		rte_delay_us_sleep(1000);
	return NULL;
}

/* A thread that has no core is not stuck, however long it has been away. */
static void
test_no_core(void)
{
	pthread_t thread;

	stop = 0;
	parked = 0;
	watchdog_init(&dog, HZ, 1, 200, false);
	CU_ASSERT_FATAL(pthread_create(&thread, NULL, sleeper, NULL) == 0);
	while (!__atomic_load_n(&parked, __ATOMIC_ACQUIRE))
		rte_pause();
	for (unsigned int i = 0; i < 300; i++) {
		rte_delay_us_sleep(1000);
		CU_ASSERT(!watchdog_visit(&dog));
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
}

int
main(void)
{
	CU_pSuite suite;

	random_start();
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	suite = CU_add_suite("watchdog", NULL, NULL);
	CU_add_test(suite, "who is outside is not taken", test_not_inside);
	CU_add_test(suite, "both sides agree, by membarrier", test_membarrier);
	CU_add_test(suite, "both sides agree, by a fence", test_fence);
	CU_add_test(suite, "who has no core is not stuck", test_no_core);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	return CU_get_number_of_failures() == 0 && CU_get_error() == CUE_SUCCESS ? 0 : 1;
}
