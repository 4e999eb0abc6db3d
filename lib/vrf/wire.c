/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "vrf/ipv4.h"
#include "vrf/ipv6.h"
#include "vrf/l2.h"
#include "vrf/pipeline.h"
#include "vrf/send.h"
#include "vrf/wire.h"

/* One way through the wire. */
struct way {
	const struct vr_interface *in;
	const struct vr_interface *out;
	uint8_t kept; /* bytes of an L2 header that may stay as it is; 0: none */
	bool up;
	uint64_t packets; /* sent and yet to be counted */
	uint64_t bytes;   /* of frames */
};

static struct way
way_from(const struct vr_instance *instance, uint16_t interface)
{
	const struct vr_interface *in = &instance->vr->interfaces[interface];
	const struct vr_interface *out = &instance->vr->interfaces[interface ^ 1];
	bool same = in->vlan == out->vlan && in->outer_vlan == out->outer_vlan;

	return (struct way){ .in = in,
		.out = out,
		.kept = same ? l2_length(out) : 0,
		.up = __atomic_load_n(&out->up, __ATOMIC_RELAXED) };
}

static void
count_sent(struct vr_instance *instance, struct way *way)
{
	struct vr_interface_counters *counters = &instance->interfaces[way->out->index];

	instance->counters.sent[VR_CLASS_FORWARDED] += way->packets;
	instance->counters.forwarded_bytes += way->bytes - way->packets * l2_length(way->out);
	counters->tx_packets += way->packets;
	counters->tx_bytes += way->bytes;
	way->packets = 0;
	way->bytes = 0;
}

static bool
change_tags(struct rte_mbuf *mbuf, struct packet_meta meta, const struct vr_interface *out)
{
	const uint8_t *frame = rte_pktmbuf_mtod(mbuf, const uint8_t *);
	struct rte_ether_hdr ethernet;
	struct next_hop header;

	memcpy(&ethernet, frame, 2 * sizeof(struct rte_ether_addr));
	memcpy(&ethernet.ether_type, frame + meta.l3_offset - sizeof(ethernet.ether_type),
		sizeof(ethernet.ether_type));
	header.l2_length = l2_write(header.l2, out, &ethernet.dst_addr, ethernet.ether_type);
	memcpy(header.l2 + sizeof(ethernet.dst_addr), &ethernet.src_addr,
		sizeof(ethernet.src_addr));
	return send_rewrite(mbuf, meta.l3_offset, &header);
}

/* Anything but a frame that leaves as it is. False: it is dropped. */
static bool __rte_noinline
relay_other(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct way *way)
{
	enum vr_drop reason;

	if (meta.kind == PACKET_LONG)
		reason = VR_DROP_LONG;
	else if (!way->up)
		reason = VR_DROP_LINK_DOWN;
	else if (mbuf->pkt_len - meta.l3_offset > way->out->mtu)
		reason = VR_DROP_MTU;
	else if (meta.l3_offset != way->kept && !change_tags(mbuf, meta, way->out))
		reason = VR_DROP_HEADROOM;
	else
		return true;
	send_drop(instance, mbuf, VR_CLASS_FORWARDED, reason);
	return false;
}

/* To the output, which has room for a whole burst. */
static void
relay(struct vr_instance *instance, struct rte_mbuf **mbufs, unsigned int n,
	struct vr_output *output)
{
	struct way way = way_from(instance, packet_meta_get(mbufs[0]).interface);
	unsigned int sent = output->n;

	for (unsigned int i = 0; i < n; i++) {
		struct packet_meta meta = packet_meta_get(mbufs[i]);

		if (unlikely(meta.interface != way.in->index)) {
			count_sent(instance, &way);
			way = way_from(instance, meta.interface);
		}
		if (unlikely((meta.l3_offset != way.kept) | (meta.kind == PACKET_LONG) | !way.up |
			     (mbufs[i]->pkt_len - meta.l3_offset > way.out->mtu)) &&
			!relay_other(instance, mbufs[i], meta, &way))
			continue;
		output->frames[sent++] = (struct vr_tx){ mbufs[i], way.out->port, way.out->index,
			VR_CLASS_FORWARDED };
		way.packets++;
		way.bytes += mbufs[i]->pkt_len;
	}
	output->n = sent;
	count_sent(instance, &way);
}

