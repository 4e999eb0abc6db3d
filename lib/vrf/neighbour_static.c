/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdio.h>

#include <rte_errno.h>

#include "vrf/neighbour_queue.h"
#include "vrf/neighbour_route.h"
#include "vrf/neighbour_table.h"
#include "vrf/table.h"
#include "vrf/tunnel.h"

/* What the user says of neighbours: static ones, and those that static routes lead to. */

static int
fail(const struct vr *vr, const struct ip_address *address, const char *what, int code, char *error)
{
	char text[IP_ADDRESS_TEXT_SIZE];

	snprintf(error, VR_ERROR_SIZE, "router %s: neighbour %s: %s", vr->name,
		ip_address_text(address, text), what);
	return code;
}

static int
check_static(const struct vr *vr, const struct vr_interface *interface,
	const struct ip_address *address, const struct rte_ether_addr *mac,
	char error[VR_ERROR_SIZE])
{
	struct ip_prefix host = ip_prefix_of_host(address);
	char what[64];

	if (!rte_is_valid_assigned_ether_addr(mac))
		return fail(vr, address, "its MAC is a group address or all zeros", -EINVAL, error);
	if (tunnel_is_point_to_point(interface))
		return fail(vr, address, "is on a point to point interface, which has no MACs",
			-EINVAL, error);
	if (vr_owns(vr, address) || vr_interface_has(interface, address))
		return fail(vr, address, "is the router's own address", -EINVAL, error);
	if (table_get(vr, &host) == NEXT_HOP_INDEX_BROADCAST)
		return fail(vr, address, "is the network or broadcast address of a subnet", -EINVAL,
			error);
	if (vr_interface_subnet(interface, address) == NULL) {
		snprintf(what, sizeof(what), "is on no subnet of interface %s", interface->name);
		return fail(vr, address, what, -ENETUNREACH, error);
	}
	return 0;
}

static int
no_room(const struct vr *vr, const struct ip_address *address, char error[VR_ERROR_SIZE])
{
	return fail(vr, address, rte_errno == ENOSPC ? "max_neighbours reached" : "no memory",
		-rte_errno, error);
}

int
neighbour_add_static(struct vr *vr, const struct vr_interface *interface,
	const struct ip_address *address, const struct rte_ether_addr *mac,
	char error[VR_ERROR_SIZE])
{
	struct neighbour *neighbour;
	uint16_t old_interface;
	bool made;
	int rc = check_static(vr, interface, address, mac, error);

	if (rc != 0)
		return rc;
	neighbour = neighbour_find(vr, interface, address);
	if (neighbour != NULL && neighbour->state == NEIGHBOUR_STATIC &&
		rte_is_same_ether_addr(&neighbour->mac, mac))
		return fail(vr, address, "exists already", -EEXIST, error);
	made = neighbour == NULL;
	if (made)
		neighbour = neighbour_create(vr, interface, address, NEIGHBOUR_FOR_USER);
	if (neighbour == NULL)
		return no_room(vr, address, error);
	old_interface = neighbour->interface;
	neighbour->interface = interface->index;
	if (neighbour_publish(neighbour, NEIGHBOUR_STATIC, mac) != 0) {
		neighbour->interface = old_interface;
		if (made)
			neighbour_destroy(neighbour);
		return fail(vr, address, "no memory", -ENOMEM, error);
	}
	if (neighbour->dynamic)
		vr->n_dynamic--;
	neighbour->dynamic = false;
	neighbour->mac = *mac;
	neighbour->state = NEIGHBOUR_STATIC;
	timer_set(&vr->timers, &neighbour->timer, TIMER_UNSET);
	neighbour_sort(neighbour);
	neighbour_add_route(neighbour);
	neighbour_queue_release(neighbour, VR_INJECT_RESUME, VR_DROP_NEIGHBOUR_QUEUE);
	return 0;
}

int
neighbour_delete(struct vr *vr, const struct vr_interface *interface,
	const struct ip_address *address, char error[VR_ERROR_SIZE])
{
	struct neighbour *neighbour = neighbour_find(vr, interface, address);

	if (neighbour == NULL)
		return fail(vr, address, "is not known", -ENOENT, error);
	if (tunnel_is_point_to_point(&vr->interfaces[neighbour->interface]))
		return fail(vr, address, "is the other end of a tunnel", -EPERM, error);
	neighbour_queue_release(neighbour, VR_INJECT_DROP, VR_DROP_NEIGHBOUR_FAILED);
	return neighbour_forget(neighbour) ? 0 : fail(vr, address, "no memory", -ENOMEM, error);
}

struct neighbour *
neighbour_hold(
	struct vr *vr, const struct vr_interface *interface, const struct ip_address *address)
{
	struct neighbour *neighbour = neighbour_find(vr, interface, address);

	if (neighbour == NULL)
		neighbour = neighbour_create(vr, interface, address, NEIGHBOUR_FOR_USER);
	if (neighbour == NULL)
		return NULL;
	neighbour->n_routes++;
	neighbour_sort(neighbour);
	return neighbour;
}

void
neighbour_release(struct neighbour *neighbour)
{
	const struct vr_interface *interface;

	if (neighbour == NULL || --neighbour->n_routes > 0)
		return;
	interface = &neighbour->vr->interfaces[neighbour->interface];
	/* From now on it is as any that a packet made. */
	if (!neighbour->dynamic && neighbour->state != NEIGHBOUR_STATIC) {
		neighbour->dynamic = true;
		neighbour->vr->n_dynamic++;
	}
	neighbour_sort(neighbour);
	if (tunnel_is_point_to_point(interface) && neighbour_forget(neighbour))
		return;
	if (neighbour->state != NEIGHBOUR_INCOMPLETE || neighbour->timer.deadline != TIMER_UNSET)
		return;
	if (neighbour_forget(neighbour))
		return;
	/* No memory: it is tried again. */
	neighbour->state = NEIGHBOUR_FAILED;
	timer_set(&neighbour->vr->timers, &neighbour->timer, 0);
}
