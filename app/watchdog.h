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
 *
 * A worker that does not come back from a turn within the hard limit is not waited for any more:
 * takeover.h. The router that it is inside of is stuck: nothing of it may be changed or freed until
 * the worker is back; then it is faulted. With no other worker there is nothing to be done but to
 * tell.
 */

uint32_t watchdog_soft_ms(const struct config *config);
uint32_t watchdog_hard_ms(const struct config *config);

static inline bool
router_is_faulted(const struct router *router)
{
	return __atomic_load_n(&router->instance->faulted, __ATOMIC_ACQUIRE);
}

#define STATE_TEXT_SIZE 128

/* "running", "faulted: turn of 63 ms on lcore 2 (limit 50 ms)", "stuck on lcore 2 since 12 s" ...
 */
const char *router_state_text(const struct router *router, char text[STATE_TEXT_SIZE]);

/* "running", "stuck in router blue since 12 s" ... */
const char *worker_state_text(
	const struct vrouter *vrouter, unsigned int worker, char text[STATE_TEXT_SIZE]);

/* Looks at all workers, and does and tells what there is to be done and told. */
void watchdog_poll(struct vrouter *vrouter);

/* Whether the worker takes up and runs routers, as far as is known. */
bool watchdog_can_serve(const struct vrouter *vrouter, const struct worker *worker);

/*
 * Whether the router may be changed: neither it nor one that it has a tunnel to, or that has one to
 * it, is stuck. Told if not.
 */
bool router_may_change(const struct router *router, FILE *errors);

/* Tells of the workers that have not come back at the end. */
void watchdog_tell_lost(const struct vrouter *vrouter);

/* A router that is faulted runs again. -EINVAL: it is not. -ETIMEDOUT: its worker does not answer.
 */
int vrouter_reset_router(struct vrouter *vrouter, struct router *router, FILE *errors);

#endif
