/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The forwarder that relays frames between two interfaces, "a" on port 0 and "b" on port 1.
 */

#include <stdio.h>
#include <string.h>

#include "burst.h"
#include "pair.h"
#include "tests.h"
#include "vrf/pipeline.h"

#define ETHERTYPE_STRANGE 0x88cc

static void
open_wire(const char *a, const char *b, const char *more)
{
	pair = (struct pair_options){ 0 };
	lab_open(1,
		"{" PORTS("0", "0") ", 'routers': [{'name': 'w', 'forwarder': 'wire',"
				    " 'interfaces': [{'name': 'a', 'port': 'p0' %s}, {'name': 'b', "
				    "'port': 'p1' %s}]}"
				    " %s]}",
		a, b, more);
}

/* What an interface of this VLAN has before the EtherType. */
struct side {
	const char *config;
	uint16_t outer_vlan;
	uint16_t vlan;
};

static struct frame
make_frame(uint64_t to, const struct side *side, uint16_t type, uint32_t length)
{
	struct ethernet ethernet = { to, HOST_MAC, side->vlan, side->outer_vlan };
	struct frame frame;

	frame_ethernet(&frame, &ethernet, type);
	frame_bytes(&frame, pair_bytes, length);
	return frame;
}

/* Frames for anybody, of any type, that routers would drop most of. */
static const uint64_t macs[] = { LAN_MAC, GATEWAY_MAC, STRANGE_MAC, MAC_BROADCAST,
	UINT64_C(0x01005e000001), UINT64_C(0x333300000001), UINT64_C(0x0180c2000000) };
static const uint16_t types[] = { ETHERTYPE_IPV4, ETHERTYPE_ARP, ETHERTYPE_IPV6, ETHERTYPE_STRANGE,
	0x0005 };

static void
relays(unsigned int from, const struct side *in, const struct side *out)
{
	for (unsigned int i = 0; i < RTE_DIM(macs); i++) {
		for (unsigned int k = 0; k < RTE_DIM(types); k++) {
			struct frame frame = make_frame(macs[i], in, types[k], k * 7);

			lab_inject(from, &frame);
			lab_pump();
			frame = make_frame(macs[i], out, types[k], k * 7);
			lab_expect(1 - from, &frame);
			lab_expect_nothing();
		}
	}
}

static void
test_relays(void)
{
	static const struct side sides[] = { { "", 0, 0 }, { ", 'vlan': 10", 0, 10 },
		{ ", 'vlan': 20", 0, 20 }, { ", 'outer_vlan': 5, 'vlan': 10", 5, 10 } };

	for (unsigned int a = 0; a < RTE_DIM(sides); a++) {
		for (unsigned int b = 0; b < RTE_DIM(sides); b++) {
			unsigned int n = RTE_DIM(macs) * RTE_DIM(types);

			open_wire(sides[a].config, sides[b].config, "");
			relays(0, &sides[a], &sides[b]);
			relays(1, &sides[b], &sides[a]);
			CU_ASSERT(lab_stats("w").forwarded == 2 * n);
			lab_close();
		}
	}
}

/* Of equal VLANs the tag stays, with its priority; one that is a priority alone is taken off. */
static void
test_priorities(void)
{
	const struct side untagged = { "", 0, 0 }, priority = { "", 0, TAG_PRIORITY };
	const struct side ten = { "", 0, 0xa000 | 10 };
	struct frame frame, expected;

	open_wire("", "", "");
	frame = make_frame(STRANGE_MAC, &priority, ETHERTYPE_STRANGE, 50);
	expected = make_frame(STRANGE_MAC, &untagged, ETHERTYPE_STRANGE, 50);
	lab_inject(0, &frame);
	lab_pump();
	lab_expect(1, &expected);
	lab_close();

	open_wire(", 'vlan': 10", ", 'vlan': 10", "");
	frame = make_frame(STRANGE_MAC, &ten, ETHERTYPE_STRANGE, 50);
	lab_inject(0, &frame);
	lab_pump();
	lab_expect(1, &frame);
}

/* No frame larger than the MTU of the way out. */
static void
test_mtu(void)
{
	const struct side side = { "", 0, 0 };
	struct frame frame;

	open_wire("", ", 'mtu': 1000", "");
	frame = make_frame(STRANGE_MAC, &side, ETHERTYPE_STRANGE, 1000);
	lab_inject(0, &frame);
	lab_pump();
	lab_expect(1, &frame);
	frame = make_frame(STRANGE_MAC, &side, ETHERTYPE_STRANGE, 1001);
	lab_inject(0, &frame);
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(lab_dropped("w", VR_DROP_MTU) == 1);
	lab_inject(1, &frame);
	lab_pump();
	lab_expect(0, &frame);
}

