/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * IPv4 options: what the router writes into them, what it refuses, what it leaves alone.
 */

#include <string.h>
#include <time.h>

#include "pair.h"
#include "tests.h"

#define RECORD_ROUTE 7
#define TIMESTAMP 68
#define LOOSE 131
#define STRICT 137
#define DAY_MS 86400000u
#define ACCEPTS "'icmp_rate': 10000000, 'echo_rate': 10000000, 'accept_source_route': true,"

static struct ipv4
packet_with(const uint8_t *options, uint8_t n)
{
	struct ipv4 ipv4 = pair_packet();

	ipv4.options = options;
	ipv4.n_options = n;
	return ipv4;
}

static void
put32(uint8_t *at, uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t
get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Sends it in; what comes out is as expected but for these options. */
static void
expect_options(const struct ipv4 *ipv4, const uint8_t *options)
{
	struct ipv4 out = *ipv4;
	static struct frame expected;

	pair_inject(ipv4);
	lab_pump();
	out.options = options;
	pair_forwarded(&expected, &out);
	lab_expect(WAN, &expected);
	lab_expect_nothing();
}

/* Room for none to nine addresses, every place filled, whatever stands before and behind. */
static void
test_record_route(void)
{
	uint8_t options[40], after[40];

	pair_open((struct pair_options){ .wan_vlan = 5 });
	for (uint8_t places = 0; places <= 9; places++) {
		for (uint8_t used = 0; used <= places; used++) {
			uint8_t n = 3 + 4 * places;
			struct ipv4 ipv4;

			memset(options, 1, sizeof(options));
			random_bytes(options + 3, 4 * places);
			options[0] = RECORD_ROUTE;
			options[1] = n;
			options[2] = 4 + 4 * used;
			memcpy(after, options, sizeof(options));
			if (used < places) {
				put32(after + 3 + 4 * used, WAN_IP);
				after[2] += 4;
			}
			ipv4 = packet_with(options, n + 1);
			expect_options(&ipv4, after);
		}
	}
	/* Behind other options. */
	memset(options, 1, sizeof(options));
	memcpy(options, (uint8_t[]){ 1, 0x94, 4, 0, 0, 1, RECORD_ROUTE, 7, 4 }, 9);
	memcpy(after, options, sizeof(options));
	put32(after + 9, WAN_IP);
	after[8] = 8;
	expect_options((struct ipv4[]){ packet_with(options, 16) }, after);
}

/* Within a second of now: the two clocks are not read at once. Midnight may have passed. */
static bool
is_now(uint32_t stamp)
{
	struct timespec now;
	uint32_t ms;

	clock_gettime(CLOCK_REALTIME, &now);
	ms = (uint32_t)(now.tv_sec % 86400 * 1000 + now.tv_nsec / 1000000);
	return stamp < DAY_MS && ((ms - stamp + DAY_MS + 60000) % DAY_MS) < 120000;
}

/* What the packet's timestamp option has become, its IP header being `header`. */
static void
send_timestamp(const uint8_t *options, uint8_t n, uint8_t after[40])
{
	struct ipv4 ipv4 = packet_with(options, n);
	static struct frame sent;
	uint32_t l3;

	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT_FATAL(lab_take(WAN, &sent));
	l3 = frame_l3(&sent);
	CU_ASSERT(slow_checksum(sent.bytes + l3, 20u + n) == 0);
	CU_ASSERT(sent.bytes[l3] == 0x40 + 5 + n / 4 && sent.bytes[l3 + 8] == ipv4.ttl - 1);
	memcpy(after, sent.bytes + l3 + 20, n);
	lab_expect_nothing();
}

static void
test_timestamp(void)
{
	uint8_t options[40] = { TIMESTAMP, 12, 5, 0x00 }, after[40];

	pair_open((struct pair_options){ 0 });
	send_timestamp(options, 12, after);
	CU_ASSERT(after[2] == 9 && after[3] == 0 && is_now(get32(after + 4)));
	CU_ASSERT(get32(after + 8) == 0);
	options[2] = 9;
	send_timestamp(options, 12, after);
	CU_ASSERT(after[2] == 13 && get32(after + 4) == 0 && is_now(get32(after + 8)));
	/* Full: those that find no room are counted. */
	options[2] = 13;
	options[3] = 0xe0;
	send_timestamp(options, 12, after);
	CU_ASSERT(after[2] == 13 && after[3] == 0xf0 && get32(after + 8) == 0);
	/* With the address. */
	memcpy(options, (uint8_t[]){ TIMESTAMP, 20, 5, 0x01 }, 4);
	send_timestamp(options, 20, after);
	CU_ASSERT(after[2] == 13 && get32(after + 4) == WAN_IP && is_now(get32(after + 8)));
	/* Only at the addresses given: another's, then any of the router's own. */
	memcpy(options, (uint8_t[]){ TIMESTAMP, 20, 5, 0x03 }, 4);
	put32(options + 4, HOST_IP);
	send_timestamp(options, 20, after);
	CU_ASSERT(memcmp(after, options, 20) == 0);
	put32(options + 4, LAN_IP);
	send_timestamp(options, 20, after);
	CU_ASSERT(after[2] == 13 && get32(after + 4) == LAN_IP && is_now(get32(after + 8)));
}

/* The options, and at which octet behind the header's 20 they are wrong. */
static void
test_malformed(void)
{
	static const struct {
		uint8_t n;
		uint8_t bytes[12];
		uint8_t wrong;
	} cases[] = {
		{ 4, { 1, 1, 1, 7 }, 3 },                      /* no length */
		{ 4, { 7, 0, 0, 0 }, 0 },                      /* too short to be one */
		{ 4, { 0x94, 1, 0, 0 }, 0 },                   /* the same, not known */
		{ 4, { 7, 5, 4, 0 }, 0 },                      /* beyond the header */
		{ 8, { 1, 1, 1, 1, 1, 1, 0x94, 4 }, 6 },       /* the same */
		{ 4, { 7, 2, 0, 0 }, 1 },                      /* no pointer */
		{ 8, { 7, 7, 3, 0 }, 2 },                      /* pointer into the option's head */
		{ 8, { 7, 7, 0, 0 }, 2 },                      /* the same */
		{ 8, { 7, 7, 5, 0 }, 2 },                      /* room, but not enough */
		{ 8, { 7, 6, 4, 0 }, 2 },                      /* the same */
		{ 8, { 7, 3, 4, 7, 3, 4, 0, 0 }, 3 },          /* twice */
		{ 4, { 68, 3, 5, 0 }, 1 },                     /* no flags */
		{ 8, { 68, 8, 4, 0 }, 2 },                     /* pointer into the head */
		{ 8, { 68, 8, 6, 0 }, 2 },                     /* not enough room */
		{ 8, { 68, 8, 5, 1 }, 2 },                     /* not enough for two words */
		{ 8, { 68, 8, 5, 2 }, 3 },                     /* unknown flag */
		{ 8, { 68, 8, 9, 0xf0 }, 3 },                  /* too many found it full */
		{ 12, { 68, 4, 5, 0, 1, 68, 4, 5, 0, 0 }, 5 }, /* twice */
		{ 12, { 131, 3, 4, 137, 3, 4, 0, 0 }, 3 },     /* two source routes */
		{ 12, { 131, 7, 2, 0 }, 2 },
	};
	static struct frame about;

	pair_open((struct pair_options){ .lan_vlan = 10 });
	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		struct ipv4 ipv4 = packet_with(cases[i].bytes, cases[i].n);

		for (unsigned int own = 0; own < 2; own++) {
			ipv4.destination = own ? LAN_IP : FAR_IP;
			frame_ipv4(&about, &ipv4);
			pair_inject(&ipv4);
			lab_pump();
			lab_expect_error(LAN,
				(&(struct icmp_error){ .ethernet = pair_to_host(),
					.source = LAN_IP,
					.type = 12,
					.rest = (20u + cases[i].wrong) << 24 }),
				&about);
			lab_expect_nothing();
		}
	}
	CU_ASSERT(lab_dropped("r", VR_DROP_OPTIONS) == 2 * RTE_DIM(cases));
}

