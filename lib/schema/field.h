/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SCHEMA_FIELD_H
#define SCHEMA_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "schema/report.h"

/*
 * How the values of a config's fields are read into its structs: one struct field_type for each
 * sort of value, each with what stands in the struct (parse.h) where the value cannot be read.
 */

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define OBJECT_FIELDS_MAX 24 /* of a kind */
/* The number of a table's fields; one of too many does not compile. */
#define FIELD_COUNT(fields) \
	(ARRAY_SIZE(fields) + 0 * sizeof(char[ARRAY_SIZE(fields) <= OBJECT_FIELDS_MAX ? 1 : -1]))

/* A value of the text: what Jansson made of it, and where it stands. */
struct value {
	json_t *json;
	uint32_t node;
};

/* Whether an object has a member, and where that stands (LOCATE_NONE: nowhere). */
static inline bool
field_given(struct value value, const char *key)
{
	return json_object_get(value.json, key) != NULL;
}

static inline uint32_t
field_node(const struct report *report, struct value value, const char *key)
{
	return locate_member(report->locate, value.node, key);
}

struct field;

/* How the value of a field is read into its object, and what stands there if it cannot be. */
struct field_type {
	bool (*read)(
		struct report *report, struct value value, const struct field *field, void *object);
	void (*fail)(const struct field *field, void *object);
	/* Frees what the value holds, read or failed; NULL: nothing. */
	void (*clear)(const struct field *field, void *object);
};

struct field {
	const char *key;
	const struct field_type *type;
	bool required;
	size_t offset;
	size_t size; /* of an integer or a word */
	int64_t min;
	int64_t max;
	int64_t fallback;         /* where one is left out that has a size */
	const char *expected;     /* NULL: an integer from min to max */
	const char *const *words; /* of a word: its value is its index, from min on */
	const struct kind *items; /* of a list; of an object, its own */
	size_t count_offset;      /* of a list */
};

/* What a list is a list of. */
struct kind {
	const char *items; /* in the plural */
	const char *expected;
	size_t size;
	/* Objects: */
	const struct field *fields;
	unsigned int n_fields;
	size_t line_offset;
	void (*check)(struct report *report, struct value value, void *item, bool slips);
	/* Others: */
	void (*read)(struct report *report, struct value value, void *item);
};

/* Numbers, of 1, 2, 4 or 8 bytes. */
extern const struct field_type field_integer;
extern const struct field_type field_power_of_two;
/* true or false, one byte. */
extern const struct field_type field_boolean;
/* Strings. */
extern const struct field_type field_name; /* up to SCHEMA_NAME_MAX characters and its end */
extern const struct field_type field_path; /* allocated */
extern const struct field_type field_mac;  /* a unicast one */
extern const struct field_type field_address;
extern const struct field_type field_ip_prefix; /* without bits behind it */
extern const struct field_type field_word;

/* The fail of a type whose zero is its mark, or that needs none. */
void field_leave(const struct field *field, void *object);

/* What field_name and field_mac are made of, for types that have more to say. */
bool field_read_name(
	struct report *report, struct value value, const struct field *field, void *object);
void field_fail_name(const struct field *field, void *object);
bool field_read_mac(
	struct report *report, struct value value, const struct field *field, void *object);

/* A prefix in a list of them: a kind's read. */
void field_read_ip_prefix(struct report *report, struct value value, void *item);

/* Reports a value that is not what its field expects. */
void field_report(struct report *report, uint32_t node, const struct field *field);

/* An integer of the field's size. */
void field_store(const struct field *field, void *object, int64_t value);

#endif
