/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_VR_H
#define VRF_VR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

#include "address/address.h"
#include "lpm_wrap/lpm.h"
#include "reclaim/reclaim.h"
#include "vrf/next_hop.h"
#include "vrf/timer.h"

struct tunnel;
struct tunnel_params;
struct tunnel_table;

/*
 * A virtual router: interfaces, a table of routes for each family, next hops, neighbours. The
 * control thread is the only writer; workers read `tables`, `next_hops` and `interfaces` under RCU
 * through the router's instance (instance.h). All functions here are for the control thread.
 *
 * Times are nanoseconds of one monotonic clock.
 */

#define VR_NAME_SIZE 32
#define VR_ERROR_SIZE 256

/* A prefix that router advertisements tell of (RFC 4861 4.6.2). */
struct vr_advertised_prefix {
	struct ip_prefix prefix; /* without bits behind it */
	bool on_link;
	bool autonomous;
	uint32_t valid_lifetime;     /* seconds; UINT32_MAX: for ever */
	uint32_t preferred_lifetime; /* the same; not above the other */
};

/* What they say (RFC 4861 6.2.1). */
struct vr_advertisement {
	uint16_t min_interval; /* seconds, between two that nobody asked for */
	uint16_t max_interval;
	uint16_t lifetime; /* seconds; 0: this is no default router */
	uint8_t hop_limit; /* 0: not told */
	bool managed;
	bool other_config;
	bool source_link_address;
	uint32_t mtu; /* 0: not told */
	uint16_t n_prefixes;
	struct vr_advertised_prefix prefixes[];
};

struct vr_interface {
	char name[VR_NAME_SIZE];
	uint16_t index;
	/* Index of ours; from the number of ports on: an end of a link (handover.h); or
	 * VR_PORT_TUNNEL. */
	uint16_t port;
	uint16_t outer_vlan; /* 0: none; otherwise `vlan` is not 0 */
	uint16_t vlan;       /* 0: untagged */
	uint16_t mtu;
	struct rte_ether_addr mac;
	bool enabled; /* not taken down by the user */
	bool up;      /* routes may lead out of it; set by vr_interface_note_up() */
	bool changed; /* routes have yet to follow `up` */
	bool ipv6;    /* has an IPv6 address, so IPv6 is spoken on it */
	uint16_t n_addresses;
	struct ip_prefix *addresses;                  /* of both families, the link-local one too */
	uint8_t *address_states;                      /* enum own_address_state; as many */
	struct ip_address link_local;                 /* where ipv6; given, or made of the MAC */
	const struct vr_advertisement *advertisement; /* NULL: none; needs ipv6 */
	const struct tunnel_params *tunnel_params;    /* NULL: it is none */
	struct tunnel *tunnel;                        /* of these; NULL: the same */
};

/* Something that an operator should know of has happened; a line without its end. */
typedef void (*vr_event_fn)(const char *text, void *context);

/* What becomes of its frames. */
enum vr_forwarder {
	VR_FORWARDER_ROUTER,
	VR_FORWARDER_WIRE, /* two interfaces without addresses; wire.h */
};

struct vr_params {
	const char *name;
	enum vr_forwarder forwarder;
	/* Copied, addresses, advertisement and tunnel_params too; `index`, `ipv6`, `link_local`,
	 * `address_states` and `tunnel` are filled in.
	 */
	const struct vr_interface *interfaces;
	uint16_t n_interfaces;
	enum lpm_engine_type table_engine;
	uint32_t max_routes; /* of each family */
	uint32_t max_neighbours;
	uint32_t neighbour_timeout; /* seconds after which an unused neighbour is forgotten */
	uint32_t icmp_rate;         /* ICMP errors a second */
	uint32_t echo_rate;         /* echo replies a second */
	bool accept_source_route;
	bool redirects;
	uint64_t hz; /* of the clock that workers use */
	int socket;
	struct rte_mempool *pool; /* for packets that the router makes */
	struct reclaim *reclaim;
	vr_event_fn event; /* NULL: nobody wants to know; called by the control thread */
	void *event_context;
};

