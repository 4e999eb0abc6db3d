/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>

#include "sched/server.h"

int
server_heap_init(struct server_heap *heap, uint32_t capacity)
{
	heap->n = 0;
	heap->slots = calloc(capacity, sizeof(*heap->slots));
	return heap->slots != NULL ? 0 : -ENOMEM;
}

void
server_heap_fini(struct server_heap *heap)
{
	free(heap->slots);
}

static void
place(struct server_heap *heap, uint32_t position, struct server_slot slot)
{
	heap->slots[position] = slot;
	slot.server->position = position;
}

static void
sift_up(struct server_heap *heap, uint32_t position, struct server_slot slot)
{
	for (; position > 0; position = (position - 1) / 2) {
		struct server_slot parent = heap->slots[(position - 1) / 2];

		if (parent.time <= slot.time)
			break;
		place(heap, position, parent);
	}
	place(heap, position, slot);
}

static void
sift_down(struct server_heap *heap, uint32_t position, struct server_slot slot)
{
	uint32_t child;

	while ((child = 2 * position + 1) < heap->n) {
		if (child + 1 < heap->n && heap->slots[child + 1].time < heap->slots[child].time)
			child++;
		if (slot.time <= heap->slots[child].time)
			break;
		place(heap, position, heap->slots[child]);
		position = child;
	}
	place(heap, position, slot);
}

void
server_heap_put(struct server_heap *heap, struct sched_server *server)
{
	struct server_slot slot = { .time = server->deadline, .server = server };

	sift_up(heap, heap->n++, slot);
}

void
server_heap_remove(struct server_heap *heap, struct sched_server *server)
{
	struct server_slot last = heap->slots[--heap->n];
	uint32_t position = server->position;

	server->position = SERVER_NOWHERE;
	if (last.server == server)
		return;
	sift_down(heap, position, last);
	sift_up(heap, last.server->position, last);
}

void
server_set(struct sched_server *server, uint64_t runtime, uint64_t period, uint64_t now)
{
	server->runtime = runtime;
	server->period = period;
	server->budget = (int64_t)runtime;
	server->deadline = now + period;
	server->position = SERVER_NOWHERE;
}

void
server_replenish(struct sched_server *server, uint64_t now)
{
	uint64_t periods, lacking;

	if (now < server->deadline)
		return;
	periods = (now - server->deadline) / server->period + 1;
	server->deadline += periods * server->period;
	lacking = (uint64_t)((int64_t)server->runtime - server->budget);
	if (periods >= lacking / server->runtime + 1)
		server->budget = (int64_t)server->runtime;
	else
		server->budget += (int64_t)(periods * server->runtime);
}

/* budget / (deadline - now) >= runtime / period is the rule of the paper. */
void
server_resume(struct sched_server *server, uint64_t now)
{
	if (now < server->deadline &&
		(unsigned __int128)server->budget * server->period <
			(unsigned __int128)(server->deadline - now) * server->runtime)
		return;
	server->budget = (int64_t)server->runtime;
	server->deadline = now + server->period;
}
