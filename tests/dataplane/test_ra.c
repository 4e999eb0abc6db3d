/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Router advertisements and solicitations (RFC 4861 6.1, 6.2).
 */

#include <string.h>

#include "pair.h"
#include "tests.h"
#include "vrf/advertiser.h"

#define ALL_NODES ip6("ff02::1")
#define ALL_ROUTERS ip6("ff02::2")
#define HOST_LINK ip6_link_local(HOST_MAC)

/* A router with one interface that advertises; `what` is its advertisement. */
static void
open_advertising(const char *what, bool starting)
{
	lab.starting = true;
	pair = (struct pair_options){ 0 };
	lab_open(1,
		"{'ports': [{'name': 'p0', 'device': 'net_ring_p0'}],"
		" 'routers': [{'name': 'r', 'interfaces': ["
		"   {'name': 'lan', 'port': 'p0', 'mac': '02:00:00:00:00:01',"
		"    'addresses': ['2001:db8:a::1/64', '2001:db8:b::1/80', '10.0.0.1/24'],"
		"    'router_advertisement': %s}]}]}",
		what);
	if (!starting)
		lab_settle();
}

static void
put_mac(struct frame *frame, uint64_t mac)
{
	frame_u16(frame, (uint16_t)(mac >> 32));
	frame_u32(frame, (uint32_t)mac);
}

static void
put_prefix(struct frame *frame, const char *prefix, uint8_t depth, uint8_t flags, uint32_t valid,
	uint32_t preferred)
{
	struct ip6 address = ip6(prefix);

	frame_u8(frame, 3);
	frame_u8(frame, 4);
	frame_u8(frame, depth);
	frame_u8(frame, flags);
	frame_u32(frame, valid);
	frame_u32(frame, preferred);
	frame_u32(frame, 0);
	frame_bytes(frame, address.bytes, 16);
}

/* The message of RFC 4861 4.2 behind the ICMPv6 header; options are appended by the caller. */
static void
begin_advertisement(struct frame *data, uint8_t hop_limit, uint8_t flags, uint16_t lifetime)
{
	data->length = 0;
	frame_u8(data, hop_limit);
	frame_u8(data, flags);
	frame_u16(data, lifetime);
	frame_u32(data, 0);
	frame_u32(data, 0);
}

/* The whole frame; `data` is the message from behind its checksum on. */
static void
make_advertisement(struct frame *frame, const struct frame *data)
{
	uint8_t payload[FRAME_MAX];
	struct ipv6 ipv6 = {
		.ethernet = { ip6_group_mac(ALL_NODES), LAN_MAC, 0 },
		.source = ip6_link_local(LAN_MAC),
		.destination = ALL_NODES,
		.hop_limit = 255,
		.next_header = PROTOCOL_ICMP6,
		.payload = payload,
	};

	ipv6.length = fill_icmp6(payload, &ipv6, ND_ROUTER_ADVERTISEMENT, 0, frame_get32(data, 0),
		data->bytes + 4, data->length - 4);
	frame_ipv6(frame, &ipv6);
}

static bool
is_advertisement(const struct frame *frame)
{
	return frame_get16(frame, 12) == ETHERTYPE_IPV6 && frame->bytes[14 + 6] == PROTOCOL_ICMP6 &&
	       frame->bytes[14 + 40] == ND_ROUTER_ADVERTISEMENT;
}

/* Lets time pass until one comes; how long it took, in steps of 1 ms. */
static uint64_t
wait_for(struct frame *frame, uint64_t most)
{
	uint64_t start = lab.now;

	while (lab.now - start <= most) {
		while (lab_take(LAN, frame))
			if (is_advertisement(frame))
				return lab.now - start;
		lab_advance(LAB_SECOND / 1000);
	}
	CU_FAIL_FATAL("no router advertisement came");
	return 0;
}

