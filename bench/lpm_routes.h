/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef BENCH_LPM_ROUTES_H
#define BENCH_LPM_ROUTES_H

#include <stdint.h>

#include "lpm_wrap/key.h"
#include "lpm_wrap/lpm.h"

/*
 * Prefixes for tests and experiments: those of a file, or made up with the prefix lengths of a
 * full Internet table (2023: 901,899 of IPv4, 160,147 of IPv6). Sorted by address, then depth; no
 * two are equal.
 */
struct routes {
	struct route {
		struct key key;
		uint32_t value; /* for the user; 0 */
		uint8_t depth;
	} * list;
	uint32_t count;
};

/* xorshift64*, never zero. */
static inline uint64_t
random64(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545f4914f6cdd1d);
}

/* One prefix a line, of either family, gzip or plain. 0, or -1 after a message on stderr. */
int routes_load(struct routes *routes, enum lpm_family family, const char *path);

/* count 0 means that of the full table. 0 or -ENOMEM. */
int routes_make(struct routes *routes, enum lpm_family family, uint32_t count, uint64_t seed);

void routes_free(struct routes *routes);

/* Into a random order. */
void routes_shuffle(struct routes *routes, uint64_t seed);

/* An address within a route, its other bits random. */
struct key route_address(const struct route *route, uint64_t *random);

#endif
