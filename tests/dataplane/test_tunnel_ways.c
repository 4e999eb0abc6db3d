/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <string.h>

#include "tests.h"
#include "tube.h"
#include "link.h"
#include "vrf/tunnel.h"

/* The ways of outer packets: their MTU, next hops, other tunnels, other routers. */

static const struct tube_header OUT = { .ttl = 64 };
static const struct tube_header BACK = { .back = true, .ttl = 61, .source_port = 50000 };

static void
inner4(struct frame *frame, const struct ipv4 *ipv4)
{
	struct ipv4 inner = *ipv4;

	inner.ttl--;
	frame_ipv4(frame, &inner);
}

static struct ipv4
long_packet(uint32_t total)
{
	static uint8_t payload[FRAME_MAX];
	struct ipv4 packet = pair_packet();

	for (uint32_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 5 + i / 256);
	packet.payload = payload;
	packet.length = total - 20;
	return packet;
}

static struct ipv6
long_packet6(uint32_t total)
{
	struct ipv4 packet = long_packet(total);
	struct ipv6 packet6 = pair_packet6();

	packet6.payload = packet.payload;
	packet6.length = total - 40;
	return packet6;
}

/*
 * Whether a packet of the length goes in whole; if not, its sender was told of `mtu`. Who is told
 * behind the look-up of the outer packet sees the TTL that it would have left with.
 */
static bool
fits_behind(uint32_t length, uint16_t mtu, bool looked_up)
{
	struct ipv4 packet = long_packet(length);
	static struct frame inner, about;
	struct icmp_error error = {
		.ethernet = pair_to_host(), .source = LAN_IP, .type = 3, .code = 4, .mtu = mtu
	};

	packet.fragment = FRAGMENT_DONT;
	pair_inject(&packet);
	lab_pump();
	if (lab_waiting(WAN) == 1) {
		inner4(&inner, &packet);
		tube_expect(&OUT, &inner);
		lab_expect_nothing();
		return true;
	}
	packet.ttl -= looked_up;
	frame_ipv4(&about, &packet);
	lab_expect_error(LAN, &error, &about);
	lab_expect_nothing();
	return false;
}

static bool
fits(uint32_t length, uint16_t mtu)
{
	return fits_behind(length, mtu, false);
}

/* What is too long for the tunnel is cut, or its sender is told. */
static void
test_mtu(void)
{
	static const uint16_t mtus[2][TUBE_TYPES] = { { 1480, 1476, 1472, 1450 },
		{ 1460, 1456, 1452, 1430 } };

	for (unsigned int type = 0; type < TUBE_TYPES; type++)
		for (unsigned int outer6 = 0; outer6 < 2; outer6++) {
			uint16_t mtu = mtus[outer6][type];
			struct ipv4 packet = long_packet(1500);
			struct ipv6 packet6 = long_packet6(1500);
			static struct frame inner, about, sent;
			struct icmp6_error error = { .ethernet = pair_to_host(),
				.source = LAN_IP6,
				.type = 2,
				.rest = mtu };
			uint32_t first = (mtu - 20u) / 8 * 8;

			tube_open((struct tube){ .type = type, .outer6 = outer6 });
			CU_ASSERT(tube_interface()->mtu == mtu);
			CU_ASSERT(fits(mtu, 0));
			CU_ASSERT(!fits(mtu + 1u, mtu));
			pair_inject6(&packet6);
			lab_pump();
			frame_ipv6(&about, &packet6);
			lab_expect_error6(LAN, &error, &about);
			packet6 = long_packet6(mtu);
			pair_inject6(&packet6);
			lab_pump();
			packet6.hop_limit--;
			frame_ipv6(&inner, &packet6);
			tube_expect(&OUT, &inner);
			/* Fragments are of the inner packet. */
			packet.id = 77;
			pair_inject(&packet);
			lab_pump();
			packet.ttl--;
			packet.fragment = FRAGMENT_MORE;
			packet.length = first;
			frame_ipv4(&inner, &packet);
			tube_expect(&OUT, &inner);
			packet.payload += first;
			packet.length = 1480 - first;
			packet.fragment = (uint16_t)(first / 8);
			frame_ipv4(&inner, &packet);
			tube_expect(&OUT, &inner);
			lab_expect_nothing();
			CU_ASSERT(!lab_take(WAN, &sent));
			lab_close();
		}
}

