/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_NEIGHBOUR_QUEUE_H
#define VRF_NEIGHBOUR_QUEUE_H

#include "vrf/neighbour.h"

/* Packets that wait for a neighbour's answer. Control thread. */

/* Takes the packet, or drops it where too many wait. */
void neighbour_queue_packet(struct neighbour *neighbour, struct rte_mbuf *mbuf, uint8_t class);

/* Hands all to the router's worker, to be looked up again or (`reason`) refused. */
void neighbour_queue_release(
	struct neighbour *neighbour, enum vr_inject_code code, enum vr_drop reason);

/* Drops all here; nobody is told of it. */
void neighbour_queue_drop(struct neighbour *neighbour, enum vr_drop reason);

#endif
