/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_prefetch.h>
#include <rte_ring_elem.h>

#include "packet/checksum.h"
#include "vrf/arp.h"
#include "vrf/fragment.h"
#include "vrf/icmp.h"
#include "vrf/instance.h"
#include "vrf/ipv4.h"
#include "vrf/ipv4_options.h"
#include "vrf/ipv6.h"
#include "vrf/local.h"
#include "vrf/pipeline.h"
#include "vrf/reassembly.h"
#include "vrf/redirect.h"
#include "vrf/send.h"
#include "vrf/table.h"
#include "vrf/tunnel_output.h"
#include "vrf/wire.h"

#define PREFETCH_AHEAD 4

/* Packets of one family on their way through the look-up. */
struct batch {
	unsigned int n;
	struct rte_mbuf *mbufs[PACKET_BURST_MAX];
	uint32_t next_hops[PACKET_BURST_MAX];
};

struct burst {
	struct batch ipv4;
	struct batch ipv6;
	uint32_t ipv4_destinations[PACKET_BURST_MAX]; /* host byte order */
	uint8_t ipv6_destinations[PACKET_BURST_MAX][16];
};

/* `n` kept before; gives how many are now. */
static inline unsigned int
keep_ipv4(struct burst *burst, struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct rte_ipv4_hdr *ip, unsigned int n)
{
	packet_end_at(mbuf, meta, rte_be_to_cpu_16(ip->total_length));
	burst->ipv4.mbufs[n] = mbuf;
	burst->ipv4_destinations[n] = rte_be_to_cpu_32(ip->dst_addr);
	return n + 1;
}

static inline unsigned int
keep_ipv6(struct burst *burst, struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct ipv6_header *ip, unsigned int n)
{
	packet_end_at(mbuf, meta, sizeof(*ip) + rte_be_to_cpu_16(ip->payload_length));
	burst->ipv6.mbufs[n] = mbuf;
	memcpy(burst->ipv6_destinations[n], ip->destination, 16);
	return n + 1;
}

static void forward_one(struct vr_instance *instance, struct rte_mbuf *mbuf,
	const struct next_hop *next_hop, struct vr_output *output);

/* Where the packet leads, one member of a group. */
static const struct next_hop *
look_up(const struct vr *vr, const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	struct ip_address destination = send_destination(mbuf, meta);
	const struct next_hop *next_hop = send_next_hop(vr, table_lookup(vr, &destination));

	return next_hop->type == NEXT_HOP_GROUP ? send_member(vr, next_hop, mbuf, meta) : next_hop;
}

/* Options may change where the packet goes, and want to know by which interface it leaves. */
static void
forward_options(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	struct vr_output *output)
{
	const struct next_hop *next_hop;
	struct ipv4_options options;

	packet_end_at(mbuf, meta, rte_be_to_cpu_16(ipv4_of(mbuf, meta)->total_length));
	if (!pipeline_ingress_one(instance, mbuf))
		return;
	if (!ipv4_options_input(instance, mbuf, meta, &options, output))
		return;
	next_hop = look_up(instance->vr, mbuf, meta);
	if (next_hop->type == NEXT_HOP_LOCAL) {
		local_input(instance, mbuf, &options, output);
		return;
	}
	if (send_leads_out(next_hop) && ipv4_of(mbuf, meta)->time_to_live > 1)
		ipv4_options_record(instance, mbuf, meta, &options, next_hop->interface);
	forward_one(instance, mbuf, next_hop, output);
}

/* An outer packet that is still without a way is none of a sender's. */
static bool
is_outer(const struct rte_mbuf *mbuf)
{
	return (packet_meta_get(mbuf).kind & PACKET_OUTER) != 0;
}

