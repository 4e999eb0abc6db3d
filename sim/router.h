/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SIM_ROUTER_H
#define SIM_ROUTER_H

#include <stdbool.h>
#include <stdint.h>

#include "arrivals.h"
#include "delays.h"
#include "packets.h"
#include "sched/sched.h"

/*
 * A router of a run: where its packets come from, what waits, and what is known of it. What it has
 * received is counted here from what its packets cost, not read from the schedule.
 */

#define SIM_NAME_MAX (CONFIG_NAME_MAX + 8) /* with the number of one of several */

/* Of the whole run, or of a window. */
struct sim_counters {
	uint64_t offered; /* packets that came */
	uint64_t forwarded;
	uint64_t dropped;
	uint64_t cycles; /* received: turns, and what was billed */
	uint64_t misses;
	double dominant; /* cycles, or what misses are worth where that is more, by turns */
};

/* In a window. */
struct sim_sample {
	uint32_t offered, forwarded, dropped;
	uint64_t cycles;
	double entitled; /* cycles */
};

struct sim_router {
	struct sched_entity entity;
	const struct scenario_router *group;
	char name[SIM_NAME_MAX + 1];
	uint32_t weight;
	unsigned int worker;
	uint32_t slot; /* among the routers of the worker */
	bool always;
	struct arrivals arrivals;
	struct packets packets;
	uint64_t next_arrival;
	uint64_t *fifo;    /* arrival times of what waits: a ring */
	uint32_t size;     /* packets that may wait */
	uint32_t mask;     /* of the ring */
	uint64_t head;     /* taken so far */
	uint64_t tail;     /* put so far */
	uint32_t *arrived; /* of each step of the oracle */
	uint64_t step;     /* cycles of one */
	uint64_t steps;
	struct sim_counters counters;
	double since_pick; /* charged and billed since it was last picked */
	double dearest;    /* the most from one pick to the next */
	double entitled;   /* cycles; by the oracle */
	struct sim_sample *samples;
	struct sim_counters sampled; /* counters at the end of the latest sample */
	struct delays *delays;
};

/* As its group has it; the i-th of several. -ENOMEM. */
int sim_router_init(struct sim_router *router, const struct scenario *scenario,
	const struct scenario_router *group, unsigned int i, uint64_t seed);
void sim_router_fini(struct sim_router *router);

static inline uint32_t
sim_router_waiting(const struct sim_router *router)
{
	return (uint32_t)(router->tail - router->head);
}

/* One came at that time, which is next_arrival; finds out when the next one comes. */
void sim_router_offer(struct sim_router *router);

/* Puts one that came at that time into the FIFO. False: it is full, and the packet dropped. */
bool sim_router_put(struct sim_router *router, uint64_t arrival);

/* All that came to its own queue up to now. */
void sim_router_pull(struct sim_router *router, uint64_t now);

/* Takes out n, which there are, run by `done`. */
void sim_router_take(struct sim_router *router, uint32_t n, uint64_t done);

/* Another window is over, the i-th. */
void sim_router_sample(struct sim_router *router, unsigned int i);

#endif
