/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Reserves and limits that are changed while routers run, and where routers go that have some.
 */

#include <stdio.h>
#include <string.h>

#include "burst.h"
#include "cpu_time.h"
#include "report.h"
#include "tests.h"

#define SHARE(runtime, period) "{'runtime_us': " #runtime ", 'period_us': " #period "}"

static char error[512];

typedef int (*set_fn)(struct router *router, const struct config_server *server, FILE *errors);

static int
set(set_fn fn, const char *router, uint32_t runtime_us, uint32_t period_us)
{
	const struct config_server server = { .runtime_us = runtime_us, .period_us = period_us };
	FILE *errors;
	int rc;

	memset(error, 0, sizeof(error));
	errors = fmemopen(error, sizeof(error) - 1, "w");
	rc = fn(lab_router(router), runtime_us == 0 ? NULL : &server, errors);
	fclose(errors);
	CU_ASSERT((rc == 0) == (error[0] == '\0'));
	return rc;
}

/* What is asked for, in force and told is the same. */
static void
check(const char *name, uint32_t runtime_us, uint32_t period_us)
{
	const struct router *router = lab_router(name);
	const struct sched_server *reserve = &router->instance->entity.reserve;
	json_t *report = report_router(lab.vrouter, router);
	const json_t *told = json_object_get(report, "reserve");
	uint64_t hz = lab.vrouter->hz;

	CU_ASSERT_EQUAL(reserve->runtime, runtime_us * hz / 1000000);
	CU_ASSERT_EQUAL(reserve->period, (period_us * hz + 999999) / 1000000);
	CU_ASSERT_EQUAL(router->instance->reserve.runtime, reserve->runtime);
	if (runtime_us == 0) {
		CU_ASSERT_PTR_NULL(router->config->reserve);
		CU_ASSERT(json_is_null(told));
	} else {
		CU_ASSERT_FATAL(router->config->reserve != NULL);
		CU_ASSERT_EQUAL(router->config->reserve->runtime_us, runtime_us);
		CU_ASSERT_EQUAL(router->config->reserve->period_us, period_us);
		CU_ASSERT_EQUAL(
			json_integer_value(json_object_get(told, "runtime_us")), runtime_us);
		CU_ASSERT_EQUAL(json_integer_value(json_object_get(told, "period_us")), period_us);
	}
	json_decref(report);
}

static void
open_two(const char *a, const char *b)
{
	lab_open(2, "{" PORTS("0", "0") ", 'routers': [" ROUTER "," ROUTER "]}", "a", a, 5, 5, "b",
		b, 6, 6);
}

static uint32_t
reserved(unsigned int worker)
{
	CU_ASSERT_EQUAL(lab.vrouter->workers[worker]->sched.reserved,
		cpu_time_reserved(lab.vrouter, lab.vrouter->workers[worker], NULL));
	return lab.vrouter->workers[worker]->sched.reserved / 1000;
}

/* In any state of the routers: asleep, with work, in the middle of a burst. */
static void
test_set_reserve(void)
{
	static const uint32_t runtimes[] = { 500, 5000, 0, 1, 9000, 0 };
	unsigned int sent = 0;

	open_two("'lcore': 1, 'fifo': 2048,", "'lcore': 1, 'fifo': 2048,");
	check("a", 0, 0);
	for (unsigned int round = 0; round < 4 * RTE_DIM(runtimes); round++) {
		uint32_t runtime = runtimes[round % RTE_DIM(runtimes)];
		uint32_t period = runtime == 0 ? 0 : 10000;

		inject_burst(5, N);
		inject_burst(6, N);
		sent += N;
		for (unsigned int i = 0; i < round; i++)
			lab_pass(i % 2);
		CU_ASSERT(set(vrouter_set_reserve, round % 2 ? "a" : "b", runtime, period) == 0);
		check(round % 2 ? "a" : "b", runtime, period);
		CU_ASSERT(set(vrouter_set_reserve, round % 2 ? "a" : "b", 0, 0) == 0);
		check(round % 2 ? "a" : "b", 0, 0);
		CU_ASSERT(reserved(1) == 0 && lab.vrouter->workers[1]->sched.n_served == 0);
		CU_ASSERT(set(vrouter_set_reserve, round % 2 ? "a" : "b", runtime, period) == 0);
		lab_pump();
		CU_ASSERT_EQUAL(lab_stats("a").forwarded, sent);
		CU_ASSERT_EQUAL(lab_stats("b").forwarded, sent);
		CU_ASSERT(set(vrouter_set_reserve, round % 2 ? "a" : "b", 0, 0) == 0);
		lab_discard();
	}
}

