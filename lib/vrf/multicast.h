/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_MULTICAST_H
#define VRF_MULTICAST_H

#include "vrf/instance.h"

/*
 * Multicast routes: packets of a source (or of any) to a group, that come in by one interface, go
 * out of others. Groups of one link are never routed (RFC 5771 4, RFC 4291 2.7). There are at most
 * a few hundred: changing one makes the whole table anew.
 */

#define MULTICAST_OUT_MAX 64
#define MULTICAST_ROUTES_MAX 1024 /* of a router */

struct multicast_route {
	struct ip_address group;
	struct ip_address source; /* of the group's family; zero: any, where no other is for it */
	uint16_t in;              /* interface that packets must come by */
	uint16_t n_out;
	uint16_t out[MULTICAST_OUT_MAX]; /* others */
};

/*
 * -EEXIST, -ENOSPC, -EINVAL, -ENOMEM with the reason in `error`; nothing has then changed. Control
 * thread.
 */
int multicast_add(struct vr *vr, const struct multicast_route *route, char error[VR_ERROR_SIZE]);

/* -ENOENT, -ENOMEM. Control thread. */
int multicast_delete(struct vr *vr, const struct ip_address *group, const struct ip_address *source,
	char error[VR_ERROR_SIZE]);

/* In order of group, then source. The routes are the router's until the next change. */
const struct multicast_route *multicast_routes(const struct vr *vr, uint32_t *n);

/* Bytes held. Control thread. */
size_t multicast_memory(const struct vr *vr);

/* Frees all at once. For vr_free(). */
void multicast_free_all(struct vr *vr);

/*
 * Takes a packet for a group that the router is not in itself: copies go out by the route there is,
 * or it is dropped. Its header has been validated. Worker.
 */
void multicast_forward(
	struct vr_instance *instance, struct rte_mbuf *mbuf, struct vr_output *output);

#endif
