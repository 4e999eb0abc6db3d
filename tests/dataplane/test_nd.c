/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Neighbour solicitations and advertisements: who is answered, what is learnt, what is refused, and
 * the packets that wait meanwhile.
 */

#include <rte_mempool.h>

#include "pair.h"
#include "tests.h"

#define PEER_MAC UINT64_C(0x020000000a63)
#define PEER_IP6 ip6("2001:db8:a::99")
#define PEER_LINK ip6("fe80::99")
#define ALL_NODES ip6("ff02::1")
#define UNSPECIFIED ip6("::")

static void
open_pair(void)
{
	pair_open((struct pair_options){ .ipv6 = true });
}

/* The peer asks who has `target`. */
static struct nd
solicitation(struct ip6 target)
{
	struct ip6 group = ip6_solicited_node(target);

	return (struct nd){ .ethernet = { ip6_group_mac(group), PEER_MAC, pair.lan_vlan },
		.source = PEER_IP6,
		.destination = group,
		.type = ND_SOLICITATION,
		.target = target,
		.option = ND_SOURCE,
		.mac = PEER_MAC };
}

/* The peer answers the router. */
static struct nd
advertisement(void)
{
	return (struct nd){ .ethernet = { LAN_MAC, PEER_MAC, pair.lan_vlan },
		.source = PEER_IP6,
		.destination = LAN_IP6,
		.type = ND_ADVERTISEMENT,
		.flags = ND_SOLICITED | ND_OVERRIDE,
		.target = PEER_IP6,
		.option = ND_TARGET,
		.mac = PEER_MAC };
}

static void
arrive(const struct nd *nd)
{
	static struct frame frame;

	frame_nd(&frame, nd);
	lab_inject(LAN, &frame);
	lab_pump();
}

static void
nd_drops(const struct nd *nd, enum vr_drop reason)
{
	static struct frame frame;

	frame_nd(&frame, nd);
	pair_drops(LAN, &frame, reason);
}

/* RFC 4861 7.2.4. */
static void
expect_answer(const struct nd *question)
{
	bool probe = ip6_equal(question->source, UNSPECIFIED);
	static struct frame frame;
	struct nd answer = { .ethernet = { probe ? ip6_group_mac(ALL_NODES)
						 : question->ethernet.from,
				     LAN_MAC, pair.lan_vlan },
		.source = question->target,
		.destination = probe ? ALL_NODES : question->source,
		.type = ND_ADVERTISEMENT,
		.flags = ND_ROUTER | ND_OVERRIDE | (probe ? 0 : ND_SOLICITED),
		.target = question->target,
		.option = ND_TARGET,
		.mac = LAN_MAC };

	frame_nd(&frame, &answer);
	lab_expect(LAN, &frame);
	lab_expect_nothing();
}

/* The router's question for the peer, to all or to it alone. */
static void
expect_question(struct ip6 target, bool unicast)
{
	struct ip6 group = ip6_solicited_node(target);
	static struct frame frame;
	struct nd nd = { .ethernet = { unicast ? PEER_MAC : ip6_group_mac(group), LAN_MAC,
				 pair.lan_vlan },
		.source = LAN_IP6,
		.destination = unicast ? target : group,
		.type = ND_SOLICITATION,
		.target = target,
		.option = ND_SOURCE,
		.mac = LAN_MAC };

	frame_nd(&frame, &nd);
	lab_expect(LAN, &frame);
}

static struct ipv6
packet_to(struct ip6 address, uint32_t flow)
{
	struct ipv6 packet = pair_packet6_back();

	packet.destination = address;
	packet.flow_label = flow;
	return packet;
}

static void
send_to(struct ip6 address, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct ipv6 packet = packet_to(address, i);

		pair_inject6(&packet);
	}
	lab_pump();
}

static void
expect_packet(struct ip6 address, uint32_t flow, uint64_t mac)
{
	static struct frame expected;
	struct ipv6 packet = packet_to(address, flow);

	packet.ethernet = pair_to_host();
	packet.ethernet.to = mac;
	packet.hop_limit--;
	frame_ipv6(&expected, &packet);
	lab_expect(LAN, &expected);
}

static struct neighbour *
peer(void)
{
	return lab_neighbour6("r", "lan", PEER_IP6);
}

/* Asserts that a packet to the peer goes to that MAC at once. */
static void
peer_is(uint64_t mac, enum neighbour_state state)
{
	CU_ASSERT_FATAL(peer() != NULL);
	CU_ASSERT(peer()->state == state);
	send_to(PEER_IP6, 1);
	expect_packet(PEER_IP6, 0, mac);
	lab_expect_nothing();
}

