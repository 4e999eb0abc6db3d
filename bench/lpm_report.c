/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdlib.h>
#include <string.h>

#include "lpm_report.h"

FILE *json;
unsigned int missed;
static bool json_first = true;

static int
compare_doubles(const void *a, const void *b)
{
	double left = *(const double *)a;
	double right = *(const double *)b;

	return left < right ? -1 : left > right;
}

struct spread
spread_of(const double *values, unsigned int n)
{
	double sorted[ROUNDS_MAX];

	memcpy(sorted, values, n * sizeof(*values));
	qsort(sorted, n, sizeof(*sorted), compare_doubles);
	return (struct spread){ sorted[0], sorted[n / 2], sorted[n - 1] };
}

void
json_spread(const char *key, struct spread spread)
{
	if (json != NULL)
		fprintf(json, "\"%s\": {\"min\": %.3f, \"median\": %.3f, \"max\": %.3f}", key,
			spread.min, spread.median, spread.max);
}

void
json_begin(const char *name, const char *unit)
{
	if (json == NULL)
		return;
	fprintf(json, "%s\n    {\"name\": \"%s\", \"unit\": \"%s\", ", json_first ? "" : ",", name,
		unit);
	json_first = false;
}

void
json_end(double wanted, bool met)
{
	if (json != NULL)
		fprintf(json, ", \"wanted\": %g, \"met\": %s}", wanted, met ? "true" : "false");
}

void
report(const char *name, const char *unit, struct spread spread, double bound)
{
	bool met = bound == 0 || (bound < 0 ? spread.median >= -bound : spread.median <= bound);

	json_begin(name, unit);
	json_spread("value", spread);
	json_end(bound < 0 ? -bound : bound, met);
	printf("%-46s %12.1f %-10s (%.1f to %.1f)", name, spread.median, unit, spread.min,
		spread.max);
	if (bound != 0)
		printf("  wanted %s %.0f%s", bound < 0 ? ">=" : "<=", bound < 0 ? -bound : bound,
			met ? "" : "  MISSED");
	printf("\n");
	missed += !met;
}

void
report_one(const char *name, const char *unit, double value, double bound)
{
	report(name, unit, (struct spread){ value, value, value }, bound);
}
