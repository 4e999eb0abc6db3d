/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>

#include "vrf/timer.h"

#define ROOM_START 16

static void
put(struct timers *timers, uint32_t place, struct timer *timer)
{
	timers->heap[place] = timer;
	timer->place = place;
}

/* Towards the root, past all that are due later. */
static void
rise(struct timers *timers, uint32_t place, struct timer *timer)
{
	while (place > 0) {
		uint32_t parent = (place - 1) / 2;

		if (timers->heap[parent]->deadline <= timer->deadline)
			break;
		put(timers, place, timers->heap[parent]);
		place = parent;
	}
	put(timers, place, timer);
}

/* Away from the root, past all that are due earlier. */
static void
sink(struct timers *timers, uint32_t place, struct timer *timer)
{
	for (;;) {
		uint32_t child = 2 * place + 1;

		if (child >= timers->n)
			break;
		if (child + 1 < timers->n &&
			timers->heap[child + 1]->deadline < timers->heap[child]->deadline)
			child++;
		if (timers->heap[child]->deadline >= timer->deadline)
			break;
		put(timers, place, timers->heap[child]);
		place = child;
	}
	put(timers, place, timer);
}

/* The last one fills the place of the one that goes. */
static void
take_out(struct timers *timers, struct timer *timer)
{
	struct timer *last = timers->heap[--timers->n];
	uint32_t place = timer->place;

	timer->deadline = TIMER_UNSET;
	if (last == timer)
		return;
	if (place > 0 && timers->heap[(place - 1) / 2]->deadline > last->deadline)
		rise(timers, place, last);
	else
		sink(timers, place, last);
}

int
timer_add(struct timers *timers, struct timer *timer, timer_fn fn)
{
	if (timers->n_known == timers->room) {
		uint32_t room = timers->room == 0 ? ROOM_START : 2 * timers->room;
		struct timer **heap = realloc(timers->heap, room * sizeof(struct timer *));

		if (heap == NULL)
			return -ENOMEM;
		timers->heap = heap;
		timers->room = room;
	}
	timers->n_known++;
	*timer = (struct timer){ .deadline = TIMER_UNSET, .fn = fn };
	return 0;
}

void
timer_remove(struct timers *timers, struct timer *timer)
{
	if (timer->fn == NULL)
		return;
	timer_set(timers, timer, TIMER_UNSET);
	timer->fn = NULL;
	timers->n_known--;
}

void
timer_set(struct timers *timers, struct timer *timer, uint64_t deadline)
{
	if (timer->deadline != TIMER_UNSET)
		take_out(timers, timer);
	if (deadline == TIMER_UNSET)
		return;
	timer->deadline = deadline;
	rise(timers, timers->n++, timer);
}

void
timers_run(struct timers *timers, uint64_t now, unsigned int max)
{
	for (unsigned int i = 0; i < max && timers->n > 0 && timers_next(timers) <= now; i++) {
		struct timer *timer = timers->heap[0];

		take_out(timers, timer);
		timer->fn(timer, now);
	}
}

void
timers_free(struct timers *timers)
{
	free(timers->heap);
	*timers = (struct timers){ 0 };
}
