/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "vrf/ipv4.h"
#include "vrf/local.h"
#include "vrf/multicast.h"
#include "vrf/pipeline.h"
#include "vrf/send.h"
#include "vrf/table.h"

const uint8_t ipv4_martian_octets[256] = { [0] = 1, [127] = 1, [224 ... 255] = 1 };

#define GO_ON VR_DROP_REASONS

/* Exact, where ipv4_may_be_broadcast() is not. */
static bool
is_broadcast(const struct vr *vr, rte_be32_t address)
{
	struct ip_address host = ip_address_of_ipv4(rte_be_to_cpu_32(address));

	return ipv4_may_be_broadcast(vr, address) &&
	       table_lookup(vr, &host) == NEXT_HOP_INDEX_BROADCAST;
}

static bool
is_multicast(rte_be32_t address)
{
	return ipv4_first_octet(address) >> 4 == 0xe;
}

enum vr_drop
ipv4_check_header(const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	const struct rte_ipv4_hdr *ip = ipv4_of(mbuf, meta);
	uint32_t available = mbuf->data_len - meta.l3_offset;
	uint32_t total, header;

	if (available < sizeof(*ip))
		return VR_DROP_TRUNCATED;
	header = ipv4_header_length(ip);
	total = rte_be_to_cpu_16(ip->total_length);
	if (ip->version_ihl >> 4 != 4)
		return VR_DROP_VERSION;
	if (header < sizeof(*ip) || header > available)
		return VR_DROP_HEADER_LENGTH;
	if (total < header || total > mbuf->pkt_len - meta.l3_offset)
		return VR_DROP_TOTAL_LENGTH;
	if (!checksum_ok(ip, header))
		return VR_DROP_CHECKSUM;
	return GO_ON;
}

/* The reason for which RFC 1812 5.2.2 and 5.3.7 have the packet dropped, or GO_ON. */
static enum vr_drop
check(const struct vr *vr, const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	const struct rte_ipv4_hdr *ip = ipv4_of(mbuf, meta);
	enum vr_drop reason = ipv4_check_header(mbuf, meta);

	if (reason != GO_ON)
		return reason;
	if (ipv4_martian_octets[ipv4_first_octet(ip->src_addr)] || is_broadcast(vr, ip->src_addr))
		return VR_DROP_SOURCE;
	if (ip->dst_addr == RTE_BE32(0xffffffff))
		return VR_DROP_BROADCAST;
	if (is_multicast(ip->dst_addr))
		return GO_ON;
	if (ipv4_martian_octets[ipv4_first_octet(ip->dst_addr)])
		return VR_DROP_DESTINATION;
	if (meta.kind & PACKET_GROUP)
		return VR_DROP_L2_GROUP;
	return GO_ON;
}

/*
 * What becomes of a packet for a group: those of the link end here (RFC 1112, RFC 5771 4), and what
 * a host side would speak with others on it is for that; all others go where their route says.
 */
static void
group_input(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	struct vr_output *output)
{
	const struct rte_ipv4_hdr *ip = ipv4_of(mbuf, meta);

	packet_end_at(mbuf, meta, rte_be_to_cpu_16(ip->total_length));
	if (!pipeline_ingress_one(instance, mbuf))
		return;
	if ((ip->dst_addr & RTE_BE32(0xffffff00)) != RTE_BE32(0xe0000000))
		multicast_forward(instance, mbuf, output);
	else if (local_is_host_protocol(ip->next_proto_id))
		local_to_host(instance, mbuf);
	else
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_LINK_LOCAL);
}

bool
ipv4_input_other(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	struct vr_output *output)
{
	enum vr_drop reason = check(instance->vr, mbuf, meta);
	const struct rte_ipv4_hdr *ip = ipv4_of(mbuf, meta);

	if (reason != GO_ON) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, reason);
		return false;
	}
	if (is_multicast(ip->dst_addr)) {
		group_input(instance, mbuf, meta, output);
		return false;
	}
	return true;
}
