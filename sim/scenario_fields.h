/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SIM_SCENARIO_FIELDS_H
#define SIM_SCENARIO_FIELDS_H

#include "schema/field.h"
#include "scenario.h"

/* What a scenario's file may hold, as tables of fields; each value by itself is checked here. */

extern const struct kind scenario_kind;

#endif
