/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>

#include <rte_ip_frag.h>

#include "vrf/fragment.h"
#include "vrf/ipv4.h"
#include "vrf/ipv6.h"
#include "vrf/send.h"

static void
fill_ipv4(struct rte_mbuf **fragments, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod(fragments[i], struct rte_ipv4_hdr *);

		ip->hdr_checksum = 0;
		ip->hdr_checksum = checksum_of(ip, ipv4_header_length(ip));
	}
}

/* The library leaves the identification to others. */
static void
fill_ipv6(struct rte_mbuf **fragments, unsigned int n, uint32_t identification)
{
	for (unsigned int i = 0; i < n; i++) {
		struct rte_ipv6_fragment_ext *header = rte_pktmbuf_mtod_offset(
			fragments[i], struct rte_ipv6_fragment_ext *, sizeof(struct ipv6_header));

		header->id = rte_cpu_to_be_32(identification);
	}
}

/*
 * Cuts the packet, without L2 header, into fragments that are in one piece each. Gives their number
 * or a negative errno, and then there are none.
 */
static int
cut(struct vr_instance *instance, struct rte_mbuf *mbuf, bool ipv4, uint16_t mtu,
	struct rte_mbuf **fragments)
{
	int n = (ipv4 ? rte_ipv4_fragment_packet : rte_ipv6_fragment_packet)(
		mbuf, fragments, FRAGMENTS_MAX, mtu, instance->pool, instance->pool);

	for (int i = 0; i < n; i++) {
		if (rte_pktmbuf_linearize(fragments[i]) == 0)
			continue;
		rte_pktmbuf_free_bulk(fragments, (unsigned int)n);
		return -ENOMEM;
	}
	return n;
}

static void
send_fragment(struct vr_instance *instance, struct rte_mbuf *fragment,
	const struct next_hop *next_hop, enum vr_class class, struct vr_output *output)
{
	if (class == VR_CLASS_FORWARDED || class == VR_CLASS_FRAGMENT)
		instance->counters.forwarded_bytes += fragment->pkt_len;
	if (send_rewrite(fragment, 0, next_hop))
		send_frame(instance, fragment, next_hop->port, next_hop->interface, class, output);
	else
		send_drop(instance, fragment, class, VR_DROP_HEADROOM);
}

void
fragment_send(struct vr_instance *instance, struct rte_mbuf *mbuf, const struct next_hop *next_hop,
	enum vr_class class, struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	enum vr_class other = class == VR_CLASS_FORWARDED ? VR_CLASS_FRAGMENT : VR_CLASS_ORIGINATED;
	bool ipv4 = (meta.kind & ~PACKET_GROUP) == PACKET_IPV4;
	struct rte_mbuf *fragments[FRAGMENTS_MAX];
	int n;

	rte_pktmbuf_adj(mbuf, meta.l3_offset);
	n = cut(instance, mbuf, ipv4, next_hop->mtu, fragments);
	if (n < 0) {
		send_drop(instance, mbuf, class,
			n == -ENOMEM ? VR_DROP_NO_BUFFER : VR_DROP_FRAGMENTS);
		return;
	}
	rte_pktmbuf_free(mbuf);
	if (ipv4)
		fill_ipv4(fragments, (unsigned int)n);
	else
		fill_ipv6(fragments, (unsigned int)n, instance->fragment_identification++);
	/* Tunnels want to know of each where it came from. */
	meta.l3_offset = 0;
	for (int i = 0; i < n; i++)
		packet_meta_set(fragments[i], meta);
	for (int i = 0; i < n; i++)
		send_fragment(instance, fragments[i], next_hop, i == 0 ? class : other, output);
}
