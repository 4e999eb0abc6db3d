/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SCHEMA_TABLE_H
#define SCHEMA_TABLE_H

#include "schema/object.h"

/*
 * Entries for tables of fields. `object` is the tag of the struct, `member` the member and the key.
 * Integers and words may be of 1, 2, 4 or 8 bytes.
 */

#define FIELD_INTEGER(object, member, low, high, otherwise) \
	{ \
		.key = #member, .type = &field_integer, .offset = offsetof(struct object, member), \
		.size = sizeof(((struct object *)NULL)->member), .min = low, .max = high, \
		.fallback = otherwise, \
	}
#define FIELD_TEXT(object, member, how, must, text) \
	{ \
		.key = #member, .type = &field_##how, .required = must, \
		.offset = offsetof(struct object, member), .expected = text, \
	}
/* One of the strings `of`, of which the first stands for `first`. */
#define FIELD_WORD(object, member, of, first, last, otherwise, text) \
	{ \
		.key = #member, .type = &field_word, .offset = offsetof(struct object, member), \
		.size = sizeof(((struct object *)NULL)->member), .min = first, .max = last, \
		.fallback = otherwise, .words = of, .expected = text, \
	}
/* Of objects of the struct kind `of`; the number of them is in n_MEMBER, an unsigned int. */
#define FIELD_LIST(object, member, of, must) \
	{ \
		.key = #member, .type = &object_list, .required = must, \
		.offset = offsetof(struct object, member), .expected = "a list of " #member, \
		.items = &of, .count_offset = offsetof(struct object, n_##member), \
	}
#define FIELD_BOOLEAN(object, member, otherwise) \
	{ \
		.key = #member, .type = &field_boolean, .offset = offsetof(struct object, member), \
		.size = sizeof(bool), .fallback = otherwise, .expected = "true or false", \
	}
/* What a struct kind of objects has: the fields are those of object_fields[], the line is kept. */
#define FIELD_OBJECTS(object, what) \
	.expected = what, .size = sizeof(struct object), .fields = object##_fields, \
	.n_fields = FIELD_COUNT(object##_fields), .line_offset = offsetof(struct object, line)

#endif
