/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_ROUTE_H
#define VRF_ROUTE_H

#include <stdint.h>

#include "vrf/vr.h"

/* What vr.c and neighbour.c need of route.c, beside vr_route_*() of vr.h. Control thread. */

static inline uint32_t
route_mask(uint8_t depth)
{
	return depth == 0 ? 0 : UINT32_MAX << (32 - depth);
}

/* Dotted quad of a host byte order address, in a buffer of at least 16 bytes, which it gives. */
#define ROUTE_ADDRESS_SIZE 16
const char *route_address_text(uint32_t address, char *text);

/* Connected subnets, own addresses and broadcast addresses. */
int route_add_connected(struct vr *vr, char error[VR_ERROR_SIZE]);

#endif
