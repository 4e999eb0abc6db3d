/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SCHEMA_REPORT_H
#define SCHEMA_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "schema/line_report.h"
#include "schema/locate.h"

/*
 * The errors of one text, gathered as they are found and told in the order of the text, and behind
 * them those of the files that it names.
 */

struct report_error {
	uint32_t node;
	uint32_t number; /* in the order found */
	char *message;
};

struct report {
	const char *source;
	const struct locate *locate;
	struct report_error *errors;
	uint32_t n_errors;
	uint32_t capacity;
	struct line_report *lines; /* of files, or NULL; freed by the flush */
	uint32_t n_lines;
	struct line_report **files; /* of other files; see report_file() */
	uint32_t n_files;
	bool no_memory;
};

/* What is wrong with the value of this node: "found X, expected Y". */
void report_error(struct report *report, uint32_t node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same, where what was found is the value itself: `format` says what was expected. */
void report_value(struct report *report, uint32_t node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * A place for what is wrong with a file that the text names; `path` must last until the flush.
 * NULL, and reported: no memory.
 */
struct line_report *report_file(struct report *report, const char *path);

/* Memory ran out: what follows may be incomplete, and nothing of the text is to be used. */
void report_no_memory(struct report *report);

/* True once anything was reported. */
bool report_failed(const struct report *report);

/* The line of a node. */
uint32_t report_line(const struct report *report, uint32_t node);

/* Writes all errors, and frees them. */
void report_flush(struct report *report, FILE *out);

#endif
