/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdlib.h>
#include <string.h>

#include <rte_ether.h>

#include "address/address.h"
#include "schema/field.h"
#include "schema/text.h"

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
	else if (field->size == sizeof(uint32_t))
		*(uint32_t *)at = value; /* or an int */
	else
		*(uint64_t *)at = value;
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

const struct field_type field_integer = { .read = integer_read, .fail = integer_fail };

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

const struct field_type field_boolean = { .read = boolean_read, .fail = boolean_fail };

static bool
power_of_two_read(
	struct report *report, struct value value, const struct field *field, void *object)
{
	json_int_t i = json_integer_value(value.json);

	if (json_is_integer(value.json) && i >= field->min && i <= field->max &&
		(i & (i - 1)) == 0) {
		field_store(field, object, i);
		return true;
	}
	report_value(report, value.node, "a power of two from %lld to %lld", (long long)field->min,
		(long long)field->max);
	return false;
}

const struct field_type field_power_of_two = { .read = power_of_two_read, .fail = integer_fail };

/* Strings */

bool
field_read_name(struct report *report, struct value value, const struct field *field, void *object)
{
	const char *text = json_string_value(value.json);

	if (text == NULL || !text_is_name(text)) {
		field_report(report, value.node, field);
		return false;
	}
	strcpy((char *)object + field->offset, text);
	return true;
}

void
field_fail_name(const struct field *field, void *object)
{
	*((char *)object + field->offset) = '\0';
}

const struct field_type field_name = { .read = field_read_name, .fail = field_fail_name };

void
field_leave(const struct field *field, void *object)
{
	(void)field;
	(void)object;
}

static void
string_clear(const struct field *field, void *object)
{
	free(*(char **)((char *)object + field->offset));
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

const struct field_type field_path = {
	.read = path_read,
	.fail = field_leave,
	.clear = string_clear,
};

static bool
mac_parse(json_t *json, struct rte_ether_addr *mac)
{
	const char *text = json_string_value(json);

	return text != NULL && text_parse_mac(text, mac) == 0 &&
	       !rte_is_multicast_ether_addr(mac) && !rte_is_zero_ether_addr(mac);
}

bool
field_read_mac(struct report *report, struct value value, const struct field *field, void *object)
{
	struct rte_ether_addr mac;

	if (!mac_parse(value.json, &mac)) {
		field_report(report, value.node, field);
		return false;
	}
	memcpy((char *)object + field->offset, &mac, sizeof(mac));
	return true;
}

const struct field_type field_mac = { .read = field_read_mac, .fail = field_leave };

/* Addresses */

static bool
address_read(struct report *report, struct value value, const struct field *field, void *object)
{
	struct ip_address *address = (void *)((char *)object + field->offset);
	const char *text = json_string_value(value.json);

	if (text != NULL && ip_address_parse(text, address) == 0)
		return true;
	field_report(report, value.node, field);
	return false;
}

const struct field_type field_address = { .read = address_read, .fail = field_leave };

static bool
prefix_parse(struct report *report, struct value value, struct ip_prefix *prefix)
{
	const char *text = json_string_value(value.json);
	struct ip_prefix parsed, network;
	char form[IP_PREFIX_TEXT_SIZE];

	if (text == NULL || ip_prefix_parse(text, &parsed) < 0) {
		report_value(report, value.node,
			"a prefix, like \"10.1.0.0/16\" or \"2001:db8:1::/48\"");
		return false;
	}
	network = ip_prefix_network(&parsed);
	if (!ip_prefix_equal(&parsed, &network)) {
		report_value(report, value.node, "a prefix without host bits: \"%s\"?",
			ip_prefix_text(&network, form));
		return false;
	}
	*prefix = parsed;
	return true;
}

static bool
prefix_read(struct report *report, struct value value, const struct field *field, void *object)
{
	return prefix_parse(report, value, (struct ip_prefix *)((char *)object + field->offset));
}

const struct field_type field_ip_prefix = { .read = prefix_read, .fail = field_leave };

void
field_read_ip_prefix(struct report *report, struct value value, void *item)
{
	prefix_parse(report, value, item);
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

const struct field_type field_word = { .read = word_read, .fail = field_leave };
