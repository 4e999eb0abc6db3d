/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "schema/syntax.h"

/*
 * Jansson's words, and ours for what it expected there. An error `within` a value stands at that
 * value, any other at the object or list it is in.
 */
static const struct wording {
	const char *jansson;
	const char *expected;
	bool within;
	const char *found; /* NULL: the token it stopped at */
} wordings[] = {
	{ "string or '}' expected", "a key in double quotes" },
	{ "':' expected", "':' and a value" },
	{ "'}' expected", "',' or '}'" },
	{ "']' expected", "',' or ']'" },
	{ "end of file expected", "nothing more" },
	{ "unexpected token", "a value" },
	{ "invalid token", "a string, a number without leading zeros, true, false or null", true },
	{ "premature end of input", "the rest of the string", true },
	{ "too big integer", "an integer of 64 bits", true },
	{ "too big negative integer", "an integer of 64 bits", true },
	{ "invalid escape", "an escape that JSON knows", true },
	{ "unexpected newline", "the string's end on its line", true, "the end of the line" },
	{ "\\u0000 is not allowed without JSON_ALLOW_NUL", "another character", true, "\\u0000" },
};

static const struct wording *
find_wording(const char *text)
{
	for (size_t i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++) {
		if (strcmp(text, wordings[i].jansson) == 0)
			return &wordings[i];
	}
	return NULL;
}

static void
print_place(const char *text, size_t length, bool within, FILE *errors)
{
	struct locate locate;
	uint32_t node;

	if (locate_build(&locate, text, length) < 0) {
		fputs("$", errors);
		return;
	}
	node = within && locate.n_nodes > 0 ? locate.n_nodes - 1 : locate.last;
	locate_print_path(&locate, node, errors);
	locate_free(&locate);
}

static bool
is_blank(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\0' || strchr(" \t\r\n", text[i]) == NULL)
			return false;
	}
	return true;
}

/* Jansson quotes every token with '', ours are as they are in the text where that is plain. */
static void
print_token(const char *token, FILE *errors)
{
	size_t length = strlen(token);
	bool plain = length > 2 && token[0] == '\'' &&
	             (token[1] == '"' || token[1] == '-' || isalnum((unsigned char)token[1]));

	if (plain)
		locate_print_text(token + 1, length - 2, errors);
	else
		locate_print_text(token, length, errors);
}

static bool
has_byte_order_mark(const char *text, size_t length)
{
	return length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
}

static void
print_found(const char *text, size_t length, size_t position, const struct wording *wording,
	const char *what, const char *near, FILE *errors)
{
	bool at_end = is_blank(text + position, length - position);
	bool at_token = near != NULL && near[0] == '\'';

	if (is_blank(text, length))
		fputs("an empty text", errors);
	else if (has_byte_order_mark(text, length))
		fputs("a byte order mark", errors);
	else if (wording != NULL && wording->found != NULL)
		fputs(wording->found, errors);
	else if (at_end && (!at_token || wording == NULL || wording->within))
		fputs("the end of the text", errors);
	else if (near != NULL && !at_token)
		fputs("a NUL byte", errors); /* for Jansson the end, too */
	else if (wording == NULL || near == NULL)
		locate_print_text(what, strlen(what), errors);
	else
		print_token(near, errors);
}

void
syntax_report(const char *text, size_t length, const char *source, const json_error_t *error,
	FILE *errors)
{
	size_t position = error->position > 0 ? error->position : 0;
	char what[JSON_ERROR_TEXT_LENGTH];
	const char *expected = "JSON (RFC 8259)";
	const struct wording *wording;
	char *near;

	if (position > length)
		position = length;
	memcpy(what, error->text, sizeof(what));
	near = strstr(what, " near ");
	if (near != NULL) {
		*near = '\0';
		near += strlen(" near ");
	}
	wording = find_wording(what);
	fprintf(errors, "%s:%d: ", source, error->line > 0 ? error->line : 1);
	print_place(text, position, wording == NULL || wording->within, errors);
	fputs(": found ", errors);
	print_found(text, length, position, wording, what, near, errors);
	if (is_blank(text, length) || has_byte_order_mark(text, length))
		expected = "a JSON object";
	else if (wording != NULL)
		expected = wording->expected;
	fprintf(errors, ", expected %s\n", expected);
}

static int
key_compare(const void *left, const void *right)
{
	const struct locate_node *a = *(const struct locate_node *const *)left;
	const struct locate_node *b = *(const struct locate_node *const *)right;
	int order;

	if (a->key_length != b->key_length)
		return a->key_length < b->key_length ? -1 : 1;
	order = memcmp(a->key, b->key, a->key_length);
	if (order != 0)
		return order;
	return a->index < b->index ? -1 : a->index > b->index;
}

static bool
same_key(const struct locate_node *a, const struct locate_node *b)
{
	return a->key_length == b->key_length && memcmp(a->key, b->key, a->key_length) == 0;
}

/* `sorted` has room for the members of any object. */
static void
report_members(
	struct report *report, const struct locate_node *object, const struct locate_node **sorted)
{
	const struct locate *locate = report->locate;
	const struct locate_node *first = NULL;

	for (uint32_t i = 0; i < object->n_children; i++)
		sorted[i] = &locate->nodes[locate->children[object->first + i]];
	if (object->n_children < 2 || sorted[0]->key == NULL)
		return;
	qsort(sorted, object->n_children, sizeof(*sorted), key_compare);
	for (uint32_t i = 0; i < object->n_children; i++) {
		if (first != NULL && same_key(first, sorted[i]))
			report_error(report, sorted[i] - locate->nodes,
				"found this key again, expected it once (first on line %u)",
				first->line);
		else
			first = sorted[i];
	}
}

void
syntax_report_duplicates(struct report *report)
{
	const struct locate *locate = report->locate;
	const struct locate_node **sorted = calloc(locate->n_nodes, sizeof(*sorted));

	if (sorted == NULL) {
		report_no_memory(report);
		return;
	}
	for (uint32_t i = 0; i < locate->n_nodes; i++)
		report_members(report, &locate->nodes[i], sorted);
	free(sorted);
}
