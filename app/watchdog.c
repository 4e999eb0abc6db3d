/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <inttypes.h>

#include <rte_cycles.h>

#include "link.h"
#include "router.h"
#include "takeover.h"
#include "vrf/tunnel.h"
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

static const struct worker_watch *
watch_of(const struct router *router)
{
	return &router->vrouter->watches[router->worker->index];
}

static uint64_t
seconds_since(const struct vrouter *vrouter, const struct worker_watch *watch)
{
	return (rte_rdtsc() - watch->since) / vrouter->hz;
}

bool
watchdog_can_serve(const struct vrouter *vrouter, const struct worker *worker)
{
	return vrouter->watches[worker->index].stuck == NULL;
}

const char *
router_state_text(const struct router *router, char text[STATE_TEXT_SIZE])
{
	const struct instance_fault *fault = &router->instance->fault;
	const struct worker_watch *watch = watch_of(router);

	if (watch->stuck == router)
		snprintf(text, STATE_TEXT_SIZE, "stuck on lcore %u since %" PRIu64 " s",
			router->worker->lcore, seconds_since(router->vrouter, watch));
	else if (watch->stuck != NULL)
		snprintf(text, STATE_TEXT_SIZE, "waiting: lcore %u is stuck in router %s",
			router->worker->lcore, watch->stuck->name);
	else if (router_is_faulted(router))
		snprintf(text, STATE_TEXT_SIZE,
			"faulted: turn of %" PRIu64 " ms on lcore %u (limit %" PRIu64 " ms)",
			fault->took / NS_PER_MS, fault->lcore, fault->limit / NS_PER_MS);
	else
		return "running";
	return text;
}

const char *
worker_state_text(const struct vrouter *vrouter, unsigned int worker, char text[STATE_TEXT_SIZE])
{
	const struct worker_watch *watch = &vrouter->watches[worker];

	if (watch->stuck == NULL)
		return "running";
	snprintf(text, STATE_TEXT_SIZE, "stuck in router %s since %" PRIu64 " s",
		watch->stuck->name, seconds_since(vrouter, watch));
	return text;
}

static void
tell_fault(struct router *router)
{
	char text[STATE_TEXT_SIZE];

	router->fault_told = true;
	vrouter_tell(router->vrouter, "router %s: %s: it is not run any more, until reset vr %s",
		router->name, router_state_text(router, text), router->name);
}

/* Whose code the worker is inside of; it cannot be freed meanwhile. */
static struct router *
running_on(struct vrouter *vrouter, const struct worker *worker)
{
	struct router_list *lists[] = { &vrouter->routers, &vrouter->leaving };
	const void *running = __atomic_load_n(&worker->watchdog.running, __ATOMIC_RELAXED);
	struct router *router;

	for (unsigned int i = 0; i < RTE_DIM(lists); i++)
		TAILQ_FOREACH(router, lists[i], link)
			if (router->instance == running)
				return router;
	return NULL;
}

static unsigned int
count_others(const struct vrouter *vrouter, const struct worker *worker, const struct router *stuck)
{
	const struct router *router;
	unsigned int n = 0;

	TAILQ_FOREACH(router, &vrouter->routers, link)
		n += router->worker == worker && router != stuck;
	return n;
}

/* It stays where it is until there is a worker that can take over, or it comes back by itself. */
static void
tell_stuck(const struct vrouter *vrouter, const struct worker *worker, const struct router *router)
{
	vrouter_tell(vrouter,
		"router %s: stuck on lcore %u: a turn takes longer than %u ms, and there is no "
		"other lcore for the %u other routers and %u ports of this one: they wait",
		router->name, worker->lcore, watchdog_hard_ms(vrouter->config),
		count_others(vrouter, worker, router), worker->n_given);
}

static void
take(struct vrouter *vrouter, struct worker *worker, struct router *router)
{
	unsigned int n_routers = count_others(vrouter, worker, router);
	unsigned int n_ports = worker->n_given;

	takeover_begin(vrouter, worker, router);
	vrouter_tell(vrouter,
		"router %s: stuck on lcore %u: a turn takes longer than %u ms: the %u other "
		"routers and %u ports of this lcore go on on others",
		router->name, worker->lcore, watchdog_hard_ms(vrouter->config), n_routers, n_ports);
}

