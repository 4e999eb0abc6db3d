/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ring_elem.h>
#include <rte_string_fns.h>

#include "cpu_time.h"
#include "link.h"
#include "patience.h"
#include "pipeline.h"
#include "pool.h"
#include "router.h"
#include "stats.h"
#include "vrf/pipeline.h"
#include "tunnel_link.h"
#include "vrf/reassembly.h"
#include "watchdog.h"

/* A worker that does not look at its mail for so long is stuck. */
#define MAIL_TIMEOUT_NS UINT64_C(1000000000)

static struct instance *
make_instance(struct vrouter *vrouter, const struct config_router *config, struct vr *vr,
	struct worker *worker)
{
	struct instance *instance = instance_create(
		vr->instance, config->weight, 2 * vrouter->n_workers, worker->socket);

	if (instance == NULL)
		return NULL;
	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		struct worker *producer = vrouter->workers[i];

		if (router_is_sorted_by(producer, vr) &&
			instance_feed(instance, config->fifo, worker, producer, false,
				worker->socket) == NULL) {
			instance_free(instance);
			return NULL;
		}
	}
	instance->reserve = cpu_time_of(vrouter, config->reserve);
	instance->limit = cpu_time_of(vrouter, config->limit);
	return instance;
}

bool
router_wait_for_mail(const struct router *router)
{
	struct patience patience = patience_of(MAIL_TIMEOUT_NS);

	while (!worker_mail_done(router->instance)) {
		if (patience_ends(&patience))
			return false;
		router->vrouter->relax(router->vrouter);
	}
	return true;
}

static int
attach(struct router *router, FILE *errors)
{
	int rc = cpu_time_admit(router, &router->instance->reserve, errors);

	if (rc != 0)
		return rc;
	rc = worker_attach(router->worker, router->instance);
	if (rc == -ENOSPC)
		fprintf(errors, "router %s: lcore %u runs %u routers already, the most it can\n",
			router->name, router->worker->lcore, WORKER_INSTANCES_MAX);
	else if (rc != 0)
		fprintf(errors, "router %s: lcore %u takes no requests now, try again\n",
			router->name, router->worker->lcore);
	if (rc != 0)
		return rc;
	if (router_wait_for_mail(router))
		return 0;
	fprintf(errors, "router %s: lcore %u does not answer\n", router->name,
		router->worker->lcore);
	return -ETIMEDOUT;
}

/* Its worker has taken it up or will when it gets on, so it has to leave like one that ran. */
static void
give_up(struct router *router)
{
	struct vrouter *vrouter = router->vrouter;

	TAILQ_REMOVE(&vrouter->routers, router, link);
	router->state = ROUTER_UNANSWERED;
	router->config = NULL;
	TAILQ_INSERT_TAIL(&vrouter->leaving, router, link);
}

struct router *
router_create(struct vrouter *vrouter, const struct config_router *config, struct worker *worker,
	FILE *errors)
{
	struct router *router = calloc(1, sizeof(*router));
	int rc = -ENOMEM;

	if (router == NULL) {
		fprintf(errors, "router %s: no memory\n", config->name);
		return NULL;
	}
	router->vrouter = vrouter;
	router->config = config;
	router->worker = worker;
	strlcpy(router->name, config->name, sizeof(router->name));
	TAILQ_INSERT_TAIL(&vrouter->routers, router, link);
	router->vr = router_make_vr(vrouter, config, worker->socket, errors);
	if (router->vr != NULL &&
		router_add_static(router->vr, config, vrouter->source, errors) == 0 &&
		pipeline_apply(router->vr, &config->pipeline, NULL, errors) == 0) {
		router->instance = make_instance(vrouter, config, router->vr, worker);
		router->base = router_base_create(router->vr);
		if (router->instance == NULL || router->base == NULL)
			fprintf(errors, "router %s: no memory for a FIFO of %u packets\n",
				config->name, config->fifo);
		else
			rc = attach(router, errors);
	}
	if (rc == 0)
		return router;
	if (rc == -ETIMEDOUT)
		give_up(router);
	else
		router_free(router);
	return NULL;
}

void
router_free(struct router *router)
{
	if (router->state == ROUTER_RUNNING)
		TAILQ_REMOVE(&router->vrouter->routers, router, link);
	else
		TAILQ_REMOVE(&router->vrouter->leaving, router, link);
	instance_free(router->instance);
	/* Neighbours retired before must be freed before their router. */
	if (router->vr != NULL)
		vr_retire(router->vr);
	router_base_free(router->base);
	free(router);
}

/* The config's array of routers has moved or changed. */
static void
find_configs(struct vrouter *vrouter)
{
	struct config *config = vrouter->config;
	struct router *router;

	TAILQ_FOREACH(router, &vrouter->routers, link)
		for (unsigned int i = 0; i < config->n_routers; i++)
			if (strcmp(config->routers[i].name, router->name) == 0)
				router->config = &config->routers[i];
}

static int
append_config(struct vrouter *vrouter, struct config *fragment, FILE *errors)
{
	struct config *config = vrouter->config;
	struct config_router *routers =
		realloc(config->routers, (config->n_routers + 1) * sizeof(*config->routers));

	if (routers == NULL) {
		fprintf(errors, "no memory\n");
		return -ENOMEM;
	}
	config->routers = routers;
	routers[config->n_routers++] = fragment->routers[0];
	fragment->n_routers = 0; /* its strings have moved */
	find_configs(vrouter);
	return 0;
}

