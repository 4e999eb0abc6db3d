/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

/*
 * What the ways of charging come to for a router with dear packets beside one with cheap ones, both
 * always busy and of one weight: which part of the time each really gets. Also where its packets
 * are dear in memory misses.
 */

#include <errno.h>
#include <stdio.h>

#include <CUnit/Basic.h>

#include "random.h"
#include "sched/sched.h"

#define QUANTUM 26000
#define DEBT 260000000
#define PERIOD 20
#define CHEAP 200
#define DEAR 4000

enum {
	HONEST,
	OTHER,
	N
};

static struct sched sched;
static struct sched_entity entities[N];
static double got[N];
static uint64_t turns[N];

static void
open_two(const struct sched_cost *cost)
{
	CU_ASSERT_EQUAL_FATAL(sched_init(&sched, N, QUANTUM, DEBT), 0);
	CU_ASSERT_EQUAL_FATAL(sched_set_cost(&sched, cost), 0);
	for (unsigned int i = 0; i < N; i++) {
		sched_entity_init(&entities[i], 1);
		sched_add(&sched, &entities[i]);
		sched_wake(&sched, &entities[i], 0);
		got[i] = 0;
		turns[i] = 0;
	}
}

/* `packet` is what a packet of the other takes, by its turn. Gives its part of the time. */
static double
run(uint64_t (*packet)(uint64_t turn))
{
	for (unsigned int i = 0; i < 200000; i++) {
		struct sched_entity *entity = sched_pick(&sched, 0);
		unsigned int who = (unsigned int)(entity - entities);
		uint32_t n = sched_budget(&sched, entity);
		uint64_t taken = n * (who == HONEST ? CHEAP : packet(turns[who]));

		got[who] += (double)taken;
		turns[who]++;
		sched_charge(&sched, entity, taken, n);
	}
	sched_fini(&sched);
	return got[OTHER] / (got[OTHER] + got[HONEST]);
}

static uint64_t
dear(uint64_t turn)
{
	(void)turn;
	return DEAR;
}

/* Cheap in those turns that fixed sampling looks at. */
static uint64_t
dodging(uint64_t turn)
{
	return turn % PERIOD == 0 ? CHEAP : DEAR;
}

static uint64_t
varying(uint64_t turn)
{
	(void)turn;
	return CHEAP + random32() % DEAR;
}

static void
test_exact(void)
{
	const struct sched_cost cost = { .mode = SCHED_COST_EXACT };
	uint64_t (*const packets[])(uint64_t) = { dear, dodging, varying };

	for (unsigned int i = 0; i < 3; i++) {
		double part;

		open_two(&cost);
		part = run(packets[i]);
		CU_ASSERT(part > 0.499 && part < 0.501);
	}
}

/* It sees through what does not know its phase; what does gets several shares. */
static void
test_sampled(void)
{
	struct sched_cost cost = { .mode = SCHED_COST_SAMPLED, .period = PERIOD };
	double part;

	cost.seed = random32();
	open_two(&cost);
	part = run(dear);
	CU_ASSERT(part > 0.49 && part < 0.51);
	open_two(&cost);
	part = run(varying);
	CU_ASSERT(part > 0.45 && part < 0.55);
	open_two(&cost);
	part = run(dodging);
	CU_ASSERT(part > 0.9);
	cost.random_phase = true;
	open_two(&cost);
	part = run(dodging);
	CU_ASSERT(part > 0.4 && part < 0.75);
	cost.period = 1;
	open_two(&cost);
	part = run(dodging);
	CU_ASSERT(part > 0.499 && part < 0.501);
}

/* One turn in each period, and with a random phase each place in it as often as another. */
static void
test_phase(void)
{
	struct sched_cost cost = {
		.mode = SCHED_COST_SAMPLED, .period = PERIOD, .random_phase = true
	};
	struct sched_entity entity;
	unsigned int places[PERIOD] = { 0 };

	cost.seed = random32();
	sched_entity_init(&entity, 1);
	CU_ASSERT(sched_cost_timed(&cost, &entity));
	entity.cost_per_packet = 100;
	for (unsigned int period = 0; period < 20000; period++) {
		unsigned int timed = 0;

		for (unsigned int i = 0; i < PERIOD; i++, entity.turns++) {
			places[i] += sched_cost_timed(&cost, &entity);
			timed += sched_cost_timed(&cost, &entity);
		}
		CU_ASSERT_EQUAL(timed, 1);
	}
	/* 1,000 each; eight standard deviations. */
	for (unsigned int i = 0; i < PERIOD; i++)
		CU_ASSERT(places[i] > 750 && places[i] < 1250);
}

