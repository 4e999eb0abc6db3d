/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <netinet/in.h>

#include "vrf/icmp.h"
#include "vrf/l2.h"
#include "vrf/nd_message.h"

static const uint8_t all_nodes[16] = { 0xff, 0x02, [15] = 1 };
static const struct rte_ether_addr all_nodes_mac = { { 0x33, 0x33, 0, 0, 0, 1 } };
static const uint8_t unspecified[16];

enum router_flag {
	MANAGED = 0x80,
	OTHER_CONFIG = 0x40,
};

enum prefix_flag {
	ON_LINK = 0x80,
	AUTONOMOUS = 0x40,
};

/* RFC 4861 4.2. */
struct router_advertisement {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	uint8_t hop_limit;
	uint8_t flags;
	rte_be16_t lifetime;
	rte_be32_t reachable_time;
	rte_be32_t retrans_timer;
} PACKET_HEADER;

/* RFC 4861 4.6.2. */
struct prefix_option {
	uint8_t type;
	uint8_t length;
	uint8_t depth;
	uint8_t flags;
	rte_be32_t valid_lifetime;
	rte_be32_t preferred_lifetime;
	uint32_t reserved;
	uint8_t prefix[16];
} PACKET_HEADER;

/* RFC 4861 4.6.4. */
struct mtu_option {
	uint8_t type;
	uint8_t length;
	uint16_t reserved;
	rte_be32_t mtu;
} PACKET_HEADER;

static_assert(sizeof(struct router_advertisement) == 16, "RFC 4861 4.2");
static_assert(sizeof(struct prefix_option) == 32, "RFC 4861 4.6.2");
static_assert(sizeof(struct mtu_option) == 8, "RFC 4861 4.6.4");

void
nd_fill_ip(
	struct ipv6_header *ip, const uint8_t *source, const uint8_t *destination, uint16_t length)
{
	*ip = (struct ipv6_header){ .version_class_flow = IPV6_VERSION,
		.payload_length = rte_cpu_to_be_16(length),
		.next_header = IPPROTO_ICMPV6,
		.hop_limit = ND_HOP_LIMIT };
	memcpy(ip->source, source, sizeof(ip->source));
	memcpy(ip->destination, destination, sizeof(ip->destination));
}

void
nd_fill(struct ipv6_header *ip, const uint8_t *source, const uint8_t *destination,
	enum nd_type type, uint8_t flags, const uint8_t *target,
	const struct nd_link_option *option)
{
	struct nd_message *message = (struct nd_message *)(ip + 1);

	nd_fill_ip(
		ip, source, destination, sizeof(*message) + (option != NULL ? sizeof(*option) : 0));
	*message = (struct nd_message){ .type = type, .flags = flags };
	memcpy(message->target, target, sizeof(message->target));
	if (option != NULL)
		memcpy(message + 1, option, sizeof(*option));
	message->checksum = icmp6_checksum(ip, message, rte_be_to_cpu_16(ip->payload_length));
}

/* A frame with its L2 header and room for `length` bytes of message behind an IPv6 header. */
static struct rte_mbuf *
new_frame(struct rte_mempool *pool, const struct vr_interface *interface,
	const struct rte_ether_addr *destination, uint16_t length, struct ipv6_header **ip)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);
	uint8_t *frame;

	if (mbuf == NULL)
		return NULL;
	frame = (uint8_t *)rte_pktmbuf_append(
		mbuf, l2_length(interface) + sizeof(struct ipv6_header) + length);
	if (frame == NULL) {
		rte_pktmbuf_free(mbuf);
		return NULL;
	}
	frame += l2_write(frame, interface, destination, RTE_BE16(RTE_ETHER_TYPE_IPV6));
	*ip = (struct ipv6_header *)frame;
	return mbuf;
}

