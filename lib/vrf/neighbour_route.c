/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>

#include "vrf/l2.h"
#include "vrf/neighbour_route.h"
#include "vrf/table.h"
#include "vrf/tunnel.h"

static rte_be16_t
ether_type_of(uint8_t family)
{
	return family == IP_FAMILY_IPV4 ? RTE_BE16(RTE_ETHER_TYPE_IPV4)
	                                : RTE_BE16(RTE_ETHER_TYPE_IPV6);
}

static enum next_hop_type
type_for(enum neighbour_state state)
{
	if (state == NEIGHBOUR_INCOMPLETE || state == NEIGHBOUR_FAILED)
		return NEXT_HOP_INCOMPLETE;
	return state == NEIGHBOUR_STALE ? NEXT_HOP_STALE : NEXT_HOP_NEIGHBOUR;
}

/* Whether what is published already says so. */
static bool
says(const struct next_hop *next_hop, const struct next_hop *wanted)
{
	if (next_hop->type != wanted->type || next_hop->interface != wanted->interface ||
		next_hop->mtu != wanted->mtu)
		return false;
	if (wanted->type == NEXT_HOP_INCOMPLETE)
		return ip_address_equal(&next_hop->address, &wanted->address);
	return memcmp(next_hop->l2, wanted->l2, wanted->l2_length) == 0;
}

int
neighbour_publish(
	struct neighbour *neighbour, enum neighbour_state state, const struct rte_ether_addr *mac)
{
	struct vr *vr = neighbour->vr;
	const struct vr_interface *interface = &vr->interfaces[neighbour->interface];
	bool alone = tunnel_is_point_to_point(interface);
	const struct rte_ether_addr none = { { 0 } };
	struct next_hop wanted = { .type = alone ? NEXT_HOP_NEIGHBOUR : type_for(state),
		.interface = interface->index,
		.port = interface->port,
		.mtu = interface->mtu };
	struct next_hop *next_hop;

	if (wanted.type == NEXT_HOP_INCOMPLETE)
		wanted.address = neighbour->address;
	else
		wanted.l2_length = l2_write(wanted.l2, interface, alone ? &none : mac,
			ether_type_of(neighbour->address.family));
	if (says(vr->next_hops[neighbour->index], &wanted))
		return 0;
	next_hop = vr_next_hop_new(vr, neighbour->index, wanted.type);
	if (next_hop == NULL)
		return -ENOMEM;
	*next_hop = wanted;
	next_hop->index = neighbour->index;
	vr_next_hop_publish(vr, next_hop);
	return 0;
}

bool
neighbour_remove_route(struct neighbour *neighbour)
{
	struct ip_prefix host = ip_prefix_of_host(&neighbour->address);

	if (!neighbour->host_route)
		return true;
	if (table_delete(neighbour->vr, &host) != 0)
		return false;
	neighbour->host_route = false;
	neighbour->vr->n_uncounted[neighbour->address.family]--;
	return true;
}

/* Whether a connected subnet decides on the address, not a static route for a part of it. */
static bool
follows_subnet(const struct vr *vr, const struct ip_address *address)
{
	uint32_t index = table_cover(vr, address, ip_family_bits(address->family) - 1);

	return index >= NEXT_HOP_INDEX_INTERFACES &&
	       index - NEXT_HOP_INDEX_INTERFACES < vr->n_interfaces;
}

void
neighbour_add_route(struct neighbour *neighbour)
{
	struct ip_prefix host = ip_prefix_of_host(&neighbour->address);
	struct vr *vr = neighbour->vr;

	if (neighbour->host_route || ip_address_is_link_local(&neighbour->address) ||
		table_get(vr, &host) != LPM_NO_ROUTE || !follows_subnet(vr, &neighbour->address))
		return;
	if (table_add(vr, &host, neighbour->index) != 0)
		return;
	neighbour->host_route = true;
	vr->n_uncounted[neighbour->address.family]++;
}

static void
check_route(struct neighbour *neighbour)
{
	if (!follows_subnet(neighbour->vr, &neighbour->address))
		neighbour_remove_route(neighbour);
	else if (neighbour_is_known(neighbour))
		neighbour_add_route(neighbour);
}

static bool
check_covered(const struct neighbour *neighbour, void *context)
{
	const struct ip_prefix *prefix = context;

	if (ip_prefix_covers(prefix, &neighbour->address))
		check_route((struct neighbour *)(uintptr_t)neighbour);
	return true;
}

void
neighbour_routes_changed(struct vr *vr, const struct ip_prefix *prefix)
{
	struct neighbour *neighbour;

	if (ip_prefix_is_host(prefix)) {
		neighbour = neighbour_find(vr, NULL, &prefix->address);
		if (neighbour != NULL)
			check_route(neighbour);
		return;
	}
	/* Neighbours are in subnets only. */
	if (vr_interface_towards(vr, &prefix->address) != NULL)
		neighbour_walk(vr, check_covered, (void *)(uintptr_t)prefix);
}
