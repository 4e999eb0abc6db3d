/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef DATAPLANE_TUBE_H
#define DATAPLANE_TUBE_H

#include "pair.h"

/*
 * The router of pair.h with a tunnel "t" out of its wan, through which its far hosts are reached:
 *
 *	HOST --- lan [r] wan --- GATEWAY - - - END ( far [far router] ) --- FAR
 *	               t 172.16.0.1/30, fd00:77::1/64  ============  172.16.0.2, fd00:77::2
 *
 * The outer packets go between WAN_IP and END_IP, or WAN_IP6 and END_IP6. The host, the gateway
 * and, behind a vxlan, the far router are static neighbours.
 */

#define END_IP IP(203, 0, 113, 9)
#define END_IP6 ip6("2001:db8:9::9")
#define TUBE_IP IP(172, 16, 0, 1)
#define TUBE_IP6 ip6("fd00:77::1")
#define TUBE_PEER_IP IP(172, 16, 0, 2)
#define TUBE_PEER_IP6 ip6("fd00:77::2")
#define TUBE_MAC UINT64_C(0x020000000077)
#define TUBE_PEER_MAC UINT64_C(0x020000007702)
#define TUBE_KEY UINT32_C(0xdecade)
#define TUBE_PORT 4789

enum tube_type {
	TUBE_IPIP,
	TUBE_GRE,
	TUBE_GRE_KEY,
	TUBE_VXLAN,
	TUBE_TYPES
};

struct tube {
	enum tube_type type;
	bool outer6;
	const char *members;    /* of the tunnel: "'ttl': 3," */
	const char *interface;  /* of the interface "t": "'mtu': 1400," */
	const char *interfaces; /* after it: ", {...}" */
	const char *routes;     /* after those there are: ", {...}" */
	const char *routers;    /* after "r": ", {...}" */
	uint16_t wan_mtu;
	bool gateway_unknown; /* it is no static neighbour */
};

extern struct tube tube; /* of the one that runs */

void tube_open(struct tube options);

/* Bytes before an inner IP packet. */
uint32_t tube_overhead(void);

/* What is between the outer and the inner IP header, as it is sent. */
struct tube_header {
	bool back; /* from the far end to the router */
	uint8_t tos;
	uint8_t ttl;
	uint16_t source_port; /* vxlan */
	bool no_checksum;     /* vxlan over IPv6 */
	const uint8_t *shim;  /* instead of the type's own, but for vxlan's Ethernet header */
	uint32_t n_shim;
	bool raw;          /* vxlan: `inner` has its Ethernet header */
	uint16_t fragment; /* IPv4: instead of DF */
	uint16_t id;
};

/* The outer frame with the L3 packet of `inner` in it. */
void tube_wrap(struct frame *frame, const struct tube_header *header, const struct frame *inner);

/* Takes a frame at the wan and asserts that it is `inner` in the tunnel, as `header` says. */
#define tube_expect(header, inner) tube_expect_at(header, inner, __FILE__, __LINE__)
bool tube_expect_at(const struct tube_header *header, const struct frame *inner, const char *file,
	unsigned int line);

/* Injects at the wan what comes out of it. */
void tube_inject(const struct tube_header *header, const struct frame *inner);

/* The interface "t". */
struct vr_interface *tube_interface(void);

#endif
