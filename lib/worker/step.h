/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef WORKER_STEP_H
#define WORKER_STEP_H

#include <rte_cycles.h>

#include "worker/worker.h"

/* What the parts of the loop share. Worker. */

/* Under overload, classification may take this many times what the turns take, */
#define CLASSIFY_SHARE 2
/* and so many quanta at a time. */
#define CLASSIFY_QUANTA 2

/*
 * Whose a frame in a transmit buffer is, in one word: the router's instance, which is aligned to a
 * cache line and lies below 2^48 as all user memory does; the class below, the interface above.
 */
#define OWNER_CLASS_MASK UINT64_C(3)
#define OWNER_INTERFACE_SHIFT 48
#define OWNER_POINTER_MASK (((UINT64_C(1) << OWNER_INTERFACE_SHIFT) - 1) & ~OWNER_CLASS_MASK)

static_assert(VR_CLASSES <= OWNER_CLASS_MASK + 1, "the class fits below the pointer");

static inline void
wake(struct worker *worker, struct instance *instance)
{
	instance->asleep = false;
	sched_wake(&worker->sched, &instance->entity, worker->now);
}

/* Cycles since the latest measurement; now becomes the latest. */
static inline uint64_t
measure(struct worker *worker)
{
	uint64_t now = rte_rdtsc();
	uint64_t elapsed = now - worker->now;

	worker->now = now;
	worker->cycles.elapsed += elapsed;
	return elapsed;
}

/*
 * What classification may still take. It is kept within a few quanta, so that a worker that the
 * machine has held up for long does not then do without turns, or without receiving.
 */
static inline void
add_credit(struct worker *worker, int64_t cycles)
{
	int64_t limit = (int64_t)CLASSIFY_QUANTA * worker->sched.quantum;

	cycles += worker->classify_credit;
	worker->classify_credit = RTE_MAX(RTE_MIN(cycles, limit), -limit);
}

#endif
