/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_ether.h>

#include "address/address.h"
#include "schema/text.h"

/*
 * What a config file says, as plain data: parsed, checked and with every default filled in, so
 * that whoever applies it checks only what needs the machine (does the device exist?). Nothing
 * here touches DPDK beyond its types, so it can run before EAL and in `--check`.
 *
 * Strings belong to the config and are freed with it. Thread: control thread only.
 */

#define CONFIG_NAME_MAX SCHEMA_NAME_MAX /* characters of a port's, router's or interface's name */
#define CONFIG_QUANTUM_US_DEFAULT 10
#define CONFIG_QUANTUM_US_MAX 1000
#define CONFIG_MBUFS_MAX (1 << 26)
#define CONFIG_WEIGHT_DEFAULT 1
#define CONFIG_WEIGHT_MAX 10000
#define CONFIG_FIFO_MIN 32
#define CONFIG_FIFO_MAX 65536
#define CONFIG_FIFO_DEFAULT 256
#define CONFIG_DESCRIPTORS_MIN 32
#define CONFIG_DESCRIPTORS_MAX 32768
#define CONFIG_DESCRIPTORS_DEFAULT 1024
#define CONFIG_VLAN_NONE 0
#define CONFIG_VLAN_MAX 4094
#define CONFIG_MTU_DEFAULT 1500
#define CONFIG_MTU_MIN 68 /* RFC 791 */
#define CONFIG_MTU_MAX 9000
#define CONFIG_MTU_OF_PORT 0 /* of an interface: its port's; without one CONFIG_MTU_DEFAULT */
#define CONFIG_MTU_IPV6 1280 /* the least with IPv6 (RFC 8200 5) */
#define CONFIG_MAX_ROUTES_DEFAULT 4096
#define CONFIG_MAX_ROUTES_MAX (1 << 24)
#define CONFIG_MAX_NEIGHBOURS_DEFAULT 1024
#define CONFIG_MAX_NEIGHBOURS_MAX (1 << 20)
#define CONFIG_NEIGHBOUR_TIMEOUT_DEFAULT 300 /* seconds */
#define CONFIG_NEIGHBOUR_TIMEOUT_MAX 86400
#define CONFIG_ICMP_RATE_DEFAULT 1000  /* ICMP errors a second and router */
#define CONFIG_ECHO_RATE_DEFAULT 10000 /* echo replies a second and router */
#define CONFIG_RATE_MAX 10000000
#define CONFIG_VIAS_MAX 64 /* of one route */
#define CONFIG_VIA_WEIGHT_DEFAULT 1
#define CONFIG_VIA_WEIGHT_MAX 256
#define CONFIG_DISTANCE_DEFAULT 1
#define CONFIG_DISTANCE_MAX 255
#define CONFIG_CANDIDATES_MAX 16 /* routes to one prefix, of different distances */
#define CONFIG_LINKS_MAX 16384
#define CONFIG_LCORE_ANY (-1)
#define CONFIG_ROUTES_FILE_MAX (UINT32_C(1) << 30) /* bytes of a file of routes, uncompressed */
#define CONFIG_ROUTES_LINE_MAX 1023                /* characters of one of its lines */

struct config_port {
	char name[CONFIG_NAME_MAX + 1];
	char *device; /* DPDK devargs ("net_pcap0,rx_pcap=x") or a PCI address */
	uint16_t rx_descriptors;
	uint16_t tx_descriptors;
	uint16_t mtu;
	int lcore; /* the worker that polls it, or CONFIG_LCORE_ANY */
	unsigned int line;
};

/* Of router advertisements (RFC 4861 6.2.1); times in seconds. */
#define CONFIG_ADVERTISEMENT_INTERVAL_MIN 4
#define CONFIG_ADVERTISEMENT_INTERVAL_MAX 1800
#define CONFIG_ADVERTISEMENT_INTERVAL_DEFAULT 600
#define CONFIG_ADVERTISEMENT_LIFETIME_MAX 9000
#define CONFIG_ADVERTISEMENT_PREFIXES_MAX 32 /* what fits the smallest MTU */
#define CONFIG_VALID_LIFETIME_DEFAULT 2592000
#define CONFIG_PREFERRED_LIFETIME_DEFAULT 604800

struct config_advertised_prefix {
	struct ip_prefix prefix; /* IPv6, without bits behind it */
	bool on_link;
	bool autonomous;
	uint32_t valid_lifetime; /* UINT32_MAX: for ever */
	uint32_t preferred_lifetime;
	unsigned int line;
};

struct config_advertisement {
	uint16_t min_interval;
	uint16_t max_interval;
	uint16_t lifetime;
	uint16_t hop_limit; /* up to 255 */
	uint16_t mtu;       /* 0: not told */
	bool managed;
	bool other_config;
	bool source_link_address;
	bool own_prefixes; /* no list is given: the interface's subnets are told */
	struct config_advertised_prefix *prefixes;
	unsigned int n_prefixes;
	unsigned int line;
};

