/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdbool.h>

#include <rte_cycles.h>

#include "round_trip.h"

#define LOOKS 1000
#define SERIES 16
#define TRIPS 32
#define PATIENCE_MS 10

void
round_trip_answer(struct round_trip *trip)
{
	for (unsigned int i = 0; i < LOOKS; i++) {
		uint32_t asked = __atomic_load_n(&trip->asked, __ATOMIC_ACQUIRE);

		if (asked != trip->answered)
			__atomic_store_n(&trip->answered, asked, __ATOMIC_RELEASE);
	}
}

static bool
ask(struct round_trip *trip, uint64_t deadline)
{
	uint32_t asked = trip->asked + 1;

	__atomic_store_n(&trip->asked, asked, __ATOMIC_RELEASE);
	while (__atomic_load_n(&trip->answered, __ATOMIC_ACQUIRE) != asked)
		if (rte_rdtsc() > deadline)
			return false;
	return true;
}

uint64_t
round_trip_measure(struct round_trip *trip)
{
	uint64_t deadline = rte_rdtsc() + rte_get_tsc_hz() / MS_PER_S * PATIENCE_MS;
	uint64_t quickest = UINT64_MAX;

	for (unsigned int series = 0; series < SERIES; series++) {
		uint64_t start = rte_rdtsc();

		for (unsigned int i = 0; i < TRIPS; i++)
			if (!ask(trip, deadline))
				return 0;
		quickest = RTE_MIN(quickest, (rte_rdtsc() - start) / TRIPS);
	}
	return quickest;
}