struct rte_mbuf *
nd_solicit(struct rte_mempool *pool, const struct vr_interface *interface,
	const struct ip_address *source, const struct ip_address *target,
	const struct rte_ether_addr *destination)
{
	const uint8_t *t = target->bytes;
	uint8_t group[16] = { 0xff,
		0x02, [11] = 1, [12] = 0xff, [13] = t[13], [14] = t[14], [15] = t[15] };
	struct rte_ether_addr group_mac = { { 0x33, 0x33, 0xff, t[13], t[14], t[15] } };
	struct nd_link_option option = { ND_OPTION_SOURCE, 1, interface->mac };
	bool probe = source == NULL;
	struct ipv6_header *ip;
	struct rte_mbuf *mbuf;

	mbuf = new_frame(pool, interface, destination != NULL ? destination : &group_mac,
		sizeof(struct nd_message) + (probe ? 0 : sizeof(option)), &ip);
	if (mbuf == NULL)
		return NULL;
	nd_fill(ip, probe ? unspecified : source->bytes, destination != NULL ? t : group,
		ND_SOLICITATION, 0, t, probe ? NULL : &option);
	return mbuf;
}

struct rte_mbuf *
nd_announce(struct rte_mempool *pool, const struct vr_interface *interface,
	const struct ip_address *address)
{
	struct nd_link_option option = { ND_OPTION_TARGET, 1, interface->mac };
	struct ipv6_header *ip;
	struct rte_mbuf *mbuf;

	mbuf = new_frame(
		pool, interface, &all_nodes_mac, sizeof(struct nd_message) + sizeof(option), &ip);
	if (mbuf == NULL)
		return NULL;
	nd_fill(ip, address->bytes, all_nodes, ND_ADVERTISEMENT, ND_FLAG_ROUTER | ND_FLAG_OVERRIDE,
		address->bytes, &option);
	return mbuf;
}

static uint8_t *
put_prefix(uint8_t *at, const struct vr_advertised_prefix *advertised)
{
	struct prefix_option option = { .type = ND_OPTION_PREFIX,
		.length = sizeof(option) / 8,
		.depth = advertised->prefix.depth,
		.flags = (advertised->on_link ? ON_LINK : 0) |
		         (advertised->autonomous ? AUTONOMOUS : 0),
		.valid_lifetime = rte_cpu_to_be_32(advertised->valid_lifetime),
		.preferred_lifetime = rte_cpu_to_be_32(advertised->preferred_lifetime) };

	memcpy(option.prefix, advertised->prefix.address.bytes, sizeof(option.prefix));
	memcpy(at, &option, sizeof(option));
	return at + sizeof(option);
}

static uint8_t *
put_options(uint8_t *at, const struct vr_interface *interface)
{
	const struct vr_advertisement *what = interface->advertisement;

	if (what->source_link_address) {
		struct nd_link_option option = { ND_OPTION_SOURCE, 1, interface->mac };

		memcpy(at, &option, sizeof(option));
		at += sizeof(option);
	}
	if (what->mtu != 0) {
		struct mtu_option option = {
			.type = ND_OPTION_MTU, .length = 1, .mtu = rte_cpu_to_be_32(what->mtu)
		};

		memcpy(at, &option, sizeof(option));
		at += sizeof(option);
	}
	for (uint16_t i = 0; i < what->n_prefixes; i++)
		at = put_prefix(at, &what->prefixes[i]);
	return at;
}

struct rte_mbuf *
nd_advertise_router(
	struct rte_mempool *pool, const struct vr_interface *interface, uint16_t lifetime)
{
	const struct vr_advertisement *what = interface->advertisement;
	uint16_t length = sizeof(struct router_advertisement) +
	                  (what->source_link_address ? sizeof(struct nd_link_option) : 0) +
	                  (what->mtu != 0 ? sizeof(struct mtu_option) : 0) +
	                  what->n_prefixes * sizeof(struct prefix_option);
	struct router_advertisement *message;
	struct ipv6_header *ip;
	struct rte_mbuf *mbuf = new_frame(pool, interface, &all_nodes_mac, length, &ip);

	if (mbuf == NULL)
		return NULL;
	nd_fill_ip(ip, interface->link_local.bytes, all_nodes, length);
	message = (struct router_advertisement *)(ip + 1);
	*message = (struct router_advertisement){ .type = ND_ROUTER_ADVERTISEMENT,
		.hop_limit = what->hop_limit,
		.flags = (what->managed ? MANAGED : 0) | (what->other_config ? OTHER_CONFIG : 0),
		.lifetime = rte_cpu_to_be_16(lifetime) };
	put_options((uint8_t *)(message + 1), interface);
	message->checksum = icmp6_checksum(ip, message, rte_be_to_cpu_16(ip->payload_length));
	return mbuf;
}
