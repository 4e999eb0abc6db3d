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

static_assert(offsetof(struct packet_tuple, kind) == 1 && offsetof(struct packet_tuple, known) == 2,
	"packet_tuple_begin()");
static_assert(offsetof(struct packet_tuple, source_port) == 4, "a group of librte_acl");
static_assert(offsetof(struct packet_tuple, tcp_flags) == 8, "a group of librte_acl");
static_assert(offsetof(struct packet_tuple, dscp) == 9 &&
		      offsetof(struct packet_tuple, upper_offset) == 12,
	"packet_tuple_begin()");
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

/* Whether TCP or UDP follows an IP header of this length, whole; without a branch for which. */
static inline bool
packet_tuple_is_short(uint8_t protocol, uint32_t header, uint32_t length)
{
	uint32_t tcp = protocol == IPPROTO_TCP;

	return (tcp | (protocol == IPPROTO_UDP)) &
	       (length >=
		       header + PACKET_UDP_HEADER + (PACKET_TCP_HEADER - PACKET_UDP_HEADER) * tcp);
}

/* All but the addresses, by few stores. */
static inline void
packet_tuple_begin(struct packet_tuple *tuple, uint8_t kind, uint8_t protocol, uint8_t dscp,
	const uint8_t *upper, uint16_t upper_offset)
{
	uint64_t tcp = protocol == IPPROTO_TCP;
	uint32_t ports;
	uint64_t first, second;

	memcpy(&ports, upper, sizeof(ports));
	first = (uint64_t)ports << 32 | PACKET_KNOWN_PROTOCOL << 16 | PACKET_KNOWN_PORTS << 16 |
	        (uint32_t)kind << 8 | protocol;
	second = (uint64_t)upper_offset << 32 | (uint32_t)dscp << 8 |
	         (upper[13 * tcp] & (0 - tcp) & UINT8_MAX);
	first = rte_le_to_cpu_64(first);
	second = rte_le_to_cpu_64(second);
	memcpy(tuple, &first, sizeof(first));
	memcpy(&tuple->tcp_flags, &second, sizeof(second));
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
		rte_be32_t source[4] = { ip->src_addr }, destination[4] = { ip->dst_addr };

		if (likely((ip->version_ihl == RTE_IPV4_VHL_DEF) &
			    ((ip->fragment_offset & RTE_BE16(RTE_IPV4_HDR_MF_FLAG |
							     RTE_IPV4_HDR_OFFSET_MASK)) == 0) &
			    packet_tuple_is_short(ip->next_proto_id, sizeof(*ip), length))) {
			packet_tuple_begin(tuple, PACKET_IPV4, ip->next_proto_id,
				ip->type_of_service >> 2, bytes + sizeof(*ip), sizeof(*ip));
			memcpy(tuple->source, source, sizeof(source));
			memcpy(tuple->destination, destination, sizeof(destination));
			return;
		}
	} else {
		const struct ipv6_header *ip = (const void *)bytes;

		if (likely(packet_tuple_is_short(ip->next_header, sizeof(*ip), length))) {
			packet_tuple_begin(tuple, PACKET_IPV6, ip->next_header,
				rte_be_to_cpu_32(ip->version_class_flow) >> 22 & 0x3f,
				bytes + sizeof(*ip), sizeof(*ip));
			memcpy(tuple->source, ip->source, sizeof(tuple->source));
			memcpy(tuple->destination, ip->destination, sizeof(tuple->destination));
			return;
		}
	}
	packet_tuple_read(kind, bytes, length, tuple);
}

#endif
