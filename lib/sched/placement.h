/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SCHED_PLACEMENT_H
#define SCHED_PLACEMENT_H

#include <stdint.h>

/*
 * Which worker runs which router. Those without a reservation share what others leave of a worker:
 * the heaviest first, each goes to where its part of that will be largest. Without reservations
 * that is the worker with least load (Graham, SIAM J. Appl. Math. 17.2, 1969: the most loaded one
 * has no more than 4/3 of what is possible). Of equals the first, in the order given.
 *
 * Reservations come before. The largest first, each goes to the worker of which least is reserved;
 * and if that leaves one without room, each to the first worker with room, which finds a place for
 * more of them. No worker gets more than SCHED_RESERVED_MAX while there is another way that these
 * two find.
 *
 * It knows no lcores, ports or NUMA nodes: where those matter the caller says so by the worker.
 */

#define PLACEMENT_ANY UINT32_MAX

struct placement_router {
	uint64_t load;     /* its weight, or what it is known to take: one unit for all */
	uint32_t reserved; /* of a worker, in millionths; 0: none */
	uint32_t worker;   /* the one it has to be on, or PLACEMENT_ANY */
};

struct placement_worker {
	uint64_t load;     /* of routers without a reservation */
	uint64_t reserved; /* millionths, those of routers that have to be here included */
};

/* What a worker has with one router more. */
void placement_add(struct placement_worker *worker, const struct placement_router *router);

/*
 * For one that comes while the others stay where they are. Where no worker has as much left as it
 * reserves, the one that has most.
 */
uint32_t placement_choose(const struct placement_worker *workers, uint32_t n_workers,
	const struct placement_router *router);

/* Fills in the workers of those that may be on any. 0 or -ENOMEM. */
int placement_spread(struct placement_router *routers, uint32_t n, uint32_t n_workers);

#endif
