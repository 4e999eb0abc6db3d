/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * ICMP errors: which, about what, from whom, to whom, how many.
 */

#include <string.h>

#include <rte_cycles.h>

#include "pair.h"
#include "tests.h"

#define UNREACHABLE_IP IP(203, 0, 113, 1)
#define PROHIBITED_IP IP(203, 0, 113, 65)
#define BLACKHOLE_IP IP(203, 0, 113, 129)
#define NO_ROUTE_IP IP(198, 51, 100, 1)

static void
open_with_routes(struct pair_options options)
{
	pair_open(options);
	CU_ASSERT(lab_add_route_type("r", IP(203, 0, 113, 0), 26, VR_ROUTE_UNREACHABLE) == 0);
	CU_ASSERT(lab_add_route_type("r", IP(203, 0, 113, 64), 26, VR_ROUTE_PROHIBIT) == 0);
	CU_ASSERT(lab_add_route_type("r", IP(203, 0, 113, 128), 26, VR_ROUTE_BLACKHOLE) == 0);
}

/* Sends it in and asserts the error; 255: none. */
static void
check_error(const struct ipv4 *ipv4, uint8_t type, uint8_t code, uint16_t mtu, enum vr_drop reason)
{
	uint64_t dropped = lab_dropped("r", reason);
	static struct frame about;

	frame_ipv4(&about, ipv4);
	pair_inject(ipv4);
	lab_pump();
	CU_ASSERT(lab_dropped("r", reason) == dropped + 1);
	if (type != 255)
		lab_expect_error(LAN,
			(&(struct icmp_error){ pair_to_host(),
				ipv4->destination == WAN_IP ? WAN_IP : LAN_IP, type, code, mtu,
				0 }),
			&about);
	lab_expect_nothing();
}

static void
test_types(void)
{
	static const struct {
		uint32_t destination;
		uint8_t ttl;
		uint8_t protocol;
		uint8_t type;
		uint8_t code;
		enum vr_drop reason;
	} cases[] = {
		{ UNREACHABLE_IP, 64, PROTOCOL_UDP, 3, 1, VR_DROP_UNREACHABLE },
		{ PROHIBITED_IP, 64, PROTOCOL_UDP, 3, 13, VR_DROP_PROHIBIT },
		{ BLACKHOLE_IP, 64, PROTOCOL_UDP, 255, 0, VR_DROP_BLACKHOLE },
		{ NO_ROUTE_IP, 64, PROTOCOL_UDP, 3, 0, VR_DROP_NO_ROUTE },
		{ FAR_IP, 1, PROTOCOL_UDP, 11, 0, VR_DROP_TTL },
		{ FAR_IP, 0, PROTOCOL_UDP, 11, 0, VR_DROP_TTL },
		{ IP(10, 0, 0, 77), 1, PROTOCOL_UDP, 11, 0, VR_DROP_TTL },
		{ LAN_IP, 1, PROTOCOL_UDP, 3, 3, VR_DROP_LOCAL_PORT },
		{ WAN_IP, 1, PROTOCOL_UDP, 3, 3, VR_DROP_LOCAL_PORT },
		{ LAN_IP, 64, PROTOCOL_TCP, 255, 0, VR_DROP_TO_HOST },
		{ LAN_IP, 64, 2, 255, 0, VR_DROP_TO_HOST },
		{ LAN_IP, 64, 89, 255, 0, VR_DROP_TO_HOST },
		{ LAN_IP, 64, 103, 255, 0, VR_DROP_TO_HOST },
		{ LAN_IP, 64, 112, 255, 0, VR_DROP_TO_HOST },
		{ LAN_IP, 64, 253, 3, 2, VR_DROP_LOCAL_PROTOCOL },
	};
	static const uint16_t vlans[] = { 0, 10 };

	for (unsigned int v = 0; v < RTE_DIM(vlans); v++) {
		open_with_routes((struct pair_options){ .lan_vlan = vlans[v] });
		for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
			struct ipv4 ipv4 = pair_packet();

			ipv4.destination = cases[i].destination;
			ipv4.ttl = cases[i].ttl;
			ipv4.protocol = cases[i].protocol;
			check_error(&ipv4, cases[i].type, cases[i].code, 0, cases[i].reason);
		}
		lab_close();
	}
}