/* On one port with routers and other wires, told apart by VLAN. */
static void
test_beside_routers(void)
{
	const struct side mine = { "", 0, 50 }, other = { "", 0, 60 }, nobody = { "", 0, 70 };
	char router[1024];
	struct frame frame;

	snprintf(router, sizeof(router),
		", " ROUTER ", {'name': 'v', 'forwarder': 'wire', 'interfaces': ["
		" {'name': 'x', 'port': 'p0', 'vlan': 60}, {'name': 'y', 'port': 'p0', 'vlan': "
		"61}]}",
		"r", "", 30, 40);
	open_wire(", 'vlan': 50", ", 'vlan': 50", router);
	inject_burst(30, N);
	lab_pump();
	CU_ASSERT(take_in_order(40) == N);
	for (unsigned int i = 0; i < RTE_DIM(macs); i++) {
		frame = make_frame(macs[i], &mine, ETHERTYPE_IPV4, 60);
		lab_inject(0, &frame);
		lab_pump();
		lab_expect(1, &frame);
		frame = make_frame(macs[i], &other, ETHERTYPE_IPV4, 60);
		lab_inject(0, &frame);
		lab_pump();
		frame = make_frame(macs[i], &(struct side){ "", 0, 61 }, ETHERTYPE_IPV4, 60);
		lab_expect(0, &frame);
		frame = make_frame(macs[i], &nobody, ETHERTYPE_IPV4, 60);
		pair_ignores(0, &frame, CLASSIFY_DROP_VLAN);
	}
}

/* Full bursts from both sides, mixed. */
static void
test_bursts(void)
{
	const struct side side = { "", 0, 0 };

	open_wire("", ", 'vlan': 7", "");
	for (unsigned int round = 0; round < 50; round++) {
		for (unsigned int i = 0; i < 100; i++) {
			const struct side in = { "", 0, 7 };
			unsigned int from = random32() % 2;
			struct frame frame = make_frame(macs[random32() % RTE_DIM(macs)],
				from == 0 ? &side : &in, types[random32() % RTE_DIM(types)],
				random32() % 1500);

			lab_inject(from, &frame);
		}
		lab_pump();
		CU_ASSERT(lab_waiting(0) + lab_waiting(1) == 100);
		lab_discard();
	}
	CU_ASSERT(lab_stats("w").dropped_all == 0);
}

static void
test_down(void)
{
	const struct side side = { "", 0, 0 };
	struct frame frame = make_frame(STRANGE_MAC, &side, ETHERTYPE_STRANGE, 50);

	open_wire("", "", "");
	CU_ASSERT(lab_set_interface("w", "b", false) == 0);
	lab_inject(0, &frame);
	lab_inject(1, &frame);
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(lab_dropped("w", VR_DROP_LINK_DOWN) == 1);
	CU_ASSERT(lab_port_dropped(1, CLASSIFY_DROP_VLAN) == 1);
	CU_ASSERT(lab_set_interface("w", "b", true) == 0);
	lab_inject(0, &frame);
	lab_pump();
	lab_expect(1, &frame);
}

/* A wire over links: port 0, three wires, port 1; and one between two routers. */
static void
test_over_links(void)
{
	const struct side side = { "", 0, 0 };

	for (unsigned int workers = 1; workers <= 3; workers++) {
		pair = (struct pair_options){ 0 };
		lab_open(workers,
			"{" PORTS("0",
				"0") ", 'routers': ["
				     " {'name': 'w0', 'forwarder': 'wire', 'lcore': 0, "
				     "'interfaces': ["
				     "  {'name': 'a', 'port': 'p0'}, {'name': 'b'}]},"
				     " {'name': 'w1', 'forwarder': 'wire', 'lcore': %u, "
				     "'interfaces': ["
				     "  {'name': 'a'}, {'name': 'b', 'mtu': 1200}]},"
				     " {'name': 'w2', 'forwarder': 'wire', 'lcore': %u, "
				     "'interfaces': ["
				     "  {'name': 'a', 'mtu': 1100}, {'name': 'b', 'port': 'p1'}]}],"
				     " 'links': [['w0:b', 'w1:a'], ['w1:b', 'w2:a']]}",
			1 % workers, 2 % workers);
		relays(0, &side, &side);
		relays(1, &side, &side);
		for (unsigned int length = 1099; length <= 1300; length++) {
			struct frame frame = make_frame(STRANGE_MAC, &side, ETHERTYPE_IPV4, length);

			lab_inject(0, &frame);
			lab_pump();
			CU_ASSERT(lab_waiting(1) == (length <= 1100));
			lab_discard();
		}
		CU_ASSERT(lab_dropped("w1", VR_DROP_MTU) == 100);
		CU_ASSERT(lab_dropped("w2", VR_DROP_LONG) == 100);
		lab_close();
	}
}

