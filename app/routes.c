/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>

#include "config/line_report.h"
#include "router.h"

/* Static routes on their way from a config to a router, and what is told of them. */
struct batch {
	const struct config_route *routes;
	uint32_t n;
	uint32_t n_text; /* the first so many are from the config's text, the others from a file */
	struct line_report text;
	struct line_report file;
};

static enum vr_route_type
route_type(enum config_route_type type)
{
	static const enum vr_route_type types[] = {
		[CONFIG_ROUTE_VIA] = VR_ROUTE_VIA,
		[CONFIG_ROUTE_BLACKHOLE] = VR_ROUTE_BLACKHOLE,
		[CONFIG_ROUTE_UNREACHABLE] = VR_ROUTE_UNREACHABLE,
		[CONFIG_ROUTE_PROHIBIT] = VR_ROUTE_PROHIBIT,
	};

	return types[type];
}

static void
on_refused(uint32_t i, const char *error, void *context)
{
	struct batch *batch = context;

	line_report_error(i < batch->n_text ? &batch->text : &batch->file, batch->routes[i].line,
		"%s", error);
}

static int
add(struct vr *vr, struct batch *batch, FILE *errors)
{
	struct vr_route *routes = calloc(batch->n + 1, sizeof(*routes));
	int rc;

	if (routes == NULL) {
		fprintf(errors, "router %s: no memory for %u routes\n", vr->name, batch->n);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < batch->n; i++) {
		const struct config_route *wanted = &batch->routes[i];

		routes[i].prefix = wanted->prefix;
		routes[i].type = route_type(wanted->type);
		routes[i].via = wanted->via;
		if (wanted->zone != CONFIG_ZONE_NONE)
			routes[i].interface = &vr->interfaces[wanted->zone];
	}
	rc = vr_routes_add(vr, routes, batch->n, on_refused, batch);
	line_report_flush(&batch->text, errors);
	line_report_flush(&batch->file, errors);
	free(routes);
	return rc;
}

int
routes_add_config(
	struct vr *vr, const struct config_router *config, const char *source, FILE *errors)
{
	struct batch batch = { .routes = config->routes,
		.n = config->n_routes,
		.n_text = config->n_routes - config->n_file_routes,
		.text.path = source,
		.file.path = config->routes_file };

	return add(vr, &batch, errors);
}

int
vrouter_load_routes(struct router *router, const char *path, FILE *errors)
{
	struct batch batch = { .file.path = path };
	struct config_route *routes;
	int rc = config_load_routes(path, router->config, &routes, &batch.n, errors);

	if (rc != 0)
		return rc;
	batch.routes = routes;
	rc = add(router->vr, &batch, errors);
	free(routes);
	return rc;
}
