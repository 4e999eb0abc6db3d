/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_IPV4_H
#define VRF_IPV4_H

#include <rte_ip.h>

#include "packet/checksum.h"
#include "vrf/instance.h"

/* IPv4 packets as they come in: which may be looked up, and what becomes of the others. Worker. */

/* First octets that no packet may have: 0/8, 127/8, 224/4 and 240/4 (RFC 1812 5.3.7). */
extern const uint8_t ipv4_martian_octets[256];

static inline struct rte_ipv4_hdr *
ipv4_of(const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	return rte_pktmbuf_mtod_offset(mbuf, struct rte_ipv4_hdr *, meta.l3_offset);
}

static inline uint8_t
ipv4_header_length(const struct rte_ipv4_hdr *ip)
{
	return (ip->version_ihl & 0x0f) * 4;
}

static inline bool
ipv4_is_fragment(const struct rte_ipv4_hdr *ip)
{
	return (ip->fragment_offset & RTE_BE16(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)) !=
	       0;
}

/* Clears DF and sums the header again. */
static inline void
ipv4_allow_fragments(struct rte_ipv4_hdr *ip)
{
	ip->fragment_offset &= ~RTE_BE16(RTE_IPV4_HDR_DF_FLAG);
	ip->hdr_checksum = 0;
	ip->hdr_checksum = checksum_of(ip, ipv4_header_length(ip));
}

/* The first octet is the lowest byte of the address as the packet has it. */
static inline uint8_t
ipv4_first_octet(rte_be32_t address)
{
	return *(const uint8_t *)&address;
}

/* Whether the last octet is that of a broadcast address of the router's own subnets. */
static inline bool
ipv4_may_be_broadcast(const struct vr *vr, rte_be32_t address)
{
	return vr->broadcast_octets[((const uint8_t *)&address)[3]];
}

/*
 * The packet as nearly all are: unicast frame, IPv4 without options, lengths and checksum right, no
 * address that must not be. What this refuses is looked at again by ipv4_input_other().
 */
static inline bool
ipv4_is_common(const struct vr *vr, const struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct rte_ipv4_hdr *ip)
{
	uint32_t length = mbuf->pkt_len - meta.l3_offset;
	uint32_t total;

	if (meta.kind != PACKET_IPV4 || mbuf->data_len < meta.l3_offset + sizeof(*ip))
		return false;
	total = rte_be_to_cpu_16(ip->total_length);
	/* One branch for all that is hardly ever so. */
	return (ip->version_ihl == RTE_IPV4_VHL_DEF) & (total >= sizeof(*ip)) & (total <= length) &
	       ((ipv4_martian_octets[ipv4_first_octet(ip->src_addr)] |
			ipv4_martian_octets[ipv4_first_octet(ip->dst_addr)] |
			vr->broadcast_octets[((const uint8_t *)&ip->src_addr)[3]]) == 0) &
	       checksum_ipv4_ok(ip);
}

/*
 * Whether the header is whole, its lengths fit the frame and its checksum is right (RFC 1812
 * 5.2.2): the reason for which the packet is dropped, or VR_DROP_REASONS.
 */
enum vr_drop ipv4_check_header(const struct rte_mbuf *mbuf, struct packet_meta meta);

/* Takes an uncommon packet, unless it goes on to the look-up: then true. */
bool ipv4_input_other(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	struct vr_output *output);

#endif
