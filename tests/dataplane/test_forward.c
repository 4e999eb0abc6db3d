/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <string.h>

#include <stdio.h>

#include "pair.h"
#include "tests.h"

#define BATCH 128

/* Every value that the header's checksum can have before and after. */
static void
test_every_checksum(void)
{
	static struct frame expected;

	pair_open((struct pair_options){ 0 });
	for (uint32_t first = 0; first <= UINT16_MAX; first += BATCH) {
		struct ipv4 ipv4 = pair_packet();

		for (uint32_t id = first; id < first + BATCH; id++) {
			ipv4.id = (uint16_t)id;
			pair_inject(&ipv4);
		}
		lab_pump();
		for (uint32_t id = first; id < first + BATCH; id++) {
			ipv4.id = (uint16_t)id;
			pair_forwarded(&expected, &ipv4);
			if (!lab_expect(WAN, &expected))
				return;
		}
	}
	lab_expect_nothing();
	CU_ASSERT(lab_stats("r").forwarded == 65536);
	CU_ASSERT(lab_stats("r").forwarded_bytes == 65536 * (20 + 26));
}

static void
test_tags_lengths_padding(void)
{
	static const uint16_t vlans[][2] = { { 0, 0 }, { 0, 20 }, { 10, 0 }, { 10, 20 },
		{ 1, 4094 } };

	for (unsigned int i = 0; i < RTE_DIM(vlans); i++) {
		pair_open(
			(struct pair_options){ .lan_vlan = vlans[i][0], .wan_vlan = vlans[i][1] });
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
		lab_close();
	}
}

/* What is on the wire as a tag's priority is not part of the VLAN and not sent on. */
static void
test_priority_bits(void)
{
	pair_open((struct pair_options){ .lan_vlan = 10, .wan_vlan = 20 });
	for (unsigned int priority = 0; priority < 16; priority++) {
		struct ipv4 ipv4 = pair_packet();

		ipv4.ethernet.tag = (uint16_t)(priority << 12 | 10);
		pair_forwards(&ipv4);
	}
	lab_close();
	/* VLAN 0 is none. */
	pair_open((struct pair_options){ .wan_vlan = 20 });
	for (unsigned int priority = 1; priority < 16; priority++) {
		struct ipv4 ipv4 = pair_packet();

		ipv4.ethernet.tag = (uint16_t)(priority << 12);
		pair_forwards(&ipv4);
	}
}

static void
test_header_fields(void)
{
	uint8_t options[40];

	pair_open((struct pair_options){ .wan_vlan = 7 });
	for (unsigned int ttl = 2; ttl <= 255; ttl++) {
		struct ipv4 ipv4 = pair_packet();

		ipv4.ttl = (uint8_t)ttl;
		ipv4.tos = (uint8_t)random32();
		ipv4.protocol = (uint8_t)random32();
		ipv4.id = (uint16_t)random32();
		ipv4.fragment = (uint16_t)(random32() & ~FRAGMENT_DONT);
		pair_forwards(&ipv4);
	}
	for (uint8_t n = 4; n <= sizeof(options); n += 4) {
		struct ipv4 ipv4 = pair_packet();

		memset(options, 1, n); /* no operation */
		ipv4.options = options;
		ipv4.n_options = n;
		pair_forwards(&ipv4);
		ipv4.padding = 9;
		pair_forwards(&ipv4);
	}
}

/* A packet that comes back out of the interface it came in by. */
static void
test_one_armed(void)
{
	static struct frame expected;
	struct ipv4 ipv4;

	pair_open((struct pair_options){ .more = "'redirects': false," });
	CU_ASSERT(lab_add_neighbour("r", "lan", IP(10, 0, 0, 9), STRANGE_MAC) == 0);
	ipv4 = pair_packet();
	ipv4.destination = IP(10, 0, 0, 9);
	pair_inject(&ipv4);
	lab_pump();
	ipv4.ethernet = (struct ethernet){ STRANGE_MAC, LAN_MAC, 0 };
	ipv4.ttl--;
	frame_ipv4(&expected, &ipv4);
	lab_expect(LAN, &expected);
	lab_expect_nothing();
}

/* Longest prefix */

#define ROUTES_MAX 300
#define GATEWAYS 8

static struct {
	uint32_t prefix;
	uint8_t depth;
	uint8_t gateway; /* GATEWAYS: blackhole */
} routes[ROUTES_MAX];
static unsigned int n_routes;

