/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Packets for groups: which are routed, where their copies go, and what ends at the link.
 *
 *	"r": in on port 0; out10 (vlan 10), out11 (vlan 11, MTU of port 1), out2 on port 2 (MTU
 *1280)
 */

#include <errno.h>
#include <string.h>

#include <rte_common.h>

#include "lab.h"
#include "tests.h"
#include "vrf/multicast.h"

#define SOURCE_MAC UINT64_C(0x020000000a02)
#define GROUP IP(239, 129, 2, 3)
#define SOURCE IP(10, 0, 0, 2)

static const struct ip6 group6 = { { 0xff, 0x0e, [12] = 0x81, 0x22, 0x33, 0x44 } };
static const struct ip6 source6 = { { 0xfd, 0, [15] = 2 } };
static uint8_t payload[1400];

enum {
	IN,
	OUT10,
	OUT11,
	OUT2,
	INTERFACES
};
static const unsigned int port_of[INTERFACES] = { 0, 1, 1, 2 };
static const uint16_t vlan_of[INTERFACES] = { 0, 10, 11, 0 };

static void
open_groups(void)
{
	lab_open(1, "{'ports': [{'name': 'p0', 'device': 'net_ring_p0'},"
		    "           {'name': 'p1', 'device': 'net_ring_p1'},"
		    "           {'name': 'p2', 'device': 'net_ring_p2', 'mtu': 1280}],"
		    " 'routers': [{'name': 'r', 'icmp_rate': 10000000, 'interfaces': ["
		    "   {'name': 'in', 'port': 'p0', 'mac': '02:00:00:00:00:01',"
		    "    'addresses': ['10.0.0.1/24', 'fd00::1/64']},"
		    "   {'name': 'out10', 'port': 'p1', 'vlan': 10, 'mac': '02:00:00:00:00:10',"
		    "    'addresses': ['10.0.10.1/24', 'fd00:10::1/64']},"
		    "   {'name': 'out11', 'port': 'p1', 'vlan': 11, 'mac': '02:00:00:00:00:11',"
		    "    'addresses': ['10.0.11.1/24', 'fd00:11::1/64']},"
		    "   {'name': 'out2', 'port': 'p2', 'mac': '02:00:00:00:00:02',"
		    "    'addresses': ['10.0.2.1/24', 'fd00:2::1/64']}]}]}");
	lab_pump();
	lab_discard();
}

static int
add(bool ipv6, bool any_source, unsigned int out)
{
	struct ip_address group =
		ipv6 ? ip_address_of_ipv6(group6.bytes) : ip_address_of_ipv4(GROUP);
	struct ip_address source =
		ipv6 ? ip_address_of_ipv6(source6.bytes) : ip_address_of_ipv4(SOURCE);
	struct multicast_route route = { .group = group, .source = source, .in = IN };
	char error[VR_ERROR_SIZE];

	if (any_source)
		memset(route.source.bytes, 0, sizeof(route.source.bytes));
	for (uint16_t i = 1; i < INTERFACES; i++)
		if (out & 1u << i)
			route.out[route.n_out++] = i;
	return multicast_add(lab_router("r")->vr, &route, error);
}

static struct ipv4
packet(void)
{
	return (struct ipv4){ .ethernet = { .to = UINT64_C(0x01005e010203), .from = SOURCE_MAC },
		.source = SOURCE,
		.destination = GROUP,
		.ttl = 9,
		.protocol = PROTOCOL_UDP,
		.payload = payload,
		.length = 40 };
}

static struct ipv6
packet6(void)
{
	return (struct ipv6){ .ethernet = { .to = UINT64_C(0x333311223344), .from = SOURCE_MAC },
		.source = source6,
		.destination = { { 0xff, 0x0e, [12] = 0x11, 0x22, 0x33, 0x44 } },
		.hop_limit = 9,
		.next_header = 59,
		.payload = payload,
		.length = 40 };
}

/* The frame as it comes out of an interface. */
static void
expect_out(unsigned int interface, struct ipv4 ipv4)
{
	static const uint8_t last[INTERFACES] = { 0x01, 0x10, 0x11, 0x02 };
	struct frame frame;

	ipv4.ttl--;
	ipv4.padding = 0;
	ipv4.ethernet.from = UINT64_C(0x020000000000) | last[interface];
	ipv4.ethernet.tag = vlan_of[interface];
	frame_ipv4(&frame, &ipv4);
	lab_expect(port_of[interface], &frame);
}

