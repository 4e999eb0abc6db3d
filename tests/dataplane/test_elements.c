/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The elements mark, count, police, urpf, shape, burn and ttl_guard.
 */

#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>

#include "pair.h"
#include "pipeline_report.h"
#include "tests.h"
#include "vrf/pipeline.h"

#define RATES "'icmp_rate': 10000000, 'echo_rate': 10000000,"

static uint8_t payload[2000];

/* A number out of what `show vr r element NAME` has: "state.marked", "ingress.drops.yellow". */
static json_int_t
shown(const char *element, const char *path)
{
	json_t *object = report_element(lab_router("r"), element), *at = object;
	char keys[128];
	json_int_t value;

	snprintf(keys, sizeof(keys), "%s", path);
	for (char *key = strtok(keys, "."); key != NULL; key = strtok(NULL, "."))
		at = json_object_get(at, key);
	value = json_integer_value(at);
	json_decref(object);
	return value;
}

static json_int_t
row(const char *element, const char *key, const char *value, const char *wanted)
{
	json_t *rows = report_element_list(lab_router("r"), element, 100);
	json_int_t found = -1;

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *item = json_array_get(rows, i);

		if (strcmp(json_string_value(json_object_get(item, key)), value) == 0)
			found = json_integer_value(json_object_get(item, wanted));
	}
	json_decref(rows);
	return found;
}

/* mark */

static void
test_mark_every_dscp(void)
{
	static struct frame expected;
	struct ipv4 ipv4;
	struct ipv6 ipv6;

	pair_open((struct pair_options){ .ipv6 = true });
	for (unsigned int dscp = 0; dscp < 64; dscp++) {
		CU_ASSERT(lab_set_pipeline(
				  "r", "{'ingress': [{'type': 'mark', 'dscp': %u}]}", dscp) == 0);
		for (unsigned int tos = 0; tos < 256; tos++) {
			ipv4 = pair_packet();
			ipv4.tos = (uint8_t)tos;
			pair_inject(&ipv4);
			ipv4.tos = (uint8_t)(dscp << 2 | (tos & 3));
			lab_pump();
			pair_forwarded(&expected, &ipv4);
			if (!lab_expect(WAN, &expected))
				return;
			ipv6 = pair_packet6();
			ipv6.traffic_class = (uint8_t)tos;
			ipv6.flow_label = 0xabcde;
			pair_inject6(&ipv6);
			ipv6.traffic_class = ipv4.tos;
			lab_pump();
			pair_forwarded6(&expected, &ipv6);
			if (!lab_expect(WAN, &expected))
				return;
		}
	}
	lab_expect_nothing();
	/* All but those that had it, in both families. */
	CU_ASSERT(shown("mark", "state.marked") == 2 * (256 - 4));
}

static void
expect_mark(struct ipv4 *ipv4, uint8_t dscp)
{
	static struct frame expected;

	pair_inject(ipv4);
	lab_pump();
	ipv4->tos = (uint8_t)(dscp << 2);
	pair_forwarded(&expected, ipv4);
	lab_expect(WAN, &expected);
	ipv4->tos = 0;
}

