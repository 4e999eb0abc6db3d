/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>

#include "vrf/multipath.h"
#include "vrf/neighbour.h"
#include "vrf/route_view.h"
#include "vrf/table.h"

const char *
vr_route_type_name(enum vr_route_type type)
{
	static const char *const names[] = {
		[VR_ROUTE_VIA] = "via",
		[VR_ROUTE_CONNECTED] = "connected",
		[VR_ROUTE_LOCAL] = "local",
		[VR_ROUTE_BROADCAST] = "broadcast",
		[VR_ROUTE_BLACKHOLE] = "blackhole",
		[VR_ROUTE_UNREACHABLE] = "unreachable",
		[VR_ROUTE_PROHIBIT] = "prohibit",
		[VR_ROUTE_NEIGHBOUR] = "neighbour",
	};

	return names[type];
}

static void
describe_vias(const struct multipath *multipath, struct vr_route *route)
{
	route->type = VR_ROUTE_VIA;
	route->n_vias = multipath->n_vias;
	route->vias = multipath->vias;
}

static void
describe_via(const struct vr *vr, const struct neighbour *neighbour, struct vr_route *route)
{
	route->type = VR_ROUTE_VIA;
	route->n_vias = 1;
	route->via = neighbour->address;
	route->interface = &vr->interfaces[neighbour->interface];
	if (ip_prefix_is_host(&route->prefix) &&
		ip_address_equal(&route->prefix.address, &route->via))
		route->type = VR_ROUTE_NEIGHBOUR;
}

/* What a next hop says of the routes to it. */
static void
describe_index(const struct vr *vr, uint32_t index, struct vr_route *route)
{
	static const uint8_t types[] = {
		[NEXT_HOP_CONNECTED] = VR_ROUTE_CONNECTED,
		[NEXT_HOP_LOCAL] = VR_ROUTE_LOCAL,
		[NEXT_HOP_BROADCAST] = VR_ROUTE_BROADCAST,
		[NEXT_HOP_BLACKHOLE] = VR_ROUTE_BLACKHOLE,
		[NEXT_HOP_UNREACHABLE] = VR_ROUTE_UNREACHABLE,
		[NEXT_HOP_PROHIBIT] = VR_ROUTE_PROHIBIT,
	};
	const struct next_hop *next_hop = vr->next_hops[index];

	switch ((enum next_hop_type)next_hop->type) {
	case NEXT_HOP_NEIGHBOUR:
	case NEXT_HOP_STALE:
	case NEXT_HOP_INCOMPLETE:
		describe_via(vr, vr->owners[index].neighbour, route);
		return;
	case NEXT_HOP_GROUP:
	case NEXT_HOP_NO_ROUTE:
		describe_vias(vr->owners[index].multipath, route);
		return;
	case NEXT_HOP_CONNECTED:
		route->interface = &vr->interfaces[next_hop->interface];
		/* fall through */
	default:
		route->type = types[next_hop->type];
	}
}

struct vr_route
route_describe(const struct vr *vr, const struct rib_route *candidate)
{
	struct vr_route route = { .prefix = candidate->prefix,
		.source = candidate->source,
		.distance = candidate->distance };

	describe_index(vr, candidate->index, &route);
	if (!candidate->active)
		route.standby =
			rib_usable(vr, candidate->index) ? VR_STANDBY_FARTHER : VR_STANDBY_DOWN;
	return route;
}

struct vr_route
route_describe_active(const struct vr *vr, const struct ip_prefix *prefix, uint32_t index)
{
	struct rib_route candidates[RIB_CANDIDATES_MAX];
	unsigned int n = rib_candidates(vr, prefix, candidates);
	struct vr_route route = { .prefix = *prefix };

	for (unsigned int i = 0; i < n; i++)
		if (candidates[i].active && candidates[i].index == index)
			return route_describe(vr, &candidates[i]);
	describe_index(vr, index, &route);
	return route;
}

bool
vr_route_find(const struct vr *vr, const struct ip_prefix *prefix, enum vr_route_source source,
	uint8_t distance, struct vr_route *route)
{
	struct rib_route candidates[RIB_CANDIDATES_MAX];
	unsigned int n = rib_candidates(vr, prefix, candidates);

	for (unsigned int i = 0; i < n; i++) {
		if (candidates[i].source != source || candidates[i].distance != distance)
			continue;
		*route = route_describe(vr, &candidates[i]);
		return true;
	}
	return false;
}

struct walk {
	const struct vr *vr;
	vr_route_fn fn;
	void *context;
};

static bool
walk_one(const struct ip_prefix *prefix, uint32_t index, void *context)
{
	const struct walk *walk = context;
	struct vr_route route = route_describe_active(walk->vr, prefix, index);

	return walk->fn(&route, walk->context);
}

void
vr_route_walk_from(
	const struct vr *vr, const struct ip_prefix *prefix, vr_route_fn fn, void *context)
{
	struct walk walk = { vr, fn, context };

	table_walk_from(vr, prefix, walk_one, &walk);
}

void
vr_route_walk(const struct vr *vr, vr_route_fn fn, void *context)
{
	static const struct ip_prefix first = { .address.family = IP_FAMILY_IPV4 };

	vr_route_walk_from(vr, &first, fn, context);
}

int
vr_route_walk_standby(const struct vr *vr, vr_route_fn fn, void *context)
{
	uint32_t n;
	struct rib_route *candidates = rib_standby(vr, &n);

	if (candidates == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		struct vr_route route = route_describe(vr, &candidates[i]);

		if (!fn(&route, context))
			break;
	}
	free(candidates);
	return 0;
}
