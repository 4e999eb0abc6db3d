/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_CONTROL_H
#define VRF_CONTROL_H

#include "vrf/instance.h"
#include "vrf/vr.h"

/*
 * The control thread's side of the rings between it and a router's worker (instance.h): what is
 * punted is handed to neighbours, own addresses or advertisements, and what they send goes out by
 * the worker. See vr_poll(). Control thread.
 */

/* ns until something is tried again for which there was no room or memory. */
#define CONTROL_RETRY UINT64_C(1000000)

/* Drops a packet and counts it. */
void control_drop(struct vr *vr, struct rte_mbuf *mbuf, uint8_t class, enum vr_drop reason);

/* Hands a packet to the router's worker; when the ring is full it is dropped here for `reason`. */
void control_inject(struct vr *vr, struct vr_inject *element, enum vr_drop reason);

/*
 * Whether there is room for a frame of the router's own making. Those take no more than half of the
 * ring, so that packets whose neighbour is found get through.
 */
bool control_may_send(const struct vr *vr);

/* Sends a whole frame of the router's own out of the interface. control_may_send() was true. */
void control_send(struct vr *vr, const struct vr_interface *interface, struct rte_mbuf *mbuf);

#endif
