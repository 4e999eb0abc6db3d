/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <numa.h>
#include <rte_lcore.h>

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

static unsigned int
lightest(const uint64_t *weights, unsigned int n)
{
	unsigned int best = 0;

	for (unsigned int i = 1; i < n; i++)
		if (weights[i] < weights[best])
			best = i;
	return best;
}

int
place_routers(const struct vrouter *vrouter, const unsigned int *lcores, unsigned int *placement,
	FILE *errors)
{
	const struct config *config = vrouter->config;
	uint64_t *weights = calloc(vrouter->n_workers, sizeof(*weights));
	int rc = weights == NULL ? -ENOMEM : 0;

	/* Those that name a worker first, so that the others know what is left. */
	for (unsigned int i = 0; i < config->n_routers && weights != NULL; i++) {
		const struct config_router *router = &config->routers[i];

		if (router->lcore == CONFIG_LCORE_ANY)
			continue;
		placement[i] = worker_of(vrouter, lcores, router->lcore);
		if (placement[i] < vrouter->n_workers) {
			weights[placement[i]] += router->weight;
			continue;
		}
		tell_bad_lcore(vrouter, vrouter->source, router->line, "router", router->name,
			router->lcore, lcores, errors);
		rc = -EINVAL;
	}
	for (unsigned int i = 0; i < config->n_routers && rc == 0; i++) {
		if (config->routers[i].lcore != CONFIG_LCORE_ANY)
			continue;
		placement[i] = lightest(weights, vrouter->n_workers);
		weights[placement[i]] += config->routers[i].weight;
	}
	free(weights);
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
	struct worker *best = NULL;
	struct router *router;
	uint64_t least = UINT64_MAX;
	char state[STATE_TEXT_SIZE];

	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		struct worker *worker = vrouter->workers[i];
		uint64_t weight = 0;

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
		if (weight < least) {
			least = weight;
			best = worker;
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
