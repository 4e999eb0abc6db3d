/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "vrf/ipv4.h"
#include "vrf/send.h"

const uint8_t ipv4_martian_octets[256] = { [0] = 1, [127] = 1, [224 ... 255] = 1 };

/* The reason for which RFC 1812 5.2.2 and 5.3.7 have the packet dropped, or VR_DROP_REASONS. */
static enum vr_drop
check(const struct rte_mbuf *mbuf, struct packet_meta meta)
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
	if (ipv4_martian_octets[ipv4_first_octet(ip->src_addr)])
		return VR_DROP_SOURCE;
	if (ip->dst_addr == RTE_BE32(0xffffffff))
		return VR_DROP_BROADCAST;
	if (ipv4_first_octet(ip->dst_addr) >> 4 == 0xe)
		return VR_DROP_MULTICAST;
	if (ipv4_martian_octets[ipv4_first_octet(ip->dst_addr)])
		return VR_DROP_DESTINATION;
	if (meta.kind & PACKET_GROUP)
		return VR_DROP_L2_GROUP;
	return VR_DROP_REASONS;
}

bool
ipv4_input_other(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta)
{
	enum vr_drop reason = check(mbuf, meta);

	if (reason == VR_DROP_REASONS)
		return true;
	send_drop(instance, mbuf, VR_CLASS_FORWARDED, reason);
	return false;
}
