/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CLASSIFY_L2_H
#define CLASSIFY_L2_H

#include <stdint.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <rte_ether.h>

#include "classify/classify.h"

/*
 * The L2 header of a received frame, read once: which VLAN its tags mean (classify.h), where its L3
 * header begins, and of what kind it is. Worker.
 */

#define L2_VLANS 4096
/* What may stand for a VLAN in struct l2: */
#define L2_BAD 0x4000    /* plus a drop reason: whatever its destination, the frame is nobody's */
#define L2_INSIDE 0x8000 /* plus a VLAN: one inside an outer VLAN, which the frame tells */

struct l2 {
	uint16_t vlan;
	uint8_t offset; /* of L3 */
	uint8_t kind;
};

static inline enum packet_kind
l2_kind(rte_be16_t ether_type)
{
	if (ether_type == RTE_BE16(RTE_ETHER_TYPE_IPV4))
		return PACKET_IPV4;
	if (ether_type == RTE_BE16(RTE_ETHER_TYPE_ARP))
		return PACKET_ARP;
	if (ether_type == RTE_BE16(RTE_ETHER_TYPE_IPV6))
		return PACKET_IPV6;
	return PACKET_OTHER;
}

/*
 * Of a frame without a tag or with one of 802.1Q; any other is PACKET_OTHER, and l2_parse_other()
 * goes on. `length` is at least that of an Ethernet header.
 */
static inline struct l2
l2_parse(const uint8_t *frame, uint32_t length)
{
	struct l2 l2 = { CLASSIFY_UNTAGGED, RTE_ETHER_HDR_LEN, 0 };
	rte_be16_t ether_type, tag;

	memcpy(&ether_type, frame + 12, sizeof(ether_type));
	if (ether_type == RTE_BE16(RTE_ETHER_TYPE_VLAN)) {
		if (unlikely(length < RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN)) {
			l2.vlan = L2_BAD | CLASSIFY_DROP_SHORT;
			return l2;
		}
		memcpy(&tag, frame + 14, sizeof(tag));
		memcpy(&ether_type, frame + 16, sizeof(ether_type));
		l2.vlan = rte_be_to_cpu_16(tag) & (L2_VLANS - 1);
		l2.offset += RTE_VLAN_HLEN;
	}
	l2.kind = l2_kind(ether_type);
	return l2;
}

/* The VLAN of the first tag, which the frame has in full. */
static inline uint16_t
l2_outer_vlan(const uint8_t *frame)
{
	return (uint16_t)(frame[14] << 8 | frame[15]) & (L2_VLANS - 1);
}

/* Of a frame that is PACKET_OTHER to l2_parse(), which gave `l2`. */
struct l2 l2_parse_other(const uint8_t *frame, uint32_t length, struct l2 l2);

#endif
