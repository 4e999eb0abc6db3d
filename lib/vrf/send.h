/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_SEND_H
#define VRF_SEND_H

#include <string.h>

#include "vrf/instance.h"

/*
 * The ends of a packet's way through an instance: out of an interface, to the control thread, or
 * dropped. Each takes over the mbuf and counts it. Worker.
 */

/* `class` tells whether it was received or made here: the two are counted apart. */
void send_drop(struct vr_instance *instance, struct rte_mbuf *mbuf, enum vr_class class,
	enum vr_drop reason);

/* The next hop on a point to point interface, for a packet of this kind. */
struct next_hop send_known(const struct next_hop *next_hop, struct packet_meta meta);

/* Makes room in the output: what is there passes through the egress elements and leaves. */
void send_flush(struct vr_instance *instance, struct vr_output *output);

/* The same for what is through the elements: it enters tunnels and leaves. */
void send_output(struct vr_instance *instance, struct vr_output *output);

/* Puts an L2 header before the L3 header, which is `l3_offset` bytes into the frame. */
void send_l3(struct vr_instance *instance, struct rte_mbuf *mbuf, uint16_t l3_offset,
	const struct vr_interface *interface, const struct rte_ether_addr *destination,
	rte_be16_t ether_type, enum vr_class class, struct vr_output *output);

/*
 * Sends an IP packet of the router's own (class ANSWERED or ORIGINATED) where its destination
 * leads, in fragments if it is longer than the MTU there. Its packet_meta tells the L3 offset and
 * family.
 */
void send_routed(struct vr_instance *instance, struct rte_mbuf *mbuf, enum vr_class class,
	struct vr_output *output);

/*
 * The same for one that answers `about` (which may be the same mbuf, with its L2 header): to a
 * link-local destination it goes back to the MAC that `about` came from.
 */
void send_back(struct vr_instance *instance, struct rte_mbuf *mbuf, const struct rte_mbuf *about,
	enum vr_class class, struct vr_output *output);

/* Asks the control thread for the MAC of `address`; the packet waits there. */
void send_resolve(struct vr_instance *instance, struct rte_mbuf *mbuf, enum vr_class class,
	uint16_t interface, const struct ip_address *address);

/* Tells the control thread, once, that a packet goes by a STALE next hop. */
void send_tell_used(struct vr_instance *instance, const struct next_hop *next_hop);

/* Of several next hops, the one for the packet's flow. */
const struct next_hop *send_member(const struct vr *vr, const struct next_hop *group,
	const struct rte_mbuf *mbuf, struct packet_meta meta);

/* Whether packets leave by the next hop, now or once its MAC is known. */
static inline bool
send_leads_out(const struct next_hop *next_hop)
{
	return next_hop->type == NEXT_HOP_NEIGHBOUR || next_hop->type == NEXT_HOP_STALE ||
	       next_hop->type == NEXT_HOP_INCOMPLETE || next_hop->type == NEXT_HOP_CONNECTED;
}

/* Whether they can leave now: the header is there. */
static inline bool
send_has_l2(const struct next_hop *next_hop)
{
	return next_hop->type == NEXT_HOP_NEIGHBOUR || next_hop->type == NEXT_HOP_STALE ||
	       (next_hop->type == NEXT_HOP_CONNECTED && next_hop->l2_length != 0);
}

/* Where the packet of this packet_meta goes. */
struct ip_address send_destination(const struct rte_mbuf *mbuf, struct packet_meta meta);

/* The frame is complete; it goes to the end of the output, where room is made if needed. */
static inline void
send_frame(struct vr_instance *instance, struct rte_mbuf *mbuf, uint16_t port, uint16_t interface,
	enum vr_class class, struct vr_output *output)
{
	struct vr_tx *tx;

	if (unlikely(output->n >= VR_OUTPUT_MAX - VR_OUTPUT_UNCHECKED))
		send_flush(instance, output);
	tx = &output->frames[output->n++];
	tx->mbuf = mbuf;
	tx->port = port;
	tx->interface = interface;
	tx->class = class;
	instance->counters.sent[class]++;
	instance->interfaces[interface].tx_packets++;
	instance->interfaces[interface].tx_bytes += mbuf->pkt_len;
}

/*
 * Replaces the L2 header by the next hop's. False when the buffer has no room for it; the packet is
 * then unchanged.
 */
static inline bool
send_rewrite(struct rte_mbuf *mbuf, uint16_t l3_offset, const struct next_hop *next_hop)
{
	int32_t start = (int32_t)mbuf->data_off + l3_offset - next_hop->l2_length;
	int32_t growth = next_hop->l2_length - l3_offset;
	uint8_t *frame;

	if (unlikely(start < 0))
		return false;
	frame = (uint8_t *)mbuf->buf_addr + start;
	mbuf->data_off = (uint16_t)start;
	mbuf->data_len = (uint16_t)(mbuf->data_len + growth);
	mbuf->pkt_len = (uint32_t)((int32_t)mbuf->pkt_len + growth);
	memcpy(frame, next_hop->l2, 14);
	if (next_hop->l2_length > 14)
		memcpy(frame + 14, next_hop->l2 + 14, 4);
	if (unlikely(next_hop->l2_length > 18))
		memcpy(frame + 18, next_hop->l2 + 18, 4);
	return true;
}

/* The next hop of a place; to be called after the look-up that gave it (see vr.h). */
static inline const struct next_hop *
send_next_hop(const struct vr *vr, uint32_t index)
{
	const struct next_hop **next_hops = __atomic_load_n(&vr->next_hops, __ATOMIC_ACQUIRE);

	return __atomic_load_n(&next_hops[index], __ATOMIC_CONSUME);
}

#endif