enum config_tunnel_type {
	CONFIG_TUNNEL_IPIP,
	CONFIG_TUNNEL_GRE,
	CONFIG_TUNNEL_VXLAN,
};

#define CONFIG_TUNNEL_TTL_INHERIT 0 /* the inner packet's */
#define CONFIG_TUNNEL_TTL_DEFAULT 64
#define CONFIG_TUNNEL_DSCP_INHERIT 64
#define CONFIG_TUNNEL_DSCP_MAX 63
#define CONFIG_TUNNEL_VNI_MAX 0xffffff
#define CONFIG_TUNNEL_PORT_DEFAULT 4789

/* Instead of a port. */
struct config_tunnel {
	uint8_t type; /* enum config_tunnel_type */
	bool has_key; /* gre */
	struct ip_address local;
	struct ip_address remote;         /* of the same family */
	char router[CONFIG_NAME_MAX + 1]; /* the outer one; "": the interface's own */
	uint32_t key;
	uint32_t vni; /* vxlan */
	uint16_t port;
	uint16_t ttl;  /* 1 .. 255, or CONFIG_TUNNEL_TTL_INHERIT */
	uint16_t dscp; /* 0 .. CONFIG_TUNNEL_DSCP_MAX, or CONFIG_TUNNEL_DSCP_INHERIT */
	unsigned int line;
};

struct config_interface {
	char name[CONFIG_NAME_MAX + 1];
	bool has_port; /* false: it is a tunnel, or can be an end of a link */
	char port[CONFIG_NAME_MAX + 1];
	struct config_tunnel *tunnel; /* instead of a port; NULL: none */
	uint16_t outer_vlan;          /* 1 .. 4094, or CONFIG_VLAN_NONE; then `vlan` is one too */
	uint16_t vlan;                /* 1 .. 4094, or CONFIG_VLAN_NONE: untagged */
	bool has_mac;                 /* false: the port's own; without a port, one is made up */
	struct rte_ether_addr mac;
	/* Up to the port's, or CONFIG_MTU_OF_PORT; of a tunnel, what config_interface_mtu() says.
	 */
	uint16_t mtu;
	bool has_addresses;          /* the list is given */
	struct ip_prefix *addresses; /* one link-local at most; depth 1 and more */
	unsigned int n_addresses;
	struct config_advertisement *router_advertisement; /* NULL: none */
	unsigned int line;
};

enum config_route_type {
	CONFIG_ROUTE_VIA,
	CONFIG_ROUTE_BLACKHOLE,   /* dropped in silence */
	CONFIG_ROUTE_UNREACHABLE, /* ICMP host unreachable */
	CONFIG_ROUTE_PROHIBIT,    /* ICMP communication administratively prohibited */
};

#define CONFIG_ZONE_NONE UINT32_MAX

/* A gateway. */
struct config_via {
	struct ip_address address; /* of the family of the route's prefix */
	uint16_t weight;           /* among the others, 1 .. CONFIG_VIA_WEIGHT_MAX */
	uint32_t zone; /* of a link-local address, its interface's index (RFC 4007 11) */
};

/* There may be millions. See config_route_via(). */
struct config_route {
	struct ip_prefix prefix; /* without bits behind it */
	struct ip_address via;   /* where n_vias is 1 */
	uint8_t type;            /* enum config_route_type */
	uint8_t n_vias;          /* 1 .. CONFIG_VIAS_MAX of CONFIG_ROUTE_VIA, else 0 */
	uint16_t distance;       /* 1 .. CONFIG_DISTANCE_MAX; the smallest is used */
	union {
		uint32_t zone;      /* as that of a config_via */
		uint32_t first_via; /* where n_vias is more: index of the router's vias */
	};
	uint32_t line;
};
static_assert(sizeof(struct config_route) == 48, "no larger than it need be");

struct config_neighbour {
	char interface[CONFIG_NAME_MAX + 1];
	struct ip_address address;
	struct rte_ether_addr mac;
	unsigned int line;
};

#define CONFIG_MULTICAST_ROUTES_MAX 1024 /* of a router */
#define CONFIG_MULTICAST_OUT_MAX 64

struct config_name {
	char name[CONFIG_NAME_MAX + 1];
};

/* Where packets for a group go. */
struct config_multicast_route {
	struct ip_address group;
	struct ip_address source;     /* zero bytes: any */
	char in[CONFIG_NAME_MAX + 1]; /* interface that they come in by */
	struct config_name *out;      /* interfaces, others */
	unsigned int n_out;
	unsigned int line;
};

