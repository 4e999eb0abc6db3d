/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_NAT44_H
#define ELEMENT_NAT44_H

#include <netinet/in.h>

#include "element/element.h"
#include "element/nat44_address.h"
#include "element/nat44_config.h"
#include "element/nat44_fragment.h"
#include "element/nat44_host.h"
#include "element/nat44_peer.h"
#include "element/nat44_port.h"
#include "element/nat44_session.h"

/*
 * What the parts of the nat44 element share; docs/nat44.md tells what it does and why. In here:
 *
 *	nat44.c           the element: bursts, and the fast way for packets of sessions there are
 *	nat44_packet.c    the way of all other packets
 *	nat44_icmp.c      ICMP errors
 *	nat44_header.h    how headers are changed
 *	nat44_flow.c      how sessions begin, go on, and end
 *	nat44_session.c   the sessions, how they are found and when they are due
 *	nat44_state.c     what outlives a change of the config; port forwards
 *	nat44_port.c, nat44_host.c, nat44_peer.c, nat44_fragment.c, nat44_address.h: tables
 *	nat44_config.c, nat44_show.c
 *
 * Addresses, ports and ICMP identifiers are in network byte order except where ports are chosen.
 */

#define NAT44_REASONS(X) \
	X(NO_MAPPING, "no_mapping", "for an outside address and port that lead nowhere inside") \
	X(NO_PORT, "no_port", "a new flow, and all ports of its outside address are in use") \
	X(SESSION_LIMIT, "session_limit", "a new flow, and max_sessions are answered and live") \
	X(HOST_LIMIT, "host_limit", "a new flow of a host with max_sessions_per_host of them") \
	X(FILTERED, "filtered", "from a remote end that the inside host did not send to") \
	X(PROTOCOL, "protocol", "a protocol that shares no address with others") \
	X(TRUNCATED, "truncated", "the L4 header is cut off") \
	X(FRAGMENT, "fragment", "a fragment that came before the first of its packet") \
	X(ICMP_ERROR, "icmp_error", "an ICMP error about no packet of a session")

enum nat44_reason {
#define X(symbol, name, text) NAT44_##symbol,
	NAT44_REASONS(X)
#undef X
	NAT44_N_REASONS
};

/* What becomes of a packet: one of the reasons, or this. */
#define NAT44_GO_ON (-1)

/* Ports and identifiers of these are apart. */
enum nat44_protocol {
	NAT44_PROTOCOL_TCP,
	NAT44_PROTOCOL_UDP,
	NAT44_PROTOCOL_ICMP,
	NAT44_PROTOCOLS
};

struct nat44_counters {
	uint64_t created;
	uint64_t expired;
	uint64_t reused; /* ended early, without an answer, for others */
	uint64_t translated_out;
	uint64_t translated_in;
	uint64_t hairpinned;
	uint64_t errors; /* ICMP errors */
	uint64_t fragments;
};

/* An outside address that hosts share. */
struct nat44_pool_address {
	uint32_t address;
	struct nat44_ports ports[NAT44_PROTOCOLS];
	struct nat44_queue unanswered[NAT44_PROTOCOLS];
};

/* What a new element takes over from the one it replaces, where addresses and ports are the same.
 */
struct nat44_state {
	unsigned int users; /* elements; control thread */
	uint32_t elements;  /* that ever had it; control thread */
	uint32_t current;   /* number of the one whose forwards are in force */
	struct nat44_sessions sessions;
	uint32_t n_sessions; /* without forwards */
	struct nat44_hosts hosts;
	bool has_hosts;
	struct nat44_peers peers;
	bool has_peers;
	struct nat44_fragments fragments;
	struct nat44_counters counters;
	uint64_t random;
	uint64_t start; /* cycles; 0: not yet */
	uint64_t next_second;
	uint32_t now;  /* seconds since then */
	uint32_t look; /* for unanswered sessions of others: a queue */
	uint32_t capacity;
	size_t size; /* bytes in all */
	uint16_t low;
	uint16_t high;
	uint32_t forwards[NAT44_FORWARDS_MAX]; /* sessions */
	unsigned int n_forwards;
	unsigned int n_addresses;
	struct nat44_pool_address addresses[];
};

struct nat44 {
	struct element element;
	struct nat44_state *state;
	uint32_t number; /* among those that had the state */
	uint64_t hz;
	uint16_t outside; /* interface */
	uint8_t filtering;
	uint32_t max_sessions;
	uint32_t max_sessions_per_host;  /* UINT32_MAX: none */
	uint32_t timeouts[NAT44_STATES]; /* seconds */
	/* Outside addresses: the index of the pool's + 1, or NAT44_MAP_STATIC. */
	struct nat44_address_map map;
	struct nat44_address_map static_inside;  /* and what it is outside */
	struct nat44_address_map static_outside; /* and what it is inside */
	unsigned int n_inside;
	uint32_t inside[NAT44_INSIDE_MAX]; /* prefixes */
	uint32_t inside_masks[NAT44_INSIDE_MAX];
	unsigned int n_forwards;
	struct nat44_forward forwards[NAT44_FORWARDS_MAX];
};

#define NAT44_MAP_STATIC UINT32_MAX

/* -1: none of them. */
static inline int
nat44_protocol_of(uint8_t protocol)
{
	if (protocol == IPPROTO_TCP)
		return NAT44_PROTOCOL_TCP;
	if (protocol == IPPROTO_UDP)
		return NAT44_PROTOCOL_UDP;
	return protocol == IPPROTO_ICMP ? NAT44_PROTOCOL_ICMP : -1;
}

#endif
