/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "field.h"
#include "parse.h"
#include "text.h"

void
field_report(struct report *report, uint32_t node, const struct field *field)
{
	if (field->expected != NULL)
		report_value(report, node, "%s", field->expected);
	else
		report_value(report, node, "an integer from %lld to %lld", (long long)field->min,
			(long long)field->max);
}

/* Integers */

void
field_store(const struct field *field, void *object, int64_t value)
{
	void *at = (char *)object + field->offset;

	if (field->size == sizeof(uint16_t))
		*(uint16_t *)at = value;
	else
		*(uint32_t *)at = value; /* or an int */
}

static bool
integer_read(struct report *report, struct value value, const struct field *field, void *object)
{
	json_int_t i = json_integer_value(value.json);

	if (json_is_integer(value.json) && i >= field->min && i <= field->max) {
		field_store(field, object, i);
		return true;
	}
	field_report(report, value.node, field);
	return false;
}

static void
integer_fail(const struct field *field, void *object)
{
	field_store(field, object, -1);
}

const struct field_type field_integer = { integer_read, integer_fail };

static bool
fifo_read(struct report *report, struct value value, const struct field *field, void *object)
{
	json_int_t i = json_integer_value(value.json);

	if (json_is_integer(value.json) && i >= field->min && i <= field->max &&
		(i & (i - 1)) == 0) {
		field_store(field, object, i);
		return true;
	}
	report_value(report, value.node, "a power of two from %d to %d", CONFIG_FIFO_MIN,
		CONFIG_FIFO_MAX);
	return false;
}

const struct field_type field_fifo = { fifo_read, integer_fail };

/* Strings */

static bool
name_read(struct report *report, struct value value, const struct field *field, void *object)
{
	const char *text = json_string_value(value.json);

	if (text == NULL || !text_is_name(text)) {
		field_report(report, value.node, field);
		return false;
	}
	strcpy((char *)object + field->offset, text);
	return true;
}

static void
name_fail(const struct field *field, void *object)
{
	*((char *)object + field->offset) = '\0';
}

const struct field_type field_name = { name_read, name_fail };

/* The console's own words; "show vr all" could not be told from a router of that name. */
static bool
router_name_read(struct report *report, struct value value, const struct field *field, void *object)
{
	const char *text = json_string_value(value.json);

	if (text != NULL && (strcmp(text, "all") == 0 || strcmp(text, "json") == 0)) {
		report_value(report, value.node,
			"another name: \"all\" and \"json\" are words of the console");
		return false;
	}
	return name_read(report, value, field, object);
}

const struct field_type field_router_name = { router_name_read, name_fail };

static bool
device_read(struct report *report, struct value value, const struct field *field, void *object)
{
	const char *text = json_string_value(value.json);
	char **device = (char **)((char *)object + field->offset);
	char canonical[TEXT_DEVICE_MAX];

	if (text == NULL || text_parse_device(text, canonical) < 0) {
		field_report(report, value.node, field);
		return false;
	}
	*device = strdup(text);
	if (*device == NULL)
		report_no_memory(report);
	return true;
}

static bool
path_read(struct report *report, struct value value, const struct field *field, void *object)
{
	const char *text = json_string_value(value.json);
	char **path = (char **)((char *)object + field->offset);

	if (text == NULL || text[0] == '\0') {
		field_report(report, value.node, field);
		return false;
	}
	*path = strdup(text);
	if (*path == NULL)
		report_no_memory(report);
	return true;
}

/* The zero it starts with is its mark, or it needs none. */
static void
nothing_fail(const struct field *field, void *object)
{
	(void)field;
	(void)object;
}

const struct field_type field_device = { device_read, nothing_fail };
const struct field_type field_path = { path_read, nothing_fail };

static bool
mac_parse(json_t *json, struct rte_ether_addr *mac)
{
	const char *text = json_string_value(json);

	return text != NULL && config_parse_mac(text, mac) == 0 &&
	       !rte_is_multicast_ether_addr(mac) && !rte_is_zero_ether_addr(mac);
}

static bool
mac_read(struct report *report, struct value value, const struct field *field, void *object)
{
	struct rte_ether_addr mac;

	if (!mac_parse(value.json, &mac)) {
		field_report(report, value.node, field);
		return false;
	}
	memcpy((char *)object + field->offset, &mac, sizeof(mac));
	return true;
}

