/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "packet/tuple.h"

/* A packet's bytes, and how far they are read. */
struct cursor {
	const uint8_t *bytes;
	uint32_t length;
	uint32_t offset;
};

/* What of a header must be there, so that what is judged by it is known. */
static uint32_t
least_header(uint8_t kind, uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return PACKET_TCP_HEADER;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return PACKET_UDP_HEADER;
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return 12;
	case IPPROTO_ICMP:
		return kind == PACKET_IPV4 ? 4 : 0;
	case IPPROTO_ICMPV6:
		return kind == PACKET_IPV6 ? 4 : 0;
	default:
		return 0;
	}
}

static void
read_upper(const struct cursor *cursor, struct packet_tuple *tuple)
{
	const uint8_t *upper = cursor->bytes + cursor->offset;
	uint32_t available = cursor->length - cursor->offset;
	uint32_t least = least_header(tuple->kind, tuple->protocol);

	tuple->known = PACKET_KNOWN_PROTOCOL;
	tuple->upper_offset = (uint16_t)cursor->offset;
	if (tuple->fragment == PACKET_FRAGMENT_LATER)
		return;
	if (available < least)
		tuple->cut = true;
	if (least == 0 || available < 4)
		return;
	tuple->known |= PACKET_KNOWN_PORTS;
	if (packet_protocol_has_ports(tuple->protocol)) {
		memcpy(&tuple->source_port, upper, sizeof(uint32_t));
	} else {
		tuple->icmp_type = upper[0];
		tuple->icmp_code = upper[1];
	}
	if (tuple->protocol == IPPROTO_TCP && available >= PACKET_TCP_HEADER)
		tuple->tcp_flags = upper[13];
}

/* `offset` in bytes, of the fragment in its datagram. */
static void
read_fragment(struct packet_tuple *tuple, uint32_t offset, bool more, uint8_t protocol)
{
	if (offset != 0)
		tuple->fragment = PACKET_FRAGMENT_LATER;
	else if (more)
		tuple->fragment = PACKET_FRAGMENT_FIRST;
	tuple->cut = protocol == IPPROTO_TCP && offset != 0 && offset < PACKET_TCP_HEADER;
}

static void
read_ipv4(struct cursor *cursor, struct packet_tuple *tuple)
{
	const struct rte_ipv4_hdr *ip = (const void *)cursor->bytes;
	uint16_t fragment = rte_be_to_cpu_16(ip->fragment_offset);
	uint32_t header = (ip->version_ihl & 0x0f) * 4u;

	tuple->source_ipv4 = ip->src_addr;
	tuple->destination_ipv4 = ip->dst_addr;
	tuple->dscp = ip->type_of_service >> 2;
	tuple->protocol = ip->next_proto_id;
	read_fragment(tuple, (fragment & RTE_IPV4_HDR_OFFSET_MASK) * RTE_IPV4_HDR_OFFSET_UNITS,
		fragment & RTE_IPV4_HDR_MF_FLAG, tuple->protocol);
	if (header < sizeof(*ip) || header > cursor->length) {
		tuple->cut = true;
		return;
	}
	cursor->offset = header;
	read_upper(cursor, tuple);
}

static bool
is_extension(uint8_t protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
	       protocol == IPPROTO_FRAGMENT || protocol == IPPROTO_DSTOPTS;
}

/* One extension header (RFC 8200 4). False: it does not end before the bytes do. */
static bool
read_extension(struct cursor *cursor, struct packet_tuple *tuple)
{
	const uint8_t *header = cursor->bytes + cursor->offset;
	uint32_t available = cursor->length - cursor->offset;
	uint32_t length = 8;

	if (available < length)
		return false;
	if (tuple->protocol == IPPROTO_FRAGMENT)
		read_fragment(tuple, (uint32_t)header[2] << 8 | (header[3] & 0xf8),
			(header[3] & 1) != 0, header[0]);
	else
		length += 8u * header[1];
	if (available < length)
		return false;
	tuple->protocol = header[0];
	cursor->offset += length;
	return true;
}

static void
read_ipv6(struct cursor *cursor, struct packet_tuple *tuple)
{
	const struct ipv6_header *ip = (const void *)cursor->bytes;

	memcpy(tuple->source, ip->source, sizeof(tuple->source));
	memcpy(tuple->destination, ip->destination, sizeof(tuple->destination));
	tuple->dscp = rte_be_to_cpu_32(ip->version_class_flow) >> 22 & 0x3f;
	tuple->protocol = ip->next_header;
	cursor->offset = sizeof(*ip);
	for (unsigned int i = 0; is_extension(tuple->protocol); i++) {
		/* What follows a later fragment's header are bytes from anywhere of the datagram.
		 */
		if (tuple->fragment == PACKET_FRAGMENT_LATER)
			return;
		if (i == PACKET_TUPLE_EXTENSIONS_MAX || !read_extension(cursor, tuple)) {
			tuple->cut = true;
			return;
		}
	}
	read_upper(cursor, tuple);
}

void
packet_tuple_read(uint8_t kind, const uint8_t *bytes, uint32_t length, struct packet_tuple *tuple)
{
	struct cursor cursor = { .bytes = bytes, .length = length };

	memset(tuple, 0, sizeof(*tuple));
	tuple->kind = kind;
	if (kind == PACKET_IPV4)
		read_ipv4(&cursor, tuple);
	else
		read_ipv6(&cursor, tuple);
}
