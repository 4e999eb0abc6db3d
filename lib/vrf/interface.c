/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <string.h>

#include <rte_malloc.h>

#include "vrf/interface.h"
#include "vrf/multipath.h"
#include "vrf/neighbour.h"
#include "vrf/neighbour_route.h"
#include "vrf/own_address.h"
#include "vrf/rib.h"
#include "vrf/table.h"
#include "vrf/tunnel.h"

#define LINK_LOCAL_DEPTH 64

/* Of the MAC, as modified EUI-64 (RFC 4291 appendix A). */
static struct ip_address
make_link_local(const struct rte_ether_addr *mac)
{
	const uint8_t *m = mac->addr_bytes;
	uint8_t bytes[16] = { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, m[0] ^ 2, m[1], m[2], 0xff, 0xfe, m[3],
		m[4], m[5] };

	return ip_address_of_ipv6(bytes);
}

/*
 * A tunnel between IPv4 addresses has that of its end for an identifier (RFC 4213 3.7), so that
 * both ends have others.
 */
static struct ip_address
make_tunnel_link_local(const struct vr_interface *interface)
{
	const struct tunnel_params *params = interface->tunnel_params;
	uint8_t bytes[16] = { 0xfe, 0x80 };

	if (params->type == TUNNEL_VXLAN || params->local.family == IP_FAMILY_IPV6)
		return make_link_local(&interface->mac);
	memcpy(bytes + 12, params->local.bytes, 4);
	return ip_address_of_ipv6(bytes);
}

/* Counts what speaks IPv6 and gives the link-local address among the others, if there is one. */
static const struct ip_address *
find_link_local(struct vr_interface *interface)
{
	for (uint16_t i = 0; i < interface->n_addresses; i++) {
		const struct ip_address *address = &interface->addresses[i].address;

		interface->ipv6 |= address->family == IP_FAMILY_IPV6;
		if (ip_address_is_link_local(address))
			return address;
	}
	return NULL;
}

static int
copy_interface(struct vr *vr, struct vr_interface *interface, const struct ip_prefix *addresses)
{
	size_t size = interface->n_addresses * sizeof(*addresses);
	const struct ip_address *given;

	/* One more, so that there is room for a link-local one. */
	interface->addresses =
		rte_malloc_socket("vr_addresses", size + sizeof(*addresses), 0, vr->socket);
	if (interface->addresses == NULL)
		return -ENOMEM;
	interface->address_states = rte_calloc_socket("vr_address_states",
		interface->n_addresses + 1u, sizeof(*interface->address_states), 0, vr->socket);
	if (interface->address_states == NULL)
		return -ENOMEM;
	memcpy(interface->addresses, addresses, size);
	given = find_link_local(interface);
	if (given != NULL) {
		interface->link_local = *given;
	} else if (interface->ipv6) {
		interface->link_local = interface->tunnel_params != NULL
		                                ? make_tunnel_link_local(interface)
		                                : make_link_local(&interface->mac);
		interface->addresses[interface->n_addresses++] =
			(struct ip_prefix){ interface->link_local, LINK_LOCAL_DEPTH };
	}
	return 0;
}

static void
note_octet(struct vr *vr, const struct ip_address *address)
{
	vr->broadcast_octets[address->bytes[3]] = 1;
}

/* Of the subnets that have broadcast addresses: a /31 has none (RFC 3021). */
static void
note_broadcasts(struct vr *vr, const struct vr_interface *interface)
{
	for (uint16_t i = 0; i < interface->n_addresses; i++) {
		const struct ip_prefix *subnet = &interface->addresses[i];
		struct ip_address first, last;

		if (subnet->address.family != IP_FAMILY_IPV4 || subnet->depth > 30)
			continue;
		first = ip_address_network(&subnet->address, subnet->depth);
		last = ip_address_last(&subnet->address, subnet->depth);
		note_octet(vr, &first);
		note_octet(vr, &last);
	}
}

