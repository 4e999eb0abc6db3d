/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_errno.h>

#include "vrf/neighbour.h"
#include "vrf/route.h"

static int fail(char error[VR_ERROR_SIZE], int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int
fail(char error[VR_ERROR_SIZE], int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, VR_ERROR_SIZE, format, args);
	va_end(args);
	return code;
}

const char *
route_address_text(uint32_t address, char *text)
{
	snprintf(text, ROUTE_ADDRESS_SIZE, "%u.%u.%u.%u", address >> 24, (address >> 16) & 255,
		(address >> 8) & 255, address & 255);
	return text;
}

/* Routes that count against max_routes. */
static uint32_t
count(const struct vr *vr)
{
	return lpm_count(vr->lpm) - vr->n_host_routes - vr->n_broadcast_routes;
}

static int
insert(struct vr *vr, uint32_t prefix, uint8_t depth, uint32_t index, char error[VR_ERROR_SIZE])
{
	char text[ROUTE_ADDRESS_SIZE];
	uint32_t counted = count(vr);
	bool was_broadcast = lpm_get(vr->lpm, prefix, depth) == NEXT_HOP_INDEX_BROADCAST;
	int rc = -ENOSPC;

	if (counted < vr->max_routes || index == NEXT_HOP_INDEX_BROADCAST)
		rc = lpm_add(vr->lpm, prefix, depth, index);
	if (rc == -ENOSPC)
		return fail(error, rc,
			"router %s: no room for %s/%u: the table holds %u routes, its max_routes "
		        "is "
			"%u",
			vr->name, route_address_text(prefix, text), depth, counted, vr->max_routes);
	if (rc != 0)
		return fail(error, rc, "router %s: %s/%u: %s", vr->name,
			route_address_text(prefix, text), depth, strerror(-rc));
	vr->n_broadcast_routes += (index == NEXT_HOP_INDEX_BROADCAST) - was_broadcast;
	return 0;
}

/* Subnets of two interfaces may be nested: an address of the one is no broadcast of the other. */
static int
add_broadcast(struct vr *vr, uint32_t address, char error[VR_ERROR_SIZE])
{
	if (lpm_get(vr->lpm, address, 32) != LPM_NO_ROUTE)
		return 0;
	return insert(vr, address, 32, NEXT_HOP_INDEX_BROADCAST, error);
}

static int
add_subnet(struct vr *vr, const struct vr_interface *interface, const struct vr_address *subnet,
	char error[VR_ERROR_SIZE])
{
	uint32_t mask = route_mask(subnet->depth);
	uint32_t network = subnet->address & mask;
	int rc;

	if (subnet->depth < 32) {
		rc = insert(vr, network, subnet->depth,
			NEXT_HOP_INDEX_INTERFACES + interface->index, error);
		if (rc != 0)
			return rc;
	}
	/* A /31 has neither a network nor a broadcast address (RFC 3021). */
	if (subnet->depth < 31) {
		rc = add_broadcast(vr, network, error);
		if (rc == 0)
			rc = add_broadcast(vr, network | ~mask, error);
		if (rc != 0)
			return rc;
	}
	return insert(vr, subnet->address, 32, NEXT_HOP_INDEX_LOCAL, error);
}

int
route_add_connected(struct vr *vr, char error[VR_ERROR_SIZE])
{
	int rc;

	for (uint16_t i = 0; i < vr->n_interfaces; i++) {
		const struct vr_interface *interface = &vr->interfaces[i];

		for (uint16_t k = 0; k < interface->n_addresses; k++) {
			rc = add_subnet(vr, interface, &interface->addresses[k], error);
			if (rc != 0)
				return rc;
		}
	}
	return 0;
}

const char *
vr_route_type_name(enum vr_route_type type)
{
	static const char *const names[] = {
		[VR_ROUTE_VIA] = "via",
		[VR_ROUTE_CONNECTED] = "connected",
		[VR_ROUTE_LOCAL] = "local",
		[VR_ROUTE_BROADCAST] = "broadcast",
		[VR_ROUTE_BLACKHOLE] = "blackhole",
		[VR_ROUTE_UNREACHABLE] = "unreachable",
		[VR_ROUTE_PROHIBIT] = "prohibit",
		[VR_ROUTE_NEIGHBOUR] = "neighbour",
	};

	return names[type];
}

