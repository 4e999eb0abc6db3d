/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

/*
 * Reservations and limits on a virtual clock, against what sched.h promises: thousands of random
 * scenarios of routers with reservations, with limits, with both and with none, that sleep and
 * wake.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>

#include "random.h"
#include "sched/sched.h"

#define QUANTUM 26000
#define DEBT 260000000
#define CLIENTS_MAX 24
#define SCENARIOS 3000
#define STEPS 1500

struct client {
	struct sched_entity entity;
	uint64_t cost_low, cost_high;
	double service;
	bool busy;
	/* Of its reservation: what it had received when it became busy, and what was due from then.
	 */
	double service_then;
	int64_t budget_then;
	uint64_t deadline_then;
	double worst_overrun;
	/* Of its limit: when it was set, and the least that service - rate * time has been. */
	uint64_t since, began;
	double least;
	double dearest;
};

static struct {
	struct sched sched;
	struct client clients[CLIENTS_MAX];
	unsigned int n;
	uint64_t now;
	bool cut; /* bursts are never longer than what is left of budgets */
	double dearest;
	double spent, idle;
} lab;

/* Checks that could have failed: deadlines of reservations, turns at the ceiling of a limit. */
static uint64_t n_deadlines, n_ceilings;

static uint64_t
between(uint64_t low, uint64_t high)
{
	uint64_t random = (uint64_t)random32() << 32 | random32();

	return low + random % (high - low + 1);
}

static double
rate(const struct sched_server *server)
{
	return (double)server->runtime / (double)server->period;
}

static double
excess(const struct client *client)
{
	return client->service - rate(&client->entity.limit) * (double)lab.now;
}

static void
add_reserve(struct client *client)
{
	uint64_t period = between(2, 100) * QUANTUM;
	uint32_t free = SCHED_RESERVED_MAX - lab.sched.reserved;
	uint64_t runtime =
		(uint64_t)((double)period * (double)between(0, free) / 1e6 / (double)between(1, 3));

	if (runtime < QUANTUM / 8)
		return;
	CU_ASSERT_EQUAL(
		sched_set_reserve(&lab.sched, &client->entity, runtime, period, lab.now), 0);
	CU_ASSERT(lab.sched.reserved <= SCHED_RESERVED_MAX);
}

static void
add_limit(struct client *client)
{
	uint64_t period = between(2, 100) * QUANTUM;

	CU_ASSERT_EQUAL(sched_set_limit(&lab.sched, &client->entity,
				between(QUANTUM / 8, period / between(1, 16)), period, lab.now),
		0);
	client->least = excess(client);
	client->since = lab.now;
}

static void
client_open(struct client *client)
{
	static const uint32_t weights[] = { 1, 8, 100, SCHED_WEIGHT_MAX };

	memset(client, 0, sizeof(*client));
	client->cost_low = between(50, 2000);
	client->cost_high = client->cost_low * between(1, 30);
	sched_entity_init(&client->entity, (uint32_t)between(1, weights[random32() % 4]));
	CU_ASSERT_EQUAL_FATAL(sched_add(&lab.sched, &client->entity), 0);
	if (random32() % 3 == 0)
		add_reserve(client);
	if (random32() % 4 == 0)
		add_limit(client);
}

static void
lab_open(void)
{
	memset(&lab, 0, sizeof(lab));
	lab.n = (unsigned int)between(2, CLIENTS_MAX);
	lab.now = between(0, 1000000);
	lab.cut = random32() % 2 == 0;
	CU_ASSERT_EQUAL_FATAL(sched_init(&lab.sched, CLIENTS_MAX, QUANTUM, DEBT), 0);
	for (unsigned int i = 0; i < lab.n; i++)
		client_open(&lab.clients[i]);
}

static void
wake(struct client *client)
{
	sched_wake(&lab.sched, &client->entity, lab.now);
	client->busy = true;
	client->service_then = client->service;
	client->budget_then = client->entity.reserve.budget;
	client->deadline_then = client->entity.reserve.deadline;
}

static void
turn_over(struct client *client)
{
	if (client->busy)
		sched_sleep(&lab.sched, &client->entity);
	else
		wake(client);
	client->busy = client->entity.awake || client->entity.held_back;
}

/*
 * By each deadline it had the budget that it woke up with and the runtime of each period since,
 * late by one burst, and by others' overruns if bursts are not cut.
 */
