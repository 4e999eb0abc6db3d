/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_ICMP_H
#define VRF_ICMP_H

#include "vrf/instance.h"

/*
 * ICMP (RFC 792): answers to echo requests, and errors as RFC 1812 4.3 and 5.2.7 want them. One
 * thing is as most routers do it instead: an error comes from the interface that the packet came in
 * by, so that a traceroute shows the way there. Both are limited per router. Worker.
 */

enum icmp_type {
	ICMP_ECHO_REPLY = 0,
	ICMP_UNREACHABLE = 3,
	ICMP_REDIRECT = 5,
	ICMP_ECHO_REQUEST = 8,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETER_PROBLEM = 12,
};

/* Codes of ICMP_UNREACHABLE. */
enum icmp_unreachable {
	ICMP_NET = 0,
	ICMP_HOST = 1,
	ICMP_PROTOCOL = 2,
	ICMP_PORT = 3,
	ICMP_FRAGMENTATION_NEEDED = 4,
	ICMP_PROHIBITED = 13,
};

/*
 * Sends an error about `mbuf`, which stays the caller's, unless the rules forbid it. `mtu` is for
 * ICMP_FRAGMENTATION_NEEDED, else 0. The packet's header has been validated.
 */
void icmp_error(struct vr_instance *instance, const struct rte_mbuf *mbuf, enum icmp_type type,
	uint8_t code, uint16_t mtu, struct vr_output *output);

/* Takes an IPv4 packet for one of the router's own addresses. */
void icmp_local_input(
	struct vr_instance *instance, struct rte_mbuf *mbuf, struct vr_output *output);

#endif
