/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Turns that take too long: the router is faulted, its packets are dropped by name, others go on.
 */

#include <string.h>
#include <unistd.h>

#include "burst.h"
#include "tests.h"
#include "trap.h"
#include "watchdog.h"

#define TRAP "'pipeline': {'ingress': [{'type': 'trap'}]},"
#define SOFT_MS 5

static void
expect_event(const char *start)
{
	const char *event = lab_event();

	CU_ASSERT_FATAL(event != NULL);
	CU_ASSERT(strncmp(event, start, strlen(start)) == 0);
	if (strncmp(event, start, strlen(start)) != 0)
		printf("\n  event: %s\n  expected: %s...", event, start);
}

static int
reset(const char *router)
{
	char text[512] = "";
	FILE *errors = fmemopen(text, sizeof(text) - 1, "w");
	int rc = vrouter_reset_router(lab.vrouter, lab_router(router), errors);

	fclose(errors);
	CU_ASSERT((rc == 0) == (text[0] == '\0'));
	return rc;
}

/* The clock is read within the turn, so that what else the machine does makes no difference. */
static void
take_too_long(void)
{
	lab_poll();
	trap_spin(4 * SOFT_MS);
}

static void
open_two(const char *watchdog)
{
	lab_open(1, "{%s" PORTS("0", "0") ", 'routers': [" ROUTER "," ROUTER "]}", watchdog, "bad",
		TRAP, 5, 5, "good", TRAP, 6, 6);
}

static void
fault(void)
{
	trap_hook = take_too_long;
	inject_burst(5, 1);
	lab_pump();
	CU_ASSERT(trap_hook == NULL);
	CU_ASSERT(router_is_faulted(lab_router("bad")));
	CU_ASSERT(take_in_order(5) == 1);
}

static void
test_soft_limit(void)
{
	char text[ROUTER_STATE_TEXT_SIZE];
	struct router_stats stats;

	open_two("'watchdog': {'soft_ms': 5},");
	CU_ASSERT_STRING_EQUAL(router_state_text(lab_router("bad"), text), "running");
	CU_ASSERT(reset("bad") != 0);
	fault();
	expect_event("router bad: faulted: turn of 2");
	CU_ASSERT_PTR_NULL(lab_event());
	CU_ASSERT(strstr(router_state_text(lab_router("bad"), text),
			  " ms on lcore 0 (limit 5 ms)") != NULL);
	/* What comes for it is dropped, in turns of its own; others do not notice. */
	inject_burst(5, N);
	inject_burst(6, N);
	lab_pump();
	CU_ASSERT(take_in_order(6) == N);
	stats = lab_stats("bad");
	CU_ASSERT(stats.dropped[VR_DROP_FAULTED] == N && stats.forwarded == 1);
	CU_ASSERT(stats.queued == 0 && stats.run_packets == N + 1);
	CU_ASSERT(lab_stats("good").dropped_all == 0);
	CU_ASSERT(reset("good") != 0);
	/* Once reset it is what it was, with its neighbours. */
	CU_ASSERT(reset("bad") == 0);
	expect_event("router bad: reset: it runs again, on lcore 0");
	CU_ASSERT_STRING_EQUAL(router_state_text(lab_router("bad"), text), "running");
	inject_burst(5, N);
	lab_pump();
	CU_ASSERT(take_in_order(5) == N);
	CU_ASSERT(lab_dropped("bad", VR_DROP_FAULTED) == N);
	CU_ASSERT(reset("bad") != 0);
	/* And can be faulted again. */
	fault();
	expect_event("router bad: faulted: turn of 2");
}

static void
go_away(void)
{
	lab_poll();
	usleep(8 * SOFT_MS * 1000);
}

/* Time that the core was not its own is not the router's. */
static void
test_time_away(void)
{
	open_two("'watchdog': {'soft_ms': 5},");
	trap_hook = go_away;
	inject_burst(5, 1);
	lab_pump();
	CU_ASSERT(trap_hook == NULL);
	CU_ASSERT(!router_is_faulted(lab_router("bad")));
	CU_ASSERT_PTR_NULL(lab_event());
	lab_discard();
}

static void
test_off(void)
{
	open_two("'watchdog': {'soft_ms': 0, 'hard_ms': 0},");
	trap_hook = take_too_long;
	inject_burst(5, 1);
	lab_pump();
	CU_ASSERT(!router_is_faulted(lab_router("bad")));
	lab_discard();
}

