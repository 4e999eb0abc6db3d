/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <rte_config.h>

#include "config_field.h"
#include "schema/table.h"
#include "parse.h"
#include "parse_advertisement.h"
#include "parse_cost.h"
#include "parse_link.h"
#include "parse_tunnel.h"
#include "pipeline.h"
#include "text.h"
#include "vias.h"

#define NAME_EXPECTED "a name of 1 to 31 characters out of A-Z, a-z, 0-9, \"_\", \".\" and \"-\""
static_assert(CONFIG_NAME_MAX == 31, "NAME_EXPECTED says 31");

/* The tables: what a config may hold */

static void
interface_check(struct report *report, struct value value, void *item, bool slips)
{
	bool vlan = json_object_get(value.json, "vlan") != NULL;
	bool outer_vlan = json_object_get(value.json, "outer_vlan") != NULL;
	bool tunnel = json_object_get(value.json, "tunnel") != NULL;

	struct config_interface *interface = item;

	interface->has_addresses = slips || json_object_get(value.json, "addresses") != NULL;
	/* A tunnel that cannot be read may stand for anything. */
	interface->has_port = slips || json_object_get(value.json, "port") != NULL ||
	                      (tunnel && interface->tunnel == NULL);
	if (vlan && !interface->has_port && !tunnel)
		report_value(report, locate_member(report->locate, value.node, "vlan"),
			"no \"vlan\" beside no \"port\": links carry frames without tags");
	parse_check_advertised(report, value, item);
	parse_check_tunnel(report, value, item);
	if (outer_vlan && !vlan && !tunnel && !slips)
		report_error(report, locate_member(report->locate, value.node, "outer_vlan"),
			"found no \"vlan\" beside it, expected that of the frames inside the outer "
			"VLAN");
}

static void
route_check(struct report *report, struct value value, void *item, bool slips)
{
	bool via = json_object_get(value.json, "via") != NULL;
	bool type = json_object_get(value.json, "type") != NULL;

	(void)item;
	if (via && type)
		report_error(report, value.node,
			"found both \"via\" and \"type\", expected exactly one of them");
	else if (!via && !type && !slips)
		report_error(report, value.node,
			"found neither \"via\" nor \"type\", expected exactly one of them");
}

/* What only a wire's interfaces may be without. */
static void
check_addresses(struct report *report, struct value value, struct config_router *router)
{
	uint32_t interfaces = locate_member(report->locate, value.node, "interfaces");
	json_t *list = json_object_get(value.json, "interfaces");
	json_t *forwarder = json_object_get(value.json, "forwarder");

	/* Of one that could not be read it is not known what it needs. */
	if (forwarder != NULL && (json_string_value(forwarder) == NULL ||
					 strcmp(json_string_value(forwarder),
						 text_forwarders[CONFIG_FORWARDER_ROUTER]) != 0))
		return;
	for (unsigned int i = 0; i < router->n_interfaces; i++) {
		struct config_interface *interface = &router->interfaces[i];

		if (!json_is_object(json_array_get(list, i)) || interface->has_addresses)
			continue;
		report_error(report, locate_item(report->locate, interfaces, i),
			"found no \"addresses\", expected a list of addresses");
		/* As a list that could not be read. */
		interface->addresses = calloc(1, sizeof(*interface->addresses));
		interface->n_addresses = interface->addresses != NULL;
	}
}

static void
router_check(struct report *report, struct value value, void *item, bool slips)
{
	struct config_router *router = item;
	struct value routes = {
		json_object_get(value.json, "routes"),
		locate_member(report->locate, value.node, "routes"),
	};

	if (!slips)
		check_addresses(report, value, router);
	if (router->n_routes > 0)
		vias_read(report, routes, router);
}

#define LCORE(object) FIELD_INTEGER(object, lcore, 0, RTE_MAX_LCORE - 1, CONFIG_LCORE_ANY)

static const struct kind address_kind = {
	.size = sizeof(struct ip_prefix),
	.read = field_read_address,
};

