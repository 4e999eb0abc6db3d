/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_fixture.h"

const char *config_data_dir;
const char *config_examples_dir;
char *config_base;

struct outcome
config_outcome(enum how how, const char *text, const struct config *running)
{
	struct outcome o = { 0 };
	FILE *errors = open_memstream(&o.errors, &o.size);

	if (how == TEXT)
		o.config = config_load_text(text, "t.json", errors);
	else if (how == FILE_AT)
		o.config = config_load_file(text, errors);
	else
		o.config = config_load_router(text, "console", running, errors);
	fclose(errors);
	CU_ASSERT((o.config == NULL) == (o.size > 0));
	return o;
}

void
config_discard(struct outcome *o)
{
	config_free(o->config);
	free(o->errors);
}

void
config_expect(enum how how, const char *text, const struct config *running, const char *errors)
{
	struct outcome o = config_outcome(how, text, running);

	CU_ASSERT_STRING_EQUAL(o.errors, errors);
	if (strcmp(o.errors, errors) != 0)
		printf("\n  text:     %.1500s\n  said:     %s\n  expected: %s\n", text, o.errors,
			errors);
	config_discard(&o);
}

char *
config_read(const char *dir, const char *name)
{
	char path[4096];
	char *text = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "r");
	if (file == NULL || getdelim(&text, &size, EOF, file) < 0) {
		perror(path);
		exit(1);
	}
	fclose(file);
	return text;
}

char *
config_replace(const char *text, const char *piece, const char *with)
{
	const char *at = strstr(text, piece);
	char *result = NULL;

	CU_ASSERT_FATAL(at != NULL);
	CU_ASSERT_FATAL(asprintf(&result, "%.*s%s%s", (int)(at - text), text, with,
				at + strlen(piece)) >= 0);
	return result;
}
