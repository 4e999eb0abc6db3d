/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "text.h"
#include "validate.h"

#define SUBNETS_TOLD  8 /* in a message */
#define EXPECTED_SIZE 512
#define ANY_INTERFACE UINT32_MAX

/* An address of the router's, by where it stands; index of `own`. */
struct own_address {
	uint32_t interface;
	uint32_t index;
	bool reported;
};

struct subnet_key {
	uint32_t interface; /* or ANY_INTERFACE */
	uint32_t prefix;
	uint32_t depth;
};
static_assert(sizeof(struct subnet_key) == 12, "compared byte by byte");

struct route_key {
	uint32_t prefix;
	uint32_t depth;
};

struct neighbour_key {
	uint32_t interface;
	uint32_t address;
};

/* A router and what its interfaces' addresses come to. */
struct judged {
	struct report *report;
	struct line_report *lines; /* of its file of routes */
	const struct config_router *router;
	uint32_t node;
	uint32_t interfaces_node;
	uint32_t routes_node;
	uint32_t neighbours_node;
	struct own_address *own;
	uint32_t n_own;
	struct taken subnets;   /* subnet_key -> index of own */
	struct taken addresses; /* uint32_t -> index of own */
	struct taken names;     /* of interfaces -> node */
	uint64_t depths;        /* bit d: there is a subnet of this depth */
	bool all_known;         /* no name and no address of an interface is unreadable */
};

static const struct config_interface *
interface_of(const struct judged *j, const struct own_address *own)
{
	return &j->router->interfaces[own->interface];
}

static const struct config_address *
address_of(const struct judged *j, const struct own_address *own)
{
	return &interface_of(j, own)->addresses[own->index];
}

static uint32_t
address_node(const struct judged *j, const struct own_address *own)
{
	const struct locate *locate = j->report->locate;
	uint32_t interface = locate_item(locate, j->interfaces_node, own->interface);

	return locate_item(locate, locate_member(locate, interface, "addresses"), own->index);
}

static uint32_t
address_line(const struct judged *j, const struct own_address *own)
{
	return report_line(j->report, address_node(j, own));
}

static struct own_address *
find_own(const struct judged *j, uint32_t address)
{
	uint32_t i = taken_find(&j->addresses, &address);

	return i == TAKEN_BY_NOBODY ? NULL : &j->own[i];
}

static struct own_address *
find_subnet(const struct judged *j, uint32_t interface, uint32_t prefix, uint32_t depth)
{
	struct subnet_key key = { interface, prefix, depth };
	uint32_t i = taken_find(&j->subnets, &key);

	return i == TAKEN_BY_NOBODY ? NULL : &j->own[i];
}

/* The longest subnet with this address and a depth below `limit`, of one interface or any. */
static struct own_address *
find_longest(const struct judged *j, uint32_t interface, uint32_t address, int limit)
{
	for (int depth = limit - 1; depth > 0; depth--) {
		struct own_address *own;

		if ((j->depths >> depth & 1) == 0)
			continue;
		own = find_subnet(j, interface, address & text_mask(depth), depth);
		if (own != NULL)
			return own;
	}
	return NULL;
}

/* The interfaces' addresses among themselves */

static void
report_address(struct judged *j, struct own_address *own, const struct own_address *other,
	const char *expected)
{
	const struct config_address *address = address_of(j, other);

	if (own->reported)
		return;
	own->reported = true;
	report_value(j->report, address_node(j, own),
		"%s (" TEXT_ADDRESS "/%u of interface \"%s\", line %u)", expected,
		TEXT_QUAD(address->address), address->depth, interface_of(j, other)->name,
		address_line(j, other));
}

