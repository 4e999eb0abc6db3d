/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_SHOW_H
#define APP_SHOW_H

#include <jansson.h>

#include "commands.h"
#include "table.h"

/* Columns of a list of which each object has the same keys. */
#define SHOW_ALL_COLUMNS ((const struct table_column *)-1)

/*
 * Prints the JSON as a line if the words end in "json", else a list by its columns, or an object
 * (NULL); and lets go of it.
 */
void show_json(struct console_session *session, json_t *json, const struct words *words,
	const struct table_column *columns);

#endif
