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
	unsigned int tags = (interface->vlan != 0) + (interface->outer_vlan != 0);

	return (uint8_t)(RTE_ETHER_HDR_LEN + tags * RTE_VLAN_HLEN);
}

static inline uint8_t *
l2_write_tag(uint8_t *bytes, uint16_t tag_type, uint16_t vlan)
{
	rte_be16_t tag[2] = { rte_cpu_to_be_16(tag_type), rte_cpu_to_be_16(vlan) };

	memcpy(bytes, tag, sizeof(tag));
	return bytes + sizeof(tag);
}

/* The L2 header of a frame from `interface` to `destination`; gives its length, 14, 18 or 22. */
static inline uint8_t
l2_write(void *frame, const struct vr_interface *interface,
	const struct rte_ether_addr *destination, rte_be16_t ether_type)
{
	uint8_t *bytes = frame;

	memcpy(bytes, destination, RTE_ETHER_ADDR_LEN);
	memcpy(bytes + RTE_ETHER_ADDR_LEN, &interface->mac, RTE_ETHER_ADDR_LEN);
	bytes += 2 * RTE_ETHER_ADDR_LEN;
	if (interface->outer_vlan != 0)
		bytes = l2_write_tag(bytes, RTE_ETHER_TYPE_QINQ, interface->outer_vlan);
	if (interface->vlan != 0)
		bytes = l2_write_tag(bytes, RTE_ETHER_TYPE_VLAN, interface->vlan);
	memcpy(bytes, &ether_type, sizeof(ether_type));
	return l2_length(interface);
}

#endif
