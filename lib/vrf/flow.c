/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_jhash.h>

#include "packet/tuple.h"
#include "vrf/flow.h"
#include "vrf/ipv4.h"
#include "vrf/ipv6.h"

/* Both ports in one word, 0 where the first segment ends before them. */
static uint32_t
ports_at(const struct rte_mbuf *mbuf, const uint8_t *at)
{
	const uint8_t *end = rte_pktmbuf_mtod(mbuf, const uint8_t *) + mbuf->data_len;
	uint32_t ports = 0;

	if (at + sizeof(ports) <= end)
		memcpy(&ports, at, sizeof(ports));
	return ports;
}

static uint32_t
hash_ipv4(const struct rte_mbuf *mbuf, const struct rte_ipv4_hdr *ip, uint32_t seed)
{
	uint32_t ports = 0;

	if (packet_protocol_has_ports(ip->next_proto_id) && !ipv4_is_fragment(ip))
		ports = ports_at(mbuf, (const uint8_t *)ip + ipv4_header_length(ip));
	return rte_jhash_3words(ip->src_addr, ip->dst_addr, ports, seed ^ ip->next_proto_id);
}

static uint32_t
hash_ipv6(const struct rte_mbuf *mbuf, struct packet_meta meta, const struct ipv6_header *ip,
	uint32_t seed)
{
	uint32_t words[10]; /* addresses, ports or label, protocol */
	struct ipv6_upper upper;

	memcpy(words, ip->source, 32);
	words[8] = ip->version_class_flow & RTE_BE32(0x000fffff);
	words[9] = 0;
	if (ipv6_find_upper(mbuf, meta, &upper)) {
		if (packet_protocol_has_ports(upper.protocol) && !upper.fragment)
			words[8] = ports_at(mbuf, (const uint8_t *)ip + upper.offset);
		words[9] = upper.protocol;
	}
	return rte_jhash_32b(words, RTE_DIM(words), seed);
}

uint32_t
flow_hash(const struct rte_mbuf *mbuf, struct packet_meta meta, uint32_t seed)
{
	if (meta.kind == PACKET_IPV4)
		return hash_ipv4(mbuf, ipv4_of(mbuf, meta), seed);
	return hash_ipv6(mbuf, meta, ipv6_of(mbuf, meta), seed);
}