/* Anything but a common packet. */
static void __rte_noinline
input_other(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	struct burst *burst, struct vr_output *output)
{
	switch (meta.kind & ~PACKET_GROUP) {
	case PACKET_IPV6:
		if (ipv6_input_other(instance, mbuf, meta, output))
			burst->ipv6.n =
				keep_ipv6(burst, mbuf, meta, ipv6_of(mbuf, meta), burst->ipv6.n);
		return;
	case PACKET_IPV4:
		if (!ipv4_input_other(instance, mbuf, meta, output))
			return;
		if (ipv4_header_length(ipv4_of(mbuf, meta)) > sizeof(struct rte_ipv4_hdr))
			forward_options(instance, mbuf, meta, output);
		else
			burst->ipv4.n =
				keep_ipv4(burst, mbuf, meta, ipv4_of(mbuf, meta), burst->ipv4.n);
		return;
	case PACKET_ARP:
		arp_input(instance, mbuf, meta, output);
		return;
	case PACKET_IPV4 | PACKET_OUTER:
	case PACKET_IPV6 | PACKET_OUTER:
		tunnel_resume(instance, mbuf, VR_CLASS_FORWARDED, output);
		return;
	case PACKET_STRAY:
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_STRAY);
		return;
	case PACKET_LONG:
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_LONG);
		return;
	default:
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ETHERTYPE);
	}
}

static inline void
count_in(struct vr_instance *instance, uint16_t interface, uint64_t packets, uint64_t bytes)
{
	/* Outer packets of tunnels come from other routers by none. */
	if (unlikely(interface == VR_INTERFACE_NONE))
		return;
	instance->interfaces[interface].rx_packets += packets;
	instance->interfaces[interface].rx_bytes += bytes;
}

static void
input(struct vr_instance *instance, struct rte_mbuf **mbufs, unsigned int n, struct burst *burst,
	struct vr_output *output)
{
	/* Frames of one interface mostly follow each other: counted together. */
	uint16_t interface = packet_meta_get(mbufs[0]).interface;
	uint64_t packets = 0, bytes = 0;
	unsigned int n_ipv4 = 0, n_ipv6 = 0;

	for (unsigned int i = 0; i < RTE_MIN(n, PREFETCH_AHEAD); i++)
		rte_prefetch0(rte_pktmbuf_mtod(mbufs[i], void *));
	for (unsigned int i = 0; i < n; i++) {
		struct packet_meta meta = packet_meta_get(mbufs[i]);
		const struct rte_ipv4_hdr *ip = ipv4_of(mbufs[i], meta);

		if (i + PREFETCH_AHEAD < n)
			rte_prefetch0(rte_pktmbuf_mtod(mbufs[i + PREFETCH_AHEAD], void *));
		if (meta.interface != interface) {
			count_in(instance, interface, packets, bytes);
			interface = meta.interface;
			packets = 0;
			bytes = 0;
		}
		packets++;
		bytes += mbufs[i]->pkt_len;
		if (likely(ipv4_is_common(instance->vr, mbufs[i], meta, ip)))
			n_ipv4 = keep_ipv4(burst, mbufs[i], meta, ip, n_ipv4);
		else if (ipv6_is_common(instance->vr, mbufs[i], meta, ipv6_of(mbufs[i], meta)))
			n_ipv6 = keep_ipv6(burst, mbufs[i], meta, ipv6_of(mbufs[i], meta), n_ipv6);
		else {
			burst->ipv4.n = n_ipv4;
			burst->ipv6.n = n_ipv6;
			input_other(instance, mbufs[i], meta, burst, output);
			n_ipv4 = burst->ipv4.n;
			n_ipv6 = burst->ipv6.n;
		}
	}
	burst->ipv4.n = n_ipv4;
	burst->ipv6.n = n_ipv6;
	count_in(instance, interface, packets, bytes);
}

/* The error, then the packet's end. */
static void
refuse(struct vr_instance *instance, struct rte_mbuf *mbuf, enum vr_drop reason,
	enum icmp_error error, uint32_t info, struct vr_output *output)
{
	icmp_error(instance, mbuf, error, info, output);
	send_drop(instance, mbuf, VR_CLASS_FORWARDED, reason);
}

static inline uint8_t
ttl_of(const void *ip, uint8_t family)
{
	return family == IP_FAMILY_IPV4 ? ((const struct rte_ipv4_hdr *)ip)->time_to_live
	                                : ((const struct ipv6_header *)ip)->hop_limit;
}

