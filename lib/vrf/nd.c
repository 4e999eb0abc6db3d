/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <netinet/in.h>

#include <rte_ring_elem.h>

#include "packet/checksum.h"
#include "vrf/ipv6.h"
#include "vrf/l2.h"
#include "vrf/nd.h"
#include "vrf/send.h"

#define HOP_LIMIT 255 /* proof that a message has crossed no router (RFC 4861 3.1) */

enum type {
	ROUTER_SOLICITATION = 133,
	ROUTER_ADVERTISEMENT = 134,
	SOLICITATION = 135,
	ADVERTISEMENT = 136,
};

enum option {
	SOURCE_LINK_ADDRESS = 1,
	TARGET_LINK_ADDRESS = 2,
};

enum flag {
	FLAG_ROUTER = 0x80,
	FLAG_SOLICITED = 0x40,
	FLAG_OVERRIDE = 0x20,
};

/* Neighbour solicitation and advertisement (RFC 4861 4.3, 4.4). */
struct message {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	uint8_t flags; /* of an advertisement */
	uint8_t reserved[3];
	uint8_t target[16];
};

struct link_option {
	uint8_t type;
	uint8_t length; /* 1: in 8 bytes */
	struct rte_ether_addr mac;
};

static_assert(sizeof(struct message) == 24, "RFC 4861 4.3");
static_assert(sizeof(struct link_option) == 8, "RFC 4861 4.6.1");

static uint16_t
checksum_with_pseudo(const struct ipv6_header *ip, const void *message, uint16_t length)
{
	rte_be32_t tail[2] = { rte_cpu_to_be_32(length), RTE_BE32(IPPROTO_ICMPV6) };
	uint64_t sum = checksum_add(tail, sizeof(tail), checksum_add(ip->source, 32, 0));

	return (uint16_t)~checksum_fold(checksum_add(message, length, sum));
}

static void
fill(struct ipv6_header *ip, const uint8_t *source, const uint8_t *destination, enum type type,
	uint8_t flags, const uint8_t *target, const struct link_option *option)
{
	struct message *message = (struct message *)(ip + 1);
	uint16_t length = sizeof(*message) + sizeof(*option);

	*ip = (struct ipv6_header){ .version_class_flow = IPV6_VERSION,
		.payload_length = rte_cpu_to_be_16(length),
		.next_header = IPPROTO_ICMPV6,
		.hop_limit = HOP_LIMIT };
	memcpy(ip->source, source, sizeof(ip->source));
	memcpy(ip->destination, destination, sizeof(ip->destination));
	*message = (struct message){ .type = type, .flags = flags };
	memcpy(message->target, target, sizeof(message->target));
	memcpy(message + 1, option, sizeof(*option));
	message->checksum = checksum_with_pseudo(ip, message, length);
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
	struct link_option option = { SOURCE_LINK_ADDRESS, 1, interface->mac };
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);
	uint8_t *frame;

	if (mbuf == NULL)
		return NULL;
	frame = (uint8_t *)rte_pktmbuf_append(
		mbuf, l2_length(interface) + sizeof(struct ipv6_header) + sizeof(struct message) +
			      sizeof(option));
	if (frame == NULL) {
		rte_pktmbuf_free(mbuf);
		return NULL;
	}
	frame += l2_write(frame, interface, destination != NULL ? destination : &group_mac,
		RTE_BE16(RTE_ETHER_TYPE_IPV6));
	fill((struct ipv6_header *)frame, source->bytes, destination != NULL ? t : group,
		SOLICITATION, 0, t, &option);
	return mbuf;
}

/* The MAC that the option of this type tells; false where there is none or an option is malformed.
 */
static bool
find_mac(const struct message *message, uint32_t length, enum option type,
	struct rte_ether_addr *mac, bool *malformed)
{
	const uint8_t *option = (const uint8_t *)(message + 1);
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
	struct link_option option = { TARGET_LINK_ADDRESS, 1, interface->mac };
	struct rte_ether_addr all_nodes_mac = { { 0x33, 0x33, 0, 0, 0, 1 } };
	uint32_t length = meta.l3_offset + sizeof(*ip) + sizeof(struct message) + sizeof(option);
	struct message *message = (struct message *)(ip + 1);
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
	fill(ip, target, destination, ADVERTISEMENT,
		FLAG_ROUTER | FLAG_OVERRIDE | (probe ? 0 : FLAG_SOLICITED), target, &option);
	send_l3(instance, mbuf, meta.l3_offset, interface, &to, RTE_BE16(RTE_ETHER_TYPE_IPV6),
		VR_CLASS_ANSWERED, output);
}