/* As many packets each, and as many turns each, whatever they take. */
static void
test_others(void)
{
	const struct sched_cost by_packets = { .mode = SCHED_COST_PACKETS };
	const struct sched_cost by_turns = { .mode = SCHED_COST_ROUND_ROBIN };
	const double wrong = (double)DEAR / (DEAR + CHEAP);
	double part;

	open_two(&by_packets);
	part = run(dear);
	CU_ASSERT(part > wrong - 0.001 && part < wrong + 0.001);
	open_two(&by_turns);
	part = run(dear);
	CU_ASSERT(part > wrong - 0.001 && part < wrong + 0.001);
	/* One packet a turn: turns count, packets do not, or the other way round. */
	for (unsigned int mode = 0; mode < 2; mode++) {
		uint64_t packets[N] = { 0 };

		open_two(mode == 0 ? &by_packets : &by_turns);
		for (unsigned int i = 0; i < 100000; i++) {
			struct sched_entity *entity = sched_pick(&sched, 0);
			unsigned int who = (unsigned int)(entity - entities);
			uint32_t n = who == HONEST ? 1 : sched_budget(&sched, entity);

			packets[who] += n;
			turns[who]++;
			sched_charge(&sched, entity, n * CHEAP, n);
		}
		if (mode == 0) {
			CU_ASSERT(packets[HONEST] * 100 / packets[OTHER] >= 99);
			CU_ASSERT(packets[HONEST] * 100 / packets[OTHER] <= 100);
		} else {
			CU_ASSERT(turns[HONEST] - turns[OTHER] + 2 <= 4);
		}
		sched_fini(&sched);
	}
}

/* A turn without packets is not for nothing, or the same entity would be picked for ever. */
static void
test_no_packets(void)
{
	for (int mode = SCHED_COST_SAMPLED; mode <= SCHED_COST_ROUND_ROBIN; mode++) {
		const struct sched_cost cost = { .mode = (enum sched_cost_mode)mode,
			.period = PERIOD };
		uint64_t before[N];

		open_two(&cost);
		for (unsigned int i = 0; i < 100; i++)
			sched_charge(&sched, sched_pick(&sched, 0), 1000, 1);
		for (unsigned int i = 0; i < N; i++)
			before[i] = entities[i].turns;
		for (unsigned int i = 0; i < 1000; i++)
			sched_charge(&sched, sched_pick(&sched, 0), 1000, 0);
		for (unsigned int i = 0; i < N; i++)
			CU_ASSERT(entities[i].turns - before[i] > 400);
		sched_fini(&sched);
	}
}

#define MISS_CYCLES 50

/* Both take as long; the other's packets miss, and a miss is worth MISS_CYCLES. */
static void
run_missing(uint64_t misses)
{
	for (unsigned int i = 0; i < 100000; i++) {
		struct sched_entity *entity = sched_pick(&sched, 0);
		unsigned int who = (unsigned int)(entity - entities);
		uint64_t taken = 1000 + random32() % 1000;

		got[who] += (double)taken;
		turns[who]++;
		sched_charge_memory(&sched, entity, taken, who == OTHER ? misses : 1, 10);
	}
}

/* Each has its share of what it needs most, and is told apart what it took of either. */
static void
test_memory(void)
{
	const struct sched_cost cost = { .mode = SCHED_COST_EXACT };
	const uint64_t misses = 3 * 2000 / MISS_CYCLES;
	double worth = (double)(misses * MISS_CYCLES), ratio;

	open_two(&cost);
	sched_set_memory(&sched, 1000 * MISS_CYCLES, 1000);
	run_missing(misses);
	ratio = (double)turns[OTHER] * worth / got[HONEST];
	CU_ASSERT(ratio > 0.999 && ratio < 1.001);
	for (unsigned int i = 0; i < N; i++)
		CU_ASSERT_EQUAL(entities[i].charged, (uint64_t)got[i]);
	CU_ASSERT_EQUAL(entities[OTHER].misses, turns[OTHER] * misses);
	CU_ASSERT_EQUAL(entities[HONEST].misses, turns[HONEST]);
	CU_ASSERT_EQUAL(entities[OTHER].surcharge,
		turns[OTHER] * misses * MISS_CYCLES - (uint64_t)got[OTHER]);
	CU_ASSERT_EQUAL(entities[HONEST].surcharge, 0);
	/* What is predicted is how long a packet takes, misses or not. */
	CU_ASSERT(entities[OTHER].cost_per_packet < 200);
	sched_fini(&sched);
}