static const struct field config_advertised_prefix_fields[] = {
	FIELD_TEXT(config_advertised_prefix, prefix, advertised_prefix, true,
		"an IPv6 prefix that is neither link-local nor multicast, like "
		"\"2001:db8:1::/64\""),
	FIELD_BOOLEAN(config_advertised_prefix, on_link, true),
	FIELD_BOOLEAN(config_advertised_prefix, autonomous, true),
	FIELD_INTEGER(config_advertised_prefix, valid_lifetime, 0, UINT32_MAX,
		CONFIG_VALID_LIFETIME_DEFAULT),
	FIELD_INTEGER(config_advertised_prefix, preferred_lifetime, 0, UINT32_MAX,
		CONFIG_PREFERRED_LIFETIME_DEFAULT),
};
static const struct kind advertised_prefix_kind = {
	FIELD_OBJECTS(config_advertised_prefix, "an object (an advertised prefix)"),
	.check = parse_check_advertised_prefix,
};

/* What is left out depends on other members: see parse_check_advertisement(). */
static const struct field config_advertisement_fields[] = {
	FIELD_INTEGER(config_advertisement, max_interval, CONFIG_ADVERTISEMENT_INTERVAL_MIN,
		CONFIG_ADVERTISEMENT_INTERVAL_MAX, CONFIG_ADVERTISEMENT_INTERVAL_DEFAULT),
	FIELD_INTEGER(config_advertisement, min_interval, CONFIG_ADVERTISEMENT_INTERVAL_MIN - 1,
		CONFIG_ADVERTISEMENT_INTERVAL_MAX * 3 / 4, 0),
	FIELD_INTEGER(config_advertisement, lifetime, 0, CONFIG_ADVERTISEMENT_LIFETIME_MAX, 0),
	FIELD_INTEGER(config_advertisement, hop_limit, 0, 255, 64),
	FIELD_INTEGER(config_advertisement, mtu, 1280, CONFIG_MTU_MAX, 0),
	FIELD_BOOLEAN(config_advertisement, managed, false),
	FIELD_BOOLEAN(config_advertisement, other_config, false),
	FIELD_BOOLEAN(config_advertisement, source_link_address, true),
	FIELD_LIST(config_advertisement, prefixes, advertised_prefix_kind, false),
};
static const struct kind advertisement_kind = {
	FIELD_OBJECTS(config_advertisement, "an object (a router advertisement)"),
	.check = parse_check_advertisement,
};

static const struct field config_interface_fields[] = {
	FIELD_TEXT(config_interface, name, name, true, NAME_EXPECTED),
	FIELD_TEXT(config_interface, port, name, false, "the name of a port"),
	{
		.key = "tunnel",
		.type = &object_pointer,
		.offset = offsetof(struct config_interface, tunnel),
		.expected = "an object (a tunnel)",
		.items = &tunnel_kind,
	},
	{
		.key = "vlan",
		.type = &field_integer,
		.offset = offsetof(struct config_interface, vlan),
		.size = sizeof(uint16_t),
		.min = 1,
		.max = CONFIG_VLAN_MAX,
		.fallback = CONFIG_VLAN_NONE,
		.expected = "an integer from 1 to 4094, or no \"vlan\" for untagged frames",
	},
	{
		.key = "outer_vlan",
		.type = &field_integer,
		.offset = offsetof(struct config_interface, outer_vlan),
		.size = sizeof(uint16_t),
		.min = 1,
		.max = CONFIG_VLAN_MAX,
		.fallback = CONFIG_VLAN_NONE,
		.expected = "an integer from 1 to 4094, or no \"outer_vlan\" for frames without an "
			    "802.1ad tag",
	},
	FIELD_TEXT(config_interface, mac, interface_mac, false,
		"a unicast MAC address, like \"02:00:00:00:00:01\""),
	FIELD_INTEGER(config_interface, mtu, CONFIG_MTU_MIN, CONFIG_MTU_MAX, CONFIG_MTU_OF_PORT),
	FIELD_LIST(config_interface, addresses, address_kind, false),
	{
		.key = "router_advertisement",
		.type = &object_pointer,
		.offset = offsetof(struct config_interface, router_advertisement),
		.expected = "an object (a router advertisement), {} for all defaults",
		.items = &advertisement_kind,
	},
};
static const struct kind interface_kind = {
	FIELD_OBJECTS(config_interface, "an object (an interface)"),
	.check = interface_check,
};

