/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_malloc.h>
#include <rte_prefetch.h>

#include "element/nat44_flow.h"
#include "element/nat44_packet.h"
#include "element/nat44_show.h"
#include "element/nat44_state.h"

#define IPV4_PLAIN 0x45 /* version 4, no options */

/* Looked at for being due, beside two for each packet: more than can begin. */
#define EXPIRE_MORE 16u

/* Packets that may be of a session there is, and the others, by their places in the burst. */
struct sorted {
	unsigned int n;
	uint8_t places[PACKET_BURST_MAX];
	struct rte_ipv4_hdr *headers[PACKET_BURST_MAX];
	uint64_t keys[PACKET_BURST_MAX];
	uint64_t hashes[PACKET_BURST_MAX];
	uint32_t sessions[PACKET_BURST_MAX];
	unsigned int n_others;
	uint8_t others[PACKET_BURST_MAX];
};

static inline struct rte_ipv4_hdr *
ipv4_of(const struct rte_mbuf *mbuf)
{
	return rte_pktmbuf_mtod_offset(
		mbuf, struct rte_ipv4_hdr *, packet_meta_get(mbuf).l3_offset);
}

static inline bool
is_ipv4(struct packet_meta meta)
{
	return (meta.kind & ~PACKET_GROUP) == PACKET_IPV4;
}

/*
 * The inside endpoint of what goes out, the outside endpoint of what comes in, where it is simple
 * to say; 0: it is not.
 */
static inline uint64_t
plain_key(const struct rte_mbuf *mbuf, const struct rte_ipv4_hdr *ip, enum nat44_side side)
{
	uint32_t address = side == NAT44_INSIDE ? ip->src_addr : ip->dst_addr;
	const uint8_t *l4 = (const uint8_t *)(ip + 1);
	uint32_t length =
		rte_pktmbuf_data_len(mbuf) - (uint32_t)(l4 - rte_pktmbuf_mtod(mbuf, uint8_t *));
	uint8_t protocol = ip->next_proto_id;

	if (unlikely((ip->version_ihl != IPV4_PLAIN) |
		     ((ip->fragment_offset & (uint16_t)~RTE_BE16(RTE_IPV4_HDR_DF_FLAG)) != 0)))
		return 0;
	if (likely((protocol == IPPROTO_TCP && length >= NAT44_TCP_LENGTH) ||
		    (protocol == IPPROTO_UDP && length >= NAT44_UDP_LENGTH)))
		return nat44_key(
			address, nat44_get16(l4 + (side == NAT44_INSIDE ? 0 : 2)), protocol);
	if (protocol == IPPROTO_ICMP && length >= NAT44_ICMP_LENGTH &&
		l4[0] == (side == NAT44_INSIDE ? 8 : 0))
		return nat44_key(address, nat44_get16(l4 + NAT44_ICMP_ID), protocol);
	return 0;
}

/* Sorts one, and fetches the line of its bucket. */
static inline void
sort(const struct nat44_index *index, struct sorted *sorted, const struct rte_mbuf *mbuf,
	unsigned int i, enum nat44_side side)
{
	struct rte_ipv4_hdr *ip = ipv4_of(mbuf);
	uint64_t key = plain_key(mbuf, ip, side), hash;

	if (unlikely(key == 0)) {
		sorted->others[sorted->n_others++] = (uint8_t)i;
		return;
	}
	hash = nat44_index_hash(index, key);
	rte_prefetch0(nat44_bucket_of(index, hash));
	sorted->places[sorted->n] = (uint8_t)i;
	sorted->headers[sorted->n] = ip;
	sorted->keys[sorted->n] = key;
	sorted->hashes[sorted->n++] = hash;
}

/*
 * What comes from inside most likely goes out: the line of its bucket is fetched while the router
 * looks up its destination.
 */
static inline void
expect_out(const struct nat44_index *index, const struct rte_mbuf *mbuf)
{
	uint64_t key = plain_key(mbuf, ipv4_of(mbuf), NAT44_INSIDE);

	rte_prefetch0(nat44_bucket_of(index, nat44_index_hash(index, key)));
}