/* Whatever is in the options: the packet has one end, and what leaves has a right header. */
static void
test_random(void)
{
	static const uint8_t types[] = { 0, 1, 7, 68, 131, 137, 148, 30 };
	static struct frame sent;
	uint8_t options[40];

	pair_open((struct pair_options){ .more = ACCEPTS });
	for (unsigned int i = 0; i < 20000; i++) {
		struct router_stats before = lab_stats("r"), after;
		uint8_t n = 4 * (uint8_t)(1 + random32() % 10);
		struct ipv4 ipv4;

		random_bytes(options, n);
		for (unsigned int k = 0; k < 4; k++)
			options[random32() % n] = types[random32() % RTE_DIM(types)];
		for (unsigned int k = 0; k < 4; k++)
			options[random32() % n] = (uint8_t)(random32() % 12);
		ipv4 = packet_with(options, n);
		if (i % 3 == 0)
			ipv4.destination = LAN_IP;
		pair_inject(&ipv4);
		lab_pump();
		after = lab_stats("r");
		CU_ASSERT(after.forwarded + after.dropped_all ==
			  before.forwarded + before.dropped_all + 1);
		for (unsigned int port = 0; port < 2; port++)
			while (lab_take(port, &sent))
				CU_ASSERT(sent.bytes[13] != 0 ||
					  slow_checksum(sent.bytes + 14,
						  (sent.bytes[14] & 15) * 4u) == 0);
	}
}

