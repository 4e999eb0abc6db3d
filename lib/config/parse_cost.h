/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_PARSE_COST_H
#define CONFIG_PARSE_COST_H

#include "config.h"
#include "schema/field.h"

/* How turns are charged, as parse.h has it. */

extern const struct kind cost_kind;

#endif