/* Finds the sessions that are meant, most likely, and fetches their lines. */
static inline void
guess(const struct nat44_index *index, const struct nat44_session *sessions, struct sorted *sorted)
{
	for (unsigned int i = 0; i < sorted->n; i++) {
		uint64_t hash = sorted->hashes[i];

		sorted->sessions[i] =
			nat44_bucket_guess(nat44_bucket_of(index, hash), nat44_tag_of(hash));
		rte_prefetch0(&sessions[sorted->sessions[i]]);
	}
}

/* `difference` is what changes, of the IP header and of what the L4 checksum covers. */
static inline void
add_differences(
	struct rte_ipv4_hdr *ip, uint8_t *l4, uint16_t ip_difference, uint16_t l4_difference)
{
	uint8_t protocol = ip->next_proto_id;
	uint8_t *at = l4 + (protocol == IPPROTO_TCP ? 16 : protocol == IPPROTO_UDP ? 6 : 2);
	uint16_t checksum = nat44_get16(at), next;

	ip->hdr_checksum = checksum_apply(ip->hdr_checksum, ip_difference);
	next = checksum_apply(checksum, l4_difference);
	if (protocol == IPPROTO_UDP) {
		next = next == 0 ? 0xffff : next;
		next = checksum == 0 ? 0 : next;
	}
	nat44_put16(at, next);
}

/* False: this is not for the fast way. */
static inline bool
translate_out(struct nat44 *nat, uint32_t number, uint64_t key, struct rte_ipv4_hdr *ip)
{
	struct nat44_session *session = &nat->state->sessions.sessions[number];
	uint64_t outside = session->key[NAT44_OUTSIDE];
	uint8_t *l4 = (uint8_t *)(ip + 1);
	uint8_t protocol = ip->next_proto_id;
	uint8_t flags = protocol == IPPROTO_TCP ? l4[NAT44_TCP_FLAGS] : 0;

	if (unlikely(session->key[NAT44_INSIDE] != key))
		return false;
	if (likely(nat44_flow_is_plain_out(nat, session, flags)))
		nat44_session_use(session, nat->state->now);
	else
		nat44_flow_out(nat, number,
			(struct nat44_remote){
				ip->dst_addr, protocol == IPPROTO_ICMP ? 0 : nat44_get16(l4 + 2) },
			flags);
	add_differences(ip, l4, session->ip_difference, session->l4_difference);
	ip->src_addr = nat44_key_address(outside);
	nat44_put16(l4 + (protocol == IPPROTO_ICMP ? NAT44_ICMP_ID : 0), nat44_key_port(outside));
	return true;
}

/* False: this is not for the fast way, or it may not come in, which the other way finds again. */
static inline bool
translate_in(struct nat44 *nat, uint32_t number, uint64_t key, struct rte_ipv4_hdr *ip)
{
	struct nat44_session *session = &nat->state->sessions.sessions[number];
	uint64_t inside = session->key[NAT44_INSIDE];
	uint8_t *l4 = (uint8_t *)(ip + 1);
	uint8_t protocol = ip->next_proto_id;
	uint8_t flags = protocol == IPPROTO_TCP ? l4[NAT44_TCP_FLAGS] : 0;
	struct nat44_remote remote = { ip->src_addr,
		protocol == IPPROTO_ICMP ? 0 : nat44_get16(l4) };

	if (unlikely(session->key[NAT44_OUTSIDE] != key))
		return false;
	if (likely(nat44_flow_is_plain_in(nat, session, flags)))
		nat44_flow_plain_in(nat, session, remote);
	else if (nat44_flow_in(nat, number, remote, flags) != NAT44_GO_ON)
		return false;
	add_differences(
		ip, l4, (uint16_t)~session->ip_difference, (uint16_t)~session->l4_difference);
	ip->dst_addr = nat44_key_address(inside);
	nat44_put16(l4 + (protocol == IPPROTO_ICMP ? NAT44_ICMP_ID : 2), nat44_key_port(inside));
	return true;
}

/*
 * What is left, in the order it came in but for later fragments: their first may be among those
 * behind them.
 */
static void __rte_noinline
translate_others(struct nat44 *nat, struct element_burst *burst, const struct sorted *sorted)
{
	int (*translate)(
		struct nat44 * nat, struct rte_mbuf * mbuf, const struct element_host *host) =
		burst->side == ELEMENT_EGRESS ? nat44_packet_out : nat44_packet_in;

	for (unsigned int later = 0; later < 2; later++) {
		for (unsigned int k = 0; k < sorted->n_others; k++) {
			unsigned int i = sorted->others[k];
			struct rte_mbuf *mbuf = burst->mbufs[i];
			int fate;

			if (nat44_is_later_fragment(ipv4_of(mbuf)) != later)
				continue;
			fate = translate(nat, mbuf, burst->host);
			if (fate != NAT44_GO_ON)
				element_drop(burst, i, (unsigned int)fate);
		}
	}
}

