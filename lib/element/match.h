/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_MATCH_H
#define ELEMENT_MATCH_H

#include "address/address.h"
#include "element/dscp.h"
#include "packet/tuple.h"
#include "schema/table.h"

/*
 * What a rule of a short list asks of a packet: all that it names. For lists that are long there is
 * the acl element.
 */

#define MATCH_PROTOCOL_ANY 256

struct match_ports {
	uint16_t first; /* host byte order */
	uint16_t last;
	bool given;
};

struct match {
	struct ip_prefix
		source; /* depth 0: any; of a family that is given by the other or by depth */
	struct ip_prefix destination;
	struct match_ports source_ports;
	struct match_ports destination_ports;
	uint16_t protocol; /* or MATCH_PROTOCOL_ANY */
	uint8_t dscp;      /* or DSCP_NONE */
	bool has_source;
	bool has_destination;
};

/* Entries for a table of fields of a struct with a member `match`. */
#define MATCH_FIELDS(object) \
	{ .key = "source", \
		.type = &match_field_source, \
		.offset = offsetof(struct object, match), \
		.expected = "a prefix" }, \
		{ .key = "destination", \
			.type = &match_field_destination, \
			.offset = offsetof(struct object, match), \
			.expected = "a prefix" }, \
		{ .key = "protocol", \
			.type = &match_field_protocol, \
			.size = sizeof(uint16_t), \
			.fallback = MATCH_PROTOCOL_ANY, \
			.offset = offsetof(struct object, match.protocol) }, \
		{ .key = "source_port", \
			.type = &match_field_ports, \
			.offset = offsetof(struct object, match.source_ports) }, \
		{ .key = "destination_port", \
			.type = &match_field_ports, \
			.offset = offsetof(struct object, match.destination_ports) }, \
	{ \
		.key = "has_dscp", .type = &field_dscp, .size = sizeof(uint8_t), \
		.fallback = DSCP_NONE, .offset = offsetof(struct object, match.dscp) \
	}

extern const struct field_type match_field_source;
extern const struct field_type match_field_destination;
extern const struct field_type match_field_protocol;
extern const struct field_type match_field_ports;

/* Worker. A packet whose ports are not known has none. */
bool match_packet(const struct match *match, const struct packet_tuple *tuple);

#endif
