/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <string.h>

#include "frame.h"
#include "lab.h"
#include "ledger.h"
#include "vrf/reassembly.h"
#include "vrf/tunnel.h"

#define ENTRIES_MAX 1024

/* Who sends on a port: an interface, as others see it. */
struct sender {
	unsigned int port;
	uint16_t outer_vlan;
	uint16_t vlan;
	struct rte_ether_addr mac;
};

static struct entry {
	struct sender sender;
	uint64_t seen, seen_bytes;
	uint64_t told, told_bytes; /* by counters */
} entries[ENTRIES_MAX];
static unsigned int n_entries;

/* Of routers that have left. */
static struct {
	uint64_t received;
	uint64_t over_links;      /* of them */
	uint64_t sent_over_links; /* by its interfaces */
	uint64_t received_on[LAB_PORTS_MAX];
	uint64_t undelivered;
	uint64_t tx_full;
	uint64_t originated_lost;
	uint64_t fragments_lost;
	uint64_t charged;
} gone;

void
ledger_clear(void)
{
	n_entries = 0;
	memset(&gone, 0, sizeof(gone));
}

static struct entry *
find(const struct sender *sender)
{
	unsigned int i;

	for (i = 0; i < n_entries; i++)
		if (entries[i].sender.port == sender->port &&
			entries[i].sender.outer_vlan == sender->outer_vlan &&
			entries[i].sender.vlan == sender->vlan &&
			rte_is_same_ether_addr(&entries[i].sender.mac, &sender->mac))
			return &entries[i];
	CU_ASSERT_FATAL(n_entries < ENTRIES_MAX);
	n_entries++;
	entries[i] = (struct entry){ .sender = *sender };
	return &entries[i];
}

static bool
is_wires(const struct router_list *routers, const struct sender *sender)
{
	const struct router *router;

	TAILQ_FOREACH(router, routers, link) {
		if (router->vr->forwarder != VR_FORWARDER_WIRE)
			continue;
		for (uint16_t i = 0; i < router->vr->n_interfaces; i++) {
			const struct vr_interface *interface = &router->vr->interfaces[i];

			if (interface->port == sender->port && interface->vlan == sender->vlan &&
				interface->outer_vlan == sender->outer_vlan)
				return true;
		}
	}
	return false;
}

void
ledger_sent(unsigned int port, const uint8_t *frame, uint32_t length)
{
	struct sender sender = { .port = port };
	struct entry *entry;

	memcpy(&sender.mac, frame + 6, sizeof(sender.mac));
	if (frame[12] == 0x88 && frame[13] == 0xa8) {
		sender.outer_vlan = (uint16_t)(frame[14] << 8 | frame[15]);
		frame += 4;
	}
	if (frame[12] == 0x81 && frame[13] == 0x00)
		sender.vlan = (uint16_t)(frame[14] << 8 | frame[15]) & 0xfff;
	/* Wires send with the MACs of others. */
	if (is_wires(&lab.vrouter->routers, &sender) || is_wires(&lab.vrouter->leaving, &sender))
		memset(&sender.mac, 0, sizeof(sender.mac));
	entry = find(&sender);
	entry->seen++;
	entry->seen_bytes += length;
}

/* The router's counters add up, and its interfaces' go down in the ledger. */
static void
check_router(const struct router *router, struct router_stats *stats)
{
	uint64_t sent = 0;

	router_stats_read(router, stats);
	CU_ASSERT(stats->queued == 0);
	CU_ASSERT(stats->received == stats->forwarded + stats->answered + stats->consumed +
					     stats->dropped_all + stats->queued + stats->waiting);
	for (uint16_t i = 0; i < router->vr->n_interfaces; i++) {
		const struct vr_interface *interface = &router->vr->interfaces[i];
		struct sender sender = { interface->port, interface->outer_vlan, interface->vlan,
			interface->mac };
		struct vr_interface_counters counters;
		struct entry *entry;

		/* What goes by a tunnel of the router's own goes by another interface too. */
		if (interface->tunnel != NULL && !interface->tunnel->elsewhere)
			continue;
		interface_stats_read(router, i, &counters);
		if (interface->port >= router->vrouter->n_ports) {
			sent += counters.tx_packets;
			continue;
		}
		if (router->vr->forwarder == VR_FORWARDER_WIRE)
			memset(&sender.mac, 0, sizeof(sender.mac));
		entry = find(&sender);
		entry->told += counters.tx_packets;
		entry->told_bytes += counters.tx_bytes;
		sent += counters.tx_packets;
	}
	CU_ASSERT(sent + stats->tunnelled ==
		  stats->forwarded + stats->answered + stats->originated + stats->fragments);
}

