/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_ring_elem.h>

#include "vrf/flow.h"
#include "vrf/fragment.h"
#include "vrf/ipv4.h"
#include "vrf/ipv6.h"
#include "vrf/l2.h"
#include "vrf/pipeline.h"
#include "vrf/send.h"
#include "vrf/table.h"
#include "vrf/tunnel_output.h"

void
send_drop(struct vr_instance *instance, struct rte_mbuf *mbuf, enum vr_class class,
	enum vr_drop reason)
{
	vr_instance_lose(instance, class, reason);
	rte_pktmbuf_free(mbuf);
}

void
send_flush(struct vr_instance *instance, struct vr_output *output)
{
	const struct pipeline *pipeline = pipeline_of(instance);

	if (pipeline != NULL)
		pipeline_egress(instance, pipeline, output);
	send_output(instance, output);
}

void
send_output(struct vr_instance *instance, struct vr_output *output)
{
	if (instance->vr->n_tunnels > 0)
		tunnel_output(instance, output);
	output->flush(instance, output);
}

void
send_l3(struct vr_instance *instance, struct rte_mbuf *mbuf, uint16_t l3_offset,
	const struct vr_interface *interface, const struct rte_ether_addr *destination,
	rte_be16_t ether_type, enum vr_class class, struct vr_output *output)
{
	struct next_hop header;

	header.l2_length = l2_write(header.l2, interface, destination, ether_type);
	if (!send_rewrite(mbuf, l3_offset, &header)) {
		send_drop(instance, mbuf, class, VR_DROP_HEADROOM);
		return;
	}
	send_frame(instance, mbuf, interface->port, interface->index, class, output);
}

void
send_resolve(struct vr_instance *instance, struct rte_mbuf *mbuf, enum vr_class class,
	uint16_t interface, const struct ip_address *address)
{
	struct vr_punt punt = { .mbuf = mbuf,
		.address = *address,
		.interface = interface,
		.code = VR_PUNT_RESOLVE,
		.class = class };

	if (rte_ring_count(instance->punt) >= VR_PUNT_RING / 2 ||
		!token_bucket_take(&instance->resolve, instance->now) ||
		rte_ring_sp_enqueue_elem(instance->punt, &punt, sizeof(punt)) != 0) {
		send_drop(instance, mbuf, class, VR_DROP_PUNT_LIMIT);
		return;
	}
	if (class != VR_CLASS_ORIGINATED)
		instance->counters.punted++;
}

void
send_tell_used(struct vr_instance *instance, const struct next_hop *next_hop)
{
	uint8_t *told = (uint8_t *)(uintptr_t)&next_hop->told;
	struct vr_punt punt = { .next_hop = next_hop->index, .code = VR_PUNT_USED };

	if (__atomic_load_n(told, __ATOMIC_RELAXED) != 0)
		return;
	/* What can't be told now is told by the next packet. */
	if (token_bucket_take(&instance->learn, instance->now) &&
		rte_ring_sp_enqueue_elem(instance->punt, &punt, sizeof(punt)) == 0)
		__atomic_store_n(told, 1, __ATOMIC_RELAXED);
}

const struct next_hop *
send_member(const struct vr *vr, const struct next_hop *group, const struct rte_mbuf *mbuf,
	struct packet_meta meta)
{
	uint32_t bucket = flow_hash(mbuf, meta, vr->flow_seed) & group->buckets->mask;

	return send_next_hop(vr, group->buckets->indexes[bucket]);
}

struct ip_address
send_destination(const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	if ((meta.kind & ~PACKET_GROUP) == PACKET_IPV4)
		return ip_address_of_ipv4(rte_be_to_cpu_32(ipv4_of(mbuf, meta)->dst_addr));
	return ip_address_of_ipv6(ipv6_of(mbuf, meta)->destination);
}

struct next_hop
send_known(const struct next_hop *next_hop, struct packet_meta meta)
{
	rte_be16_t type = (meta.kind & ~PACKET_GROUP) == PACKET_IPV4
	                          ? RTE_BE16(RTE_ETHER_TYPE_IPV4)
	                          : RTE_BE16(RTE_ETHER_TYPE_IPV6);
	struct next_hop known = *next_hop;

	known.type = NEXT_HOP_NEIGHBOUR;
	memcpy(known.l2 + 2 * RTE_ETHER_ADDR_LEN, &type, sizeof(type));
	return known;
}

/* A packet of the router's own through a next hop with an L2 header, in pieces if need be. */
static void
send_own(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct next_hop *next_hop, enum vr_class class, struct vr_output *output)
{
	if (mbuf->pkt_len - meta.l3_offset > next_hop->mtu) {
		if ((meta.kind & ~PACKET_GROUP) == PACKET_IPV4)
			ipv4_allow_fragments(ipv4_of(mbuf, meta));
		fragment_send(instance, mbuf, next_hop, class, output);
		return;
	}
	if (!send_rewrite(mbuf, meta.l3_offset, next_hop)) {
		send_drop(instance, mbuf, class, VR_DROP_HEADROOM);
		return;
	}
	send_frame(instance, mbuf, next_hop->port, next_hop->interface, class, output);
}

void
send_routed(struct vr_instance *instance, struct rte_mbuf *mbuf, enum vr_class class,
	struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	struct ip_address destination = send_destination(mbuf, meta);
	const struct vr *vr = instance->vr;
	const struct next_hop *next_hop = send_next_hop(vr, table_lookup(vr, &destination));
	struct next_hop known;

	if (next_hop->type == NEXT_HOP_GROUP)
		next_hop = send_member(vr, next_hop, mbuf, meta);
	if (!send_leads_out(next_hop)) {
		send_drop(instance, mbuf, class, VR_DROP_NO_ROUTE);
		return;
	}
	if (next_hop->type == NEXT_HOP_CONNECTED && !send_has_l2(next_hop)) {
		send_resolve(instance, mbuf, class, next_hop->interface, &destination);
		return;
	}
	if (next_hop->type == NEXT_HOP_INCOMPLETE) {
		send_resolve(instance, mbuf, class, next_hop->interface, &next_hop->address);
		return;
	}
	if (next_hop->type == NEXT_HOP_CONNECTED) {
		known = send_known(next_hop, meta);
		next_hop = &known;
	}
	if (next_hop->type == NEXT_HOP_STALE)
		send_tell_used(instance, next_hop);
	send_own(instance, mbuf, meta, next_hop, class, output);
}

void
send_back(struct vr_instance *instance, struct rte_mbuf *mbuf, const struct rte_mbuf *about,
	enum vr_class class, struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	struct ip_address destination = send_destination(mbuf, meta);
	const struct vr_interface *interface = &instance->vr->interfaces[meta.interface];
	struct next_hop header = {
		.port = interface->port, .interface = interface->index, .mtu = interface->mtu
	};
	struct rte_ether_addr mac;

	if (!ip_address_is_link_local(&destination)) {
		send_routed(instance, mbuf, class, output);
		return;
	}
	mac = rte_pktmbuf_mtod(about, const struct rte_ether_hdr *)->src_addr;
	header.l2_length = l2_write(header.l2, interface, &mac, RTE_BE16(RTE_ETHER_TYPE_IPV6));
	send_own(instance, mbuf, meta, &header, class, output);
}
