/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_LOCAL_H
#define VRF_LOCAL_H

#include "vrf/instance.h"
#include "vrf/ipv4_options.h"

/*
 * Takes a packet for the router itself: one of its addresses, or a group that it is in. Its header
 * has been validated, and it ends as that says. `options` are those of an IPv4 header that has
 * some, otherwise NULL. Worker.
 */
void local_input(struct vr_instance *instance, struct rte_mbuf *mbuf,
	const struct ipv4_options *options, struct vr_output *output);

/* Whether programs of a host side would speak it: TCP, routing protocols and the like. */
bool local_is_host_protocol(uint8_t protocol);

/* The way to the host side, which is to come: until then these packets are counted. Worker. */
void local_to_host(struct vr_instance *instance, struct rte_mbuf *mbuf);

#endif
