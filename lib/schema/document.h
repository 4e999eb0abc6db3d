/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SCHEMA_DOCUMENT_H
#define SCHEMA_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "schema/report.h"

/*
 * A JSON text and who reads it. All that is wrong with it goes to `errors`, in the order of the
 * text.
 */

#define DOCUMENT_FILE_MAX (64u << 20) /* bytes */

struct document {
	const char *source; /* what errors begin with; of a file its path */
	FILE *errors;
	/*
	 * Gets the text's value, which is the caller's. Of keys that are given twice the last
	 * counts, so that the rest can be judged, too; they are reported.
	 */
	void (*read)(struct report *report, json_t *json, void *context);
	void *context;
};

/* False where anything was reported; what the reader made is then to be freed all the same. */
bool document_read_text(const struct document *document, const char *text, size_t length);

bool document_read_file(const struct document *document);

#endif
