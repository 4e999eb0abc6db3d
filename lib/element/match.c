/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "element/match.h"
#include "schema/text.h"

static const struct {
	const char *name;
	uint8_t protocol;
} protocols[] = {
	{ "icmp", IPPROTO_ICMP },
	{ "icmpv6", IPPROTO_ICMPV6 },
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "sctp", IPPROTO_SCTP },
	{ "gre", IPPROTO_GRE },
	{ "esp", IPPROTO_ESP },
	{ "ah", IPPROTO_AH },
};

static bool
source_read(struct report *report, struct value value, const struct field *field, void *object)
{
	struct match *match = (struct match *)((char *)object + field->offset);
	struct field at = { .offset = 0 };

	match->has_source = field_ip_prefix.read(report, value, &at, &match->source);
	return match->has_source;
}

static bool
destination_read(struct report *report, struct value value, const struct field *field, void *object)
{
	struct match *match = (struct match *)((char *)object + field->offset);
	struct field at = { .offset = 0 };

	match->has_destination = field_ip_prefix.read(report, value, &at, &match->destination);
	return match->has_destination;
}

const struct field_type match_field_source = { .read = source_read, .fail = field_leave };
const struct field_type match_field_destination = { .read = destination_read, .fail = field_leave };

static bool
protocol_read(struct report *report, struct value value, const struct field *field, void *object)
{
	const char *text = json_string_value(value.json);
	json_int_t number = json_integer_value(value.json);

	for (unsigned int i = 0; text != NULL && i < ARRAY_SIZE(protocols); i++) {
		if (strcmp(text, protocols[i].name) != 0)
			continue;
		field_store(field, object, protocols[i].protocol);
		return true;
	}
	if (json_is_integer(value.json) && number >= 0 && number <= UINT8_MAX) {
		field_store(field, object, number);
		return true;
	}
	report_value(report, value.node,
		"an integer from 0 to 255 or one of \"icmp\", \"icmpv6\", \"tcp\", \"udp\", "
		"\"sctp\", \"gre\", \"esp\", \"ah\"");
	return false;
}

static void
protocol_fail(const struct field *field, void *object)
{
	field_store(field, object, MATCH_PROTOCOL_ANY);
}

const struct field_type match_field_protocol = { .read = protocol_read, .fail = protocol_fail };

/* 80, "80" or "1024-65535". */
static bool
parse_ports(const json_t *json, struct match_ports *ports)
{
	const char *text = json_string_value(json);
	json_int_t number = json_integer_value(json);
	unsigned int first, last;
	int end = -1;

	if (json_is_integer(json) && number >= 0 && number <= UINT16_MAX) {
		*ports = (struct match_ports){ (uint16_t)number, (uint16_t)number, true };
		return true;
	}
	if (text == NULL || sscanf(text, "%5u-%5u%n", &first, &last, &end) < 1)
		return false;
	if (end == -1) {
		last = first;
		sscanf(text, "%5u%n", &first, &end);
	}
	if (text[end] != '\0' || first > last || last > UINT16_MAX)
		return false;
	*ports = (struct match_ports){ (uint16_t)first, (uint16_t)last, true };
	return true;
}

static bool
ports_read(struct report *report, struct value value, const struct field *field, void *object)
{
	if (parse_ports(value.json, (struct match_ports *)((char *)object + field->offset)))
		return true;
	report_value(report, value.node, "a port or a range of them, like 80 or \"1024-65535\"");
	return false;
}

const struct field_type match_field_ports = { .read = ports_read, .fail = field_leave };

static bool
is_in(const struct ip_prefix *prefix, const struct packet_tuple *tuple, const uint8_t *bytes)
{
	struct ip_address address = { .family = tuple->kind == PACKET_IPV4 ? IP_FAMILY_IPV4
		                                                           : IP_FAMILY_IPV6 };

	memcpy(address.bytes, bytes, sizeof(address.bytes));
	return ip_prefix_covers(prefix, &address);
}

static bool
is_within(const struct match_ports *ports, const struct packet_tuple *tuple, rte_be16_t port)
{
	uint16_t host = rte_be_to_cpu_16(port);

	if (!ports->given)
		return true;
	return (tuple->known & PACKET_KNOWN_PORTS) != 0 &&
	       packet_protocol_has_ports(tuple->protocol) && host >= ports->first &&
	       host <= ports->last;
}

bool
match_packet(const struct match *match, const struct packet_tuple *tuple)
{
	if (match->protocol != MATCH_PROTOCOL_ANY &&
		((tuple->known & PACKET_KNOWN_PROTOCOL) == 0 || tuple->protocol != match->protocol))
		return false;
	if (match->dscp != DSCP_NONE && tuple->dscp != match->dscp)
		return false;
	if (match->has_source && !is_in(&match->source, tuple, tuple->source))
		return false;
	if (match->has_destination && !is_in(&match->destination, tuple, tuple->destination))
		return false;
	return is_within(&match->source_ports, tuple, tuple->source_port) &&
	       is_within(&match->destination_ports, tuple, tuple->destination_port);
}
