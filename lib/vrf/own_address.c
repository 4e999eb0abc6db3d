/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_random.h>

#include "vrf/arp.h"
#include "vrf/control.h"
#include "vrf/nd_message.h"
#include "vrf/own_address.h"
#include "vrf/tunnel.h"

enum phase {
	START,
	PROBING,
	ANNOUNCING,
	DONE,
};

struct own_address {
	struct timer timer;
	struct vr *vr;
	uint16_t interface;
	uint16_t index;
	uint8_t phase;
	uint8_t left;        /* messages of this phase still to be sent */
	uint64_t next_event; /* when a claim may be told of again */
};

const char *
own_address_state_name(enum own_address_state state)
{
	static const char *const names[] = {
		[OWN_ADDRESS_PREFERRED] = "preferred",
		[OWN_ADDRESS_TENTATIVE] = "tentative",
		[OWN_ADDRESS_DUPLICATE] = "duplicate",
	};

	return names[state];
}

static struct vr_interface *
interface_of(const struct own_address *own)
{
	return &own->vr->interfaces[own->interface];
}

static const struct ip_address *
address_of(const struct own_address *own)
{
	return &interface_of(own)->addresses[own->index].address;
}

static enum own_address_state
state_of(const struct own_address *own)
{
	return own_address_state(interface_of(own), own->index);
}

/* Workers look at the count first: it never tells fewer than there are. */
static void
set_state(struct own_address *own, enum own_address_state state)
{
	uint32_t unusable = own->vr->n_unusable - (state_of(own) != OWN_ADDRESS_PREFERRED) +
	                    (state != OWN_ADDRESS_PREFERRED);

	if (state != OWN_ADDRESS_PREFERRED)
		__atomic_store_n(&own->vr->n_unusable, unusable, __ATOMIC_RELEASE);
	__atomic_store_n(&interface_of(own)->address_states[own->index], state, __ATOMIC_RELEASE);
	__atomic_store_n(&own->vr->n_unusable, unusable, __ATOMIC_RELEASE);
}

static uint64_t
random_delay(const struct vr *vr)
{
	return rte_rand_max(
		RTE_MAX(OWN_ADDRESS_DELAY, OWN_ADDRESS_DELAY_EACH * vr->n_own_addresses));
}

static void
enter(struct own_address *own, enum phase phase, uint8_t messages, uint64_t deadline)
{
	own->phase = phase;
	own->left = messages;
	timer_set(&own->vr->timers, &own->timer, deadline);
}

static struct rte_mbuf *
make_message(const struct own_address *own)
{
	const struct vr_interface *interface = interface_of(own);
	const struct ip_address *address = address_of(own);
	struct rte_mempool *pool = own->vr->pool;

	if (own->phase == PROBING)
		return nd_solicit(pool, interface, NULL, address, NULL);
	if (address->family == IP_FAMILY_IPV4)
		return arp_request(pool, interface, address, address, NULL);
	return nd_announce(pool, interface, address);
}

/* The next message of the phase; what there is no room for is tried again. */
static void
send_message(struct own_address *own, uint64_t now, uint64_t interval)
{
	struct rte_mbuf *mbuf = control_may_send(own->vr) ? make_message(own) : NULL;

	if (mbuf == NULL) {
		timer_set(&own->vr->timers, &own->timer, now + CONTROL_RETRY);
		return;
	}
	control_send(own->vr, interface_of(own), mbuf);
	own->left--;
	timer_set(&own->vr->timers, &own->timer, now + interval);
}

static void
step(struct timer *timer, uint64_t now)
{
	struct own_address *own = RTE_PTR_SUB(timer, offsetof(struct own_address, timer));

	/* Nobody would hear it. When the interface is up it begins anew. */
	if (!interface_of(own)->up) {
		own->phase = START;
		return;
	}
	switch ((enum phase)own->phase) {
	case START:
		if (state_of(own) == OWN_ADDRESS_PREFERRED)
			enter(own, ANNOUNCING, OWN_ADDRESS_ANNOUNCEMENTS,
				now + random_delay(own->vr));
		else
			enter(own, PROBING, OWN_ADDRESS_PROBES, now + random_delay(own->vr));
		return;
	case PROBING:
		if (own->left > 0) {
			send_message(own, now, OWN_ADDRESS_PROBE_INTERVAL);
			return;
		}
		set_state(own, OWN_ADDRESS_PREFERRED);
		enter(own, ANNOUNCING, OWN_ADDRESS_ANNOUNCEMENTS, TIMER_UNSET);
		/* fall through */
	case ANNOUNCING:
		if (own->left > 0)
			send_message(own, now, OWN_ADDRESS_ANNOUNCE_INTERVAL);
		else
			own->phase = DONE;
		return;
	case DONE:
		return;
	}
}

