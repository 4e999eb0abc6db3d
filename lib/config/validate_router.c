/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judged.h"
#include "parse.h"
#include "text.h"
#include "validate.h"

struct neighbour_key {
	uint32_t interface;
	uint32_t address;
};

/* The interfaces' addresses among themselves */

static void
report_address(struct judged *j, struct own_address *own, const struct own_address *other,
	const char *expected)
{
	const struct config_address *address = judged_address(j, other);

	if (own->reported)
		return;
	own->reported = true;
	report_value(j->report, judged_node(j, own),
		"%s (" TEXT_ADDRESS "/%u of interface \"%s\", line %u)", expected,
		TEXT_QUAD(address->address), address->depth, judged_interface(j, other)->name,
		judged_line(j, other));
}

static void
claim_address(struct judged *j, uint32_t index)
{
	struct own_address *own = &j->own[index];
	const struct config_address *address = judged_address(j, own);
	struct subnet_key key = {
		.interface = own->interface,
		.prefix = address->address & text_mask(address->depth),
		.depth = address->depth,
	};
	uint32_t holder;

	j->depths |= UINT64_C(1) << address->depth;
	holder = taken_claim(&j->addresses, &address->address, index);
	if (holder != TAKEN_BY_NOBODY && j->own[holder].interface != own->interface)
		report_address(
			j, own, &j->own[holder], "an address no other interface of the router has");
	holder = taken_claim(&j->subnets, &key, index);
	if (holder != TAKEN_BY_NOBODY)
		report_address(j, own, &j->own[holder],
			"a subnet that overlaps no other of the interface");
	key.interface = ANY_INTERFACE;
	holder = taken_claim(&j->subnets, &key, index);
	if (holder != TAKEN_BY_NOBODY)
		report_address(
			j, own, &j->own[holder], "a subnet no other interface of the router is in");
}

/* Subnets nest or are apart: of two that overlap on an interface, one is in the other. */
static void
check_overlap(struct judged *j, uint32_t index)
{
	struct own_address *own = &j->own[index];
	const struct config_address *address = judged_address(j, own);
	struct own_address *around =
		judged_longest(j, own->interface, address->address, address->depth);

	if (around != NULL)
		report_address(j, own, around, "a subnet that overlaps no other of the interface");
}

static void
list_interface(struct judged *j, uint32_t i)
{
	const struct config_interface *interface = &j->router->interfaces[i];

	validate_name(j->report, &j->names, interface->name,
		locate_item(j->report->locate, j->interfaces_node, i), "interface of the router");
	if (interface->name[0] == '\0')
		j->all_known = false;
	for (uint32_t a = 0; a < interface->n_addresses; a++) {
		if (interface->addresses[a].depth == PARSE_BAD_DEPTH)
			j->all_known = false;
		else
			j->own[j->n_own++] = (struct own_address){ i, a, false };
	}
}

static void
check_interfaces(struct judged *j)
{
	for (uint32_t i = 0; i < j->router->n_interfaces; i++)
		list_interface(j, i);
	for (uint32_t i = 0; i < j->n_own; i++)
		claim_address(j, i);
	for (uint32_t i = 0; i < j->n_own; i++)
		check_overlap(j, i);
}

/* Neighbours */

/* The index of the interface it names, or ANY_INTERFACE and, unless it may exist, a report. */
static uint32_t
neighbour_interface(struct judged *j, const struct config_neighbour *neighbour, uint32_t node)
{
	char key[CONFIG_NAME_MAX + 1] = "";
	const char *near = NULL;
	uint32_t holder;

	if (neighbour->interface[0] == '\0')
		return ANY_INTERFACE;
	strcpy(key, neighbour->interface);
	holder = taken_find(&j->names, key);
	if (holder != TAKEN_BY_NOBODY)
		return j->report->locate->nodes[holder].index;
	if (!j->all_known)
		return ANY_INTERFACE;
	for (uint32_t i = 0; i < j->router->n_interfaces; i++) {
		if (text_is_near(key, strlen(key), j->router->interfaces[i].name))
			near = j->router->interfaces[i].name;
	}
	node = locate_member(j->report->locate, node, "interface");
	if (near != NULL)
		report_value(j->report, node,
			"the name of an interface of the router (did you mean \"%s\"?)", near);
	else
		report_value(j->report, node, "the name of an interface of the router");
	return ANY_INTERFACE;
}