static void
test_answers(void)
{
	static const uint16_t vlans[] = { 0, 10 };

	for (unsigned int i = 0; i < RTE_DIM(vlans); i++) {
		struct ip6 own[3];
		struct nd nd;

		pair_open((struct pair_options){ .ipv6 = true, .lan_vlan = vlans[i] });
		own[0] = LAN_IP6;
		own[1] = ip6_link_local(LAN_MAC);
		for (unsigned int k = 0; k < 2; k++) {
			nd = solicitation(own[k]);
			arrive(&nd);
			expect_answer(&nd);
			/* To us alone, as a probe of an entry that ages; with no option needed. */
			nd.ethernet.to = LAN_MAC;
			nd.destination = own[k];
			nd.option = 0;
			arrive(&nd);
			expect_answer(&nd);
			/* From a link-local address. */
			nd.source = PEER_LINK;
			nd.option = ND_SOURCE;
			arrive(&nd);
			expect_answer(&nd);
			/* Somebody looks whether it is free. */
			nd = solicitation(own[k]);
			nd.source = UNSPECIFIED;
			nd.option = 0;
			arrive(&nd);
			expect_answer(&nd);
		}
		CU_ASSERT(lab_event() == NULL);
		CU_ASSERT(lab_stats("r").answered == 8);
		/* It asked in order to send: it was learnt. */
		peer_is(PEER_MAC, NEIGHBOUR_STALE);
		lab_close();
	}
}

static void
test_for_others(void)
{
	struct ip6 targets[4];

	open_pair();
	targets[0] = ip6("2001:db8:a::3");
	targets[1] = WAN_IP6;
	targets[2] = FAR_IP6;
	targets[3] = ip6_link_local(WAN_MAC);
	for (unsigned int i = 0; i < RTE_DIM(targets); i++) {
		struct nd nd = solicitation(targets[i]);

		/* To a group that the router is in, so that it looks at it. */
		nd.destination = ALL_NODES;
		nd.ethernet.to = ip6_group_mac(ALL_NODES);
		arrive(&nd);
		lab_expect_nothing();
	}
	CU_ASSERT(peer() == NULL);
	CU_ASSERT(lab_stats("r").consumed == RTE_DIM(targets));
	/* A source that is on no subnet of ours. */
	{
		struct nd nd = solicitation(LAN_IP6);

		nd.source = FAR_IP6;
		arrive(&nd);
		lab_expect_nothing();
	}
	CU_ASSERT(lab_neighbour6("r", "lan", FAR_IP6) == NULL);
}

