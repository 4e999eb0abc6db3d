/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_ring_elem.h>

#include "vrf/ipv6.h"
#include "vrf/l2.h"
#include "vrf/nd.h"
#include "vrf/nd_message.h"
#include "vrf/send.h"
#include "vrf/tunnel.h"

/*
 * The MAC that the option of this type tells; false where there is none or an option is malformed.
 * Options are those from `at` bytes into the message on.
 */
static bool
find_mac(const void *message, uint32_t at, uint32_t length, enum nd_option type,
	struct rte_ether_addr *mac, bool *malformed)
{
	const uint8_t *option = (const uint8_t *)message + at;
	const uint8_t *end = (const uint8_t *)message + length;
	bool found = false;

	*malformed = false;
	while (option < end) {
		if (end - option < 8 || option[1] == 0 || end - option < 8 * option[1]) {
			*malformed = true;
			return false;
		}
		if (option[0] == type && option[1] == 1) {
			memcpy(mac, option + 2, sizeof(*mac));
			found = true;
		}
		option += 8 * option[1];
	}
	return found;
}

static void
tell(struct vr_instance *instance, const struct rte_ether_addr *mac, const uint8_t *address,
	uint16_t interface, enum vr_punt_code code, uint8_t flags)
{
	struct vr_punt punt = { .mac = *mac,
		.address = ip_address_of_ipv6(address),
		.interface = interface,
		.code = code,
		.flags = flags };

	/* Nobody is looked for on a point to point interface, so nothing is to be learnt. */
	if (tunnel_is_point_to_point(&instance->vr->interfaces[interface]))
		return;
	/* What can't be told is told again by the next message. */
	if (token_bucket_take(&instance->learn, instance->now))
		rte_ring_sp_enqueue_elem(instance->punt, &punt, sizeof(punt));
}

static void
consume(struct vr_instance *instance, struct rte_mbuf *mbuf)
{
	instance->counters.consumed++;
	rte_pktmbuf_free(mbuf);
}

/* Turns the solicitation into its advertisement (RFC 4861 7.2.4). */
static void
answer(struct vr_instance *instance, struct rte_mbuf *mbuf, struct ipv6_header *ip,
	const struct rte_ether_addr *mac, struct vr_output *output)
{
	static const uint8_t all_nodes[16] = { 0xff, 0x02, [15] = 1 };
	struct packet_meta meta = packet_meta_get(mbuf);
	const struct vr_interface *interface = &instance->vr->interfaces[meta.interface];
	struct nd_link_option option = { ND_OPTION_TARGET, 1, interface->mac };
	struct rte_ether_addr all_nodes_mac = { { 0x33, 0x33, 0, 0, 0, 1 } };
	/* A tunnel has no addresses of its link (RFC 4213 3.8). */
	bool has_mac = !tunnel_is_point_to_point(interface);
	uint32_t length = meta.l3_offset + sizeof(*ip) + sizeof(struct nd_message) +
	                  (has_mac ? sizeof(option) : 0);
	struct nd_message *message = (struct nd_message *)(ip + 1);
	bool probe = mac == NULL;
	uint8_t target[16], destination[16];
	struct rte_ether_addr to = probe ? all_nodes_mac : *mac;

	memcpy(target, message->target, sizeof(target));
	memcpy(destination, probe ? all_nodes : ip->source, sizeof(destination));
	if (mbuf->pkt_len > length)
		packet_trim(mbuf, mbuf->pkt_len - length);
	else if (mbuf->pkt_len < length &&
		 rte_pktmbuf_append(mbuf, (uint16_t)(length - mbuf->pkt_len)) == NULL) {
		send_drop(instance, mbuf, VR_CLASS_ANSWERED, VR_DROP_HEADROOM);
		return;
	}
	nd_fill(ip, target, destination, ND_ADVERTISEMENT,
		ND_FLAG_ROUTER | ND_FLAG_OVERRIDE | (probe ? 0 : ND_FLAG_SOLICITED), target,
		has_mac ? &option : NULL);
	send_l3(instance, mbuf, meta.l3_offset, interface, &to, RTE_BE16(RTE_ETHER_TYPE_IPV6),
		VR_CLASS_ANSWERED, output);
}

static void
on_solicitation(struct vr_instance *instance, struct rte_mbuf *mbuf, struct ipv6_header *ip,
	const struct nd_message *message, uint32_t length, struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	const struct vr_interface *interface = &instance->vr->interfaces[meta.interface];
	struct ip_address source = ip_address_of_ipv6(ip->source);
	struct ip_address target = ip_address_of_ipv6(message->target);
	struct rte_ether_addr mac;
	const struct rte_ether_hdr *ethernet = rte_pktmbuf_mtod(mbuf, const struct rte_ether_hdr *);
	bool probe = ip_address_is_zero(&source);
	bool malformed, told;

	told = find_mac(message, sizeof(*message), length, ND_OPTION_SOURCE, &mac, &malformed);
	if (malformed || ip_address_is_multicast(&target) || (probe && told) ||
		(told && !rte_is_valid_assigned_ether_addr(&mac))) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ND_INVALID);
		return;
	}
	if (vr_interface_has(interface, &source)) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ND_CONFLICT);
		return;
	}
	if (!vr_interface_may_use(interface, &target)) {
		/* Somebody probes for what we probe for; it may be our own frame that came back. */
		if (probe && vr_interface_has(interface, &target) &&
			!rte_is_same_ether_addr(&ethernet->src_addr, &interface->mac))
			tell(instance, &ethernet->src_addr, message->target, meta.interface,
				VR_PUNT_CLAIMED, VR_TOLD_PROBE);
		consume(instance, mbuf);
		return;
	}
	if (!probe && vr_interface_subnet(interface, &source) == NULL) {
		consume(instance, mbuf);
		return;
	}
	if (!told)
		mac = ethernet->src_addr;
	else
		tell(instance, &mac, ip->source, meta.interface, VR_PUNT_ASKED, 0);
	answer(instance, mbuf, ip, probe ? NULL : &mac, output);
}

