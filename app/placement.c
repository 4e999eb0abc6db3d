/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <numa.h>
#include <rte_lcore.h>

#include "cpu_time.h"
#include "router.h"
#include "watchdog.h"

/* Index of the worker on `lcore`, or n_workers. */
static unsigned int
worker_of(const struct vrouter *vrouter, const unsigned int *lcores, int lcore)
{
	unsigned int i;

	for (i = 0; i < vrouter->n_workers; i++)
		if (lcores[i] == (unsigned int)lcore)
			break;
	return i;
}

static void
tell_bad_lcore(const struct vrouter *vrouter, const char *source, unsigned int line,
	const char *what, const char *name, int lcore, const unsigned int *lcores, FILE *errors)
{
	fprintf(errors, "%s:%u: %s %s: lcore %d is no worker, expected one of", source, line, what,
		name, lcore);
	for (unsigned int i = 0; i < vrouter->n_workers; i++)
		fprintf(errors, " %u", lcores[i]);
	fprintf(errors, " (the first lcore of -l is the control thread's)\n");
}

/* What has been placed on a worker. */
struct load {
	uint64_t weight;
	uint32_t reserved; /* millionths */
};

static uint32_t
reserve_of(const struct vrouter *vrouter, const struct config_router *router)
{
	struct sched_share reserve = cpu_time_of(vrouter, router->reserve);

	return sched_millionths(reserve.runtime, reserve.period);
}

static bool
has_room(const struct load *load, uint32_t reserve)
{
	return reserve == 0 || load->reserved + reserve <= SCHED_RESERVED_MAX;
}

/* The one with least weight, and with room for the reserve; without any: the one with least. */
static unsigned int
lightest(const struct load *loads, unsigned int n, uint32_t reserve)
{
	unsigned int best = 0;

	for (unsigned int i = 1; i < n; i++) {
		bool room = has_room(&loads[i], reserve),
		     best_room = has_room(&loads[best], reserve);

		if ((room && !best_room) ||
			(room == best_room && loads[i].weight < loads[best].weight))
			best = i;
	}
	return best;
}

/* The one with least room that suffices: what is left of the others is left for large ones. */
static unsigned int
fullest(const struct load *loads, unsigned int n, uint32_t reserve)
{
	unsigned int best = n;

	for (unsigned int i = 0; i < n; i++)
		if (has_room(&loads[i], reserve) &&
			(best == n || loads[i].reserved > loads[best].reserved))
			best = i;
	return best == n ? lightest(loads, n, reserve) : best;
}

/* A router of the config whose worker is to be found. */
struct candidate {
	unsigned int index;
	uint32_t reserve;
};

/* The largest reserve first; those alike as they are in the config. */
static int
compare_candidates(const void *a, const void *b)
{
	const struct candidate *left = a, *right = b;

	if (left->reserve != right->reserve)
		return left->reserve < right->reserve ? 1 : -1;
	return left->index < right->index ? -1 : left->index > right->index;
}

struct placing {
	const struct vrouter *vrouter;
	unsigned int *placement;
	struct load *named; /* by those that name a worker */
	struct load *loads;
	struct candidate *candidates;
	unsigned int n_candidates;
};

typedef unsigned int (*choose_fn)(const struct load *loads, unsigned int n, uint32_t reserve);

static void
put(const struct placing *placing, struct load *loads, unsigned int router, unsigned int worker)
{
	const struct config_router *config = &placing->vrouter->config->routers[router];

	placing->placement[router] = worker;
	loads[worker].weight += config->weight;
	loads[worker].reserved += reserve_of(placing->vrouter, config);
}

/* Whether all reserves fit so. */
static bool
place_candidates(struct placing *placing, choose_fn choose)
{
	unsigned int n_workers = placing->vrouter->n_workers;
	bool fits = true;

	memcpy(placing->loads, placing->named, n_workers * sizeof(*placing->loads));
	for (unsigned int i = 0; i < placing->n_candidates; i++) {
		const struct candidate *candidate = &placing->candidates[i];
		unsigned int worker = choose(placing->loads, n_workers, candidate->reserve);

		fits &= has_room(&placing->loads[worker], candidate->reserve);
		put(placing, placing->loads, candidate->index, worker);
	}
	return fits;
}

/* Those that name a worker first, so that the others know what is left. */
static int
place_named(struct placing *placing, const unsigned int *lcores, FILE *errors)
{
	const struct vrouter *vrouter = placing->vrouter;
	const struct config *config = vrouter->config;
	int rc = 0;

	for (unsigned int i = 0; i < config->n_routers; i++) {
		const struct config_router *router = &config->routers[i];
		unsigned int worker;

		if (router->lcore == CONFIG_LCORE_ANY) {
			placing->candidates[placing->n_candidates++] =
				(struct candidate){ i, reserve_of(vrouter, router) };
			continue;
		}
		worker = worker_of(vrouter, lcores, router->lcore);
		if (worker < vrouter->n_workers) {
			put(placing, placing->named, i, worker);
			continue;
		}
		tell_bad_lcore(vrouter, vrouter->source, router->line, "router", router->name,
			router->lcore, lcores, errors);
		rc = -EINVAL;
	}
	return rc;
}

/*
 * By weight, and where reserves do not fit so, those by how well they fit. Where neither does, the
 * first that has no room is refused when it is made.
 */
