/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_CPU_TIME_H
#define APP_CPU_TIME_H

#include "vrouter.h"

/*
 * Reserves and limits of routers: amounts of their workers' time (sched/sched.h). What a worker has
 * to give is counted here, for the worker does not refuse. Control thread.
 */

/* In cycles; of NULL zeroes, which are none. */
struct sched_share cpu_time_of(const struct vrouter *vrouter, const struct config_server *server);

/* What is reserved on a worker, in millionths, but by the router `but`; NULL: by all. */
uint32_t cpu_time_reserved(
	const struct vrouter *vrouter, const struct worker *worker, const struct router *but);

/* Whether its worker has as much left as the router is to reserve; -ENOSPC, and told, if not. */
int cpu_time_admit(const struct router *router, const struct sched_share *reserve, FILE *errors);

/*
 * In the config and in force with the router's next turn; NULL: none. The server is copied, and is
 * one that a config may have. -ENOSPC: its worker has not so much left. -EAGAIN, -ETIMEDOUT: it
 * takes no requests, or does not answer. -ENOMEM. All told, and nothing has changed.
 */
int vrouter_set_reserve(struct router *router, const struct config_server *server, FILE *errors);
int vrouter_set_limit(struct router *router, const struct config_server *server, FILE *errors);

#endif
