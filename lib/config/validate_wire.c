/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "parse.h"
#include "validate.h"

static void
refuse_key(struct report *report, uint32_t node, const char *key)
{
	node = locate_member(report->locate, node, key);
	if (node != LOCATE_NONE)
		report_value(report, node, "no \"%s\" in a wire, which only relays frames", key);
}

static void
check_interface(struct report *report, const struct config_interface *interface, uint32_t node)
{
	refuse_key(report, node, "mac");
	refuse_key(report, node, "tunnel");
	refuse_key(report, node, "router_advertisement");
	if (interface->n_addresses > 0)
		report_value(report, locate_member(report->locate, node, "addresses"),
			"no addresses in a wire, which only relays frames");
}

void
validate_wire(struct report *report, const struct config_router *router, uint32_t node)
{
	static const char *const keys[] = { "table_engine", "max_routes", "max_neighbours",
		"neighbour_timeout", "icmp_rate", "echo_rate", "redirects", "accept_source_route",
		"routes", "routes_file", "neighbours", "multicast_routes" };
	uint32_t interfaces = locate_member(report->locate, node, "interfaces");

	for (unsigned int i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		refuse_key(report, node, keys[i]);
	if (router->n_interfaces != 2)
		report_error(report, interfaces != LOCATE_NONE ? interfaces : node,
			"found %u interfaces, expected two, which a wire joins",
			router->n_interfaces);
	for (uint32_t i = 0; i < router->n_interfaces; i++)
		check_interface(
			report, &router->interfaces[i], locate_item(report->locate, interfaces, i));
}
