/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdbool.h>

#include "classify/l2.h"

static uint16_t
get16(const uint8_t *frame, uint32_t offset)
{
	return (uint16_t)(frame[offset] << 8 | frame[offset + 1]);
}

/* Below an outer tag, where l2_parse() stops. */
static bool
is_tag(uint16_t ether_type)
{
	return ether_type == RTE_ETHER_TYPE_VLAN || ether_type == RTE_ETHER_TYPE_QINQ;
}

static struct l2
bad(enum classify_drop reason)
{
	return (struct l2){ .vlan = (uint16_t)(L2_BAD | reason) };
}

/*
 * Of a frame that begins with an 802.1ad tag. VLAN 0 in it is a priority and no VLAN, so the VLAN
 * of the tag below it is not inside another.
 */
static struct l2
parse_outer(const uint8_t *frame, uint32_t length)
{
	struct l2 l2 = { .offset = RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN };
	uint16_t outer_vlan, type;

	if (length < RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN)
		return bad(CLASSIFY_DROP_SHORT);
	outer_vlan = l2_outer_vlan(frame);
	type = get16(frame, 16);
	if (type == RTE_ETHER_TYPE_QINQ)
		return bad(CLASSIFY_DROP_DOUBLE);
	if (type != RTE_ETHER_TYPE_VLAN) {
		if (outer_vlan != CLASSIFY_NO_OUTER)
			return bad(CLASSIFY_DROP_OUTER_ONLY);
		l2.offset = RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN;
		l2.kind = l2_kind(rte_cpu_to_be_16(type));
		return l2;
	}
	if (length < l2.offset)
		return bad(CLASSIFY_DROP_SHORT);
	type = get16(frame, 20);
	if (is_tag(type))
		return bad(CLASSIFY_DROP_MORE);
	l2.vlan = get16(frame, 18) & (L2_VLANS - 1);
	l2.kind = l2_kind(rte_cpu_to_be_16(type));
	if (outer_vlan == CLASSIFY_NO_OUTER)
		return l2;
	if (l2.vlan == CLASSIFY_UNTAGGED)
		return bad(CLASSIFY_DROP_OUTER_ONLY);
	l2.vlan |= L2_INSIDE;
	return l2;
}

struct l2
l2_parse_other(const uint8_t *frame, uint32_t length, struct l2 l2)
{
	uint16_t type = get16(frame, l2.offset - sizeof(rte_be16_t));

	if (l2.offset != RTE_ETHER_HDR_LEN)
		return is_tag(type) ? bad(CLASSIFY_DROP_DOUBLE) : l2;
	return type == RTE_ETHER_TYPE_QINQ ? parse_outer(frame, length) : l2;
}
