/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The trie as an engine.
 */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "lpm_wrap/engine.h"
#include "lpm_wrap/trie.h"

struct compact {
	struct trie trie; /* first: the state of the look-ups */
	const struct trie_lookup *lookup;
};
static_assert(offsetof(struct compact, trie) == 0, "the look-ups take it for a trie");

static void
choose_lookup(struct lpm *lpm, const struct trie_lookup *lookup)
{
	struct compact *compact = lpm->state;

	compact->lookup = lookup;
	if (lpm->family == LPM_IPV4)
		lpm->lookup_ipv4 = lookup->ipv4;
	else
		lpm->lookup_ipv6 = lookup->ipv6;
}

static int
create(struct lpm *lpm, const struct lpm_params *params)
{
	struct compact *compact = lpm->state;

	for (unsigned int i = 0; i < trie_lookup_count; i++)
		if (trie_lookups[i].is_supported())
			choose_lookup(lpm, &trie_lookups[i]);
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
	if (lpm->engine != &lpm_engine_compact)
		return -EINVAL;
	for (unsigned int i = 0; i < trie_lookup_count; i++) {
		if (strcmp(name, trie_lookups[i].name) != 0)
			continue;
		if (!trie_lookups[i].is_supported())
			return -ENOTSUP;
		choose_lookup(lpm, &trie_lookups[i]);
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
	.memory = memory,
	.reclaim = reclaim,
	.state_size = sizeof(struct compact),
};