/* What kind of route a table entry is; its next hop tells. */
static struct vr_route
describe(const struct vr *vr, uint32_t prefix, uint8_t depth, uint32_t index)
{
	static const enum vr_route_type types[] = {
		[NEXT_HOP_CONNECTED] = VR_ROUTE_CONNECTED,
		[NEXT_HOP_LOCAL] = VR_ROUTE_LOCAL,
		[NEXT_HOP_BROADCAST] = VR_ROUTE_BROADCAST,
		[NEXT_HOP_BLACKHOLE] = VR_ROUTE_BLACKHOLE,
		[NEXT_HOP_UNREACHABLE] = VR_ROUTE_UNREACHABLE,
		[NEXT_HOP_PROHIBIT] = VR_ROUTE_PROHIBIT,
		[NEXT_HOP_INCOMPLETE] = VR_ROUTE_VIA,
		[NEXT_HOP_NEIGHBOUR] = VR_ROUTE_VIA,
	};
	const struct next_hop *next_hop = vr->next_hops[index];
	struct vr_route route = { .prefix = prefix, .depth = depth };

	route.type = types[next_hop->type];
	if (route.type == VR_ROUTE_VIA) {
		route.via = next_hop->address;
		if (depth == 32 && prefix == next_hop->address)
			route.type = VR_ROUTE_NEIGHBOUR;
	}
	if (route.type == VR_ROUTE_VIA || route.type == VR_ROUTE_NEIGHBOUR ||
		route.type == VR_ROUTE_CONNECTED)
		route.interface = &vr->interfaces[next_hop->interface];
	return route;
}