/* Frames that left by interfaces without a port, and out of tunnels of other routers. */
static uint64_t
sent_over_links(const struct router *router)
{
	struct vr_interface_counters counters;
	struct router_stats stats;
	uint64_t sent;

	router_stats_read(router, &stats);
	sent = stats.tunnelled;

	for (uint16_t i = 0; i < router->vr->n_interfaces; i++) {
		const struct vr_interface *interface = &router->vr->interfaces[i];

		if (interface->port < router->vrouter->n_ports ||
			(interface->tunnel != NULL && !interface->tunnel->elsewhere))
			continue;
		interface_stats_read(router, i, &counters);
		sent += counters.tx_packets;
	}
	return sent;
}

/* Frames that the router's interfaces on a port received. */
static uint64_t
router_received_on(const struct router *router, unsigned int port)
{
	struct vr_interface_counters counters;
	uint64_t received = 0;

	for (uint16_t i = 0; i < router->vr->n_interfaces; i++) {
		if (router->vr->interfaces[i].port != port)
			continue;
		interface_stats_read(router, i, &counters);
		received += counters.rx_packets;
	}
	return received;
}

/* Those that no interface has counted. */
static uint64_t
undelivered(const struct router_stats *stats)
{
	return stats->dropped[VR_DROP_FIFO_FULL] + stats->dropped[VR_DROP_STOPPED] +
	       stats->dropped[VR_DROP_FAULTED];
}

static uint64_t
charged_to(const struct router *router)
{
	return router->instance->entity.charged + router->instance->unbilled;
}

void
ledger_router_leaves(const struct router *router)
{
	struct router_stats stats;

	check_router(router, &stats);
	/* Only what is between it and the control thread, or held; it is freed with the router. */
	CU_ASSERT(stats.waiting <= rte_ring_count(router->instance->vr->punt) +
					   rte_ring_count(router->instance->vr->inject) +
					   reassembly_held(router->instance->vr->reassembly) +
					   router->instance->vr->held);
	gone.received += stats.received;
	gone.over_links += stats.received_over_links;
	gone.sent_over_links += sent_over_links(router);
	gone.undelivered += undelivered(&stats);
	gone.tx_full += stats.dropped[VR_DROP_TX_FULL];
	gone.originated_lost += stats.originated_lost;
	gone.fragments_lost += stats.fragments_lost;
	gone.charged += charged_to(router);
	for (unsigned int i = 0; i < LAB_PORTS_MAX; i++)
		gone.received_on[i] += router_received_on(router, i);
}

void
ledger_restart(const struct vrouter *vrouter)
{
	struct router_stats stats;
	struct router *router;

	ledger_clear();
	TAILQ_FOREACH(router, &vrouter->routers, link) {
		router_stats_read(router, &stats);
		gone.received -= stats.received;
		gone.over_links -= stats.received_over_links;
		gone.sent_over_links -= sent_over_links(router);
		gone.charged -= charged_to(router);
	}
}

static uint64_t
received_on(const struct vrouter *vrouter, unsigned int port)
{
	uint64_t received = gone.received_on[port];
	struct router *router;

	TAILQ_FOREACH(router, &vrouter->routers, link)
		received += router_received_on(router, port);
	return received;
}

static void
check_ports(const struct vrouter *vrouter, const struct router_stats *all)
{
	uint64_t handed_over = 0, refused = 0;
	uint64_t tx_full = all->dropped[VR_DROP_TX_FULL] + gone.tx_full;

	for (unsigned int i = 0; i < vrouter->n_ports; i++) {
		struct port_stats stats;
		uint64_t here, seen = 0;

		port_stats_read(vrouter, i, &stats);
		here = stats.classify.frames + stats.classify.copies;
		for (unsigned int k = 0; k < CLASSIFY_DROP_REASONS; k++)
			here -= stats.classify.dropped[k];
		/* Exact per port where nothing was dropped between port and interface. */
		if (undelivered(all) + gone.undelivered == 0)
			CU_ASSERT(here == received_on(vrouter, i));
		for (unsigned int k = 0; k < n_entries; k++)
			if (entries[k].sender.port == i)
				seen += entries[k].seen;
		CU_ASSERT(stats.tx_packets == seen);
		CU_ASSERT(stats.classify.copy_failed == 0 || lab.starves);
		handed_over += here;
		refused += stats.tx_refused;
	}
	CU_ASSERT(handed_over + all->received_over_links + gone.over_links ==
		  all->received + gone.received);
	/* Frames refused were forwarded or answered (tx_full), or of the router's own making. */
	CU_ASSERT(tx_full <= refused);
	CU_ASSERT(refused <= tx_full + all->originated_lost + gone.originated_lost +
				     all->fragments_lost + gone.fragments_lost);
}

