/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_STATS_H
#define APP_STATS_H

#include <stdint.h>

#include "vrouter.h"

/*
 * Counters, read while workers go on writing them, as since the start or the latest
 * `clear stats`. Once workers have stopped they are exact:
 *
 *	router:	received = forwarded + answered + consumed + dropped_all + queued + waiting
 *	all ports: frames + copies = sum over all routers of received - received_over_links +
 * dropped all links: tx_packets of all interfaces at their ends = sum of received_over_links
 *
 * The second and third hold since the start only: it does not count routers that were deleted, and
 * after a clear what was on its way then is received by a router, but not by its port.
 *
 * Thread: with vrouter.lock held.
 */

struct router_stats {
	uint64_t received;
	uint64_t received_over_links; /* of them */
	uint64_t forwarded;
	uint64_t forwarded_bytes; /* of IP packets */
	uint64_t answered;
	uint64_t consumed;
	uint64_t dropped[VR_DROP_REASONS];
	uint64_t dropped_all;
	uint64_t queued;  /* in FIFOs */
	uint64_t waiting; /* for a neighbour, or on the way there and back; for other fragments */
	uint64_t originated;
	uint64_t originated_lost;
	uint64_t fragments; /* behind the first of their packets */
	uint64_t fragments_lost;
	uint64_t icmp_limited;
	uint64_t tunnelled; /* of those forwarded: out of tunnels, to the routers that have them */
	uint64_t cycles;    /* charged */
	uint64_t turns;
	uint64_t run_packets;
	uint64_t misses;          /* of turns whose misses are known, */
	uint64_t counted_packets; /* and their packets: 0 where nothing counts */
	uint64_t surcharge;       /* cycles charged for misses, beyond those spent */
};

struct port_stats {
	struct classify_counters classify;
	uint64_t polls;
	uint64_t empty_polls;
	uint64_t tx_packets;
	uint64_t tx_refused;
	uint64_t lock_waits;
	uint64_t missed; /* by the device: its queue was full */
	uint64_t rx_errors;
	uint64_t tx_errors;
	uint64_t no_buffer;
};

struct worker_stats {
	struct worker_cycles cycles;
	uint64_t passes;
	uint64_t crossed;
	uint64_t handed_over;
	uint64_t rx_packets;
	uint64_t misses; /* as of routers */
	uint64_t counted_packets;
	uint64_t instances;
	uint64_t awake;
};

void router_stats_read(const struct router *router, struct router_stats *stats);
void interface_stats_read(
	const struct router *router, uint16_t interface, struct vr_interface_counters *counters);
void port_stats_read(const struct vrouter *vrouter, unsigned int port, struct port_stats *stats);
void worker_stats_read(
	const struct vrouter *vrouter, unsigned int worker, struct worker_stats *stats);

/* From now on everything counts from zero. */
void stats_clear(struct vrouter *vrouter);

/* Where counters stood at the latest clear; NULL when there is no memory. */
struct router_base *router_base_create(const struct vr *vr);
void router_base_free(struct router_base *base);
struct stats_base *stats_base_create(const struct vrouter *vrouter);
void stats_base_free(struct stats_base *base);

#endif
