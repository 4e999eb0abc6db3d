/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "routes_file.h"
#include "text.h"
#include "text_file.h"

#define BUFFER_SIZE (1 << 16)
#define CAPACITY_FIRST 1024

#define PREFIX_EXPECTED "a prefix, like \"10.1.0.0/16\""
#define VIA_EXPECTED "an IPv4 address, like \"10.0.0.2\""
#define WHERE_EXPECTED "\"via\", \"blackhole\", \"unreachable\" or \"prohibit\""

static_assert(BUFFER_SIZE > 2 * CONFIG_ROUTES_LINE_MAX, "a line fits");

struct reader {
	struct line_report *report;
	struct config_router *router;
	uint32_t capacity; /* of router->routes */
	uint32_t line;
	uint64_t size; /* of the text so far */
	bool stop;     /* what follows is not looked at */
};

static void
report_word(struct reader *reader, const char *word, const char *expected)
{
	line_report_value(reader->report, reader->line, word, strlen(word), "%s", expected);
}

/* The next word of the line, terminated; "" at its end. Moves *rest behind it. */
static char *
next_word(char **rest)
{
	char *word = *rest;
	char *end;

	while (*word == ' ' || *word == '\t' || *word == '\r')
		word++;
	for (end = word; *end != '\0' && *end != ' ' && *end != '\t' && *end != '\r'; end++)
		;
	*rest = *end == '\0' ? end : end + 1;
	*end = '\0';
	return word;
}

static bool
take_prefix(struct reader *reader, const char *word, struct config_route *route)
{
	uint32_t network;

	if (text_parse_address_depth(word, &route->prefix, &route->depth) < 0) {
		report_word(reader, word, PREFIX_EXPECTED);
		return false;
	}
	network = route->prefix & text_mask(route->depth);
	if (network == route->prefix)
		return true;
	line_report_value(reader->report, reader->line, word, strlen(word),
		"a prefix without host bits: \"" TEXT_ADDRESS "/%u\"?", TEXT_QUAD(network),
		route->depth);
	return false;
}

static bool
take_via(struct reader *reader, const char *word, struct config_route *route)
{
	const char *why;

	if (*word == '\0') {
		line_report_error(reader->report, reader->line,
			"found nothing after \"via\", expected " VIA_EXPECTED);
		return false;
	}
	if (config_parse_address(word, &route->via) < 0) {
		report_word(reader, word, VIA_EXPECTED);
		return false;
	}
	why = text_not_a_host(route->via);
	if (why == NULL)
		return true;
	line_report_value(
		reader->report, reader->line, word, strlen(word), "a host's address (%s)", why);
	return false;
}

static bool
take_type(struct reader *reader, const char *word, struct config_route *route)
{
	enum config_route_type type;
	const char *near;

	if (text_parse_route_type(word, &type, &near) == 0) {
		route->type = type;
		return true;
	}
	if (text_is_near(word, strlen(word), "via"))
		near = "via";
	if (*word == '\0')
		line_report_error(reader->report, reader->line,
			"found nothing after the prefix, expected " WHERE_EXPECTED);
	else if (near == NULL)
		report_word(reader, word, WHERE_EXPECTED);
	else
		line_report_value(reader->report, reader->line, word, strlen(word),
			WHERE_EXPECTED " (did you mean \"%s\"?)", near);
	return false;
}

static bool
take_words(struct reader *reader, char *word, char *rest, struct config_route *route)
{
	bool taken = take_prefix(reader, word, route);

	word = next_word(&rest);
	if (strcmp(word, "via") == 0) {
		route->type = CONFIG_ROUTE_VIA;
		taken = take_via(reader, next_word(&rest), route) && taken;
	} else {
		taken = take_type(reader, word, route) && taken;
	}
	word = next_word(&rest);
	if (!taken || *word == '\0')
		return taken;
	report_word(reader, word, "the end of the line, or a comment after \"#\"");
	return false;
}

static void
append(struct reader *reader, const struct config_route *route)
{
	struct config_router *router = reader->router;

	if (router->n_routes == reader->capacity) {
		uint32_t capacity = 2 * reader->capacity + CAPACITY_FIRST;
		void *routes = realloc(router->routes, capacity * sizeof(*router->routes));

		if (routes == NULL) {
			line_report_error(reader->report, reader->line, "out of memory");
			reader->stop = true;
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
	struct config_route route = { .line = ++reader->line };
	char *word;

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
	word = next_word(&line);
	if (*word != '\0' && take_words(reader, word, line, &route))
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
	trim(router);
	return NULL;
}
