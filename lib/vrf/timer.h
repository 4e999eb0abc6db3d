/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_TIMER_H
#define VRF_TIMER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Timers of one router: a binary heap by deadline, so that setting one or taking the earliest costs
 * the logarithm of their number, and what is not due costs nothing. Times are nanoseconds of the
 * clock that the caller goes by. Control thread.
 */

#define TIMER_UNSET UINT64_MAX

struct timer;

/* The timer is not set any more when this is called; it may set itself again, or be removed. */
typedef void (*timer_fn)(struct timer *timer, uint64_t now);

struct timer {
	uint64_t deadline; /* TIMER_UNSET: none */
	timer_fn fn;
	uint32_t place; /* in the heap, if it is set */
};

struct timers {
	struct timer **heap;
	uint32_t n;       /* set */
	uint32_t n_known; /* added and not removed: each may be set */
	uint32_t room;
};

/* Makes room for one more. 0 or -ENOMEM. */
int timer_add(struct timers *timers, struct timer *timer, timer_fn fn);

/* A timer that was added, or never (fn NULL), is not known any more. */
void timer_remove(struct timers *timers, struct timer *timer);

/* Sets it, anew if it was set; TIMER_UNSET stops it. */
void timer_set(struct timers *timers, struct timer *timer, uint64_t deadline);

/* The earliest deadline, or TIMER_UNSET. */
static inline uint64_t
timers_next(const struct timers *timers)
{
	return timers->n == 0 ? TIMER_UNSET : timers->heap[0]->deadline;
}

/* Calls those that are due at `now`, in order of their deadlines, `max` at most. */
void timers_run(struct timers *timers, uint64_t now, unsigned int max);

/* The memory; timers are their owners'. */
void timers_free(struct timers *timers);

#endif