/* At most 576 bytes in all, header and options of the packet first, no padding. */
static void
test_quoted(void)
{
	uint8_t options[40];

	memset(options, 1, sizeof(options)); /* no operation */
	open_with_routes((struct pair_options){ .lan_vlan = 10 });
	for (uint32_t length = 0; length <= 1480;
		length += length >= 500 && length < 560 ? 1 : 33) {
		struct ipv4 ipv4 = pair_packet();

		ipv4.destination = UNREACHABLE_IP;
		ipv4.length = length;
		check_error(&ipv4, 3, 1, 0, VR_DROP_UNREACHABLE);
		ipv4.padding = 46;
		check_error(&ipv4, 3, 1, 0, VR_DROP_UNREACHABLE);
		ipv4.length = RTE_MIN(length, 1440u);
		ipv4.options = options;
		ipv4.n_options = (uint8_t)(4 * (1 + length % 10));
		check_error(&ipv4, 3, 1, 0, VR_DROP_UNREACHABLE);
	}
}

/* Every MTU and every packet a byte too long for it. */
static void
test_mtu(void)
{
	static const uint16_t mtus[] = { 68, 69, 576, 1000, 1280, 1499 };

	for (unsigned int i = 0; i < RTE_DIM(mtus); i++) {
		struct ipv4 ipv4;

		open_with_routes((struct pair_options){ .wan_mtu = mtus[i] });
		ipv4 = pair_packet();
		ipv4.length = mtus[i] - 19u;
		ipv4.fragment = FRAGMENT_DONT;
		check_error(&ipv4, 3, 4, mtus[i], VR_DROP_MTU);
		ipv4.length--;
		pair_forwards(&ipv4);
		lab_close();
	}
}

/* RFC 1812 4.3.2.7 */
static void
test_forbidden(void)
{
	static const struct {
		uint8_t type;
		bool allowed;
	} icmp[] = {
		{ 0, true },
		{ 3, false },
		{ 4, false },
		{ 5, false },
		{ 8, true },
		{ 11, false },
		{ 12, false },
		{ 13, true },
		{ 14, true },
	};
	uint8_t payload[64];
	struct ipv4 ipv4;

	open_with_routes((struct pair_options){ 0 });
	for (unsigned int i = 0; i < RTE_DIM(icmp); i++) {
		ipv4 = pair_packet();
		ipv4.destination = UNREACHABLE_IP;
		ipv4.protocol = PROTOCOL_ICMP;
		ipv4.payload = payload;
		ipv4.length = fill_icmp(payload, icmp[i].type, 0, 0, NULL, 28);
		check_error(&ipv4, icmp[i].allowed ? 3 : 255, 1, 0, VR_DROP_UNREACHABLE);
		ipv4.destination = FAR_IP;
		ipv4.ttl = 1;
		check_error(&ipv4, icmp[i].allowed ? 11 : 255, 0, 0, VR_DROP_TTL);
	}
	/* ICMP whose type is not there. */
	ipv4.length = 0;
	check_error(&ipv4, 255, 0, 0, VR_DROP_TTL);

	ipv4 = pair_packet();
	ipv4.destination = NO_ROUTE_IP;
	for (unsigned int offset = 1; offset < 0x2000; offset *= 2) {
		ipv4.fragment = (uint16_t)offset;
		check_error(&ipv4, 255, 0, 0, VR_DROP_NO_ROUTE);
		ipv4.fragment = (uint16_t)(offset | FRAGMENT_MORE);
		check_error(&ipv4, 255, 0, 0, VR_DROP_NO_ROUTE);
	}
	ipv4.fragment = FRAGMENT_MORE;
	check_error(&ipv4, 3, 0, 0, VR_DROP_NO_ROUTE);

	ipv4 = pair_packet();
	ipv4.ethernet.to = MAC_BROADCAST;
	ipv4.destination = NO_ROUTE_IP;
	check_error(&ipv4, 255, 0, 0, VR_DROP_L2_GROUP);
	ipv4.ethernet.to = LAN_MAC;
	ipv4.source = IP(10, 0, 0, 255);
	check_error(&ipv4, 255, 0, 0, VR_DROP_SOURCE);
	ipv4.source = IP(10, 0, 0, 0);
	check_error(&ipv4, 255, 0, 0, VR_DROP_SOURCE);
	ipv4.source = LAN_IP;
	check_error(&ipv4, 255, 0, 0, VR_DROP_NO_ROUTE);
	ipv4.source = BLACKHOLE_IP;
	check_error(&ipv4, 255, 0, 0, VR_DROP_NO_ROUTE);
}

