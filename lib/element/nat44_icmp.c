/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "element/nat44_packet.h"

/*
 * ICMP errors (RFC 5508 4, 5): what they quote is turned back into the packet that the receiver of
 * the error has sent. They neither begin nor refresh sessions, nor end them.
 */

#define QUOTED_MIN 8 /* bytes behind the quoted IP header (RFC 792) */

/* The packet that an error quotes. */
struct quote {
	struct rte_ipv4_hdr *ip;
	uint8_t *l4;
	uint32_t length; /* bytes at l4 */
	struct nat44_ends ends;
};

/* False: it is too short to tell a flow, or its ports are not those of a first fragment. */
static bool
parse(const struct nat44_packet *packet, struct quote *quote)
{
	uint32_t length = packet->length - NAT44_ICMP_LENGTH, header;

	quote->ip = (struct rte_ipv4_hdr *)(packet->l4 + NAT44_ICMP_LENGTH);
	if (length < sizeof(*quote->ip) || quote->ip->version_ihl >> 4 != 4)
		return false;
	header = rte_ipv4_hdr_len(quote->ip);
	if (header < sizeof(*quote->ip) || length < header + QUOTED_MIN ||
		nat44_is_later_fragment(quote->ip))
		return false;
	quote->l4 = packet->l4 + NAT44_ICMP_LENGTH + header;
	quote->length = length - header;
	quote->ends = nat44_ends_of(quote->ip, quote->l4);
	return nat44_protocol_of(quote->ip->next_proto_id) != NAT44_PROTOCOL_ICMP ||
	       nat44_icmp_is_query(quote->l4[0]);
}

/* The endpoint that stands for this one on the other side: by a session, or one address for one. */
static bool
other_end(const struct nat44 *nat, const struct quote *quote, enum nat44_side side,
	uint32_t *address, uint16_t *port)
{
	const struct nat44_address_map *map =
		side == NAT44_INSIDE ? &nat->static_inside : &nat->static_outside;
	uint64_t key = nat44_key(*address, *port, quote->ip->next_proto_id);
	uint32_t number = nat44_session_find(&nat->state->sessions, side, key);
	uint32_t fixed = nat44_map_find(map, *address);

	if (number != 0) {
		key = nat->state->sessions.sessions[number].key[1 - side];
		*address = nat44_key_address(key);
		*port = nat44_key_port(key);
		return true;
	}
	if (fixed != 0)
		*address = fixed;
	return fixed != 0;
}

/* Writes what is quoted, the ICMP checksum over it, and the addresses of the error itself. */
static void
set(struct nat44 *nat, const struct nat44_packet *packet, const struct quote *quote,
	const struct nat44_ends *quoted, const struct nat44_ends *ends)
{
	struct nat44_ends old = nat44_ends_of(packet->ip, NULL);
	uint32_t difference =
		nat44_ends_set(quote->ip, quote->l4, quote->length, &quote->ends, quoted);

	nat44_put16(packet->l4 + 2, checksum_apply(nat44_get16(packet->l4 + 2), difference));
	nat44_ends_set(packet->ip, NULL, 0, &old, ends);
	nat->state->counters.errors++;
}

/*
 * From inside about what came in, or from the router itself. A host or router inside that says it
 * is not the one it was for has no outside address, and gets that of the one (RFC 5508 REQ-5).
 */
int
nat44_icmp_out(struct nat44 *nat, const struct nat44_packet *packet)
{
	struct nat44_ends ends = nat44_ends_of(packet->ip, NULL), quoted;
	uint32_t fixed = nat44_map_find(&nat->static_inside, ends.source);
	bool inside = fixed == 0 && nat44_is_inside(nat, ends.source, packet->host);
	struct quote quote;

	if (!parse(packet, &quote))
		return inside || fixed != 0 ? NAT44_ICMP_ERROR : NAT44_GO_ON;
	quoted = quote.ends;
	if (!other_end(nat, &quote, NAT44_INSIDE, &quoted.destination, &quoted.destination_port))
		return inside || fixed != 0 ? NAT44_ICMP_ERROR : NAT44_GO_ON;
	if (inside || fixed != 0)
		ends.source = fixed != 0 ? fixed : quoted.destination;
	set(nat, packet, &quote, &quoted, &ends);
	return NAT44_GO_ON;
}

/*
 * About what went out. If it comes from inside, that was hairpinned: then also who it was for is
 * turned back into the outside endpoint that the sender knows.
 */
int
nat44_icmp_in(struct nat44 *nat, const struct nat44_packet *packet)
{
	struct nat44_ends ends = nat44_ends_of(packet->ip, NULL), quoted;
	struct quote quote;

	bool known = parse(packet, &quote);

	if (known) {
		quoted = quote.ends;
		known = other_end(nat, &quote, NAT44_OUTSIDE, &quoted.source, &quoted.source_port);
	}
	if (!known)
		return packet->host->is_own(packet->host->context, ends.destination)
		               ? NAT44_GO_ON
		               : NAT44_ICMP_ERROR;
	ends.destination = quoted.source;
	if (!packet->outside && other_end(nat, &quote, NAT44_INSIDE, &quoted.destination,
					&quoted.destination_port)) {
		uint32_t fixed = nat44_map_find(&nat->static_inside, ends.source);

		ends.source = fixed != 0 ? fixed : quoted.destination;
		nat->state->counters.hairpinned++;
	}
	set(nat, packet, &quote, &quoted, &ends);
	return NAT44_GO_ON;
}
