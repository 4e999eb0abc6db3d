/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef PACKET_TUPLE_H
#define PACKET_TUPLE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include <rte_byteorder.h>
#include <rte_ip.h>

#include "packet/ipv6_header.h"
#include "packet/packet.h"

/*
 * What the headers of an IP packet say, for those who judge packets by them. Read from the first
 * segment, never beyond it; the IP header is there whole. Any thread.
 *
 * The layout is that of a key for librte_acl: an octet, then groups of four, all in network byte
 * order. Members that a packet has no value for are zero.
 */

enum packet_fragment {
	PACKET_FRAGMENT_NONE,  /* also an atomic one (RFC 6946) */
	PACKET_FRAGMENT_FIRST, /* with the headers of the upper layer */
	PACKET_FRAGMENT_LATER, /* without */
};

/* Which members tell of the packet. */
#define PACKET_KNOWN_PROTOCOL 1 /* not where IPv6 extension headers go on beyond what was read */
#define PACKET_KNOWN_PORTS 2    /* the ports, or type and code */

struct packet_tuple {
	uint8_t protocol; /* the upper layer's, behind IPv6 extension headers; AH and ESP are it */
	uint8_t kind;     /* PACKET_IPV4 or PACKET_IPV6 */
	uint8_t known;    /* PACKET_KNOWN_ */
	/*
	 * The packet's own headers do not tell what it is, or may not be what its receiver gets to
	 * see: the upper layer's header is cut off in a packet that should have it (RFC 1858 3, RFC
	 * 7112), or the later fragment begins inside of the TCP header and would write over it (RFC
	 * 1858 3.2, RFC 3128).
	 */
	bool cut;
	union {
		struct {
			rte_be16_t source_port;
			rte_be16_t destination_port;
		};
		struct {
			uint8_t icmp_type;
			uint8_t icmp_code;
		};
	};
	uint8_t tcp_flags;
	uint8_t dscp;     /* 0 .. 63 */
	uint8_t fragment; /* enum packet_fragment */
	uint8_t reserved;
	uint16_t upper_offset; /* from the IP header to the upper layer's; where KNOWN_PROTOCOL */
	uint16_t reserved_too;
	union {
		uint8_t source[16];
		rte_be32_t source_ipv4; /* the others are zero then */
	};
	union {
		uint8_t destination[16];
		rte_be32_t destination_ipv4;
	};
};

static_assert(offsetof(struct packet_tuple, source_port) == 4, "a group of librte_acl");
static_assert(offsetof(struct packet_tuple, tcp_flags) == 8, "a group of librte_acl");
static_assert(offsetof(struct packet_tuple, source) == 16, "groups of librte_acl");
static_assert(sizeof(struct packet_tuple) == 48, "no padding");

#ifndef IPPROTO_SCTP
#define IPPROTO_SCTP 132
#endif
#ifndef IPPROTO_DCCP
#define IPPROTO_DCCP 33
#endif

/* Extension headers walked at most, so that no packet costs more. */
#define PACKET_TUPLE_EXTENSIONS_MAX 8

#define PACKET_TCP_HEADER 20
#define PACKET_UDP_HEADER 8

/* The protocols whose headers begin with a port of the source and one of the destination. */
static inline bool
packet_protocol_has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP ||
	       protocol == IPPROTO_UDPLITE || protocol == IPPROTO_DCCP;
}

/* Any packet, from `length` bytes that begin with its IP header. */
void packet_tuple_read(
	uint8_t kind, const uint8_t *bytes, uint32_t length, struct packet_tuple *tuple);

static inline void
packet_tuple_set_ports(struct packet_tuple *tuple, const uint8_t *upper, uint16_t upper_offset,
	bool tcp, uint8_t protocol)
{
	uint32_t ports;

	memcpy(&ports, upper, sizeof(ports));
	memcpy(&tuple->source_port, &ports, sizeof(ports));
	tuple->protocol = protocol;
	tuple->known = PACKET_KNOWN_PROTOCOL | PACKET_KNOWN_PORTS;
	tuple->tcp_flags = upper[tcp ? 13 : 0] & (uint8_t)-tcp;
	tuple->upper_offset = upper_offset;
}

/*
 * The tuple of a packet as an element gets it. TCP and UDP straight behind the IP header, and no
 * fragment, take the short way.
 */
static inline void
packet_tuple_of(const struct rte_mbuf *mbuf, struct packet_tuple *tuple)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	uint8_t kind = meta.kind & (uint8_t)~PACKET_GROUP;
	const uint8_t *bytes = rte_pktmbuf_mtod_offset(mbuf, const uint8_t *, meta.l3_offset);
	uint32_t length = mbuf->data_len - meta.l3_offset;

	if (kind == PACKET_IPV4) {
		const struct rte_ipv4_hdr *ip = (const void *)bytes;
		bool tcp = ip->next_proto_id == IPPROTO_TCP;

		if (likely((ip->version_ihl == RTE_IPV4_VHL_DEF) &
			    ((ip->fragment_offset & RTE_BE16(RTE_IPV4_HDR_MF_FLAG |
							     RTE_IPV4_HDR_OFFSET_MASK)) == 0) &
			    (tcp | (ip->next_proto_id == IPPROTO_UDP)) &
			    (length >=
				    sizeof(*ip) + (tcp ? PACKET_TCP_HEADER : PACKET_UDP_HEADER)))) {
			memset(tuple, 0, sizeof(*tuple));
			tuple->dscp = ip->type_of_service >> 2;
			packet_tuple_set_ports(
				tuple, bytes + sizeof(*ip), sizeof(*ip), tcp, ip->next_proto_id);
			tuple->source_ipv4 = ip->src_addr;
			tuple->destination_ipv4 = ip->dst_addr;
			return;
		}
	} else {
		const struct ipv6_header *ip = (const void *)bytes;
		bool tcp = ip->next_header == IPPROTO_TCP;

		if (likely((tcp | (ip->next_header == IPPROTO_UDP)) &
			    (length >=
				    sizeof(*ip) + (tcp ? PACKET_TCP_HEADER : PACKET_UDP_HEADER)))) {
			memset(tuple, 0, sizeof(*tuple));
			tuple->kind = PACKET_IPV6;
			tuple->dscp = rte_be_to_cpu_32(ip->version_class_flow) >> 22 & 0x3f;
			packet_tuple_set_ports(
				tuple, bytes + sizeof(*ip), sizeof(*ip), tcp, ip->next_header);
			memcpy(tuple->source, ip->source, sizeof(tuple->source));
			memcpy(tuple->destination, ip->destination, sizeof(tuple->destination));
			return;
		}
	}
	packet_tuple_read(kind, bytes, length, tuple);
}

#endif
