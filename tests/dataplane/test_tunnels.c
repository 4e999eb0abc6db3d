/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <string.h>

#include "tests.h"
#include "tube.h"
#include "vrf/pipeline.h"
#include "vrf/tunnel.h"

/* What goes into a tunnel and what comes out of it, byte by byte. */

static const struct tube_header OUT = { .ttl = 64 };
static const struct tube_header BACK = { .back = true, .ttl = 61, .source_port = 50000 };

/* From the host, one hop less, to the far host; the L2 header does not matter. */
static void
inner4(struct frame *frame, const struct ipv4 *ipv4)
{
	struct ipv4 inner = *ipv4;

	inner.ttl--;
	inner.padding = 0;
	frame_ipv4(frame, &inner);
}

static void
inner6(struct frame *frame, const struct ipv6 *ipv6)
{
	struct ipv6 inner = *ipv6;

	inner.hop_limit--;
	inner.padding = 0;
	frame_ipv6(frame, &inner);
}

/* A packet from the far host to the host, and the frame that it becomes. */
static void
back4(struct frame *inside, struct frame *expected)
{
	struct ipv4 packet = pair_packet_back();

	frame_ipv4(inside, &packet);
	packet.ethernet = pair_to_host();
	packet.ttl--;
	frame_ipv4(expected, &packet);
}

static void
back6(struct frame *inside, struct frame *expected)
{
	struct ipv6 packet = pair_packet6_back();

	frame_ipv6(inside, &packet);
	packet.ethernet = pair_to_host();
	packet.hop_limit--;
	frame_ipv6(expected, &packet);
}

static void
passes_both_ways(void)
{
	static struct frame inner, expected;
	struct ipv4 packet4 = pair_packet();
	struct ipv6 packet6 = pair_packet6();
	struct vr_interface_counters counters;

	pair_inject(&packet4);
	lab_pump();
	inner4(&inner, &packet4);
	tube_expect(&OUT, &inner);
	pair_inject6(&packet6);
	lab_pump();
	inner6(&inner, &packet6);
	tube_expect(&OUT, &inner);
	lab_expect_nothing();
	back4(&inner, &expected);
	tube_inject(&BACK, &inner);
	lab_pump();
	lab_expect(LAN, &expected);
	back6(&inner, &expected);
	tube_inject(&BACK, &inner);
	lab_pump();
	lab_expect(LAN, &expected);
	lab_expect_nothing();
	CU_ASSERT(lab_stats("r").forwarded == 4);
	interface_stats_read(lab_router("r"), tube_interface()->index, &counters);
	CU_ASSERT(counters.rx_packets == 2);
}

static void
test_types(void)
{
	for (unsigned int type = 0; type < TUBE_TYPES; type++)
		for (unsigned int outer6 = 0; outer6 < 2; outer6++) {
			tube_open((struct tube){ .type = type, .outer6 = outer6 });
			passes_both_ways();
			lab_close();
		}
}

/*
 * Elements see inner packets as they leave by the tunnel and as they come by it, and the outer ones
 * that come; those that leave are none of theirs.
 */
static void
test_elements(void)
{
	const struct element *element;

	for (unsigned int type = 0; type < TUBE_TYPES; type++)
		for (unsigned int outer6 = 0; outer6 < 2; outer6++) {
			tube_open((struct tube){ .type = type, .outer6 = outer6 });
			CU_ASSERT(lab_set_pipeline("r",
					  "{'ingress': [{'type': 'count', 'name': 'c', 'prefixes':"
					  " ['0.0.0.0/0', '::/0']}], 'egress': ['c']}") == 0);
			passes_both_ways();
			element = pipeline_find(lab_router("r")->vr, "c");
			CU_ASSERT(element_counters(element, ELEMENT_INGRESS).in == 2 + 2 * 2);
			CU_ASSERT(element_counters(element, ELEMENT_EGRESS).in == 2 + 2);
			lab_close();
		}
}

