/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SIM_RUN_H
#define SIM_RUN_H

#include <stdio.h>

#include "worker.h"

/* One run of a scenario, all of its workers, and what came out. */

struct sim_run {
	const struct scenario *scenario;
	const struct scenario_run *config;
	struct sim_router *routers;
	uint32_t n_routers;
	struct sim_worker *workers;
	uint32_t n_workers;
	struct sim_router **by_worker; /* those of the first, then those of the second ... */
	double jain;
};

/* 0; else errors were told. Whatever comes back, sim_run_fini() frees. */
int sim_run_init(struct sim_run *run, const struct scenario *scenario,
	const struct scenario_run *config, uint64_t seed, FILE *errors);
void sim_run_fini(struct sim_run *run);

/* 0; else something did not add up, which was told and is the simulator's own fault. */
int sim_run_go(struct sim_run *run, FILE *errors);

/* Part of the worker's time. */
double sim_run_share(const struct sim_run *run, const struct sim_router *router);

/* The same, or the part of its misses where that is more. */
double sim_run_dominant(const struct sim_run *run, const struct sim_router *router);

/* Part of what was offered that was dropped. */
double sim_run_loss(const struct sim_router *router);

/* Received against entitlement: 0.01 is one percent too much. */
double sim_run_error(const struct sim_router *router);

/* The worst of all workers and windows; and how many pairs of windows that is of. */
double sim_run_pairwise(const struct sim_run *run, uint64_t *pairs);

#endif
