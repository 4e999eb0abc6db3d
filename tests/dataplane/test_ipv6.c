/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * IPv6 packets on their way and for the router: headers, extension headers, ICMPv6.
 */

#include <string.h>

#include <rte_common.h>

#include "pair.h"
#include "tests.h"

#define HOP_BY_HOP 0
#define ROUTING 43
#define FRAGMENT 44
#define ICMP6 58
#define NO_NEXT 59
#define DESTINATION_OPTIONS 60

static uint8_t payload[FRAME_MAX];

static void
open_ipv6(void)
{
	pair_open((struct pair_options){ .ipv6 = true, .lan_mtu = 9000 });
}

static struct ipv6
echo_request(struct ip6 to, uint32_t length)
{
	struct ipv6 ipv6 = pair_packet6();

	ipv6.destination = to;
	ipv6.next_header = ICMP6;
	ipv6.payload = payload;
	ipv6.length = fill_icmp6(payload, &ipv6, 128, 0, random32(), NULL, length);
	return ipv6;
}

/* The packet with these headers before its payload, the first of that type. */
static struct ipv6
with_headers(struct ipv6 ipv6, uint8_t type, const uint8_t *headers, uint32_t length)
{
	static uint8_t bytes[FRAME_MAX];

	memcpy(bytes + length, ipv6.payload, ipv6.length);
	memcpy(bytes, headers, length);
	ipv6.next_header = type;
	ipv6.payload = bytes;
	ipv6.length += length;
	return ipv6;
}

static void
expect_error(
	const struct ipv6 *ipv6, uint8_t type, uint8_t code, uint32_t rest, enum vr_drop reason)
{
	uint64_t dropped = lab_dropped("r", reason);
	static struct frame about;

	frame_ipv6(&about, ipv6);
	lab_inject(LAN, &about);
	lab_pump();
	CU_ASSERT(lab_dropped("r", reason) == dropped + 1);
	if (type != 255)
		lab_expect_error6(LAN,
			(&(struct icmp6_error){ pair_to_host(),
				ip6_equal(ipv6->destination, WAN_IP6) ? WAN_IP6 : LAN_IP6, type,
				code, rest }),
			&about);
	lab_expect_nothing();
}

static void
test_sizes(void)
{
	open_ipv6();
	for (uint32_t length = 0; length <= 1460; length++) {
		struct ipv6 ipv6 = pair_packet6();

		ipv6.length = length;
		ipv6.padding = length % 7;
		ipv6.hop_limit = (uint8_t)(2 + length % 254);
		ipv6.traffic_class = (uint8_t)random32();
		ipv6.flow_label = random32() & 0xfffff;
		pair_forwards6(&ipv6);
	}
}

static void
test_bad_headers(void)
{
	static struct frame frame;
	struct ipv6 ipv6 = pair_packet6();

	open_ipv6();
	for (uint32_t length = 0; length < 40 + ipv6.length; length++) {
		frame_ipv6(&frame, &ipv6);
		frame.length = 14 + length;
		pair_drops(LAN, &frame, length < 40 ? VR_DROP_TRUNCATED : VR_DROP_TOTAL_LENGTH);
	}
	for (unsigned int version = 0; version < 16; version++) {
		frame_ipv6(&frame, &ipv6);
		frame.bytes[14] = (uint8_t)(version << 4);
		if (version != 6)
			pair_drops(LAN, &frame, VR_DROP_VERSION);
	}
}

/* At 1 there is nothing left for others; for the router itself any will do. */
static void
test_hop_limit(void)
{
	open_ipv6();
	for (unsigned int limit = 0; limit < 2; limit++) {
		struct ipv6 ipv6 = pair_packet6();

		ipv6.hop_limit = (uint8_t)limit;
		expect_error(&ipv6, 3, 0, 0, VR_DROP_TTL);
		ipv6 = echo_request(LAN_IP6, 20);
		ipv6.hop_limit = (uint8_t)limit;
		pair_inject6(&ipv6);
		lab_pump();
		CU_ASSERT(lab_waiting(LAN) == 1);
		lab_discard();
	}
}

/* Too long is told, whatever the size, and never cut. */
static void
test_too_big(void)
{
	open_ipv6();
	for (uint32_t length = 1461; length < 8960; length += 1 + random32() % 200) {
		struct ipv6 ipv6 = pair_packet6();

		ipv6.length = length;
		expect_error(&ipv6, 2, 0, 1500, VR_DROP_MTU);
	}
	CU_ASSERT(lab_stats("r").fragments == 0);
}

