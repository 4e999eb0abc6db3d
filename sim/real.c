/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <assert.h>

#include "real.h"

/* What object_read() stores where a field is left out: an integer of all ones. */
static_assert(sizeof(double) == sizeof(int64_t), "all ones are not a number");

static bool
real_read(struct report *report, struct value value, const struct field *field, void *object)
{
	double real = json_number_value(value.json);

	if (json_is_number(value.json) && real >= (double)field->min &&
		real <= (double)field->max) {
		*(double *)((char *)object + field->offset) = real;
		return true;
	}
	field_report(report, value.node, field);
	return false;
}

static void
real_fail(const struct field *field, void *object)
{
	*(double *)((char *)object + field->offset) = NAN;
}

const struct field_type field_real = { .read = real_read, .fail = real_fail };
