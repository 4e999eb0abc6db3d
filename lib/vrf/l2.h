/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_L2_H
#define VRF_L2_H

#include <stdint.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>

#include "vrf/vr.h"

static inline uint8_t
l2_length(const struct vr_interface *interface)
{
	return interface->vlan == 0 ? RTE_ETHER_HDR_LEN : RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN;
}

/* The L2 header of a frame from `interface` to `destination`; gives its length, 14 or 18. */
static inline uint8_t
l2_write(void *frame, const struct vr_interface *interface,
	const struct rte_ether_addr *destination, rte_be16_t ether_type)
{
	uint8_t *bytes = frame;
	rte_be16_t tag[2];

	memcpy(bytes, destination, RTE_ETHER_ADDR_LEN);
	memcpy(bytes + RTE_ETHER_ADDR_LEN, &interface->mac, RTE_ETHER_ADDR_LEN);
	bytes += 2 * RTE_ETHER_ADDR_LEN;
	if (interface->vlan != 0) {
		tag[0] = RTE_BE16(RTE_ETHER_TYPE_VLAN);
		tag[1] = rte_cpu_to_be_16(interface->vlan);
		memcpy(bytes, tag, sizeof(tag));
		bytes += sizeof(tag);
	}
	memcpy(bytes, &ether_type, sizeof(ether_type));
	return l2_length(interface);
}

#endif
