/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_random.h>
#include <rte_ring_elem.h>

#include "vrf/arp.h"
#include "vrf/instance.h"
#include "vrf/l2.h"
#include "vrf/nd.h"
#include "vrf/neighbour.h"
#include "vrf/table.h"

/* Punts taken from one router's ring at a visit, so that no router keeps the thread for itself. */
#define POLL_BURST 32
/* ns until a request is tried again for which there was no room. */
#define RETRY UINT64_C(1000000)

const char *
neighbour_state_name(enum neighbour_state state)
{
	static const char *const names[] = {
		[NEIGHBOUR_INCOMPLETE] = "incomplete",
		[NEIGHBOUR_REACHABLE] = "reachable",
		[NEIGHBOUR_PROBING] = "probing",
		[NEIGHBOUR_FAILED] = "failed",
		[NEIGHBOUR_STATIC] = "static",
	};

	return names[state];
}

/* Who may choose addresses should not know which of them meet in a bucket. */
static uint32_t
hash(const struct ip_address *address)
{
	static uint32_t seed;

	if (seed == 0)
		seed = (uint32_t)rte_rand() | 1;
	return ip_address_hash(address, seed);
}

struct neighbour *
neighbour_find(
	const struct vr *vr, const struct vr_interface *interface, const struct ip_address *address)
{
	bool of_link = ip_address_is_link_local(address);
	struct neighbour *neighbour;

	LIST_FOREACH(neighbour, &vr->neighbours[hash(address) & vr->neighbours_mask], link) {
		if (!ip_address_equal(&neighbour->address, address))
			continue;
		if (!of_link || (interface != NULL && interface->index == neighbour->interface))
			return neighbour;
	}
	return NULL;
}

void
neighbour_walk(const struct vr *vr, neighbour_fn fn, void *context)
{
	struct neighbour *neighbour;

	for (uint32_t i = 0; i <= vr->neighbours_mask; i++)
		LIST_FOREACH(neighbour, &vr->neighbours[i], link)
			if (!fn(neighbour, context))
				return;
}

/* Twice the buckets; without memory the lists just grow longer. */
static void
grow_buckets(struct vr *vr)
{
	uint32_t old_mask = vr->neighbours_mask;
	uint32_t mask = 2 * old_mask + 1;
	struct neighbour *neighbour;
	typeof(vr->neighbours) buckets = calloc(mask + 1, sizeof(*buckets));

	if (buckets == NULL)
		return;
	for (uint32_t i = 0; i <= old_mask; i++) {
		while ((neighbour = LIST_FIRST(&vr->neighbours[i])) != NULL) {
			LIST_REMOVE(neighbour, link);
			LIST_INSERT_HEAD(
				&buckets[hash(&neighbour->address) & mask], neighbour, link);
		}
	}
	free(vr->neighbours);
	vr->neighbours = buckets;
	vr->neighbours_mask = mask;
}

static void
schedule(struct neighbour *neighbour, uint64_t deadline)
{
	neighbour->deadline = deadline;
	if (deadline < neighbour->vr->next_deadline)
		neighbour->vr->next_deadline = deadline;
}

static rte_be16_t
ether_type_of(uint8_t family)
{
	return family == IP_FAMILY_IPV4 ? RTE_BE16(RTE_ETHER_TYPE_IPV4)
	                                : RTE_BE16(RTE_ETHER_TYPE_IPV6);
}

static int
publish(struct neighbour *neighbour, bool resolved)
{
	struct vr *vr = neighbour->vr;
	const struct vr_interface *interface = &vr->interfaces[neighbour->interface];
	struct next_hop *next_hop = vr_next_hop_new(
		vr, neighbour->index, resolved ? NEXT_HOP_NEIGHBOUR : NEXT_HOP_INCOMPLETE);

	if (next_hop == NULL)
		return -ENOMEM;
	next_hop->interface = interface->index;
	next_hop->port = interface->port;
	next_hop->mtu = interface->mtu;
	if (resolved)
		next_hop->l2_length = l2_write(next_hop->l2, interface, &neighbour->mac,
			ether_type_of(neighbour->address.family));
	else
		next_hop->address = neighbour->address;
	vr_next_hop_publish(vr, next_hop);
	return 0;
}