static inline void
decrement_ttl(void *ip, uint8_t family)
{
	struct rte_ipv4_hdr *ipv4 = ip;

	if (family == IP_FAMILY_IPV6) {
		((struct ipv6_header *)ip)->hop_limit--;
		return;
	}
	ipv4->time_to_live--;
	ipv4->hdr_checksum = checksum_decrement_ttl(ipv4->hdr_checksum);
}

static uint8_t
time_to_live(const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	return meta.kind == PACKET_IPV4 ? ipv4_of(mbuf, meta)->time_to_live
	                                : ipv6_of(mbuf, meta)->hop_limit;
}

static bool
too_long(const struct rte_mbuf *mbuf, struct packet_meta meta, const struct next_hop *next_hop)
{
	return mbuf->pkt_len - meta.l3_offset > next_hop->mtu;
}

/* RFC 791 3.2; IPv6 packets are never cut on their way (RFC 8200 5). */
static bool
may_be_cut(const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	return meta.kind == PACKET_IPV4 &&
	       (ipv4_of(mbuf, meta)->fragment_offset & RTE_BE16(RTE_IPV4_HDR_DF_FLAG)) == 0;
}

/* Whether the packet may leave through the next hop's interface; if not it is gone. */
static bool
may_leave(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct next_hop *next_hop, struct vr_output *output)
{
	if (time_to_live(mbuf, meta) <= 1) {
		refuse(instance, mbuf, VR_DROP_TTL, ICMP_ERROR_TTL, 0, output);
		return false;
	}
	if (too_long(mbuf, meta, next_hop) && !may_be_cut(mbuf, meta)) {
		refuse(instance, mbuf, VR_DROP_MTU, ICMP_ERROR_TOO_BIG, next_hop->mtu, output);
		return false;
	}
	return true;
}

/* To a resolved neighbour, but not straight. */
static void
leave(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct next_hop *next_hop, struct vr_output *output)
{
	if (next_hop->interface == meta.interface)
		redirect_send(instance, mbuf, meta, next_hop, output);
	decrement_ttl(rte_pktmbuf_mtod_offset(mbuf, void *, meta.l3_offset),
		meta.kind == PACKET_IPV4 ? IP_FAMILY_IPV4 : IP_FAMILY_IPV6);
	if (too_long(mbuf, meta, next_hop)) {
		fragment_send(instance, mbuf, next_hop, VR_CLASS_FORWARDED, output);
		return;
	}
	if (!send_rewrite(mbuf, meta.l3_offset, next_hop)) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_HEADROOM);
		return;
	}
	instance->counters.forwarded_bytes += mbuf->pkt_len - next_hop->l2_length;
	send_frame(instance, mbuf, next_hop->port, next_hop->interface, VR_CLASS_FORWARDED, output);
}

/*
 * Whether it would go back on the point to point interface that it came by, although it is for
 * somebody on that: there it would go to and fro (RFC 4443 3.1, RFC 6164 5.1).
 */
static bool
comes_back(const struct vr *vr, const struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct next_hop *next_hop)
{
	const struct vr_interface *interface = &vr->interfaces[next_hop->interface];
	struct ip_address destination;

	if (next_hop->interface != meta.interface || !tunnel_is_point_to_point(interface))
		return false;
	destination = send_destination(mbuf, meta);
	return vr_interface_subnet(interface, &destination) != NULL;
}

