/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_IPV4_OPTIONS_H
#define VRF_IPV4_OPTIONS_H

#include <rte_ip.h>

#include "vrf/instance.h"

/*
 * IPv4 options (RFC 791 3.1) as RFC 1812 4.2.2.1 and 5.2.4 want a router to treat them: the record
 * route and timestamp options get the address of the interface that the packet leaves by, source
 * routes are refused unless the router accepts them, others are passed on as they are. Worker.
 */

/* Where in the header the options are that a router works on; 0: there is none. */
struct ipv4_options {
	uint8_t source_route;
	uint8_t record_route;
	uint8_t timestamp;
	bool turned; /* the router was a stop on the source route; the destination is the next */
	bool strict; /* and the next has to be its neighbour */
};

/*
 * Checks the options of a packet whose header is valid otherwise, and takes the next stop of an
 * accepted source route. False: the packet is gone, with an ICMP error where it is due.
 */
bool ipv4_options_input(struct vr_instance *instance, struct rte_mbuf *mbuf,
	struct packet_meta meta, struct ipv4_options *options, struct vr_output *output);

/*
 * Writes down what the options want to know of a packet that leaves by `interface`, and sums the
 * header again. What is full stays as it is.
 */
void ipv4_options_record(struct vr_instance *instance, struct rte_mbuf *mbuf,
	struct packet_meta meta, const struct ipv4_options *options, uint16_t interface);

/*
 * Makes the options of an echo request those of its reply, with `destination` where that goes: a
 * source route is reversed (RFC 1122 3.2.2.6).
 */
void ipv4_options_reply(
	struct rte_ipv4_hdr *ip, const struct ipv4_options *options, rte_be32_t *destination);

#endif
