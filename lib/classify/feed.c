/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_malloc.h>

#include "classify/feed.h"

struct feed *
feed_create(uint32_t capacity, void *instance, void *consumer, const void *producer, int socket)
{
	struct feed *feed;

	feed = rte_zmalloc_socket("feed", sizeof(*feed) + capacity * sizeof(feed->slots[0]),
		RTE_CACHE_LINE_SIZE, socket);
	if (feed == NULL)
		return NULL;
	feed->mask = capacity - 1;
	feed->instance = instance;
	feed->consumer = consumer;
	feed->producer = producer;
	feed->local = producer == consumer;
	return feed;
}

void
feed_free(struct feed *feed)
{
	struct rte_mbuf *mbuf;

	if (feed == NULL)
		return;
	feed_publish(feed);
	while (feed_take(feed, &mbuf, 1) == 1)
		rte_pktmbuf_free(mbuf);
	rte_free(feed);
}