struct vr_instance;
struct neighbour;
struct own_address;
struct advertiser;
struct multicast_table;
struct pipeline;
struct multipath;
struct rib_route;

/* Whose a place of the next hops is, by the type of what is there. */
union next_hop_owner {
	struct neighbour *neighbour; /* NEIGHBOUR, STALE, INCOMPLETE */
	struct multipath *multipath; /* GROUP */
};

TAILQ_HEAD(neighbour_list, neighbour);

struct vr {
	/* Read by workers. */
	struct lpm *tables[IP_FAMILIES];
	const struct next_hop **next_hops; /* loaded after the look-up whose result indexes it */
	struct vr_interface *interfaces;
	uint16_t n_interfaces;
	uint8_t forwarder; /* enum vr_forwarder */
	uint32_t flow_seed;
	uint32_t n_unusable; /* own addresses that are tentative or duplicates */
	const struct multicast_table *multicast; /* NULL: no routes of groups */
	const struct pipeline *pipeline;         /* NULL: no elements */
	const struct tunnel_table *tunnel_table; /* of what comes to it; NULL: none */
	uint32_t n_tunnels;                      /* among its interfaces */
	bool accept_source_route;
	bool redirects;
	/* 1 for each last octet that a broadcast address of its own subnets has. */
	uint8_t broadcast_octets[256];

	/* The control thread's. */
	char name[VR_NAME_SIZE];
	struct vr_instance *instance;
	struct reclaim *reclaim;
	struct rte_mempool *pool;
	struct reclaim_node reclaim_node;
	int socket;
	uint64_t hz;          /* of the clock that workers use */
	uint32_t n_next_hops; /* places in use or free below the end */
	uint32_t next_hops_size;
	uint32_t *free_indexes; /* stack, as large as next_hops */
	/* Of the places of next_hops; NULL: nobody's. Read by workers, too, for NEIGHBOURs. */
	union next_hop_owner *owners;
	LIST_HEAD(, multipath) multipaths;
	uint32_t n_free_indexes;

	LIST_HEAD(, tunnel) tunnels; /* attached: those of tunnel_table */
	uint32_t n_attached;
	LIST_HEAD(, neighbour) * neighbours; /* hash table */
	uint32_t neighbours_mask;
	uint32_t n_neighbours;
	uint32_t n_dynamic; /* of them, those that packets made */
	uint32_t max_neighbours;
	struct neighbour_list unresolved; /* INCOMPLETE, FAILED; oldest first; made by packets */
	struct neighbour_list stale;      /* STALE; oldest first; no route leads there */
	uint32_t n_unresolved;
	uint32_t n_waiting;                /* packets held until ARP or ND answers */
	uint64_t neighbour_timeout;        /* ns */
	struct own_address *own_addresses; /* in order of interfaces */
	uint32_t n_own_addresses;
	struct advertiser *advertisers; /* one an interface that has an advertisement */
	uint16_t n_advertisers;
	vr_event_fn event;
	void *event_context;
	struct timers timers;
	uint64_t now;                 /* of the latest vr_poll() */
	uint64_t next_tick;           /* when vr_instance_tick() is due */
	LIST_HEAD(, rib_route) * rib; /* hash table; see rib.h */
	uint32_t rib_mask;
	uint32_t n_rib;
	uint32_t n_standby[IP_FAMILIES];   /* of them, those that are not in the table */
	uint32_t n_static_routes;          /* in the table or not */
	uint32_t max_routes;               /* connected, local and static ones, of each family */
	uint32_t n_uncounted[IP_FAMILIES]; /* those that come with neighbours and subnets */
	bool stopping;
	bool frozen; /* its worker may be reading all of it for ever: nothing is to be changed */
};

/* NULL with the reason in `error`. Connected, local and broadcast routes are there from the start.
 */
struct vr *vr_create(const struct vr_params *params, char error[VR_ERROR_SIZE]);

/* Frees all, packets held for it too; no worker may know it any more. NULL is allowed. */
void vr_free(struct vr *vr);

/* The same once every worker has passed a quiescent state. */
void vr_retire(struct vr *vr);

/*
 * To be called regularly: takes what the worker punted since, then what is due by `now`. Gives
 * whether something was injected for the worker, who has to be told.
 */