/* Bursts share the look-up, whatever comes between. */
static void
test_burst(void)
{
	static struct frame inner, frame;
	struct vr_interface_counters counters;
	struct ipv4 packet = pair_packet();
	uint32_t bytes = 0;

	tube_open((struct tube){ .type = TUBE_GRE });
	for (unsigned int i = 0; i < 200; i++) {
		packet.id = (uint16_t)i;
		packet.length = i % 50;
		packet.destination = i % 3 == 0 ? IP(192, 0, 2, 2) : FAR_IP;
		pair_inject(&packet);
	}
	lab_pump();
	for (unsigned int i = 0; i < 200; i++) {
		packet.id = (uint16_t)i;
		packet.length = i % 50;
		packet.destination = i % 3 == 0 ? IP(192, 0, 2, 2) : FAR_IP;
		inner4(&inner, &packet);
		if (i % 3 != 0) {
			bytes += 20 + packet.length;
			tube_expect(&OUT, &inner);
			continue;
		}
		pair_forwarded(&frame, &packet);
		lab_expect(WAN, &frame);
	}
	lab_expect_nothing();
	interface_stats_read(lab_router("r"), tube_interface()->index, &counters);
	CU_ASSERT(counters.tx_packets == 133);
	CU_ASSERT(counters.tx_bytes == bytes);
}

/* From the other end itself, from the router itself, and answers to it. */
static void
test_own(void)
{
	static struct frame inner;
	static uint8_t payload[64], answer[64];
	struct ipv4 echo = { .source = TUBE_PEER_IP,
		.destination = TUBE_IP,
		.ttl = 7,
		.protocol = PROTOCOL_ICMP,
		.payload = payload,
		.length = fill_icmp(payload, 8, 0, 0x12345678, NULL, 20) };
	struct ipv4 reply = { .source = TUBE_IP,
		.destination = TUBE_PEER_IP,
		.ttl = 64,
		.protocol = PROTOCOL_ICMP,
		.payload = answer,
		.length = fill_icmp(answer, 0, 0, 0x12345678, NULL, 20) };

	for (unsigned int type = 0; type < TUBE_TYPES; type++) {
		static struct frame sent;

		tube_open((struct tube){ .type = type });
		frame_ipv4(&inner, &echo);
		tube_inject(&BACK, &inner);
		lab_pump();
		/* Its identification is the router's. */
		CU_ASSERT_FATAL(lab_take(WAN, &sent));
		reply.id = frame_get16(&sent, 14 + tube_overhead() + 4);
		frame_ipv4(&inner, &reply);
		CU_ASSERT(sent.length == 14 + tube_overhead() + inner.length - 14);
		CU_ASSERT(memcmp(sent.bytes + sent.length - (inner.length - 14), inner.bytes + 14,
				  inner.length - 14) == 0);
		CU_ASSERT(lab_stats("r").answered == 1);
		lab_expect_nothing();
		lab_close();
	}
}

/* A link-local next hop leads into the tunnel, and its answers do. */
static void
test_link_local(void)
{
	static struct frame inner, sent;
	static uint8_t payload[64];
	struct ipv6 packet = pair_packet6();
	struct ipv6 echo = { .source = ip6("fe80::5:5"),
		.destination = ip6("fe80::c000:201"),
		.hop_limit = 64,
		.next_header = PROTOCOL_ICMP6,
		.payload = payload };

	tube_open((struct tube){ .type = TUBE_IPIP,
		.routes = ", {'prefix': '2001:db8:5::/48', 'via': 'fe80::5:5%t'}" });
	packet.destination = ip6("2001:db8:5::5");
	pair_inject6(&packet);
	lab_pump();
	inner6(&inner, &packet);
	tube_expect(&OUT, &inner);
	/* The tunnel's own is that of RFC 4213 3.7. */
	echo.length = fill_icmp6(payload, &echo, 128, 0, 1, NULL, 8);
	frame_ipv6(&inner, &echo);
	tube_inject(&BACK, &inner);
	lab_pump();
	CU_ASSERT_FATAL(lab_take(WAN, &sent));
	CU_ASSERT(frame_get16(&sent, 14 + 20 + 40) == 0x8100);
	CU_ASSERT(memcmp(sent.bytes + 14 + 20 + 24, echo.source.bytes, 16) == 0);
	lab_expect_nothing();
}

