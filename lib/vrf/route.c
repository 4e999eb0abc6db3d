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
#include "vrf/table.h"

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

/* Routes that count against max_routes. */
static uint32_t
count(const struct vr *vr, uint8_t family)
{
	return lpm_count(vr->tables[family]) - vr->n_uncounted[family];
}

static int
insert(struct vr *vr, const struct ip_prefix *prefix, uint32_t index, char error[VR_ERROR_SIZE])
{
	uint8_t family = prefix->address.family;
	uint32_t counted = count(vr, family);
	char text[IP_PREFIX_TEXT_SIZE];
	int rc = -ENOSPC;

	if (counted < vr->max_routes)
		rc = table_add(vr, prefix, index);
	ip_prefix_text(prefix, text);
	if (rc == -ENOSPC)
		return fail(error, rc,
			"router %s: no room for %s: the table holds %u %s routes, its max_routes "
			"is %u",
			vr->name, text, counted, ip_family_name(family), vr->max_routes);
	if (rc != 0)
		return fail(error, rc, "router %s: %s: %s", vr->name, text, strerror(-rc));
	return 0;
}

/*
 * An address that comes with a subnet and counts as no route. Subnets of two interfaces may be
 * nested: an address of the one is then not what it would be in the other.
 */
static int
add_implied(
	struct vr *vr, const struct ip_address *address, uint32_t index, char error[VR_ERROR_SIZE])
{
	struct ip_prefix host = ip_prefix_of_host(address);
	char text[IP_ADDRESS_TEXT_SIZE];
	int rc;

	if (table_get(vr, &host) != LPM_NO_ROUTE)
		return 0;
	rc = table_add(vr, &host, index);
	if (rc != 0)
		return fail(error, rc, "router %s: %s: %s", vr->name,
			ip_address_text(address, text), strerror(-rc));
	vr->n_uncounted[address->family]++;
	return 0;
}

/* A /31 has neither a network nor a broadcast address (RFC 3021). */
static int
add_broadcast(struct vr *vr, const struct ip_prefix *subnet, char error[VR_ERROR_SIZE])
{
	struct ip_address last = ip_address_last(&subnet->address, subnet->depth);
	int rc;

	if (subnet->depth >= 31)
		return 0;
	rc = add_implied(vr, &subnet->address, NEXT_HOP_INDEX_BROADCAST, error);
	return rc != 0 ? rc : add_implied(vr, &last, NEXT_HOP_INDEX_BROADCAST, error);
}

/* Every router answers to the first address (RFC 4291 2.6.1), but on a /127 (RFC 6164). */
static int
add_anycast(struct vr *vr, const struct ip_prefix *subnet, char error[VR_ERROR_SIZE])
{
	if (subnet->depth >= 127)
		return 0;
	return add_implied(vr, &subnet->address, NEXT_HOP_INDEX_LOCAL, error);
}

/* What was implied by another subnet becomes the address that it is said to be. */
static int
add_own(struct vr *vr, const struct ip_address *address, char error[VR_ERROR_SIZE])
{
	struct ip_prefix host = ip_prefix_of_host(address);
	bool implied = table_get(vr, &host) == NEXT_HOP_INDEX_BROADCAST;
	int rc = insert(vr, &host, NEXT_HOP_INDEX_LOCAL, error);

	if (rc == 0 && implied)
		vr->n_uncounted[address->family]--;
	return rc;
}

static int
add_subnet(struct vr *vr, const struct vr_interface *interface, const struct ip_prefix *address,
	char error[VR_ERROR_SIZE])
{
	struct ip_prefix subnet = ip_prefix_network(address);
	int rc;

	/* They are of one link only: no table of the router's can hold them. */
	if (ip_address_is_link_local(&address->address))
		return 0;
	if (!ip_prefix_is_host(&subnet)) {
		rc = insert(vr, &subnet, NEXT_HOP_INDEX_INTERFACES + interface->index, error);
		if (rc != 0)
			return rc;
	}
	if (subnet.address.family == IP_FAMILY_IPV4)
		rc = add_broadcast(vr, &subnet, error);
	else
		rc = add_anycast(vr, &subnet, error);
	return rc != 0 ? rc : add_own(vr, &address->address, error);
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
describe(const struct vr *vr, const struct ip_prefix *prefix, uint32_t index)
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
	struct vr_route route = { .prefix = *prefix, .type = types[next_hop->type] };

	if (route.type == VR_ROUTE_VIA) {
		route.via = vr->owners[index]->address;
		if (ip_prefix_is_host(prefix) && ip_address_equal(&prefix->address, &route.via))
			route.type = VR_ROUTE_NEIGHBOUR;
	}
	if (route.type == VR_ROUTE_VIA || route.type == VR_ROUTE_NEIGHBOUR ||
		route.type == VR_ROUTE_CONNECTED)
		route.interface = &vr->interfaces[next_hop->interface];
	return route;
}