#define CONFIG_ELEMENTS_MAX 32           /* of a pipeline */
#define CONFIG_ELEMENT_MEMORY_DEFAULT 64 /* MB */
#define CONFIG_ELEMENT_MEMORY_MAX 65536

struct element_config;

/* What packets pass through before the look-up and behind it. All zero: nothing. */
struct config_pipeline {
	struct element_config **elements; /* each once; element/element_config.h */
	unsigned int n_elements;
	uint16_t *order[2]; /* by enum element_side: indexes of elements */
	unsigned int n[2];
	uint32_t max_memory; /* MB that its elements may take */
	char *json;          /* its text, compact, with absolute paths */
	unsigned int line;
};

/* What looks destinations up (lib/lpm_wrap). */
enum config_table_engine {
	CONFIG_TABLE_ENGINE_COMPACT,
	CONFIG_TABLE_ENGINE_FIB,
	CONFIG_TABLE_ENGINE_LPM,
};

/* What becomes of a router's frames. */
enum config_forwarder {
	CONFIG_FORWARDER_ROUTER,
	CONFIG_FORWARDER_WIRE, /* two interfaces without addresses, and neither routes nor hosts */
};

/* So much CPU time in so much time: microseconds. */
struct config_server {
	uint32_t runtime_us; /* 1 .. period_us */
	uint32_t period_us;  /* CONFIG_SERVER_PERIOD_MIN .. MAX */
	unsigned int line;
};

#define CONFIG_SERVER_PERIOD_MIN 100
#define CONFIG_SERVER_PERIOD_MAX 100000

struct config_router {
	char name[CONFIG_NAME_MAX + 1];
	uint32_t weight;               /* 1 .. CONFIG_WEIGHT_MAX */
	struct config_server *reserve; /* NULL: none */
	struct config_server *limit;   /* NULL: none */
	int lcore;                     /* the worker that runs it, or CONFIG_LCORE_ANY */
	uint32_t fifo;                 /* packets; a power of two */
	uint8_t forwarder;             /* enum config_forwarder */
	uint8_t table_engine;          /* enum config_table_engine */
	uint32_t max_routes;           /* of each family */
	uint32_t max_neighbours;       /* of both */
	uint32_t neighbour_timeout;    /* seconds */
	uint32_t icmp_rate;            /* a second; 0: none sent */
	uint32_t echo_rate;
	bool redirects;           /* ICMP redirects are sent */
	bool accept_source_route; /* IPv4 */
	struct config_interface *interfaces;
	unsigned int n_interfaces;
	struct config_route *routes;
	unsigned int n_routes;
	struct config_via *vias; /* of routes with several; room for a power of two */
	unsigned int n_vias;
	char *routes_file;          /* its path, or NULL */
	unsigned int n_file_routes; /* the last of n_routes: their lines are routes_file's */
	struct config_neighbour *neighbours;
	unsigned int n_neighbours;
	struct config_multicast_route *multicast_routes;
	unsigned int n_multicast_routes;
	struct config_pipeline pipeline;
	unsigned int line;
};

/* Two interfaces without ports, joined. */
struct config_link_end {
	char router[CONFIG_NAME_MAX + 1];
	char interface[CONFIG_NAME_MAX + 1];
};

struct config_link {
	struct config_link_end ends[2];
	unsigned int line;
};

/* What a router's turn is charged (lib/sched). */
enum config_cost_mode {
	CONFIG_COST_EXACT,
	CONFIG_COST_SAMPLED,
	CONFIG_COST_PACKETS,
	CONFIG_COST_ROUND_ROBIN,
};

enum config_cost_phase {
	CONFIG_COST_PHASE_RANDOM,
	CONFIG_COST_PHASE_FIXED,
};

#define CONFIG_COST_PERIOD_MAX 65536
#define CONFIG_COST_PERIOD_DEFAULT 20

struct config_cost {
	uint8_t mode;    /* enum config_cost_mode */
	uint8_t phase;   /* enum config_cost_phase; of samples */
	uint32_t period; /* turns of which one is timed; of samples */
	unsigned int line;
};

/* How long turns may take before something is done about it. */
#define CONFIG_WATCHDOG_MS_MAX 3600000
#define CONFIG_WATCHDOG_SOFT_DEFAULT 50
#define CONFIG_WATCHDOG_HARD_DEFAULT 1000

enum config_memory_counters {
	CONFIG_MEMORY_COUNTERS_AUTO, /* where the machine has some */
	CONFIG_MEMORY_COUNTERS_NONE,
};

#define CONFIG_MISSES_PER_SECOND_MAX 1000000000

/* Cache misses: whether they are counted, and what is charged for them. */
struct config_memory {
	uint8_t counters;           /* enum config_memory_counters */
	uint32_t misses_per_second; /* what a worker has; 0: they are not charged */
	unsigned int line;
};