/* Neighbour discovery on a point to point tunnel: probes are answered, nothing is learnt. */
static void
test_no_neighbours(void)
{
	static struct frame inner, sent;
	struct nd probe = { .source = TUBE_PEER_IP6,
		.destination = TUBE_IP6,
		.type = ND_SOLICITATION,
		.target = TUBE_IP6 };
	uint32_t n;

	tube_open((struct tube){ .type = TUBE_GRE });
	n = lab_router("r")->vr->n_neighbours;
	frame_nd(&inner, &probe);
	tube_inject(&BACK, &inner);
	probe.option = ND_SOURCE;
	probe.mac = STRANGE_MAC;
	probe.source = ip6("fd00:77::3");
	frame_nd(&inner, &probe);
	tube_inject(&BACK, &inner);
	lab_pump();
	for (unsigned int i = 0; i < 2; i++) {
		CU_ASSERT_FATAL(lab_take(WAN, &sent));
		/* Without an option: there is no address of the link. */
		CU_ASSERT(sent.length == 14 + 20 + 4 + 40 + 24);
		CU_ASSERT(sent.bytes[14 + 20 + 4 + 40] == ND_ADVERTISEMENT);
	}
	lab_expect_nothing();
	CU_ASSERT(lab_router("r")->vr->n_neighbours == n);
	CU_ASSERT(lab_add_neighbour("r", "t", TUBE_PEER_IP, STRANGE_MAC) == -EINVAL);
	CU_ASSERT(strstr(lab_error(), "point to point") != NULL);
	CU_ASSERT(lab_delete_neighbour("r", TUBE_PEER_IP) == -EPERM);
	/* The last route takes it along. */
	CU_ASSERT(lab_delete_route("r", IP(198, 18, 0, 0), 15) == 0);
	lab_pump();
	CU_ASSERT(lab_router("r")->vr->n_neighbours == n - 1);
	CU_ASSERT(lab_add_route("r", IP(198, 18, 0, 0), 15, TUBE_PEER_IP) == 0);
}

/* Nothing is sent to and fro between the ends (RFC 4443 3.1). */
static void
test_ping_pong(void)
{
	static struct frame inner, sent;
	struct ipv6 packet = pair_packet6();

	tube_open((struct tube){ .type = TUBE_IPIP });
	packet.source = TUBE_PEER_IP6;
	packet.destination = ip6("fd00:77::1234");
	frame_ipv6(&inner, &packet);
	tube_inject(&BACK, &inner);
	lab_pump();
	CU_ASSERT(lab_dropped("r", VR_DROP_UNREACHABLE) == 1);
	CU_ASSERT_FATAL(lab_take(WAN, &sent));
	CU_ASSERT(frame_get16(&sent, 14 + 20 + 40) == 0x0103);
	lab_expect_nothing();
	/* Others go back, without a redirect. */
	packet.destination = FAR_IP6;
	frame_ipv6(&inner, &packet);
	tube_inject(&BACK, &inner);
	lab_pump();
	inner6(&inner, &packet);
	tube_expect(&OUT, &inner);
	lab_expect_nothing();
}

static void
test_ttl(void)
{
	static struct frame inner;
	struct ipv4 packet4 = pair_packet();
	struct ipv6 packet6 = pair_packet6();
	struct tube_header header = OUT;

	for (unsigned int outer6 = 0; outer6 < 2; outer6++) {
		tube_open((struct tube){
			.type = TUBE_GRE, .outer6 = outer6, .members = "'ttl': 'inherit'," });
		packet4.ttl = 33;
		packet6.hop_limit = 44;
		pair_inject(&packet4);
		pair_inject6(&packet6);
		lab_pump();
		inner4(&inner, &packet4);
		header.ttl = 32;
		tube_expect(&header, &inner);
		inner6(&inner, &packet6);
		header.ttl = 43;
		tube_expect(&header, &inner);
		lab_close();
		tube_open((struct tube){
			.type = TUBE_VXLAN, .outer6 = outer6, .members = "'ttl': 255," });
		packet4.ttl = 2;
		pair_inject(&packet4);
		lab_pump();
		inner4(&inner, &packet4);
		header.ttl = 255;
		tube_expect(&header, &inner);
		packet4.ttl = 1;
		pair_inject(&packet4);
		lab_pump();
		CU_ASSERT(lab_dropped("r", VR_DROP_TTL) == 1);
		lab_discard();
		lab_close();
	}
}

