/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_ip.h>
#include <rte_prefetch.h>
#include <rte_ring_elem.h>

#include "packet/checksum.h"
#include "vrf/arp.h"
#include "vrf/icmp.h"
#include "vrf/instance.h"
#include "vrf/send.h"

#define PREFETCH_AHEAD 4

/* IPv4 packets on their way through the look-up. */
struct batch {
	unsigned int n;
	struct rte_mbuf *mbufs[PACKET_BURST_MAX];
	uint32_t destinations[PACKET_BURST_MAX];
	uint32_t next_hops[PACKET_BURST_MAX];
};

static const struct rte_ipv4_hdr *
ip_of(const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	return rte_pktmbuf_mtod_offset(mbuf, const struct rte_ipv4_hdr *, meta.l3_offset);
}

/* First octets that no packet may have: 0/8, 127/8, 224/4 and 240/4 (RFC 1812 5.3.7). */
static const uint8_t martian_octets[256] = { [0] = 1, [127] = 1, [224 ... 255] = 1 };

/* The first octet is the lowest byte of the address as the packet has it. */
static inline uint8_t
first_octet(rte_be32_t address)
{
	return *(const uint8_t *)&address;
}

/*
 * The packet as nearly all are: unicast frame, IPv4 without options, lengths and checksum right, no
 * address that must not be. What this refuses is looked at again by check().
 */
static inline bool
is_common(const struct rte_mbuf *mbuf, struct packet_meta meta, const struct rte_ipv4_hdr *ip)
{
	uint32_t length = mbuf->pkt_len - meta.l3_offset;
	uint32_t total;

	if (meta.kind != PACKET_IPV4 || mbuf->data_len < meta.l3_offset + sizeof(*ip))
		return false;
	total = rte_be_to_cpu_16(ip->total_length);
	/* One branch for all that is hardly ever so. */
	return (ip->version_ihl == RTE_IPV4_VHL_DEF) & (total >= sizeof(*ip)) & (total <= length) &
	       (martian_octets[first_octet(ip->src_addr)] == 0) &
	       (martian_octets[first_octet(ip->dst_addr)] == 0) & checksum_ipv4_ok(ip);
}

/* Ethernet pads short frames; what is behind the packet is not sent on. */
static inline void
trim(struct rte_mbuf *mbuf, struct packet_meta meta, const struct rte_ipv4_hdr *ip)
{
	uint32_t excess = mbuf->pkt_len - meta.l3_offset - rte_be_to_cpu_16(ip->total_length);

	if (unlikely(excess != 0))
		rte_pktmbuf_trim(mbuf, (uint16_t)excess);
}

/* The reason for which RFC 1812 5.2.2 and 5.3.7 have the packet dropped, or VR_DROP_REASONS. */
static enum vr_drop
check(const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	const struct rte_ipv4_hdr *ip = ip_of(mbuf, meta);
	uint32_t available = mbuf->data_len - meta.l3_offset;
	uint32_t total, header;

	if ((meta.kind & ~PACKET_GROUP) != PACKET_IPV4)
		return VR_DROP_ETHERTYPE;
	if (available < sizeof(*ip))
		return VR_DROP_TRUNCATED;
	header = (ip->version_ihl & 0x0f) * 4;
	total = rte_be_to_cpu_16(ip->total_length);
	if (ip->version_ihl >> 4 != 4)
		return VR_DROP_VERSION;
	if (header < sizeof(*ip) || header > available)
		return VR_DROP_HEADER_LENGTH;
	if (total < header || total > mbuf->pkt_len - meta.l3_offset)
		return VR_DROP_TOTAL_LENGTH;
	if (!checksum_ok(ip, header))
		return VR_DROP_CHECKSUM;
	if (martian_octets[first_octet(ip->src_addr)])
		return VR_DROP_SOURCE;
	if (ip->dst_addr == RTE_BE32(0xffffffff))
		return VR_DROP_BROADCAST;
	if (first_octet(ip->dst_addr) >> 4 == 0xe)
		return VR_DROP_MULTICAST;
	if (martian_octets[first_octet(ip->dst_addr)])
		return VR_DROP_DESTINATION;
	if (meta.kind & PACKET_GROUP)
		return VR_DROP_L2_GROUP;
	return VR_DROP_REASONS;
}

/* Anything but the common packet. Gives whether it goes on to the look-up. */
static bool __rte_noinline
input_other(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	struct vr_output *output)
{
	enum vr_drop reason;

	if ((meta.kind & ~PACKET_GROUP) == PACKET_ARP) {
		arp_input(instance, mbuf, meta, output);
		return false;
	}
	reason = check(mbuf, meta);
	if (reason == VR_DROP_REASONS)
		return true;
	send_drop(instance, mbuf, VR_CLASS_FORWARDED, reason);
	return false;
}

