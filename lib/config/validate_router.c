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

#define ONE_LINK_LOCAL \
	"one link-local address an interface at most, by which its neighbours know the router"

/* The interfaces' addresses among themselves */

static void
report_address(struct judged *j, struct own_address *own, const struct own_address *other,
	const char *expected)
{
	char text[IP_PREFIX_TEXT_SIZE];

	if (own->reported)
		return;
	own->reported = true;
	report_value(j->report, judged_node(j, own), "%s (%s of interface \"%s\", line %u)",
		expected, ip_prefix_text(judged_address(j, other), text),
		judged_interface(j, other)->name, judged_line(j, other));
}

/* Makes the key the address's; whose it is already, or NULL. */
static struct own_address *
claim(struct judged *j, struct taken *taken, struct judged_key key, uint32_t index)
{
	uint32_t holder = taken_claim(taken, &key, index);

	return holder == TAKEN_BY_NOBODY ? NULL : &j->own[holder];
}

static void
note_depth(struct judged *j, const struct ip_prefix *subnet)
{
	struct judged_depths *depths = &j->depths[subnet->address.family];
	unsigned int i = 0;

	while (i < depths->n && depths->depths[i] > subnet->depth)
		i++;
	if (i < depths->n && depths->depths[i] == subnet->depth)
		return;
	memmove(&depths->depths[i + 1], &depths->depths[i], depths->n - i);
	depths->depths[i] = subnet->depth;
	depths->n++;
}

static void
claim_address(struct judged *j, uint32_t index)
{
	struct own_address *own = &j->own[index];
	const struct ip_prefix *subnet = judged_address(j, own);
	bool link_local = ip_address_is_link_local(&subnet->address);
	const struct own_address *holder;

	note_depth(j, subnet);
	holder = claim(
		j, &j->addresses, judged_address_key(own->interface, &subnet->address), index);
	if (holder != NULL && holder->interface != own->interface)
		report_address(j, own, holder, "an address no other interface of the router has");
	holder = claim(j, &j->subnets, judged_subnet_key(own->interface, subnet), index);
	if (holder != NULL)
		report_address(j, own, holder,
			link_local ? ONE_LINK_LOCAL
				   : "a subnet that overlaps no other of the interface");
	if (link_local)
		return;
	holder = claim(j, &j->subnets, judged_subnet_key(ANY_INTERFACE, subnet), index);
	if (holder != NULL)
		report_address(j, own, holder, "a subnet no other interface of the router is in");
}

/* Subnets nest or are apart: of two that overlap on an interface, one is in the other. */
static void
check_overlap(struct judged *j, uint32_t index)
{
	struct own_address *own = &j->own[index];
	const struct ip_prefix *subnet = judged_address(j, own);
	struct own_address *around =
		judged_longest(j, own->interface, &subnet->address, subnet->depth);

	if (around != NULL)
		report_address(j, own, around, "a subnet that overlaps no other of the interface");
}

static void
list_interface(struct judged *j, uint32_t i)
{
	const struct config_interface *interface = &j->router->interfaces[i];

	for (uint32_t a = 0; a < interface->n_addresses; a++) {
		if (interface->addresses[a].depth == PARSE_BAD_DEPTH)
			j->all_known = false;
		else
			j->own[j->n_own++] = (struct own_address){ i, a, false };
	}
}

static void
check_names(struct judged *j)
{
	struct taken names;

	if (taken_init(&names, j->router->n_interfaces, CONFIG_NAME_MAX + 1) < 0) {
		report_no_memory(j->report);
		return;
	}
	for (uint32_t i = 0; i < j->router->n_interfaces; i++)
		validate_name(j->report, &names, j->router->interfaces[i].name,
			locate_item(j->report->locate, j->interfaces_node, i),
			"interface of the router");
	taken_free(&names);
}

