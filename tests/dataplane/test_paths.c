/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Routes with several gateways, and routes that stand by for others, while interfaces go down and
 * come back.
 *
 *	                                     vlan 10: w0 ... vlan 13: w3, all on port 1
 *	host 10.0.0.2 --- lan, port 0 [r] ---< 10.1.I.1/24, fd00:1:I::1/64; gateway is host 2 on
 * each w4 on port 2, untagged: 10.1.4.1/24, fd00:1:4::1/64
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>

#include "lab.h"
#include "link.h"
#include "tests.h"
#include "vrf/table.h"

#define WAYS 5
#define FLOWS 10000
#define HOST_MAC UINT64_C(0x020000000a02)
#define LAN_MAC UINT64_C(0x020000000001)
#define LOST 255

static const struct ip6 host6 = { { 0xfd, 0, [15] = 2 } };
static const struct ip6 far6 = { { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } };

static struct ip_address
gateway(uint8_t family, unsigned int way)
{
	uint8_t bytes[16] = { 0xfd, 0, 0, 1, 0, 0, 0, (uint8_t)way, [15] = 2 };

	if (family == IP_FAMILY_IPV6)
		return ip_address_of_ipv6(bytes);
	return ip_address_of_ipv4(IP(10, 1, way, 2));
}

static void
open_ways(void)
{
	char interfaces[1024] = "", neighbours[1024] = "";
	size_t n = 0, k = 0;

	for (unsigned int i = 0; i < WAYS; i++) {
		n += (size_t)snprintf(interfaces + n, sizeof(interfaces) - n,
			", {'name': 'w%u', 'port': '%s', %s'mac': '02:00:00:00:01:%02x',"
			"   'addresses': ['10.1.%u.1/24', 'fd00:1:0:%u::1/64']}",
			i, i < 4 ? "p1" : "p2",
			(const char *[]){
				"'vlan': 10,", "'vlan': 11,", "'vlan': 12,", "'vlan': 13,", "" }[i],
			i, i, i);
		k += (size_t)snprintf(neighbours + k, sizeof(neighbours) - k,
			", {'interface': 'w%u', 'address': '10.1.%u.2',"
			"   'mac': '02:00:00:00:02:%02x'},"
			"  {'interface': 'w%u', 'address': 'fd00:1:0:%u::2',"
			"   'mac': '02:00:00:00:02:%02x'}",
			i, i, i, i, i, i);
	}
	lab_open(1,
		"{'ports': [{'name': 'p0', 'device': 'net_ring_p0'},"
		"           {'name': 'p1', 'device': 'net_ring_p1'},"
		"           {'name': 'p2', 'device': 'net_ring_p2'}],"
		" 'routers': [{'name': 'r', 'icmp_rate': 0, 'interfaces': ["
		"   {'name': 'lan', 'port': 'p0', 'mac': '02:00:00:00:00:01',"
		"    'addresses': ['10.0.0.1/24', 'fd00::1/64']}%s],"
		"  'neighbours': [{'interface': 'lan', 'address': '10.0.0.2',"
		"   'mac': '02:00:00:00:0a:02'}%s]}]}",
		interfaces, neighbours);
	lab_pump();
	lab_discard();
}

static void
add_ways(uint8_t family, const uint16_t *weights, uint8_t distance, bool replace)
{
	struct vr_route route = {
		.prefix.address.family = family, .type = VR_ROUTE_VIA, .distance = distance
	};
	struct vr_via vias[WAYS];
	char error[VR_ERROR_SIZE];
	struct vr *vr = lab_router("r")->vr;

	route.vias = vias;
	for (unsigned int i = 0; i < WAYS; i++)
		if (weights[i] != 0)
			vias[route.n_vias++] =
				(struct vr_via){ gateway(family, i), weights[i], NULL };
	route.via = vias[0].address;
	if (replace)
		CU_ASSERT_FATAL(vr_route_replace(vr, &route, error) == 0)
	else
		CU_ASSERT_FATAL(vr_route_add(vr, &route, error) == 0)
}

