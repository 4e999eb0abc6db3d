/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <rte_random.h>
#include <rte_rcu_qsbr.h>
#include <rte_string_fns.h>

#include "link.h"
#include "misses.h"
#include "patience.h"
#include "pool.h"
#include "router.h"
#include "stats.h"
#include "vrouter.h"
#include "watchdog.h"

/* How long stopping may take: workers run what is queued, then what is left is dropped. */
#define DRAIN_US 200000
/* And how long it waits for code that does not come back. */
#define STOP_NS UINT64_C(3000000000)

uint64_t
vrouter_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void
vrouter_tell(const struct vrouter *vrouter, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (vrouter->log != NULL)
		fprintf(vrouter->log, "%s\n", text);
	else
		RTE_LOG(WARNING, USER1, "%s\n", text);
}

static void
sleep_a_little(struct vrouter *vrouter)
{
	(void)vrouter;
	usleep(20);
}

static int
open_ports(struct vrouter *vrouter, FILE *errors)
{
	const struct config *config = vrouter->config;
	char error[PORT_ERROR_SIZE];
	int failures = 0;

	vrouter->ports = calloc(config->n_ports + 1, sizeof(*vrouter->ports));
	if (vrouter->ports == NULL) {
		fprintf(errors, "no memory for %u ports\n", config->n_ports);
		return -ENOMEM;
	}
	/* Every port is tried, so that all that is wrong is told at once. */
	for (unsigned int i = 0; i < config->n_ports; i++) {
		const struct config_port *wanted = &config->ports[i];
		struct port_params params = { .name = wanted->name,
			.device = wanted->device,
			.index = (uint16_t)i,
			.rx_descriptors = wanted->rx_descriptors,
			.tx_descriptors = wanted->tx_descriptors,
			.mtu = wanted->mtu };

		if (port_open(&vrouter->ports[i], &params, error) != 0) {
			fprintf(errors, "%s:%u: %s\n", vrouter->source, wanted->line, error);
			failures++;
		}
		vrouter->n_ports++;
	}
	return failures == 0 ? 0 : -ENODEV;
}

static int
configure_ports(struct vrouter *vrouter, FILE *errors)
{
	char error[PORT_ERROR_SIZE];

	for (unsigned int i = 0; i < vrouter->n_ports; i++) {
		if (port_configure(&vrouter->ports[i], vrouter->n_workers, vrouter->pool, error) ==
			0)
			continue;
		fprintf(errors, "%s:%u: %s\n", vrouter->source, vrouter->config->ports[i].line,
			error);
		return -ENODEV;
	}
	return 0;
}

static int
start_ports(struct vrouter *vrouter, FILE *errors)
{
	char error[PORT_ERROR_SIZE];

	for (unsigned int i = 0; i < vrouter->n_ports; i++) {
		if (port_start(&vrouter->ports[i], error) == 0)
			continue;
		fprintf(errors, "%s:%u: %s\n", vrouter->source, vrouter->config->ports[i].line,
			error);
		return -ENODEV;
	}
	return 0;
}

static struct sched_cost
cost_of(const struct config_cost *config)
{
	static const enum sched_cost_mode modes[] = {
		[CONFIG_COST_EXACT] = SCHED_COST_EXACT,
		[CONFIG_COST_SAMPLED] = SCHED_COST_SAMPLED,
		[CONFIG_COST_PACKETS] = SCHED_COST_PACKETS,
		[CONFIG_COST_ROUND_ROBIN] = SCHED_COST_ROUND_ROBIN,
	};

	if (config == NULL)
		return (struct sched_cost){ .mode = SCHED_COST_EXACT };
	return (struct sched_cost){ .mode = modes[config->mode],
		.period = config->period,
		.random_phase = config->phase == CONFIG_COST_PHASE_RANDOM,
		.seed = rte_rand() };
}

static int
make_workers(struct vrouter *vrouter, const unsigned int *lcores, FILE *errors)
{
	bool fence = !watchdog_register();

	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		struct worker_params params = { .index = i,
			.lcore = lcores[i],
			.socket = (int)rte_lcore_to_socket_id(lcores[i]),
			.ports = vrouter->ports,
			.n_ports = vrouter->n_ports,
			.quantum_us = vrouter->config->quantum_us,
			.cost = cost_of(vrouter->config->cost),
			.hz = vrouter->hz,
			.counts_misses = misses_counted(vrouter->config),
			.misses_per_second = misses_per_second(vrouter->config),
			.qsbr = reclaim_qsbr(vrouter->reclaim),
			.soft_ms = watchdog_soft_ms(vrouter->config),
			.hard_ms = watchdog_hard_ms(vrouter->config),
			.fence = fence };

		vrouter->workers[i] = worker_create(&params);
		if (vrouter->workers[i] == NULL) {
			fprintf(errors, "no memory for the worker of lcore %u\n", lcores[i]);
			return -ENOMEM;
		}
	}
	return 0;
}

