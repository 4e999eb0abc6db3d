/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "vrf/control.h"
#include "vrf/neighbour_queue.h"

void
neighbour_queue_packet(struct neighbour *neighbour, struct rte_mbuf *mbuf, uint8_t class)
{
	struct vr *vr = neighbour->vr;

	if (neighbour->n_waiting == NEIGHBOUR_QUEUE || vr->n_waiting >= NEIGHBOUR_QUEUE_ALL) {
		control_drop(vr, mbuf, class, VR_DROP_NEIGHBOUR_QUEUE);
		return;
	}
	neighbour->waiting[neighbour->n_waiting].mbuf = mbuf;
	neighbour->waiting[neighbour->n_waiting++].class = class;
	vr->n_waiting++;
}

static void
empty(struct neighbour *neighbour)
{
	neighbour->vr->n_waiting -= neighbour->n_waiting;
	neighbour->n_waiting = 0;
}

void
neighbour_queue_release(struct neighbour *neighbour, enum vr_inject_code code, enum vr_drop reason)
{
	for (uint8_t i = 0; i < neighbour->n_waiting; i++) {
		struct vr_inject element = { .mbuf = neighbour->waiting[i].mbuf,
			.interface = neighbour->interface,
			.code = code,
			.class = neighbour->waiting[i].class,
			.reason = reason };

		control_inject(neighbour->vr, &element, reason);
	}
	empty(neighbour);
}

void
neighbour_queue_drop(struct neighbour *neighbour, enum vr_drop reason)
{
	for (uint8_t i = 0; i < neighbour->n_waiting; i++)
		control_drop(neighbour->vr, neighbour->waiting[i].mbuf, neighbour->waiting[i].class,
			reason);
	empty(neighbour);
}