static int
copy_advertisement(struct vr *vr, struct vr_interface *interface)
{
	const struct vr_advertisement *given = interface->advertisement;
	struct vr_advertisement *copy;
	size_t size;

	interface->advertisement = NULL;
	if (given == NULL)
		return 0;
	size = sizeof(*given) + given->n_prefixes * sizeof(given->prefixes[0]);
	copy = rte_malloc_socket("vr_advertisement", size, 0, vr->socket);
	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, given, size);
	interface->advertisement = copy;
	return 0;
}

int
interfaces_copy(struct vr *vr, const struct vr_params *params)
{
	/* One more, so that a router without interfaces has memory too. */
	vr->interfaces = rte_calloc_socket("vr_interfaces", params->n_interfaces + 1,
		sizeof(*vr->interfaces), RTE_CACHE_LINE_SIZE, vr->socket);
	if (vr->interfaces == NULL)
		return -ENOMEM;
	for (uint16_t i = 0; i < params->n_interfaces; i++) {
		struct vr_interface *interface = &vr->interfaces[i];

		*interface = params->interfaces[i];
		interface->index = i;
		interface->ipv6 = false;
		interface->addresses = NULL;
		interface->address_states = NULL;
		interface->tunnel = NULL;
		interface->enabled = true;
		interface->up = true;
		vr->n_interfaces++;
		if (copy_advertisement(vr, interface) != 0 ||
			copy_interface(vr, interface, params->interfaces[i].addresses) != 0)
			return -ENOMEM;
		note_broadcasts(vr, interface);
	}
	return 0;
}

void
interfaces_free(struct vr *vr)
{
	for (uint16_t i = 0; i < vr->n_interfaces; i++) {
		rte_free(vr->interfaces[i].addresses);
		rte_free(vr->interfaces[i].address_states);
		rte_free((void *)(uintptr_t)vr->interfaces[i].advertisement);
	}
	rte_free(vr->interfaces);
}

const struct vr_interface *
vr_interface_find(const struct vr *vr, const char *name)
{
	for (uint16_t i = 0; i < vr->n_interfaces; i++)
		if (strcmp(vr->interfaces[i].name, name) == 0)
			return &vr->interfaces[i];
	return NULL;
}

const struct ip_prefix *
vr_interface_subnet(const struct vr_interface *interface, const struct ip_address *address)
{
	const struct ip_prefix *best = NULL;

	for (uint16_t i = 0; i < interface->n_addresses; i++) {
		const struct ip_prefix *subnet = &interface->addresses[i];

		if ((best == NULL || subnet->depth > best->depth) &&
			ip_prefix_covers(subnet, address))
			best = subnet;
	}
	return best;
}

static bool
may_use(const struct vr_interface *interface, const struct ip_prefix *own)
{
	return own_address_state(interface, (uint16_t)(own - interface->addresses)) ==
	       OWN_ADDRESS_PREFERRED;
}

const struct ip_address *
vr_interface_source(const struct vr_interface *interface, const struct ip_address *address)
{
	const struct ip_prefix *own = vr_interface_subnet(interface, address);

	if (own != NULL && may_use(interface, own))
		return &own->address;
	if (address->family == IP_FAMILY_IPV6 && interface->ipv6 &&
		vr_interface_may_use(interface, &interface->link_local))
		return &interface->link_local;
	return NULL;
}

static const struct ip_address *
first_address(const struct vr_interface *interface, uint8_t family)
{
	for (uint16_t i = 0; i < interface->n_addresses; i++) {
		const struct ip_address *address = &interface->addresses[i].address;

		if (address->family == family && !ip_address_is_link_local(address) &&
			may_use(interface, &interface->addresses[i]))
			return address;
	}
	return NULL;
}

