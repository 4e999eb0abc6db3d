/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "config.h"
#include "parse.h"
#include "pipeline.h"
#include "routes_file.h"
#include "schema/syntax.h"
#include "schema/text_file.h"
#include "validate.h"

/* A text on its way to a config, and what is made of its JSON. */
struct load {
	const char *text;
	size_t length;
	const char *source;
	const struct config *running; /* NULL: a whole config, not one router */
	FILE *errors;
	void (*read)(const struct load *load, struct report *report, json_t *json);
	void *made;
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
	free(config);
}

/*
 * With keys that are given twice, the last one counts, so that the rest can be judged too; the
 * locator finds them all.
 */
static json_t *
load_json(const struct load *load, bool *duplicates)
{
	json_error_t error;
	json_t *json = json_loadb(
		load->text, load->length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

	*duplicates = false;
	if (json != NULL)
		return json;
	json = json_loadb(load->text, load->length, JSON_DECODE_ANY, &error);
	if (json != NULL)
		*duplicates = true;
	else
		syntax_report(load->text, load->length, load->source, &error, load->errors);
	return json;
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
read_config(const struct load *load, struct report *report, json_t *json)
{
	struct config *config = load->made;

	if (load->running != NULL)
		parse_router(report, json, config);
	else
		parse_config(report, json, config);
	if (json_is_object(json) && !report->no_memory)
		read_routes_files(load, report, config);
	if (json_is_object(json) && !report->no_memory)
		validate_config(report, config, load->running);
}

/* False where anything was reported; what was made is then to be freed all the same. */
static bool
load_text(const struct load *load)
{
	struct report report = { .source = load->source };
	struct locate locate;
	bool duplicates, failed;
	json_t *json = load_json(load, &duplicates);

	if (json == NULL)
		return false;
	if (locate_build(&locate, load->text, load->length) < 0) {
		fprintf(load->errors, "%s: out of memory\n", load->source);
		json_decref(json);
		return false;
	}
	report.locate = &locate;
	if (duplicates)
		syntax_report_duplicates(&report);
	load->read(load, &report, json);
	failed = report_failed(&report);
	report_flush(&report, load->errors);
	locate_free(&locate);
	json_decref(json);
	return !failed;
}

static struct config *
load_config(const char *text, size_t length, const char *source, const struct config *running,
	FILE *errors)
{
	struct config *config = calloc(1, sizeof(*config));
	struct load load = { text, length, source, running, errors, read_config, config };

	if (config == NULL)
		fprintf(errors, "%s: out of memory\n", source);
	else if (load_text(&load))
		return config;
	config_free(config);
	return NULL;
}

struct config *
config_load_text(const char *text, const char *source, FILE *errors)
{
	return load_config(text, strlen(text), source, NULL, errors);
}

struct config *
config_load_router(const char *text, const char *source, const struct config *running, FILE *errors)
{
	return load_config(text, strlen(text), source, running, errors);
}

struct pipeline_load {
	const struct config_router *router;
	struct config_pipeline *pipeline;
};

static void
read_pipeline(const struct load *load, struct report *report, json_t *json)
{
	const struct pipeline_load *wanted = load->made;
	struct value value = { json, LOCATE_ROOT };

	pipeline_read(report, value, wanted->router, wanted->pipeline);
}

int
config_load_pipeline(const char *text, const char *source, const struct config_router *router,
	struct config_pipeline *loaded, FILE *errors)
{
	struct pipeline_load wanted = { router, loaded };
	struct load load = { text, strlen(text), source, NULL, errors, read_pipeline, &wanted };

	*loaded = (struct config_pipeline){ 0 };
	if (load_text(&load))
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

/* Reads on where read() gives less than asked; -EFBIG: more than CONFIG_FILE_MAX. */
static ssize_t
read_all(int fd, char **text)
{
	size_t capacity = 0;
	size_t length = 0;

	*text = NULL;
	for (;;) {
		ssize_t n;

		if (length == capacity) {
			char *more = realloc(*text, capacity + (1 << 16) + capacity / 2);

			if (more == NULL)
				return -ENOMEM;
			*text = more;
			capacity += (1 << 16) + capacity / 2;
		}
		n = read(fd, *text + length, capacity - length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : (ssize_t)length;
		length += n;
		if (length > CONFIG_FILE_MAX)
			return -EFBIG;
	}
}

static ssize_t
read_file(const char *path, char **text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	*text = NULL;
	if (fd < 0)
		return -errno;
	length = read_all(fd, text);
	close(fd);
	return length;
}

struct config *
config_load_file(const char *path, FILE *errors)
{
	struct config *config = NULL;
	char *text;
	ssize_t length = read_file(path, &text);

	if (length >= 0)
		config = load_config(text, length, path, NULL, errors);
	else if (length == -EISDIR)
		fprintf(errors, "%s: found a directory, expected a JSON file\n", path);
	else if (length == -EFBIG)
		fprintf(errors, "%s: found over %u MiB, expected a JSON file of at most that\n",
			path, CONFIG_FILE_MAX >> 20);
	else
		fprintf(errors, "%s: found nothing to read (%s), expected a JSON file\n", path,
			strerror(-length));
	free(text);
	return config;
}
