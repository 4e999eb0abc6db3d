/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef FAIRNESS_ROUND_TRIP_H
#define FAIRNESS_ROUND_TRIP_H

#include <stdalign.h>
#include <stdint.h>

#include <rte_common.h>

/*
 * How far apart two cores are: the way of a cache line to the other and back. Frames go that way in
 * these experiments. A hypervisor that moves its CPUs about may put them on cores that share a
 * cache, or on such that do not, at several times the price, and tells nobody.
 */
struct round_trip {
	alignas(RTE_CACHE_LINE_SIZE) uint32_t asked; /* atomic */
	uint32_t answered;                           /* atomic */
};

/* For a short while. The one core. */
void round_trip_answer(struct round_trip *trip);

/*
 * Cycles, of the quickest of several series, while the other core answers; 0 if it is not there for
 * long. The other core.
 */
uint64_t round_trip_measure(struct round_trip *trip);

#endif
