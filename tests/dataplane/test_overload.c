/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Full FIFOs, full ports, several workers, stopping, weights.
 */

#include <stdio.h>

#include <rte_cycles.h>

#include "burst.h"
#include "tests.h"

/* The worker that empties the FIFO does not run: it fills, and the rest is dropped at its door. */
static void
test_fifo_full(void)
{
	static struct frame sent;
	struct router_stats stats;

	lab_open(2, "{" PORTS("0", "0") ", 'routers': [" ROUTER "," ROUTER "]}", "slow",
		"'lcore': 1, 'fifo': 32,", 5, 5, "other", "'lcore': 0, 'fifo': 32,", 6, 6);
	inject_burst(5, N);
	for (unsigned int i = 0; i < N; i++)
		lab_pass(0);
	stats = lab_stats("slow");
	CU_ASSERT(stats.received == N && stats.queued == 32);
	CU_ASSERT(stats.dropped[VR_DROP_FIFO_FULL] == N - 32);
	CU_ASSERT(lab_stats("other").received == 0);
	/* The others go on. */
	inject_burst(6, 20);
	for (unsigned int i = 0; i < N; i++)
		lab_pass(0);
	CU_ASSERT(lab_stats("other").forwarded == 20 && lab_stats("slow").queued == 32);
	lab_pump();
	/* The first were kept; each VLAN's are in order. */
	for (unsigned int id = 0; id < 32 + 20; id++)
		CU_ASSERT(lab_take(WAN, &sent));
	CU_ASSERT(frame_get16(&sent, 14) != 5 || frame_get16(&sent, 18 + 4) == 31);
	lab_expect_nothing();
	CU_ASSERT(lab_stats("slow").forwarded == 32);
}

/*
 * What the port does not take is its router's loss, whether forwarded, answered or of its making.
 */
static void
test_tx_full(void)
{
	static struct frame frame;
	uint8_t payload[64];
	struct router_stats r, s;
	struct port_stats port;

	lab.tx_room = 64;
	lab_open(1, "{" PORTS("0", "0") ", 'routers': [" ROUTER "," ROUTER "]}", "r", "", 5, 5, "s",
		"", 6, 6);
	lab.hold = true;
	inject_burst(5, N);
	lab_pump();
	inject_burst(6, N);
	lab_pump();
	r = lab_stats("r");
	s = lab_stats("s");
	CU_ASSERT(r.forwarded == 64 && r.dropped[VR_DROP_TX_FULL] == N - 64);
	CU_ASSERT(s.forwarded == 0 && s.dropped[VR_DROP_TX_FULL] == N);
	CU_ASSERT(r.forwarded_bytes == 64 * 46 && s.forwarded_bytes == 0);
	port_stats_read(lab.vrouter, WAN, &port);
	CU_ASSERT(port.tx_packets == PAIR_STARTED + 64 && port.tx_refused == 2 * N - 64);
	/* Echo replies and ICMP errors fill the lan port. */
	for (unsigned int i = 0; i < N; i++) {
		struct ipv4 ipv4 = packet_on(5, 0);

		ipv4.destination = i % 2 ? LAN_IP : IP(198, 51, 100, 1);
		ipv4.protocol = PROTOCOL_ICMP;
		ipv4.payload = payload;
		ipv4.length = fill_icmp(payload, 8, 0, i, NULL, 20);
		frame_ipv4(&frame, &ipv4);
		lab_inject(LAN, &frame);
	}
	lab_pump();
	r = lab_stats("r");
	r.originated -= PAIR_STARTED;
	CU_ASSERT(r.answered + r.originated == 64);
	CU_ASSERT(r.dropped[VR_DROP_TX_FULL] == N - 64 + N / 2 - r.answered);
	CU_ASSERT(r.originated_lost == N / 2 - r.originated);
	port_stats_read(lab.vrouter, LAN, &port);
	CU_ASSERT(port.tx_packets == PAIR_STARTED + 64 && port.tx_refused == N - 64);
	CU_ASSERT(lab_stats("s").dropped_all == N);
	/* Read again, it takes again. */
	lab.hold = false;
	lab_pump();
	CU_ASSERT(take_in_order(5) == 64);
	lab_discard();
	inject_burst(6, 50);
	lab_pump();
	CU_ASSERT(take_in_order(6) == 50);
}

