/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_ELEMENT_CONFIG_H
#define ELEMENT_ELEMENT_CONFIG_H

#include "schema/object.h"
#include "schema/table.h"
#include "schema/text.h"

struct element_type;

/*
 * What the config says of an element. Each type has a struct of its own that begins with this one,
 * and a table of fields (schema/table.h) that begins with ELEMENT_FIELDS:
 *
 *	struct mark_config {
 *		struct element_config element;
 *		uint8_t dscp;
 *	};
 *	static const struct field mark_config_fields[] = {
 *		ELEMENT_FIELDS,
 *		FIELD_INTEGER(mark_config, dscp, 0, 63, 0),
 *	};
 *	static const struct kind mark_kind = { ELEMENT_KIND(mark_config, "an object (a mark
 * element)") };
 *
 * Interfaces of the router are of the type element_field_interface, or a list of
 * element_interface_kind: that there are such is then judged by lib/config. Paths (field_path) are
 * made absolute.
 */
struct element_config {
	const struct element_type *type;
	char name[SCHEMA_NAME_MAX + 1];
	unsigned int line;
	char *json; /* compact, keys in order */
};

/* "type" is read before all others, as it decides what they are. */
extern const struct field_type element_field_type;
extern const struct field_type element_field_interface; /* a name; "" where it is left out */

/* The items of a list of interfaces. */
struct element_interface {
	char name[SCHEMA_NAME_MAX + 1];
};
extern const struct kind element_interface_kind;

#define ELEMENT_FIELDS \
	{ .key = "type", \
		.type = &element_field_type, \
		.required = true, \
		.expected = "the type of the element" }, \
	{ \
		.key = "name", .type = &field_name, \
		.offset = offsetof(struct element_config, name), \
		.expected = "a name of 1 to 31 characters out of A-Z, a-z, 0-9, \"_\", \".\" and " \
			    "\"-\"" \
	}

#define ELEMENT_KIND(object, what) \
	.expected = what, .size = sizeof(struct object), .fields = object##_fields, \
	.n_fields = FIELD_COUNT(object##_fields), \
	.line_offset = offsetof(struct element_config, line)

#endif