static struct neighbour *
create(struct vr *vr, const struct vr_interface *interface, const struct ip_address *address)
{
	struct neighbour *neighbour;

	rte_errno = ENOSPC;
	if (vr->n_neighbours >= vr->max_neighbours)
		return NULL;
	rte_errno = ENOMEM;
	neighbour = rte_zmalloc_socket("neighbour", sizeof(*neighbour), 0, vr->socket);
	if (neighbour == NULL)
		return NULL;
	neighbour->vr = vr;
	neighbour->address = *address;
	neighbour->interface = interface->index;
	neighbour->state = NEIGHBOUR_INCOMPLETE;
	neighbour->deadline = UINT64_MAX;
	neighbour->index = vr_next_hop_allocate(vr);
	if (neighbour->index == 0) {
		rte_free(neighbour);
		return NULL;
	}
	if (publish(neighbour, false) != 0) {
		vr_next_hop_release(vr, neighbour->index);
		rte_free(neighbour);
		return NULL;
	}
	vr->owners[neighbour->index].neighbour = neighbour;
	if (vr->n_neighbours > vr->neighbours_mask)
		grow_buckets(vr);
	LIST_INSERT_HEAD(&vr->neighbours[hash(address) & vr->neighbours_mask], neighbour, link);
	vr->n_neighbours++;
	return neighbour;
}

static void
drop_packet(struct vr *vr, struct rte_mbuf *mbuf, uint8_t class, enum vr_drop reason)
{
	if (class == VR_CLASS_ORIGINATED)
		vr->instance->control_lost++;
	else
		vr->instance->control_dropped[reason]++;
	rte_pktmbuf_free(mbuf);
}

/* Hands a packet to the router's worker; when the ring is full it is dropped here. */
static void
inject(struct vr *vr, struct vr_inject *element, enum vr_drop reason)
{
	if (rte_ring_sp_enqueue_elem(vr->instance->inject, element, sizeof(*element)) != 0)
		drop_packet(vr, element->mbuf, element->class, reason);
}

static void
release_waiting(struct neighbour *neighbour, enum vr_inject_code code, enum vr_drop reason)
{
	struct vr *vr = neighbour->vr;

	for (uint8_t i = 0; i < neighbour->n_waiting; i++) {
		struct vr_inject element = { .mbuf = neighbour->waiting[i].mbuf,
			.interface = neighbour->interface,
			.code = code,
			.class = neighbour->waiting[i].class,
			.reason = reason };

		inject(vr, &element, reason);
	}
	vr->n_waiting -= neighbour->n_waiting;
	neighbour->n_waiting = 0;
}

/*
 * False when there is no room now. Requests take no more than half of the ring, so that packets
 * whose neighbour is found get through.
 */
static bool
send_request(struct neighbour *neighbour, const struct rte_ether_addr *target)
{
	struct vr *vr = neighbour->vr;
	const struct vr_interface *interface = &vr->interfaces[neighbour->interface];
	struct vr_inject element = { .interface = neighbour->interface,
		.code = VR_INJECT_FRAME,
		.class = VR_CLASS_ORIGINATED };

	if (rte_ring_count(vr->instance->inject) >= VR_INJECT_RING / 2)
		return false;
	if (neighbour->address.family == IP_FAMILY_IPV4)
		element.mbuf = arp_request(vr->pool, interface, &neighbour->address, target);
	else
		element.mbuf = nd_solicit(vr->pool, interface, &neighbour->address, target);
	if (element.mbuf == NULL)
		return false;
	inject(vr, &element, VR_DROP_NEIGHBOUR_QUEUE);
	neighbour->requests++;
	return true;
}

/* False when there is no memory for the table without it: the route is still there. */
static bool
remove_host_route(struct neighbour *neighbour)
{
	struct ip_prefix host = ip_prefix_of_host(&neighbour->address);

	if (!neighbour->host_route)
		return true;
	if (table_delete(neighbour->vr, &host) != 0)
		return false;
	neighbour->host_route = false;
	neighbour->vr->n_uncounted[neighbour->address.family]--;
	return true;
}