static void
test_dscp(void)
{
	static struct frame inner;
	struct ipv4 packet4 = pair_packet();
	struct ipv6 packet6 = pair_packet6();
	struct tube_header header = OUT;

	for (unsigned int i = 0; i < 4; i++) {
		bool inherit = i < 2;

		tube_open((struct tube){ .type = i % 2 == 0 ? TUBE_IPIP : TUBE_VXLAN,
			.outer6 = i % 2 == 0,
			.members = inherit ? "" : "'dscp': 46," });
		for (unsigned int tos = 0; tos < 256; tos++) {
			header.tos = (uint8_t)(inherit ? tos : 46 << 2 | (tos & 3));
			packet4.tos = (uint8_t)tos;
			packet6.traffic_class = (uint8_t)tos;
			pair_inject(&packet4);
			pair_inject6(&packet6);
			lab_pump();
			inner4(&inner, &packet4);
			tube_expect(&header, &inner);
			inner6(&inner, &packet6);
			tube_expect(&header, &inner);
		}
		lab_close();
	}
}

/* RFC 6040 4.2, figure 4, as it stands there; 4 is "drop". */
static void
test_ecn(void)
{
	enum {
		NOT,
		ECT1,
		ECT0,
		CE,
		DROP
	};
	static const uint8_t table[4][4] = {
		/* outer:   Not   ECT(1) ECT(0) CE */
		[NOT] = { NOT, NOT, NOT, DROP },
		[ECT1] = { ECT1, ECT1, ECT1, CE },
		[ECT0] = { ECT0, ECT1, ECT0, CE },
		[CE] = { CE, CE, CE, CE },
	};
	static struct frame inner, expected;
	struct tube_header header = BACK;
	uint64_t dropped = 0;

	for (unsigned int type = 0; type < TUBE_TYPES; type++) {
		tube_open((struct tube){ .type = type, .outer6 = type % 2 });
		dropped = 0;
		for (unsigned int i = 0; i < 16; i++) {
			uint8_t in = (uint8_t)(i / 4), out = (uint8_t)(i % 4);
			struct ipv4 packet4 = pair_packet_back();
			struct ipv6 packet6 = pair_packet6_back();

			header.tos = 0x50 | out;
			packet4.tos = packet6.traffic_class = 0xa8 | in;
			packet6.flow_label = 0xabcde;
			frame_ipv4(&inner, &packet4);
			tube_inject(&header, &inner);
			frame_ipv6(&inner, &packet6);
			tube_inject(&header, &inner);
			lab_pump();
			dropped += table[in][out] == DROP ? 2 : 0;
			CU_ASSERT(lab_dropped("r", VR_DROP_TUNNEL_ECN) == dropped);
			if (table[in][out] == DROP)
				continue;
			packet4.ethernet = packet6.ethernet = pair_to_host();
			packet4.tos = packet6.traffic_class = 0xa8 | table[in][out];
			packet4.ttl--;
			packet6.hop_limit--;
			frame_ipv4(&expected, &packet4);
			lab_expect(LAN, &expected);
			frame_ipv6(&expected, &packet6);
			lab_expect(LAN, &expected);
		}
		CU_ASSERT(dropped == 2);
		CU_ASSERT(tube_interface()->tunnel->input_errors == 2);
		lab_expect_nothing();
		lab_close();
	}
}