static void
flow_frame(struct frame *frame, uint8_t family, uint32_t flow)
{
	struct ethernet ethernet = { .to = LAN_MAC, .from = HOST_MAC };
	uint8_t payload[64];

	if (family == IP_FAMILY_IPV4) {
		struct ipv4 ipv4 = { .ethernet = ethernet,
			.source = IP(10, 0, 0, 2),
			.destination = IP(198, 18, flow % 7, 1),
			.ttl = 64,
			.protocol = PROTOCOL_UDP,
			.payload = payload };

		ipv4.length = fill_udp(payload, &ipv4, (uint16_t)(1024 + flow / 256),
			(uint16_t)(5000 + flow % 256), &flow, sizeof(flow));
		frame_ipv4(frame, &ipv4);
	} else {
		struct ipv6 ipv6 = { .ethernet = ethernet,
			.source = host6,
			.destination = far6,
			.hop_limit = 64,
			.next_header = PROTOCOL_TCP,
			.payload = payload,
			.length = 24 };

		/* Of TCP only the ports are looked at; the label changes from packet to packet. */
		memset(payload, 0, sizeof(payload));
		payload[0] = (uint8_t)(flow >> 8);
		payload[1] = (uint8_t)flow;
		memcpy(payload + 20, &flow, sizeof(flow));
		ipv6.flow_label = random32() & 0xfffff;
		frame_ipv6(frame, &ipv6);
	}
}

/* Takes what came out; each frame tells its flow in its last four bytes and its way by its MAC. */
static void
take_ways(uint8_t *ways)
{
	static struct frame frame;
	uint32_t flow;

	for (unsigned int port = 1; port <= 2; port++) {
		while (lab_take(port, &frame)) {
			CU_ASSERT(frame.bytes[4] == 2 && frame.bytes[5] < WAYS);
			memcpy(&flow, frame.bytes + frame.length - sizeof(flow), sizeof(flow));
			CU_ASSERT_FATAL(flow < FLOWS && ways[flow] == LOST);
			ways[flow] = frame.bytes[5];
		}
	}
}

/* Where each flow goes; LOST where nowhere. In an order of its own each time. */
static void
find_ways(uint8_t family, uint8_t *ways)
{
	static struct frame frame;
	uint32_t step = 2 * (random32() % 1000) + 1;

	while (step % 5 == 0)
		step += 2;
	memset(ways, LOST, FLOWS);
	for (uint32_t i = 0; i < FLOWS; i++) {
		flow_frame(&frame, family, i * step % FLOWS);
		lab_inject(0, &frame);
		if (i % 128 == 127 || i == FLOWS - 1) {
			lab_pump();
			take_ways(ways);
		}
	}
}

static void
check_spread(const uint8_t *ways, const uint16_t *weights)
{
	uint32_t counts[LOST + 1] = { 0 }, all = 0;

	for (uint32_t i = 0; i < FLOWS; i++)
		counts[ways[i]]++;
	CU_ASSERT(counts[LOST] == 0);
	for (unsigned int i = 0; i < WAYS; i++)
		all += weights[i];
	for (unsigned int i = 0; i < WAYS; i++) {
		uint32_t due = FLOWS * weights[i] / all;

		CU_ASSERT(counts[i] * 10 >= due * 9 && counts[i] * 10 <= due * 11);
	}
}

/* Who had `gone` has another way, everybody else the same as before. */
static void
check_moved(const uint8_t *before, const uint8_t *after, unsigned int gone)
{
	uint32_t n_gone = 0;

	for (uint32_t i = 0; i < FLOWS; i++) {
		n_gone += before[i] == gone;
		CU_ASSERT_FATAL((before[i] == after[i]) == (before[i] != gone));
		CU_ASSERT_FATAL(after[i] != gone && after[i] != LOST);
	}
	CU_ASSERT(n_gone > 0);
}

/* What comes up is announced; that is no flow. */
static void
link_back(void)
{
	rte_eth_dev_set_link_up(lab.vrouter->ports[2].id);
	lab_advance(LAB_SECOND);
	lab_settle();
}

static void
check_family(uint8_t family)
{
	static const uint16_t weights[WAYS] = { 1, 2, 2, 1, 2 };
	static const uint16_t without[WAYS] = { 1, 2, 0, 1, 2 };
	static uint8_t first[FLOWS], again[FLOWS], fewer[FLOWS];

	add_ways(family, weights, 0, false);
	find_ways(family, first);
	check_spread(first, weights);
	find_ways(family, again);
	CU_ASSERT(memcmp(first, again, FLOWS) == 0);

	add_ways(family, without, 0, true);
	find_ways(family, fewer);
	check_moved(first, fewer, 2);
	check_spread(fewer, without);
	add_ways(family, weights, 0, true);
	find_ways(family, again);
	check_spread(again, weights);

	/* The link of way 4 goes down. */
	rte_eth_dev_set_link_down(lab.vrouter->ports[2].id);
	lab_advance(LAB_SECOND);
	find_ways(family, fewer);
	check_moved(again, fewer, 4);
	link_back();
	find_ways(family, again);
	check_spread(again, weights);
}

static void
test_flows(void)
{
	open_ways();
	check_family(IP_FAMILY_IPV4);
	check_family(IP_FAMILY_IPV6);
}

