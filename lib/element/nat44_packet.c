/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "element/nat44_flow.h"
#include "element/nat44_packet.h"

/* The bytes at `offset` of the frame that are in one segment; what the router cut to fragments has
 * its IP header in one and all else in the next. */
static uint8_t *
bytes_at(struct rte_mbuf *mbuf, uint32_t offset, uint32_t *length)
{
	while (mbuf != NULL && offset >= mbuf->data_len) {
		offset -= mbuf->data_len;
		mbuf = mbuf->next;
	}
	*length = mbuf == NULL ? 0 : mbuf->data_len - offset;
	return mbuf == NULL ? NULL : rte_pktmbuf_mtod_offset(mbuf, uint8_t *, offset);
}

static uint32_t
l4_length_of(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return NAT44_TCP_LENGTH;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_DCCP:
		return NAT44_UDP_LENGTH;
	case IPPROTO_ICMP:
		return NAT44_ICMP_LENGTH;
	}
	return 0;
}

/* False: its L4 header is cut off. */
static bool
parse(struct nat44_packet *packet, struct rte_mbuf *mbuf)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	struct rte_ipv4_hdr *ip =
		rte_pktmbuf_mtod_offset(mbuf, struct rte_ipv4_hdr *, meta.l3_offset);

	packet->ip = ip;
	packet->l4 = NULL;
	packet->length = 0;
	packet->first = false;
	if (nat44_is_later_fragment(ip))
		return true;
	packet->first = (ip->fragment_offset & RTE_BE16(RTE_IPV4_HDR_MF_FLAG)) != 0;
	packet->l4 =
		bytes_at(mbuf, (uint32_t)meta.l3_offset + rte_ipv4_hdr_len(ip), &packet->length);
	return packet->length >= l4_length_of(ip->next_proto_id);
}

static uint8_t
tcp_flags(const struct nat44_packet *packet)
{
	return packet->ip->next_proto_id == IPPROTO_TCP ? packet->l4[NAT44_TCP_FLAGS] : 0;
}

static bool
is_error(const struct nat44_packet *packet)
{
	return packet->ip->next_proto_id == IPPROTO_ICMP && packet->l4 != NULL &&
	       nat44_icmp_is_error(packet->l4[0]);
}

/* Whether it is of a flow: there are ports, or it is the query of one who may ask. */
static bool
has_flow(const struct nat44_packet *packet, bool (*is_query)(uint8_t type))
{
	int protocol = nat44_protocol_of(packet->ip->next_proto_id);

	return protocol >= 0 && (protocol != NAT44_PROTOCOL_ICMP || is_query(packet->l4[0]));
}

bool
nat44_is_inside(const struct nat44 *nat, uint32_t address, const struct element_host *host)
{
	if (nat44_map_find(&nat->map, address) != 0 || host->is_own(host->context, address))
		return false;
	for (unsigned int i = 0; i < nat->n_inside; i++)
		if ((address & nat->inside_masks[i]) == nat->inside[i])
			return true;
	return nat->n_inside == 0;
}

static struct nat44_fragment_key
fragment_key(const struct nat44_packet *packet)
{
	const struct rte_ipv4_hdr *ip = packet->ip;

	return (struct nat44_fragment_key){ ip->src_addr, ip->dst_addr, ip->packet_id,
		ip->next_proto_id, packet->side };
}

/* For the fragments that follow. */
static void
remember(struct nat44 *nat, const struct nat44_packet *packet, const struct nat44_ends *ends)
{
	struct nat44_fragment_key key = fragment_key(packet);

	if (packet->first)
		nat44_fragment_add(&nat->state->fragments, &key, ends->source, ends->destination,
			nat->state->now);
}

static void
set(struct nat44 *nat, const struct nat44_packet *packet, const struct nat44_ends *old,
	const struct nat44_ends *ends)
{
	remember(nat, packet, ends);
	nat44_ends_set(packet->ip, packet->l4, packet->length, old, ends);
}

