/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_TABLE_H
#define VRF_TABLE_H

#include "address/address.h"
#include "vrf/vr.h"

/*
 * A router's two tables as one: each function takes that of the address's family. Errors, threads
 * and values are those of lpm.h.
 */

int table_add(struct vr *vr, const struct ip_prefix *prefix, uint32_t value);
int table_delete(struct vr *vr, const struct ip_prefix *prefix);
uint32_t table_get(const struct vr *vr, const struct ip_prefix *prefix);

/* The longest route of at most max_depth that covers the address. */
uint32_t table_cover(const struct vr *vr, const struct ip_address *address, uint8_t max_depth);

uint32_t table_lookup(const struct vr *vr, const struct ip_address *address);

/* The routes from `prefix` on in order, IPv4 first; false ends the walk. */
typedef bool (*table_walk_fn)(const struct ip_prefix *prefix, uint32_t value, void *context);
void table_walk_from(
	const struct vr *vr, const struct ip_prefix *prefix, table_walk_fn fn, void *context);

#endif
