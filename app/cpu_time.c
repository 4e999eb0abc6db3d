/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>

#include <rte_cycles.h>

#include "cpu_time.h"
#include "router.h"

struct sched_share
cpu_time_of(const struct vrouter *vrouter, const struct config_server *server)
{
	if (server == NULL)
		return (struct sched_share){ 0 };
	/* Not the least more than asked for, so that reservations that fit by the config do. */
	return (struct sched_share){ .runtime = server->runtime_us * vrouter->hz / US_PER_S,
		.period = (server->period_us * vrouter->hz + US_PER_S - 1) / US_PER_S };
}

static uint32_t
millionths(const struct sched_share *share)
{
	return sched_millionths(share->runtime, share->period);
}

static uint32_t
reserved_by(
	const struct router_list *routers, const struct worker *worker, const struct router *but)
{
	const struct router *router;
	uint32_t reserved = 0;

	TAILQ_FOREACH(router, routers, link)
		if (router != but && router->worker == worker && router->instance != NULL)
			reserved += millionths(&router->instance->reserve);
	return reserved;
}

uint32_t
cpu_time_reserved(
	const struct vrouter *vrouter, const struct worker *worker, const struct router *but)
{
	/* Those that are leaving have it until they are gone. */
	return reserved_by(&vrouter->routers, worker, but) +
	       reserved_by(&vrouter->leaving, worker, but);
}

int
cpu_time_admit(const struct router *router, const struct sched_share *reserve, FILE *errors)
{
	const struct vrouter *vrouter = router->vrouter;
	uint32_t wanted = millionths(reserve);
	uint32_t reserved = cpu_time_reserved(vrouter, router->worker, router);
	uint32_t leaving = reserved_by(&vrouter->leaving, router->worker, router);

	if (wanted == 0 || reserved + wanted <= SCHED_RESERVED_MAX)
		return 0;
	if (reserved + wanted <= SCHED_RESERVED_MAX + leaving)
		fprintf(errors,
			"router %s: its reserve is %.2f%% of lcore %u, of which routers that are "
			"leaving have %.2f%% still, try again\n",
			router->name, wanted / 1e4, router->worker->lcore, leaving / 1e4);
	else
		fprintf(errors,
			"router %s: its reserve is %.2f%% of lcore %u, of which others reserve "
			"%.2f%%, expected %.2f%% in all at most, or another \"lcore\"\n",
			router->name, wanted / 1e4, router->worker->lcore, reserved / 1e4,
			SCHED_RESERVED_MAX / 1e4);
	return -ENOSPC;
}

static int
tell_no_answer(const struct router *router, FILE *errors)
{
	fprintf(errors, "router %s: lcore %u does not answer\n", router->name,
		router->worker->lcore);
	return -ETIMEDOUT;
}

/* Has the worker take up what `share` of the instance is set to; if it does not, nothing is. */
static int
ask_worker(struct router *router, struct sched_share *share, struct sched_share wanted,
	int (*request)(struct worker *worker, struct instance *instance), FILE *errors)
{
	struct sched_share before = *share;

	/* Then it is taken up with the router. */
	if (router->moving) {
		*share = wanted;
		return 0;
	}
	/* It may have been asked before, and not have got on since. */
	if (!router_wait_for_mail(router))
		return tell_no_answer(router, errors);
	*share = wanted;
	if (request(router->worker, router->instance) != 0) {
		*share = before;
		fprintf(errors, "router %s: lcore %u takes no requests now, try again\n",
			router->name, router->worker->lcore);
		return -EAGAIN;
	}
	if (router_wait_for_mail(router) || !worker_cancel(router->instance))
		return 0;
	*share = before;
	return tell_no_answer(router, errors);
}

/* A copy of the server, to be freed. False, and told: there is no memory. */
static bool
copy_server(const struct router *router, const struct config_server *server,
	struct config_server **copy, FILE *errors)
{
	*copy = NULL;
	if (server == NULL)
		return true;
	*copy = malloc(sizeof(**copy));
	if (*copy == NULL) {
		fprintf(errors, "router %s: no memory\n", router->name);
		return false;
	}
	**copy = *server;
	return true;
}

static struct config_router *
config_of(const struct router *router)
{
	return (struct config_router *)(uintptr_t)router->config;
}

static int
change(struct router *router, const struct config_server *server, struct config_server **in_config,
	struct sched_share *share, int (*request)(struct worker *worker, struct instance *instance),
	FILE *errors)
{
	struct config_server *copy;
	int rc;

	if (!copy_server(router, server, &copy, errors))
		return -ENOMEM;
	rc = ask_worker(router, share, cpu_time_of(router->vrouter, server), request, errors);
	if (rc != 0) {
		free(copy);
		return rc;
	}
	free(*in_config);
	*in_config = copy;
	return 0;
}

int
vrouter_set_reserve(struct router *router, const struct config_server *server, FILE *errors)
{
	struct sched_share wanted = cpu_time_of(router->vrouter, server);
	int rc = cpu_time_admit(router, &wanted, errors);

	if (rc != 0)
		return rc;
	return change(router, server, &config_of(router)->reserve, &router->instance->reserve,
		worker_set_reserve, errors);
}

int
vrouter_set_limit(struct router *router, const struct config_server *server, FILE *errors)
{
	return change(router, server, &config_of(router)->limit, &router->instance->limit,
		worker_set_limit, errors);
}
