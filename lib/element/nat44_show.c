/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>

#include "element/nat44_show.h"

/*
 * Read while the worker is at work: a session may go or change meanwhile, so what is told of one
 * may be of two. No more than that, as all is read at fixed places.
 */

#define READ(at) __atomic_load_n(&(at), __ATOMIC_RELAXED)

static const char *const states[NAT44_STATES] = {
	[NAT44_FREE] = "free",
	[NAT44_UDP] = "udp",
	[NAT44_ICMP] = "icmp",
	[NAT44_TCP_TRANSITORY] = "tcp_transitory",
	[NAT44_TCP_ESTABLISHED] = "tcp_established",
	[NAT44_FORWARD] = "forward",
};

static const char *const protocols[NAT44_PROTOCOLS] = { "tcp", "udp", "icmp" };

static json_t *
show_sessions(const struct nat44 *nat)
{
	const struct nat44_state *state = nat->state;
	json_t *object = json_object();

	json_object_set_new(object, "live", json_integer(READ(state->n_sessions)));
	for (unsigned int i = NAT44_FREE + 1; i < NAT44_STATES; i++)
		json_object_set_new(object, states[i], json_integer(READ(state->sessions.n[i])));
	json_object_set_new(object, "max", json_integer(nat->max_sessions));
	if (nat->max_sessions_per_host != UINT32_MAX)
		json_object_set_new(
			object, "max_per_host", json_integer(nat->max_sessions_per_host));
	if (state->has_hosts)
		json_object_set_new(object, "hosts", json_integer(READ(state->hosts.n)));
	return object;
}

static const char *
address_text(uint32_t address, char text[IP_ADDRESS_TEXT_SIZE])
{
	struct ip_address ip = ip_address_of_ipv4(rte_be_to_cpu_32(address));

	return ip_address_text(&ip, text);
}

static json_t *
show_addresses(const struct nat44_state *state)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < state->n_addresses; i++) {
		const struct nat44_pool_address *pool = &state->addresses[i];
		char text[IP_ADDRESS_TEXT_SIZE];
		json_t *object = json_object(), *ports = json_object();

		json_object_set_new(
			object, "address", json_string(address_text(pool->address, text)));
		for (unsigned int p = 0; p < NAT44_PROTOCOLS; p++)
			json_object_set_new(ports, protocols[p],
				json_integer(nat44_ports_in_use(&pool->ports[p])));
		json_object_set_new(object, "ports_in_use", ports);
		json_object_set_new(object, "ports", json_integer(state->high - state->low + 1));
		json_array_append_new(list, object);
	}
	return list;
}

json_t *
nat44_show(const struct element *element)
{
	const struct nat44 *nat = (const struct nat44 *)element;
	const struct nat44_counters *counters = &nat->state->counters;
	json_t *object = json_object();

	json_object_set_new(object, "sessions", show_sessions(nat));
	json_object_set_new(object, "addresses", show_addresses(nat->state));
	json_object_set_new(object, "created", json_integer((json_int_t)READ(counters->created)));
	json_object_set_new(object, "expired", json_integer((json_int_t)READ(counters->expired)));
	json_object_set_new(object, "reused", json_integer((json_int_t)READ(counters->reused)));
	json_object_set_new(
		object, "translated_out", json_integer((json_int_t)READ(counters->translated_out)));
	json_object_set_new(
		object, "translated_in", json_integer((json_int_t)READ(counters->translated_in)));
	json_object_set_new(
		object, "hairpinned", json_integer((json_int_t)READ(counters->hairpinned)));
	json_object_set_new(
		object, "icmp_errors", json_integer((json_int_t)READ(counters->errors)));
	json_object_set_new(
		object, "fragments", json_integer((json_int_t)READ(counters->fragments)));
	return object;
}

static json_t *
end_text(uint32_t address, uint16_t port)
{
	char text[IP_ADDRESS_TEXT_SIZE], end[IP_ADDRESS_TEXT_SIZE + 8];

	snprintf(end, sizeof(end), "%s:%u", address_text(address, text), rte_be_to_cpu_16(port));
	return json_string(end);
}

static const char *
protocol_name(uint8_t protocol)
{
	int i = nat44_protocol_of(protocol);

	return i < 0 ? "?" : protocols[i];
}

static json_t *
show_session(const struct nat44_state *state, const struct nat44_session *session)
{
	uint64_t inside = READ(session->key[NAT44_INSIDE]);
	uint64_t outside = READ(session->key[NAT44_OUTSIDE]);
	uint32_t remote = READ(session->remote), now = READ(state->now);
	uint32_t used = READ(session->used);
	uint8_t which = READ(session->state);
	json_t *row;

	if (which == NAT44_FREE || which >= NAT44_STATES || inside == 0)
		return NULL;
	row = json_object();
	json_object_set_new(
		row, "protocol", json_string(protocol_name(nat44_key_protocol(inside))));
	json_object_set_new(
		row, "inside", end_text(nat44_key_address(inside), nat44_key_port(inside)));
	json_object_set_new(
		row, "outside", end_text(nat44_key_address(outside), nat44_key_port(outside)));
	if (remote != 0)
		json_object_set_new(row, "remote", end_text(remote, READ(session->remote_port)));
	json_object_set_new(row, "state", json_string(states[which]));
	json_object_set_new(
		row, "answered", json_boolean((READ(session->flags) & NAT44_UNANSWERED) == 0));
	json_object_set_new(row, "idle", json_integer(now > used ? now - used : 0));
	return row;
}

json_t *
nat44_show_rows(const struct element *element, unsigned int limit)
{
	const struct nat44_state *state = ((const struct nat44 *)element)->state;
	uint32_t end = READ(state->sessions.fresh);
	json_t *rows = json_array();

	for (uint32_t i = 1; i < end && json_array_size(rows) < limit; i++) {
		json_t *row = show_session(state, &state->sessions.sessions[i]);

		if (row != NULL)
			json_array_append_new(rows, row);
	}
	return rows;
}
