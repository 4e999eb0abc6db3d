/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_NEXT_HOP_H
#define VRF_NEXT_HOP_H

#include <assert.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

#include "address/address.h"
#include "packet/packet.h"
#include "reclaim/reclaim.h"

/*
 * Where a route leads. Routes hold an index into the router's array of pointers; what a pointer
 * leads to never changes once workers can see it. A new MAC is a new next hop in the same place,
 * the old one is retired. So a change touches no route, and a reader sees the old or the new,
 * whole.
 */

enum next_hop_type {
	NEXT_HOP_NEIGHBOUR,  /* resolved: l2 is the header to write */
	NEXT_HOP_NO_ROUTE,   /* what a look-up without a match gives */
	NEXT_HOP_INCOMPLETE, /* a neighbour whose MAC is not known */
	/* The destination itself is the neighbour, not known yet. With l2_length it is on a point
	 * to point interface, where nobody is asked. */
	NEXT_HOP_CONNECTED,
	NEXT_HOP_GROUP,     /* several neighbours: a flow's bucket tells which */
	NEXT_HOP_LOCAL,     /* an address of this router */
	NEXT_HOP_BROADCAST, /* of a connected subnet */
	NEXT_HOP_BLACKHOLE,
	NEXT_HOP_UNREACHABLE,
	NEXT_HOP_PROHIBIT,
	/* As NEIGHBOUR, but a packet that goes there has to be told of: the MAC may be outdated. */
	NEXT_HOP_STALE,
};

/* Fixed places in the array; connected subnets follow, one for each interface, then neighbours. */
enum next_hop_index {
	NEXT_HOP_INDEX_NO_ROUTE, /* LPM_NO_ROUTE */
	NEXT_HOP_INDEX_LOCAL,
	NEXT_HOP_INDEX_BROADCAST,
	NEXT_HOP_INDEX_BLACKHOLE,
	NEXT_HOP_INDEX_UNREACHABLE,
	NEXT_HOP_INDEX_PROHIBIT,
	NEXT_HOP_INDEX_INTERFACES,
};

/* Immutable like the next hop that leads to them. */
struct next_hop_buckets {
	struct reclaim_node reclaim;
	uint32_t mask;
	uint32_t indexes[]; /* of next hops */
};

#define NEXT_HOP_L2_MAX 22

struct next_hop {
	/* Read for each packet: the first half of the line. */
	union {
		uint8_t l2[NEXT_HOP_L2_MAX];            /* NEIGHBOUR, STALE */
		struct ip_address address;              /* INCOMPLETE: whose MAC is wanted */
		const struct next_hop_buckets *buckets; /* GROUP */
	};
	uint8_t l2_length; /* 14, 18 or 22; 0: there is no L2 header yet */
	uint8_t type;
	uint16_t port; /* index of ours, or VR_PORT_TUNNEL */
	uint16_t interface;
	uint16_t mtu;

	/* Read by the control thread. */
	alignas(32) uint32_t index;
	uint8_t told; /* STALE: the packet was told of. Written by workers, the one thing that is */
	struct reclaim_node reclaim;
} __attribute__((aligned(RTE_CACHE_LINE_SIZE)));

static_assert(sizeof(struct next_hop) == RTE_CACHE_LINE_SIZE, "one cache line");
static_assert(offsetof(struct next_hop, index) == 32, "the hot half");

#endif
