/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_CONFIG_FIELD_H
#define CONFIG_CONFIG_FIELD_H

#include "schema/field.h"

/* Values that only a config of this program has, beside those of schema/field.h. */

extern const struct field_type field_router_name;
extern const struct field_type field_device;
extern const struct field_type field_interface_mac;
extern const struct field_type field_neighbour; /* its address */
extern const struct field_type field_group;     /* a multicast group that may be routed */
extern const struct field_type field_prefix;    /* a route's */
extern const struct field_type field_advertised_prefix;

/* An interface's name in a list of them: a kind's read. */
void field_read_interface_name(struct report *report, struct value value, void *item);

/* One of an interface's addresses: a kind's read. */
void field_read_address(struct report *report, struct value value, void *item);

#endif
