/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_ROUTE_H
#define VRF_ROUTE_H

#include "vrf/vr.h"

/* What vr.c needs of route.c, beside vr_route_*() of vr.h. Control thread. */

/* Connected subnets, own addresses and broadcast addresses. */
int route_add_connected(struct vr *vr, char error[VR_ERROR_SIZE]);

#endif
