/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_TUNNEL_OUTPUT_H
#define VRF_TUNNEL_OUTPUT_H

#include "vrf/instance.h"
#include "vrf/tunnel.h"

/*
 * Where tunnels begin. Frames by a tunnel interface are in the output like all others, their port
 * VR_PORT_TUNNEL; before the output leaves the router each of them becomes the frame of the outer
 * packet, in the same place, or is dropped, or waits for the outer next hop's MAC. Those that
 * follow each other into one tunnel share the outer look-up. Worker.
 */

/* Leaves no frame with VR_PORT_TUNNEL in the output. */
void tunnel_output(struct vr_instance *instance, struct vr_output *output);

/* An outer packet (PACKET_OUTER) that waited for its next hop goes on. */
void tunnel_resume(struct vr_instance *instance, struct rte_mbuf *mbuf, enum vr_class class,
	struct vr_output *output);

#endif
