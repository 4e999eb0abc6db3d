/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_TELEMETRY_H
#define APP_TELEMETRY_H

#include <stdio.h>

#include "vrouter.h"

/*
 * Commands for DPDK's telemetry socket, under /vrouter/. They run on telemetry's threads and take
 * vrouter.lock. There is one vrouter a process.
 */

int telemetry_start(struct vrouter *vrouter, FILE *errors);

/* From now on commands answer nothing. Without vrouter.lock: one under way may wait for it. */
void telemetry_stop(void);

#endif
