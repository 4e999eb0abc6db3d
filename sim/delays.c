/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "delays.h"

/* The largest of a class. */
static uint64_t
largest(uint32_t class)
{
	uint32_t shift;

	if (class < 2 * DELAYS_SUB)
		return class;
	shift = class / DELAYS_SUB - 1;
	return ((uint64_t)(DELAYS_SUB + class % DELAYS_SUB + 1) << shift) - 1;
}

uint64_t
delays_quantile(const struct delays *delays, double part)
{
	double wanted = part * (double)delays->n;
	uint64_t seen = 0;

	if (delays->n == 0)
		return 0;
	for (uint32_t i = 0; i < DELAYS_CLASSES; i++) {
		seen += delays->counts[i];
		if ((double)seen >= wanted && seen > 0)
			return largest(i) < delays->max ? largest(i) : delays->max;
	}
	return delays->max;
}
