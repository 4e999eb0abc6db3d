/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * 802.1Q and 802.1ad tags, in and out: whose a frame is by them, and what is nobody's.
 */

#include <stdio.h>
#include <string.h>

#include "pair.h"
#include "tests.h"

/* The VLANs of an interface, in all ways that there are. */
static const struct {
	uint16_t outer_vlan;
	uint16_t vlan;
} vlans[] = { { 0, 0 }, { 0, 10 }, { 5, 10 }, { 1, 4094 }, { 4094, 1 } };

static struct pair_options
options_of(unsigned int lan, unsigned int wan)
{
	return (struct pair_options){ .lan_outer_vlan = vlans[lan].outer_vlan,
		.lan_vlan = vlans[lan].vlan,
		.wan_outer_vlan = vlans[wan].outer_vlan,
		.wan_vlan = vlans[wan].vlan };
}

static void
check_lengths(void)
{
	for (uint32_t length = 0; length <= 1480; length += length < 70 ? 1 : 47) {
		struct ipv4 there = pair_packet();
		struct ipv4 back = pair_packet_back();

		there.length = length;
		back.length = length;
		pair_forwards(&there);
		pair_forwards(&back);
		there.padding = 1 + random32() % 64;
		pair_forwards(&there);
	}
}

/* Answers of the router's own, from both interfaces: by ARP, to a ping, and an ICMP error. */
static void
check_answers(void)
{
	static struct frame frame, answer;
	uint8_t payload[64];
	struct arp arp = { .ethernet = { MAC_BROADCAST, HOST_MAC, pair.lan_vlan,
				   pair.lan_outer_vlan },
		.operation = ARP_REQUEST,
		.sender_mac = HOST_MAC,
		.sender = HOST_IP,
		.target = LAN_IP };
	struct ipv4 ipv4 = pair_packet_back();

	frame_arp(&frame, &arp);
	lab_inject(LAN, &frame);
	lab_pump();
	arp = (struct arp){ .ethernet = pair_to_host(),
		.operation = ARP_REPLY,
		.sender_mac = LAN_MAC,
		.sender = LAN_IP,
		.target_mac = HOST_MAC,
		.target = HOST_IP };
	frame_arp(&answer, &arp);
	lab_expect(LAN, &answer);
	lab_expect_nothing();

	ipv4.source = GATEWAY_IP;
	ipv4.destination = WAN_IP;
	ipv4.protocol = PROTOCOL_ICMP;
	ipv4.payload = payload;
	ipv4.length = fill_icmp(payload, 8, 0, 7, NULL, 20);
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT(lab_take(WAN, &frame));
	ipv4.ethernet = pair_to_gateway();
	ipv4.source = WAN_IP;
	ipv4.destination = GATEWAY_IP;
	ipv4.ttl = 64;
	ipv4.id = frame_get16(&frame, frame_l3(&frame) + 4);
	fill_icmp(payload, 0, 0, 7, NULL, 20);
	frame_ipv4(&answer, &ipv4);
	CU_ASSERT(frame_equal(&frame, &answer));
	lab_expect_nothing();

	ipv4 = pair_packet();
	ipv4.ttl = 1;
	frame_ipv4(&frame, &ipv4);
	lab_inject(LAN, &frame);
	lab_pump();
	lab_expect_error(
		LAN, (&(struct icmp_error){ pair_to_host(), LAN_IP, 11, 0, 0, 0 }), &frame);
	lab_expect_nothing();
}