/* The error goes where a packet to the sender would go, not back where the packet came from. */
static void
test_way_back(void)
{
	static struct frame about;
	struct ipv4 ipv4;

	open_with_routes((struct pair_options){ .lan_vlan = 10, .wan_vlan = 20 });
	/* From far away, by the gateway: back to the gateway, from the wan address. */
	ipv4 = pair_packet_back();
	ipv4.destination = UNREACHABLE_IP;
	frame_ipv4(&about, &ipv4);
	pair_inject(&ipv4);
	lab_pump();
	lab_expect_error(
		WAN, (&(struct icmp_error){ pair_to_gateway(), WAN_IP, 3, 1, 0, 0 }), &about);
	/* From far away, but in by the lan: out by the wan, from the address it came in by. */
	ipv4 = pair_packet();
	ipv4.source = FAR_IP;
	ipv4.destination = UNREACHABLE_IP;
	frame_ipv4(&about, &ipv4);
	pair_inject(&ipv4);
	lab_pump();
	lab_expect_error(
		WAN, (&(struct icmp_error){ pair_to_gateway(), LAN_IP, 3, 1, 0, 0 }), &about);
	/* The frame's source is not who is answered. */
	ipv4 = pair_packet();
	ipv4.ethernet.from = STRANGE_MAC;
	ipv4.destination = UNREACHABLE_IP;
	check_error(&ipv4, 3, 1, 0, VR_DROP_UNREACHABLE);
	lab_expect_nothing();
}

/* The error waits for ARP like any packet. */
static void
test_way_back_unresolved(void)
{
	struct arp answer = { .ethernet = { LAN_MAC, STRANGE_MAC, 0 },
		.operation = ARP_REPLY,
		.sender_mac = STRANGE_MAC,
		.sender = IP(10, 0, 0, 99),
		.target_mac = LAN_MAC,
		.target = LAN_IP };
	struct arp request = { .ethernet = { MAC_BROADCAST, LAN_MAC, 0 },
		.operation = ARP_REQUEST,
		.sender_mac = LAN_MAC,
		.sender = LAN_IP,
		.target = IP(10, 0, 0, 99) };
	static struct frame about, frame;
	struct ipv4 ipv4;

	open_with_routes((struct pair_options){ 0 });
	ipv4 = pair_packet();
	ipv4.source = IP(10, 0, 0, 99);
	ipv4.destination = UNREACHABLE_IP;
	frame_ipv4(&about, &ipv4);
	pair_inject(&ipv4);
	lab_pump();
	frame_arp(&frame, &request);
	lab_expect(LAN, &frame);
	lab_expect_nothing();
	frame_arp(&frame, &answer);
	lab_inject(LAN, &frame);
	lab_pump();
	lab_expect_error(LAN,
		(&(struct icmp_error){ { STRANGE_MAC, LAN_MAC, 0 }, LAN_IP, 3, 1, 0, 0 }), &about);
	lab_expect_nothing();
	CU_ASSERT(lab_stats("r").originated == PAIR_STARTED + 2 &&
		  lab_stats("r").originated_lost == 0);
	/* Nobody answers: the error is lost, and there is no error about it. */
	ipv4.source = IP(10, 0, 0, 98);
	pair_inject(&ipv4);
	lab_pump();
	for (unsigned int i = 0; i < 5; i++)
		lab_advance(LAB_SECOND);
	CU_ASSERT(lab_waiting(LAN) == 3);
	lab_discard();
	CU_ASSERT(lab_stats("r").originated_lost == 1);
}