/* An ICMP error about the latest frame sent into the tunnel, from somebody on its way. */
static void
tell(const struct frame *about, uint8_t type, uint8_t code, uint32_t info, uint32_t quoted)
{
	static struct frame frame;
	static uint8_t payload[FRAME_MAX];
	struct ipv4 icmp = { .ethernet = { WAN_MAC, GATEWAY_MAC },
		.source = IP(198, 51, 100, 7),
		.destination = WAN_IP,
		.ttl = 60,
		.protocol = PROTOCOL_ICMP,
		.payload = payload };
	struct ipv6 icmp6 = { .ethernet = { WAN_MAC, GATEWAY_MAC },
		.source = ip6("2001:db8:66::7"),
		.destination = WAN_IP6,
		.hop_limit = 60,
		.next_header = PROTOCOL_ICMP6,
		.payload = payload };

	if (tube.outer6) {
		icmp6.length =
			fill_icmp6(payload, &icmp6, type, code, info, about->bytes + 14, quoted);
		frame_ipv6(&frame, &icmp6);
	} else {
		icmp.length = fill_icmp(payload, type, code, info, about->bytes + 14, quoted);
		frame_ipv4(&frame, &icmp);
	}
	lab_inject(WAN, &frame);
	lab_pump();
}

static void
send_one(struct frame *sent)
{
	struct ipv4 packet = long_packet(1300);

	pair_inject(&packet);
	lab_pump();
	CU_ASSERT_FATAL(lab_take(WAN, sent));
}

/* News of the way's MTU lower the tunnel's, for ten minutes (RFC 1191, RFC 8201). */
static void
test_path_mtu(void)
{
	static struct frame sent;

	for (unsigned int type = 0; type < TUBE_TYPES; type++)
		for (unsigned int outer6 = 0; outer6 < 2; outer6++) {
			uint8_t icmp_type = outer6 ? 2 : 3, code = outer6 ? 0 : 4;
			uint32_t quoted = outer6 ? 40 + 16 : 20 + 16;
			uint16_t mtu, before;

			tube_open((struct tube){ .type = type, .outer6 = outer6 });
			before = tube_interface()->mtu;
			mtu = (uint16_t)(1400 - tube_overhead());
			send_one(&sent);
			tell(&sent, icmp_type, code, 1400, quoted);
			CU_ASSERT(tube_interface()->mtu == mtu);
			CU_ASSERT(tube_interface()->tunnel->icmp_errors == 1);
			CU_ASSERT(fits(mtu, 0));
			CU_ASSERT(!fits(mtu + 1u, mtu));
			/* Never more than it was, and not below what every host takes. */
			tell(&sent, icmp_type, code, 1401, quoted);
			CU_ASSERT(tube_interface()->mtu == mtu);
			tell(&sent, icmp_type, code, 100, quoted);
			CU_ASSERT(tube_interface()->mtu == 1280);
			lab_advance(599 * LAB_SECOND);
			CU_ASSERT(tube_interface()->mtu == 1280);
			lab_advance(2 * LAB_SECOND);
			lab_discard();
			CU_ASSERT(tube_interface()->mtu == before);
			CU_ASSERT(fits(before, 0));
			lab_close();
		}
}

/* Only errors about packets of ours count; others than of the MTU are counted. */
static void
test_errors_outside(void)
{
	static struct frame sent, other;
	uint16_t mtu;

	for (unsigned int type = 0; type < TUBE_TYPES; type++) {
		const struct tunnel *tunnel;
		uint32_t least = type == TUBE_VXLAN ? 36 : type == TUBE_GRE_KEY ? 28 : 24;

		tube_open((struct tube){ .type = type });
		tunnel = tube_interface()->tunnel;
		mtu = tube_interface()->mtu;
		send_one(&sent);
		if (type != TUBE_IPIP)
			tell(&sent, 3, 4, 1300, least - 1);
		other = sent;
		other.bytes[26]++; /* source */
		tell(&other, 3, 4, 1300, 64);
		other = sent;
		other.bytes[33]++; /* destination */
		tell(&other, 3, 4, 1300, 64);
		other = sent;
		other.bytes[23] = 6; /* protocol */
		tell(&other, 3, 4, 1300, 64);
		if (type == TUBE_GRE_KEY) {
			other = sent;
			other.bytes[41]++;
			tell(&other, 3, 4, 1300, 64);
		}
		if (type == TUBE_VXLAN) {
			other = sent;
			other.bytes[48]++;
			tell(&other, 3, 4, 1300, 64);
		}
		CU_ASSERT(tunnel->icmp_errors == 0);
		CU_ASSERT(tube_interface()->mtu == mtu);
		tell(&sent, 3, 1, 0, least);
		tell(&sent, 11, 0, 0, least);
		tell(&sent, 12, 0, 0, least);
		tell(&sent, 4, 0, 0, least);
		CU_ASSERT(tunnel->icmp_errors == 3);
		CU_ASSERT(tube_interface()->mtu == mtu);
		/* Who does not tell its MTU: the next lower of RFC 1191 7. */
		tell(&sent, 3, 4, 0, least);
		CU_ASSERT(tube_interface()->mtu == 1280);
		CU_ASSERT(lab_stats("r").consumed >= 8);
		lab_expect_nothing();
		lab_close();
	}
}