/* All fragments of a datagram take one way, whatever its ports are. */
static void
test_fragments_together(void)
{
	static const uint16_t weights[WAYS] = { 1, 1, 1, 1, 1 };
	static struct frame frame;
	bool used[WAYS] = { false };

	open_ways();
	add_ways(IP_FAMILY_IPV4, weights, 0, false);
	for (uint32_t i = 0; i < 200; i++) {
		unsigned int way = LOST;

		for (unsigned int part = 0; part < 3; part++) {
			uint8_t payload[16];
			struct ipv4 ipv4 = { .ethernet = { .to = LAN_MAC, .from = HOST_MAC },
				.source = IP(10, 0, 0, 2),
				.destination = IP(198, 18, i, 1),
				.ttl = 64,
				.protocol = PROTOCOL_UDP,
				.id = (uint16_t)i,
				.fragment = (uint16_t)(2 * part | (part < 2 ? FRAGMENT_MORE : 0)),
				.payload = payload,
				.length = sizeof(payload) };

			random_bytes(payload, sizeof(payload));
			frame_ipv4(&frame, &ipv4);
			lab_inject(0, &frame);
			lab_pump();
			CU_ASSERT_FATAL(lab_take(1, &frame) || lab_take(2, &frame));
			if (way == LOST)
				way = frame.bytes[5];
			CU_ASSERT(frame.bytes[5] == way);
		}
		used[way] = true;
	}
	for (unsigned int i = 0; i < WAYS; i++)
		CU_ASSERT(used[i]);
}

static unsigned int
way_now(uint8_t family)
{
	static uint8_t ways[FLOWS];
	static struct frame frame;

	memset(ways, LOST, FLOWS);
	flow_frame(&frame, family, 77);
	lab_inject(0, &frame);
	lab_pump();
	take_ways(ways);
	return ways[77];
}

static void
set_interface(const char *name, bool enabled)
{
	CU_ASSERT(vrouter_set_interface(lab.vrouter, lab_router("r"), name, enabled, stdout) == 0);
	lab_settle();
}

/* The nearest route whose interface is up; the longest prefix that has one. */
static void
check_standby(uint8_t family)
{
	static const uint16_t nearest[WAYS] = { 0, 0, 0, 0, 1 };
	static const uint16_t farther[WAYS] = { 0, 1, 0, 0, 0 };
	static const uint16_t farthest[WAYS] = { 0, 0, 1, 0, 0 };
	struct ip_prefix subnet = { gateway(family, 4), family == IP_FAMILY_IPV4 ? 24 : 64 };
	struct ip_prefix any = { .address.family = family };
	struct vr *vr = lab_router("r")->vr;
	char error[VR_ERROR_SIZE];

	add_ways(family, farthest, 200, false);
	CU_ASSERT(way_now(family) == 2);
	add_ways(family, nearest, 0, false);
	CU_ASSERT(way_now(family) == 4);
	add_ways(family, farther, 10, false);
	CU_ASSERT(way_now(family) == 4);

	rte_eth_dev_set_link_down(lab.vrouter->ports[2].id);
	lab_advance(LAB_SECOND);
	CU_ASSERT(way_now(family) == 1);
	/* Nor is the link's own subnet there; what is for it takes the default route. */
	subnet = ip_prefix_network(&subnet);
	CU_ASSERT(table_get(vr, &subnet) == LPM_NO_ROUTE);
	set_interface("w1", false);
	CU_ASSERT(way_now(family) == 2);
	set_interface("w2", false);
	CU_ASSERT(way_now(family) == LOST);
	link_back();
	CU_ASSERT(way_now(family) == 4);
	CU_ASSERT(table_get(vr, &subnet) != LPM_NO_ROUTE);
	set_interface("w1", true);
	set_interface("w2", true);
	CU_ASSERT(way_now(family) == 4);
	CU_ASSERT(vr_route_delete(vr, &any, 1, error) == 0);
	CU_ASSERT(way_now(family) == 1);
	CU_ASSERT(vr_route_delete(vr, &any, 10, error) == 0);
	CU_ASSERT(vr_route_delete(vr, &any, 0, error) == 0);
	CU_ASSERT(way_now(family) == LOST);
}

static void
test_standby(void)
{
	open_ways();
	check_standby(IP_FAMILY_IPV4);
	check_standby(IP_FAMILY_IPV6);
}

