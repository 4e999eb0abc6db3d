/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"
#include "run.h"
#include "sched/placement.h"

#define SECOND_MS 1000.0

static uint32_t
count_routers(const struct scenario *scenario, const struct scenario_run *config)
{
	const struct scenario_router *group;
	uint32_t n = 0;

	for (unsigned int i = 0; (group = scenario_group(scenario, config, i)) != NULL; i++)
		n += group->count;
	return n;
}

static int
make_routers(struct sim_run *run, uint64_t seed)
{
	const struct scenario_router *group;
	int rc = 0;

	for (unsigned int i = 0; (group = scenario_group(run->scenario, run->config, i)) != NULL;
		i++)
		for (uint32_t j = 0; j < group->count && rc == 0; j++) {
			rc = sim_router_init(
				&run->routers[run->n_routers], run->scenario, group, j, seed);
			run->n_routers += rc == 0;
		}
	return rc;
}

static int
place(struct sim_run *run)
{
	struct placement_router *routers = calloc(run->n_routers, sizeof(*routers));
	int rc = -ENOMEM;

	for (uint32_t i = 0; routers != NULL && i < run->n_routers; i++) {
		const struct scenario_router *group = run->routers[i].group;
		const struct config_server *reserve = group->reserve;

		routers[i] = (struct placement_router){
			.load = run->routers[i].weight,
			.worker = group->worker == SCENARIO_WORKER_ANY ? PLACEMENT_ANY
			                                               : (uint32_t)group->worker,
		};
		if (reserve != NULL)
			routers[i].reserved =
				sched_millionths(reserve->runtime_us, reserve->period_us);
	}
	if (routers != NULL)
		rc = placement_spread(routers, run->n_routers, run->scenario->workers);
	for (uint32_t i = 0; rc == 0 && i < run->n_routers; i++)
		run->routers[i].worker = routers[i].worker;
	free(routers);
	return rc;
}

static int
make_workers(struct sim_run *run, uint64_t seed, FILE *errors)
{
	struct sim_router **next = run->by_worker;
	int rc = 0;

	for (uint32_t w = 0; w < run->scenario->workers && rc == 0; w++) {
		struct sim_router **first = next;

		for (uint32_t i = 0; i < run->n_routers; i++)
			if (run->routers[i].worker == w)
				*next++ = &run->routers[i];
		rc = sim_worker_init(&run->workers[w], run->scenario, run->config, seed, first,
			(uint32_t)(next - first));
		run->n_workers++;
		if (rc == -ENOSPC)
			fprintf(errors,
				"run %s: found reservations of more than %g%% of worker %u, "
				"expected that much at most\n",
				run->config->name, SCHED_RESERVED_MAX / 1e4, w);
	}
	return rc;
}

int
sim_run_init(struct sim_run *run, const struct scenario *scenario,
	const struct scenario_run *config, uint64_t seed, FILE *errors)
{
	uint32_t n = count_routers(scenario, config);
	int rc;

	*run = (struct sim_run){ .scenario = scenario, .config = config };
	run->routers = calloc(n, sizeof(*run->routers));
	run->by_worker = calloc(n, sizeof(struct sim_router *));
	run->workers = calloc(scenario->workers, sizeof(*run->workers));
	if (run->routers == NULL || run->by_worker == NULL || run->workers == NULL)
		rc = -ENOMEM;
	else
		rc = make_routers(run, seed);
	if (rc == 0)
		rc = place(run);
	if (rc == 0)
		rc = make_workers(run, seed, errors);
	if (rc == -ENOMEM)
		fprintf(errors, "run %s: out of memory\n", config->name);
	return rc;
}

void
sim_run_fini(struct sim_run *run)
{
	for (uint32_t i = 0; i < run->n_workers; i++)
		sim_worker_fini(&run->workers[i]);
	for (uint32_t i = 0; i < run->n_routers; i++)
		sim_router_fini(&run->routers[i]);
	free(run->workers);
	free(run->by_worker);
	free(run->routers);
	*run = (struct sim_run){ 0 };
}

/* Every cycle and every packet is counted once. */
static bool
adds_up(const struct sim_worker *worker)
{
	uint64_t cycles = 0, offered = 0, accounted = worker->nic_tail - worker->nic_head;

	for (uint32_t i = 0; i < worker->n_routers; i++) {
		const struct sim_router *router = worker->routers[i];

		cycles += router->counters.cycles;
		offered += router->counters.offered;
		accounted += router->counters.forwarded + router->counters.dropped +
		             sim_router_waiting(router);
		if (worker->sched.cost.mode == SCHED_COST_EXACT &&
			router->entity.charged != router->counters.cycles)
			return false;
	}
	return worker->run + worker->billed + worker->idle == worker->now &&
	       cycles == worker->run + worker->billed && offered == accounted;
}

static double
jain(const struct sim_run *run)
{
	double sum = 0, squares = 0;
	uint32_t n = 0;

	for (uint32_t i = 0; i < run->n_routers; i++) {
		const struct sim_router *router = &run->routers[i];
		double x;

		if (router->entitled <= 0)
			continue;
		x = (double)router->counters.cycles / router->entitled;
		sum += x;
		squares += x * x;
		n++;
	}
	return n > 0 && squares > 0 ? sum * sum / (n * squares) : 1;
}

int
sim_run_go(struct sim_run *run, FILE *errors)
{
	for (uint32_t w = 0; w < run->n_workers; w++) {
		struct sim_worker *worker = &run->workers[w];

		sim_worker_run(worker);
		if (!adds_up(worker)) {
			fprintf(errors, "run %s: accounts of worker %u do not add up\n",
				run->config->name, w);
			return -EIO;
		}
		if (oracle_entitle(worker) != 0) {
			fprintf(errors, "run %s: out of memory\n", run->config->name);
			return -ENOMEM;
		}
	}
	run->jain = jain(run);
	return 0;
}

double
sim_run_share(const struct sim_run *run, const struct sim_router *router)
{
	return (double)router->counters.cycles / (double)run->workers[router->worker].now;
}

double
sim_run_dominant(const struct sim_run *run, const struct sim_router *router)
{
	const struct sim_worker *worker = &run->workers[router->worker];
	double budget, share = sim_run_share(run, router);

	if (worker->memory == NULL)
		return share;
	budget = (double)worker->memory->misses_per_second * run->scenario->duration_ms / SECOND_MS;
	return fmax(share, (double)router->counters.misses / budget);
}

double
sim_run_loss(const struct sim_router *router)
{
	if (router->counters.offered == 0)
		return 0;
	return (double)router->counters.dropped / (double)router->counters.offered;
}

double
sim_run_error(const struct sim_router *router)
{
	if (router->entitled <= 0)
		return router->counters.cycles > 0 ? INFINITY : 0;
	return (double)router->counters.cycles / router->entitled - 1;
}

double
sim_run_pairwise(const struct sim_run *run, uint64_t *pairs)
{
	double worst = 0;

	*pairs = 0;
	for (uint32_t w = 0; w < run->n_workers; w++)
		for (unsigned int i = 0; i < run->scenario->n_windows_ms; i++) {
			worst = fmax(worst, run->workers[w].pairwise[i].worst);
			*pairs += run->workers[w].pairwise[i].pairs;
		}
	return worst;
}
