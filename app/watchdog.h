/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_WATCHDOG_H
#define APP_WATCHDOG_H

#include "vrouter.h"

/*
 * What is done about routers whose turns take too long (worker/watchdog.h). Control thread.
 *
 * A router whose turn took more CPU time than the soft limit is faulted: by its worker, at the end
 * of that turn. It keeps its place in the schedule, its turns drop what has come for it, and are
 * charged to it as any other. The control thread leaves it alone: its neighbours and routes stay as
 * they are, until vrouter_reset_router().
 */

uint32_t watchdog_soft_ms(const struct config *config);
uint32_t watchdog_hard_ms(const struct config *config);

static inline bool
router_is_faulted(const struct router *router)
{
	return __atomic_load_n(&router->instance->faulted, __ATOMIC_ACQUIRE);
}

#define ROUTER_STATE_TEXT_SIZE 128

/* "running", "faulted: turn of 63 ms on lcore 2 (limit 50 ms)" ... */
const char *router_state_text(const struct router *router, char text[ROUTER_STATE_TEXT_SIZE]);

/* Looks at all workers, and tells of routers that they have found faulted. */
void watchdog_poll(struct vrouter *vrouter);

/* A router that is faulted runs again. -EINVAL: it is not. -ETIMEDOUT: its worker does not answer.
 */
int vrouter_reset_router(struct vrouter *vrouter, struct router *router, FILE *errors);

#endif
