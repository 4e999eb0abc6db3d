/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "vrf/multipath.h"
#include "vrf/neighbour.h"
#include "vrf/rib.h"
#include "vrf/table.h"

#define BUCKETS_MIN 16

static uint32_t
bucket_of(const struct ip_prefix *prefix, uint32_t mask)
{
	return ip_prefix_hash(prefix, 0) & mask;
}

/* The next of the routes to the prefix behind `route`, or the first. */
static struct rib_route *
next_to(const struct vr *vr, const struct ip_prefix *prefix, const struct rib_route *route)
{
	struct rib_route *next;

	if (vr->rib == NULL)
		return NULL;
	next = route != NULL ? LIST_NEXT(route, link)
	                     : LIST_FIRST(&vr->rib[bucket_of(prefix, vr->rib_mask)]);
	while (next != NULL && !ip_prefix_equal(&next->prefix, prefix))
		next = LIST_NEXT(next, link);
	return next;
}

static struct rib_route *
find(const struct vr *vr, const struct rib_route *wanted)
{
	struct rib_route *route = NULL;

	while ((route = next_to(vr, &wanted->prefix, route)) != NULL)
		if (route->source == wanted->source && route->distance == wanted->distance)
			return route;
	return NULL;
}

/* Twice the buckets where lists grow long. Without memory they do. */
static void
grow(struct vr *vr)
{
	uint32_t mask = vr->rib == NULL ? BUCKETS_MIN - 1 : 2 * vr->rib_mask + 1;
	struct rib_route *route;
	typeof(vr->rib) buckets;

	if (vr->rib != NULL && vr->n_rib <= vr->rib_mask)
		return;
	buckets = calloc(mask + 1u, sizeof(*buckets));
	if (buckets == NULL)
		return;
	for (uint32_t i = 0; vr->rib != NULL && i <= vr->rib_mask; i++) {
		while ((route = LIST_FIRST(&vr->rib[i])) != NULL) {
			LIST_REMOVE(route, link);
			LIST_INSERT_HEAD(&buckets[bucket_of(&route->prefix, mask)], route, link);
		}
	}
	free(vr->rib);
	vr->rib = buckets;
	vr->rib_mask = mask;
}

static struct rib_route *
insert(struct vr *vr, const struct rib_route *route)
{
	struct rib_route *copy = malloc(sizeof(*copy));

	grow(vr);
	if (copy == NULL || vr->rib == NULL) {
		free(copy);
		return NULL;
	}
	*copy = *route;
	LIST_INSERT_HEAD(&vr->rib[bucket_of(&route->prefix, vr->rib_mask)], copy, link);
	vr->n_rib++;
	if (!copy->active)
		vr->n_standby[copy->prefix.address.family]++;
	return copy;
}

static void
take_out(struct vr *vr, struct rib_route *route)
{
	LIST_REMOVE(route, link);
	vr->n_rib--;
	if (!route->active)
		vr->n_standby[route->prefix.address.family]--;
}

static void
set_active(struct vr *vr, struct rib_route *route, bool active)
{
	if (route->active == active)
		return;
	route->active = active;
	vr->n_standby[route->prefix.address.family] += active ? -1 : 1;
}

static uint8_t
own_distance(uint8_t source)
{
	return source == VR_SOURCE_CONNECTED ? VR_DISTANCE_CONNECTED : VR_DISTANCE_STATIC;
}

static bool
is_host_route(const struct vr *vr, const struct ip_prefix *prefix, uint32_t index)
{
	const struct neighbour *neighbour = vr->owners[index].neighbour;

	return ip_prefix_is_host(prefix) && neighbour != NULL &&
	       vr->next_hops[index]->type != NEXT_HOP_GROUP &&
	       ip_address_equal(&neighbour->address, &prefix->address);
}

/* The table's route to the prefix, where that is one of those kept here. */
static bool
read_table(const struct vr *vr, const struct ip_prefix *prefix, struct rib_route *route)
{
	uint32_t index = table_get(vr, prefix);
	bool connected;

	if (index == LPM_NO_ROUTE || index == NEXT_HOP_INDEX_LOCAL ||
		index == NEXT_HOP_INDEX_BROADCAST || is_host_route(vr, prefix, index))
		return false;
	connected = vr->next_hops[index]->type == NEXT_HOP_CONNECTED;
	*route = (struct rib_route){ .prefix = *prefix,
		.source = connected ? VR_SOURCE_CONNECTED : VR_SOURCE_STATIC,
		.active = true,
		.index = index };
	route->distance = own_distance(route->source);
	return true;
}

