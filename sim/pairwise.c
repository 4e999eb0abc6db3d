/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "pairwise.h"

/* Of what either received: see sched.h. */
#define ROUNDING 1e-8

int
pairwise_init(struct pairwise *pairwise, uint64_t width, uint64_t duration, uint32_t routers)
{
	*pairwise = (struct pairwise){
		.width = width,
		.end = width,
		.capacity = (unsigned int)(duration / width),
	};
	pairwise->windows = calloc(pairwise->capacity + 1, sizeof(*pairwise->windows));
	pairwise->begin = calloc(routers, sizeof(*pairwise->begin));
	pairwise->slept = calloc(routers, sizeof(*pairwise->slept));
	if (pairwise->windows != NULL && pairwise->begin != NULL && pairwise->slept != NULL)
		return 0;
	pairwise_fini(pairwise);
	return -ENOMEM;
}

void
pairwise_fini(struct pairwise *pairwise)
{
	free(pairwise->windows);
	free(pairwise->begin);
	free(pairwise->slept);
	*pairwise = (struct pairwise){ 0 };
}

static bool
counts(const struct pairwise *pairwise, const struct sim_router *router)
{
	return !pairwise->slept[router->slot] && !router->entity.served;
}

static double
service(const struct pairwise *pairwise, const struct sim_router *router)
{
	return (router->counters.dominant - pairwise->begin[router->slot]) / router->weight;
}

static void
look_at(struct pairwise *pairwise, struct pairwise_window *window, double buckets,
	const struct sim_router *a, const struct sim_router *b)
{
	double bound = a->dearest / a->weight + b->dearest / b->weight + buckets;
	double difference = fabs(service(pairwise, a) - service(pairwise, b));
	double rounding =
		2 * SCHED_VIRTUAL_UNIT + ROUNDING * (a->counters.dominant + b->counters.dominant);
	double part = fmax(0, difference - rounding) / bound;

	pairwise->pairs++;
	if (difference * window->bound >= window->difference * bound)
		*window = (struct pairwise_window){ difference, bound };
	if (part > pairwise->worst)
		pairwise->worst = part;
}

static void
look(struct pairwise *pairwise, const struct sched *sched, struct sim_router *const *routers,
	uint32_t n)
{
	double bucket = (double)(UINT64_C(1) << sched->bucket_shift) * SCHED_VIRTUAL_UNIT;
	struct pairwise_window *window = &pairwise->windows[pairwise->n];

	for (uint32_t i = 0; i < n; i++)
		for (uint32_t j = 0; counts(pairwise, routers[i]) && j < i; j++)
			if (counts(pairwise, routers[j]))
				look_at(pairwise, window, 2 * bucket, routers[i], routers[j]);
}

void
pairwise_close(struct pairwise *pairwise, const struct sched *sched,
	struct sim_router *const *routers, uint32_t n)
{
	if (pairwise->n < pairwise->capacity)
		look(pairwise, sched, routers, n);
	pairwise->n++;
	pairwise->end += pairwise->width;
	for (uint32_t i = 0; i < n; i++) {
		pairwise->begin[i] = routers[i]->counters.dominant;
		pairwise->slept[i] = !sched_awake(&routers[i]->entity);
	}
}
