/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_arp.h>
#include <rte_ring_elem.h>

#include "vrf/arp.h"
#include "vrf/l2.h"
#include "vrf/send.h"

#define BROADCAST ((struct rte_ether_addr){ { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } })

static void
fill(struct rte_arp_hdr *arp, uint16_t opcode)
{
	arp->arp_hardware = RTE_BE16(RTE_ARP_HRD_ETHER);
	arp->arp_protocol = RTE_BE16(RTE_ETHER_TYPE_IPV4);
	arp->arp_hlen = RTE_ETHER_ADDR_LEN;
	arp->arp_plen = sizeof(uint32_t);
	arp->arp_opcode = rte_cpu_to_be_16(opcode);
}

struct rte_mbuf *
arp_request(struct rte_mempool *pool, const struct vr_interface *interface,
	const struct ip_address *source, const struct ip_address *target,
	const struct rte_ether_addr *destination)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);
	struct rte_ether_addr to = destination != NULL ? *destination : BROADCAST;
	struct rte_arp_hdr *arp;
	uint8_t *frame;

	if (mbuf == NULL)
		return NULL;
	frame = (uint8_t *)rte_pktmbuf_append(mbuf, l2_length(interface) + sizeof(*arp));
	if (frame == NULL) {
		rte_pktmbuf_free(mbuf);
		return NULL;
	}
	frame += l2_write(frame, interface, &to, RTE_BE16(RTE_ETHER_TYPE_ARP));
	arp = (struct rte_arp_hdr *)frame;
	fill(arp, RTE_ARP_OP_REQUEST);
	arp->arp_data.arp_sha = interface->mac;
	memcpy(&arp->arp_data.arp_sip, source->bytes, sizeof(arp->arp_data.arp_sip));
	memset(&arp->arp_data.arp_tha, 0, sizeof(arp->arp_data.arp_tha));
	memcpy(&arp->arp_data.arp_tip, target->bytes, sizeof(arp->arp_data.arp_tip));
	return mbuf;
}

static bool
valid(const struct rte_mbuf *mbuf, const struct rte_arp_hdr *arp, uint8_t offset)
{
	if (mbuf->data_len < offset + sizeof(*arp))
		return false;
	if (arp->arp_hardware != RTE_BE16(RTE_ARP_HRD_ETHER) ||
		arp->arp_protocol != RTE_BE16(RTE_ETHER_TYPE_IPV4) ||
		arp->arp_hlen != RTE_ETHER_ADDR_LEN || arp->arp_plen != sizeof(uint32_t))
		return false;
	if (arp->arp_opcode != RTE_BE16(RTE_ARP_OP_REQUEST) &&
		arp->arp_opcode != RTE_BE16(RTE_ARP_OP_REPLY))
		return false;
	return rte_is_valid_assigned_ether_addr(&arp->arp_data.arp_sha);
}

/*
 * Whether `address` can be another host's on the link of `interface`: of subnets that nest the
 * longest decides whose link an address is on.
 */
static bool
on_link(const struct vr *vr, const struct vr_interface *interface, const struct ip_address *address)
{
	const struct ip_prefix *subnet;
	struct ip_address first, last;

	if (vr_interface_towards(vr, address) != interface)
		return false;
	subnet = vr_interface_subnet(interface, address);
	first = ip_address_network(address, subnet->depth);
	last = ip_address_last(address, subnet->depth);
	return subnet->depth >= 31 ||
	       (!ip_address_equal(address, &first) && !ip_address_equal(address, &last));
}

static void
tell(struct vr_instance *instance, const struct rte_arp_hdr *arp, const struct ip_address *sender,
	struct packet_meta meta, bool for_us)
{
	struct vr_punt punt = { .mac = arp->arp_data.arp_sha,
		.address = *sender,
		.interface = meta.interface,
		.code = VR_PUNT_HEARD,
		.flags = VR_TOLD_MAC | VR_TOLD_OVERRIDE };

	if (for_us && arp->arp_opcode == RTE_BE16(RTE_ARP_OP_REQUEST)) {
		punt.code = VR_PUNT_ASKED;
	} else if (for_us) {
		punt.code = VR_PUNT_ADVERTISED;
		punt.flags |= meta.kind & PACKET_GROUP ? 0 : VR_TOLD_SOLICITED;
	}

	/* What can't be told is told again by the next frame. */
	if (token_bucket_take(&instance->learn, instance->now))
		rte_ring_sp_enqueue_elem(instance->punt, &punt, sizeof(punt));
}

static void
tell_claim(struct vr_instance *instance, const struct rte_arp_hdr *arp,
	const struct ip_address *sender, struct packet_meta meta)
{
	struct vr_punt punt = { .mac = arp->arp_data.arp_sha,
		.address = *sender,
		.interface = meta.interface,
		.code = VR_PUNT_CLAIMED };

	if (token_bucket_take(&instance->learn, instance->now))
		rte_ring_sp_enqueue_elem(instance->punt, &punt, sizeof(punt));
}

/* Turns the request into its answer. */
static void
answer(struct vr_instance *instance, const struct vr_interface *interface, struct rte_mbuf *mbuf,
	struct packet_meta meta, struct vr_output *output)
{
	struct rte_arp_hdr *arp =
		rte_pktmbuf_mtod_offset(mbuf, struct rte_arp_hdr *, meta.l3_offset);
	rte_be32_t address = arp->arp_data.arp_tip;

	arp->arp_opcode = RTE_BE16(RTE_ARP_OP_REPLY);
	arp->arp_data.arp_tha = arp->arp_data.arp_sha;
	arp->arp_data.arp_tip = arp->arp_data.arp_sip;
	arp->arp_data.arp_sha = interface->mac;
	arp->arp_data.arp_sip = address;
	send_l3(instance, mbuf, meta.l3_offset, interface, &arp->arp_data.arp_tha,
		RTE_BE16(RTE_ETHER_TYPE_ARP), VR_CLASS_ANSWERED, output);
}

void
arp_input(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	struct vr_output *output)
{
	const struct vr_interface *interface = &instance->vr->interfaces[meta.interface];
	const struct rte_arp_hdr *arp =
		rte_pktmbuf_mtod_offset(mbuf, const struct rte_arp_hdr *, meta.l3_offset);
	struct ip_address sender, target;
	bool for_us;

	if (!valid(mbuf, arp, meta.l3_offset)) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ARP_INVALID);
		return;
	}
	sender = ip_address_of_ipv4(rte_be_to_cpu_32(arp->arp_data.arp_sip));
	target = ip_address_of_ipv4(rte_be_to_cpu_32(arp->arp_data.arp_tip));
	for_us = vr_interface_has(interface, &target);
	if (vr_interface_has(interface, &sender)) {
		tell_claim(instance, arp, &sender, meta);
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ARP_CONFLICT);
		return;
	}
	/* A sender of 0.0.0.0 probes whether the address is taken (RFC 5227): it is answered. */
	if (arp->arp_data.arp_sip != 0) {
		if (!on_link(instance->vr, interface, &sender)) {
			send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ARP_SENDER);
			return;
		}
		tell(instance, arp, &sender, meta, for_us);
	}
	if (for_us && arp->arp_opcode == RTE_BE16(RTE_ARP_OP_REQUEST)) {
		answer(instance, interface, mbuf, meta, output);
		return;
	}
	instance->counters.consumed++;
	rte_pktmbuf_free(mbuf);
}
