/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_LINK_H
#define APP_LINK_H

#include "vrouter.h"

/*
 * Which interfaces are up: those that the user has not taken down, on ports whose link is up, or
 * linked to an interface of another router that is there and not taken down. Routes come and go
 * with them. Control thread.
 */

/* Asks the ports from time to time; `now` in ns. */
void link_poll(struct vrouter *vrouter, uint64_t now);

/* A new router's interfaces follow their ports. */
void link_adopt(struct vrouter *vrouter, struct router *router);

/* Links between routers have changed: the interfaces at their ends follow. */
void link_follow(struct vrouter *vrouter);

/* Takes an interface down or up by hand. 0 or a negative errno. */
int vrouter_set_interface(struct vrouter *vrouter, struct router *router, const char *name,
	bool enabled, FILE *errors);

#endif