static void
test_mark_rules(void)
{
	static struct frame expected;
	struct ipv4 ipv4;
	struct ipv6 ipv6;

	pair_open((struct pair_options){ .ipv6 = true,
		.more = "'pipeline': {'ingress': [{'type': 'mark', 'dscp': 'cs1', 'rules': ["
			"{'protocol': 'udp', 'destination_port': '5000-5010', 'dscp': 'ef'},"
			"{'protocol': 'udp', 'source_port': 53, 'destination': '198.18.0.0/16',"
			" 'dscp': 'af41'},"
			"{'source': '2001:db8:a::/64', 'dscp': 3},"
			"{'protocol': 'tcp', 'dscp': 7}]}]}," });
	ipv4 = pair_packet();
	ipv4.payload = payload;
	ipv4.length = fill_udp(payload, &ipv4, 1, 5000, NULL, 20);
	expect_mark(&ipv4, 46);
	ipv4.length = fill_udp(payload, &ipv4, 1, 5010, NULL, 20);
	expect_mark(&ipv4, 46);
	ipv4.length = fill_udp(payload, &ipv4, 1, 5011, NULL, 20);
	expect_mark(&ipv4, 8);
	ipv4.length = fill_udp(payload, &ipv4, 53, 1, NULL, 20);
	expect_mark(&ipv4, 34);
	ipv4.destination = IP(198, 19, 0, 1);
	ipv4.length = fill_udp(payload, &ipv4, 53, 1, NULL, 20);
	expect_mark(&ipv4, 8);
	/* A later fragment has no ports, whatever its bytes are. */
	ipv4.length = fill_udp(payload, &ipv4, 1, 5000, NULL, 20);
	ipv4.fragment = 100;
	expect_mark(&ipv4, 8);
	ipv4.fragment = 0;
	ipv4.protocol = PROTOCOL_TCP;
	expect_mark(&ipv4, 7);
	ipv6 = pair_packet6();
	pair_inject6(&ipv6);
	lab_pump();
	ipv6.traffic_class = 3 << 2;
	pair_forwarded6(&expected, &ipv6);
	lab_expect(WAN, &expected);
}

/* count */

static void
test_count(void)
{
	struct ipv4 ipv4;
	struct ipv6 ipv6;

	pair_open((struct pair_options){ .ipv6 = true,
		.more = "'pipeline': {'ingress': [{'type': 'count', 'name': 'to', 'prefixes': ["
			"'198.18.0.0/15', '198.18.0.0/24', '2001:db8::/32']}, {'type': 'count',"
			" 'name': 'from', 'by': 'source', 'prefixes': ['10.0.0.2/32',"
			" '2001:db8:a::/48']}]}," });
	ipv4 = pair_packet();
	for (unsigned int i = 0; i < 5; i++)
		pair_forwards(&ipv4);
	ipv4.destination = IP(198, 19, 0, 1);
	for (unsigned int i = 0; i < 3; i++)
		pair_forwards(&ipv4);
	ipv6 = pair_packet6();
	for (unsigned int i = 0; i < 7; i++)
		pair_forwards6(&ipv6);
	ipv4 = pair_packet_back();
	pair_forwards(&ipv4);
	CU_ASSERT(row("to", "prefix", "198.18.0.0/24", "packets") == 5);
	CU_ASSERT(row("to", "prefix", "198.18.0.0/24", "bytes") == 5 * (20 + 26));
	CU_ASSERT(row("to", "prefix", "198.18.0.0/15", "packets") == 3);
	CU_ASSERT(row("to", "prefix", "2001:db8::/32", "packets") == 7);
	CU_ASSERT(row("to", "prefix", "2001:db8::/32", "bytes") == 7 * (40 + 26));
	CU_ASSERT(shown("to", "state.uncovered_packets") == 1);
	CU_ASSERT(row("from", "prefix", "10.0.0.2/32", "packets") == 8);
	CU_ASSERT(row("from", "prefix", "2001:db8:a::/48", "packets") == 7);
	/* One more prefix: the others go on counting. */
	CU_ASSERT(lab_set_pipeline("r", "{'ingress': [{'type': 'count', 'name': 'to', 'prefixes': ["
					"'0.0.0.0/0', '198.18.0.0/24', '2001:db8::/32']}]}") == 0);
	CU_ASSERT(row("to", "prefix", "198.18.0.0/24", "packets") == 5);
	CU_ASSERT(row("to", "prefix", "0.0.0.0/0", "packets") == 0);
}

/* police */

/* Sends that many packets of 46 bytes at once. */
static void
send_many(unsigned int n, uint8_t tos)
{
	struct ipv4 ipv4 = pair_packet();

	ipv4.tos = tos;
	for (unsigned int i = 0; i < n; i++)
		pair_inject(&ipv4);
	lab_pump();
}

