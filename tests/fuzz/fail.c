/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <stdlib.h>

#include <CUnit/CUnit.h>

/* What CUnit's macros call, which the lab asserts with: here a failure is a finding. */
CU_BOOL
CU_assertImplementation(CU_BOOL value, unsigned int line, const char *condition, const char *file,
	const char *function, CU_BOOL fatal)
{
	(void)function;
	(void)fatal;
	if (value)
		return CU_TRUE;
	fprintf(stderr, "\n%s:%u: does not hold: %s\n", file, line, condition);
	abort();
}
