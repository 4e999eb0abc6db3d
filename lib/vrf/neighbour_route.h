/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_NEIGHBOUR_ROUTE_H
#define VRF_NEIGHBOUR_ROUTE_H

#include "vrf/neighbour.h"

/* How a neighbour is seen by workers: its next hop and its host route. Control thread. */

/*
 * Makes its next hop what the state wants, with this MAC where one is known. Nothing is done where
 * it is that already. 0 or -ENOMEM; then it is as it was.
 */
int neighbour_publish(
	struct neighbour *neighbour, enum neighbour_state state, const struct rte_ether_addr *mac);

/* Adds the host route, unless there is a reason against it (see neighbour.h). */
void neighbour_add_route(struct neighbour *neighbour);

/* False when there is no memory for the table without it: the route is still there. */
bool neighbour_remove_route(struct neighbour *neighbour);

#endif
