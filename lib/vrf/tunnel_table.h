/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_TUNNEL_TABLE_H
#define VRF_TUNNEL_TABLE_H

#include "vrf/tunnel.h"

/*
 * The tunnels whose outer packets come to a router, by their ends and key: a hash table that the
 * control thread makes anew for each change and swaps in.
 */

struct tunnel_table {
	struct reclaim_node reclaim;
	uint32_t mask;
	struct tunnel *slots[]; /* NULL: free */
};

/* Of `n` tunnels of the list, and of `more` unless that is NULL. NULL: no memory. */
struct tunnel_table *tunnel_table_create(
	const struct vr *vr, uint32_t n, struct tunnel *more, const struct tunnel *less);

/* NULL: none. Any thread. */
struct tunnel *tunnel_table_find(const struct tunnel_table *table, const struct tunnel_key *key);

#endif
