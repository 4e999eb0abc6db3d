/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_NAT44_ADDRESS_H
#define ELEMENT_NAT44_ADDRESS_H

#include <assert.h>
#include <stdint.h>

#include <rte_branch_prediction.h>

/*
 * A few addresses of the config, each with a value that is not 0: a hash table with linear probing,
 * at most half full. Immutable once it is filled.
 */

#define NAT44_MAP_SLOTS 1024u /* at least twice as many as there are addresses and statics */

struct nat44_address_map {
	/* By hash, whether there may be one: nearly all addresses of packets are told apart here,
	 * in two lines and without a branch that depends on them. */
	uint64_t maybe[NAT44_MAP_SLOTS / 64];
	uint32_t mask; /* of the slots in use: fewer where there are few, to stay in the cache */
	struct {
		uint32_t address; /* network byte order */
		uint32_t value;
	} slots[NAT44_MAP_SLOTS];
};

static inline uint32_t
nat44_map_hash(uint32_t address)
{
	return (uint32_t)(address * UINT32_C(0x9e3779b1)) >> 22;
}

static_assert(NAT44_MAP_SLOTS == 1u << (32 - 22), "a hash is a slot");

/* 0: it is not one of them. */
static inline uint32_t
nat44_map_find(const struct nat44_address_map *map, uint32_t address)
{
	uint32_t hash = nat44_map_hash(address), i = hash & map->mask;

	if (likely((map->maybe[hash / 64] >> hash % 64 & 1) == 0))
		return 0;

	while (map->slots[i].value != 0 && map->slots[i].address != address)
		i = (i + 1) & map->mask;
	return map->slots[i].value;
}

/* `n` are to be added. */
static inline void
nat44_map_init(struct nat44_address_map *map, unsigned int n)
{
	map->mask = 15;
	while (map->mask + 1 < 2 * n)
		map->mask = 2 * map->mask + 1;
}

static inline void
nat44_map_add(struct nat44_address_map *map, uint32_t address, uint32_t value)
{
	uint32_t hash = nat44_map_hash(address), i = hash & map->mask;

	map->maybe[hash / 64] |= UINT64_C(1) << hash % 64;
	while (map->slots[i].value != 0)
		i = (i + 1) & map->mask;
	map->slots[i].address = address;
	map->slots[i].value = value;
}

#endif
