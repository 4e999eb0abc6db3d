/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_VALIDATE_H
#define CONFIG_VALIDATE_H

#include "config.h"
#include "schema/line_report.h"
#include "schema/report.h"
#include "taken.h"

/*
 * What takes two values to judge: names, references, subnets, routes, limits. Runs on what
 * parse.h made, errors and all, and is silent about whatever hangs on a value that could not be
 * read.
 */

/*
 * A whole config; or with `running` a single router that is to join it. report->lines has one for
 * each router.
 */
void validate_config(
	struct report *report, const struct config *config, const struct config *running);

/*
 * A router by itself: its subnets, routes, neighbours and limits. `node` is its object, `lines` for
 * its file of routes.
 */
void validate_router(struct report *report, const struct config_router *router, uint32_t node,
	struct line_report *lines);

/* That a wire is what it can be. `node` is its object. */
void validate_wire(struct report *report, const struct config_router *router, uint32_t node);

/* The links of a whole config, and that every interface without a port is in one. */
void validate_links(struct report *report, const struct config *config);

/* That a router which joins others has no port where a link that is there already ends. */
void validate_linked_again(
	struct report *report, const struct config_router *router, const struct config *running);

/* That nobody in `names` has this name yet. `node` is the object that has it, a `what`. */
void validate_name(struct report *report, struct taken *names, const char *name, uint32_t node,
	const char *what);

/* Tunnels and their outer routers (validate_tunnels.c). */
void validate_tunnels(
	struct report *report, const struct config *config, const struct config *running);

#endif
