/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_ROUTE_VIEW_H
#define VRF_ROUTE_VIEW_H

#include "vrf/rib.h"

/*
 * Routes as others see them: what tables, next hops and standing routes say put into a struct
 * vr_route, which borrows from them until the next change. For the control thread.
 */

struct vr_route route_describe(const struct vr *vr, const struct rib_route *candidate);

/* The route to the prefix that the table has, of whatever type, with its value there. */
struct vr_route route_describe_active(
	const struct vr *vr, const struct ip_prefix *prefix, uint32_t index);

#endif