static void
check_reserve(const struct client *client)
{
	const struct sched_server *reserve = &client->entity.reserve;
	double late = lab.dearest, due;
	uint64_t past;

	if (reserve->runtime == 0 || client->entity.limit.runtime > 0 || !client->busy)
		return;
	/* Periods that begin while another runs on and on are not saved up. */
	if (lab.dearest >= (double)reserve->period)
		return;
	for (unsigned int i = 0; i < lab.n; i++)
		late += lab.clients[i].worst_overrun;
	if ((double)lab.now < (double)client->deadline_then + late)
		return;
	past = (uint64_t)((double)lab.now - (double)client->deadline_then - late);
	due = (double)client->budget_then +
	      (double)(past / reserve->period) * (double)reserve->runtime;
	CU_ASSERT_FATAL(client->service - client->service_then >= due);
	n_deadlines++;
}

/* In n periods since it was set, n runtimes and one burst; in any time t, t/period + 2. */
static void
check_limit(struct client *client)
{
	const struct sched_server *limit = &client->entity.limit;
	double now;

	if (limit->runtime == 0)
		return;
	/* Periods up to the one in which its latest burst began. */
	CU_ASSERT_FATAL(
		client->service <= (double)((client->began - client->since) / limit->period + 1) *
						   (double)limit->runtime +
					   client->dearest);
	now = excess(client);
	n_ceilings += limit->budget <= 0;
	CU_ASSERT_FATAL(now - client->least <=
			2 * (double)client->entity.limit.runtime + client->dearest + 1);
}

static void
run(struct client *client)
{
	struct sched_entity *entity = &client->entity;
	uint64_t cost = between(client->cost_low, client->cost_high);
	uint32_t allowance = sched_allowance(&lab.sched, entity);
	int64_t left = entity->reserve.budget;

	CU_ASSERT_FATAL(client->busy);
	CU_ASSERT_FATAL(allowance > 0 && allowance <= QUANTUM);
	if (lab.cut && cost > allowance)
		cost = allowance;
	if (client->entity.limit.runtime > 0 && excess(client) < client->least)
		client->least = excess(client);
	client->began = lab.now;
	lab.now += cost;
	lab.spent += (double)cost;
	client->service += (double)cost;
	if ((double)cost > client->dearest)
		client->dearest = (double)cost;
	if ((double)cost > lab.dearest)
		lab.dearest = (double)cost;
	if (lab.sched.by_reservation && (double)((int64_t)cost - left) > client->worst_overrun)
		client->worst_overrun = (double)((int64_t)cost - left);
	sched_charge(&lab.sched, entity, cost, (uint32_t)between(1, 64));
	check_limit(client);
	for (unsigned int i = 0; i < lab.n; i++)
		check_reserve(&lab.clients[i]);
}

/* Nobody who could run is left waiting, and time to come is known. */
static void
idle(void)
{
	uint64_t next = sched_next_time(&lab.sched);

	for (unsigned int i = 0; i < lab.n; i++) {
		CU_ASSERT_FALSE_FATAL(lab.clients[i].entity.awake);
		if (lab.clients[i].busy)
			CU_ASSERT_FATAL(next != UINT64_MAX);
	}
	if (next == UINT64_MAX)
		next = lab.now + 1000;
	CU_ASSERT_FATAL(next > lab.now);
	lab.idle += (double)(next - lab.now);
	lab.now = next;
}

static void
test_random(void)
{
	for (unsigned int scenario = 0; scenario < SCENARIOS; scenario++) {
		double charged = 0;
		uint64_t start;

		uint32_t calm = 2u
		                << random32() % 9; /* steps from one sleep or waking to the next */

		lab_open();
		start = lab.now;
		for (unsigned int i = 0; i < lab.n; i++)
			wake(&lab.clients[i]);
		for (unsigned int step = 0; step < STEPS; step++) {
			struct sched_entity *entity;

			if (random32() % calm == 0)
				turn_over(&lab.clients[random32() % lab.n]);
			entity = sched_pick(&lab.sched, lab.now);
			if (entity != NULL)
				run((struct client *)entity);
			else
				idle();
		}
		for (unsigned int i = 0; i < lab.n; i++)
			charged += (double)lab.clients[i].entity.charged;
		CU_ASSERT_EQUAL(charged, lab.spent);
		CU_ASSERT_EQUAL(lab.spent + lab.idle, (double)(lab.now - start));
		for (unsigned int i = 0; i < lab.n; i++)
			sched_remove(&lab.sched, &lab.clients[i].entity);
		CU_ASSERT_EQUAL(lab.sched.reserved, 0);
		CU_ASSERT_EQUAL(lab.sched.n_served, 0);
		CU_ASSERT_EQUAL(lab.sched.n_held_back, 0);
		CU_ASSERT_EQUAL(lab.sched.ready.n + lab.sched.spent.n, 0);
		sched_fini(&lab.sched);
	}
	CU_ASSERT(n_deadlines > 100 * SCENARIOS);
	CU_ASSERT(n_ceilings > 10 * SCENARIOS);
}