/* Replies of any size from the address that was asked, padding gone, extension headers too. */
static void
test_echo(void)
{
	static const uint8_t headers[] = { DESTINATION_OPTIONS, 0, 5, 2, 0, 0, 1, 0, ICMP6, 0, 1, 4,
		0, 0, 0, 0 };
	static struct frame sent, expected;
	static uint8_t reply_bytes[FRAME_MAX];

	open_ipv6();
	for (uint32_t length = 0; length <= 8900; length += length < 60 ? 1 : 97) {
		struct ipv6 ipv6 = echo_request(length % 2 ? LAN_IP6 : WAN_IP6, length);
		struct ipv6 reply = ipv6;

		ipv6.padding = length % 11;
		reply.ethernet = pair_to_host();
		reply.source = ipv6.destination;
		reply.destination = ipv6.source;
		reply.hop_limit = 64;
		reply.payload = reply_bytes;
		reply.length = fill_icmp6(reply_bytes, &reply, 129, 0,
			(uint32_t)payload[4] << 24 | (uint32_t)payload[5] << 16 |
				(uint32_t)payload[6] << 8 | payload[7],
			NULL, length);
		frame_ipv6(&expected, &reply);
		if (length % 3 == 0)
			ipv6 = with_headers(ipv6, HOP_BY_HOP, headers, sizeof(headers));
		frame_ipv6(&sent, &ipv6);
		lab_inject(LAN, &sent);
		lab_pump();
		lab_expect(LAN, &expected);
		lab_expect_nothing();
	}
}

static void
test_local(void)
{
	static const struct {
		uint8_t protocol;
		uint8_t type;
		uint8_t code;
		uint32_t rest;
		enum vr_drop reason;
	} cases[] = {
		{ PROTOCOL_UDP, 1, 4, 0, VR_DROP_LOCAL_PORT },
		{ PROTOCOL_TCP, 255, 0, 0, VR_DROP_TO_HOST },
		{ 89, 255, 0, 0, VR_DROP_TO_HOST },
		{ 103, 255, 0, 0, VR_DROP_TO_HOST },
		{ 253, 4, 1, 6, VR_DROP_LOCAL_PROTOCOL },
	};
	struct ipv6 ipv6;

	open_ipv6();
	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		ipv6 = pair_packet6();
		ipv6.destination = LAN_IP6;
		ipv6.next_header = cases[i].protocol;
		expect_error(&ipv6, cases[i].type, cases[i].code, cases[i].rest, cases[i].reason);
	}
	ipv6.next_header = NO_NEXT;
	pair_inject6(&ipv6);
	lab_pump();
	CU_ASSERT(lab_stats("r").consumed == 1);
	/* MLD is for who routes groups. */
	ipv6.next_header = ICMP6;
	ipv6.payload = payload;
	for (unsigned int i = 0; i < 4; i++) {
		static const uint8_t types[] = { 130, 131, 132, 143 };

		ipv6.length = fill_icmp6(payload, &ipv6, types[i], 0, 0, NULL, 16);
		expect_error(&ipv6, 255, 0, 0, VR_DROP_TO_HOST);
	}
	lab_expect_nothing();
}

/*
 * Options that are not known, by what their type asks for (RFC 8200 4.2), in the hop-by-hop header
 * of passing packets and in destination options of the router's own.
 */
static void
test_options(void)
{
	static const struct {
		uint8_t option[6];
		uint8_t type; /* 0: it passes, 255: dropped in silence */
		uint8_t code;
		uint32_t at;
	} cases[] = {
		{ { 1, 4, 0, 0, 0, 0 }, 0, 0, 0 },
		{ { 0, 0, 0, 0, 0, 0 }, 0, 0, 0 },
		{ { 5, 2, 0, 0, 1, 0 }, 0, 0, 0 },
		{ { 0x1e, 4, 0, 0, 0, 0 }, 0, 0, 0 },
		{ { 0x5e, 4, 0, 0, 0, 0 }, 255, 0, 0 },
		{ { 0x9e, 4, 0, 0, 0, 0 }, 4, 2, 42 },
		{ { 0xde, 4, 0, 0, 0, 0 }, 4, 2, 42 },
		{ { 0, 1, 0, 0xde, 1, 0 }, 4, 2, 45 },
		{ { 1, 5, 0, 0, 0, 0 }, 4, 0, 42 },
		{ { 0, 0, 0, 0, 0, 1 }, 4, 0, 47 },
		{ { 0x1e, 255, 0, 0, 0, 0 }, 4, 0, 42 },
	};

	open_ipv6();
	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		uint8_t header[8] = { PROTOCOL_UDP, 0 };
		struct ipv6 ipv6;

		memcpy(header + 2, cases[i].option, 6);
		ipv6 = with_headers(pair_packet6(), HOP_BY_HOP, header, 8);
		if (cases[i].type == 0)
			pair_forwards6(&ipv6);
		else
			expect_error(
				&ipv6, cases[i].type, cases[i].code, cases[i].at, VR_DROP_OPTIONS);
		/* Destination options of others are not the router's business. */
		ipv6 = with_headers(pair_packet6(), DESTINATION_OPTIONS, header, 8);
		pair_forwards6(&ipv6);
		ipv6.destination = WAN_IP6;
		if (cases[i].type == 0)
			expect_error(&ipv6, 1, 4, 0, VR_DROP_LOCAL_PORT);
		else
			expect_error(
				&ipv6, cases[i].type, cases[i].code, cases[i].at, VR_DROP_OPTIONS);
	}
}

