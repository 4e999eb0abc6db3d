/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

/*
 * How long an entity with work waits for its turn, on a virtual clock: from its waking up, and from
 * one of its turns to the next. Random weights, costs, sleeps and bills; the seed is printed and
 * TEST_SEED overrides it.
 *
 * While i waits, an entity j is picked only with a start tag below v_i + B, B being the width of a
 * bucket. Its own was not below V - B when i began to wait, V being the schedule's virtual time. So
 * it gets less than (v_i - V + 2B) w_j and one turn, and i waits less than the sum of that over all
 * others: nobody starves. Who wakes up has v_i = V, unless it has a debt of its own.
 */

#include <stdio.h>
#include <stdlib.h>

#include <CUnit/Basic.h>

#include "random.h"
#include "sched/sched.h"

#define QUANTUM 26000
#define DEBT 1000000000
#define SCENARIOS 300
#define TURNS 3000
#define CLIENTS_MAX 64

struct client {
	struct sched_entity entity;
	uint32_t weight;
	uint64_t cost_low, cost_high;
	bool waits;
	uint64_t since;
	double ahead; /* of the schedule's virtual time, when it began to wait */
};

static struct client clients[CLIENTS_MAX];
static unsigned int n_clients;
static struct sched sched;
static uint64_t now, waits_checked;
static double worst;

static uint64_t
between(uint64_t low, uint64_t high)
{
	return low + random32() % (high - low + 1);
}

static double
virtual_cycles(uint64_t units)
{
	return (double)units * SCHED_VIRTUAL_UNIT;
}

static void
begin_to_wait(struct client *client)
{
	uint64_t mine = client->entity.virtual_time, base = sched.virtual_time;

	client->waits = true;
	client->since = now;
	client->ahead = mine > base ? virtual_cycles(mine - base) : 0;
}

/* What all others may have run, or been billed, meanwhile. */
static double
longest_wait(const struct client *client)
{
	double bucket = virtual_cycles(UINT64_C(1) << sched.bucket_shift);
	double sum = 0;

	for (unsigned int i = 0; i < n_clients; i++)
		if (&clients[i] != client)
			sum += (client->ahead + 2 * bucket) * clients[i].weight +
			       (double)clients[i].cost_high;
	return sum;
}

static void
check_wait(struct client *client)
{
	double waited = (double)(now - client->since), longest = longest_wait(client);

	client->waits = false;
	waits_checked++;
	if (longest > 0 && waited / longest > worst)
		worst = waited / longest;
	CU_ASSERT(waited <= longest);
}

/* Some go to sleep, some wake up. */
static void
change(void)
{
	struct client *client = &clients[random32() % n_clients];

	if (sched_awake(&client->entity)) {
		client->waits = false;
		sched_sleep(&sched, &client->entity);
		return;
	}
	sched_wake(&sched, &client->entity, now);
	begin_to_wait(client);
}

static void
turn(void)
{
	struct client *client = (struct client *)sched_pick(&sched, now);
	uint64_t cost;

	if (client == NULL)
		return;
	if (client->waits)
		check_wait(client);
	cost = between(client->cost_low, client->cost_high);
	now += cost;
	sched_charge(&sched, &client->entity, cost, 1);
	begin_to_wait(client);
}

static void
scenario(void)
{
	static const uint32_t weights[] = { 3, 8, 100, SCHED_WEIGHT_MAX };
	uint64_t changes = between(0, 3);

	n_clients = (unsigned int)between(2, CLIENTS_MAX);
	CU_ASSERT_EQUAL_FATAL(sched_init(&sched, n_clients, QUANTUM, DEBT), 0);
	for (unsigned int i = 0; i < n_clients; i++) {
		struct client *client = &clients[i];

		*client = (struct client){ .weight = (uint32_t)between(1, weights[random32() % 4]),
			.cost_low = between(50, 2000) };
		client->cost_high = client->cost_low * between(1, 50);
		sched_entity_init(&client->entity, client->weight);
		CU_ASSERT_EQUAL_FATAL(sched_add(&sched, &client->entity), 0);
	}
	for (unsigned int i = 0; i < n_clients; i++)
		change();
	for (unsigned int i = 0; i < TURNS; i++) {
		turn();
		if (random32() % 16 < changes)
			change();
	}
	sched_fini(&sched);
}

static void
test_wait(void)
{
	for (unsigned int i = 0; i < SCENARIOS; i++)
		scenario();
	printf("(%llu waits, the worst %.3f of the bound) ", (unsigned long long)waits_checked,
		worst);
	CU_ASSERT(waits_checked > SCENARIOS * TURNS / 2);
	/* A bound that nothing comes near would say nothing. */
	CU_ASSERT(worst > 0.5);
}

int
main(void)
{
	CU_pSuite suite;
	unsigned int failed;

	random_start();
	if (CU_initialize_registry() != CUE_SUCCESS)
		return EXIT_FAILURE;
	suite = CU_add_suite("sched_wait", NULL, NULL);
	CU_add_test(suite, "nobody waits for long", test_wait);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failed = CU_get_number_of_failures();
	CU_cleanup_registry();
	return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
