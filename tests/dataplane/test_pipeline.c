/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * What passes through elements, in which order, and what a change of them does.
 */

#include <string.h>

#include "pair.h"
#include "pipeline.h"
#include "tests.h"
#include "vrf/pipeline.h"

#define RATES "'icmp_rate': 10000000, 'echo_rate': 10000000,"
#define COUNT_ALL "{'type': 'count', 'name': 'c', 'prefixes': ['0.0.0.0/0', '::/0']}"

static uint8_t payload[2000];

static struct element_counters
counters(const char *element, enum element_side side)
{
	const struct element *found = pipeline_find(lab_router("r")->vr, element);

	CU_ASSERT_PTR_NOT_NULL_FATAL(found);
	return element_counters(found, side);
}

/* Marked at ingress, marked again at egress: the last word is egress's. */
static void
test_order(void)
{
	static struct frame expected;
	struct ipv4 ipv4;

	pair_open((struct pair_options){
		.more = "'pipeline': {'ingress': [{'type': 'mark', 'name': 'a', 'dscp': 10},"
			" {'type': 'mark', 'name': 'b', 'rules': [{'has_dscp': 10, 'dscp': 20}]}],"
			" 'egress': [{'type': 'mark', 'name': 'c',"
			"  'rules': [{'has_dscp': 20, 'dscp': 30}, {'dscp': 1}]}]}," });
	ipv4 = pair_packet();
	pair_inject(&ipv4);
	lab_pump();
	ipv4.tos = 30 << 2;
	pair_forwarded(&expected, &ipv4);
	lab_expect(WAN, &expected);
	CU_ASSERT(counters("a", ELEMENT_INGRESS).in == 1);
	CU_ASSERT(counters("b", ELEMENT_INGRESS).out == 1);
	CU_ASSERT(counters("c", ELEMENT_EGRESS).in == 1);
	CU_ASSERT(counters("c", ELEMENT_INGRESS).in == 0);
	lab_expect_nothing();
}

/* Neither options, groups nor the router's own addresses are a way round. */
static void
test_all_pass_through(void)
{
	static const uint8_t options[4] = { 1, 1, 1, 1 };
	struct ipv4 ipv4;
	struct ipv6 ipv6;

	pair_open((struct pair_options){
		.ipv6 = true, .more = RATES "'pipeline': {'ingress': [" COUNT_ALL "]}," });
	lab_discard();
	ipv4 = pair_packet();
	pair_forwards(&ipv4);
	CU_ASSERT(counters("c", ELEMENT_INGRESS).in == 1);
	ipv4.options = options;
	ipv4.n_options = sizeof(options);
	pair_forwards(&ipv4);
	CU_ASSERT(counters("c", ELEMENT_INGRESS).in == 2);
	ipv4 = pair_packet();
	ipv4.destination = IP(239, 1, 1, 1);
	ipv4.ethernet.to = UINT64_C(0x01005e010101);
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT(counters("c", ELEMENT_INGRESS).in == 3);
	ipv4 = pair_packet();
	ipv4.destination = LAN_IP;
	ipv4.protocol = PROTOCOL_ICMP;
	ipv4.payload = payload;
	ipv4.length = fill_icmp(payload, 8, 0, 1, NULL, 20);
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT(counters("c", ELEMENT_INGRESS).in == 4);
	lab_discard();
	ipv6 = pair_packet6();
	pair_forwards6(&ipv6);
	CU_ASSERT(counters("c", ELEMENT_INGRESS).in == 5);
	ipv6.destination = ip6("fe80::99");
	pair_inject6(&ipv6);
	lab_pump();
	CU_ASSERT(counters("c", ELEMENT_INGRESS).in == 6);
	CU_ASSERT(lab_stats("r").answered == 1);
	lab_discard();
}