static inline void
count_in(struct vr_instance *instance, uint16_t interface, uint64_t packets, uint64_t bytes)
{
	instance->interfaces[interface].rx_packets += packets;
	instance->interfaces[interface].rx_bytes += bytes;
}

static void
input(struct vr_instance *instance, struct rte_mbuf **mbufs, unsigned int n, struct batch *batch,
	struct vr_output *output)
{
	/* Frames of one interface mostly follow each other: counted together. */
	uint16_t interface = packet_meta_get(mbufs[0]).interface;
	uint64_t packets = 0, bytes = 0;
	unsigned int kept = 0;

	for (unsigned int i = 0; i < RTE_MIN(n, PREFETCH_AHEAD); i++)
		rte_prefetch0(rte_pktmbuf_mtod(mbufs[i], void *));
	for (unsigned int i = 0; i < n; i++) {
		struct packet_meta meta = packet_meta_get(mbufs[i]);
		const struct rte_ipv4_hdr *ip = ip_of(mbufs[i], meta);

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
		if (unlikely(!is_common(mbufs[i], meta, ip)) &&
			!input_other(instance, mbufs[i], meta, output))
			continue;
		trim(mbufs[i], meta, ip);
		batch->mbufs[kept] = mbufs[i];
		batch->destinations[kept++] = rte_be_to_cpu_32(ip->dst_addr);
	}
	batch->n = kept;
	instance->counters.input += n;
	count_in(instance, interface, packets, bytes);
}

/* The error, then the packet's end. */
static void
refuse(struct vr_instance *instance, struct rte_mbuf *mbuf, enum vr_drop reason,
	enum icmp_type type, uint8_t code, uint16_t mtu, struct vr_output *output)
{
	icmp_error(instance, mbuf, type, code, mtu, output);
	send_drop(instance, mbuf, VR_CLASS_FORWARDED, reason);
}

/* Whether the packet may leave through the next hop's interface; if not it is gone. */
static bool
may_leave(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct next_hop *next_hop, struct vr_output *output)
{
	const struct rte_ipv4_hdr *ip = ip_of(mbuf, meta);

	if (ip->time_to_live <= 1) {
		refuse(instance, mbuf, VR_DROP_TTL, ICMP_TIME_EXCEEDED, 0, 0, output);
		return false;
	}
	if (mbuf->pkt_len - meta.l3_offset > next_hop->mtu) {
		refuse(instance, mbuf, VR_DROP_MTU, ICMP_UNREACHABLE, ICMP_FRAGMENTATION_NEEDED,
			next_hop->mtu, output);
		return false;
	}
	return true;
}

/* Everything but a packet that goes straight to a resolved neighbour. */
static void __rte_noinline
output_other(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct next_hop *next_hop, uint32_t destination, struct vr_output *output)
{
	switch ((enum next_hop_type)next_hop->type) {
	case NEXT_HOP_LOCAL:
		icmp_local_input(instance, mbuf, output);
		return;
	case NEXT_HOP_NEIGHBOUR:
		if (may_leave(instance, mbuf, meta, next_hop, output))
			send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_HEADROOM);
		return;
	case NEXT_HOP_INCOMPLETE:
		if (may_leave(instance, mbuf, meta, next_hop, output))
			send_resolve(instance, mbuf, VR_CLASS_FORWARDED, next_hop->interface,
				next_hop->address);
		return;
	case NEXT_HOP_CONNECTED:
		if (may_leave(instance, mbuf, meta, next_hop, output))
			send_resolve(instance, mbuf, VR_CLASS_FORWARDED, next_hop->interface,
				destination);
		return;
	case NEXT_HOP_NO_ROUTE:
		refuse(instance, mbuf, VR_DROP_NO_ROUTE, ICMP_UNREACHABLE, ICMP_NET, 0, output);
		return;
	case NEXT_HOP_UNREACHABLE:
		refuse(instance, mbuf, VR_DROP_UNREACHABLE, ICMP_UNREACHABLE, ICMP_HOST, 0, output);
		return;
	case NEXT_HOP_PROHIBIT:
		refuse(instance, mbuf, VR_DROP_PROHIBIT, ICMP_UNREACHABLE, ICMP_PROHIBITED, 0,
			output);
		return;
	case NEXT_HOP_BLACKHOLE:
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_BLACKHOLE);
		return;
	case NEXT_HOP_BROADCAST:
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_BROADCAST);
		return;
	}
}