/* The outer interface takes less than the tunnel says: the first one that finds out is told. */
static void
test_short_way(void)
{
	for (unsigned int outer6 = 0; outer6 < 2; outer6++) {
		uint16_t mtu;

		tube_open((struct tube){ .type = TUBE_GRE, .outer6 = outer6, .wan_mtu = 1400 });
		mtu = (uint16_t)(1400 - tube_overhead());
		CU_ASSERT(!fits_behind(mtu + 1u, mtu, true));
		CU_ASSERT(lab_dropped("r", VR_DROP_MTU) == 1);
		CU_ASSERT(tube_interface()->mtu == mtu);
		CU_ASSERT(tube_interface()->tunnel->output_errors == 1);
		CU_ASSERT(!fits(mtu + 1u, mtu));
		CU_ASSERT(tube_interface()->tunnel->output_errors == 1);
		CU_ASSERT(fits(mtu, 0));
		lab_close();
	}
}

/* Nobody at the other end: the host is told, others are not. */
static void
test_no_way(void)
{
	struct ipv4 packet = pair_packet();
	static struct frame about;
	struct icmp_error error = {
		.ethernet = pair_to_host(), .source = LAN_IP, .type = 3, .code = 1
	};

	tube_open((struct tube){ .type = TUBE_VXLAN });
	CU_ASSERT(lab_delete_route("r", IP(203, 0, 113, 0), 24) == 0);
	error.ethernet = pair_to_host();
	pair_inject(&packet);
	lab_pump();
	CU_ASSERT(lab_dropped("r", VR_DROP_TUNNEL_ROUTE) == 1);
	packet.ttl--;
	frame_ipv4(&about, &packet);
	lab_expect_error(LAN, &error, &about);
	lab_expect_nothing();
	CU_ASSERT(lab_add_route_type("r", IP(203, 0, 113, 0), 24, VR_ROUTE_BLACKHOLE) == 0);
	packet.ttl++;
	pair_inject(&packet);
	lab_pump();
	CU_ASSERT(lab_dropped("r", VR_DROP_TUNNEL_ROUTE) == 2);
	CU_ASSERT(tube_interface()->tunnel->output_errors == 2);
}

/* Packets wait for the outer next hop, too, and go on as the router's own. */
static void
test_waiting(void)
{
	struct ipv4 packet = pair_packet();
	static struct frame inner, frame;
	struct vr_interface_counters counters;
	struct arp answer = { .ethernet = { WAN_MAC, GATEWAY_MAC },
		.operation = ARP_REPLY,
		.sender_mac = GATEWAY_MAC,
		.sender = GATEWAY_IP,
		.target_mac = WAN_MAC,
		.target = WAN_IP };

	tube_open((struct tube){ .type = TUBE_IPIP, .gateway_unknown = true });
	pair_inject(&packet);
	pair_inject(&packet);
	lab_pump();
	CU_ASSERT_FATAL(lab_take(WAN, &frame));
	CU_ASSERT(frame_get16(&frame, 12) == ETHERTYPE_ARP);
	lab_expect_nothing();
	CU_ASSERT(lab_stats("r").waiting == 2);
	frame_arp(&frame, &answer);
	lab_inject(WAN, &frame);
	lab_pump();
	inner4(&inner, &packet);
	tube_expect(&OUT, &inner);
	tube_expect(&OUT, &inner);
	lab_expect_nothing();
	interface_stats_read(lab_router("r"), tube_interface()->index, &counters);
	CU_ASSERT(counters.tx_packets == 2 && counters.tx_bytes == 2 * 46);
	/* Stale: on with it, and the gateway is asked. */
	lab_advance(60 * LAB_SECOND);
	lab_discard();
	pair_inject(&packet);
	lab_pump();
	tube_expect(&OUT, &inner);
	/* Nobody answers any more: no error, which would be to the router itself. */
	for (unsigned int i = 0; i < 20; i++)
		lab_advance(LAB_SECOND);
	lab_discard();
	pair_inject(&packet);
	lab_pump();
	for (unsigned int i = 0; i < 10; i++)
		lab_advance(LAB_SECOND);
	lab_discard();
	CU_ASSERT(lab_dropped("r", VR_DROP_NEIGHBOUR_FAILED) == 1);
	CU_ASSERT(lab_stats("r").originated_lost == 0);
}

