/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SCHED_SERVER_H
#define SCHED_SERVER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * So much CPU time in so much time: the constant bandwidth server (Abeni & Buttazzo, RTSS 1998) in
 * its hard form, which is not replenished before its deadline. What a burst took beyond the budget
 * is carried as debt into the periods that follow. Times are cycles, and are given as arguments.
 */

/* What a server is asked for; zeroes: nothing. */
struct sched_share {
	uint64_t runtime;
	uint64_t period;
};

#define SERVER_NOWHERE UINT32_MAX

struct sched_server {
	uint64_t runtime; /* of each period; 0: there is no server */
	uint64_t period;
	int64_t budget; /* of this period; negative: debt */
	uint64_t deadline;
	uint32_t entity;   /* its index */
	uint32_t position; /* in the heap that it is in, or SERVER_NOWHERE */
};

struct server_slot {
	uint64_t time;
	struct sched_server *server;
};

/* Servers by time, the earliest first: a binary heap. */
struct server_heap {
	struct server_slot *slots;
	uint32_t n;
};

/* 0 or -ENOMEM. */
int server_heap_init(struct server_heap *heap, uint32_t capacity);
void server_heap_fini(struct server_heap *heap);

/* By its deadline; it is in no heap. */
void server_heap_put(struct server_heap *heap, struct sched_server *server);

/* It is in this heap. */
void server_heap_remove(struct server_heap *heap, struct sched_server *server);

/* In no heap; 0 cycles: no server. The first period begins now, with a full budget. */
void server_set(struct sched_server *server, uint64_t runtime, uint64_t period, uint64_t now);

/* Gives it the runtime of each period that has begun by now, never to be more than one has. */
void server_replenish(struct sched_server *server, uint64_t now);

/*
 * It has work again and has budget left. What is left may be too much for the time that is left: a
 * period with a full budget begins now.
 */
void server_resume(struct sched_server *server, uint64_t now);

static inline bool
server_queued(const struct sched_server *server)
{
	return server->position != SERVER_NOWHERE;
}

#endif
