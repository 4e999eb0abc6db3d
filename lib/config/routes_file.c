/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "interface_names.h"
#include "route_words.h"
#include "routes_file.h"
#include "text.h"
#include "schema/text_lines.h"
#include "vias.h"

#define CAPACITY_FIRST 1024

static_assert(CONFIG_ROUTES_LINE_MAX <= TEXT_LINES_MAX, "a line fits");

struct reader {
	struct text_lines lines;
	struct config_router *router;
	uint32_t capacity; /* of router->routes */
	bool has_names;
	struct interface_names names; /* made for the first via that has a zone */
};

static void
report_word(struct reader *reader, const char *word, const char *expected)
{
	line_report_value(
		reader->lines.report, reader->lines.line, word, strlen(word), "%s", expected);
}

static bool
take_prefix(struct reader *reader, const char *word, struct config_route *route)
{
	char expected[TEXT_EXPECTED_SIZE];

	if (text_parse_prefix(word, &route->prefix, expected) == 0)
		return true;
	report_word(reader, word, expected);
	return false;
}

static bool
no_memory(struct reader *reader)
{
	line_report_error(reader->lines.report, reader->lines.line, "out of memory");
	reader->lines.stop = true;
	return false;
}

static bool
make_names(struct reader *reader)
{
	if (reader->has_names)
		return true;
	if (interface_names_init(&reader->names, reader->router) < 0)
		return no_memory(reader);
	reader->has_names = true;
	return true;
}

static bool
take_zone(struct reader *reader, const char *word, struct config_via *via)
{
	const char *zone = route_words_zone(word);
	const char *near;

	if (zone[0] == '\0')
		return true;
	if (!make_names(reader))
		return false;
	via->zone = interface_names_find(&reader->names, zone);
	if (via->zone != CONFIG_ZONE_NONE)
		return true;
	if (!reader->names.all_known)
		return false; /* it may be the one whose name is told already */
	near = interface_names_near(&reader->names, zone);
	if (near != NULL)
		line_report_value(reader->lines.report, reader->lines.line, word, strlen(word),
			TEXT_ZONE " (did you mean \"%s\"?)", near);
	else
		line_report_value(
			reader->lines.report, reader->lines.line, word, strlen(word), TEXT_ZONE);
	return false;
}

/* What follows the prefix. */
static bool
take_words(struct reader *reader, char *text, struct config_route *route)
{
	struct route_words_error error;
	struct route_words words;

	if (route_words_parse(&words, text, &error) != 0) {
		if (error.word != NULL)
			report_word(reader, error.word, error.expected);
		else
			line_report_error(
				reader->lines.report, reader->lines.line, "%s", error.expected);
		return false;
	}
	route->type = words.type;
	route->distance = words.distance;
	for (unsigned int i = 0; i < words.n_vias; i++)
		if (!take_zone(reader, words.texts[i], &words.vias[i]))
			return false;
	if (words.n_vias > 0 && vias_set(reader->router, route, words.vias, words.n_vias) != 0)
		return no_memory(reader);
	return true;
}

static void
append(struct reader *reader, const struct config_route *route)
{
	struct config_router *router = reader->router;

	if (router->n_routes == reader->capacity) {
		uint32_t capacity = 2 * reader->capacity + CAPACITY_FIRST;
		void *routes = realloc(router->routes, capacity * sizeof(*router->routes));

		if (routes == NULL) {
			no_memory(reader);
			return;
		}
		router->routes = routes;
		reader->capacity = capacity;
	}
	if (router->n_file_routes == CONFIG_MAX_ROUTES_MAX) {
		line_report_error(reader->lines.report, reader->lines.line,
			"found a route more, expected %d at most", CONFIG_MAX_ROUTES_MAX);
		reader->lines.stop = true;
		return;
	}
	router->routes[router->n_routes++] = *route;
	router->n_file_routes++;
}

static void
take_line(struct text_lines *lines, char *line)
{
	struct reader *reader = (struct reader *)lines;
	struct config_route route = { .line = lines->line, .zone = CONFIG_ZONE_NONE };
	char *word;
	bool right;

	line[strcspn(line, "#")] = '\0';
	word = text_next_word(&line);
	if (*word == '\0')
		return;
	right = take_prefix(reader, word, &route);
	if (take_words(reader, line, &route) && right)
		append(reader, &route);
}

/* Gives back what is reserved and not used. */
static void
trim(struct config_router *router)
{
	void *routes;

	if (router->n_file_routes == 0)
		return;
	routes = realloc(router->routes, router->n_routes * sizeof(*router->routes));
	if (routes != NULL)
		router->routes = routes;
}

const char *
routes_file_read(struct line_report *report, struct config_router *router)
{
	struct reader reader = { .router = router, .capacity = router->n_routes };
	const char *why;

	reader.lines = (struct text_lines){ .report = report,
		.line_max = CONFIG_ROUTES_LINE_MAX,
		.size_max = CONFIG_ROUTES_FILE_MAX,
		.take = take_line };
	why = text_lines_read(&reader.lines);
	if (why != NULL)
		return why;
	if (reader.has_names)
		interface_names_free(&reader.names);
	trim(router);
	return NULL;
}
