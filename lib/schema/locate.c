/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "schema/locate.h"

#define PRINT_MAX 64 /* bytes of somebody else's text in a message */

struct builder {
	struct locate *locate;
	uint32_t capacity;
	uint32_t container; /* the innermost open object or list */
	uint32_t pending;   /* the member whose key was read and whose value was not */
	uint32_t line;
	size_t at;
};

static uint32_t
node_add(struct builder *b, const char *key, uint32_t key_length)
{
	struct locate *l = b->locate;

	if (l->n_nodes == b->capacity) {
		uint32_t capacity = b->capacity == 0 ? 256 : b->capacity * 2;
		void *nodes = realloc(l->nodes, capacity * sizeof(*l->nodes));

		if (nodes == NULL)
			return LOCATE_NONE;
		l->nodes = nodes;
		b->capacity = capacity;
	}
	l->nodes[l->n_nodes] = (struct locate_node){
		.key = key,
		.key_length = key_length,
		.parent = b->container,
		.line = b->line,
		.offset = l->length,
	};
	if (b->container != LOCATE_NONE)
		l->nodes[l->n_nodes].index = l->nodes[b->container].n_children++;
	return l->n_nodes++;
}

/* A value begins here: the pending member's, a list's next item, or the root. */
static uint32_t
value_begin(struct builder *b)
{
	uint32_t node = b->pending != LOCATE_NONE ? b->pending : node_add(b, NULL, 0);

	b->pending = LOCATE_NONE;
	if (node != LOCATE_NONE) {
		b->locate->nodes[node].line = b->line;
		b->locate->nodes[node].offset = b->at;
	}
	return node;
}

/* One past the string that begins at `at`, or the length of the text where it does not end. */
static size_t
string_end(const char *text, size_t at, size_t length)
{
	for (at++; at < length; at++) {
		if (text[at] == '\\')
			at++;
		else if (text[at] == '"')
			return at + 1;
	}
	return length;
}

/* One past the number or word that begins at `at`. */
static size_t
word_end(const char *text, size_t at, size_t length)
{
	for (at++; at < length; at++) {
		if (text[at] == '\0' || strchr(" \t\r\n,:[]{}\"", text[at]) != NULL)
			break;
	}
	return at;
}

/* The key between the quotes at [begin, end), in the text itself unless it has escapes. */
static int
member_begin(struct builder *b, size_t begin, size_t end)
{
	struct locate *l = b->locate;
	const char *key = l->text + begin + 1;
	size_t length =
		end - begin >= 2 && l->text[end - 1] == '"' ? end - begin - 2 : end - begin - 1;

	if (memchr(key, '\\', length) != NULL) {
		json_t *decoded = json_loadb(l->text + begin, end - begin, JSON_DECODE_ANY, NULL);

		if (decoded != NULL) {
			if (l->keys == NULL)
				l->keys = json_array();
			if (json_array_append_new(l->keys, decoded) < 0)
				return -ENOMEM;
			key = json_string_value(decoded);
			length = json_string_length(decoded);
		}
	}
	b->pending = node_add(b, key, length);
	return b->pending == LOCATE_NONE ? -ENOMEM : 0;
}

static bool
expects_key(const struct builder *b)
{
	const struct locate *l = b->locate;

	return b->container != LOCATE_NONE && b->pending == LOCATE_NONE &&
	       l->text[l->nodes[b->container].offset] == '{';
}

static int
read_string(struct builder *b)
{
	size_t begin = b->at;
	size_t end = string_end(b->locate->text, begin, b->locate->length);

	if (!expects_key(b)) {
		if (value_begin(b) == LOCATE_NONE)
			return -ENOMEM;
	} else if (member_begin(b, begin, end) < 0) {
		return -ENOMEM;
	}
	b->at = end;
	return 0;
}

static int
read_token(struct builder *b)
{
	struct locate *l = b->locate;

	switch (l->text[b->at]) {
	case '\n':
		b->line++;
		break;
	case ' ':
	case '\t':
	case '\r':
	case ':':
	case ',':
		break;
	case '{':
	case '[':
		b->container = value_begin(b);
		if (b->container == LOCATE_NONE)
			return -ENOMEM;
		break;
	case '}':
	case ']':
		b->pending = LOCATE_NONE;
		if (b->container != LOCATE_NONE)
			b->container = l->nodes[b->container].parent;
		break;
	case '"':
		return read_string(b);
	default:
		if (value_begin(b) == LOCATE_NONE)
			return -ENOMEM;
		b->at = word_end(l->text, b->at, l->length);
		return 0;
	}
	b->at++;
	return 0;
}

