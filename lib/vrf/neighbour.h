/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_NEIGHBOUR_H
#define VRF_NEIGHBOUR_H

#include <stdbool.h>
#include <stdint.h>

#include "vrf/vr.h"

/*
 * Neighbours: who answers to an address on an interface's link (ARP, RFC 826, with the limits and
 * intervals of RFC 1122 2.3.2; ND, RFC 4861). Each has a next hop; once its MAC is known, a host
 *route leads there, unless a static route has the same prefix or covers a part of the subnet with
 *the neighbour in it: what ARP tells never takes the place of what the user said.
 *
 *	             packet               answer
 *	  (none) ------------> INCOMPLETE --------> REACHABLE <---------+
 *	                           |  ^                 | timeout       | answer
 *	     3 requests unanswered |  | packet, after   v               |
 *	                           v  | the pause     PROBING ----------+
 *	                         FAILED <---------------' 3 unicast requests unanswered
 *
 * FAILED lasts a pause in which packets are refused at once; then the entry goes, or, if a route
 * leads there, waits as INCOMPLETE for the next packet. STATIC entries stay as configured.
 *
 * A request is sent at most once a second. All functions are for the control thread.
 */

enum neighbour_state {
	NEIGHBOUR_INCOMPLETE,
	NEIGHBOUR_REACHABLE,
	NEIGHBOUR_PROBING,
	NEIGHBOUR_FAILED,
	NEIGHBOUR_STATIC,
};

#define NEIGHBOUR_QUEUE 4      /* packets that may wait for one neighbour */
#define NEIGHBOUR_QUEUE_ALL 64 /* and for all of a router */
#define NEIGHBOUR_REQUESTS 3
#define NEIGHBOUR_INTERVAL UINT64_C(1000000000) /* ns between requests */
#define NEIGHBOUR_PAUSE UINT64_C(3000000000)    /* ns for which FAILED lasts */

struct neighbour {
	LIST_ENTRY(neighbour) link;
	struct reclaim_node reclaim;
	struct vr *vr;
	struct ip_address address;
	uint32_t index;    /* of its next hop */
	uint32_t n_routes; /* static routes via it */
	uint16_t interface;
	struct rte_ether_addr mac;
	uint8_t state;
	uint8_t requests; /* sent and unanswered */
	uint8_t n_waiting;
	bool host_route;
	bool dynamic;      /* made by a packet */
	uint64_t deadline; /* of the state's next step; UINT64_MAX: none */
	uint64_t updated;  /* when the MAC was last heard */
	struct {
		struct rte_mbuf *mbuf;
		uint8_t class;
	} waiting[NEIGHBOUR_QUEUE];
};

/* What the worker punted since, then the timers. Gives whether anything was injected. */
bool neighbour_poll(struct vr *vr, uint64_t now);

/* A static entry, new or in place of a learnt one. Errors as for vr_route_add(). */
int neighbour_add_static(struct vr *vr, const struct vr_interface *interface,
	const struct ip_address *address, const struct rte_ether_addr *mac,
	char error[VR_ERROR_SIZE]);

/* Forgets it, static or learnt; packets that wait are dropped. `interface` as above. -ENOENT. */
int neighbour_delete(struct vr *vr, const struct vr_interface *interface,
	const struct ip_address *address, char error[VR_ERROR_SIZE]);

/*
 * `interface` matters where the address is link-local: the same may be on several links; NULL finds
 * none of those.
 */
struct neighbour *neighbour_find(const struct vr *vr, const struct vr_interface *interface,
	const struct ip_address *address);

/* The neighbour that a route leads to, made if needed. NULL: limit or no memory (rte_errno). */
struct neighbour *neighbour_hold(
	struct vr *vr, const struct vr_interface *interface, const struct ip_address *address);
void neighbour_release(struct neighbour *neighbour);

/* A static route has come or gone: host routes of the neighbours it covers go or come back. */
void neighbour_routes_changed(struct vr *vr, const struct ip_prefix *prefix);

typedef bool (*neighbour_fn)(const struct neighbour *neighbour, void *context);
void neighbour_walk(const struct vr *vr, neighbour_fn fn, void *context);

const char *neighbour_state_name(enum neighbour_state state);

/* Everything that waits is dropped as stopped, new packets are too. Before the end. */
void neighbour_stop(struct vr *vr);

/* Frees every neighbour at once. For vr_free(). */
void neighbour_free_all(struct vr *vr);

#endif
