/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "element/nat44_flow.h"

/* Queues of others that are looked at for a session to end. */
#define LOOK_MAX 16u

/* The finalizer of splitmix64 (Steele, Lea, Flood, OOPSLA 2014) over a counter with a secret start.
 */
static uint32_t
random32(struct nat44_state *state)
{
	uint64_t z = state->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ z >> 31) >> 32);
}

/* Always the same, so that a host keeps its address over restarts (RFC 4787 REQ-2, REQ-11). */
unsigned int
nat44_pool_index(const struct nat44_state *state, uint32_t host)
{
	uint32_t mixed = rte_be_to_cpu_32(host) * UINT32_C(0x9e3779b1);

	return (unsigned int)((uint64_t)mixed * state->n_addresses >> 32);
}

static struct nat44_pool_address *
pool_of(const struct nat44 *nat, const struct nat44_session *session)
{
	uint32_t i = nat44_map_find(&nat->map, nat44_key_address(session->key[NAT44_OUTSIDE]));

	return &nat->state->addresses[i - 1];
}

static struct nat44_queue *
queue_of(const struct nat44 *nat, const struct nat44_session *session)
{
	int protocol = nat44_protocol_of(nat44_key_protocol(session->key[NAT44_INSIDE]));

	return &pool_of(nat, session)->unanswered[protocol];
}

static struct nat44_session *
session_at(const struct nat44 *nat, uint32_t number)
{
	return &nat->state->sessions.sessions[number];
}

/* The end */

void
nat44_flow_end(struct nat44 *nat, uint32_t number)
{
	const struct nat44_session *session = session_at(nat, number);
	struct nat44_pool_address *pool = pool_of(nat, session);
	int protocol = nat44_protocol_of(nat44_key_protocol(session->key[NAT44_INSIDE]));

	nat44_ports_give(&pool->ports[protocol],
		rte_be_to_cpu_16(nat44_key_port(session->key[NAT44_OUTSIDE])));
	if (nat->state->has_hosts)
		nat44_host_remove(
			&nat->state->hosts, nat44_key_address(session->key[NAT44_INSIDE]));
	nat44_session_remove(&nat->state->sessions, number, &pool->unanswered[protocol]);
	nat->state->n_sessions--;
}

/* When it is to be looked at again: a second is not over before the next begins. */
static uint32_t
deadline(const struct nat44 *nat, const struct nat44_session *session)
{
	return session->used + nat->timeouts[session->state] + 1;
}

void
nat44_flow_expire(struct nat44 *nat, unsigned int budget)
{
	struct nat44_state *state = nat->state;
	uint32_t number;

	while ((number = nat44_session_due(&state->sessions, state->now, &budget)) != 0) {
		uint32_t then = deadline(nat, session_at(nat, number));

		if (then > state->now) {
			nat44_session_schedule(&state->sessions, number, then);
			continue;
		}
		nat44_flow_end(nat, number);
		state->counters.expired++;
	}
}

static bool
end_oldest(struct nat44 *nat, const struct nat44_queue *queue)
{
	if (queue->oldest == 0)
		return false;
	nat44_flow_end(nat, queue->oldest);
	nat->state->counters.reused++;
	return true;
}

/* Of this queue, or else of some others, in turn. */
static bool
make_room(struct nat44 *nat, const struct nat44_queue *queue)
{
	struct nat44_state *state = nat->state;
	unsigned int n = state->n_addresses * NAT44_PROTOCOLS;

	if (end_oldest(nat, queue))
		return true;
	for (unsigned int i = 0; i < RTE_MIN(n, LOOK_MAX); i++) {
		unsigned int at = state->look = (state->look + 1) % n;

		if (end_oldest(nat, &state->addresses[at / NAT44_PROTOCOLS]
					     .unanswered[at % NAT44_PROTOCOLS]))
			return true;
	}
	return false;
}

/* The beginning */

static int
take_port(struct nat44 *nat, struct nat44_pool_address *pool, int protocol, uint16_t wanted)
{
	int port = nat44_ports_take(&pool->ports[protocol], wanted, random32(nat->state));

	if (port < 0 && end_oldest(nat, &pool->unanswered[protocol]))
		port = nat44_ports_take(&pool->ports[protocol], wanted, random32(nat->state));
	return port;
}

