/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_errno.h>

#include "vrf/error.h"
#include "vrf/multipath.h"
#include "vrf/neighbour.h"
#include "vrf/rib.h"
#include "vrf/route_view.h"
#include "vrf/table.h"

/* The interface that a gateway is on; NULL: none, or it is link-local and nobody said. */
static const struct vr_interface *
via_interface(
	const struct vr *vr, const struct ip_address *via, const struct vr_interface *interface)
{
	return ip_address_is_link_local(via) ? interface : vr_interface_towards(vr, via);
}

static int
check_link_local_via(const struct vr *vr, const struct ip_address *via,
	const struct vr_interface *interface, char error[VR_ERROR_SIZE])
{
	char text[IP_ADDRESS_TEXT_SIZE];

	ip_address_text(via, text);
	if (interface == NULL)
		return error_set(error, -EINVAL,
			"router %s: next hop %s is on every link: say on which, as %s%%INTERFACE",
			vr->name, text, text);
	if (!interface->ipv6)
		return error_set(error, -ENETUNREACH,
			"router %s: next hop %s: interface %s has no IPv6 address", vr->name, text,
			interface->name);
	if (ip_address_equal(via, &interface->link_local))
		return error_set(error, -EINVAL,
			"router %s: next hop %s is the router's own address", vr->name, text);
	return 0;
}

static int
check_via(const struct vr *vr, const struct ip_prefix *prefix, const struct ip_address *via,
	const struct vr_interface *given, char error[VR_ERROR_SIZE])
{
	const struct vr_interface *interface = vr_interface_towards(vr, via);
	struct ip_prefix host = ip_prefix_of_host(via);
	char text[IP_ADDRESS_TEXT_SIZE];

	ip_address_text(via, text);
	if (via->family != prefix->address.family)
		return error_set(error, -EINVAL, "router %s: next hop %s is no %s address",
			vr->name, text, ip_family_name(prefix->address.family));
	if (ip_address_is_link_local(via))
		return check_link_local_via(vr, via, given, error);
	if (interface == NULL)
		return error_set(error, -ENETUNREACH,
			"router %s: next hop %s is on no subnet of its interfaces", vr->name, text);
	if (vr_owns(vr, via))
		return error_set(error, -EINVAL,
			"router %s: next hop %s is the router's own address", vr->name, text);
	if (table_get(vr, &host) == NEXT_HOP_INDEX_BROADCAST)
		return error_set(error, -EINVAL,
			"router %s: next hop %s is the network or broadcast address of a subnet",
			vr->name, text);
	if (ip_prefix_equal(prefix, &host))
		return error_set(error, -EINVAL,
			"router %s: a route to %s via itself says nothing: it is on the subnet of "
			"interface %s",
			vr->name, text, interface->name);
	return 0;
}

static int
check_vias(const struct vr *vr, const struct vr_route *route, char error[VR_ERROR_SIZE])
{
	char text[IP_ADDRESS_TEXT_SIZE];

	if (route->n_vias <= 1)
		return check_via(vr, &route->prefix, &route->via, route->interface, error);
	if (route->n_vias > MULTIPATH_VIAS_MAX)
		return error_set(error, -EINVAL, "router %s: %u next hops, %u at most", vr->name,
			route->n_vias, MULTIPATH_VIAS_MAX);
	for (uint16_t i = 0; i < route->n_vias; i++) {
		const struct vr_via *via = &route->vias[i];
		int rc = check_via(vr, &route->prefix, &via->address, via->interface, error);

		if (rc != 0)
			return rc;
		ip_address_text(&via->address, text);
		if (via->weight == 0 || via->weight > MULTIPATH_WEIGHT_MAX)
			return error_set(error, -EINVAL,
				"router %s: next hop %s: weight %u, expected 1 to %u", vr->name,
				text, via->weight, MULTIPATH_WEIGHT_MAX);
		for (uint16_t k = 0; k < i; k++)
			if (ip_address_equal(&via->address, &route->vias[k].address) &&
				via->interface == route->vias[k].interface)
				return error_set(error, -EINVAL, "router %s: next hop %s twice",
					vr->name, text);
	}
	return 0;
}

