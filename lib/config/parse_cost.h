/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_PARSE_COST_H
#define CONFIG_PARSE_COST_H

#include "config.h"
#include "schema/field.h"

/* How turns are charged and watched, and reservations and limits, as parse.h has it. */

#define RESERVE_EXPECTED "an object (a reservation of CPU time)"
#define LIMIT_EXPECTED "an object (a limit of CPU time)"

#define MEMORY_EXPECTED "an object (cache misses)"
#define WATCHDOG_EXPECTED "an object (how long turns may take)"

extern const struct kind cost_kind;
extern const struct kind watchdog_kind;
extern const struct kind config_memory_kind;
extern const struct kind reserve_kind;
extern const struct kind limit_kind;

#endif
