/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_random.h>

#include "vrf/arp.h"
#include "vrf/control.h"
#include "vrf/nd_message.h"
#include "vrf/neighbour_queue.h"
#include "vrf/neighbour_route.h"
#include "vrf/neighbour_table.h"

const char *
neighbour_state_name(enum neighbour_state state)
{
	static const char *const names[] = {
		[NEIGHBOUR_INCOMPLETE] = "incomplete",
		[NEIGHBOUR_REACHABLE] = "reachable",
		[NEIGHBOUR_STALE] = "stale",
		[NEIGHBOUR_DELAY] = "delay",
		[NEIGHBOUR_PROBE] = "probe",
		[NEIGHBOUR_FAILED] = "failed",
		[NEIGHBOUR_STATIC] = "static",
	};

	return names[state];
}

static void
schedule(struct neighbour *neighbour, uint64_t deadline)
{
	timer_set(&neighbour->vr->timers, &neighbour->timer, deadline);
}

/* False, and nothing has changed, when there is no memory for it. */
static bool
become(struct neighbour *neighbour, enum neighbour_state state, const struct rte_ether_addr *mac,
	uint64_t deadline)
{
	if (neighbour_publish(neighbour, state, mac) != 0)
		return false;
	neighbour->mac = *mac;
	neighbour->state = state;
	neighbour->requests = 0;
	schedule(neighbour, deadline);
	neighbour_sort(neighbour);
	return true;
}

/* False when there is no room now. */
static bool
send_request(struct neighbour *neighbour, const struct rte_ether_addr *target)
{
	struct vr *vr = neighbour->vr;
	const struct vr_interface *interface = &vr->interfaces[neighbour->interface];
	const struct ip_address *source = vr_interface_source(interface, &neighbour->address);
	struct rte_mbuf *mbuf;

	if (!control_may_send(vr))
		return false;
	/* Without an address to ask from it goes unanswered. */
	if (source != NULL) {
		if (neighbour->address.family == IP_FAMILY_IPV4)
			mbuf = arp_request(
				vr->pool, interface, source, &neighbour->address, target);
		else
			mbuf = nd_solicit(vr->pool, interface, source, &neighbour->address, target);
		if (mbuf == NULL)
			return false;
		control_send(vr, interface, mbuf);
	}
	neighbour->requests++;
	return true;
}

static void
fail(struct neighbour *neighbour, uint64_t now)
{
	neighbour_queue_release(neighbour, VR_INJECT_DROP, VR_DROP_NEIGHBOUR_FAILED);
	/* If it stays, it leads to a next hop without a MAC, which is as good. */
	neighbour_remove_route(neighbour);
	neighbour_publish(neighbour, NEIGHBOUR_FAILED, NULL);
	neighbour->state = NEIGHBOUR_FAILED;
	schedule(neighbour, now + NEIGHBOUR_PAUSE);
	neighbour_sort(neighbour);
}

/* The next request, or the end of asking. */
static void
ask(struct neighbour *neighbour, uint64_t now)
{
	bool asked;

	if (neighbour->requests >= NEIGHBOUR_REQUESTS) {
		fail(neighbour, now);
		return;
	}
	asked = send_request(
		neighbour, neighbour->state == NEIGHBOUR_PROBE ? &neighbour->mac : NULL);
	schedule(neighbour, now + (asked ? NEIGHBOUR_INTERVAL : CONTROL_RETRY));
}

static void
make_stale(struct neighbour *neighbour, uint64_t now)
{
	if (!become(neighbour, NEIGHBOUR_STALE, &neighbour->mac,
		    now + neighbour->vr->neighbour_timeout))
		schedule(neighbour, now + NEIGHBOUR_INTERVAL);
}

/* Nobody has used it for long. One that routes lead to is kept for them. */
static void
collect(struct neighbour *neighbour, uint64_t now)
{
	if (neighbour->n_routes > 0 || !neighbour_forget(neighbour))
		schedule(neighbour, now + neighbour->vr->neighbour_timeout);
}

