/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Ports that one router alone has interfaces on: they are polled in its turns, and while it sleeps
 * only now and then.
 */

#include "burst.h"
#include "report.h"
#include "tests.h"

#define OTHER_LAN 2
#define MANY 1000
#define PASSES_MAX 1000000

/* Arguments: name, more members, first and second port. */
#define OWNER \
	"{'name': '%s', %s 'interfaces': [" \
	" {'name': 'lan', 'port': 'p%u', 'mac': '02:00:00:00:00:01'," \
	"  'addresses': ['10.0.0.1/24']}," \
	" {'name': 'wan', 'port': 'p%u', 'mac': '02:00:00:00:00:02'," \
	"  'addresses': ['192.0.2.1/24']}]," \
	" 'routes': [{'prefix': '198.18.0.0/15', 'via': '192.0.2.2'}]," \
	" 'neighbours': [{'interface': 'lan', 'address': '10.0.0.2', 'mac': '02:00:00:00:0a:02'}," \
	"  {'interface': 'wan', 'address': '192.0.2.2', 'mac': '02:00:00:00:02:02'}]}"

static const struct worker_port *
polled(unsigned int port)
{
	return worker_port_find(lab.vrouter->workers[0], &lab.vrouter->ports[port]);
}

static void
open_two(void)
{
	lab_open(1,
		"{'ports': [{'name': 'p0', 'device': 'net_ring_p0'},"
		" {'name': 'p1', 'device': 'net_ring_p1'},"
		" {'name': 'p2', 'device': 'net_ring_p2'},"
		" {'name': 'p3', 'device': 'net_ring_p3'}],"
		" 'routers': [" OWNER "," OWNER "]}",
		"a", "'fifo': 32,", 0, 1, "b", "'fifo': 32,", 2, 3);
	for (unsigned int port = 0; port < 4; port++)
		CU_ASSERT(polled(port)->own);
}

/* As it is told of. */
static void
check_told(unsigned int port, const char *whose)
{
	json_t *object = report_port(lab.vrouter, port);

	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(object, "polled_for")), whose);
	json_decref(object);
}

static void
inject_on(unsigned int port, uint16_t vlan, unsigned int n)
{
	static struct frame frame;

	for (unsigned int i = 0; i < n; i++) {
		struct ipv4 ipv4 = packet_on(vlan, (uint16_t)i);

		frame_ipv4(&frame, &ipv4);
		lab_inject(port, &frame);
	}
}

/* What it has no turn for waits in the port, not in its FIFO, and nothing is dropped. */
static void
test_turns(void)
{
	struct router_stats a, b;
	uint64_t before[4];

	open_two();
	check_told(LAN, "a");
	check_told(OTHER_LAN, "b");
	for (unsigned int port = 0; port < 4; port++)
		before[port] = polled(port)->rx_packets;
	inject_on(LAN, 0, MANY);
	inject_on(OTHER_LAN, 0, MANY);
	do {
		lab_pass(0);
		a = lab_stats("a");
		b = lab_stats("b");
		CU_ASSERT(
			polled(LAN)->rx_packets - before[LAN] <= (a.turns + 1) * SCHED_BUDGET_MAX);
		CU_ASSERT(polled(OTHER_LAN)->rx_packets - before[OTHER_LAN] <=
			  (b.turns + 1) * SCHED_BUDGET_MAX);
		CU_ASSERT(a.queued <= SCHED_BUDGET_MAX && b.queued <= SCHED_BUDGET_MAX);
	} while (a.forwarded < MANY || b.forwarded < MANY);
	CU_ASSERT(a.dropped_all == 0 && b.dropped_all == 0);
	lab_discard();
}

/* Both ports of a router get their part of its turns. */
static void
test_both_ports(void)
{
	static struct frame frame;
	const struct ipv4 back = pair_packet_back();
	uint64_t lan, wan;

	open_two();
	frame_ipv4(&frame, &back);
	lan = polled(LAN)->rx_packets;
	wan = polled(WAN)->rx_packets;
	inject_on(LAN, 0, MANY);
	for (unsigned int i = 0; i < MANY; i++)
		lab_inject(WAN, &frame);
	while (polled(LAN)->rx_packets < lan + MANY / 2) {
		uint64_t from_lan, from_wan;

		lab_pass(0);
		from_lan = polled(LAN)->rx_packets - lan;
		from_wan = polled(WAN)->rx_packets - wan;
		CU_ASSERT(from_lan <= from_wan + 2 * PACKET_BURST_MAX);
		CU_ASSERT(from_wan <= from_lan + 2 * PACKET_BURST_MAX);
	}
	lab_pump();
	CU_ASSERT(lab_stats("a").forwarded == 2 * MANY);
	lab_discard();
}