/* To a group: the error for 10, none for 11. */
static void
test_options_to_groups(void)
{
	uint8_t header[8] = { NO_NEXT, 0, 0, 4 };
	struct ipv6 ipv6;

	open_ipv6();
	for (unsigned int i = 0; i < 2; i++) {
		header[2] = i ? 0xde : 0x9e;
		ipv6 = with_headers(pair_packet6(), HOP_BY_HOP, header, 8);
		ipv6.destination = ip6("ff02::1");
		ipv6.ethernet.to = UINT64_C(0x333300000001);
		expect_error(&ipv6, i ? 255 : 4, 2, 42, VR_DROP_OPTIONS);
	}
}

static void
test_routing_headers(void)
{
	uint8_t header[24] = { PROTOCOL_UDP, 2, 0, 1 };
	static struct frame frame;
	struct ipv6 ipv6;

	open_ipv6();
	for (unsigned int type = 0; type < 256; type += type < 5 ? 1 : 50) {
		header[2] = (uint8_t)type;
		header[3] = 1;
		ipv6 = with_headers(pair_packet6(), ROUTING, header, sizeof(header));
		frame_ipv6(&frame, &ipv6);
		if (type == 0)
			pair_drops(LAN, &frame, VR_DROP_SOURCE_ROUTE);
		else
			pair_forwards6(&ipv6);
		/* RFC 5095, RFC 8200 4.4: what is not known and not used up is wrong. */
		ipv6.destination = LAN_IP6;
		expect_error(&ipv6, 4, 0, 42, VR_DROP_SOURCE_ROUTE);
		header[3] = 0;
		ipv6 = with_headers(pair_packet6(), ROUTING, header, sizeof(header));
		pair_forwards6(&ipv6);
		ipv6.destination = LAN_IP6;
		expect_error(&ipv6, 1, 4, 0, VR_DROP_LOCAL_PORT);
	}
}

/* Headers one after the other up to the bound, beyond it, cut off anywhere. */
static void
test_extensions(void)
{
	uint8_t headers[80];
	static struct frame frame;
	struct ipv6 ipv6;

	open_ipv6();
	for (unsigned int n = 1; n <= 10; n++) {
		memset(headers, 0, sizeof(headers));
		for (unsigned int i = 0; i < n; i++)
			headers[8 * i] = i + 1 < n ? DESTINATION_OPTIONS : PROTOCOL_UDP;
		ipv6 = with_headers(pair_packet6(), DESTINATION_OPTIONS, headers, 8 * n);
		frame_ipv6(&frame, &ipv6);
		if (n <= 8)
			pair_forwards6(&ipv6);
		else
			pair_drops(LAN, &frame, VR_DROP_EXTENSIONS);
		ipv6.destination = LAN_IP6;
		frame_ipv6(&frame, &ipv6);
		if (n <= 8)
			expect_error(&ipv6, 1, 4, 0, VR_DROP_LOCAL_PORT);
		else
			pair_drops(LAN, &frame, VR_DROP_EXTENSIONS);
	}
	/* Longer than the packet. */
	memset(headers, 0, sizeof(headers));
	headers[1] = 200;
	for (unsigned int k = 0; k < 2; k++) {
		ipv6 = with_headers(
			pair_packet6(), k ? HOP_BY_HOP : DESTINATION_OPTIONS, headers, 8);
		frame_ipv6(&frame, &ipv6);
		pair_drops(LAN, &frame, VR_DROP_EXTENSIONS);
	}
	/* A second hop-by-hop header, for the router; a fragment within a fragment. */
	memset(headers, 0, sizeof(headers));
	headers[8] = PROTOCOL_UDP;
	ipv6 = with_headers(pair_packet6(), HOP_BY_HOP, headers, 16);
	ipv6.destination = LAN_IP6;
	expect_error(&ipv6, 4, 1, 40, VR_DROP_EXTENSIONS);
	headers[0] = FRAGMENT;
	ipv6 = with_headers(pair_packet6(), FRAGMENT, headers, 16);
	ipv6.destination = LAN_IP6;
	frame_ipv6(&frame, &ipv6);
	pair_drops(LAN, &frame, VR_DROP_EXTENSIONS);
}

