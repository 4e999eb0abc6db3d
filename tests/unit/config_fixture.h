/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef TESTS_CONFIG_FIXTURE_H
#define TESTS_CONFIG_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include <CUnit/CUnit.h>

#include <config/config.h>

/* What the config's tests share. */

extern const char *config_data_dir; /* where config_base.json and config_errors.txt are */
extern const char *config_examples_dir;
extern char *config_base; /* the text of config_base.json */

struct outcome {
	struct config *config;
	char *errors; /* "" where there is a config */
	size_t size;
};

enum how {
	TEXT,
	FILE_AT,
	ROUTER
};

/* `text` is a path for FILE_AT; `running` is for ROUTER. Errors name "t.json" or "console". */
struct outcome config_outcome(enum how how, const char *text, const struct config *running);
void config_discard(struct outcome *outcome);

/* That all of this is said, to the letter; "": that the text is right. */
void config_expect(
	enum how how, const char *text, const struct config *running, const char *errors);

char *config_read(const char *dir, const char *name);

/* `text` with the first `piece` replaced; to be freed. */
char *config_replace(const char *text, const char *piece, const char *with);

extern CU_TestInfo config_text_tests[];
extern CU_TestInfo config_robust_tests[];
extern CU_TestInfo config_routes_tests[];
int config_routes_setup(void);
int config_routes_cleanup(void);

#endif
