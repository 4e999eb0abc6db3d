/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_TUNNEL_H
#define VRF_TUNNEL_H

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <rte_common.h>
#include <rte_ether.h>

#include "address/address.h"
#include "reclaim/reclaim.h"
#include "vrf/timer.h"
#include "vrf/vr.h"

/*
 * Tunnel interfaces: what is sent by one goes as the payload of packets between two addresses.
 *
 *	ipip	IPv4 or IPv6 in IPv4 or IPv6 (RFC 2003, RFC 4213, RFC 2473)
 *	gre	the same behind a GRE header (RFC 2784), with a key or without (RFC 2890)
 *	vxlan	Ethernet frames in UDP (RFC 7348), one remote end
 *
 * ipip and gre are point to point: nobody is asked for MACs, whatever the next hop. Within the
 * router their frames have an Ethernet header of zeros all the same, TUNNEL_L2 bytes that do not
 * travel, so that all that sends sends by them as by any interface. vxlan is an Ethernet like any
 * other.
 *
 * The outer packet is looked up in the tunnel's outer router: at once where that is the interface's
 * own, else it is handed over to that router, which hands over what comes out of the tunnel. It is
 * never cut: IPv4 has DF set, and the interface's MTU is lowered for TUNNEL_MTU_TIME when the way
 * turns out to take less. TTL and DSCP are the tunnel's or the inner packet's as the tunnel began;
 * at its end the inner ones stay as they came (RFC 2003 3.1, RFC 2983 pipe model). ECN is RFC 6040.
 *
 * The packet path is in tunnel_output.h and tunnel_input.h. The functions here are for the control
 * thread.
 */

/* Stands for the port of interfaces that are tunnels: struct vr_interface, next_hop, vr_tx. */
#define VR_PORT_TUNNEL UINT16_MAX

#define TUNNEL_L2 RTE_ETHER_HDR_LEN
/* Of headers in headers that one run of a router puts on or takes off. */
#define TUNNEL_LEVELS_MAX 4
#define TUNNEL_PORT_VXLAN 4789
#define TUNNEL_KEY_MAX_VXLAN 0xffffff
/* ns for which a path's MTU that was told is believed (RFC 1191 6.3, RFC 8201 4). */
#define TUNNEL_MTU_TIME (600 * UINT64_C(1000000000))
/* Lower ones are not believed: what each IPv4 host takes (RFC 1122 3.3.2), and RFC 8201 4. */
#define TUNNEL_MTU_MIN_IPV4 576
#define TUNNEL_MTU_MIN_IPV6 1280

enum tunnel_type {
	TUNNEL_IPIP,
	TUNNEL_GRE,
	TUNNEL_VXLAN,
};

/* What the user says of one. */
struct tunnel_params {
	char router[VR_NAME_SIZE]; /* the outer one */
	/* Where that is another: of links (handover.h) that lead to it and back. */
	uint16_t output_port;
	uint16_t input_port;
	uint8_t type; /* enum tunnel_type */
	uint8_t ttl;  /* 0: the inner packet's */
	bool inherit_dscp;
	uint8_t dscp;
	bool has_key;  /* gre; vxlan has one always */
	uint32_t key;  /* of gre, or the VNI */
	uint16_t port; /* vxlan: UDP, to send to and to receive at */
	struct ip_address local;
	struct ip_address remote; /* of the same family */
};

/* Which tunnel a packet is of. No padding: compared as bytes. */
struct tunnel_key {
	struct ip_address local;
	struct ip_address remote;
	uint8_t type;
	uint8_t has_key;
	uint16_t port; /* 0 but for vxlan */
	uint16_t zero;
	uint32_t key;
};

static_assert(sizeof(struct tunnel_key) == 44, "compared as bytes");

#define TUNNEL_HEADER_MAX 64

/* A tunnel interface. Workers read it; what they write is said so. */
struct tunnel {
	/* What comes before the inner packet, but for what each packet has its own of; it ends
	 * where this ends. */
	alignas(RTE_CACHE_LINE_SIZE) uint8_t header[TUNNEL_HEADER_MAX];

	uint8_t header_length;
	uint8_t l2; /* bytes of a frame by it that do not travel */
	uint8_t type;
	uint8_t family;    /* outer */
	uint8_t ttl;       /* 0: the inner packet's */
	uint8_t tos;       /* the DSCP's bits, where it is not the inner packet's */
	uint8_t dscp_mask; /* the bits of the inner packet's that are taken: ECN always */
	uint16_t interface;
	uint16_t flow; /* of its packets, for outer ways of several next hops */
	uint32_t sum;  /* of the IPv4 header, of what all packets have alike; not folded */
	struct tunnel_key key;
	struct rte_ether_addr mac; /* vxlan: frames for others are not taken */
	bool elsewhere;            /* the outer router is another than the interface's */
	/* Where it is: the ports of outer packets to it, and of what comes out, from it. */
	uint16_t output_port;
	uint16_t input_port;

	/* Written by the worker that runs its router. */
	alignas(RTE_CACHE_LINE_SIZE) uint64_t output_errors; /* could not be sent on */
	/* Written by the worker that runs its outer router. */
	alignas(RTE_CACHE_LINE_SIZE) uint64_t input_errors; /* came, and could not be taken */
	uint64_t icmp_errors; /* told of packets of the tunnel by others on its way */

	/* The control thread's. */
	alignas(RTE_CACHE_LINE_SIZE) struct tunnel_params params;
	struct vr *vr;           /* whose interface it is */
	struct vr *outer;        /* where it is in the table of tunnels; NULL: in none */
	LIST_ENTRY(tunnel) link; /* of the outer router's */
	struct timer mtu_timer;
	uint16_t mtu;    /* the interface's as configured */
	uint32_t serial; /* tells it from all others, those before it too */
};

static_assert(offsetof(struct tunnel, output_errors) % RTE_CACHE_LINE_SIZE == 0, "lines apart");

/* Whether nobody is asked for MACs on the interface. Any thread. */
static inline bool
tunnel_is_point_to_point(const struct vr_interface *interface)
{
	return interface->tunnel != NULL && interface->tunnel->type != TUNNEL_VXLAN;
}

/* The bytes that a tunnel adds to an inner IP packet. */
uint16_t tunnel_overhead(const struct tunnel_params *params);

/* The interface's tunnel, made of interface->tunnel_params. 0 or -ENOMEM. */
int tunnel_add(struct vr *vr, struct vr_interface *interface);

/*
 * From now on packets that come to `outer` are taken for the tunnel. -EEXIST: another there has the
 * same ends and key; -ENOMEM.
 */
int tunnel_attach(struct tunnel *tunnel, struct vr *outer);

/* No more, once every worker has passed a quiescent state. Nothing if it is attached nowhere. */
void tunnel_detach(struct tunnel *tunnel);

/* A tunnel of those attached to the router is told of the MTU of its way. */
void tunnel_mtu_told(struct vr *outer, uint32_t serial, uint16_t mtu);

/* Frees them, and what is attached to the router. For vr_free(). */
void tunnel_free_all(struct vr *vr);

/* "ipip", "gre", "vxlan". */
const char *tunnel_type_name(enum tunnel_type type);

#endif