/* Injects what has this shim, and gives the reason for which it was dropped. */
static enum vr_drop
drop_of(const uint8_t *shim, uint32_t n)
{
	static struct frame inner, expected;
	struct tube_header header = BACK;
	struct router_stats before = lab_stats("r"), after;
	enum vr_drop reason = VR_DROP_REASONS;

	header.shim = shim;
	header.n_shim = n;
	header.no_checksum = true;
	back4(&inner, &expected);
	tube_inject(&header, &inner);
	lab_pump();
	after = lab_stats("r");
	for (unsigned int i = 0; i < VR_DROP_REASONS; i++)
		if (after.dropped[i] > before.dropped[i])
			reason = i;
	if (reason == VR_DROP_REASONS)
		lab_expect(LAN, &expected);
	lab_discard();
	return reason;
}

#define SHIM(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })

static void
test_gre(void)
{
	static struct frame inner, expected;
	uint8_t shim[16] = { 0xb0, 0, 8, 0, 0, 0, 0, 0, 0, 0xde, 0xca, 0xde, 1, 2, 3, 4 };
	uint32_t sum = 0;

	tube_open((struct tube){ .type = TUBE_GRE });
	CU_ASSERT(drop_of(SHIM(0, 0, 8, 0)) == VR_DROP_REASONS);
	/* Bits 6 to 12 are ignored, those before and the version are not. */
	CU_ASSERT(drop_of(SHIM(0x03, 0xf8, 8, 0)) == VR_DROP_REASONS);
	CU_ASSERT(drop_of(SHIM(0x40, 0, 8, 0)) == VR_DROP_TUNNEL_HEADER);
	CU_ASSERT(drop_of(SHIM(0x08, 0, 8, 0)) == VR_DROP_TUNNEL_HEADER);
	CU_ASSERT(drop_of(SHIM(0x04, 0, 8, 0)) == VR_DROP_TUNNEL_HEADER);
	CU_ASSERT(drop_of(SHIM(0, 1, 8, 0)) == VR_DROP_TUNNEL_HEADER);
	CU_ASSERT(drop_of(SHIM(0, 0, 0x65, 0x58)) == VR_DROP_TUNNEL_PROTOCOL);
	/* A sequence number is passed over. */
	CU_ASSERT(drop_of(SHIM(0x10, 0, 8, 0, 0xff, 0xff, 0xff, 0xff)) == VR_DROP_REASONS);
	/* With a key it is another tunnel's. */
	CU_ASSERT(drop_of(SHIM(0x20, 0, 8, 0, 0, 0xde, 0xca, 0xde)) == VR_DROP_LOCAL_PROTOCOL);
	CU_ASSERT(drop_of(SHIM(0x80, 0, 8, 0, 0x12, 0x34, 0, 0)) == VR_DROP_TUNNEL_CHECKSUM);
	lab_close();

	tube_open((struct tube){ .type = TUBE_GRE_KEY, .outer6 = true });
	CU_ASSERT(drop_of(SHIM(0, 0, 8, 0)) == VR_DROP_LOCAL_PROTOCOL);
	CU_ASSERT(drop_of(SHIM(0x20, 0, 8, 0, 0, 0xde, 0xca, 0xdf)) == VR_DROP_LOCAL_PROTOCOL);
	CU_ASSERT(drop_of(SHIM(0x20, 0, 8, 0, 0, 0xde, 0xca, 0xde)) == VR_DROP_REASONS);
	/* All there can be: checksum, key and sequence number. */
	back4(&inner, &expected);
	for (uint32_t i = 0; i < sizeof(shim); i += 2)
		sum += (uint32_t)(shim[i] << 8 | shim[i + 1]);
	for (uint32_t i = 14; i < inner.length; i += 2)
		sum += (uint32_t)(inner.bytes[i] << 8) +
		       (i + 1 < inner.length ? inner.bytes[i + 1] : 0);
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	shim[4] = (uint8_t)(~sum >> 8);
	shim[5] = (uint8_t)~sum;
	CU_ASSERT(drop_of(shim, sizeof(shim)) == VR_DROP_REASONS);
	shim[15]++;
	CU_ASSERT(drop_of(shim, sizeof(shim)) == VR_DROP_TUNNEL_CHECKSUM);
}

