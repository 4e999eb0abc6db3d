/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SIM_DELAYS_H
#define SIM_DELAYS_H

#include <stdint.h>

/*
 * How long packets took, counted in classes of which each is a 64th of its power of two wide: what
 * is read from it is above the truth by 1.6% at most.
 */

#define DELAYS_SHIFT 6
#define DELAYS_SUB (UINT32_C(1) << DELAYS_SHIFT)
#define DELAYS_BITS 44 /* longer ones count as of the last class */
#define DELAYS_CLASSES ((DELAYS_BITS - DELAYS_SHIFT + 1) * DELAYS_SUB)

struct delays {
	uint64_t n;
	uint64_t max;
	uint32_t counts[DELAYS_CLASSES];
};

static inline uint32_t
delays_class(uint64_t delay)
{
	uint32_t shift;

	if (delay < DELAYS_SUB)
		return (uint32_t)delay;
	shift = 63 - (uint32_t)__builtin_clzll(delay) - DELAYS_SHIFT;
	if (shift > DELAYS_BITS - DELAYS_SHIFT - 1)
		return DELAYS_CLASSES - 1;
	return (shift + 1) * DELAYS_SUB + (uint32_t)(delay >> shift) % DELAYS_SUB;
}

static inline void
delays_add(struct delays *delays, uint64_t delay)
{
	delays->n++;
	if (delay > delays->max)
		delays->max = delay;
	delays->counts[delays_class(delay)]++;
}

/* That which `part` of all do not exceed; 0 where there are none. */
uint64_t delays_quantile(const struct delays *delays, double part);

#endif
