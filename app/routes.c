/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>

#include "schema/line_report.h"
#include "router.h"

/* Static routes on their way from a config to a router, and what is told of them. */
struct batch {
	const struct config_router *config; /* its routes */
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

	line_report_error(i < batch->n_text ? &batch->text : &batch->file,
		batch->config->routes[i].line, "%s", error);
}

static struct vr_via
to_via(const struct vr *vr, const struct config_via *via)
{
	return (struct vr_via){ .address = via->address,
		.weight = via->weight,
		.interface = via->zone == CONFIG_ZONE_NONE ? NULL : &vr->interfaces[via->zone] };
}

bool
routes_of_words(const struct vr *vr, const struct route_words *words, struct vr_route *route,
	struct vr_via vias[CONFIG_VIAS_MAX], FILE *errors)
{
	*route = (struct vr_route){ .type = route_type(words->type),
		.distance = (uint8_t)words->distance,
		.n_vias = words->n_vias,
		.vias = vias };
	for (unsigned int i = 0; i < words->n_vias; i++) {
		const char *zone = route_words_zone(words->texts[i]);

		vias[i] = to_via(vr, &words->vias[i]);
		if (zone[0] == '\0')
			continue;
		vias[i].interface = vr_interface_find(vr, zone);
		if (vias[i].interface != NULL)
			continue;
		fprintf(errors, "router %s: no interface %s (see show vr %s interfaces)\n",
			vr->name, zone, vr->name);
		return false;
	}
	if (words->n_vias == 1) {
		route->via = vias[0].address;
		route->interface = vias[0].interface;
	}
	return true;
}

/* `vias` are those of the whole config. */
static struct vr_route
to_route(const struct vr *vr, const struct config_route *wanted, const struct vr_via *vias)
{
	struct vr_route route = { .prefix = wanted->prefix,
		.type = route_type(wanted->type),
		.distance = (uint8_t)wanted->distance,
		.n_vias = wanted->n_vias,
		.via = wanted->via };

	if (wanted->n_vias > 1)
		route.vias = vias + wanted->first_via;
	else if (wanted->zone != CONFIG_ZONE_NONE)
		route.interface = &vr->interfaces[wanted->zone];
	return route;
}

static int
add(struct vr *vr, struct batch *batch, FILE *errors)
{
	const struct config_router *config = batch->config;
	struct vr_route *routes = calloc(config->n_routes + 1u, sizeof(*routes));
	struct vr_via *vias = calloc(config->n_vias + 1u, sizeof(*vias));
	int rc = -ENOMEM;

	for (uint32_t i = 0; vias != NULL && i < config->n_vias; i++)
		vias[i] = to_via(vr, &config->vias[i]);
	for (uint32_t i = 0; routes != NULL && vias != NULL && i < config->n_routes; i++)
		routes[i] = to_route(vr, &config->routes[i], vias);
	if (routes == NULL || vias == NULL)
		fprintf(errors, "router %s: no memory for %u routes\n", vr->name, config->n_routes);
	else
		rc = vr_routes_add(vr, routes, config->n_routes, on_refused, batch);
	line_report_flush(&batch->text, errors);
	line_report_flush(&batch->file, errors);
	free(routes);
	free(vias);
	return rc;
}

int
routes_add_config(
	struct vr *vr, const struct config_router *config, const char *source, FILE *errors)
{
	struct batch batch = { .config = config,
		.n_text = config->n_routes - config->n_file_routes,
		.text.path = source,
		.file.path = config->routes_file };

	return add(vr, &batch, errors);
}

int
vrouter_load_routes(struct router *router, const char *path, FILE *errors)
{
	struct config_router loaded;
	struct batch batch = { .config = &loaded, .file.path = path };
	int rc = config_load_routes(path, router->config, &loaded, errors);

	if (rc != 0)
		return rc;
	rc = add(router->vr, &batch, errors);
	config_router_clear(&loaded);
	return rc;
}
