/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "judged.h"

/* A group and who may send to it; what is compared byte by byte. */
struct group_key {
	struct ip_address group;
	struct ip_address source;
};
static_assert(sizeof(struct group_key) == 34, "no padding");

/* The interface of this name, or CONFIG_ZONE_NONE and, unless it may exist, a report. */
static uint32_t
find_interface(struct judged *j, const char *name, uint32_t node)
{
	uint32_t interface = interface_names_find(&j->names, name);
	const char *near;

	if (interface != CONFIG_ZONE_NONE || name[0] == '\0' || !j->names.all_known)
		return interface;
	near = interface_names_near(&j->names, name);
	if (near != NULL)
		report_value(j->report, node,
			"the name of an interface of the router (did you mean \"%s\"?)", near);
	else
		report_value(j->report, node, "the name of an interface of the router");
	return interface;
}

static void
check_out(struct judged *j, const struct config_multicast_route *route, uint32_t node)
{
	uint32_t in = find_interface(j, route->in, locate_member(j->report->locate, node, "in"));
	uint32_t list = locate_member(j->report->locate, node, "out");

	if (route->n_out == 0)
		report_value(j->report, list, "at least one interface");
	else if (route->n_out > CONFIG_MULTICAST_OUT_MAX)
		report_value(j->report, list, "at most %d interfaces", CONFIG_MULTICAST_OUT_MAX);
	for (unsigned int i = 0; i < route->n_out; i++) {
		uint32_t at = locate_item(j->report->locate, list, i);
		uint32_t out = find_interface(j, route->out[i].name, at);

		if (out == CONFIG_ZONE_NONE)
			continue;
		if (out == in)
			report_value(
				j->report, at, "another interface than the one packets come in by");
		for (unsigned int k = 0; k < i; k++)
			if (interface_names_find(&j->names, route->out[k].name) == out) {
				report_value(j->report, at,
					"an interface that is not in the "
					"list before");
				break;
			}
	}
}

static void
check_route(struct judged *j, struct taken *known, uint32_t i)
{
	const struct config_multicast_route *route = &j->router->multicast_routes[i];
	uint32_t node = locate_item(j->report->locate, j->multicast_node, i);
	uint32_t source_at = locate_member(j->report->locate, node, "source");
	struct group_key key = { route->group, route->source };
	uint32_t holder;

	check_out(j, route, node);
	if (ip_address_is_zero(&route->group))
		return;
	if (!ip_address_is_zero(&route->source) && route->source.family != route->group.family) {
		report_value(j->report, source_at, "an %s address, as the group's is",
			ip_family_name(route->group.family));
		return;
	}
	/* Where it is left out, it is of the group's family. */
	key.source.family = route->group.family;
	holder = taken_claim(known, &key, node);
	if (holder != TAKEN_BY_NOBODY)
		report_value(j->report, locate_member(j->report->locate, node, "group"),
			"a group and source that no other multicast route has (first on line %u)",
			report_line(j->report, holder));
}

void
validate_multicast(struct judged *j)
{
	struct taken known;

	if (j->router->n_multicast_routes > CONFIG_MULTICAST_ROUTES_MAX)
		report_error(j->report, j->multicast_node,
			"found %u multicast routes, expected %d "
			"at most",
			j->router->n_multicast_routes, CONFIG_MULTICAST_ROUTES_MAX);
	if (taken_init(&known, j->router->n_multicast_routes, sizeof(struct group_key)) < 0) {
		report_no_memory(j->report);
		return;
	}
	for (uint32_t i = 0; i < j->router->n_multicast_routes; i++)
		check_route(j, &known, i);
	taken_free(&known);
}
