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

struct feed *
instance_internal_feed(struct instance *instance, uint32_t capacity, void *consumer,
	const void *producer, int socket)
{
	struct feed *feed;

	for (uint16_t i = 0; i < instance->n_feeds; i++)
		if (instance->feeds[i]->internal && instance->feeds[i]->producer == producer)
			return instance->feeds[i];
	if (instance->n_feeds == instance->feeds_max)
		return NULL;
	feed = feed_create(capacity, instance, consumer, producer, socket);
	if (feed == NULL)
		return NULL;
	feed->internal = true;
	instance->feeds[instance->n_feeds] = feed;
	__atomic_store_n(&instance->n_feeds, instance->n_feeds + 1, __ATOMIC_RELEASE);
	return feed;
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
