/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Many routers with the same prefixes, addresses and MACs. Every payload names its router; nothing
 * of one ever comes out of another, while routes, neighbours, interfaces and routers come and go.
 *
 * Router i has VLAN 100 + i on both ports. Behind it are gateways 192.0.2.10 + g: those with a
 * static entry have one MAC, those that answer to ARP another; one never answers.
 */

#include <stdio.h>
#include <string.h>

#include "link.h"
#include "pair.h"
#include "tests.h"

#define ROUTERS 64
#define GATEWAYS 6
#define DEAD (GATEWAYS - 1) /* answers to nobody */
#define ROUTES 12
#define BURST 48
#define STEPS 1500
#define MAGIC 0x76726f75

#define ROUTER_FORMAT \
	"{'name': 'r%u', 'fifo': 64, 'max_routes': 64, 'max_neighbours': 32, 'icmp_rate': " \
	"10000000," \
	" 'interfaces': [" \
	" {'name': 'lan', 'port': 'p0', 'vlan': %u, 'mac': '02:00:00:00:00:01'," \
	"  'addresses': ['10.0.0.1/24']}," \
	" {'name': 'wan', 'port': 'p1', 'vlan': %u, 'mac': '02:00:00:00:00:02'," \
	"  'addresses': ['192.0.2.1/24']}]," \
	" 'neighbours': [{'interface': 'lan', 'address': '10.0.0.2'," \
	"  'mac': '02:00:00:00:0a:02'}]}"

enum way {
	WAY_NONE,
	WAY_BLACKHOLE,
	WAY_GATEWAY, /* + g */
};

/* What the test knows of each router. */
static struct model {
	bool there;
	bool lan_down;
	bool wan_down; /* and no route leads out of it */
	bool is_static[GATEWAYS];
	struct {
		uint32_t prefix;
		uint8_t depth;
		unsigned int way;
	} routes[ROUTES];
	unsigned int n_routes;
} models[ROUTERS];

/* A packet of the current burst. */
static struct sent {
	unsigned int router;
	unsigned int way;
	bool is_static; /* the gateway has a static entry */
	bool doubtful;  /* its router has changed since */
	bool seen;
} burst[BURST];
static unsigned int n_sent;
static uint32_t serial; /* of the burst */

static uint16_t
vlan_of(unsigned int router)
{
	return (uint16_t)(100 + router);
}

static uint32_t
gateway_ip(unsigned int gateway)
{
	return IP(192, 0, 2, 10 + gateway);
}

static uint64_t
gateway_mac(unsigned int router, unsigned int gateway, bool is_static)
{
	return UINT64_C(0x020000000000) | (uint64_t)router << 16 | (is_static ? 0x100u : 0x200u) |
	       gateway;
}

static const char *
name_of(unsigned int router)
{
	static char name[16];

	snprintf(name, sizeof(name), "r%u", router);
	return name;
}

static uint32_t
mask_of(uint8_t depth)
{
	return depth == 0 ? 0 : UINT32_MAX << (32 - depth);
}

static unsigned int
way_of(const struct model *model, uint32_t destination)
{
	unsigned int way = WAY_NONE;
	int depth = -1;

	for (unsigned int i = 0; i < model->n_routes; i++) {
		if ((destination & mask_of(model->routes[i].depth)) != model->routes[i].prefix ||
			model->routes[i].depth <= depth)
			continue;
		if (model->wan_down && model->routes[i].way >= WAY_GATEWAY)
			continue;
		way = model->routes[i].way;
		depth = model->routes[i].depth;
	}
	return way;
}

static void
send_packet(unsigned int router)
{
	static struct frame frame;
	const struct model *model = &models[router];
	struct sent *sent = &burst[n_sent];
	uint8_t payload[64];
	struct ipv4 ipv4 = pair_packet();
	uint32_t words[4] = { MAGIC, router, n_sent, serial };

	memcpy(payload + 8, words, sizeof(words));
	ipv4.ethernet.tag = vlan_of(router);
	ipv4.destination = IP(20, 0, 0, 0) | (random32() & 0x0000070f);
	ipv4.id = (uint16_t)n_sent;
	ipv4.payload = payload;
	ipv4.length = fill_udp(payload, &ipv4, 1, 2, words, sizeof(words));
	frame_ipv4(&frame, &ipv4);
	lab_inject(LAN, &frame);
	sent->router = router;
	sent->way = model->lan_down ? WAY_NONE : way_of(model, ipv4.destination);
	sent->is_static = sent->way >= WAY_GATEWAY && model->is_static[sent->way - WAY_GATEWAY];
	sent->doubtful = false;
	sent->seen = false;
	n_sent++;
}

/* Changes, each told to the model */