static uint32_t
add(struct nat44 *nat, struct nat44_pool_address *pool, uint64_t inside, int port,
	enum nat44_reason *reason)
{
	static const uint8_t states[NAT44_PROTOCOLS] = {
		[NAT44_PROTOCOL_TCP] = NAT44_TCP_TRANSITORY,
		[NAT44_PROTOCOL_UDP] = NAT44_UDP,
		[NAT44_PROTOCOL_ICMP] = NAT44_ICMP,
	};
	int protocol = nat44_protocol_of(nat44_key_protocol(inside));
	uint32_t number;

	if (port < 0) {
		*reason = NAT44_NO_PORT;
		return 0;
	}
	number = nat44_session_add(&nat->state->sessions, inside,
		nat44_key(pool->address, rte_cpu_to_be_16((uint16_t)port),
			nat44_key_protocol(inside)),
		states[protocol]);
	if (number != 0)
		return number;
	nat44_ports_give(&pool->ports[protocol], (uint16_t)port);
	*reason = NAT44_SESSION_LIMIT;
	return 0;
}

static uint32_t
begin(struct nat44 *nat, uint64_t inside, enum nat44_reason *reason)
{
	struct nat44_state *state = nat->state;
	int protocol = nat44_protocol_of(nat44_key_protocol(inside));
	struct nat44_pool_address *pool =
		&state->addresses[nat44_pool_index(state, nat44_key_address(inside))];
	uint16_t wanted = rte_be_to_cpu_16(nat44_key_port(inside));

	if (state->n_sessions >= nat->max_sessions &&
		!make_room(nat, &pool->unanswered[protocol])) {
		*reason = NAT44_SESSION_LIMIT;
		return 0;
	}
	return add(nat, pool, inside, take_port(nat, pool, protocol, wanted), reason);
}

uint32_t
nat44_flow_begin(
	struct nat44 *nat, uint64_t inside, struct nat44_remote remote, enum nat44_reason *reason)
{
	struct nat44_state *state = nat->state;
	uint32_t host = nat44_key_address(inside), number;
	struct nat44_session *session;

	if (state->has_hosts && !nat44_host_add(&state->hosts, host, nat->max_sessions_per_host)) {
		*reason = NAT44_HOST_LIMIT;
		return 0;
	}
	number = begin(nat, inside, reason);
	if (number == 0) {
		if (state->has_hosts)
			nat44_host_remove(&state->hosts, host);
		return 0;
	}
	session = session_at(nat, number);
	session->remote = remote.address;
	session->remote_port = remote.port;
	session->used = state->now;
	nat44_session_wait(&state->sessions, number, queue_of(nat, session));
	nat44_session_schedule(&state->sessions, number, deadline(nat, session));
	state->n_sessions++;
	state->counters.created++;
	return number;
}

/*
 * TCP (RFC 5382 REQ-5, RFC 7857 2): a session is transitory until both ends have spoken and after
 * both have closed, or one has reset. It follows one connection, the first. If the inside endpoint
 * opens others meanwhile it is shared: which of them are over would take a list, so it then stays
 * established until all are idle, which is longer than need be, never shorter. What others send
 * from outside changes nothing.
 */

static void
answered(struct nat44 *nat, uint32_t number)
{
	struct nat44_session *session = session_at(nat, number);

	if (session->flags & NAT44_UNANSWERED)
		nat44_session_answered(&nat->state->sessions, number, queue_of(nat, session));
}

static void
establish(struct nat44 *nat, uint32_t number)
{
	if (session_at(nat, number)->state != NAT44_TCP_ESTABLISHED)
		nat44_session_set_state(&nat->state->sessions, number, NAT44_TCP_ESTABLISHED);
}

static void
close_connection(struct nat44 *nat, uint32_t number)
{
	struct nat44_session *session = session_at(nat, number);

	session->flags |= NAT44_CLOSED;
	if (session->state == NAT44_TCP_TRANSITORY)
		return;
	nat44_session_set_state(&nat->state->sessions, number, NAT44_TCP_TRANSITORY);
	nat44_session_schedule(&nat->state->sessions, number, deadline(nat, session));
}

static void
finish(struct nat44 *nat, uint32_t number, uint8_t side)
{
	const uint8_t both = NAT44_FIN_IN | NAT44_FIN_OUT;
	struct nat44_session *session = session_at(nat, number);

	session->flags |= side;
	if ((session->flags & both) == both)
		close_connection(nat, number);
}

static void
open_connection(struct nat44 *nat, uint32_t number, struct nat44_remote remote)
{
	struct nat44_session *session = session_at(nat, number);

	if (session->flags & NAT44_CLOSED) {
		session->flags &= NAT44_UNANSWERED;
		session->remote = remote.address;
		session->remote_port = remote.port;
	} else if (!nat44_is_remote(session, remote)) {
		session->flags |= NAT44_SHARED;
		if ((session->flags & NAT44_UNANSWERED) == 0)
			establish(nat, number);
	}
}