/* Several outer ways: a flow in a vxlan keeps its own. */
static void
test_several_ways(void)
{
	static uint8_t payload[64];
	static struct frame sent;
	struct ipv4 packet = pair_packet();
	unsigned int first = 0, second = 0;
	uint8_t ways[2];

	tube_open((struct tube){ .type = TUBE_VXLAN,
		.routes = ", {'prefix': '203.0.113.9/32', 'via': ['192.0.2.2', '192.0.2.3']}" });
	CU_ASSERT(lab_add_neighbour("r", "wan", IP(192, 0, 2, 3), STRANGE_MAC) == 0);
	packet.payload = payload;
	packet.length = 40;
	for (unsigned int i = 0; i < 64; i++) {
		fill_udp(payload, &packet, (uint16_t)(1000 + i), 53, NULL, 32);
		for (unsigned int k = 0; k < 2; k++) {
			pair_inject(&packet);
			lab_pump();
			CU_ASSERT_FATAL(lab_take(WAN, &sent));
			ways[k] = sent.bytes[5];
		}
		CU_ASSERT(ways[0] == ways[1]);
		first += ways[0] == 0x02;
		second += ways[0] == 0xee;
	}
	CU_ASSERT(first > 10 && second > 10);
	lab_expect_nothing();
}

/* Fragments of outer packets are put together; what is in them goes on whole. */
static void
test_fragments_outside(void)
{
	static struct frame inner, whole, part, expected;
	struct tube_header header = BACK;

	for (unsigned int type = 0; type < TUBE_TYPES; type++) {
		struct ipv4 packet = pair_packet_back();
		struct ipv4 long_one = long_packet(1400);
		uint32_t length, first;

		tube_open((struct tube){ .type = type });
		packet.payload = long_one.payload;
		packet.length = 1200;
		frame_ipv4(&inner, &packet);
		header.id = 99;
		tube_wrap(&whole, &header, &inner);
		length = whole.length - 34;
		first = 800;
		for (unsigned int i = 0; i < 2; i++) {
			struct ipv4 outer = { .ethernet = { WAN_MAC, GATEWAY_MAC },
				.source = END_IP,
				.destination = WAN_IP,
				.ttl = 61,
				.id = 99,
				.protocol = whole.bytes[23],
				.fragment = i == 0 ? FRAGMENT_MORE : (uint16_t)(first / 8),
				.payload = whole.bytes + 34 + (i == 0 ? 0 : first),
				.length = i == 0 ? first : length - first };

			frame_ipv4(&part, &outer);
			lab_inject(WAN, &part);
		}
		lab_pump();
		packet.ethernet = pair_to_host();
		packet.ttl--;
		frame_ipv4(&expected, &packet);
		lab_expect(LAN, &expected);
		lab_expect_nothing();
		CU_ASSERT(lab_stats("r").consumed == 1);
		lab_close();
	}
}

/* Buffers with little room before the frame: it is moved, as far as there is room behind. */
static void
test_headroom(void)
{
	static struct frame inner, frame;
	struct ipv4 packet = long_packet(1400);

	for (unsigned int type = 0; type < TUBE_TYPES; type++)
		for (unsigned int outer6 = 0; outer6 < 2; outer6++) {
			tube_open((struct tube){ .type = type, .outer6 = outer6 });
			frame_ipv4(&frame, &packet);
			inner4(&inner, &packet);
			for (uint16_t headroom = 0; headroom <= 128; headroom += 2) {
				lab_inject_headroom(LAN, &frame, headroom);
				lab_pump();
				tube_expect(&OUT, &inner);
			}
			lab_expect_nothing();
			lab_close();
		}
	/* Neither before nor behind. */
	tube_open(
		(struct tube){ .type = TUBE_VXLAN, .interface = "'mtu': 2000,", .wan_mtu = 9000 });
	packet = long_packet(1500);
	frame_ipv4(&frame, &packet);
	lab_inject_headroom(LAN, &frame, 0);
	lab_pump();
	CU_ASSERT(lab_waiting(WAN) == 1);
	lab_discard();
}

