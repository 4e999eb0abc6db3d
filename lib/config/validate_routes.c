/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "judged.h"
#include "parse.h"
#include "text.h"

#define SUBNETS_TOLD 8 /* in a message */

static bool
is_in_file(const struct judged *j, uint32_t i)
{
	return i >= j->router->n_routes - j->router->n_file_routes;
}

static struct place
prefix_place(const struct judged *j, uint32_t i)
{
	const struct locate *locate = j->report->locate;

	if (is_in_file(j, i))
		return (struct place){ .route = &j->router->routes[i] };
	return (struct place){ .node = locate_member(
				       locate, locate_item(locate, j->routes_node, i), "prefix") };
}

/* Of the n-th gateway: the "via" itself, an item of it, or that item's "address". */
static struct place
via_place(const struct judged *j, uint32_t i, unsigned int n, const struct config_via *via)
{
	const struct locate *locate = j->report->locate;
	uint32_t node, item, address;

	if (is_in_file(j, i))
		return (struct place){ .route = &j->router->routes[i], .via = via };
	node = locate_member(locate, locate_item(locate, j->routes_node, i), "via");
	item = locate_item(locate, node, n);
	address = locate_member(locate, item, "address");
	if (address != LOCATE_NONE)
		return (struct place){ .node = address };
	return (struct place){ .node = item != LOCATE_NONE ? item : node };
}

/* The subnets where a via of the family could be. */
static void
report_no_subnet(struct judged *j, const struct place *place, uint8_t family)
{
	char subnets[(SUBNETS_TOLD + 1) * (IP_PREFIX_TEXT_SIZE + 2)] = "";
	unsigned int told = 0;
	size_t used = 0;

	for (uint32_t i = 0; i < j->n_own && told <= SUBNETS_TOLD; i++) {
		struct ip_prefix subnet = ip_prefix_network(judged_address(j, &j->own[i]));
		char text[IP_PREFIX_TEXT_SIZE];

		if (subnet.address.family != family || ip_address_is_link_local(&subnet.address))
			continue;
		used += snprintf(subnets + used, sizeof(subnets) - used, "%s%s",
			told == 0 ? "" : ", ",
			told == SUBNETS_TOLD ? "..." : ip_prefix_text(&subnet, text));
		told++;
	}
	judged_report(j, place, "an address in a subnet of one of the router's interfaces (%s)",
		told == 0 ? "they have none" : subnets);
}

static bool
is_repeated(const struct judged *j, const struct config_route *route, unsigned int n,
	const struct config_via *via)
{
	for (unsigned int k = 0; k < n; k++) {
		struct config_via other = config_route_via(j->router, route, k);

		if (ip_address_equal(&other.address, &via->address) && other.zone == via->zone)
			return true;
	}
	return false;
}

static void
check_via(struct judged *j, uint32_t i, unsigned int n)
{
	const struct config_route *route = &j->router->routes[i];
	struct config_via via = config_route_via(j->router, route, n);
	const struct own_address *subnet;
	char prefix[IP_PREFIX_TEXT_SIZE];
	struct place place;

	if (ip_address_is_zero(&via.address))
		return;
	place = via_place(j, i, n, &via);
	subnet = judged_longest(j, ANY_INTERFACE, &via.address, ANY_DEPTH);
	if (route->prefix.depth != PARSE_BAD_ROUTE &&
		route->prefix.address.family != via.address.family)
		judged_report(j, &place, "an %s address, as its prefix is %s",
			ip_family_name(route->prefix.address.family),
			ip_prefix_text(&route->prefix, prefix));
	else if (is_repeated(j, route, n, &via))
		judged_report(j, &place, "an address no other gateway of the route has");
	else if (ip_address_is_link_local(&via.address))
		judged_link_local(j, &place, via.zone, &via.address);
	else if (subnet != NULL)
		judged_host(j, &place, ANY_INTERFACE, &via.address, judged_address(j, subnet));
	else if (j->all_known)
		report_no_subnet(j, &place, via.address.family);
}

static void
check_vias(struct judged *j, uint32_t i)
{
	const struct config_route *route = &j->router->routes[i];

	for (unsigned int n = 0; route->type == CONFIG_ROUTE_VIA && n < route->n_vias; n++)
		check_via(j, i, n);
}

static bool
has_depth(const struct judged_depths *depths, uint8_t depth)
{
	return memchr(depths->depths, depth, depths->n) != NULL;
}

/* The table has a route for each of these by itself. */
static void
check_not_connected(struct judged *j, uint32_t i)
{
	const struct ip_prefix *prefix = &j->router->routes[i].prefix;
	const struct own_address *own = NULL;
	const char *what = "a connected subnet";
	char line[JUDGED_LINE_SIZE];
	struct place place;

	if (has_depth(&j->depths[prefix->address.family], prefix->depth))
		own = judged_subnet(j, ANY_INTERFACE, prefix);
	if (ip_prefix_is_host(prefix) && judged_own(j, ANY_INTERFACE, &prefix->address) != NULL) {
		own = judged_own(j, ANY_INTERFACE, &prefix->address);
		what = "an address of the router";
	}
	if (own == NULL)
		return;
	place = prefix_place(j, i);
	judged_report(j, &place, "a prefix that is not %s (interface \"%s\"%s)", what,
		judged_interface(j, own)->name, judged_line_text(j, &place, own, line));
}