int
place_routers(const struct vrouter *vrouter, const unsigned int *lcores, unsigned int *placement,
	FILE *errors)
{
	struct placing placing = { .vrouter = vrouter, .placement = placement };
	int rc = -ENOMEM;

	placing.named = calloc(vrouter->n_workers, sizeof(*placing.named));
	placing.loads = calloc(vrouter->n_workers, sizeof(*placing.loads));
	placing.candidates = calloc(vrouter->config->n_routers + 1, sizeof(*placing.candidates));
	if (placing.named != NULL && placing.loads != NULL && placing.candidates != NULL)
		rc = place_named(&placing, lcores, errors);
	if (rc == 0) {
		qsort(placing.candidates, placing.n_candidates, sizeof(*placing.candidates),
			compare_candidates);
		if (!place_candidates(&placing, lightest))
			place_candidates(&placing, fullest);
	}
	free(placing.named);
	free(placing.loads);
	free(placing.candidates);
	return rc;
}

static bool
uses_port(const struct config_router *router, const char *port)
{
	for (unsigned int i = 0; i < router->n_interfaces; i++)
		if (strcmp(router->interfaces[i].port, port) == 0)
			return true;
	return false;
}

/* How far memory of the port's node is from the lcore; 0 where nothing is known. */
static int
distance(const struct port *port, unsigned int lcore)
{
	if (port->socket < 0 || numa_available() < 0)
		return 0;
	return numa_distance(port->socket, (int)rte_lcore_to_socket_id(lcore));
}

/*
 * The worker with most weight of routers on the port; among equals the nearest to the port, and
 * among those the one with fewest ports.
 */
static unsigned int
worker_for_port(const struct vrouter *vrouter, const struct port *device, const char *port,
	const unsigned int *lcores, const unsigned int *placement, const unsigned int *n_ports,
	uint64_t *weights)
{
	const struct config *config = vrouter->config;
	unsigned int best = 0;

	memset(weights, 0, vrouter->n_workers * sizeof(*weights));
	for (unsigned int i = 0; i < config->n_routers; i++)
		if (uses_port(&config->routers[i], port))
			weights[placement[i]] += config->routers[i].weight;
	for (unsigned int i = 1; i < vrouter->n_workers; i++) {
		int nearer = distance(device, lcores[best]) - distance(device, lcores[i]);

		if (weights[i] > weights[best] || (weights[i] == weights[best] && nearer > 0) ||
			(weights[i] == weights[best] && nearer == 0 && n_ports[i] < n_ports[best]))
			best = i;
	}
	return best;
}

int
place_ports(struct vrouter *vrouter, const unsigned int *lcores, const unsigned int *placement,
	FILE *errors)
{
	uint64_t *weights = calloc(vrouter->n_workers, sizeof(*weights));
	unsigned int *n_ports = calloc(vrouter->n_workers, sizeof(*n_ports));
	int rc = weights == NULL || n_ports == NULL ? -ENOMEM : 0;

	for (unsigned int i = 0; i < vrouter->n_ports && rc != -ENOMEM; i++) {
		const struct config_port *config = &vrouter->config->ports[i];
		struct port *port = &vrouter->ports[i];

		if (config->lcore == CONFIG_LCORE_ANY)
			port->worker = worker_for_port(
				vrouter, port, config->name, lcores, placement, n_ports, weights);
		else
			port->worker = worker_of(vrouter, lcores, config->lcore);
		if (port->worker == vrouter->n_workers) {
			tell_bad_lcore(vrouter, vrouter->source, config->line, "port", config->name,
				config->lcore, lcores, errors);
			rc = -EINVAL;
			continue;
		}
		n_ports[port->worker]++;
	}
	free(weights);
	free(n_ports);
	return rc;
}

struct worker *
place_router(const struct vrouter *vrouter, const struct config_router *config, const char *source,
	FILE *errors)
{
	uint32_t reserve = reserve_of(vrouter, config);
	struct worker *best = NULL;
	struct router *router;
	uint64_t least = UINT64_MAX;
	bool best_room = false;
	char state[STATE_TEXT_SIZE];

	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		struct worker *worker = vrouter->workers[i];
		uint64_t weight = 0;
		bool room;

		if (!watchdog_can_serve(vrouter, worker)) {
			if (config->lcore != (int)worker->lcore)
				continue;
			fprintf(errors, "%s:%u: router %s: lcore %d is %s\n", source, config->line,
				config->name, config->lcore, worker_state_text(vrouter, i, state));
			return NULL;
		}
		if (config->lcore == (int)worker->lcore)
			return worker;
		TAILQ_FOREACH(router, &vrouter->routers, link)
			if (router->worker == worker)
				weight += router->config->weight;
		room = reserve == 0 ||
		       cpu_time_reserved(vrouter, worker, NULL) + reserve <= SCHED_RESERVED_MAX;
		if ((room && !best_room) || (room == best_room && weight < least)) {
			least = weight;
			best = worker;
			best_room = room;
		}
	}
	if (config->lcore == CONFIG_LCORE_ANY && best != NULL)
		return best;
	if (best == NULL) {
		fprintf(errors, "%s:%u: router %s: all lcores are stuck (see show lcore)\n", source,
			config->line, config->name);
		return NULL;
	}
	fprintf(errors, "%s:%u: router %s: lcore %d is no worker\n", source, config->line,
		config->name, config->lcore);
	return NULL;
}