/* The neighbour is asked for under the interface's tags, and the packet that waited has them. */
static void
check_resolution(void)
{
	struct ipv4 ipv4 = pair_packet();
	struct arp arp = { .ethernet = { MAC_BROADCAST, WAN_MAC, pair.wan_vlan,
				   pair.wan_outer_vlan },
		.operation = ARP_REQUEST,
		.sender_mac = WAN_MAC,
		.sender = WAN_IP,
		.target = IP(192, 0, 2, 9) };
	static struct frame frame;

	ipv4.destination = arp.target;
	pair_inject(&ipv4);
	lab_pump();
	frame_arp(&frame, &arp);
	lab_expect(WAN, &frame);
	arp = (struct arp){ .ethernet = { WAN_MAC, STRANGE_MAC, pair.wan_vlan,
				    pair.wan_outer_vlan },
		.operation = ARP_REPLY,
		.sender_mac = STRANGE_MAC,
		.sender = arp.target,
		.target_mac = WAN_MAC,
		.target = WAN_IP };
	frame_arp(&frame, &arp);
	lab_inject(WAN, &frame);
	lab_pump();
	ipv4.ethernet = pair_to_gateway();
	ipv4.ethernet.to = STRANGE_MAC;
	ipv4.ttl--;
	frame_ipv4(&frame, &ipv4);
	lab_expect(WAN, &frame);
	lab_expect_nothing();
}

static void
test_all_ways(void)
{
	for (unsigned int lan = 0; lan < RTE_DIM(vlans); lan++) {
		for (unsigned int wan = 0; wan < RTE_DIM(vlans); wan++) {
			pair_open(options_of(lan, wan));
			check_lengths();
			check_answers();
			check_resolution();
			lab_close();
		}
	}
}

/* The MTU counts from the IP header on, whatever the tags. */
static void
test_mtu(void)
{
	static struct frame about;

	for (unsigned int lan = 0; lan < RTE_DIM(vlans); lan++) {
		for (unsigned int wan = 0; wan < RTE_DIM(vlans); wan++) {
			struct pair_options options = options_of(lan, wan);
			struct ipv4 ipv4;

			options.lan_mtu = 9000;
			options.wan_mtu = 8000;
			pair_open(options);
			ipv4 = pair_packet();
			ipv4.fragment = FRAGMENT_DONT;
			ipv4.length = 8000 - 20;
			pair_forwards(&ipv4);
			ipv4.length++;
			frame_ipv4(&about, &ipv4);
			pair_inject(&ipv4);
			lab_pump();
			lab_expect_error(LAN,
				(&(struct icmp_error){ pair_to_host(), LAN_IP, 3, 4, 8000, 0 }),
				&about);
			ipv4 = pair_packet_back();
			ipv4.length = 9000 - 20;
			pair_forwards(&ipv4);
			lab_close();
		}
	}
}

/* Tags that the frame has not yet need room before it. */
static void
test_headroom(void)
{
	static struct frame frame, expected;

	for (unsigned int lan = 0; lan < 3; lan++) {
		for (unsigned int wan = 0; wan < 3; wan++) {
			uint16_t needed = wan > lan ? (uint16_t)(4 * (wan - lan)) : 0;
			struct ipv4 ipv4;

			pair_open(options_of(lan, wan));
			ipv4 = pair_packet();
			frame_ipv4(&frame, &ipv4);
			pair_forwarded(&expected, &ipv4);
			for (uint16_t headroom = 0; headroom <= 12; headroom++) {
				uint64_t dropped = lab_dropped("r", VR_DROP_HEADROOM);

				lab_inject_headroom(LAN, &frame, headroom);
				lab_pump();
				CU_ASSERT(lab_dropped("r", VR_DROP_HEADROOM) ==
					  dropped + (headroom < needed));
				if (headroom >= needed)
					lab_expect(WAN, &expected);
				lab_expect_nothing();
			}
			lab_close();
		}
	}
}

/* What a port refuses is taken off the counters again, with the length that it had. */
static void
test_refused(void)
{
	for (unsigned int wan = 0; wan < 3; wan++) {
		struct router_stats stats;
		struct ipv4 ipv4;

		lab.tx_room = 64;
		pair_open(options_of(0, wan));
		lab.hold = true;
		ipv4 = pair_packet();
		for (unsigned int i = 0; i < 100; i++)
			pair_inject(&ipv4);
		lab_pump();
		lab.hold = false;
		lab_pump();
		lab_discard();
		stats = lab_stats("r");
		CU_ASSERT(stats.forwarded == 64 && stats.dropped[VR_DROP_TX_FULL] == 36);
		CU_ASSERT(stats.forwarded_bytes == 64 * 46);
		lab_close();
	}
}