static uint8_t
told_flags(uint8_t flags, bool mac)
{
	return (mac ? VR_TOLD_MAC : 0) | (flags & ND_FLAG_SOLICITED ? VR_TOLD_SOLICITED : 0) |
	       (flags & ND_FLAG_OVERRIDE ? VR_TOLD_OVERRIDE : 0) |
	       (flags & ND_FLAG_ROUTER ? VR_TOLD_ROUTER : 0);
}

static void
on_advertisement(struct vr_instance *instance, struct rte_mbuf *mbuf, const struct ipv6_header *ip,
	const struct nd_message *message, uint32_t length)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	const struct vr_interface *interface = &instance->vr->interfaces[meta.interface];
	struct ip_address target = ip_address_of_ipv6(message->target);
	const struct rte_ether_hdr *ethernet = rte_pktmbuf_mtod(mbuf, const struct rte_ether_hdr *);
	struct rte_ether_addr mac = { { 0 } };
	bool malformed, told;

	told = find_mac(message, sizeof(*message), length, ND_OPTION_TARGET, &mac, &malformed);
	if (malformed || ip_address_is_multicast(&target) ||
		(ip->destination[0] == 0xff && (message->flags & ND_FLAG_SOLICITED)) ||
		(told && !rte_is_valid_assigned_ether_addr(&mac))) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ND_INVALID);
		return;
	}
	if (vr_interface_has(interface, &target)) {
		tell(instance, told ? &mac : &ethernet->src_addr, message->target, meta.interface,
			VR_PUNT_CLAIMED, 0);
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ND_CONFLICT);
		return;
	}
	if (vr_interface_subnet(interface, &target) != NULL)
		tell(instance, &mac, message->target, meta.interface, VR_PUNT_ADVERTISED,
			told_flags(message->flags, told));
	consume(instance, mbuf);
}

/* RFC 4861 6.1.1, 6.2.6. */
static void
on_router_solicitation(struct vr_instance *instance, struct rte_mbuf *mbuf,
	const struct ipv6_header *ip, uint32_t length)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	const struct vr_interface *interface = &instance->vr->interfaces[meta.interface];
	struct ip_address source = ip_address_of_ipv6(ip->source);
	struct rte_ether_addr mac = { { 0 } };
	bool malformed, told;

	told = find_mac(
		ip + 1, sizeof(struct nd_header), length, ND_OPTION_SOURCE, &mac, &malformed);
	if (malformed || (told && ip_address_is_zero(&source)) ||
		(told && !rte_is_valid_assigned_ether_addr(&mac))) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ND_INVALID);
		return;
	}
	if (vr_interface_has(interface, &source)) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ND_CONFLICT);
		return;
	}
	if (told && vr_interface_subnet(interface, &source) != NULL)
		tell(instance, &mac, ip->source, meta.interface, VR_PUNT_ASKED, 0);
	if (interface->advertisement != NULL)
		tell(instance, &mac, ip->source, meta.interface, VR_PUNT_SOLICITED, 0);
	consume(instance, mbuf);
}

/* Of the message without its options. What other routers say is not looked at. */
static uint32_t
least_length(uint8_t type)
{
	if (type == ND_ROUTER_SOLICITATION)
		return sizeof(struct nd_header);
	return type == ND_SOLICITATION || type == ND_ADVERTISEMENT ? sizeof(struct nd_message) : 4;
}

void
nd_input(struct vr_instance *instance, struct rte_mbuf *mbuf, uint16_t offset,
	struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	struct ipv6_header *ip = ipv6_of(mbuf, meta);
	uint32_t length = rte_be_to_cpu_16(ip->payload_length);
	const struct nd_message *message = (const struct nd_message *)(ip + 1);

	/* RFC 4861 6.1, 7.1. A message behind extension headers is none that hosts send. */
	if (ip->hop_limit != ND_HOP_LIMIT || offset != sizeof(*ip) ||
		length < least_length(message->type) ||
		meta.l3_offset + offset + length > mbuf->data_len || message->code != 0) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ND_INVALID);
		return;
	}
	if (message->type == ND_SOLICITATION)
		on_solicitation(instance, mbuf, ip, message, length, output);
	else if (message->type == ND_ADVERTISEMENT)
		on_advertisement(instance, mbuf, ip, message, length);
	else if (message->type == ND_ROUTER_SOLICITATION)
		on_router_solicitation(instance, mbuf, ip, length);
	else
		consume(instance, mbuf);
}