static int
check_via(const struct vr *vr, const struct vr_route *route, char error[VR_ERROR_SIZE])
{
	const struct vr_interface *interface = vr_interface_towards(vr, route->via);
	char text[ROUTE_ADDRESS_SIZE];

	if (interface == NULL)
		return fail(error, -ENETUNREACH,
			"router %s: next hop %s is on no subnet of its interfaces", vr->name,
			route_address_text(route->via, text));
	if (vr_owns(vr, route->via))
		return fail(error, -EINVAL, "router %s: next hop %s is the router's own address",
			vr->name, route_address_text(route->via, text));
	if (lpm_get(vr->lpm, route->via, 32) == NEXT_HOP_INDEX_BROADCAST)
		return fail(error, -EINVAL,
			"router %s: next hop %s is the network or broadcast address of a subnet",
			vr->name, route_address_text(route->via, text));
	if (route->depth == 32 && route->prefix == route->via)
		return fail(error, -EINVAL,
			"router %s: a route to %s via itself says nothing: it is on the subnet of "
			"interface %s",
			vr->name, route_address_text(route->via, text), interface->name);
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
check(const struct vr *vr, const struct vr_route *route, char error[VR_ERROR_SIZE])
{
	uint32_t index;
	char text[ROUTE_ADDRESS_SIZE];

	if (route->type != VR_ROUTE_VIA && fixed_index(route->type) == NEXT_HOP_INDEX_NO_ROUTE)
		return fail(error, -EINVAL, "router %s: a %s route can't be added by hand",
			vr->name, vr_route_type_name(route->type));
	if (route->depth > 32 || (route->prefix & ~route_mask(route->depth)) != 0)
		return fail(error, -EINVAL, "router %s: %s/%u is no prefix: host bits are set",
			vr->name, route_address_text(route->prefix, text), route->depth);
	index = lpm_get(vr->lpm, route->prefix, route->depth);
	if (index != LPM_NO_ROUTE) {
		struct vr_route old = describe(vr, route->prefix, route->depth, index);

		/* A static route takes the place of a neighbour's host route. */
		if (old.type != VR_ROUTE_NEIGHBOUR)
			return fail(error, -EEXIST, "router %s: a route to %s/%u exists (%s)",
				vr->name, route_address_text(route->prefix, text), route->depth,
				vr_route_type_name(old.type));
	}
	return route->type == VR_ROUTE_VIA ? check_via(vr, route, error) : 0;
}

/* The static route has taken the place of the neighbour's host route. */
static void
forget_host_route(struct vr *vr, const struct vr_route *route)
{
	struct neighbour *neighbour;

	if (route->depth != 32)
		return;
	neighbour = neighbour_find(vr, route->prefix);
	if (neighbour == NULL || !neighbour->host_route)
		return;
	neighbour->host_route = false;
	vr->n_host_routes--;
}

static int
add_via(struct vr *vr, const struct vr_route *route, char error[VR_ERROR_SIZE])
{
	char text[ROUTE_ADDRESS_SIZE];
	struct neighbour *neighbour;
	int rc;

	neighbour = neighbour_hold(vr, vr_interface_towards(vr, route->via), route->via);
	if (neighbour == NULL)
		return fail(error, -rte_errno, "router %s: next hop %s: %s", vr->name,
			route_address_text(route->via, text),
			rte_errno == ENOSPC ? "max_neighbours reached" : rte_strerror(rte_errno));
	rc = insert(vr, route->prefix, route->depth, neighbour->index, error);
	if (rc != 0)
		neighbour_release(neighbour);
	return rc;
}

int
vr_route_add(struct vr *vr, const struct vr_route *route, char error[VR_ERROR_SIZE])
{
	int rc = check(vr, route, error);

	if (rc != 0)
		return rc;
	if (route->type == VR_ROUTE_VIA)
		rc = add_via(vr, route, error);
	else
		rc = insert(vr, route->prefix, route->depth, fixed_index(route->type), error);
	if (rc != 0)
		return rc;
	forget_host_route(vr, route);
	vr->n_static_routes++;
	if (route->depth < 32)
		neighbour_routes_changed(vr, route->prefix, route->depth);
	return 0;
}

int
vr_route_delete(struct vr *vr, uint32_t prefix, uint8_t depth, char error[VR_ERROR_SIZE])
{
	uint32_t index = lpm_get(vr->lpm, prefix, depth);
	char text[ROUTE_ADDRESS_SIZE];
	struct vr_route route;
	int rc;

	route_address_text(prefix, text);
	if (index == LPM_NO_ROUTE)
		return fail(error, -ENOENT, "router %s: no route to %s/%u", vr->name, text, depth);
	route = describe(vr, prefix, depth, index);
	if (route.type == VR_ROUTE_CONNECTED || route.type == VR_ROUTE_LOCAL ||
		route.type == VR_ROUTE_BROADCAST || route.type == VR_ROUTE_NEIGHBOUR)
		return fail(error, -EPERM, "router %s: the route to %s/%u is no static one (%s)",
			vr->name, text, depth, vr_route_type_name(route.type));
	rc = lpm_delete(vr->lpm, prefix, depth);
	if (rc != 0)
		return fail(error, rc, "router %s: the route to %s/%u stays: %s", vr->name, text,
			depth, strerror(-rc));
	vr->n_static_routes--;
	if (route.type == VR_ROUTE_VIA)
		neighbour_release(neighbour_find(vr, route.via));
	neighbour_routes_changed(vr, prefix, depth);
	return 0;
}

/* What can be told before any is added. Gives the first's code. */
static int
check_all(const struct vr *vr, const struct vr_route *routes, uint32_t n,
	vr_route_refused_fn refused, void *context)
{
	uint32_t room = vr->max_routes - RTE_MIN(vr->max_routes, count(vr));
	uint32_t n_right = 0, beyond = 0;
	char error[VR_ERROR_SIZE];
	int first = 0;

	for (uint32_t i = 0; i < n; i++) {
		int rc = check(vr, &routes[i], error);

		if (rc == 0 && n_right++ == room)
			beyond = i;
		if (rc != 0)
			refused(i, error, context);
		if (first == 0)
			first = rc;
	}
	if (n_right <= room)
		return first;
	fail(error, -ENOSPC,
		"router %s: no room for %u more routes: the table holds %u, its max_routes is %u",
		vr->name, n_right, count(vr), vr->max_routes);
	refused(beyond, error, context);
	return first == 0 ? -ENOSPC : first;
}

/* The last first, so that each finds what it found when it was added. */
static void
take_back(struct vr *vr, const struct vr_route *routes, uint32_t n, vr_route_refused_fn refused,
	void *context)
{
	char error[VR_ERROR_SIZE];

	while (n-- > 0)
		if (vr_route_delete(vr, routes[n].prefix, routes[n].depth, error) != 0)
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

struct walk {
	const struct vr *vr;
	vr_route_fn fn;
	void *context;
};

static bool
walk_one(uint32_t prefix, uint8_t depth, uint32_t index, void *context)
{
	const struct walk *walk = context;
	struct vr_route route = describe(walk->vr, prefix, depth, index);

	return walk->fn(&route, walk->context);
}

void
vr_route_walk(const struct vr *vr, vr_route_fn fn, void *context)
{
	struct walk walk = { vr, fn, context };

	lpm_walk(vr->lpm, walk_one, &walk);
}

void
vr_route_walk_from(
	const struct vr *vr, uint32_t prefix, uint8_t depth, vr_route_fn fn, void *context)
{
	struct walk walk = { vr, fn, context };

	lpm_walk_from(vr->lpm, prefix, depth, walk_one, &walk);
}