static void
change_route(unsigned int router)
{
	struct model *model = &models[router];
	unsigned int i = random32() % ROUTES;
	uint8_t depth = (uint8_t)(random32() % 8 == 0 ? 0 : 20 + random32() % 13);
	uint32_t prefix = (IP(20, 0, 0, 0) | (random32() & 0x0000070f)) & mask_of(depth);
	unsigned int way = WAY_BLACKHOLE + random32() % (GATEWAYS + 1);
	int rc;

	if (i < model->n_routes) {
		CU_ASSERT(lab_delete_route(name_of(router), model->routes[i].prefix,
				  model->routes[i].depth) == 0);
		model->routes[i] = model->routes[--model->n_routes];
		return;
	}
	for (i = 0; i < model->n_routes; i++)
		if (model->routes[i].prefix == prefix && model->routes[i].depth == depth)
			return;
	if (way == WAY_BLACKHOLE)
		rc = lab_add_route_type(name_of(router), prefix, depth, VR_ROUTE_BLACKHOLE);
	else
		rc = lab_add_route(name_of(router), prefix, depth, gateway_ip(way - WAY_GATEWAY));
	CU_ASSERT(rc == 0);
	model->routes[i].prefix = prefix;
	model->routes[i].depth = depth;
	model->routes[i].way = way;
	model->n_routes++;
}

static void
change_neighbour(unsigned int router)
{
	struct model *model = &models[router];
	unsigned int gateway = random32() % GATEWAYS;
	uint64_t mac = gateway_mac(router, gateway, true);

	if (model->is_static[gateway]) {
		CU_ASSERT(lab_delete_neighbour(name_of(router), gateway_ip(gateway)) == 0);
		model->is_static[gateway] = false;
	} else if (random32() % 2) {
		CU_ASSERT(lab_add_neighbour(name_of(router), "wan", gateway_ip(gateway), mac) == 0);
		model->is_static[gateway] = true;
	} else {
		lab_delete_neighbour(name_of(router), gateway_ip(gateway)); /* if there is one */
	}
}

static void
change_interface(unsigned int router)
{
	struct model *model = &models[router];
	bool lan = random32() % 2;
	bool *down = lan ? &model->lan_down : &model->wan_down;

	*down = !*down;
	CU_ASSERT(vrouter_set_interface(lab.vrouter, lab_router(name_of(router)),
			  lan ? "lan" : "wan", !*down, stdout) == 0);
}

static void
change_router(unsigned int router)
{
	struct model *model = &models[router];

	if (model->there) {
		CU_ASSERT(lab_delete_router(name_of(router)) == 0);
	} else {
		CU_ASSERT(lab_add_router(ROUTER_FORMAT, router, vlan_of(router), vlan_of(router)) ==
			  0);
	}
	*model = (struct model){ .there = !model->there };
}

/*
 * Packets of the burst that are on their way when something of their router changes may go either
 * way; those of other routers may not.
 */
static void
doubt(unsigned int router)
{
	for (unsigned int i = 0; i < n_sent; i++)
		if (burst[i].router == router)
			burst[i].doubtful = true;
}

static void
change_something(void)
{
	unsigned int router = random32() % ROUTERS;
	unsigned int what = random32() % 16;

	if (what == 0 || !models[router].there)
		change_router(router);
	else if (what < 3)
		change_interface(router);
	else if (what < 10)
		change_route(router);
	else
		change_neighbour(router);
	doubt(router);
}

/* What came out */

static void
answer_arp(const struct frame *request, unsigned int router)
{
	static struct frame frame;
	uint32_t target = frame_get32(request, 18 + 24);
	unsigned int gateway = target - gateway_ip(0);
	struct arp arp;

	CU_ASSERT(gateway < GATEWAYS && frame_get32(request, 18 + 14) == WAN_IP);
	if (gateway >= DEAD)
		return;
	arp = (struct arp){ .ethernet = { WAN_MAC, gateway_mac(router, gateway, false),
				    vlan_of(router) },
		.operation = ARP_REPLY,
		.sender_mac = gateway_mac(router, gateway, false),
		.sender = target,
		.target_mac = WAN_MAC,
		.target = WAN_IP };
	frame_arp(&frame, &arp);
	lab_inject(WAN, &frame);
}

static uint64_t
destination_of(const struct frame *frame)
{
	return (uint64_t)frame_get16(frame, 0) << 32 | frame_get32(frame, 2);
}

