/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_PARSE_LINK_H
#define CONFIG_PARSE_LINK_H

#include "schema/field.h"

/* A link between routers, of a list of them: a kind's read. Ends that cannot be read are empty. */
void parse_link(struct report *report, struct value value, void *item);

#endif