static void
test_malformed(void)
{
	static const uint8_t zero_length[] = { 14, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t too_long[] = { 14, 2, 0, 0, 0, 0, 0, 0 };
	struct nd nd, good;

	open_pair();
	for (unsigned int i = 0; i < 2; i++) {
		good = i == 0 ? solicitation(LAN_IP6) : advertisement();
		for (unsigned int limit = 1; limit < 255; limit += 127) {
			nd = good;
			nd.hop_limit = (uint8_t)limit;
			nd_drops(&nd, VR_DROP_ND_INVALID);
		}
		nd = good;
		nd.code = 1;
		nd_drops(&nd, VR_DROP_ND_INVALID);
		nd = good;
		nd.more = zero_length;
		nd.n_more = sizeof(zero_length);
		nd_drops(&nd, VR_DROP_ND_INVALID);
		nd.more = too_long;
		nd_drops(&nd, VR_DROP_ND_INVALID);
		nd.n_more = 4;
		nd_drops(&nd, VR_DROP_ND_INVALID);
		nd = good;
		nd.target = ip6("ff02::99");
		nd_drops(&nd, VR_DROP_ND_INVALID);
		nd = good;
		nd.mac = MAC_BROADCAST;
		nd_drops(&nd, VR_DROP_ND_INVALID);
	}
	/* A probe has no MAC; an answer to a group is to nobody's question. */
	nd = solicitation(LAN_IP6);
	nd.source = UNSPECIFIED;
	nd_drops(&nd, VR_DROP_ND_INVALID);
	nd = advertisement();
	nd.destination = ALL_NODES;
	nd.ethernet.to = ip6_group_mac(ALL_NODES);
	nd_drops(&nd, VR_DROP_ND_INVALID);
	/* Somebody has our address. */
	nd = solicitation(ip6("2001:db8:a::3"));
	nd.source = LAN_IP6;
	nd.destination = ALL_NODES;
	nd.ethernet.to = ip6_group_mac(ALL_NODES);
	nd_drops(&nd, VR_DROP_ND_CONFLICT);
	CU_ASSERT(peer() == NULL);
}

static void
test_checksum(void)
{
	static struct frame frame;
	struct nd nd;

	open_pair();
	nd = solicitation(LAN_IP6);
	for (uint32_t bit = 0; bit < 8 * 32; bit++) {
		frame_nd(&frame, &nd);
		frame.bytes[14 + 40 + bit / 8] ^= (uint8_t)(1 << bit % 8);
		pair_drops(LAN, &frame, VR_DROP_ICMP_CHECKSUM);
	}
}

static void
test_packets_wait(void)
{
	struct nd nd;

	open_pair();
	send_to(PEER_IP6, 7);
	expect_question(PEER_IP6, false);
	lab_expect_nothing();
	CU_ASSERT(lab_stats("r").waiting == NEIGHBOUR_QUEUE);
	CU_ASSERT(lab_dropped("r", VR_DROP_NEIGHBOUR_QUEUE) == 7 - NEIGHBOUR_QUEUE);
	nd = advertisement();
	arrive(&nd);
	for (uint32_t flow = 0; flow < NEIGHBOUR_QUEUE; flow++)
		expect_packet(PEER_IP6, flow, PEER_MAC);
	lab_expect_nothing();
	peer_is(PEER_MAC, NEIGHBOUR_REACHABLE);
}

static void
test_nobody_answers(void)
{
	static struct frame about;
	struct icmp6_error error;

	open_pair();
	error = (struct icmp6_error){ pair_to_gateway(), WAN_IP6, 1, 3, 0 };
	send_to(PEER_IP6, 2);
	for (unsigned int i = 0; i < NEIGHBOUR_REQUESTS; i++) {
		expect_question(PEER_IP6, false);
		send_to(PEER_IP6, 1);
		lab_expect_nothing();
		lab_advance(NEIGHBOUR_INTERVAL - 1);
		lab_expect_nothing();
		lab_advance(1);
	}
	CU_ASSERT(peer()->state == NEIGHBOUR_FAILED);
	for (uint32_t i = 0; i < NEIGHBOUR_QUEUE; i++) {
		struct ipv6 packet = packet_to(PEER_IP6, i < 2 ? i : 0);

		frame_ipv6(&about, &packet);
		lab_expect_error6(WAN, &error, &about);
	}
	lab_expect_nothing();
	send_to(PEER_IP6, 1);
	{
		struct ipv6 packet = packet_to(PEER_IP6, 0);

		frame_ipv6(&about, &packet);
		lab_expect_error6(WAN, &error, &about);
	}
	lab_advance(NEIGHBOUR_PAUSE);
	CU_ASSERT(peer() == NULL);
}

/* Every state, as RFC 4861 7.3 leads through them. */
static void
test_states(void)
{
	struct nd nd;

	open_pair();
	nd = solicitation(LAN_IP6);
	arrive(&nd);
	lab_discard();
	CU_ASSERT(peer()->state == NEIGHBOUR_STALE);
	peer_is(PEER_MAC, NEIGHBOUR_STALE);
	CU_ASSERT(peer()->state == NEIGHBOUR_DELAY);
	lab_advance(NEIGHBOUR_DELAY_TIME - 1);
	lab_expect_nothing();
	lab_advance(1);
	expect_question(PEER_IP6, true);
	peer_is(PEER_MAC, NEIGHBOUR_PROBE);
	nd = advertisement();
	nd.flags |= ND_ROUTER;
	arrive(&nd);
	CU_ASSERT(peer()->state == NEIGHBOUR_REACHABLE && peer()->is_router);
	lab_advance(NEIGHBOUR_REACHABLE_TIME / 2 - 1);
	CU_ASSERT(peer()->state == NEIGHBOUR_REACHABLE);
	lab_advance(NEIGHBOUR_REACHABLE_TIME + 1);
	CU_ASSERT(peer()->state == NEIGHBOUR_STALE);
	peer_is(PEER_MAC, NEIGHBOUR_STALE);
	lab_advance(NEIGHBOUR_DELAY_TIME);
	for (unsigned int i = 0; i < NEIGHBOUR_REQUESTS; i++) {
		expect_question(PEER_IP6, true);
		lab_expect_nothing();
		lab_advance(NEIGHBOUR_INTERVAL);
	}
	CU_ASSERT(peer()->state == NEIGHBOUR_FAILED);
}

/* RFC 4861 7.2.5, what an advertisement does to a neighbour that is known. */
static void
test_override(void)
{
	struct nd nd;

	open_pair();
	nd = advertisement();
	arrive(&nd);
	CU_ASSERT(peer() == NULL); /* nobody asked, nobody is made */
	nd = solicitation(LAN_IP6);
	arrive(&nd);
	lab_discard();
	nd = advertisement();
	arrive(&nd);
	CU_ASSERT(peer()->state == NEIGHBOUR_REACHABLE);
	/* Another MAC that is not to override: it may be a proxy's. We ask again. */
	nd.flags = 0;
	nd.mac = STRANGE_MAC;
	arrive(&nd);
	peer_is(PEER_MAC, NEIGHBOUR_STALE);
	arrive(&nd);
	CU_ASSERT(peer()->state == NEIGHBOUR_DELAY);
	/* The same MAC, solicited. */
	nd = advertisement();
	nd.flags = ND_SOLICITED;
	arrive(&nd);
	peer_is(PEER_MAC, NEIGHBOUR_REACHABLE);
	/* Announced to all: it has moved. */
	nd = advertisement();
	nd.flags = ND_OVERRIDE;
	nd.mac = STRANGE_MAC;
	nd.destination = ALL_NODES;
	nd.ethernet.to = ip6_group_mac(ALL_NODES);
	arrive(&nd);
	peer_is(STRANGE_MAC, NEIGHBOUR_STALE);
	/* Solicited, without a MAC: what is known is confirmed. */
	nd = advertisement();
	nd.option = 0;
	arrive(&nd);
	peer_is(STRANGE_MAC, NEIGHBOUR_REACHABLE);
	lab_expect_nothing();
}

static void
test_static_stays(void)
{
	struct nd nd;

	open_pair();
	nd = solicitation(LAN_IP6);
	nd.source = HOST_IP6;
	arrive(&nd);
	expect_answer(&nd);
	nd = advertisement();
	nd.source = HOST_IP6;
	nd.target = HOST_IP6;
	arrive(&nd);
	for (unsigned int i = 0; i < 10; i++)
		lab_advance(100 * LAB_SECOND);
	lab_expect_nothing();
	send_to(HOST_IP6, 1);
	expect_packet(HOST_IP6, 0, HOST_MAC);
}

/* RFC 6583: somebody looks for addresses of a /64. Who is known stays known. */
static void
test_sweep(void)
{
	static struct frame frame;
	struct vr *vr;
	uint64_t questions = 0;
	unsigned int most = 0;

	pair_open((struct pair_options){ .ipv6 = true, .more = "'max_neighbours': 100," });
	vr = lab_router("r")->vr;
	for (uint32_t host = 1; host < 20000; host++) {
		struct ip6 address = ip6("2001:db8:a::1:0:0");

		random_bytes(address.bytes + 12, 4);
		if (host % 100 != 0) {
			struct ipv6 packet = packet_to(address, 0);

			pair_inject6(&packet);
			continue;
		}
		lab_advance(LAB_SECOND / 8);
		CU_ASSERT(vr->n_neighbours <= 100 && vr->n_unresolved <= 25);
		CU_ASSERT(vr->n_waiting <= NEIGHBOUR_QUEUE_ALL);
		most = RTE_MAX(most, rte_mempool_in_use_count(lab.vrouter->pool));
		while (lab_take(LAN, &frame))
			questions++;
		lab_discard();
		send_to(HOST_IP6, 1);
		expect_packet(HOST_IP6, 0, HOST_MAC);
		lab_discard();
	}
	CU_ASSERT(most <= NEIGHBOUR_QUEUE_ALL);
	/* 25 s of sweep, no more than 100 questions a second. */
	CU_ASSERT(questions > 0 && questions <= 100 * 26);
	for (unsigned int i = 0; i < 10; i++)
		lab_advance(LAB_SECOND);
	lab_discard();
	CU_ASSERT(vr->n_neighbours == 4 && vr->n_waiting == 0 && vr->n_unresolved == 0);
}

CU_TestInfo nd_tests[] = {
	{ "solicitations are answered", test_answers },
	{ "what is for others", test_for_others },
	{ "malformed", test_malformed },
	{ "checksum", test_checksum },
	{ "packets wait", test_packets_wait },
	{ "nobody answers", test_nobody_answers },
	{ "states", test_states },
	{ "override", test_override },
	{ "static neighbours stay", test_static_stays },
	{ "a sweep of a /64", test_sweep },
	CU_TEST_INFO_NULL,
};
