/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Hosts that sent to the router what a neighbour of theirs should have got.
 *
 *	HOST .2  OTHER .3  SECOND .4 (a router, fe80::4)  --- lan 10.0.0.1/24 2001:db8:a::1/64 [r]
 * wan
 */

#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>

#include "pair.h"
#include "tests.h"

#define OTHER_MAC UINT64_C(0x020000000a03)
#define SECOND_MAC UINT64_C(0x020000000a04)
#define OTHER_IP IP(10, 0, 0, 3)
#define SECOND_IP IP(10, 0, 0, 4)
#define BEHIND_IP IP(198, 18, 0, 1)
#define OTHER_IP6 ip6("2001:db8:a::3")
#define SECOND_IP6 ip6("2001:db8:a::4")

static void
open_link(const char *more, unsigned int vlan)
{
	char tag[32] = "";

	if (vlan != 0)
		snprintf(tag, sizeof(tag), "'vlan': %u,", vlan);
	pair = (struct pair_options){ .lan_vlan = (uint16_t)vlan };
	lab_open(1,
		"{'ports': [{'name': 'p0', 'device': 'net_ring_p0'},"
		"  {'name': 'p1', 'device': 'net_ring_p1'}],"
		" 'routers': [{'name': 'r', %s 'interfaces': ["
		"   {'name': 'lan', 'port': 'p0', %s 'mac': '02:00:00:00:00:01', 'mtu': 1400,"
		"    'addresses': ['10.0.0.1/24', '10.0.1.1/24', '2001:db8:a::1/64']},"
		"   {'name': 'wan', 'port': 'p1', 'mac': '02:00:00:00:00:02',"
		"    'addresses': ['192.0.2.1/24', '2001:db8:b::1/64']}],"
		"  'routes': [{'prefix': '198.18.0.0/15', 'via': '10.0.0.4'},"
		"   {'prefix': '2001:db8:1000::/36', 'via': 'fe80::4%%lan'},"
		"   {'prefix': '2001:db8:2000::/36', 'via': '2001:db8:a::4'}],"
		"  'neighbours': ["
		"   {'interface': 'lan', 'address': '10.0.0.2', 'mac': '02:00:00:00:0a:02'},"
		"   {'interface': 'lan', 'address': '10.0.0.3', 'mac': '02:00:00:00:0a:03'},"
		"   {'interface': 'lan', 'address': '10.0.0.4', 'mac': '02:00:00:00:0a:04'},"
		"   {'interface': 'lan', 'address': '10.0.1.5', 'mac': '02:00:00:00:0a:05'},"
		"   {'interface': 'lan', 'address': '2001:db8:a::2', 'mac': '02:00:00:00:0a:02'},"
		"   {'interface': 'lan', 'address': '2001:db8:a::3', 'mac': '02:00:00:00:0a:03'},"
		"   {'interface': 'lan', 'address': '2001:db8:a::4', 'mac': '02:00:00:00:0a:04'},"
		"   {'interface': 'lan', 'address': 'fe80::4', 'mac': '02:00:00:00:0a:04'},"
		"   {'interface': 'wan', 'address': '192.0.2.2', 'mac': '02:00:00:00:02:02'}]}]}",
		more, tag);
	lab_clear_stats();
}

static void
expect_forwarded(struct ipv4 ipv4, uint64_t mac)
{
	static struct frame expected;

	ipv4.ethernet = (struct ethernet){ mac, LAN_MAC, pair.lan_vlan };
	ipv4.ttl--;
	frame_ipv4(&expected, &ipv4);
	lab_expect(LAN, &expected);
}

/* From a new host each time, as one is told so often and no oftener. */
static struct ipv4
packet_to(uint32_t destination)
{
	struct ipv4 ipv4 = pair_packet();

	ipv4.destination = destination;
	return ipv4;
}

/* The redirect, if there is one, then the packet as it should be. */
static void
check_ipv4(const struct ipv4 *ipv4, uint32_t gateway, uint64_t mac)
{
	static struct frame about;

	frame_ipv4(&about, ipv4);
	lab_inject(LAN, &about);
	lab_pump();
	if (gateway != 0)
		lab_expect_error(LAN,
			(&(struct icmp_error){ .ethernet = pair_to_host(),
				.source = LAN_IP,
				.type = 5,
				.code = 1,
				.rest = gateway }),
			&about);
	expect_forwarded(*ipv4, mac);
	lab_expect_nothing();
}

