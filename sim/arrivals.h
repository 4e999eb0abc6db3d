/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SIM_ARRIVALS_H
#define SIM_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>

#include "prng.h"
#include "scenario.h"

/*
 * When the packets of a router arrive. Time is cut into pieces of one rate each, by steps and by
 * bursts; packets are one unit of rate x time apart (constant), or as many as an exponential
 * variable has (Poisson: a process of that rate in each piece).
 */

#define ARRIVALS_NEVER UINT64_MAX

struct arrivals {
	const struct scenario_arrivals *config;
	struct prng prng;
	double cycles_per_us;
	double now;      /* us; the latest, or where the search for the next one is */
	double end;      /* of the piece that it is in */
	double interval; /* us from one to the next on average, in that piece; 0: none come */
	double offset;   /* how far into a burst time 0 is */
	uint64_t burst;
	unsigned int step;
	bool on;
	bool first;
};

void arrivals_init(struct arrivals *arrivals, const struct scenario_arrivals *config,
	uint32_t cycles_per_us, struct prng prng);

/* The next one's time in cycles, not before the one before; ARRIVALS_NEVER: there is none. */
uint64_t arrivals_next(struct arrivals *arrivals);

#endif