/* Every way to place two ports and a router on three workers. */
static void
test_workers(void)
{
	static struct frame frame, expected;

	for (unsigned int placement = 0; placement < 27 * 2; placement++) {
		unsigned int lan = placement % 3, wan = placement / 3 % 3;
		unsigned int worker = placement / 9 % 3;
		struct worker_stats stats;
		uint64_t crossed = 0;
		char more[32];

		snprintf(more, sizeof(more), "'lcore': %u,", worker);
		lab.one_tx_queue = placement >= 27;
		lab_open(3,
			"{'ports': [{'name': 'p0', 'device': 'net_ring_p0', 'lcore': %u},"
			" {'name': 'p1', 'device': 'net_ring_p1', 'lcore': %u}],"
			" 'routers': [" ROUTER "," ROUTER "]}",
			lan, wan, "r", more, 5, 5, "s", "", 6, 6);
		CU_ASSERT(lab.vrouter->ports[WAN].shared_tx == (placement >= 27));
		inject_burst(5, N);
		for (unsigned int i = 0; i < N; i++) {
			struct ipv4 ipv4 = pair_packet_back();

			ipv4.ethernet.tag = 5;
			ipv4.id = (uint16_t)i;
			frame_ipv4(&frame, &ipv4);
			lab_inject(WAN, &frame);
		}
		lab_pump();
		CU_ASSERT(take_in_order(5) == N);
		for (unsigned int i = 0; i < N; i++) {
			struct ipv4 ipv4 = pair_packet_back();

			ipv4.ethernet = (struct ethernet){ HOST_MAC, LAN_MAC, 5 };
			ipv4.id = (uint16_t)i;
			ipv4.ttl--;
			frame_ipv4(&expected, &ipv4);
			lab_expect(LAN, &expected);
		}
		lab_expect_nothing();
		for (unsigned int i = 0; i < 3; i++) {
			worker_stats_read(lab.vrouter, i, &stats);
			crossed += stats.crossed;
		}
		CU_ASSERT(crossed == N * (unsigned int)((lan != worker) + (wan != worker)));
		lab_close();
	}
}

/* Broadcasts to routers of several workers, and ARP from each. */
static void
test_workers_broadcast(void)
{
	static struct frame frame;
	struct arp arp = { .ethernet = { MAC_BROADCAST, STRANGE_MAC, 5 },
		.operation = ARP_REQUEST,
		.sender_mac = STRANGE_MAC,
		.sender = IP(10, 0, 0, 9),
		.target = LAN_IP };
	unsigned int answers = 0;

	lab_open(3, "{" PORTS("0",
			    "1") ", 'routers': ["
				 " {'name': 'a', 'lcore': 0, 'interfaces': [{'name': 'i', 'port': "
				 "'p0', 'vlan': 5,"
				 "  'mac': '02:00:00:00:00:0a', 'addresses': ['10.0.0.1/24']}]},"
				 " {'name': 'b', 'lcore': 1, 'interfaces': [{'name': 'i', 'port': "
				 "'p0', 'vlan': 5,"
				 "  'mac': '02:00:00:00:00:0b', 'addresses': ['10.0.0.1/24']}]},"
				 " {'name': 'c', 'lcore': 2, 'interfaces': [{'name': 'i', 'port': "
				 "'p0', 'vlan': 5,"
				 "  'mac': '02:00:00:00:00:0c', 'addresses': ['10.0.0.1/24']}]}]}");
	frame_arp(&frame, &arp);
	for (unsigned int i = 0; i < N; i++)
		lab_inject(LAN, &frame);
	lab_pump();
	while (lab_take(LAN, &frame))
		answers++;
	CU_ASSERT(answers == 3 * N);
	for (char name[] = "a"; name[0] <= 'c'; name[0]++) {
		CU_ASSERT(lab_stats(name).answered == N);
		CU_ASSERT(lab_neighbour(name, IP(10, 0, 0, 9)) != NULL);
	}
}