static void
test_vxlan(void)
{
	static struct frame inner, expected, frame;
	struct tube_header header = BACK;
	struct ethernet ethernet = { TUBE_MAC, TUBE_PEER_MAC };
	uint8_t shim[16] = { 0xc3, 0x50, 0x12, 0xb5, 0, 84, 0, 0, 8, 0, 0, 0, 0xde, 0xca, 0xde, 0 };
	uint64_t dropped = 0;

	for (unsigned int outer6 = 0; outer6 < 2; outer6++) {
		tube_open((struct tube){ .type = TUBE_VXLAN, .outer6 = outer6 });
		shim[5] = 16 + 14 + 46;
		shim[8] = 8;
		CU_ASSERT(drop_of(shim, sizeof(shim)) == VR_DROP_REASONS);
		shim[8] = 0xf7;
		CU_ASSERT(drop_of(shim, sizeof(shim)) == VR_DROP_TUNNEL_HEADER);
		shim[8] = 0xff; /* reserved bits are ignored */
		CU_ASSERT(drop_of(shim, sizeof(shim)) == VR_DROP_REASONS);
		shim[14]++;
		CU_ASSERT(drop_of(shim, sizeof(shim)) == VR_DROP_LOCAL_PORT);
		shim[14]--;
		shim[3]++;
		CU_ASSERT(drop_of(shim, sizeof(shim)) == VR_DROP_LOCAL_PORT);
		shim[3]--;
		shim[5]++;
		CU_ASSERT(drop_of(shim, sizeof(shim)) == VR_DROP_TUNNEL_HEADER);
		shim[5] = 15;
		CU_ASSERT(drop_of(shim, sizeof(shim)) == VR_DROP_TUNNEL_HEADER);
		shim[5] = 16 + 14 + 46;
		shim[6] = 0xab;
		CU_ASSERT(drop_of(shim, sizeof(shim)) == VR_DROP_TUNNEL_CHECKSUM);
		shim[6] = 0;
		lab_close();
	}
	/* Frames with a tag, and for others; one for a group of the router's is taken. */
	tube_open((struct tube){ .type = TUBE_VXLAN });
	header.raw = true;
	for (unsigned int i = 0; i < 4; i++) {
		struct ipv4 packet = pair_packet_back();

		packet.ethernet = ethernet;
		if (i == 0)
			packet.ethernet.tag = 5;
		if (i == 1)
			packet.ethernet.outer_tag = 5;
		if (i == 2)
			packet.ethernet.to = STRANGE_MAC;
		if (i == 3)
			packet.ethernet.to = MAC_BROADCAST;
		frame_ipv4(&inner, &packet);
		tube_inject(&header, &inner);
		lab_pump();
		dropped += i < 3;
		CU_ASSERT(lab_dropped("r", VR_DROP_TUNNEL_FRAME) == dropped);
	}
	CU_ASSERT(lab_dropped("r", VR_DROP_L2_GROUP) == 1);
	/* What is behind the datagram is not of it. */
	header.raw = false;
	back4(&inner, &expected);
	tube_wrap(&frame, &header, &inner);
	frame_u32(&frame, 0x55555555);
	frame_set16(&frame, 16, (uint16_t)(frame_get16(&frame, 16) + 4));
	frame_fix_ipv4(&frame, 14);
	lab_inject(WAN, &frame);
	lab_pump();
	lab_expect(LAN, &expected);
	lab_expect_nothing();
}

/* Flows have source ports of their own, each always the same. */
static void
test_source_port(void)
{
	static struct frame sent;
	static uint8_t payload[128];
	struct ipv4 packet = pair_packet();
	uint16_t ports[64];
	unsigned int others = 0;

	tube_open((struct tube){ .type = TUBE_VXLAN });
	packet.payload = payload;
	for (unsigned int i = 0; i < 64; i++) {
		packet.length =
			fill_udp(payload, &packet, (uint16_t)(1000 + i % 32), 53, NULL, 10 + i);
		if (packet.length > 40)
			packet.length = 40;
		pair_inject(&packet);
	}
	lab_pump();
	for (unsigned int i = 0; i < 64; i++) {
		CU_ASSERT_FATAL(lab_take(WAN, &sent));
		ports[i] = frame_get16(&sent, 34);
		CU_ASSERT(ports[i] >= 49152);
		others += ports[i] != ports[0];
		if (i >= 32)
			CU_ASSERT(ports[i] == ports[i - 32]);
	}
	CU_ASSERT(others > 32);
}