static inline void
decrement_ttl(struct rte_ipv4_hdr *ip)
{
	ip->time_to_live--;
	ip->hdr_checksum = checksum_decrement_ttl(ip->hdr_checksum);
}

/* What a burst has sent so far through one interface, to be counted at once. */
struct sent {
	uint64_t packets;
	uint64_t bytes; /* of IP packets */
	uint16_t interface;
	uint8_t l2_length;
};

static inline void
count_out(struct vr_instance *instance, const struct sent *sent)
{
	struct vr_interface_counters *counters = &instance->interfaces[sent->interface];

	instance->counters.sent[VR_CLASS_FORWARDED] += sent->packets;
	instance->counters.forwarded_bytes += sent->bytes;
	counters->tx_packets += sent->packets;
	counters->tx_bytes += sent->bytes + sent->packets * sent->l2_length;
}

/* Gives the number of frames in the output, `n` before. */
static inline unsigned int
output_one(struct vr_instance *instance, struct rte_mbuf *mbuf, const struct next_hop *next_hop,
	uint32_t destination, struct sent *sent, struct vr_output *output, unsigned int n)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(uintptr_t)ip_of(mbuf, meta);
	uint32_t length = mbuf->pkt_len - meta.l3_offset;

	if (unlikely((next_hop->type != NEXT_HOP_NEIGHBOUR) | (ip->time_to_live <= 1) |
		     (length > next_hop->mtu)) ||
		unlikely(!send_rewrite(mbuf, meta.l3_offset, next_hop))) {
		output->n = n;
		output_other(instance, mbuf, meta, next_hop, destination, output);
		return output->n;
	}
	decrement_ttl(ip);
	output->frames[n] =
		(struct vr_tx){ mbuf, next_hop->port, next_hop->interface, VR_CLASS_FORWARDED };
	if (next_hop->interface != sent->interface) {
		count_out(instance, sent);
		*sent = (struct sent){ .interface = next_hop->interface };
	}
	sent->l2_length = next_hop->l2_length;
	sent->packets++;
	sent->bytes += length;
	return n + 1;
}

static void
forward(struct vr_instance *instance, struct batch *batch, struct vr_output *output)
{
	const struct vr *vr = instance->vr;
	unsigned int n = output->n;
	struct sent sent = { 0 };

	if (batch->n == 0)
		return;
	lpm_lookup_bulk(vr->lpm, batch->destinations, batch->next_hops, batch->n);
	for (unsigned int i = 0; i < batch->n; i++)
		n = output_one(instance, batch->mbufs[i], send_next_hop(vr, batch->next_hops[i]),
			batch->destinations[i], &sent, output, n);
	output->n = n;
	count_out(instance, &sent);
}

static void
forward_one(struct vr_instance *instance, struct rte_mbuf *mbuf, const struct next_hop *next_hop,
	uint32_t destination, struct vr_output *output)
{
	struct sent sent = { 0 };

	output->n = output_one(instance, mbuf, next_hop, destination, &sent, output, output->n);
	count_out(instance, &sent);
}

/* A packet that waited for its next hop. If that has gone again, so does the packet. */
static void
resume(struct vr_instance *instance, const struct vr_inject *element, struct vr_output *output)
{
	const struct vr *vr = instance->vr;
	struct packet_meta meta = packet_meta_get(element->mbuf);
	uint32_t destination = rte_be_to_cpu_32(ip_of(element->mbuf, meta)->dst_addr);
	const struct next_hop *next_hop = send_next_hop(vr, lpm_lookup(vr->lpm, destination));

	if (next_hop->type == NEXT_HOP_INCOMPLETE || next_hop->type == NEXT_HOP_CONNECTED)
		send_drop(instance, element->mbuf, element->class, VR_DROP_NEIGHBOUR_FAILED);
	else if (element->class == VR_CLASS_FORWARDED)
		forward_one(instance, element->mbuf, next_hop, destination, output);
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
		if (element.class == VR_CLASS_FORWARDED)
			icmp_error(instance, element.mbuf, ICMP_UNREACHABLE, ICMP_HOST, 0, output);
		send_drop(instance, element.mbuf, element.class, element.reason);
	}
}

void
vr_instance_run(struct vr_instance *instance, struct rte_mbuf **mbufs, unsigned int n, uint64_t now,
	struct vr_output *output)
{
	struct batch batch;

	batch.n = 0;
	output->n = 0;
	instance->now = now;
	if (unlikely(vr_instance_has_injected(instance)))
		take_injected(instance, output);
	if (n == 0)
		return;
	input(instance, mbufs, n, &batch, output);
	forward(instance, &batch, output);
}
