/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The element nat44 in a router: what leaves is what a host with the outside address would have
 * sent, byte for byte, and what comes back is what the inside host waits for.
 */

#include <string.h>

#include "pair.h"
#include "pipeline_report.h"
#include "tests.h"

#define RATES "'icmp_rate': 10000000, 'echo_rate': 10000000,"
#define NAT(more) \
	"{'ingress': [{'type': 'nat44', 'name': 'nat', 'outside': 'wan'," \
	" 'addresses': ['192.0.2.1']" more "}], 'egress': ['nat']}"
#define OTHER_IP IP(10, 0, 0, 3)
#define OTHER_MAC UINT64_C(0x020000000a03)
#define DATA 40

static uint8_t data[2000];

static void
open_nat(const char *pipeline, struct pair_options options)
{
	char more[2048];

	for (unsigned int i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(7 * i);
	snprintf(more, sizeof(more), RATES "'pipeline': %s,", pipeline);
	options.more = more;
	pair_open(options);
	CU_ASSERT_FATAL(lab_add_neighbour("r", "lan", OTHER_IP, OTHER_MAC) == 0);
	lab_pump();
}

static json_int_t
shown(const char *key)
{
	json_t *object = report_element(lab_router("r"), "nat");
	json_t *state = json_object_get(object, "state");
	json_int_t value = json_integer_value(json_object_get(state, key));

	CU_ASSERT_PTR_NOT_NULL(json_object_get(state, key));
	json_decref(object);
	return value;
}

static json_int_t
dropped(const char *side, const char *reason)
{
	json_t *object = report_element(lab_router("r"), "nat");
	json_t *drops = json_object_get(json_object_get(object, side), "drops");
	json_int_t value = json_integer_value(json_object_get(drops, reason));

	json_decref(object);
	return value;
}

/* The same packet with these ends, its checksums summed anew. */
static struct ipv4
udp(struct ipv4 ipv4, uint32_t source, uint16_t port, uint32_t destination, uint16_t to,
	uint8_t *room, uint32_t length)
{
	ipv4.source = source;
	ipv4.destination = destination;
	ipv4.payload = room;
	ipv4.length = fill_udp(room, &ipv4, port, to, data, length);
	return ipv4;
}

static struct ipv4
echo(struct ipv4 ipv4, uint32_t source, uint32_t destination, uint8_t type, uint16_t id,
	uint8_t *room)
{
	ipv4.source = source;
	ipv4.destination = destination;
	ipv4.protocol = PROTOCOL_ICMP;
	ipv4.payload = room;
	ipv4.length = fill_icmp(room, type, 0, (uint32_t)id << 16 | 9, data, DATA);
	return ipv4;
}

/* Sends one in and asserts that it comes out as the other, alone. */
static void
becomes(const struct ipv4 *in, const struct ipv4 *out)
{
	static struct frame expected;

	pair_inject(in);
	lab_pump();
	pair_forwarded(&expected, out);
	lab_expect(out->ethernet.to == LAN_MAC ? WAN : LAN, &expected);
	lab_expect_nothing();
}

static uint8_t room[2][2000];

/* Both directions, UDP and pings, with the port that the host has. */
static void
test_both_ways(void)
{
	struct ipv4 in, out;

	open_nat(NAT(""), (struct pair_options){ 0 });
	for (uint16_t port = 2000; port < 2100; port++) {
		in = udp(pair_packet(), HOST_IP, port, FAR_IP, 53, room[0], DATA);
		out = udp(pair_packet(), WAN_IP, port, FAR_IP, 53, room[1], DATA);
		becomes(&in, &out);
		in = udp(pair_packet_back(), FAR_IP, 53, WAN_IP, port, room[0], DATA);
		out = udp(pair_packet_back(), FAR_IP, 53, HOST_IP, port, room[1], DATA);
		becomes(&in, &out);
		in = echo(pair_packet(), HOST_IP, FAR_IP, 8, port, room[0]);
		out = echo(pair_packet(), WAN_IP, FAR_IP, 8, port, room[1]);
		becomes(&in, &out);
		in = echo(pair_packet_back(), FAR_IP, WAN_IP, 0, port, room[0]);
		out = echo(pair_packet_back(), FAR_IP, HOST_IP, 0, port, room[1]);
		becomes(&in, &out);
	}
	CU_ASSERT(shown("created") == 200 && shown("translated_in") == 200);
}

/* The router answers for itself, on both sides, and what it sends is its own. */
static void
test_router_itself(void)
{
	static struct frame frame;
	struct ipv4 in;

	open_nat(NAT(""), (struct pair_options){ 0 });
	in = echo(pair_packet(), HOST_IP, LAN_IP, 8, 5, room[0]);
	pair_inject(&in);
	in = echo(pair_packet(), HOST_IP, WAN_IP, 8, 5, room[0]);
	pair_inject(&in);
	in = echo(pair_packet_back(), FAR_IP, WAN_IP, 8, 5, room[0]);
	pair_inject(&in);
	lab_pump();
	CU_ASSERT(lab_stats("r").answered == 3);
	CU_ASSERT(lab_take(LAN, &frame) && lab_take(LAN, &frame));
	CU_ASSERT_FATAL(lab_take(WAN, &frame));
	CU_ASSERT(frame_get32(&frame, 14 + 12) == WAN_IP);
	CU_ASSERT(slow_checksum(frame.bytes + 34, frame.length - 34) == 0);
	/* A port that leads nowhere inside. */
	in = udp(pair_packet_back(), FAR_IP, 53, WAN_IP, 999, room[0], DATA);
	frame_ipv4(&frame, &in);
	lab_inject(WAN, &frame);
	lab_pump();
	lab_expect_error(WAN, (&(struct icmp_error){ pair_to_gateway(), WAN_IP, 3, 3 }), &frame);
	lab_expect_nothing();
	CU_ASSERT(lab_stats("r").dropped[VR_DROP_LOCAL_PORT] == 1);
	CU_ASSERT(shown("created") == 0);
}

/* traceroute from inside: the router's own hop, and one behind it. */
static void
test_traceroute_out(void)
{
	static struct frame sent, left, error, expected;
	struct icmp_error from_far = { pair_to_gateway(), IP(198, 18, 9, 9), 11, 0 };
	struct ipv4 in;

	open_nat(NAT(""), (struct pair_options){ 0 });
	for (unsigned int i = 0; i < 2; i++) {
		in = i == 0 ? udp(pair_packet(), HOST_IP, 4001, FAR_IP, 33434, room[0], DATA)
		            : echo(pair_packet(), HOST_IP, FAR_IP, 8, 77, room[0]);
		in.ttl = 1;
		frame_ipv4(&sent, &in);
		lab_inject(LAN, &sent);
		lab_pump();
		lab_expect_error(
			LAN, (&(struct icmp_error){ pair_to_host(), LAN_IP, 11, 0 }), &sent);
		in.ttl = 2;
		frame_ipv4(&sent, &in);
		lab_inject(LAN, &sent);
		lab_pump();
		CU_ASSERT_FATAL(lab_take(WAN, &left));
		from_far.ethernet = (struct ethernet){ WAN_MAC, GATEWAY_MAC, 0, 0 };
		frame_icmp_error(&error, &from_far, &left);
		lab_inject(WAN, &error);
		lab_pump();
		/* What the host gets is an error about what it sent, with the TTL it arrived with.
		 */
		in.ttl = 1;
		frame_ipv4(&sent, &in);
		from_far.ethernet = pair_to_host();
		frame_icmp_error(&expected, &from_far, &sent);
		expected.bytes[14 + 8]--;
		frame_fix_ipv4(&expected, 14);
		lab_expect(LAN, &expected);
		lab_expect_nothing();
	}
	CU_ASSERT(shown("icmp_errors") == 2);
}

/* From outside, to a port forward: the router's own hop speaks of what was sent to it. */
static void
test_traceroute_in(void)
{
	static struct frame sent;
	struct ipv4 in, out;

	open_nat(NAT(", 'forwards': [{'protocol': 'udp', 'outside': '192.0.2.1', 'port': 33434,"
		     " 'inside': '10.0.0.2', 'inside_port': 7}]"),
		(struct pair_options){ 0 });
	in = udp(pair_packet_back(), FAR_IP, 4001, WAN_IP, 33434, room[0], DATA);
	out = udp(pair_packet_back(), FAR_IP, 4001, HOST_IP, 7, room[1], DATA);
	becomes(&in, &out);
	in.ttl = 1;
	frame_ipv4(&sent, &in);
	lab_inject(WAN, &sent);
	lab_pump();
	lab_expect_error(WAN, (&(struct icmp_error){ pair_to_gateway(), WAN_IP, 11, 0 }), &sent);
	lab_expect_nothing();
	/* And the host itself, about what it got. */
	{
		static struct frame got, error, expected;
		struct icmp_error from_host = { { LAN_MAC, HOST_MAC, 0, 0 }, HOST_IP, 3, 3 };

		pair_forwarded(&got, &out);
		frame_icmp_error(&error, &from_host, &got);
		lab_inject(LAN, &error);
		lab_pump();
		in.ttl = 63;
		frame_ipv4(&sent, &in);
		from_host.source = WAN_IP;
		from_host.ethernet = pair_to_gateway();
		frame_icmp_error(&expected, &from_host, &sent);
		expected.bytes[14 + 8]--;
		frame_fix_ipv4(&expected, 14);
		lab_expect(WAN, &expected);
		lab_expect_nothing();
	}
}

/* Two hosts of the lan by their outside endpoints; no redirect, as neither knows the other. */
static void
test_hairpin(void)
{
	static struct frame expected;
	struct ipv4 in, out;

	open_nat(NAT(""), (struct pair_options){ 0 });
	in = udp(pair_packet(), HOST_IP, 3000, FAR_IP, 53, room[0], DATA);
	out = udp(pair_packet(), WAN_IP, 3000, FAR_IP, 53, room[1], DATA);
	becomes(&in, &out);
	in = udp(pair_packet(), OTHER_IP, 3001, WAN_IP, 3000, room[0], DATA);
	in.ethernet.from = OTHER_MAC;
	pair_inject(&in);
	lab_pump();
	out = udp(pair_packet_back(), WAN_IP, 3001, HOST_IP, 3000, room[1], DATA);
	pair_forwarded(&expected, &out);
	lab_expect(LAN, &expected);
	lab_expect_nothing();
	in = udp(pair_packet(), HOST_IP, 3000, WAN_IP, 3001, room[0], DATA);
	pair_inject(&in);
	lab_pump();
	out = udp(pair_packet_back(), WAN_IP, 3000, OTHER_IP, 3001, room[1], DATA);
	pair_forwarded(&expected, &out);
	expected.bytes[5] = (uint8_t)OTHER_MAC;
	lab_expect(LAN, &expected);
	lab_expect_nothing();
	CU_ASSERT(shown("hairpinned") == 2);
}

/* Takes all that was sent and puts the payload together; gives its length. */
static uint32_t
gather(unsigned int port, uint32_t source, uint32_t destination, uint8_t *whole)
{
	static struct frame frame;
	uint32_t length = 0;

	while (lab_take(port, &frame)) {
		uint32_t at = 8u * (frame_get16(&frame, 14 + 6) & 0x1fff);
		uint32_t n = frame_get16(&frame, 14 + 2) - 20u;

		CU_ASSERT(frame_get32(&frame, 14 + 12) == source);
		CU_ASSERT(frame_get32(&frame, 14 + 16) == destination);
		CU_ASSERT(slow_checksum(frame.bytes + 14, 20) == 0);
		memcpy(whole + at, frame.bytes + 34, n);
		length = RTE_MAX(length, at + n);
	}
	return length;
}

/* Cut by the router on the way out, and by others on the way in. */
static void
test_fragments(void)
{
	static uint8_t whole[2000];
	struct ipv4 in, out;

	open_nat(NAT(""), (struct pair_options){ .wan_mtu = 600 });
	in = udp(pair_packet(), HOST_IP, 3000, FAR_IP, 53, room[0], 1400);
	in.id = 77;
	out = udp(pair_packet(), WAN_IP, 3000, FAR_IP, 53, room[1], 1400);
	pair_inject(&in);
	lab_pump();
	CU_ASSERT(lab_waiting(WAN) == 3);
	CU_ASSERT(gather(WAN, WAN_IP, FAR_IP, whole) == out.length);
	CU_ASSERT(memcmp(whole, out.payload, out.length) == 0);
	out = udp(pair_packet_back(), FAR_IP, 53, HOST_IP, 3000, room[1], 1400);
	in = udp(pair_packet_back(), FAR_IP, 53, WAN_IP, 3000, room[0], 1400);
	for (uint32_t at = 0; at < 1408; at += 400) {
		struct ipv4 piece = in;

		piece.id = 78;
		piece.payload = in.payload + at;
		piece.length = RTE_MIN(400u, 1408 - at);
		piece.fragment = (uint16_t)(at / 8 | (at + 400 < 1408 ? FRAGMENT_MORE : 0));
		pair_inject(&piece);
		lab_pump();
	}
	CU_ASSERT(lab_waiting(LAN) == 4);
	CU_ASSERT(gather(LAN, FAR_IP, HOST_IP, whole) == out.length);
	CU_ASSERT(memcmp(whole, out.payload, out.length) == 0);
	CU_ASSERT(shown("fragments") == 5);
	lab_expect_nothing();
	/* One whose first did not come. */
	in.id = 79;
	in.fragment = 50;
	pair_inject(&in);
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(dropped("ingress", "fragment") == 1);
	CU_ASSERT(lab_dropped("r", VR_DROP_ELEMENT) == 1);
}

/* The path MTU is found through it: an error of the router about what is too long for the lan. */
static void
test_path_mtu(void)
{
	static struct frame sent;
	struct ipv4 in, out;

	open_nat(NAT(""), (struct pair_options){ .lan_mtu = 600 });
	in = udp(pair_packet(), HOST_IP, 3000, FAR_IP, 53, room[0], DATA);
	out = udp(pair_packet(), WAN_IP, 3000, FAR_IP, 53, room[1], DATA);
	becomes(&in, &out);
	in = udp(pair_packet_back(), FAR_IP, 53, WAN_IP, 3000, room[0], 1000);
	in.fragment = FRAGMENT_DONT;
	frame_ipv4(&sent, &in);
	lab_inject(WAN, &sent);
	lab_pump();
	lab_expect_error(
		WAN, (&(struct icmp_error){ pair_to_gateway(), WAN_IP, 3, 4, 600 }), &sent);
	lab_expect_nothing();
}

/* At the limit, with those that had an answer: new ones are dropped by name, others go on. */
static void
test_limit(void)
{
	struct ipv4 in, out;

	open_nat(NAT(", 'max_sessions': 4"), (struct pair_options){ 0 });
	for (uint16_t port = 2000; port < 2006; port++) {
		in = udp(pair_packet(), HOST_IP, port, FAR_IP, 53, room[0], DATA);
		if (port >= 2004) {
			pair_inject(&in);
			lab_pump();
			lab_expect_nothing();
			continue;
		}
		out = udp(pair_packet(), WAN_IP, port, FAR_IP, 53, room[1], DATA);
		becomes(&in, &out);
		in = udp(pair_packet_back(), FAR_IP, 53, WAN_IP, port, room[0], DATA);
		out = udp(pair_packet_back(), FAR_IP, 53, HOST_IP, port, room[1], DATA);
		becomes(&in, &out);
	}
	CU_ASSERT(dropped("egress", "session_limit") == 2);
	CU_ASSERT(lab_dropped("r", VR_DROP_ELEMENT) == 2);
	in = udp(pair_packet(), HOST_IP, 2001, FAR_IP, 53, room[0], DATA);
	out = udp(pair_packet(), WAN_IP, 2001, FAR_IP, 53, room[1], DATA);
	becomes(&in, &out);
}

/* A change keeps sessions where it can; so does one of other elements. */
static void
test_change(void)
{
	struct ipv4 in, out, back, back_in;

	open_nat(NAT(""), (struct pair_options){ 0 });
	in = udp(pair_packet(), HOST_IP, 3000, FAR_IP, 53, room[0], DATA);
	out = udp(pair_packet(), WAN_IP, 3000, FAR_IP, 53, room[1], DATA);
	becomes(&in, &out);
	back = udp(pair_packet_back(), FAR_IP, 53, WAN_IP, 3000, room[0], DATA);
	back_in = udp(pair_packet_back(), FAR_IP, 53, HOST_IP, 3000, room[1], DATA);
	CU_ASSERT(lab_set_pipeline("r", NAT(", 'udp_timeout': 600")) == 0);
	becomes(&back, &back_in);
	CU_ASSERT(lab_set_pipeline("r", "{'ingress': [{'type': 'urpf'}, {'type': 'nat44', 'name': "
					"'nat', 'outside': 'wan', 'addresses': ['192.0.2.1'], "
					"'udp_timeout': 600}], 'egress': ['nat']}") == 0);
	becomes(&back, &back_in);
	CU_ASSERT(lab_set_pipeline("r", "{'ingress': [{'type': 'nat44'}]}") != 0);
	CU_ASSERT(lab_set_pipeline("r", NAT(", 'addresses': 5")) != 0);
	becomes(&back, &back_in);
	CU_ASSERT(lab_set_pipeline("r", "{}") == 0);
	in = udp(pair_packet(), HOST_IP, 3000, FAR_IP, 53, room[0], DATA);
	pair_forwards(&in);
}

/* It stands at both sides or not at all. */
static void
test_sides(void)
{
	pair_open((struct pair_options){ 0 });
	CU_ASSERT(lab_set_pipeline("r", "{'egress': [{'type': 'nat44', 'outside': 'wan',"
					" 'addresses': ['192.0.2.1']}]}") != 0);
	CU_ASSERT(
		lab_set_pipeline("r", "{'ingress': [{'type': 'nat44', 'outside': 'wax',"
				      " 'addresses': ['192.0.2.1']}], 'egress': ['nat44']}") != 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(lab_error(), "did you mean \"wan\""));
}

CU_TestInfo nat44_tests[] = {
	{ "both ways", test_both_ways },
	{ "the router itself", test_router_itself },
	{ "traceroute from inside", test_traceroute_out },
	{ "traceroute from outside", test_traceroute_in },
	{ "hairpinning", test_hairpin },
	{ "fragments", test_fragments },
	{ "path MTU", test_path_mtu },
	{ "max_sessions", test_limit },
	{ "changes", test_change },
	{ "at both sides", test_sides },
	CU_TEST_INFO_NULL,
};
