/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

/*
 * The simulator's own parts: arrivals, what packets cost, delays, the oracle. That all of them
 * together show what they should is told by the scenarios (the test sim).
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>

#include "arrivals.h"
#include "delays.h"
#include "events.h"
#include "fluid.h"
#include "packets.h"
#include "random.h"
#include "run.h"
#include "test_sim.h"

#define MHZ 1000 /* a cycle is a nanosecond */
#define MS UINT64_C(1000000)

static struct prng
any_prng(void)
{
	return (struct prng){ random32() };
}

/* How many arrive before `until`, and of those in each `part` of it. */
static uint64_t
count(struct arrivals *arrivals, uint64_t until, uint64_t part, uint64_t *counts)
{
	uint64_t n = 0, last = 0, at;

	while ((at = arrivals_next(arrivals)) < until) {
		CU_ASSERT_FATAL(at >= last);
		last = at;
		counts[at / part]++;
		n++;
	}
	return n;
}

static void
test_constant(void)
{
	for (unsigned int round = 0; round < 100; round++) {
		struct scenario_arrivals config = { .pps = 1 + random32() % 3000000,
			.phase = round % 2 };
		struct arrivals arrivals;
		uint64_t counts[100] = { 0 };
		double each = config.pps / 1000.0;

		arrivals_init(&arrivals, &config, MHZ, any_prng());
		CU_ASSERT(
			fabs((double)count(&arrivals, 100 * MS, MS, counts) - 100 * each) <= 1.01);
		for (unsigned int i = 0; i < 100; i++)
			CU_ASSERT(fabs((double)counts[i] - each) <= 1.01);
	}
}

/* As many as the rate says, and their number in an interval has its mean for a variance. */
static void
test_poisson(void)
{
	static uint64_t counts[20000];
	struct scenario_arrivals config = { .process = SCENARIO_POISSON, .pps = 100000 };
	double n = 20000, each = 100, squares = 0;
	struct arrivals arrivals;

	memset(counts, 0, sizeof(counts));
	arrivals_init(&arrivals, &config, MHZ, any_prng());
	/* Six standard deviations. */
	CU_ASSERT(fabs((double)count(&arrivals, 20000 * MS, MS, counts) - n * each) <
		  6 * sqrt(n * each));
	for (unsigned int i = 0; i < 20000; i++)
		squares += pow((double)counts[i] - each, 2);
	CU_ASSERT(fabs(squares / n / each - 1) < 6 * sqrt(2 / n));
}

static void
test_bursts(void)
{
	for (unsigned int process = SCENARIO_CONSTANT; process <= SCENARIO_POISSON; process++) {
		struct scenario_arrivals config = { .process = (uint8_t)process,
			.phase = SCENARIO_PHASE_FIXED,
			.pps = 1000000,
			.on_us = 1000,
			.off_us = 3000 };
		struct arrivals arrivals;
		uint64_t counts[400] = { 0 };
		double n;

		arrivals_init(&arrivals, &config, MHZ, any_prng());
		n = (double)count(&arrivals, 400 * MS, MS, counts);
		CU_ASSERT(fabs(n - 100000) < (process == SCENARIO_POISSON ? 6 * sqrt(n) : 100));
		for (unsigned int i = 0; i < 400; i++)
			CU_ASSERT((i % 4 == 0) == (counts[i] > 0));
		/* A random phase shifts them and changes nothing else. */
		config.phase = SCENARIO_PHASE_RANDOM;
		arrivals_init(&arrivals, &config, MHZ, any_prng());
		n = (double)count(&arrivals, 400 * MS, MS, counts);
		CU_ASSERT(fabs(n - 100000) < (process == SCENARIO_POISSON ? 6 * sqrt(n) : 1100));
	}
}

static void
test_steps(void)
{
	struct scenario_step steps[] = { { 10, 1000000, 0 }, { 20, 0, 0 }, { 40, 500000, 0 },
		{ 50, 0, 0 } };
	struct scenario_arrivals config = { .steps = steps, .n_steps = 4 };
	const uint64_t expected[] = { 0, 10000, 0, 0, 5000, 0 };
	uint64_t counts[6] = { 0 };
	struct arrivals arrivals;

	arrivals_init(&arrivals, &config, MHZ, any_prng());
	count(&arrivals, 60 * MS, 10 * MS, counts);
	for (unsigned int i = 0; i < 6; i++)
		CU_ASSERT(llabs((long long)(counts[i] - expected[i])) <= 1);
	CU_ASSERT_EQUAL(arrivals_next(&arrivals), ARRIVALS_NEVER);
}

