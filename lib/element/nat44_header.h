/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_NAT44_HEADER_H
#define ELEMENT_NAT44_HEADER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_ip.h>

#include "packet/checksum.h"

/*
 * IPv4 headers and those behind them, of packets and of what ICMP errors quote. All fields in
 * network byte order; all checksums change by what their words change (RFC 1624), so that one that
 * was wrong stays wrong.
 */

#define NAT44_TCP_FLAGS 13 /* offset */
#define NAT44_TCP_LENGTH 20
#define NAT44_UDP_LENGTH 8
#define NAT44_ICMP_LENGTH 8
#define NAT44_ICMP_ID 4 /* offset, of queries */

/* What tells a flow; of an ICMP query both ports are its identifier. */
struct nat44_ends {
	uint32_t source;
	uint32_t destination;
	uint16_t source_port;
	uint16_t destination_port;
};

static inline uint16_t
nat44_get16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static inline void
nat44_put16(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, sizeof(value));
}

/* ICMP types (RFC 792, RFC 950). */
static inline bool
nat44_icmp_is_error(uint8_t type)
{
	return type == 3 || type == 4 || type == 11 || type == 12;
}

static inline bool
nat44_icmp_is_request(uint8_t type)
{
	return type == 8 || type == 13 || type == 15 || type == 17;
}

static inline bool
nat44_icmp_is_reply(uint8_t type)
{
	return type == 0 || type == 14 || type == 16 || type == 18;
}

static inline bool
nat44_icmp_is_query(uint8_t type)
{
	return nat44_icmp_is_request(type) || nat44_icmp_is_reply(type);
}

/*
 * Reads the ends; ports only where `l4`, of at least 8 bytes, is not NULL and has some, else they
 * are 0.
 */
static inline struct nat44_ends
nat44_ends_of(const struct rte_ipv4_hdr *ip, const uint8_t *l4)
{
	struct nat44_ends ends = { ip->src_addr, ip->dst_addr, 0, 0 };

	if (l4 == NULL)
		return ends;
	if (ip->next_proto_id == IPPROTO_TCP || ip->next_proto_id == IPPROTO_UDP) {
		ends.source_port = nat44_get16(l4);
		ends.destination_port = nat44_get16(l4 + 2);
	} else if (ip->next_proto_id == IPPROTO_ICMP && nat44_icmp_is_query(l4[0])) {
		ends.source_port = nat44_get16(l4 + NAT44_ICMP_ID);
		ends.destination_port = ends.source_port;
	}
	return ends;
}

/*
 * Writes other ends, with the checksums of the IP header and of L4, as far as `length` bytes of it
 * are there. Gives the difference that all that makes to a checksum that covers both headers.
 */
uint32_t nat44_ends_set(struct rte_ipv4_hdr *ip, uint8_t *l4, uint32_t length,
	const struct nat44_ends *old, const struct nat44_ends *ends);

#endif