/* One tag of a stack: its type and its 16 bits. */
struct tag {
	uint16_t type;
	uint16_t bits;
};

#define C(bits) \
	{ \
		ETHERTYPE_VLAN, bits \
	}
#define S(bits) \
	{ \
		ETHERTYPE_QINQ, bits \
	}

/* An IPv4 packet from the host under up to three tags. */
static void
frame_under(struct frame *frame, uint64_t to, const struct tag tags[3])
{
	struct ipv4 ipv4 = pair_packet();
	struct frame bare;

	ipv4.ethernet = (struct ethernet){ to, HOST_MAC, 0, 0 };
	frame_ipv4(&bare, &ipv4);
	frame->length = 0;
	frame_bytes(frame, bare.bytes, 12);
	for (unsigned int i = 0; i < 3 && tags[i].type != 0; i++) {
		frame_u16(frame, tags[i].type);
		frame_u16(frame, tags[i].bits);
	}
	frame_bytes(frame, bare.bytes + 12, bare.length - 12);
}

/* Priorities and what else is in a tag beside the VLAN say nothing of whose the frame is. */
static void
test_priorities(void)
{
	static struct frame frame, expected;
	struct ipv4 ipv4;

	for (unsigned int lan = 0; lan < 3; lan++) {
		pair_open(options_of(lan, 2));
		ipv4 = pair_packet();
		pair_forwarded(&expected, &ipv4);
		for (uint32_t bits = 0; bits < 0x10000; bits += 0x1000) {
			const struct tag stacks[3][4][3] = {
				/* No VLAN: the tag has but a priority. */
				{ { C(bits) }, { S(bits) }, { S(bits), C(bits ^ 0x7000) },
					{ { 0, 0 } } },
				/* One VLAN, alone or below a priority of 802.1ad. */
				{ { C(bits | 10) }, { S(bits), C(bits | 10) }, { S(bits), C(10) },
					{ S(0xe000), C(bits | 10) } },
				{ { S(bits | 5), C(bits | 10) }, { S(5), C(bits | 10) },
					{ S(bits | 5), C(10) }, { S(5), C(10) } },
			};

			for (unsigned int i = 0; i < 4; i++) {
				frame_under(&frame, LAN_MAC, stacks[lan][i]);
				lab_inject(LAN, &frame);
				lab_pump();
				lab_expect(WAN, &expected);
				lab_expect_nothing();
			}
		}
		lab_close();
	}
}

/* Stacks of tags that no interface has, whatever its destination. */
static void
test_nobody(void)
{
	static const uint64_t destinations[] = { LAN_MAC, STRANGE_MAC, MAC_BROADCAST };
	static const struct {
		struct tag tags[3];
		enum classify_drop reason;
	} cases[] = {
		{ { S(5) }, CLASSIFY_DROP_OUTER_ONLY },
		{ { S(6) }, CLASSIFY_DROP_OUTER_ONLY },
		{ { S(5), C(0) }, CLASSIFY_DROP_OUTER_ONLY },
		{ { S(5), C(0xe000) }, CLASSIFY_DROP_OUTER_ONLY },
		{ { C(10), C(10) }, CLASSIFY_DROP_DOUBLE },
		{ { C(5), C(10) }, CLASSIFY_DROP_DOUBLE },
		{ { C(0), C(10) }, CLASSIFY_DROP_DOUBLE },
		{ { C(10), C(0) }, CLASSIFY_DROP_DOUBLE },
		{ { C(10), S(5) }, CLASSIFY_DROP_DOUBLE },
		{ { S(5), S(10) }, CLASSIFY_DROP_DOUBLE },
		{ { S(0), S(0) }, CLASSIFY_DROP_DOUBLE },
		{ { S(5), S(5), C(10) }, CLASSIFY_DROP_DOUBLE },
		{ { C(5), C(10), C(10) }, CLASSIFY_DROP_DOUBLE },
		{ { S(5), C(10), C(10) }, CLASSIFY_DROP_MORE },
		{ { S(0), C(0), C(10) }, CLASSIFY_DROP_MORE },
		{ { S(5), C(10), S(5) }, CLASSIFY_DROP_MORE },
	};
	static struct frame frame;

	for (unsigned int lan = 0; lan < 3; lan++) {
		pair_open(options_of(lan, 2));
		for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
			for (unsigned int to = 0; to < RTE_DIM(destinations); to++) {
				frame_under(&frame, destinations[to], cases[i].tags);
				pair_ignores(LAN, &frame, cases[i].reason);
			}
		}
		lab_close();
	}
}

