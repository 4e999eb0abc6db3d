/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_POOL_H
#define APP_POOL_H

#include <stdint.h>
#include <stdio.h>

#include "vrouter.h"

/*
 * The buffers of all packets. There are enough for every queue and every FIFO to be full at once,
 * so that no router can take them from another.
 */

/* Buffers that the ports, workers and `n_routers` first routers of the config can hold at once. */
uint64_t pool_need(const struct vrouter *vrouter, uint32_t n_routers);

/* Of them, those that the elements of a pipeline can hold. */
uint32_t pool_of_pipeline(const struct config_pipeline *pipeline);

/* Makes the pool that the ports receive into, sized by pool_need() or the config's `mbufs`. */
int pool_create(struct vrouter *vrouter, FILE *errors);

/* Frees it; gives how many buffers never came back, and tells it in `errors`. */
unsigned int pool_destroy(struct vrouter *vrouter, FILE *errors);

#endif
