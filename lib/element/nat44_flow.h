/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_NAT44_FLOW_H
#define ELEMENT_NAT44_FLOW_H

#include "element/nat44.h"

/*
 * How sessions begin, go on, and end. Worker. Ports in network byte order; `flags` are those of
 * TCP's header, 0 for others.
 */

#define NAT44_TCP_FIN 0x01
#define NAT44_TCP_SYN 0x02
#define NAT44_TCP_RST 0x04
#define NAT44_TCP_CHANGES (NAT44_TCP_FIN | NAT44_TCP_SYN | NAT44_TCP_RST)

/* The other end of a packet. */
struct nat44_remote {
	uint32_t address;
	uint16_t port;
};

/*
 * A new session for this inside endpoint. Its outside address is the one that all sessions of the
 * host get; its port is the same if it is free, else one of its parity at random, if any is. Where
 * there is no room the oldest session without an answer goes, of the same address and protocol
 * first. 0 with the reason.
 */
uint32_t nat44_flow_begin(
	struct nat44 *nat, uint64_t inside, struct nat44_remote remote, enum nat44_reason *reason);

/* A packet of the session goes out. */
void nat44_flow_out(struct nat44 *nat, uint32_t number, struct nat44_remote remote, uint8_t flags);

/* One comes in. NAT44_GO_ON, or why it may not. */
int nat44_flow_in(struct nat44 *nat, uint32_t number, struct nat44_remote remote, uint8_t flags);

/* Ends one, not a forward. */
void nat44_flow_end(struct nat44 *nat, uint32_t number);

/* Ends those idle for too long; looks at `budget` at most. */
void nat44_flow_expire(struct nat44 *nat, unsigned int budget);

/* The index of the pool's address that a host's sessions have. */
unsigned int nat44_pool_index(const struct nat44_state *state, uint32_t host);

static inline bool
nat44_is_remote(const struct nat44_session *session, struct nat44_remote remote)
{
	return session->remote == remote.address && session->remote_port == remote.port;
}

/* Whether nat44_flow_out() would do no more than note the time. */
static inline bool
nat44_flow_is_plain_out(const struct nat44 *nat, const struct nat44_session *session, uint8_t flags)
{
	return (flags & NAT44_TCP_CHANGES) == 0 && session->state != NAT44_TCP_TRANSITORY &&
	       nat->filtering == NAT44_FILTER_NONE;
}

static inline bool
nat44_flow_is_plain_in(const struct nat44 *nat, const struct nat44_session *session, uint8_t flags)
{
	return nat44_flow_is_plain_out(nat, session, flags) &&
	       (session->flags & NAT44_UNANSWERED) == 0;
}

/* Notes the time; leaves the line clean where it is the same second. */
static inline void
nat44_session_use(struct nat44_session *session, uint32_t now)
{
	if (session->used != now)
		session->used = now;
}

/* What is in, where nat44_flow_is_plain_in(): only TCP is kept alive from outside (RFC 4787 REQ-6).
 */
static inline void
nat44_flow_plain_in(
	const struct nat44 *nat, struct nat44_session *session, struct nat44_remote remote)
{
	if (session->state != NAT44_UDP && session->state != NAT44_ICMP &&
		(nat44_is_remote(session, remote) || session->flags & NAT44_SHARED))
		nat44_session_use(session, nat->state->now);
}

#endif