void
neighbour_step(struct timer *timer, uint64_t now)
{
	struct neighbour *neighbour = RTE_PTR_SUB(timer, offsetof(struct neighbour, timer));

	switch ((enum neighbour_state)neighbour->state) {
	case NEIGHBOUR_REACHABLE:
		make_stale(neighbour, now);
		return;
	case NEIGHBOUR_STALE:
		collect(neighbour, now);
		return;
	case NEIGHBOUR_DELAY:
		neighbour->state = NEIGHBOUR_PROBE;
		neighbour->requests = 0;
		/* fall through */
	case NEIGHBOUR_PROBE:
	case NEIGHBOUR_INCOMPLETE:
		ask(neighbour, now);
		return;
	case NEIGHBOUR_FAILED:
		if (!neighbour_forget(neighbour))
			schedule(neighbour, now + NEIGHBOUR_PAUSE);
		return;
	case NEIGHBOUR_STATIC:
		return;
	}
}

/* Somewhere between half of the base and one and a half (RFC 4861 6.3.2). */
static uint64_t
reachable_time(void)
{
	return NEIGHBOUR_REACHABLE_TIME / 2 + rte_rand_max(NEIGHBOUR_REACHABLE_TIME);
}

/* Its MAC has become known, whether it answered or not. */
static void
learn(struct neighbour *neighbour, const struct rte_ether_addr *mac, bool confirmed)
{
	uint64_t now = neighbour->vr->now;

	if (!become(neighbour, confirmed ? NEIGHBOUR_REACHABLE : NEIGHBOUR_STALE, mac,
		    now + (confirmed ? reachable_time() : neighbour->vr->neighbour_timeout)))
		return;
	neighbour->updated = now;
	neighbour_add_route(neighbour);
	neighbour_queue_release(neighbour, VR_INJECT_RESUME, VR_DROP_NEIGHBOUR_QUEUE);
}

/* A packet has no MAC to go to. */
static void
on_resolve(struct vr *vr, const struct vr_punt *punt)
{
	const struct vr_interface *interface = &vr->interfaces[punt->interface];
	struct vr_inject element = { .mbuf = punt->mbuf,
		.interface = punt->interface,
		.code = VR_INJECT_RESUME,
		.class = punt->class };
	struct neighbour *neighbour = neighbour_find(vr, interface, &punt->address);

	if (neighbour == NULL)
		neighbour = neighbour_create(vr, interface, &punt->address, NEIGHBOUR_FOR_PACKET);
	if (neighbour == NULL) {
		control_drop(vr, punt->mbuf, punt->class, VR_DROP_NEIGHBOUR_LIMIT);
		return;
	}
	switch ((enum neighbour_state)neighbour->state) {
	case NEIGHBOUR_INCOMPLETE:
		neighbour_queue_packet(neighbour, punt->mbuf, punt->class);
		if (neighbour->timer.deadline == TIMER_UNSET)
			ask(neighbour, vr->now);
		return;
	case NEIGHBOUR_FAILED:
		element.code = VR_INJECT_DROP;
		element.reason = VR_DROP_NEIGHBOUR_FAILED;
		control_inject(vr, &element, VR_DROP_NEIGHBOUR_FAILED);
		return;
	default:
		control_inject(vr, &element, VR_DROP_NEIGHBOUR_QUEUE);
	}
}

/* The neighbour that a message is from, if what it says counts. */
static struct neighbour *
teller(const struct vr *vr, const struct vr_punt *punt)
{
	struct neighbour *neighbour =
		neighbour_find(vr, &vr->interfaces[punt->interface], &punt->address);

	if (neighbour == NULL || neighbour->interface != punt->interface ||
		neighbour->state == NEIGHBOUR_STATIC)
		return NULL;
	return neighbour;
}