/* ARP and ND in a vxlan are as on any link. */
static void
test_vxlan_neighbours(void)
{
	static struct frame inner, sent, expected;
	struct tube_header header = BACK, out = OUT;
	struct arp request = { .ethernet = { MAC_BROADCAST, STRANGE_MAC },
		.operation = ARP_REQUEST,
		.sender_mac = STRANGE_MAC,
		.sender = IP(172, 16, 1, 3),
		.target = IP(172, 16, 1, 1) };
	struct arp reply = { .ethernet = { STRANGE_MAC, TUBE_MAC },
		.operation = ARP_REPLY,
		.sender_mac = TUBE_MAC,
		.sender = IP(172, 16, 1, 1),
		.target_mac = STRANGE_MAC,
		.target = IP(172, 16, 1, 3) };
	struct arp question = { .ethernet = { MAC_BROADCAST, TUBE_MAC },
		.operation = ARP_REQUEST,
		.sender_mac = TUBE_MAC,
		.sender = IP(172, 16, 1, 1),
		.target = IP(172, 16, 1, 4) };
	struct arp answer = { .ethernet = { TUBE_MAC, STRANGE_MAC },
		.operation = ARP_REPLY,
		.sender_mac = STRANGE_MAC,
		.sender = IP(172, 16, 1, 4),
		.target_mac = TUBE_MAC,
		.target = IP(172, 16, 1, 1) };
	struct ipv4 packet = pair_packet();

	tube_open((struct tube){ .type = TUBE_VXLAN,
		.interfaces =
			", {'name': 't2', 'mac': '02:00:00:00:00:77', 'tunnel': {'type': 'vxlan',"
			"  'vni': 5, 'local': '192.0.2.1', 'remote': '203.0.113.9'},"
			"  'addresses': ['172.16.1.1/24', 'fd00:78::1/64']}" });
	header.raw = out.raw = true;
	header.shim = (const uint8_t[]){ 0xc3, 0x50, 0x12, 0xb5, 0, 16 + 42, 0, 0, 8, 0, 0, 0, 0, 0,
		5, 0 };
	header.n_shim = 16;
	frame_arp(&inner, &request);
	tube_inject(&header, &inner);
	lab_pump();
	CU_ASSERT_FATAL(lab_take(WAN, &sent));
	frame_arp(&inner, &reply);
	CU_ASSERT(sent.length == 14 + 20 + 16 + inner.length);
	CU_ASSERT(memcmp(sent.bytes + 50, inner.bytes, inner.length) == 0);
	CU_ASSERT(sent.bytes[22] == 64 && sent.bytes[15] == 0);
	/* It asks itself, too, and sends what waited. */
	packet.destination = IP(172, 16, 1, 4);
	pair_inject(&packet);
	lab_pump();
	CU_ASSERT_FATAL(lab_take(WAN, &sent));
	frame_arp(&inner, &question);
	CU_ASSERT(memcmp(sent.bytes + 50, inner.bytes, inner.length) == 0);
	frame_arp(&inner, &answer);
	tube_inject(&header, &inner);
	lab_pump();
	CU_ASSERT_FATAL(lab_take(WAN, &sent));
	packet.ethernet = (struct ethernet){ STRANGE_MAC, TUBE_MAC };
	packet.ttl--;
	frame_ipv4(&expected, &packet);
	CU_ASSERT(sent.length == 50 + expected.length);
	CU_ASSERT(memcmp(sent.bytes + 50, expected.bytes, expected.length) == 0);
	lab_expect_nothing();
}

