/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_ND_H
#define VRF_ND_H

#include "vrf/instance.h"

/*
 * Neighbour discovery messages that come in (RFC 4861). Solicitations for the router's own
 * addresses are answered in place by the worker; what a message tells of its sender goes to the
 * control thread (neighbour.h, own_address.h, advertiser.h).
 */

/* Router and neighbour solicitations and advertisements, and redirects. */
static inline bool
nd_is_message(uint8_t type)
{
	return type >= 133 && type <= 137;
}

/* Takes a message whose checksum is right, `offset` bytes from the IPv6 header. Worker. */
void nd_input(struct vr_instance *instance, struct rte_mbuf *mbuf, uint16_t offset,
	struct vr_output *output);

#endif