static void
expect(const struct frame *sent, const struct frame *data)
{
	static struct frame expected;

	make_advertisement(&expected, data);
	CU_ASSERT(frame_equal(sent, &expected));
	if (!frame_equal(sent, &expected)) {
		frame_dump("sent", sent);
		frame_dump("expected", &expected);
	}
}

static void
test_defaults(void)
{
	static struct frame sent, data;

	open_advertising("{}", true);
	wait_for(&sent, 10 * LAB_SECOND);
	begin_advertisement(&data, 64, 0, 1800);
	frame_u8(&data, 1);
	frame_u8(&data, 1);
	put_mac(&data, LAN_MAC);
	put_prefix(&data, "2001:db8:a::", 64, 0xc0, 2592000, 604800);
	expect(&sent, &data);
}

static void
test_all_said(void)
{
	static struct frame sent, data;

	open_advertising("{'min_interval': 3, 'max_interval': 4, 'lifetime': 9000, 'hop_limit': 7,"
			 " 'managed': true, 'other_config': true, 'mtu': 1400,"
			 " 'source_link_address': false, 'prefixes': ["
			 "  {'prefix': '2001:db8:77::/48', 'valid_lifetime': 4294967295},"
			 "  {'prefix': '2001:db8:a::/64', 'on_link': false, 'valid_lifetime': 50},"
			 "  {'prefix': '2001:db8:c::/64', 'autonomous': false,"
			 "   'preferred_lifetime': 0}]}",
		true);
	wait_for(&sent, 10 * LAB_SECOND);
	begin_advertisement(&data, 7, 0xc0, 9000);
	frame_u8(&data, 5);
	frame_u8(&data, 1);
	frame_u16(&data, 0);
	frame_u32(&data, 1400);
	put_prefix(&data, "2001:db8:77::", 48, 0x80, UINT32_MAX, 604800);
	put_prefix(&data, "2001:db8:a::", 64, 0x40, 50, 50);
	put_prefix(&data, "2001:db8:c::", 64, 0x80, 2592000, 0);
	expect(&sent, &data);
}

/* Three at 16 s at most, then at random between the two intervals. */
static void
test_intervals(void)
{
	static struct frame sent;
	uint64_t least = UINT64_MAX, most = 0;

	open_advertising("{'min_interval': 30, 'max_interval': 60}", true);
	/* Not before the address that it comes from is known to be free. */
	CU_ASSERT(wait_for(&sent, 10 * LAB_SECOND) >= OWN_ADDRESS_PROBE_INTERVAL);
	for (unsigned int i = 0; i < ADVERTISER_INITIAL; i++) {
		uint64_t took = wait_for(&sent, 20 * LAB_SECOND);

		CU_ASSERT(took >= ADVERTISER_INITIAL_INTERVAL &&
			  took <= ADVERTISER_INITIAL_INTERVAL + LAB_SECOND / 100);
	}
	for (unsigned int i = 0; i < 20; i++) {
		uint64_t took = wait_for(&sent, 61 * LAB_SECOND);

		least = RTE_MIN(least, took);
		most = RTE_MAX(most, took);
	}
	CU_ASSERT(least >= 30 * LAB_SECOND && most <= 60 * LAB_SECOND + LAB_SECOND / 100);
	CU_ASSERT(most > least + LAB_SECOND);
}

static void
make_solicitation(struct frame *frame, struct ip6 source, bool option, uint8_t hop_limit)
{
	static const uint8_t link[] = { 1, 1, 2, 0, 0, 0, 0x0a, 2 };
	uint8_t payload[64];
	struct ipv6 ipv6 = {
		.ethernet = { ip6_group_mac(ALL_ROUTERS), HOST_MAC, 0 },
		.source = source,
		.destination = ALL_ROUTERS,
		.hop_limit = hop_limit,
		.next_header = PROTOCOL_ICMP6,
		.payload = payload,
	};

	ipv6.length = fill_icmp6(
		payload, &ipv6, ND_ROUTER_SOLICITATION, 0, 0, link, option ? sizeof(link) : 0);
	frame_ipv6(frame, &ipv6);
}