/* A tunnel in a tunnel: each has its header, the last one inside. */
static void
test_nested(void)
{
	static struct frame inner, middle, sent;
	struct ipv4 packet = pair_packet();
	struct tube_header header = OUT;
	struct ipv4 outer = { .ethernet = pair_to_gateway(),
		.source = TUBE_IP,
		.destination = IP(203, 0, 114, 1),
		.ttl = 64,
		.fragment = FRAGMENT_DONT,
		.protocol = 47 };
	static uint8_t data[FRAME_MAX];

	tube_open((struct tube){ .type = TUBE_IPIP,
		.interfaces = ", {'name': 'u', 'tunnel': {'type': 'gre', 'local': '172.16.0.1',"
			      "  'remote': '203.0.114.1'}, 'addresses': ['172.16.2.1/31']}",
		.routes = ", {'prefix': '203.0.114.0/24', 'via': '172.16.0.2'},"
			  " {'prefix': '198.51.100.0/24', 'via': '172.16.2.0'}" });
	packet.destination = IP(198, 51, 100, 1);
	pair_inject(&packet);
	lab_pump();
	inner4(&inner, &packet);
	data[2] = 0x08;
	memcpy(data + 4, inner.bytes + 14, inner.length - 14);
	outer.payload = data;
	outer.length = 4 + inner.length - 14;
	frame_ipv4(&middle, &outer);
	tube_expect(&header, &middle);
	lab_expect_nothing();
	/* And out again, by one turn. */
	outer.source = IP(203, 0, 114, 1);
	outer.destination = TUBE_IP;
	packet = pair_packet_back();
	frame_ipv4(&inner, &packet);
	memcpy(data + 4, inner.bytes + 14, inner.length - 14);
	outer.length = 4 + inner.length - 14;
	frame_ipv4(&middle, &outer);
	tube_inject(&BACK, &middle);
	lab_pump();
	packet.ethernet = pair_to_host();
	packet.ttl--;
	frame_ipv4(&sent, &packet);
	lab_expect(LAN, &sent);
	lab_expect_nothing();
}

/* Tunnels that lead into themselves or into each other end somewhere, for each packet. */
static void
test_loops(void)
{
	struct ipv4 packet = pair_packet();

	tube_open((struct tube){ .type = TUBE_GRE,
		.routes = ", {'prefix': '203.0.113.9/32', 'via': '172.16.0.2'}" });
	for (unsigned int i = 0; i < 100; i++)
		pair_inject(&packet);
	lab_pump();
	CU_ASSERT(lab_dropped("r", VR_DROP_TUNNEL_LOOP) == 100);
	CU_ASSERT(tube_interface()->tunnel->output_errors == 100);
	lab_expect_nothing();
	lab_close();
	tube_open((struct tube){ .type = TUBE_IPIP,
		.interfaces = ", {'name': 'u', 'tunnel': {'type': 'vxlan', 'vni': 3, 'local':"
			      "  '172.16.0.1', 'remote': '203.0.114.1'},"
			      "  'addresses': ['172.16.2.1/24']}",
		.routes = ", {'prefix': '203.0.114.0/24', 'via': '172.16.0.2'},"
			  " {'prefix': '203.0.113.9/32', 'via': '172.16.2.2'}" });
	CU_ASSERT(lab_add_neighbour("r", "u", IP(172, 16, 2, 2), STRANGE_MAC) == 0);
	for (unsigned int i = 0; i < 100; i++)
		pair_inject(&packet);
	lab_pump();
	CU_ASSERT(lab_dropped("r", VR_DROP_TUNNEL_LOOP) == 100);
	lab_expect_nothing();
}