unsigned int
rib_candidates(const struct vr *vr, const struct ip_prefix *prefix,
	struct rib_route candidates[RIB_CANDIDATES_MAX])
{
	const struct rib_route *route = NULL;
	unsigned int n = 0;

	while ((route = next_to(vr, prefix, route)) != NULL)
		candidates[n++] = *route;
	if (n == 0 && read_table(vr, prefix, &candidates[0]))
		n = 1;
	return n;
}

bool
rib_usable(const struct vr *vr, uint32_t index)
{
	const struct next_hop *next_hop = vr->next_hops[index];

	switch ((enum next_hop_type)next_hop->type) {
	case NEXT_HOP_NEIGHBOUR:
	case NEXT_HOP_STALE:
	case NEXT_HOP_INCOMPLETE:
	case NEXT_HOP_CONNECTED:
		return vr->interfaces[next_hop->interface].up;
	case NEXT_HOP_GROUP:
		return multipath_usable(vr->owners[index].multipath);
	case NEXT_HOP_NO_ROUTE:
		/* Several gateways none of which has ever been up. */
		return vr->owners[index].multipath != NULL &&
		       multipath_usable(vr->owners[index].multipath);
	default:
		return true;
	}
}

static struct rib_route *
nearest(const struct vr *vr, const struct ip_prefix *prefix)
{
	struct rib_route *route = NULL, *best = NULL;

	while ((route = next_to(vr, prefix, route)) != NULL)
		if (rib_usable(vr, route->index) && (best == NULL || route->distance < best->distance))
			best = route;
	return best;
}

/* A route for the neighbour's own address takes the place of its host route. */
static void
forget_host_route(struct vr *vr, const struct ip_prefix *prefix)
{
	struct neighbour *neighbour;

	if (!ip_prefix_is_host(prefix))
		return;
	neighbour = neighbour_find(vr, NULL, &prefix->address);
	if (neighbour == NULL || !neighbour->host_route)
		return;
	neighbour->host_route = false;
	vr->n_uncounted[prefix->address.family]--;
}

static int
put_in_table(struct vr *vr, const struct ip_prefix *prefix, uint32_t index)
{
	int rc = table_add(vr, prefix, index);

	if (rc != 0)
		return rc;
	forget_host_route(vr, prefix);
	if (!ip_prefix_is_host(prefix))
		neighbour_routes_changed(vr, prefix);
	return 0;
}

static int
take_from_table(struct vr *vr, const struct ip_prefix *prefix)
{
	struct rib_route held;
	int rc;

	if (!read_table(vr, prefix, &held))
		return 0;
	rc = table_delete(vr, prefix);
	if (rc == 0)
		neighbour_routes_changed(vr, prefix);
	return rc;
}

/* Makes the table agree with the routes to the prefix, of which there are some or were. */
static int
choose(struct vr *vr, const struct ip_prefix *prefix)
{
	struct rib_route *best = nearest(vr, prefix), *route = NULL;
	struct rib_route held;
	int rc = 0;

	if (best == NULL)
		rc = take_from_table(vr, prefix);
	else if (!read_table(vr, prefix, &held) || held.index != best->index)
		rc = put_in_table(vr, prefix, best->index);
	if (rc != 0)
		return rc;
	while ((route = next_to(vr, prefix, route)) != NULL)
		set_active(vr, route, route == best);
	return 0;
}

/* One route, of its own distance and in the table: that says it all. */
static void
collapse(struct vr *vr, const struct ip_prefix *prefix)
{
	struct rib_route *route = next_to(vr, prefix, NULL);

	if (route == NULL || next_to(vr, prefix, route) != NULL || !route->active ||
		route->distance != own_distance(route->source))
		return;
	take_out(vr, route);
	free(route);
}

/* What only the table tells gets its struct. */
static int
expand(struct vr *vr, const struct ip_prefix *prefix)
{
	struct rib_route route;

	if (next_to(vr, prefix, NULL) != NULL || !read_table(vr, prefix, &route))
		return 0;
	return insert(vr, &route) == NULL ? -ENOMEM : 0;
}

int
rib_add(struct vr *vr, const struct rib_route *wanted)
{
	struct rib_route candidates[RIB_CANDIDATES_MAX];
	const struct ip_prefix *prefix = &wanted->prefix;
	unsigned int n = rib_candidates(vr, prefix, candidates);
	struct rib_route *route;
	int rc;

	if (n == RIB_CANDIDATES_MAX || rib_count(vr, prefix->address.family) >= vr->max_routes)
		return -ENOSPC;
	if (n == 0 && wanted->distance == own_distance(wanted->source) && rib_usable(vr, wanted->index))
		return put_in_table(vr, prefix, wanted->index);
	if (expand(vr, prefix) != 0)
		return -ENOMEM;
	route = insert(vr, wanted);
	rc = route == NULL ? -ENOMEM : choose(vr, prefix);
	if (rc != 0 && route != NULL) {
		take_out(vr, route);
		free(route);
	}
	collapse(vr, prefix);
	return rc;
}

