/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SCHEMA_LINE_REPORT_H
#define SCHEMA_LINE_REPORT_H

#include <stdint.h>
#include <stdio.h>

/*
 * The errors of one file of lines, told in the order of its lines, as "FILE:LINE: message"; of many
 * only the first, and how many more there are. A struct line_report starts as { .path = ... }.
 */

#define LINE_REPORT_TOLD 20

struct line_report {
	const char *path;
	uint32_t n_errors; /* all, also those that are not told */
	struct {
		uint32_t line;
		char *message;
	} told[LINE_REPORT_TOLD];
};

void line_report_error(struct line_report *report, uint32_t line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "found "TEXT", expected ..."; the text, `length` bytes of somebody else's, is made harmless. */
void line_report_value(struct line_report *report, uint32_t line, const char *text, size_t length,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Writes what there is and frees it. */
void line_report_flush(struct line_report *report, FILE *out);

#endif
