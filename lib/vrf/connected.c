/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vrf/connected.h"
#include "vrf/error.h"
#include "vrf/rib.h"
#include "vrf/table.h"

static int
insert(struct vr *vr, const struct ip_prefix *prefix, uint32_t index, char error[VR_ERROR_SIZE])
{
	uint8_t family = prefix->address.family;
	uint32_t counted = rib_count(vr, family);
	char text[IP_PREFIX_TEXT_SIZE];
	int rc = -ENOSPC;

	if (counted < vr->max_routes)
		rc = table_add(vr, prefix, index);
	ip_prefix_text(prefix, text);
	if (rc == -ENOSPC)
		return error_set(error, rc,
			"router %s: no room for %s: the table holds %u %s routes, its max_routes "
			"is %u",
			vr->name, text, counted, ip_family_name(family), vr->max_routes);
	if (rc != 0)
		return error_set(error, rc, "router %s: %s: %s", vr->name, text, strerror(-rc));
	return 0;
}

/*
 * An address that comes with a subnet and counts as no route. Subnets of two interfaces may be
 * nested: an address of the one is then not what it would be in the other.
 */
static int
add_implied(
	struct vr *vr, const struct ip_address *address, uint32_t index, char error[VR_ERROR_SIZE])
{
	struct ip_prefix host = ip_prefix_of_host(address);
	char text[IP_ADDRESS_TEXT_SIZE];
	int rc;

	if (table_get(vr, &host) != LPM_NO_ROUTE)
		return 0;
	rc = table_add(vr, &host, index);
	if (rc != 0)
		return error_set(error, rc, "router %s: %s: %s", vr->name,
			ip_address_text(address, text), strerror(-rc));
	vr->n_uncounted[address->family]++;
	return 0;
}

/* A /31 has neither a network nor a broadcast address (RFC 3021). */
static int
add_broadcast(struct vr *vr, const struct ip_prefix *subnet, char error[VR_ERROR_SIZE])
{
	struct ip_address last = ip_address_last(&subnet->address, subnet->depth);
	int rc;

	if (subnet->depth >= 31)
		return 0;
	rc = add_implied(vr, &subnet->address, NEXT_HOP_INDEX_BROADCAST, error);
	return rc != 0 ? rc : add_implied(vr, &last, NEXT_HOP_INDEX_BROADCAST, error);
}

/* Every router answers to the first address (RFC 4291 2.6.1), but on a /127 (RFC 6164). */
static int
add_anycast(struct vr *vr, const struct ip_prefix *subnet, char error[VR_ERROR_SIZE])
{
	if (subnet->depth >= 127)
		return 0;
	return add_implied(vr, &subnet->address, NEXT_HOP_INDEX_LOCAL, error);
}

/* What was implied by another subnet becomes the address that it is said to be. */
static int
add_own(struct vr *vr, const struct ip_address *address, char error[VR_ERROR_SIZE])
{
	struct ip_prefix host = ip_prefix_of_host(address);
	bool implied = table_get(vr, &host) == NEXT_HOP_INDEX_BROADCAST;
	int rc = insert(vr, &host, NEXT_HOP_INDEX_LOCAL, error);

	if (rc == 0 && implied)
		vr->n_uncounted[address->family]--;
	return rc;
}

static int
add_subnet(struct vr *vr, const struct vr_interface *interface, const struct ip_prefix *address,
	char error[VR_ERROR_SIZE])
{
	struct ip_prefix subnet = ip_prefix_network(address);
	int rc;

	/* They are of one link only: no table of the router's can hold them. */
	if (ip_address_is_link_local(&address->address))
		return 0;
	if (!ip_prefix_is_host(&subnet)) {
		rc = insert(vr, &subnet, NEXT_HOP_INDEX_INTERFACES + interface->index, error);
		if (rc != 0)
			return rc;
	}
	if (subnet.address.family == IP_FAMILY_IPV4)
		rc = add_broadcast(vr, &subnet, error);
	else
		rc = add_anycast(vr, &subnet, error);
	return rc != 0 ? rc : add_own(vr, &address->address, error);
}

int
connected_add(struct vr *vr, char error[VR_ERROR_SIZE])
{
	int rc;

	for (uint16_t i = 0; i < vr->n_interfaces; i++) {
		const struct vr_interface *interface = &vr->interfaces[i];

		for (uint16_t k = 0; k < interface->n_addresses; k++) {
			rc = add_subnet(vr, interface, &interface->addresses[k], error);
			if (rc != 0)
				return rc;
		}
	}
	return 0;
}
