/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CLASSIFY_FEED_H
#define CLASSIFY_FEED_H

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

/*
 * A FIFO of frames for one instance, filled by one worker (the producer, which classifies for it or
 * runs a router that is linked to it) and emptied by one worker (the consumer, which runs the
 * instance), the same or another. Frames pushed are seen by the consumer after feed_publish(), so
 * that a burst costs one shared store.
 *
 * received = taken + what is in the FIFO + dropped, always; each counter has one writer.
 */

struct feed {
	/* The producer's line. */
	alignas(RTE_CACHE_LINE_SIZE) uint32_t tail; /* next slot to fill */
	uint32_t head_seen;                         /* the consumer's head when last looked at */
	uint32_t mask;
	uint32_t burst; /* frames pushed or dropped since they were last billed or published */
	uint64_t received;
	uint64_t dropped;          /* FIFO full */
	void *instance;            /* whose it is; the producer's owner knows the type */
	struct feed *next_touched; /* list of those that this burst of the producer has touched */
	/* Producer and consumer are one worker: says that worker, nobody else while it runs. */
	bool local;

	/* Stored by the producer, read by the consumer. */
	alignas(RTE_CACHE_LINE_SIZE) uint32_t published;

	/* The consumer's line; the head is read by the producer when the FIFO looks full. */
	alignas(RTE_CACHE_LINE_SIZE) uint32_t head;
	uint64_t taken;
	void *consumer;       /* the worker that empties it; atomic */
	const void *producer; /* the worker that fills it; NULL: nobody any more; atomic */
	bool internal;        /* filled by links, not by classification; fixed */
	/* Up to here it is emptied before the instance's other feeds. */
	bool first;
	uint32_t first_until;

	alignas(RTE_CACHE_LINE_SIZE) struct rte_mbuf *slots[];
};

static_assert(offsetof(struct feed, published) == RTE_CACHE_LINE_SIZE, "the producer has one line");

/* `capacity` frames, a power of two. NULL when there is no memory. Control thread. */
struct feed *feed_create(
	uint32_t capacity, void *instance, void *consumer, const void *producer, int socket);

/* Frees the frames still in it too; neither side may be using it. NULL is allowed. */
void feed_free(struct feed *feed);

/* Takes over the first of the `n` frames, as many as there is room for; gives how many. Producer.
 */
static inline uint32_t
feed_push(struct feed *feed, struct rte_mbuf *const *mbufs, uint32_t n)
{
	uint32_t tail = feed->tail, mask = feed->mask;
	uint32_t room = mask + 1 - (tail - feed->head_seen);

	feed->received += n;
	feed->burst += n;
	if (unlikely(room < n)) {
		feed->head_seen = __atomic_load_n(&feed->head, __ATOMIC_ACQUIRE);
		room = mask + 1 - (tail - feed->head_seen);
		feed->dropped += n - RTE_MIN(n, room);
		n = RTE_MIN(n, room);
	}
	for (uint32_t i = 0; i < n; i++)
		feed->slots[(tail + i) & mask] = mbufs[i];
	feed->tail = tail + n;
	return n;
}

/* Lets the consumer see what was pushed. Producer. */
static inline void
feed_publish(struct feed *feed)
{
	__atomic_store_n(&feed->published, feed->tail, __ATOMIC_RELEASE);
}

/* Frames to take. Consumer. */
static inline uint32_t
feed_depth(const struct feed *feed)
{
	return __atomic_load_n(&feed->published, __ATOMIC_ACQUIRE) -
	       __atomic_load_n(&feed->head, __ATOMIC_RELAXED);
}

/* How many frames more can be pushed. Who is producer and consumer. */
static inline uint32_t
feed_room(const struct feed *feed)
{
	return feed->mask + 1 - (feed->tail - feed->head);
}

/*
 * feed_depth() for any thread, as it was at some moment. The head is read first: it may go past what
 * was published a moment before, never past what is published after.
 */
static inline uint32_t
feed_queued(const struct feed *feed)
{
	uint32_t head = __atomic_load_n(&feed->head, __ATOMIC_ACQUIRE);
	uint32_t depth = __atomic_load_n(&feed->published, __ATOMIC_ACQUIRE) - head;

	return RTE_MIN(depth, feed->mask + 1);
}

/* Up to `n` frames, in order. Consumer. */
static inline uint32_t
feed_take(struct feed *feed, struct rte_mbuf **mbufs, uint32_t n)
{
	uint32_t head = feed->head;
	uint32_t depth = __atomic_load_n(&feed->published, __ATOMIC_ACQUIRE) - head;

	n = RTE_MIN(n, depth);
	/* Those that have waited long may have left the cache. */
	for (uint32_t i = 0; i < n; i++) {
		mbufs[i] = feed->slots[(head + i) & feed->mask];
		rte_prefetch0(mbufs[i]);
	}
	feed->taken += n;
	__atomic_store_n(&feed->head, head + n, __ATOMIC_RELEASE);
	return n;
}

#endif