/* Each on a router that has told nobody anything. */
static void
test_ipv4(void)
{
	static const struct {
		uint32_t destination;
		uint32_t gateway;
		uint64_t mac;
		uint32_t length;
	} cases[] = {
		{ OTHER_IP, OTHER_IP, OTHER_MAC, 26 },
		{ BEHIND_IP, SECOND_IP, SECOND_MAC, 0 },
		{ BEHIND_IP, SECOND_IP, SECOND_MAC, 1300 },
	};

	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		struct ipv4 ipv4 = packet_to(cases[i].destination);

		open_link("'icmp_rate': 1000,", i == 1 ? 10 : 0);
		ipv4 = packet_to(cases[i].destination);
		ipv4.length = cases[i].length;
		check_ipv4(&ipv4, cases[i].gateway, cases[i].mac);
		CU_ASSERT(lab_stats("r").originated == 1 && lab_stats("r").forwarded == 1);
		lab_close();
	}
}

static void
test_no_ipv4(void)
{
	uint8_t payload[64];
	struct ipv4 ipv4;

	open_link("'icmp_rate': 10000000,", 0);
	/* The source is elsewhere, or on another subnet of the link. */
	ipv4 = packet_to(BEHIND_IP);
	ipv4.source = IP(203, 0, 113, 1);
	check_ipv4(&ipv4, 0, SECOND_MAC);
	ipv4.source = IP(10, 0, 1, 5);
	check_ipv4(&ipv4, 0, SECOND_MAC);
	/* It is the better gateway itself. */
	ipv4.source = SECOND_IP;
	check_ipv4(&ipv4, 0, SECOND_MAC);
	/* Fragments behind the first, ICMP errors, options. */
	ipv4 = packet_to(OTHER_IP);
	ipv4.fragment = 7;
	check_ipv4(&ipv4, 0, OTHER_MAC);
	ipv4 = packet_to(OTHER_IP);
	ipv4.protocol = PROTOCOL_ICMP;
	ipv4.payload = payload;
	ipv4.length = fill_icmp(payload, 3, 1, 0, NULL, 28);
	check_ipv4(&ipv4, 0, OTHER_MAC);
	ipv4 = packet_to(OTHER_IP);
	ipv4.options = (const uint8_t[]){ 1, 1, 1, 1 };
	ipv4.n_options = 4;
	check_ipv4(&ipv4, 0, OTHER_MAC);
	CU_ASSERT(lab_stats("r").originated == 0);
	lab_close();
	/* Switched off. */
	open_link("'redirects': false,", 0);
	check_ipv4((struct ipv4[]){ packet_to(OTHER_IP) }, 0, OTHER_MAC);
	CU_ASSERT(lab_stats("r").icmp_limited == 0);
}

/* In at the other interface there is nothing to tell. */
static void
test_other_interface(void)
{
	struct ipv4 ipv4;
	static struct frame frame;

	open_link("", 0);
	ipv4 = packet_to(OTHER_IP);
	ipv4.ethernet = (struct ethernet){ WAN_MAC, GATEWAY_MAC, 0 };
	ipv4.source = IP(10, 0, 0, 99);
	frame_ipv4(&frame, &ipv4);
	lab_inject(WAN, &frame);
	lab_pump();
	expect_forwarded(ipv4, OTHER_MAC);
	lab_expect_nothing();
}

/* Too long for the link: told, and cut; TTL ran out: that is told. */
static void
test_with_others(void)
{
	static struct frame about;
	struct ipv4 ipv4;

	open_link("", 0);
	ipv4 = packet_to(OTHER_IP);
	ipv4.length = 1460;
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT(lab_waiting(LAN) == 3 && lab_stats("r").fragments == 1);
	lab_discard();
	ipv4 = packet_to(OTHER_IP);
	ipv4.ttl = 1;
	frame_ipv4(&about, &ipv4);
	pair_inject(&ipv4);
	lab_pump();
	lab_expect_error(
		LAN, (&(struct icmp_error){ pair_to_host(), LAN_IP, 11, 0, 0, 0, 0 }), &about);
	lab_expect_nothing();
}

static void
test_rates(void)
{
	static struct frame sent, frame;
	uint64_t start = rte_rdtsc();
	unsigned int redirects = 0, most;
	struct ipv4 ipv4 = packet_to(OTHER_IP);

	open_link("'icmp_rate': 10000000,", 0);
	frame_ipv4(&frame, &ipv4);
	for (unsigned int i = 0; i < 200; i++) {
		lab_inject(LAN, &frame);
		lab_pump();
	}
	most = 1 + (unsigned int)((rte_rdtsc() - start) * 10 / rte_get_tsc_hz() + 1);
	while (lab_take(LAN, &sent))
		redirects += sent.bytes[14 + 9] == PROTOCOL_ICMP;
	CU_ASSERT(redirects >= 1 && redirects <= most);
	CU_ASSERT(lab_stats("r").forwarded == 200);
	lab_close();
	/* And they are ICMP errors as others are. */
	open_link("'icmp_rate': 0,", 0);
	check_ipv4(&ipv4, 0, OTHER_MAC);
	CU_ASSERT(lab_stats("r").icmp_limited == 1);
}

