/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Cache misses, as an injected counter has them: what they are charged, and what is told of them.
 */

#include <stdio.h>
#include <string.h>

#include "burst.h"
#include "report.h"
#include "tests.h"
#include "trap.h"

#define TRAP "'lcore': 1, 'fifo': 2048, 'pipeline': {'ingress': [{'type': 'trap'}]},"
#define BACKLOG 1000
#define A_MISSES 50 /* a packet; b's have one */

static uint64_t number; /* of misses so far */

struct side {
	const char *name;
	uint16_t vlan;
	uint64_t rate;
	struct router *router;
	struct sched_entity *entity;
	uint64_t queued; /* before the pass */
	uint64_t turns;
	uint64_t misses;         /* added for it */
	uint64_t packets;        /* in those turns */
	uint64_t virtual_before; /* when it last had a turn */
	uint64_t dearest;
	uint64_t start;
};

static struct side sides[2];

static uint64_t
queued(const struct side *side)
{
	struct router_stats stats;

	router_stats_read(side->router, &stats);
	return stats.queued;
}

/* In the turn of the one of them whose frames have been taken, for each part of it. */
static void
add_misses(void)
{
	trap_hook = add_misses;
	for (unsigned int i = 0; i < 2; i++) {
		uint64_t left = queued(&sides[i]), taken = sides[i].queued - left;

		sides[i].queued = left;
		number += taken * sides[i].rate;
		sides[i].misses += taken * sides[i].rate;
		sides[i].packets += taken;
	}
}

/* What it was charged: the dominant part of each turn, and bills. */
static uint64_t
charged(const struct side *side)
{
	return side->entity->charged + side->entity->surcharge;
}

static void
look(struct side *side)
{
	side->dearest = RTE_MAX(side->dearest, charged(side) - side->virtual_before);
	if (side->entity->turns == side->turns)
		return;
	side->turns = side->entity->turns;
	side->virtual_before = charged(side);
}

/* A turn of one of them; the ports are polled by another worker, which keeps both busy. */
static void
turn(void)
{
	for (unsigned int i = 0; i < 2; i++)
		sides[i].queued = queued(&sides[i]);
	trap_hook = add_misses;
	lab_pass(1);
	for (unsigned int i = 0; i < 2; i++) {
		uint64_t left = queued(&sides[i]);

		look(&sides[i]);
		CU_ASSERT(left > 0);
		if (left >= BACKLOG)
			continue;
		inject_burst(sides[i].vlan, BACKLOG - (unsigned int)left);
		for (unsigned int k = 0; k < BACKLOG / 16; k++)
			lab_pass(0);
	}
	lab_discard();
}

static void
turns(unsigned int n)
{
	for (unsigned int i = 0; i < 2; i++)
		for (uint64_t first = sides[i].entity->turns; sides[i].entity->turns < first + n;)
			turn();
}

static void
start_side(struct side *side)
{
	side->router = lab_router(side->name);
	side->entity = &side->router->instance->entity;
	inject_burst(side->vlan, BACKLOG);
	for (unsigned int k = 0; k < BACKLOG; k++)
		lab_pass(0);
	side->turns = side->entity->turns;
	side->virtual_before = charged(side);
}

static void
start(const char *memory, unsigned int a_weight, unsigned int b_weight)
{
	lab_open(2, "{'memory': %s, " PORTS("0", "0") ", 'routers': [" ROUTER "," ROUTER "]}",
		memory, "a", TRAP, 5, 5, "b", TRAP, 6, 6);
	miss_counter_inject(&lab.vrouter->workers[1]->misses, &number);
	sides[0] = (struct side){ .name = "a", .vlan = 5, .rate = A_MISSES };
	sides[1] = (struct side){ .name = "b", .vlan = 6, .rate = 1 };
	sched_set_weight(&lab_router("a")->instance->entity, a_weight);
	sched_set_weight(&lab_router("b")->instance->entity, b_weight);
	for (unsigned int i = 0; i < 2; i++)
		start_side(&sides[i]);
}

/* All that was missed is the routers', and the worker's, packet by packet. */
static void
check_counts(void)
{
	const struct worker *worker = lab.vrouter->workers[1];

	for (unsigned int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(sides[i].entity->misses, sides[i].misses);
		CU_ASSERT_EQUAL(sides[i].router->instance->counted_packets, sides[i].packets);
	}
	CU_ASSERT_EQUAL(worker->counted_misses, sides[0].misses + sides[1].misses);
	CU_ASSERT_EQUAL(worker->counted_packets, sides[0].packets + sides[1].packets);
}

static void
finish(void)
{
	trap_hook = NULL;
	lab_pump();
	lab_discard();
	lab_close();
}

/*
 * Where a miss is worth far more than what a packet takes besides, misses are shared by weight: the
 * one with 50 times as many has a fiftieth of the packets. In charges, which hold however long
 * turns take on a busy machine.
 */