/* At 8 bit/s nothing is added while a test runs: the bursts decide. */
static void
test_police_bursts(void)
{
	static struct frame frame;
	unsigned int yellow = 0, green = 0;

	pair_open((struct pair_options){
		.more = "'pipeline': {'ingress': [{'type': 'police', 'name': 'p', "
			"'committed_rate': 8,"
			" 'committed_burst': 460, 'peak_rate': 8, 'peak_burst': 920,"
			" 'yellow': 'mark', 'yellow_dscp': 'af12'}]}," });
	send_many(50, 0);
	while (lab_take(WAN, &frame)) {
		CU_ASSERT(slow_checksum(frame.bytes + 14, 20) == 0);
		yellow += frame.bytes[14 + 1] == 12 << 2;
		green += frame.bytes[14 + 1] == 0;
	}
	/* 10 fit the committed burst, 20 the peak burst. */
	CU_ASSERT(green == 10);
	CU_ASSERT(yellow == 10);
	CU_ASSERT(shown("p", "ingress.drops.red") == 30);
	CU_ASSERT(lab_dropped("r", VR_DROP_ELEMENT) == 30);
	CU_ASSERT(row("p", "class", "other", "green_bytes") == 460);
	CU_ASSERT(row("p", "class", "other", "red_packets") == 30);
}

/* RFC 4115: the excess burst is beside the committed one, not around it. */
static void
test_police_rfc4115(void)
{
	pair_open((struct pair_options){
		.more = "'pipeline': {'ingress': [{'type': 'police', 'name': 'p', 'mode': "
			"'rfc4115',"
			" 'committed_rate': 8, 'committed_burst': 460, 'peak_rate': 8,"
			" 'peak_burst': 920, 'yellow': 'drop'}]}," });
	send_many(50, 0);
	CU_ASSERT(lab_waiting(WAN) == 10);
	CU_ASSERT(shown("p", "ingress.drops.yellow") == 20);
	CU_ASSERT(shown("p", "ingress.drops.red") == 20);
	lab_discard();
}

/* Classes have meters of their own; with colours, what is yellow stays so. */
static void
test_police_classes(void)
{
	pair_open((struct pair_options){
		.more = "'pipeline': {'ingress': [{'type': 'police', 'name': 'p', 'color_aware': "
			"true,"
			" 'committed_rate': 8, 'committed_burst': 4600, 'peak_rate': 8,"
			" 'peak_burst': 4600, 'classes': [{'dscps': ['ef', 5], 'committed_rate': 8,"
			" 'committed_burst': 92, 'peak_rate': 8, 'peak_burst': 92}]}]}," });
	send_many(5, 46 << 2);
	CU_ASSERT(lab_waiting(WAN) == 2);
	lab_discard();
	send_many(5, 5 << 2);
	CU_ASSERT(lab_waiting(WAN) == 0);
	send_many(20, 0);
	CU_ASSERT(lab_waiting(WAN) == 20);
	lab_discard();
	send_many(3, 12 << 2); /* af12: yellow already, the peak bucket pays */
	send_many(2, 14 << 2); /* af13: red */
	CU_ASSERT(lab_waiting(WAN) == 3);
	CU_ASSERT(row("p", "class", "1", "green_packets") == 2);
	CU_ASSERT(row("p", "class", "1", "red_packets") == 8);
	CU_ASSERT(row("p", "class", "other", "yellow_packets") == 3);
	CU_ASSERT(row("p", "class", "other", "red_packets") == 2);
	lab_discard();
}

/* urpf */

static void
from(uint32_t source, bool passes, const char *reason)
{
	struct ipv4 ipv4 = pair_packet();
	char path[64];
	json_int_t before;

	snprintf(path, sizeof(path), "ingress.drops.%s", reason);
	before = shown("u", path);
	ipv4.source = source;
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT(lab_waiting(WAN) == passes);
	CU_ASSERT(shown("u", path) == before + !passes);
	lab_discard();
}