const struct ip_address *
vr_address_towards(const struct vr *vr, uint16_t index, const struct ip_address *towards)
{
	const struct vr_interface *interface = &vr->interfaces[index];
	const struct ip_prefix *subnet = vr_interface_subnet(interface, towards);
	const struct ip_address *address;

	address = subnet != NULL ? vr_interface_source(interface, towards) : NULL;
	if (address != NULL)
		return address;
	address = first_address(interface, towards->family);
	for (uint16_t i = 0; address == NULL && i < vr->n_interfaces; i++)
		address = first_address(&vr->interfaces[i], towards->family);
	if (address == NULL && towards->family == IP_FAMILY_IPV6 && interface->ipv6 &&
		vr_interface_may_use(interface, &interface->link_local))
		address = &interface->link_local;
	return address;
}

const struct vr_interface *
vr_interface_towards(const struct vr *vr, const struct ip_address *address)
{
	const struct vr_interface *best = NULL;
	const struct ip_prefix *subnet;
	uint8_t depth = 0;

	if (ip_address_is_link_local(address))
		return NULL;
	for (uint16_t i = 0; i < vr->n_interfaces; i++) {
		subnet = vr_interface_subnet(&vr->interfaces[i], address);
		if (subnet != NULL && subnet->depth > depth) {
			best = &vr->interfaces[i];
			depth = subnet->depth;
		}
	}
	return best;
}

void
vr_interface_note_up(struct vr *vr, uint16_t index, bool up)
{
	struct vr_interface *interface = &vr->interfaces[index];
	bool was_up = interface->up;

	interface->up = up;
	interface->changed = true;
	if (up && !was_up)
		own_address_restart(vr, interface);
}

int
vr_interfaces_follow(struct vr *vr)
{
	bool whole = true;

	for (uint16_t i = 0; i < vr->n_interfaces; i++) {
		struct vr_interface *interface = &vr->interfaces[i];

		if (!interface->changed)
			continue;
		interface->changed = !multipath_interface_changed(vr, interface);
		whole &= !interface->changed;
	}
	return rib_interfaces_changed(vr) != 0 || !whole ? -ENOMEM : 0;
}

int
vr_interface_set_up(struct vr *vr, uint16_t index, bool up)
{
	vr_interface_note_up(vr, index, up);
	return vr_interfaces_follow(vr);
}

bool
vr_interface_has(const struct vr_interface *interface, const struct ip_address *address)
{
	for (uint16_t i = 0; i < interface->n_addresses; i++)
		if (ip_address_equal(&interface->addresses[i].address, address))
			return true;
	return false;
}

bool
vr_interface_may_use(const struct vr_interface *interface, const struct ip_address *address)
{
	for (uint16_t i = 0; i < interface->n_addresses; i++)
		if (ip_address_equal(&interface->addresses[i].address, address))
			return may_use(interface, &interface->addresses[i]);
	return false;
}

struct mtu_change {
	const struct vr_interface *interface;
	bool failed;
};

/* Its next hop knows the MTU; in each state but the first two it has a MAC. */
static bool
publish_mtu(const struct neighbour *neighbour, void *context)
{
	struct mtu_change *change = context;

	if (neighbour->interface == change->interface->index &&
		neighbour_publish((struct neighbour *)(uintptr_t)neighbour, neighbour->state,
			&neighbour->mac) != 0)
		change->failed = true;
	return true;
}

int
vr_interface_set_mtu(struct vr *vr, uint16_t index, uint16_t mtu)
{
	struct vr_interface *interface = &vr->interfaces[index];
	struct mtu_change change = { .interface = interface };
	uint32_t place = NEXT_HOP_INDEX_INTERFACES + index;
	const struct next_hop *old = vr->next_hops[place];
	struct next_hop *next_hop;

	__atomic_store_n(&interface->mtu, mtu, __ATOMIC_RELAXED);
	next_hop = vr_next_hop_new(vr, place, old->type);
	if (next_hop == NULL)
		return -ENOMEM;
	next_hop->interface = old->interface;
	next_hop->port = old->port;
	next_hop->l2_length = old->l2_length;
	next_hop->mtu = mtu;
	vr_next_hop_publish(vr, next_hop);
	neighbour_walk(vr, publish_mtu, &change);
	return change.failed ? -ENOMEM : 0;
}