/* Stopped with packets everywhere: each is accounted for (see lab_close()). */
static void
test_stop(void)
{
	static struct frame frame;

	for (unsigned int passes = 0; passes < 8; passes++) {
		lab_open(2, "{" PORTS("0", "1") ", 'routers': [" ROUTER "," ROUTER "]}", "r",
			"'lcore': 1,", 5, 5, "s", "'lcore': 0,", 6, 6);
		for (unsigned int i = 0; i < N; i++) {
			struct ipv4 ipv4 = packet_on(5 + i % 2, 0);

			if (i % 3 == 0)
				ipv4.destination = IP(192, 0, 2, 3 + i);
			frame_ipv4(&frame, &ipv4);
			lab_inject(LAN, &frame);
		}
		for (unsigned int i = 0; i < passes; i++) {
			lab_pass(0);
			if (passes > 3)
				lab_pass(1);
			if (passes > 5)
				lab_poll();
		}
		if (passes == 7) {
			CU_ASSERT(lab_delete_router("s") == 0);
		}
		lab_close();
	}
}

/* Weights */

#define BACKLOG 1000

struct share {
	uint16_t vlan;
	struct router *router;
	struct sched_entity *entity;
	uint64_t turns;
	uint64_t before_turn; /* cycles charged when it last had a turn */
	uint64_t dearest;     /* charged from one turn to the next */
	uint64_t start;       /* charged when counting starts */
};

static void
look(struct share *share)
{
	uint64_t charged = share->entity->charged;

	share->dearest = RTE_MAX(share->dearest, charged - share->before_turn);
	if (share->entity->turns == share->turns)
		return;
	share->turns = share->entity->turns;
	share->before_turn = charged;
}

static void
start_counting(struct share *share)
{
	share->turns = share->entity->turns;
	share->start = share->entity->charged;
	share->before_turn = share->start;
	share->dearest = 0;
}

static uint64_t
got(const struct share *share)
{
	return (share->entity->charged - share->start) / share->entity->weight;
}

/* The router's worker has a turn; what it took from the FIFOs comes in again. */
static void
turn(struct share shares[2])
{
	lab_pass(1);
	for (unsigned int i = 0; i < 2; i++) {
		struct router_stats stats;

		look(&shares[i]);
		router_stats_read(shares[i].router, &stats);
		CU_ASSERT(stats.queued > 0);
		if (stats.queued < BACKLOG) {
			inject_burst(shares[i].vlan, BACKLOG - stats.queued);
			for (unsigned int k = 0; k < BACKLOG / 16; k++)
				lab_pass(0);
		}
	}
	lab_discard();
}

/* Lets the worker run until each has had `n` turns more. */
static void
turns(struct share shares[2], unsigned int n)
{
	for (unsigned int i = 0; i < 2; i++)
		for (uint64_t first = shares[i].entity->turns; shares[i].entity->turns < first + n;)
			turn(shares);
}

/* What a router can be ahead: its dearest turn, and what it was billed before the next. */
static uint64_t
ahead(const struct share *share)
{
	return 2 * share->dearest / share->entity->weight + 1;
}

/* What the schedule's buckets add (2B in sched.h). */
static uint64_t
buckets(void)
{
	uint32_t shift = lab.vrouter->workers[1]->sched.bucket_shift;

	return (uint64_t)(2 * (double)(UINT64_C(1) << shift) * SCHED_VIRTUAL_UNIT) + 1;
}

/*
 * While both have work, each gets its part of the cycles, classification included, to within what
 * they can be ahead at the start and at the end (see sched.h). In cycles really spent, so that it
 * holds on a busy machine too; only where it was held up for so long that debts are forgiven, the
 * count starts again.
 */