/* All busy for a long time, costs around half a quantum. */
static void
run_all(uint64_t cycles)
{
	uint64_t end = lab.now + cycles;

	while (lab.now < end) {
		struct sched_entity *entity = sched_pick(&lab.sched, lab.now);
		uint64_t cost = between(QUANTUM / 4, QUANTUM * 3 / 4);

		if (entity == NULL) {
			lab.now = sched_next_time(&lab.sched);
			continue;
		}
		((struct client *)entity)->service += (double)cost;
		lab.now += cost;
		sched_charge(&lab.sched, entity, cost, 1);
	}
}

static void
open_three(void)
{
	memset(&lab, 0, sizeof(lab));
	lab.n = 3;
	CU_ASSERT_EQUAL_FATAL(sched_init(&lab.sched, 3, QUANTUM, DEBT), 0);
	for (uint32_t i = 0; i < 3; i++) {
		sched_entity_init(&lab.clients[i].entity, i == 0 ? 1 : i);
		sched_add(&lab.sched, &lab.clients[i].entity);
		sched_wake(&lab.sched, &lab.clients[i].entity, 0);
	}
}

static bool
near(double value, double expected)
{
	return value > expected * 0.99 - 1e-4 && value < expected * 1.01 + 1e-4;
}

/* The greater of reservation and share, and the others by weight; at once when it is gone. */
static void
test_reserve_share(void)
{
	const uint64_t period = 10000000, time = 400 * period;

	open_three();
	for (unsigned int percent = 5; percent <= 95; percent += 5) {
		double expected = percent < 25 ? 0.25 : percent / 100.0;

		CU_ASSERT_EQUAL(sched_set_reserve(&lab.sched, &lab.clients[0].entity,
					period * percent / 100, period, lab.now),
			0);
		/* Whom it was behind or ahead of, from before. */
		run_all(time);
		for (unsigned int i = 0; i < 3; i++)
			lab.clients[i].service = 0;
		run_all(time);
		CU_ASSERT(near(lab.clients[0].service / (double)time, expected));
		CU_ASSERT(near(lab.clients[1].service / (double)time, (1 - expected) / 3));
		CU_ASSERT(near(lab.clients[2].service / (double)time, (1 - expected) * 2 / 3));
	}
	CU_ASSERT_EQUAL(sched_set_reserve(&lab.sched, &lab.clients[0].entity, 0, 0, lab.now), 0);
	run_all(5 * (uint64_t)DEBT);
	lab.clients[0].service = 0;
	run_all(time);
	CU_ASSERT(near(lab.clients[0].service / (double)time, 0.25));
	sched_fini(&lab.sched);
}

/* Who sleeps between bursts gets its reservation, not a new budget each time it wakes. */
static void
test_sleep_earns_nothing(void)
{
	const uint64_t period = 1000000, end = 400 * period;
	struct sched_entity *sleeper = &lab.clients[0].entity;

	open_three();
	sched_set_weight(&lab.clients[1].entity, SCHED_WEIGHT_MAX);
	CU_ASSERT_EQUAL(sched_set_reserve(&lab.sched, sleeper, period * 3 / 10, period, 0), 0);
	while (lab.now < end) {
		struct sched_entity *entity = sched_pick(&lab.sched, lab.now);

		lab.now += 10000;
		sched_charge(&lab.sched, entity, 10000, 1);
		if (entity != sleeper)
			continue;
		sched_sleep(&lab.sched, sleeper);
		sched_wake(&lab.sched, sleeper, lab.now + random32() % 100);
	}
	CU_ASSERT(near((double)sleeper->charged / (double)end, 0.3));
	sched_fini(&lab.sched);
}