static void
check_interfaces(struct judged *j)
{
	check_names(j);
	j->all_known = j->names.all_known;
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
	uint32_t interface = interface_names_find(&j->names, neighbour->interface);
	const char *near;

	if (interface != CONFIG_ZONE_NONE)
		return interface;
	if (neighbour->interface[0] == '\0' || !j->names.all_known)
		return ANY_INTERFACE;
	near = interface_names_near(&j->names, neighbour->interface);
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
check_neighbour_subnet(
	struct judged *j, uint32_t interface, const struct ip_address *address, uint32_t node)
{
	const char *name = j->router->interfaces[interface].name;
	const struct place place = { .node = node };
	const struct own_address *subnet = judged_longest(j, interface, address, ANY_DEPTH);
	const struct own_address *longest = judged_longest(j, ANY_INTERFACE, address, ANY_DEPTH);

	if (ip_address_is_link_local(address))
		return judged_link_local(j, &place, interface, address);
	if (subnet == NULL) {
		if (j->all_known)
			report_value(j->report, node, "an address in a subnet of interface \"%s\"",
				name);
		return false;
	}
	if (judged_address(j, longest)->depth > judged_address(j, subnet)->depth &&
		judged_own(j, interface, address) == NULL) {
		report_value(j->report, node,
			"an address that is not in the longer subnet of interface \"%s\" (line %u)",
			judged_interface(j, longest)->name, judged_line(j, longest));
		return false;
	}
	return judged_host(j, &place, interface, address, judged_address(j, subnet));
}

static bool
is_point_to_point(const struct config_interface *interface)
{
	return interface->tunnel != NULL && interface->tunnel->type != CONFIG_TUNNEL_VXLAN;
}

static void
check_neighbour(struct judged *j, struct taken *known, uint32_t i)
{
	const struct config_neighbour *neighbour = &j->router->neighbours[i];
	const struct locate *locate = j->report->locate;
	uint32_t node = locate_item(locate, j->neighbours_node, i);
	uint32_t address_at = locate_member(locate, node, "address");
	uint32_t interface = neighbour_interface(j, neighbour, node);
	struct judged_key key = { interface, ip_prefix_of_host(&neighbour->address), 0 };
	uint32_t holder;

	if (interface == ANY_INTERFACE || ip_address_is_zero(&neighbour->address))
		return;
	if (is_point_to_point(&j->router->interfaces[interface])) {
		report_value(j->report, locate_member(locate, node, "interface"),
			"an interface whose neighbours have MACs: this one is a point to point "
			"tunnel");
		return;
	}
	if (!check_neighbour_subnet(j, interface, &neighbour->address, address_at))
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

	if (taken_init(&known, j->router->n_neighbours, sizeof(struct judged_key)) < 0) {
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

/* What the table of a family must hold. */
static void
check_max_routes(struct judged *j, enum ip_family family)
{
	const struct config_router *router = j->router;
	uint32_t n_text = 0, n_file = 0, n_subnets = 0, n_addresses = 0;
	char in_file[sizeof(" and 4294967295 of its file")] = "";
	char expected[192];
	uint64_t n;

	for (uint32_t i = 0; i < router->n_routes; i++) {
		bool in_text = i < router->n_routes - router->n_file_routes;

		if (router->routes[i].prefix.address.family == family)
			*(in_text ? &n_text : &n_file) += 1;
	}
	for (uint32_t i = 0; i < j->n_own; i++) {
		const struct ip_prefix *own = judged_address(j, &j->own[i]);

		/* Link-local ones are on every interface, and in no table. */
		if (own->address.family != family || ip_address_is_link_local(&own->address))
			continue;
		n_addresses++;
		n_subnets += !ip_prefix_is_host(own);
	}
	n = (uint64_t)n_text + n_file + n_subnets + n_addresses;
	if (n <= router->max_routes)
		return;
	if (n_file > 0)
		snprintf(in_file, sizeof(in_file), " and %u of its file", n_file);
	snprintf(expected, sizeof(expected),
		"%ju at least for %s: %u static routes%s, %u connected subnets, %u own addresses",
		(uintmax_t)n, ip_family_name(family), n_text, in_file, n_subnets, n_addresses);
	report_limit(j, "max_routes", router->max_routes, expected);
}

static void
check_limits(struct judged *j)
{
	uint32_t n = validate_count_neighbours(j);
	char expected[192];

	for (enum ip_family family = IP_FAMILY_IPV4; family < IP_FAMILIES; family++)
		check_max_routes(j, family);
	if (n <= j->router->max_neighbours)
		return;
	snprintf(expected, sizeof(expected),
		"%u at least, for the static neighbours and those that routes lead to", n);
	report_limit(j, "max_neighbours", j->router->max_neighbours, expected);
}

static int
judged_init(struct judged *j)
{
	size_t n = 0;

	for (uint32_t i = 0; i < j->router->n_interfaces; i++)
		n += j->router->interfaces[i].n_addresses;
	j->own = calloc(n + 1, sizeof(*j->own));
	if (j->own == NULL || taken_init(&j->subnets, 2 * n, sizeof(struct judged_key)) < 0 ||
		taken_init(&j->addresses, n, sizeof(struct judged_key)) < 0)
		return -ENOMEM;
	return interface_names_init(&j->names, j->router);
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
		.multicast_node = locate_member(report->locate, node, "multicast_routes"),
	};

	if (judged_init(&j) < 0) {
		report_no_memory(report);
	} else {
		check_interfaces(&j);
		validate_routes(&j);
		check_neighbours(&j);
		validate_multicast(&j);
		check_limits(&j);
	}
	interface_names_free(&j.names);
	taken_free(&j.addresses);
	taken_free(&j.subnets);
	free(j.own);
}
