/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_FRAGMENT_H
#define VRF_FRAGMENT_H

#include "vrf/instance.h"

/*
 * Packets longer than the MTU of their way out (RFC 791 3.2, RFC 8200 4.5), cut by librte_ip_frag.
 * Each fragment is a buffer of its own, so that any port can send it. Worker.
 */

/* Fragments of one packet: those of 9,028 bytes at an MTU of 68. */
#define FRAGMENTS_MAX 190
/* Buffers that cutting one packet takes for a while: a header and a reference for each. */
#define FRAGMENT_BUFFERS (2 * FRAGMENTS_MAX)

/*
 * Sends the packet in pieces through `next_hop`, of which l2, l2_length, port, interface and mtu
 * are read. An IPv4 packet does not have DF set; an IPv6 packet is the router's own. The first
 * fragment is of the packet's class, so that the packet is counted once. Without buffers for all of
 * them there is none.
 */
void fragment_send(struct vr_instance *instance, struct rte_mbuf *mbuf,
	const struct next_hop *next_hop, enum vr_class class, struct vr_output *output);

#endif