int
rib_replace(struct vr *vr, const struct rib_route *wanted, uint32_t index)
{
	const struct ip_prefix *prefix = &wanted->prefix;
	struct rib_route *route;
	uint32_t old;
	int rc;

	if (expand(vr, prefix) != 0)
		return -ENOMEM;
	route = find(vr, wanted);
	old = route->index;
	route->index = index;
	rc = choose(vr, prefix);
	if (rc != 0)
		route->index = old;
	collapse(vr, prefix);
	return rc;
}

int
rib_remove(struct vr *vr, const struct rib_route *wanted)
{
	const struct ip_prefix *prefix = &wanted->prefix;
	struct rib_route *route = find(vr, wanted);
	int rc;

	if (route == NULL)
		return take_from_table(vr, prefix);
	take_out(vr, route);
	rc = choose(vr, prefix);
	if (rc != 0) {
		LIST_INSERT_HEAD(&vr->rib[bucket_of(prefix, vr->rib_mask)], route, link);
		vr->n_rib++;
		if (!route->active)
			vr->n_standby[prefix->address.family]++;
		return rc;
	}
	free(route);
	collapse(vr, prefix);
	return 0;
}

/* Prefixes that are to be chosen for again. */
struct affected {
	const struct vr *vr;
	struct ip_prefix *prefixes; /* NULL: only counted */
	size_t n;
};

static void
note(struct affected *affected, const struct ip_prefix *prefix)
{
	if (affected->prefixes != NULL)
		affected->prefixes[affected->n] = *prefix;
	affected->n++;
}

static bool
note_unusable(const struct ip_prefix *prefix, uint32_t index, void *context)
{
	struct affected *affected = context;

	if (!rib_usable(affected->vr, index) && !is_host_route(affected->vr, prefix, index))
		note(affected, prefix);
	return true;
}

static void
note_all(struct affected *affected)
{
	static const struct ip_prefix first = { .address.family = IP_FAMILY_IPV4 };
	const struct vr *vr = affected->vr;
	const struct rib_route *route;

	affected->n = 0;
	table_walk_from(vr, &first, note_unusable, affected);
	for (uint32_t i = 0; vr->rib != NULL && i <= vr->rib_mask; i++)
		LIST_FOREACH(route, &vr->rib[i], link)
			note(affected, &route->prefix);
}

int
rib_interfaces_changed(struct vr *vr)
{
	struct affected affected = { .vr = vr };
	int rc = 0;

	note_all(&affected);
	affected.prefixes = calloc(affected.n + 1, sizeof(*affected.prefixes));
	if (affected.prefixes == NULL)
		return -ENOMEM;
	note_all(&affected);
	for (size_t i = 0; i < affected.n; i++) {
		if (expand(vr, &affected.prefixes[i]) != 0 ||
			choose(vr, &affected.prefixes[i]) != 0)
			rc = -ENOMEM;
		collapse(vr, &affected.prefixes[i]);
	}
	free(affected.prefixes);
	return rc;
}

static int
compare(const void *a, const void *b)
{
	const struct rib_route *left = a, *right = b;
	int order = memcmp(&left->prefix, &right->prefix, sizeof(left->prefix));

	return order != 0 ? order : (int)left->distance - (int)right->distance;
}

struct rib_route *
rib_standby(const struct vr *vr, uint32_t *n)
{
	struct rib_route *routes = calloc(vr->n_rib + 1u, sizeof(*routes));
	const struct rib_route *route;

	*n = 0;
	if (routes == NULL)
		return NULL;
	for (uint32_t i = 0; vr->rib != NULL && i <= vr->rib_mask; i++)
		LIST_FOREACH(route, &vr->rib[i], link)
			if (!route->active)
				routes[(*n)++] = *route;
	qsort(routes, *n, sizeof(*routes), compare);
	return routes;
}

void
rib_free_all(struct vr *vr)
{
	struct rib_route *route;

	for (uint32_t i = 0; vr->rib != NULL && i <= vr->rib_mask; i++) {
		while ((route = LIST_FIRST(&vr->rib[i])) != NULL) {
			LIST_REMOVE(route, link);
			free(route);
		}
	}
	free(vr->rib);
}
