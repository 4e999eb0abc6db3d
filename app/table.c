/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "table.h"

#define COLUMNS_MAX 32
#define CELL_SIZE 128

static void cell_text(const json_t *value, char *text, size_t size);

/* "2000/10000": what is told in full where there is room. */
static void
members_text(const json_t *object, char *text, size_t size)
{
	size_t length = 0;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		if (length > 0 && length + 2 < size)
			text[length++] = '/';
		cell_text(value, text + length, size - length);
		length += strlen(text + length);
	}
}

static void
cell_text(const json_t *value, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	if (json_is_string(value))
		snprintf(text, size, "%s", json_string_value(value));
	else if (json_is_integer(value))
		snprintf(text, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		snprintf(text, size, "%.1f", json_real_value(value));
	else if (json_is_boolean(value))
		snprintf(text, size, "%s", json_is_true(value) ? "yes" : "no");
	else if (json_is_null(value))
		snprintf(text, size, "none");
	else if (json_is_object(value))
		members_text(value, text, size);
	else if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value) && length + 2 < size; i++) {
			if (i > 0)
				text[length++] = ' ';
			cell_text(json_array_get(value, i), text + length, size - length);
			length += strlen(text + length);
		}
	}
}

void
table_print(FILE *out, const json_t *array, const struct table_column *columns)
{
	size_t widths[COLUMNS_MAX] = { 0 };
	char text[CELL_SIZE];
	unsigned int n = 0;

	for (; columns[n].title != NULL && n < COLUMNS_MAX; n++) {
		widths[n] = strlen(columns[n].title);
		for (size_t i = 0; i < json_array_size(array); i++) {
			cell_text(json_object_get(json_array_get(array, i), columns[n].key), text,
				sizeof(text));
			if (strlen(text) > widths[n])
				widths[n] = strlen(text);
		}
	}
	for (size_t i = 0; i <= json_array_size(array); i++) {
		for (unsigned int k = 0; k < n; k++) {
			const json_t *value = i == 0 ? NULL
			                             : json_object_get(json_array_get(array, i - 1),
							       columns[k].key);
			const json_t *first =
				json_object_get(json_array_get(array, 0), columns[k].key);
			int width = (int)widths[k];
			bool last = k + 1 == n;

			if (i == 0)
				snprintf(text, sizeof(text), "%s", columns[k].title);
			else
				cell_text(value, text, sizeof(text));
			if (json_is_number(first))
				fprintf(out, "%*s%s", width, text, last ? "" : "  ");
			else
				fprintf(out, "%-*s%s", last ? 0 : width, text, last ? "" : "  ");
		}
		fputc('\n', out);
	}
}

static void
print_objects(FILE *out, const char *key, const json_t *array, unsigned int indent)
{
	fprintf(out, "%*s%s:\n", (int)indent, "", key);
	for (size_t i = 0; i < json_array_size(array); i++)
		table_print_object(out, json_array_get(array, i), indent + 2);
}

void
table_print_object(FILE *out, const json_t *object, unsigned int indent)
{
	const char *key;
	json_t *value;
	int width = 0;
	char text[CELL_SIZE];

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
		if ((int)strlen(key) > width)
			width = (int)strlen(key);
	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		if (json_is_object(value)) {
			fprintf(out, "%*s%s:%s\n", (int)indent, "", key,
				json_object_size(value) == 0 ? " none" : "");
			table_print_object(out, value, indent + 2);
			continue;
		}
		if (json_is_object(json_array_get(value, 0))) {
			print_objects(out, key, value, indent);
			continue;
		}
		cell_text(value, text, sizeof(text));
		fprintf(out, "%*s%-*s  %s\n", (int)indent, "", width, key, text);
	}
}