static void
test_packets(void)
{
	struct scenario_packet mix[] = { { 100, 1, 0.25, 0, 0 }, { 1000, 0, 0.75, 0, 0 } };
	struct scenario_packet row[] = { { 100, 2, 0, 3, 0 }, { 1000, 0, 0, 1, 0 } };
	struct scenario_packets config = { .mixed = mix, .n_mixed = 2 };
	struct packets packets;
	struct packets_cost cost;
	double cycles, misses;

	packets_init(&packets, &config, any_prng());
	packets_mean(&config, &cycles, &misses);
	CU_ASSERT_DOUBLE_EQUAL(cycles, 775, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(misses, 0.25, 1e-9);
	cost = packets_run(&packets, 100000);
	CU_ASSERT(fabs((double)cost.misses - 25000) < 6 * sqrt(100000 * 0.25 * 0.75));
	CU_ASSERT_EQUAL(cost.cycles, cost.misses * 100 + (100000 - cost.misses) * 1000);

	config = (struct scenario_packets){ .pattern = row, .n_pattern = 2 };
	packets_init(&packets, &config, any_prng());
	packets_mean(&config, &cycles, &misses);
	CU_ASSERT_DOUBLE_EQUAL(cycles, 325, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(misses, 1.5, 1e-9);
	/* Cut into turns of any length, each packet has its place. */
	for (uint32_t at = 0, n; at < 10000; at += n) {
		uint64_t expected = 0;

		n = 1 + random32() % 9;
		for (uint32_t i = at; i < at + n; i++)
			expected += i % 4 == 3 ? 1000 : 100;
		CU_ASSERT_EQUAL(packets_run(&packets, n).cycles, expected);
	}
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void
test_delays(void)
{
	static uint64_t all[10001];
	static struct delays delays;
	const double parts[] = { 0.5, 0.99, 0.999, 1 };

	for (unsigned int round = 0; round < 20; round++) {
		unsigned int n = 1 + random32() % 10000;

		memset(&delays, 0, sizeof(delays));
		CU_ASSERT_EQUAL(delays_quantile(&delays, 0.5), 0);
		for (unsigned int i = 0; i < n; i++) {
			all[i] = random32() >> random32() % 32;
			delays_add(&delays, all[i]);
		}
		qsort(all, n, sizeof(*all), compare);
		CU_ASSERT_EQUAL(delays.max, all[n - 1]);
		for (unsigned int i = 0; i < 4; i++) {
			uint64_t exact = all[(unsigned int)ceil(parts[i] * n) - 1];
			uint64_t read = delays_quantile(&delays, parts[i]);

			CU_ASSERT(read >= exact);
			CU_ASSERT((double)read <= (double)exact * (1 + 1.0 / DELAYS_SUB));
		}
	}
}

static void
test_events(void)
{
	struct events events;
	struct event last = { 0, 0 };

	CU_ASSERT_EQUAL_FATAL(events_init(&events, 1000), 0);
	CU_ASSERT_EQUAL(events_next(&events), UINT64_MAX);
	for (uint32_t i = 0; i < 1000; i++)
		events_put(&events, random32() % 100, i);
	while (events.n > 0) {
		uint64_t next = events_next(&events);
		struct event event = events_take(&events);

		CU_ASSERT_EQUAL(event.time, next);
		CU_ASSERT(event.time > last.time ||
			  (event.time == last.time && event.who >= last.who));
		last = event;
	}
	events_fini(&events);
}

/* The capacity given out drop by drop, always to the one that has least for its weight. */
static void
pour(struct fluid_share *shares, unsigned int n, double capacity, double drop)
{
	for (unsigned int i = 0; i < n; i++) {
		shares[i].received = fmin(shares[i].demand, shares[i].reserve);
		capacity -= shares[i].received;
	}
	for (; capacity > 0; capacity -= drop) {
		struct fluid_share *least = NULL;

		for (unsigned int i = 0; i < n; i++)
			if (shares[i].received < shares[i].demand &&
				(least == NULL || shares[i].received / shares[i].weight <
							  least->received / least->weight))
				least = &shares[i];
		if (least == NULL)
			return;
		least->received += drop;
	}
}

static void
test_fluid(void)
{
	for (unsigned int round = 0; round < 300; round++) {
		struct fluid_share shares[8], poured[8];
		unsigned int n = 1 + random32() % 8;
		double reserved = 0, capacity = 1000, drop = 0.1, sum = 0, demand = 0;

		for (unsigned int i = 0; i < n; i++) {
			shares[i] = (struct fluid_share){
				.weight = 1 + random32() % 8,
				.demand = random32() % 600,
				.reserve = random32() % 3 == 0 ? random32() % 300 : 0,
			};
			if (reserved + shares[i].reserve > 950)
				shares[i].reserve = 0;
			reserved += shares[i].reserve;
			poured[i] = shares[i];
			demand += shares[i].demand;
		}
		fluid_fill(shares, n, capacity);
		pour(poured, n, capacity, drop);
		for (unsigned int i = 0; i < n; i++) {
			sum += shares[i].received;
			CU_ASSERT(shares[i].received <= shares[i].demand + 1e-6);
			CU_ASSERT(fabs(shares[i].received - poured[i].received) <
				  2 * drop * 8 * (n + 1));
		}
		CU_ASSERT_DOUBLE_EQUAL(sum, fmin(demand, capacity), 1e-6);
	}
}

/* What waits is served later; what there is no room for is not. */
static void
test_fluid_over_time(void)
{
	struct fluid_router routers[] = {
		{ .weight = 1, .cycles = 10, .limit = 1, .room = 50 },
		{ .weight = 3, .cycles = 1, .limit = 1, .always = 1 },
		{ .weight = 1, .cycles = 1, .limit = 0.1, .always = 1 },
	};
	struct fluid_share shares[3];
	const double first[] = { 60, 0, 0 }, later[] = { 0, 0, 0 };
	double received = 0;

	fluid_step(routers, shares, 3, first, 1000);
	/* 1,000 less the limited one's 100 by 1:3. 37.5 packets wait. */
	CU_ASSERT_DOUBLE_EQUAL(routers[0].received, 225, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(routers[1].received, 675, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(routers[2].received, 100, 1e-6);
	for (unsigned int i = 0; i < 5; i++) {
		fluid_step(routers, shares, 3, later, 1000);
		received += routers[0].received;
	}
	CU_ASSERT_DOUBLE_EQUAL(received, 375, 1e-6);
	fluid_step(routers, shares, 3, (double[]){ 200, 0, 0 }, 1000);
	CU_ASSERT_DOUBLE_EQUAL(routers[0].waiting, 50, 1e-6);
}

#define SMALL \
	"{\"description\": \"small\", \"duration_ms\": 20, \"windows_ms\": [10], \"routers\": [" \
	"{\"name\": \"victim\", \"arrivals\": {\"process\": \"poisson\", \"pps\": 100000}," \
	" \"packets\": {\"cycles\": 1000}}],\n\"runs\": [{\"name\": \"alone\"}," \
	"{\"name\": \"beside\", \"routers\": [{\"name\": \"other\", \"count\": 3, \"arrivals\": " \
	"{\"pps\": 3000000}, \"packets\": {\"mixed\": [{\"cycles\": 100, \"probability\": 0.5}," \
	"{\"cycles\": 900, \"probability\": 0.5}]}}]}]}"

/* The same seed, the same figures; and a router's packets are the same whoever is beside it. */
static void
test_seed(void)
{
	struct scenario *scenario = scenario_load_text(SMALL, "small", stderr);
	const uint64_t seeds[] = { 7, 7, 8 };
	struct sim_run runs[4];

	CU_ASSERT_PTR_NOT_NULL_FATAL(scenario);
	for (unsigned int i = 0; i < 4; i++) {
		CU_ASSERT_EQUAL_FATAL(sim_run_init(&runs[i], scenario, &scenario->runs[i < 3],
					      seeds[i % 3], stderr),
			0);
		CU_ASSERT_EQUAL_FATAL(sim_run_go(&runs[i], stderr), 0);
	}
	for (uint32_t i = 0; i < 4; i++) {
		const struct sim_router *a = &runs[0].routers[i], *b = &runs[1].routers[i];

		CU_ASSERT_EQUAL(memcmp(&a->counters, &b->counters, sizeof(a->counters)), 0);
		CU_ASSERT_EQUAL(memcmp(a->delays, b->delays, sizeof(*a->delays)), 0);
	}
	CU_ASSERT_NOT_EQUAL(
		runs[0].routers[0].counters.offered, runs[2].routers[0].counters.offered);
	CU_ASSERT_EQUAL(runs[0].routers[0].counters.offered, runs[3].routers[0].counters.offered);
	CU_ASSERT_EQUAL(runs[3].n_routers, 1);
	for (unsigned int i = 0; i < 4; i++)
		sim_run_fini(&runs[i]);
	scenario_free(scenario);
}

int
main(void)
{
	CU_pSuite suite;

	random_start();
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	suite = CU_add_suite("sim", NULL, NULL);
	CU_add_test(suite, "constant arrivals", test_constant);
	CU_add_test(suite, "poisson arrivals", test_poisson);
	CU_add_test(suite, "bursts", test_bursts);
	CU_add_test(suite, "steps", test_steps);
	CU_add_test(suite, "what packets cost", test_packets);
	CU_add_test(suite, "delays", test_delays);
	CU_add_test(suite, "events", test_events);
	CU_add_test(suite, "water-filling against pouring", test_fluid);
	CU_add_test(suite, "fluid over time", test_fluid_over_time);
	CU_add_test(suite, "seeds", test_seed);
	CU_add_test(suite, "scenarios that are refused", test_refused_scenarios);
	CU_add_test(suite, "expectations that are not met", test_unmet);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	return CU_get_number_of_failures() == 0 && CU_get_error() == CUE_SUCCESS ? 0 : 1;
}
