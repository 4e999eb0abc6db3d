/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>

#include "cpu_time.h"
#include "router.h"
#include "takeover.h"
#include "watchdog.h"
#include "worker/takeover.h"

/* Of routers that run, and of those that are leaving, which workers may know too. */
static void
for_each(struct vrouter *vrouter, void (*fn)(struct router *router, struct worker *worker),
	struct worker *worker)
{
	struct router_list *lists[] = { &vrouter->routers, &vrouter->leaving };
	struct router *router;

	for (unsigned int i = 0; i < RTE_DIM(lists); i++)
		TAILQ_FOREACH(router, lists[i], link)
			if (router->instance != NULL)
				fn(router, worker);
}

bool
takeover_possible(const struct vrouter *vrouter, const struct worker *but)
{
	for (unsigned int i = 0; i < vrouter->n_workers; i++)
		if (vrouter->workers[i] != but && watchdog_can_serve(vrouter, vrouter->workers[i]))
			return true;
	return false;
}

static uint32_t
weight_of(const struct router *router)
{
	return router->instance->entity.weight;
}

static uint64_t
weight_on(const struct vrouter *vrouter, const struct worker *worker)
{
	const struct router *router;
	uint64_t weight = 0;

	TAILQ_FOREACH(router, &vrouter->routers, link)
		if (router->worker == worker)
			weight += weight_of(router);
	return weight;
}

static bool
has_room(const struct vrouter *vrouter, const struct worker *worker, const struct router *router)
{
	const struct sched_share *reserve = &router->instance->reserve;
	uint32_t wanted = sched_millionths(reserve->runtime, reserve->period);

	return wanted == 0 ||
	       cpu_time_reserved(vrouter, worker, router) + wanted <= SCHED_RESERVED_MAX;
}

/* The one with least weight, of those that have what the router reserves; NULL: none has. */
static struct worker *
pick(const struct vrouter *vrouter, const struct router *router, bool reserved)
{
	struct worker *best = NULL;
	uint64_t least = UINT64_MAX;

	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		struct worker *worker = vrouter->workers[i];
		uint64_t weight;

		if (!watchdog_can_serve(vrouter, worker) ||
			(reserved && !has_room(vrouter, worker, router)))
			continue;
		weight = weight_on(vrouter, worker);
		if (weight >= least)
			continue;
		least = weight;
		best = worker;
	}
	return best;
}

static void
orphan_feeds(struct router *router, struct worker *worker)
{
	instance_orphan_feeds(router->instance, worker);
}

static void
move(struct router *router, struct worker *from)
{
	struct vrouter *vrouter = router->vrouter;
	struct worker *to;

	if (router->worker != from || router->stuck || router->state == ROUTER_LEAVING)
		return;
	to = pick(vrouter, router, true);
	takeover_instance(from, router->instance);
	if (to == NULL) {
		to = pick(vrouter, router, false);
		router->instance->reserve = (struct sched_share){ 0 };
		vrouter_tell(vrouter,
			"router %s: its reserve does not fit on any other lcore: it runs on lcore "
			"%u without",
			router->name, to->lcore);
	}
	instance_set_consumer(router->instance, to);
	router->worker = to;
	router->moving = true;
}

/* Where most weight of the routers is that go; all of its ports go there, so that feeds may too. */
static struct worker *
worker_for_ports(const struct vrouter *vrouter)
{
	struct worker *best = NULL;
	uint64_t most = 0;

	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		struct worker *worker = vrouter->workers[i];
		const struct router *router;
		uint64_t weight = 1;

		TAILQ_FOREACH(router, &vrouter->routers, link)
			if (router->worker == worker && router->moving)
				weight += weight_of(router);
		if (!watchdog_can_serve(vrouter, worker) || weight <= most)
			continue;
		most = weight;
		best = worker;
	}
	return best;
}

void
takeover_begin(struct vrouter *vrouter, struct worker *worker, struct router *stuck)
{
	struct worker *to;

	reclaim_hold(vrouter->reclaim);
	vrouter->n_taken++;
	stuck->stuck = true;
	stuck->vr->frozen = true;
	for_each(vrouter, orphan_feeds, worker);
	takeover_instance(worker, stuck->instance);
	for_each(vrouter, move, worker);
	to = worker_for_ports(vrouter);
	for (unsigned int i = 0; i < worker->n_given; i++)
		takeover_port(&worker->polled[i], to);
	takeover_worker(worker, stuck->instance);
	vrouter->takeover = TAKEOVER_TABLES;
	takeover_step(vrouter);
}

void
takeover_end(struct vrouter *vrouter, struct worker *worker, struct router *stuck)
{
	if (--vrouter->n_taken == 0)
		reclaim_release(vrouter->reclaim);
	stuck->stuck = false;
	stuck->vr->frozen = false;
	if (stuck->state == ROUTER_LEAVING) {
		takeover_drop(stuck->instance);
		__atomic_store_n(&stuck->instance->mail, INSTANCE_NO_MAIL, __ATOMIC_RELEASE);
	} else {
		stuck->moving = true;
		vrouter->takeover = RTE_MAX(vrouter->takeover, TAKEOVER_ROUTERS);
	}
	watchdog_release(&worker->watchdog);
}

static void
ring(struct router *router, struct worker *worker)
{
	(void)worker;
	if (!router->moving)
		worker_ring(router->worker, router->instance);
}

/* Where a mailbox has no room now, it is tried again. */
static void
attach(struct router *router, struct worker *worker)
{
	(void)worker;
	if (!router->moving)
		return;
	router->moving = worker_attach(router->worker, router->instance) != 0;
	router->vrouter->n_moving += router->moving;
}

void
takeover_step(struct vrouter *vrouter)
{
	/* Without memory it is tried again. */
	if (vrouter->takeover == TAKEOVER_TABLES) {
		if (router_publish_tables(vrouter, stderr) != 0)
			return;
		for (unsigned int i = 0; i < vrouter->n_workers; i++)
			if (!watchdog_is_taken(&vrouter->workers[i]->watchdog))
				worker_tell_news(vrouter->workers[i]);
		vrouter->takeover = TAKEOVER_ROUTERS;
	}
	if (vrouter->takeover == TAKEOVER_ROUTERS) {
		vrouter->n_moving = 0;
		for_each(vrouter, attach, NULL);
		if (vrouter->n_moving > 0)
			return;
		vrouter->takeover = TAKEOVER_SEEN;
		vrouter->takeover_token = reclaim_start(vrouter->reclaim);
	}
	/* Workers that had a table from before may have rung where an instance was. */
	if (!reclaim_has_passed(vrouter->reclaim, vrouter->takeover_token))
		return;
	for_each(vrouter, ring, NULL);
	vrouter->takeover = TAKEOVER_DONE;
}
