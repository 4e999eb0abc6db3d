/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <string.h>

#include <rte_common.h>

#include "lpm_wrap/pool.h"

/* Under the address sanitizer a freed block may not be touched. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define __asan_poison_memory_region(address, size) ((void)0)
#define __asan_unpoison_memory_region(address, size) ((void)0)
#endif

void
pool_init(struct pool *pool, void *memory, uint32_t capacity, uint32_t used)
{
	memset(pool, 0, sizeof(*pool));
	pool->memory = memory;
	pool->capacity = capacity;
	pool->used = used;
}

void
pool_free(struct pool *pool, uint32_t block, unsigned int units)
{
	pool->memory[block] = pool->freed[units];
	pool->freed[units] = block;
	pool->sizes |= UINT64_C(1) << (units - 1);
	pool->holes += units;
	__asan_poison_memory_region(pool->memory + block, (size_t)units * POOL_UNIT);
}

static uint32_t
take_freed(struct pool *pool, unsigned int units)
{
	uint32_t block = pool->freed[units];

	__asan_unpoison_memory_region(pool->memory + block, (size_t)units * POOL_UNIT);
	pool->freed[units] = pool->memory[block];
	if (pool->freed[units] == 0)
		pool->sizes &= ~(UINT64_C(1) << (units - 1));
	pool->holes -= units;
	return block;
}

void
pool_close(struct pool *pool)
{
	RTE_SET_USED(pool);
	__asan_unpoison_memory_region(pool->memory, (size_t)pool->used * POOL_UNIT);
}

uint32_t
pool_alloc(struct pool *pool, unsigned int units)
{
	uint64_t larger;
	uint32_t block;
	unsigned int found;

	if (pool->freed[units] != 0)
		return take_freed(pool, units);
	if (pool->capacity - pool->used >= units) {
		block = pool->used;
		pool->used += units;
		return block;
	}
	larger = pool->sizes >> (units - 1);
	if (larger == 0)
		return 0;
	found = units + __builtin_ctzll(larger);
	block = take_freed(pool, found);
	pool_free(pool, block + units, found - units);
	return block;
}