const struct field_type field_mac = { mac_read, nothing_fail };

static bool
interface_mac_read(
	struct report *report, struct value value, const struct field *field, void *object)
{
	if (!mac_read(report, value, field, object))
		return false;
	((struct config_interface *)object)->has_mac = true;
	return true;
}

static void
interface_mac_fail(const struct field *field, void *object)
{
	(void)field;
	((struct config_interface *)object)->has_mac = true;
}

const struct field_type field_interface_mac = { interface_mac_read, interface_mac_fail };

/* A neighbour's address, or a route's via. */
static bool
host_read(struct report *report, struct value value, const struct field *field, void *object)
{
	const char *text = json_string_value(value.json);
	const char *why;
	uint32_t address;

	if (text == NULL || config_parse_address(text, &address) < 0) {
		field_report(report, value.node, field);
		return false;
	}
	why = text_not_a_host(address);
	if (why != NULL) {
		report_value(report, value.node, "a host's address (%s)", why);
		return false;
	}
	*(uint32_t *)((char *)object + field->offset) = address;
	return true;
}

static void
host_fail(const struct field *field, void *object)
{
	*(uint32_t *)((char *)object + field->offset) = PARSE_BAD_ADDRESS;
}

const struct field_type field_host = { host_read, host_fail };

static bool
prefix_read(struct report *report, struct value value, const struct field *field, void *object)
{
	const char *text = json_string_value(value.json);
	struct config_route *route = object;
	uint32_t prefix;
	uint8_t depth;

	if (text == NULL || text_parse_address_depth(text, &prefix, &depth) < 0) {
		field_report(report, value.node, field);
		return false;
	}
	if ((prefix & ~text_mask(depth)) != 0) {
		report_value(report, value.node,
			"a prefix without host bits: \"" TEXT_ADDRESS "/%u\"?",
			TEXT_QUAD(prefix & text_mask(depth)), depth);
		return false;
	}
	route->prefix = prefix;
	route->depth = depth;
	return true;
}

static void
prefix_fail(const struct field *field, void *object)
{
	(void)field;
	((struct config_route *)object)->depth = PARSE_BAD_ROUTE;
}

const struct field_type field_prefix = { prefix_read, prefix_fail };

static bool
route_type_read(struct report *report, struct value value, const struct field *field, void *object)
{
	const char *text = json_string_value(value.json);
	enum config_route_type type;
	const char *near = NULL;

	if (text != NULL && text_parse_route_type(text, &type, &near) == 0) {
		((struct config_route *)object)->type = type;
		return true;
	}
	if (near != NULL)
		report_value(
			report, value.node, "%s (did you mean \"%s\"?)", field->expected, near);
	else
		field_report(report, value.node, field);
	return false;
}

const struct field_type field_route = { route_type_read, nothing_fail };

void
field_read_address(struct report *report, struct value value, void *item)
{
	const char *text = json_string_value(value.json);
	struct config_address *address = item;
	const char *why;
	uint32_t a;
	uint32_t mask;
	uint8_t depth;

	if (text == NULL || text_parse_address_depth(text, &a, &depth) < 0) {
		report_value(report, value.node,
			"an address with its prefix length, like \"10.0.0.1/24\"");
		return;
	}
	if (depth == 0) {
		report_value(report, value.node, "a prefix length from 1 to 32");
		return;
	}
	mask = text_mask(depth);
	why = text_not_a_host(a);
	if (why != NULL)
		report_value(report, value.node, "a host's address (%s)", why);
	else if (depth <= 30 && (a & ~mask) == 0)
		report_value(report, value.node,
			"a host's address (" TEXT_ADDRESS " is the subnet itself)", TEXT_QUAD(a));
	else if (depth <= 30 && (a & ~mask) == ~mask)
		report_value(report, value.node,
			"a host's address (" TEXT_ADDRESS " is the subnet's broadcast)",
			TEXT_QUAD(a));
	/* The subnet is known even so, and what refers to it can be judged. */
	if (why == NULL)
		*address = (struct config_address){ .address = a, .depth = depth };
}