static void
test_source_route_refused(void)
{
	static const uint8_t types[] = { LOOSE, STRICT };
	uint8_t options[12] = { 0, 11, 4 };
	static struct frame frame;

	pair_open((struct pair_options){ 0 });
	put32(options + 3, GATEWAY_IP);
	put32(options + 7, FAR_IP);
	for (unsigned int i = 0; i < 2; i++) {
		for (unsigned int k = 0; k < 3; k++) {
			struct ipv4 ipv4 = packet_with(options, 12);

			options[0] = types[i];
			options[2] = 4 + 4 * k;
			ipv4.destination = k == 1 ? LAN_IP : FAR_IP;
			frame_ipv4(&frame, &ipv4);
			pair_drops(LAN, &frame, VR_DROP_SOURCE_ROUTE);
		}
	}
}

/* At this router the next stop becomes the destination, and the router's address takes its place.
 */
static void
test_source_route_followed(void)
{
	uint8_t options[12] = { LOOSE, 11, 4 }, after[12];
	static struct frame expected;
	struct ipv4 ipv4, out;

	pair_open((struct pair_options){ .more = ACCEPTS });
	put32(options + 3, FAR_IP);
	put32(options + 7, IP(203, 0, 113, 5));
	for (unsigned int strict = 0; strict < 2; strict++) {
		options[0] = strict ? STRICT : LOOSE;
		put32(options + 3, strict ? GATEWAY_IP : FAR_IP);
		ipv4 = packet_with(options, 12);
		ipv4.destination = LAN_IP;
		pair_inject(&ipv4);
		lab_pump();
		memcpy(after, options, 12);
		after[2] = 8;
		put32(after + 3, WAN_IP);
		out = ipv4;
		out.options = after;
		out.destination = strict ? GATEWAY_IP : FAR_IP;
		pair_forwarded(&expected, &out);
		lab_expect(WAN, &expected);
		lab_expect_nothing();
	}
	/* On its way to the next stop a loose one passes through. */
	options[0] = LOOSE;
	ipv4 = packet_with(options, 12);
	pair_forwards(&ipv4);
	/* The last stop is behind it. */
	options[2] = 12;
	options[0] = STRICT;
	pair_forwards(&ipv4);
}