/* What a static route other than VIA leads to, or NEXT_HOP_INDEX_NO_ROUTE: it is none. */
static uint32_t
fixed_index(enum vr_route_type type)
{
	switch (type) {
	case VR_ROUTE_BLACKHOLE:
		return NEXT_HOP_INDEX_BLACKHOLE;
	case VR_ROUTE_UNREACHABLE:
		return NEXT_HOP_INDEX_UNREACHABLE;
	case VR_ROUTE_PROHIBIT:
		return NEXT_HOP_INDEX_PROHIBIT;
	default:
		return NEXT_HOP_INDEX_NO_ROUTE;
	}
}

static int
check_prefix(const struct vr *vr, const struct ip_prefix *prefix, char error[VR_ERROR_SIZE])
{
	char text[IP_PREFIX_TEXT_SIZE];
	struct ip_prefix network;

	ip_prefix_text(prefix, text);
	if (prefix->depth > ip_family_bits(prefix->address.family))
		return error_set(
			error, -EINVAL, "router %s: %s is no prefix: too long", vr->name, text);
	network = ip_prefix_network(prefix);
	if (!ip_prefix_equal(&network, prefix))
		return error_set(error, -EINVAL, "router %s: %s is no prefix: host bits are set",
			vr->name, text);
	if (ip_address_is_link_local(&prefix->address) && prefix->depth >= 10)
		return error_set(error, -EINVAL,
			"router %s: %s is link-local: no route leads there but each interface's "
			"own",
			vr->name, text);
	return 0;
}

static uint8_t
distance_of(const struct vr_route *route)
{
	return route->distance == 0 ? VR_DISTANCE_STATIC : route->distance;
}

/* What it is about the route alone. */
static int
check_itself(const struct vr *vr, const struct vr_route *route, char error[VR_ERROR_SIZE])
{
	int rc;

	if (route->type != VR_ROUTE_VIA && fixed_index(route->type) == NEXT_HOP_INDEX_NO_ROUTE)
		return error_set(error, -EINVAL, "router %s: a %s route can't be added by hand",
			vr->name, vr_route_type_name(route->type));
	rc = check_prefix(vr, &route->prefix, error);
	if (rc != 0)
		return rc;
	return route->type == VR_ROUTE_VIA ? check_vias(vr, route, error) : 0;
}

/* Where the prefix is the router's own, nobody may take it. */
static int
check_free(const struct vr *vr, const struct vr_route *route, char error[VR_ERROR_SIZE])
{
	struct rib_route candidates[RIB_CANDIDATES_MAX];
	unsigned int n = rib_candidates(vr, &route->prefix, candidates);
	uint32_t index = table_get(vr, &route->prefix);
	char text[IP_PREFIX_TEXT_SIZE];

	ip_prefix_text(&route->prefix, text);
	if (index == NEXT_HOP_INDEX_LOCAL || index == NEXT_HOP_INDEX_BROADCAST)
		return error_set(error, -EEXIST, "router %s: a route to %s exists (%s)", vr->name,
			text,
			vr_route_type_name(index == NEXT_HOP_INDEX_LOCAL ? VR_ROUTE_LOCAL
									 : VR_ROUTE_BROADCAST));
	for (unsigned int i = 0; i < n; i++) {
		struct vr_route old = route_describe(vr, &candidates[i]);

		if (old.source == VR_SOURCE_STATIC && old.distance != distance_of(route))
			continue;
		return error_set(error, -EEXIST, "router %s: a route to %s exists (%s)", vr->name,
			text, vr_route_type_name(old.type));
	}
	return 0;
}

static int
check(const struct vr *vr, const struct vr_route *route, char error[VR_ERROR_SIZE])
{
	int rc = check_itself(vr, route, error);

	return rc != 0 ? rc : check_free(vr, route, error);
}

