/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SIM_WORKER_H
#define SIM_WORKER_H

#include <stdint.h>

#include "events.h"
#include "pairwise.h"
#include "router.h"
#include "sched/sched.h"

/*
 * A worker on a virtual clock: the schedule is lib/sched, the loop around it does what that of
 * lib/worker does. Turns and classification take the time that the scenario says, and nothing else
 * takes any. Workers have nothing in common, so they run one after the other.
 */

struct sim_frame {
	uint64_t arrival;
	uint32_t slot;
};

struct sim_worker {
	struct sched sched;
	const struct scenario *scenario;
	const struct scenario_memory *memory; /* NULL: misses are not counted */
	struct sim_router **routers;
	uint32_t n_routers;
	uint64_t now;
	uint64_t end;
	uint64_t run, billed, idle; /* cycles, together now */
	double miss_cycles;         /* what a miss is worth; 0: nothing */
	struct events sleepers; /* routers of queues of their own that have nothing, by their next
	                           packet */
	struct events shared;   /* those of the shared queue, by their next packet */
	struct sim_frame *nic;  /* what waits in the shared queue: a ring */
	uint64_t nic_head, nic_tail;
	int64_t credit; /* cycles that classification may still take */
	uint64_t last_receive;
	bool overloaded; /* the latest receive has left packets in the queue */
	uint64_t sample_end;
	unsigned int n_samples;
	struct pairwise pairwise[SCENARIO_WINDOWS_MAX];
};

/*
 * `routers` are this worker's, which have their slots in this order; the array is the caller's.
 * 0, -ENOMEM, or -ENOSPC: they reserve too much.
 */
int sim_worker_init(struct sim_worker *worker, const struct scenario *scenario,
	const struct scenario_run *run, uint64_t seed, struct sim_router **routers, uint32_t n);
void sim_worker_fini(struct sim_worker *worker);

/* From time 0 to the end of the scenario. */
void sim_worker_run(struct sim_worker *worker);

#endif
