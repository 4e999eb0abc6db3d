/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SCHEMA_LOCATE_H
#define SCHEMA_LOCATE_H

#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

/*
 * Where each value of a JSON text stands. Jansson tells a line only for syntax errors, so one pass
 * over the text it has accepted gives a node for every value, in the order of the text: its line,
 * its place in the text and its way up to the root.
 *
 * The text may also be cut off anywhere (where Jansson gave up, say): the nodes are then those of
 * what was read, and `last` is the one at which it ends. The text must outlive the index.
 */

#define LOCATE_NONE UINT32_MAX
#define LOCATE_ROOT 0u
#define LOCATE_TEXT_MAX (UINT32_C(1) << 30) /* bytes */

struct locate_node {
	const char *key; /* a member's, decoded, not terminated; NULL: a list's item or the root */
	uint32_t key_length;
	uint32_t parent;
	uint32_t index;  /* among its parent's children */
	uint32_t line;   /* from 1 */
	uint32_t offset; /* of the value in the text; the text's length where it is cut off */
	uint32_t first;  /* of its children, in `children` */
	uint32_t n_children;
};

struct locate {
	const char *text;
	size_t length;
	struct locate_node *nodes;
	uint32_t n_nodes;
	uint32_t *children;
	uint32_t last; /* the innermost value not yet ended, or LOCATE_NONE */
	json_t *keys;  /* those that had escapes, decoded */
};

/* 0; -EFBIG: over LOCATE_TEXT_MAX; -ENOMEM. After an error there is nothing to free. */
int locate_build(struct locate *locate, const char *text, size_t length);
void locate_free(struct locate *locate);

/* The i-th item or member of a node, or LOCATE_NONE. In constant time. */
uint32_t locate_item(const struct locate *locate, uint32_t node, uint32_t i);

/* The member with this key; of several the last, as Jansson has it; or LOCATE_NONE. */
uint32_t locate_member(const struct locate *locate, uint32_t node, const char *key);

/* "$.routers[1].weight"; for LOCATE_NONE "$". */
void locate_print_path(const struct locate *locate, uint32_t node, FILE *out);

/* The value as the text has it, shortened; "an object" and "a list" are only named. */
void locate_print_value(const struct locate *locate, uint32_t node, FILE *out);

/* Text that somebody else wrote, shortened, on one line and harmless to a terminal. */
void locate_print_text(const char *text, size_t length, FILE *out);

#endif
