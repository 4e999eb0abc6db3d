/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>

#include <rte_mempool.h>
#include <sanitizer/asan_interface.h>

#include "guard.h"

/* A ring of buffers, first in, first out. */
struct resting {
	unsigned int size;
	unsigned int n;
	unsigned int first;
	void *buffers[];
};

static struct rte_mempool *guarded;
static bool starving;

static int
allocate(struct rte_mempool *pool)
{
	struct resting *resting = calloc(1, sizeof(*resting) + pool->size * sizeof(void *));

	if (resting == NULL)
		return -ENOMEM;
	resting->size = pool->size;
	pool->pool_data = resting;
	return 0;
}

static void
release(struct rte_mempool *pool)
{
	free(pool->pool_data);
}

static void
poison(const struct rte_mempool *pool, struct rte_mbuf *mbuf)
{
	ASAN_POISON_MEMORY_REGION(mbuf, pool->elt_size);
}

static void
unpoison(const struct rte_mempool *pool, struct rte_mbuf *mbuf)
{
	ASAN_UNPOISON_MEMORY_REGION(mbuf, pool->elt_size);
}

static int
enqueue(struct rte_mempool *pool, void *const *buffers, unsigned int n)
{
	struct resting *resting = pool->pool_data;

	if (n > resting->size - resting->n)
		return -ENOBUFS;
	for (unsigned int i = 0; i < n; i++) {
		struct rte_mbuf *mbuf = buffers[i];

		resting->buffers[(resting->first + resting->n++) % resting->size] = mbuf;
		if (guarded != pool)
			continue;
		mbuf->buf_len = rte_pktmbuf_data_room_size(pool);
		poison(pool, mbuf);
	}
	return 0;
}

static int
dequeue(struct rte_mempool *pool, void **buffers, unsigned int n)
{
	struct resting *resting = pool->pool_data;

	if (n > resting->n || starving)
		return -ENOBUFS;
	for (unsigned int i = 0; i < n; i++) {
		buffers[i] = resting->buffers[resting->first];
		resting->first = (resting->first + 1) % resting->size;
		resting->n--;
		if (guarded == pool)
			unpoison(pool, buffers[i]);
	}
	return 0;
}

static unsigned int
count(const struct rte_mempool *pool)
{
	const struct resting *resting = pool->pool_data;

	return resting->n;
}

static const struct rte_mempool_ops ops = {
	.name = GUARD_OPS,
	.alloc = allocate,
	.free = release,
	.enqueue = enqueue,
	.dequeue = dequeue,
	.get_count = count,
};

RTE_MEMPOOL_REGISTER_OPS(ops);

void
guard_start(struct rte_mempool *pool)
{
	const struct resting *resting = pool->pool_data;

	guarded = pool;
	for (unsigned int i = 0; i < resting->n; i++)
		poison(pool, resting->buffers[(resting->first + i) % resting->size]);
}

void
guard_stop(void)
{
	const struct resting *resting = guarded->pool_data;

	for (unsigned int i = 0; i < resting->n; i++)
		unpoison(guarded, resting->buffers[(resting->first + i) % resting->size]);
	guarded = NULL;
}

void
guard_starve(bool starved)
{
	starving = starved;
}

void
guard_fit(struct rte_mbuf *mbuf, uint16_t room)
{
	for (; mbuf != NULL; mbuf = mbuf->next) {
		uint16_t end = mbuf->data_off + mbuf->data_len;
		uint16_t whole = mbuf->buf_len;

		if (room >= whole - end)
			continue;
		mbuf->buf_len = end + room;
		ASAN_POISON_MEMORY_REGION(
			(char *)mbuf->buf_addr + mbuf->buf_len, whole - mbuf->buf_len);
	}
}
