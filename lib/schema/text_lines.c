/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <assert.h>
#include <string.h>

#include "schema/text_file.h"
#include "schema/text_lines.h"

#define BUFFER_SIZE (1 << 16)

static_assert(BUFFER_SIZE > 2 * TEXT_LINES_MAX, "a line fits");

/* `length` characters, behind which there is room for one more. */
static void
take_line(struct text_lines *lines, char *text, size_t length)
{
	lines->line++;
	if (length > lines->line_max) {
		line_report_error(lines->report, lines->line,
			"found a longer line, expected %u characters at most", lines->line_max);
		return;
	}
	if (memchr(text, '\0', length) != NULL) {
		line_report_error(lines->report, lines->line, "found a NUL byte, expected text");
		return;
	}
	text[length] = '\0';
	lines->take(lines, text);
}

/* Takes the lines that end in the text; gives how much of it is left. */
static size_t
take_lines(struct text_lines *lines, char *text, size_t size)
{
	char *end = text + size;
	char *newline;

	while (!lines->stop && (newline = memchr(text, '\n', (size_t)(end - text))) != NULL) {
		take_line(lines, text, (size_t)(newline - text));
		text = newline + 1;
	}
	return (size_t)(end - text);
}

static bool
too_large(struct text_lines *lines, size_t size)
{
	lines->size += size;
	if (lines->size <= lines->size_max)
		return false;
	line_report_error(lines->report, lines->line,
		"found over %u MiB before the end of the file, expected at most that",
		lines->size_max >> 20);
	return true;
}

static void
take_text(struct text_lines *lines, struct text_file *file)
{
	char buffer[BUFFER_SIZE + 1];
	size_t size = 0;
	const char *why;
	ssize_t n;

	while ((n = text_file_read(file, buffer + size, BUFFER_SIZE - size, &why)) > 0) {
		size_t left;

		if (too_large(lines, (size_t)n))
			return;
		size += (size_t)n;
		left = take_lines(lines, buffer, size);
		if (lines->stop)
			return;
		memmove(buffer, buffer + size - left, left);
		/* Of a line that is too long, enough to know it by. */
		size = left > lines->line_max ? lines->line_max + 1 : left;
	}
	if (n < 0)
		line_report_error(lines->report, lines->line + 1, "%s", why);
	else if (size > 0)
		take_line(lines, buffer, size);
}

const char *
text_lines_read(struct text_lines *lines)
{
	const char *why;
	struct text_file *file = text_file_open(lines->report->path, &why);

	if (file == NULL)
		return why;
	take_text(lines, file);
	text_file_close(file);
	return NULL;
}