/* An interface that was taken down neither takes frames nor answers; another is not touched. */
static void
test_interface_down(void)
{
	static const uint16_t weights[WAYS] = { 1, 0, 0, 0, 0 };
	static struct frame frame;
	struct arp arp = { .ethernet = { .to = MAC_BROADCAST, .from = HOST_MAC },
		.operation = ARP_REQUEST,
		.sender_mac = HOST_MAC,
		.sender = IP(10, 0, 0, 2),
		.target = IP(10, 0, 0, 1) };
	uint64_t before;

	open_ways();
	add_ways(IP_FAMILY_IPV4, weights, 0, false);
	before = lab_port_dropped(0, CLASSIFY_DROP_VLAN);
	set_interface("lan", false);
	CU_ASSERT(way_now(IP_FAMILY_IPV4) == LOST);
	frame_arp(&frame, &arp);
	lab_inject(0, &frame);
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(lab_port_dropped(0, CLASSIFY_DROP_VLAN) == before + 2);
	set_interface("lan", true);
	CU_ASSERT(way_now(IP_FAMILY_IPV4) == 0);
	CU_ASSERT(vrouter_set_interface(lab.vrouter, lab_router("r"), "none", true, stdout) < 0);
	lab_discard();
}

static bool
add_text(const struct vr_route *route, void *context)
{
	char prefix[IP_PREFIX_TEXT_SIZE], address[IP_ADDRESS_TEXT_SIZE];
	FILE *out = context;

	fprintf(out, "%s %s %u %u", ip_prefix_text(&route->prefix, prefix),
		vr_route_type_name(route->type), route->distance, route->standby);
	for (uint16_t i = 0; route->n_vias > 1 && i < route->n_vias; i++)
		fprintf(out, " %s %u", ip_address_text(&route->vias[i].address, address),
			route->vias[i].weight);
	fputc('\n', out);
	return true;
}

/* All that the router has of routes and neighbours, to be freed. */
static char *
all_routes(const struct vr *vr)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	vr_route_walk(vr, add_text, out);
	CU_ASSERT(vr_route_walk_standby(vr, add_text, out) == 0);
	fprintf(out, "%u neighbours\n", vr->n_neighbours);
	fclose(out);
	return text;
}

static void
on_refused(uint32_t i, const char *error, void *context)
{
	CU_ASSERT(error[0] != '\0');
	*(uint32_t *)context = i;
}

/* A batch with several routes to each prefix: all or none, whichever of them cannot be added. */
static void
check_batch(uint8_t family)
{
	struct vr_via vias[2] = { { gateway(family, 0), 1, NULL },
		{ gateway(family, 3), 2, NULL } };
	struct vr *vr = lab_router("r")->vr;
	char *before, *after;
	struct vr_route routes[2 + 16];
	uint32_t refused = UINT32_MAX;
	char error[VR_ERROR_SIZE];

	for (unsigned int i = 0; i < RTE_DIM(routes); i++)
		routes[i] = (struct vr_route){ .prefix.address.family = family,
			.type = i % 3 == 0 ? VR_ROUTE_VIA : VR_ROUTE_PROHIBIT,
			.distance = (uint8_t)(200 - 7 * i),
			.n_vias = 2,
			.via = vias[0].address,
			.vias = vias };
	before = all_routes(vr);
	/* The seventeenth to the prefix is one too many; that shows when the others are there. */
	CU_ASSERT(vr_routes_add(vr, routes, 17, on_refused, &refused) == -ENOSPC);
	CU_ASSERT(refused == 16);
	lab_advance(LAB_SECOND);
	after = all_routes(vr);
	CU_ASSERT_STRING_EQUAL(after, before);
	free(after);
	/* One that is there already, of a distance in the midst. */
	CU_ASSERT(vr_route_add(vr, &routes[5], error) == 0);
	free(before);
	before = all_routes(vr);
	CU_ASSERT(vr_routes_add(vr, routes, 16, on_refused, &refused) == -EEXIST);
	CU_ASSERT(refused == 5);
	after = all_routes(vr);
	CU_ASSERT_STRING_EQUAL(after, before);
	free(after);
	CU_ASSERT(vr_route_delete(vr, &routes[5].prefix, 0, error) == 0);
	CU_ASSERT(vr_routes_add(vr, routes, 16, on_refused, &refused) == 0);
	CU_ASSERT(way_now(family) != LOST);
	for (unsigned int i = 0; i < 16; i++)
		CU_ASSERT(vr_route_delete(vr, &routes[i].prefix, routes[i].distance, error) == 0);
	free(before);
}

static void
test_batches(void)
{
	open_ways();
	check_batch(IP_FAMILY_IPV4);
	check_batch(IP_FAMILY_IPV6);
}

CU_TestInfo paths_tests[] = {
	{ "flows over several gateways", test_flows },
	{ "fragments together", test_fragments_together },
	{ "routes that stand by", test_standby },
	{ "an interface taken down", test_interface_down },
	{ "batches of several distances", test_batches },
	CU_TEST_INFO_NULL,
};
