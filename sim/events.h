/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SIM_EVENTS_H
#define SIM_EVENTS_H

#include <stdint.h>

/* Who is next when: a binary heap. Of equal times the one with the lower number comes first. */

struct event {
	uint64_t time;
	uint32_t who;
};

struct events {
	struct event *heap;
	uint32_t n;
};

/* Room for as many. 0 or -ENOMEM. */
int events_init(struct events *events, uint32_t capacity);
void events_fini(struct events *events);

void events_put(struct events *events, uint64_t time, uint32_t who);

/* The first is taken out; there is one. */
struct event events_take(struct events *events);

/* UINT64_MAX: none. */
static inline uint64_t
events_next(const struct events *events)
{
	return events->n > 0 ? events->heap[0].time : UINT64_MAX;
}

#endif
