/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

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
route_place(const struct judged *j, uint32_t i, bool via)
{
	const struct locate *locate = j->report->locate;

	if (is_in_file(j, i))
		return (struct place){ .route = &j->router->routes[i], .via = via };
	return (struct place){ .node = locate_member(locate, locate_item(locate, j->routes_node, i),
				       via ? "via" : "prefix") };
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

static void
check_via(struct judged *j, uint32_t i)
{
	const struct config_route *route = &j->router->routes[i];
	const struct own_address *subnet;
	char prefix[IP_PREFIX_TEXT_SIZE];
	struct place place;

	if (route->type != CONFIG_ROUTE_VIA || ip_address_is_zero(&route->via))
		return;
	place = route_place(j, i, true);
	subnet = judged_longest(j, ANY_INTERFACE, &route->via, ANY_DEPTH);
	if (route->prefix.depth != PARSE_BAD_ROUTE &&
		route->prefix.address.family != route->via.family)
		judged_report(j, &place, "an %s address, as its prefix is %s",
			ip_family_name(route->prefix.address.family),
			ip_prefix_text(&route->prefix, prefix));
	else if (ip_address_is_link_local(&route->via))
		judged_link_local(j, &place, route->zone, &route->via);
	else if (subnet != NULL)
		judged_host(j, &place, ANY_INTERFACE, &route->via, judged_address(j, subnet));
	else if (j->all_known)
		report_no_subnet(j, &place, route->via.family);
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
	place = route_place(j, i, false);
	judged_report(j, &place, "a prefix that is not %s (interface \"%s\"%s)", what,
		judged_interface(j, own)->name, judged_line_text(j, &place, own, line));
}

/* `holder` had the prefix before. */
static void
report_again(struct judged *j, uint32_t i, uint32_t holder)
{
	struct place place = route_place(j, i, false);
	bool elsewhere = is_in_file(j, i) && !is_in_file(j, holder);

	judged_report(j, &place, "a prefix no other route of the router has (first on line %u%s%s)",
		j->router->routes[holder].line, elsewhere ? " of " : "",
		elsewhere ? j->report->source : "");
}

void
validate_routes(struct judged *j)
{
	struct taken prefixes;

	if (taken_init(&prefixes, j->router->n_routes, sizeof(struct ip_prefix)) < 0) {
		report_no_memory(j->report);
		return;
	}
	for (uint32_t i = 0; i < j->router->n_routes; i++) {
		const struct config_route *route = &j->router->routes[i];
		uint32_t holder;

		check_via(j, i);
		if (route->prefix.depth == PARSE_BAD_ROUTE)
			continue;
		check_not_connected(j, i);
		holder = taken_claim(&prefixes, &route->prefix, i);
		if (holder != TAKEN_BY_NOBODY)
			report_again(j, i, holder);
	}
	taken_free(&prefixes);
}

static void
claim_neighbour(
	struct taken *neighbours, uint32_t *n, uint32_t interface, const struct ip_address *address)
{
	struct judged_key key = judged_address_key(interface, address);

	if (!ip_address_is_zero(address) && taken_claim(neighbours, &key, 0) == TAKEN_BY_NOBODY)
		++*n;
}

uint32_t
validate_count_neighbours(struct judged *j)
{
	const struct config_router *router = j->router;
	struct taken neighbours;
	uint32_t n = 0;

	if (taken_init(&neighbours, (size_t)router->n_routes + router->n_neighbours,
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
		if (router->routes[i].type == CONFIG_ROUTE_VIA)
			claim_neighbour(
				&neighbours, &n, router->routes[i].zone, &router->routes[i].via);
	taken_free(&neighbours);
	return n;
}