bool vr_poll(struct vr *vr, uint64_t now);

/*
 * The router is about to go: what waits is dropped as stopped, what is punted from now on is too,
 * and nothing is asked for any more; hosts are told that they need another default router. Gives
 * what vr_poll() gives.
 */
bool vr_stop(struct vr *vr);

enum vr_route_type {
	VR_ROUTE_VIA,
	VR_ROUTE_CONNECTED,
	VR_ROUTE_LOCAL,
	VR_ROUTE_BROADCAST,
	VR_ROUTE_BLACKHOLE,
	VR_ROUTE_UNREACHABLE,
	VR_ROUTE_PROHIBIT,
	VR_ROUTE_NEIGHBOUR, /* the host route of a resolved neighbour */
};

/* Where routes come from. */
enum vr_route_source {
	VR_SOURCE_CONNECTED,
	VR_SOURCE_STATIC,
};

/* Administrative distances: of routes to the same prefix the nearest is used. */
#define VR_DISTANCE_CONNECTED 0
#define VR_DISTANCE_STATIC 1
#define VR_DISTANCE_MAX 255

/* Why a route is not in the table. */
enum vr_standby {
	VR_STANDBY_NOT,     /* it is */
	VR_STANDBY_FARTHER, /* another to the prefix is nearer */
	VR_STANDBY_DOWN,    /* the interface that it leads out of is down, or all of them */
};

struct vr_via {
	struct ip_address address;
	uint16_t weight; /* among others, 1 .. 256 */
	/* Filled in by the walk. To be given where the address is link-local. */
	const struct vr_interface *interface;
};

struct vr_route {
	struct ip_prefix prefix;
	uint8_t type;          /* enum vr_route_type */
	uint8_t source;        /* enum vr_route_source; filled in by the walk */
	uint8_t distance;      /* 0 stands for VR_DISTANCE_STATIC in a route to be added */
	uint8_t standby;       /* enum vr_standby; filled in by the walk */
	uint16_t n_vias;       /* VIA: 0 or 1 is the one in `via` */
	struct ip_address via; /* VIA */
	/* VIA, CONNECTED, NEIGHBOUR; filled in by the walk. To be given where via is link-local. */
	const struct vr_interface *interface;
	const struct vr_via *vias; /* VIA to several; borrowed */
};

/*
 * Adds a static route (VIA, BLACKHOLE, UNREACHABLE, PROHIBIT). There may be several to a prefix, of
 * different distances; the nearest whose interface is up is in the table. -EEXIST, -ENOSPC
 * (max_routes), -EINVAL, -ENETUNREACH (via on no subnet), -ENOMEM, with the reason in `error`; the
 * table is then as it was.
 */
int vr_route_add(struct vr *vr, const struct vr_route *route, char error[VR_ERROR_SIZE]);

/*
 * Puts it in place of the static route with the same prefix and distance. Flows stay with gateways
 * that both have. -ENOENT: there is none; other errors as above.
 */
int vr_route_replace(struct vr *vr, const struct vr_route *route, char error[VR_ERROR_SIZE]);

/* What is told of a route that cannot be added: which of them, and why. */
typedef void (*vr_route_refused_fn)(uint32_t i, const char *error, void *context);

/*
 * Adds all of them or none: where one cannot be added, the table is afterwards as it was. All that
 * are wrong in themselves or exist already are told, in order, before the first is added; of what
 * shows only then (a prefix twice, no more neighbours, no memory) the first is told. Taking back
 * may need memory too: a route that stays for want of it is told. Errors as for vr_route_add().
 */
int vr_routes_add(struct vr *vr, const struct vr_route *routes, uint32_t n,
	vr_route_refused_fn refused, void *context);

/*
 * The static route of this distance; 0: the only one. -ENOENT, -EINVAL: there are several, -EPERM
 * for a route that is no static one.
 */
int vr_route_delete(
	struct vr *vr, const struct ip_prefix *prefix, uint8_t distance, char error[VR_ERROR_SIZE]);

/*
 * Every route in order of prefix, then depth, IPv4 first; broadcast ones included. False ends the
 * walk.
 */
