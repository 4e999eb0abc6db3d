/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

/*
 * The schedule on a virtual clock, against what start-time fair queueing promises. Random weights,
 * costs and sleeps; the seed is printed and TEST_SEED overrides it.
 */

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <CUnit/Basic.h>

#include "sched/sched.h"

#define QUANTUM 26000
#define DEBT 1000000000

static uint64_t random_state;

/* splitmix64 (Steele, Lea & Flood, OOPSLA 2014). */
static uint64_t
random64(void)
{
	uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t
between(uint64_t low, uint64_t high)
{
	return low + random64() % (high - low + 1);
}

/* A weight, as often small as large. */
static uint32_t
random_weight(void)
{
	static const uint32_t limits[] = { 3, 8, 100, SCHED_WEIGHT_MAX };

	return (uint32_t)between(1, limits[random64() % 4]);
}

/* An entity and what the test knows of it. */
struct client {
	struct sched_entity entity;
	double weight;
	double service; /* cycles received, or what its misses are worth where that is more */
	double dearest; /* of its turns so far */
	uint64_t cost_low, cost_high;
	uint64_t misses_max;
};

struct lab {
	struct sched sched;
	struct client *clients;
	unsigned int n;
	uint64_t miss_cycles;
};

static void
lab_open(struct lab *lab, unsigned int n)
{
	lab->n = n;
	lab->miss_cycles = 0;
	lab->clients = calloc(n, sizeof(*lab->clients));
	CU_ASSERT_EQUAL_FATAL(sched_init(&lab->sched, n, QUANTUM, DEBT), 0);
	for (unsigned int i = 0; i < n; i++) {
		struct client *client = &lab->clients[i];
		uint32_t weight = random_weight();

		sched_entity_init(&client->entity, weight);
		client->weight = weight;
		client->cost_low = between(50, 2000);
		client->cost_high = client->cost_low * between(1, 50);
		client->misses_max = between(1, 20) * between(0, 50);
		CU_ASSERT_EQUAL_FATAL(sched_add(&lab->sched, &client->entity), 0);
	}
}

static void
lab_close(struct lab *lab)
{
	sched_fini(&lab->sched);
	free(lab->clients);
}

static struct client *
client_of(struct sched_entity *entity)
{
	return (struct client *)entity;
}

/*
 * For each pair, over the interval since both became awake: the difference of S/w now against the
 * smallest and the largest it has been, which covers every sub-interval.
 */
struct pair {
	double low, high; /* of S_i/w_i - S_j/w_j */
	bool open;
};

struct pairs {
	struct lab *lab;
	struct pair *table;
	double most;  /* that is owed to who wakes late */
	double worst; /* (difference - what rounding adds) / bound */
	uint64_t checked;
};

static struct pair *
pair_at(struct pairs *pairs, unsigned int i, unsigned int j)
{
	return &pairs->table[i * pairs->lab->n + j];
}

static double
difference(const struct lab *lab, unsigned int i, unsigned int j)
{
	return lab->clients[i].service / lab->clients[i].weight -
	       lab->clients[j].service / lab->clients[j].weight;
}

static double
bucket(const struct sched *sched)
{
	return (double)(UINT64_C(1) << sched->bucket_shift) * SCHED_VIRTUAL_UNIT;
}

/* After every step: `ran` is the client that had a turn. */
static void
pairs_check(struct pairs *pairs, unsigned int ran)
{
	struct lab *lab = pairs->lab;

	for (unsigned int other = 0; other < lab->n; other++) {
		unsigned int i = ran < other ? ran : other;
		unsigned int j = ran < other ? other : ran;
		struct pair *pair = pair_at(pairs, i, j);
		double now, bound, spread;

		if (other == ran || !pair->open || !sched_awake(&lab->clients[other].entity))
			continue;
		now = difference(lab, i, j);
		if (now < pair->low)
			pair->low = now;
		if (now > pair->high)
			pair->high = now;
		bound = lab->clients[i].dearest / lab->clients[i].weight +
		        lab->clients[j].dearest / lab->clients[j].weight + 2 * bucket(&lab->sched) +
		        pairs->most / lab->clients[i].weight + pairs->most / lab->clients[j].weight;
		spread = pair->high - pair->low - 2 * SCHED_VIRTUAL_UNIT -
		         1e-8 * (lab->clients[i].service + lab->clients[j].service);
		if (spread > pairs->worst * bound)
			pairs->worst = spread / bound;
		pairs->checked++;
	}
}

/* One of the two fell asleep: the interval ends. Both awake again: a new one begins. */
static void
pairs_change(struct pairs *pairs, unsigned int changed)
{
	struct lab *lab = pairs->lab;

	for (unsigned int other = 0; other < lab->n; other++) {
		unsigned int i = changed < other ? changed : other;
		unsigned int j = changed < other ? other : changed;
		struct pair *pair = pair_at(pairs, i, j);

		if (other == changed)
			continue;
		pair->open = sched_awake(&lab->clients[i].entity) &&
		             sched_awake(&lab->clients[j].entity);
		pair->low = pair->high = difference(lab, i, j);
	}
}

static unsigned int
one_turn(struct lab *lab, double *cost)
{
	struct sched_entity *entity = sched_pick(&lab->sched, 0);
	struct client *client = client_of(entity);
	uint32_t packets = (uint32_t)between(1, SCHED_BUDGET_MAX);
	uint64_t cycles = between(client->cost_low, client->cost_high);
	uint64_t misses = between(0, client->misses_max);

	CU_ASSERT_PTR_NOT_NULL_FATAL(entity);
	if (lab->miss_cycles > 0)
		sched_charge_memory(&lab->sched, entity, cycles, misses, packets);
	else
		sched_charge(&lab->sched, entity, cycles, packets);
	*cost = fmax((double)cycles, (double)(misses * lab->miss_cycles));
	client->service += *cost;
	if (*cost > client->dearest)
		client->dearest = *cost;
	return (unsigned int)(client - lab->clients);
}

/* |S_i/w_i - S_j/w_j| < c_i/w_i + c_j/w_j + 2B over every interval in which both stay awake. */
static void
check_pairwise(bool with_memory)
{
	for (unsigned int round = 0; round < 40; round++) {
		struct pairs pairs = { 0 };
		struct lab lab;
		double cost;

		lab_open(&lab, (unsigned int)between(3, 40));
		if (with_memory) {
			lab.miss_cycles = between(1, 200);
			sched_set_memory(&lab.sched, 1000000 * lab.miss_cycles, 1000000);
		}
		pairs.lab = &lab;
		pairs.table = calloc((size_t)lab.n * lab.n, sizeof(*pairs.table));
		for (unsigned int i = 0; i < lab.n; i++) {
			sched_wake(&lab.sched, &lab.clients[i].entity, 0);
			pairs_change(&pairs, i);
		}
		for (unsigned int step = 0; step < 5000; step++) {
			unsigned int i = (unsigned int)(random64() % lab.n);
			struct sched_entity *entity = &lab.clients[i].entity;

			if (random64() % 16 == 0) {
				if (sched_awake(entity))
					sched_sleep(&lab.sched, entity);
				else
					sched_wake(&lab.sched, entity, 0);
				pairs_change(&pairs, i);
			}
			if (lab.sched.n_awake == 0)
				continue;
			i = one_turn(&lab, &cost);
			pairs_check(&pairs, i);
		}
		CU_ASSERT(pairs.checked > 100);
		if (pairs.worst > 1)
			printf("round %u: %.6f of the bound\n", round, pairs.worst);
		CU_ASSERT(pairs.worst <= 1);
		/* The bound is nearly reached, so it is this schedule's and not just any. */
		CU_ASSERT(pairs.worst > 0.3);
		free(pairs.table);
		lab_close(&lab);
	}
}

static void
test_pairwise_bound(void)
{
	check_pairwise(false);
}

static void
test_pairwise_memory(void)
{
	check_pairwise(true);
}

/* Over a long time with all awake, service goes by weight. */
static void
test_proportional(void)
{
	struct lab lab;
	double total = 0, weights = 0, cost;

	lab_open(&lab, 64);
	for (unsigned int i = 0; i < lab.n; i++) {
		weights += lab.clients[i].weight;
		sched_wake(&lab.sched, &lab.clients[i].entity, 0);
	}
	for (unsigned int step = 0; step < 2000000; step++) {
		one_turn(&lab, &cost);
		total += cost;
	}
	for (unsigned int i = 0; i < lab.n; i++) {
		const struct client *client = &lab.clients[i];
		double entitled = total * client->weight / weights;

		/* Off by no more than the bound against a fluid client: c_i + w_i * max c/w. */
		CU_ASSERT(fabs(client->service - entitled) <=
			  (double)client->cost_high + client->weight * 100000.0);
		CU_ASSERT_EQUAL(client->entity.charged, (uint64_t)client->service);
	}
	lab_close(&lab);
}

/* Who slept comes back level with the others: it neither catches up nor waits. */
static void
test_sleep_earns_nothing(void)
{
	struct client a = { 0 }, b = { 0 };
	struct sched sched;
	unsigned int turns_a = 0;

	CU_ASSERT_EQUAL_FATAL(sched_init(&sched, 2, QUANTUM, DEBT), 0);
	sched_entity_init(&a.entity, 1);
	sched_entity_init(&b.entity, 1);
	sched_add(&sched, &a.entity);
	sched_add(&sched, &b.entity);
	sched_wake(&sched, &b.entity, 0);
	for (unsigned int i = 0; i < 1000; i++)
		sched_charge(&sched, sched_pick(&sched, 0), 100, 1);
	sched_wake(&sched, &a.entity, 0);
	for (unsigned int i = 0; i < 100; i++) {
		struct sched_entity *entity = sched_pick(&sched, 0);

		turns_a += entity == &a.entity;
		sched_charge(&sched, entity, 100, 1);
	}
	CU_ASSERT(turns_a >= 49 && turns_a <= 51);
	sched_fini(&sched);
}

/*
 * All have work all the time, but of some it is not known now and then. While they lose none of
 * what they miss, the bound holds over those times, too.
 */
static void
test_late_bound(void)
{
	uint64_t kept = 0, lost = 0;

	for (unsigned int round = 0; round < 40; round++) {
		uint32_t most = (uint32_t)between(1, 20) * QUANTUM;
		struct pairs pairs = { .most = most };
		struct lab lab;
		double cost;

		lab_open(&lab, (unsigned int)between(3, 40));
		pairs.lab = &lab;
		pairs.table = calloc((size_t)lab.n * lab.n, sizeof(*pairs.table));
		for (unsigned int i = 0; i < lab.n; i++)
			sched_wake(&lab.sched, &lab.clients[i].entity, 0);
		for (unsigned int i = 0; i < lab.n; i++)
			pairs_change(&pairs, i);
		for (unsigned int step = 0; step < 5000; step++) {
			/* Of the first it is mostly not known. */
			unsigned int i = (unsigned int)(random64() % 4 ? 0 : random64() % lab.n);
			struct sched_entity *entity = &lab.clients[i].entity;

			if (sched_awake(entity)) {
				if (random64() % (i == 0 ? 2 : 64) == 0)
					sched_sleep(&lab.sched, entity);
			} else if (sched_wake_late(&lab.sched, entity, 0, most) > 0) {
				pairs_change(&pairs, i);
				lost++;
			} else {
				kept += entity->owed > 0;
			}
			CU_ASSERT(entity->owed <= most);
			if (lab.sched.n_awake > 0)
				pairs_check(&pairs, one_turn(&lab, &cost));
		}
		CU_ASSERT(pairs.checked > 100);
		if (pairs.worst > 1)
			printf("round %u: %.6f of the bound\n", round, pairs.worst);
		CU_ASSERT(pairs.worst <= 1);
		free(pairs.table);
		lab_close(&lab);
	}
	CU_ASSERT(kept > 500 && lost > 0);
}

/* Turns of `entity` among the next `n`, of 1,000 cycles each. */
static unsigned int
turns_of(struct sched *sched, const struct sched_entity *entity, unsigned int n)
{
	unsigned int turns = 0;

	for (unsigned int i = 0; i < n; i++) {
		struct sched_entity *picked = sched_pick(sched, 0);

		turns += picked == entity;
		sched_charge(sched, picked, 1000, 1);
	}
	return turns;
}

/* What is owed is made up for at twice the share, never by many turns in a row. */
static void
test_late_makes_up(void)
{
	struct sched_entity a, b;
	struct sched sched;

	CU_ASSERT_EQUAL_FATAL(sched_init(&sched, 2, QUANTUM, DEBT), 0);
	sched_entity_init(&a, 10);
	sched_entity_init(&b, 10);
	sched_add(&sched, &a);
	sched_add(&sched, &b);
	sched_wake(&sched, &a, 0);
	CU_ASSERT_EQUAL(turns_of(&sched, &a, 200), 200);
	/* It missed 199 turns or 200, and gets 100. */
	CU_ASSERT(sched_wake_late(&sched, &b, 0, 100000) >= sched_virtual(&b, 98000));
	CU_ASSERT_EQUAL(b.owed, 100000);
	for (unsigned int i = 0; i < 12; i++) {
		unsigned int turns = turns_of(&sched, &b, 30);

		/* A bucket is wider than such turns: in it they take turns. */
		CU_ASSERT(turns >= 14 && turns <= 26);
	}
	CU_ASSERT(b.owed == 0);
	CU_ASSERT_EQUAL(a.charged / 1000 + b.charged / 1000, 560);
	CU_ASSERT(b.charged >= 225000 && b.charged <= 235000);
	CU_ASSERT(turns_of(&sched, &b, 100) >= 45);
	/* Who really slept is owed nothing any more. */
	sched_sleep(&sched, &b);
	CU_ASSERT_EQUAL(turns_of(&sched, &a, 50), 50);
	CU_ASSERT_EQUAL(sched_wake_late(&sched, &b, 0, 100000), 0);
	CU_ASSERT(b.owed >= 45000 && b.owed <= 50000);
	sched_sleep(&sched, &b);
	sched_wake(&sched, &b, 0);
	CU_ASSERT_EQUAL(b.owed, 0);
	sched_fini(&sched);
}

/* Waking what is awake and putting to sleep what sleeps changes nothing. */
static void
test_wake_twice(void)
{
	struct sched_entity entity;
	struct sched sched;

	CU_ASSERT_EQUAL_FATAL(sched_init(&sched, 1, QUANTUM, DEBT), 0);
	sched_entity_init(&entity, 5);
	CU_ASSERT_EQUAL(sched_add(&sched, &entity), 0);
	CU_ASSERT_PTR_NULL(sched_pick(&sched, 0));
	sched_sleep(&sched, &entity);
	CU_ASSERT_PTR_NULL(sched_pick(&sched, 0));
	sched_wake(&sched, &entity, 0);
	sched_wake(&sched, &entity, 0);
	CU_ASSERT_EQUAL(sched.n_awake, 1);
	CU_ASSERT_PTR_EQUAL(sched_pick(&sched, 0), &entity);
	sched_sleep(&sched, &entity);
	sched_sleep(&sched, &entity);
	CU_ASSERT_EQUAL(sched.n_awake, 0);
	sched_fini(&sched);
}

/* What is awake is in the calendar once, but for what runs, and no later than its virtual time. */
static void
check_calendar(const struct sched *sched)
{
	const struct calendar *calendar = &sched->calendar;
	uint32_t queued = 0, awake = 0, seen = 0;

	for (uint32_t i = 0; i < sched->capacity; i++) {
		const struct sched_entity *entity = sched->entities[i];

		if (entity == NULL)
			continue;
		CU_ASSERT_EQUAL_FATAL(entity->index, i);
		queued += entity->queued;
		awake += entity->awake;
		if (entity->awake)
			CU_ASSERT_FATAL(entity->queued || entity == sched->running);
		if (entity->queued)
			CU_ASSERT_FATAL(calendar->nodes[i].key <= entity->virtual_time >>
					sched->bucket_shift);
	}
	CU_ASSERT_EQUAL_FATAL(awake, sched->n_awake);
	for (uint32_t level = 0; level < CALENDAR_LEVELS; level++) {
		uint64_t slots = calendar->slots[level];

		CU_ASSERT_EQUAL_FATAL((calendar->levels >> level & 1) != 0, slots != 0);
		for (; slots != 0; slots &= slots - 1) {
			uint32_t slot = (uint32_t)__builtin_ctzll(slots);
			const struct calendar_list *list = &calendar->lists[level][slot];
			uint32_t item = list->first, last = item;

			for (; item != CALENDAR_NONE; item = calendar->nodes[item].next) {
				uint64_t key = calendar->nodes[item].key;

				CU_ASSERT_FATAL(key >= calendar->cursor);
				CU_ASSERT_EQUAL_FATAL(
					calendar_level(key ^ calendar->cursor), level);
				CU_ASSERT_EQUAL_FATAL(calendar_slot(key, level), slot);
				CU_ASSERT_TRUE_FATAL(sched->entities[item]->queued);
				last = item;
				seen++;
			}
			CU_ASSERT_EQUAL_FATAL(last, list->last);
		}
	}
	CU_ASSERT_EQUAL_FATAL(seen, queued);
}

/* Any order of add, remove, wake, sleep, charge, bill and weights leaves the calendar in order. */
static void
test_structure(void)
{
	enum {
		N = 200
	};
	static struct sched_entity entities[N];
	static bool member[N];
	struct sched sched;
	unsigned int n = 0;

	CU_ASSERT_EQUAL_FATAL(sched_init(&sched, N / 2, QUANTUM, DEBT), 0);
	memset(member, 0, sizeof(member));
	for (unsigned int i = 0; i < N; i++)
		sched_entity_init(&entities[i], random_weight());
	for (unsigned int step = 0; step < 200000; step++) {
		unsigned int i = (unsigned int)(random64() % N);
		struct sched_entity *picked;

		switch (random64() % 8) {
		case 0:
			if (member[i])
				break;
			CU_ASSERT_EQUAL(sched_add(&sched, &entities[i]), n == N / 2 ? -ENOSPC : 0);
			if (n < N / 2) {
				member[i] = true;
				n++;
			}
			break;
		case 1:
			if (!member[i] || random64() % 4 != 0)
				break;
			sched_remove(&sched, &entities[i]);
			member[i] = false;
			n--;
			break;
		case 2:
			if (member[i])
				sched_sleep(&sched, &entities[i]);
			break;
		case 3:
			sched_set_weight(&entities[i], random_weight());
			break;
		case 4:
			if (member[i])
				sched_bill(&sched, &entities[i], between(0, 100000));
			break;
		case 5:
			picked = sched_pick(&sched, 0);
			if (picked != NULL)
				sched_charge(&sched, picked, between(0, 100000), 1);
			break;
		default:
			if (member[i])
				sched_wake(&sched, &entities[i], 0);
		}
		CU_ASSERT_EQUAL_FATAL(sched.n_entities, n);
		if (step % 64 == 0)
			check_calendar(&sched);
	}
	sched_fini(&sched);
}

/* Virtual time is moved down before it could wrap, and nobody's place changes by it. */
static void
test_rebase(void)
{
	enum {
		N = 5
	};
	struct sched_entity entities[N];
	uint64_t charged[N] = { 0 };
	struct sched sched;
	bool rebased = false;

	CU_ASSERT_EQUAL_FATAL(sched_init(&sched, N, QUANTUM, DEBT), 0);
	for (unsigned int i = 0; i < N; i++) {
		sched_entity_init(&entities[i], i + 1);
		sched_add(&sched, &entities[i]);
		sched_wake(&sched, &entities[i], 0);
	}
	for (unsigned int step = 0; step < 2000000; step++) {
		struct sched_entity *entity = sched_pick(&sched, 0);
		uint64_t before = sched.virtual_time;
		uint64_t cost = between(1, 4000) * 10000000;

		sched_charge(&sched, entity, cost, 1);
		charged[entity - entities] += cost;
		if (sched.virtual_time < before) {
			rebased = true;
			check_calendar(&sched);
		}
		CU_ASSERT_FATAL(entity->virtual_time < UINT64_C(1) << 63);
	}
	CU_ASSERT_TRUE(rebased);
	for (unsigned int i = 1; i < N; i++)
		CU_ASSERT(fabs((double)charged[i] / (double)charged[0] - (i + 1)) < 0.01);
	sched_fini(&sched);
}

/* What is billed counts like a turn, up to the limit of debt. */
static void
test_bill(void)
{
	struct sched_entity a, b;
	uint64_t cycles_a = 0, cycles_b = 0;
	unsigned int turns = 0;
	struct sched sched;

	CU_ASSERT_EQUAL_FATAL(sched_init(&sched, 2, QUANTUM, DEBT), 0);
	sched_entity_init(&a, 3);
	sched_entity_init(&b, 1);
	sched_add(&sched, &a);
	sched_add(&sched, &b);
	sched_wake(&sched, &a, 0);
	sched_wake(&sched, &b, 0);
	for (unsigned int i = 0; i < 100000; i++) {
		struct sched_entity *entity = sched_pick(&sched, 0);

		sched_charge(&sched, entity, 1000, 1);
		sched_bill(&sched, &a, 500);
		sched_bill(&sched, &b, 100);
	}
	cycles_a = a.charged;
	cycles_b = b.charged;
	CU_ASSERT(fabs((double)cycles_a / (double)cycles_b - 3.0) < 0.01);

	/* A flood that is billed beyond all measure locks out for the debt limit, no longer. */
	for (unsigned int i = 0; i < 100; i++)
		sched_bill(&sched, &b, DEBT);
	while (sched_pick(&sched, 0) != &b && turns < DEBT / 1000) {
		sched_charge(&sched, &a, 100000, 1);
		turns++;
	}
	/* b waits while a, of three times its weight, gets three times its debt. */
	CU_ASSERT(turns <= 3 * (DEBT / 100000) + 20);
	CU_ASSERT(turns >= 3 * (DEBT / 100000) - 20);
	sched_fini(&sched);
}

/* A turn lasts about the quantum, from one packet to the most. */
static void
test_budget(void)
{
	struct sched_entity entity;
	struct sched sched;

	CU_ASSERT_EQUAL_FATAL(sched_init(&sched, 1, QUANTUM, DEBT), 0);
	for (uint64_t cost = 1; cost < 10000000; cost = cost * 3 / 2 + 1) {
		uint32_t budget;

		sched_entity_init(&entity, 1);
		sched_add(&sched, &entity);
		sched_wake(&sched, &entity, 0);
		for (unsigned int i = 0; i < 100; i++) {
			budget = sched_budget(&sched, &entity);
			CU_ASSERT(budget >= 1 && budget <= SCHED_BUDGET_MAX);
			sched_charge(&sched, &entity, cost * budget, budget);
		}
		budget = sched_budget(&sched, &entity);
		if (budget > 1)
			CU_ASSERT(cost * budget <= QUANTUM + cost);
		if (budget < SCHED_BUDGET_MAX)
			CU_ASSERT(cost * (budget + 1) > QUANTUM * 7 / 8);
		sched_remove(&sched, &entity);
	}
	sched_fini(&sched);
}

/* A new weight counts from the next charge on. */
static void
test_weight_change(void)
{
	struct sched_entity a, b;
	struct sched sched;

	CU_ASSERT_EQUAL_FATAL(sched_init(&sched, 2, QUANTUM, DEBT), 0);
	sched_entity_init(&a, 1);
	sched_entity_init(&b, 1);
	sched_add(&sched, &a);
	sched_add(&sched, &b);
	sched_wake(&sched, &a, 0);
	sched_wake(&sched, &b, 0);
	for (uint32_t weight = 1; weight <= SCHED_WEIGHT_MAX; weight *= 10) {
		uint64_t a_before = a.charged, b_before = b.charged;

		sched_set_weight(&a, weight);
		/* Buckets follow with the next charge. */
		do
			sched_charge(&sched, sched_pick(&sched, 0), 1000, 1);
		while (sched.running != &a);
		CU_ASSERT(bucket(&sched) * weight <= QUANTUM / 4.0);
		CU_ASSERT(bucket(&sched) * weight > QUANTUM / 8.0);
		for (unsigned int i = 0; i < 200000; i++)
			sched_charge(&sched, sched_pick(&sched, 0), between(900, 1100), 1);
		CU_ASSERT(fabs((double)(a.charged - a_before) / (double)(b.charged - b_before) /
					  weight -
				  1.0) < 0.1);
	}
	sched_fini(&sched);
}

int
main(void)
{
	const char *seed = getenv("TEST_SEED");
	CU_pSuite suite;

	random_state = seed != NULL ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL);
	printf("TEST_SEED=%llu\n", (unsigned long long)random_state);
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	suite = CU_add_suite("sched", NULL, NULL);
	CU_add_test(suite, "pairwise bound of start-time fair queueing", test_pairwise_bound);
	CU_add_test(suite, "the same with dominant costs", test_pairwise_memory);
	CU_add_test(suite, "service by weight", test_proportional);
	CU_add_test(suite, "sleep earns nothing", test_sleep_earns_nothing);
	CU_add_test(suite, "pairwise bound of who is late", test_late_bound);
	CU_add_test(suite, "who is late makes up for it", test_late_makes_up);
	CU_add_test(suite, "wake and sleep twice", test_wake_twice);
	CU_add_test(suite, "structure under random operations", test_structure);
	CU_add_test(suite, "rebase", test_rebase);
	CU_add_test(suite, "billing and its limit", test_bill);
	CU_add_test(suite, "budget", test_budget);
	CU_add_test(suite, "weight change", test_weight_change);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	return CU_get_number_of_failures() == 0 && CU_get_error() == CUE_SUCCESS ? 0 : 1;
}