/* Tags as some interface might have, but none has. */
static void
test_unknown(void)
{
	static const struct {
		unsigned int lan;
		struct tag tags[3];
		uint64_t to;
		enum classify_drop reason;
	} cases[] = {
		{ 0, { S(5), C(10) }, LAN_MAC, CLASSIFY_DROP_OUTER_VLAN },
		{ 1, { S(5), C(10) }, LAN_MAC, CLASSIFY_DROP_OUTER_VLAN },
		{ 1, { S(10), C(10) }, LAN_MAC, CLASSIFY_DROP_OUTER_VLAN },
		{ 2, { S(4), C(10) }, LAN_MAC, CLASSIFY_DROP_OUTER_VLAN },
		{ 2, { S(6), C(10) }, LAN_MAC, CLASSIFY_DROP_OUTER_VLAN },
		{ 2, { S(10), C(5) }, LAN_MAC, CLASSIFY_DROP_OUTER_VLAN },
		{ 2, { S(4095), C(10) }, MAC_BROADCAST, CLASSIFY_DROP_OUTER_VLAN },
		{ 2, { S(6), C(10) }, STRANGE_MAC, CLASSIFY_DROP_OUTER_VLAN },
		{ 2, { S(5), C(9) }, LAN_MAC, CLASSIFY_DROP_VLAN },
		{ 2, { S(5), C(11) }, LAN_MAC, CLASSIFY_DROP_VLAN },
		{ 2, { S(5), C(4095) }, MAC_BROADCAST, CLASSIFY_DROP_VLAN },
		{ 2, { S(5), C(11) }, STRANGE_MAC, CLASSIFY_DROP_VLAN },
		{ 2, { C(10) }, LAN_MAC, CLASSIFY_DROP_VLAN },
		{ 2, { C(5) }, LAN_MAC, CLASSIFY_DROP_VLAN },
		{ 2, { S(0), C(10) }, LAN_MAC, CLASSIFY_DROP_VLAN },
		{ 2, { C(10) }, MAC_BROADCAST, CLASSIFY_DROP_VLAN },
		{ 2, { { 0, 0 } }, LAN_MAC, CLASSIFY_DROP_VLAN },
		{ 1, { S(0), C(11) }, LAN_MAC, CLASSIFY_DROP_VLAN },
		{ 1, { S(0) }, LAN_MAC, CLASSIFY_DROP_VLAN },
		{ 0, { S(0), C(10) }, LAN_MAC, CLASSIFY_DROP_VLAN },
		{ 0, { S(0) }, STRANGE_MAC, CLASSIFY_DROP_MAC },
		{ 1, { S(0), C(10) }, WAN_MAC, CLASSIFY_DROP_MAC },
		{ 2, { S(5), C(10) }, STRANGE_MAC, CLASSIFY_DROP_MAC },
		{ 2, { S(5), C(10) }, WAN_MAC, CLASSIFY_DROP_MAC },
	};
	static struct frame frame;

	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		pair_open(options_of(cases[i].lan, 0));
		frame_under(&frame, cases[i].to, cases[i].tags);
		pair_ignores(LAN, &frame, cases[i].reason);
		lab_close();
	}
}

