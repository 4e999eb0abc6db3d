/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "histogram.h"

uint64_t
histogram_upper_edge(uint32_t slot)
{
	uint32_t octave = slot >> HISTOGRAM_SHIFT;

	if (octave < 2)
		return slot;
	octave--;
	return ((slot - ((uint64_t)octave << HISTOGRAM_SHIFT) + 1) << octave) - 1;
}
