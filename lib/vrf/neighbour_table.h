/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_NEIGHBOUR_TABLE_H
#define VRF_NEIGHBOUR_TABLE_H

#include "vrf/neighbour.h"

/*
 * What a router's neighbours are kept in: a hash table, its limit, and the order in which entries
 * go when it is reached. For neighbour*.c. Control thread.
 */

/* Who wants a new entry, and so what may have to go for it. */
enum neighbour_reason {
	NEIGHBOUR_FOR_PACKET,  /* nobody has answered yet: the oldest such, if it waited */
	NEIGHBOUR_FOR_MESSAGE, /* it told its MAC: the oldest unanswered one */
	NEIGHBOUR_FOR_USER,    /* the same, or else the one that has been STALE for longest */
};

/*
 * A new entry, INCOMPLETE, without a timer set. NULL: max_neighbours reached or no memory
 * (rte_errno).
 */
struct neighbour *neighbour_create(struct vr *vr, const struct vr_interface *interface,
	const struct ip_address *address, enum neighbour_reason reason);

/* No route may lead to it. It is freed once workers have let go of its next hop. */
void neighbour_destroy(struct neighbour *neighbour);

/* Its state, or whether a route leads there, has changed: puts it where it belongs in the order. */
void neighbour_sort(struct neighbour *neighbour);

/*
 * The MAC is not known any more. Without routes via it nothing is left to keep. False, and nothing
 * has changed, when there is no memory for it.
 */
bool neighbour_forget(struct neighbour *neighbour);

/* neighbour.c: the deadline of the state has come. */
void neighbour_step(struct timer *timer, uint64_t now);

#endif
