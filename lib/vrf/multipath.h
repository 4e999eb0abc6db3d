/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_MULTIPATH_H
#define VRF_MULTIPATH_H

#include <stdbool.h>
#include <stdint.h>

#include "vrf/vr.h"

/*
 * Several gateways behind one next hop, each with a weight. A flow's hash picks a bucket, the
 * bucket a gateway. Buckets are given out in proportion to the weights (largest remainders); when
 * gateways come and go, only as many change hands as must: a flow whose gateway stays, stays on it
 * ("resilient hashing"). A gateway whose interface is down has no buckets.
 *
 * Routes with the same gateways share one. All functions are for the control thread.
 */

#define MULTIPATH_VIAS_MAX 64
#define MULTIPATH_WEIGHT_MAX 256
#define MULTIPATH_BUCKETS_MIN 256
#define MULTIPATH_BUCKETS_MAX 4096

struct multipath {
	LIST_ENTRY(multipath) link;
	struct reclaim_node reclaim;
	struct vr *vr;
	uint32_t index; /* of its next hop */
	uint32_t n_routes;
	uint32_t n_buckets; /* a power of two */
	uint16_t n_vias;
	struct vr_via *vias;
	struct neighbour **neighbours; /* of the vias */
	uint16_t buckets[];            /* which of the vias */
};

/*
 * The one for these gateways, held for one route more, made if needed. Where `from` is not NULL,
 * its flows stay where they are as far as they can. NULL: limit or no memory (rte_errno).
 */
struct multipath *multipath_hold(
	struct vr *vr, const struct vr_via *vias, uint16_t n_vias, const struct multipath *from);
void multipath_release(struct multipath *multipath);

/* Whether any of its gateways is on an interface that is up. */
bool multipath_usable(const struct multipath *multipath);

/*
 * An interface has gone up or down: gateways on it get buckets or lose theirs. What there is no
 * memory for stays as it was; then false.
 */
bool multipath_interface_changed(struct vr *vr, const struct vr_interface *interface);

/* Frees every one at once. For vr_free(). */
void multipath_free_all(struct vr *vr);

#endif
