/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_PARSE_H
#define CONFIG_PARSE_H

#include <jansson.h>

#include "config.h"
#include "schema/report.h"

/*
 * From JSON to the plain struct, value by value: types, ranges, spellings, defaults. What needs
 * two values to judge is validate.h's.
 *
 * Every error is reported, and the struct still has an entry for each of the text's, at the same
 * index, so that the rest can be judged. What could not be read says so:
 */
#define PARSE_BAD_VLAN UINT16_MAX
#define PARSE_BAD_COUNT UINT32_MAX /* and any other number */
#define PARSE_BAD_DEPTH 0          /* of an interface's address */
#define PARSE_BAD_ROUTE UINT8_MAX  /* its prefix's depth */
#define PARSE_BAD_DISTANCE UINT16_MAX
/* A name is then empty, a device or a path NULL, a MAC present and zero, a via or a neighbour's
 * address zero; a list that is not one has a single entry that could not be read. */

/* The whole of a config. */
void parse_config(struct report *report, json_t *json, struct config *config);

/* One router: config->routers[0]. */
void parse_router(struct report *report, json_t *json, struct config *config);

#endif
