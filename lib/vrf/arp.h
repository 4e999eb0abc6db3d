/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_ARP_H
#define VRF_ARP_H

#include <rte_mbuf.h>

#include "vrf/instance.h"

/*
 * ARP frames (RFC 826). Requests for the router's own addresses are answered in place by the
 * worker; what a frame tells of its sender goes to the control thread (neighbour.h).
 */

/*
 * A whole frame asking from `source` for `target`: broadcast, or to `destination` where it is not
 * NULL. The two equal, it is an announcement (RFC 5227 2.3). NULL when there is no buffer. Control
 * thread.
 */
struct rte_mbuf *arp_request(struct rte_mempool *pool, const struct vr_interface *interface,
	const struct ip_address *source, const struct ip_address *target,
	const struct rte_ether_addr *destination);

/* Takes an ARP frame that came in. Worker. */
void arp_input(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	struct vr_output *output);

#endif