static void __rte_noinline
next_second(struct nat44 *nat, uint64_t now)
{
	struct nat44_state *state = nat->state;

	if (state->start == 0)
		state->start = now;
	state->now = (uint32_t)((now - state->start) / nat->hz) + 1;
	state->next_second = state->start + state->now * nat->hz;
}

static inline void
begin_burst(struct nat44 *nat, const struct element_burst *burst)
{
	struct nat44_state *state = nat->state;

	if (unlikely(state->current != nat->number))
		nat44_state_adopt(nat);
	if (unlikely(burst->now >= state->next_second))
		next_second(nat, burst->now);
	if (unlikely(state->sessions.turned < state->now))
		nat44_flow_expire(nat, 2 * burst->n + EXPIRE_MORE);
}

/* What does not leave by the outside interface goes on as it is. */
static void
process_egress(struct element *element, struct element_burst *burst)
{
	struct nat44 *nat = (struct nat44 *)element;
	/* A copy, so that it stays in registers whatever is written. */
	const struct nat44_index index = nat->state->sessions.index[NAT44_INSIDE];
	const uint16_t outside = nat->outside;
	struct sorted sorted;
	unsigned int n_done = 0;

	sorted.n = 0;
	sorted.n_others = 0;
	begin_burst(nat, burst);
	for (unsigned int i = 0; i < burst->n; i++) {
		const struct rte_mbuf *mbuf = burst->mbufs[i];
		struct packet_meta meta = packet_meta_get(mbuf);

		if (is_ipv4(meta) && meta.interface == outside)
			sort(&index, &sorted, mbuf, i, NAT44_INSIDE);
	}
	guess(&index, nat->state->sessions.sessions, &sorted);
	for (unsigned int k = 0; k < sorted.n; k++) {
		if (likely(translate_out(
			    nat, sorted.sessions[k], sorted.keys[k], sorted.headers[k])))
			n_done++;
		else
			sorted.others[sorted.n_others++] = sorted.places[k];
	}
	nat->state->counters.translated_out += n_done;
	if (unlikely(sorted.n_others > 0))
		translate_others(nat, burst, &sorted);
}

static inline void
sort_ingress(const struct nat44 *nat, const struct element_burst *burst, struct sorted *sorted)
{
	const struct nat44_index inside = nat->state->sessions.index[NAT44_INSIDE];
	const struct nat44_index *outside = &nat->state->sessions.index[NAT44_OUTSIDE];

	for (unsigned int i = 0; i < burst->n; i++) {
		const struct rte_mbuf *mbuf = burst->mbufs[i];
		struct packet_meta meta = packet_meta_get(mbuf);
		uint32_t address;

		if (!is_ipv4(meta))
			continue;
		address = nat44_map_find(&nat->map, ipv4_of(mbuf)->dst_addr);
		if (address == 0 && meta.interface != nat->outside)
			expect_out(&inside, mbuf);
		if (address == 0)
			continue;
		if (meta.interface == nat->outside && address != NAT44_MAP_STATIC)
			sort(outside, sorted, mbuf, i, NAT44_OUTSIDE);
		else
			sorted->others[sorted->n_others++] = (uint8_t)i;
	}
}

/* What is not for an outside address goes on as it is. */
static void
process_ingress(struct element *element, struct element_burst *burst)
{
	struct nat44 *nat = (struct nat44 *)element;
	const struct nat44_sessions *sessions = &nat->state->sessions;
	struct sorted sorted;
	unsigned int n_done = 0;

	sorted.n = 0;
	sorted.n_others = 0;
	begin_burst(nat, burst);
	sort_ingress(nat, burst, &sorted);
	guess(&sessions->index[NAT44_OUTSIDE], sessions->sessions, &sorted);
	for (unsigned int k = 0; k < sorted.n; k++) {
		if (likely(translate_in(
			    nat, sorted.sessions[k], sorted.keys[k], sorted.headers[k])))
			n_done++;
		else
			sorted.others[sorted.n_others++] = sorted.places[k];
	}
	nat->state->counters.translated_in += n_done;
	if (unlikely(sorted.n_others > 0))
		translate_others(nat, burst, &sorted);
}

