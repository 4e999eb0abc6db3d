/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "schema/line_report.h"
#include "schema/locate.h"

/* A place for the message of a line, behind what that line already has. NULL: it is not told. */
static char **
make_place(struct line_report *report, uint32_t line)
{
	uint32_t n = report->n_errors++;
	uint32_t i;

	if (n >= LINE_REPORT_TOLD) {
		n = LINE_REPORT_TOLD - 1;
		if (report->told[n].line <= line)
			return NULL;
		free(report->told[n].message);
	}
	for (i = n; i > 0 && report->told[i - 1].line > line; i--)
		report->told[i] = report->told[i - 1];
	report->told[i].line = line;
	report->told[i].message = NULL;
	return &report->told[i].message;
}

/* Without memory the message is NULL; that there is an error is known even so. */
static void
add(struct line_report *report, uint32_t line, const char *text, size_t length, const char *format,
	va_list args)
{
	char **place = make_place(report, line);
	size_t size;
	FILE *out;

	if (place == NULL)
		return;
	out = open_memstream(place, &size);
	if (out == NULL)
		return;
	if (text != NULL) {
		fputs("found \"", out);
		locate_print_text(text, length, out);
		fputs("\", expected ", out);
	}
	vfprintf(out, format, args);
	fclose(out);
}

void
line_report_error(struct line_report *report, uint32_t line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(report, line, NULL, 0, format, args);
	va_end(args);
}

void
line_report_value(struct line_report *report, uint32_t line, const char *text, size_t length,
	const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(report, line, text, length, format, args);
	va_end(args);
}

void
line_report_flush(struct line_report *report, FILE *out)
{
	for (uint32_t i = 0; i < report->n_errors && i < LINE_REPORT_TOLD; i++) {
		const char *message = report->told[i].message;

		fprintf(out, "%s:%u: %s\n", report->path, report->told[i].line,
			message == NULL ? "out of memory" : message);
		free(report->told[i].message);
	}
	if (report->n_errors > LINE_REPORT_TOLD)
		fprintf(out, "%s: and %u more\n", report->path,
			report->n_errors - LINE_REPORT_TOLD);
	report->n_errors = 0;
}
