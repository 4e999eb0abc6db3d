/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_ROUTER_H
#define APP_ROUTER_H

#include <stdio.h>

#include "config/route_words.h"
#include "vrf/neighbour.h"
#include "vrouter.h"

/*
 * How a router of the config becomes one that runs, and how it leaves again. For vrouter.c.
 */

/* Made on `worker`, attached to it and in the list; not yet in the classification tables. */
struct router *router_create(struct vrouter *vrouter, const struct config_router *config,
	struct worker *worker, FILE *errors);

/* router_config.c */

/* What looks destinations up in a router of this config. */
enum lpm_engine_type router_table_engine(const struct config_router *config);

/* The router as the config describes it, without what is static. NULL with the reason told. */
struct vr *router_make_vr(
	struct vrouter *vrouter, const struct config_router *config, int socket, FILE *errors);

/* Its static neighbours and routes, those of groups too. */
int router_add_static(
	struct vr *vr, const struct config_router *config, const char *source, FILE *errors);

/* router_tables.c */

/* Whether `worker` polls a port that the router has an interface on. */
bool router_is_sorted_by(const struct worker *worker, const struct vr *vr);

/*
 * Makes the classification tables of all ports and the tables of links anew from the list of
 * routers, and swaps them in.
 */
int router_publish_tables(struct vrouter *vrouter, FILE *errors);

/* router.c */

/* False: its worker has not done what it was asked to do, for too long. */
bool router_wait_for_mail(const struct router *router);

/* The next step of a leaving router, when it is time; the last one frees it. */
void router_leave_step(struct router *router);

/* Frees a router; no worker knows it. It is taken off its list. */
void router_free(struct router *router);

/* Once workers have stopped: what still waits in FIFOs and rings is dropped as stopped. */
void router_drop_rest(struct router *router);

/* All static routes of the config, or none; each that is refused is told, with file and line. */
int routes_add_config(
	struct vr *vr, const struct config_router *config, const char *source, FILE *errors);

/*
 * The route that the words tell, but for its prefix; it borrows `vias`. False, and told: one of the
 * interfaces that they name is none of the router's.
 */
bool routes_of_words(const struct vr *vr, const struct route_words *words, struct vr_route *route,
	struct vr_via vias[CONFIG_VIAS_MAX], FILE *errors);

/* The worker (index) of each router of the config: its `lcore`, or by placement.h. */
int place_routers(const struct vrouter *vrouter, const unsigned int *lcores,
	unsigned int *placement, FILE *errors);

/* The worker of each port: its `lcore`, or where most weight of its routers is. */
int place_ports(struct vrouter *vrouter, const unsigned int *lcores, const unsigned int *placement,
	FILE *errors);

/* The worker for a router that comes later. NULL if its lcore is no worker. */
struct worker *place_router(const struct vrouter *vrouter, const struct config_router *config,
	const char *source, FILE *errors);

#endif
