/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef WORKER_HANDOVER_H
#define WORKER_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>

#include "classify/feed.h"
#include "reclaim/reclaim.h"
#include "vrf/instance.h"

/*
 * Links: interfaces without a port, joined two and two. A frame that leaves by one end is pushed
 * into a feed of the router at the other end, by the worker that runs the sender and in its turn;
 * its own turn is all that the receiver pays for. The port of such an interface (vr_interface.port,
 * vr_tx.port) is the number of ports plus the index of the end.
 *
 * An end takes up what an interface on a port would: frames without a VLAN for its MAC or a group
 * address. What it would not is pushed too, as a kind that the receiver drops (packet.h): a frame
 * on a link has one sender and one receiver, and is always counted by both.
 *
 * Each worker has a table of the ends of routers that it runs, made anew by the control thread for
 * each change and swapped in one store.
 */

/* What is at the other end. */
struct handover_end {
	struct feed *feed;  /* filled by this worker only; NULL: nobody is there, or it is down */
	uint64_t mac;       /* as the first bytes of a frame for it, as an integer */
	uint64_t mac_mask;  /* of the 48 bits that are compared; 0: it takes frames for all */
	uint16_t interface; /* index in its router */
	uint16_t mtu;
	bool as_is; /* between a tunnel and its outer router: they say what each packet is */
};

struct handover_table {
	struct reclaim_node reclaim;
	uint32_t n;
	struct handover_end ends[];
};

/* `n` ends that lead nowhere. NULL when there is no memory. Control thread. */
struct handover_table *handover_table_create(uint32_t n, int socket);

/* Lets frames for this end go to an interface; `any_mac`: whoever they are for. */
void handover_table_set(struct handover_table *table, uint32_t end, struct feed *feed,
	const struct vr_interface *interface, bool any_mac);

/* Lets what is handed over at this end go to a router as it is. */
void handover_table_set_tunnel(struct handover_table *table, uint32_t end, struct feed *feed);

/* Frees it once no worker reads it any more. NULL is allowed. */
void handover_table_retire(struct handover_table *table, struct reclaim *reclaim);

/* Frees it now; no worker may be reading it. NULL is allowed. */
void handover_table_free(struct handover_table *table);

/*
 * Pushes the frames from `tx` on, up to `last`, that leave by the same end, whose index is `end`,
 * and gives the first that does not. The feed is put at the front of the list `touched` (linked by
 * feed.next_touched) unless it is on it; what was pushed is yet to be published. Frames that a full
 * feed refuses are freed and counted there, for the receiver; those that lead nowhere are taken
 * from what `vr`, the sender, has sent. NULL is a table without ends. Worker.
 */
const struct vr_tx *handover_push(const struct handover_table *table, uint32_t end,
	struct vr_instance *vr, const struct vr_tx *tx, const struct vr_tx *last,
	struct feed **touched);

#endif
