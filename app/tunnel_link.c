/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>

#include "tunnel_link.h"

static bool
may_use(const struct vr *vr, const struct ip_address *address)
{
	for (uint16_t i = 0; i < vr->n_interfaces; i++)
		if (vr_interface_may_use(&vr->interfaces[i], address))
			return true;
	return false;
}

/* What there is to say before it is attached. */
static enum tunnel_link
look_at(const struct vrouter *vrouter, const struct vr_interface *interface, struct vr **outer)
{
	const struct tunnel_params *params = interface->tunnel_params;
	struct router *router = vrouter_find(vrouter, params->router);

	*outer = router != NULL ? router->vr : NULL;
	if (!interface->enabled)
		return TUNNEL_LINK_DISABLED;
	if (router == NULL)
		return TUNNEL_LINK_NO_ROUTER;
	return may_use(router->vr, &params->local) ? TUNNEL_LINK_UP : TUNNEL_LINK_NO_ADDRESS;
}

bool
tunnel_link_is_frozen(const struct vrouter *vrouter, const struct vr_interface *interface)
{
	const struct router *outer = vrouter_find(vrouter, interface->tunnel_params->router);
	const struct vr *attached = interface->tunnel->outer;

	return (outer != NULL && outer->vr->frozen) || (attached != NULL && attached->frozen);
}

enum tunnel_link
tunnel_link_settle(struct vrouter *vrouter, const struct vr_interface *interface)
{
	struct vr *outer;
	enum tunnel_link state = look_at(vrouter, interface, &outer);
	int rc;

	if (state != TUNNEL_LINK_UP) {
		tunnel_detach(interface->tunnel);
		return state;
	}
	rc = tunnel_attach(interface->tunnel, outer);
	if (rc == 0)
		return TUNNEL_LINK_UP;
	return rc == -EEXIST ? TUNNEL_LINK_TAKEN : TUNNEL_LINK_NO_MEMORY;
}

const char *
tunnel_link_text(const struct vrouter *vrouter, const struct vr_interface *interface)
{
	static const char *const texts[] = {
		[TUNNEL_LINK_UP] = "up",
		[TUNNEL_LINK_DISABLED] = "taken down",
		[TUNNEL_LINK_NO_ROUTER] = "no outer router",
		[TUNNEL_LINK_NO_ADDRESS] = "local address not in use",
		[TUNNEL_LINK_TAKEN] = "ends taken",
	};
	struct vr *outer;
	enum tunnel_link state = look_at(vrouter, interface, &outer);

	if (state == TUNNEL_LINK_UP && interface->tunnel->outer != outer)
		state = TUNNEL_LINK_TAKEN;
	return texts[state];
}

void
tunnel_link_leave(struct vr *vr)
{
	struct tunnel *tunnel;

	for (uint16_t i = 0; i < vr->n_interfaces; i++)
		if (vr->interfaces[i].tunnel != NULL)
			tunnel_detach(vr->interfaces[i].tunnel);
	while ((tunnel = LIST_FIRST(&vr->tunnels)) != NULL)
		tunnel_detach(tunnel);
}
