/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <netinet/in.h>

#include "vrf/icmp.h"
#include "vrf/ipv6.h"
#include "vrf/ipv6_options.h"
#include "vrf/local.h"
#include "vrf/multicast.h"
#include "vrf/pipeline.h"
#include "vrf/send.h"
#include "vrf/table.h"

const uint8_t ipv6_special_octets[256] = { [0] = 1, [0xfe] = 1, [0xff] = 1 };
const uint8_t ipv6_special_headers[256] = {
	[IPPROTO_HOPOPTS] = 1, [IPPROTO_ROUTING] = 1, [IPPROTO_DSTOPTS] = 1
};

#define GO_ON VR_DROP_REASONS

struct extension {
	uint8_t next_header;
	uint8_t length; /* beyond the first 8 bytes, in 8 bytes */
	uint8_t type;   /* of a routing header */
	uint8_t segments_left;
};

void
ipv6_upper_start(const struct rte_mbuf *mbuf, struct packet_meta meta, struct ipv6_upper *upper)
{
	*upper = (struct ipv6_upper){ .protocol = ipv6_of(mbuf, meta)->next_header,
		.offset = sizeof(struct ipv6_header),
		.at = offsetof(struct ipv6_header, next_header) };
}

bool
ipv6_upper_next(const struct rte_mbuf *mbuf, struct packet_meta meta, struct ipv6_upper *upper)
{
	const struct ipv6_header *ip = ipv6_of(mbuf, meta);
	const struct extension *extension = RTE_PTR_ADD(ip, upper->offset);
	uint32_t available = RTE_MIN((uint32_t)mbuf->data_len - meta.l3_offset,
		sizeof(*ip) + rte_be_to_cpu_16(ip->payload_length));
	uint32_t length = 8;

	if (upper->offset + length > available)
		return false;
	if (upper->protocol == IPPROTO_FRAGMENT) {
		upper->fragment = true;
		upper->fragment_at = upper->offset;
	} else {
		length += 8u * extension->length;
		if (upper->offset + length > available)
			return false;
	}
	if (upper->protocol == IPPROTO_ROUTING && extension->type == 0 &&
		extension->segments_left != 0)
		upper->routing_0 = true;
	upper->at = upper->offset;
	upper->offset += length;
	upper->protocol = extension->next_header;
	return true;
}

bool
ipv6_find_upper(const struct rte_mbuf *mbuf, struct packet_meta meta, struct ipv6_upper *upper)
{
	ipv6_upper_start(mbuf, meta, upper);
	for (unsigned int i = 0; ipv6_is_extension(upper->protocol) && !upper->fragment; i++)
		if (i == IPV6_EXTENSIONS_MAX || !ipv6_upper_next(mbuf, meta, upper))
			return false;
	return true;
}

static bool
is_loopback(const uint8_t *address)
{
	static const uint8_t loopback[16] = { [15] = 1 };

	return memcmp(address, loopback, sizeof(loopback)) == 0;
}

static bool
is_unspecified(const uint8_t *address)
{
	static const uint8_t unspecified[16];

	return memcmp(address, unspecified, sizeof(unspecified)) == 0;
}

static bool
is_mapped(const uint8_t *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(address, mapped, sizeof(mapped)) == 0;
}