static void
remove_config(struct vrouter *vrouter, const char *name)
{
	struct config *config = vrouter->config;

	for (unsigned int i = 0; i < config->n_routers; i++) {
		if (strcmp(config->routers[i].name, name) != 0)
			continue;
		config_router_clear(&config->routers[i]);
		config->routers[i] = config->routers[--config->n_routers];
		break;
	}
	find_configs(vrouter);
}

static bool
pool_suffices(const struct vrouter *vrouter, const char *name, FILE *errors)
{
	uint64_t need = pool_need(vrouter, vrouter->config->n_routers);

	if (need <= vrouter->pool_size)
		return true;
	fprintf(errors,
		"router %s: its FIFOs could need %" PRIu64
		" packet buffers more than there are; give it "
		"a smaller \"fifo\", or start with \"mbufs\" of at least %" PRIu64 "\n",
		name, need - vrouter->pool_size, need);
	return false;
}

int
vrouter_add_router(
	struct vrouter *vrouter, struct config *fragment, const char *source, FILE *errors)
{
	char name[CONFIG_NAME_MAX + 1];
	struct router *router = NULL;
	struct worker *worker;
	const char *own_source = vrouter->source;
	int rc;

	strlcpy(name, fragment->routers[0].name, sizeof(name));
	worker = place_router(vrouter, &fragment->routers[0], source, errors);
	rc = worker == NULL ? -EINVAL : append_config(vrouter, fragment, errors);
	config_free(fragment);
	if (rc != 0)
		return rc;
	vrouter->source = source;
	if (pool_suffices(vrouter, name, errors))
		router = router_create(vrouter,
			&vrouter->config->routers[vrouter->config->n_routers - 1], worker, errors);
	vrouter->source = own_source;
	if (router == NULL) {
		remove_config(vrouter, name);
		return -EINVAL;
	}
	link_adopt(vrouter, router);
	rc = router_publish_tables(vrouter, errors);
	if (rc != 0) {
		/* No table leads to it, so none has to be made for it to leave. */
		give_up(router);
		remove_config(vrouter, name);
		return rc;
	}
	link_follow(vrouter);
	return 0;
}

/* No worker pushes to it any more. */
static bool
is_unreached(const struct router *router)
{
	return router->state == ROUTER_UNANSWERED ||
	       reclaim_has_passed(router->vrouter->reclaim, router->unreached);
}

/* What a stuck router can still read of it: tunnels that were attached there. */
static bool
may_be_read(const struct router *router)
{
	return router->vrouter->n_taken > 0 && router->vr != NULL && router->vr->n_tunnels > 0;
}

void
router_leave_step(struct router *router)
{
	if (!worker_mail_done(router->instance) || router->moving || router->stuck)
		return;
	if (router->state == ROUTER_LEAVING) {
		if (!may_be_read(router))
			router_free(router);
		return;
	}
	/* A full mailbox is tried again. */
	if (is_unreached(router) && worker_detach(router->worker, router->instance) == 0)
		router->state = ROUTER_LEAVING;
}

int
vrouter_delete_router(struct vrouter *vrouter, const char *name, FILE *errors)
{
	struct router *router = vrouter_find(vrouter, name);
	int rc;

	if (router == NULL) {
		fprintf(errors, "router %s: there is none of this name\n", name);
		return -ENOENT;
	}
	if (!router_may_change(router, errors))
		return -EBUSY;
	TAILQ_REMOVE(&vrouter->routers, router, link);
	rc = router_publish_tables(vrouter, errors);
	if (rc != 0) {
		TAILQ_INSERT_TAIL(&vrouter->routers, router, link);
		return rc;
	}
	tunnel_link_leave(router->vr);
	if (vr_stop(router->vr))
		worker_ring(router->worker, router->instance);
	router->state = ROUTER_UNREACHED;
	router->config = NULL;
	TAILQ_INSERT_TAIL(&vrouter->leaving, router, link);
	remove_config(vrouter, name);
	link_follow(vrouter);
	router->unreached = reclaim_start(vrouter->reclaim);
	return 0;
}

void
router_drop_rest(struct router *router)
{
	struct vr_instance *vr = router->instance->vr;
	struct rte_mbuf *mbuf;
	struct vr_inject inject;
	struct vr_punt punt;

	while (instance_take(router->instance, &mbuf, 1, &router->worker->queued) == 1) {
		vr->counters.input++;
		vr->counters.dropped[VR_DROP_STOPPED]++;
		rte_pktmbuf_free(mbuf);
	}
	while (rte_ring_sc_dequeue_elem(vr->punt, &punt, sizeof(punt)) == 0) {
		if (punt.code != VR_PUNT_RESOLVE)
			continue;
		if (punt.class == VR_CLASS_ORIGINATED)
			vr->control_lost++;
		else
			vr->control_dropped[VR_DROP_STOPPED]++;
		rte_pktmbuf_free(punt.mbuf);
	}
	while (rte_ring_sc_dequeue_elem(vr->inject, &inject, sizeof(inject)) == 0) {
		if (inject.mbuf == NULL)
			continue;
		if (inject.class == VR_CLASS_ORIGINATED)
			vr->control_lost++;
		else
			vr->control_dropped[VR_DROP_STOPPED]++;
		rte_pktmbuf_free(inject.mbuf);
	}
	pipeline_drop_held(router->vr);
	/* Counted where the worker would have: it has stopped. */
	vr->counters.dropped[VR_DROP_STOPPED] += reassembly_drop_all(vr->reassembly);
}