static void
test_urpf_strict(void)
{
	struct vr_via vias[2] = { { .address = ip_address_of_ipv4(HOST_IP), .weight = 1 },
		{ .address = ip_address_of_ipv4(GATEWAY_IP), .weight = 1 } };
	struct vr_route several = { .prefix = { ip_address_of_ipv4(IP(20, 0, 0, 0)), 8 },
		.type = VR_ROUTE_VIA,
		.n_vias = 2,
		.vias = vias };
	char error[VR_ERROR_SIZE];
	struct ipv4 ipv4;
	struct ipv6 ipv6;

	pair_open((struct pair_options){ .ipv6 = true,
		.more = RATES "'pipeline': {'ingress': [{'type': 'urpf', 'name': 'u'}]}," });
	CU_ASSERT(lab_add_route_type("r", IP(203, 0, 113, 0), 24, VR_ROUTE_BLACKHOLE) == 0);
	from(HOST_IP, true, "no_route");
	from(IP(10, 0, 0, 77), true, "no_route"); /* on the link, not known yet */
	from(FAR_IP, false, "other_interface");
	from(GATEWAY_IP, false, "other_interface");
	from(IP(203, 0, 113, 9), false, "no_route");
	from(IP(8, 8, 8, 8), false, "no_route");
	from(LAN_IP, false, "no_route"); /* our own */
	ipv4 = pair_packet_back();
	pair_forwards(&ipv4);
	/* Several paths: any of them. */
	CU_ASSERT(vr_route_add(lab_router("r")->vr, &several, error) == 0);
	from(IP(20, 1, 2, 3), true, "no_route");
	ipv4 = pair_packet_back();
	ipv4.source = IP(20, 1, 2, 3);
	pair_forwards(&ipv4);
	ipv6 = pair_packet6();
	pair_forwards6(&ipv6);
	ipv6.source = FAR_IP6;
	pair_inject6(&ipv6);
	lab_pump();
	lab_expect_nothing();
	ipv6.source = ip6("2001:db8:e000::1");
	pair_inject6(&ipv6);
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(shown("u", "ingress.drops.other_interface") == 3);
}

static void
test_urpf_loose(void)
{
	pair_open((struct pair_options){
		.more = RATES
		"'pipeline': {'ingress': [{'type': 'urpf', 'name': 'u', 'mode': 'loose'}]}," });
	CU_ASSERT(lab_add_route_type("r", IP(203, 0, 113, 0), 24, VR_ROUTE_BLACKHOLE) == 0);
	from(HOST_IP, true, "no_route");
	from(FAR_IP, true, "no_route");
	from(IP(203, 0, 113, 9), false, "no_route");
	from(IP(8, 8, 8, 8), false, "no_route");
}

/* On some interfaces only. */
static void
test_urpf_interfaces(void)
{
	struct ipv4 ipv4;

	pair_open((struct pair_options){ .more = RATES
					 "'pipeline': {'ingress': [{'type': 'urpf', 'name': 'u',"
					 " 'interfaces': ['wan']}]}," });
	from(IP(8, 8, 8, 8), true, "no_route");
	ipv4 = pair_packet_back();
	pair_forwards(&ipv4);
	ipv4.source = IP(8, 8, 8, 8);
	pair_inject(&ipv4);
	lab_pump();
	lab_expect_nothing();
}

/* shape */

/* Lets all run until so many frames have come, for as long as that takes; true: in order. */
static bool
wait_for(unsigned int n)
{
	static struct frame frame;
	uint16_t id = 0;
	bool ordered = true;

	for (unsigned int seen = 0; seen < n;) {
		lab_pump();
		while (lab_take(WAN, &frame)) {
			ordered &= frame_get16(&frame, 14 + 4) == id++;
			seen++;
		}
	}
	return ordered;
}