/* A ceiling also where nobody else has work; what is left goes to the others by weight. */
static void
test_limit_share(void)
{
	const uint64_t period = 10000000, time = 400 * period;

	open_three();
	CU_ASSERT_EQUAL(
		sched_set_limit(&lab.sched, &lab.clients[2].entity, period / 10, period, 0), 0);
	run_all(time);
	CU_ASSERT(near(lab.clients[2].service / (double)time, 0.1));
	CU_ASSERT(near(lab.clients[0].service / (double)time, 0.45));
	CU_ASSERT(near(lab.clients[1].service / (double)time, 0.45));
	sched_sleep(&lab.sched, &lab.clients[0].entity);
	sched_sleep(&lab.sched, &lab.clients[1].entity);
	lab.clients[2].service = 0;
	run_all(time);
	CU_ASSERT(near(lab.clients[2].service / (double)time, 0.1));
	/* Sleeping does not help, nor does having bills sent. */
	lab.clients[2].service = 0;
	for (uint64_t end = lab.now + time; lab.now < end;) {
		if (sched_pick(&lab.sched, lab.now) == NULL) {
			lab.now += 1000;
		} else {
			lab.now += 1000;
			lab.clients[2].service += 1500;
			sched_charge(&lab.sched, &lab.clients[2].entity, 1000, 1);
			sched_bill(&lab.sched, &lab.clients[2].entity, 500);
		}
		sched_sleep(&lab.sched, &lab.clients[2].entity);
		sched_wake(&lab.sched, &lab.clients[2].entity, lab.now);
	}
	CU_ASSERT(near(lab.clients[2].service / (double)time, 0.1));
	CU_ASSERT_EQUAL(sched_set_limit(&lab.sched, &lab.clients[2].entity, 0, 0, lab.now), 0);
	lab.clients[2].service = 0;
	run_all(time);
	CU_ASSERT(near(lab.clients[2].service / (double)time, 1));
	sched_fini(&lab.sched);
}

static void
test_admission(void)
{
	struct sched_entity *a = &lab.clients[0].entity, *b = &lab.clients[1].entity;

	open_three();
	CU_ASSERT_EQUAL(sched_set_reserve(&lab.sched, a, 600, 1000, 0), 0);
	CU_ASSERT_EQUAL(lab.sched.reserved, 600000);
	CU_ASSERT_EQUAL(sched_set_reserve(&lab.sched, b, 351, 1000, 0), -ENOSPC);
	CU_ASSERT_EQUAL(b->reserve.runtime, 0);
	CU_ASSERT_EQUAL(sched_set_reserve(&lab.sched, b, 350, 1000, 0), 0);
	CU_ASSERT_EQUAL(lab.sched.reserved, SCHED_RESERVED_MAX);
	CU_ASSERT_EQUAL(sched_set_reserve(&lab.sched, a, 601, 1000, 0), -ENOSPC);
	CU_ASSERT_EQUAL(a->reserve.runtime, 600);
	CU_ASSERT_EQUAL(sched_set_reserve(&lab.sched, a, 500, 1000, 0), 0);
	CU_ASSERT_EQUAL(lab.sched.reserved, 850000);
	CU_ASSERT_EQUAL(sched_set_reserve(&lab.sched, a, 2, 1, 0), -EINVAL);
	CU_ASSERT_EQUAL(sched_set_reserve(&lab.sched, a, 1, 0, 0), -EINVAL);
	CU_ASSERT_EQUAL(sched_set_reserve(&lab.sched, a, 0, 1, 0), -EINVAL);
	CU_ASSERT_EQUAL(sched_set_reserve(&lab.sched, a, 1, DEBT + 1, 0), -EINVAL);
	CU_ASSERT_EQUAL(sched_set_limit(&lab.sched, a, 1, 0, 0), -EINVAL);
	sched_remove(&lab.sched, b);
	CU_ASSERT_EQUAL(lab.sched.reserved, 500000);
	CU_ASSERT_EQUAL(sched_millionths(1, 3), 333334);
	sched_fini(&lab.sched);
}

int
main(void)
{
	CU_pSuite suite;

	random_start();
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	suite = CU_add_suite("sched_server", NULL, NULL);
	CU_add_test(suite, "random scenarios", test_random);
	CU_add_test(suite, "share of a reservation", test_reserve_share);
	CU_add_test(suite, "sleep earns nothing", test_sleep_earns_nothing);
	CU_add_test(suite, "share of a limit", test_limit_share);
	CU_add_test(suite, "admission", test_admission);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	return CU_get_number_of_failures() == 0 && CU_get_error() == CUE_SUCCESS ? 0 : 1;
}