/* Turns that never run out of frames. `injected` is how many the port has been given. */
static void
keep_busy(uint64_t *injected)
{
	uint64_t rest = *injected - polled(LAN)->rx_packets;

	if (rest < 2 * SCHED_BUDGET_MAX) {
		inject_on(LAN, 0, SCHED_BUDGET_MAX);
		*injected += SCHED_BUDGET_MAX;
	}
	lab_pass(0);
}

/* Once a quantum at most while another is at work, yet soon. */
static void
test_visits(void)
{
	const struct worker *worker;
	uint64_t polls, elapsed, injected;

	open_two();
	worker = lab.vrouter->workers[0];
	injected = polled(LAN)->rx_packets;
	keep_busy(&injected);
	polls = polled(OTHER_LAN)->polls;
	elapsed = worker->cycles.elapsed;
	for (unsigned int i = 0; i < 500; i++)
		keep_busy(&injected);
	elapsed = worker->cycles.elapsed - elapsed;
	CU_ASSERT((polled(OTHER_LAN)->polls - polls - 1) * worker->sched.quantum <= elapsed);
	inject_on(OTHER_LAN, 0, 1);
	/* A quantum is a few passes; in passes, as the machine may take the core away. */
	for (unsigned int i = 0; i < PASSES_MAX && lab_stats("b").forwarded == 0; i++)
		keep_busy(&injected);
	CU_ASSERT(lab_stats("b").forwarded == 1);
	lab_pump();
	lab_discard();
}

/* Another router comes to the ports and goes, while frames come in. */
static void
test_shared_for_a_while(void)
{
	lab_open(1, "{" PORTS("0", "0") ", 'routers': [" ROUTER "]}", "a", "'fifo': 4096,", 5, 5);
	CU_ASSERT(polled(LAN)->own && polled(WAN)->own);
	inject_burst(5, N);
	lab_pass(0);
	CU_ASSERT_FATAL(lab_add_router(ROUTER, "b", "'fifo': 256,", 6, 6) == 0);
	inject_burst(6, N);
	lab_pump();
	CU_ASSERT(!polled(LAN)->own && !polled(WAN)->own);
	check_told(LAN, "all");
	CU_ASSERT(lab_stats("a").forwarded == N && lab_stats("b").forwarded == N);
	CU_ASSERT(lab_stats("a").dropped_all == 0);
	lab_discard();
	inject_burst(5, N);
	inject_burst(6, N);
	CU_ASSERT_FATAL(lab_delete_router("b") == 0);
	lab_pump();
	CU_ASSERT(polled(LAN)->own && polled(WAN)->own);
	CU_ASSERT(take_in_order(5) == N);
	CU_ASSERT(lab_stats("a").dropped_all == 0);
	CU_ASSERT(lab_port_dropped(LAN, CLASSIFY_DROP_VLAN) == N);
}

/* Nobody else's, but not of the worker that runs the router: sorted there and handed over. */
static void
test_another_worker(void)
{
	lab_open(2, "{" PORTS("0", "1") ", 'routers': [" ROUTER "]}", "a", "'lcore': 1,", 5, 5);
	inject_burst(5, N);
	lab_pump();
	CU_ASSERT(!polled(LAN)->own);
	CU_ASSERT(worker_port_find(lab.vrouter->workers[1], &lab.vrouter->ports[WAN])->own);
	CU_ASSERT(take_in_order(5) == N);
}

CU_TestInfo own_port_tests[] = {
	{ "polled in turns", test_turns },
	{ "two ports", test_both_ports },
	{ "visits", test_visits },
	{ "shared for a while", test_shared_for_a_while },
	{ "another worker", test_another_worker },
	CU_TEST_INFO_NULL,
};
