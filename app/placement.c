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
#include "sched/placement.h"
#include "sched/sched.h"
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

static struct placement_router
wish(const struct config_router *config)
{
	const struct config_server *reserve = config->reserve;

	return (struct placement_router){
		.load = config->weight,
		.reserved = reserve != NULL
		                    ? sched_millionths(reserve->runtime_us, reserve->period_us)
		                    : 0,
		.worker = PLACEMENT_ANY,
	};
}

int
place_routers(const struct vrouter *vrouter, const unsigned int *lcores, unsigned int *placement,
	FILE *errors)
{
	const struct config *config = vrouter->config;
	struct placement_router *wishes = calloc(config->n_routers + 1, sizeof(*wishes));
	int rc = wishes == NULL ? -ENOMEM : 0;

	for (unsigned int i = 0; i < config->n_routers && wishes != NULL; i++) {
		const struct config_router *router = &config->routers[i];

		wishes[i] = wish(router);
		if (router->lcore == CONFIG_LCORE_ANY)
			continue;
		wishes[i].worker = worker_of(vrouter, lcores, router->lcore);
		if (wishes[i].worker < vrouter->n_workers)
			continue;
		tell_bad_lcore(vrouter, vrouter->source, router->line, "router", router->name,
			router->lcore, lcores, errors);
		rc = -EINVAL;
	}
	if (rc == 0)
		rc = placement_spread(wishes, config->n_routers, vrouter->n_workers);
	for (unsigned int i = 0; i < config->n_routers && rc == 0; i++)
		placement[i] = wishes[i].worker;
	free(wishes);
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

/* What the routers that there are leave of a worker. */
static struct placement_worker
taken(const struct vrouter *vrouter, const struct worker *worker)
{
	struct placement_worker sum = { 0 };
	const struct router *router;

	TAILQ_FOREACH(router, &vrouter->routers, link)
		if (router->worker == worker) {
			struct placement_router one = wish(router->config);

			placement_add(&sum, &one);
		}
	sum.reserved = cpu_time_reserved(vrouter, worker, NULL);
	return sum;
}

struct worker *
place_router(const struct vrouter *vrouter, const struct config_router *config, const char *source,
	FILE *errors)
{
	const struct placement_router wanted = wish(config);
	struct placement_worker sums[RTE_MAX_LCORE];
	struct worker *serving[RTE_MAX_LCORE];
	char state[STATE_TEXT_SIZE];
	uint32_t n = 0;

	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		struct worker *worker = vrouter->workers[i];
		bool named = config->lcore == (int)worker->lcore;

		if (watchdog_can_serve(vrouter, worker)) {
			if (named)
				return worker;
			sums[n] = taken(vrouter, worker);
			serving[n++] = worker;
		} else if (named) {
			fprintf(errors, "%s:%u: router %s: lcore %d is %s\n", source, config->line,
				config->name, config->lcore, worker_state_text(vrouter, i, state));
			return NULL;
		}
	}
	if (config->lcore == CONFIG_LCORE_ANY && n > 0)
		return serving[placement_choose(sums, n, &wanted)];
	if (n == 0)
		fprintf(errors, "%s:%u: router %s: all lcores are stuck (see show lcore)\n", source,
			config->line, config->name);
	else
		fprintf(errors, "%s:%u: router %s: lcore %d is no worker\n", source, config->line,
			config->name, config->lcore);
	return NULL;
}