static const struct field config_route_fields[] = {
	FIELD_TEXT(config_route, prefix, prefix, true, TEXT_LIKE_PREFIX),
	{ .key = "via", .type = &vias_field },
	FIELD_WORD(config_route, type, text_route_types + CONFIG_ROUTE_BLACKHOLE,
		CONFIG_ROUTE_BLACKHOLE, CONFIG_ROUTE_PROHIBIT, CONFIG_ROUTE_VIA,
		"\"blackhole\", \"unreachable\" or \"prohibit\""),
	FIELD_INTEGER(config_route, distance, 1, CONFIG_DISTANCE_MAX, CONFIG_DISTANCE_DEFAULT),
};
static const struct kind route_kind = {
	FIELD_OBJECTS(config_route, "an object (a route)"),
	.check = route_check,
};

static const struct field config_neighbour_fields[] = {
	FIELD_TEXT(
		config_neighbour, interface, name, true, "the name of an interface of the router"),
	FIELD_TEXT(config_neighbour, address, neighbour, true, TEXT_LIKE_ADDRESS),
	FIELD_TEXT(config_neighbour, mac, mac, true,
		"a unicast MAC address, like \"02:00:00:00:00:01\""),
};
static const struct kind neighbour_kind = { FIELD_OBJECTS(
	config_neighbour, "an object (a neighbour)") };

static const struct kind out_kind = {
	.items = "interfaces",
	.size = sizeof(struct config_name),
	.read = field_read_interface_name,
};

static const struct field config_multicast_route_fields[] = {
	FIELD_TEXT(config_multicast_route, group, group, true,
		"a multicast group, like \"239.1.1.1\" or \"ff0e::1\""),
	FIELD_TEXT(config_multicast_route, source, neighbour, false, NULL),
	FIELD_TEXT(
		config_multicast_route, in, name, true, "the name of an interface of the router"),
	{
		.key = "out",
		.type = &object_list,
		.required = true,
		.offset = offsetof(struct config_multicast_route, out),
		.expected = "a list of interfaces",
		.items = &out_kind,
		.count_offset = offsetof(struct config_multicast_route, n_out),
	},
};
static const struct kind multicast_route_kind = {
	FIELD_OBJECTS(config_multicast_route, "an object (a multicast route)"),
};

static const struct field config_router_fields[] = {
	FIELD_TEXT(config_router, name, router_name, true, NAME_EXPECTED),
	FIELD_INTEGER(config_router, weight, 1, CONFIG_WEIGHT_MAX, CONFIG_WEIGHT_DEFAULT),
	{
		.key = "reserve",
		.type = &object_pointer,
		.offset = offsetof(struct config_router, reserve),
		.expected = RESERVE_EXPECTED,
		.items = &reserve_kind,
	},
	{
		.key = "limit",
		.type = &object_pointer,
		.offset = offsetof(struct config_router, limit),
		.expected = LIMIT_EXPECTED,
		.items = &limit_kind,
	},
	LCORE(config_router),
	{
		.key = "fifo",
		.type = &field_power_of_two,
		.offset = offsetof(struct config_router, fifo),
		.size = sizeof(uint32_t),
		.min = CONFIG_FIFO_MIN,
		.max = CONFIG_FIFO_MAX,
		.fallback = CONFIG_FIFO_DEFAULT,
	},
	FIELD_WORD(config_router, forwarder, text_forwarders, CONFIG_FORWARDER_ROUTER,
		CONFIG_FORWARDER_WIRE, CONFIG_FORWARDER_ROUTER, "\"router\" or \"wire\""),
	FIELD_WORD(config_router, table_engine, text_table_engines, CONFIG_TABLE_ENGINE_COMPACT,
		CONFIG_TABLE_ENGINE_LPM, CONFIG_TABLE_ENGINE_COMPACT,
		"\"compact\", \"fib\" or \"lpm\""),
	FIELD_INTEGER(
		config_router, max_routes, 1, CONFIG_MAX_ROUTES_MAX, CONFIG_MAX_ROUTES_DEFAULT),
	FIELD_INTEGER(config_router, max_neighbours, 1, CONFIG_MAX_NEIGHBOURS_MAX,
		CONFIG_MAX_NEIGHBOURS_DEFAULT),
	FIELD_INTEGER(config_router, neighbour_timeout, 1, CONFIG_NEIGHBOUR_TIMEOUT_MAX,
		CONFIG_NEIGHBOUR_TIMEOUT_DEFAULT),
	FIELD_INTEGER(config_router, icmp_rate, 0, CONFIG_RATE_MAX, CONFIG_ICMP_RATE_DEFAULT),
	FIELD_INTEGER(config_router, echo_rate, 0, CONFIG_RATE_MAX, CONFIG_ECHO_RATE_DEFAULT),
	FIELD_BOOLEAN(config_router, redirects, true),
	FIELD_BOOLEAN(config_router, accept_source_route, false),
	FIELD_LIST(config_router, interfaces, interface_kind, false),
	FIELD_LIST(config_router, routes, route_kind, false),
	FIELD_TEXT(config_router, routes_file, path, false, "the path of a file of routes"),
	FIELD_LIST(config_router, neighbours, neighbour_kind, false),
	FIELD_LIST(config_router, multicast_routes, multicast_route_kind, false),
	{ .key = "pipeline", .type = &pipeline_field },
};
static const struct kind router_kind = {
	FIELD_OBJECTS(config_router, "an object (a router)"),
	.check = router_check,
};

