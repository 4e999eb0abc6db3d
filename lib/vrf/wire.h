/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_WIRE_H
#define VRF_WIRE_H

#include "vrf/instance.h"

/*
 * The forwarder that relays: what comes in by one of two interfaces leaves by the other, whoever it
 * is for and whatever it holds. The tags by which it was told whose it is are those of the
 * interface in; they are taken off, and those of the interface out put on, unless the two have the
 * same, and then the frame stays as it is. Nothing is looked up, answered or made. A frame is
 * dropped that is longer than the MTU of the way out (mtu_exceeded), and whatever would leave by an
 * interface that is down (link_down).
 *
 * In a router with a pipeline, IP packets pass through its elements, and those whose header is
 * wrong, which no element could judge, are dropped for the reasons that a router would. Worker.
 */

/* `n` frames, at least one, as vr_instance_run() takes them; those that leave go to the output. */
void wire_relay(struct vr_instance *instance, struct rte_mbuf **mbufs, unsigned int n,
	struct vr_output *output);

#endif