/* Of the interface it came in by, the address on the sender's subnet; else the first; else any. */
static void
test_source_address(void)
{
	static const struct {
		uint16_t vlan;
		uint32_t from;
		uint32_t error_source;
		unsigned int port;
		uint64_t back_mac;
		uint64_t own_mac;
		uint16_t back_vlan;
	} cases[] = {
		{ 5, IP(10, 0, 0, 2), IP(10, 0, 0, 1), 0, 0x02000000aa01, 0x020000000051, 5 },
		{ 5, IP(10, 0, 1, 2), IP(10, 0, 1, 1), 0, 0x02000000aa02, 0x020000000051, 5 },
		{ 5, IP(172, 16, 0, 2), IP(10, 0, 0, 1), 0, 0x02000000aa03, 0x020000000052, 6 },
		{ 7, IP(10, 0, 1, 2), IP(10, 0, 0, 1), 0, 0x02000000aa02, 0x020000000051, 5 },
	};
	static struct frame about;

	lab_open(1,
		"{'ports': [{'name': 'p0', 'device': 'net_ring_p0'}],"
		" 'routers': [{'name': 'r', 'interfaces': ["
		"   {'name': 'a', 'port': 'p0', 'vlan': 5, 'mac': '02:00:00:00:00:51',"
		"    'addresses': ['10.0.0.1/24', '10.0.1.1/24']},"
		"   {'name': 'b', 'port': 'p0', 'vlan': 6, 'mac': '02:00:00:00:00:52',"
		"    'addresses': ['172.16.0.1/24']},"
		"   {'name': 'c', 'port': 'p0', 'vlan': 7, 'mac': '02:00:00:00:00:53',"
		"    'addresses': []}],"
		"  'neighbours': ["
		"   {'interface': 'a', 'address': '10.0.0.2', 'mac': '02:00:00:00:aa:01'},"
		"   {'interface': 'a', 'address': '10.0.1.2', 'mac': '02:00:00:00:aa:02'},"
		"   {'interface': 'b', 'address': '172.16.0.2', 'mac': '02:00:00:00:aa:03'}]}]}");
	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		struct ipv4 ipv4 = pair_packet();
		struct icmp_error error = { { cases[i].back_mac, cases[i].own_mac,
						    cases[i].back_vlan },
			cases[i].error_source, 3, 0, 0, 0 };

		ipv4.ethernet.to = UINT64_C(0x02000000004c) + cases[i].vlan;
		ipv4.ethernet.tag = cases[i].vlan;
		ipv4.source = cases[i].from;
		frame_ipv4(&about, &ipv4);
		lab_inject(0, &about);
		lab_pump();
		lab_expect_error(0, &error, &about);
		lab_expect_nothing();
	}
}

/* Rates */

#define TWO_ROUTERS(rates) \
	"{'ports': [{'name': 'p0', 'device': 'net_ring_p0'}]," \
	" 'routers': [" ONE_ROUTER("a", "5", rates) "," ONE_ROUTER("b", "6", rates) "]}"
#define ONE_ROUTER(name, vlan, rates) \
	"{'name': '" name "', " rates " 'interfaces': [" \
	"  {'name': 'lan', 'port': 'p0', 'vlan': " vlan ", 'mac': '02:00:00:00:00:01'," \
	"   'addresses': ['10.0.0.1/24']}]," \
	" 'neighbours': [{'interface': 'lan', 'address': '10.0.0.2'," \
	"   'mac': '02:00:00:00:0a:02'}]}"

