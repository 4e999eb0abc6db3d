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
#include "schema/text_file.h"
#include "vias.h"

#define BUFFER_SIZE (1 << 16)
#define CAPACITY_FIRST 1024

static_assert(BUFFER_SIZE > 2 * CONFIG_ROUTES_LINE_MAX, "a line fits");

struct reader {
	struct line_report *report;
	struct config_router *router;
	uint32_t capacity; /* of router->routes */
	uint32_t line;
	uint64_t size; /* of the text so far */
	bool stop;     /* what follows is not looked at */
	bool has_names;
	struct interface_names names; /* made for the first via that has a zone */
};

static void
report_word(struct reader *reader, const char *word, const char *expected)
{
	line_report_value(reader->report, reader->line, word, strlen(word), "%s", expected);
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
	line_report_error(reader->report, reader->line, "out of memory");
	reader->stop = true;
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
		line_report_value(reader->report, reader->line, word, strlen(word),
			TEXT_ZONE " (did you mean \"%s\"?)", near);
	else
		line_report_value(reader->report, reader->line, word, strlen(word), TEXT_ZONE);
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
			line_report_error(reader->report, reader->line, "%s", error.expected);
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
		line_report_error(reader->report, reader->line,
			"found a route more, expected %d at most", CONFIG_MAX_ROUTES_MAX);
		reader->stop = true;
		return;
	}
	router->routes[router->n_routes++] = *route;
	router->n_file_routes++;
}

/* `length` characters, behind which there is room for one more. */
static void
take_line(struct reader *reader, char *line, size_t length)
{
	struct config_route route = { .line = ++reader->line, .zone = CONFIG_ZONE_NONE };
	char *word;
	bool right;

	if (length > CONFIG_ROUTES_LINE_MAX) {
		line_report_error(reader->report, reader->line,
			"found a longer line, expected %d characters at most",
			CONFIG_ROUTES_LINE_MAX);
		return;
	}
	if (memchr(line, '\0', length) != NULL) {
		line_report_error(reader->report, reader->line, "found a NUL byte, expected text");
		return;
	}
	line[length] = '\0';
	line[strcspn(line, "#")] = '\0';
	word = route_words_next(&line);
	if (*word == '\0')
		return;
	right = take_prefix(reader, word, &route);
	if (take_words(reader, line, &route) && right)
		append(reader, &route);
}

/* Takes the lines that end in the text; gives how much of it is left. */
static size_t
take_lines(struct reader *reader, char *text, size_t size)
{
	char *end = text + size;
	char *newline;

	while (!reader->stop && (newline = memchr(text, '\n', (size_t)(end - text))) != NULL) {
		take_line(reader, text, (size_t)(newline - text));
		text = newline + 1;
	}
	return (size_t)(end - text);
}

static bool
too_large(struct reader *reader, size_t size)
{
	reader->size += size;
	if (reader->size <= CONFIG_ROUTES_FILE_MAX)
		return false;
	line_report_error(reader->report, reader->line,
		"found over %u MiB before the end of the file, expected at most that",
		CONFIG_ROUTES_FILE_MAX >> 20);
	return true;
}

static void
take_text(struct reader *reader, struct text_file *file)
{
	char buffer[BUFFER_SIZE + 1];
	size_t size = 0;
	const char *why;
	ssize_t n;

	while ((n = text_file_read(file, buffer + size, BUFFER_SIZE - size, &why)) > 0) {
		size_t left;

		if (too_large(reader, (size_t)n))
			return;
		size += (size_t)n;
		left = take_lines(reader, buffer, size);
		if (reader->stop)
			return;
		memmove(buffer, buffer + size - left, left);
		/* Of a line that is too long, enough to know it by. */
		size = left > CONFIG_ROUTES_LINE_MAX ? CONFIG_ROUTES_LINE_MAX + 1 : left;
	}
	if (n < 0)
		line_report_error(reader->report, reader->line + 1, "%s", why);
	else if (size > 0)
		take_line(reader, buffer, size);
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
	struct reader reader = { .report = report, .router = router, .capacity = router->n_routes };
	const char *why;
	struct text_file *file = text_file_open(report->path, &why);

	if (file == NULL)
		return why;
	take_text(&reader, file);
	text_file_close(file);
	if (reader.has_names)
		interface_names_free(&reader.names);
	trim(router);
	return NULL;
}