/* Cut off in or behind any tag. */
static void
test_short(void)
{
	static const struct {
		struct tag tags[3];
		uint32_t l3;
	} stacks[] = { { { S(0) }, 18 }, { { S(0), C(10) }, 22 }, { { S(5), C(10) }, 22 } };
	static struct frame frame;

	pair_open(options_of(2, 0));
	for (unsigned int i = 0; i < RTE_DIM(stacks); i++) {
		for (uint32_t length = 0; length < stacks[i].l3; length++) {
			frame_under(&frame, LAN_MAC, stacks[i].tags);
			frame.length = length;
			pair_ignores(LAN, &frame, CLASSIFY_DROP_SHORT);
		}
	}
	/* From here on it is the router's to judge. */
	for (uint32_t length = 22; length < 22 + 46; length++) {
		frame_under(&frame, LAN_MAC, stacks[2].tags);
		frame.length = length;
		pair_drops(
			LAN, &frame, length < 22 + 20 ? VR_DROP_TRUNCATED : VR_DROP_TOTAL_LENGTH);
	}
}

/* What is under the tags but no IP packet and no ARP. */
static void
test_other_types(void)
{
	static const uint16_t types[] = { 0x0805, 0x8847, 0x88cc, 0x9100, 0x0026, 0 };
	static struct frame frame;

	for (unsigned int lan = 0; lan < 3; lan++) {
		pair_open(options_of(lan, 0));
		for (unsigned int i = 0; i < RTE_DIM(types); i++) {
			struct ethernet ethernet = pair_packet().ethernet;

			frame_ethernet(&frame, &ethernet, types[i]);
			pair_drops(LAN, &frame, VR_DROP_ETHERTYPE);
			frame_bytes(&frame, pair_bytes, 46);
			pair_drops(LAN, &frame, VR_DROP_ETHERTYPE);
			memset(frame.bytes, 0xff, 6);
			pair_drops(LAN, &frame, VR_DROP_ETHERTYPE);
		}
		lab_close();
	}
}

/*
 * Routers alike but for the tags: same port, MACs and addresses. Each gets the frames under its own
 * tags and no others, and answers under them. The first is without any.
 */
static const struct {
	const char *name;
	const char *members;
	uint16_t outer_vlan;
	uint16_t vlan;
} alike[] = {
	{ "r", "", 0, 0 },
	{ "v5", "'vlan': 5,", 0, 5 },
	{ "v10", "'vlan': 10,", 0, 10 },
	{ "o5v10", "'outer_vlan': 5, 'vlan': 10,", 5, 10 },
	{ "o10v5", "'outer_vlan': 10, 'vlan': 5,", 10, 5 },
	{ "o5v5", "'outer_vlan': 5, 'vlan': 5,", 5, 5 },
	{ "o6v10", "'outer_vlan': 6, 'vlan': 10,", 6, 10 },
	{ "o5v11", "'outer_vlan': 5, 'vlan': 11,", 5, 11 },
};

static void
open_alike(void)
{
	char routers[4096] = "";
	size_t used = 0;

	for (unsigned int i = 1; i < RTE_DIM(alike); i++)
		used += (size_t)snprintf(routers + used, sizeof(routers) - used,
			", {'name': '%s', 'echo_rate': 10000000, 'interfaces': ["
			"{'name': 'lan', 'port': 'p0', %s 'mac': '02:00:00:00:00:01',"
			" 'addresses': ['10.0.0.1/24']}]}",
			alike[i].name, alike[i].members);
	pair_open((struct pair_options){ .routers = routers });
}

