/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <inttypes.h>
#include <stdio.h>

#include <rte_malloc.h>
#include <rte_random.h>

#include "element/nat44_flow.h"
#include "element/nat44_state.h"

/* Where the parts of the state begin in its memory. */
struct layout {
	size_t sessions;
	size_t hosts;
	size_t peers;
	size_t size;
};

static struct layout
layout_of(const struct nat44_config *config)
{
	struct layout layout;
	size_t size = sizeof(struct nat44_state) +
	              config->n_addresses * sizeof(struct nat44_pool_address);

	layout.sessions = RTE_ALIGN_CEIL(size, RTE_CACHE_LINE_SIZE);
	size = layout.sessions + nat44_sessions_size(config->max_sessions + NAT44_FORWARDS_MAX);
	layout.hosts = size;
	if (config->max_sessions_per_host != 0)
		size += nat44_hosts_size(config->max_sessions);
	layout.peers = RTE_ALIGN_CEIL(size, RTE_CACHE_LINE_SIZE);
	if (config->filtering != NAT44_FILTER_NONE)
		size = layout.peers + nat44_peers_size(config->max_sessions);
	layout.size = size;
	return layout;
}

static void
init_pool(struct nat44_state *state, const struct nat44_config *config)
{
	state->low = config->low;
	state->high = config->high;
	state->n_addresses = config->n_addresses;
	for (unsigned int i = 0; i < config->n_addresses; i++) {
		state->addresses[i].address = config->addresses[i];
		for (unsigned int p = 0; p < NAT44_PROTOCOLS; p++)
			nat44_ports_init(&state->addresses[i].ports[p], config->low, config->high);
	}
}

static struct nat44_state *
create(struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	const struct nat44_config *config = (const struct nat44_config *)params->config;
	struct layout layout = layout_of(config);
	struct nat44_state *state;
	char what[64];

	snprintf(what, sizeof(what), "%" PRIu32 " sessions", config->max_sessions);
	state = element_zalloc(params, what, layout.size, error);
	if (state == NULL)
		return NULL;
	state->users = 1;
	state->size = layout.size;
	state->capacity = config->max_sessions;
	state->random = rte_rand();
	init_pool(state, config);
	nat44_sessions_init(&state->sessions, config->max_sessions + NAT44_FORWARDS_MAX,
		RTE_PTR_ADD(state, layout.sessions));
	nat44_fragments_init(&state->fragments);
	state->has_hosts = config->max_sessions_per_host != 0;
	if (state->has_hosts)
		nat44_hosts_init(
			&state->hosts, config->max_sessions, RTE_PTR_ADD(state, layout.hosts));
	state->has_peers = config->filtering != NAT44_FILTER_NONE;
	if (state->has_peers)
		nat44_peers_init(
			&state->peers, config->max_sessions, RTE_PTR_ADD(state, layout.peers));
	return state;
}

static bool
fits(const struct nat44_state *state, const struct nat44_config *config)
{
	if (state->n_addresses != config->n_addresses || state->low != config->low ||
		state->high != config->high || config->max_sessions > state->capacity ||
		(config->max_sessions_per_host != 0 && !state->has_hosts) ||
		(config->filtering != NAT44_FILTER_NONE && !state->has_peers))
		return false;
	for (unsigned int i = 0; i < config->n_addresses; i++)
		if (state->addresses[i].address != config->addresses[i])
			return false;
	return true;
}

struct nat44_state *
nat44_state_get(struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	const struct nat44 *previous = (const struct nat44 *)params->previous;
	struct nat44_state *state = previous == NULL ? NULL : previous->state;

	if (state == NULL || !fits(state, (const struct nat44_config *)params->config))
		return create(params, error);
	if (!element_claim(params, "the sessions there are", state->size, error))
		return NULL;
	state->users++;
	return state;
}

void
nat44_state_put(struct nat44_state *state)
{
	if (--state->users == 0)
		rte_free(state);
}

/* Forwards */

static struct nat44_ports *
ports_of(const struct nat44 *nat, uint64_t outside)
{
	uint32_t i = nat44_map_find(&nat->map, nat44_key_address(outside));

	return &nat->state->addresses[i - 1].ports[nat44_protocol_of(nat44_key_protocol(outside))];
}

static void
end_taken(struct nat44 *nat, enum nat44_side side, uint64_t key)
{
	uint32_t number = nat44_session_find(&nat->state->sessions, side, key);

	if (number != 0)
		nat44_flow_end(nat, number);
}

/* There is room: the sessions have some more for them, and no chain of a bucket is as long. */
static void
add_forward(struct nat44 *nat, const struct nat44_forward *forward)
{
	struct nat44_state *state = nat->state;
	uint64_t inside = nat44_key(
		forward->inside, rte_cpu_to_be_16(forward->inside_port), forward->protocol);
	uint64_t outside =
		nat44_key(forward->outside, rte_cpu_to_be_16(forward->port), forward->protocol);
	uint32_t number;

	end_taken(nat, NAT44_INSIDE, inside);
	end_taken(nat, NAT44_OUTSIDE, outside);
	number = nat44_session_add(&state->sessions, inside, outside, NAT44_FORWARD);
	if (number == 0)
		return;
	nat44_ports_reserve(ports_of(nat, outside), forward->port);
	state->sessions.sessions[number].used = state->now;
	state->forwards[state->n_forwards++] = number;
}

static void
remove_forward(struct nat44 *nat, uint32_t number)
{
	struct nat44_state *state = nat->state;
	uint64_t outside = state->sessions.sessions[number].key[NAT44_OUTSIDE];

	nat44_ports_give(ports_of(nat, outside), rte_be_to_cpu_16(nat44_key_port(outside)));
	nat44_session_remove(&state->sessions, number, NULL);
}

void
nat44_state_adopt(struct nat44 *nat)
{
	struct nat44_state *state = nat->state;

	while (state->n_forwards > 0)
		remove_forward(nat, state->forwards[--state->n_forwards]);
	for (unsigned int i = 0; i < nat->n_forwards; i++)
		add_forward(nat, &nat->forwards[i]);
	state->current = nat->number;
}