static void
check_shares(void)
{
	struct share shares[] = { { .vlan = 5, .router = lab_router("a") },
		{ .vlan = 6, .router = lab_router("b") } };
	uint64_t longest, bound;

	for (unsigned int i = 0; i < 2; i++) {
		shares[i].entity = &shares[i].router->instance->entity;
		inject_burst(shares[i].vlan, BACKLOG);
		for (unsigned int k = 0; k < BACKLOG; k++)
			lab_pass(0);
		shares[i].turns = shares[i].entity->turns;
	}
	do {
		/* Until neither is behind; then until it is known how far they can be. */
		turns(shares, 2);
		start_counting(&shares[0]);
		start_counting(&shares[1]);
		turns(shares, 2);
		shares[0].start = shares[0].entity->charged;
		shares[1].start = shares[1].entity->charged;
		for (unsigned int i = 0; i < 500; i++)
			turn(shares);
		longest = RTE_MAX(shares[0].dearest, shares[1].dearest);
	} while (longest > lab.vrouter->hz / 100);
	bound = 2 * (ahead(&shares[0]) + ahead(&shares[1])) + buckets();
	CU_ASSERT(got(&shares[0]) <= got(&shares[1]) + bound);
	CU_ASSERT(got(&shares[1]) <= got(&shares[0]) + bound);
	lab_pump();
	lab_discard();
}

static void
set_weights(unsigned int a_weight, unsigned int b_weight)
{
	struct router *a = lab_router("a"), *b = lab_router("b");
	FILE *none = fopen("/dev/null", "w");

	CU_ASSERT(vrouter_set_weight(lab.vrouter, a, a_weight, none) == 0);
	CU_ASSERT(vrouter_set_weight(lab.vrouter, b, b_weight, none) == 0);
	CU_ASSERT(vrouter_set_weight(lab.vrouter, b, 0, none) != 0);
	CU_ASSERT(vrouter_set_weight(lab.vrouter, b, CONFIG_WEIGHT_MAX + 1, none) != 0);
	CU_ASSERT(a->config->weight == a_weight && b->config->weight == b_weight);
	fclose(none);
}

static void
test_weights(void)
{
	static const unsigned int weights[][2] = { { 1, 1 }, { 3, 1 }, { 1, 10 }, { 1000, 500 } };

	for (unsigned int i = 0; i < RTE_DIM(weights); i++) {
		lab_open(2, "{" PORTS("0", "0") ", 'routers': [" ROUTER "," ROUTER "]}", "a",
			"'lcore': 1, 'fifo': 2048,", 5, 5, "b", "'lcore': 1, 'fifo': 2048,", 6, 6);
		set_weights(weights[i][0], weights[i][1]);
		check_shares();
		lab_close();
	}
}

/* Turns are charged as the config says; bills are what they were. */
static void
test_cost(void)
{
	static const char *const modes[] = { "round_robin", "packets" };

	for (unsigned int mode = 0; mode < 2; mode++) {
		const char *names[] = { "a", "b" };
		uint64_t charged = 0, turns = 0, packets = 0, paid;
		const struct worker *worker;

		lab_open(1,
			"{'cost': {'mode': '%s'}, " PORTS("0", "0") ", 'routers': [" ROUTER
								    "," ROUTER "]}",
			modes[mode], "a", "'fifo': 4096,", 5, 5, "b", "", 6, 6);
		inject_burst(5, BACKLOG);
		inject_burst(6, BACKLOG / 10);
		lab_pump();
		lab_discard();
		worker = lab.vrouter->workers[0];
		for (unsigned int i = 0; i < 2; i++) {
			struct sched_entity *entity = &lab_router(names[i])->instance->entity;

			charged += entity->charged;
			turns += entity->turns;
			packets += entity->packets;
		}
		CU_ASSERT(packets > BACKLOG / 2);
		paid = charged - worker->cycles.billed;
		if (mode == 0) {
			CU_ASSERT_EQUAL(paid, turns * worker->sched.quantum);
		} else {
			uint64_t packet = worker->sched.quantum / SCHED_BUDGET_MAX;

			CU_ASSERT(paid >= packets * packet);
			/* Turns without packets, and what dividing rounds off. */
			CU_ASSERT(paid <= packets * (packet + 1) + turns * (packet + 1));
		}
		lab_close();
	}
	lab_open(1,
		"{'cost': {'mode': 'sampled', 'period': 9}, " PORTS("0", "0") ", 'routers': []}");
	CU_ASSERT_EQUAL(lab.vrouter->workers[0]->sched.cost.mode, SCHED_COST_SAMPLED);
	CU_ASSERT_EQUAL(lab.vrouter->workers[0]->sched.cost.period, 9);
	CU_ASSERT_TRUE(lab.vrouter->workers[0]->sched.cost.random_phase);
}

