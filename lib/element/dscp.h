/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_DSCP_H
#define ELEMENT_DSCP_H

#include <rte_ip.h>

#include "packet/checksum.h"
#include "packet/ipv6_header.h"
#include "schema/field.h"

/*
 * The differentiated services code point (RFC 2474), 0 .. 63, of packets as elements get them. The
 * two bits of ECN beside it stay as they are (RFC 3168).
 */

#define DSCP_MAX 63
#define DSCP_NONE 0xff /* in a config: not given */

/* Of traffic class and flow label: 4 bits of version, then DSCP. */
#define DSCP_IPV6_SHIFT 22
#define DSCP_IPV6_MASK RTE_BE32(UINT32_C(0x3f) << DSCP_IPV6_SHIFT)

/* "ef", "af11", "cs1", "be" ..., or a number: one octet. */
extern const struct field_type field_dscp;

/* The same in a list: a kind of octets. */
extern const struct kind dscp_kind;

static inline uint8_t
dscp_get(const struct rte_mbuf *mbuf)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	const uint8_t *ip = rte_pktmbuf_mtod_offset(mbuf, const uint8_t *, meta.l3_offset);
	uint16_t first;

	if (likely((meta.kind & (uint8_t)~PACKET_GROUP) == PACKET_IPV4))
		return ip[1] >> 2;
	memcpy(&first, ip, sizeof(first));
	return rte_be_to_cpu_16(first) >> 6 & DSCP_MAX;
}

/*
 * The first word of the header has the octet, and the checksum knows words. It is written whole: a
 * word read behind an octet written would wait for that.
 */
static inline bool
dscp_set_ipv4(struct rte_ipv4_hdr *ip, uint8_t dscp)
{
	uint16_t old_word, new_word;

	memcpy(&old_word, ip, sizeof(old_word));
	new_word = (old_word & RTE_BE16(0xff03)) | rte_cpu_to_be_16((uint16_t)(dscp << 2));
	if (new_word == old_word)
		return false;
	memcpy(ip, &new_word, sizeof(new_word));
	ip->hdr_checksum = checksum_update(ip->hdr_checksum, old_word, new_word);
	return true;
}

/* Gives whether it was another. */
static inline bool
dscp_set(struct rte_mbuf *mbuf, uint8_t dscp)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	void *start = rte_pktmbuf_mtod_offset(mbuf, void *, meta.l3_offset);
	struct ipv6_header *ip = start;
	rte_be32_t wanted;

	if (likely((meta.kind & (uint8_t)~PACKET_GROUP) == PACKET_IPV4))
		return dscp_set_ipv4(start, dscp);
	wanted = (ip->version_class_flow & ~DSCP_IPV6_MASK) |
	         rte_cpu_to_be_32((uint32_t)dscp << DSCP_IPV6_SHIFT);
	if (wanted == ip->version_class_flow)
		return false;
	ip->version_class_flow = wanted;
	return true;
}

#endif