static void
tcp_out(struct nat44 *nat, uint32_t number, struct nat44_remote remote, uint8_t flags)
{
	const uint8_t both = NAT44_FIN_IN | NAT44_FIN_OUT;
	struct nat44_session *session = session_at(nat, number);

	if ((flags & (NAT44_TCP_SYN | NAT44_TCP_RST)) == NAT44_TCP_SYN) {
		open_connection(nat, number, remote);
		return;
	}
	if (session->flags & NAT44_SHARED || !nat44_is_remote(session, remote))
		return;
	if (flags & NAT44_TCP_RST) {
		close_connection(nat, number);
	} else if (flags & NAT44_TCP_FIN) {
		finish(nat, number, NAT44_FIN_OUT);
	} else if (session->flags & NAT44_CLOSED && (session->flags & both) != both &&
		   (session->flags & NAT44_UNANSWERED) == 0) {
		/* It goes on, so that the reset was not one of the other end's. */
		session->flags &= (uint8_t)~NAT44_CLOSED;
		establish(nat, number);
	}
}

static void
tcp_in(struct nat44 *nat, uint32_t number, struct nat44_remote remote, uint8_t flags)
{
	struct nat44_session *session = session_at(nat, number);

	if ((session->flags & NAT44_SHARED) == 0 && !nat44_is_remote(session, remote))
		return;
	nat44_session_use(session, nat->state->now);
	if (session->flags & NAT44_SHARED) {
		answered(nat, number);
		establish(nat, number);
		return;
	}
	/* One that is refused is worth no more than one that is not answered. */
	if (flags & NAT44_TCP_RST) {
		close_connection(nat, number);
		return;
	}
	answered(nat, number);
	if (flags & NAT44_TCP_FIN)
		finish(nat, number, NAT44_FIN_IN);
	else if ((session->flags & NAT44_CLOSED) == 0)
		establish(nat, number);
}

/* Filtering (RFC 4787 REQ-8) */

static uint16_t
filtered_port(const struct nat44 *nat, struct nat44_remote remote)
{
	return nat->filtering == NAT44_FILTER_ADDRESS_AND_PORT ? remote.port : 0;
}

static bool
is_first_remote(
	const struct nat44 *nat, const struct nat44_session *session, struct nat44_remote remote)
{
	return nat->filtering == NAT44_FILTER_ADDRESS ? session->remote == remote.address
	                                              : nat44_is_remote(session, remote);
}

static void
permit(struct nat44 *nat, const struct nat44_session *session, struct nat44_remote remote)
{
	if (nat->filtering == NAT44_FILTER_NONE || is_first_remote(nat, session, remote))
		return;
	nat44_peer_add(&nat->state->peers, session->key[NAT44_INSIDE], remote.address,
		filtered_port(nat, remote), deadline(nat, session));
}

static bool
is_permitted(
	const struct nat44 *nat, const struct nat44_session *session, struct nat44_remote remote)
{
	return nat->filtering == NAT44_FILTER_NONE || is_first_remote(nat, session, remote) ||
	       nat44_peer_is(&nat->state->peers, session->key[NAT44_INSIDE], remote.address,
		       filtered_port(nat, remote), nat->state->now);
}

void
nat44_flow_out(struct nat44 *nat, uint32_t number, struct nat44_remote remote, uint8_t flags)
{
	struct nat44_session *session = session_at(nat, number);

	nat44_session_use(session, nat->state->now);
	if (session->state == NAT44_FORWARD)
		return;
	if (nat44_key_protocol(session->key[NAT44_INSIDE]) == IPPROTO_TCP)
		tcp_out(nat, number, remote, flags);
	permit(nat, session, remote);
}

int
nat44_flow_in(struct nat44 *nat, uint32_t number, struct nat44_remote remote, uint8_t flags)
{
	struct nat44_session *session = session_at(nat, number);

	if (session->state == NAT44_FORWARD) {
		nat44_session_use(session, nat->state->now);
		return NAT44_GO_ON;
	}
	if (!is_permitted(nat, session, remote))
		return NAT44_FILTERED;
	if (nat44_key_protocol(session->key[NAT44_INSIDE]) == IPPROTO_TCP)
		tcp_in(nat, number, remote, flags);
	else
		answered(nat, number);
	return NAT44_GO_ON;
}
