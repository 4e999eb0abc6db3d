/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef FAIRNESS_HISTOGRAM_H
#define FAIRNESS_HISTOGRAM_H

#include <stdint.h>

/*
 * How often a value fell where: log-linear, 64 slots an octave, so that a percentile is right to
 * 1.6%. Values below 64 have a slot each.
 */

#define HISTOGRAM_SHIFT 6
#define HISTOGRAM_OCTAVE (1u << HISTOGRAM_SHIFT)
#define HISTOGRAM_SLOTS ((64 - HISTOGRAM_SHIFT + 1) * HISTOGRAM_OCTAVE)

struct histogram {
	uint64_t n;
	uint64_t sum;
	uint64_t largest;
	uint64_t slots[HISTOGRAM_SLOTS];
};

static inline uint32_t
histogram_slot(uint64_t value)
{
	uint32_t octave;

	if (value < HISTOGRAM_OCTAVE)
		return (uint32_t)value;
	octave = 63 - HISTOGRAM_SHIFT - (uint32_t)__builtin_clzll(value);
	return (octave << HISTOGRAM_SHIFT) + (uint32_t)(value >> octave);
}

static inline void
histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->n++;
	histogram->sum += value;
	if (value > histogram->largest)
		histogram->largest = value;
	histogram->slots[histogram_slot(value)]++;
}

/* The largest value of a slot. */
uint64_t histogram_upper_edge(uint32_t slot);

#endif
