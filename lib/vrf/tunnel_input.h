/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_TUNNEL_INPUT_H
#define VRF_TUNNEL_INPUT_H

#include "vrf/instance.h"
#include "vrf/tunnel.h"

/* Where tunnels end. Worker. */

/*
 * Takes a packet for the router itself if it is of one of its tunnels: what is in it waits in
 * instance->left, as a packet of the tunnel's interface that nobody has validated. `offset` from
 * the IP header to what is behind it and its extensions; the packet is no fragment and ends as its
 * header says. Where the interface is another router's, it is handed over to that. False: it is of
 * no tunnel, and still the caller's.
 */
bool tunnel_input(struct vr_instance *instance, struct rte_mbuf *mbuf, uint8_t protocol,
	uint16_t offset, struct vr_output *output);

/* Whose outer packet it is, with its IP header at the L3 offset; NULL: nobody's any more. */
struct tunnel *tunnel_of_outer(
	const struct vr *vr, const struct rte_mbuf *mbuf, struct packet_meta meta);

/* Tells the control thread what outer packets of a tunnel's way take; NULL: of none. */
void tunnel_tell_mtu(struct vr_instance *instance, const struct tunnel *tunnel, uint16_t mtu);

/* An ICMP error whose checksum is right, `offset` from the IP header; it stays the caller's. */
void tunnel_error_input(struct vr_instance *instance, const struct rte_mbuf *mbuf, uint16_t offset);

#endif
