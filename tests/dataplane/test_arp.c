/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * ARP frames that arrive: who is answered, what is learnt, what is refused.
 */

#include "pair.h"
#include "tests.h"

#define PEER_MAC UINT64_C(0x020000000a63)
#define PEER_IP IP(10, 0, 0, 99)

/* The peer asks who has the lan address. */
static struct arp
peer_request(void)
{
	return (struct arp){ .ethernet = { MAC_BROADCAST, PEER_MAC, pair.lan_vlan },
		.operation = ARP_REQUEST,
		.sender_mac = PEER_MAC,
		.sender = PEER_IP,
		.target = LAN_IP };
}

/* The peer tells its MAC to the router. */
static struct arp
peer_reply(void)
{
	return (struct arp){ .ethernet = { LAN_MAC, PEER_MAC, pair.lan_vlan },
		.operation = ARP_REPLY,
		.sender_mac = PEER_MAC,
		.sender = PEER_IP,
		.target_mac = LAN_MAC,
		.target = LAN_IP };
}

static void
arrive(const struct arp *arp)
{
	static struct frame frame;

	frame_arp(&frame, arp);
	lab_inject(LAN, &frame);
	lab_pump();
}

/* Asserts the answer; padding is sent back as long as it came. */
static void
expect_answer(const struct arp *request)
{
	static struct frame expected, sent;
	struct arp answer = { .ethernet = { request->sender_mac, LAN_MAC, pair.lan_vlan },
		.operation = ARP_REPLY,
		.sender_mac = LAN_MAC,
		.sender = request->target,
		.target_mac = request->sender_mac,
		.target = request->sender };

	frame_arp(&expected, &answer);
	CU_ASSERT_FATAL(lab_take(LAN, &sent));
	CU_ASSERT(sent.length == expected.length + request->padding);
	sent.length = expected.length;
	CU_ASSERT(frame_equal(&sent, &expected));
	lab_expect_nothing();
}

static void
arp_drops(const struct arp *arp, enum vr_drop reason)
{
	static struct frame frame;

	frame_arp(&frame, arp);
	pair_drops(LAN, &frame, reason);
}

/* Asserts that a packet to the peer goes out to that MAC at once; 0: that it needs ARP. */
static void
peer_is(uint64_t mac)
{
	static struct frame expected;
	struct ipv4 ipv4 = pair_packet_back();

	ipv4.destination = PEER_IP;
	pair_inject(&ipv4);
	lab_pump();
	if (mac == 0) {
		CU_ASSERT(lab_take(LAN, &expected));
		CU_ASSERT(frame_get16(&expected, frame_l3(&expected) - 2) == ETHERTYPE_ARP);
		return;
	}
	ipv4.ethernet = (struct ethernet){ mac, LAN_MAC, pair.lan_vlan };
	ipv4.ttl--;
	frame_ipv4(&expected, &ipv4);
	lab_expect(LAN, &expected);
	lab_expect_nothing();
}

static void
test_requests_are_answered(void)
{
	static const struct {
		uint16_t vlan;
		uint16_t tag;
		uint32_t padding;
	} cases[] = {
		{ 0, 0, 0 },
		{ 0, 0, 18 },
		{ 0, 0, 200 },
		{ 10, 10, 0 },
		{ 10, 10, 14 },
		{ 10, 0x600a, 18 },
		{ 0, TAG_PRIORITY, 18 },
	};

	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		struct arp request;

		pair_open((struct pair_options){ .lan_vlan = cases[i].vlan });
		request = peer_request();
		request.ethernet.tag = cases[i].tag;
		request.padding = cases[i].padding;
		arrive(&request);
		expect_answer(&request);
		/* It asked in order to send: its own MAC was learnt. */
		peer_is(PEER_MAC);
		/* To us alone, as a probe of an entry that ages. */
		request.ethernet.to = LAN_MAC;
		request.target_mac = LAN_MAC;
		arrive(&request);
		expect_answer(&request);
		CU_ASSERT(lab_stats("r").answered == 2);
		lab_close();
	}
}

static void
test_probes(void)
{
	struct arp probe;

	pair_open((struct pair_options){ 0 });
	probe = peer_request();
	probe.sender = 0;
	arrive(&probe);
	expect_answer(&probe);
	CU_ASSERT(lab_neighbour("r", 0) == NULL);
	CU_ASSERT(lab_router("r")->vr->n_neighbours == 2);
	peer_is(0);
	/* Probes for other addresses are not our business. */
	probe.target = IP(10, 0, 0, 55);
	arrive(&probe);
	lab_expect_nothing();
	CU_ASSERT(lab_stats("r").consumed == 1);
	CU_ASSERT(lab_router("r")->vr->n_neighbours == 3);
}

