/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <string.h>

#include "judged.h"
#include "parse.h"
#include "text.h"

#define SUBNETS_TOLD 8 /* in a message */

struct route_key {
	uint32_t prefix;
	uint32_t depth;
};

static bool
is_in_file(const struct judged *j, uint32_t i)
{
	return i >= j->router->n_routes - j->router->n_file_routes;
}

static struct place
route_place(const struct judged *j, uint32_t i, const char *key)
{
	const struct config_route *route = &j->router->routes[i];
	bool via = strcmp(key, "via") == 0;
	const struct locate *locate = j->report->locate;

	if (!is_in_file(j, i))
		return (struct place){ .node = locate_member(locate,
					       locate_item(locate, j->routes_node, i), key) };
	return (struct place){ .line = route->line,
		.address = via ? route->via : route->prefix,
		.depth = via ? -1 : route->depth };
}

static void
report_no_subnet(struct judged *j, const struct place *place)
{
	char subnets[(SUBNETS_TOLD + 1) * sizeof("255.255.255.255/32, ")] = "";
	size_t used = 0;

	for (uint32_t i = 0; i < j->n_own && i < SUBNETS_TOLD; i++) {
		const struct config_address *a = judged_address(j, &j->own[i]);

		used += snprintf(subnets + used, sizeof(subnets) - used, "%s" TEXT_ADDRESS "/%u",
			i == 0 ? "" : ", ", TEXT_QUAD(a->address & text_mask(a->depth)), a->depth);
	}
	if (j->n_own > SUBNETS_TOLD)
		snprintf(subnets + used, sizeof(subnets) - used, ", ...");
	judged_report(j, place, "an address in a subnet of one of the router's interfaces (%s)",
		j->n_own == 0 ? "they have none" : subnets);
}

static void
check_via(struct judged *j, uint32_t i)
{
	const struct config_route *route = &j->router->routes[i];
	const struct own_address *subnet;
	struct place place;

	if (route->type != CONFIG_ROUTE_VIA || route->via == PARSE_BAD_ADDRESS)
		return;
	place = route_place(j, i, "via");
	subnet = judged_longest(j, ANY_INTERFACE, route->via, 33);
	if (subnet != NULL)
		judged_host(j, &place, route->via, subnet);
	else if (j->all_known)
		report_no_subnet(j, &place);
}

/* The table has a route for each of these by itself. */
static void
check_not_connected(struct judged *j, uint32_t i)
{
	const struct config_route *route = &j->router->routes[i];
	const struct own_address *own = NULL;
	const char *what = "a connected subnet";
	char line[JUDGED_LINE_SIZE];
	struct place place;

	if ((j->depths >> route->depth & 1) != 0)
		own = judged_subnet(j, ANY_INTERFACE, route->prefix, route->depth);
	if (route->depth == 32 && judged_own(j, route->prefix) != NULL) {
		own = judged_own(j, route->prefix);
		what = "an address of the router";
	}
	if (own == NULL)
		return;
	place = route_place(j, i, "prefix");
	judged_report(j, &place, "a prefix that is not %s (interface \"%s\"%s)", what,
		judged_interface(j, own)->name, judged_line_text(j, &place, own, line));
}

/* `holder` had the prefix before. */
static void
report_again(struct judged *j, uint32_t i, uint32_t holder)
{
	struct place place = route_place(j, i, "prefix");
	bool elsewhere = is_in_file(j, i) && !is_in_file(j, holder);

	judged_report(j, &place, "a prefix no other route of the router has (first on line %u%s%s)",
		j->router->routes[holder].line, elsewhere ? " of " : "",
		elsewhere ? j->report->source : "");
}

void
validate_routes(struct judged *j)
{
	struct taken prefixes;

	if (taken_init(&prefixes, j->router->n_routes, sizeof(struct route_key)) < 0) {
		report_no_memory(j->report);
		return;
	}
	for (uint32_t i = 0; i < j->router->n_routes; i++) {
		const struct config_route *route = &j->router->routes[i];
		struct route_key key = { route->prefix, route->depth };
		uint32_t holder;

		check_via(j, i);
		if (route->depth == PARSE_BAD_ROUTE)
			continue;
		check_not_connected(j, i);
		holder = taken_claim(&prefixes, &key, i);
		if (holder != TAKEN_BY_NOBODY)
			report_again(j, i, holder);
	}
	taken_free(&prefixes);
}

static void
claim_neighbour(struct taken *neighbours, uint32_t *n, uint32_t address)
{
	if (address != PARSE_BAD_ADDRESS && taken_claim(neighbours, &address, 0) == TAKEN_BY_NOBODY)
		++*n;
}

uint32_t
validate_count_neighbours(struct judged *j)
{
	const struct config_router *router = j->router;
	struct taken neighbours;
	uint32_t n = 0;

	if (taken_init(&neighbours, (size_t)router->n_routes + router->n_neighbours,
		    sizeof(uint32_t)) < 0) {
		report_no_memory(j->report);
		return 0;
	}
	for (uint32_t i = 0; i < router->n_neighbours; i++)
		claim_neighbour(&neighbours, &n, router->neighbours[i].address);
	for (uint32_t i = 0; i < router->n_routes; i++)
		if (router->routes[i].type == CONFIG_ROUTE_VIA)
			claim_neighbour(&neighbours, &n, router->routes[i].via);
	taken_free(&neighbours);
	return n;
}
