/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_VIAS_H
#define CONFIG_VIAS_H

#include <stdbool.h>

#include "schema/field.h"
#include "interface_names.h"

/* The gateways of a router's routes. */

/*
 * The "via" of a route in JSON: an address, or a list of addresses and of objects with a weight.
 * The field itself reads nothing; vias_read() does for all routes at once, when the interfaces are
 * known. Of a gateway that cannot be read the address is zero.
 */
extern const struct field_type vias_field;
void vias_read(struct report *report, struct value routes, struct config_router *router);

/* Gives the route these gateways; the router keeps them where there are several. 0 or -ENOMEM. */
int vias_set(struct config_router *router, struct config_route *route,
	const struct config_via *vias, unsigned int n);

#endif