/* The interface that the via is on. */
static const struct vr_interface *
via_interface(const struct vr *vr, const struct vr_route *route)
{
	if (ip_address_is_link_local(&route->via))
		return route->interface;
	return vr_interface_towards(vr, &route->via);
}

static int
check_link_local_via(const struct vr *vr, const struct vr_route *route, char error[VR_ERROR_SIZE])
{
	const struct vr_interface *interface = route->interface;
	char text[IP_ADDRESS_TEXT_SIZE];

	ip_address_text(&route->via, text);
	if (interface == NULL)
		return fail(error, -EINVAL,
			"router %s: next hop %s is on every link: say on which, as %s%%INTERFACE",
			vr->name, text, text);
	if (!interface->ipv6)
		return fail(error, -ENETUNREACH,
			"router %s: next hop %s: interface %s has no IPv6 address", vr->name, text,
			interface->name);
	if (ip_address_equal(&route->via, &interface->link_local))
		return fail(error, -EINVAL, "router %s: next hop %s is the router's own address",
			vr->name, text);
	return 0;
}

static int
check_via(const struct vr *vr, const struct vr_route *route, char error[VR_ERROR_SIZE])
{
	const struct vr_interface *interface = vr_interface_towards(vr, &route->via);
	struct ip_prefix host = ip_prefix_of_host(&route->via);
	char text[IP_ADDRESS_TEXT_SIZE];

	ip_address_text(&route->via, text);
	if (route->via.family != route->prefix.address.family)
		return fail(error, -EINVAL, "router %s: next hop %s is no %s address", vr->name,
			text, ip_family_name(route->prefix.address.family));
	if (ip_address_is_link_local(&route->via))
		return check_link_local_via(vr, route, error);
	if (interface == NULL)
		return fail(error, -ENETUNREACH,
			"router %s: next hop %s is on no subnet of its interfaces", vr->name, text);
	if (vr_owns(vr, &route->via))
		return fail(error, -EINVAL, "router %s: next hop %s is the router's own address",
			vr->name, text);
	if (table_get(vr, &host) == NEXT_HOP_INDEX_BROADCAST)
		return fail(error, -EINVAL,
			"router %s: next hop %s is the network or broadcast address of a subnet",
			vr->name, text);
	if (ip_prefix_equal(&route->prefix, &host))
		return fail(error, -EINVAL,
			"router %s: a route to %s via itself says nothing: it is on the subnet of "
			"interface %s",
			vr->name, text, interface->name);
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
		return fail(error, -EINVAL, "router %s: %s is no prefix: too long", vr->name, text);
	network = ip_prefix_network(prefix);
	if (!ip_prefix_equal(&network, prefix))
		return fail(error, -EINVAL, "router %s: %s is no prefix: host bits are set",
			vr->name, text);
	if (ip_address_is_link_local(&prefix->address) && prefix->depth >= 10)
		return fail(error, -EINVAL,
			"router %s: %s is link-local: no route leads there but each interface's "
			"own",
			vr->name, text);
	return 0;
}

static int
check(const struct vr *vr, const struct vr_route *route, char error[VR_ERROR_SIZE])
{
	char text[IP_PREFIX_TEXT_SIZE];
	uint32_t index;
	int rc;

	if (route->type != VR_ROUTE_VIA && fixed_index(route->type) == NEXT_HOP_INDEX_NO_ROUTE)
		return fail(error, -EINVAL, "router %s: a %s route can't be added by hand",
			vr->name, vr_route_type_name(route->type));
	rc = check_prefix(vr, &route->prefix, error);
	if (rc != 0)
		return rc;
	index = table_get(vr, &route->prefix);
	if (index != LPM_NO_ROUTE) {
		struct vr_route old = describe(vr, &route->prefix, index);

		/* A static route takes the place of a neighbour's host route. */
		if (old.type != VR_ROUTE_NEIGHBOUR)
			return fail(error, -EEXIST, "router %s: a route to %s exists (%s)",
				vr->name, ip_prefix_text(&route->prefix, text),
				vr_route_type_name(old.type));
	}
	return route->type == VR_ROUTE_VIA ? check_via(vr, route, error) : 0;
}

