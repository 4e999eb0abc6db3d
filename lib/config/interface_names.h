/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_INTERFACE_NAMES_H
#define CONFIG_INTERFACE_NAMES_H

#include <stdbool.h>

#include "config.h"
#include "taken.h"

/* The interfaces of a router by name, for what refers to them. */

struct interface_names {
	const struct config_router *router;
	struct taken taken; /* name -> index */
	bool all_known;     /* no name is one that could not be read */
};

/* 0; or -ENOMEM, with nothing to free. */
int interface_names_init(struct interface_names *names, const struct config_router *router);
void interface_names_free(struct interface_names *names);

/* The interface's index, the first one's of several; or CONFIG_ZONE_NONE. */
uint32_t interface_names_find(const struct interface_names *names, const char *name);

/* The name that this one is probably a slip for, or NULL. */
const char *interface_names_near(const struct interface_names *names, const char *name);

#endif