static void
claim_address(struct judged *j, uint32_t index)
{
	struct own_address *own = &j->own[index];
	const struct config_address *address = address_of(j, own);
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
	const struct config_address *address = address_of(j, own);
	struct own_address *around =
		find_longest(j, own->interface, address->address, address->depth);

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

/* Values that a route or a neighbour has */

/*
 * Where a value stands: in the text, or in the file of routes, of which nothing is kept but what it
 * came to.
 */
struct place {
	uint32_t node;
	uint32_t line; /* of the file of routes; 0: in the text */
	uint32_t address;
	int depth; /* of a prefix; -1: an address */
};

static void report_place(struct judged *j, const struct place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What was expected there. */
static void
report_place(struct judged *j, const struct place *place, const char *format, ...)
{
	char expected[EXPECTED_SIZE];
	char found[sizeof("255.255.255.255/32")];
	va_list args;
	int length;

	va_start(args, format);
	vsnprintf(expected, sizeof(expected), format, args);
	va_end(args);
	if (place->line == 0) {
		report_value(j->report, place->node, "%s", expected);
		return;
	}
	length = snprintf(found, sizeof(found), TEXT_ADDRESS, TEXT_QUAD(place->address));
	if (place->depth >= 0)
		length += snprintf(found + length, sizeof(found) - (size_t)length, "/%d",
			place->depth);
	line_report_value(j->lines, place->line, found, (size_t)length, "%s", expected);
}

/* ", line 7" where that is a line of what the place is in too. */
#define LINE_TEXT_SIZE sizeof(", line 4294967295")

static const char *
address_line_text(const struct judged *j, const struct place *place, const struct own_address *own,
	char text[LINE_TEXT_SIZE])
{
	text[0] = '\0';
	if (place->line == 0)
		snprintf(text, LINE_TEXT_SIZE, ", line %u", address_line(j, own));
	return text;
}

/* That this can be another host's address in the given subnet of ours. */
static bool
check_host(struct judged *j, const struct place *place, uint32_t address,
	const struct own_address *subnet)
{
	const struct config_address *a = address_of(j, subnet);
	const struct own_address *own = find_own(j, address);
	uint32_t mask = text_mask(a->depth);
	char line[LINE_TEXT_SIZE];

	if (own != NULL) {
		report_place(j, place,
			"another host's address (interface \"%s\" has this one itself%s)",
			interface_of(j, own)->name, address_line_text(j, place, own, line));
		return false;
	}
	if (a->depth > 30 || ((address & ~mask) != 0 && (address & ~mask) != ~mask))
		return true;
	report_place(j, place, "a host's address (this is the %s of " TEXT_ADDRESS "/%u)",
		(address & ~mask) == 0 ? "network address" : "broadcast address",
		TEXT_QUAD(a->address & mask), a->depth);
	return false;
}

/* Routes */

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
		const struct config_address *a = address_of(j, &j->own[i]);

		used += snprintf(subnets + used, sizeof(subnets) - used, "%s" TEXT_ADDRESS "/%u",
			i == 0 ? "" : ", ", TEXT_QUAD(a->address & text_mask(a->depth)), a->depth);
	}
	if (j->n_own > SUBNETS_TOLD)
		snprintf(subnets + used, sizeof(subnets) - used, ", ...");
	report_place(j, place, "an address in a subnet of one of the router's interfaces (%s)",
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
	subnet = find_longest(j, ANY_INTERFACE, route->via, 33);
	if (subnet != NULL)
		check_host(j, &place, route->via, subnet);
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
	char line[LINE_TEXT_SIZE];
	struct place place;

	if ((j->depths >> route->depth & 1) != 0)
		own = find_subnet(j, ANY_INTERFACE, route->prefix, route->depth);
	if (route->depth == 32 && find_own(j, route->prefix) != NULL) {
		own = find_own(j, route->prefix);
		what = "an address of the router";
	}
	if (own == NULL)
		return;
	place = route_place(j, i, "prefix");
	report_place(j, &place, "a prefix that is not %s (interface \"%s\"%s)", what,
		interface_of(j, own)->name, address_line_text(j, &place, own, line));
}

/* `holder` had the prefix before. */
static void
report_again(struct judged *j, uint32_t i, uint32_t holder)
{
	struct place place = route_place(j, i, "prefix");
	bool elsewhere = is_in_file(j, i) && !is_in_file(j, holder);

	report_place(j, &place, "a prefix no other route of the router has (first on line %u%s%s)",
		j->router->routes[holder].line, elsewhere ? " of " : "",
		elsewhere ? j->report->source : "");
}

static void
check_routes(struct judged *j)
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
	const struct own_address *subnet = find_longest(j, interface, address, 33);
	const struct own_address *longest = find_longest(j, ANY_INTERFACE, address, 33);

	if (subnet == NULL) {
		if (j->all_known)
			report_value(j->report, node, "an address in a subnet of interface \"%s\"",
				name);
		return false;
	}
	if (address_of(j, longest)->depth > address_of(j, subnet)->depth &&
		find_own(j, address) == NULL) {
		report_value(j->report, node,
			"an address that is not in the longer subnet of interface \"%s\" (line %u)",
			interface_of(j, longest)->name, address_line(j, longest));
		return false;
	}
	return check_host(j, &place, address, subnet);
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
		n_connected += address_of(j, &j->own[i])->depth < 32;
	n = (uint64_t)router->n_routes + n_connected + j->n_own;
	if (n > router->max_routes) {
		snprintf(expected, sizeof(expected),
			"%ju at least: %u static routes%s, %u connected subnets, %u own addresses",
			(uintmax_t)n, n_own_routes, in_file, n_connected, j->n_own);
		report_limit(j, "max_routes", router->max_routes, expected);
	}
	if (router->n_neighbours > router->max_neighbours) {
		snprintf(expected, sizeof(expected), "%u at least, for the static neighbours",
			router->n_neighbours);
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
		check_routes(&j);
		check_neighbours(&j);
		check_limits(&j);
	}
	taken_free(&j.names);
	taken_free(&j.addresses);
	taken_free(&j.subnets);
	free(j.own);
}
