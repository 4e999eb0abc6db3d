/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SCHEMA_SYNTAX_H
#define SCHEMA_SYNTAX_H

#include <jansson.h>
#include <stdio.h>

#include "schema/locate.h"
#include "schema/report.h"

/* The text is no JSON: the one line that Jansson's error comes to. */
void syntax_report(const char *text, size_t length, const char *source, const json_error_t *error,
	FILE *errors);

/* Every key that its object already has. */
void syntax_report_duplicates(struct report *report);

#endif
