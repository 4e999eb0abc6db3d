/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>

#include <rte_log.h>

#include "link.h"
#include "router.h"
#include "router_links.h"
#include "tunnel_link.h"

#define PERIOD UINT64_C(100000000) /* ns between two looks at a port */

static bool
link_is_up(struct vrouter *vrouter, const struct vr_interface *interface)
{
	/* Its outer router cannot be told. */
	if (interface->tunnel != NULL && tunnel_link_is_frozen(vrouter, interface))
		return interface->up;
	if (interface->tunnel != NULL)
		return tunnel_link_settle(vrouter, interface) == TUNNEL_LINK_UP;
	return router_links_is_end(vrouter, interface)
	               ? router_links_peer(vrouter, interface) != NULL
	               : vrouter->ports[interface->port].link_up;
}

/* Whether the interface was not what it should be; the router's routes are to follow then. */
static bool
note(struct vrouter *vrouter, struct vr *vr, const struct vr_interface *interface)
{
	bool up = link_is_up(vrouter, interface) && interface->enabled;

	if (interface->up == up)
		return false;
	vr_interface_note_up(vr, interface->index, up);
	return true;
}

/* What there is no memory for is left to the next poll. */
static int
follow(struct vrouter *vrouter, struct vr *vr)
{
	int rc = vr_interfaces_follow(vr);

	if (rc != 0)
		vrouter->links_failed = true;
	return rc;
}

static int
settle(struct vrouter *vrouter, struct vr *vr, bool again)
{
	bool changed = again;

	if (vr->frozen)
		return 0;
	for (uint16_t i = 0; i < vr->n_interfaces; i++)
		changed |= note(vrouter, vr, &vr->interfaces[i]);
	return changed ? follow(vrouter, vr) : 0;
}

/* A tunnel depends on its outer router, which comes and goes as its addresses do. */
static void
settle_tunnels(struct vrouter *vrouter)
{
	struct router *router;

	TAILQ_FOREACH(router, &vrouter->routers, link)
		if (router->vr->n_tunnels > 0)
			settle(vrouter, router->vr, false);
}

void
link_adopt(struct vrouter *vrouter, struct router *router)
{
	struct vr *vr = router->vr;
	bool changed = false;

	for (uint16_t i = 0; i < vr->n_interfaces; i++)
		if (!router_links_is_end(vrouter, &vr->interfaces[i]))
			changed |= note(vrouter, vr, &vr->interfaces[i]);
	if (changed)
		follow(vrouter, vr);
}

void
link_follow(struct vrouter *vrouter)
{
	struct router *router;

	TAILQ_FOREACH(router, &vrouter->routers, link)
		settle(vrouter, router->vr, false);
}

/* Whether its link has changed. */
static bool
look_at(struct port *port)
{
	bool up = port->started && port_link_is_up(port);

	if (!port->started || up == port->link_up)
		return false;
	port->link_up = up;
	RTE_LOG(NOTICE, USER1, "port %s: link is %s\n", port->name, up ? "up" : "down");
	return true;
}

void
link_poll(struct vrouter *vrouter, uint64_t now)
{
	bool again = vrouter->links_failed, changed = again;
	struct router *router;

	if (now < vrouter->next_link_poll)
		return;
	vrouter->next_link_poll = now + PERIOD;
	for (unsigned int i = 0; i < vrouter->n_ports; i++)
		changed |= look_at(&vrouter->ports[i]);
	settle_tunnels(vrouter);
	if (!changed)
		return;
	vrouter->links_failed = false;
	TAILQ_FOREACH(router, &vrouter->routers, link)
		settle(vrouter, router->vr, again);
}

int
vrouter_set_interface(struct vrouter *vrouter, struct router *router, const char *name,
	bool enabled, FILE *errors)
{
	const struct vr_interface *found = vr_interface_find(router->vr, name);
	struct vr_interface *interface;
	int rc;

	if (found == NULL) {
		fprintf(errors, "router %s: no interface %s (see show vr %s interfaces)\n",
			router->name, name, router->name);
		return -ENOENT;
	}
	interface = &router->vr->interfaces[found->index];
	if (interface->enabled == enabled)
		return 0;
	interface->enabled = enabled;
	rc = router_publish_tables(vrouter, errors);
	if (rc != 0) {
		interface->enabled = !enabled;
		return rc;
	}
	rc = settle(vrouter, router->vr, false);
	link_follow(vrouter);
	if (rc != 0)
		fprintf(errors,
			"router %s: interface %s: no memory for all of its routes to follow: it is "
			"tried again\n",
			router->name, name);
	return rc;
}
