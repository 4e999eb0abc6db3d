/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <netinet/in.h>

#include "vrf/icmp.h"
#include "vrf/ipv4.h"
#include "vrf/ipv6.h"
#include "vrf/nd_message.h"
#include "vrf/neighbour.h"
#include "vrf/redirect.h"
#include "vrf/send.h"
#include "vrf/tunnel.h"

/* Between two redirects to one host, at least. */
#define INTERVAL_MS 100

#define TYPE 137
#define SIZE_MAX_IPV6 1280 /* with the IPv6 header (RFC 4861 4.6.3) */

enum option {
	TARGET_LINK_ADDRESS = 2,
	REDIRECTED_HEADER = 4,
};

/* RFC 4861 4.5, with the two options. */
struct message {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	uint32_t reserved;
	uint8_t target[16];
	uint8_t destination[16];
	uint8_t link_type;
	uint8_t link_length; /* in 8 bytes */
	struct rte_ether_addr mac;
	uint8_t quote_type;
	uint8_t quote_length;
	uint8_t quote_reserved[6];
} PACKET_HEADER;

static_assert(sizeof(struct message) == 56, "RFC 4861 4.5, 4.6.1, 4.6.3");

/* Whose next hop it is, or NULL. Its address never changes, and it is retired like the next hop. */
static const struct neighbour *
owner_of(const struct vr *vr, const struct next_hop *next_hop)
{
	const union next_hop_owner *owners = __atomic_load_n(&vr->owners, __ATOMIC_ACQUIRE);

	return __atomic_load_n(&owners[next_hop->index].neighbour, __ATOMIC_RELAXED);
}

/* Hosts share places by hash; who comes upon another's takes it over. */
static bool
is_due(struct vr_instance *instance, const struct ip_address *host)
{
	uint32_t hash = ip_address_hash(host, instance->vr->flow_seed);
	struct vr_redirected *last = &instance->redirected[hash % VR_REDIRECTED];

	if (last->host == hash && instance->now - last->at < INTERVAL_MS * instance->cycles_per_ms)
		return false;
	*last = (struct vr_redirected){ hash, instance->now };
	return true;
}

static void
send_ipv4(struct vr_instance *instance, const struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct ip_address *gateway, struct vr_output *output)
{
	const struct rte_ipv4_hdr *ip = ipv4_of(mbuf, meta);
	const struct vr_interface *interface = &instance->vr->interfaces[meta.interface];
	struct ip_address source = ip_address_of_ipv4(rte_be_to_cpu_32(ip->src_addr));
	const struct ip_prefix *subnet = vr_interface_subnet(interface, &source);

	/* One with options may have a source route, which a redirect must not contradict. */
	if (subnet == NULL || !ip_prefix_covers(subnet, gateway) ||
		ip_address_equal(&source, gateway) || ip->version_ihl != RTE_IPV4_VHL_DEF ||
		!icmp4_error_allowed(mbuf, meta) || !is_due(instance, &source))
		return;
	icmp_error(instance, mbuf, ICMP_ERROR_REDIRECT, ip_address_to_ipv4(gateway), output);
}

static struct rte_mbuf *
make_ipv6(struct vr_instance *instance, const struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct ip_address *target, const struct next_hop *next_hop)
{
	const struct ipv6_header *about = ipv6_of(mbuf, meta);
	uint32_t quoted = RTE_ALIGN_FLOOR(
		RTE_MIN(mbuf->pkt_len - meta.l3_offset,
			SIZE_MAX_IPV6 - sizeof(struct ipv6_header) - sizeof(struct message)),
		8);
	uint16_t length = (uint16_t)(sizeof(struct message) + quoted);
	struct packet_meta own = { meta.interface, 0, PACKET_IPV6 };
	struct rte_mbuf *made = rte_pktmbuf_alloc(instance->pool);
	struct message *message;
	struct ipv6_header *ip;
	const void *quote;

	if (made == NULL)
		return NULL;
	ip = (struct ipv6_header *)rte_pktmbuf_append(made, sizeof(*ip) + length);
	if (ip == NULL) {
		rte_pktmbuf_free(made);
		return NULL;
	}
	nd_fill_ip(ip, instance->vr->interfaces[meta.interface].link_local.bytes, about->source,
		length);
	message = (struct message *)(ip + 1);
	*message = (struct message){ .type = TYPE,
		.link_type = TARGET_LINK_ADDRESS,
		.link_length = 1,
		.quote_type = REDIRECTED_HEADER,
		.quote_length = (uint8_t)(1 + quoted / 8) };
	memcpy(message->target, target->bytes, 16);
	memcpy(message->destination, about->destination, 16);
	memcpy(&message->mac, next_hop->l2, sizeof(message->mac));
	quote = rte_pktmbuf_read(mbuf, meta.l3_offset, quoted, message + 1);
	if (quote != message + 1)
		memcpy(message + 1, quote, quoted);
	message->checksum = icmp6_checksum(ip, message, length);
	packet_meta_set(made, own);
	return made;
}

static void
send_ipv6(struct vr_instance *instance, const struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct ip_address *gateway, const struct next_hop *next_hop, struct vr_output *output)
{
	const struct ipv6_header *ip = ipv6_of(mbuf, meta);
	const struct vr_interface *interface = &instance->vr->interfaces[meta.interface];
	struct ip_address source = ip_address_of_ipv6(ip->source);
	bool straight = memcmp(ip->destination, gateway->bytes, 16) == 0;
	struct rte_mbuf *made;

	/* Another router is known to hosts by its link-local address and by nothing else. */
	if (vr_interface_subnet(interface, &source) == NULL ||
		(!straight && !ip_address_is_link_local(gateway)) ||
		ip_address_equal(&source, gateway) ||
		!icmp6_error_allowed(mbuf, meta, ICMP_ERROR_REDIRECT) ||
		!is_due(instance, &source) || !icmp_error_in_rate(instance))
		return;
	made = make_ipv6(instance, mbuf, meta, gateway, next_hop);
	if (made == NULL)
		instance->counters.originated_lost++;
	else
		send_routed(instance, made, VR_CLASS_ORIGINATED, output);
}

void
redirect_send(struct vr_instance *instance, const struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct next_hop *next_hop, struct vr_output *output)
{
	const struct neighbour *neighbour;

	if (!instance->vr->redirects ||
		tunnel_is_point_to_point(&instance->vr->interfaces[meta.interface]))
		return;
	neighbour = owner_of(instance->vr, next_hop);
	if (neighbour == NULL)
		return;
	if (meta.kind == PACKET_IPV4)
		send_ipv4(instance, mbuf, meta, &neighbour->address, output);
	else
		send_ipv6(instance, mbuf, meta, &neighbour->address, next_hop, output);
}
