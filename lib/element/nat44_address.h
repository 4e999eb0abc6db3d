/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_NAT44_ADDRESS_H
#define ELEMENT_NAT44_ADDRESS_H

#include <stdint.h>

/*
 * A few addresses of the config, each with a value that is not 0: a hash table with linear probing,
 * at most half full. Immutable once it is filled.
 */

#define NAT44_MAP_SLOTS 1024u /* at least twice as many as there are addresses and statics */

struct nat44_address_map {
	uint32_t mask; /* of the slots in use: fewer where there are few, to stay in the cache */
	struct {
		uint32_t address; /* network byte order */
		uint32_t value;
	} slots[NAT44_MAP_SLOTS];
};

static inline uint32_t
nat44_map_slot(const struct nat44_address_map *map, uint32_t address)
{
	return (uint32_t)(address * UINT32_C(0x9e3779b1)) >> 22 & map->mask;
}

/* 0: it is not one of them. */
static inline uint32_t
nat44_map_find(const struct nat44_address_map *map, uint32_t address)
{
	uint32_t i = nat44_map_slot(map, address);

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
	uint32_t i = nat44_map_slot(map, address);

	while (map->slots[i].value != 0)
		i = (i + 1) & map->mask;
	map->slots[i].address = address;
	map->slots[i].value = value;
}

#endif