static const struct field config_port_fields[] = {
	FIELD_TEXT(config_port, name, name, true, NAME_EXPECTED),
	FIELD_TEXT(config_port, device, device, true,
		"DPDK devargs or a PCI address, like \"net_null0\" or \"0000:03:00.0\""),
	FIELD_INTEGER(config_port, rx_descriptors, CONFIG_DESCRIPTORS_MIN, CONFIG_DESCRIPTORS_MAX,
		CONFIG_DESCRIPTORS_DEFAULT),
	FIELD_INTEGER(config_port, tx_descriptors, CONFIG_DESCRIPTORS_MIN, CONFIG_DESCRIPTORS_MAX,
		CONFIG_DESCRIPTORS_DEFAULT),
	FIELD_INTEGER(config_port, mtu, CONFIG_MTU_MIN, CONFIG_MTU_MAX, CONFIG_MTU_DEFAULT),
	LCORE(config_port),
};
static const struct kind port_kind = { FIELD_OBJECTS(config_port, "an object (a port)") };

static const struct kind link_kind = {
	.items = "links",
	.size = sizeof(struct config_link),
	.read = parse_link,
};

static const struct field config_fields[] = {
	FIELD_INTEGER(config, quantum_us, 1, CONFIG_QUANTUM_US_MAX, CONFIG_QUANTUM_US_DEFAULT),
	{
		.key = "cost",
		.type = &object_pointer,
		.offset = offsetof(struct config, cost),
		.expected = "an object (how turns are charged)",
		.items = &cost_kind,
	},
	{
		.key = "watchdog",
		.type = &object_pointer,
		.offset = offsetof(struct config, watchdog),
		.expected = WATCHDOG_EXPECTED,
		.items = &watchdog_kind,
	},
	{
		.key = "memory",
		.type = &object_pointer,
		.offset = offsetof(struct config, memory),
		.expected = MEMORY_EXPECTED,
		.items = &config_memory_kind,
	},
	FIELD_INTEGER(config, mbufs, 0, CONFIG_MBUFS_MAX, 0),
	FIELD_LIST(config, ports, port_kind, true),
	FIELD_LIST(config, routers, router_kind, true),
	FIELD_LIST(config, links, link_kind, false),
};
static const struct kind config_kind = {
	.expected = "an object with \"ports\" and \"routers\"",
	.fields = config_fields,
	.n_fields = ARRAY_SIZE(config_fields),
};

void
parse_config(struct report *report, json_t *json, struct config *config)
{
	object_read(report, (struct value){ json, LOCATE_ROOT }, &config_kind, config);
}

void
parse_router(struct report *report, json_t *json, struct config *config)
{
	config->routers = calloc(1, sizeof(*config->routers));
	if (config->routers == NULL) {
		report_no_memory(report);
		return;
	}
	config->n_routers = 1;
	object_read(report, (struct value){ json, LOCATE_ROOT }, &router_kind, config->routers);
}
