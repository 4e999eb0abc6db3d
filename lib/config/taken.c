/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "taken.h"

int
taken_init(struct taken *taken, size_t n, size_t key_size)
{
	size_t slots = 8;

	while (slots < 2 * n)
		slots *= 2;
	taken->key_size = key_size;
	taken->mask = slots - 1;
	taken->owners = malloc(slots * sizeof(*taken->owners));
	taken->keys = malloc(slots * key_size);
	if (taken->owners == NULL || taken->keys == NULL) {
		taken_free(taken);
		return -ENOMEM;
	}
	for (size_t i = 0; i < slots; i++)
		taken->owners[i] = TAKEN_BY_NOBODY;
	return 0;
}

void
taken_free(struct taken *taken)
{
	free(taken->owners);
	free(taken->keys);
	taken->owners = NULL;
	taken->keys = NULL;
}

/* In the manner of FNV-1a, eight bytes at a time; high bits are folded in as low ones mix least. */
static size_t
key_hash(const struct taken *taken, const unsigned char *key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < taken->key_size; i += sizeof(uint64_t)) {
		size_t left = taken->key_size - i;
		uint64_t word = 0;

		memcpy(&word, key + i, left < sizeof(word) ? left : sizeof(word));
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	return hash;
}

/* The key's slot, or the free one where it would go; half of all slots are always free. */
static size_t
key_slot(const struct taken *taken, const void *key)
{
	size_t slot = key_hash(taken, key) & taken->mask;

	while (taken->owners[slot] != TAKEN_BY_NOBODY &&
		memcmp(taken->keys + slot * taken->key_size, key, taken->key_size) != 0)
		slot = (slot + 1) & taken->mask;
	return slot;
}

uint32_t
taken_find(const struct taken *taken, const void *key)
{
	return taken->owners[key_slot(taken, key)];
}

uint32_t
taken_claim(struct taken *taken, const void *key, uint32_t owner)
{
	size_t slot = key_slot(taken, key);
	uint32_t holder = taken->owners[slot];

	if (holder == TAKEN_BY_NOBODY) {
		taken->owners[slot] = owner;
		memcpy(taken->keys + slot * taken->key_size, key, taken->key_size);
	}
	return holder;
}
