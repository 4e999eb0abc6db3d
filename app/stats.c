/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>

#include "pipeline_report.h"
#include "stats.h"
#include "vrf/reassembly.h"

struct router_base {
	struct router_stats stats;
	struct vr_interface_counters interfaces[];
};

struct stats_base {
	struct port_stats *ports;
	struct worker_stats *workers;
};

struct router_base *
router_base_create(const struct vr *vr)
{
	return calloc(1, sizeof(struct router_base) +
				 vr->n_interfaces * sizeof(struct vr_interface_counters));
}

void
router_base_free(struct router_base *base)
{
	free(base);
}

struct stats_base *
stats_base_create(const struct vrouter *vrouter)
{
	struct stats_base *base = calloc(1, sizeof(*base));

	if (base == NULL)
		return NULL;
	base->ports = calloc(vrouter->config->n_ports + 1, sizeof(*base->ports));
	base->workers = calloc(vrouter->n_workers + 1, sizeof(*base->workers));
	if (base->ports == NULL || base->workers == NULL) {
		stats_base_free(base);
		return NULL;
	}
	return base;
}

void
stats_base_free(struct stats_base *base)
{
	if (base == NULL)
		return;
	free(base->ports);
	free(base->workers);
	free(base);
}

/* Each structure read here is nothing but 64-bit counters. */
static void
subtract(void *counters, const void *base, size_t size)
{
	uint64_t *values = counters;
	const uint64_t *zero = base;

	for (size_t i = 0; i < size / sizeof(*values); i++)
		values[i] -= zero[i];
}

static void
router_read(const struct router *router, struct router_stats *stats)
{
	const struct instance *instance = router->instance;
	const struct vr_instance *vr = instance->vr;
	const struct vr_counters *counters = &vr->counters;
	uint64_t control_dropped = 0;

	memset(stats, 0, sizeof(*stats));
	for (uint16_t i = 0; i < instance->n_feeds; i++) {
		const struct feed *feed = instance->feeds[i];

		stats->queued += feed_queued(feed);
		stats->received += feed->received;
		if (feed->internal)
			stats->received_over_links += feed->received;
		stats->dropped[VR_DROP_FIFO_FULL] += feed->dropped;
	}
	stats->forwarded = counters->sent[VR_CLASS_FORWARDED];
	stats->forwarded_bytes = counters->forwarded_bytes;
	stats->answered = counters->sent[VR_CLASS_ANSWERED];
	stats->consumed = counters->consumed;
	stats->originated = counters->sent[VR_CLASS_ORIGINATED];
	stats->originated_lost = counters->originated_lost + vr->control_lost;
	stats->fragments = counters->sent[VR_CLASS_FRAGMENT];
	stats->fragments_lost = counters->fragments_lost;
	stats->icmp_limited = counters->icmp_limited;
	stats->tunnelled = counters->tunnelled;
	for (unsigned int i = 0; i < VR_DROP_REASONS; i++) {
		stats->dropped[i] += counters->dropped[i] + vr->control_dropped[i];
		stats->dropped_all += stats->dropped[i];
		control_dropped += vr->control_dropped[i];
	}
	stats->waiting = counters->punted - counters->returned - control_dropped +
	                 reassembly_held(vr->reassembly) + vr->held;
	stats->cycles = instance->entity.charged;
	stats->turns = instance->entity.turns;
	stats->run_packets = instance->entity.packets;
	stats->misses = instance->entity.misses;
	stats->counted_packets = instance->counted_packets;
	stats->surcharge = instance->entity.surcharge;
}

void
router_stats_read(const struct router *router, struct router_stats *stats)
{
	router_read(router, stats);
	subtract(stats, &router->base->stats, sizeof(*stats));
}

void
interface_stats_read(
	const struct router *router, uint16_t interface, struct vr_interface_counters *counters)
{
	*counters = router->vr->instance->interfaces[interface];
	subtract(counters, &router->base->interfaces[interface], sizeof(*counters));
}

static void
port_read(const struct vrouter *vrouter, unsigned int index, struct port_stats *stats)
{
	const struct port *port = &vrouter->ports[index];
	struct worker_port *polled = worker_port_find(vrouter->workers[port->worker], port);
	struct rte_eth_stats device = { 0 };

	memset(stats, 0, sizeof(*stats));
	stats->classify = polled->counters;
	stats->polls = polled->polls;
	stats->empty_polls = polled->empty_polls;
	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		const struct tx_buffer *buffer = &vrouter->workers[i]->tx[index];

		stats->tx_packets += buffer->sent;
		stats->tx_refused += buffer->n_refused;
		stats->lock_waits += buffer->lock_waits;
	}
	if (rte_eth_stats_get(port->id, &device) != 0)
		return;
	stats->missed = device.imissed;
	stats->rx_errors = device.ierrors;
	stats->tx_errors = device.oerrors;
	stats->no_buffer = device.rx_nombuf;
}

void
port_stats_read(const struct vrouter *vrouter, unsigned int port, struct port_stats *stats)
{
	port_read(vrouter, port, stats);
	subtract(stats, &vrouter->base->ports[port], sizeof(*stats));
}

static void
worker_read(const struct vrouter *vrouter, unsigned int index, struct worker_stats *stats)
{
	const struct worker *worker = vrouter->workers[index];

	stats->cycles = worker->cycles;
	stats->passes = worker->passes;
	stats->crossed = worker->crossed;
	stats->handed_over = worker->handed_over;
	stats->misses = worker->counted_misses;
	stats->counted_packets = worker->counted_packets;
	stats->instances = worker->sched.n_entities;
	stats->awake = worker->sched.n_awake;
	stats->rx_packets = worker->rx_before;
	for (unsigned int i = 0; i < worker->n_polled; i++)
		stats->rx_packets += worker->polled[i].rx_packets;
}

void
worker_stats_read(const struct vrouter *vrouter, unsigned int worker, struct worker_stats *stats)
{
	worker_read(vrouter, worker, stats);
	subtract(stats, &vrouter->base->workers[worker], sizeof(*stats));
}

void
stats_clear(struct vrouter *vrouter)
{
	struct router *router;

	TAILQ_FOREACH(router, &vrouter->routers, link) {
		struct router_stats *base = &router->base->stats;

		router_read(router, base);
		/*
		 * What is on its way counts as received from now on. The worker goes on while its
		 * counters are read one by one, so the sum of the others, not the counter itself,
		 * is what keeps them in balance for ever after.
		 */
		base->received =
			base->forwarded + base->answered + base->consumed + base->dropped_all;
		/* These are levels, not counts. */
		base->queued = 0;
		base->waiting = 0;
		pipeline_clear_counters(router);
		memcpy(router->base->interfaces, router->vr->instance->interfaces,
			router->vr->n_interfaces * sizeof(router->base->interfaces[0]));
	}
	for (unsigned int i = 0; i < vrouter->n_ports; i++)
		port_read(vrouter, i, &vrouter->base->ports[i]);
	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		worker_read(vrouter, i, &vrouter->base->workers[i]);
		vrouter->base->workers[i].instances = 0;
		vrouter->base->workers[i].awake = 0;
	}
}