/* Everything but a packet that goes straight to a resolved neighbour. */
static void __rte_noinline
output_other(struct vr_instance *instance, struct rte_mbuf *mbuf, const struct next_hop *next_hop,
	struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	struct ip_address destination;
	struct next_hop known;

	switch ((enum next_hop_type)next_hop->type) {
	case NEXT_HOP_GROUP:
		forward_one(
			instance, mbuf, send_member(instance->vr, next_hop, mbuf, meta), output);
		return;
	case NEXT_HOP_LOCAL:
		local_input(instance, mbuf, NULL, output);
		return;
	case NEXT_HOP_NEIGHBOUR:
		if (comes_back(instance->vr, mbuf, meta, next_hop))
			refuse(instance, mbuf, VR_DROP_UNREACHABLE, ICMP_ERROR_HOST, 0, output);
		else if (may_leave(instance, mbuf, meta, next_hop, output))
			leave(instance, mbuf, meta, next_hop, output);
		return;
	case NEXT_HOP_STALE:
		send_tell_used(instance, next_hop);
		known = *next_hop;
		known.type = NEXT_HOP_NEIGHBOUR;
		forward_one(instance, mbuf, &known, output);
		return;
	case NEXT_HOP_INCOMPLETE:
		if (may_leave(instance, mbuf, meta, next_hop, output))
			send_resolve(instance, mbuf, VR_CLASS_FORWARDED, next_hop->interface,
				&next_hop->address);
		return;
	case NEXT_HOP_CONNECTED:
		if (send_has_l2(next_hop)) {
			known = send_known(next_hop, meta);
			forward_one(instance, mbuf, &known, output);
			return;
		}
		destination = send_destination(mbuf, meta);
		if (may_leave(instance, mbuf, meta, next_hop, output))
			send_resolve(instance, mbuf, VR_CLASS_FORWARDED, next_hop->interface,
				&destination);
		return;
	case NEXT_HOP_NO_ROUTE:
		refuse(instance, mbuf, VR_DROP_NO_ROUTE, ICMP_ERROR_NO_ROUTE, 0, output);
		return;
	case NEXT_HOP_UNREACHABLE:
		refuse(instance, mbuf, VR_DROP_UNREACHABLE, ICMP_ERROR_HOST, 0, output);
		return;
	case NEXT_HOP_PROHIBIT:
		refuse(instance, mbuf, VR_DROP_PROHIBIT, ICMP_ERROR_PROHIBITED, 0, output);
		return;
	case NEXT_HOP_BLACKHOLE:
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_BLACKHOLE);
		return;
	case NEXT_HOP_BROADCAST:
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_BROADCAST);
		return;
	}
}

/* What a burst has sent and is yet to be counted: in all, and through one interface. */
struct sent {
	uint64_t all_packets;
	uint64_t all_bytes; /* of IP packets */
	uint64_t packets;
	uint64_t frame_bytes;
	uint16_t interface;
};

static inline void
count_interface(struct vr_instance *instance, struct sent *sent, uint16_t next)
{
	struct vr_interface_counters *counters = &instance->interfaces[sent->interface];

	counters->tx_packets += sent->packets;
	counters->tx_bytes += sent->frame_bytes;
	sent->packets = 0;
	sent->frame_bytes = 0;
	sent->interface = next;
}

static inline void
count_out(struct vr_instance *instance, struct sent *sent)
{
	instance->counters.sent[VR_CLASS_FORWARDED] += sent->all_packets;
	instance->counters.forwarded_bytes += sent->all_bytes;
	sent->all_packets = 0;
	sent->all_bytes = 0;
	count_interface(instance, sent, sent->interface);
}

/*
 * Gives the number of frames in the output, `n` before. The family is a constant wherever this is
 * inlined.
 */
static __rte_always_inline unsigned int
output_one(struct vr_instance *instance, struct rte_mbuf *mbuf, const struct next_hop *next_hop,
	uint8_t family, struct sent *sent, struct vr_output *output, unsigned int n)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	void *ip = rte_pktmbuf_mtod_offset(mbuf, void *, meta.l3_offset);
	uint32_t length = mbuf->pkt_len - meta.l3_offset;

	if (unlikely((next_hop->type != NEXT_HOP_NEIGHBOUR) | (ttl_of(ip, family) <= 1) |
		     (length > next_hop->mtu) | (next_hop->interface == meta.interface)) ||
		unlikely(!send_rewrite(mbuf, meta.l3_offset, next_hop))) {
		/* Frames so far are counted before the output is flushed and a port refuses one. */
		count_out(instance, sent);
		output->n = n;
		output_other(instance, mbuf, next_hop, output);
		return output->n;
	}
	decrement_ttl(ip, family);
	output->frames[n] =
		(struct vr_tx){ mbuf, next_hop->port, next_hop->interface, VR_CLASS_FORWARDED };
	if (next_hop->interface != sent->interface)
		count_interface(instance, sent, next_hop->interface);
	sent->packets++;
	sent->frame_bytes += length + next_hop->l2_length;
	sent->all_packets++;
	sent->all_bytes += length;
	return n + 1;
}

