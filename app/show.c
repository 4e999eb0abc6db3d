/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "show.h"

#define COLUMNS_MAX 16

static void
print_all_columns(FILE *out, const json_t *array)
{
	struct table_column columns[COLUMNS_MAX + 1] = { { NULL, NULL } };
	const char *key;
	unsigned int n = 0;
	json_t *value;

	json_object_foreach(json_array_get(array, 0), key, value)
		if (n < COLUMNS_MAX)
			columns[n++] = (struct table_column){ key, key };
	if (n == 0)
		fputs("none\n", out);
	else
		table_print(out, array, columns);
}

void
show_json(struct console_session *session, json_t *json, const struct words *words,
	const struct table_column *columns)
{
	if (json == NULL) {
		fprintf(session->errors, "no memory\n");
		return;
	}
	if (words->json[0] != '\0') {
		json_dumpf(json, session->out, JSON_COMPACT | JSON_REAL_PRECISION(12));
		fputc('\n', session->out);
	} else if (columns == SHOW_ALL_COLUMNS) {
		print_all_columns(session->out, json);
	} else if (columns != NULL) {
		table_print(session->out, json, columns);
	} else {
		table_print_object(session->out, json, 0);
	}
	json_decref(json);
}
