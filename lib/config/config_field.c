/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "config_field.h"
#include "parse.h"
#include "text.h"

/* Strings */

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
	return field_read_name(report, value, field, object);
}

const struct field_type field_router_name = { .read = router_name_read, .fail = field_fail_name };

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

const struct field_type field_device = { .read = device_read, .fail = field_leave };

static bool
interface_mac_read(
	struct report *report, struct value value, const struct field *field, void *object)
{
	if (!field_read_mac(report, value, field, object))
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

const struct field_type field_interface_mac = { .read = interface_mac_read,
	.fail = interface_mac_fail };

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

const struct field_type field_neighbour = { .read = neighbour_read, .fail = field_leave };

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

const struct field_type field_group = { .read = group_read, .fail = field_leave };

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

const struct field_type field_prefix = { .read = prefix_read, .fail = prefix_fail };

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

const struct field_type field_advertised_prefix = { .read = advertised_prefix_read,
	.fail = advertised_prefix_fail };

void
field_read_address(struct report *report, struct value value, void *item)
{
	char expected[TEXT_EXPECTED_SIZE];

	if (text_parse_interface_address(json_string_value(value.json), item, expected) < 0)
		report_value(report, value.node, "%s", expected);
}