/* Whether a connected subnet decides on the address, not a static route for a part of it. */
static bool
follows_subnet(const struct vr *vr, const struct ip_address *address)
{
	uint32_t index = table_cover(vr, address, ip_family_bits(address->family) - 1);

	return index >= NEXT_HOP_INDEX_INTERFACES &&
	       index - NEXT_HOP_INDEX_INTERFACES < vr->n_interfaces;
}

static void
add_host_route(struct neighbour *neighbour)
{
	struct ip_prefix host = ip_prefix_of_host(&neighbour->address);
	struct vr *vr = neighbour->vr;

	if (neighbour->host_route || ip_address_is_link_local(&neighbour->address) ||
		table_get(vr, &host) != LPM_NO_ROUTE || !follows_subnet(vr, &neighbour->address))
		return;
	if (table_add(vr, &host, neighbour->index) != 0)
		return;
	neighbour->host_route = true;
	vr->n_uncounted[neighbour->address.family]++;
}

static void
check_host_route(struct neighbour *neighbour)
{
	if (!follows_subnet(neighbour->vr, &neighbour->address))
		remove_host_route(neighbour);
	else if (neighbour->state == NEIGHBOUR_REACHABLE || neighbour->state == NEIGHBOUR_PROBING ||
		 neighbour->state == NEIGHBOUR_STATIC)
		add_host_route(neighbour);
}

void
neighbour_routes_changed(struct vr *vr, const struct ip_prefix *prefix)
{
	struct neighbour *neighbour;

	if (ip_prefix_is_host(prefix)) {
		neighbour = neighbour_find(vr, NULL, &prefix->address);
		if (neighbour != NULL)
			check_host_route(neighbour);
		return;
	}
	/* Neighbours are in subnets only. */
	if (vr_interface_towards(vr, &prefix->address) == NULL)
		return;
	for (uint32_t i = 0; i <= vr->neighbours_mask; i++)
		LIST_FOREACH(neighbour, &vr->neighbours[i], link)
			if (ip_prefix_covers(prefix, &neighbour->address))
				check_host_route(neighbour);
}

static void
free_retired(struct reclaim_node *node)
{
	struct neighbour *neighbour = RTE_PTR_SUB(node, offsetof(struct neighbour, reclaim));

	vr_next_hop_release(neighbour->vr, neighbour->index);
	rte_free(neighbour);
}

/* No route may lead to it. */
static void
destroy(struct neighbour *neighbour)
{
	struct vr *vr = neighbour->vr;

	LIST_REMOVE(neighbour, link);
	vr->n_neighbours--;
	if (neighbour->dynamic)
		vr->n_dynamic--;
	reclaim_retire(vr->reclaim, &neighbour->reclaim, free_retired);
}

/*
 * The MAC is not known any more. Without routes via it nothing is left to keep. False, and nothing
 * has changed, when there is no memory for it.
 */
static bool
forget(struct neighbour *neighbour)
{
	if (!remove_host_route(neighbour))
		return false;
	if (neighbour->n_routes == 0) {
		destroy(neighbour);
		return true;
	}
	publish(neighbour, false);
	neighbour->state = NEIGHBOUR_INCOMPLETE;
	neighbour->requests = 0;
	schedule(neighbour, UINT64_MAX);
	return true;
}

static void
resolved(struct neighbour *neighbour, const struct rte_ether_addr *mac, uint64_t now)
{
	bool was_known =
		neighbour->state == NEIGHBOUR_REACHABLE || neighbour->state == NEIGHBOUR_PROBING;

	if (!was_known || !rte_is_same_ether_addr(&neighbour->mac, mac)) {
		struct rte_ether_addr old = neighbour->mac;

		neighbour->mac = *mac;
		if (publish(neighbour, true) != 0) {
			neighbour->mac = old;
			return;
		}
	}
	neighbour->state = NEIGHBOUR_REACHABLE;
	neighbour->requests = 0;
	neighbour->updated = now;
	schedule(neighbour, now + neighbour->vr->neighbour_timeout);
	add_host_route(neighbour);
	release_waiting(neighbour, VR_INJECT_RESUME, VR_DROP_NEIGHBOUR_QUEUE);
}