static void
test_for_others(void)
{
	static const uint32_t targets[] = { IP(10, 0, 0, 3), WAN_IP, FAR_IP, IP(10, 0, 0, 255), 0 };

	pair_open((struct pair_options){ 0 });
	for (unsigned int i = 0; i < RTE_DIM(targets); i++) {
		struct arp request = peer_request();

		request.target = targets[i];
		arrive(&request);
		lab_expect_nothing();
		request = peer_reply();
		request.target = targets[i];
		arrive(&request);
		lab_expect_nothing();
		CU_ASSERT(lab_neighbour("r", PEER_IP) == NULL);
	}
	CU_ASSERT(lab_stats("r").consumed == 2 * RTE_DIM(targets));
}

static void
test_senders_of_elsewhere(void)
{
	static const uint32_t senders[] = { IP(10, 0, 1, 2), FAR_IP, GATEWAY_IP,
		IP(255, 255, 255, 255), IP(127, 0, 0, 1), IP(10, 0, 0, 0), IP(10, 0, 0, 255) };

	pair_open((struct pair_options){ 0 });
	for (unsigned int i = 0; i < RTE_DIM(senders); i++) {
		struct arp arp = peer_request();

		arp.sender = senders[i];
		arp_drops(&arp, VR_DROP_ARP_SENDER);
		arp = peer_reply();
		arp.sender = senders[i];
		arp_drops(&arp, VR_DROP_ARP_SENDER);
	}
	CU_ASSERT(lab_router("r")->vr->n_neighbours == 2);
}

static void
test_conflicts(void)
{
	struct arp arp;

	pair_open((struct pair_options){ 0 });
	arp = peer_request();
	arp.sender = LAN_IP;
	arp_drops(&arp, VR_DROP_ARP_CONFLICT);
	arp.target = IP(10, 0, 0, 3);
	arp_drops(&arp, VR_DROP_ARP_CONFLICT);
	arp = peer_reply();
	arp.sender = LAN_IP;
	arp_drops(&arp, VR_DROP_ARP_CONFLICT);
}

/* One field after the other made wrong. */
static void
test_malformed(void)
{
	static const struct {
		uint8_t offset; /* of 16 bits, from the ARP header's start */
		uint16_t value;
	} cases[] = {
		{ 0, 0 },
		{ 0, 6 },
		{ 0, 0x0100 },
		{ 2, ETHERTYPE_ARP },
		{ 2, ETHERTYPE_IPV6 },
		{ 2, 0x0008 },
		{ 4, 0x0604 + 1 },
		{ 4, 0x0704 },
		{ 4, 0x0404 },
		{ 4, 0x0600 },
		{ 6, 0 },
		{ 6, 3 },
		{ 6, 4 },
		{ 6, 0x0100 },
		{ 6, 0xffff },
		/* The sender's MAC a group address. */
		{ 8, 0x0300 },
		{ 8, 0xffff },
		{ 8, 0x0100 },
	};
	static struct frame frame;
	struct arp arp;

	for (unsigned int tagged = 0; tagged < 2; tagged++) {
		pair_open((struct pair_options){ .lan_vlan = tagged ? 10 : 0 });
		for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
			arp = peer_request();
			frame_arp(&frame, &arp);
			frame_set16(&frame, frame_l3(&frame) + cases[i].offset, cases[i].value);
			pair_drops(LAN, &frame, VR_DROP_ARP_INVALID);
		}
		arp = peer_request();
		arp.sender_mac = 0;
		arp_drops(&arp, VR_DROP_ARP_INVALID);
		arp.sender_mac = MAC_BROADCAST;
		arp_drops(&arp, VR_DROP_ARP_INVALID);
		/* Cut off anywhere. */
		arp = peer_request();
		for (uint32_t length = 0; length < 28; length++) {
			frame_arp(&frame, &arp);
			frame.length = frame_l3(&frame) + length;
			pair_drops(LAN, &frame, VR_DROP_ARP_INVALID);
		}
		CU_ASSERT(lab_router("r")->vr->n_neighbours == 2);
		lab_close();
	}
}