/* A broken header is dropped before elements could trip over it. */
static void
test_invalid_do_not(void)
{
	static struct frame frame;
	struct ipv4 ipv4;

	pair_open((struct pair_options){
		.more = RATES "'pipeline': {'ingress': [" COUNT_ALL "], 'egress': ['c']}," });
	ipv4 = pair_packet();
	frame_ipv4(&frame, &ipv4);
	frame.bytes[14 + 10] ^= 1;
	pair_drops(LAN, &frame, VR_DROP_CHECKSUM);
	frame_ipv4(&frame, &ipv4);
	frame.length = 14 + 19;
	pair_drops(LAN, &frame, VR_DROP_TRUNCATED);
	CU_ASSERT(counters("c", ELEMENT_INGRESS).in == 0);
	CU_ASSERT(counters("c", ELEMENT_EGRESS).in == 0);
}

/* What hosts of a link say to each other is not for elements, in both directions. */
static void
test_neighbours_go_by(void)
{
	static struct frame frame, answer;
	struct arp arp = { .ethernet = { MAC_BROADCAST, HOST_MAC, 0 },
		.operation = ARP_REQUEST,
		.sender_mac = HOST_MAC,
		.sender = HOST_IP,
		.target = LAN_IP };
	struct nd nd = { .ethernet = { LAN_MAC, HOST_MAC, 0 },
		.source = HOST_IP6,
		.destination = LAN_IP6,
		.type = ND_SOLICITATION,
		.target = LAN_IP6,
		.option = ND_SOURCE,
		.mac = HOST_MAC };

	pair_open((struct pair_options){ .ipv6 = true,
		.more = RATES "'pipeline': {'ingress': [" COUNT_ALL "], 'egress': ['c']}," });
	lab_discard();
	frame_arp(&frame, &arp);
	lab_inject(LAN, &frame);
	lab_pump();
	CU_ASSERT(lab_take(LAN, &answer));
	frame_nd(&frame, &nd);
	lab_inject(LAN, &frame);
	lab_pump();
	CU_ASSERT(lab_take(LAN, &answer));
	/* To a group too. */
	nd.destination = ip6_solicited_node(LAN_IP6);
	nd.ethernet.to = ip6_group_mac(nd.destination);
	frame_nd(&frame, &nd);
	lab_inject(LAN, &frame);
	lab_pump();
	CU_ASSERT(lab_take(LAN, &answer));
	CU_ASSERT(counters("c", ELEMENT_INGRESS).in == 0);
	CU_ASSERT(counters("c", ELEMENT_EGRESS).in == 0);
}

/* The router's answers and errors leave through the egress elements, and are its own account's. */
static void
test_own_packets(void)
{
	static struct frame answer;
	struct ipv4 ipv4;

	pair_open((struct pair_options){
		.more = RATES
		"'pipeline': {'egress': [{'type': 'mark', 'name': 'm', 'dscp': 'ef'}]}," });
	ipv4 = pair_packet();
	ipv4.destination = LAN_IP;
	ipv4.protocol = PROTOCOL_ICMP;
	ipv4.payload = payload;
	ipv4.length = fill_icmp(payload, 8, 0, 1, NULL, 20);
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT_FATAL(lab_take(LAN, &answer));
	CU_ASSERT(answer.bytes[14 + 1] == 46 << 2);
	CU_ASSERT(slow_checksum(answer.bytes + 14, 20) == 0);
	ipv4 = pair_packet();
	ipv4.ttl = 1;
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT_FATAL(lab_take(LAN, &answer));
	CU_ASSERT(answer.bytes[14 + 1] == 46 << 2);
	CU_ASSERT(slow_checksum(answer.bytes + 14, 20) == 0);
	CU_ASSERT(counters("m", ELEMENT_EGRESS).in == 2);
}