static void
on_hard_limit(struct vrouter *vrouter, struct worker *worker, struct worker_watch *watch)
{
	bool known = watch->stuck != NULL;
	struct router *router = running_on(vrouter, worker);
	bool possible = takeover_possible(vrouter, worker);

	if (router == NULL || (possible && !watchdog_take(&worker->watchdog)))
		return;
	watch->stuck = router;
	watch->since = worker->watchdog.turn;
	watch->passes = __atomic_load_n(&worker->passes, __ATOMIC_RELAXED);
	if (possible)
		take(vrouter, worker, router);
	else if (!known)
		tell_stuck(vrouter, worker, router);
}

static bool
is_back(const struct worker *worker, const struct worker_watch *watch)
{
	if (watchdog_is_taken(&worker->watchdog))
		return __atomic_load_n(&worker->parked, __ATOMIC_ACQUIRE);
	return __atomic_load_n(&worker->passes, __ATOMIC_ACQUIRE) != watch->passes;
}

static void
on_back(struct vrouter *vrouter, struct worker *worker, struct worker_watch *watch)
{
	struct router *router = watch->stuck;

	vrouter_tell(vrouter,
		"router %s: its code has come back after %.1f s: lcore %u serves again",
		router->name, (double)(rte_rdtsc() - watch->since) / (double)vrouter->hz,
		worker->lcore);
	watch->stuck = NULL;
	if (!watchdog_is_taken(&worker->watchdog))
		return;
	takeover_end(vrouter, worker, router);
	/* What could not follow meanwhile. */
	link_follow(vrouter);
}

static void
watch_worker(struct vrouter *vrouter, struct worker *worker, struct worker_watch *watch)
{
	if (watch->stuck != NULL && is_back(worker, watch))
		on_back(vrouter, worker, watch);
	else if (!watchdog_is_taken(&worker->watchdog) && watchdog_visit(&worker->watchdog))
		on_hard_limit(vrouter, worker, watch);
}

void
watchdog_poll(struct vrouter *vrouter)
{
	struct router *router;

	for (unsigned int i = 0; i < vrouter->n_workers; i++)
		watch_worker(vrouter, vrouter->workers[i], &vrouter->watches[i]);
	if (unlikely(vrouter->takeover != TAKEOVER_DONE))
		takeover_step(vrouter);
	TAILQ_FOREACH(router, &vrouter->routers, link)
		if (router_is_faulted(router) && !router->fault_told && !router->stuck)
			tell_fault(router);
}

void
watchdog_tell_lost(const struct vrouter *vrouter)
{
	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		const struct worker *worker = vrouter->workers[i];
		const struct worker_watch *watch = &vrouter->watches[i];

		if (__atomic_load_n(&worker->state, __ATOMIC_ACQUIRE) == WORKER_STOPPED)
			continue;
		vrouter_tell(vrouter,
			"router %s: its code has not come back on lcore %u: the program ends "
			"without it",
			watch->stuck != NULL ? watch->stuck->name : "(unknown)", worker->lcore);
	}
}

static bool
may_change(const struct router *router, const struct router *stuck, FILE *errors)
{
	const struct worker_watch *watch = watch_of(stuck);

	if (!stuck->stuck)
		return true;
	fprintf(errors,
		"router %s: router %s is stuck on lcore %u since %" PRIu64
		" s: its code has not come back\n",
		router->name, stuck->name, stuck->worker->lcore,
		seconds_since(stuck->vrouter, watch));
	return false;
}

static bool
has_tunnel_to(const struct router *router, const struct router *outer)
{
	for (uint16_t i = 0; i < router->vr->n_interfaces; i++) {
		const struct tunnel *tunnel = router->vr->interfaces[i].tunnel;

		if (tunnel != NULL && tunnel->outer == outer->vr)
			return true;
	}
	return false;
}

bool
router_may_change(const struct router *router, FILE *errors)
{
	const struct vrouter *vrouter = router->vrouter;
	const struct router *other;

	if (vrouter->n_taken == 0)
		return true;
	if (!may_change(router, router, errors))
		return false;
	TAILQ_FOREACH(other, &vrouter->routers, link)
		if (other->stuck && (has_tunnel_to(router, other) || has_tunnel_to(other, router)))
			return may_change(router, other, errors);
	return true;
}

int
vrouter_reset_router(struct vrouter *vrouter, struct router *router, FILE *errors)
{
	if (!router_may_change(router, errors))
		return -EBUSY;
	if (!router_is_faulted(router)) {
		fprintf(errors, "router %s: it is not faulted (see show vr %s)\n", router->name,
			router->name);
		return -EINVAL;
	}
	if (router->moving || worker_reset(router->worker, router->instance) != 0) {
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
