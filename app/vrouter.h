/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_VROUTER_H
#define APP_VROUTER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/queue.h>

#include "config/config.h"
#include "port/port.h"
#include "reclaim/reclaim.h"
#include "vrf/vr.h"
#include "worker/worker.h"

/*
 * The whole of what runs: ports, workers, routers. A config is applied to it, and every change
 * afterwards, wherever it comes from, goes through the functions here.
 *
 * Thread: the control thread, which holds `lock` while it is at work; others (telemetry) may read
 * with the lock held. Functions that can fail write why to `errors`, one line an error, and leave
 * everything as it was.
 */

enum router_state {
	ROUTER_RUNNING,
	ROUTER_UNANSWERED, /* not added: its worker may know it, no classification table does */
	ROUTER_UNREACHED,  /* out of the classification tables; workers may still push to it */
	ROUTER_LEAVING,    /* its worker is asked to let it go */
};

struct router {
	TAILQ_ENTRY(router) link;
	struct vrouter *vrouter;
	const struct config_router *config; /* in vrouter.config */
	char name[CONFIG_NAME_MAX + 1];
	struct vr *vr;
	struct instance *instance;
	struct worker *worker;
	enum router_state state;
	uint64_t unreached; /* UNREACHED: when the tables were swapped, of reclaim_start() */
	bool fault_told;    /* in the log */
	bool stuck;         /* its worker is inside of it, and not waited for: nothing may change */
	bool moving;        /* `worker` is still to be asked to take it up */
	struct router_base *base; /* counters as they were at `clear stats` */
};

TAILQ_HEAD(router_list, router);

struct router_link_ends;

/* What is left to do after a worker was given up for its routers and ports: takeover.c. */
enum takeover {
	TAKEOVER_DONE,
	TAKEOVER_SEEN,
	TAKEOVER_ROUTERS,
	TAKEOVER_TABLES,
};

/* Of a worker whose turn takes too long. */
struct worker_watch {
	struct router *stuck; /* NULL: none does */
	uint64_t since;       /* when the turn began, cycles */
	uint64_t passes;      /* the worker's, then */
};

struct vrouter {
	pthread_mutex_t lock;
	struct config *config; /* as it runs now */
	const char *source;    /* of the config, for messages */
	struct port *ports;
	unsigned int n_ports;
	struct worker **workers;
	unsigned int n_workers;
	struct router_list routers;
	struct router_list leaving;
	struct router_link_ends *link_ends; /* router_links.h */
	struct rte_mempool *pool;
	uint32_t pool_size;
	struct reclaim *reclaim;
	uint64_t hz;
	uint64_t started; /* TSC */
	bool launched;    /* workers run on lcores of their own */
	struct stats_base *base;
	FILE *log;                    /* of events, a line each; stderr */
	uint64_t next_link_poll;      /* ns */
	bool links_failed;            /* not all routes could follow their interfaces */
	struct worker_watch *watches; /* one for each worker */
	unsigned int n_taken;         /* workers that are not waited for */
	enum takeover takeover;
	unsigned int n_moving;
	uint64_t takeover_token; /* for TAKEOVER_SEEN: when the last was asked */
	/* Lets workers get on while the control thread waits for one; tests run them here. */
	void (*relax)(struct vrouter *vrouter);
};

/*
 * Takes the config over (it is freed with the vrouter, or on error), brings up ports, workers and
 * routers. `lcores` are those of the workers. Nothing polls yet. NULL on error.
 */
struct vrouter *vrouter_create(struct config *config, const char *source,
	const unsigned int *lcores, unsigned int n_lcores, FILE *errors);

/* Starts each worker on its lcore. 0 or a negative errno. */
int vrouter_launch(struct vrouter *vrouter, FILE *errors);

/*
 * Stops taking packets, lets workers run what is queued, ends them and stops the ports. Counters
 * can be read afterwards, and nothing waits any more. False: the code of some router does not come
 * back, which is told; nothing may be freed then, and the process has to end as it is.
 */
bool vrouter_stop(struct vrouter *vrouter);

/*
 * Frees all. Gives how many mbufs did not come back to the pool, which is 0 unless there is a bug;
 * each is told in `errors`.
 */
unsigned int vrouter_destroy(struct vrouter *vrouter, FILE *errors);

/* What is to be done regularly: punted packets, timers, memory to free. `now` in ns. */
void vrouter_poll(struct vrouter *vrouter, uint64_t now);

/* A router more, described by the one router of `fragment`, which is taken over in any case. */
int vrouter_add_router(
	struct vrouter *vrouter, struct config *fragment, const char *source, FILE *errors);

/* Its packets are dropped from now on; the rest follows in vrouter_poll(). */
int vrouter_delete_router(struct vrouter *vrouter, const char *name, FILE *errors);

/*
 * All routes of a file (config_load_routes()) or none. The control thread is busy until they are
 * read and added, some 2 us a route; workers go on meanwhile.
 */
int vrouter_load_routes(struct router *router, const char *path, FILE *errors);

struct router *vrouter_find(const struct vrouter *vrouter, const char *name);

/* 1 .. CONFIG_WEIGHT_MAX. */
int vrouter_set_weight(
	struct vrouter *vrouter, struct router *router, uint32_t weight, FILE *errors);

/* An event, a line without its end, to the log. */
void vrouter_tell(const struct vrouter *vrouter, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* CLOCK_MONOTONIC in ns. */
uint64_t vrouter_clock(void);

#endif
