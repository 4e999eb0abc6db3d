/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdarg.h>
#include <stdio.h>

#include "judged.h"
#include "text.h"

#define EXPECTED_SIZE 512

const struct config_interface *
judged_interface(const struct judged *j, const struct own_address *own)
{
	return &j->router->interfaces[own->interface];
}

const struct config_address *
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

struct own_address *
judged_own(const struct judged *j, uint32_t address)
{
	uint32_t i = taken_find(&j->addresses, &address);

	return i == TAKEN_BY_NOBODY ? NULL : &j->own[i];
}

struct own_address *
judged_subnet(const struct judged *j, uint32_t interface, uint32_t prefix, uint32_t depth)
{
	struct subnet_key key = { interface, prefix, depth };
	uint32_t i = taken_find(&j->subnets, &key);

	return i == TAKEN_BY_NOBODY ? NULL : &j->own[i];
}

struct own_address *
judged_longest(const struct judged *j, uint32_t interface, uint32_t address, int limit)
{
	for (int depth = limit - 1; depth > 0; depth--) {
		struct own_address *own;

		if ((j->depths >> depth & 1) == 0)
			continue;
		own = judged_subnet(j, interface, address & text_mask(depth), depth);
		if (own != NULL)
			return own;
	}
	return NULL;
}

void
judged_report(struct judged *j, const struct place *place, const char *format, ...)
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
		length += snprintf(
			found + length, sizeof(found) - (size_t)length, "/%d", place->depth);
	line_report_value(j->lines, place->line, found, (size_t)length, "%s", expected);
}

const char *
judged_line_text(const struct judged *j, const struct place *place, const struct own_address *own,
	char text[JUDGED_LINE_SIZE])
{
	text[0] = '\0';
	if (place->line == 0)
		snprintf(text, JUDGED_LINE_SIZE, ", line %u", judged_line(j, own));
	return text;
}

bool
judged_host(struct judged *j, const struct place *place, uint32_t address,
	const struct own_address *subnet)
{
	const struct config_address *a = judged_address(j, subnet);
	const struct own_address *own = judged_own(j, address);
	uint32_t mask = text_mask(a->depth);
	char line[JUDGED_LINE_SIZE];

	if (own != NULL) {
		judged_report(j, place,
			"another host's address (interface \"%s\" has this one itself%s)",
			judged_interface(j, own)->name, judged_line_text(j, place, own, line));
		return false;
	}
	if (a->depth > 30 || ((address & ~mask) != 0 && (address & ~mask) != ~mask))
		return true;
	judged_report(j, place, "a host's address (this is the %s of " TEXT_ADDRESS "/%u)",
		(address & ~mask) == 0 ? "network address" : "broadcast address",
		TEXT_QUAD(a->address & mask), a->depth);
	return false;
}