static void
expect_received(uint64_t n, unsigned int receiver, uint64_t more)
{
	for (unsigned int i = 0; i < RTE_DIM(alike); i++)
		CU_ASSERT(lab_stats(alike[i].name).received == n + (i == receiver ? more : 0));
}

static void
test_alike(void)
{
	static struct frame frame, answer;

	open_alike();
	for (unsigned int i = 0; i < RTE_DIM(alike); i++) {
		struct arp arp = { .ethernet = { MAC_BROADCAST, HOST_MAC, alike[i].vlan,
					   alike[i].outer_vlan },
			.operation = ARP_REQUEST,
			.sender_mac = HOST_MAC,
			.sender = HOST_IP,
			.target = LAN_IP };

		for (unsigned int unicast = 0; unicast < 2; unicast++) {
			uint64_t before = lab_stats(alike[i].name).received;

			arp.ethernet.to = unicast ? LAN_MAC : MAC_BROADCAST;
			frame_arp(&frame, &arp);
			lab_inject(LAN, &frame);
			lab_pump();
			CU_ASSERT(lab_stats(alike[i].name).received == before + 1);
			frame_arp(&answer,
				&(struct arp){ .ethernet = { HOST_MAC, LAN_MAC, alike[i].vlan,
						       alike[i].outer_vlan },
					.operation = ARP_REPLY,
					.sender_mac = LAN_MAC,
					.sender = LAN_IP,
					.target_mac = HOST_MAC,
					.target = HOST_IP });
			lab_expect(LAN, &answer);
			lab_expect_nothing();
		}
	}
	expect_received(2, 0, 0);
	/* One leaves: its tags are nobody's, the others' are as they were. */
	CU_ASSERT(lab_delete_router("o5v11") == 0);
	lab_pump();
	frame_under(&frame, LAN_MAC, (const struct tag[3]){ S(5), C(11) });
	pair_ignores(LAN, &frame, CLASSIFY_DROP_VLAN);
	CU_ASSERT(lab_add_router("{'name': 'o5v11', 'interfaces': [{'name': 'lan', 'port': 'p0',"
				 " 'outer_vlan': 5, 'vlan': 11, 'addresses': ['10.0.0.1/24'],"
				 " 'mac': '02:00:00:00:00:01'}]}") == 0);
	lab_pump();
	lab_inject(LAN, &frame);
	lab_pump();
	CU_ASSERT(lab_stats("o5v11").received == 1);
	lab_discard();
}

/* Interfaces with the port's own MAC differ by their tags. */
static void
test_own_mac(void)
{
	static const char *const own =
		"{'name': '%s', 'interfaces': [{'name': 'i', 'port': 'p0', %s"
		" 'addresses': ['10.0.0.1/24']}]}";
	static const char *const given =
		"{'name': '%s', 'interfaces': [{'name': 'i', 'port': 'p0', %s"
		" 'mac': '02:00:00:00:00:ee', 'addresses': ['10.0.0.1/24']}]}";

	pair_open((struct pair_options){ 0 });
	lab.vrouter->ports[LAN].mac = lab_mac(STRANGE_MAC); /* a ring has none */
	CU_ASSERT(lab_add_router(own, "a", "'vlan': 10,") == 0);
	CU_ASSERT(lab_add_router(own, "b", "'vlan': 10, 'outer_vlan': 5,") == 0);
	CU_ASSERT(lab_add_router(own, "c", "'vlan': 10, 'outer_vlan': 6,") == 0);
	CU_ASSERT(lab_add_router(own, "d", "'vlan': 10, 'outer_vlan': 5,") < 0);
	CU_ASSERT(lab_add_router(given, "e", "'vlan': 10, 'outer_vlan': 7,") == 0);
	CU_ASSERT(lab_add_router(given, "f", "'vlan': 10, 'outer_vlan': 6,") < 0);
	CU_ASSERT(strstr(lab_error(), "has the MAC and VLAN of router") != NULL);
}

