/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef PACKET_IPV6_HEADER_H
#define PACKET_IPV6_HEADER_H

#include <assert.h>
#include <stdint.h>

#include <rte_byteorder.h>

#include "packet/packet.h"

/* RFC 8200 3. DPDK's own struct changes with its version; this one stays. */
struct ipv6_header {
	rte_be32_t version_class_flow;
	rte_be16_t payload_length;
	uint8_t next_header;
	uint8_t hop_limit;
	uint8_t source[16];
	uint8_t destination[16];
} PACKET_HEADER;

static_assert(sizeof(struct ipv6_header) == 40, "RFC 8200 3");

#define IPV6_VERSION RTE_BE32(0x60000000)
#define IPV6_VERSION_MASK RTE_BE32(0xf0000000)

#endif
