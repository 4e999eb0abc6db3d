/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SCHEMA_OBJECT_H
#define SCHEMA_OBJECT_H

#include "schema/field.h"

/* JSON objects and lists of them, read by tables of fields (field.h). */

/*
 * Reads the members of an object into `item`: each by its field, with its default where it is left
 * out. Keys that are unknown or missing are reported; what cannot be read is left as its field
 * says.
 */
void object_read(struct report *report, struct value value, const struct kind *kind, void *item);

/* Frees what the members of an object hold, by its fields; not the object. */
void object_clear(const struct kind *kind, void *item);

/* A field that is a list of field->items. */
extern const struct field_type object_list;

/* A field that points to an object of its own, of the kind field->items. */
extern const struct field_type object_pointer;

#endif
