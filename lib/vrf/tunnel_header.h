/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_TUNNEL_HEADER_H
#define VRF_TUNNEL_HEADER_H

#include <assert.h>

#include <rte_byteorder.h>

#include "packet/packet.h"

/* The headers between the outer IP header and what a tunnel carries. */

enum {
	TUNNEL_PROTOCOL_IPV4 = 4,
	TUNNEL_PROTOCOL_UDP = 17,
	TUNNEL_PROTOCOL_IPV6 = 41,
	TUNNEL_PROTOCOL_GRE = 47,
};

/* RFC 2784 2.1; behind it the checksum with 2 bytes of 0, the key and the sequence number. */
struct gre_header {
	rte_be16_t flags;
	rte_be16_t protocol; /* an EtherType */
} PACKET_HEADER;

static_assert(sizeof(struct gre_header) == 4, "RFC 2784 2");

#define GRE_CHECKSUM RTE_BE16(0x8000)
#define GRE_KEY RTE_BE16(0x2000)      /* RFC 2890 2 */
#define GRE_SEQUENCE RTE_BE16(0x1000) /* RFC 2890 2 */
/* Bits 1, 4 and 5, which must be zero (RFC 2784 2.3), and the version. */
#define GRE_REFUSED RTE_BE16(0x4c07)
#define GRE_OPTION 4 /* bytes of each */

struct udp_header {
	rte_be16_t source;
	rte_be16_t destination;
	rte_be16_t length;
	uint16_t checksum;
} PACKET_HEADER;

static_assert(sizeof(struct udp_header) == 8, "RFC 768");

/* RFC 7348 5. */
struct vxlan_header {
	uint8_t flags;
	uint8_t reserved[3];
	uint8_t vni[3];
	uint8_t reserved_2;
} PACKET_HEADER;

static_assert(sizeof(struct vxlan_header) == 8, "RFC 7348 5");

#define VXLAN_FLAG_VNI 0x08
/* From where source ports are taken (RFC 7348 5). */
#define VXLAN_SOURCE_PORT_MIN 49152

static inline uint32_t
vxlan_vni(const struct vxlan_header *header)
{
	return (uint32_t)header->vni[0] << 16 | (uint32_t)header->vni[1] << 8 | header->vni[2];
}

#endif
