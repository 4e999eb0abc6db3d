/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "config.h"
#include "parse.h"
#include "pipeline.h"
#include "routes_file.h"
#include "schema/document.h"
#include "schema/text_file.h"
#include "validate.h"

/* A config on its way. */
struct load {
	const struct config *running; /* NULL: a whole config, not one router */
	struct config *config;
};

void
config_router_clear(struct config_router *router)
{
	for (unsigned int i = 0; i < router->n_interfaces; i++) {
		struct config_interface *interface = &router->interfaces[i];

		free(interface->addresses);
		free(interface->tunnel);
		if (interface->router_advertisement != NULL)
			free(interface->router_advertisement->prefixes);
		free(interface->router_advertisement);
	}
	free(router->reserve);
	free(router->limit);
	free(router->interfaces);
	free(router->routes);
	free(router->vias);
	free(router->routes_file);
	free(router->neighbours);
	for (unsigned int i = 0; i < router->n_multicast_routes; i++)
		free(router->multicast_routes[i].out);
	free(router->multicast_routes);
	config_pipeline_clear(&router->pipeline);
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	for (unsigned int i = 0; i < config->n_ports; i++)
		free(config->ports[i].device);
	for (unsigned int i = 0; i < config->n_routers; i++)
		config_router_clear(&config->routers[i]);
	free(config->ports);
	free(config->routers);
	free(config->links);
	free(config->cost);
	free(config->watchdog);
	free(config->memory);
	free(config);
}

static void
read_routes_file(struct report *report, struct config_router *router, uint32_t node,
	struct line_report *lines)
{
	const char *why;

	if (router->routes_file == NULL)
		return;
	if (text_file_make_absolute(&router->routes_file, report->source) < 0) {
		report_no_memory(report);
		return;
	}
	lines->path = router->routes_file;
	why = routes_file_read(lines, router);
	if (why != NULL)
		report_value(report, locate_member(report->locate, node, "routes_file"),
			"a file of routes (%s: %s)", router->routes_file, why);
}

static void
read_routes_files(const struct load *load, struct report *report, struct config *config)
{
	uint32_t list = locate_member(report->locate, LOCATE_ROOT, "routers");

	report->lines = calloc(config->n_routers + 1, sizeof(*report->lines));
	if (report->lines == NULL) {
		report_no_memory(report);
		return;
	}
	report->n_lines = config->n_routers;
	for (unsigned int i = 0; i < config->n_routers; i++)
		read_routes_file(report, &config->routers[i],
			load->running != NULL ? LOCATE_ROOT : locate_item(report->locate, list, i),
			&report->lines[i]);
}

static void
read_config(struct report *report, json_t *json, void *context)
{
	const struct load *load = context;
	struct config *config = load->config;

	if (load->running != NULL)
		parse_router(report, json, config);
	else
		parse_config(report, json, config);
	if (json_is_object(json) && !report->no_memory)
		read_routes_files(load, report, config);
	if (json_is_object(json) && !report->no_memory)
		validate_config(report, config, load->running);
}

/* The text, or the file `source` where there is none. */
static struct config *
load_config(struct load *load, const char *text, const char *source, FILE *errors)
{
	struct document document = { source, errors, read_config, load };
	bool ok;

	load->config = calloc(1, sizeof(*load->config));
	if (load->config == NULL) {
		fprintf(errors, "%s: out of memory\n", source);
		return NULL;
	}
	if (text != NULL)
		ok = document_read_text(&document, text, strlen(text));
	else
		ok = document_read_file(&document);
	if (ok)
		return load->config;
	config_free(load->config);
	return NULL;
}

struct config *
config_load_text(const char *text, const char *source, FILE *errors)
{
	struct load load = { .running = NULL };

	return load_config(&load, text, source, errors);
}

struct config *
config_load_router(const char *text, const char *source, const struct config *running, FILE *errors)
{
	struct load load = { .running = running };

	return load_config(&load, text, source, errors);
}

struct pipeline_load {
	const struct config_router *router;
	struct config_pipeline *pipeline;
};

static void
read_pipeline(struct report *report, json_t *json, void *context)
{
	const struct pipeline_load *wanted = context;
	struct value value = { json, LOCATE_ROOT };

	pipeline_read(report, value, wanted->router, wanted->pipeline);
}

int
config_load_pipeline(const char *text, const char *source, const struct config_router *router,
	struct config_pipeline *loaded, FILE *errors)
{
	struct pipeline_load wanted = { router, loaded };
	struct document document = { source, errors, read_pipeline, &wanted };

	*loaded = (struct config_pipeline){ 0 };
	if (document_read_text(&document, text, strlen(text)))
		return 0;
	config_pipeline_clear(loaded);
	return -EINVAL;
}

int
config_load_routes(const char *path, const struct config_router *router,
	struct config_router *loaded, FILE *errors)
{
	struct line_report lines = { .path = path };
	struct locate no_text = { 0 };
	struct report report = { .source = path, .locate = &no_text };
	const char *why;
	bool failed;

	/* A router that has no other routes, and interfaces that are known to be right. */
	*loaded = (struct config_router){ .interfaces = router->interfaces,
		.n_interfaces = router->n_interfaces,
		.max_routes = UINT32_MAX,
		.max_neighbours = UINT32_MAX };
	why = routes_file_read(&lines, loaded);
	if (why != NULL)
		fprintf(errors, "%s: found nothing to read (%s), expected a file of routes\n", path,
			why);
	else
		validate_router(&report, loaded, LOCATE_NONE, &lines);
	failed = why != NULL || lines.n_errors > 0 || report_failed(&report);
	line_report_flush(&lines, errors);
	report_flush(&report, errors);
	loaded->interfaces = NULL;
	loaded->n_interfaces = 0;
	if (!failed)
		return 0;
	config_router_clear(loaded);
	return -EINVAL;
}

struct config *
config_load_file(const char *path, FILE *errors)
{
	struct load load = { .running = NULL };

	return load_config(&load, NULL, path, errors);
}
