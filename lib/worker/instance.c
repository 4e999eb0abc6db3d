/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_malloc.h>

#include "worker/instance.h"

struct instance *
instance_create(struct vr_instance *vr, uint32_t weight, unsigned int n_feeds, int socket)
{
	struct instance *instance;

	instance = rte_zmalloc_socket("instance",
		sizeof(*instance) + n_feeds * sizeof(instance->feeds[0]), RTE_CACHE_LINE_SIZE,
		socket);
	if (instance == NULL)
		return NULL;
	sched_entity_init(&instance->entity, weight);
	instance->vr = vr;
	return instance;
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