/* Packets in packets in packets: some levels are taken off, more are not. */
static void
test_matryoshka(void)
{
	static struct frame inner, frame, expected;
	static uint8_t data[FRAME_MAX];
	struct ipv4 packet = pair_packet_back();
	struct ipv4 outer = { .ethernet = { WAN_MAC, GATEWAY_MAC },
		.source = END_IP,
		.destination = WAN_IP,
		.ttl = 61,
		.protocol = 4,
		.payload = data };

	tube_open((struct tube){ .type = TUBE_IPIP });
	frame_ipv4(&inner, &packet);
	packet.ethernet = pair_to_host();
	packet.ttl--;
	frame_ipv4(&expected, &packet);
	for (unsigned int levels = 1; levels <= 40; levels++) {
		uint64_t dropped = lab_dropped("r", VR_DROP_TUNNEL_LOOP);

		memcpy(data, inner.bytes + 14, inner.length - 14);
		outer.length = inner.length - 14;
		frame_ipv4(&frame, &outer);
		lab_inject(WAN, &frame);
		lab_pump();
		if (levels <= TUNNEL_LEVELS_MAX)
			lab_expect(LAN, &expected);
		else
			CU_ASSERT(lab_dropped("r", VR_DROP_TUNNEL_LOOP) == dropped + 1);
		lab_expect_nothing();
		inner = frame;
	}
}

#define ELSEWHERE \
	", {'name': 'inside', %s 'icmp_rate': 10000000, 'interfaces': [" \
	"   {'name': 'lan', 'port': 'p0', 'mac': '02:00:00:00:00:51', 'vlan': 5," \
	"    'addresses': ['10.0.5.1/24', '2001:db8:5::1/64']}," \
	"   {'name': 't5', 'tunnel': {'type': 'gre', 'key': 5, 'router': 'r'," \
	"     'local': '192.0.2.1', 'remote': '203.0.113.9'}," \
	"    'addresses': ['172.16.5.1/30', 'fd00:5::1/64']}]," \
	"  'routes': [{'prefix': '198.18.0.0/15', 'via': '172.16.5.2'}]," \
	"  'neighbours': [{'interface': 'lan', 'address': '10.0.5.2'," \
	"    'mac': '02:00:00:00:05:02'}]}"

static struct vr_interface *
inside(void)
{
	return (struct vr_interface *)(uintptr_t)vr_interface_find(lab_router("inside")->vr, "t5");
}

static void
expect_inside(const struct ipv4 *packet)
{
	static struct frame inner, sent, wrapped;
	static uint8_t data[FRAME_MAX] = { 0x20, 0, 8, 0, 0, 0, 0, 5 };
	struct ipv4 outer = { .ethernet = pair_to_gateway(),
		.source = WAN_IP,
		.destination = END_IP,
		.ttl = 64,
		.protocol = 47,
		.fragment = FRAGMENT_DONT,
		.payload = data };

	inner4(&inner, packet);
	memcpy(data + 8, inner.bytes + frame_l3(&inner), inner.length - frame_l3(&inner));
	outer.length = 8 + inner.length - frame_l3(&inner);
	frame_ipv4(&wrapped, &outer);
	CU_ASSERT_FATAL(lab_take(WAN, &sent));
	if (!frame_equal(&sent, &wrapped)) {
		frame_dump("sent", &sent);
		frame_dump("expected", &wrapped);
	}
	CU_ASSERT(frame_equal(&sent, &wrapped));
}

static void
inject_inside(const struct ipv4 *packet)
{
	static struct frame inner, frame;
	static uint8_t data[FRAME_MAX] = { 0x20, 0, 8, 0, 0, 0, 0, 5 };
	struct ipv4 outer = { .ethernet = { WAN_MAC, GATEWAY_MAC },
		.source = END_IP,
		.destination = WAN_IP,
		.ttl = 60,
		.protocol = 47,
		.payload = data };

	frame_ipv4(&inner, packet);
	memcpy(data + 8, inner.bytes + frame_l3(&inner), inner.length - frame_l3(&inner));
	outer.length = 8 + inner.length - frame_l3(&inner);
	frame_ipv4(&frame, &outer);
	lab_inject(WAN, &frame);
}

static struct ipv4
packet_inside(uint32_t total)
{
	struct ipv4 packet = long_packet(total);

	packet.ethernet =
		(struct ethernet){ UINT64_C(0x020000000051), UINT64_C(0x020000000502), 5 };
	packet.source = IP(10, 0, 5, 2);
	return packet;
}

static void
inject_lan(const struct ipv4 *packet)
{
	static struct frame frame;

	frame_ipv4(&frame, packet);
	lab_inject(LAN, &frame);
	lab_pump();
}