/* More than there is leaves all as it was; what a router has itself is not in its own way. */
static void
test_refused(void)
{
	open_two("'lcore': 1, 'reserve': " SHARE(600, 1000) ",",
		"'lcore': 1, 'reserve': " SHARE(300, 1000) ",");
	CU_ASSERT_EQUAL(reserved(1), 900);
	CU_ASSERT(set(vrouter_set_reserve, "a", 651, 1000) != 0);
	CU_ASSERT_STRING_EQUAL(error,
		"router a: its reserve is 65.10% of lcore 1, of which others reserve 30.00%, "
		"expected 95.00% in all at most, or another \"lcore\"\n");
	check("a", 600, 1000);
	CU_ASSERT(set(vrouter_set_reserve, "a", 64, 100) == 0);
	check("a", 64, 100);
	CU_ASSERT_EQUAL(reserved(1), 940);
	CU_ASSERT(set(vrouter_set_reserve, "a", 100, 100000) == 0);
	CU_ASSERT(set(vrouter_set_reserve, "b", 94000, 100000) == 0);
	CU_ASSERT(set(vrouter_set_reserve, "a", 0, 0) == 0);
	CU_ASSERT_EQUAL(reserved(1), 940);
	inject_burst(5, N);
	lab_pump();
	CU_ASSERT_EQUAL(lab_stats("a").forwarded, N);
	lab_discard();
}

/* One that is leaving has its part until it is gone. */
static void
test_leaving(void)
{
	open_two("'lcore': 1, 'reserve': " SHARE(900, 1000) ",", "'lcore': 1,");
	CU_ASSERT(lab_delete_router("a") == 0);
	CU_ASSERT(set(vrouter_set_reserve, "b", 500, 1000) != 0);
	CU_ASSERT(strstr(error, "routers that are leaving have 90.00% still, try again") != NULL);
	lab_pump();
	CU_ASSERT(set(vrouter_set_reserve, "b", 500, 1000) == 0);
	CU_ASSERT_EQUAL(reserved(1), 500);
}

/* Held back, a router goes on when its limit goes, or grows. */
static void
test_set_limit(void)
{
	const struct sched_entity *a;
	uint64_t deadline;

	open_two("'lcore': 1, 'fifo': 2048, 'reserve': " SHARE(50000, 100000) ",",
		"'lcore': 1, 'fifo': 2048,");
	a = &lab_router("a")->instance->entity;
	deadline = a->reserve.deadline;
	for (unsigned int round = 1; round <= 2; round++) {
		CU_ASSERT(set(vrouter_set_limit, "a", 1, 100000) == 0);
		CU_ASSERT_EQUAL(a->limit.runtime, lab.vrouter->hz / 1000000);
		/* A new limit does not renew what is reserved. */
		CU_ASSERT(round > 1 || a->reserve.deadline == deadline);
		inject_burst(5, N);
		for (unsigned int i = 0; i < 10000 && !a->held_back; i++)
			lab_pass(i % 2);
		CU_ASSERT_TRUE(a->held_back);
		CU_ASSERT(lab_stats("a").forwarded < round * N);
		CU_ASSERT_PTR_NOT_NULL(lab_router("a")->config->limit);
		CU_ASSERT(set(vrouter_set_limit, "a", round == 1 ? 0 : 100000, 100000) == 0);
		CU_ASSERT_FALSE(a->held_back);
		CU_ASSERT((lab_router("a")->config->limit == NULL) == (round == 1));
		lab_pump();
		CU_ASSERT_EQUAL(lab_stats("a").forwarded, round * N);
		lab_discard();
	}
}