static int
add(struct vr *vr, uint16_t interface, uint16_t index)
{
	struct own_address *own = &vr->own_addresses[vr->n_own_addresses];

	own->vr = vr;
	own->interface = interface;
	own->index = index;
	if (timer_add(&vr->timers, &own->timer, step) != 0)
		return -ENOMEM;
	vr->n_own_addresses++;
	/* The one other end has another. */
	if (tunnel_is_point_to_point(interface_of(own))) {
		own->phase = DONE;
		return 0;
	}
	if (address_of(own)->family == IP_FAMILY_IPV6)
		set_state(own, OWN_ADDRESS_TENTATIVE);
	/* As soon as the clock is known. */
	enter(own, START, 0, 0);
	return 0;
}

int
own_address_add_all(struct vr *vr)
{
	uint32_t n = 0;

	for (uint16_t i = 0; i < vr->n_interfaces; i++)
		n += vr->interfaces[i].n_addresses;
	vr->own_addresses = calloc(n + 1, sizeof(*vr->own_addresses));
	if (vr->own_addresses == NULL)
		return -ENOMEM;
	for (uint16_t i = 0; i < vr->n_interfaces; i++)
		for (uint16_t k = 0; k < vr->interfaces[i].n_addresses; k++)
			if (add(vr, i, k) != 0)
				return -ENOMEM;
	return 0;
}

void
own_address_free_all(struct vr *vr)
{
	free(vr->own_addresses);
}

void
own_address_restart(struct vr *vr, const struct vr_interface *interface)
{
	for (uint32_t i = 0; i < vr->n_own_addresses; i++) {
		struct own_address *own = &vr->own_addresses[i];

		if (own->interface != interface->index || tunnel_is_point_to_point(interface))
			continue;
		if (state_of(own) == OWN_ADDRESS_DUPLICATE)
			set_state(own, OWN_ADDRESS_TENTATIVE);
		enter(own, START, 0, 0);
	}
}

bool
own_address_settled(const struct vr *vr)
{
	for (uint32_t i = 0; i < vr->n_own_addresses; i++)
		if (vr->own_addresses[i].phase != DONE && interface_of(&vr->own_addresses[i])->up)
			return false;
	return true;
}

static struct own_address *
find(const struct vr *vr, uint16_t interface, const struct ip_address *address)
{
	for (uint32_t i = 0; i < vr->n_own_addresses; i++) {
		struct own_address *own = &vr->own_addresses[i];

		if (own->interface == interface && ip_address_equal(address_of(own), address))
			return own;
	}
	return NULL;
}

static void
tell(struct own_address *own, const struct rte_ether_addr *mac, const char *what)
{
	const struct vr *vr = own->vr;
	char address[IP_ADDRESS_TEXT_SIZE], text[VR_ERROR_SIZE];

	if (vr->now < own->next_event)
		return;
	own->next_event = vr->now + OWN_ADDRESS_EVENT_INTERVAL;
	snprintf(text, sizeof(text),
		"router %s: interface %s: %s is claimed by " RTE_ETHER_ADDR_PRT_FMT "%s", vr->name,
		interface_of(own)->name, ip_address_text(address_of(own), address),
		RTE_ETHER_ADDR_BYTES(mac), what);
	if (vr->event != NULL)
		vr->event(text, vr->event_context);
}

void
own_address_claimed(struct vr *vr, const struct vr_punt *punt)
{
	struct own_address *own = find(vr, punt->interface, &punt->address);

	if (own == NULL)
		return;
	if (state_of(own) != OWN_ADDRESS_TENTATIVE) {
		/* Who probes for an address in use is answered, which is no claim. */
		if (!(punt->flags & VR_TOLD_PROBE))
			tell(own, &punt->mac,
				state_of(own) == OWN_ADDRESS_DUPLICATE ? "; it stays unused" : "");
		return;
	}
	set_state(own, OWN_ADDRESS_DUPLICATE);
	enter(own, DONE, 0, TIMER_UNSET);
	tell(own, &punt->mac, "; it stays unused");
}