static uint32_t
mask_of(uint8_t depth)
{
	return depth == 0 ? 0 : UINT32_MAX << (32 - depth);
}

/* The index of the longest, or n_routes. */
static unsigned int
longest(uint32_t destination)
{
	unsigned int best = n_routes;

	for (unsigned int i = 0; i < n_routes; i++)
		if ((destination & mask_of(routes[i].depth)) == routes[i].prefix &&
			(best == n_routes || routes[i].depth > routes[best].depth))
			best = i;
	return best;
}

/* A destination in or beside some route. */
static uint32_t
random_destination(void)
{
	uint32_t destination = IP(20, 0, 0, 0) | (random32() & 0x00030303);

	if (n_routes > 0 && random32() % 4 != 0) {
		unsigned int i = random32() % n_routes;

		destination = routes[i].prefix;
		if (random32() % 2)
			destination |= ~mask_of(routes[i].depth);
		destination += random32() % 3 - 1;
	}
	/* Not what is martian or connected. */
	if (destination >> 24 == 0 || destination >> 24 == 127 || destination >> 24 >= 224 ||
		destination >> 24 == 10 || destination >> 8 == IP(192, 0, 2, 0) >> 8)
		destination = IP(20, 1, 2, 3);
	return destination;
}

static uint64_t
gateway_mac(unsigned int gateway)
{
	return UINT64_C(0x020000000300) + gateway;
}

static void
check_destination(uint32_t destination)
{
	static struct frame expected;
	struct ipv4 ipv4 = pair_packet();
	unsigned int i = longest(destination);
	uint64_t no_route = lab_dropped("r", VR_DROP_NO_ROUTE);
	uint64_t blackhole = lab_dropped("r", VR_DROP_BLACKHOLE);

	ipv4.destination = destination;
	pair_inject(&ipv4);
	lab_pump();
	if (i == n_routes) {
		CU_ASSERT(lab_dropped("r", VR_DROP_NO_ROUTE) == no_route + 1);
	} else if (routes[i].gateway == GATEWAYS) {
		CU_ASSERT(lab_dropped("r", VR_DROP_BLACKHOLE) == blackhole + 1);
	} else {
		ipv4.ethernet = (struct ethernet){ gateway_mac(routes[i].gateway), WAN_MAC, 0 };
		ipv4.ttl--;
		frame_ipv4(&expected, &ipv4);
		lab_expect(WAN, &expected);
	}
	lab_expect_nothing();
}

static void
add_random_route(void)
{
	uint8_t depth = (uint8_t)(random32() % 4 == 0 ? 0 : 1 + random32() % 32);
	uint32_t prefix = (IP(20, 0, 0, 0) | (random32() & 0x00030303)) & mask_of(depth);
	uint8_t gateway = (uint8_t)(random32() % (GATEWAYS + 1));
	int rc;

	for (unsigned int i = 0; i < n_routes; i++)
		if (routes[i].prefix == prefix && routes[i].depth == depth)
			return;
	if (n_routes == ROUTES_MAX)
		return;
	if (gateway == GATEWAYS)
		rc = lab_add_route_type("r", prefix, depth, VR_ROUTE_BLACKHOLE);
	else
		rc = lab_add_route("r", prefix, depth, IP(192, 0, 2, 10 + gateway));
	CU_ASSERT(rc == 0);
	routes[n_routes].prefix = prefix;
	routes[n_routes].depth = depth;
	routes[n_routes++].gateway = gateway;
}

static void
test_longest_prefix(void)
{
	pair_open((struct pair_options){ .more = "'icmp_rate': 0," });
	CU_ASSERT(lab_delete_route("r", IP(198, 18, 0, 0), 15) == 0);
	for (unsigned int i = 0; i < GATEWAYS; i++)
		CU_ASSERT(
			lab_add_neighbour("r", "wan", IP(192, 0, 2, 10 + i), gateway_mac(i)) == 0);
	n_routes = 0;
	for (unsigned int step = 0; step < 1500; step++) {
		if (random32() % 3 != 0) {
			add_random_route();
		} else if (n_routes > 0) {
			unsigned int i = random32() % n_routes;

			CU_ASSERT(lab_delete_route("r", routes[i].prefix, routes[i].depth) == 0);
			routes[i] = routes[--n_routes];
		}
		check_destination(random_destination());
		check_destination(random_destination());
	}
	CU_ASSERT(lab_add_route("r", IP(20, 0, 0, 0), 8, LAN_IP) < 0);
}

