/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdarg.h>
#include <stdlib.h>

#include "schema/report.h"

static void
report_add(struct report *report, uint32_t node, char *message)
{
	if (report->n_errors == report->capacity) {
		uint32_t capacity = report->capacity == 0 ? 16 : report->capacity * 2;
		void *errors = realloc(report->errors, capacity * sizeof(*report->errors));

		if (errors == NULL) {
			free(message);
			report_no_memory(report);
			return;
		}
		report->errors = errors;
		report->capacity = capacity;
	}
	report->errors[report->n_errors] = (struct report_error){
		.node = node,
		.number = report->n_errors,
		.message = message,
	};
	report->n_errors++;
}

static void
report_format(struct report *report, uint32_t node, bool value, const char *format, va_list args)
{
	char *message = NULL;
	size_t size;
	FILE *out = open_memstream(&message, &size);

	if (out == NULL) {
		report_no_memory(report);
		return;
	}
	if (value) {
		fputs("found ", out);
		locate_print_value(report->locate, node, out);
		fputs(", expected ", out);
	}
	vfprintf(out, format, args);
	if (fclose(out) != 0) {
		free(message);
		report_no_memory(report);
		return;
	}
	report_add(report, node, message);
}

void
report_error(struct report *report, uint32_t node, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report_format(report, node, false, format, args);
	va_end(args);
}

void
report_value(struct report *report, uint32_t node, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report_format(report, node, true, format, args);
	va_end(args);
}

struct line_report *
report_file(struct report *report, const char *path)
{
	void *files = realloc(report->files, (report->n_files + 1) * sizeof(*report->files));
	struct line_report *file = calloc(1, sizeof(*file));

	if (files != NULL)
		report->files = files;
	if (files == NULL || file == NULL) {
		free(file);
		report_no_memory(report);
		return NULL;
	}
	file->path = path;
	report->files[report->n_files++] = file;
	return file;
}

void
report_no_memory(struct report *report)
{
	report->no_memory = true;
}

bool
report_failed(const struct report *report)
{
	for (uint32_t i = 0; i < report->n_lines; i++)
		if (report->lines[i].n_errors > 0)
			return true;
	for (uint32_t i = 0; i < report->n_files; i++)
		if (report->files[i]->n_errors > 0)
			return true;
	return report->no_memory || report->n_errors > 0;
}

uint32_t
report_line(const struct report *report, uint32_t node)
{
	return node < report->locate->n_nodes ? report->locate->nodes[node].line : 1;
}

static int
error_compare(const void *left, const void *right)
{
	const struct report_error *a = left;
	const struct report_error *b = right;

	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

void
report_flush(struct report *report, FILE *out)
{
	if (report->n_errors > 0)
		qsort(report->errors, report->n_errors, sizeof(*report->errors), error_compare);
	for (uint32_t i = 0; i < report->n_errors; i++) {
		struct report_error *error = &report->errors[i];

		fprintf(out, "%s:%u: ", report->source, report_line(report, error->node));
		locate_print_path(report->locate, error->node, out);
		fprintf(out, ": %s\n", error->message);
		free(error->message);
	}
	for (uint32_t i = 0; i < report->n_lines; i++)
		line_report_flush(&report->lines[i], out);
	for (uint32_t i = 0; i < report->n_files; i++) {
		line_report_flush(report->files[i], out);
		free(report->files[i]);
	}
	if (report->no_memory)
		fprintf(out, "%s: out of memory\n", report->source);
	free(report->errors);
	free(report->lines);
	free(report->files);
	report->errors = NULL;
	report->lines = NULL;
	report->n_lines = 0;
	report->files = NULL;
	report->n_files = 0;
	report->n_errors = 0;
	report->capacity = 0;
}
