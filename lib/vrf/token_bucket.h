/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_TOKEN_BUCKET_H
#define VRF_TOKEN_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Allows `rate` events a second and bursts of up to `burst`. The level is kept in clock cycles, so
 * that refilling takes no division. One thread.
 */

struct token_bucket {
	uint64_t level; /* cycles */
	uint64_t limit; /* cycles */
	uint64_t price; /* cycles an event costs; 0: none is allowed */
	uint64_t last;  /* time of the latest refill */
};

/* `hz` cycles a second. A rate of 0 allows nothing. Starts full. */
static inline void
token_bucket_init(
	struct token_bucket *bucket, uint32_t rate, uint32_t burst, uint64_t hz, uint64_t now)
{
	bucket->price = rate == 0 ? 0 : hz / rate;
	if (rate != 0 && bucket->price == 0)
		bucket->price = 1;
	bucket->limit = bucket->price * burst;
	bucket->level = bucket->limit;
	bucket->last = now;
}

/* Whether one more event is allowed at time `now`, which then has been taken. */
static inline bool
token_bucket_take(struct token_bucket *bucket, uint64_t now)
{
	uint64_t level = bucket->level;

	if (now > bucket->last) {
		level += now - bucket->last;
		bucket->last = now;
	}
	if (level > bucket->limit)
		level = bucket->limit;
	if (bucket->price == 0 || level < bucket->price) {
		bucket->level = level;
		return false;
	}
	bucket->level = level - bucket->price;
	return true;
}

#endif