static void
test_gratuitous(void)
{
	struct arp arp;

	pair_open((struct pair_options){ 0 });
	for (uint16_t operation = ARP_REQUEST; operation <= ARP_REPLY; operation++) {
		arp = peer_request();
		arp.operation = operation;
		arp.target = PEER_IP;
		arrive(&arp);
		lab_expect_nothing();
		CU_ASSERT(lab_neighbour("r", PEER_IP) == NULL);
	}
	/* Nor is one made of an answer that nobody asked for. */
	arp = peer_reply();
	arrive(&arp);
	CU_ASSERT(lab_neighbour("r", PEER_IP) == NULL);
	/* Known: it tells of a new MAC, by request or reply. */
	arp = peer_request();
	arrive(&arp);
	expect_answer(&arp);
	peer_is(PEER_MAC);
	for (uint16_t operation = ARP_REQUEST; operation <= ARP_REPLY; operation++) {
		arp = peer_request();
		arp.operation = operation;
		arp.sender_mac = STRANGE_MAC + operation;
		arp.ethernet.from = STRANGE_MAC + operation;
		arp.target = PEER_IP;
		arrive(&arp);
		lab_expect_nothing();
		peer_is(STRANGE_MAC + operation);
	}
	/* So does what it asks others. */
	arp = peer_request();
	arp.target = IP(10, 0, 0, 3);
	arrive(&arp);
	peer_is(PEER_MAC);
}

/* While the router asks, only an answer to it completes the entry. */
static void
test_gratuitous_completes_nothing(void)
{
	struct arp arp;

	pair_open((struct pair_options){ 0 });
	peer_is(0);
	arp = peer_request();
	arp.target = PEER_IP;
	arrive(&arp);
	lab_expect_nothing();
	CU_ASSERT(lab_neighbour("r", PEER_IP)->state == NEIGHBOUR_INCOMPLETE);
	arp = peer_reply();
	arrive(&arp);
	CU_ASSERT(lab_neighbour("r", PEER_IP)->state == NEIGHBOUR_REACHABLE);
	CU_ASSERT(lab_waiting(LAN) == 1);
	lab_discard();
}

static void
test_static_stays(void)
{
	struct arp arp;

	pair_open((struct pair_options){ 0 });
	CU_ASSERT(lab_add_neighbour("r", "lan", PEER_IP, STRANGE_MAC) == 0);
	arp = peer_request();
	arrive(&arp);
	expect_answer(&arp);
	peer_is(STRANGE_MAC);
	arp.target = PEER_IP;
	arrive(&arp);
	peer_is(STRANGE_MAC);
	arp = peer_reply();
	arrive(&arp);
	peer_is(STRANGE_MAC);
	for (unsigned int i = 0; i < 10; i++)
		lab_advance(1000 * LAB_SECOND);
	lab_expect_nothing();
	peer_is(STRANGE_MAC);
	CU_ASSERT(lab_neighbour("r", PEER_IP)->state == NEIGHBOUR_STATIC);
}

/*
 * Where one interface's subnet lies within another's, an address belongs to the link of the longer
 * prefix: nobody on the other link may claim it.
 */
static void
test_nested_subnets(void)
{
	struct arp arp;
	static struct frame frame;

	pair_open((struct pair_options){
		.routers =
			", {'name': 'n', 'interfaces': ["
			"  {'name': 'outer', 'port': 'p0', 'vlan': 5, 'mac': '02:00:00:00:00:01',"
			"   'addresses': ['172.16.0.1/16']},"
			"  {'name': 'inner', 'port': 'p1', 'vlan': 5, 'mac': '02:00:00:00:00:02',"
			"   'addresses': ['172.16.1.1/24']}]}" });
	arp = peer_request();
	arp.ethernet.tag = 5;
	arp.target = IP(172, 16, 0, 1);
	arp.sender = IP(172, 16, 1, 77);
	frame_arp(&frame, &arp);
	lab_inject(LAN, &frame);
	lab_pump();
	lab_discard();
	CU_ASSERT(lab_neighbour("n", IP(172, 16, 1, 77)) == NULL);
	/* Nor the router's own address on the other link. */
	arp.sender = IP(172, 16, 1, 1);
	frame_arp(&frame, &arp);
	lab_inject(LAN, &frame);
	lab_pump();
	lab_discard();
	CU_ASSERT(lab_neighbour("n", IP(172, 16, 1, 1)) == NULL);
	/* But an address that is of the outer link alone. */
	arp.sender = IP(172, 16, 2, 77);
	frame_arp(&frame, &arp);
	lab_inject(LAN, &frame);
	lab_pump();
	lab_discard();
	CU_ASSERT(lab_neighbour("n", IP(172, 16, 2, 77)) != NULL);
}

CU_TestInfo arp_tests[] = {
	{ "requests are answered", test_requests_are_answered },
	{ "probes are answered, not learnt", test_probes },
	{ "what is for others", test_for_others },
	{ "senders of other subnets", test_senders_of_elsewhere },
	{ "conflicts", test_conflicts },
	{ "malformed", test_malformed },
	{ "gratuitous ARP updates, but makes nothing", test_gratuitous },
	{ "gratuitous ARP completes nothing", test_gratuitous_completes_nothing },
	{ "static neighbours stay", test_static_stays },
	{ "nested subnets", test_nested_subnets },
	CU_TEST_INFO_NULL,
};