static void
test_shape_delays(void)
{
	uint64_t start = rte_rdtsc(), took;

	/* 460 bytes at once, then 1 Mbyte/s: 200 packets of 46 bytes take 8.7 ms. */
	pair_open((struct pair_options){
		.more = "'pipeline': {'egress': [{'type': 'shape', 'name': 's', 'rate': 8000000,"
			" 'burst': 460, 'max_delay': 10000, 'max_packets': 1000},"
			" {'type': 'mark', 'dscp': 9}]}," });
	for (unsigned int i = 0; i < 200; i++) {
		struct ipv4 ipv4 = pair_packet();

		ipv4.id = (uint16_t)i;
		pair_inject(&ipv4);
	}
	lab_pass(0);
	CU_ASSERT(wait_for(200));
	took = rte_rdtsc() - start;
	/* Never faster than the rate. */
	CU_ASSERT(took * 1000 / rte_get_tsc_hz() >= 8);
	CU_ASSERT(shown("s", "state.delayed_packets") > 0);
	CU_ASSERT(shown("s", "egress.out") == 200);
	CU_ASSERT(lab_stats("r").forwarded == 200);
	CU_ASSERT(lab_stats("r").waiting == 0);
	/* Those that waited passed what is behind, too. */
	CU_ASSERT(shown("mark", "egress.in") == 200);
}

/* What became of packets of 460 bytes: at 8 kbit/s one is 460 ms. */
struct bounds {
	uint64_t waiting, in_the_new, in_none, stopped;
	json_int_t queue_full, delay;
};

static void
send_long(unsigned int n)
{
	struct ipv4 ipv4 = pair_packet();

	ipv4.payload = payload;
	ipv4.length = 460 - 20;
	for (unsigned int i = 0; i < n; i++)
		pair_inject(&ipv4);
	lab_pump();
}

/* Gives whether all of it came to pass before the first that waits is due. */
static bool
try_bounds(struct bounds *bounds)
{
	uint64_t start;

	pair_open((struct pair_options){
		.more = "'pipeline': {'egress': [{'type': 'shape', 'name': 's', 'rate': 8000,"
			" 'burst': 4600, 'max_delay': 10000, 'max_packets': 16}]}," });
	start = rte_rdtsc();
	send_long(50);
	bounds->waiting = lab_stats("r").waiting;
	bounds->queue_full = shown("s", "egress.drops.queue_full");
	CU_ASSERT(lab_set_pipeline("r",
			  "{'egress': [{'type': 'shape', 'name': 's', 'rate': 8000, 'burst': 4600,"
			  " 'max_delay': 300, 'max_packets': 16}]}") == 0);
	bounds->in_the_new = lab_stats("r").waiting;
	send_long(50);
	bounds->delay = shown("s", "egress.drops.delay");
	lab_discard();
	CU_ASSERT(lab_set_pipeline("r", "{}") == 0);
	lab_pump();
	lab_poll();
	bounds->in_none = lab_stats("r").waiting;
	bounds->stopped = lab_dropped("r", VR_DROP_STOPPED);
	lab_discard();
	/* Which finds the account right. */
	lab_close();
	return (rte_rdtsc() - start) * 1000 / rte_get_tsc_hz() < 460;
}

static void
test_shape_bounds(void)
{
	struct bounds bounds;

	/* On a machine that takes the core away it may take several tries. */
	while (!try_bounds(&bounds))
		;
	/* 11 at once, of which the last begins as the burst ends; 16 in the queue. */
	CU_ASSERT(bounds.waiting == 16 && bounds.queue_full == 50 - 11 - 16);
	/* What waits goes on waiting in the new one, which takes no more. */
	CU_ASSERT(bounds.in_the_new == 16 && bounds.delay == 50);
	/* The rest goes as stopped with the element. */
	CU_ASSERT(bounds.in_none == 0 && bounds.stopped == 16);
}

