/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "worker.h"

/* As lib/worker/worker.c has them. */
#define RECEIVE_BURST 64
#define RECEIVE_ROUNDS 4
#define CLASSIFY_SHARE 2 /* times what turns take, */
#define CLASSIFY_QUANTA 2 /* and so many quanta at a time */
#define DEBT_LIMIT_US 100000

#define US_PER_MS 1000
#define HZ_PER_MHZ UINT64_C(1000000)

static_assert(offsetof(struct sim_router, entity) == 0, "an entity is its router");

static struct sched_cost
cost_of(const struct config_cost *config, uint64_t seed)
{
	static const enum sched_cost_mode modes[] = {
		[CONFIG_COST_EXACT] = SCHED_COST_EXACT,
		[CONFIG_COST_SAMPLED] = SCHED_COST_SAMPLED,
		[CONFIG_COST_PACKETS] = SCHED_COST_PACKETS,
		[CONFIG_COST_ROUND_ROBIN] = SCHED_COST_ROUND_ROBIN,
	};

	if (config == NULL)
		return (struct sched_cost){ .mode = SCHED_COST_EXACT };
	return (struct sched_cost){
		.mode = modes[config->mode],
		.period = config->period,
		.random_phase = config->phase == CONFIG_COST_PHASE_RANDOM,
		.seed = seed,
	};
}

static int
attach(struct sim_worker *worker, struct sim_router *router)
{
	const struct scenario_router *group = router->group;
	uint64_t mhz = worker->scenario->mhz;
	int rc = sched_add(&worker->sched, &router->entity);

	if (rc == 0 && group->reserve != NULL)
		rc = sched_set_reserve(&worker->sched, &router->entity,
			group->reserve->runtime_us * mhz, group->reserve->period_us * mhz, 0);
	if (rc == 0 && group->limit != NULL)
		rc = sched_set_limit(&worker->sched, &router->entity,
			group->limit->runtime_us * mhz, group->limit->period_us * mhz, 0);
	if (rc != 0)
		return rc;
	if (router->always)
		sched_wake(&worker->sched, &router->entity, 0);
	else if (router->next_arrival != ARRIVALS_NEVER)
		events_put(group->feed == SCENARIO_SHARED ? &worker->shared : &worker->sleepers,
			router->next_arrival, router->slot);
	return 0;
}

static int
open_windows(struct sim_worker *worker)
{
	const struct scenario *scenario = worker->scenario;
	uint64_t ms = (uint64_t)scenario->mhz * US_PER_MS;
	int rc = 0;

	worker->sample_end = scenario->windows_ms[0] * ms;
	for (unsigned int i = 0; i < scenario->n_windows_ms; i++) {
		struct pairwise *pairwise = &worker->pairwise[i];

		rc |= pairwise_init(
			pairwise, scenario->windows_ms[i] * ms, worker->end, worker->n_routers);
		for (uint32_t j = 0; rc == 0 && j < worker->n_routers; j++)
			pairwise->slept[j] = !worker->routers[j]->always;
	}
	return rc;
}

int
sim_worker_init(struct sim_worker *worker, const struct scenario *scenario,
	const struct scenario_run *run, uint64_t seed, struct sim_router **routers, uint32_t n)
{
	uint32_t mhz = scenario->mhz;
	const struct config_cost *cost = run->cost != NULL ? run->cost : scenario->cost;
	struct sched_cost charging = cost_of(cost, seed);
	int rc;

	*worker = (struct sim_worker){
		.scenario = scenario,
		.memory = run->memory != NULL ? run->memory : scenario->memory,
		.routers = routers,
		.n_routers = n,
		.end = (uint64_t)scenario->duration_ms * US_PER_MS * mhz,
	};
	worker->nic = calloc(scenario->nic_queue, sizeof(*worker->nic));
	rc = worker->nic == NULL ? -ENOMEM : 0;
	rc |= events_init(&worker->sleepers, n + 1);
	rc |= events_init(&worker->shared, n + 1);
	rc |= sched_init(
		&worker->sched, n + 1, scenario->quantum_us * mhz, (uint64_t)DEBT_LIMIT_US * mhz);
	if (rc == 0)
		rc = open_windows(worker);
	if (rc != 0)
		return -ENOMEM;
	(void)sched_set_cost(&worker->sched, &charging);
	if (worker->memory != NULL && worker->memory->charging == SCENARIO_DOMINANT) {
		worker->miss_cycles =
			(double)(HZ_PER_MHZ * mhz) / (double)worker->memory->misses_per_second;
		sched_set_memory(
			&worker->sched, HZ_PER_MHZ * mhz, worker->memory->misses_per_second);
	}
	for (uint32_t i = 0; rc == 0 && i < n; i++) {
		routers[i]->slot = i;
		rc = attach(worker, routers[i]);
	}
	return rc;
}