static __rte_always_inline void
forward_batch(struct vr_instance *instance, const struct batch *batch, uint8_t family,
	struct vr_output *output)
{
	unsigned int n = output->n;
	struct sent sent = { 0 };

	for (unsigned int i = 0; i < batch->n; i++)
		n = output_one(instance, batch->mbufs[i],
			send_next_hop(instance->vr, batch->next_hops[i]), family, &sent, output, n);
	output->n = n;
	count_out(instance, &sent);
}

static void
forward_ipv4(struct vr_instance *instance, struct burst *burst, struct vr_output *output)
{
	lpm_lookup_bulk(instance->vr->tables[IP_FAMILY_IPV4], burst->ipv4_destinations,
		burst->ipv4.next_hops, burst->ipv4.n);
	forward_batch(instance, &burst->ipv4, IP_FAMILY_IPV4, output);
}

static void
forward_ipv6(struct vr_instance *instance, struct burst *burst, struct vr_output *output)
{
	lpm6_lookup_bulk(instance->vr->tables[IP_FAMILY_IPV6],
		(const uint8_t(*)[16])burst->ipv6_destinations, burst->ipv6.next_hops,
		burst->ipv6.n);
	forward_batch(instance, &burst->ipv6, IP_FAMILY_IPV6, output);
}

static void
forward_one(struct vr_instance *instance, struct rte_mbuf *mbuf, const struct next_hop *next_hop,
	struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	struct sent sent = { 0 };

	if (meta.kind == PACKET_IPV4)
		output->n = output_one(
			instance, mbuf, next_hop, IP_FAMILY_IPV4, &sent, output, output->n);
	else
		output->n = output_one(
			instance, mbuf, next_hop, IP_FAMILY_IPV6, &sent, output, output->n);
	count_out(instance, &sent);
}

/* A packet that waited for its next hop. If that has gone again, so does the packet. */
static void
resume(struct vr_instance *instance, const struct vr_inject *element, struct vr_output *output)
{
	const struct vr *vr = instance->vr;
	const struct next_hop *next_hop;

	if (is_outer(element->mbuf)) {
		tunnel_resume(instance, element->mbuf, element->class, output);
		return;
	}
	next_hop = look_up(vr, element->mbuf, packet_meta_get(element->mbuf));
	if (next_hop->type == NEXT_HOP_INCOMPLETE || next_hop->type == NEXT_HOP_CONNECTED)
		send_drop(instance, element->mbuf, element->class, VR_DROP_NEIGHBOUR_FAILED);
	else if (element->class == VR_CLASS_FORWARDED)
		forward_one(instance, element->mbuf, next_hop, output);
	else
		send_routed(instance, element->mbuf, element->class, output);
}

static void
take_injected(struct vr_instance *instance, struct vr_output *output)
{
	const struct vr_interface *interface;
	struct vr_inject element;

	for (unsigned int i = 0; i < VR_INJECT_BURST; i++) {
		if (rte_ring_sc_dequeue_elem(instance->inject, &element, sizeof(element)) != 0)
			return;
		if (element.code == VR_INJECT_TICK) {
			reassembly_tick(instance, output);
			continue;
		}
		if (element.code == VR_INJECT_FRAME) {
			interface = &instance->vr->interfaces[element.interface];
			send_frame(instance, element.mbuf, interface->port, element.interface,
				element.class, output);
			continue;
		}
		if (element.class != VR_CLASS_ORIGINATED)
			instance->counters.returned++;
		if (element.code == VR_INJECT_RESUME) {
			resume(instance, &element, output);
			continue;
		}
		if (element.class == VR_CLASS_FORWARDED && !is_outer(element.mbuf))
			icmp_error(instance, element.mbuf, ICMP_ERROR_HOST, 0, output);
		send_drop(instance, element.mbuf, element.class, element.reason);
	}
}

