/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_TABLE_H
#define APP_TABLE_H

#include <stdio.h>

#include <jansson.h>

/* Text for people from the JSON of report.h. */

struct table_column {
	const char *key;
	const char *title; /* NULL ends the list */
};

/* An array of objects as a table: a column an entry, numbers to the right. */
void table_print(FILE *out, const json_t *array, const struct table_column *columns);

/* One object: a key and its value a line; objects inside are indented. */
void table_print_object(FILE *out, const json_t *object, unsigned int indent);

#endif