static void
expect_refused(const struct ipv4 *ipv4)
{
	static struct frame about;

	pair_inject(ipv4);
	lab_pump();
	/* What was changed before it turned out is quoted as it was. */
	frame_ipv4(&about, ipv4);
	lab_expect_error(
		LAN, (&(struct icmp_error){ pair_to_host(), LAN_IP, 3, 5, 0, 0, 0 }), &about);
	lab_expect_nothing();
}

static void
test_source_route_failed(void)
{
	uint8_t options[8] = { STRICT, 7, 4 };
	struct ipv4 ipv4;

	pair_open((struct pair_options){ .more = ACCEPTS });
	/* Strict, and this router is no stop; strict, and the next is no neighbour; martians. */
	ipv4 = packet_with(options, 8);
	put32(options + 3, GATEWAY_IP);
	expect_refused(&ipv4);
	ipv4.destination = LAN_IP;
	put32(options + 3, FAR_IP);
	expect_refused(&ipv4);
	options[0] = LOOSE;
	put32(options + 3, IP(127, 0, 0, 1));
	expect_refused(&ipv4);
	put32(options + 3, IP(224, 1, 1, 1));
	expect_refused(&ipv4);
	put32(options + 3, IP(255, 255, 255, 255));
	expect_refused(&ipv4);
}

/* A reply goes back the way the request came (RFC 1122 3.2.2.6). */
static void
test_echo(void)
{
	uint8_t options[40], payload[64];
	static struct frame sent;
	struct ipv4 ipv4;
	uint32_t l3 = 14;

	pair_open((struct pair_options){ .more = ACCEPTS });
	memset(options, 1, sizeof(options));
	memcpy(options, (uint8_t[]){ RECORD_ROUTE, 11, 4 }, 3);
	ipv4 = packet_with(options, 12);
	ipv4.destination = LAN_IP;
	ipv4.protocol = PROTOCOL_ICMP;
	ipv4.payload = payload;
	ipv4.length = fill_icmp(payload, 8, 0, 0x12345678, NULL, 40);
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT_FATAL(lab_take(LAN, &sent));
	CU_ASSERT(sent.bytes[l3 + 22] == 8 && frame_get32(&sent, l3 + 23) == LAN_IP);
	CU_ASSERT(slow_checksum(sent.bytes + l3, 32) == 0);
	/* By FAR, stopping at 10.9.9.9 and the gateway, whose addresses are recorded. */
	memcpy(options, (uint8_t[]){ LOOSE, 11, 12 }, 3);
	put32(options + 3, IP(10, 9, 9, 9));
	put32(options + 7, GATEWAY_IP);
	ipv4.ethernet = (struct ethernet){ WAN_MAC, GATEWAY_MAC, 0 };
	ipv4.source = FAR_IP;
	ipv4.destination = WAN_IP;
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT_FATAL(lab_take(WAN, &sent));
	CU_ASSERT(frame_get32(&sent, l3 + 12) == WAN_IP);
	CU_ASSERT(frame_get32(&sent, l3 + 16) == GATEWAY_IP);
	CU_ASSERT(sent.bytes[l3 + 20] == LOOSE && sent.bytes[l3 + 22] == 4);
	CU_ASSERT(frame_get32(&sent, l3 + 23) == IP(10, 9, 9, 9));
	CU_ASSERT(frame_get32(&sent, l3 + 27) == FAR_IP);
	CU_ASSERT(slow_checksum(sent.bytes + l3, 32) == 0);
	lab_expect_nothing();
}

CU_TestInfo options_tests[] = {
	{ "record route", test_record_route },
	{ "timestamp", test_timestamp },
	{ "malformed", test_malformed },
	{ "random", test_random },
	{ "source route refused", test_source_route_refused },
	{ "source route followed", test_source_route_followed },
	{ "source route failed", test_source_route_failed },
	{ "echo", test_echo },
	CU_TEST_INFO_NULL,
};
