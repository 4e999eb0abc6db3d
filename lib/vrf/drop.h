/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_DROP_H
#define VRF_DROP_H

/* Why a router did not pass a packet on. The names are what the console and JSON show. */
#define VR_DROP_LIST(X) \
	X(FIFO_FULL, "fifo_full", "its FIFO was full: more arrived than its share can carry") \
	X(ETHERTYPE, "ethertype", "neither IP nor ARP") \
	X(STRAY, "stray", "over a link, for the MAC of another") \
	X(LONG, "too_long", \
		"over a link, longer than the MTU of the interface that it came in by") \
	X(L2_GROUP, "l2_group", "a unicast packet in a frame for a group address") \
	X(TRUNCATED, "truncated", "the frame ends before the IP header does") \
	X(VERSION, "version", "the version is not that of the frame's EtherType") \
	X(HEADER_LENGTH, "header_length", "IPv4 header length below 20 or beyond the packet") \
	X(TOTAL_LENGTH, "total_length", \
		"the IP header's length of the packet is below its own or beyond the frame") \
	X(CHECKSUM, "checksum", "IPv4 header checksum wrong") \
	X(SOURCE, "martian_source", "a source no packet may have") \
	X(DESTINATION, "martian_destination", "a destination no packet may have") \
	X(MULTICAST, "multicast", "for a multicast group") \
	X(MULTICAST_IN, "multicast_in", \
		"for a multicast group, by another interface than its route says") \
	X(BROADCAST, "broadcast", "for a limited or directed broadcast address") \
	X(NO_IPV6, "no_ipv6", "IPv6 on an interface without an IPv6 address") \
	X(EXTENSIONS, "ipv6_extensions", \
		"IPv6 extension headers that end beyond the packet, or too many") \
	X(OPTIONS, "options", \
		"an option that makes no sense, or, IPv6, one that must be known and is not") \
	X(SOURCE_ROUTE, "source_route", "a source route, which is refused") \
	X(LINK_LOCAL, "link_local", "from or to a link-local address, which ends at the link") \
	X(TTL, "ttl_exceeded", "TTL ran out") \
	X(MTU, "mtu_exceeded", "longer than the MTU of the way out") \
	X(NO_ROUTE, "no_route", "no route covers the destination") \
	X(BLACKHOLE, "blackhole", "route type blackhole") \
	X(UNREACHABLE, "unreachable", "route type unreachable") \
	X(PROHIBIT, "prohibit", "route type prohibit") \
	X(NEIGHBOUR_FAILED, "neighbour_failed", "the next hop does not answer ARP or ND") \
	X(NEIGHBOUR_QUEUE, "neighbour_queue", "too many packets wait for an answer of ARP or ND") \
	X(NEIGHBOUR_LIMIT, "neighbour_limit", "max_neighbours reached") \
	X(PUNT_LIMIT, "punt_limit", "the router's rate of ARP and ND resolutions is used up") \
	X(ARP_INVALID, "arp_invalid", "not an Ethernet/IPv4 ARP packet that makes sense") \
	X(ARP_SENDER, "arp_sender", "ARP sender whose address no host on that link can have") \
	X(ARP_CONFLICT, "arp_conflict", "ARP sender claims an address of this router") \
	X(ND_INVALID, "nd_invalid", "a neighbour discovery message that RFC 4861 wants ignored") \
	X(ND_CONFLICT, "nd_conflict", "ND sender claims an address of this router") \
	X(ADDRESS_UNUSABLE, "address_unusable", \
		"for an address of the router that is tentative or a duplicate") \
	X(ICMP_CHECKSUM, "icmp_checksum", "ICMPv6 for the router with a wrong checksum") \
	X(ECHO_LIMIT, "echo_limit", "echo_rate used up") \
	X(ECHO_CHECKSUM, "echo_checksum", "echo request with a wrong checksum") \
	X(REASSEMBLY, "reassembly", \
		"a fragment for the router itself that comes twice, overlaps, or whose others do " \
		"not come") \
	X(LOCAL_PORT, "local_port", "for a UDP port of the router itself, where nobody listens") \
	X(LOCAL_PROTOCOL, "local_protocol", \
		"for the router itself, of a protocol it does not speak") \
	X(FRAGMENTS, "fragments", "it would take too many fragments") \
	X(NO_BUFFER, "no_buffer", "no buffer was left for its fragments") \
	X(TO_HOST, "to_host", "for a host side of the router, which there is not") \
	X(TUNNEL_ROUTE, "tunnel_no_route", "no way to the other end of its tunnel") \
	X(TUNNEL_LOOP, "tunnel_loop", \
		"too many tunnels within each other, or one that leads into itself") \
	X(TUNNEL_HEADER, "tunnel_header", \
		"out of a tunnel, with a GRE or VXLAN header that is cut off or makes no sense") \
	X(TUNNEL_CHECKSUM, "tunnel_checksum", "out of a tunnel, with a wrong GRE or UDP checksum") \
	X(TUNNEL_PROTOCOL, "tunnel_protocol", "out of a tunnel, neither IPv4 nor IPv6") \
	X(TUNNEL_FRAME, "tunnel_frame", "out of a tunnel, a frame with a tag or for another MAC") \
	X(TUNNEL_ECN, "tunnel_ecn", \
		"out of a tunnel that was congested, and its sender does not know of ECN") \
	X(HEADROOM, "headroom", "no room in the buffer for the new L2 header") \
	X(TX_FULL, "tx_full", "the port out did not take it") \
	X(LINK_DOWN, "link_down", "the interface out, or who it is linked to, is down") \
	X(ELEMENT, "element", \
		"an element of its pipeline dropped it: show vr NAME pipeline has why") \
	X(FAULTED, "faulted", "the router is faulted: a turn of its took too long (see reset vr)") \
	X(STOPPED, "stopped", "the router or the program was stopped")

enum vr_drop {
#define X(symbol, name, text) VR_DROP_##symbol,
	VR_DROP_LIST(X)
#undef X
	VR_DROP_REASONS
};

const char *vr_drop_name(enum vr_drop reason);
const char *vr_drop_text(enum vr_drop reason);

#endif
