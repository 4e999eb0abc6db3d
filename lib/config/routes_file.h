/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_ROUTES_FILE_H
#define CONFIG_ROUTES_FILE_H

#include "config.h"
#include "schema/line_report.h"

/*
 * Appends the routes of the file report->path to router->routes, and counts them in n_file_routes.
 * What is wrong with a line by itself is reported, and the route of that line left out; the rest is
 * validate.h's. NULL, or why the file cannot be opened, of which nothing is reported.
 */
const char *routes_file_read(struct line_report *report, struct config_router *router);

#endif
