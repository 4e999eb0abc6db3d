/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_REPORT_H
#define APP_REPORT_H

#include <jansson.h>

#include "vrouter.h"

/*
 * What is shown, as JSON: the console prints it as it is or as a table, telemetry passes it on.
 * Each function gives a new reference, NULL when there is no memory. Thread: with vrouter.lock
 * held.
 */

json_t *report_routers(const struct vrouter *vrouter);
json_t *report_router(const struct vrouter *vrouter, const struct router *router);
json_t *report_neighbours(const struct router *router);
json_t *report_multicast(const struct router *router);
json_t *report_interfaces(const struct vrouter *vrouter, const struct router *router);
json_t *report_links(const struct vrouter *vrouter);
json_t *report_ports(const struct vrouter *vrouter);
json_t *report_port(const struct vrouter *vrouter, unsigned int port);
json_t *report_lcores(const struct vrouter *vrouter);
json_t *report_router_memory(const struct router *router);
json_t *report_memory(const struct vrouter *vrouter);
json_t *report_drops(const struct vrouter *vrouter);

#endif
