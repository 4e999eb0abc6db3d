/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_CONNECTED_H
#define VRF_CONNECTED_H

#include "vrf/vr.h"

/*
 * Routes to the subnets of all interfaces, to their own addresses and broadcast addresses, into the
 * tables of a new router. Errors as for vr_route_add(). Control thread.
 */
int connected_add(struct vr *vr, char error[VR_ERROR_SIZE]);

#endif
