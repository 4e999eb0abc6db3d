/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * What is refused on its way in, and why; whose a frame is.
 */

#include <stdio.h>
#include <string.h>

#include "pair.h"
#include "tests.h"

static void
test_bad_headers(void)
{
	static const struct {
		uint8_t offset; /* of a byte of the IPv4 header */
		uint8_t value;
		bool fix; /* the checksum */
		enum vr_drop reason;
	} cases[] = {
		{ 0, 0x05, true, VR_DROP_VERSION },
		{ 0, 0x55, true, VR_DROP_VERSION },
		{ 0, 0x65, true, VR_DROP_VERSION },
		{ 0, 0xf5, true, VR_DROP_VERSION },
		{ 0, 0x40, false, VR_DROP_HEADER_LENGTH },
		{ 0, 0x41, true, VR_DROP_HEADER_LENGTH },
		{ 0, 0x44, true, VR_DROP_HEADER_LENGTH },
		{ 0, 0x4f, false, VR_DROP_HEADER_LENGTH },
		{ 0, 0x4c, false, VR_DROP_HEADER_LENGTH },
		{ 3, 19, true, VR_DROP_TOTAL_LENGTH },
		{ 3, 0, true, VR_DROP_TOTAL_LENGTH },
		{ 3, 47, true, VR_DROP_TOTAL_LENGTH },
		{ 2, 0xff, true, VR_DROP_TOTAL_LENGTH },
		{ 10, 0, false, VR_DROP_CHECKSUM },
		{ 1, 1, false, VR_DROP_CHECKSUM },
		{ 8, 63, false, VR_DROP_CHECKSUM },
		{ 19, 200, false, VR_DROP_CHECKSUM },
		{ 12, 0, true, VR_DROP_SOURCE },
		{ 12, 127, true, VR_DROP_SOURCE },
		{ 12, 224, true, VR_DROP_SOURCE },
		{ 12, 239, true, VR_DROP_SOURCE },
		{ 12, 240, true, VR_DROP_SOURCE },
		{ 12, 255, true, VR_DROP_SOURCE },
		{ 16, 0, true, VR_DROP_DESTINATION },
		{ 16, 127, true, VR_DROP_DESTINATION },
		{ 16, 240, true, VR_DROP_DESTINATION },
		{ 16, 255, true, VR_DROP_DESTINATION },
		{ 16, 224, true, VR_DROP_MULTICAST },
		{ 16, 239, true, VR_DROP_MULTICAST },
	};
	static struct frame frame;

	for (unsigned int tagged = 0; tagged < 2; tagged++) {
		struct ipv4 ipv4;

		pair_open((struct pair_options){ .lan_vlan = tagged ? 10 : 0 });
		ipv4 = pair_packet();
		ipv4.id = 0x1234; /* so that a checksum of 0 is wrong */
		for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
			uint32_t l3;

			frame_ipv4(&frame, &ipv4);
			l3 = frame_l3(&frame);
			frame.bytes[l3 + cases[i].offset] = cases[i].value;
			if (cases[i].fix)
				frame_fix_ipv4(&frame, l3);
			CU_ASSERT(frame.length == l3 + 46);
			pair_drops(LAN, &frame, cases[i].reason);
			/* Also in a frame for all, where no reason comes before it. */
			memset(frame.bytes, 0xff, 6);
			pair_drops(LAN, &frame, cases[i].reason);
		}
		/* Every single bit flipped breaks the checksum or something before it. */
		for (uint32_t bit = 0; bit < 160; bit++) {
			uint64_t dropped = lab_stats("r").dropped_all;

			frame_ipv4(&frame, &ipv4);
			frame.bytes[frame_l3(&frame) + bit / 8] ^= (uint8_t)(1 << bit % 8);
			lab_inject(LAN, &frame);
			lab_pump();
			lab_expect_nothing();
			CU_ASSERT(lab_stats("r").dropped_all == dropped + 1);
		}
		lab_close();
	}
}