void
sim_worker_fini(struct sim_worker *worker)
{
	for (unsigned int i = 0; i < SCENARIO_WINDOWS_MAX; i++)
		pairwise_fini(&worker->pairwise[i]);
	events_fini(&worker->sleepers);
	events_fini(&worker->shared);
	sched_fini(&worker->sched);
	free(worker->nic);
}

static void
account(struct sim_worker *worker, struct sim_router *router, uint64_t cycles, uint64_t misses)
{
	double dominant = (double)misses * worker->miss_cycles;

	if (dominant < (double)cycles)
		dominant = (double)cycles;
	worker->now += cycles;
	router->counters.cycles += cycles;
	router->counters.misses += misses;
	router->counters.dominant += dominant;
	router->since_pick += dominant;
	if (router->since_pick > router->dearest)
		router->dearest = router->since_pick;
}

/* The shared queue */

/* What came to it up to now; blind to whose it is, the NIC drops what does not fit. */
static void
fill_nic(struct sim_worker *worker)
{
	uint32_t size = worker->scenario->nic_queue;

	while (events_next(&worker->shared) <= worker->now) {
		struct event event = events_take(&worker->shared);
		struct sim_router *router = worker->routers[event.who];

		sim_router_offer(router);
		if (worker->nic_tail - worker->nic_head == size)
			router->counters.dropped++;
		else
			worker->nic[worker->nic_tail++ % size] =
				(struct sim_frame){ event.time, event.who };
		if (router->next_arrival != ARRIVALS_NEVER)
			events_put(&worker->shared, router->next_arrival, event.who);
	}
}

/* Each pays for its own packets, also for those that its FIFO has no room for. */
static uint32_t
classify(struct sim_worker *worker)
{
	const struct scenario *scenario = worker->scenario;
	uint64_t waiting = worker->nic_tail - worker->nic_head;
	uint32_t n = waiting < RECEIVE_BURST ? (uint32_t)waiting : RECEIVE_BURST;

	for (uint32_t i = 0; i < n; i++) {
		struct sim_frame frame = worker->nic[worker->nic_head++ % scenario->nic_queue];
		struct sim_router *router = worker->routers[frame.slot];

		account(worker, router, scenario->classify_cycles, 0);
		worker->billed += scenario->classify_cycles;
		/* What is billed to one that sleeps is forgiven when it wakes. */
		if (sim_router_put(router, frame.arrival))
			sched_wake(&worker->sched, &router->entity, worker->now);
		sched_bill(&worker->sched, &router->entity, scenario->classify_cycles);
	}
	return n;
}

static void
add_credit(struct sim_worker *worker, int64_t cycles)
{
	int64_t limit = (int64_t)CLASSIFY_QUANTA * worker->sched.quantum;

	cycles += worker->credit;
	worker->credit = cycles > limit ? limit : cycles < -limit ? -limit : cycles;
}

static void
receive(struct sim_worker *worker)
{
	if (worker->sched.n_awake > 0 &&
		(worker->overloaded ? worker->credit <= 0
				    : worker->now - worker->last_receive < worker->sched.quantum))
		return;
	worker->last_receive = worker->now;
	worker->overloaded = true;
	for (unsigned int i = 0; i < RECEIVE_ROUNDS; i++) {
		uint32_t n;

		fill_nic(worker);
		n = classify(worker);
		add_credit(worker, -(int64_t)n * worker->scenario->classify_cycles);
		if (n == RECEIVE_BURST)
			continue;
		worker->overloaded = false;
		return;
	}
}

