/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <inttypes.h>

#include "router.h"
#include "watchdog.h"

#define NS_PER_MS 1000000

uint32_t
watchdog_soft_ms(const struct config *config)
{
	return config->watchdog != NULL ? config->watchdog->soft_ms : CONFIG_WATCHDOG_SOFT_DEFAULT;
}

uint32_t
watchdog_hard_ms(const struct config *config)
{
	return config->watchdog != NULL ? config->watchdog->hard_ms : CONFIG_WATCHDOG_HARD_DEFAULT;
}

const char *
router_state_text(const struct router *router, char text[ROUTER_STATE_TEXT_SIZE])
{
	const struct instance_fault *fault = &router->instance->fault;

	if (!router_is_faulted(router))
		return "running";
	snprintf(text, ROUTER_STATE_TEXT_SIZE,
		"faulted: turn of %" PRIu64 " ms on lcore %u (limit %u ms)",
		fault->took / NS_PER_MS, fault->lcore, watchdog_soft_ms(router->vrouter->config));
	return text;
}

static void
tell_fault(struct router *router)
{
	char text[ROUTER_STATE_TEXT_SIZE];

	router->fault_told = true;
	vrouter_tell(router->vrouter, "router %s: %s: it is not run any more, until reset vr %s",
		router->name, router_state_text(router, text), router->name);
}

void
watchdog_poll(struct vrouter *vrouter)
{
	struct router *router;

	for (unsigned int i = 0; i < vrouter->n_workers; i++)
		watchdog_visit(&vrouter->workers[i]->watchdog);
	TAILQ_FOREACH(router, &vrouter->routers, link)
		if (router_is_faulted(router) && !router->fault_told)
			tell_fault(router);
}

int
vrouter_reset_router(struct vrouter *vrouter, struct router *router, FILE *errors)
{
	if (!router_is_faulted(router)) {
		fprintf(errors, "router %s: it is not faulted (see show vr %s)\n", router->name,
			router->name);
		return -EINVAL;
	}
	if (worker_reset(router->worker, router->instance) != 0) {
		fprintf(errors, "router %s: lcore %u takes no requests now, try again\n",
			router->name, router->worker->lcore);
		return -EAGAIN;
	}
	if (!router_wait_for_mail(router)) {
		fprintf(errors, "router %s: lcore %u does not answer\n", router->name,
			router->worker->lcore);
		return -ETIMEDOUT;
	}
	router->fault_told = false;
	vrouter_tell(vrouter, "router %s: reset: it runs again, on lcore %u", router->name,
		router->worker->lcore);
	return 0;
}
