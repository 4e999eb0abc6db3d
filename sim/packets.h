/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SIM_PACKETS_H
#define SIM_PACKETS_H

#include <stdint.h>

#include "prng.h"
#include "scenario.h"

/* What the packets of a router cost it, in the order in which it runs them. */

struct packets {
	const struct scenario_packets *config;
	struct prng prng;
	unsigned int at; /* in the pattern */
	uint32_t left;   /* of that place */
};

struct packets_cost {
	uint64_t cycles;
	uint64_t misses;
};

void packets_init(struct packets *packets, const struct scenario_packets *config, struct prng prng);

/* Of the next n. */
struct packets_cost packets_run(struct packets *packets, uint32_t n);

/* Of one on average, over a long time. */
void packets_mean(const struct scenario_packets *config, double *cycles, double *misses);

#endif