/* Cut off after every byte. The padding of Ethernet is no part of the packet. */
static void
test_truncated(void)
{
	static struct frame frame;
	uint8_t options[40] = { 0 };
	struct ipv4 ipv4;

	pair_open((struct pair_options){ .lan_vlan = 10 });
	ipv4 = pair_packet();
	for (uint32_t length = 0; length < 46; length++) {
		frame_ipv4(&frame, &ipv4);
		frame.length = 18 + length;
		pair_drops(LAN, &frame, length < 20 ? VR_DROP_TRUNCATED : VR_DROP_TOTAL_LENGTH);
	}
	ipv4.options = options;
	ipv4.n_options = sizeof(options);
	for (uint32_t length = 0; length < 86; length++) {
		frame_ipv4(&frame, &ipv4);
		frame.length = 18 + length;
		pair_drops(LAN, &frame,
			length < 20   ? VR_DROP_TRUNCATED
			: length < 60 ? VR_DROP_HEADER_LENGTH
				      : VR_DROP_TOTAL_LENGTH);
	}
}

static void
test_broadcast_destinations(void)
{
	static const uint32_t destinations[] = { IP(255, 255, 255, 255), IP(10, 0, 0, 255),
		IP(10, 0, 0, 0), IP(192, 0, 2, 255), IP(192, 0, 2, 0) };
	static struct frame frame;
	struct ipv4 ipv4;

	pair_open((struct pair_options){ 0 });
	ipv4 = pair_packet();
	for (unsigned int i = 0; i < RTE_DIM(destinations); i++) {
		ipv4.destination = destinations[i];
		frame_ipv4(&frame, &ipv4);
		pair_drops(LAN, &frame, VR_DROP_BROADCAST);
	}
	/* Unicast IPv4 in frames for groups (RFC 1122 3.3.6, RFC 1812 5.3.4). */
	ipv4 = pair_packet();
	ipv4.ethernet.to = MAC_BROADCAST;
	frame_ipv4(&frame, &ipv4);
	pair_drops(LAN, &frame, VR_DROP_L2_GROUP);
	ipv4.ethernet.to = UINT64_C(0x01005e000001);
	frame_ipv4(&frame, &ipv4);
	pair_drops(LAN, &frame, VR_DROP_L2_GROUP);
	ipv4.destination = LAN_IP;
	frame_ipv4(&frame, &ipv4);
	pair_drops(LAN, &frame, VR_DROP_L2_GROUP);
	ipv4.destination = IP(224, 0, 0, 5);
	frame_ipv4(&frame, &ipv4);
	pair_drops(LAN, &frame, VR_DROP_LINK_LOCAL);
}

static void
test_other_types(void)
{
	static const uint16_t types[] = { 0x86dc, 0x0805, 0x0801, 0x8847, 0x88cc, 0x0026, 0 };
	static struct frame frame;

	for (unsigned int tagged = 0; tagged < 2; tagged++) {
		pair_open((struct pair_options){ .lan_vlan = tagged ? 10 : 0 });
		for (unsigned int i = 0; i < RTE_DIM(types); i++) {
			struct ethernet ethernet = pair_packet().ethernet;
			enum vr_drop reason =
				types[i] == ETHERTYPE_IPV6 ? VR_DROP_NO_IPV6 : VR_DROP_ETHERTYPE;

			frame_ethernet(&frame, &ethernet, types[i]);
			pair_drops(LAN, &frame, reason);
			frame_bytes(&frame, pair_bytes, 46);
			pair_drops(LAN, &frame, reason);
			memset(frame.bytes, 0xff, 6);
			pair_drops(LAN, &frame, reason);
		}
		lab_close();
	}
}

/* Frames of nobody */