static void
expect_out6(unsigned int interface, struct ipv6 ipv6)
{
	static const uint8_t last[INTERFACES] = { 0x01, 0x10, 0x11, 0x02 };
	struct frame frame;

	ipv6.hop_limit--;
	ipv6.ethernet.from = UINT64_C(0x020000000000) | last[interface];
	ipv6.ethernet.tag = vlan_of[interface];
	frame_ipv6(&frame, &ipv6);
	lab_expect(port_of[interface], &frame);
}

static void
inject(const struct ipv4 *ipv4)
{
	static struct frame frame;

	frame_ipv4(&frame, ipv4);
	lab_inject(0, &frame);
	lab_pump();
}

static void
drops(const struct ipv4 *ipv4, enum vr_drop reason)
{
	uint64_t before = lab_dropped("r", reason);

	inject(ipv4);
	lab_expect_nothing();
	CU_ASSERT(lab_dropped("r", reason) == before + 1);
}

static void
test_routed(void)
{
	struct ipv4 ipv4 = packet();
	struct ipv6 ipv6 = packet6();
	static struct frame frame;

	open_groups();
	drops(&ipv4, VR_DROP_MULTICAST);
	CU_ASSERT(add(false, false, 1 << OUT10 | 1 << OUT11 | 1 << OUT2) == 0);
	CU_ASSERT(add(false, true, 1 << OUT2) == 0);
	CU_ASSERT(add(false, true, 1 << OUT10) == -EEXIST);
	ipv4.padding = 6;
	inject(&ipv4);
	/* The packet itself goes out of the first, behind the copies. */
	expect_out(OUT11, ipv4);
	expect_out(OUT2, ipv4);
	expect_out(OUT10, ipv4);
	lab_expect_nothing();
	CU_ASSERT(lab_stats("r").forwarded == 1);
	/* Of another source the route of any. */
	ipv4.source = IP(10, 0, 0, 3);
	inject(&ipv4);
	expect_out(OUT2, ipv4);
	lab_expect_nothing();
	/* Other groups have none, nor has this in IPv6 yet. */
	ipv4.destination++;
	drops(&ipv4, VR_DROP_MULTICAST);

	frame_ipv6(&frame, &ipv6);
	lab_inject(0, &frame);
	lab_pump();
	lab_expect_nothing();
	ipv6.destination = group6;
	CU_ASSERT(add(true, false, 1 << OUT10 | 1 << OUT2) == 0);
	frame_ipv6(&frame, &ipv6);
	lab_inject(0, &frame);
	lab_pump();
	ipv6.ethernet.to = UINT64_C(0x333381223344);
	expect_out6(OUT2, ipv6);
	expect_out6(OUT10, ipv6);
	lab_expect_nothing();
}

/* A router on a loop sees its own copies come back by another interface. */
static void
test_in(void)
{
	static struct frame frame;
	struct ipv4 ipv4 = packet();
	uint64_t before;

	open_groups();
	CU_ASSERT(add(false, true, 1 << OUT2) == 0);
	before = lab_dropped("r", VR_DROP_MULTICAST_IN);
	frame_ipv4(&frame, &ipv4);
	lab_inject(2, &frame);
	ipv4.ethernet.tag = 10;
	frame_ipv4(&frame, &ipv4);
	lab_inject(1, &frame);
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(lab_dropped("r", VR_DROP_MULTICAST_IN) == before + 2);
}

/* No error is ever sent about a packet for a group. */
static void
test_no_errors(void)
{
	struct ipv4 ipv4 = packet();

	open_groups();
	CU_ASSERT(add(false, true, 1 << OUT2) == 0);
	ipv4.ttl = 1;
	drops(&ipv4, VR_DROP_TTL);
	ipv4.ttl = 0;
	drops(&ipv4, VR_DROP_TTL);
	ipv4 = packet();
	ipv4.fragment = FRAGMENT_DONT;
	ipv4.length = 1300;
	drops(&ipv4, VR_DROP_MTU);
	ipv4 = packet();
	ipv4.source = IP(127, 0, 0, 1);
	drops(&ipv4, VR_DROP_SOURCE);
}

