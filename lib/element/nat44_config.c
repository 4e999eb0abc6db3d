/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <netinet/in.h>

#include "element/nat44_config.h"

#define PORT_MAX 65535
#define TIMEOUT_MAX 86400

/* Addresses */

static bool
read_host(struct report *report, struct value value, uint32_t *address)
{
	const char *text = json_string_value(value.json);
	struct ip_address parsed;
	const char *why;

	if (text == NULL || ip_address_parse(text, &parsed) < 0 ||
		parsed.family != IP_FAMILY_IPV4) {
		report_value(report, value.node, "an IPv4 address, like \"203.0.113.1\"");
		return false;
	}
	why = ip_address_not_a_host(&parsed);
	if (why != NULL) {
		report_value(report, value.node, "the address of a host: %s", why);
		return false;
	}
	memcpy(address, parsed.bytes, sizeof(*address));
	return true;
}

static bool
host_read(struct report *report, struct value value, const struct field *field, void *object)
{
	return read_host(report, value, (uint32_t *)((char *)object + field->offset));
}

static const struct field_type field_host = { .read = host_read, .fail = field_leave };

static void
read_host_item(struct report *report, struct value value, void *item)
{
	read_host(report, value, item);
}

static void
read_inside_item(struct report *report, struct value value, void *item)
{
	struct ip_prefix *prefix = item;

	field_read_ip_prefix(report, value, prefix);
	if (prefix->address.family != IP_FAMILY_IPV4)
		report_value(report, value.node, "an IPv4 prefix");
}

static const struct kind host_kind = { .size = sizeof(uint32_t), .read = read_host_item };
static const struct kind inside_kind = {
	.size = sizeof(struct ip_prefix),
	.read = read_inside_item,
};

/* Ports */

static bool
ports_read(struct report *report, struct value value, const struct field *field, void *object)
{
	struct nat44_config *config = object;
	json_int_t low = json_integer_value(json_array_get(value.json, 0));
	json_int_t high = json_integer_value(json_array_get(value.json, 1));

	if (json_array_size(value.json) != 2 || low < 1 || high > PORT_MAX || low > high) {
		field_report(report, value.node, field);
		return false;
	}
	config->low = (uint16_t)low;
	config->high = (uint16_t)high;
	return true;
}

static const struct field_type field_ports = { .read = ports_read, .fail = field_leave };

/* Objects */

#define FIELD_HOST(object, key_text, member) \
	{ \
		.key = key_text, .type = &field_host, .required = true, \
		.offset = offsetof(struct object, member), .expected = "an IPv4 address" \
	}

static const struct field nat44_static_fields[] = {
	FIELD_HOST(nat44_static, "inside", inside),
	FIELD_HOST(nat44_static, "outside", outside),
};
static const struct kind static_kind = { FIELD_OBJECTS(
	nat44_static, "an object (an inside address and an outside one)") };

static const char *const protocols[] = { "tcp", "udp" };

static const struct field nat44_forward_fields[] = {
	{ .key = "protocol",
		.type = &field_word,
		.required = true,
		.offset = offsetof(struct nat44_forward, protocol),
		.size = sizeof(uint8_t),
		.min = 0,
		.max = 1,
		.words = protocols,
		.expected = "\"tcp\" or \"udp\"" },
	FIELD_HOST(nat44_forward, "outside", outside),
	{ .key = "port",
		.type = &field_integer,
		.required = true,
		.offset = offsetof(struct nat44_forward, port),
		.size = sizeof(uint16_t),
		.min = 1,
		.max = PORT_MAX,
		.expected = "an integer from 1 to 65535" },
	FIELD_HOST(nat44_forward, "inside", inside),
	FIELD_INTEGER(nat44_forward, inside_port, 1, PORT_MAX, 0),
};

static void
check_forward(struct report *report, struct value value, void *item, bool slips)
{
	struct nat44_forward *forward = item;

	(void)report;
	(void)value;
	(void)slips;
	forward->protocol = forward->protocol == 0 ? IPPROTO_TCP : IPPROTO_UDP;
	if (forward->inside_port == 0)
		forward->inside_port = forward->port;
}

static const struct kind forward_kind = {
	FIELD_OBJECTS(nat44_forward, "an object (a port forward)"),
	.check = check_forward,
};

static const char *const filterings[] = { "endpoint_independent", "address", "address_and_port" };