static void
count_received(struct vr_instance *instance, struct rte_mbuf **mbufs, unsigned int n)
{
	uint64_t packets[2] = { 0 }, bytes[2] = { 0 };

	for (unsigned int i = 0; i < n; i++) {
		uint16_t interface = packet_meta_get(mbufs[i]).interface & 1;

		packets[interface]++;
		bytes[interface] += mbufs[i]->pkt_len;
	}
	for (unsigned int k = 0; k < 2; k++) {
		instance->interfaces[k].rx_packets += packets[k];
		instance->interfaces[k].rx_bytes += bytes[k];
	}
}

/* Whether elements may see it; the frame then ends with the packet. */
static enum vr_drop
check_ipv4(struct rte_mbuf *mbuf, struct packet_meta meta)
{
	enum vr_drop reason = ipv4_check_header(mbuf, meta);

	if (reason == VR_DROP_REASONS)
		packet_end_at(mbuf, meta, rte_be_to_cpu_16(ipv4_of(mbuf, meta)->total_length));
	return reason;
}

static enum vr_drop
check_ipv6(struct rte_mbuf *mbuf, struct packet_meta meta)
{
	const struct ipv6_header *ip = ipv6_of(mbuf, meta);
	enum vr_drop reason = ipv6_check_header(mbuf, meta);

	if (reason == VR_DROP_REASONS)
		packet_end_at(mbuf, meta, sizeof(*ip) + rte_be_to_cpu_16(ip->payload_length));
	return reason;
}

/* Those that are left, with the ones that elements do not see first; gives how many. */
static unsigned int __rte_noinline
ingress(struct vr_instance *instance, const struct pipeline *pipeline, struct rte_mbuf **mbufs,
	unsigned int n)
{
	struct rte_mbuf *packets[IP_FAMILIES][PACKET_BURST_MAX];
	unsigned int n_packets[IP_FAMILIES] = { 0 };
	unsigned int left = 0;

	for (unsigned int i = 0; i < n; i++) {
		struct packet_meta meta = packet_meta_get(mbufs[i]);
		uint8_t kind = meta.kind & ~PACKET_GROUP;
		uint8_t family = kind == PACKET_IPV4 ? IP_FAMILY_IPV4 : IP_FAMILY_IPV6;
		enum vr_drop reason;

		if (kind != PACKET_IPV4 && kind != PACKET_IPV6) {
			mbufs[left++] = mbufs[i];
			continue;
		}
		reason = kind == PACKET_IPV4 ? check_ipv4(mbufs[i], meta)
		                             : check_ipv6(mbufs[i], meta);
		if (reason == VR_DROP_REASONS)
			packets[family][n_packets[family]++] = mbufs[i];
		else
			send_drop(instance, mbufs[i], VR_CLASS_FORWARDED, reason);
	}
	for (uint8_t family = 0; family < IP_FAMILIES; family++) {
		if (n_packets[family] == 0)
			continue;
		n = pipeline_ingress(
			instance, pipeline, family, packets[family], n_packets[family]);
		memcpy(mbufs + left, packets[family], n * sizeof(mbufs[0]));
		left += n;
	}
	return left;
}

void
wire_relay(struct vr_instance *instance, struct rte_mbuf **mbufs, unsigned int n,
	struct vr_output *output)
{
	const struct pipeline *pipeline = pipeline_of(instance);

	count_received(instance, mbufs, n);
	/* Those at egress, too, want packets whose headers are right. */
	if (unlikely(pipeline != NULL && pipeline->n_elements > 0))
		n = ingress(instance, pipeline, mbufs, n);
	if (n > 0)
		relay(instance, mbufs, n, output);
}