/* What leaves by one end of a link is received at the other. */
static void
check_links(const struct vrouter *vrouter, const struct router_stats *all)
{
	uint64_t sent = gone.sent_over_links, handed_over = 0;
	struct worker_stats stats;
	struct router *router;

	TAILQ_FOREACH(router, &vrouter->routers, link)
		sent += sent_over_links(router);
	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		worker_stats_read(vrouter, i, &stats);
		handed_over += stats.handed_over;
	}
	CU_ASSERT(sent == all->received_over_links + gone.over_links);
	/* FIFOs that are full refuse some, and frames on ports too. */
	CU_ASSERT(handed_over <= sent);
	CU_ASSERT(sent <= handed_over + all->dropped[VR_DROP_FIFO_FULL] + gone.undelivered);
}

static void
check_shared(const struct worker *worker)
{
	uint32_t shared = 0;

	for (unsigned int i = 0; i < worker->n_polled; i++)
		shared += !worker->polled[i].own;
	CU_ASSERT(worker->n_shared == shared);
}

static void
check_workers(const struct vrouter *vrouter)
{
	uint64_t spent = 0, charged = gone.charged;
	struct router *router;

	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		struct worker_stats stats;
		const struct worker_cycles *cycles = &stats.cycles;

		worker_stats_read(vrouter, i, &stats);
		CU_ASSERT(cycles->run + cycles->billed + cycles->unbilled + cycles->idle +
				  cycles->housekeeping ==
			  cycles->elapsed);
		CU_ASSERT(stats.awake == 0);
		CU_ASSERT(vrouter->workers[i]->queued == 0);
		check_shared(vrouter->workers[i]);
		spent += cycles->run + cycles->billed;
	}
	TAILQ_FOREACH(router, &vrouter->routers, link)
		charged += charged_to(router);
	if (lab.vrouter->config->cost == NULL)
		CU_ASSERT(spent == charged);
}

/* Where frames do not tell who sent them, each port's together. */
static void
join_entries(void)
{
	struct entry joined[LAB_PORTS_MAX] = { 0 };

	for (unsigned int i = 0; i < n_entries; i++) {
		struct entry *entry = &joined[entries[i].sender.port];

		entry->sender.port = entries[i].sender.port;
		entry->seen += entries[i].seen;
		entry->seen_bytes += entries[i].seen_bytes;
		entry->told += entries[i].told;
		entry->told_bytes += entries[i].told_bytes;
	}
	memcpy(entries, joined, sizeof(joined));
	n_entries = LAB_PORTS_MAX;
}

static void
check_entries(void)
{
	if (lab.mirrors)
		join_entries();
	for (unsigned int i = 0; i < n_entries; i++) {
		const struct entry *entry = &entries[i];

		CU_ASSERT(entry->seen == entry->told);
		CU_ASSERT(entry->seen_bytes == entry->told_bytes);
		if (entry->seen != entry->told || entry->seen_bytes != entry->told_bytes)
			printf("\n  port %u vlan %u.%u: seen %lu frames of %lu bytes, counted %lu "
			       "of "
			       "%lu\n",
				entry->sender.port, entry->sender.outer_vlan, entry->sender.vlan,
				entry->seen, entry->seen_bytes, entry->told, entry->told_bytes);
	}
}

void
ledger_check(struct vrouter *vrouter)
{
	struct router_stats all = { 0 };
	struct router *router;

	TAILQ_FOREACH(router, &vrouter->routers, link) {
		struct router_stats stats;

		check_router(router, &stats);
		CU_ASSERT(stats.waiting == 0);
		all.received += stats.received;
		all.received_over_links += stats.received_over_links;
		all.originated_lost += stats.originated_lost;
		all.fragments_lost += stats.fragments_lost;
		for (unsigned int i = 0; i < VR_DROP_REASONS; i++)
			all.dropped[i] += stats.dropped[i];
	}
	check_ports(vrouter, &all);
	check_links(vrouter, &all);
	check_workers(vrouter);
	check_entries();
}
