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

	if (field->size == sizeof(uint8_t))
		*(uint8_t *)at = value;
	else if (field->size == sizeof(uint16_t))
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
boolean_read(struct report *report, struct value value, const struct field *field, void *object)
{
	if (json_is_boolean(value.json)) {
		field_store(field, object, json_is_true(value.json));
		return true;
	}
	field_report(report, value.node, field);
	return false;
}

static void
boolean_fail(const struct field *field, void *object)
{
	field_store(field, object, field->fallback);
}

const struct field_type field_boolean = { boolean_read, boolean_fail };

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

/* Addresses */

static bool
neighbour_read(struct report *report, struct value value, const struct field *field, void *object)
{
	struct ip_address *address = (void *)((char *)object + field->offset);
	char expected[TEXT_EXPECTED_SIZE];

	if (text_parse_neighbour(json_string_value(value.json), address, expected) == 0)
		return true;
	report_value(report, value.node, "%s", expected);
	return false;
}

const struct field_type field_neighbour = { neighbour_read, nothing_fail };

static bool
group_read(struct report *report, struct value value, const struct field *field, void *object)
{
	struct ip_address *address = (void *)((char *)object + field->offset);
	const char *text = json_string_value(value.json);
	struct ip_address parsed;

	if (text == NULL || ip_address_parse(text, &parsed) != 0 ||
		!ip_address_is_multicast(&parsed)) {
		field_report(report, value.node, field);
		return false;
	}
	if (ip_address_is_link_group(&parsed)) {
		report_value(report, value.node,
			"a group that may leave its link, not one of 224.0.0.0/24 or ff02::/16");
		return false;
	}
	*address = parsed;
	return true;
}

const struct field_type field_group = { group_read, nothing_fail };

void
field_read_interface_name(struct report *report, struct value value, void *item)
{
	const char *text = json_string_value(value.json);

	if (text != NULL && text_is_name(text))
		strcpy(((struct config_name *)item)->name, text);
	else
		report_value(report, value.node, "the name of an interface of the router");
}

static bool
prefix_read(struct report *report, struct value value, const struct field *field, void *object)
{
	struct config_route *route = object;
	char expected[TEXT_EXPECTED_SIZE];

	(void)field;
	if (text_parse_prefix(json_string_value(value.json), &route->prefix, expected) == 0)
		return true;
	report_value(report, value.node, "%s", expected);
	return false;
}

static void
prefix_fail(const struct field *field, void *object)
{
	(void)field;
	((struct config_route *)object)->prefix.depth = PARSE_BAD_ROUTE;
}

const struct field_type field_prefix = { prefix_read, prefix_fail };

/* What hosts on a link may be told to have addresses in. */
static bool
advertised_prefix_read(
	struct report *report, struct value value, const struct field *field, void *object)
{
	struct ip_prefix *prefix = (struct ip_prefix *)((char *)object + field->offset);
	char expected[TEXT_EXPECTED_SIZE];

	if (text_parse_prefix(json_string_value(value.json), prefix, expected) < 0) {
		report_value(report, value.node, "%s", expected);
		return false;
	}
	if (prefix->address.family == IP_FAMILY_IPV6 && prefix->depth > 0 &&
		!ip_address_is_link_local(&prefix->address) &&
		!ip_address_is_multicast(&prefix->address))
		return true;
	field_report(report, value.node, field);
	return false;
}

static void
advertised_prefix_fail(const struct field *field, void *object)
{
	((struct ip_prefix *)((char *)object + field->offset))->depth = PARSE_BAD_ROUTE;
}

const struct field_type field_advertised_prefix = { advertised_prefix_read,
	advertised_prefix_fail };

void
field_read_address(struct report *report, struct value value, void *item)
{
	char expected[TEXT_EXPECTED_SIZE];

	if (text_parse_interface_address(json_string_value(value.json), item, expected) < 0)
		report_value(report, value.node, "%s", expected);
}

/* Words */

static bool
word_read(struct report *report, struct value value, const struct field *field, void *object)
{
	const char *text = json_string_value(value.json);
	unsigned int n = (unsigned int)(field->max - field->min + 1);
	const char *near = NULL;
	int i = text == NULL ? -1 : text_find_word(text, field->words, n, &near);

	if (i >= 0) {
		field_store(field, object, field->min + i);
		return true;
	}
	if (near != NULL)
		report_value(
			report, value.node, "%s (did you mean \"%s\"?)", field->expected, near);
	else
		field_report(report, value.node, field);
	return false;
}

const struct field_type field_word = { word_read, nothing_fail };