/* RFC 4861 4.5, 4.6: target, destination, the target's MAC, as much of the packet as fits. */
static void
frame_redirect(struct frame *frame, struct ip6 target, uint64_t mac, const struct ipv6 *ipv6)
{
	static struct frame about;
	uint8_t data[1400] = { 0 };
	uint8_t payload[1400];
	struct ipv6 redirect = { .ethernet = pair_to_host(),
		.source = ip6_link_local(LAN_MAC),
		.destination = ipv6->source,
		.hop_limit = 255,
		.next_header = 58,
		.payload = payload };
	uint32_t quoted;

	frame_ipv6(&about, ipv6);
	quoted = 40 + ipv6->length;
	if (quoted > 1280 - 40 - 56)
		quoted = 1280 - 40 - 56;
	quoted = quoted / 8 * 8;
	memcpy(data, target.bytes, 16);
	memcpy(data + 16, ipv6->destination.bytes, 16);
	data[32] = 2;
	data[33] = 1;
	for (unsigned int i = 0; i < 6; i++)
		data[34 + i] = (uint8_t)(mac >> (40 - 8 * i));
	data[40] = 4;
	data[41] = (uint8_t)(1 + quoted / 8);
	memcpy(data + 48, about.bytes + frame_l3(&about), quoted);
	redirect.length = fill_icmp6(payload, &redirect, 137, 0, 0, data, 48 + quoted);
	frame_ipv6(frame, &redirect);
}

static struct ipv6
packet6_to(struct ip6 destination)
{
	struct ipv6 ipv6 = pair_packet6();

	ipv6.destination = destination;
	return ipv6;
}

static void
check_ipv6(struct ipv6 ipv6, const struct ip6 *target, uint64_t mac)
{
	static struct frame frame;

	frame_ipv6(&frame, &ipv6);
	lab_inject(LAN, &frame);
	lab_pump();
	if (target != NULL) {
		frame_redirect(&frame, *target, mac, &ipv6);
		lab_expect(LAN, &frame);
	}
	ipv6.ethernet = (struct ethernet){ mac, LAN_MAC, pair.lan_vlan };
	ipv6.hop_limit--;
	frame_ipv6(&frame, &ipv6);
	lab_expect(LAN, &frame);
	lab_expect_nothing();
}

static void
test_ipv6(void)
{
	static const uint32_t lengths[] = { 0, 3, 26, 1100, 1143, 1144, 1145, 1360 };

	for (unsigned int i = 0; i < RTE_DIM(lengths); i++) {
		struct ip6 target = i % 2 ? OTHER_IP6 : ip6("fe80::4");
		struct ipv6 ipv6;

		open_link("", i == 1 ? 10 : 0);
		ipv6 = packet6_to(i % 2 ? OTHER_IP6 : ip6("2001:db8:1000::1"));
		ipv6.length = lengths[i];
		check_ipv6(ipv6, &target, i % 2 ? OTHER_MAC : SECOND_MAC);
		lab_close();
	}
}

static void
test_no_ipv6(void)
{
	uint8_t payload[64];
	struct ipv6 ipv6;

	open_link("'icmp_rate': 10000000,", 0);
	/* A gateway is told by its link-local address only. */
	check_ipv6(packet6_to(ip6("2001:db8:2000::1")), NULL, SECOND_MAC);
	ipv6 = packet6_to(OTHER_IP6);
	ipv6.source = ip6("2001:db8:f::1");
	check_ipv6(ipv6, NULL, OTHER_MAC);
	ipv6 = packet6_to(OTHER_IP6);
	ipv6.next_header = 58;
	ipv6.payload = payload;
	ipv6.length = fill_icmp6(payload, &ipv6, 1, 0, 0, NULL, 40);
	check_ipv6(ipv6, NULL, OTHER_MAC);
	CU_ASSERT(lab_stats("r").originated == 0);
	lab_close();
	open_link("'redirects': false,", 0);
	check_ipv6(packet6_to(OTHER_IP6), NULL, OTHER_MAC);
}

CU_TestInfo redirect_tests[] = {
	{ "IPv4", test_ipv4 },
	{ "no redirect, IPv4", test_no_ipv4 },
	{ "in by another interface", test_other_interface },
	{ "beside other reasons", test_with_others },
	{ "how many", test_rates },
	{ "IPv6", test_ipv6 },
	{ "no redirect, IPv6", test_no_ipv6 },
	CU_TEST_INFO_NULL,
};
