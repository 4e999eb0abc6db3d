/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_string_fns.h>

#include "vrf/control.h"
#include "vrf/pipeline.h"

static int
find_interface(void *context, const char *name)
{
	const struct vr_interface *interface = vr_interface_find(context, name);

	return interface == NULL ? -ENOENT : interface->index;
}

struct element *
pipeline_find(const struct vr *vr, const char *name)
{
	const struct pipeline *pipeline = vr->pipeline;

	for (unsigned int i = 0; pipeline != NULL && i < pipeline->n_elements; i++)
		if (strcmp(pipeline->elements[i]->name, name) == 0)
			return pipeline->elements[i];
	return NULL;
}

/* What an element holds goes as stopped. Its worker runs it no more. */
static void
drop_held(struct vr *vr, struct element *element)
{
	struct rte_mbuf *mbufs[PACKET_BURST_MAX];
	uint64_t tags[PACKET_BURST_MAX];
	struct element_burst burst = {
		.side = ELEMENT_EGRESS, .mbufs = mbufs, .tags = tags, .now = ELEMENT_NEVER
	};

	while (element->type->release != NULL &&
		(burst.n = element->type->release(element, &burst)) > 0) {
		for (unsigned int i = 0; i < burst.n; i++) {
			enum vr_class class = pipeline_tx(mbufs[i], tags[i]).class;

			control_drop(vr, mbufs[i],
				class == VR_CLASS_FRAGMENT ? VR_CLASS_ORIGINATED : class,
				VR_DROP_STOPPED);
		}
	}
}

static void
release_element(struct vr *vr, struct element *element)
{
	if (--element->users > 0)
		return;
	drop_held(vr, element);
	free(element->config);
	element->type->destroy(element);
}

static void
free_pipeline(struct pipeline *pipeline)
{
	for (unsigned int i = 0; i < pipeline->n_elements; i++)
		release_element(pipeline->vr, pipeline->elements[i]);
	rte_free(pipeline);
}

static void
free_retired(struct reclaim_node *node)
{
	free_pipeline(RTE_PTR_SUB(node, offsetof(struct pipeline, reclaim)));
}

void
pipeline_free(struct vr *vr)
{
	if (vr->pipeline != NULL)
		free_pipeline((struct pipeline *)(uintptr_t)vr->pipeline);
	vr->pipeline = NULL;
}

void
pipeline_drop_held(struct vr *vr)
{
	for (unsigned int i = 0; vr->pipeline != NULL && i < vr->pipeline->n_elements; i++)
		drop_held(vr, vr->pipeline->elements[i]);
}

void
pipeline_poll(struct vr *vr, uint64_t now)
{
	for (unsigned int i = 0; vr->pipeline != NULL && i < vr->pipeline->n_elements; i++) {
		struct element *element = vr->pipeline->elements[i];

		if (element->type->poll != NULL)
			element->type->poll(element, now);
	}
}

size_t
pipeline_memory(const struct vr *vr)
{
	const struct pipeline *pipeline = vr->pipeline;
	size_t memory = pipeline == NULL ? 0 : sizeof(*pipeline);

	for (unsigned int i = 0; pipeline != NULL && i < pipeline->n_elements; i++)
		memory += pipeline->elements[i]->memory;
	return memory;
}

static bool
is_same(const struct element *element, const struct element_config *config,
	const struct pipeline_spec *spec)
{
	return element != NULL && element->type == config->type &&
	       strcmp(element->config, config->json) == 0 &&
	       (spec->renew == NULL || strcmp(spec->renew, config->name) != 0);
}

/* The old element where nothing has changed, or a new one; NULL with the reason. */
static struct element *
make_element(struct vr *vr, const struct element_config *config, const struct pipeline_spec *spec,
	uint64_t memory_used, char error[VR_ERROR_SIZE])
{
	struct element *old = pipeline_find(vr, config->name);
	struct element_params params = { .config = config,
		.router = vr->name,
		.find_interface = find_interface,
		.context = vr,
		.pool = vr->pool,
		.hz = vr->hz,
		.socket = vr->socket,
		.memory_limit = spec->memory_limit,
		.memory_used = memory_used };
	char why[ELEMENT_ERROR_SIZE] = "no memory";
	struct element *element;
	char *json;

	if (is_same(old, config, spec)) {
		old->users++;
		return old;
	}
	params.previous = old != NULL && old->type == config->type ? old : NULL;
	json = strdup(config->json);
	element = json == NULL ? NULL : config->type->create(&params, why);
	if (element == NULL) {
		snprintf(error, VR_ERROR_SIZE, "router %s: element %s: %s", vr->name, config->name,
			why);
		free(json);
		return NULL;
	}
	element->type = config->type;
	memcpy(element->process, config->type->process, sizeof(element->process));
	element->config = json;
	element->users = 1;
	element->memory = params.memory_used - memory_used;
	if (element->type->release == NULL)
		element->due = ELEMENT_NEVER;
	strlcpy(element->name, config->name, sizeof(element->name));
	return element;
}

static bool
make_elements(
	struct pipeline *pipeline, const struct pipeline_spec *spec, char error[VR_ERROR_SIZE])
{
	uint64_t memory_used = 0;

	for (unsigned int i = 0; i < spec->n_elements; i++) {
		struct element *element =
			make_element(pipeline->vr, spec->elements[i], spec, memory_used, error);

		if (element == NULL)
			return false;
		memory_used += element->memory;
		pipeline->elements[pipeline->n_elements++] = element;
	}
	return true;
}

static struct pipeline *
make_pipeline(struct vr *vr, const struct pipeline_spec *spec, char error[VR_ERROR_SIZE])
{
	struct pipeline *pipeline =
		rte_zmalloc_socket("pipeline", sizeof(*pipeline), RTE_CACHE_LINE_SIZE, vr->socket);

	snprintf(error, VR_ERROR_SIZE, "router %s: no memory for its pipeline", vr->name);
	if (pipeline == NULL)
		return NULL;
	pipeline->vr = vr;
	if (!make_elements(pipeline, spec, error)) {
		free_pipeline(pipeline);
		return NULL;
	}
	for (unsigned int s = 0; s < ELEMENT_SIDES; s++) {
		pipeline->n[s] = (uint16_t)spec->n[s];
		for (unsigned int i = 0; i < spec->n[s]; i++)
			pipeline->sides[s][i] = pipeline->elements[spec->order[s][i]];
	}
	for (unsigned int i = 0; i < pipeline->n_elements; i++) {
		pipeline->rewrites |= pipeline->elements[i]->type->rewrites;
		pipeline->holds |= pipeline->elements[i]->type->release != NULL;
	}
	return pipeline;
}

int
pipeline_set(struct vr *vr, const struct pipeline_spec *spec, char error[VR_ERROR_SIZE])
{
	struct pipeline *old = (struct pipeline *)(uintptr_t)vr->pipeline;
	struct pipeline *pipeline = NULL;

	if (spec->n_elements > 0) {
		pipeline = make_pipeline(vr, spec, error);
		if (pipeline == NULL)
			return -EINVAL;
	}
	__atomic_store_n(&vr->pipeline, pipeline, __ATOMIC_RELEASE);
	if (old != NULL)
		reclaim_retire(vr->reclaim, &old->reclaim, free_retired);
	return 0;
}
