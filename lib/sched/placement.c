/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sched/placement.h"
#include "sched/sched.h"

#define MILLION 1000000

/* Who is placed, in which order. */
struct candidate {
	const struct placement_router *router;
	uint32_t index;
};

void
placement_add(struct placement_worker *worker, const struct placement_router *router)
{
	if (router->reserved > 0)
		worker->reserved += router->reserved;
	else
		worker->load += router->load;
}

static bool
has_room(const struct placement_worker *worker, const struct placement_router *router)
{
	return worker->reserved + router->reserved <= SCHED_RESERVED_MAX;
}

static bool
less_reserved(const struct placement_worker *a, const struct placement_worker *b)
{
	return a->reserved < b->reserved || (a->reserved == b->reserved && a->load < b->load);
}

/* Part of a worker that is not reserved; never nothing. */
static uint64_t
left(const struct placement_worker *worker)
{
	return worker->reserved < MILLION ? MILLION - worker->reserved : 1;
}

/* Whether the router would have more of a than of b. */
static bool
roomier(const struct placement_worker *a, const struct placement_worker *b,
	const struct placement_router *router)
{
	return (unsigned __int128)(a->load + router->load) * left(b) <
	       (unsigned __int128)(b->load + router->load) * left(a);
}

uint32_t
placement_choose(const struct placement_worker *workers, uint32_t n_workers,
	const struct placement_router *router)
{
	uint32_t best = 0;

	for (uint32_t i = 1; i < n_workers; i++)
		if (router->reserved > 0 ? less_reserved(&workers[i], &workers[best])
					 : roomier(&workers[i], &workers[best], router))
			best = i;
	return best;
}

/* For a reservation: the first worker with room. */
static uint32_t
choose_first(const struct placement_worker *workers, uint32_t n_workers,
	const struct placement_router *router)
{
	for (uint32_t i = 0; i < n_workers && router->reserved > 0; i++)
		if (has_room(&workers[i], router))
			return i;
	return placement_choose(workers, n_workers, router);
}

/* The largest reservations, then the heaviest, then as given. */
static int
compare(const void *left_item, const void *right_item)
{
	const struct candidate *a = left_item, *b = right_item;

	if (a->router->reserved != b->router->reserved)
		return a->router->reserved > b->router->reserved ? -1 : 1;
	if (a->router->load != b->router->load)
		return a->router->load > b->router->load ? -1 : 1;
	return a->index < b->index ? -1 : 1;
}

/* Gives whether all reservations have room. `chosen` is by the order of the candidates. */
static bool
spread(const struct candidate *candidates, uint32_t n, struct placement_worker *workers,
	uint32_t n_workers, bool first, uint32_t *chosen)
{
	bool fits = true;

	for (uint32_t i = 0; i < n; i++) {
		const struct placement_router *router = candidates[i].router;
		uint32_t worker = first ? choose_first(workers, n_workers, router)
		                        : placement_choose(workers, n_workers, router);

		fits &= router->reserved == 0 || has_room(&workers[worker], router);
		placement_add(&workers[worker], router);
		chosen[i] = worker;
	}
	return fits;
}

/* Those that have to be somewhere are there from the begin; the others are candidates. */
static uint32_t
sort_out(const struct placement_router *routers, uint32_t n, struct placement_worker *workers,
	struct candidate *candidates)
{
	uint32_t n_candidates = 0;

	for (uint32_t i = 0; i < n; i++)
		if (routers[i].worker != PLACEMENT_ANY)
			placement_add(&workers[routers[i].worker], &routers[i]);
		else
			candidates[n_candidates++] = (struct candidate){ &routers[i], i };
	qsort(candidates, n_candidates, sizeof(*candidates), compare);
	return n_candidates;
}

int
placement_spread(struct placement_router *routers, uint32_t n, uint32_t n_workers)
{
	struct candidate *candidates = calloc(n + 1, sizeof(*candidates));
	struct placement_worker *fixed = calloc(n_workers, sizeof(*fixed));
	struct placement_worker *workers = calloc(n_workers, sizeof(*workers));
	uint32_t *chosen = calloc(n + 1, sizeof(*chosen));
	bool ok = candidates != NULL && fixed != NULL && workers != NULL && chosen != NULL;

	if (ok) {
		uint32_t n_candidates = sort_out(routers, n, fixed, candidates);
		bool fits = false;

		for (unsigned int first = 0; first < 2 && !fits; first++) {
			memcpy(workers, fixed, n_workers * sizeof(*workers));
			fits = spread(
				candidates, n_candidates, workers, n_workers, first == 1, chosen);
		}
		for (uint32_t i = 0; i < n_candidates; i++)
			routers[candidates[i].index].worker = chosen[i];
	}
	free(candidates);
	free(fixed);
	free(workers);
	free(chosen);
	return ok ? 0 : -ENOMEM;
}
