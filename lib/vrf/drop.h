/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_DROP_H
#define VRF_DROP_H

/* Why a router did not pass a packet on. The names are what the console and JSON show. */
#define VR_DROP_LIST(X) \
	X(FIFO_FULL, "fifo_full", "its FIFO was full: more arrived than its share can carry") \
	X(ETHERTYPE, "ethertype", "neither IPv4 nor ARP") \
	X(L2_GROUP, "l2_group", "unicast IPv4 in a frame for a group address") \
	X(TRUNCATED, "truncated", "the frame ends before the IPv4 header does") \
	X(VERSION, "version", "IP version is not 4") \
	X(HEADER_LENGTH, "header_length", "IPv4 header length below 20 or beyond the packet") \
	X(TOTAL_LENGTH, "total_length", \
		"IPv4 total length below the header's or beyond the frame") \
	X(CHECKSUM, "checksum", "IPv4 header checksum wrong") \
	X(SOURCE, "martian_source", "a source no packet may have") \
	X(DESTINATION, "martian_destination", "a destination no packet may have") \
	X(MULTICAST, "multicast", "for a multicast group") \
	X(BROADCAST, "broadcast", "for a limited or directed broadcast address") \
	X(TTL, "ttl_exceeded", "TTL ran out") \
	X(MTU, "mtu_exceeded", "longer than the MTU of the way out") \
	X(NO_ROUTE, "no_route", "no route covers the destination") \
	X(BLACKHOLE, "blackhole", "route type blackhole") \
	X(UNREACHABLE, "unreachable", "route type unreachable") \
	X(PROHIBIT, "prohibit", "route type prohibit") \
	X(NEIGHBOUR_FAILED, "neighbour_failed", "the next hop does not answer ARP") \
	X(NEIGHBOUR_QUEUE, "neighbour_queue", "too many packets wait for an ARP answer") \
	X(NEIGHBOUR_LIMIT, "neighbour_limit", "max_neighbours reached") \
	X(PUNT_LIMIT, "punt_limit", "the router's rate of ARP resolutions is used up") \
	X(ARP_INVALID, "arp_invalid", "not an Ethernet/IPv4 ARP packet that makes sense") \
	X(ARP_SENDER, "arp_sender", "ARP sender whose address no host on that link can have") \
	X(ARP_CONFLICT, "arp_conflict", "ARP sender claims an address of this router") \
	X(ECHO_LIMIT, "echo_limit", "echo_rate used up") \
	X(ECHO_CHECKSUM, "echo_checksum", "echo request with a wrong ICMP checksum") \
	X(LOCAL_FRAGMENT, "local_fragment", "a fragment for the router itself") \
	X(LOCAL_PORT, "local_port", "for a TCP or UDP port of the router itself") \
	X(LOCAL_PROTOCOL, "local_protocol", \
		"for the router itself, of a protocol it does not speak") \
	X(HEADROOM, "headroom", "no room in the buffer for the new L2 header") \
	X(TX_FULL, "tx_full", "the port out did not take it") \
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