static void
failed(struct neighbour *neighbour, uint64_t now)
{
	release_waiting(neighbour, VR_INJECT_DROP, VR_DROP_NEIGHBOUR_FAILED);
	/* If it stays, it leads to a next hop without a MAC, which is as good. */
	remove_host_route(neighbour);
	publish(neighbour, false);
	neighbour->state = NEIGHBOUR_FAILED;
	schedule(neighbour, now + NEIGHBOUR_PAUSE);
}

/* The deadline has come. */
static void
step(struct neighbour *neighbour, uint64_t now)
{
	bool asked;

	switch (neighbour->state) {
	case NEIGHBOUR_REACHABLE:
		neighbour->state = NEIGHBOUR_PROBING;
		neighbour->requests = 0;
		/* fall through */
	case NEIGHBOUR_PROBING:
	case NEIGHBOUR_INCOMPLETE:
		if (neighbour->requests >= NEIGHBOUR_REQUESTS) {
			failed(neighbour, now);
			return;
		}
		asked = send_request(
			neighbour, neighbour->state == NEIGHBOUR_PROBING ? &neighbour->mac : NULL);
		schedule(neighbour, now + (asked ? NEIGHBOUR_INTERVAL : RETRY));
		return;
	case NEIGHBOUR_FAILED:
		if (!forget(neighbour))
			schedule(neighbour, now + NEIGHBOUR_PAUSE);
		return;
	default:
		schedule(neighbour, UINT64_MAX);
	}
}

static void
hold_packet(struct neighbour *neighbour, struct rte_mbuf *mbuf, uint8_t class)
{
	struct vr *vr = neighbour->vr;

	if (neighbour->n_waiting == NEIGHBOUR_QUEUE || vr->n_waiting >= NEIGHBOUR_QUEUE_ALL) {
		drop_packet(vr, mbuf, class, VR_DROP_NEIGHBOUR_QUEUE);
		return;
	}
	neighbour->waiting[neighbour->n_waiting].mbuf = mbuf;
	neighbour->waiting[neighbour->n_waiting++].class = class;
	vr->n_waiting++;
}

static struct neighbour *
find_or_create_dynamic(
	struct vr *vr, const struct vr_interface *interface, const struct ip_address *address)
{
	struct neighbour *neighbour = neighbour_find(vr, interface, address);

	if (neighbour != NULL)
		return neighbour;
	neighbour = create(vr, interface, address);
	if (neighbour != NULL) {
		neighbour->dynamic = true;
		vr->n_dynamic++;
	}
	return neighbour;
}

static void
on_resolve(struct vr *vr, const struct vr_punt *punt, uint64_t now)
{
	const struct vr_interface *interface = &vr->interfaces[punt->interface];
	struct vr_inject element = { .mbuf = punt->mbuf,
		.interface = punt->interface,
		.code = VR_INJECT_RESUME,
		.class = punt->class };
	struct neighbour *neighbour;

	if (vr->stopping) {
		drop_packet(vr, punt->mbuf, punt->class, VR_DROP_STOPPED);
		return;
	}
	neighbour = find_or_create_dynamic(vr, interface, &punt->address);
	if (neighbour == NULL) {
		drop_packet(vr, punt->mbuf, punt->class, VR_DROP_NEIGHBOUR_LIMIT);
		return;
	}
	switch (neighbour->state) {
	case NEIGHBOUR_INCOMPLETE:
		hold_packet(neighbour, punt->mbuf, punt->class);
		if (neighbour->deadline == UINT64_MAX)
			step(neighbour, now);
		return;
	case NEIGHBOUR_FAILED:
		element.code = VR_INJECT_DROP;
		element.reason = VR_DROP_NEIGHBOUR_FAILED;
		inject(vr, &element, VR_DROP_NEIGHBOUR_FAILED);
		return;
	default:
		inject(vr, &element, VR_DROP_NEIGHBOUR_QUEUE);
	}
}