/* What an egress element drops was not sent: an answer is dropped, an error of ours is lost. */
static void
test_egress_drops(void)
{
	struct ipv4 ipv4;

	pair_open((struct pair_options){
		.more = RATES
		"'pipeline': {'egress': [{'type': 'police', 'name': 'p', 'committed_rate': 8,"
		" 'committed_burst': 1, 'peak_rate': 8, 'peak_burst': 1}]}," });
	ipv4 = pair_packet();
	for (unsigned int i = 0; i < 100; i++)
		pair_inject(&ipv4);
	ipv4.ttl = 1;
	pair_inject(&ipv4);
	ipv4 = pair_packet();
	ipv4.destination = LAN_IP;
	ipv4.protocol = PROTOCOL_ICMP;
	ipv4.payload = payload;
	ipv4.length = fill_icmp(payload, 8, 0, 1, NULL, 20);
	pair_inject(&ipv4);
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(lab_dropped("r", VR_DROP_ELEMENT) == 101);
	CU_ASSERT(lab_stats("r").forwarded == 0);
	CU_ASSERT(lab_stats("r").answered == 0);
	CU_ASSERT(lab_stats("r").forwarded_bytes == 0);
	CU_ASSERT(lab_stats("r").originated_lost == 1);
	CU_ASSERT(counters("p", ELEMENT_EGRESS).dropped[1] == 102);
}

/* Elements that stay keep what they know; others are new. */
static void
test_change(void)
{
	struct ipv4 ipv4;
	struct element *kept;

	pair_open(
		(struct pair_options){ .more = RATES "'pipeline': {'ingress': [" COUNT_ALL "]}," });
	ipv4 = pair_packet();
	pair_forwards(&ipv4);
	kept = pipeline_find(lab_router("r")->vr, "c");
	CU_ASSERT(lab_set_pipeline("r",
			  "{'egress': [{'type': 'mark', 'dscp': 0}], 'ingress': [" COUNT_ALL
			  "]}") == 0);
	CU_ASSERT(pipeline_find(lab_router("r")->vr, "c") == kept);
	CU_ASSERT(pipeline_find(lab_router("r")->vr, "mark") != NULL);
	pair_forwards(&ipv4);
	CU_ASSERT(counters("c", ELEMENT_INGRESS).in == 2);
	CU_ASSERT(lab_set_pipeline("r", "{}") == 0);
	CU_ASSERT_PTR_NULL(lab_router("r")->vr->pipeline);
	pair_forwards(&ipv4);
	lab_expect_nothing();
}

static void
refused(const char *json, const char *why)
{
	const struct pipeline *before = lab_router("r")->vr->pipeline;

	CU_ASSERT(lab_set_pipeline("r", "%s", json) != 0);
	if (strstr(lab_error(), why) == NULL)
		printf("\n%s: \"%s\" is not about \"%s\"", json, lab_error(), why);
	CU_ASSERT_PTR_NOT_NULL(strstr(lab_error(), why));
	CU_ASSERT(lab_router("r")->vr->pipeline == before);
}

/* A change that is wrong in any part changes nothing. */
static void
test_refused(void)
{
	struct ipv4 ipv4;

	pair_open(
		(struct pair_options){ .more = RATES "'pipeline': {'ingress': [" COUNT_ALL "]}," });
	ipv4 = pair_packet();
	refused("{'ingress': [{'type': 'mark', 'dscp': 64}]}", "from 0 to 63");
	refused("{'ingress': [{'type': 'mark'}]}", "\"dscp\" nor \"rules\"");
	refused("{'ingress': [{'type': 'marc'}]}", "did you mean \"mark\"");
	refused("{'ingress': [{'dscp': 4}]}", "found no \"type\"");
	refused("{'ingress': ['x']}", "told elsewhere");
	refused("{'ingress': [7]}", "an element, or the name");
	refused("{'ingress': {}}", "a list");
	refused("{'egress': [{'type': 'urpf'}]}", "in \"ingress\"");
	refused("{'ingress': [" COUNT_ALL ", " COUNT_ALL "]}", "a second element \"c\"");
	refused("{'ingress': [" COUNT_ALL ", 'c']}", "a second time");
	refused("{'ingress': [{'type': 'urpf', 'interfaces': ['lam']}]}", "did you mean \"lan\"");
	refused("{'egress': [{'type': 'shape', 'rate': 1000000, 'interface': 'x'}]}",
		"an interface of the router");
	refused("{'ingress': [{'type': 'burn', 'reads': 1, 'memory': 65}]}",
		"its \"max_memory\" is 64");
	refused("{'ingress': [" COUNT_ALL ", {'type': 'burn', 'reads': 1, 'memory': 4}],"
		" 'max_memory': 4}",
		"its \"max_memory\" is 4");
	refused("{'egress': [{'type': 'shape', 'rate': 1000000000, 'max_packets': 1000000}]}",
		"start with \"mbufs\"");
	refused("[]", "an object with \"ingress\" and \"egress\"");
	refused("{", "expected");
	pair_forwards(&ipv4);
	CU_ASSERT(counters("c", ELEMENT_INGRESS).in == 1);
}