/* Turns */

static void
wake(struct sim_worker *worker)
{
	while (events_next(&worker->sleepers) <= worker->now) {
		struct sim_router *router = worker->routers[events_take(&worker->sleepers).who];

		sim_router_pull(router, worker->now);
		sched_wake(&worker->sched, &router->entity, worker->now);
	}
}

static void
sleep_if_empty(struct sim_worker *worker, struct sim_router *router)
{
	if (router->always || sim_router_waiting(router) > 0)
		return;
	sched_sleep(&worker->sched, &router->entity);
	for (unsigned int i = 0; i < worker->scenario->n_windows_ms; i++)
		pairwise_sleep(&worker->pairwise[i], router->slot);
	if (router->group->feed == SCENARIO_OWN && router->next_arrival != ARRIVALS_NEVER)
		events_put(&worker->sleepers, router->next_arrival, router->slot);
}

static void
turn(struct sim_worker *worker, struct sim_router *router)
{
	uint32_t n = sched_budget(&worker->sched, &router->entity);
	struct packets_cost cost;

	if (!router->always && n > sim_router_waiting(router))
		n = sim_router_waiting(router);
	cost = packets_run(&router->packets, n);
	cost.cycles += worker->scenario->turn_cycles;
	router->since_pick = 0;
	account(worker, router, cost.cycles, cost.misses);
	worker->run += cost.cycles;
	add_credit(worker, (int64_t)(cost.cycles * CLASSIFY_SHARE));
	sim_router_take(router, n, worker->now);
	if (worker->memory != NULL)
		sched_charge_memory(&worker->sched, &router->entity, cost.cycles, cost.misses, n);
	else
		sched_charge(&worker->sched, &router->entity, cost.cycles, n);
	if (router->group->feed == SCENARIO_OWN && !router->always)
		sim_router_pull(router, worker->now);
	sleep_if_empty(worker, router);
}

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* To when something happens. */
static void
idle(struct sim_worker *worker)
{
	uint64_t next = earlier(events_next(&worker->sleepers), events_next(&worker->shared));

	next = earlier(next, sched_next_time(&worker->sched));
	next = earlier(next, worker->sample_end);
	next = earlier(next, worker->end);
	for (unsigned int i = 0; i < worker->scenario->n_windows_ms; i++)
		next = earlier(next, worker->pairwise[i].end);
	worker->idle += next - worker->now;
	worker->now = next;
}

static void
close_windows(struct sim_worker *worker)
{
	const struct scenario *scenario = worker->scenario;
	unsigned int n = scenario->duration_ms / scenario->windows_ms[0];

	for (unsigned int i = 0; i < scenario->n_windows_ms; i++)
		while (worker->pairwise[i].end <= worker->now)
			pairwise_close(&worker->pairwise[i], &worker->sched, worker->routers,
				worker->n_routers);
	while (worker->sample_end <= worker->now && worker->n_samples < n) {
		for (uint32_t i = 0; i < worker->n_routers; i++)
			sim_router_sample(worker->routers[i], worker->n_samples);
		worker->n_samples++;
		worker->sample_end += (uint64_t)scenario->windows_ms[0] * US_PER_MS * scenario->mhz;
	}
}

void
sim_worker_run(struct sim_worker *worker)
{
	while (worker->now < worker->end) {
		struct sched_entity *entity;

		wake(worker);
		if (worker->shared.n > 0 || worker->nic_tail != worker->nic_head)
			receive(worker);
		entity = sched_pick(&worker->sched, worker->now);
		if (entity != NULL)
			turn(worker, (struct sim_router *)entity);
		else
			idle(worker);
		close_windows(worker);
	}
	for (uint32_t i = 0; i < worker->n_routers; i++) {
		struct sim_router *router = worker->routers[i];

		if (router->group->feed == SCENARIO_OWN && !router->always)
			sim_router_pull(router, worker->now);
	}
	fill_nic(worker);
}
