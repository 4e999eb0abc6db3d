/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef BENCH_LPM_REPORT_H
#define BENCH_LPM_REPORT_H

#include <stdbool.h>
#include <stdio.h>

/* Results: lines on stdout, and elements of the JSON file's list of results if there is one. */

#define ROUNDS_MAX 101

struct spread {
	double min, median, max;
};

struct spread spread_of(const double *values, unsigned int n);

/* The file, or NULL; and how many figures were not reached. */
extern FILE *json;
extern unsigned int missed;

/* An element: begin, members each with a comma behind it, and end. */
void json_begin(const char *name, const char *unit);
void json_spread(const char *key, struct spread spread);
void json_end(double wanted, bool met);

/* A whole one. The bound is an upper one, if negative a lower one, if 0 none. */
void report(const char *name, const char *unit, struct spread spread, double bound);
void report_one(const char *name, const char *unit, double value, double bound);

#endif