/* What is inside is judged as what comes by any interface. */
static void
test_malformed_inside(void)
{
	static struct frame inner, frame;

	for (unsigned int type = 0; type < TUBE_TYPES; type++) {
		struct ipv4 packet = pair_packet_back();
		uint32_t start = 14 + 20;

		tube_open((struct tube){ .type = type });
		start = 14 + tube_overhead();
		frame_ipv4(&inner, &packet);
		/* Cut off at each byte. */
		for (uint32_t cut = 0; cut < 20; cut++) {
			tube_wrap(&frame, &BACK, &inner);
			frame.length = start + cut;
			frame_set16(&frame, 16, (uint16_t)(frame.length - 14));
			frame_fix_ipv4(&frame, 14);
			if (type == TUBE_VXLAN)
				frame_set16(&frame, 38, (uint16_t)(frame.length - 34));
			lab_inject(WAN, &frame);
		}
		lab_pump();
		CU_ASSERT(lab_dropped("r", VR_DROP_TRUNCATED) == 20);
		inner.bytes[14] = 0x65;
		tube_inject(&BACK, &inner);
		lab_pump();
		CU_ASSERT(lab_dropped("r", VR_DROP_VERSION) == 1);
		inner.bytes[14] = 0x45;
		inner.bytes[24]++;
		tube_inject(&BACK, &inner);
		lab_pump();
		CU_ASSERT(lab_dropped("r", VR_DROP_CHECKSUM) == 1);
		packet.source = IP(127, 0, 0, 1);
		frame_ipv4(&inner, &packet);
		tube_inject(&BACK, &inner);
		lab_pump();
		CU_ASSERT(lab_dropped("r", VR_DROP_SOURCE) == 1);
		lab_expect_nothing();
		lab_close();
	}
}

/* From others than the other end, to another address of ours, of another protocol: as ever. */
static void
test_unknown(void)
{
	static struct frame inner, expected, frame;

	for (unsigned int type = 0; type < TUBE_TYPES; type++) {
		enum vr_drop reason =
			type == TUBE_VXLAN ? VR_DROP_LOCAL_PORT : VR_DROP_LOCAL_PROTOCOL;

		tube_open((struct tube){ .type = type });
		back4(&inner, &expected);
		tube_wrap(&frame, &BACK, &inner);
		frame.bytes[29]++;
		frame_fix_ipv4(&frame, 14);
		lab_inject(WAN, &frame);
		lab_pump();
		CU_ASSERT(lab_dropped("r", reason) == 1);
		tube_wrap(&frame, &BACK, &inner);
		frame_set16(&frame, 30, 0x0a00);
		frame_set16(&frame, 32, 0x0001);
		frame_fix_ipv4(&frame, 14);
		lab_inject(WAN, &frame);
		lab_pump();
		CU_ASSERT(lab_dropped("r", reason) == 2);
		CU_ASSERT(tube_interface()->tunnel->input_errors == 0);
		/* Both were told of it. */
		CU_ASSERT(lab_stats("r").originated >= 2);
		lab_discard();
		lab_close();
	}
}

CU_TestInfo tunnels_tests[] = {
	{ "both families go through each type over both families", test_types },
	{ "elements see inner packets in both directions", test_elements },
	{ "a burst of packets into a tunnel and beside it", test_burst },
	{ "echo requests out of a tunnel are answered", test_own },
	{ "link-local next hops lead into a tunnel", test_link_local },
	{ "nobody is asked or learnt on a point to point tunnel", test_no_neighbours },
	{ "packets do not go to and fro between the ends", test_ping_pong },
	{ "TTL: the tunnel's or the inner packet's", test_ttl },
	{ "DSCP and ECN into a tunnel", test_dscp },
	{ "ECN out of a tunnel", test_ecn },
	{ "GRE headers", test_gre },
	{ "VXLAN headers and frames", test_vxlan },
	{ "VXLAN source ports tell flows apart", test_source_port },
	{ "ARP in a VXLAN", test_vxlan_neighbours },
	{ "packets that make no sense in a tunnel", test_malformed_inside },
	{ "outer packets of no tunnel", test_unknown },
	CU_TEST_INFO_NULL,
};
