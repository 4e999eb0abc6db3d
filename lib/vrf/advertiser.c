/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>

#include <rte_random.h>

#include "vrf/advertiser.h"
#include "vrf/control.h"
#include "vrf/nd_message.h"

#define SECOND UINT64_C(1000000000)

struct advertiser {
	struct timer timer;
	struct vr *vr;
	const struct vr_interface *interface;
	uint64_t last;   /* when the latest was sent; 0: none was */
	uint8_t initial; /* sent of the first ones */
};

static bool
send(struct advertiser *advertiser, uint16_t lifetime)
{
	const struct vr_interface *interface = advertiser->interface;
	struct vr *vr = advertiser->vr;
	struct rte_mbuf *mbuf;

	if (!interface->up || !vr_interface_may_use(interface, &interface->link_local) ||
		!control_may_send(vr))
		return false;
	mbuf = nd_advertise_router(vr->pool, interface, lifetime);
	if (mbuf == NULL)
		return false;
	control_send(vr, interface, mbuf);
	return true;
}

static uint64_t
interval(struct advertiser *advertiser)
{
	const struct vr_advertisement *what = advertiser->interface->advertisement;
	uint64_t shortest = what->min_interval * SECOND, longest = what->max_interval * SECOND;
	uint64_t chosen = shortest + rte_rand_max(longest - shortest + 1);

	if (advertiser->initial >= ADVERTISER_INITIAL)
		return chosen;
	advertiser->initial++;
	return RTE_MIN(chosen, ADVERTISER_INITIAL_INTERVAL);
}

static void
step(struct timer *timer, uint64_t now)
{
	struct advertiser *advertiser = RTE_PTR_SUB(timer, offsetof(struct advertiser, timer));
	uint16_t lifetime = advertiser->interface->advertisement->lifetime;
	struct timers *timers = &advertiser->vr->timers;

	/* The link is down, the link-local address may not be free, or the ring is full. */
	if (!send(advertiser, lifetime)) {
		timer_set(timers, timer, now + SECOND / 2);
		return;
	}
	advertiser->last = now;
	timer_set(timers, timer, now + interval(advertiser));
}

int
advertiser_add_all(struct vr *vr)
{
	vr->advertisers = calloc(vr->n_interfaces + 1u, sizeof(*vr->advertisers));
	if (vr->advertisers == NULL)
		return -ENOMEM;
	for (uint16_t i = 0; i < vr->n_interfaces; i++) {
		struct advertiser *advertiser = &vr->advertisers[vr->n_advertisers];

		if (vr->interfaces[i].advertisement == NULL)
			continue;
		advertiser->vr = vr;
		advertiser->interface = &vr->interfaces[i];
		if (timer_add(&vr->timers, &advertiser->timer, step) != 0)
			return -ENOMEM;
		vr->n_advertisers++;
		timer_set(&vr->timers, &advertiser->timer, 0);
	}
	return 0;
}

void
advertiser_free_all(struct vr *vr)
{
	free(vr->advertisers);
}

/* RFC 4861 6.2.6. */
static void
answer(struct advertiser *advertiser)
{
	struct vr *vr = advertiser->vr;
	uint64_t delay = rte_rand_max(ADVERTISER_ANSWER_DELAY);
	uint64_t at = vr->now + delay;

	/* The first one is on its way. */
	if (advertiser->last == 0)
		return;
	if (at < advertiser->last + ADVERTISER_MIN_DELAY)
		at = advertiser->last + ADVERTISER_MIN_DELAY + delay;
	if (at < advertiser->timer.deadline)
		timer_set(&vr->timers, &advertiser->timer, at);
}

void
advertiser_solicited(struct vr *vr, uint16_t interface)
{
	for (uint16_t i = 0; i < vr->n_advertisers; i++)
		if (vr->advertisers[i].interface->index == interface)
			answer(&vr->advertisers[i]);
}

void
advertiser_stop(struct vr *vr)
{
	for (uint16_t i = 0; i < vr->n_advertisers; i++)
		if (vr->advertisers[i].last != 0)
			send(&vr->advertisers[i], 0);
}