/* Swapped again and again between packets: none is lost, in this router or another. */
static void
test_change_under_traffic(void)
{
	struct ipv4 ipv4;

	pair_open((struct pair_options){
		.routers = ", {'name': 's', 'interfaces': [{'name': 'x', 'port': 'p0', 'vlan': 9,"
			   " 'mac': '02:00:00:00:00:09', 'addresses': ['10.9.0.1/24']}]}" });
	ipv4 = pair_packet();
	for (unsigned int i = 0; i < 200; i++) {
		for (unsigned int k = 0; k < random32() % 70; k++)
			pair_inject(&ipv4);
		lab_pass(0);
		switch (random32() % 4) {
		case 0:
			CU_ASSERT(lab_set_pipeline("r", "{}") == 0);
			break;
		case 1:
			CU_ASSERT(lab_set_pipeline("r",
					  "{'ingress': [" COUNT_ALL "], 'egress': ['c']}") == 0);
			break;
		case 2:
			CU_ASSERT(lab_set_pipeline("r",
					  "{'ingress': [{'type': 'mark', 'dscp': 0}], 'egress': ["
					  "{'type': 'shape', 'rate': 100000000000, 'burst': %u}]}",
					  64 + random32() % 1000) == 0);
			break;
		default:
			CU_ASSERT(lab_set_pipeline("r",
					  "{'egress': [{'type': 'burn', 'cycles': %u}]}",
					  random32() % 100) == 0);
		}
		lab_poll();
		lab_discard();
	}
	CU_ASSERT(lab_set_pipeline("r", "{}") == 0);
	lab_pump();
	/* Only what a shaper held when it went. */
	CU_ASSERT(lab_stats("r").received == lab_stats("r").forwarded +
						     lab_dropped("r", VR_DROP_STOPPED) +
						     lab_dropped("r", VR_DROP_FIFO_FULL));
	lab_discard();
}

/* More frames than one output has room for pass through the egress elements before they leave. */
static void
test_many_fragments(void)
{
	static struct frame frame;
	struct ipv4 ipv4;
	unsigned int n = 0;

	pair_open((struct pair_options){ .wan_mtu = 68,
		.more = RATES
		"'pipeline': {'egress': [{'type': 'mark', 'name': 'm', 'dscp': 5}]}," });
	ipv4 = pair_packet();
	ipv4.payload = payload;
	ipv4.length = 1400;
	for (unsigned int i = 0; i < 40; i++)
		pair_inject(&ipv4);
	lab_pump();
	while (lab_take(WAN, &frame)) {
		CU_ASSERT(frame.bytes[14 + 1] == 5 << 2);
		CU_ASSERT(slow_checksum(frame.bytes + 14, 20) == 0);
		n++;
	}
	CU_ASSERT(n == 40 * 30); /* 48 bytes each */
	CU_ASSERT(counters("m", ELEMENT_EGRESS).in == n);
}

CU_TestInfo pipeline_tests[] = {
	{ "order", test_order },
	{ "all pass through", test_all_pass_through },
	{ "invalid do not", test_invalid_do_not },
	{ "neighbours go by", test_neighbours_go_by },
	{ "own packets", test_own_packets },
	{ "egress drops", test_egress_drops },
	{ "change", test_change },
	{ "refused", test_refused },
	{ "change under traffic", test_change_under_traffic },
	{ "many fragments", test_many_fragments },
	CU_TEST_INFO_NULL,
};