static void
test_shape_early(void)
{
	pair_open((struct pair_options){
		.more = "'pipeline': {'egress': [{'type': 'shape', 'name': 's', 'rate': 800000,"
			" 'burst': 64, 'max_delay': 1000, 'early_delay': 1, 'max_packets': "
			"4096}]}," });
	for (unsigned int i = 0; i < 40; i++)
		send_many(50, 0);
	/* 2000 packets at 100 kbyte/s are 0.92 s: some in twenty of them go early. */
	CU_ASSERT(shown("s", "egress.drops.early") > 20);
	CU_ASSERT(shown("s", "egress.drops.early") < 200);
	CU_ASSERT(shown("s", "egress.drops.delay") == 0);
	lab_discard();
	/* Stopped with a full queue. */
}

/* Other interfaces are not touched. */
static void
test_shape_interface(void)
{
	struct ipv4 ipv4;

	pair_open((struct pair_options){
		.more = "'pipeline': {'egress': [{'type': 'shape', 'name': 's', 'rate': 8000,"
			" 'burst': 64, 'interface': 'lan'}]}," });
	for (unsigned int i = 0; i < 20; i++) {
		ipv4 = pair_packet();
		pair_forwards(&ipv4);
	}
	CU_ASSERT(shown("s", "state.delayed_packets") == 0);
}

/* burn */

static void
test_burn(void)
{
	struct ipv4 ipv4;
	uint64_t before;

	pair_open((struct pair_options){
		.more = "'pipeline': {'ingress': [{'type': 'burn', 'name': 'b', 'cycles': 100000},"
			" {'type': 'burn', 'name': 'p', 'cycles': 1000, 'distribution': 'pareto',"
			"  'reads': 10, 'memory': 1}]}," });
	ipv4 = pair_packet();
	before = lab_stats("r").cycles;
	for (unsigned int i = 0; i < 100; i++)
		pair_forwards(&ipv4);
	/* At least what was asked for, and its router has paid it. */
	CU_ASSERT(lab_stats("r").cycles - before >= 100 * 100000);
	CU_ASSERT(shown("b", "state.cycles_spent") == 100 * 100000);
	CU_ASSERT(shown("p", "state.cycles_spent") > 0);
	for (unsigned int i = 0; i < 1000; i++)
		pair_inject(&ipv4);
	lab_pump();
	lab_discard();
}

/* ttl_guard */

/* Sends a packet of each family in by the LAN; gives how many go on. */
static unsigned int
pass_with(uint8_t ttl)
{
	struct ipv4 ipv4 = pair_packet();
	struct ipv6 ipv6 = pair_packet6();
	unsigned int n;

	ipv4.ttl = ttl;
	ipv6.hop_limit = ttl;
	pair_inject(&ipv4);
	pair_inject6(&ipv6);
	lab_pump();
	n = lab_waiting(WAN);
	lab_discard();
	return n;
}

/* Packets that a list of the element "g" has for a TTL. */
static json_int_t
dropped_with(int ttl)
{
	json_t *rows = report_element_list(lab_router("r"), "g", 1000);
	json_int_t found = 0;

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *item = json_array_get(rows, i);

		if (json_integer_value(json_object_get(item, "ttl")) == ttl)
			found = json_integer_value(json_object_get(item, "packets"));
	}
	json_decref(rows);
	return found;
}

/* For each minimum those that have less go, and no others. */
static void
test_ttl_guard(void)
{
	static const uint8_t minimums[] = { 255, 254, 65, 64, 1 };
	unsigned int low = 0;

	pair_open((struct pair_options){ .ipv6 = true, .more = RATES });
	for (unsigned int i = 0; i < RTE_DIM(minimums); i++) {
		CU_ASSERT(lab_set_pipeline("r",
				  "{'ingress': [{'type': 'ttl_guard', 'name': 'g', 'minimum': "
				  "%u}]}",
				  minimums[i]) == 0);
		for (unsigned int ttl = 255; ttl >= 2; ttl--) {
			CU_ASSERT(pass_with((uint8_t)ttl) == (ttl >= minimums[i] ? 2 : 0));
			low += ttl < minimums[i];
		}
		CU_ASSERT(shown("g", "ingress.drops.ttl") + shown("g", "ingress.drops.hop_limit") ==
			  2 * (minimums[i] > 2 ? minimums[i] - 2 : 0));
	}
	CU_ASSERT(lab_dropped("r", VR_DROP_ELEMENT) == 2 * low);
	/* What was seen by the elements before is kept. */
	CU_ASSERT(lab_set_pipeline("r", "{'ingress': [{'type': 'ttl_guard', 'name': 'g'}]}") == 0);
	CU_ASSERT(dropped_with(253) == 2 * 2);
	CU_ASSERT(pass_with(253) == 0);
	CU_ASSERT(dropped_with(253) == 2 * 2 + 2);
	CU_ASSERT(shown("g", "ingress.drops.ttl") == 1);
}

