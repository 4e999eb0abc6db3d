/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_MISSES_H
#define APP_MISSES_H

#include "vrouter.h"

/* Cache misses: what the config says of counting and charging them. Control thread. */

bool misses_counted(const struct config *config);

/* What a worker's routers may share; 0: misses are not charged. */
uint32_t misses_per_second(const struct config *config);

/* Tells, once workers run, which cannot count though they are to: each reason once. */
void misses_tell(const struct vrouter *vrouter);

#endif
