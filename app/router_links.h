/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_ROUTER_LINKS_H
#define APP_ROUTER_LINKS_H

#include "vrouter.h"

/*
 * Links between routers (worker/handover.h). A link is the config's, by names, and outlives its
 * routers: while one of them is not there, or has taken its interface down, the other's end is
 * down, like an interface on a port whose link is. Control thread.
 */

/* An interface without a port. */
struct router_link_end {
	struct router *router; /* NULL: no router has this index */
	uint16_t interface;
	uint32_t peer; /* index of the other end; ROUTER_LINK_NO_PEER: there is none now */
};

#define ROUTER_LINK_NO_PEER UINT32_MAX

/* By index: vr_interface.port less the number of ports. */
struct router_link_ends {
	uint32_t n;
	struct router_link_end all[];
};

struct tunnel_params;

/*
 * Gives interfaces without a port what stands for it: an index that no router has; tunnels into
 * other routers get two, output_port and input_port. `interfaces` and `tunnels` are those of the
 * config. -ENOSPC: there are too many. -ENOMEM.
 */
int router_links_number(const struct vrouter *vrouter, const struct config_router *config,
	struct vr_interface *interfaces, struct tunnel_params *tunnels);

/* Whether it can be the end of a link: it has no port and is no tunnel. */
static inline bool
router_links_is_end(const struct vrouter *vrouter, const struct vr_interface *interface)
{
	return interface->tunnel == NULL && interface->port >= vrouter->n_ports;
}

/* A MAC of its own for an interface without a port: the same for the same names. */
struct rte_ether_addr router_links_mac(const char *router, const char *interface);

/* What workers are to know of links, as it is to be, until it is put in place or dropped. */
struct router_links {
	struct router_link_ends *ends;
	struct handover_table **tables; /* one for each worker */
};

/* From the config's links, the list of routers, and which of their interfaces are enabled. */
int router_links_make(struct vrouter *vrouter, struct router_links *links);
void router_links_publish(struct vrouter *vrouter, struct router_links *links);
void router_links_drop(const struct vrouter *vrouter, struct router_links *links);

/* The one at the other end, if it is there and not taken down; else NULL. */
const struct router_link_end *router_links_peer(
	const struct vrouter *vrouter, const struct vr_interface *interface);

/* Joins two interfaces that run, or takes the link with this end away. */
int vrouter_add_link(struct vrouter *vrouter, const struct config_link *link, FILE *errors);
int vrouter_delete_link(struct vrouter *vrouter, const struct config_link_end *end, FILE *errors);

#endif