/* One that has no hops left is the guard's before it is the router's: no error tells of it. */
static void
test_ttl_guard_own(void)
{
	struct ipv4 ipv4;

	pair_open((struct pair_options){
		.more = RATES "'pipeline': {'ingress': [{'type': 'ttl_guard', 'name': 'g'}]}," });
	ipv4 = pair_packet();
	ipv4.ttl = 1;
	pair_inject(&ipv4);
	ipv4.destination = LAN_IP;
	ipv4.protocol = PROTOCOL_ICMP;
	ipv4.payload = payload;
	ipv4.length = fill_icmp(payload, 8, 0, 1, NULL, 20);
	ipv4.ttl = 254;
	pair_inject(&ipv4);
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(shown("g", "ingress.drops.ttl") == 2);
	ipv4.ttl = 255;
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT(lab_stats("r").answered == 1);
	lab_discard();
}

/* Only what it says, and only on the interfaces that it says. */
static void
test_ttl_guard_some(void)
{
	struct ipv4 ipv4;

	pair_open((struct pair_options){ .ipv6 = true,
		.more = "'pipeline': {'ingress': [{'type': 'ttl_guard', 'name': 'g',"
			" 'protocol': 'tcp', 'destination_port': 179, 'interfaces': ['lan']}]}," });
	ipv4 = pair_packet();
	ipv4.payload = payload;
	ipv4.length = fill_udp(payload, &ipv4, 1, 179, NULL, 20);
	pair_forwards(&ipv4);
	CU_ASSERT(shown("g", "state.unmatched_packets") == 1);
	/* Of TCP the ports are at the same place. */
	ipv4.protocol = PROTOCOL_TCP;
	pair_inject(&ipv4);
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(shown("g", "ingress.drops.ttl") == 1);
	ipv4.ttl = 255;
	pair_forwards(&ipv4);
	/* A later fragment does not tell its port. */
	ipv4.ttl = 64;
	ipv4.fragment = 100;
	pair_forwards(&ipv4);
	CU_ASSERT(shown("g", "state.unmatched_packets") == 2);
	ipv4 = pair_packet_back();
	ipv4.payload = payload;
	ipv4.length = fill_udp(payload, &ipv4, 1, 179, NULL, 20);
	ipv4.protocol = PROTOCOL_TCP;
	pair_forwards(&ipv4);
	CU_ASSERT(shown("g", "state.unmatched_packets") == 2);
}

CU_TestInfo elements_tests[] = {
	{ "mark every dscp", test_mark_every_dscp },
	{ "mark rules", test_mark_rules },
	{ "count", test_count },
	{ "police bursts", test_police_bursts },
	{ "police rfc4115", test_police_rfc4115 },
	{ "police classes", test_police_classes },
	{ "urpf strict", test_urpf_strict },
	{ "urpf loose", test_urpf_loose },
	{ "urpf interfaces", test_urpf_interfaces },
	{ "shape delays", test_shape_delays },
	{ "shape bounds", test_shape_bounds },
	{ "shape early", test_shape_early },
	{ "shape interface", test_shape_interface },
	{ "burn", test_burn },
	{ "ttl_guard", test_ttl_guard },
	{ "ttl_guard own", test_ttl_guard_own },
	{ "ttl_guard some", test_ttl_guard_some },
	CU_TEST_INFO_NULL,
};
