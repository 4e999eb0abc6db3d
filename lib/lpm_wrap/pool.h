/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef LPM_WRAP_POOL_H
#define LPM_WRAP_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Blocks of 1 to POOL_BLOCK_MAX units of 8 bytes out of one piece of memory. A block is known by
 * the number of its first unit, so the memory may move. Of one thread; the memory is the
 * caller's. Freed blocks wait in one list for each size; a larger one is split when the memory is
 * full.
 */
#define POOL_UNIT 8u
#define POOL_BLOCK_MAX 64u

struct pool {
	uint64_t *memory;
	uint32_t capacity; /* units */
	uint32_t used;     /* units ever given out; what lies beyond is untouched */
	uint32_t holes;    /* units of freed blocks, below used */
	uint64_t sizes;    /* bit n - 1: there is a freed block of n units */
	uint32_t freed[POOL_BLOCK_MAX + 1];
};

/* The first `used` units belong to the caller. Unit 0 must be among them: 0 means no block. */
void pool_init(struct pool *pool, void *memory, uint32_t capacity, uint32_t used);

/* Gives 0 if there is no room. */
uint32_t pool_alloc(struct pool *pool, unsigned int units);

void pool_free(struct pool *pool, uint32_t block, unsigned int units);

/* Before the memory is given back or copied as a whole: freed blocks may be touched again. */
void pool_close(struct pool *pool);

/* The memory has moved, its contents with it, and has now this capacity. */
static inline void
pool_move(struct pool *pool, void *memory, uint32_t capacity)
{
	pool->memory = memory;
	pool->capacity = capacity;
}

static inline void *
pool_at(const struct pool *pool, uint32_t block)
{
	return pool->memory + block;
}

static inline uint32_t
pool_live(const struct pool *pool)
{
	return pool->used - pool->holes;
}

#endif
