/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_PARSE_TUNNEL_H
#define CONFIG_PARSE_TUNNEL_H

#include "config.h"
#include "schema/field.h"

/* Tunnels, as parse.h has it. An end that could not be read is a zero address. */

extern const struct kind tunnel_kind;

/* What an interface may have beside its tunnel. */
void parse_check_tunnel(
	struct report *report, struct value value, const struct config_interface *interface);

#endif