static void
test_solicited(void)
{
	static struct frame frame, sent;
	uint64_t last;

	open_advertising("{'max_interval': 1800}", false);
	for (unsigned int i = 0; i < 60; i++)
		lab_advance(LAB_SECOND);
	lab_discard();
	make_solicitation(&frame, HOST_LINK, true, 255);
	lab_inject(LAN, &frame);
	lab_pump();
	CU_ASSERT(wait_for(&sent, LAB_SECOND) <= ADVERTISER_ANSWER_DELAY);
	last = lab.now;
	/* Who asks is known from then on. */
	CU_ASSERT(lab_neighbour6("r", "lan", HOST_LINK) != NULL &&
		  lab_neighbour6("r", "lan", HOST_LINK)->state == NEIGHBOUR_STALE);
	/* However many ask, there are no two within 3 s; from nobody's address is as good. */
	for (unsigned int i = 0; i < 5; i++) {
		for (unsigned int k = 0; k < 10; k++) {
			make_solicitation(&frame, k % 2 ? HOST_LINK : ip6("::"), false, 255);
			lab_inject(LAN, &frame);
		}
		lab_pump();
		wait_for(&sent, 5 * LAB_SECOND);
		CU_ASSERT(lab.now - last >= ADVERTISER_MIN_DELAY);
		CU_ASSERT(lab.now - last <=
			  ADVERTISER_MIN_DELAY + ADVERTISER_ANSWER_DELAY + LAB_SECOND / 100);
		last = lab.now;
	}
	CU_ASSERT(lab_stats("r").consumed == 51);
	for (unsigned int i = 0; i < 100; i++)
		lab_advance(LAB_SECOND / 10);
	lab_expect_nothing();
}

static void
test_not_valid(void)
{
	static struct frame frame;

	open_advertising("{}", false);
	make_solicitation(&frame, HOST_LINK, true, 64);
	pair_drops(LAN, &frame, VR_DROP_ND_INVALID);
	make_solicitation(&frame, ip6("::"), true, 255);
	pair_drops(LAN, &frame, VR_DROP_ND_INVALID);
	make_solicitation(&frame, ip6_link_local(LAN_MAC), true, 255);
	pair_drops(LAN, &frame, VR_DROP_ND_CONFLICT);
	CU_ASSERT(lab_router("r")->vr->n_neighbours == 0);
}

/* An interface that does not advertise says nothing, asked or not. */
static void
test_silent(void)
{
	static struct frame frame;

	pair_open((struct pair_options){ .ipv6 = true });
	make_solicitation(&frame, HOST_LINK, true, 255);
	lab_inject(LAN, &frame);
	for (unsigned int i = 0; i < 100; i++)
		lab_advance(LAB_SECOND / 10);
	lab_expect_nothing();
	CU_ASSERT(lab_stats("r").consumed == 1);
}

/* The last one has a lifetime of 0. */
static void
test_end(void)
{
	static struct frame sent, data;

	open_advertising("{'source_link_address': false}", true);
	wait_for(&sent, 10 * LAB_SECOND);
	while (lab_waiting(LAN) > 0)
		CU_ASSERT(lab_take(LAN, &sent));
	CU_ASSERT(lab_delete_router("r") == 0);
	lab_pump();
	CU_ASSERT_FATAL(lab_take(LAN, &sent));
	begin_advertisement(&data, 64, 0, 0);
	put_prefix(&data, "2001:db8:a::", 64, 0xc0, 2592000, 604800);
	expect(&sent, &data);
	lab_expect_nothing();
}

CU_TestInfo ra_tests[] = {
	{ "defaults", test_defaults },
	{ "all that can be said", test_all_said },
	{ "intervals", test_intervals },
	{ "solicited", test_solicited },
	{ "solicitations that are not valid", test_not_valid },
	{ "an interface that is silent", test_silent },
	{ "the end", test_end },
	CU_TEST_INFO_NULL,
};
