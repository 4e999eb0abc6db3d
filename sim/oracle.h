/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

#include "worker.h"

/*
 * Entitlements of the routers of a worker that has run: the fluid model (fluid.h) over steps of
 * the scenario's, on what came in each. 0 or -ENOMEM.
 */
int oracle_entitle(struct sim_worker *worker);

#endif