static void
test_fragments(void)
{
	static struct frame frame;
	struct ipv4 ipv4 = packet();
	uint32_t length = 0;

	open_groups();
	CU_ASSERT(add(false, true, 1 << OUT2 | 1 << OUT11) == 0);
	ipv4.length = 1300;
	inject(&ipv4);
	expect_out(OUT11, ipv4);
	for (unsigned int i = 0; i < 2; i++) {
		CU_ASSERT_FATAL(lab_take(2, &frame));
		length += frame.length - 34;
		CU_ASSERT(frame.bytes[0] == 0x01 && frame.bytes[5] == 0x03);
	}
	CU_ASSERT(length == 1300);
	lab_expect_nothing();
}

/* What is for the link stays on it, whatever routes there are. */
static void
test_link_groups(void)
{
	struct ipv4 ipv4 = packet();
	struct multicast_route route = { .group = ip_address_of_ipv4(IP(224, 0, 0, 251)),
		.source.family = IP_FAMILY_IPV4,
		.in = IN,
		.n_out = 1,
		.out = { OUT2 } };
	char error[VR_ERROR_SIZE];

	open_groups();
	CU_ASSERT(multicast_add(lab_router("r")->vr, &route, error) == -EINVAL);
	CU_ASSERT_STRING_EQUAL(
		error, "router r: group 224.0.0.251 is of one link and is not routed");
	ipv4.destination = IP(224, 0, 0, 251);
	ipv4.ethernet.to = UINT64_C(0x01005e0000fb);
	drops(&ipv4, VR_DROP_LINK_LOCAL);
	route.group = ip_address_of_ipv4(IP(10, 0, 0, 9));
	CU_ASSERT(multicast_add(lab_router("r")->vr, &route, error) == -EINVAL);
	route.group = ip_address_of_ipv4(GROUP);
	route.out[0] = IN;
	CU_ASSERT(multicast_add(lab_router("r")->vr, &route, error) == -EINVAL);
	CU_ASSERT_STRING_EQUAL(
		error, "router r: group 239.129.2.3: interface in is both in and out");
}

/* Many routes that come and go, against a list. */
static void
test_many(void)
{
	static bool there[300];
	char error[VR_ERROR_SIZE];
	struct ipv4 ipv4 = packet();
	struct vr *vr;
	uint32_t n, n_there = 0;

	memset(there, 0, sizeof(there));
	open_groups();
	vr = lab_router("r")->vr;
	for (unsigned int round = 0; round < 3000; round++) {
		unsigned int i = random32() % RTE_DIM(there);
		struct multicast_route route = { .group = ip_address_of_ipv4(IP(239, 1, 0, i)),
			.source = ip_address_of_ipv4(i % 2 ? SOURCE : 0),
			.in = IN,
			.n_out = 1,
			.out = { OUT2 } };

		if (random32() % 2) {
			CU_ASSERT(multicast_add(vr, &route, error) == (there[i] ? -EEXIST : 0));
			n_there += !there[i];
			there[i] = true;
		} else {
			CU_ASSERT(multicast_delete(vr, &route.group, &route.source, error) ==
				  (there[i] ? 0 : -ENOENT));
			n_there -= there[i];
			there[i] = false;
		}
		multicast_routes(vr, &n);
		CU_ASSERT(n == n_there);
		i = random32() % RTE_DIM(there);
		ipv4.destination = IP(239, 1, 0, i);
		ipv4.ethernet.to = UINT64_C(0x01005e000000) | (ipv4.destination & 0x7fffff);
		inject(&ipv4);
		if (there[i])
			expect_out(OUT2, ipv4);
		lab_expect_nothing();
	}
}

CU_TestInfo multicast_tests[] = {
	{ "routed", test_routed },
	{ "by the wrong interface", test_in },
	{ "no errors about groups", test_no_errors },
	{ "fragments", test_fragments },
	{ "groups of a link", test_link_groups },
	{ "many routes", test_many },
	CU_TEST_INFO_NULL,
};
