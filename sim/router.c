/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "router.h"

#define US_PER_MS 1000

/* Streams of random numbers. */
enum {
	STREAM_ARRIVALS,
	STREAM_PACKETS,
};

static void
set_name(struct sim_router *router, const struct scenario_router *group, unsigned int i)
{
	if (group->count > 1)
		snprintf(router->name, sizeof(router->name), "%s-%u", group->name, i + 1);
	else
		snprintf(router->name, sizeof(router->name), "%s", group->name);
}

/* The ring's size is a power of two. */
static uint32_t
ring_mask(uint32_t size)
{
	return size > 1 ? UINT32_MAX >> __builtin_clz(size - 1) : 0;
}

int
sim_router_init(struct sim_router *router, const struct scenario *scenario,
	const struct scenario_router *group, unsigned int i, uint64_t seed)
{
	*router = (struct sim_router){
		.group = group,
		.weight =
			group->n_weights > 0 ? group->weights[i % group->n_weights] : group->weight,
		.always = group->arrivals->process == SCENARIO_ALWAYS,
		.size = group->fifo,
		.mask = ring_mask(group->fifo),
		.step = (uint64_t)scenario->mhz * scenario->step_us,
		.steps = (uint64_t)scenario->duration_ms * US_PER_MS / scenario->step_us,
	};
	set_name(router, group, i);
	router->fifo = calloc(router->mask + 1, sizeof(*router->fifo));
	router->arrived = calloc(router->steps, sizeof(*router->arrived));
	router->samples =
		calloc(scenario->duration_ms / scenario->windows_ms[0], sizeof(*router->samples));
	router->delays = calloc(1, sizeof(*router->delays));
	if (router->fifo == NULL || router->arrived == NULL || router->samples == NULL ||
		router->delays == NULL) {
		sim_router_fini(router);
		return -ENOMEM;
	}
	sched_entity_init(&router->entity, router->weight);
	packets_init(&router->packets, group->packets, prng_of(seed, router->name, STREAM_PACKETS));
	arrivals_init(&router->arrivals, group->arrivals, scenario->mhz,
		prng_of(seed, router->name, STREAM_ARRIVALS));
	router->next_arrival = router->always ? 0 : arrivals_next(&router->arrivals);
	return 0;
}

void
sim_router_fini(struct sim_router *router)
{
	free(router->fifo);
	free(router->arrived);
	free(router->samples);
	free(router->delays);
	router->fifo = NULL;
	router->arrived = NULL;
	router->samples = NULL;
	router->delays = NULL;
}

void
sim_router_offer(struct sim_router *router)
{
	uint64_t step = router->next_arrival / router->step;

	/* A last turn may end after the last step. */
	if (step < router->steps)
		router->arrived[step]++;
	router->counters.offered++;
	router->next_arrival = arrivals_next(&router->arrivals);
}

bool
sim_router_put(struct sim_router *router, uint64_t arrival)
{
	if (sim_router_waiting(router) == router->size) {
		router->counters.dropped++;
		return false;
	}
	router->fifo[router->tail++ & router->mask] = arrival;
	return true;
}

void
sim_router_pull(struct sim_router *router, uint64_t now)
{
	while (router->next_arrival <= now) {
		uint64_t arrival = router->next_arrival;

		sim_router_offer(router);
		sim_router_put(router, arrival);
	}
}

void
sim_router_take(struct sim_router *router, uint32_t n, uint64_t done)
{
	router->counters.forwarded += n;
	if (router->always) {
		router->counters.offered += n;
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		delays_add(router->delays, done - router->fifo[router->head++ & router->mask]);
}

void
sim_router_sample(struct sim_router *router, unsigned int i)
{
	const struct sim_counters *now = &router->counters;
	struct sim_counters *then = &router->sampled;

	router->samples[i] = (struct sim_sample){
		.offered = (uint32_t)(now->offered - then->offered),
		.forwarded = (uint32_t)(now->forwarded - then->forwarded),
		.dropped = (uint32_t)(now->dropped - then->dropped),
		.cycles = now->cycles - then->cycles,
	};
	*then = *now;
}
