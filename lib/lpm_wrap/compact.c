/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The trie as an engine.
 */

#include <errno.h>
#include <string.h>

#include "lpm_wrap/engine.h"
#include "lpm_wrap/trie.h"

struct compact {
	const struct trie_lookup *lookup;
	struct trie trie;
};

static int
create(struct lpm *lpm, const struct lpm_params *params)
{
	struct compact *compact = lpm->state;

	for (unsigned int i = 0; i < trie_lookup_count; i++)
		if (trie_lookups[i].is_supported())
			compact->lookup = &trie_lookups[i];
	return trie_init(&compact->trie, &lpm->store, params->family == LPM_IPV6, params->rcu,
		params->socket);
}

static void
free_state(struct lpm *lpm)
{
	struct compact *compact = lpm->state;

	trie_free(&compact->trie);
}

static int
update(struct lpm *lpm, struct key key, unsigned int depth)
{
	struct compact *compact = lpm->state;

	return trie_update(&compact->trie, key, depth);
}

static void
lookup_ipv4(const struct lpm *lpm, const uint32_t *addresses, uint32_t *values, unsigned int n)
{
	const struct compact *compact = lpm->state;

	compact->lookup->ipv4(
		__atomic_load_n(&compact->trie.arena, __ATOMIC_ACQUIRE), addresses, values, n);
}

static void
lookup_ipv6(const struct lpm *lpm, const uint8_t (*addresses)[16], uint32_t *values, unsigned int n)
{
	const struct compact *compact = lpm->state;

	compact->lookup->ipv6(
		__atomic_load_n(&compact->trie.arena, __ATOMIC_ACQUIRE), addresses, values, n);
}

static size_t
memory(const struct lpm *lpm, size_t *writer)
{
	const struct compact *compact = lpm->state;

	*writer = trie_writer_memory(&compact->trie);
	return trie_memory(&compact->trie);
}

static void
reclaim(struct lpm *lpm)
{
	struct compact *compact = lpm->state;

	trie_reclaim(&compact->trie);
}

const char *
lpm_lookup_name(const struct lpm *lpm)
{
	const struct compact *compact = lpm->state;

	return lpm->engine == &lpm_engine_compact ? compact->lookup->name : "";
}

int
lpm_lookup_choose(struct lpm *lpm, const char *name)
{
	struct compact *compact = lpm->state;

	if (lpm->engine != &lpm_engine_compact)
		return -EINVAL;
	for (unsigned int i = 0; i < trie_lookup_count; i++) {
		if (strcmp(name, trie_lookups[i].name) != 0)
			continue;
		if (!trie_lookups[i].is_supported())
			return -ENOTSUP;
		compact->lookup = &trie_lookups[i];
		return 0;
	}
	return -EINVAL;
}

const struct lpm_engine lpm_engine_compact = {
	.name = "compact",
	.create = create,
	.free = free_state,
	.update = update,
	.value_max = { LPM_VALUE_MAX, LPM_VALUE_MAX },
	.lookup_ipv4 = lookup_ipv4,
	.lookup_ipv6 = lookup_ipv6,
	.memory = memory,
	.reclaim = reclaim,
	.state_size = sizeof(struct compact),
};