/* Making and freeing */

static void
set_timeouts(struct nat44 *nat, const struct nat44_config *config)
{
	nat->timeouts[NAT44_UDP] = config->udp_timeout;
	nat->timeouts[NAT44_ICMP] = config->icmp_timeout;
	nat->timeouts[NAT44_TCP_TRANSITORY] = config->tcp_transitory_timeout;
	nat->timeouts[NAT44_TCP_ESTABLISHED] = config->tcp_timeout;
}

static void
set_maps(struct nat44 *nat, const struct nat44_config *config)
{
	nat44_map_init(&nat->map, config->n_addresses + config->n_statics);
	nat44_map_init(&nat->static_inside, config->n_statics);
	nat44_map_init(&nat->static_outside, config->n_statics);
	for (unsigned int i = 0; i < config->n_addresses; i++)
		nat44_map_add(&nat->map, config->addresses[i], i + 1);
	for (unsigned int i = 0; i < config->n_statics; i++) {
		const struct nat44_static *fixed = &config->statics[i];

		nat44_map_add(&nat->map, fixed->outside, NAT44_MAP_STATIC);
		nat44_map_add(&nat->static_inside, fixed->inside, fixed->outside);
		nat44_map_add(&nat->static_outside, fixed->outside, fixed->inside);
	}
}

static void
set_inside(struct nat44 *nat, const struct nat44_config *config)
{
	nat->n_inside = config->n_inside;
	for (unsigned int i = 0; i < config->n_inside; i++) {
		const struct ip_prefix *prefix = &config->inside[i];
		uint32_t mask = prefix->depth == 0 ? 0 : UINT32_MAX << (32 - prefix->depth);

		nat->inside_masks[i] = rte_cpu_to_be_32(mask);
		nat->inside[i] = rte_cpu_to_be_32(ip_address_to_ipv4(&prefix->address));
	}
}

static bool
configure(struct nat44 *nat, struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	const struct nat44_config *config = (const struct nat44_config *)params->config;
	int outside = element_find_interface(params, config->outside, error);

	if (outside < 0)
		return false;
	nat->outside = (uint16_t)outside;
	nat->hz = params->hz;
	nat->filtering = config->filtering;
	nat->max_sessions = config->max_sessions;
	nat->max_sessions_per_host =
		config->max_sessions_per_host == 0 ? UINT32_MAX : config->max_sessions_per_host;
	set_timeouts(nat, config);
	set_maps(nat, config);
	set_inside(nat, config);
	nat->n_forwards = config->n_forwards;
	for (unsigned int i = 0; i < config->n_forwards; i++)
		nat->forwards[i] = config->forwards[i];
	return true;
}

static struct element *
create(struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	struct nat44 *nat = element_zalloc(params, "a nat44", sizeof(*nat), error);

	if (nat == NULL)
		return NULL;
	if (configure(nat, params, error))
		nat->state = nat44_state_get(params, error);
	if (nat->state == NULL) {
		rte_free(nat);
		return NULL;
	}
	nat->number = ++nat->state->elements;
	if (nat->number == 1)
		nat44_state_adopt(nat);
	return &nat->element;
}

static void
destroy(struct element *element)
{
	struct nat44 *nat = (struct nat44 *)element;

	nat44_state_put(nat->state);
	rte_free(nat);
}

static const struct element_reason reasons[] = {
#define X(symbol, name, text) { name, text },
	NAT44_REASONS(X)
#undef X
};

static_assert(NAT44_N_REASONS <= ELEMENT_REASONS_MAX, "counters");

static struct element_type nat44_type = {
	.name = "nat44",
	.text = "network address and port translation of IPv4",
	.sides = ELEMENT_AT_BOTH,
	.config = &nat44_kind,
	.reasons = reasons,
	.n_reasons = NAT44_N_REASONS,
	.rewrites = true,
	.routed = true,
	.load = nat44_config_load,
	.create = create,
	.destroy = destroy,
	.process = { [ELEMENT_INGRESS] = process_ingress, [ELEMENT_EGRESS] = process_egress },
	.show = nat44_show,
	.show_rows = nat44_show_rows,
};

ELEMENT_REGISTER(nat44_type)
