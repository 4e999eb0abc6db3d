/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_ROUTE_LIST_H
#define APP_ROUTE_LIST_H

#include <stdbool.h>
#include <stdio.h>

#include "vrouter.h"

/*
 * The routes of a router as they are shown, piece by piece: there may be millions. Between two
 * pieces routes may come and go; one that is there all the while is shown once, the others as it
 * happens. Thread: with vrouter.lock held.
 */

struct route_list;

enum route_list_what {
	ROUTE_LIST_ACTIVE,  /* those in the table */
	ROUTE_LIST_STANDBY, /* those that are not, and why */
};

/* NULL: no memory. */
struct route_list *route_list_create(
	const struct router *router, enum route_list_what what, bool json);

/*
 * Prints the next routes. 1: more will follow; 0: these were the last; -ENOENT: the router has
 * been deleted, and the list ends here.
 */
int route_list_print(struct route_list *list, const struct vrouter *vrouter, FILE *out);

/* NULL is allowed. */
void route_list_free(struct route_list *list);

#endif
