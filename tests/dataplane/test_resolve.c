/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Resolving, ageing and forgetting neighbours, and the packets that wait meanwhile.
 */

#include <stdio.h>

#include <rte_mempool.h>

#include "pair.h"
#include "tests.h"

#define PEER_MAC UINT64_C(0x020000000a63)
#define PEER_IP IP(10, 0, 0, 99)
#define TIMEOUT (300 * LAB_SECOND) /* the default */

static struct ipv4
packet_to(uint32_t address, uint16_t id)
{
	struct ipv4 ipv4 = pair_packet_back();

	ipv4.destination = address;
	ipv4.id = id;
	return ipv4;
}

/* Sends packets with ids 0 .. n - 1 to the address. */
static void
send_to(uint32_t address, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct ipv4 ipv4 = packet_to(address, (uint16_t)i);

		pair_inject(&ipv4);
	}
	lab_pump();
}

static void
expect_request(unsigned int port, uint32_t target, uint64_t to)
{
	static struct frame frame;
	struct ethernet ethernet = port == LAN ? pair_to_host() : pair_to_gateway();
	struct arp request = { .ethernet = ethernet,
		.operation = ARP_REQUEST,
		.sender_mac = ethernet.from,
		.sender = port == LAN ? LAN_IP : WAN_IP,
		.target = target };

	request.ethernet.to = to;
	frame_arp(&frame, &request);
	lab_expect(port, &frame);
}

static void
answer(unsigned int port, uint32_t address, uint64_t mac)
{
	static struct frame frame;
	struct ethernet ethernet = port == LAN ? pair_to_host() : pair_to_gateway();
	struct arp arp = { .ethernet = { ethernet.from, mac, ethernet.tag },
		.operation = ARP_REPLY,
		.sender_mac = mac,
		.sender = address,
		.target_mac = ethernet.from,
		.target = port == LAN ? LAN_IP : WAN_IP };

	frame_arp(&frame, &arp);
	lab_inject(port, &frame);
	lab_pump();
}

/* The neighbour asks for the router, whose answer is swallowed: STALE. */
static void
ask(uint32_t address, uint64_t mac)
{
	static struct frame frame;
	struct arp arp = { .ethernet = { MAC_BROADCAST, mac, pair.lan_vlan },
		.operation = ARP_REQUEST,
		.sender_mac = mac,
		.sender = address,
		.target = LAN_IP };

	frame_arp(&frame, &arp);
	lab_inject(LAN, &frame);
	lab_pump();
	CU_ASSERT(lab_take(LAN, &frame) && frame_get16(&frame, frame_l3(&frame) + 6) == ARP_REPLY);
	lab_expect_nothing();
}

/* It asks, and is then known by an answer: REACHABLE. */
static void
meet(uint32_t address, uint64_t mac)
{
	ask(address, mac);
	answer(LAN, address, mac);
}

/* Asserts that packet `id` to the address goes to that MAC. */
static void
expect_packet(uint32_t address, uint16_t id, uint64_t mac)
{
	static struct frame expected;
	struct ipv4 ipv4 = packet_to(address, id);

	ipv4.ethernet = pair_to_host();
	ipv4.ethernet.to = mac;
	ipv4.ttl--;
	frame_ipv4(&expected, &ipv4);
	lab_expect(LAN, &expected);
}

static void
expect_host_unreachable(uint32_t address, uint16_t id)
{
	static struct frame about;
	struct ipv4 ipv4 = packet_to(address, id);
	struct icmp_error error = { pair_to_gateway(), WAN_IP, 3, 1, 0, 0 };

	frame_ipv4(&about, &ipv4);
	lab_expect_error(WAN, &error, &about);
}

static enum neighbour_state
state_of(uint32_t address)
{
	struct neighbour *neighbour = lab_neighbour("r", address);

	CU_ASSERT_FATAL(neighbour != NULL);
	return neighbour->state;
}