/* Any number of misses is free without a budget: turn by turn the same as without counting. */
static void
test_no_budget(void)
{
	static struct sched_entity others[N];
	const struct sched_cost cost = { .mode = SCHED_COST_EXACT };
	struct sched other;

	open_two(&cost);
	sched_set_memory(&sched, 1000, 1);
	sched_set_memory(&sched, 1000, 0);
	CU_ASSERT_EQUAL_FATAL(sched_init(&other, N, QUANTUM, DEBT), 0);
	for (unsigned int i = 0; i < N; i++) {
		sched_entity_init(&others[i], 1);
		sched_add(&other, &others[i]);
		sched_wake(&other, &others[i], 0);
	}
	for (unsigned int i = 0; i < 100000; i++) {
		struct sched_entity *entity = sched_pick(&sched, 0);
		uint64_t taken = random32() % 50000;

		CU_ASSERT_EQUAL_FATAL(sched_pick(&other, 0) - others, entity - entities);
		sched_charge_memory(&sched, entity, taken, random32(), 1);
		sched_charge(&other, &others[entity - entities], taken, 1);
	}
	for (unsigned int i = 0; i < N; i++) {
		CU_ASSERT_EQUAL(entities[i].charged, others[i].charged);
		CU_ASSERT_EQUAL(entities[i].virtual_time, others[i].virtual_time);
		CU_ASSERT_EQUAL(entities[i].surcharge, 0);
		CU_ASSERT(entities[i].misses > 0);
	}
	sched_fini(&other);
	sched_fini(&sched);
}

/* A counter that errs locks nobody out for longer than bills may. */
static void
test_absurd_misses(void)
{
	const struct sched_cost cost = { .mode = SCHED_COST_EXACT };
	unsigned int n = 0;

	open_two(&cost);
	sched_set_memory(&sched, UINT64_MAX, 1);
	for (unsigned int i = 0; i < 10; i++) {
		struct sched_entity *entity = sched_pick(&sched, 0);

		sched_charge_memory(
			&sched, entity, 1000, entity == &entities[OTHER] ? UINT64_MAX : 0, 1);
	}
	while (sched_pick(&sched, 0) != &entities[OTHER] && n++ < DEBT / 10000)
		sched_charge_memory(&sched, &entities[HONEST], 10000, 0, 1);
	CU_ASSERT(n > DEBT / 10000 - 10 && n < DEBT / 10000);
	sched_fini(&sched);
}

/* A reservation is of cycles: misses take nothing of it, and none of a limit. */
static void
test_reserved_misses(void)
{
	const struct sched_cost cost = { .mode = SCHED_COST_EXACT };
	const uint64_t period = 1000000, end = 1000 * period;
	uint64_t now = 0;

	for (unsigned int limited = 0; limited < 2; limited++) {
		open_two(&cost);
		sched_set_memory(&sched, 1000 * MISS_CYCLES, 1000);
		CU_ASSERT_EQUAL(
			sched_set_reserve(&sched, &entities[OTHER], period * 7 / 10, period, 0), 0);
		if (limited)
			CU_ASSERT_EQUAL(sched_set_limit(&sched, &entities[OTHER], period * 8 / 10,
						period, 0),
				0);
		for (now = 0; now < end; now += 10000) {
			struct sched_entity *entity = sched_pick(&sched, now);

			sched_charge_memory(
				&sched, entity, 10000, entity == &entities[OTHER] ? 1000 : 0, 10);
		}
		CU_ASSERT(entities[OTHER].charged > end / 1000 * 697);
		CU_ASSERT(entities[OTHER].charged < end / 1000 * 703);
		sched_fini(&sched);
	}
}

static void
test_refused(void)
{
	struct sched_cost cost = { .mode = SCHED_COST_SAMPLED };

	CU_ASSERT_EQUAL_FATAL(sched_init(&sched, N, QUANTUM, DEBT), 0);
	CU_ASSERT_EQUAL(sched_set_cost(&sched, &cost), -EINVAL);
	cost.period = SCHED_COST_PERIOD_MAX + 1;
	CU_ASSERT_EQUAL(sched_set_cost(&sched, &cost), -EINVAL);
	CU_ASSERT_EQUAL(sched.cost.mode, SCHED_COST_EXACT);
	cost.period = SCHED_COST_PERIOD_MAX;
	CU_ASSERT_EQUAL(sched_set_cost(&sched, &cost), 0);
	sched_fini(&sched);
}

int
main(void)
{
	CU_pSuite suite;

	random_start();
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	suite = CU_add_suite("sched_cost", NULL, NULL);
	CU_add_test(suite, "exact", test_exact);
	CU_add_test(suite, "sampled, and who dodges it", test_sampled);
	CU_add_test(suite, "phase of samples", test_phase);
	CU_add_test(suite, "packets and round robin", test_others);
	CU_add_test(suite, "turns without packets", test_no_packets);
	CU_add_test(suite, "misses", test_memory);
	CU_add_test(suite, "misses without a budget", test_no_budget);
	CU_add_test(suite, "absurd misses", test_absurd_misses);
	CU_add_test(suite, "misses beside reservation and limit", test_reserved_misses);
	CU_add_test(suite, "refused", test_refused);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	return CU_get_number_of_failures() == 0 && CU_get_error() == CUE_SUCCESS ? 0 : 1;
}
