/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_ND_MESSAGE_H
#define VRF_ND_MESSAGE_H

#include <assert.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

#include "packet/ipv6_header.h"
#include "vrf/vr.h"

/* Neighbour discovery messages as they are on the wire (RFC 4861 4), and how ours are made. */

#define ND_HOP_LIMIT 255 /* proof that a message has crossed no router (RFC 4861 3.1) */

enum nd_type {
	ND_ROUTER_SOLICITATION = 133,
	ND_ROUTER_ADVERTISEMENT = 134,
	ND_SOLICITATION = 135,
	ND_ADVERTISEMENT = 136,
	ND_REDIRECT = 137,
};

enum nd_option {
	ND_OPTION_SOURCE = 1,
	ND_OPTION_TARGET = 2,
	ND_OPTION_PREFIX = 3,
	ND_OPTION_MTU = 5,
};

enum nd_flag {
	ND_FLAG_ROUTER = 0x80,
	ND_FLAG_SOLICITED = 0x40,
	ND_FLAG_OVERRIDE = 0x20,
};

struct nd_header {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	uint32_t reserved;
} PACKET_HEADER;

/* Neighbour solicitation and advertisement (RFC 4861 4.3, 4.4). */
struct nd_message {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	uint8_t flags; /* of an advertisement */
	uint8_t reserved[3];
	uint8_t target[16];
} PACKET_HEADER;

struct nd_link_option {
	uint8_t type;
	uint8_t length; /* 1: in 8 bytes */
	struct rte_ether_addr mac;
} PACKET_HEADER;

static_assert(sizeof(struct nd_header) == 8, "RFC 4861 4.1");
static_assert(sizeof(struct nd_message) == 24, "RFC 4861 4.3");
static_assert(sizeof(struct nd_link_option) == 8, "RFC 4861 4.6.1");

/* What all messages begin with; the checksum is still to be summed. */
void nd_fill_ip(
	struct ipv6_header *ip, const uint8_t *source, const uint8_t *destination, uint16_t length);

/* A neighbour solicitation or advertisement; `option` may be NULL. */
void nd_fill(struct ipv6_header *ip, const uint8_t *source, const uint8_t *destination,
	enum nd_type type, uint8_t flags, const uint8_t *target,
	const struct nd_link_option *option);

/*
 * Whole frames; NULL when there is no buffer. Control thread.
 *
 * One that asks from `source` for `target`: to its solicited-node group, or to `destination` where
 * it is not NULL. A source of NULL makes it a probe whether anyone has the address (RFC 4862
 * 5.4.2).
 */
struct rte_mbuf *nd_solicit(struct rte_mempool *pool, const struct vr_interface *interface,
	const struct ip_address *source, const struct ip_address *target,
	const struct rte_ether_addr *destination);

/* One that tells all nodes the MAC of our address, unasked (RFC 4861 7.2.6). */
struct rte_mbuf *nd_announce(struct rte_mempool *pool, const struct vr_interface *interface,
	const struct ip_address *address);

/* One that tells all nodes what the interface advertises, with this lifetime (RFC 4861 4.2). */
struct rte_mbuf *nd_advertise_router(
	struct rte_mempool *pool, const struct vr_interface *interface, uint16_t lifetime);

#endif