static const struct field nat44_config_fields[] = {
	ELEMENT_FIELDS,
	{ .key = "outside",
		.type = &element_field_interface,
		.required = true,
		.offset = offsetof(struct nat44_config, outside),
		.expected = "the name of the interface that leads outside" },
	{ .key = "addresses",
		.type = &object_list,
		.required = true,
		.offset = offsetof(struct nat44_config, addresses),
		.count_offset = offsetof(struct nat44_config, n_addresses),
		.items = &host_kind,
		.expected = "a list of outside addresses" },
	{ .key = "inside",
		.type = &object_list,
		.offset = offsetof(struct nat44_config, inside),
		.count_offset = offsetof(struct nat44_config, n_inside),
		.items = &inside_kind,
		.expected = "a list of prefixes" },
	{ .key = "ports",
		.type = &field_ports,
		.expected = "the first port and the last, like [1024, 65535]" },
	FIELD_WORD(nat44_config, filtering, filterings, 0, 2, 0,
		"\"endpoint_independent\", \"address\" or \"address_and_port\""),
	FIELD_INTEGER(nat44_config, max_sessions, 1, NAT44_SESSIONS_MAX, 65536),
	FIELD_INTEGER(nat44_config, max_sessions_per_host, 1, NAT44_SESSIONS_MAX, 0),
	/* From what RFC 4787 REQ-5, RFC 5508 REQ-2 and RFC 5382 REQ-5 allow. */
	FIELD_INTEGER(nat44_config, udp_timeout, 120, TIMEOUT_MAX, 300),
	FIELD_INTEGER(nat44_config, icmp_timeout, 60, TIMEOUT_MAX, 60),
	FIELD_INTEGER(nat44_config, tcp_timeout, 7440, TIMEOUT_MAX, 7440),
	FIELD_INTEGER(nat44_config, tcp_transitory_timeout, 240, TIMEOUT_MAX, 240),
	{ .key = "static",
		.type = &object_list,
		.offset = offsetof(struct nat44_config, statics),
		.count_offset = offsetof(struct nat44_config, n_statics),
		.items = &static_kind,
		.expected = "a list of pairs of addresses" },
	FIELD_LIST(nat44_config, forwards, forward_kind, false),
};

const struct kind nat44_kind = { ELEMENT_KIND(nat44_config, "an object (a nat44 element)") };

/* What one field by itself can't tell */

/* Where an item of a list stands. */
static uint32_t
item(const struct report *report, struct value object, const char *key, unsigned int i)
{
	uint32_t list = locate_member(report->locate, object.node, key);

	return list == LOCATE_NONE ? object.node : locate_item(report->locate, list, i);
}

static void
check_number(struct report *report, struct value value, const char *key, unsigned int n,
	unsigned int max, const char *what)
{
	if (n > max)
		report_error(report, item(report, value, key, max),
			"found %u %s, expected at most %u", n, what, max);
}

static bool
is_pool_address(const struct nat44_config *config, uint32_t address)
{
	for (unsigned int i = 0; i < config->n_addresses; i++)
		if (config->addresses[i] == address)
			return true;
	return false;
}

static void
check_addresses(struct report *report, struct value value, const struct nat44_config *config)
{
	if (config->n_addresses == 0)
		report_error(report, value.node,
			"found no address in \"addresses\", expected an outside address at least");
	for (unsigned int i = 0; i < config->n_addresses; i++)
		for (unsigned int k = 0; k < i; k++)
			if (config->addresses[i] != 0 &&
				config->addresses[i] == config->addresses[k]) {
				report_value(report, item(report, value, "addresses", i),
					"each address once");
				break;
			}
}

static void
check_statics(struct report *report, struct value value, const struct nat44_config *config)
{
	const struct nat44_static *s = config->statics;

	for (unsigned int i = 0; i < config->n_statics; i++) {
		uint32_t node = item(report, value, "static", i);

		if (s[i].inside == 0 || s[i].outside == 0)
			continue;
		if (is_pool_address(config, s[i].outside))
			report_error(report, node,
				"found \"outside\" among the \"addresses\", which hosts share, "
				"expected one that only this host has");
		for (unsigned int k = 0; k < i; k++) {
			if (s[i].inside != s[k].inside && s[i].outside != s[k].outside)
				continue;
			report_error(report, node,
				"found the %s address of line %u again, expected each once",
				s[i].inside == s[k].inside ? "inside" : "outside", s[k].line);
			break;
		}
	}
}

/* Two ways out of one inside endpoint: what it sends could take one only. */
static void
check_forwards(struct report *report, struct value value, const struct nat44_config *config)
{
	const struct nat44_forward *f = config->forwards;

	for (unsigned int i = 0; i < config->n_forwards; i++) {
		uint32_t node = item(report, value, "forwards", i);

		if (f[i].outside == 0 || f[i].inside == 0)
			continue;
		if (!is_pool_address(config, f[i].outside))
			report_error(report, node,
				"found an \"outside\" that is not among the \"addresses\", "
			        "expected one of "
				"them");
		for (unsigned int k = 0; k < i; k++) {
			bool inside =
				f[i].inside == f[k].inside && f[i].inside_port == f[k].inside_port;
			bool outside = f[i].outside == f[k].outside && f[i].port == f[k].port;

			if (f[i].protocol != f[k].protocol || (!inside && !outside))
				continue;
			report_error(report, node,
				"found the %s address and port of line %u again, expected each "
				"once for a protocol",
				outside ? "outside" : "inside", f[k].line);
			break;
		}
	}
}

void
nat44_config_load(struct report *report, struct value value, struct element_config *element)
{
	struct nat44_config *config = (struct nat44_config *)element;

	if (config->high == 0) {
		config->low = 1024;
		config->high = PORT_MAX;
	}
	check_number(
		report, value, "addresses", config->n_addresses, NAT44_ADDRESSES_MAX, "addresses");
	check_number(report, value, "inside", config->n_inside, NAT44_INSIDE_MAX, "prefixes");
	check_number(report, value, "static", config->n_statics, NAT44_STATIC_MAX, "pairs");
	check_number(report, value, "forwards", config->n_forwards, NAT44_FORWARDS_MAX, "forwards");
	check_addresses(report, value, config);
	check_statics(report, value, config);
	check_forwards(report, value, config);
}
