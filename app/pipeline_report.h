/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_PIPELINE_REPORT_H
#define APP_PIPELINE_REPORT_H

#include <jansson.h>

#include "vrouter.h"

/* What is shown of pipelines; as in report.h. */

/* Each element at each side, in order: what came in, what went on, what became of the others. */
json_t *report_pipeline(const struct router *router);

/* One element: its counters and what its type tells. NULL: there is none of this name, or no
 * memory. */
json_t *report_element(const struct router *router, const char *name);

/* What it has many of, as a list, which may be empty; the same. */
json_t *report_element_list(const struct router *router, const char *name, unsigned int limit);

/* Types of elements. */
json_t *report_element_types(void);

/* Counters of elements begin from zero. */
void pipeline_clear_counters(struct router *router);

#endif
