/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SCHEMA_TEXT_LINES_H
#define SCHEMA_TEXT_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/line_report.h"

/*
 * A file taken line by line, plain or compressed (text_file.h). Lines that are too long or have NUL
 * bytes are reported and left out; a file that is too large, or whose text breaks off, is read up
 * to there.
 */
struct text_lines {
	struct line_report *report; /* with the file's path */
	uint32_t line_max;          /* characters */
	uint32_t size_max;          /* bytes, uncompressed */
	/* Gets each line, terminated, for it to change. */
	void (*take)(struct text_lines *lines, char *text);
	/* The reader's: */
	uint32_t line; /* that taken last */
	bool stop;     /* set by take(): what follows is not looked at */
	uint64_t size;
};

#define TEXT_LINES_MAX 1023 /* line_max at most */

/* NULL, or why the file cannot be opened, of which nothing is reported. */
const char *text_lines_read(struct text_lines *lines);

#endif