static void
test_packets_wait(void)
{
	static const uint16_t vlans[][2] = { { 0, 0 }, { 10, 20 }, { 10, 0 }, { 0, 20 } };

	for (unsigned int v = 0; v < RTE_DIM(vlans); v++) {
		pair_open(
			(struct pair_options){ .lan_vlan = vlans[v][0], .wan_vlan = vlans[v][1] });
		send_to(PEER_IP, 7);
		expect_request(LAN, PEER_IP, MAC_BROADCAST);
		lab_expect_nothing();
		CU_ASSERT(lab_stats("r").waiting == NEIGHBOUR_QUEUE);
		CU_ASSERT(lab_dropped("r", VR_DROP_NEIGHBOUR_QUEUE) == 7 - NEIGHBOUR_QUEUE);
		answer(LAN, PEER_IP, PEER_MAC);
		for (uint16_t id = 0; id < NEIGHBOUR_QUEUE; id++)
			expect_packet(PEER_IP, id, PEER_MAC);
		lab_expect_nothing();
		CU_ASSERT(lab_stats("r").waiting == 0);
		CU_ASSERT(lab_stats("r").forwarded == NEIGHBOUR_QUEUE);
		send_to(PEER_IP, 3);
		for (uint16_t id = 0; id < 3; id++)
			expect_packet(PEER_IP, id, PEER_MAC);
		lab_expect_nothing();
		lab_close();
	}
}

/* However many packets come and however often the control thread looks. */
static void
test_one_request_a_second(void)
{
	uint64_t start;
	unsigned int requests = 0;
	static struct frame frame;

	pair_open((struct pair_options){ 0 });
	start = lab.now;
	while (lab.now < start + 5 * LAB_SECOND / 2) {
		send_to(PEER_IP, 1);
		lab_advance(LAB_SECOND / 20);
		while (lab_take(LAN, &frame))
			requests++;
	}
	CU_ASSERT(requests == NEIGHBOUR_REQUESTS);
	lab_discard();
}

static void
test_nobody_answers(void)
{
	pair_open((struct pair_options){ 0 });
	send_to(PEER_IP, 6);
	for (unsigned int i = 0; i < NEIGHBOUR_REQUESTS; i++) {
		expect_request(LAN, PEER_IP, MAC_BROADCAST);
		lab_expect_nothing();
		CU_ASSERT(state_of(PEER_IP) == NEIGHBOUR_INCOMPLETE);
		lab_advance(NEIGHBOUR_INTERVAL - 1);
		lab_expect_nothing();
		lab_advance(1);
	}
	CU_ASSERT(state_of(PEER_IP) == NEIGHBOUR_FAILED);
	for (uint16_t id = 0; id < NEIGHBOUR_QUEUE; id++)
		expect_host_unreachable(PEER_IP, id);
	lab_expect_nothing();
	CU_ASSERT(lab_dropped("r", VR_DROP_NEIGHBOUR_FAILED) == NEIGHBOUR_QUEUE);
	/* The pause: refused at once, nobody is asked. */
	lab_advance(NEIGHBOUR_PAUSE - 1);
	send_to(PEER_IP, 9);
	for (uint16_t id = 0; id < 9; id++)
		expect_host_unreachable(PEER_IP, id);
	lab_expect_nothing();
	lab_advance(1);
	CU_ASSERT(lab_neighbour("r", PEER_IP) == NULL);
	lab_expect_nothing();
	/* Then it may try again, and now somebody is there. */
	send_to(PEER_IP, 1);
	expect_request(LAN, PEER_IP, MAC_BROADCAST);
	answer(LAN, PEER_IP, PEER_MAC);
	expect_packet(PEER_IP, 0, PEER_MAC);
	lab_expect_nothing();
}

