/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_jhash.h>
#include <rte_malloc.h>

#include "vrf/tunnel_table.h"

static uint32_t
slot_of(const struct tunnel_table *table, const struct tunnel_key *key)
{
	return rte_jhash(key, sizeof(*key), 0) & table->mask;
}

static void
insert(struct tunnel_table *table, struct tunnel *tunnel)
{
	uint32_t slot = slot_of(table, &tunnel->key);

	while (table->slots[slot] != NULL)
		slot = (slot + 1) & table->mask;
	table->slots[slot] = tunnel;
}

struct tunnel_table *
tunnel_table_create(const struct vr *vr, uint32_t n, struct tunnel *more, const struct tunnel *less)
{
	uint32_t size = rte_align32pow2(2 * n + 2);
	struct tunnel_table *table;
	struct tunnel *tunnel;

	table = rte_zmalloc_socket("tunnel_table", sizeof(*table) + size * sizeof(table->slots[0]),
		RTE_CACHE_LINE_SIZE, vr->socket);
	if (table == NULL)
		return NULL;
	table->mask = size - 1;
	LIST_FOREACH(tunnel, &vr->tunnels, link)
		if (tunnel != less)
			insert(table, tunnel);
	if (more != NULL)
		insert(table, more);
	return table;
}

struct tunnel *
tunnel_table_find(const struct tunnel_table *table, const struct tunnel_key *key)
{
	uint32_t slot = slot_of(table, key);

	for (; table->slots[slot] != NULL; slot = (slot + 1) & table->mask)
		if (memcmp(&table->slots[slot]->key, key, sizeof(*key)) == 0)
			return table->slots[slot];
	return NULL;
}