static int
make_routers(struct vrouter *vrouter, const unsigned int *placement, FILE *errors)
{
	for (unsigned int i = 0; i < vrouter->config->n_routers; i++) {
		if (router_create(vrouter, &vrouter->config->routers[i],
			    vrouter->workers[placement[i]], errors) == NULL)
			return -EINVAL;
	}
	return 0;
}

static int
bring_up(struct vrouter *vrouter, const unsigned int *lcores, unsigned int *placement, FILE *errors)
{
	int rc = place_routers(vrouter, lcores, placement, errors);

	if (rc == 0)
		rc = open_ports(vrouter, errors);
	if (rc == 0)
		rc = place_ports(vrouter, lcores, placement, errors);
	if (rc == 0)
		rc = pool_create(vrouter, errors);
	if (rc == 0)
		rc = configure_ports(vrouter, errors);
	if (rc == 0)
		rc = make_workers(vrouter, lcores, errors);
	if (rc == 0)
		rc = make_routers(vrouter, placement, errors);
	if (rc == 0)
		rc = router_publish_tables(vrouter, errors);
	if (rc == 0)
		rc = start_ports(vrouter, errors);
	return rc;
}

struct vrouter *
vrouter_create(struct config *config, const char *source, const unsigned int *lcores,
	unsigned int n_lcores, FILE *errors)
{
	struct vrouter *vrouter = calloc(1, sizeof(*vrouter));
	unsigned int *placement = calloc(config->n_routers + 1, sizeof(*placement));
	int rc = -ENOMEM;

	if (vrouter == NULL || placement == NULL) {
		fprintf(errors, "no memory\n");
		config_free(config);
		free(vrouter);
		free(placement);
		return NULL;
	}
	pthread_mutex_init(&vrouter->lock, NULL);
	TAILQ_INIT(&vrouter->routers);
	TAILQ_INIT(&vrouter->leaving);
	vrouter->config = config;
	vrouter->source = source;
	vrouter->hz = rte_get_tsc_hz();
	vrouter->started = rte_rdtsc();
	vrouter->relax = sleep_a_little;
	vrouter->n_workers = n_lcores;
	vrouter->workers = calloc(n_lcores, sizeof(*vrouter->workers));
	vrouter->watches = calloc(n_lcores, sizeof(*vrouter->watches));
	vrouter->reclaim = reclaim_create(n_lcores);
	vrouter->base = stats_base_create(vrouter);
	if (vrouter->workers != NULL && vrouter->watches != NULL && vrouter->reclaim != NULL &&
		vrouter->base != NULL)
		rc = bring_up(vrouter, lcores, placement, errors);
	else
		fprintf(errors, "no memory\n");
	free(placement);
	if (rc == 0)
		return vrouter;
	vrouter_destroy(vrouter, errors);
	return NULL;
}

int
vrouter_launch(struct vrouter *vrouter, FILE *errors)
{
	int rc;

	vrouter->launched = true;
	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		struct worker *worker = vrouter->workers[i];

		rc = rte_eal_remote_launch(worker_main, worker, worker->lcore);
		if (rc != 0) {
			fprintf(errors, "lcore %u does not start: %s\n", worker->lcore,
				strerror(-rc));
			return rc;
		}
		while (__atomic_load_n(&worker->state, __ATOMIC_ACQUIRE) != WORKER_RUNNING)
			vrouter->relax(vrouter);
	}
	misses_tell(vrouter);
	return 0;
}

/* Runs workers that have no lcores of their own until none has work, which may be for others. */
static void
run_out(struct vrouter *vrouter)
{
	bool busy = true;

	while (busy) {
		busy = false;
		for (unsigned int i = 0; i < vrouter->n_workers; i++) {
			struct worker *worker = vrouter->workers[i];

			if (__atomic_load_n(&worker->state, __ATOMIC_ACQUIRE) == WORKER_STOPPED)
				continue;
			worker_pass(worker);
			busy |= !worker_drained(worker);
		}
	}
}

/* The worker has ended; false: it is in the code of a router, for longer than that may take. */
static bool
wait_for_worker(struct vrouter *vrouter, struct worker *worker, struct patience *patience)
{
	while (__atomic_load_n(&worker->state, __ATOMIC_ACQUIRE) != WORKER_STOPPED) {
		if (patience_ends(patience) && watchdog_is_inside(&worker->watchdog))
			return false;
		/* Those that are parked are let go. */
		watchdog_poll(vrouter);
		vrouter->relax(vrouter);
	}
	rte_eal_wait_lcore(worker->lcore);
	return true;
}