/* The next hop the route leads to, held for it; 0 with the reason in rte_errno and `error`. */
static uint32_t
hold(struct vr *vr, const struct vr_route *route, const struct multipath *from,
	char error[VR_ERROR_SIZE])
{
	struct vr_via vias[MULTIPATH_VIAS_MAX];
	char text[IP_PREFIX_TEXT_SIZE];
	struct neighbour *neighbour = NULL;
	struct multipath *multipath = NULL;

	if (route->type != VR_ROUTE_VIA)
		return fixed_index(route->type);
	if (route->n_vias <= 1)
		neighbour = neighbour_hold(
			vr, via_interface(vr, &route->via, route->interface), &route->via);
	for (uint16_t i = 0; route->n_vias > 1 && i < route->n_vias; i++) {
		vias[i] = route->vias[i];
		vias[i].interface = via_interface(vr, &vias[i].address, vias[i].interface);
	}
	if (route->n_vias > 1)
		multipath = multipath_hold(vr, vias, route->n_vias, from);
	if (neighbour != NULL || multipath != NULL)
		return neighbour != NULL ? neighbour->index : multipath->index;
	error_set(error, 0, "router %s: next hop of %s: %s", vr->name,
		ip_prefix_text(&route->prefix, text),
		rte_errno == ENOSPC ? "max_neighbours reached" : rte_strerror(rte_errno));
	return 0;
}

static void
release(struct vr *vr, uint32_t index)
{
	union next_hop_owner owner = vr->owners[index];
	uint8_t type = vr->next_hops[index]->type;

	if (owner.neighbour == NULL)
		return;
	if (type == NEXT_HOP_GROUP || type == NEXT_HOP_NO_ROUTE)
		multipath_release(owner.multipath);
	else
		neighbour_release(owner.neighbour);
}

static int
explain(const struct vr *vr, const struct ip_prefix *prefix, int rc, char error[VR_ERROR_SIZE])
{
	uint8_t family = prefix->address.family;
	char text[IP_PREFIX_TEXT_SIZE];

	ip_prefix_text(prefix, text);
	if (rc == -ENOSPC && rib_count(vr, family) < vr->max_routes)
		return error_set(error, rc, "router %s: no room for %s: there are %u routes to it",
			vr->name, text, RIB_CANDIDATES_MAX);
	if (rc == -ENOSPC)
		return error_set(error, rc,
			"router %s: no room for %s: the table holds %u %s routes, its max_routes "
			"is %u",
			vr->name, text, rib_count(vr, family), ip_family_name(family),
			vr->max_routes);
	return error_set(error, rc, "router %s: %s: %s", vr->name, text, strerror(-rc));
}

int
vr_route_add(struct vr *vr, const struct vr_route *route, char error[VR_ERROR_SIZE])
{
	struct rib_route candidate = {
		.prefix = route->prefix, .source = VR_SOURCE_STATIC, .distance = distance_of(route)
	};
	int rc = check(vr, route, error);

	if (rc != 0)
		return rc;
	candidate.index = hold(vr, route, NULL, error);
	if (candidate.index == 0)
		return -rte_errno;
	rc = rib_add(vr, &candidate);
	if (rc != 0) {
		release(vr, candidate.index);
		return explain(vr, &route->prefix, rc, error);
	}
	vr->n_static_routes++;
	return 0;
}

/* The static route of this distance, or of any where there is one only. */
static int
find_static(const struct vr *vr, const struct ip_prefix *prefix, uint8_t distance,
	struct rib_route *found, char error[VR_ERROR_SIZE])
{
	struct rib_route candidates[RIB_CANDIDATES_MAX];
	unsigned int n = rib_candidates(vr, prefix, candidates), n_found = 0;
	uint32_t index = table_get(vr, prefix);
	char text[IP_PREFIX_TEXT_SIZE];

	ip_prefix_text(prefix, text);
	for (unsigned int i = 0; i < n; i++) {
		if (candidates[i].source != VR_SOURCE_STATIC ||
			(distance != 0 && candidates[i].distance != distance))
			continue;
		*found = candidates[i];
		n_found++;
	}
	if (n_found == 1)
		return 0;
	if (n_found > 1)
		return error_set(error, -EINVAL,
			"router %s: there are %u routes to %s: say which, with its distance",
			vr->name, n_found, text);
	if (distance != 0 && n > 0)
		return error_set(error, -ENOENT, "router %s: no route to %s with distance %u",
			vr->name, text, distance);
	if (index == LPM_NO_ROUTE && n == 0)
		return error_set(error, -ENOENT, "router %s: no route to %s", vr->name, text);
	return error_set(error, -EPERM, "router %s: the route to %s is no static one (%s)",
		vr->name, text,
		vr_route_type_name(n > 0 ? route_describe(vr, &candidates[0]).type
					 : route_describe_active(vr, prefix, index).type));
}

