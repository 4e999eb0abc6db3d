/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <netinet/in.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_cycles.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_udp.h>

#include "sink.h"

#define BURST 64

static const struct flow_mark *
find_mark(struct sink *sink, const struct rte_mbuf *mbuf)
{
	const uint8_t *bytes = rte_pktmbuf_mtod(mbuf, const uint8_t *);
	uint32_t at = sizeof(struct rte_ether_hdr);
	uint16_t type = *(const rte_be16_t *)(const void *)(bytes + 12);
	const struct rte_ipv4_hdr *ip;

	if (type == RTE_BE16(RTE_ETHER_TYPE_VLAN)) {
		type = *(const rte_be16_t *)(const void *)(bytes + 16);
		at += sizeof(struct rte_vlan_hdr);
	}
	ip = (const struct rte_ipv4_hdr *)(const void *)(bytes + at);
	at += sizeof(*ip) + sizeof(struct rte_udp_hdr);
	if (type == RTE_BE16(RTE_ETHER_TYPE_ARP)) {
		sink->arp++;
	} else if (type == RTE_BE16(RTE_ETHER_TYPE_IPV4) && ip->next_proto_id == IPPROTO_ICMP) {
		sink->icmp++;
	} else if (type == RTE_BE16(RTE_ETHER_TYPE_IPV4) && ip->next_proto_id == IPPROTO_UDP &&
		   ip->version_ihl == RTE_IPV4_VHL_DEF &&
		   mbuf->data_len >= at + sizeof(struct flow_mark)) {
		return (const struct flow_mark *)(const void *)(bytes + at);
	} else {
		sink->other++;
	}
	return NULL;
}

static void
take(struct sink *sink, const struct rte_mbuf *mbuf, uint64_t now)
{
	const struct flow_mark *mark = find_mark(sink, mbuf);
	struct flow *flow;
	uint64_t sent;

	if (mark == NULL)
		return;
	if (mark->phase != sink->phase || mark->flow >= sink->n_flows) {
		sink->late++;
		return;
	}
	flow = &sink->flows[mark->flow];
	sent = mark->sent;
	flow->total.received++;
	if (sent < sink->count_from || sent >= sink->count_to)
		return;
	flow->counted.received++;
	if (flow->delay != NULL)
		histogram_add(flow->delay, now - sent);
}

unsigned int
sink_run(struct sink *sink)
{
	struct rte_mbuf *mbufs[BURST];
	unsigned int all = 0;

	for (uint32_t port = 0; port < sink->n_ports; port++) {
		unsigned int n =
			rte_ring_sc_dequeue_burst(sink->ports[port], (void **)mbufs, BURST, NULL);
		uint64_t now = rte_rdtsc();

		for (unsigned int i = 0; i < n; i++)
			rte_prefetch0(rte_pktmbuf_mtod(mbufs[i], void *));
		for (unsigned int i = 0; i < n; i++)
			take(sink, mbufs[i], now);
		if (n > 0)
			rte_pktmbuf_free_bulk(mbufs, n);
		all += n;
	}
	return all;
}