static void
test_elsewhere(void)
{
	char routers[2000];
	struct ipv4 packet = packet_inside(100), back = pair_packet_back();
	static struct frame expected, sent;
	struct vr_interface_counters counters;

	snprintf(routers, sizeof(routers), ELSEWHERE, "");
	tube_open((struct tube){ .type = TUBE_GRE, .routers = routers });
	CU_ASSERT(inside()->up);
	inject_lan(&packet);
	expect_inside(&packet);
	lab_expect_nothing();
	CU_ASSERT(lab_stats("inside").received == 1 && lab_stats("inside").forwarded == 1);
	CU_ASSERT(lab_stats("r").received == 1 && lab_stats("r").forwarded == 1);
	back.destination = IP(10, 0, 5, 2);
	inject_inside(&back);
	lab_pump();
	back.ethernet = (struct ethernet){ UINT64_C(0x020000000502), UINT64_C(0x020000000051), 5 };
	back.ttl--;
	frame_ipv4(&expected, &back);
	lab_expect(LAN, &expected);
	lab_expect_nothing();
	CU_ASSERT(lab_stats("r").received == 2 && lab_stats("r").tunnelled == 1);
	interface_stats_read(lab_router("inside"), inside()->index, &counters);
	CU_ASSERT(counters.tx_packets == 1 && counters.tx_bytes == 100);
	CU_ASSERT(counters.rx_packets == 1 && counters.rx_bytes == 46);
	/* News of the way come to the outer router. */
	packet = packet_inside(1300);
	inject_lan(&packet);
	CU_ASSERT_FATAL(lab_take(WAN, &sent));
	tell(&sent, 3, 4, 1400, 64);
	CU_ASSERT(inside()->mtu == 1400 - 28);
	packet = packet_inside(1400);
	packet.fragment = FRAGMENT_DONT;
	inject_lan(&packet);
	CU_ASSERT(lab_dropped("inside", VR_DROP_MTU) == 1);
	lab_discard();
	/* No way in the outer router. */
	CU_ASSERT(lab_delete_route("r", IP(203, 0, 113, 0), 24) == 0);
	packet = packet_inside(100);
	inject_lan(&packet);
	CU_ASSERT(lab_dropped("r", VR_DROP_TUNNEL_ROUTE) == 1);
	lab_expect_nothing();
}

/* The outer interface takes less: the outer router finds out, the tunnel's knows. */
static void
test_short_way_elsewhere(void)
{
	char routers[2000];
	struct ipv4 packet = packet_inside(1400);

	snprintf(routers, sizeof(routers), ELSEWHERE, "");
	tube_open((struct tube){ .type = TUBE_GRE, .routers = routers, .wan_mtu = 1400 });
	inject_lan(&packet);
	CU_ASSERT(lab_dropped("r", VR_DROP_MTU) == 1);
	CU_ASSERT(inside()->mtu == 1400 - 28);
	inject_lan(&packet);
	CU_ASSERT(lab_waiting(WAN) == 2);
	lab_discard();
}

/* The outer router goes and comes, the inner one too, in between packets. */
static void
test_come_and_go(void)
{
	char routers[2000];
	struct ipv4 packet = packet_inside(100), back = pair_packet_back();

	snprintf(routers, sizeof(routers), ELSEWHERE, "");
	tube_open((struct tube){ .type = TUBE_GRE, .routers = routers });
	back.destination = IP(10, 0, 5, 2);
	/* Those on their way between the two are lost, and counted. */
	lab_freeze(true);
	for (unsigned int i = 0; i < 40; i++)
		inject_inside(&back);
	lab_pass(0);
	CU_ASSERT(lab_delete_router("inside") == 0);
	lab_freeze(false);
	lab_pump();
	lab_discard();
	inject_inside(&back);
	lab_pump();
	CU_ASSERT(lab_dropped("r", VR_DROP_LOCAL_PROTOCOL) == 1);
	lab_discard();
	CU_ASSERT(lab_add_router("%s", routers + 2) == 0);
	lab_settle();
	CU_ASSERT(inside()->up);
	inject_lan(&packet);
	expect_inside(&packet);
	/* Without the outer one the interface is down, and routes out of it. */
	for (unsigned int i = 0; i < 40; i++) {
		static struct frame frame;

		frame_ipv4(&frame, &packet);
		lab_inject(LAN, &frame);
	}
	lab_pass(0);
	CU_ASSERT(lab_delete_router("r") == 0);
	lab_pump();
	lab_advance(LAB_SECOND);
	CU_ASSERT(!inside()->up);
	lab_discard();
	inject_lan(&packet);
	CU_ASSERT(lab_dropped("inside", VR_DROP_NO_ROUTE) >= 1);
	lab_discard();
	CU_ASSERT(lab_add_router("{'name': 'r', 'interfaces': [{'name': 'wan', 'port': 'p1',"
				 " 'mac': '02:00:00:00:00:02', 'addresses': ['192.0.2.1/24']}],"
				 " 'routes': [{'prefix': '203.0.113.0/24', 'via': '192.0.2.2'}],"
				 " 'neighbours': [{'interface': 'wan', 'address': '192.0.2.2',"
				 "  'mac': '02:00:00:00:02:02'}]}") == 0);
	lab_settle();
	CU_ASSERT(inside()->up);
	inject_lan(&packet);
	expect_inside(&packet);
	lab_expect_nothing();
}

