/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "judged.h"
#include "text.h"

#define EXPECTED_SIZE 512

const struct config_interface *
judged_interface(const struct judged *j, const struct own_address *own)
{
	return &j->router->interfaces[own->interface];
}

const struct ip_prefix *
judged_address(const struct judged *j, const struct own_address *own)
{
	return &judged_interface(j, own)->addresses[own->index];
}

uint32_t
judged_node(const struct judged *j, const struct own_address *own)
{
	const struct locate *locate = j->report->locate;
	uint32_t interface = locate_item(locate, j->interfaces_node, own->interface);

	return locate_item(locate, locate_member(locate, interface, "addresses"), own->index);
}

uint32_t
judged_line(const struct judged *j, const struct own_address *own)
{
	return report_line(j->report, judged_node(j, own));
}

struct judged_key
judged_subnet_key(uint32_t interface, const struct ip_prefix *prefix)
{
	return (struct judged_key){ interface, ip_prefix_network(prefix), 0 };
}

struct judged_key
judged_address_key(uint32_t interface, const struct ip_address *address)
{
	bool link_local = ip_address_is_link_local(address);

	return (struct judged_key){ link_local ? interface : ANY_INTERFACE,
		ip_prefix_of_host(address), 0 };
}

struct own_address *
judged_own(const struct judged *j, uint32_t interface, const struct ip_address *address)
{
	struct judged_key key = judged_address_key(interface, address);
	uint32_t i = taken_find(&j->addresses, &key);

	return i == TAKEN_BY_NOBODY ? NULL : &j->own[i];
}

struct own_address *
judged_subnet(const struct judged *j, uint32_t interface, const struct ip_prefix *prefix)
{
	struct judged_key key = judged_subnet_key(interface, prefix);
	uint32_t i = taken_find(&j->subnets, &key);

	return i == TAKEN_BY_NOBODY ? NULL : &j->own[i];
}

struct own_address *
judged_longest(const struct judged *j, uint32_t interface, const struct ip_address *address,
	unsigned int limit)
{
	const struct judged_depths *depths = &j->depths[address->family];

	for (unsigned int i = 0; i < depths->n; i++) {
		struct ip_prefix subnet = { *address, depths->depths[i] };
		struct own_address *own;

		if (subnet.depth >= limit)
			continue;
		own = judged_subnet(j, interface, &subnet);
		if (own != NULL)
			return own;
	}
	return NULL;
}

/* The value as the file had it, but for its spelling. */
static void
report_route(struct judged *j, const struct place *place, const char *expected)
{
	const struct config_route *route = place->route;
	char found[IP_PREFIX_TEXT_SIZE + 1 + CONFIG_NAME_MAX];

	if (place->via != NULL)
		ip_address_text(&place->via->address, found);
	else
		ip_prefix_text(&route->prefix, found);
	if (place->via != NULL && place->via->zone != CONFIG_ZONE_NONE)
		strcat(strcat(found, "%"), j->router->interfaces[place->via->zone].name);
	line_report_value(j->lines, route->line, found, strlen(found), "%s", expected);
}

void
judged_report(struct judged *j, const struct place *place, const char *format, ...)
{
	char expected[EXPECTED_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(expected, sizeof(expected), format, args);
	va_end(args);
	if (place->route == NULL)
		report_value(j->report, place->node, "%s", expected);
	else
		report_route(j, place, expected);
}

const char *
judged_line_text(const struct judged *j, const struct place *place, const struct own_address *own,
	char text[JUDGED_LINE_SIZE])
{
	text[0] = '\0';
	if (place->route == NULL)
		snprintf(text, JUDGED_LINE_SIZE, ", line %u", judged_line(j, own));
	return text;
}

bool
judged_host(struct judged *j, const struct place *place, uint32_t interface,
	const struct ip_address *address, const struct ip_prefix *subnet)
{
	const struct own_address *own = judged_own(j, interface, address);
	const char *why = text_not_in_subnet(address, subnet->depth);
	struct ip_prefix network;
	char line[JUDGED_LINE_SIZE];
	char text[IP_PREFIX_TEXT_SIZE];

	if (own == NULL && why == NULL)
		return true;
	network = ip_prefix_network(subnet);
	if (own != NULL)
		judged_report(j, place,
			"another host's address (interface \"%s\" has this one itself%s)",
			judged_interface(j, own)->name, judged_line_text(j, place, own, line));
	else
		judged_report(j, place, "a host's address (this is the %s of %s)", why,
			ip_prefix_text(&network, text));
	return false;
}

/* It speaks IPv6 if it has an address of it, be it a link-local one. */
static bool
has_ipv6(const struct config_interface *interface)
{
	for (uint32_t i = 0; i < interface->n_addresses; i++)
		if (interface->addresses[i].address.family == IP_FAMILY_IPV6)
			return true;
	return false;
}

bool
judged_link_local(struct judged *j, const struct place *place, uint32_t interface,
	const struct ip_address *address)
{
	static const struct ip_prefix link_local = { { IP_FAMILY_IPV6, { 0xfe, 0x80 } }, 64 };

	if (has_ipv6(&j->router->interfaces[interface]))
		return judged_host(j, place, interface, address, &link_local);
	if (j->all_known)
		judged_report(j, place,
			"an address of an interface that has IPv6 addresses itself (\"%s\" has "
			"none)",
			j->router->interfaces[interface].name);
	return false;
}
