/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_NAT44_PACKET_H
#define ELEMENT_NAT44_PACKET_H

#include <rte_ip.h>

#include "element/nat44.h"
#include "element/nat44_header.h"

/*
 * The way of packets that are not of a session there is, or not plain: each by itself, whatever it
 * is. All give NAT44_GO_ON, with the packet translated where it is to be, or the reason to drop it.
 * Worker.
 */

struct nat44_packet {
	struct rte_ipv4_hdr *ip;
	uint8_t *l4;     /* NULL: not there, as it is a later fragment */
	uint32_t length; /* bytes at l4 that are in one piece */
	uint8_t side;    /* enum element_side */
	bool outside;    /* by the outside interface */
	bool first;      /* of fragments */
	const struct element_host *host;
};

static inline bool
nat44_is_later_fragment(const struct rte_ipv4_hdr *ip)
{
	return (ip->fragment_offset & RTE_BE16(RTE_IPV4_HDR_OFFSET_MASK)) != 0;
}

/* At egress by the outside interface. */
int nat44_packet_out(struct nat44 *nat, struct rte_mbuf *mbuf, const struct element_host *host);

/* At ingress, for an outside address. */
int nat44_packet_in(struct nat44 *nat, struct rte_mbuf *mbuf, const struct element_host *host);

/* ICMP errors, whose L4 header is there. */
int nat44_icmp_out(struct nat44 *nat, const struct nat44_packet *packet);
int nat44_icmp_in(struct nat44 *nat, const struct nat44_packet *packet);

/* For these too: whether a source is for the NAT to translate if it can. */
bool nat44_is_inside(const struct nat44 *nat, uint32_t address, const struct element_host *host);

#endif