struct config_watchdog {
	uint32_t soft_ms; /* then the router is faulted; 0: never */
	uint32_t hard_ms; /* then its worker is not waited for; 0: never */
	unsigned int line;
};

struct config {
	uint32_t quantum_us;              /* of the scheduler; 1 .. 1000, default 10 */
	struct config_cost *cost;         /* NULL: exact */
	struct config_watchdog *watchdog; /* NULL: as by default */
	struct config_memory *memory;     /* NULL: as by default */
	uint32_t mbufs;                   /* in all; 0: from ports, FIFOs and workers */
	struct config_port *ports;
	unsigned int n_ports;
	struct config_router *routers;
	unsigned int n_routers;
	struct config_link *links;
	unsigned int n_links;
};

/* The i-th gateway of one of the router's routes. */
static inline struct config_via
config_route_via(
	const struct config_router *router, const struct config_route *route, unsigned int i)
{
	if (route->n_vias > 1)
		return router->vias[route->first_via + i];
	return (struct config_via){ route->via, CONFIG_VIA_WEIGHT_DEFAULT, route->zone };
}

/* Whether the outer router of the router's tunnel is another. */
bool config_tunnel_is_elsewhere(
	const struct config_router *router, const struct config_tunnel *tunnel);

/* Bytes that a tunnel puts before an IP packet. */
uint16_t config_tunnel_overhead(const struct config_tunnel *tunnel);

/* The MTU of an interface that is a tunnel: its own, or what CONFIG_MTU_DEFAULT leaves it. */
uint16_t config_interface_mtu(const struct config_interface *interface);

/*
 * Errors are written to `errors`, one a line, all of the file in one go, as
 *
 *	FILE:LINE: $.routers[1].weight: found 0, expected an integer from 1 to 10000
 *
 * and NULL comes back; where there is a config, nothing is written. A file that is not JSON gives
 * the one line its parser can tell, one that cannot be read a line without LINE and path. `source`
 * is what stands for FILE where the text does not come from a file ("console"). Those of a file of
 * routes follow, as FILE:LINE: found ..., expected ...; of many, the first and how many more.
 *
 * A relative path in the text begins at the folder of `source`.
 */
struct config *config_load_file(const char *path, FILE *errors);
struct config *config_load_text(const char *text, const char *source, FILE *errors);

/*
 * One router, from the text of its JSON object, checked against what runs: `running` is the
 * config as it would be written now (names of ports and routers, interfaces, links). Gives a config
 * with no ports and this one router, or NULL with the errors told as above. Its interfaces without
 * a port need no link: that can be added later, or be there from a router of this name.
 */
struct config *config_load_router(
	const char *text, const char *source, const struct config *running, FILE *errors);

/*
 * The routes of a file, one a line, plain or compressed by gzip:
 *
 *	10.1.0.0/16 via 10.0.0.2
 *	10.2.0.0/16 via 10.0.0.2 via 10.0.1.2 weight 2
 *	2001:db8::/32 via fe80::2%lan distance 10
 *	198.51.100.0/24 blackhole	# or unreachable, prohibit
 *
 * checked by themselves and against the interfaces of `router`, not against its other routes. 0
 * with a router in *loaded that has nothing but these routes, for config_router_clear(); or -EINVAL
 * with the errors told as above.
 */
int config_load_routes(const char *path, const struct config_router *router,
	struct config_router *loaded, FILE *errors);

/*
 * A pipeline for a router, from the text of its JSON object. 0 with it in *loaded, for
 * config_pipeline_clear(); or -EINVAL with the errors told as above.
 */
int config_load_pipeline(const char *text, const char *source, const struct config_router *router,
	struct config_pipeline *loaded, FILE *errors);

void config_free(struct config *config);

/* Frees what one router of a config holds; for whoever takes it out of the array. */
void config_router_clear(struct config_router *router);
void config_pipeline_clear(struct config_pipeline *pipeline);

/*
 * Text forms, shared with the console. Each gives 0, or -EINVAL where the text is not one.
 *
 * ADDRESS, or ADDRESS%ZONE with a name (RFC 4007 11.2); without a zone its name is "". Whether a
 * host can have the address, and whether it needs a zone, is not judged.
 */
int config_parse_via(const char *text, struct ip_address *address, char zone[CONFIG_NAME_MAX + 1]);
int config_parse_mac(const char *text, struct rte_ether_addr *mac);

/* ROUTER:INTERFACE. */
int config_parse_link_end(const char *text, struct config_link_end *end);

/* Whether both name the same interface. */
bool config_link_end_equal(const struct config_link_end *a, const struct config_link_end *b);

/* The link with this end, or NULL; *side is then which of its ends it is. */
struct config_link *config_link_find(
	const struct config *config, const struct config_link_end *end, unsigned int *side);

#endif
