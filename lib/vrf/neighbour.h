/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_NEIGHBOUR_H
#define VRF_NEIGHBOUR_H

#include <stdbool.h>
#include <stdint.h>

#include "vrf/instance.h"
#include "vrf/vr.h"

/*
 * Neighbours: who answers to an address on an interface's link. One state machine for both
 * families, that of neighbour unreachability detection (RFC 4861 7.2, 7.3; for ARP RFC 826, and RFC
 * 1122 2.3.2, which wants no more than one request a second). Each has a next hop; while its MAC is
 * known, a host route leads there, unless a static route has the same prefix or covers a part of
 * the subnet with the neighbour in it: what ARP or ND tells never takes the place of what the user
 * said.
 *
 *	             packet               answer
 *	  (none) ------------> INCOMPLETE --------> REACHABLE <----------------+
 *	     |                     |                    | 15 to 45 s           |
 *	     | it asked us         | 3 requests         v                      | answer
 *	     +---------------------|----------------> STALE ---> (none)        |
 *	                           |                    |   neighbour_timeout  |
 *	                           |                    | packet               |
 *	                           v                    v      5 s             |
 *	  (none) <-------------- FAILED <--- PROBE <- DELAY ------> PROBE -----+
 *	             3 s                3 unicast requests
 *
 * In INCOMPLETE the request goes to all (ARP) or to the solicited-node group (ND), in PROBE to the
 * neighbour alone. Packets are sent to it in REACHABLE, STALE, DELAY, PROBE and STATIC; the first
 * one in STALE, which a worker tells of, begins DELAY. A new MAC told of without having been asked
 * for leads to STALE. FAILED lasts a pause in which packets are refused at once; then the entry
 * goes, or, if a route leads there, waits as INCOMPLETE for the next packet. STATIC entries stay as
 * configured. Nothing tells us that a connection makes progress, so DELAY is never cut short.
 *
 * What packets may do to the table has bounds (RFC 6583): entries for which nobody has answered
 * take a quarter of it at most; a new one takes the place of the oldest of them, if that has waited
 * NEIGHBOUR_PATIENCE, and never that of a neighbour that is known.
 *
 * All functions are for the control thread.
 */

enum neighbour_state {
	NEIGHBOUR_INCOMPLETE,
	NEIGHBOUR_REACHABLE,
	NEIGHBOUR_STALE,
	NEIGHBOUR_DELAY,
	NEIGHBOUR_PROBE,
	NEIGHBOUR_FAILED,
	NEIGHBOUR_STATIC,
};

#define NEIGHBOUR_QUEUE 4      /* packets that may wait for one neighbour */
#define NEIGHBOUR_QUEUE_ALL 64 /* and for all of a router */
/* RFC 4861 10: MAX_MULTICAST_SOLICIT, MAX_UNICAST_SOLICIT, RETRANS_TIMER, REACHABLE_TIME (which is
 * to be taken randomly from half of it to one and a half), DELAY_FIRST_PROBE_TIME. Times in ns. */
#define NEIGHBOUR_REQUESTS 3
#define NEIGHBOUR_INTERVAL UINT64_C(1000000000)
#define NEIGHBOUR_REACHABLE_TIME UINT64_C(30000000000)
#define NEIGHBOUR_DELAY_TIME UINT64_C(5000000000)
#define NEIGHBOUR_PAUSE UINT64_C(3000000000)   /* for which FAILED lasts */
#define NEIGHBOUR_PATIENCE UINT64_C(250000000) /* before an unanswered one may be replaced */
#define NEIGHBOUR_UNRESOLVED_PART 4            /* of the table */
#define NEIGHBOUR_UNRESOLVED_MIN 16            /* but so many in any case */

struct neighbour {
	LIST_ENTRY(neighbour) link;
	TAILQ_ENTRY(neighbour) order; /* in `list` */
	struct neighbour_list *list;  /* of the router's, of those that may have to go; or NULL */
	struct timer timer;           /* the state's next step */
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
	bool dynamic;     /* made by a packet */
	bool is_router;   /* as its advertisements say (RFC 4861 7.2.5) */
	uint64_t created; /* when it was made, or its MAC was last forgotten */
	uint64_t updated; /* when the MAC was last heard */
	struct {
		struct rte_mbuf *mbuf;
		uint8_t class;
	} waiting[NEIGHBOUR_QUEUE];
};

/* Whether packets can be sent to it. */
static inline bool
neighbour_is_known(const struct neighbour *neighbour)
{
	return neighbour->state != NEIGHBOUR_INCOMPLETE && neighbour->state != NEIGHBOUR_FAILED;
}

/* What a worker punted of neighbours: RESOLVE, ASKED, ADVERTISED, HEARD or USED. */
void neighbour_punted(struct vr *vr, const struct vr_punt *punt);

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

/* Everything that waits is dropped as stopped. Before the end; see vr_stop(). */
void neighbour_stop(struct vr *vr);

/* Frees every neighbour at once. For vr_free(). */
void neighbour_free_all(struct vr *vr);

#endif