/* An answer that comes during the pause ends it. */
static void
test_late_answer(void)
{
	pair_open((struct pair_options){ 0 });
	send_to(PEER_IP, 1);
	for (unsigned int i = 0; i < NEIGHBOUR_REQUESTS; i++)
		lab_advance(NEIGHBOUR_INTERVAL);
	lab_discard();
	CU_ASSERT(state_of(PEER_IP) == NEIGHBOUR_FAILED);
	answer(LAN, PEER_IP, PEER_MAC);
	send_to(PEER_IP, 1);
	expect_packet(PEER_IP, 0, PEER_MAC);
	lab_advance(NEIGHBOUR_PAUSE);
	CU_ASSERT(state_of(PEER_IP) == NEIGHBOUR_REACHABLE);
	lab_expect_nothing();
}

/* Until the state's next step. */
static uint64_t
time_left(uint32_t address)
{
	return lab_neighbour("r", address)->timer.deadline - lab.now;
}

/* Lets the state last to its end, and asserts that it does, silently. */
static void
outlast(uint32_t address, enum neighbour_state state, enum neighbour_state next)
{
	CU_ASSERT(state_of(address) == state);
	lab_advance(time_left(address) - 1);
	lab_expect_nothing();
	CU_ASSERT(state_of(address) == state);
	lab_advance(1);
	CU_ASSERT(state_of(address) == next);
}

/* RFC 4861 7.3, for ARP. */
static void
test_ageing(void)
{
	pair_open((struct pair_options){ 0 });
	meet(PEER_IP, PEER_MAC);
	for (unsigned int round = 0; round < 3; round++) {
		CU_ASSERT(time_left(PEER_IP) >= NEIGHBOUR_REACHABLE_TIME / 2 &&
			  time_left(PEER_IP) < NEIGHBOUR_REACHABLE_TIME * 3 / 2);
		outlast(PEER_IP, NEIGHBOUR_REACHABLE, NEIGHBOUR_STALE);
		lab_expect_nothing();
		/* The packet that wakes it goes at once, as do those behind it. */
		lab_advance(TIMEOUT / 2);
		send_to(PEER_IP, 2);
		expect_packet(PEER_IP, 0, PEER_MAC);
		expect_packet(PEER_IP, 1, PEER_MAC);
		CU_ASSERT(time_left(PEER_IP) == NEIGHBOUR_DELAY_TIME);
		outlast(PEER_IP, NEIGHBOUR_DELAY, NEIGHBOUR_PROBE);
		/* It is asked alone, and believed meanwhile. */
		for (unsigned int i = 0; i < round; i++) {
			expect_request(LAN, PEER_IP, PEER_MAC);
			outlast(PEER_IP, NEIGHBOUR_PROBE, NEIGHBOUR_PROBE);
		}
		expect_request(LAN, PEER_IP, PEER_MAC);
		send_to(PEER_IP, 1);
		expect_packet(PEER_IP, 0, PEER_MAC);
		answer(LAN, PEER_IP, PEER_MAC);
		CU_ASSERT(state_of(PEER_IP) == NEIGHBOUR_REACHABLE);
		lab_expect_nothing();
	}
	CU_ASSERT(lab_stats("r").forwarded == 9);
}

/* However many packets wake it, they all go, and the control thread is told once. */
static void
test_woken_once(void)
{
	struct rte_ring *punted;

	pair_open((struct pair_options){ 0 });
	punted = lab_router("r")->instance->vr->punt;
	ask(PEER_IP, PEER_MAC);
	for (uint16_t id = 0; id < 40; id++) {
		struct ipv4 ipv4 = packet_to(PEER_IP, id);

		pair_inject(&ipv4);
		for (unsigned int i = 0; i < 4; i++)
			lab_pass(0);
	}
	CU_ASSERT(rte_ring_count(punted) == 1);
	for (uint16_t id = 0; id < 40; id++)
		expect_packet(PEER_IP, id, PEER_MAC);
	CU_ASSERT(state_of(PEER_IP) == NEIGHBOUR_STALE);
	lab_pump();
	CU_ASSERT(state_of(PEER_IP) == NEIGHBOUR_DELAY);
	lab_expect_nothing();
}