/* It asked for us, and told its own MAC (RFC 4861 7.2.3, RFC 826). */
static void
on_asked(struct vr *vr, const struct vr_punt *punt)
{
	const struct vr_interface *interface = &vr->interfaces[punt->interface];
	struct neighbour *neighbour = teller(vr, punt);
	bool made = false;

	if (neighbour == NULL) {
		if (neighbour_find(vr, interface, &punt->address) != NULL)
			return;
		neighbour = neighbour_create(vr, interface, &punt->address, NEIGHBOUR_FOR_MESSAGE);
		if (neighbour == NULL)
			return;
		made = true;
	}
	if (!neighbour_is_known(neighbour) || !rte_is_same_ether_addr(&neighbour->mac, &punt->mac))
		learn(neighbour, &punt->mac, false);
	if (made && !neighbour_is_known(neighbour))
		neighbour_destroy(neighbour);
}

/* An answer, or an announcement (RFC 4861 7.2.5). It makes no entry. */
static void
on_advertised(struct vr *vr, const struct vr_punt *punt)
{
	struct neighbour *neighbour = teller(vr, punt);
	bool solicited = punt->flags & VR_TOLD_SOLICITED;
	bool other_mac;

	if (neighbour == NULL)
		return;
	if (!neighbour_is_known(neighbour)) {
		if (!(punt->flags & VR_TOLD_MAC))
			return;
		neighbour->is_router = punt->flags & VR_TOLD_ROUTER;
		learn(neighbour, &punt->mac, solicited);
		return;
	}
	other_mac =
		(punt->flags & VR_TOLD_MAC) && !rte_is_same_ether_addr(&neighbour->mac, &punt->mac);
	if (other_mac && !(punt->flags & VR_TOLD_OVERRIDE)) {
		if (neighbour->state == NEIGHBOUR_REACHABLE)
			make_stale(neighbour, vr->now);
		return;
	}
	neighbour->is_router = punt->flags & VR_TOLD_ROUTER;
	if (solicited || other_mac)
		learn(neighbour, other_mac ? &punt->mac : &neighbour->mac, solicited);
}

/* It was told to others: this completes nothing that was not known (RFC 826 has it so, too). */
static void
on_heard(struct vr *vr, const struct vr_punt *punt)
{
	struct neighbour *neighbour = teller(vr, punt);

	if (neighbour != NULL && neighbour_is_known(neighbour))
		on_advertised(vr, punt);
}

/* A packet has gone to a neighbour that was STALE. */
static void
on_used(struct vr *vr, const struct vr_punt *punt)
{
	const struct next_hop *next_hop = vr->next_hops[punt->next_hop];
	struct neighbour *neighbour = vr->owners[punt->next_hop].neighbour;

	/* By now the place may be another's, whom it does not hurt to be asked. */
	if (next_hop->type != NEXT_HOP_STALE || neighbour == NULL ||
		neighbour->state != NEIGHBOUR_STALE)
		return;
	if (!become(neighbour, NEIGHBOUR_DELAY, &neighbour->mac, vr->now + NEIGHBOUR_DELAY_TIME))
		schedule(neighbour, vr->now + neighbour->vr->neighbour_timeout);
}

void
neighbour_punted(struct vr *vr, const struct vr_punt *punt)
{
	switch ((enum vr_punt_code)punt->code) {
	case VR_PUNT_RESOLVE:
		on_resolve(vr, punt);
		return;
	case VR_PUNT_ASKED:
		on_asked(vr, punt);
		return;
	case VR_PUNT_ADVERTISED:
		on_advertised(vr, punt);
		return;
	case VR_PUNT_HEARD:
		on_heard(vr, punt);
		return;
	case VR_PUNT_USED:
		on_used(vr, punt);
		return;
	default:
		return;
	}
}

static bool
drop_waiting(const struct neighbour *neighbour, void *context)
{
	(void)context;
	neighbour_queue_drop((struct neighbour *)(uintptr_t)neighbour, VR_DROP_STOPPED);
	return true;
}

void
neighbour_stop(struct vr *vr)
{
	neighbour_walk(vr, drop_waiting, NULL);
}