static bool
is_link_local(const uint8_t *address)
{
	return address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

enum vr_drop
ipv6_check_header(const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	const struct ipv6_header *ip = ipv6_of(mbuf, meta);

	if (mbuf->data_len < meta.l3_offset + sizeof(*ip))
		return VR_DROP_TRUNCATED;
	if ((ip->version_class_flow & IPV6_VERSION_MASK) != IPV6_VERSION)
		return VR_DROP_VERSION;
	if (sizeof(*ip) + rte_be_to_cpu_16(ip->payload_length) > mbuf->pkt_len - meta.l3_offset)
		return VR_DROP_TOTAL_LENGTH;
	return GO_ON;
}

/* The reason for which the header has the packet dropped, or GO_ON (RFC 4291 2.5, RFC 8200). */
static enum vr_drop
check_header(const struct vr *vr, const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	const struct ipv6_header *ip = ipv6_of(mbuf, meta);
	enum vr_drop reason;

	if (!vr->interfaces[meta.interface].ipv6)
		return VR_DROP_NO_IPV6;
	reason = ipv6_check_header(mbuf, meta);
	if (reason != GO_ON)
		return reason;
	if (ip->source[0] == 0xff || is_loopback(ip->source) || is_mapped(ip->source))
		return VR_DROP_SOURCE;
	if (is_unspecified(ip->destination) || is_loopback(ip->destination) ||
		is_mapped(ip->destination))
		return VR_DROP_DESTINATION;
	if ((meta.kind & PACKET_GROUP) && ip->destination[0] != 0xff)
		return VR_DROP_L2_GROUP;
	return GO_ON;
}

static bool
is_own(const struct vr *vr, const struct ip_address *address)
{
	return table_lookup(vr, address) == NEXT_HOP_INDEX_LOCAL;
}

/*
 * A packet that only passes is dropped for a source route in silence; one for the router itself
 * gets the error that is due from local.c.
 */
static enum vr_drop
check_extensions(const struct vr *vr, const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	struct ip_address destination = send_destination(mbuf, meta);
	struct ipv6_upper upper;

	if (!ipv6_find_upper(mbuf, meta, &upper))
		return VR_DROP_EXTENSIONS;
	return upper.routing_0 && !is_own(vr, &destination) ? VR_DROP_SOURCE_ROUTE : GO_ON;
}

/* ff02::1:ff00:0/104 with the last three octets of one of the interface's addresses. */
static bool
is_solicited_node(const struct vr_interface *interface, const uint8_t *group)
{
	static const uint8_t prefix[13] = { 0xff, 0x02, [11] = 1, [12] = 0xff };

	if (memcmp(group, prefix, sizeof(prefix)) != 0)
		return false;
	for (uint16_t i = 0; i < interface->n_addresses; i++) {
		const struct ip_address *address = &interface->addresses[i].address;

		if (address->family == IP_FAMILY_IPV6 &&
			memcmp(address->bytes + sizeof(prefix), group + sizeof(prefix), 3) == 0)
			return true;
	}
	return false;
}

/* All nodes, all routers, and the groups of the interface's own addresses. */
static bool
joined(const struct vr_interface *interface, const uint8_t *group)
{
	static const uint8_t all[15] = { 0xff, 0x02 };

	if (memcmp(group, all, sizeof(all)) == 0)
		return group[15] == 1 || group[15] == 2;
	return is_solicited_node(interface, group);
}

/* For the link only, or from it: none of these is for the tables (RFC 4291 2.5.6, 2.7). */
static bool
input_link(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	struct vr_output *output)
{
	const struct vr_interface *interface = &instance->vr->interfaces[meta.interface];
	const struct ipv6_header *ip = ipv6_of(mbuf, meta);
	struct ip_address destination = ip_address_of_ipv6(ip->destination);
	enum vr_drop reason = VR_DROP_LINK_LOCAL;

	packet_end_at(mbuf, meta, sizeof(*ip) + rte_be_to_cpu_16(ip->payload_length));
	if (!pipeline_ingress_one(instance, mbuf))
		return false;
	if (ip->destination[0] == 0xff ? joined(interface, ip->destination)
				       : vr_interface_has(interface, &destination) ||
						 is_own(instance->vr, &destination)) {
		local_input(instance, mbuf, NULL, output);
		return false;
	}
	if (is_unspecified(ip->source)) {
		reason = VR_DROP_SOURCE;
	} else if (ip->destination[0] == 0xff) {
		multicast_forward(instance, mbuf, output);
		return false;
	} else if (!is_link_local(ip->destination)) {
		icmp_error(instance, mbuf, ICMP_ERROR_SCOPE, 0, output);
	}
	send_drop(instance, mbuf, VR_CLASS_FORWARDED, reason);
	return false;
}

bool
ipv6_input_other(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	struct vr_output *output)
{
	const struct ipv6_header *ip = ipv6_of(mbuf, meta);
	enum vr_drop reason = check_header(instance->vr, mbuf, meta);

	if (reason == GO_ON)
		reason = check_extensions(instance->vr, mbuf, meta);
	if (reason != GO_ON) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, reason);
		return false;
	}
	if (ip->next_header == IPPROTO_HOPOPTS &&
		!ipv6_options_input(instance, mbuf, meta, sizeof(*ip), output))
		return false;
	if (ip->destination[0] != 0xff && !is_link_local(ip->destination) &&
		!is_link_local(ip->source) && !is_unspecified(ip->source))
		return true;
	return input_link(instance, mbuf, meta, output);
}