/* In the interface's own subnet, and in no longer one of another, where nobody would look. */
static bool
check_neighbour_subnet(struct judged *j, uint32_t interface, uint32_t address, uint32_t node)
{
	const char *name = j->router->interfaces[interface].name;
	const struct place place = { .node = node };
	const struct own_address *subnet = judged_longest(j, interface, address, 33);
	const struct own_address *longest = judged_longest(j, ANY_INTERFACE, address, 33);

	if (subnet == NULL) {
		if (j->all_known)
			report_value(j->report, node, "an address in a subnet of interface \"%s\"",
				name);
		return false;
	}
	if (judged_address(j, longest)->depth > judged_address(j, subnet)->depth &&
		judged_own(j, address) == NULL) {
		report_value(j->report, node,
			"an address that is not in the longer subnet of interface \"%s\" (line %u)",
			judged_interface(j, longest)->name, judged_line(j, longest));
		return false;
	}
	return judged_host(j, &place, address, subnet);
}

static void
check_neighbour(struct judged *j, struct taken *known, uint32_t i)
{
	const struct config_neighbour *neighbour = &j->router->neighbours[i];
	const struct locate *locate = j->report->locate;
	uint32_t node = locate_item(locate, j->neighbours_node, i);
	uint32_t address_at = locate_member(locate, node, "address");
	struct neighbour_key key = {
		.interface = neighbour_interface(j, neighbour, node),
		.address = neighbour->address,
	};
	uint32_t holder;

	if (key.interface == ANY_INTERFACE || key.address == PARSE_BAD_ADDRESS)
		return;
	if (!check_neighbour_subnet(j, key.interface, key.address, address_at))
		return;
	holder = taken_claim(known, &key, node);
	if (holder != TAKEN_BY_NOBODY)
		report_value(j->report, address_at,
			"an address no other neighbour of the interface has (first on line %u)",
			report_line(j->report, holder));
}

static void
check_neighbours(struct judged *j)
{
	struct taken known;

	if (taken_init(&known, j->router->n_neighbours, sizeof(struct neighbour_key)) < 0) {
		report_no_memory(j->report);
		return;
	}
	for (uint32_t i = 0; i < j->router->n_neighbours; i++)
		check_neighbour(j, &known, i);
	taken_free(&known);
}

/* Limits */

static void
report_limit(struct judged *j, const char *key, uint32_t limit, const char *expected)
{
	uint32_t node = locate_member(j->report->locate, j->node, key);

	if (node != LOCATE_NONE)
		report_value(j->report, node, "%s", expected);
	else
		report_error(j->report, j->node, "found \"%s\" at its default of %u, expected %s",
			key, limit, expected);
}

static void
check_limits(struct judged *j)
{
	const struct config_router *router = j->router;
	uint32_t n_connected = 0;
	uint64_t n;
	uint32_t n_own_routes = router->n_routes - router->n_file_routes;
	char in_file[sizeof(" and 4294967295 of its file")] = "";
	char expected[192];

	if (router->n_file_routes > 0)
		snprintf(in_file, sizeof(in_file), " and %u of its file", router->n_file_routes);
	for (uint32_t i = 0; i < j->n_own; i++)
		n_connected += judged_address(j, &j->own[i])->depth < 32;
	n = (uint64_t)router->n_routes + n_connected + j->n_own;
	if (n > router->max_routes) {
		snprintf(expected, sizeof(expected),
			"%ju at least: %u static routes%s, %u connected subnets, %u own addresses",
			(uintmax_t)n, n_own_routes, in_file, n_connected, j->n_own);
		report_limit(j, "max_routes", router->max_routes, expected);
	}
	n = validate_count_neighbours(j);
	if (n > router->max_neighbours) {
		snprintf(expected, sizeof(expected),
			"%ju at least, for the static neighbours and those that routes lead to",
			(uintmax_t)n);
		report_limit(j, "max_neighbours", router->max_neighbours, expected);
	}
}

static int
judged_init(struct judged *j)
{
	size_t n = 0;

	for (uint32_t i = 0; i < j->router->n_interfaces; i++)
		n += j->router->interfaces[i].n_addresses;
	j->own = calloc(n + 1, sizeof(*j->own));
	if (j->own == NULL || taken_init(&j->subnets, 2 * n, sizeof(struct subnet_key)) < 0 ||
		taken_init(&j->addresses, n, sizeof(uint32_t)) < 0)
		return -ENOMEM;
	return taken_init(&j->names, j->router->n_interfaces, CONFIG_NAME_MAX + 1);
}

void
validate_router(struct report *report, const struct config_router *router, uint32_t node,
	struct line_report *lines)
{
	struct judged j = {
		.report = report,
		.lines = lines,
		.router = router,
		.node = node,
		.interfaces_node = locate_member(report->locate, node, "interfaces"),
		.routes_node = locate_member(report->locate, node, "routes"),
		.neighbours_node = locate_member(report->locate, node, "neighbours"),
		.all_known = true,
	};

	if (judged_init(&j) < 0) {
		report_no_memory(report);
	} else {
		check_interfaces(&j);
		validate_routes(&j);
		check_neighbours(&j);
		check_limits(&j);
	}
	taken_free(&j.names);
	taken_free(&j.addresses);
	taken_free(&j.subnets);
	free(j.own);
}
