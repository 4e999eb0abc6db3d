/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_PARSE_ADVERTISEMENT_H
#define CONFIG_PARSE_ADVERTISEMENT_H

#include "config.h"
#include "schema/field.h"

/*
 * What must hold among the members of an interface's router advertisement (RFC 4861 6.2.1), and
 * the defaults that depend on others. The first two are checks of a kind (field.h).
 */

void parse_check_advertised_prefix(
	struct report *report, struct value value, void *item, bool slips);
void parse_check_advertisement(struct report *report, struct value value, void *item, bool slips);

/* That an interface that advertises speaks IPv6. `value` is the interface. */
void parse_check_advertised(
	struct report *report, struct value value, const struct config_interface *interface);

#endif
