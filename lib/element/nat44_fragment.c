/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <assert.h>
#include <string.h>

#include "element/nat44_fragment.h"

static_assert(sizeof(struct nat44_fragment_key) == 12, "no padding: compared as bytes");

void
nat44_fragments_init(struct nat44_fragments *fragments)
{
	nat44_secret_init(&fragments->secret);
}

static unsigned int
set_of(const struct nat44_fragments *fragments, const struct nat44_fragment_key *key)
{
	uint64_t addresses = key->source | (uint64_t)key->destination << 32;
	uint64_t rest =
		key->identification | (uint64_t)key->protocol << 16 | (uint64_t)key->side << 24;

	return (unsigned int)(nat44_hash(&fragments->secret, addresses, rest) %
			      NAT44_FRAGMENT_SETS);
}

static struct nat44_fragment *
find(const struct nat44_fragments *fragments, const struct nat44_fragment_key *key, uint32_t now)
{
	const struct nat44_fragment *set = fragments->sets[set_of(fragments, key)];

	for (unsigned int i = 0; i < NAT44_FRAGMENT_WAYS; i++)
		if (set[i].until > now && memcmp(&set[i].key, key, sizeof(*key)) == 0)
			return (struct nat44_fragment *)(uintptr_t)&set[i];
	return NULL;
}

void
nat44_fragment_add(struct nat44_fragments *fragments, const struct nat44_fragment_key *key,
	uint32_t source, uint32_t destination, uint32_t now)
{
	struct nat44_fragment *set = fragments->sets[set_of(fragments, key)];
	struct nat44_fragment *fragment = find(fragments, key, now);

	if (fragment == NULL) {
		fragment = &set[0];
		for (unsigned int i = 1; i < NAT44_FRAGMENT_WAYS; i++)
			if (set[i].until < fragment->until)
				fragment = &set[i];
	}
	*fragment = (struct nat44_fragment){ .key = *key,
		.until = now + NAT44_FRAGMENT_SECONDS,
		.source = source,
		.destination = destination };
}

const struct nat44_fragment *
nat44_fragment_find(
	const struct nat44_fragments *fragments, const struct nat44_fragment_key *key, uint32_t now)
{
	return find(fragments, key, now);
}