static void
on_solicitation(struct vr_instance *instance, struct rte_mbuf *mbuf, struct ipv6_header *ip,
	const struct message *message, uint32_t length, struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	const struct vr_interface *interface = &instance->vr->interfaces[meta.interface];
	struct ip_address source = ip_address_of_ipv6(ip->source);
	struct ip_address target = ip_address_of_ipv6(message->target);
	struct rte_ether_addr mac;
	bool probe = ip_address_is_zero(&source);
	bool malformed, told;

	told = find_mac(message, length, SOURCE_LINK_ADDRESS, &mac, &malformed);
	if (malformed || ip_address_is_multicast(&target) || (probe && told) ||
		(told && !rte_is_valid_assigned_ether_addr(&mac))) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ND_INVALID);
		return;
	}
	if (vr_interface_has(interface, &source)) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ND_CONFLICT);
		return;
	}
	if (!vr_interface_has(interface, &target) ||
		(!probe && vr_interface_subnet(interface, &source) == NULL)) {
		consume(instance, mbuf);
		return;
	}
	if (!told)
		memcpy(&mac, rte_pktmbuf_mtod(mbuf, uint8_t *) + RTE_ETHER_ADDR_LEN, sizeof(mac));
	else
		tell(instance, &mac, ip->source, meta.interface, VR_PUNT_ASKED, 0);
	answer(instance, mbuf, ip, probe ? NULL : &mac, output);
}

static uint8_t
told_flags(uint8_t flags, bool mac)
{
	return (mac ? VR_TOLD_MAC : 0) | (flags & FLAG_SOLICITED ? VR_TOLD_SOLICITED : 0) |
	       (flags & FLAG_OVERRIDE ? VR_TOLD_OVERRIDE : 0) |
	       (flags & FLAG_ROUTER ? VR_TOLD_ROUTER : 0);
}

static void
on_advertisement(struct vr_instance *instance, struct rte_mbuf *mbuf, const struct ipv6_header *ip,
	const struct message *message, uint32_t length)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	const struct vr_interface *interface = &instance->vr->interfaces[meta.interface];
	struct ip_address target = ip_address_of_ipv6(message->target);
	struct rte_ether_addr mac = { { 0 } };
	bool malformed, told;

	told = find_mac(message, length, TARGET_LINK_ADDRESS, &mac, &malformed);
	if (malformed || ip_address_is_multicast(&target) ||
		(ip->destination[0] == 0xff && (message->flags & FLAG_SOLICITED)) ||
		(told && !rte_is_valid_assigned_ether_addr(&mac))) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ND_INVALID);
		return;
	}
	if (vr_interface_has(interface, &target)) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ND_CONFLICT);
		return;
	}
	if (vr_interface_subnet(interface, &target) != NULL)
		tell(instance, &mac, message->target, meta.interface, VR_PUNT_ADVERTISED,
			told_flags(message->flags, told));
	consume(instance, mbuf);
}

void
nd_input(struct vr_instance *instance, struct rte_mbuf *mbuf, uint16_t offset,
	struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	struct ipv6_header *ip = ipv6_of(mbuf, meta);
	uint32_t length = rte_be_to_cpu_16(ip->payload_length);
	const struct message *message = (const struct message *)(ip + 1);

	/* RFC 4861 7.1. A message behind extension headers is none that hosts send. */
	if (ip->hop_limit != HOP_LIMIT || offset != sizeof(*ip) || length < sizeof(*message) ||
		meta.l3_offset + offset + length > mbuf->data_len || message->code != 0) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ND_INVALID);
		return;
	}
	if (message->type == SOLICITATION)
		on_solicitation(instance, mbuf, ip, message, length, output);
	else if (message->type == ADVERTISEMENT)
		on_advertisement(instance, mbuf, ip, message, length);
	else
		consume(instance, mbuf);
}
