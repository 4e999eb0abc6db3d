/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SIM_RESULT_H
#define SIM_RESULT_H

#include <stdio.h>

#include <jansson.h>

#include "run.h"

/* What came out of a run, for people and for programs. */

/* A table: routers, workers, and what holds of all. Of many like routers only some lines. */
void result_print(const struct sim_run *run, FILE *out);

/* With its windows. NULL: no memory. The caller's. */
json_t *result_json(const struct sim_run *run);

/* What the charts of a scenario are to show. */
json_t *result_charts(const struct scenario *scenario);

#endif
