/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SIM_PRNG_H
#define SIM_PRNG_H

#include <stdint.h>

/* Random numbers of which each user has a stream of its own: splitmix64 (Steele, Lea & Flood,
 * OOPSLA 2014). */

struct prng {
	uint64_t state;
};

static inline uint64_t
prng_next(struct prng *prng)
{
	uint64_t z = (prng->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* Above 0, up to 1. */
static inline double
prng_real(struct prng *prng)
{
	return (double)((prng_next(prng) >> 11) + 1) * 0x1p-53;
}

/* The stream that belongs to a name: the same whatever else there is beside it. */
static inline struct prng
prng_of(uint64_t seed, const char *name, uint64_t which)
{
	struct prng prng = { seed ^ which << 56 };

	for (; *name != '\0'; name++)
		prng.state = prng_next(&prng) ^ (uint8_t)*name;
	return prng;
}

#endif