static void
test_nested_routes(void)
{
	static const uint8_t depths[] = { 0, 1, 8, 9, 15, 16, 23, 24, 25, 30, 31, 32 };
	uint32_t address = IP(20, 170, 85, 51);

	pair_open((struct pair_options){ .more = "'icmp_rate': 0," });
	n_routes = 0;
	for (unsigned int i = 0; i < GATEWAYS; i++)
		CU_ASSERT(
			lab_add_neighbour("r", "wan", IP(192, 0, 2, 10 + i), gateway_mac(i)) == 0);
	for (unsigned int i = 0; i < RTE_DIM(depths); i++) {
		routes[n_routes].prefix = address & mask_of(depths[i]);
		routes[n_routes].depth = depths[i];
		routes[n_routes++].gateway = (uint8_t)(i % GATEWAYS);
		CU_ASSERT(lab_add_route("r", address & mask_of(depths[i]), depths[i],
				  IP(192, 0, 2, 10 + i % GATEWAYS)) == 0);
		check_destination(address);
	}
	for (unsigned int bit = 0; bit < 29; bit++)
		check_destination(address ^ (UINT32_C(1) << bit));
	while (n_routes > 0) {
		n_routes--;
		CU_ASSERT(lab_delete_route("r", routes[n_routes].prefix, routes[n_routes].depth) ==
			  0);
		check_destination(address);
	}
}

/* The MTU counts from the IP header on, whatever the tag. */
static void
test_mtu(void)
{
	static const uint16_t vlans[] = { 0, 20 };
	static struct frame about;

	for (unsigned int i = 0; i < RTE_DIM(vlans); i++) {
		pair_open((struct pair_options){
			.lan_mtu = 9000, .wan_mtu = 1400, .wan_vlan = vlans[i] });
		for (uint32_t size = 1300; size <= 9000; size += size < 1420 ? 1 : 541) {
			struct ipv4 ipv4 = pair_packet();

			ipv4.length = size - 20;
			ipv4.fragment = FRAGMENT_DONT;
			if (size <= 1400) {
				pair_forwards(&ipv4);
				continue;
			}
			frame_ipv4(&about, &ipv4);
			pair_inject(&ipv4);
			lab_pump();
			lab_expect_error(LAN,
				(&(struct icmp_error){ pair_to_host(), LAN_IP, 3, 4, 1400, 0 }),
				&about);
			lab_expect_nothing();
		}
		/* Padding does not make it longer. */
		struct ipv4 ipv4 = pair_packet();

		ipv4.length = 1380;
		ipv4.padding = 50;
		pair_forwards(&ipv4);
		lab_close();
	}
}

/* The new L2 header needs room before the old one. */
static void
test_headroom(void)
{
	static struct frame frame, expected;

	for (unsigned int tagged = 0; tagged < 4; tagged++) {
		struct ipv4 ipv4;

		pair_open((struct pair_options){
			.lan_vlan = tagged & 1 ? 10 : 0, .wan_vlan = tagged & 2 ? 20 : 0 });
		ipv4 = pair_packet();
		frame_ipv4(&frame, &ipv4);
		pair_forwarded(&expected, &ipv4);
		for (uint16_t headroom = 0; headroom <= 8; headroom++) {
			bool fits = tagged != 2 || headroom >= 4;
			uint64_t dropped = lab_dropped("r", VR_DROP_HEADROOM);

			lab_inject_headroom(LAN, &frame, headroom);
			lab_pump();
			CU_ASSERT(lab_dropped("r", VR_DROP_HEADROOM) == dropped + !fits);
			if (fits)
				lab_expect(WAN, &expected);
			lab_expect_nothing();
		}
		lab_close();
	}
}

CU_TestInfo forward_tests[] = {
	{ "every checksum", test_every_checksum },
	{ "tags, lengths and padding", test_tags_lengths_padding },
	{ "priority bits of tags", test_priority_bits },
	{ "header fields and options", test_header_fields },
	{ "out where it came in", test_one_armed },
	{ "the longest of nested routes", test_nested_routes },
	{ "the longest of random routes that come and go", test_longest_prefix },
	{ "mtu", test_mtu },
	{ "headroom", test_headroom },
	CU_TEST_INFO_NULL,
};