/* Each on its own worker. */
static void
test_workers(void)
{
	struct ipv4 packet = packet_inside(100), back = pair_packet_back();

	lab_open(2,
		"{'ports': [{'name': 'p0', 'device': 'net_ring_p0', 'lcore': 0},"
		"  {'name': 'p1', 'device': 'net_ring_p1', 'lcore': 1}],"
		" 'routers': [{'name': 'r', 'lcore': 1, 'interfaces': [{'name': 'wan',"
		"   'port': 'p1', 'mac': '02:00:00:00:00:02', 'addresses': ['192.0.2.1/24']}],"
		"  'routes': [{'prefix': '203.0.113.0/24', 'via': '192.0.2.2'}],"
		"  'neighbours': [{'interface': 'wan', 'address': '192.0.2.2',"
		"   'mac': '02:00:00:00:02:02'}]}" ELSEWHERE "]}",
		"'lcore': 0,");
	back.destination = IP(10, 0, 5, 2);
	for (unsigned int i = 0; i < 300; i++) {
		static struct frame frame;

		frame_ipv4(&frame, &packet);
		lab_inject(LAN, &frame);
		inject_inside(&back);
	}
	lab_pump();
	CU_ASSERT(lab_waiting(WAN) + lab_stats("r").dropped[VR_DROP_FIFO_FULL] +
			  lab_stats("inside").dropped[VR_DROP_FIFO_FULL] + lab_waiting(LAN) ==
		  600);
	CU_ASSERT(lab_waiting(WAN) > 100 && lab_waiting(LAN) > 100);
	lab_discard();
}

/* Taken down, a tunnel takes nothing, and nothing goes into it. */
static void
test_down(void)
{
	static struct frame inner;
	struct ipv4 packet = pair_packet(), back = pair_packet_back();

	tube_open((struct tube){ .type = TUBE_IPIP });
	CU_ASSERT(vrouter_set_interface(lab.vrouter, lab_router("r"), "t", false, stderr) == 0);
	lab_pump();
	frame_ipv4(&inner, &back);
	tube_inject(&BACK, &inner);
	lab_pump();
	CU_ASSERT(lab_dropped("r", VR_DROP_LOCAL_PROTOCOL) == 1);
	lab_discard();
	pair_inject(&packet);
	lab_pump();
	CU_ASSERT(lab_dropped("r", VR_DROP_NO_ROUTE) == 1);
	lab_discard();
	CU_ASSERT(vrouter_set_interface(lab.vrouter, lab_router("r"), "t", true, stderr) == 0);
	pair_inject(&packet);
	lab_pump();
	inner4(&inner, &packet);
	tube_expect(&OUT, &inner);
}

CU_TestInfo tunnel_ways_tests[] = {
	{ "MTU of a tunnel", test_mtu },
	{ "path MTU: told of, and forgotten", test_path_mtu },
	{ "errors about outer packets, and about others", test_errors_outside },
	{ "an outer way that takes less", test_short_way },
	{ "no outer way", test_no_way },
	{ "the outer next hop is waited for", test_waiting },
	{ "several outer ways", test_several_ways },
	{ "fragments of outer packets", test_fragments_outside },
	{ "buffers with little room", test_headroom },
	{ "a tunnel in a tunnel", test_nested },
	{ "tunnels that lead into each other", test_loops },
	{ "packets in packets in packets", test_matryoshka },
	{ "the outer look-up in another router", test_elsewhere },
	{ "an outer way that takes less, in another router", test_short_way_elsewhere },
	{ "routers with tunnels come and go", test_come_and_go },
	{ "a tunnel between two workers", test_workers },
	{ "a tunnel taken down", test_down },
	CU_TEST_INFO_NULL,
};
