/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_IPV6_OPTIONS_H
#define VRF_IPV6_OPTIONS_H

#include "vrf/instance.h"
#include "vrf/ipv6.h"

/*
 * IPv6 hop-by-hop and destination options, and what else of extension headers is for whom the
 * packet has reached (RFC 8200 4). The router knows padding and the router alert (RFC 2711), which
 * asks nothing of it; of other options their type says what becomes of the packet. Worker.
 */

/*
 * Goes through the options of the extension header `offset` bytes behind the IPv6 header, which is
 * in the first segment. False: the packet is gone, with an ICMP error where it is due.
 */
bool ipv6_options_input(struct vr_instance *instance, struct rte_mbuf *mbuf,
	struct packet_meta meta, uint16_t offset, struct vr_output *output);

/*
 * Goes along the extension headers of a packet for this router up to the upper layer or a fragment
 * header, which `upper` then tells of. False as above.
 */
bool ipv6_headers_input(struct vr_instance *instance, struct rte_mbuf *mbuf,
	struct packet_meta meta, struct ipv6_upper *upper, struct vr_output *output);

#endif