static void
test_frames_of_nobody(void)
{
	static struct frame frame;
	struct ipv4 ipv4;

	pair_open((struct pair_options){ .wan_vlan = 20 });
	ipv4 = pair_packet();
	ipv4.ethernet.to = STRANGE_MAC;
	frame_ipv4(&frame, &ipv4);
	pair_ignores(LAN, &frame, CLASSIFY_DROP_MAC);
	/* The MAC of another port's interface, or of another VLAN's. */
	ipv4.ethernet.to = WAN_MAC;
	frame_ipv4(&frame, &ipv4);
	pair_ignores(LAN, &frame, CLASSIFY_DROP_MAC);
	pair_ignores(WAN, &frame, CLASSIFY_DROP_VLAN);
	for (uint16_t vlan = 1; vlan < 4096; vlan += 117) {
		ipv4.ethernet = (struct ethernet){ LAN_MAC, HOST_MAC, vlan };
		frame_ipv4(&frame, &ipv4);
		pair_ignores(LAN, &frame, CLASSIFY_DROP_VLAN);
		memset(frame.bytes, 0xff, 6);
		pair_ignores(LAN, &frame, CLASSIFY_DROP_VLAN);
	}
	ipv4.ethernet = (struct ethernet){ LAN_MAC, HOST_MAC, 4095 };
	frame_ipv4(&frame, &ipv4);
	pair_ignores(LAN, &frame, CLASSIFY_DROP_VLAN);
	/* Untagged or VLAN 0 where only VLAN 20 is. */
	ipv4.ethernet = (struct ethernet){ WAN_MAC, GATEWAY_MAC, 0 };
	frame_ipv4(&frame, &ipv4);
	pair_ignores(WAN, &frame, CLASSIFY_DROP_VLAN);
	ipv4.ethernet.tag = TAG_PRIORITY;
	frame_ipv4(&frame, &ipv4);
	pair_ignores(WAN, &frame, CLASSIFY_DROP_VLAN);
	ipv4.ethernet = (struct ethernet){ STRANGE_MAC, GATEWAY_MAC, 20 };
	frame_ipv4(&frame, &ipv4);
	pair_ignores(WAN, &frame, CLASSIFY_DROP_MAC);
}

static void
test_short_frames(void)
{
	static struct frame frame;
	struct ipv4 ipv4;

	pair_open((struct pair_options){ 0 });
	for (unsigned int tag = 0; tag < 2; tag++) {
		ipv4 = pair_packet();
		ipv4.ethernet.tag = tag ? TAG_PRIORITY : 0;
		for (uint32_t length = 0; length < (tag ? 18 : 14); length++) {
			frame_ipv4(&frame, &ipv4);
			frame.length = length;
			pair_ignores(LAN, &frame, CLASSIFY_DROP_SHORT);
		}
	}
}

/* Every interface of the VLAN gets a broadcast once, and counts it. */
static void
test_copies(void)
{
	static struct frame frame, answer;
	struct arp arp = { .ethernet = { MAC_BROADCAST, HOST_MAC, 5 },
		.operation = ARP_REQUEST,
		.sender_mac = HOST_MAC,
		.sender = IP(172, 16, 0, 9),
		.target = IP(172, 16, 0, 3) };
	struct port_stats stats;

	pair_open((struct pair_options){ .lan_vlan = 4,
		.routers = ", {'name': 'b', 'interfaces': [{'name': 'i', 'port': 'p0', 'vlan': 5,"
			   "  'mac': '02:00:00:00:05:02', 'addresses': ['172.16.0.2/24']}]}"
			   ", {'name': 'c', 'interfaces': [{'name': 'i', 'port': 'p0', 'vlan': 5,"
			   "  'mac': '02:00:00:00:05:03', 'addresses': ['172.16.0.3/24']},"
			   "  {'name': 'k', 'port': 'p0', 'vlan': 5,"
			   "  'mac': '02:00:00:00:05:04', 'addresses': ['172.16.1.3/24']}]}"
			   ", {'name': 'd', 'interfaces': [{'name': 'i', 'port': 'p1', 'vlan': 5,"
			   "  'mac': '02:00:00:00:05:05', 'addresses': ['172.16.0.3/24']},"
			   "  {'name': 'k', 'port': 'p0', 'vlan': 6,"
			   "  'mac': '02:00:00:00:05:06', 'addresses': ['172.16.1.3/24']}]}" });
	frame_arp(&frame, &arp);
	lab_inject(LAN, &frame);
	lab_pump();
	/* One router has that address there; its other interface refuses the sender. */
	arp = (struct arp){ .ethernet = { HOST_MAC, UINT64_C(0x020000000503), 5 },
		.operation = ARP_REPLY,
		.sender_mac = UINT64_C(0x020000000503),
		.sender = IP(172, 16, 0, 3),
		.target_mac = HOST_MAC,
		.target = IP(172, 16, 0, 9) };
	frame_arp(&answer, &arp);
	lab_expect(LAN, &answer);
	lab_expect_nothing();
	CU_ASSERT(lab_stats("r").received == 0 && lab_stats("d").received == 0);
	CU_ASSERT(lab_stats("b").received == 1 && lab_stats("b").consumed == 1);
	CU_ASSERT(lab_stats("c").received == 2 && lab_stats("c").answered == 1);
	CU_ASSERT(lab_dropped("c", VR_DROP_ARP_SENDER) == 1);
	for (unsigned int i = 0; i < 300; i++)
		lab_inject(LAN, &frame);
	lab_pump();
	CU_ASSERT(lab_stats("b").received == 301);
	CU_ASSERT(lab_stats("c").received == 602);
	CU_ASSERT(lab_stats("r").received == 0 && lab_stats("d").received == 0);
	port_stats_read(lab.vrouter, LAN, &stats);
	CU_ASSERT(stats.classify.frames == 301 && stats.classify.copies == 602);
	lab_discard();
}