/* A port that is never empty; the VLANs of its frames in turn. */
static void
keep_full(const uint16_t *vlans, unsigned int n, unsigned int *injected)
{
	const struct worker_port *lan = &lab.vrouter->workers[0]->polled[LAN];
	struct frame frame;

	while (*injected - lan->rx_packets < 512) {
		struct ipv4 ipv4 = packet_on(vlans[*injected % n], 0);

		frame_ipv4(&frame, &ipv4);
		lab_inject(LAN, &frame);
		++*injected;
	}
	/* That took no time. */
	lab.vrouter->workers[0]->now = rte_rdtsc();
}

/* False: the machine has held a pass up, and somebody was charged for that. */
static bool
run_full_port(const uint16_t *vlans, unsigned int n)
{
	uint64_t start, longest = 0;
	unsigned int injected = 0;

	lab_open(1, "{'quantum_us': 1000, " PORTS("0", "0") ", 'routers': [" ROUTER "," ROUTER "]}",
		"a", "'fifo': 128,", 5, 5, "b", "'fifo': 128,", 6, 6);
	while (injected < 20000) {
		lab_discard();
		keep_full(vlans, n, &injected);
		start = rte_rdtsc();
		lab_pass(0);
		longest = RTE_MAX(longest, rte_rdtsc() - start);
	}
	lab_pump();
	lab_discard();
	return longest < rte_get_tsc_hz() / 1000;
}

/* As often as it takes; where that is too often, nothing can be said. */
static bool
run_full_port_quietly(const uint16_t *vlans, unsigned int n)
{
	for (unsigned int i = 0; i < 50; i++) {
		if (run_full_port(vlans, n))
			return true;
		lab_close();
	}
	printf("\n  the machine held up each of 50 runs...");
	return false;
}

/*
 * The flood is taken in faster than it can be run, and dropped at its FIFO, for the other to get
 * its own. Where all are flooded alike nothing would be gained by that.
 */
static void
test_full_port(void)
{
	uint16_t flood[16] = { 6, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5 };
	uint16_t alike[2] = { 5, 6 };
	struct router_stats a, b;

	if (!run_full_port_quietly(flood, RTE_DIM(flood)))
		return;
	a = lab_stats("a");
	b = lab_stats("b");
	CU_ASSERT_EQUAL(b.dropped_all, 0);
	CU_ASSERT(a.dropped[VR_DROP_FIFO_FULL] > a.received / 8);
	lab_close();
	if (!run_full_port_quietly(alike, RTE_DIM(alike)))
		return;
	a = lab_stats("a");
	b = lab_stats("b");
	CU_ASSERT(a.dropped_all + b.dropped_all < (a.received + b.received) / 4);
}

#define SHARE(runtime, period) "{'runtime_us': " #runtime ", 'period_us': " #period "}"

