/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "fluid.h"
#include "oracle.h"

#define US_PER_MS 1000

static double
part_of(const struct config_server *server, double otherwise)
{
	return server != NULL ? (double)server->runtime_us / server->period_us : otherwise;
}

/* Who misses more than it takes time has its share of misses, and of the time what goes with it. */
static struct fluid_router
fluid_of(const struct sim_worker *worker, const struct sim_router *router)
{
	const struct scenario_router *group = router->group;
	double cycles, misses;

	packets_mean(group->packets, &cycles, &misses);
	return (struct fluid_router){
		.weight = router->weight / fmax(1, misses * worker->miss_cycles / cycles),
		.cycles = cycles,
		.before = group->feed == SCENARIO_SHARED ? worker->scenario->classify_cycles : 0,
		.reserve = part_of(group->reserve, 0),
		.limit = part_of(group->limit, 1),
		.room = group->fifo,
		.always = router->always,
	};
}

static void
step(struct sim_worker *worker, struct fluid_router *fluid, struct fluid_share *shares,
	double *arrived, uint64_t which)
{
	const struct scenario *scenario = worker->scenario;
	uint64_t window = which * scenario->step_us / US_PER_MS / scenario->windows_ms[0];
	uint32_t n = worker->n_routers;

	for (uint32_t i = 0; i < n; i++)
		arrived[i] = worker->routers[i]->arrived[which];
	fluid_step(fluid, shares, n, arrived, (double)worker->routers[0]->step);
	for (uint32_t i = 0; i < n; i++) {
		worker->routers[i]->entitled += fluid[i].received;
		worker->routers[i]->samples[window].entitled += fluid[i].received;
	}
}

int
oracle_entitle(struct sim_worker *worker)
{
	uint32_t n = worker->n_routers;
	struct fluid_router *fluid = calloc(n + 1, sizeof(*fluid));
	struct fluid_share *shares = calloc(n + 1, sizeof(*shares));
	double *arrived = calloc(n + 1, sizeof(*arrived));
	bool ok = fluid != NULL && shares != NULL && arrived != NULL;

	for (uint32_t i = 0; ok && i < n; i++)
		fluid[i] = fluid_of(worker, worker->routers[i]);
	for (uint64_t i = 0; ok && n > 0 && i < worker->routers[0]->steps; i++)
		step(worker, fluid, shares, arrived, i);
	free(fluid);
	free(shares);
	free(arrived);
	return ok ? 0 : -ENOMEM;
}
