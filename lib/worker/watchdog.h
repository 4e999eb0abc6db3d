/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef WORKER_WATCHDOG_H
#define WORKER_WATCHDOG_H

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <rte_common.h>

/*
 * What a worker runs and since when, and whether it is still to be waited for.
 *
 * The worker tells with plain stores when it enters and leaves code that may not come back, and on
 * leaving looks at the verdict. The control thread that has waited long enough asks for it:
 *
 *	worker				control thread
 *	sequence = even			verdict = PENDING
 *	(nothing between)		membarrier(), a full barrier on every core of the process
 *	load verdict			load sequence
 *
 * As with Dekker's algorithm, one of them sees what the other has stored: either the control thread
 * finds that the worker has left, and lets it go on; or the sequence is odd as it was, and the
 * worker, whenever it leaves, finds a verdict, which is TAKEN. The worker then touches nothing that
 * it shares with others until the verdict is NONE again. Where the kernel has no membarrier(2), the
 * worker has a fence at that place.
 *
 * The time that counts is the worker's CPU time: time for which the machine gave the core to
 * somebody else does not. (What a hypervisor takes away is CPU time to a guest that is not told.)
 */

enum watchdog_verdict {
	WATCHDOG_NONE,
	WATCHDOG_PENDING, /* for as long as the control thread needs to look */
	WATCHDOG_TAKEN,   /* the worker is not waited for any more */
};

/* What the CPU clock of a thread was at a moment; `tsc` was read first. */
struct watchdog_sample {
	uint64_t tsc;
	uint64_t cpu; /* ns */
};

#define WATCHDOG_SAMPLES 2

struct watchdog {
	/* The worker's. */
	alignas(RTE_CACHE_LINE_SIZE) uint64_t sequence; /* odd: in code that may not come back */
	uint64_t since;                                 /* when the turn began, cycles */
	void *running;                                  /* whose turn it is, or was */
	uint64_t soft;    /* cycles after which a turn is looked at; fixed; UINT64_MAX: never */
	uint64_t soft_ns; /* of CPU time that a turn may take; fixed */
	uint64_t hz;      /* fixed */
	bool fence;       /* fixed */
	bool has_clock;
	clockid_t clock; /* of the worker's thread */

	/* The control thread's. */
	alignas(RTE_CACHE_LINE_SIZE) uint32_t verdict;
	uint32_t version; /* of the samples; odd while they are written */
	/* Not taken anew while a turn goes on, so that one is of before it; the older first. */
	struct watchdog_sample samples[WATCHDOG_SAMPLES];
	uint64_t hard;       /* ns after which a worker is stuck; fixed; 0: never */
	uint64_t turn;       /* `since` of the turn that is looked at */
	uint64_t spent;      /* ns, of that turn, as far as it was seen */
	uint64_t latest_cpu; /* ns, at the latest visit */
};

/* Whether workers need no fence of their own. Once, before the first worker. Control thread. */
bool watchdog_register(void);

/* `soft` and `hard` in ms; 0: never. Control thread. */
void watchdog_init(struct watchdog *dog, uint64_t hz, uint32_t soft, uint32_t hard, bool fence);

/* The calling thread is the worker's from now on. */
void watchdog_begin(struct watchdog *dog);

static inline void
watchdog_step(struct watchdog *dog)
{
	__atomic_store_n(&dog->sequence, dog->sequence + 1, __ATOMIC_RELEASE);
}

/* A turn begins, which `now` tells from others. Worker. */
static inline void
watchdog_enter(struct watchdog *dog, void *running, uint64_t now)
{
	__atomic_store_n(&dog->running, running, __ATOMIC_RELAXED);
	__atomic_store_n(&dog->since, now, __ATOMIC_RELAXED);
	watchdog_step(dog);
}

/* The verdict once the control thread has come to one. Worker. */
enum watchdog_verdict watchdog_wait(const struct watchdog *dog);

/*
 * The code has come back. False: it was not waited for, and nothing that is shared may be touched.
 * Worker.
 */
static inline bool
watchdog_leave(struct watchdog *dog)
{
	watchdog_step(dog);
	if (unlikely(dog->fence))
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	else
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (likely(__atomic_load_n(&dog->verdict, __ATOMIC_ACQUIRE) == WATCHDOG_NONE))
		return true;
	return watchdog_wait(dog) == WATCHDOG_NONE;
}

/* The same turn goes on. Worker. */
static inline void
watchdog_enter_again(struct watchdog *dog)
{
	watchdog_step(dog);
}

/* Whether the worker is in code that may not come back, just now. Any thread. */
static inline bool
watchdog_is_inside(const struct watchdog *dog)
{
	return __atomic_load_n(&dog->sequence, __ATOMIC_ACQUIRE) & 1;
}

/*
 * The CPU time, in ns, that a thread has had since `since` at least, by what its clock was at each
 * sample and is now. All that it may have had between a sample and `since` is left out.
 */
uint64_t watchdog_cpu_since(const struct watchdog_sample samples[WATCHDOG_SAMPLES], uint64_t since,
	uint64_t hz, uint64_t cpu);

/* The same of this turn, until now. A system call. Worker. */
uint64_t watchdog_turn_cpu(const struct watchdog *dog);

/*
 * Looks at the worker's clock; to be called often: what goes by between two calls counts up to
 * some milliseconds only, so that a machine that stands still has no stuck workers afterwards.
 * True: the turn takes longer than `hard`. Control thread.
 */
bool watchdog_visit(struct watchdog *dog);

/* Whether the worker is now not waited for any more. Control thread. */
bool watchdog_take(struct watchdog *dog);

static inline bool
watchdog_is_taken(const struct watchdog *dog)
{
	return __atomic_load_n(&dog->verdict, __ATOMIC_ACQUIRE) == WATCHDOG_TAKEN;
}

/* The worker, which has come back, may go on. Control thread. */
void watchdog_release(struct watchdog *dog);

#endif
