/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef FAIRNESS_PREEMPTION_H
#define FAIRNESS_PREEMPTION_H

#include <stdint.h>

/*
 * What the kernel tells of one thread and the CPU that it is on: whether something else ran there.
 */
struct preemption {
	uint64_t switches;  /* involuntary ones */
	uint64_t waited_ns; /* ready to run, and not running */
	uint64_t stolen_ms; /* by the hypervisor, from its CPU */
};

/* Zeroes for what the kernel does not tell. */
void preemption_read(int thread, unsigned int cpu, struct preemption *preemption);

/* What was between two readings. */
struct preemption preemption_since(const struct preemption *before, const struct preemption *after);

#endif
