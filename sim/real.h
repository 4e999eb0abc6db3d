/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SIM_REAL_H
#define SIM_REAL_H

#include <math.h>
#include <stdbool.h>

#include "schema/table.h"

/* Numbers with a fraction in tables of fields: doubles. One that is left out is not a number. */

extern const struct field_type field_real;

#define FIELD_REAL(object, member, low, high, text) \
	{ \
		.key = #member, .type = &field_real, .offset = offsetof(struct object, member), \
		.size = sizeof(double), .min = low, .max = high, .fallback = -1, .expected = text, \
	}

static inline bool
real_given(double value)
{
	return !isnan(value);
}

#endif