/* The static route has taken the place of the neighbour's host route. */
static void
forget_host_route(struct vr *vr, const struct vr_route *route)
{
	struct neighbour *neighbour;

	if (!ip_prefix_is_host(&route->prefix))
		return;
	neighbour = neighbour_find(vr, NULL, &route->prefix.address);
	if (neighbour == NULL || !neighbour->host_route)
		return;
	neighbour->host_route = false;
	vr->n_uncounted[route->prefix.address.family]--;
}

static int
add_via(struct vr *vr, const struct vr_route *route, char error[VR_ERROR_SIZE])
{
	char text[IP_ADDRESS_TEXT_SIZE];
	struct neighbour *neighbour;
	int rc;

	neighbour = neighbour_hold(vr, via_interface(vr, route), &route->via);
	if (neighbour == NULL)
		return fail(error, -rte_errno, "router %s: next hop %s: %s", vr->name,
			ip_address_text(&route->via, text),
			rte_errno == ENOSPC ? "max_neighbours reached" : rte_strerror(rte_errno));
	rc = insert(vr, &route->prefix, neighbour->index, error);
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
		rc = insert(vr, &route->prefix, fixed_index(route->type), error);
	if (rc != 0)
		return rc;
	forget_host_route(vr, route);
	vr->n_static_routes++;
	if (!ip_prefix_is_host(&route->prefix))
		neighbour_routes_changed(vr, &route->prefix);
	return 0;
}

int
vr_route_delete(struct vr *vr, const struct ip_prefix *prefix, char error[VR_ERROR_SIZE])
{
	uint32_t index = table_get(vr, prefix);
	char text[IP_PREFIX_TEXT_SIZE];
	struct neighbour *neighbour;
	struct vr_route route;
	int rc;

	ip_prefix_text(prefix, text);
	if (index == LPM_NO_ROUTE)
		return fail(error, -ENOENT, "router %s: no route to %s", vr->name, text);
	route = describe(vr, prefix, index);
	if (route.type == VR_ROUTE_CONNECTED || route.type == VR_ROUTE_LOCAL ||
		route.type == VR_ROUTE_BROADCAST || route.type == VR_ROUTE_NEIGHBOUR)
		return fail(error, -EPERM, "router %s: the route to %s is no static one (%s)",
			vr->name, text, vr_route_type_name(route.type));
	neighbour = vr->owners[index];
	rc = table_delete(vr, prefix);
	if (rc != 0)
		return fail(error, rc, "router %s: the route to %s stays: %s", vr->name, text,
			strerror(-rc));
	vr->n_static_routes--;
	neighbour_release(neighbour);
	neighbour_routes_changed(vr, prefix);
	return 0;
}

static uint32_t
room(const struct vr *vr, uint8_t family)
{
	return vr->max_routes - RTE_MIN(vr->max_routes, count(vr, family));
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
		fail(error, -ENOSPC,
			"router %s: no room for %u more %s routes: the table holds %u, its "
			"max_routes is %u",
			vr->name, n_right[family], ip_family_name(family), count(vr, family),
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
		if (vr_route_delete(vr, &routes[n].prefix, error) != 0)
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
walk_one(const struct ip_prefix *prefix, uint32_t index, void *context)
{
	const struct walk *walk = context;
	struct vr_route route = describe(walk->vr, prefix, index);

	return walk->fn(&route, walk->context);
}

void
vr_route_walk_from(
	const struct vr *vr, const struct ip_prefix *prefix, vr_route_fn fn, void *context)
{
	struct walk walk = { vr, fn, context };

	table_walk_from(vr, prefix, walk_one, &walk);
}

void
vr_route_walk(const struct vr *vr, vr_route_fn fn, void *context)
{
	static const struct ip_prefix first = { .address.family = IP_FAMILY_IPV4 };

	vr_route_walk_from(vr, &first, fn, context);
}
