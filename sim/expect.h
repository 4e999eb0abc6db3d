/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SIM_EXPECT_H
#define SIM_EXPECT_H

#include <stdio.h>

#include "run.h"

/* Holds what came out against what the scenario expects. */

/* Of one run of all, tells what differs, with `source` before it, and gives how many things do. */
unsigned int expect_check(const struct sim_run *runs, unsigned int n_runs, unsigned int which,
	const char *source, FILE *errors);

/* Of all together. */
unsigned int expect_check_linear(
	const struct sim_run *runs, unsigned int n_runs, const char *source, FILE *errors);

#endif