/* Used, and gone: asked three times alone, then refused, then forgotten. */
static void
test_gone(void)
{
	pair_open((struct pair_options){ 0 });
	ask(PEER_IP, PEER_MAC);
	send_to(PEER_IP, 1);
	expect_packet(PEER_IP, 0, PEER_MAC);
	outlast(PEER_IP, NEIGHBOUR_DELAY, NEIGHBOUR_PROBE);
	for (unsigned int i = 0; i < NEIGHBOUR_REQUESTS; i++) {
		expect_request(LAN, PEER_IP, PEER_MAC);
		lab_expect_nothing();
		CU_ASSERT(time_left(PEER_IP) == NEIGHBOUR_INTERVAL);
		lab_advance(NEIGHBOUR_INTERVAL);
	}
	CU_ASSERT(state_of(PEER_IP) == NEIGHBOUR_FAILED);
	lab_expect_nothing();
	send_to(PEER_IP, 1);
	expect_host_unreachable(PEER_IP, 0);
	lab_advance(NEIGHBOUR_PAUSE);
	CU_ASSERT(lab_neighbour("r", PEER_IP) == NULL);
}

/* Nobody sends to it: it is never asked, and forgotten in the end. */
static void
test_unused(void)
{
	pair_open((struct pair_options){ 0 });
	meet(PEER_IP, PEER_MAC);
	outlast(PEER_IP, NEIGHBOUR_REACHABLE, NEIGHBOUR_STALE);
	CU_ASSERT(time_left(PEER_IP) == TIMEOUT);
	lab_advance(TIMEOUT - 1);
	CU_ASSERT(state_of(PEER_IP) == NEIGHBOUR_STALE);
	lab_advance(1);
	CU_ASSERT(lab_neighbour("r", PEER_IP) == NULL);
	lab_expect_nothing();
	CU_ASSERT(lab_router("r")->vr->n_neighbours == 2);
}

/* An answer of the neighbour's is a sign of life, asked for or not. */
static void
test_signs_of_life(void)
{
	pair_open((struct pair_options){ 0 });
	meet(PEER_IP, PEER_MAC);
	for (unsigned int i = 0; i < 10; i++) {
		lab_advance(NEIGHBOUR_REACHABLE_TIME / 2 - 1);
		CU_ASSERT(state_of(PEER_IP) == NEIGHBOUR_REACHABLE);
		answer(LAN, PEER_IP, PEER_MAC);
		lab_expect_nothing();
	}
}

/* Behind a gateway nobody has asked for yet. */
static void
test_gateway(void)
{
	static struct frame expected;
	uint32_t gateway = IP(192, 0, 2, 7);

	pair_open((struct pair_options){ .wan_vlan = 20 });
	CU_ASSERT(lab_add_route("r", IP(20, 0, 0, 0), 8, gateway) == 0);
	CU_ASSERT(lab_add_route("r", IP(30, 0, 0, 0), 8, gateway) == 0);
	for (unsigned int round = 0; round < 2; round++) {
		for (uint16_t id = 0; id < 5; id++) {
			struct ipv4 ipv4 = pair_packet();

			ipv4.destination = IP(20 + 10 * (id & 1), id, 3, 4);
			ipv4.id = id;
			pair_inject(&ipv4);
		}
		lab_pump();
		expect_request(WAN, gateway, MAC_BROADCAST);
		lab_expect_nothing();
		CU_ASSERT(lab_stats("r").waiting == NEIGHBOUR_QUEUE);
		answer(WAN, gateway, PEER_MAC);
		for (uint16_t id = 0; id < NEIGHBOUR_QUEUE; id++) {
			struct ipv4 ipv4 = pair_packet();

			ipv4.destination = IP(20 + 10 * (id & 1), id, 3, 4);
			ipv4.id = id;
			ipv4.ttl--;
			ipv4.ethernet = (struct ethernet){ PEER_MAC, WAN_MAC, 20 };
			frame_ipv4(&expected, &ipv4);
			lab_expect(WAN, &expected);
		}
		lab_expect_nothing();
		/* Deleted, it is asked for again: the routes have stayed. */
		CU_ASSERT(lab_delete_neighbour("r", gateway) == 0);
		CU_ASSERT(state_of(gateway) == NEIGHBOUR_INCOMPLETE);
	}
	/* It does not answer: sent back, and asked for again after the pause. */
	for (unsigned int round = 0; round < 2; round++) {
		struct ipv4 ipv4 = pair_packet();

		ipv4.destination = IP(20, 1, 2, 3);
		pair_inject(&ipv4);
		lab_pump();
		for (unsigned int i = 0; i < NEIGHBOUR_REQUESTS; i++) {
			expect_request(WAN, gateway, MAC_BROADCAST);
			lab_advance(NEIGHBOUR_INTERVAL);
		}
		frame_ipv4(&expected, &ipv4);
		lab_expect_error(LAN, (&(struct icmp_error){ pair_to_host(), LAN_IP, 3, 1, 0, 0 }),
			&expected);
		lab_expect_nothing();
		lab_advance(NEIGHBOUR_PAUSE);
		CU_ASSERT(state_of(gateway) == NEIGHBOUR_INCOMPLETE);
	}
	CU_ASSERT(lab_delete_route("r", IP(20, 0, 0, 0), 8) == 0);
	CU_ASSERT(lab_neighbour("r", gateway) != NULL);
	CU_ASSERT(lab_delete_route("r", IP(30, 0, 0, 0), 8) == 0);
	CU_ASSERT(lab_neighbour("r", gateway) == NULL);
}