/* Out of its limit a router waits, and what it has is not lost; the other goes on. */
static void
test_limit(void)
{
	struct sched_entity *a, *b;
	struct worker *worker;

	lab_open(1, "{" PORTS("0", "0") ", 'routers': [" ROUTER "," ROUTER "]}", "a",
		"'fifo': 2048, 'limit': " SHARE(1, 100000) ",", 5, 5, "b", "'fifo': 2048,", 6, 6);
	worker = lab.vrouter->workers[0];
	a = &lab_router("a")->instance->entity;
	b = &lab_router("b")->instance->entity;
	CU_ASSERT_EQUAL(a->limit.runtime, lab.vrouter->hz / 1000000);
	CU_ASSERT_EQUAL(a->limit.period, (lab.vrouter->hz + 9) / 10);
	inject_burst(5, N);
	inject_burst(6, N);
	while (lab_stats("b").forwarded < N)
		lab_pass(0);
	for (unsigned int i = 0; i < 100 && !a->held_back; i++)
		lab_pass(0);
	CU_ASSERT_FALSE(b->held_back);
	CU_ASSERT_TRUE(a->held_back);
	CU_ASSERT_EQUAL(worker->sched.n_held_back, 1);
	CU_ASSERT(lab_stats("a").forwarded < N);
	CU_ASSERT_EQUAL(sched_set_limit(&worker->sched, a, 0, 0, worker->now), 0);
	lab_pump();
	CU_ASSERT_EQUAL(lab_stats("a").forwarded, N);
	lab_discard();
}

/* More than a worker has is refused, and who is there stays. */
static void
test_reserve(void)
{
	lab_open(2, "{" PORTS("0", "0") ", 'routers': [" ROUTER "]}", "a",
		"'lcore': 1, 'reserve': " SHARE(600, 1000) ",", 5, 5);
	CU_ASSERT(lab_add_router(ROUTER, "b", "'lcore': 1, 'reserve': " SHARE(36, 100) ",", 6, 6) !=
		  0);
	CU_ASSERT_STRING_EQUAL(lab_error(),
		"router b: its reserve is 36.00% of lcore 1, of which others reserve 60.00%, "
		"expected 95.00% in all at most, or another \"lcore\"\n");
	CU_ASSERT(lab_add_router(ROUTER, "b", "'lcore': 1, 'reserve': " SHARE(34, 100) ",", 6, 6) ==
		  0);
	CU_ASSERT(lab_add_router(ROUTER, "c", "'lcore': 0, 'reserve': " SHARE(95, 100) ",", 7, 7) ==
		  0);
	CU_ASSERT(lab.vrouter->workers[1]->sched.reserved / 1000 == 940);
	CU_ASSERT(lab.vrouter->workers[0]->sched.reserved <= SCHED_RESERVED_MAX);
	CU_ASSERT(lab_delete_router("a") == 0);
	lab_pump();
	CU_ASSERT(lab.vrouter->workers[1]->sched.reserved / 1000 == 340);
	/* On any worker: the one with room. */
	CU_ASSERT(lab_add_router(ROUTER, "d", "'reserve': " SHARE(20, 100) ",", 8, 8) == 0);
	CU_ASSERT(lab.vrouter->workers[1]->sched.reserved / 1000 == 540);
	inject_burst(6, N);
	lab_pump();
	CU_ASSERT_EQUAL(lab_stats("b").forwarded, N);
	lab_discard();
}

/* Reservations that fit have room, whatever their order. */
static void
test_placement(void)
{
	lab_open(2, "{" PORTS("0", "0") ", 'routers': [" ROUTER "," ROUTER "," ROUTER "]}", "a",
		"'reserve': " SHARE(60, 100) ",", 5, 5, "b", "'reserve': " SHARE(30, 100) ",", 6, 6,
		"c", "'reserve': " SHARE(60, 100) ",", 7, 7);
	CU_ASSERT(lab.vrouter->workers[0]->sched.reserved / 1000 == 900);
	CU_ASSERT(lab.vrouter->workers[1]->sched.reserved / 1000 == 600);
	lab_discard();
}

CU_TestInfo overload_tests[] = {
	{ "a full FIFO", test_fifo_full },
	{ "a full port", test_tx_full },
	{ "ports and routers on three workers", test_workers },
	{ "broadcasts to three workers", test_workers_broadcast },
	{ "stopped with packets everywhere", test_stop },
	{ "weights", test_weights },
	{ "cost modes", test_cost },
	{ "a full port that two share", test_full_port },
	{ "a limit", test_limit },
	{ "reservations", test_reserve },
	{ "placement of reservations", test_placement },
	CU_TEST_INFO_NULL,
};
