/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_LOCAL_H
#define VRF_LOCAL_H

#include "vrf/instance.h"

/*
 * Takes a packet for the router itself: one of its addresses, or a group that it is in. Its header
 * has been validated. Worker.
 */
void local_input(struct vr_instance *instance, struct rte_mbuf *mbuf, struct vr_output *output);

#endif