/* A later fragment becomes what its first one became; false: that has not come. */
static bool
follow(struct nat44 *nat, const struct nat44_packet *packet)
{
	struct nat44_fragment_key key = fragment_key(packet);
	const struct nat44_fragment *fragment =
		nat44_fragment_find(&nat->state->fragments, &key, nat->state->now);
	struct nat44_ends old = nat44_ends_of(packet->ip, NULL), ends = old;

	if (fragment == NULL)
		return false;
	ends.source = fragment->source;
	ends.destination = fragment->destination;
	nat44_ends_set(packet->ip, NULL, 0, &old, &ends);
	nat->state->counters.fragments++;
	return true;
}

static struct nat44_remote
remote_of(const struct nat44_packet *packet, uint32_t address, uint16_t port)
{
	return (struct nat44_remote){ address,
		packet->ip->next_proto_id == IPPROTO_ICMP ? 0 : port };
}

/* The session of what goes out, there already or new; 0 with the reason. */
static uint32_t
begin(struct nat44 *nat, const struct nat44_packet *packet, const struct nat44_ends *old,
	enum nat44_reason *reason)
{
	uint8_t protocol = packet->ip->next_proto_id;

	if (nat44_protocol_of(protocol) < 0) {
		*reason = NAT44_PROTOCOL;
		return 0;
	}
	*reason = NAT44_NO_MAPPING;
	if (!has_flow(packet, nat44_icmp_is_request) || tcp_flags(packet) & NAT44_TCP_RST)
		return 0;
	return nat44_flow_begin(nat, nat44_key(old->source, old->source_port, protocol),
		remote_of(packet, old->destination, old->destination_port), reason);
}

static uint32_t
find(struct nat44 *nat, const struct nat44_packet *packet, enum nat44_side side, uint32_t address,
	uint16_t port)
{
	if (packet->l4 == NULL || !has_flow(packet, side == NAT44_INSIDE ? nat44_icmp_is_request
									 : nat44_icmp_is_reply))
		return 0;
	return nat44_session_find(
		&nat->state->sessions, side, nat44_key(address, port, packet->ip->next_proto_id));
}

/*
 * Changes the source of what comes from inside, where that is for the NAT to do; *untouched: it is
 * not.
 */
static int
translate_source(struct nat44 *nat, const struct nat44_packet *packet, const struct nat44_ends *old,
	struct nat44_ends *ends, bool *untouched)
{
	uint32_t number = find(nat, packet, NAT44_INSIDE, old->source, old->source_port);
	uint32_t fixed = nat44_map_find(&nat->static_inside, old->source);
	enum nat44_reason reason;
	uint64_t outside;

	*untouched = number == 0 && fixed == 0 && !nat44_is_inside(nat, old->source, packet->host);
	if (*untouched)
		return NAT44_GO_ON;
	if (number == 0 && fixed != 0) {
		ends->source = fixed;
		return NAT44_GO_ON;
	}
	if (packet->l4 == NULL)
		return NAT44_FRAGMENT;
	if (number == 0)
		number = begin(nat, packet, old, &reason);
	if (number == 0)
		return reason;
	nat44_flow_out(nat, number, remote_of(packet, old->destination, old->destination_port),
		tcp_flags(packet));
	outside = nat->state->sessions.sessions[number].key[NAT44_OUTSIDE];
	ends->source = nat44_key_address(outside);
	ends->source_port = nat44_key_port(outside);
	return NAT44_GO_ON;
}