typedef bool (*vr_route_fn)(const struct vr_route *route, void *context);
void vr_route_walk(const struct vr *vr, vr_route_fn fn, void *context);

/* The same from `prefix` on, whether there is a route to it or not. */
void vr_route_walk_from(
	const struct vr *vr, const struct ip_prefix *prefix, vr_route_fn fn, void *context);

/*
 * The routes that are not in the table: farther than another, or their interface is down. In order
 * of prefix, then distance. -ENOMEM.
 */
int vr_route_walk_standby(const struct vr *vr, vr_route_fn fn, void *context);

/* The route that these three tell from all others, in the table or not. False: there is none. */
bool vr_route_find(const struct vr *vr, const struct ip_prefix *prefix, enum vr_route_source source,
	uint8_t distance, struct vr_route *route);

const char *vr_route_type_name(enum vr_route_type type);

/* The interface of this name, or NULL. */
const struct vr_interface *vr_interface_find(const struct vr *vr, const char *name);

/* The interface has gone up or down; vr_interfaces_follow() is to be called then. */
void vr_interface_note_up(struct vr *vr, uint16_t interface, bool up);

/*
 * Routes come and go with the interfaces that have gone up or down, in one pass over them. What
 * there is no memory for stays as it was: -ENOMEM, and to be called again.
 */
int vr_interfaces_follow(struct vr *vr);

/* Both, of one interface. */
int vr_interface_set_up(struct vr *vr, uint16_t interface, bool up);

/* The address of an interface whose subnet covers `address` most closely, or NULL. Any thread. */
const struct ip_prefix *vr_interface_subnet(
	const struct vr_interface *interface, const struct ip_address *address);

/*
 * The address to send from to `address` on the link of this interface: that of its subnet, or the
 * link-local one, whichever may be used; or NULL. Any thread.
 */
const struct ip_address *vr_interface_source(
	const struct vr_interface *interface, const struct ip_address *address);

/*
 * The router's address as `address` knows it if it is reached by `interface`: that of the subnet it
 * is on, else the first of the interface, else the router's first. NULL: none. Any thread.
 */
const struct ip_address *vr_address_towards(
	const struct vr *vr, uint16_t interface, const struct ip_address *address);

/*
 * The interface with a subnet that covers `address` most closely, or NULL. That of a link-local
 * address cannot be told. Any thread.
 */
const struct vr_interface *vr_interface_towards(
	const struct vr *vr, const struct ip_address *address);

/* Whether the interface has this address. Any thread. */
bool vr_interface_has(const struct vr_interface *interface, const struct ip_address *address);

/* The same, and it may be used: it is neither tentative nor a duplicate. Any thread. */
bool vr_interface_may_use(const struct vr_interface *interface, const struct ip_address *address);

/* From now on packets by the interface may be as long as that. -ENOMEM: not all ways know it. */
int vr_interface_set_mtu(struct vr *vr, uint16_t interface, uint16_t mtu);

/* Whether `address`, no link-local one, is one of the router's own. */
bool vr_owns(const struct vr *vr, const struct ip_address *address);

/* Bytes held by the router, by what for. */
struct vr_memory {
	size_t tables;
	size_t next_hops;
	size_t neighbours;
	size_t interfaces; /* their counters too */
	size_t elements;   /* of its pipeline */
	size_t instance;   /* counters, and the rings to and from the control thread */
};

void vr_memory(const struct vr *vr, struct vr_memory *memory);

/* For neighbour.c and vr.c: the array of next hops. */

/* A place for one more next hop, holding the one for no route; 0 when there is no memory. */
uint32_t vr_next_hop_allocate(struct vr *vr);

/* Puts `next_hop` in its place (next_hop->index) and retires what was there. */
void vr_next_hop_publish(struct vr *vr, struct next_hop *next_hop);

/* The place is free again; every worker must have passed a quiescent state since it was in use. */
void vr_next_hop_release(struct vr *vr, uint32_t index);

/* Memory for a next hop, zeroed, or NULL. */
struct next_hop *vr_next_hop_new(const struct vr *vr, uint32_t index, enum next_hop_type type);

#endif