/* What waits is looked up again when it goes on: the route may lead elsewhere by then. */
static void
test_route_changes_meanwhile(void)
{
	static struct frame expected;
	uint32_t gateway = IP(192, 0, 2, 7);
	struct ipv4 ipv4;

	pair_open((struct pair_options){ 0 });
	ipv4 = pair_packet();
	ipv4.destination = IP(20, 1, 2, 3);
	CU_ASSERT(lab_add_route("r", IP(20, 0, 0, 0), 8, gateway) == 0);
	pair_inject(&ipv4);
	lab_pump();
	expect_request(WAN, gateway, MAC_BROADCAST);
	CU_ASSERT(lab_delete_route("r", IP(20, 0, 0, 0), 8) == 0);
	answer(WAN, gateway, PEER_MAC);
	frame_ipv4(&expected, &ipv4);
	lab_expect_error(
		LAN, (&(struct icmp_error){ pair_to_host(), LAN_IP, 3, 0, 0, 0 }), &expected);
	lab_expect_nothing();
	CU_ASSERT(lab_dropped("r", VR_DROP_NO_ROUTE) == 1);

	CU_ASSERT(lab_delete_neighbour("r", gateway) == 0);
	CU_ASSERT(lab_add_route("r", IP(20, 0, 0, 0), 8, gateway) == 0);
	pair_inject(&ipv4);
	lab_pump();
	expect_request(WAN, gateway, MAC_BROADCAST);
	CU_ASSERT(lab_add_route("r", IP(20, 1, 0, 0), 16, GATEWAY_IP) == 0);
	answer(WAN, gateway, PEER_MAC);
	ipv4.ethernet = pair_to_gateway();
	ipv4.ttl--;
	frame_ipv4(&expected, &ipv4);
	lab_expect(WAN, &expected);
	lab_expect_nothing();
}