static void
on_learn(struct vr *vr, const struct vr_punt *punt, uint64_t now)
{
	const struct vr_interface *interface = &vr->interfaces[punt->interface];
	struct neighbour *neighbour = neighbour_find(vr, interface, &punt->address);

	if (vr->stopping)
		return;
	if (neighbour == NULL && punt->code == VR_PUNT_LEARN)
		neighbour = find_or_create_dynamic(vr, interface, &punt->address);
	if (neighbour == NULL || neighbour->interface != punt->interface ||
		neighbour->state == NEIGHBOUR_STATIC)
		return;
	/* What others were told completes nothing that was not asked for. */
	if (punt->code == VR_PUNT_HEARD && neighbour->state != NEIGHBOUR_REACHABLE &&
		neighbour->state != NEIGHBOUR_PROBING)
		return;
	resolved(neighbour, &punt->mac, now);
}

static void
poll_punts(struct vr *vr, uint64_t now)
{
	struct vr_punt punt;

	for (unsigned int i = 0; i < POLL_BURST; i++) {
		if (rte_ring_sc_dequeue_elem(vr->instance->punt, &punt, sizeof(punt)) != 0)
			return;
		if (punt.code == VR_PUNT_RESOLVE)
			on_resolve(vr, &punt, now);
		else
			on_learn(vr, &punt, now);
	}
}

static void
poll_timers(struct vr *vr, uint64_t now)
{
	struct neighbour *neighbour, *next;
	uint64_t earliest = UINT64_MAX;

	if (now < vr->next_deadline)
		return;
	for (uint32_t i = 0; i <= vr->neighbours_mask; i++) {
		for (neighbour = LIST_FIRST(&vr->neighbours[i]); neighbour != NULL;
			neighbour = next) {
			next = LIST_NEXT(neighbour, link);
			if (neighbour->deadline > now) {
				earliest = RTE_MIN(earliest, neighbour->deadline);
				continue;
			}
			vr->next_deadline = UINT64_MAX;
			step(neighbour, now);
			/* Its new deadline, if there is one, is the only one set since. */
			earliest = RTE_MIN(earliest, vr->next_deadline);
		}
	}
	vr->next_deadline = earliest;
}

bool
neighbour_poll(struct vr *vr, uint64_t now)
{
	poll_punts(vr, now);
	poll_timers(vr, now);
	return !rte_ring_empty(vr->instance->inject);
}

static int
fail(const struct vr *vr, const struct ip_address *address, const char *what, int code, char *error)
{
	char text[IP_ADDRESS_TEXT_SIZE];

	snprintf(error, VR_ERROR_SIZE, "router %s: neighbour %s: %s", vr->name,
		ip_address_text(address, text), what);
	return code;
}

static int
check_static(const struct vr *vr, const struct vr_interface *interface,
	const struct ip_address *address, const struct rte_ether_addr *mac,
	char error[VR_ERROR_SIZE])
{
	struct ip_prefix host = ip_prefix_of_host(address);
	char what[64];

	if (!rte_is_valid_assigned_ether_addr(mac))
		return fail(vr, address, "its MAC is a group address or all zeros", -EINVAL, error);
	if (vr_owns(vr, address) || vr_interface_has(interface, address))
		return fail(vr, address, "is the router's own address", -EINVAL, error);
	if (table_get(vr, &host) == NEXT_HOP_INDEX_BROADCAST)
		return fail(vr, address, "is the network or broadcast address of a subnet", -EINVAL,
			error);
	if (vr_interface_subnet(interface, address) == NULL) {
		snprintf(what, sizeof(what), "is on no subnet of interface %s", interface->name);
		return fail(vr, address, what, -ENETUNREACH, error);
	}
	return 0;
}

