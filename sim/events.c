/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "events.h"

int
events_init(struct events *events, uint32_t capacity)
{
	events->n = 0;
	events->heap = calloc(capacity, sizeof(*events->heap));
	return events->heap != NULL ? 0 : -ENOMEM;
}

void
events_fini(struct events *events)
{
	free(events->heap);
}

static bool
before(const struct event *a, const struct event *b)
{
	return a->time < b->time || (a->time == b->time && a->who < b->who);
}

void
events_put(struct events *events, uint64_t time, uint32_t who)
{
	struct event event = { time, who };
	uint32_t at = events->n++;

	for (; at > 0 && before(&event, &events->heap[(at - 1) / 2]); at = (at - 1) / 2)
		events->heap[at] = events->heap[(at - 1) / 2];
	events->heap[at] = event;
}

struct event
events_take(struct events *events)
{
	struct event first = events->heap[0], last = events->heap[--events->n];
	uint32_t at = 0, child;

	while ((child = 2 * at + 1) < events->n) {
		if (child + 1 < events->n && before(&events->heap[child + 1], &events->heap[child]))
			child++;
		if (!before(&events->heap[child], &last))
			break;
		events->heap[at] = events->heap[child];
		at = child;
	}
	events->heap[at] = last;
	return first;
}