/* RFC 4443 2.4 (e) */
static void
test_forbidden(void)
{
	uint8_t fragment[8] = { PROTOCOL_UDP, 0, 0, 8 };
	struct ipv6 ipv6;

	open_ipv6();
	for (unsigned int type = 0; type < 256; type += type == 4 || type == 139 ? 37 : 1) {
		ipv6 = pair_packet6();
		ipv6.next_header = ICMP6;
		ipv6.payload = payload;
		ipv6.length = fill_icmp6(payload, &ipv6, (uint8_t)type, 0, 0, NULL, 16);
		ipv6.hop_limit = 1;
		expect_error(&ipv6, type < 128 || type == 137 ? 255 : 3, 0, 0, VR_DROP_TTL);
	}
	ipv6 = with_headers(pair_packet6(), FRAGMENT, fragment, 8);
	ipv6.hop_limit = 1;
	expect_error(&ipv6, 255, 0, 0, VR_DROP_TTL);
	fragment[3] = 1;
	ipv6 = with_headers(pair_packet6(), FRAGMENT, fragment, 8);
	ipv6.hop_limit = 1;
	expect_error(&ipv6, 3, 0, 0, VR_DROP_TTL);
}

/* Whatever the headers are: the packet has one end. */
static void
test_random(void)
{
	static const uint8_t types[] = { HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION_OPTIONS, ICMP6,
		PROTOCOL_UDP };
	uint8_t headers[120];

	open_ipv6();
	for (unsigned int i = 0; i < 20000; i++) {
		struct router_stats before = lab_stats("r"), after;
		struct ipv6 ipv6;

		random_bytes(headers, sizeof(headers));
		for (unsigned int k = 0; k < sizeof(headers); k += 8) {
			headers[k] = types[random32() % RTE_DIM(types)];
			headers[k + 1] = random32() % 3;
			headers[k + 2 + random32() % 6] = random32() % 6;
		}
		ipv6 = with_headers(
			pair_packet6(), types[random32() % 4], headers, 8 * (random32() % 16));
		if (i % 2)
			ipv6.destination = LAN_IP6;
		pair_inject6(&ipv6);
		lab_pump();
		after = lab_stats("r");
		CU_ASSERT(after.forwarded + after.answered + after.consumed + after.dropped_all +
				  after.waiting ==
			  before.forwarded + before.answered + before.consumed +
				  before.dropped_all + before.waiting + 1);
		lab_discard();
	}
}

/* What becomes of packets by the kind of their route (RFC 4443 3.1). */
static void
test_route_types(void)
{
	static const struct {
		const char *prefix;
		enum vr_route_type type;
		int code; /* of destination unreachable; -1: silence */
		enum vr_drop reason;
	} cases[] = {
		{ "2001:db8:b0::/44", VR_ROUTE_BLACKHOLE, -1, VR_DROP_BLACKHOLE },
		{ "2001:db8:c0::/45", VR_ROUTE_UNREACHABLE, 3, VR_DROP_UNREACHABLE },
		{ "2001:db8:d0::1/128", VR_ROUTE_PROHIBIT, 1, VR_DROP_PROHIBIT },
		{ "2001:db8:e0::/64", VR_ROUTE_VIA, 0, VR_DROP_NO_ROUTE }, /* none */
	};
	struct vr_route route = { 0 };
	char error[VR_ERROR_SIZE];

	open_ipv6();
	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		struct ipv6 ipv6 = pair_packet6();
		static struct frame frame;

		CU_ASSERT_FATAL(ip_prefix_parse(cases[i].prefix, &route.prefix) == 0);
		route.type = cases[i].type;
		if (route.type != VR_ROUTE_VIA)
			CU_ASSERT(vr_route_add(lab_router("r")->vr, &route, error) == 0);
		memcpy(ipv6.destination.bytes, route.prefix.address.bytes, 16);
		ipv6.destination.bytes[15] = 1;
		if (cases[i].code >= 0) {
			expect_error(&ipv6, 1, (uint8_t)cases[i].code, 0, cases[i].reason);
			continue;
		}
		frame_ipv6(&frame, &ipv6);
		pair_drops(LAN, &frame, cases[i].reason);
	}
}

CU_TestInfo ipv6_tests[] = {
	{ "packets of all sizes", test_sizes },
	{ "bad headers", test_bad_headers },
	{ "hop limit", test_hop_limit },
	{ "too big", test_too_big },
	{ "echo", test_echo },
	{ "for the router", test_local },
	{ "options", test_options },
	{ "options to groups", test_options_to_groups },
	{ "routing headers", test_routing_headers },
	{ "extension headers", test_extensions },
	{ "about what there is no error", test_forbidden },
	{ "random headers", test_random },
	{ "routes that lead nowhere", test_route_types },
	CU_TEST_INFO_NULL,
};