static void
ingress_ipv4(struct vr_instance *instance, const struct pipeline *pipeline, struct burst *burst)
{
	struct batch *batch = &burst->ipv4;
	unsigned int n = pipeline_ingress(instance, pipeline, IP_FAMILY_IPV4, batch->mbufs, batch->n);

	/* Who is left where they were is still for where they were for. */
	if (n == batch->n && !pipeline->rewrites)
		return;
	batch->n = n;
	for (unsigned int i = 0; i < n; i++) {
		const struct rte_mbuf *mbuf = batch->mbufs[i];

		burst->ipv4_destinations[i] =
			rte_be_to_cpu_32(ipv4_of(mbuf, packet_meta_get(mbuf))->dst_addr);
	}
}

static void
ingress_ipv6(struct vr_instance *instance, const struct pipeline *pipeline, struct burst *burst)
{
	struct batch *batch = &burst->ipv6;

	/* They may come back in another order. */
	batch->n = pipeline_ingress(instance, pipeline, IP_FAMILY_IPV6, batch->mbufs, batch->n);
	for (unsigned int i = 0; i < batch->n; i++) {
		const struct rte_mbuf *mbuf = batch->mbufs[i];

		memcpy(burst->ipv6_destinations[i],
			ipv6_of(mbuf, packet_meta_get(mbuf))->destination, 16);
	}
}

static void __rte_noinline
ingress(struct vr_instance *instance, const struct pipeline *pipeline, struct burst *burst)
{
	if (burst->ipv4.n > 0)
		ingress_ipv4(instance, pipeline, burst);
	if (burst->ipv6.n > 0)
		ingress_ipv6(instance, pipeline, burst);
}

static inline void
forward(struct vr_instance *instance, const struct pipeline *pipeline, struct rte_mbuf **mbufs,
	unsigned int n, struct vr_output *output)
{
	struct burst burst;

	burst.ipv4.n = 0;
	burst.ipv6.n = 0;
	input(instance, mbufs, n, &burst, output);
	if (unlikely(pipeline != NULL && pipeline->n[ELEMENT_INGRESS] > 0))
		ingress(instance, pipeline, &burst);
	if (burst.ipv4.n > 0)
		forward_ipv4(instance, &burst, output);
	if (burst.ipv6.n > 0)
		forward_ipv6(instance, &burst, output);
}

/* What has left tunnels comes in again, by these; packets in packets in packets not for ever. */
static void __rte_noinline
run_left(struct vr_instance *instance, const struct pipeline *pipeline, struct vr_output *output)
{
	struct rte_mbuf *mbufs[VR_LEFT_MAX];
	unsigned int n;

	for (unsigned int level = 0; instance->n_left > 0; level++) {
		n = instance->n_left;
		memcpy(mbufs, instance->left, n * sizeof(mbufs[0]));
		instance->n_left = 0;
		for (unsigned int i = 0; level == TUNNEL_LEVELS_MAX && i < n; i++)
			send_drop(instance, mbufs[i], VR_CLASS_FORWARDED, VR_DROP_TUNNEL_LOOP);
		if (level == TUNNEL_LEVELS_MAX)
			return;
		for (unsigned int i = 0; i < n; i += PACKET_BURST_MAX) {
			if (output->n > VR_OUTPUT_MAX - VR_OUTPUT_UNCHECKED)
				send_flush(instance, output);
			forward(instance, pipeline, mbufs + i,
				RTE_MIN(n - i, (unsigned int)PACKET_BURST_MAX), output);
		}
	}
}

void
vr_instance_run(struct vr_instance *instance, struct rte_mbuf **mbufs, unsigned int n, uint64_t now,
	struct vr_output *output)
{
	const struct pipeline *pipeline = pipeline_of(instance);

	output->n = 0;
	instance->now = now;
	if (unlikely(vr_instance_has_injected(instance)))
		take_injected(instance, output);
	instance->counters.input += n;
	if (n > 0 && unlikely(instance->vr->forwarder == VR_FORWARDER_WIRE))
		wire_relay(instance, mbufs, n, output);
	else if (n > 0)
		forward(instance, pipeline, mbufs, n, output);
	if (unlikely(instance->n_left > 0))
		run_left(instance, pipeline, output);
	if (unlikely(pipeline != NULL))
		pipeline_egress(instance, pipeline, output);
	else if (unlikely(instance->due != ELEMENT_NEVER))
		instance->due = ELEMENT_NEVER;
	if (instance->vr->n_tunnels > 0)
		tunnel_output(instance, output);
}
