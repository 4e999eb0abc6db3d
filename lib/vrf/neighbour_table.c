/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_random.h>

#include "vrf/neighbour_queue.h"
#include "vrf/neighbour_route.h"
#include "vrf/neighbour_table.h"
#include "vrf/tunnel.h"

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

/* How many entries without an answer packets may have made. */
static uint32_t
max_unresolved(const struct vr *vr)
{
	return RTE_MAX(
		vr->max_neighbours / NEIGHBOUR_UNRESOLVED_PART, (uint32_t)NEIGHBOUR_UNRESOLVED_MIN);
}

static bool
evict(struct neighbour *neighbour)
{
	if (neighbour == NULL || !neighbour_remove_route(neighbour))
		return false;
	neighbour_queue_drop(neighbour, VR_DROP_NEIGHBOUR_LIMIT);
	neighbour_destroy(neighbour);
	return true;
}

static bool
has_waited(const struct neighbour *neighbour)
{
	return neighbour != NULL && neighbour->vr->now - neighbour->created >= NEIGHBOUR_PATIENCE;
}

static bool
make_room(struct vr *vr, enum neighbour_reason reason)
{
	struct neighbour *unresolved = TAILQ_FIRST(&vr->unresolved);

	if (reason == NEIGHBOUR_FOR_PACKET) {
		if (vr->n_neighbours < vr->max_neighbours && vr->n_unresolved < max_unresolved(vr))
			return true;
		return has_waited(unresolved) && evict(unresolved);
	}
	if (vr->n_neighbours < vr->max_neighbours || evict(unresolved))
		return true;
	return reason == NEIGHBOUR_FOR_USER && evict(TAILQ_FIRST(&vr->stale));
}

static struct neighbour *
new_entry(struct vr *vr, const struct vr_interface *interface, const struct ip_address *address)
{
	struct neighbour *neighbour;

	neighbour = rte_zmalloc_socket("neighbour", sizeof(*neighbour), 0, vr->socket);
	if (neighbour == NULL)
		return NULL;
	neighbour->vr = vr;
	neighbour->address = *address;
	neighbour->interface = interface->index;
	neighbour->state =
		tunnel_is_point_to_point(interface) ? NEIGHBOUR_STATIC : NEIGHBOUR_INCOMPLETE;
	neighbour->created = vr->now;
	neighbour->index = vr_next_hop_allocate(vr);
	if (neighbour->index == 0) {
		rte_free(neighbour);
		return NULL;
	}
	if (neighbour_publish(neighbour, NEIGHBOUR_INCOMPLETE, NULL) != 0 ||
		timer_add(&vr->timers, &neighbour->timer, neighbour_step) != 0) {
		vr_next_hop_release(vr, neighbour->index);
		rte_free(neighbour);
		return NULL;
	}
	return neighbour;
}

struct neighbour *
neighbour_create(struct vr *vr, const struct vr_interface *interface,
	const struct ip_address *address, enum neighbour_reason reason)
{
	struct neighbour *neighbour;

	rte_errno = ENOSPC;
	if (!make_room(vr, reason))
		return NULL;
	rte_errno = ENOMEM;
	neighbour = new_entry(vr, interface, address);
	if (neighbour == NULL)
		return NULL;
	vr->owners[neighbour->index].neighbour = neighbour;
	if (vr->n_neighbours > vr->neighbours_mask)
		grow_buckets(vr);
	LIST_INSERT_HEAD(&vr->neighbours[hash(address) & vr->neighbours_mask], neighbour, link);
	vr->n_neighbours++;
	if (reason != NEIGHBOUR_FOR_USER) {
		neighbour->dynamic = true;
		vr->n_dynamic++;
	}
	neighbour_sort(neighbour);
	return neighbour;
}

static struct neighbour_list *
list_for(const struct neighbour *neighbour)
{
	struct vr *vr = neighbour->vr;

	if (!neighbour->dynamic || neighbour->n_routes > 0)
		return NULL;
	if (!neighbour_is_known(neighbour))
		return &vr->unresolved;
	return neighbour->state == NEIGHBOUR_STALE ? &vr->stale : NULL;
}

static void
put_in_list(struct neighbour *neighbour, struct neighbour_list *list)
{
	struct vr *vr = neighbour->vr;

	if (neighbour->list != NULL)
		TAILQ_REMOVE(neighbour->list, neighbour, order);
	vr->n_unresolved -= neighbour->list == &vr->unresolved;
	neighbour->list = list;
	vr->n_unresolved += list == &vr->unresolved;
	if (list != NULL)
		TAILQ_INSERT_TAIL(list, neighbour, order);
}

void
neighbour_sort(struct neighbour *neighbour)
{
	struct neighbour_list *list = list_for(neighbour);

	if (list != neighbour->list)
		put_in_list(neighbour, list);
}

static void
free_retired(struct reclaim_node *node)
{
	struct neighbour *neighbour = RTE_PTR_SUB(node, offsetof(struct neighbour, reclaim));

	vr_next_hop_release(neighbour->vr, neighbour->index);
	rte_free(neighbour);
}

void
neighbour_destroy(struct neighbour *neighbour)
{
	struct vr *vr = neighbour->vr;

	put_in_list(neighbour, NULL);
	timer_remove(&vr->timers, &neighbour->timer);
	LIST_REMOVE(neighbour, link);
	vr->n_neighbours--;
	if (neighbour->dynamic)
		vr->n_dynamic--;
	vr->owners[neighbour->index].neighbour = NULL;
	reclaim_retire(vr->reclaim, &neighbour->reclaim, free_retired);
}

bool
neighbour_forget(struct neighbour *neighbour)
{
	if (!neighbour_remove_route(neighbour))
		return false;
	if (neighbour->n_routes == 0) {
		neighbour_destroy(neighbour);
		return true;
	}
	/* Without memory the next hop stays what it was, until the next answer. */
	neighbour_publish(neighbour, NEIGHBOUR_INCOMPLETE, NULL);
	neighbour->state = NEIGHBOUR_INCOMPLETE;
	neighbour->created = neighbour->vr->now;
	neighbour->requests = 0;
	timer_set(&neighbour->vr->timers, &neighbour->timer, TIMER_UNSET);
	neighbour_sort(neighbour);
	return true;
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
