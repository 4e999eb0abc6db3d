/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_TUNNEL_LINK_H
#define APP_TUNNEL_LINK_H

#include "vrf/tunnel.h"
#include "vrouter.h"

/*
 * Whether tunnel interfaces can be used: a tunnel's outer router has to be there and to have its
 * local address. While it does, the tunnel is attached to it.
 */

enum tunnel_link {
	TUNNEL_LINK_UP,
	TUNNEL_LINK_DISABLED,
	TUNNEL_LINK_NO_ROUTER,
	TUNNEL_LINK_NO_ADDRESS, /* it is not the outer router's, or must not be used yet */
	TUNNEL_LINK_TAKEN,      /* another tunnel there has the same ends and key */
	TUNNEL_LINK_NO_MEMORY,
};

/* Attaches or detaches an interface's tunnel, whichever is right now, and gives how it is. */
enum tunnel_link tunnel_link_settle(struct vrouter *vrouter, const struct vr_interface *interface);

/* Whether nothing may be changed now, as one of its routers is stuck (vr.frozen). */
bool tunnel_link_is_frozen(const struct vrouter *vrouter, const struct vr_interface *interface);

/* How it is, in words for people; `link up` in those of a port. */
const char *tunnel_link_text(const struct vrouter *vrouter, const struct vr_interface *interface);

/* The tunnels of the router, and those into it, are let go. */
void tunnel_link_leave(struct vr *vr);

#endif