static void
test_deletes(void)
{
	pair_open((struct pair_options){ 0 });
	CU_ASSERT(lab_delete_neighbour("r", PEER_IP) < 0);
	send_to(PEER_IP, 3);
	expect_request(LAN, PEER_IP, MAC_BROADCAST);
	CU_ASSERT(lab_delete_neighbour("r", PEER_IP) == 0);
	lab_pump();
	for (uint16_t id = 0; id < 3; id++)
		expect_host_unreachable(PEER_IP, id);
	CU_ASSERT(lab_neighbour("r", PEER_IP) == NULL);
	CU_ASSERT(lab_dropped("r", VR_DROP_NEIGHBOUR_FAILED) == 3);

	meet(PEER_IP, PEER_MAC);
	send_to(PEER_IP, 1);
	expect_packet(PEER_IP, 0, PEER_MAC);
	CU_ASSERT(lab_delete_neighbour("r", PEER_IP) == 0);
	send_to(PEER_IP, 1);
	expect_request(LAN, PEER_IP, MAC_BROADCAST);
	/* Made static while packets wait: they go. */
	CU_ASSERT(lab_add_neighbour("r", "lan", PEER_IP, STRANGE_MAC) == 0);
	lab_pump();
	expect_packet(PEER_IP, 0, STRANGE_MAC);
	CU_ASSERT(lab_delete_neighbour("r", PEER_IP) == 0);
	send_to(PEER_IP, 1);
	expect_request(LAN, PEER_IP, MAC_BROADCAST);
	lab_expect_nothing();
}

/* TTL and MTU are looked at before anybody waits. */
static void
test_what_does_not_wait(void)
{
	struct ipv4 ipv4;

	pair_open((struct pair_options){ .lan_mtu = 1000, .more = "'icmp_rate': 0," });
	ipv4 = packet_to(PEER_IP, 0);
	ipv4.ttl = 1;
	pair_inject(&ipv4);
	ipv4 = packet_to(PEER_IP, 0);
	ipv4.length = 981;
	ipv4.fragment = FRAGMENT_DONT;
	pair_inject(&ipv4);
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(lab_dropped("r", VR_DROP_TTL) == 1 && lab_dropped("r", VR_DROP_MTU) == 1);
	CU_ASSERT(lab_neighbour("r", PEER_IP) == NULL);
}

/*
 * Somebody looks for every address of a /16. What the router holds for it has bounds, and who is
 * known stays known.
 */
static void
test_sweep(void)
{
	unsigned int used, most = 0;
	static struct frame frame;
	uint64_t requests = 0;
	struct vr *vr;

	pair_open((struct pair_options){
		.routers =
			", {'name': 's', 'max_neighbours': 50, 'icmp_rate': 0, 'interfaces': ["
			"  {'name': 'in', 'port': 'p1', 'vlan': 5, 'mac': '02:00:00:00:00:02',"
			"   'addresses': ['192.0.2.1/24']},"
			"  {'name': 'swept', 'port': 'p0', 'vlan': 5, 'mac': '02:00:00:00:00:01',"
			"   'addresses': ['10.1.0.1/16']}],"
			" 'neighbours': [{'interface': 'swept', 'address': '10.1.0.2',"
			"  'mac': '02:00:00:00:0a:02'}]}" });
	vr = lab_router("s")->vr;
	for (uint32_t host = 3; host < 65535; host++) {
		struct ipv4 ipv4 = packet_to(IP(10, 1, 0, 0) + host, 0);

		ipv4.ethernet.tag = 5;
		pair_inject(&ipv4);
		if (host % 256 != 0)
			continue;
		lab_advance(LAB_SECOND / 8);
		CU_ASSERT(vr->n_neighbours <= 50);
		CU_ASSERT(vr->n_waiting <= NEIGHBOUR_QUEUE_ALL);
		used = rte_mempool_in_use_count(lab.vrouter->pool);
		most = RTE_MAX(most, used);
		while (lab_take(LAN, &frame))
			requests++;
		/* The one that is known. */
		ipv4.destination = IP(10, 1, 0, 2);
		pair_inject(&ipv4);
		lab_pump();
		CU_ASSERT(lab_take(LAN, &frame) && frame_get16(&frame, 16) == ETHERTYPE_IPV4);
	}
	CU_ASSERT(most <= NEIGHBOUR_QUEUE_ALL);
	/* 32 s of sweep: no more than 50 neighbours a second ask. */
	CU_ASSERT(requests <= 50 * 33);
	CU_ASSERT(lab_dropped("s", VR_DROP_NEIGHBOUR_LIMIT) + lab_dropped("s", VR_DROP_PUNT_LIMIT) >
		  60000);
	for (unsigned int i = 0; i < 10; i++)
		lab_advance(LAB_SECOND);
	/* One host route, and the subnets' two broadcast addresses each. */
	CU_ASSERT(vr->n_neighbours == 1 && vr->n_waiting == 0 &&
		  vr->n_uncounted[IP_FAMILY_IPV4] == 1u + 2u * vr->n_interfaces);
	lab_discard();
}

