/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "element/nat44_header.h"

/* Where the checksum is, and whether it covers the addresses; 0: there is none. */
static uint32_t
checksum_offset(uint8_t protocol, bool *pseudo)
{
	*pseudo = protocol != IPPROTO_ICMP;
	switch (protocol) {
	case IPPROTO_ICMP:
		return 2;
	case IPPROTO_TCP:
		return 16;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_DCCP:
		return 6;
	}
	return 0;
}

/* Gives the difference. */
static uint32_t
put(uint8_t *at, uint16_t value)
{
	uint32_t difference = checksum_difference(nat44_get16(at), value);

	nat44_put16(at, value);
	return difference;
}

static uint32_t
set_ports(const struct rte_ipv4_hdr *ip, uint8_t *l4, const struct nat44_ends *old,
	const struct nat44_ends *ends)
{
	uint8_t protocol = ip->next_proto_id;

	if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP)
		return put(l4, ends->source_port) + put(l4 + 2, ends->destination_port);
	if (protocol != IPPROTO_ICMP || !nat44_icmp_is_query(l4[0]))
		return 0;
	return put(l4 + NAT44_ICMP_ID,
		ends->source_port != old->source_port ? ends->source_port : ends->destination_port);
}

static uint32_t
set_checksum(uint8_t protocol, uint8_t *l4, uint32_t length, uint32_t addresses, uint32_t ports)
{
	bool pseudo;
	uint32_t at = checksum_offset(protocol, &pseudo);
	uint16_t checksum;

	if (at == 0 || length < at + sizeof(checksum))
		return 0;
	checksum = nat44_get16(l4 + at);
	if (protocol == IPPROTO_UDP && checksum == 0)
		return 0;
	checksum = checksum_apply(checksum, ports + (pseudo ? addresses : 0));
	if (protocol == IPPROTO_UDP && checksum == 0)
		checksum = 0xffff;
	return put(l4 + at, checksum);
}

uint32_t
nat44_ends_set(struct rte_ipv4_hdr *ip, uint8_t *l4, uint32_t length, const struct nat44_ends *old,
	const struct nat44_ends *ends)
{
	uint32_t addresses = checksum_difference(old->source, ends->source) +
	                     checksum_difference(old->destination, ends->destination);
	uint16_t checksum = checksum_apply(ip->hdr_checksum, addresses);
	uint32_t all = addresses + checksum_difference(ip->hdr_checksum, checksum), ports;

	ip->src_addr = ends->source;
	ip->dst_addr = ends->destination;
	ip->hdr_checksum = checksum;
	if (l4 == NULL)
		return all;
	ports = set_ports(ip, l4, old, ends);
	return all + ports + set_checksum(ip->next_proto_id, l4, length, addresses, ports);
}
