/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_NAT44_SESSION_H
#define ELEMENT_NAT44_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "element/nat44_index.h"

/*
 * The sessions of a NAT. A session is what RFC 4787 calls a mapping: an inside endpoint (address,
 * port, protocol) and the outside endpoint that stands for it, whoever the remote end is. So one
 * from outside can never make the NAT remember anything. Sessions are numbered; 0 is none.
 *
 * They are found by either endpoint, and end by a wheel of seconds: each is in the slot of the
 * second when it may have been idle for too long, and if it was used since it moves on to another,
 * so that a packet only notes the time. Those that had no answer yet are also in a queue, the
 * oldest first, from which room is made.
 *
 * All is allocated at the start. One writer, the worker; the control thread may read sessions
 * meanwhile and must take what it sees as a hint.
 */

enum nat44_side {
	NAT44_INSIDE,
	NAT44_OUTSIDE,
	NAT44_SIDES
};

/* Each has its timeout. */
enum nat44_session_state {
	NAT44_FREE,
	NAT44_UDP,
	NAT44_ICMP,
	NAT44_TCP_TRANSITORY, /* not yet open, or closed, or reset */
	NAT44_TCP_ESTABLISHED,
	NAT44_FORWARD, /* by config; does not end */
	NAT44_STATES
};

/* Flags. */
#define NAT44_UNANSWERED 0x01 /* nothing came back yet: it may be ended early */
/* TCP, of the connection to `remote`: */
#define NAT44_FIN_OUT 0x02
#define NAT44_FIN_IN 0x04
#define NAT44_SHARED 0x08 /* there are connections to others, too: FIN and RST don't count */
#define NAT44_CLOSED 0x10 /* by FIN both ways, or by RST */

struct nat44_session {
	uint64_t key[NAT44_SIDES]; /* the endpoints, nat44_key(); 0: free */
	uint16_t ip_difference;    /* of the sum of the IP header, from inside to outside */
	uint16_t l4_difference;    /* of what the L4 checksum covers */
	uint32_t used;             /* second of the last packet that counts */
	uint32_t remote;           /* the first one, or that of the TCP connection; network order */
	uint16_t remote_port;
	uint8_t state; /* enum nat44_session_state */
	uint8_t flags;
};

/* What packets of a session that goes on need not look at: apart, so that more of the others fit in
 * the cache. */
struct nat44_links {
	uint32_t chain[NAT44_SIDES]; /* behind a full bucket */
	uint32_t before;             /* in the slot of the wheel; 0: the first */
	uint32_t behind;             /* of the free ones, too */
	uint32_t older;              /* in the queue of those unanswered */
	uint32_t younger;
	uint32_t due; /* second; its low bits are the slot. 0: not on the wheel */
	uint32_t unused;
};

static_assert(2 * sizeof(struct nat44_session) == RTE_CACHE_LINE_MIN_SIZE, "half a line");
static_assert(2 * sizeof(struct nat44_links) == RTE_CACHE_LINE_MIN_SIZE, "half a line");

/* A queue of sessions that had no answer. */
struct nat44_queue {
	uint32_t oldest;
	uint32_t youngest;
};

#define NAT44_WHEEL_SLOTS 1024u
#define NAT44_CHAIN_MAX 16u

struct nat44_sessions {
	struct nat44_session *sessions; /* [0] is not used */
	struct nat44_links *links;
	struct nat44_index index[NAT44_SIDES];
	uint32_t capacity; /* numbers go up to it */
	uint32_t fresh;    /* the next that was never used */
	uint32_t free;     /* the first of those given back */
	uint32_t wheel[NAT44_WHEEL_SLOTS];
	uint32_t turned; /* second up to which the wheel has been looked at */
	uint32_t n[NAT44_STATES];
};

/* Bytes for `capacity` sessions, behind the struct itself. */
size_t nat44_sessions_size(uint32_t capacity);

/* `memory` is zeroed, begins a cache line and has nat44_sessions_size() bytes. */
void nat44_sessions_init(struct nat44_sessions *sessions, uint32_t capacity, void *memory);

/* The session with this endpoint on that side, or 0. */
uint32_t nat44_session_find(
	const struct nat44_sessions *sessions, enum nat44_side side, uint64_t key);

/*
 * A new one with both endpoints, of which neither is taken; its differences are set, all else is
 * zero, and it is in no queue and on no wheel. 0: there is none left, or an endpoint's place in the
 * index is full.
 */
uint32_t nat44_session_add(struct nat44_sessions *sessions, uint64_t inside, uint64_t outside,
	enum nat44_session_state state);

/* Takes it out of all; its queue is the one of nat44_session_wait(), if it is unanswered. */
void nat44_session_remove(
	struct nat44_sessions *sessions, uint32_t number, struct nat44_queue *queue);

void nat44_session_set_state(
	struct nat44_sessions *sessions, uint32_t number, enum nat44_session_state state);

/* Puts it in the queue of those unanswered, as the youngest; takes it out again. */
void nat44_session_wait(
	struct nat44_sessions *sessions, uint32_t number, struct nat44_queue *queue);
void nat44_session_answered(
	struct nat44_sessions *sessions, uint32_t number, struct nat44_queue *queue);

/* To be looked at in that second, or before; a session that already is on the wheel moves. */
void nat44_session_schedule(struct nat44_sessions *sessions, uint32_t number, uint32_t second);

/*
 * The next session whose second has come by `now`, or 0; it is off the wheel then. Each call takes
 * one off *budget for a session and for each empty slot, and gives 0 when it is used up.
 */
uint32_t nat44_session_due(struct nat44_sessions *sessions, uint32_t now, unsigned int *budget);

#endif