/* The control thread was busy for long: hundreds of neighbours have aged when it is back. */
static void
test_all_age_at_once(void)
{
	static struct frame frame;
	unsigned int n = 500;

	pair_open((struct pair_options){ .more = "'max_neighbours': 1000,",
		.routers = ", {'name': 's', 'interfaces': ["
			   "  {'name': 'i', 'port': 'p0', 'vlan': 5, 'mac': '02:00:00:00:00:01',"
			   "   'addresses': ['10.1.0.1/16']}]}" });
	for (unsigned int i = 0; i < n; i++) {
		struct arp arp = { .ethernet = { LAN_MAC, PEER_MAC + i, 5 },
			.operation = ARP_REQUEST,
			.sender_mac = PEER_MAC + i,
			.sender = IP(10, 1, 1, 0) + i,
			.target = IP(10, 1, 0, 1) };

		frame_arp(&frame, &arp);
		lab_inject(LAN, &frame);
		/* A rate limit by the TSC: wait until the learning is done. */
		do {
			lab_pump();
			if (lab_neighbour("s", IP(10, 1, 1, 0) + i) == NULL)
				lab_inject(LAN, &frame);
		} while (lab_neighbour("s", IP(10, 1, 1, 0) + i) == NULL);
	}
	for (unsigned int i = 0; i < n; i++) {
		struct ipv4 ipv4 = packet_to(IP(10, 1, 1, 0) + i, 0);

		ipv4.ethernet = (struct ethernet){ LAN_MAC, HOST_MAC, 5 };
		frame_ipv4(&frame, &ipv4);
		do {
			lab_inject(LAN, &frame);
			lab_pump();
		} while (lab_neighbour("s", IP(10, 1, 1, 0) + i)->state != NEIGHBOUR_DELAY);
	}
	lab_discard();
	lab_advance(NEIGHBOUR_DELAY_TIME);
	/* Every one is asked in time, although not all requests fit the ring at once. */
	for (unsigned int ms = 0; ms < 2000; ms += 10)
		lab_advance(LAB_SECOND / 100);
	for (unsigned int i = 0; i < n; i++) {
		struct neighbour *neighbour = lab_neighbour("s", IP(10, 1, 1, 0) + i);

		CU_ASSERT(neighbour != NULL && neighbour->requests >= 1);
	}
	/* As many requests were sent as are counted, so as many as were seen. */
	unsigned int counted = 0;

	for (unsigned int i = 0; i < n; i++)
		counted += lab_neighbour("s", IP(10, 1, 1, 0) + i)->requests;
	CU_ASSERT(counted == lab_waiting(LAN));
	CU_ASSERT(lab_stats("s").originated_lost == 0);
	lab_discard();
}

CU_TestInfo resolve_tests[] = {
	{ "packets wait, and go in order", test_packets_wait },
	{ "one request a second", test_one_request_a_second },
	{ "nobody answers", test_nobody_answers },
	{ "an answer during the pause", test_late_answer },
	{ "ageing", test_ageing },
	{ "packets wake a neighbour", test_woken_once },
	{ "a neighbour that is gone", test_gone },
	{ "a neighbour that nobody uses", test_unused },
	{ "signs of life", test_signs_of_life },
	{ "a gateway", test_gateway },
	{ "the route changes meanwhile", test_route_changes_meanwhile },
	{ "deletes", test_deletes },
	{ "what does not wait", test_what_does_not_wait },
	{ "a sweep of a /16", test_sweep },
	{ "all age at once", test_all_age_at_once },
	CU_TEST_INFO_NULL,
};
