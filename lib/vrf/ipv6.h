/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_IPV6_H
#define VRF_IPV6_H

#include <netinet/in.h>

#include "packet/ipv6_header.h"
#include "vrf/instance.h"

/* IPv6 packets as they come in: which may be looked up, and what becomes of the others. Worker. */

/*
 * First octets of addresses that need a closer look: ::/8 (unspecified, loopback, IPv4-mapped),
 * fe00::/8 (link-local), ff00::/8 (multicast).
 */
extern const uint8_t ipv6_special_octets[256];

/* Next headers that a router on the way has to look at: hop-by-hop options and routing. */
extern const uint8_t ipv6_special_headers[256];

/* Extension headers walked at most, so that no packet costs more. */
#define IPV6_EXTENSIONS_MAX 8

static inline struct ipv6_header *
ipv6_of(const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	return rte_pktmbuf_mtod_offset(mbuf, struct ipv6_header *, meta.l3_offset);
}

/*
 * The packet as nearly all are: unicast frame on an interface with IPv6, lengths right, no address
 * that needs a closer look. What this refuses is looked at again by ipv6_input_other().
 */
static inline bool
ipv6_is_common(const struct vr *vr, const struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct ipv6_header *ip)
{
	uint32_t length = mbuf->pkt_len - meta.l3_offset;
	uint32_t total;

	if (meta.kind != PACKET_IPV6 || mbuf->data_len < meta.l3_offset + sizeof(*ip))
		return false;
	total = sizeof(*ip) + rte_be_to_cpu_16(ip->payload_length);
	return ((ip->version_class_flow & IPV6_VERSION_MASK) == IPV6_VERSION) & (total <= length) &
	       (ipv6_special_octets[ip->source[0]] == 0) &
	       (ipv6_special_octets[ip->destination[0]] == 0) &
	       (ipv6_special_headers[ip->next_header] == 0) & vr->interfaces[meta.interface].ipv6;
}

/*
 * RFC 4861 4: what hosts and routers of a link say to each other, with a hop limit that shows that
 * it comes from there.
 */
static inline bool
ipv6_is_neighbour_discovery(const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	const struct ipv6_header *ip = ipv6_of(mbuf, meta);
	uint8_t type = *(const uint8_t *)(ip + 1);

	return ip->next_header == IPPROTO_ICMPV6 && ip->hop_limit == 255 &&
	       mbuf->data_len > meta.l3_offset + sizeof(*ip) && type >= 133 && type <= 137;
}

/*
 * Whether the header is whole and its lengths fit the frame: the reason for which the packet is
 * dropped, or VR_DROP_REASONS.
 */
enum vr_drop ipv6_check_header(const struct rte_mbuf *mbuf, struct packet_meta meta);

/* Takes an uncommon packet, unless it goes on to the look-up: then true. */
bool ipv6_input_other(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	struct vr_output *output);

/* What the walk along the extension headers found (RFC 8200 4). */
struct ipv6_upper {
	uint8_t protocol;     /* of what follows the last header walked */
	bool fragment;        /* there is a fragment header; the walk ends behind it */
	bool routing_0;       /* a routing header of type 0 with segments left (RFC 5095) */
	uint16_t offset;      /* from the IPv6 header to the upper layer's */
	uint16_t at;          /* from the IPv6 header to the octet that names the protocol */
	uint16_t fragment_at; /* from the IPv6 header to the fragment header */
};

/* The headers that are walked: hop-by-hop and destination options, routing, fragment. */
static inline bool
ipv6_is_extension(uint8_t protocol)
{
	return protocol == 0 || protocol == 43 || protocol == 44 || protocol == 60;
}

/* One by one: the first, then that behind it, if ipv6_is_extension(). False: it does not end. */
void ipv6_upper_start(
	const struct rte_mbuf *mbuf, struct packet_meta meta, struct ipv6_upper *upper);
bool ipv6_upper_next(
	const struct rte_mbuf *mbuf, struct packet_meta meta, struct ipv6_upper *upper);

/*
 * All of them. False where the headers go beyond the first segment or the packet, or there are more
 * than IPV6_EXTENSIONS_MAX.
 */
bool ipv6_find_upper(
	const struct rte_mbuf *mbuf, struct packet_meta meta, struct ipv6_upper *upper);

#endif
