/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

/*
 * Prints the frequency in Hz of the counter that rte_rdtsc() reads, measured against the
 * monotonic clock over a fifth of a second: the unit of "cycles a packet" in the experiments.
 */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <rte_cycles.h>

#define NS_PER_SECOND 1000000000ull
#define INTERVAL_NS (NS_PER_SECOND / 5)
#define TRIES 16

struct reading {
	uint64_t cycles;
	uint64_t ns;
};

static uint64_t
monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* Of several readings the one that took least: none came between its two clocks. */
static struct reading
read_both(void)
{
	uint64_t before, after, shortest = UINT64_MAX;
	struct reading best = { 0 }, reading;
	int i;

	for (i = 0; i < TRIES; i++) {
		before = rte_rdtsc_precise();
		reading.ns = monotonic_ns();
		after = rte_rdtsc_precise();
		if (after - before >= shortest)
			continue;
		shortest = after - before;
		reading.cycles = before + shortest / 2;
		best = reading;
	}
	return best;
}

int
main(void)
{
	struct timespec interval = { .tv_nsec = INTERVAL_NS };
	struct reading start = read_both(), end;
	double hz;

	nanosleep(&interval, NULL);
	end = read_both();
	hz = (double)(end.cycles - start.cycles) * NS_PER_SECOND / (end.ns - start.ns);
	printf("%" PRIu64 "\n", (uint64_t)hz);
	return 0;
}
