/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <netinet/in.h>

#include "vrf/icmp.h"
#include "vrf/ipv4.h"
#include "vrf/ipv6.h"
#include "vrf/ipv6_options.h"
#include "vrf/local.h"
#include "vrf/reassembly.h"
#include "vrf/send.h"
#include "vrf/tunnel_input.h"

/* Not named by the C library. */
enum {
	PROTOCOL_EIGRP = 88,
	PROTOCOL_OSPF = 89,
	PROTOCOL_VRRP = 112,
};

static void
refuse(struct vr_instance *instance, struct rte_mbuf *mbuf, enum icmp_error error, uint32_t info,
	enum vr_drop reason, struct vr_output *output)
{
	icmp_error(instance, mbuf, error, info, output);
	send_drop(instance, mbuf, VR_CLASS_FORWARDED, reason);
}

bool
local_is_host_protocol(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_IGMP:
	case IPPROTO_RSVP:
	case IPPROTO_PIM:
	case PROTOCOL_EIGRP:
	case PROTOCOL_OSPF:
	case PROTOCOL_VRRP:
		return true;
	default:
		return false;
	}
}

void
local_to_host(struct vr_instance *instance, struct rte_mbuf *mbuf)
{
	send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_TO_HOST);
}

/* What both families have alike. `offset` is that of the protocol; `at`: see ICMP_ERROR_PROTOCOL.
 */
static void
input_protocol(struct vr_instance *instance, struct rte_mbuf *mbuf, uint8_t protocol,
	uint16_t offset, uint16_t at, struct vr_output *output)
{
	if (tunnel_input(instance, mbuf, protocol, offset, output))
		return;
	if (local_is_host_protocol(protocol))
		local_to_host(instance, mbuf);
	else if (protocol == IPPROTO_UDP)
		refuse(instance, mbuf, ICMP_ERROR_PORT, 0, VR_DROP_LOCAL_PORT, output);
	else
		refuse(instance, mbuf, ICMP_ERROR_PROTOCOL, at, VR_DROP_LOCAL_PROTOCOL, output);
}

static void
input_ipv4(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct ipv4_options *options, struct vr_output *output)
{
	struct rte_ipv4_hdr *ip = ipv4_of(mbuf, meta);

	if (ipv4_is_fragment(ip)) {
		mbuf = reassembly_ipv4(instance, mbuf, meta);
		if (mbuf == NULL)
			return;
		ip = ipv4_of(mbuf, packet_meta_get(mbuf));
		options = NULL; /* those are the last fragment's */
	}
	if (ip->next_proto_id == IPPROTO_ICMP)
		icmp4_input(instance, mbuf, options, output);
	else
		input_protocol(
			instance, mbuf, ip->next_proto_id, ipv4_header_length(ip), 0, output);
}

/*
 * Whether the packet is for an address of ours that must not be used: it may not be accepted either
 * (RFC 4862 5.4). Nearly always there is none.
 */
static bool
for_unusable(const struct vr *vr, struct packet_meta meta, const struct ipv6_header *ip)
{
	struct ip_address address = ip_address_of_ipv6(ip->destination);

	if (likely(__atomic_load_n(&vr->n_unusable, __ATOMIC_RELAXED) == 0))
		return false;
	if (vr_interface_has(&vr->interfaces[meta.interface], &address))
		return !vr_interface_may_use(&vr->interfaces[meta.interface], &address);
	if (ip_address_is_link_local(&address))
		return false;
	for (uint16_t i = 0; i < vr->n_interfaces; i++)
		if (vr_interface_has(&vr->interfaces[i], &address))
			return !vr_interface_may_use(&vr->interfaces[i], &address);
	return false;
}

/* Once: a fragment within a fragment is nothing that anybody sends in earnest. */
static void
input_ipv6(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	bool was_fragment, struct vr_output *output)
{
	struct ipv6_upper upper;

	if (for_unusable(instance->vr, meta, ipv6_of(mbuf, meta))) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ADDRESS_UNUSABLE);
		return;
	}
	if (!ipv6_headers_input(instance, mbuf, meta, &upper, output))
		return;
	if (upper.fragment) {
		if (was_fragment) {
			send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_EXTENSIONS);
			return;
		}
		mbuf = reassembly_ipv6(instance, mbuf, meta, upper.fragment_at, output);
		if (mbuf != NULL)
			input_ipv6(instance, mbuf, packet_meta_get(mbuf), true, output);
		return;
	}
	if (upper.protocol == IPPROTO_ICMPV6) {
		icmp6_input(instance, mbuf, upper.offset, output);
	} else if (upper.protocol == IPPROTO_NONE) {
		instance->counters.consumed++;
		rte_pktmbuf_free(mbuf);
	} else {
		input_protocol(instance, mbuf, upper.protocol, upper.offset, upper.at, output);
	}
}

void
local_input(struct vr_instance *instance, struct rte_mbuf *mbuf, const struct ipv4_options *options,
	struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);

	if ((meta.kind & ~PACKET_GROUP) == PACKET_IPV4)
		input_ipv4(instance, mbuf, meta, options, output);
	else
		input_ipv6(instance, mbuf, meta, false, output);
}
