/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_FLOW_H
#define VRF_FLOW_H

#include <stdint.h>

#include <rte_mbuf.h>

#include "packet/packet.h"

/*
 * A number that all packets of a flow share: of addresses, protocol and, for TCP, UDP, SCTP,
 * UDP-Lite and DCCP, ports. Fragments of a datagram stay together: none of them has its ports
 * looked at, as all but the first have none. Where no ports are looked at, IPv6 has its flow label
 * count (RFC 6438). The packet's header has been validated. Any thread.
 */
uint32_t flow_hash(const struct rte_mbuf *mbuf, struct packet_meta meta, uint32_t seed);

#endif
