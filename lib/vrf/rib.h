/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_RIB_H
#define VRF_RIB_H

#include <stdbool.h>

#include "vrf/vr.h"

/*
 * Of the routes to one prefix, the one that the table has: the nearest (smallest distance) that
 * can be used, because the interface it leads out of is up. The others stand by.
 *
 * Nearly every prefix has one route, of its source's own distance, and it is in the table: of these
 * the table itself is all the memory there is. Only where there is more to say (several routes,
 * another distance, not in the table) there are struct rib_route for all routes to the prefix.
 * Addresses of the router, broadcast addresses and host routes of neighbours are not kept here.
 *
 * All functions are for the control thread.
 */

#define RIB_CANDIDATES_MAX 16 /* routes to one prefix */

struct rib_route {
	LIST_ENTRY(rib_route) link;
	struct ip_prefix prefix;
	uint8_t source;   /* enum vr_route_source */
	uint8_t distance; /* with the source, what tells it from others to the prefix */
	bool active;      /* in the table */
	uint32_t index;   /* of its next hop */
};

/*
 * A route more, whose next hop the caller holds. -ENOSPC: max_routes, or too many to the prefix;
 * -ENOMEM; all is then as it was.
 */
int rib_add(struct vr *vr, const struct rib_route *route);

/* Another next hop for a route that is there. -ENOMEM; all is then as it was. */
int rib_replace(struct vr *vr, const struct rib_route *route, uint32_t index);

/* The caller releases its next hop afterwards. -ENOMEM; the route is then still there. */
int rib_remove(struct vr *vr, const struct rib_route *route);

/* Routes of the family that count against max_routes. */
static inline uint32_t
rib_count(const struct vr *vr, uint8_t family)
{
	return lpm_count(vr->tables[family]) - vr->n_uncounted[family] + vr->n_standby[family];
}

/* Copies the routes to a prefix; gives how many. */
unsigned int rib_candidates(const struct vr *vr, const struct ip_prefix *prefix,
	struct rib_route candidates[RIB_CANDIDATES_MAX]);

/* Whether a route to this next hop can be used: the interface it leads out of is up. */
bool rib_usable(const struct vr *vr, uint32_t index);

/* An interface has gone up or down. -ENOMEM: not all routes have followed. */
int rib_interfaces_changed(struct vr *vr);

/* The routes that are not in the table, in order; to be freed. NULL: no memory. */
struct rib_route *rib_standby(const struct vr *vr, uint32_t *n);

/* Frees all at once. For vr_free(). */
void rib_free_all(struct vr *vr);

#endif