/* Injects `n` such packets on the VLAN; gives how many answers came, all on that VLAN. */
static unsigned int
answers_to(struct ipv4 ipv4, uint16_t vlan, unsigned int n)
{
	static struct frame frame;
	unsigned int answers = 0;

	ipv4.ethernet.tag = vlan;
	frame_ipv4(&frame, &ipv4);
	for (unsigned int i = 0; i < n; i++)
		lab_inject(0, &frame);
	lab_pump();
	while (lab_take(0, &frame)) {
		CU_ASSERT(frame_get16(&frame, 14) == vlan);
		answers++;
	}
	return answers;
}

/*
 * The bucket holds 10 and takes in one a second; the TSC tells how many seconds there were at most.
 */
static void
check_rate(struct ipv4 ipv4)
{
	uint64_t start = rte_rdtsc();
	unsigned int a, b, most;

	a = answers_to(ipv4, 5, 200);
	a += answers_to(ipv4, 5, 200);
	most = 10 + (unsigned int)((rte_rdtsc() - start) / rte_get_tsc_hz()) + 1;
	CU_ASSERT(a >= 10 && a <= most);
	/* Another router's budget is untouched. */
	b = answers_to(ipv4, 6, 200);
	most = 10 + (unsigned int)((rte_rdtsc() - start) / rte_get_tsc_hz()) + 1;
	CU_ASSERT(b >= 10 && b <= most);
}

static void
test_error_rate(void)
{
	struct ipv4 ipv4 = pair_packet();
	struct router_stats stats;

	lab_open(1, TWO_ROUTERS("'icmp_rate': 1, 'echo_rate': 0,"));
	check_rate(ipv4);
	stats = lab_stats("a");
	CU_ASSERT(stats.dropped[VR_DROP_NO_ROUTE] == 400);
	CU_ASSERT(stats.icmp_limited + stats.originated == OWN_ADDRESS_ANNOUNCEMENTS + 400);
	/* What may have no error does not use up the budget: see icmp_limited. */
	ipv4.fragment = 1;
	answers_to(ipv4, 5, 50);
	CU_ASSERT(lab_stats("a").icmp_limited == stats.icmp_limited);
}

static void
test_no_errors_at_rate_0(void)
{
	lab_open(1, TWO_ROUTERS("'icmp_rate': 0,"));
	CU_ASSERT(answers_to(pair_packet(), 5, 20) == 0);
	CU_ASSERT(lab_stats("a").icmp_limited == 20);
}

static void
test_echo_rate(void)
{
	struct ipv4 ipv4 = pair_packet();
	struct router_stats stats;
	uint8_t payload[64];

	ipv4.destination = LAN_IP;
	ipv4.protocol = PROTOCOL_ICMP;
	ipv4.payload = payload;
	ipv4.length = fill_icmp(payload, 8, 0, 0x12340001, NULL, 40);
	lab_open(1, TWO_ROUTERS("'icmp_rate': 0, 'echo_rate': 1,"));
	check_rate(ipv4);
	stats = lab_stats("a");
	CU_ASSERT(stats.dropped[VR_DROP_ECHO_LIMIT] + stats.answered == 400);
}

CU_TestInfo icmp_tests[] = {
	{ "type and code of each error", test_types },
	{ "what is quoted", test_quoted },
	{ "fragmentation needed", test_mtu },
	{ "about what there is no error", test_forbidden },
	{ "the way back", test_way_back },
	{ "the way back has to be resolved", test_way_back_unresolved },
	{ "the source address", test_source_address },
	{ "errors a second", test_error_rate },
	{ "no errors at rate 0", test_no_errors_at_rate_0 },
	{ "echo replies a second", test_echo_rate },
	CU_TEST_INFO_NULL,
};
