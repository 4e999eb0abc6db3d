/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Addresses that no packet may come from or go to. An oracle that knows the subnets by heart says
 * of every last octet whether it is a broadcast address.
 */

#include <stdio.h>

#include "pair.h"
#include "tests.h"

static const struct {
	uint32_t network;
	uint8_t depth;
} subnets[] = {
	{ IP(10, 1, 0, 0), 24 },
	{ IP(10, 2, 0, 0), 16 },
	{ IP(10, 3, 0, 64), 26 },
	{ IP(10, 4, 0, 128), 25 },
	{ IP(10, 5, 0, 8), 30 },
	{ IP(10, 6, 0, 16), 29 },
	{ IP(10, 7, 0, 20), 31 },
	{ IP(10, 8, 0, 33), 32 },
	{ IP(11, 0, 0, 0), 8 },
};

static bool
is_broadcast(uint32_t address)
{
	for (unsigned int i = 0; i < RTE_DIM(subnets); i++) {
		uint32_t host = subnets[i].depth == 32 ? 0 : UINT32_MAX >> subnets[i].depth;

		if (subnets[i].depth <= 30 && (address & ~host) == subnets[i].network &&
			((address & host) == 0 || (address & host) == host))
			return true;
	}
	return address == IP(192, 0, 2, 0) || address == IP(192, 0, 2, 255);
}

static void
open_subnets(void)
{
	pair = (struct pair_options){ 0 };
	lab_open(1,
		"{'ports': [{'name': 'p0', 'device': 'net_ring_p0'},"
		"  {'name': 'p1', 'device': 'net_ring_p1'}],"
		" 'routers': [{'name': 'r', 'icmp_rate': 0, 'interfaces': ["
		"   {'name': 'lan', 'port': 'p0', 'mac': '02:00:00:00:00:01', 'addresses': ["
		"    '10.1.0.1/24', '10.2.0.1/16', '10.3.0.65/26', '10.4.0.129/25', '10.5.0.9/30',"
		"    '10.6.0.17/29', '10.7.0.20/31', '10.8.0.33/32', '11.0.0.1/8']},"
		"   {'name': 'wan', 'port': 'p1', 'mac': '02:00:00:00:00:02',"
		"    'addresses': ['192.0.2.1/24']}],"
		"  'routes': [{'prefix': '0.0.0.0/0', 'via': '192.0.2.2'}],"
		"  'neighbours': ["
		"   {'interface': 'wan', 'address': '192.0.2.2', 'mac': '02:00:00:00:02:02'}]}]}");
}

static void
check_source(uint32_t source)
{
	struct ipv4 ipv4 = pair_packet();
	static struct frame frame;

	ipv4.source = source;
	if (!is_broadcast(source)) {
		pair_forwards(&ipv4);
		return;
	}
	frame_ipv4(&frame, &ipv4);
	pair_drops(LAN, &frame, VR_DROP_SOURCE);
}

static void
test_own_broadcasts(void)
{
	open_subnets();
	for (uint32_t octet = 0; octet < 256; octet++) {
		for (unsigned int i = 0; i < RTE_DIM(subnets); i++)
			check_source((subnets[i].network & 0xffffff00) | octet);
		check_source(IP(10, 2, 255, octet));
		check_source(IP(11, 255, 255, octet));
		check_source(IP(192, 0, 2, octet));
		check_source(IP(198, 51, 100, octet));
	}
}

/* The borders of the ranges, as sources and as destinations. */
static void
test_ranges(void)
{
	static const struct {
		uint32_t address;
		enum vr_drop source; /* VR_DROP_REASONS: none */
		enum vr_drop destination;
	} cases[] = {
		{ IP(0, 0, 0, 0), VR_DROP_SOURCE, VR_DROP_DESTINATION },
		{ IP(0, 255, 255, 255), VR_DROP_SOURCE, VR_DROP_DESTINATION },
		{ IP(1, 0, 0, 0), VR_DROP_REASONS, VR_DROP_REASONS },
		{ IP(126, 255, 255, 255), VR_DROP_REASONS, VR_DROP_REASONS },
		{ IP(127, 0, 0, 0), VR_DROP_SOURCE, VR_DROP_DESTINATION },
		{ IP(127, 0, 0, 1), VR_DROP_SOURCE, VR_DROP_DESTINATION },
		{ IP(127, 255, 255, 255), VR_DROP_SOURCE, VR_DROP_DESTINATION },
		{ IP(128, 0, 0, 0), VR_DROP_REASONS, VR_DROP_REASONS },
		{ IP(169, 254, 1, 1), VR_DROP_REASONS, VR_DROP_REASONS },
		{ IP(223, 255, 255, 255), VR_DROP_REASONS, VR_DROP_REASONS },
		{ IP(224, 0, 0, 1), VR_DROP_SOURCE, VR_DROP_LINK_LOCAL },
		{ IP(224, 0, 0, 255), VR_DROP_SOURCE, VR_DROP_LINK_LOCAL },
		{ IP(224, 0, 1, 0), VR_DROP_SOURCE, VR_DROP_MULTICAST },
		{ IP(239, 255, 255, 255), VR_DROP_SOURCE, VR_DROP_MULTICAST },
		{ IP(240, 0, 0, 0), VR_DROP_SOURCE, VR_DROP_DESTINATION },
		{ IP(255, 255, 255, 254), VR_DROP_SOURCE, VR_DROP_DESTINATION },
		{ IP(255, 255, 255, 255), VR_DROP_SOURCE, VR_DROP_BROADCAST },
		{ IP(10, 1, 0, 255), VR_DROP_SOURCE, VR_DROP_BROADCAST },
		{ IP(10, 1, 0, 0), VR_DROP_SOURCE, VR_DROP_BROADCAST },
	};
	static struct frame frame;

	open_subnets();
	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		struct ipv4 ipv4 = pair_packet();

		ipv4.source = cases[i].address;
		frame_ipv4(&frame, &ipv4);
		if (cases[i].source == VR_DROP_REASONS)
			pair_forwards(&ipv4);
		else
			pair_drops(LAN, &frame, cases[i].source);
		ipv4 = pair_packet();
		ipv4.destination = cases[i].address;
		frame_ipv4(&frame, &ipv4);
		if (cases[i].destination == VR_DROP_REASONS)
			pair_forwards(&ipv4);
		else
			pair_drops(LAN, &frame, cases[i].destination);
	}
}

