/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef FAIRNESS_GENERATOR_H
#define FAIRNESS_GENERATOR_H

#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_ring.h>

#include "flow.h"

/*
 * Offers the frames of all flows when they are due, by the TSC. What the port has no room for is
 * refused, as a NIC without descriptors drops: it costs no buffer. Where the generator itself is
 * late by more than `slip`, it lets the frames of that time be and counts them, so that a pause of
 * the machine does not become a burst. Its lcore only.
 */
struct generator {
	struct flow *flows;
	uint32_t n_flows;
	uint16_t phase;                /* the mark's */
	uint64_t start;                /* TSC */
	uint64_t slip;                 /* cycles */
	uint64_t count_from, count_to; /* TSC: what is offered then is counted apart */
	struct rte_ring **ports;
	struct rte_mempool *pool;
	uint64_t starved; /* frames that there was no buffer for */
};

/* Offers what is due by now. */
void generator_run(struct generator *generator);

#endif
