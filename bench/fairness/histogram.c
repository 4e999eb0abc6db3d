/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <math.h>

#include "histogram.h"

/* The largest value of a slot. */
static uint64_t
upper_edge(uint32_t slot)
{
	uint32_t octave = slot >> HISTOGRAM_SHIFT;

	if (octave < 2)
		return slot;
	octave--;
	return ((slot - ((uint64_t)octave << HISTOGRAM_SHIFT) + 1) << octave) - 1;
}

uint64_t
histogram_quantile(const struct histogram *histogram, double fraction)
{
	uint64_t wanted = (uint64_t)ceil(fraction * (double)histogram->n), seen = 0;

	for (uint32_t slot = 0; slot < HISTOGRAM_SLOTS; slot++) {
		seen += histogram->slots[slot];
		if (seen >= wanted && seen > 0)
			return upper_edge(slot) < histogram->largest ? upper_edge(slot)
			                                             : histogram->largest;
	}
	return histogram->largest;
}