static bool
stop_workers(struct vrouter *vrouter)
{
	struct patience patience = patience_of(STOP_NS);
	bool stopped = true;

	for (unsigned int i = 0; i < vrouter->n_workers; i++)
		worker_stop_receiving(vrouter->workers[i]);
	/* What others classified is seen by all before they begin to drain. */
	for (unsigned int i = 0; i < vrouter->n_workers; i++)
		vrouter->relax(vrouter);
	for (unsigned int i = 0; i < vrouter->n_workers; i++)
		worker_stop(vrouter->workers[i], DRAIN_US);
	if (!vrouter->launched)
		run_out(vrouter);
	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		struct worker *worker = vrouter->workers[i];

		if (vrouter->launched)
			stopped &= wait_for_worker(vrouter, worker, &patience);
		else if (__atomic_load_n(&worker->state, __ATOMIC_ACQUIRE) != WORKER_STOPPED) {
			worker_pass(worker);
			worker_end(worker);
		}
	}
	return stopped;
}

bool
vrouter_stop(struct vrouter *vrouter)
{
	struct router *router;
	bool stopped;

	watchdog_poll(vrouter);
	TAILQ_FOREACH(router, &vrouter->routers, link)
		if (!router->stuck && vr_stop(router->vr))
			worker_ring(router->worker, router->instance);
	stopped = stop_workers(vrouter);
	TAILQ_FOREACH(router, &vrouter->routers, link)
		if (!watchdog_is_inside(&router->worker->watchdog))
			router_drop_rest(router);
	if (!stopped)
		watchdog_tell_lost(vrouter);
	for (unsigned int i = 0; i < vrouter->n_ports; i++)
		port_stop(&vrouter->ports[i]);
	return stopped;
}

static void
free_tables(struct vrouter *vrouter)
{
	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		struct worker *worker = vrouter->workers[i];

		if (worker == NULL)
			continue;
		for (unsigned int k = 0; k < worker->n_given; k++)
			classify_table_free(
				(struct classify_table *)(uintptr_t)worker->polled[k].table);
		handover_table_free((struct handover_table *)(uintptr_t)worker->links);
	}
}

unsigned int
vrouter_destroy(struct vrouter *vrouter, FILE *errors)
{
	struct router *router;
	unsigned int lost = 0;

	/* Workers have ended: those that are leaving take their last steps now. */
	if (vrouter->reclaim != NULL)
		reclaim_poll(vrouter->reclaim);
	while ((router = TAILQ_FIRST(&vrouter->leaving)) != NULL)
		router_free(router);
	while ((router = TAILQ_FIRST(&vrouter->routers)) != NULL)
		router_free(router);
	for (unsigned int i = 0; i < vrouter->n_ports; i++)
		port_close(&vrouter->ports[i]);
	if (vrouter->workers != NULL) {
		free_tables(vrouter);
		for (unsigned int i = 0; i < vrouter->n_workers; i++)
			worker_free(vrouter->workers[i]);
	}
	reclaim_destroy(vrouter->reclaim);
	if (vrouter->pool != NULL)
		lost = pool_destroy(vrouter, errors);
	free(vrouter->link_ends);
	free(vrouter->workers);
	free(vrouter->watches);
	free(vrouter->ports);
	stats_base_free(vrouter->base);
	config_free(vrouter->config);
	pthread_mutex_destroy(&vrouter->lock);
	free(vrouter);
	return lost;
}

void
vrouter_poll(struct vrouter *vrouter, uint64_t now)
{
	struct router *router, *next;

	TAILQ_FOREACH(router, &vrouter->routers, link)
		if (!router->stuck && !router_is_faulted(router) && vr_poll(router->vr, now))
			worker_ring(router->worker, router->instance);
	for (router = TAILQ_FIRST(&vrouter->leaving); router != NULL; router = next) {
		next = TAILQ_NEXT(router, link);
		router_leave_step(router);
	}
	link_poll(vrouter, now);
	watchdog_poll(vrouter);
	reclaim_poll(vrouter->reclaim);
}

struct router *
vrouter_find(const struct vrouter *vrouter, const char *name)
{
	struct router *router;

	TAILQ_FOREACH(router, &vrouter->routers, link)
		if (strcmp(router->name, name) == 0)
			return router;
	return NULL;
}

int
vrouter_set_weight(struct vrouter *vrouter, struct router *router, uint32_t weight, FILE *errors)
{
	(void)vrouter;
	if (weight < 1 || weight > CONFIG_WEIGHT_MAX) {
		fprintf(errors, "router %s: weight %u: expected 1 to %u\n", router->name, weight,
			CONFIG_WEIGHT_MAX);
		return -EINVAL;
	}
	sched_set_weight(&router->instance->entity, weight);
	((struct config_router *)(uintptr_t)router->config)->weight = weight;
	return 0;
}