int
nat44_packet_out(struct nat44 *nat, struct rte_mbuf *mbuf, const struct element_host *host)
{
	struct nat44_packet packet = { .side = ELEMENT_EGRESS, .outside = true, .host = host };
	struct nat44_ends old, ends;
	bool untouched;
	int fate;

	if (!parse(&packet, mbuf))
		return nat44_is_inside(nat, packet.ip->src_addr, host) ? NAT44_TRUNCATED
		                                                       : NAT44_GO_ON;
	if (is_error(&packet))
		return nat44_icmp_out(nat, &packet);
	if (packet.l4 == NULL && follow(nat, &packet))
		return NAT44_GO_ON;
	old = ends = nat44_ends_of(packet.ip, packet.l4);
	fate = translate_source(nat, &packet, &old, &ends, &untouched);
	if (fate != NAT44_GO_ON || untouched)
		return fate;
	set(nat, &packet, &old, &ends);
	nat->state->counters.translated_out++;
	return NAT44_GO_ON;
}

/* What is for the router itself is its to judge. */
static int
unmapped(struct nat44 *nat, const struct nat44_packet *packet, const struct nat44_ends *old)
{
	if (!packet->host->is_own(packet->host->context, old->destination))
		return packet->l4 == NULL ? NAT44_FRAGMENT : NAT44_NO_MAPPING;
	if (packet->l4 == NULL)
		return NAT44_FRAGMENT;
	remember(nat, packet, old);
	return NAT44_GO_ON;
}

/* The session may have been ended for the one of the source, where it was not answered yet. */
static bool
is_live(const struct nat44 *nat, uint32_t number, const struct nat44_packet *packet,
	const struct nat44_ends *old)
{
	return nat->state->sessions.sessions[number].key[NAT44_OUTSIDE] ==
	       nat44_key(old->destination, old->destination_port, packet->ip->next_proto_id);
}

static int
translate_destination(struct nat44 *nat, const struct nat44_packet *packet,
	const struct nat44_ends *old, struct nat44_ends *ends)
{
	uint32_t number = find(nat, packet, NAT44_OUTSIDE, old->destination, old->destination_port);
	uint32_t fixed = nat44_map_find(&nat->static_outside, old->destination);
	bool untouched = false;
	uint64_t inside;
	int fate;

	if (number == 0 && fixed == 0)
		return unmapped(nat, packet, old);
	/* From inside: its source becomes its outside endpoint (RFC 4787 REQ-9). */
	fate = packet->outside ? NAT44_GO_ON : translate_source(nat, packet, old, ends, &untouched);
	if (fate != NAT44_GO_ON)
		return fate;
	if (untouched || (number != 0 && !is_live(nat, number, packet, old)))
		return unmapped(nat, packet, old);
	nat->state->counters.hairpinned += !packet->outside;
	if (number == 0) {
		ends->destination = fixed;
		return NAT44_GO_ON;
	}
	inside = nat->state->sessions.sessions[number].key[NAT44_INSIDE];
	ends->destination = nat44_key_address(inside);
	ends->destination_port = nat44_key_port(inside);
	return nat44_flow_in(
		nat, number, remote_of(packet, ends->source, ends->source_port), tcp_flags(packet));
}

int
nat44_packet_in(struct nat44 *nat, struct rte_mbuf *mbuf, const struct element_host *host)
{
	struct nat44_packet packet = { .side = ELEMENT_INGRESS,
		.outside = packet_meta_get(mbuf).interface == nat->outside,
		.host = host };
	struct nat44_ends old, ends;
	int fate;

	if (!parse(&packet, mbuf))
		return host->is_own(host->context, packet.ip->dst_addr) ? NAT44_GO_ON
		                                                        : NAT44_TRUNCATED;
	if (is_error(&packet))
		return nat44_icmp_in(nat, &packet);
	if (packet.l4 == NULL && follow(nat, &packet))
		return NAT44_GO_ON;
	old = ends = nat44_ends_of(packet.ip, packet.l4);
	fate = translate_destination(nat, &packet, &old, &ends);
	if (fate != NAT44_GO_ON)
		return fate;
	if (ends.destination == old.destination)
		return NAT44_GO_ON;
	set(nat, &packet, &old, &ends);
	nat->state->counters.translated_in++;
	return NAT44_GO_ON;
}