int
vr_route_replace(struct vr *vr, const struct vr_route *route, char error[VR_ERROR_SIZE])
{
	const struct multipath *from = NULL;
	struct rib_route old;
	uint32_t index;
	int rc = check_itself(vr, route, error);

	if (rc == 0)
		rc = find_static(vr, &route->prefix, route->distance, &old, error);
	if (rc != 0)
		return rc;
	if (vr->next_hops[old.index]->type == NEXT_HOP_GROUP)
		from = vr->owners[old.index].multipath;
	index = hold(vr, route, from, error);
	if (index == 0)
		return -rte_errno;
	rc = rib_replace(vr, &old, index);
	release(vr, rc == 0 ? old.index : index);
	return rc == 0 ? 0 : explain(vr, &route->prefix, rc, error);
}

int
vr_route_delete(
	struct vr *vr, const struct ip_prefix *prefix, uint8_t distance, char error[VR_ERROR_SIZE])
{
	char text[IP_PREFIX_TEXT_SIZE];
	struct rib_route candidate;
	int rc = find_static(vr, prefix, distance, &candidate, error);

	if (rc != 0)
		return rc;
	rc = rib_remove(vr, &candidate);
	if (rc != 0)
		return error_set(error, rc, "router %s: the route to %s stays: %s", vr->name,
			ip_prefix_text(prefix, text), strerror(-rc));
	vr->n_static_routes--;
	release(vr, candidate.index);
	return 0;
}

static uint32_t
room(const struct vr *vr, uint8_t family)
{
	return vr->max_routes - RTE_MIN(vr->max_routes, rib_count(vr, family));
}

/* What can be told before any is added. Gives the first's code. */
static int
check_all(const struct vr *vr, const struct vr_route *routes, uint32_t n,
	vr_route_refused_fn refused, void *context)
{
	uint32_t n_right[IP_FAMILIES] = { 0 };
	uint32_t beyond[IP_FAMILIES] = { 0 };
	char error[VR_ERROR_SIZE];
	int first = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint8_t family = routes[i].prefix.address.family;
		int rc = check(vr, &routes[i], error);

		if (rc == 0 && n_right[family]++ == room(vr, family))
			beyond[family] = i;
		if (rc != 0)
			refused(i, error, context);
		if (first == 0)
			first = rc;
	}
	for (uint8_t family = 0; family < IP_FAMILIES; family++) {
		if (n_right[family] <= room(vr, family))
			continue;
		error_set(error, -ENOSPC,
			"router %s: no room for %u more %s routes: the table holds %u, its "
			"max_routes is %u",
			vr->name, n_right[family], ip_family_name(family), rib_count(vr, family),
			vr->max_routes);
		refused(beyond[family], error, context);
		if (first == 0)
			first = -ENOSPC;
	}
	return first;
}

/* The last first, so that each finds what it found when it was added. */
static void
take_back(struct vr *vr, const struct vr_route *routes, uint32_t n, vr_route_refused_fn refused,
	void *context)
{
	char error[VR_ERROR_SIZE];

	while (n-- > 0)
		if (vr_route_delete(vr, &routes[n].prefix, distance_of(&routes[n]), error) != 0)
			refused(n, error, context);
}

int
vr_routes_add(struct vr *vr, const struct vr_route *routes, uint32_t n, vr_route_refused_fn refused,
	void *context)
{
	char error[VR_ERROR_SIZE];
	int rc = check_all(vr, routes, n, refused, context);

	for (uint32_t i = 0; rc == 0 && i < n; i++) {
		rc = vr_route_add(vr, &routes[i], error);
		if (rc == 0)
			continue;
		refused(i, error, context);
		take_back(vr, routes, i, refused, context);
	}
	return rc;
}