/* Anything may come; what must hold afterwards is in the ledger. */
static void
test_random_frames(void)
{
	static struct frame frame;

	pair_open((struct pair_options){ .wan_vlan = 20 });
	for (unsigned int i = 0; i < 20000; i++) {
		struct ipv4 ipv4 = random32() % 2 ? pair_packet() : pair_packet_back();
		unsigned int port = ipv4.ethernet.to == WAN_MAC ? WAN : LAN;
		uint8_t options[40], payload[200];

		random_bytes(options, sizeof(options));
		random_bytes(payload, sizeof(payload));
		payload[0] &= 15;
		ipv4.options = options;
		ipv4.n_options = (uint8_t)(random32() % 4 == 0 ? 4 * (random32() % 11) : 0);
		ipv4.payload = payload;
		ipv4.length = random32() % sizeof(payload);
		ipv4.protocol = (uint8_t)(random32() % 4 == 0 ? random32() : PROTOCOL_ICMP);
		ipv4.ttl = (uint8_t)(random32() % 4);
		if (random32() % 4 == 0)
			ipv4.destination = random32();
		if (random32() % 4 == 0)
			ipv4.source = random32();
		if (random32() % 4 == 0)
			ipv4.destination = IP(10, 0, 0, 0) | (random32() & 15);
		frame_ipv4(&frame, &ipv4);
		/* Damage: some bytes, some with the checksum right, sometimes the end cut off. */
		for (unsigned int n = random32() % 4; n > 0; n--)
			frame.bytes[random32() % RTE_MIN(frame.length, 60u)] ^=
				(uint8_t)(1 << random32() % 8);
		if (random32() % 2 && frame_l3(&frame) + 60 < frame.length)
			frame_fix_ipv4(&frame, frame_l3(&frame));
		if (random32() % 8 == 0)
			frame.length = random32() % frame.length;
		lab_inject(port, &frame);
		if (random32() % 64 == 0) {
			lab_advance(random32() % LAB_SECOND);
			lab_discard();
		}
	}
	lab_pump();
	lab_discard();
}

CU_TestInfo input_tests[] = {
	{ "each bad header its own reason", test_bad_headers },
	{ "truncated", test_truncated },
	{ "broadcast and multicast", test_broadcast_destinations },
	{ "other types", test_other_types },
	{ "frames of nobody", test_frames_of_nobody },
	{ "short frames", test_short_frames },
	{ "copies for all on a VLAN", test_copies },
	{ "random frames", test_random_frames },
	CU_TEST_INFO_NULL,
};