/* Nodes know their parents; from that, every node's children side by side. */
static int
children_fill(struct locate *l)
{
	uint32_t first = 0;

	l->children = calloc(l->n_nodes > 0 ? l->n_nodes : 1, sizeof(*l->children));
	if (l->children == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < l->n_nodes; i++) {
		l->nodes[i].first = first;
		first += l->nodes[i].n_children;
	}
	for (uint32_t i = 0; i < l->n_nodes; i++) {
		const struct locate_node *node = &l->nodes[i];

		if (node->parent != LOCATE_NONE)
			l->children[l->nodes[node->parent].first + node->index] = i;
	}
	return 0;
}

int
locate_build(struct locate *locate, const char *text, size_t length)
{
	struct builder b = {
		.locate = locate,
		.container = LOCATE_NONE,
		.pending = LOCATE_NONE,
		.line = 1,
	};
	int rc = 0;

	*locate = (struct locate){ .text = text, .length = length };
	if (length > LOCATE_TEXT_MAX)
		return -EFBIG;
	while (rc == 0 && b.at < length)
		rc = read_token(&b);
	if (rc == 0)
		rc = children_fill(locate);
	locate->last = b.pending != LOCATE_NONE ? b.pending : b.container;
	if (rc < 0)
		locate_free(locate);
	return rc;
}

void
locate_free(struct locate *locate)
{
	json_decref(locate->keys);
	free(locate->children);
	free(locate->nodes);
	*locate = (struct locate){ .last = LOCATE_NONE };
}

uint32_t
locate_item(const struct locate *locate, uint32_t node, uint32_t i)
{
	if (node >= locate->n_nodes || i >= locate->nodes[node].n_children)
		return LOCATE_NONE;
	return locate->children[locate->nodes[node].first + i];
}

uint32_t
locate_member(const struct locate *locate, uint32_t node, const char *key)
{
	size_t length = strlen(key);

	if (node >= locate->n_nodes)
		return LOCATE_NONE;
	for (uint32_t i = locate->nodes[node].n_children; i-- > 0;) {
		uint32_t child = locate_item(locate, node, i);
		const struct locate_node *n = &locate->nodes[child];

		if (n->key != NULL && n->key_length == length && memcmp(n->key, key, length) == 0)
			return child;
	}
	return LOCATE_NONE;
}

void
locate_print_text(const char *text, size_t length, FILE *out)
{
	size_t shown = length;

	if (shown > PRINT_MAX) {
		shown = PRINT_MAX;
		while (shown > 0 && ((unsigned char)text[shown] & 0xc0) == 0x80)
			shown--; /* not in the middle of a UTF-8 sequence */
	}
	for (size_t i = 0; i < shown; i++) {
		unsigned char c = text[i];
		unsigned char next = i + 1 < shown ? text[i + 1] : 0;

		if (c < 0x20 || c == 0x7f || (c == 0xc2 && next < 0xa0))
			fputc('?', out);
		else
			fputc(c, out);
	}
	if (shown < length)
		fputs("...", out);
}

static bool
is_identifier(const char *key, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!isalnum((unsigned char)key[i]) && key[i] != '_')
			return false;
	}
	return length > 0;
}

static void
print_step(const struct locate_node *node, FILE *out)
{
	if (node->parent == LOCATE_NONE)
		return;
	if (node->key == NULL) {
		fprintf(out, "[%u]", node->index);
	} else if (is_identifier(node->key, node->key_length)) {
		fputc('.', out);
		locate_print_text(node->key, node->key_length, out);
	} else {
		fputs("[\"", out);
		locate_print_text(node->key, node->key_length, out);
		fputs("\"]", out);
	}
}

void
locate_print_path(const struct locate *locate, uint32_t node, FILE *out)
{
	uint32_t parent = node < locate->n_nodes ? locate->nodes[node].parent : LOCATE_NONE;

	if (parent == LOCATE_NONE)
		fputc('$', out);
	else
		locate_print_path(locate, parent, out); /* as deep as Jansson lets a text be */
	if (node < locate->n_nodes)
		print_step(&locate->nodes[node], out);
}

void
locate_print_value(const struct locate *locate, uint32_t node, FILE *out)
{
	const struct locate_node *n = &locate->nodes[node];
	const char *text = locate->text;
	size_t end;

	if (node >= locate->n_nodes || n->offset >= locate->length) {
		fputs("nothing", out);
		return;
	}
	switch (text[n->offset]) {
	case '{':
		fputs("an object", out);
		break;
	case '[':
		fputs(n->n_children == 0 ? "an empty list" : "a list", out);
		break;
	case '"':
		end = string_end(text, n->offset, locate->length);
		fputc('"', out);
		locate_print_text(text + n->offset + 1, end - n->offset - 2, out);
		fputc('"', out);
		break;
	default:
		end = word_end(text, n->offset, locate->length);
		locate_print_text(text + n->offset, end - n->offset, out);
	}
}