/* Neighbours are not asked, forgotten or learned while it is faulted, and packets wait for them. */
static void
test_neighbours_stay(void)
{
	static struct frame frame;
	struct ipv4 ipv4;
	uint64_t waited;

	open_two("'watchdog': {'soft_ms': 5},");
	/* One that is to be asked for. */
	ipv4 = packet_on(5, 0);
	ipv4.destination = IP(192, 0, 2, 77);
	frame_ipv4(&frame, &ipv4);
	lab_inject(LAN, &frame);
	lab_pump();
	CU_ASSERT(lab_neighbour("bad", IP(192, 0, 2, 77)) != NULL);
	lab_discard();
	fault();
	waited = lab_stats("bad").waiting;
	CU_ASSERT(waited == 1);
	lab_inject(LAN, &frame);
	lab_advance(60 * LAB_SECOND);
	lab_expect_nothing();
	CU_ASSERT(lab_stats("bad").waiting == waited);
	CU_ASSERT(lab_dropped("bad", VR_DROP_FAULTED) == 1);
	CU_ASSERT(reset("bad") == 0);
	/* Now it is given up. */
	for (unsigned int i = 0; i < 10; i++)
		lab_advance(LAB_SECOND);
	CU_ASSERT(lab_stats("bad").waiting == 0);
	lab_discard();
}

/* Faulted with packets in an element, behind a link, on two workers; then stopped, or deleted. */
static void
test_stop_faulted(void)
{
	for (unsigned int way = 0; way < 3; way++) {
		lab_open(2,
			"{'watchdog': {'soft_ms': 5}," PORTS("0", "1") ", 'routers': [" ROUTER
								       "," ROUTER "]}",
			"bad",
			"'lcore': 1, 'pipeline': {'ingress': [{'type': 'trap'}], 'egress': "
		        "[{'type': "
			"'shape', 'rate': 8000, 'burst': 64, 'max_delay': 10000}]},",
			5, 5, "good", "'lcore': 0,", 6, 6);
		trap_hook = take_too_long;
		inject_burst(5, 20);
		lab_pump();
		CU_ASSERT(router_is_faulted(lab_router("bad")));
		CU_ASSERT(lab_stats("bad").waiting > 0);
		inject_burst(5, 20);
		inject_burst(6, 20);
		lab_pump();
		CU_ASSERT(lab_stats("bad").waiting > 0);
		CU_ASSERT(lab_dropped("bad", VR_DROP_FAULTED) == 20);
		CU_ASSERT(take_in_order(6) == 20);
		if (way == 1)
			CU_ASSERT(lab_delete_router("bad") == 0);
		if (way == 2)
			CU_ASSERT(reset("bad") == 0);
		lab_pump();
		lab_close();
	}
}

/* The bound is never above what the thread has had, and exact where a sample is near. */
static void
test_bound(void)
{
	struct watchdog_sample samples[WATCHDOG_SAMPLES] = { 0 };

	/* Of a clock of 1 GHz, where a cycle is a ns. Nothing is known: nothing is said. */
	CU_ASSERT(watchdog_cpu_since(samples, 1000, 1000000000, 5000) == 0);
	/* A sample before the turn: what went by until then may all have been CPU time. */
	samples[1] = (struct watchdog_sample){ .tsc = 900, .cpu = 100 };
	CU_ASSERT(watchdog_cpu_since(samples, 1000, 1000000000, 250) == 50);
	CU_ASSERT(watchdog_cpu_since(samples, 1000, 1000000000, 150) == 0);
	/* One within the turn: all since then. */
	samples[0] = samples[1];
	samples[1] = (struct watchdog_sample){ .tsc = 1100, .cpu = 150 };
	CU_ASSERT(watchdog_cpu_since(samples, 1000, 1000000000, 250) == 100);
	CU_ASSERT(watchdog_cpu_since(samples, 1000, 1000000000, 140) == 0);
	for (unsigned int i = 0; i < 100000; i++) {
		/* A thread that has the core for some of the time, and when its turn began. */
		uint64_t now = 1000, cpu = 1000, since = 0, had = 0;
		unsigned int begins = 1 + random32() % 40;

		memset(samples, 0, sizeof(samples));
		for (unsigned int k = 0; k < 80; k++) {
			uint64_t step = random32() % 100;
			bool runs = random32() % 3 > 0;

			if (k == begins)
				since = now;
			now += step;
			cpu += runs ? step : 0;
			if (k >= begins)
				had += runs ? step : 0;
			/* Its clock is read later than the other. */
			if (random32() % 20 == 0) {
				samples[0] = samples[1];
				samples[1] =
					(struct watchdog_sample){ now - random32() % (step + 1),
						cpu };
			}
		}
		CU_ASSERT(watchdog_cpu_since(samples, since, 1000000000, cpu) <= had);
	}
}

CU_TestInfo watchdog_tests[] = {
	{ "a router whose turn takes too long is faulted until it is reset", test_soft_limit },
	{ "time away from the core does not count", test_time_away },
	{ "limits of 0 are none", test_off },
	{ "the neighbours of a faulted router stay", test_neighbours_stay },
	{ "faulted routers stop, go and come back with what they hold", test_stop_faulted },
	{ "CPU time is never overestimated", test_bound },
	CU_TEST_INFO_NULL,
};