/*
 * Which distances of which prefixes are taken. A prefix has one route of a distance, and some of
 * others than the default, each of which takes the first of its places that is free. No padding.
 */
struct distance_key {
	struct ip_prefix prefix;
	uint8_t distance; /* 0: of a place */
	uint8_t place;    /* 1 .. CONFIG_CANDIDATES_MAX, or 0 */
};
static_assert(sizeof(struct distance_key) == 20, "compared byte by byte");

/* `holder` had the prefix before. */
static void
report_again(struct judged *j, uint32_t i, uint32_t holder)
{
	struct place place = prefix_place(j, i);
	bool elsewhere = is_in_file(j, i) && !is_in_file(j, holder);

	judged_report(j, &place,
		"a prefix no other route of the router with distance %u has (first on line "
		"%u%s%s)",
		j->router->routes[i].distance, j->router->routes[holder].line,
		elsewhere ? " of " : "", elsewhere ? j->report->source : "");
}

/* Whether there is room for one more route to the prefix, which it then takes. */
static bool
take_room(struct taken *distances, const struct config_route *route)
{
	struct distance_key key = { .prefix = route->prefix, .distance = CONFIG_DISTANCE_DEFAULT };
	bool has_default = taken_find(distances, &key) != TAKEN_BY_NOBODY;

	key.distance = 0;
	key.place = CONFIG_CANDIDATES_MAX;
	if (route->distance == CONFIG_DISTANCE_DEFAULT)
		return taken_find(distances, &key) == TAKEN_BY_NOBODY;
	for (key.place = 1; key.place + has_default <= CONFIG_CANDIDATES_MAX; key.place++)
		if (taken_claim(distances, &key, 0) == TAKEN_BY_NOBODY)
			return true;
	return false;
}

static void
check_distance(struct judged *j, struct taken *distances, uint32_t i)
{
	const struct config_route *route = &j->router->routes[i];
	struct distance_key key = { route->prefix, (uint8_t)route->distance, 0 };
	struct place place = prefix_place(j, i);
	uint32_t holder;

	if (route->distance == PARSE_BAD_DISTANCE)
		return;
	holder = taken_claim(distances, &key, i);
	if (holder != TAKEN_BY_NOBODY)
		report_again(j, i, holder);
	else if (!take_room(distances, route))
		judged_report(j, &place, "a prefix with %u routes at most", CONFIG_CANDIDATES_MAX);
}

/* Keys that the routes may take: each one of its distance, and most a place. */
static size_t
count_keys(const struct config_router *router)
{
	size_t n = router->n_routes;

	for (uint32_t i = 0; i < router->n_routes; i++)
		n += router->routes[i].distance != CONFIG_DISTANCE_DEFAULT;
	return n;
}

void
validate_routes(struct judged *j)
{
	struct taken distances;

	if (taken_init(&distances, count_keys(j->router), sizeof(struct distance_key)) < 0) {
		report_no_memory(j->report);
		return;
	}
	for (uint32_t i = 0; i < j->router->n_routes; i++) {
		check_vias(j, i);
		if (j->router->routes[i].prefix.depth == PARSE_BAD_ROUTE)
			continue;
		check_not_connected(j, i);
		check_distance(j, &distances, i);
	}
	taken_free(&distances);
}

static void
claim_neighbour(
	struct taken *neighbours, uint32_t *n, uint32_t interface, const struct ip_address *address)
{
	struct judged_key key = judged_address_key(interface, address);

	if (!ip_address_is_zero(address) && taken_claim(neighbours, &key, 0) == TAKEN_BY_NOBODY)
		++*n;
}

static void
claim_vias(const struct config_router *router, const struct config_route *route,
	struct taken *neighbours, uint32_t *n)
{
	for (unsigned int k = 0; route->type == CONFIG_ROUTE_VIA && k < route->n_vias; k++) {
		struct config_via via = config_route_via(router, route, k);

		claim_neighbour(neighbours, n, via.zone, &via.address);
	}
}

uint32_t
validate_count_neighbours(struct judged *j)
{
	const struct config_router *router = j->router;
	struct taken neighbours;
	uint32_t n = 0;

	if (taken_init(&neighbours,
		    (size_t)router->n_routes + router->n_vias + router->n_neighbours,
		    sizeof(struct judged_key)) < 0) {
		report_no_memory(j->report);
		return 0;
	}
	for (uint32_t i = 0; i < router->n_neighbours; i++) {
		const struct config_neighbour *neighbour = &router->neighbours[i];

		claim_neighbour(&neighbours, &n,
			interface_names_find(&j->names, neighbour->interface), &neighbour->address);
	}
	for (uint32_t i = 0; i < router->n_routes; i++)
		claim_vias(router, &router->routes[i], &neighbours, &n);
	taken_free(&neighbours);
	return n;
}
