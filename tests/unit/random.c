/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <rte_random.h>

#include "random.h"

static uint64_t random_state;

void
random_start(void)
{
	const char *seed = getenv("TEST_SEED");

	random_state = seed != NULL ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL);
	printf("seed %llu (TEST_SEED sets it)\n", (unsigned long long)random_state);
	/* What is tested may draw too: secrets of hashes, delays. */
	rte_srand(random_state);
	/* xorshift stays at zero */
	random_state |= UINT64_C(1) << 40;
}

/* xorshift64* (Vigna, ACM TOMS 42.4, 2016) */
uint32_t
random32(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * UINT64_C(0x2545f4914f6cdd1d)) >> 32);
}

void
random_bytes(void *bytes, uint32_t length)
{
	uint8_t *to = bytes;

	for (uint32_t i = 0; i < length; i++)
		to[i] = (uint8_t)random32();
}