int
neighbour_add_static(struct vr *vr, const struct vr_interface *interface,
	const struct ip_address *address, const struct rte_ether_addr *mac,
	char error[VR_ERROR_SIZE])
{
	struct neighbour *neighbour;
	struct rte_ether_addr old_mac;
	uint16_t old_interface;
	bool made;
	int rc = check_static(vr, interface, address, mac, error);

	if (rc != 0)
		return rc;
	neighbour = neighbour_find(vr, interface, address);
	if (neighbour != NULL && neighbour->state == NEIGHBOUR_STATIC &&
		rte_is_same_ether_addr(&neighbour->mac, mac))
		return fail(vr, address, "exists already", -EEXIST, error);
	made = neighbour == NULL;
	if (made)
		neighbour = create(vr, interface, address);
	if (neighbour == NULL)
		return fail(vr, address,
			rte_errno == ENOSPC ? "max_neighbours reached" : "no memory", -rte_errno,
			error);
	old_mac = neighbour->mac;
	old_interface = neighbour->interface;
	neighbour->mac = *mac;
	neighbour->interface = interface->index;
	if (publish(neighbour, true) != 0) {
		neighbour->mac = old_mac;
		neighbour->interface = old_interface;
		if (made)
			destroy(neighbour);
		return fail(vr, address, "no memory", -ENOMEM, error);
	}
	if (neighbour->dynamic)
		vr->n_dynamic--;
	neighbour->dynamic = false;
	neighbour->state = NEIGHBOUR_STATIC;
	neighbour->deadline = UINT64_MAX;
	add_host_route(neighbour);
	release_waiting(neighbour, VR_INJECT_RESUME, VR_DROP_NEIGHBOUR_QUEUE);
	return 0;
}

int
neighbour_delete(struct vr *vr, const struct vr_interface *interface,
	const struct ip_address *address, char error[VR_ERROR_SIZE])
{
	struct neighbour *neighbour = neighbour_find(vr, interface, address);

	if (neighbour == NULL)
		return fail(vr, address, "is not known", -ENOENT, error);
	release_waiting(neighbour, VR_INJECT_DROP, VR_DROP_NEIGHBOUR_FAILED);
	return forget(neighbour) ? 0 : fail(vr, address, "no memory", -ENOMEM, error);
}

struct neighbour *
neighbour_hold(
	struct vr *vr, const struct vr_interface *interface, const struct ip_address *address)
{
	struct neighbour *neighbour = neighbour_find(vr, interface, address);

	if (neighbour == NULL)
		neighbour = create(vr, interface, address);
	if (neighbour != NULL)
		neighbour->n_routes++;
	return neighbour;
}

void
neighbour_release(struct neighbour *neighbour)
{
	if (neighbour == NULL || --neighbour->n_routes > 0)
		return;
	if (neighbour->state != NEIGHBOUR_INCOMPLETE || neighbour->deadline != UINT64_MAX)
		return;
	if (!forget(neighbour))
		schedule(neighbour, 0);
}

void
neighbour_stop(struct vr *vr)
{
	struct neighbour *neighbour;

	vr->stopping = true;
	for (uint32_t i = 0; i <= vr->neighbours_mask; i++) {
		LIST_FOREACH(neighbour, &vr->neighbours[i], link) {
			for (uint8_t k = 0; k < neighbour->n_waiting; k++)
				drop_packet(vr, neighbour->waiting[k].mbuf,
					neighbour->waiting[k].class, VR_DROP_STOPPED);
			vr->n_waiting -= neighbour->n_waiting;
			neighbour->n_waiting = 0;
		}
	}
	vr->next_deadline = UINT64_MAX;
}

void
neighbour_free_all(struct vr *vr)
{
	struct neighbour *neighbour;

	for (uint32_t i = 0; i <= vr->neighbours_mask; i++) {
		while ((neighbour = LIST_FIRST(&vr->neighbours[i])) != NULL) {
			LIST_REMOVE(neighbour, link);
			for (uint8_t k = 0; k < neighbour->n_waiting; k++)
				rte_pktmbuf_free(neighbour->waiting[k].mbuf);
			rte_free(neighbour);
		}
	}
}