/* Every interface under the very same tags gets a frame for a group once. */
static void
test_groups(void)
{
	static const uint64_t groups[] = { MAC_BROADCAST, UINT64_C(0x01005e000001),
		UINT64_C(0x333300000001) };
	static struct frame frame;
	struct port_stats stats;

	open_alike();
	CU_ASSERT(lab_add_router("{'name': 'more', 'interfaces': ["
				 "{'name': 'a', 'port': 'p0', 'outer_vlan': 5, 'vlan': 10,"
				 " 'mac': '02:00:00:00:05:02', 'addresses': ['172.16.0.2/24']},"
				 "{'name': 'b', 'port': 'p0', 'outer_vlan': 5, 'vlan': 10,"
				 " 'mac': '02:00:00:00:05:03', 'addresses': ['172.16.1.2/24']},"
				 "{'name': 'c', 'port': 'p1', 'outer_vlan': 5, 'vlan': 10,"
				 " 'mac': '02:00:00:00:05:03', 'addresses': ['172.16.2.2/24']},"
				 "{'name': 'd', 'port': 'p0', 'outer_vlan': 5, 'vlan': 12,"
				 " 'mac': '02:00:00:00:05:03', 'addresses': ['172.16.3.2/24']}"
				 "]}") == 0);
	lab_pump();
	for (unsigned int i = 0; i < RTE_DIM(groups); i++) {
		frame_under(&frame, groups[i], (const struct tag[3]){ S(5), C(10) });
		lab_inject(LAN, &frame);
		lab_pump();
		lab_expect_nothing();
		expect_received(0, 3, i + 1);
		CU_ASSERT(lab_stats("more").received == 2 * (i + 1));
		CU_ASSERT(lab_dropped("more", VR_DROP_L2_GROUP) == 2 * (i + 1));
	}
	port_stats_read(lab.vrouter, LAN, &stats);
	CU_ASSERT(stats.classify.frames == 3 && stats.classify.copies == 6);
}

/* Any stack of tags before anything; what must hold afterwards is in the ledger. */
static void
test_random_stacks(void)
{
	static const uint16_t vids[] = { 0, 5, 6, 10, 11 };
	static const uint64_t destinations[] = { LAN_MAC, LAN_MAC, STRANGE_MAC, MAC_BROADCAST };
	static struct frame frame;

	open_alike();
	for (unsigned int i = 0; i < 20000; i++) {
		struct tag tags[3] = { 0 };
		unsigned int n_tags = random32() % 4;

		for (unsigned int n = 0; n < n_tags; n++) {
			tags[n].type = random32() % 2 ? ETHERTYPE_VLAN : ETHERTYPE_QINQ;
			tags[n].bits = (uint16_t)((random32() & 0xf000) |
						  vids[random32() % RTE_DIM(vids)]);
		}
		frame_under(&frame, destinations[random32() % RTE_DIM(destinations)], tags);
		if (random32() % 4 == 0)
			frame.bytes[12 + random32() % 12] ^= (uint8_t)(1 << random32() % 8);
		if (random32() % 8 == 0)
			frame.length = random32() % 30;
		lab_inject(LAN, &frame);
		if (random32() % 64 == 0) {
			lab_pump();
			lab_discard();
		}
	}
	lab_pump();
	lab_discard();
}

CU_TestInfo tags_tests[] = {
	{ "all ways in and out", test_all_ways },
	{ "the MTU does not count tags", test_mtu },
	{ "room for tags", test_headroom },
	{ "refused by a port", test_refused },
	{ "priorities and VLAN 0", test_priorities },
	{ "stacks that no interface has", test_nobody },
	{ "unknown VLANs, outer VLANs and MACs", test_unknown },
	{ "cut off", test_short },
	{ "other types under tags", test_other_types },
	{ "routers alike but for their tags", test_alike },
	{ "the port's own MAC", test_own_mac },
	{ "groups", test_groups },
	{ "random stacks", test_random_stacks },
	CU_TEST_INFO_NULL,
};
