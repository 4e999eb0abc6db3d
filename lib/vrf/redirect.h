/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_REDIRECT_H
#define VRF_REDIRECT_H

#include "vrf/instance.h"

/*
 * Tells a host that what it sent to the router had a better way on the host's own link: straight to
 * the destination, or by another router (RFC 792, RFC 1812 5.2.7.2, RFC 4861 8.2). Worker.
 */

/*
 * The packet is about to leave by the interface that it came in by, to a resolved neighbour. It
 * stays the caller's. A redirect is sent if the rules allow one, the router sends them at all, and
 * neither its icmp_rate nor the rate for one host is used up.
 */
void redirect_send(struct vr_instance *instance, const struct rte_mbuf *mbuf,
	struct packet_meta meta, const struct next_hop *next_hop, struct vr_output *output);

#endif
