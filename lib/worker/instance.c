/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_malloc.h>

#include "worker/instance.h"

struct instance *
instance_create(struct vr_instance *vr, uint32_t weight, unsigned int feeds_max, int socket)
{
	struct instance *instance;

	instance = rte_zmalloc_socket("instance",
		sizeof(*instance) + feeds_max * sizeof(instance->feeds[0]), RTE_CACHE_LINE_SIZE,
		socket);
	if (instance == NULL)
		return NULL;
	sched_entity_init(&instance->entity, weight);
	instance->vr = vr;
	instance->feeds_max = (uint16_t)feeds_max;
	return instance;
}

static struct feed *
find_feed(const struct instance *instance, const void *producer, bool internal)
{
	for (uint16_t i = 0; i < instance->n_feeds; i++) {
		struct feed *feed = instance->feeds[i];

		if (feed->internal == internal && feed->producer == producer)
			return feed;
	}
	return NULL;
}

struct feed *
instance_feed(struct instance *instance, uint32_t capacity, void *consumer, const void *producer,
	bool internal, int socket)
{
	struct feed *feed = find_feed(instance, producer, internal);

	if (feed != NULL)
		return feed;
	feed = find_feed(instance, NULL, internal);
	if (feed != NULL) {
		__atomic_store_n(&feed->producer, producer, __ATOMIC_RELEASE);
		return feed;
	}
	if (instance->n_feeds == instance->feeds_max)
		return NULL;
	feed = feed_create(capacity, instance, consumer, producer, socket);
	if (feed == NULL)
		return NULL;
	/* Of one that no worker runs yet, the worker says so when it takes it up. */
	feed->local = producer == consumer && instance->attached;
	feed->internal = internal;
	instance->feeds[instance->n_feeds] = feed;
	__atomic_store_n(&instance->n_feeds, instance->n_feeds + 1, __ATOMIC_RELEASE);
	return feed;
}

void
instance_orphan_feeds(struct instance *instance, const void *producer)
{
	for (uint16_t i = 0; i < instance->n_feeds; i++) {
		struct feed *feed = instance->feeds[i];

		if (feed->producer != producer)
			continue;
		__atomic_store_n(&feed->producer, NULL, __ATOMIC_RELAXED);
		if (feed_queued(feed) == 0)
			continue;
		feed->first_until = feed->published;
		__atomic_store_n(&feed->first, true, __ATOMIC_RELEASE);
		__atomic_store_n(&instance->first_feeds, true, __ATOMIC_RELEASE);
	}
}

void
instance_set_consumer(struct instance *instance, void *consumer)
{
	for (uint16_t i = 0; i < instance->n_feeds; i++) {
		instance->feeds[i]->local = false;
		__atomic_store_n(&instance->feeds[i]->consumer, consumer, __ATOMIC_RELEASE);
	}
}

void
instance_settle_feeds(struct instance *instance, const void *worker, uint64_t *queued)
{
	uint16_t n = __atomic_load_n(&instance->n_feeds, __ATOMIC_ACQUIRE);

	for (uint16_t i = 0; i < n; i++) {
		struct feed *feed = instance->feeds[i];

		if (feed->local || __atomic_load_n(&feed->producer, __ATOMIC_ACQUIRE) != worker)
			continue;
		feed->local = true;
		*queued += feed_depth(feed);
	}
}

uint32_t
instance_take_first(struct instance *instance, struct rte_mbuf **mbufs, uint32_t n, uint64_t *local)
{
	uint16_t n_feeds = __atomic_load_n(&instance->n_feeds, __ATOMIC_ACQUIRE);
	uint32_t taken = 0;

	/* More of them may come meanwhile. */
	__atomic_store_n(&instance->first_feeds, false, __ATOMIC_SEQ_CST);
	for (uint16_t i = 0; i < n_feeds; i++) {
		struct feed *feed = instance->feeds[i];
		uint32_t left, got;

		if (!__atomic_load_n(&feed->first, __ATOMIC_ACQUIRE))
			continue;
		left = feed->first_until - feed->head;
		got = feed_take(feed, mbufs + taken, RTE_MIN(left, n - taken));
		taken += got;
		if (feed->local)
			*local -= got;
		if (got == left)
			feed->first = false;
		else
			__atomic_store_n(&instance->first_feeds, true, __ATOMIC_SEQ_CST);
	}
	return taken;
}

void
instance_free(struct instance *instance)
{
	if (instance == NULL)
		return;
	for (uint16_t i = 0; i < instance->n_feeds; i++)
		feed_free(instance->feeds[i]);
	rte_free(instance);
}