/* What a host side would speak on the link is for that; no group of the link goes further. */
static void
test_groups_of_the_link(void)
{
	static const struct {
		uint8_t protocol;
		enum vr_drop reason;
	} cases[] = { { 2, VR_DROP_TO_HOST }, { 89, VR_DROP_TO_HOST }, { 103, VR_DROP_TO_HOST },
		{ 112, VR_DROP_TO_HOST }, { PROTOCOL_UDP, VR_DROP_LINK_LOCAL },
		{ PROTOCOL_ICMP, VR_DROP_LINK_LOCAL } };
	static struct frame frame;

	open_subnets();
	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		struct ipv4 ipv4 = pair_packet();

		ipv4.ethernet.to = UINT64_C(0x01005e000005);
		ipv4.destination = IP(224, 0, 0, 5);
		ipv4.protocol = cases[i].protocol;
		ipv4.ttl = 1;
		frame_ipv4(&frame, &ipv4);
		pair_drops(LAN, &frame, cases[i].reason);
		ipv4.ttl = 64;
		ipv4.options = (const uint8_t[]){ 0x94, 4, 0, 0 };
		ipv4.n_options = 4;
		frame_ipv4(&frame, &ipv4);
		pair_drops(LAN, &frame, cases[i].reason);
	}
}

static void
test_ipv6(void)
{
	static const struct {
		const char *address;
		enum vr_drop source;
		enum vr_drop destination;
	} cases[] = {
		{ "::", VR_DROP_SOURCE, VR_DROP_DESTINATION },
		{ "::1", VR_DROP_SOURCE, VR_DROP_DESTINATION },
		{ "::ffff:10.0.0.2", VR_DROP_SOURCE, VR_DROP_DESTINATION },
		{ "ff02::1:2", VR_DROP_SOURCE, VR_DROP_LINK_LOCAL },
		{ "ff0e::1", VR_DROP_SOURCE, VR_DROP_MULTICAST },
		{ "fe80::77", VR_DROP_LINK_LOCAL, VR_DROP_LINK_LOCAL },
		{ "febf::77", VR_DROP_LINK_LOCAL, VR_DROP_LINK_LOCAL },
	};
	static struct frame frame;

	pair_open((struct pair_options){ .ipv6 = true, .more = "'icmp_rate': 0," });
	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		struct ipv6 ipv6 = pair_packet6();

		ipv6.source = ip6(cases[i].address);
		frame_ipv6(&frame, &ipv6);
		pair_drops(LAN, &frame, cases[i].source);
		ipv6 = pair_packet6();
		ipv6.destination = ip6(cases[i].address);
		frame_ipv6(&frame, &ipv6);
		pair_drops(LAN, &frame, cases[i].destination);
	}
	/* Unicast in a frame for a group, and an interface without IPv6. */
	frame_ipv6(&frame, (struct ipv6[]){ pair_packet6() });
	frame.bytes[0] = 0x33;
	frame.bytes[1] = 0x33;
	pair_drops(LAN, &frame, VR_DROP_L2_GROUP);
	lab_close();
	pair_open((struct pair_options){ 0 });
	frame_ipv6(&frame, (struct ipv6[]){ pair_packet6() });
	pair_drops(LAN, &frame, VR_DROP_NO_IPV6);
}

CU_TestInfo martians_tests[] = {
	{ "broadcast addresses of own subnets", test_own_broadcasts },
	{ "ranges", test_ranges },
	{ "groups of the link", test_groups_of_the_link },
	{ "IPv6", test_ipv6 },
	CU_TEST_INFO_NULL,
};