/* ARP, ND and packets of two routers pass through the wire between them. */
static void
test_between_routers(void)
{
	struct ipv4 ipv4 = pair_packet();
	static struct frame frame;

	pair = (struct pair_options){ 0 };
	lab_open(1,
		"{" PORTS("0",
			"0") ", 'routers': ["
			     "{'name': 'a', 'interfaces': ["
			     " {'name': 'lan', 'port': 'p0', 'mac': '02:00:00:00:00:01',"
			     "  'addresses': ['10.0.0.1/24']},"
			     " {'name': 'east', 'addresses': ['10.9.0.1/30', '2001:db8:9::1/64']}],"
			     " 'routes': [{'prefix': '198.18.0.0/15', 'via': '10.9.0.2'}]},"
			     "{'name': 'w', 'forwarder': 'wire', 'interfaces': ["
			     " {'name': 'a'}, {'name': 'b'}]},"
			     "{'name': 'b', 'interfaces': ["
			     " {'name': 'wan', 'port': 'p1', 'mac': '02:00:00:00:00:02',"
			     "  'addresses': ['192.0.2.1/24']},"
			     " {'name': 'west', 'addresses': ['10.9.0.2/30', '2001:db8:9::2/64']}],"
			     " 'routes': [{'prefix': '198.18.0.0/15', 'via': '192.0.2.2'}],"
			     " 'neighbours': [{'interface': 'wan', 'address': '192.0.2.2',"
			     "  'mac': '02:00:00:00:02:02'}]}],"
			     " 'links': [['a:east', 'w:a'], ['w:b', 'b:west']]}");
	pair_inject(&ipv4);
	lab_pump();
	ipv4.ethernet = (struct ethernet){ GATEWAY_MAC, WAN_MAC };
	ipv4.ttl -= 2;
	frame_ipv4(&frame, &ipv4);
	lab_expect(WAN, &frame);
	lab_expect_nothing();
	CU_ASSERT(lab_neighbour("a", IP(10, 9, 0, 2))->state == NEIGHBOUR_REACHABLE);
	CU_ASSERT(lab_stats("w").dropped_all == 0);
}

/* What passes the elements, and what goes by them; one that they could not judge goes nowhere. */
static void
pipeline_at(const char *side)
{
	struct ipv4 ipv4 = pair_packet();
	const struct side untagged = { "", 0, 0 };
	const struct element *element;
	struct frame frame;
	char more[128];
	unsigned int at = strcmp(side, "egress") == 0 ? ELEMENT_EGRESS : ELEMENT_INGRESS;

	snprintf(more, sizeof(more),
		"'pipeline': {'%s': [{'type': 'count', 'prefixes': ['0.0.0.0/0']}]},", side);
	pair = (struct pair_options){ 0 };
	lab_open(1,
		"{" PORTS("0", "0") ", 'routers': [{'name': 'w', 'forwarder': 'wire', %s"
				    " 'interfaces': [{'name': 'a', 'port': 'p0'}, {'name': 'b', "
				    "'port': 'p1', 'vlan': "
				    "9}]}]}",
		more);
	element = lab_router("w")->vr->pipeline->elements[0];
	ipv4.ethernet.to = STRANGE_MAC;
	frame_ipv4(&frame, &ipv4);
	for (unsigned int i = 0; i < 3; i++)
		lab_inject(0, &frame);
	lab_pump();
	ipv4.ethernet.tag = 9;
	frame_ipv4(&frame, &ipv4);
	for (unsigned int i = 0; i < 3; i++)
		lab_expect(1, &frame);
	CU_ASSERT(element_counters(element, at).in == 3 && element_counters(element, at).out == 3);

	frame = make_frame(STRANGE_MAC, &untagged, ETHERTYPE_ARP, 46);
	lab_inject(0, &frame);
	lab_pump();
	frame = make_frame(STRANGE_MAC, &(struct side){ "", 0, 9 }, ETHERTYPE_ARP, 46);
	lab_expect(1, &frame);
	for (uint32_t length = 0; length < 60; length++) {
		frame = make_frame(STRANGE_MAC, &untagged,
			length % 2 == 0 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6, length);
		lab_inject(0, &frame);
	}
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(element_counters(element, at).in == 3);
	CU_ASSERT(lab_dropped("w", VR_DROP_TRUNCATED) == 30 &&
		  lab_dropped("w", VR_DROP_VERSION) == 30);
	lab_close();
}

static void
test_pipeline(void)
{
	pipeline_at("ingress");
	pipeline_at("egress");
}

CU_TestInfo wire_tests[] = {
	{ "relays", test_relays },
	{ "priorities", test_priorities },
	{ "MTU", test_mtu },
	{ "beside routers", test_beside_routers },
	{ "bursts", test_bursts },
	{ "down", test_down },
	{ "over links", test_over_links },
	{ "between routers", test_between_routers },
	{ "pipeline", test_pipeline },
	CU_TEST_INFO_NULL,
};