/* Nothing of a change is left that was given up, whenever the worker comes to see it. */
static void
test_no_answer(void)
{
	uint64_t deadline;

	open_two("'lcore': 1, 'reserve': " SHARE(600, 1000) ",", "'lcore': 1,");
	deadline = lab_router("a")->instance->entity.reserve.deadline;
	lab_freeze(true);
	CU_ASSERT(set(vrouter_set_reserve, "a", 100, 1000) != 0);
	CU_ASSERT_STRING_EQUAL(error, "router a: lcore 1 does not answer\n");
	check("a", 600, 1000);
	/* The first request is still in its mailbox. */
	CU_ASSERT(set(vrouter_set_reserve, "a", 200, 1000) != 0);
	CU_ASSERT(set(vrouter_set_limit, "b", 100, 1000) != 0);
	CU_ASSERT_PTR_NULL(lab_router("b")->config->limit);
	lab_freeze(false);
	lab_pump();
	check("a", 600, 1000);
	CU_ASSERT_EQUAL(lab_router("a")->instance->entity.reserve.deadline, deadline);
	CU_ASSERT_EQUAL(reserved(1), 600);
	CU_ASSERT_EQUAL(lab_router("b")->instance->entity.limit.runtime, 0);
	CU_ASSERT(set(vrouter_set_reserve, "a", 100, 1000) == 0);
	check("a", 100, 1000);
	/* Deleted with a request on its way that was given up. */
	lab_freeze(true);
	CU_ASSERT(set(vrouter_set_limit, "a", 100, 1000) != 0);
	CU_ASSERT(lab_delete_router("a") == 0);
	lab_freeze(false);
	lab_pump();
	CU_ASSERT_PTR_NULL(vrouter_find(lab.vrouter, "a"));
	CU_ASSERT_EQUAL(reserved(1), 0);
}

#define RESERVE(percent) "'reserve': " SHARE(percent, 100) ","

/* Members of five routers without an "lcore", a to e, which fit two workers. */
static void
place(const char *const more[5])
{
	lab_open(2,
		"{" PORTS("0", "0") ", 'routers': [" ROUTER "," ROUTER "," ROUTER "," ROUTER
				    "," ROUTER "]}",
		"a", more[0], 5, 5, "b", more[1], 6, 6, "c", more[2], 7, 7, "d", more[3], 8, 8, "e",
		more[4], 9, 9);
	for (unsigned int i = 0; i < 5; i++) {
		const char name[] = { (char)('a' + i), '\0' };
		const struct router *router = lab_router(name);

		CU_ASSERT((router->config->reserve != NULL) ==
			  (router->instance->entity.reserve.runtime > 0));
	}
}

static void
test_placement(void)
{
	/* By weight alone, in their order, a and c would be together. */
	place((const char *const[5]){ RESERVE(60), "", RESERVE(50), RESERVE(30), "" });
	CU_ASSERT(lab_router("a")->worker != lab_router("c")->worker);
	CU_ASSERT_EQUAL(reserved(0) + reserved(1), 1400);
	/* One more comes where there is room, be it the heavier. */
	CU_ASSERT(lab_add_router(ROUTER, "f", "'weight': 50," RESERVE(15), 10, 10) == 0);
	CU_ASSERT(lab_add_router(ROUTER, "g", RESERVE(36), 11, 11) != 0);
	CU_ASSERT(lab_add_router(ROUTER, "g", RESERVE(15), 11, 11) == 0);
	CU_ASSERT_EQUAL(reserved(0) + reserved(1), 1700);
	lab_close();
	/* The two largest have to be together. */
	place((const char *const[5]){
		RESERVE(30), RESERVE(35), RESERVE(45), RESERVE(50), RESERVE(30) });
	CU_ASSERT(lab_router("c")->worker == lab_router("d")->worker);
	CU_ASSERT(reserved(0) == 950 && reserved(1) == 950);
	lab_close();
	/* Those of equal weights go in turn, as without reserves. */
	place((const char *const[5]){ "", "", "", "", "" });
	CU_ASSERT(lab_router("a")->worker == lab_router("c")->worker);
	CU_ASSERT(lab_router("b")->worker == lab_router("d")->worker);
}

/* In cycles nobody has more of a core than in the microseconds of the config, whatever the clock.
 */
static void
test_rounding(void)
{
	for (unsigned int i = 0; i < 100000; i++) {
		struct vrouter vrouter = { .hz = 1000000000 + random32() };
		struct config_server server = { .period_us = 100 + random32() % 99901 };
		struct sched_share share;

		server.runtime_us = 1 + random32() % server.period_us;
		share = cpu_time_of(&vrouter, &server);
		CU_ASSERT(share.runtime > 0 && share.runtime <= share.period);
		CU_ASSERT(sched_millionths(share.runtime, share.period) <=
			  sched_millionths(server.runtime_us, server.period_us));
	}
}

CU_TestInfo cpu_time_tests[] = {
	{ "rounding", test_rounding },
	{ "a reserve is set, changed, removed", test_set_reserve },
	{ "more than there is", test_refused },
	{ "what those have that are leaving", test_leaving },
	{ "a limit is set, changed, removed", test_set_limit },
	{ "a worker that does not answer", test_no_answer },
	{ "placement by reserves", test_placement },
	CU_TEST_INFO_NULL,
};
