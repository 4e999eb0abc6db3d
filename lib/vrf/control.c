/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_ring_elem.h>

#include "vrf/advertiser.h"
#include "vrf/control.h"
#include "vrf/neighbour.h"
#include "vrf/own_address.h"
#include "vrf/pipeline.h"
#include "vrf/tunnel.h"

/*
 * Punts and timers taken of one router at a visit, so that no router keeps the thread for itself.
 */
#define TICK UINT64_C(1000000000) /* ns */
#define PUNT_BURST 32
#define TIMER_BURST 256

void
control_drop(struct vr *vr, struct rte_mbuf *mbuf, uint8_t class, enum vr_drop reason)
{
	if (class == VR_CLASS_ORIGINATED)
		vr->instance->control_lost++;
	else
		vr->instance->control_dropped[reason]++;
	rte_pktmbuf_free(mbuf);
}

void
control_inject(struct vr *vr, struct vr_inject *element, enum vr_drop reason)
{
	if (rte_ring_sp_enqueue_elem(vr->instance->inject, element, sizeof(*element)) != 0)
		control_drop(vr, element->mbuf, element->class, reason);
}

bool
control_may_send(const struct vr *vr)
{
	return rte_ring_count(vr->instance->inject) < VR_INJECT_RING / 2;
}

void
control_send(struct vr *vr, const struct vr_interface *interface, struct rte_mbuf *mbuf)
{
	struct vr_inject element = { .mbuf = mbuf,
		.interface = interface->index,
		.code = VR_INJECT_FRAME,
		.class = VR_CLASS_ORIGINATED };

	control_inject(vr, &element, VR_DROP_NEIGHBOUR_QUEUE);
}

static void
take_punt(struct vr *vr, const struct vr_punt *punt)
{
	if (vr->stopping && punt->code == VR_PUNT_RESOLVE)
		control_drop(vr, punt->mbuf, punt->class, VR_DROP_STOPPED);
	if (vr->stopping)
		return;
	if (punt->code == VR_PUNT_CLAIMED)
		own_address_claimed(vr, punt);
	else if (punt->code == VR_PUNT_SOLICITED)
		advertiser_solicited(vr, punt->interface);
	else if (punt->code == VR_PUNT_TUNNEL_MTU)
		tunnel_mtu_told(vr, punt->tunnel.serial, punt->tunnel.mtu);
	else
		neighbour_punted(vr, punt);
}

bool
vr_poll(struct vr *vr, uint64_t now)
{
	struct vr_punt punt;

	vr->now = now;
	for (unsigned int i = 0; i < PUNT_BURST; i++) {
		if (rte_ring_sc_dequeue_elem(vr->instance->punt, &punt, sizeof(punt)) != 0)
			break;
		take_punt(vr, &punt);
	}
	if (now >= vr->next_tick) {
		vr->next_tick = now + TICK;
		vr_instance_tick(vr->instance);
	}
	if (!vr->stopping)
		timers_run(&vr->timers, now, TIMER_BURST);
	pipeline_poll(vr, now);
	return !rte_ring_empty(vr->instance->inject);
}

bool
vr_stop(struct vr *vr)
{
	if (!vr->stopping)
		advertiser_stop(vr);
	vr->stopping = true;
	neighbour_stop(vr);
	return !rte_ring_empty(vr->instance->inject);
}