static void
check_forwarded(const struct frame *frame, unsigned int router)
{
	uint64_t mac = destination_of(frame);
	unsigned int gateway = mac & 0xff;
	bool is_static = (mac & 0x100) != 0;
	struct sent *sent;
	uint32_t words[4];

	CU_ASSERT_FATAL(frame->length == 18 + 20 + 8 + sizeof(words));
	memcpy(words, frame->bytes + 18 + 28, sizeof(words));
	CU_ASSERT(words[0] == MAGIC && words[1] == router && frame->bytes[18 + 8] == 63);
	CU_ASSERT(gateway < GATEWAYS && mac == gateway_mac(router, gateway, is_static));
	if (words[3] != serial) /* it waited for longer than a burst lasts */
		return;
	CU_ASSERT_FATAL(words[2] < n_sent);
	sent = &burst[words[2]];
	CU_ASSERT(!sent->seen);
	sent->seen = true;
	if (!sent->doubtful)
		CU_ASSERT(sent->way == WAY_GATEWAY + gateway && sent->is_static == is_static);
}

/*
 * An ICMP error quotes the packet of its own router. While the host's interface is down it goes
 * where the default route leads, if there is one.
 */
static void
check_error(const struct frame *frame, unsigned int port, unsigned int router)
{
	uint64_t mac = destination_of(frame);
	uint32_t words[4];

	CU_ASSERT_FATAL(frame->length == 18 + 28 + 20 + 8 + sizeof(words));
	memcpy(words, frame->bytes + 18 + 28 + 28, sizeof(words));
	if (port == WAN)
		CU_ASSERT(mac == gateway_mac(router, mac & 0xff, (mac & 0x100) != 0))
	else
		CU_ASSERT(mac == HOST_MAC);
	CU_ASSERT(frame_get16(frame, 16) == ETHERTYPE_IPV4);
	CU_ASSERT(frame->bytes[18 + 9] == PROTOCOL_ICMP && frame->bytes[18 + 20] == 3);
	CU_ASSERT(words[0] == MAGIC && words[1] == router);
}

/* A router that is new tells of its address. */
static bool
is_announcement(const struct frame *frame, uint32_t address)
{
	return frame_get16(frame, 16) == ETHERTYPE_ARP && frame_get32(frame, 18 + 14) == address &&
	       frame_get32(frame, 18 + 24) == address;
}

/* Reads all; gives whether something was answered. */
static bool
look(void)
{
	static struct frame frame;
	bool answered = false;

	while (lab_take(WAN, &frame)) {
		unsigned int router = frame_get16(&frame, 14) - vlan_of(0);

		CU_ASSERT_FATAL(router < ROUTERS);
		if (is_announcement(&frame, WAN_IP))
			continue;
		if (frame_get16(&frame, 16) == ETHERTYPE_ARP) {
			answer_arp(&frame, router);
			answered = true;
		} else if (frame.bytes[18 + 9] == PROTOCOL_ICMP) {
			check_error(&frame, WAN, router);
		} else {
			check_forwarded(&frame, router);
		}
	}
	while (lab_take(LAN, &frame))
		if (!is_announcement(&frame, LAN_IP))
			check_error(&frame, LAN, frame_get16(&frame, 14) - vlan_of(0));
	return answered;
}

/* What has a static gateway came out; what has no way did not; what had to be resolved may have. */
static void
check_burst(void)
{
	for (unsigned int i = 0; i < n_sent; i++) {
		const struct sent *sent = &burst[i];

		if (!sent->doubtful && (sent->is_static || sent->way < WAY_GATEWAY))
			CU_ASSERT(sent->seen == sent->is_static);
	}
}

static void
step(void)
{
	n_sent = 0;
	serial++;
	while (n_sent < BURST) {
		send_packet(random32() % ROUTERS);
		if (random32() % 16 == 0)
			lab_pass(random32() % lab.vrouter->n_workers);
		if (random32() % 24 == 0)
			change_something();
		if (random32() % 64 == 0)
			lab_poll();
	}
	lab_pump();
	while (look())
		lab_pump();
	check_burst();
	lab_advance(random32() % (LAB_SECOND / 2));
	while (look())
		lab_pump();
}

static void
run_routers(unsigned int n_workers)
{
	memset(models, 0, sizeof(models));
	lab_open(n_workers,
		"{'mbufs': 65536, 'ports': [{'name': 'p0', 'device': 'net_ring_p0', 'lcore': 0},"
		" {'name': 'p1', 'device': 'net_ring_p1', 'lcore': %u}], 'routers': []}",
		n_workers - 1);
	for (unsigned int i = 0; i < ROUTERS; i++)
		change_router(i);
	for (unsigned int i = 0; i < STEPS; i++)
		step();
}

static void
test_one_worker(void)
{
	run_routers(1);
}

static void
test_three_workers(void)
{
	run_routers(3);
}

CU_TestInfo isolation_tests[] = {
	{ "64 routers alike on one worker", test_one_worker },
	{ "64 routers alike on three workers", test_three_workers },
	CU_TEST_INFO_NULL,
};
