/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef DATAPLANE_PAIR_H
#define DATAPLANE_PAIR_H

#include "lab.h"
#include "vrf/own_address.h"

/*
 * The router most tests need, "r": "lan" on port 0, "wan" on port 1, a host and a gateway that are
 * static neighbours, and a route behind the gateway.
 *
 *	HOST 10.0.0.2 --- lan 10.0.0.1/24 [r] 192.0.2.1/24 wan --- GATEWAY 192.0.2.2
 *	                                                               198.18.0.0/15
 *
 * With the option `ipv6` the same in IPv6 besides, HOST 2001:db8:a::2, lan 2001:db8:a::1/64, wan
 * 2001:db8:b::1/64, GATEWAY 2001:db8:b::2, and 2001:db8:f000::/36 behind it.
 */

#define LAN 0
#define WAN 1

#define LAN_MAC UINT64_C(0x020000000001)
#define WAN_MAC UINT64_C(0x020000000002)
#define HOST_MAC UINT64_C(0x020000000a02)
#define GATEWAY_MAC UINT64_C(0x020000000202)
#define STRANGE_MAC UINT64_C(0x0200000000ee) /* of nobody */

#define LAN_IP IP(10, 0, 0, 1)
#define WAN_IP IP(192, 0, 2, 1)
#define HOST_IP IP(10, 0, 0, 2)
#define GATEWAY_IP IP(192, 0, 2, 2)
#define FAR_IP IP(198, 18, 0, 1)

#define LAN_IP6 ip6("2001:db8:a::1")
#define WAN_IP6 ip6("2001:db8:b::1")
#define HOST_IP6 ip6("2001:db8:a::2")
#define GATEWAY_IP6 ip6("2001:db8:b::2")
#define FAR_IP6 ip6("2001:db8:f000::1")

struct pair_options {
	uint16_t lan_vlan; /* 0: untagged */
	uint16_t wan_vlan;
	uint16_t lan_outer_vlan; /* 0: none */
	uint16_t wan_outer_vlan;
	uint16_t lan_mtu; /* 0: the default */
	uint16_t wan_mtu;
	bool ipv6;
	const char *more;    /* members of the router: "'weight': 3,"; NULL: rates without limit */
	const char *routers; /* after it: ", {...}" */
};

/* What a router with an IPv4 address on each of two interfaces sends at its start. */
#define PAIR_STARTED (2 * OWN_ADDRESS_ANNOUNCEMENTS)

extern struct pair_options pair; /* of the one that runs */

void pair_open(struct pair_options options);

/* A packet from the host to far away, UDP without data. Its L2 header is right for the port. */
struct ipv4 pair_packet(void);

/* One from the gateway to the host. */
struct ipv4 pair_packet_back(void);

/* Sends it in, pumps, and asserts that it comes out at the other end as it should, alone. */
#define pair_forwards(ipv4) pair_forwards_at(ipv4, __FILE__, __LINE__)
bool pair_forwards_at(const struct ipv4 *ipv4, const char *file, unsigned int line);

/* What it is when it comes out: the whole frame. */
void pair_forwarded(struct frame *frame, const struct ipv4 *ipv4);

/* Injects the packet at the port that its destination MAC is of. */
void pair_inject(const struct ipv4 *ipv4);

/* The same of IPv6. */
struct ipv6 pair_packet6(void);
struct ipv6 pair_packet6_back(void);
#define pair_forwards6(ipv6) pair_forwards6_at(ipv6, __FILE__, __LINE__)
bool pair_forwards6_at(const struct ipv6 *ipv6, const char *file, unsigned int line);
void pair_forwarded6(struct frame *frame, const struct ipv6 *ipv6);
void pair_inject6(const struct ipv6 *ipv6);

/* Injects a frame, pumps, and asserts that it was dropped for the reason, with no frame sent. */
#define pair_drops(port, frame, reason) pair_drops_at(port, frame, reason, __FILE__, __LINE__)
bool pair_drops_at(unsigned int port, const struct frame *frame, enum vr_drop reason,
	const char *file, unsigned int line);

/* The same of a frame that is no router's: dropped by the port. */
#define pair_ignores(port, frame, reason) pair_ignores_at(port, frame, reason, __FILE__, __LINE__)
bool pair_ignores_at(unsigned int port, const struct frame *frame, enum classify_drop reason,
	const char *file, unsigned int line);

/* The header of frames to the host or to the gateway. */
struct ethernet pair_to_host(void);
struct ethernet pair_to_gateway(void);

/* A UDP packet's worth of bytes, for packets whose payload does not matter. */
extern const uint8_t pair_bytes[FRAME_MAX];

#endif
