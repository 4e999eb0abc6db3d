/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_PIPELINE_H
#define VRF_PIPELINE_H

#include "element/element.h"
#include "vrf/instance.h"

/*
 * The elements of a router in their order, before the look-up and behind it. Immutable once workers
 * can see it: a change is a new pipeline that shares the elements that stay. Each element is timed
 * and counted burst by burst.
 */

#define PIPELINE_ELEMENTS_MAX 32

struct pipeline {
	/* Read for each burst. */
	uint16_t n[ELEMENT_SIDES];
	bool rewrites; /* some ingress element may change destinations */
	bool holds;    /* some egress element may hold packets */
	struct element *sides[ELEMENT_SIDES][PIPELINE_ELEMENTS_MAX];

	unsigned int n_elements;
	struct element *elements[PIPELINE_ELEMENTS_MAX]; /* each once, in the order of the config */
	struct vr *vr;
	struct reclaim_node reclaim;
};

/* Control thread */

/* A pipeline to be, of at most PIPELINE_ELEMENTS_MAX. Its arrays are the caller's. */
struct pipeline_spec {
	const struct element_config *const *elements;
	unsigned int n_elements;
	const uint16_t *order[ELEMENT_SIDES]; /* indexes of `elements` */
	unsigned int n[ELEMENT_SIDES];
	uint64_t memory_limit; /* bytes */
	/* Made anew even if its config is the same (its files may not be); NULL: none. */
	const char *renew;
};

/*
 * Gives the router this pipeline: elements whose name and config are as before stay as they are,
 * all others are made. 0; or a negative errno with the reason in `error`, and all is as it was.
 */
int pipeline_set(struct vr *vr, const struct pipeline_spec *spec, char error[VR_ERROR_SIZE]);

/* Of the router that goes; no worker knows it. */
void pipeline_free(struct vr *vr);

/* Drops as stopped what elements hold; its worker has stopped. */
void pipeline_drop_held(struct vr *vr);

/* The element of this name, or NULL. */
struct element *pipeline_find(const struct vr *vr, const char *name);

/* Bytes that count against its limit, and its own. */
size_t pipeline_memory(const struct vr *vr);

/* What elements have to do on the control thread. */
void pipeline_poll(struct vr *vr, uint64_t now);

/* Elements know a frame at egress by its mbuf and a tag, which is what is behind it in a vr_tx. */
static inline uint64_t
pipeline_tag(const struct vr_tx *tx)
{
	uint64_t tag;

	memcpy(&tag, &tx->port, sizeof(tag));
	return tag;
}

static inline struct vr_tx
pipeline_tx(struct rte_mbuf *mbuf, uint64_t tag)
{
	struct vr_tx tx = { .mbuf = mbuf };

	memcpy(&tx.port, &tag, sizeof(tag));
	return tx;
}

static_assert(sizeof(struct vr_tx) == offsetof(struct vr_tx, port) + sizeof(uint64_t),
	"a frame is an mbuf and its tag");

/* Worker */

static inline const struct pipeline *
pipeline_of(const struct vr_instance *instance)
{
	return __atomic_load_n(&instance->vr->pipeline, __ATOMIC_CONSUME);
}

/* Runs packets of a family through the ingress elements; gives how many go on, now the first ones.
 */
unsigned int pipeline_ingress(struct vr_instance *instance, const struct pipeline *pipeline,
	uint8_t family, struct rte_mbuf **mbufs, unsigned int n);

/* The same for one that takes no burst's way, if there is a pipeline. False: it is gone. */
bool pipeline_ingress_one(struct vr_instance *instance, struct rte_mbuf *mbuf);

/* Runs what is in the output, and what elements held until now, through the egress elements. */
void pipeline_egress(
	struct vr_instance *instance, const struct pipeline *pipeline, struct vr_output *output);

#endif