static void
check_dominant(unsigned int a_weight, unsigned int b_weight)
{
	const uint64_t per_second = 100000;
	uint64_t worth, bound, buckets;
	const struct sched *sched;

	start("{'misses_per_second': 100000}", a_weight, b_weight);
	sched = &lab.vrouter->workers[1]->sched;
	worth = lab.vrouter->hz / per_second;
	turns(2);
	sides[0].dearest = sides[1].dearest = 0;
	turns(2);
	for (unsigned int i = 0; i < 2; i++) {
		sides[i].start = charged(&sides[i]);
		sides[i].misses = sides[i].packets = 0;
		sides[i].entity->misses = sides[i].router->instance->counted_packets = 0;
	}
	lab.vrouter->workers[1]->counted_misses = lab.vrouter->workers[1]->counted_packets = 0;
	for (unsigned int i = 0; i < 1000; i++)
		turn();
	check_counts();
	buckets =
		(uint64_t)(2 * (double)(UINT64_C(1) << sched->bucket_shift) * SCHED_VIRTUAL_UNIT) +
		1;
	bound = buckets;
	for (unsigned int i = 0; i < 2; i++) {
		const struct side *side = &sides[i];
		uint64_t got = charged(side) - side->start;

		CU_ASSERT(side->misses > 0);
		/* Nothing less than all misses at what they are worth. */
		CU_ASSERT(got >= side->misses * worth);
		bound += 2 * (2 * side->dearest / side->entity->weight + 1);
	}
	CU_ASSERT((charged(&sides[0]) - sides[0].start) / a_weight <=
		  (charged(&sides[1]) - sides[1].start) / b_weight + bound);
	CU_ASSERT((charged(&sides[1]) - sides[1].start) / b_weight <=
		  (charged(&sides[0]) - sides[0].start) / a_weight + bound);
	printf("(packets 1 : %.1f) ", (double)sides[1].packets / (double)sides[0].packets);
	finish();
}

static void
test_dominant(void)
{
	check_dominant(1, 1);
	check_dominant(5, 1);
}

/* Without a budget they are counted, and free. */
static void
test_free(void)
{
	start("{'counters': 'auto'}", 1, 1);
	turns(20);
	check_counts();
	CU_ASSERT(sides[0].misses > 0 && sides[1].misses > 0);
	for (unsigned int i = 0; i < 2; i++)
		CU_ASSERT_EQUAL(sides[i].entity->surcharge, 0);
	finish();
}

static const json_t *
told(json_t **report, const char *router, const char *key)
{
	json_decref(*report);
	*report = report_router(lab.vrouter, lab_router(router));
	return json_object_get(*report, key);
}

static const json_t *
told_of_lcore(json_t **report, unsigned int worker, const char *key)
{
	json_decref(*report);
	*report = report_lcores(lab.vrouter);
	return json_object_get(json_array_get(*report, worker), key);
}

/* No number where nothing was counted, and what was counted where there was. */
static void
test_told(void)
{
	json_t *report = NULL;

	start("{'misses_per_second': 1000000}", 1, 1);
	CU_ASSERT(json_is_null(told(&report, "a", "misses_per_packet")));
	CU_ASSERT(json_is_null(told(&report, "a", "misses")));
	CU_ASSERT(json_is_null(told(&report, "a", "surcharge_cycles")));
	turns(4);
	CU_ASSERT_EQUAL(json_real_value(told(&report, "a", "misses_per_packet")), A_MISSES);
	CU_ASSERT_EQUAL(json_real_value(told(&report, "b", "misses_per_packet")), 1);
	CU_ASSERT_EQUAL(
		json_integer_value(told(&report, "a", "misses")), (json_int_t)sides[0].misses);
	CU_ASSERT_EQUAL(json_integer_value(told(&report, "a", "surcharge_cycles")),
		(json_int_t)sides[0].entity->surcharge);
	CU_ASSERT_STRING_EQUAL(
		json_string_value(told_of_lcore(&report, 1, "memory_counters")), "injected");
	CU_ASSERT_EQUAL(json_integer_value(told_of_lcore(&report, 1, "misses")),
		(json_int_t)(sides[0].misses + sides[1].misses));
	/* The other worker has none, or what this machine has and no turns. */
	CU_ASSERT(json_is_null(told_of_lcore(&report, 0, "misses_per_packet")));
	/* No misses at all are a number, too. */
	trap_hook = NULL;
	lab_pump();
	lab_discard();
	lab_clear_stats();
	CU_ASSERT(json_is_null(told(&report, "a", "misses_per_packet")));
	CU_ASSERT(json_is_null(told_of_lcore(&report, 1, "misses")));
	inject_burst(5, N);
	lab_pump();
	CU_ASSERT(json_is_real(told(&report, "a", "misses_per_packet")));
	CU_ASSERT_EQUAL(json_real_value(told(&report, "a", "misses_per_packet")), 0);
	CU_ASSERT(json_is_null(told(&report, "b", "misses_per_packet")));
	json_decref(report);
	lab_discard();
	lab_close();
	/* Nothing is counted that is not to be. */
	lab_open(1,
		"{'memory': {'counters': 'none'}, " PORTS("0", "0") ", 'routers': [" ROUTER "]}",
		"a", "", 5, 5);
	inject_burst(5, N);
	lab_pump();
	CU_ASSERT_EQUAL(lab.vrouter->workers[0]->misses.failed, MISS_COUNTER_UNASKED);
	report = NULL;
	CU_ASSERT_STRING_EQUAL(
		json_string_value(told_of_lcore(&report, 0, "memory_counters")), "none");
	CU_ASSERT(json_is_null(told_of_lcore(&report, 0, "misses")));
	CU_ASSERT(json_is_null(told(&report, "a", "misses_per_packet")));
	json_decref(report);
	lab_discard();
}

CU_TestInfo misses_tests[] = {
	{ "dominant charges", test_dominant },
	{ "without a budget", test_free },
	{ "what is told", test_told },
	CU_TEST_INFO_NULL,
};
