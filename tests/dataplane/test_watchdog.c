/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Turns that take too long: the router is faulted, its packets are dropped by name, others go on.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "burst.h"
#include "tests.h"
#include "trap.h"
#include "watchdog.h"
#include "wire.h"

#define TRAP "'pipeline': {'ingress': [{'type': 'trap'}]},"
#define SOFT_MS 5

static void
expect_event(const char *start)
{
	const char *event = lab_event();

	CU_ASSERT_FATAL(event != NULL);
	CU_ASSERT(strncmp(event, start, strlen(start)) == 0);
	if (strncmp(event, start, strlen(start)) != 0)
		printf("\n  event: %s\n  expected: %s...", event, start);
}

/* A turn of trap_spin()'s time at least: a hypervisor may take some, too. */
static void
expect_faulted(void)
{
	const char *event = lab_event();
	unsigned int ms = 0;

	CU_ASSERT_FATAL(event != NULL);
	CU_ASSERT(sscanf(event, "router bad: faulted: turn of %u ms", &ms) == 1);
	CU_ASSERT(ms >= 4 * SOFT_MS);
}

static int
reset(const char *router)
{
	char text[512] = "";
	FILE *errors = fmemopen(text, sizeof(text) - 1, "w");
	int rc = vrouter_reset_router(lab.vrouter, lab_router(router), errors);

	fclose(errors);
	CU_ASSERT((rc == 0) == (text[0] == '\0'));
	return rc;
}

/* The clock is read within the turn, so that what else the machine does makes no difference. */
static void
take_too_long(void)
{
	lab_poll();
	trap_spin(4 * SOFT_MS);
}

static void
open_two(const char *watchdog)
{
	lab_open(1, "{%s" PORTS("0", "0") ", 'routers': [" ROUTER "," ROUTER "]}", watchdog, "bad",
		TRAP, 5, 5, "good", TRAP, 6, 6);
}

static void
fault(void)
{
	trap_hook = take_too_long;
	inject_burst(5, 1);
	lab_pump();
	CU_ASSERT(trap_hook == NULL);
	CU_ASSERT(router_is_faulted(lab_router("bad")));
	CU_ASSERT(take_in_order(5) == 1);
}

static void
test_soft_limit(void)
{
	char text[STATE_TEXT_SIZE];
	struct router_stats stats;

	open_two("'watchdog': {'soft_ms': 5},");
	CU_ASSERT_STRING_EQUAL(router_state_text(lab_router("bad"), text), "running");
	CU_ASSERT(reset("bad") != 0);
	fault();
	expect_faulted();
	CU_ASSERT_PTR_NULL(lab_event());
	CU_ASSERT(strstr(router_state_text(lab_router("bad"), text),
			  " ms on lcore 0 (limit 5 ms)") != NULL);
	/* What comes for it is dropped, in turns of its own; others do not notice. */
	inject_burst(5, N);
	inject_burst(6, N);
	lab_pump();
	CU_ASSERT(take_in_order(6) == N);
	stats = lab_stats("bad");
	CU_ASSERT(stats.dropped[VR_DROP_FAULTED] == N && stats.forwarded == 1);
	CU_ASSERT(stats.queued == 0 && stats.run_packets == N + 1);
	CU_ASSERT(lab_stats("good").dropped_all == 0);
	CU_ASSERT(reset("good") != 0);
	/* Once reset it is what it was, with its neighbours. */
	CU_ASSERT(reset("bad") == 0);
	expect_event("router bad: reset: it runs again, on lcore 0");
	CU_ASSERT_STRING_EQUAL(router_state_text(lab_router("bad"), text), "running");
	inject_burst(5, N);
	lab_pump();
	CU_ASSERT(take_in_order(5) == N);
	CU_ASSERT(lab_dropped("bad", VR_DROP_FAULTED) == N);
	CU_ASSERT(reset("bad") != 0);
	/* And can be faulted again. */
	fault();
	expect_faulted();
}

static void
go_away(void)
{
	lab_poll();
	usleep(8 * SOFT_MS * 1000);
}

/* Time that the core was not its own is not the router's. */
static void
test_time_away(void)
{
	open_two("'watchdog': {'soft_ms': 5},");
	trap_hook = go_away;
	inject_burst(5, 1);
	lab_pump();
	CU_ASSERT(trap_hook == NULL);
	CU_ASSERT(!router_is_faulted(lab_router("bad")));
	CU_ASSERT_PTR_NULL(lab_event());
	lab_discard();
}

static void
test_off(void)
{
	open_two("'watchdog': {'soft_ms': 0, 'hard_ms': 0},");
	trap_hook = take_too_long;
	inject_burst(5, 1);
	lab_pump();
	CU_ASSERT(!router_is_faulted(lab_router("bad")));
	lab_discard();
}

/* Neighbours are not asked, forgotten or learned while it is faulted, and packets wait for them. */
static void
test_neighbours_stay(void)
{
	static struct frame frame;
	struct ipv4 ipv4;
	uint64_t waited;

	open_two("'watchdog': {'soft_ms': 5},");
	/* One that is to be asked for. */
	ipv4 = packet_on(5, 0);
	ipv4.destination = IP(192, 0, 2, 77);
	frame_ipv4(&frame, &ipv4);
	lab_inject(LAN, &frame);
	lab_pump();
	CU_ASSERT(lab_neighbour("bad", IP(192, 0, 2, 77)) != NULL);
	lab_discard();
	fault();
	waited = lab_stats("bad").waiting;
	CU_ASSERT(waited == 1);
	lab_inject(LAN, &frame);
	lab_advance(60 * LAB_SECOND);
	lab_expect_nothing();
	CU_ASSERT(lab_stats("bad").waiting == waited);
	CU_ASSERT(lab_dropped("bad", VR_DROP_FAULTED) == 1);
	CU_ASSERT(reset("bad") == 0);
	/* Now it is given up. */
	for (unsigned int i = 0; i < 10; i++)
		lab_advance(LAB_SECOND);
	CU_ASSERT(lab_stats("bad").waiting == 0);
	lab_discard();
}

/* Faulted with packets in an element, behind a link, on two workers; then stopped, or deleted. */
static void
test_stop_faulted(void)
{
	for (unsigned int way = 0; way < 3; way++) {
		lab_open(2,
			"{'watchdog': {'soft_ms': 5}," PORTS("0", "1") ", 'routers': [" ROUTER
								       "," ROUTER "]}",
			"bad",
			"'lcore': 1, 'pipeline': {'ingress': [{'type': 'trap'}], 'egress': "
			"[{'type': "
			"'shape', 'rate': 8000, 'burst': 64, 'max_delay': 10000}]},",
			5, 5, "good", "'lcore': 0,", 6, 6);
		trap_hook = take_too_long;
		inject_burst(5, 10);
		lab_pump();
		CU_ASSERT(router_is_faulted(lab_router("bad")));
		CU_ASSERT(lab_stats("bad").waiting > 0);
		inject_burst(5, 20);
		inject_burst(6, 20);
		lab_pump();
		CU_ASSERT(lab_stats("bad").waiting > 0);
		CU_ASSERT(lab_dropped("bad", VR_DROP_FAULTED) == 20);
		CU_ASSERT(take_in_order(6) == 20);
		if (way == 1)
			CU_ASSERT(lab_delete_router("bad") == 0);
		if (way == 2)
			CU_ASSERT(reset("bad") == 0);
		lab_pump();
		lab_close();
	}
}

/* What goes on while the code of the router "bad" does not come back. */
static void (*meanwhile)(void);

#define VISITS_MAX 100000

static void
stay_away(void)
{
	const char *event = NULL;

	for (unsigned int i = 0; i < VISITS_MAX && event == NULL; i++) {
		trap_spin(1);
		lab_poll();
		event = lab_event();
	}
	CU_ASSERT_FATAL(event != NULL);
	CU_ASSERT(strstr(event, ": stuck on lcore ") != NULL);
	meanwhile();
}

/* One packet of "bad", whose turn lasts until `fn` has returned; then all comes to rest. */
static void
get_stuck(void (*fn)(void))
{
	meanwhile = fn;
	trap_hook = stay_away;
	inject_burst(5, 1);
	lab_pump();
	CU_ASSERT_FATAL(trap_hook == NULL);
}

static void
expect_back(void)
{
	expect_event("router bad: its code has come back after ");
	expect_event("router bad: faulted: turn of ");
	CU_ASSERT_PTR_NULL(lab_event());
}

/* The turns of the others are to be far below, with the sanitizers on a slow machine too. */
#define HARD "'watchdog': {'soft_ms': 5, 'hard_ms': 15},"

/* What is sent on the wan by the routers "good" and "third", in order. */
static void
expect_sent(unsigned int good, unsigned int third)
{
	static struct frame sent;
	unsigned int n[2] = { 0 };
	int last[2] = { -1, -1 };

	while (lab_take(WAN, &sent)) {
		uint16_t vlan = frame_get16(&sent, 14);
		int id = frame_get16(&sent, frame_l3(&sent) + 4);

		CU_ASSERT_FATAL(vlan == 6 || vlan == 7);
		CU_ASSERT(id > last[vlan - 6]);
		last[vlan - 6] = id;
		n[vlan - 6]++;
	}
	CU_ASSERT(n[0] == good && n[1] == third);
}

static void
inject_ids(uint16_t vlan, uint16_t first, uint16_t n)
{
	static struct frame frame;

	for (uint16_t id = first; id < first + n; id++) {
		struct ipv4 ipv4 = packet_on(vlan, id);

		frame_ipv4(&frame, &ipv4);
		lab_inject(LAN, &frame);
	}
}

static void
go_on(void)
{
	char text[STATE_TEXT_SIZE];

	/* Those in FIFOs have waited there, and are the first. */
	inject_ids(6, N, N);
	inject_ids(7, N, N);
	inject_ids(5, 100, 10);
	lab_pump();
	expect_sent(2 * N, 2 * N);
	CU_ASSERT(lab_stats("good").dropped_all == 0);
	CU_ASSERT(lab_stats("third").dropped_all == 0);
	CU_ASSERT(!watchdog_is_taken(&lab_router("good")->worker->watchdog));
	CU_ASSERT(strncmp(router_state_text(lab_router("bad"), text), "stuck on lcore 0 since ",
			  23) == 0);
	CU_ASSERT(strncmp(worker_state_text(lab.vrouter, 0, text), "stuck in router bad since ",
			  26) == 0);
	CU_ASSERT(reset("bad") == -EBUSY);
	CU_ASSERT(lab_delete_router("bad") == -EBUSY);
	CU_ASSERT(strstr(lab_error(), "router bad is stuck on lcore 0 since ") != NULL);
	CU_ASSERT(lab_add_router(ROUTER, "late", "'lcore': 0,", 9, 9) != 0);
	CU_ASSERT(strstr(lab_error(), "lcore 0 is stuck in router bad") != NULL);
}

static void
stay_away_with_queues(void)
{
	inject_ids(6, 0, N);
	inject_ids(7, 0, N);
	for (unsigned int i = 0; i < 50; i++)
		for (unsigned int w = 1; w < lab.vrouter->n_workers; w++)
			lab_pass(w);
	stay_away();
}

static void
test_hard_limit(void)
{
	static const char *const lcores[] = { "0", "1", "2" };

	/* The ports' workers, and the third router's; the others are on the one that gets stuck. */
	for (unsigned int way = 0; way < 27; way++) {
		char text[STATE_TEXT_SIZE], more[64];

		snprintf(more, sizeof(more), "'lcore': %u,", way / 9);
		lab_open(3,
			"{" HARD "'ports': [{'name': 'p0', 'device': 'net_ring_p0', 'lcore': "
			"%s}, {'name': 'p1', 'device': 'net_ring_p1', 'lcore': %s}], "
			"'routers': [" ROUTER "," ROUTER "," ROUTER "]}",
			lcores[way % 3], lcores[way / 3 % 3], "bad", "'lcore': 0," TRAP, 5, 5,
			"good", "'lcore': 0,", 6, 6, "third", more, 7, 7);
		meanwhile = go_on;
		trap_hook = stay_away_with_queues;
		inject_burst(5, 1);
		lab_pump();
		CU_ASSERT_FATAL(trap_hook == NULL);
		expect_back();
		/* The packet that it was busy with is lost, and what came meanwhile. */
		CU_ASSERT(lab_dropped("bad", VR_DROP_FAULTED) == 11);
		CU_ASSERT(lab_stats("bad").forwarded == 0);
		CU_ASSERT_STRING_EQUAL(worker_state_text(lab.vrouter, 0, text), "running");
		lab_expect_nothing();
		/* It takes new ones up, and runs its own again. */
		CU_ASSERT(lab_add_router(ROUTER, "late", "'lcore': 0,", 9, 9) == 0);
		CU_ASSERT(reset("bad") == 0);
		lab_settle();
		inject_burst(9, N);
		lab_pump();
		CU_ASSERT(take_in_order(9) == N);
		inject_burst(5, N);
		lab_pump();
		CU_ASSERT(take_in_order(5) == N);
		inject_ids(6, 2 * N, N);
		inject_ids(7, 2 * N, N);
		lab_pump();
		expect_sent(N, N);
		lab_close();
	}
}

static void
open_deleted(void)
{
	lab_open(2, "{" HARD PORTS("0", "0") ", 'routers': [" ROUTER "," ROUTER "," ROUTER "]}",
		"bad", "'lcore': 0," TRAP, 5, 5, "good", "'lcore': 0,", 6, 6, "third",
		"'lcore': 0,", 7, 7);
}

static void
third_goes_on(void)
{
	inject_ids(7, 0, N);
	lab_pump();
	expect_sent(0, N);
	CU_ASSERT(vrouter_find(lab.vrouter, "good") == NULL);
}

/* Deleted before its worker was known to be stuck. */
static void
stay_away_deleting(void)
{
	inject_ids(6, 0, N);
	CU_ASSERT(lab_delete_router("good") == 0);
	stay_away();
}

static void
stay_away_deleted(void)
{
	CU_ASSERT(lab_delete_router("good") == 0);
	CU_ASSERT(lab_delete_router("bad") == 0);
	stay_away();
}

static void
delete_good(void)
{
	inject_ids(6, 0, N);
	CU_ASSERT(lab_delete_router("good") == 0);
	third_goes_on();
	/* It is gone for good, whatever becomes of the other. */
	CU_ASSERT(TAILQ_EMPTY(&lab.vrouter->leaving));
}

/* Routers that are deleted before and while one is stuck; the stuck one itself before. */
static void
test_deleted(void)
{
	void (*const ways[])(void) = { stay_away_deleting, stay_away_deleted, stay_away };

	for (unsigned int way = 0; way < RTE_DIM(ways); way++) {
		open_deleted();
		meanwhile = ways[way] == stay_away ? delete_good : third_goes_on;
		trap_hook = ways[way];
		inject_burst(5, 1);
		/* Its worker is asked to let it go, and does not come to it. */
		lab_pump();
		CU_ASSERT(trap_hook == NULL && TAILQ_EMPTY(&lab.vrouter->leaving));
		if (ways[way] != stay_away_deleted)
			CU_ASSERT(reset("bad") == 0);
		inject_ids(7, N, N);
		lab_pump();
		lab_discard();
		lab_close();
	}
}

static void
look_at_reserves(void)
{
	/* Either was told, and runs. */
	CU_ASSERT(lab_router("good")->worker->index == 2);
	CU_ASSERT(lab_router("good")->instance->reserve.runtime > 0);
	expect_event("router more: its reserve does not fit on any other lcore: it runs on lcore ");
	CU_ASSERT(lab_router("more")->instance->reserve.runtime == 0);
	inject_ids(6, 0, N);
	inject_ids(7, 0, N);
	lab_pump();
	expect_sent(N, N);
}

static void
stay_away_quietly(void)
{
	for (unsigned int i = 0; i < VISITS_MAX && lab.vrouter->n_taken == 0; i++) {
		trap_spin(1);
		lab_poll();
	}
	CU_ASSERT_FATAL(lab.vrouter->n_taken == 1);
	meanwhile();
	expect_event("router bad: stuck on lcore 0");
}

/* They go where there is room for what they reserve, or without. */
static void
test_reserves(void)
{
	lab_open(3,
		"{" HARD PORTS("0", "0") ", 'routers': [" ROUTER "," ROUTER "," ROUTER "," ROUTER
					 "," ROUTER "]}",
		"bad", "'lcore': 0," TRAP, 5, 5, "good",
		"'lcore': 0, 'reserve': {'runtime_us': 400, 'period_us': 1000},", 6, 6, "more",
		"'lcore': 0, 'reserve': {'runtime_us': 550, 'period_us': 1000},", 7, 7, "there",
		"'lcore': 1, 'reserve': {'runtime_us': 900, 'period_us': 1000},", 8, 8, "here",
		"'lcore': 2, 'reserve': {'runtime_us': 100, 'period_us': 1000},", 9, 9);
	meanwhile = look_at_reserves;
	trap_hook = stay_away_quietly;
	inject_burst(5, 1);
	lab_pump();
	CU_ASSERT(trap_hook == NULL);
	expect_back();
}

static unsigned int buffered;

static void
look_at_buffers(void)
{
	static struct frame sent;
	unsigned int n = 0;

	wire_collect();
	CU_ASSERT(lab.vrouter->workers[0]->tx[WAN].n <= 5);
	while (lab_take(WAN, &sent)) {
		CU_ASSERT(frame_get16(&sent, 14) == 6);
		n++;
	}
	CU_ASSERT(n + 5 >= buffered);
}

static void
stay_away_with_buffers(void)
{
	wire_collect();
	lab_discard();
	buffered = lab.vrouter->workers[0]->tx[WAN].n;
	stay_away();
}

/* Of what was ready to be sent, only the stuck router's has to wait. */
static void
test_transmit_buffers(void)
{
	unsigned int full = 0;

	for (unsigned int i = 0; i < 20; i++) {
		struct router_stats stats;

		lab_open(2,
			"{'quantum_us': 1000," HARD PORTS("0", "0") ", 'routers': [" ROUTER
								    "," ROUTER "]}",
			"bad", "'lcore': 0," TRAP, 5, 5, "good", "'lcore': 0,", 6, 6);
		inject_burst(5, 5);
		inject_burst(6, 10);
		for (unsigned int k = 0; k < 2; k++)
			lab_pass(0);
		meanwhile = look_at_buffers;
		trap_hook = stay_away_with_buffers;
		inject_burst(5, 1);
		lab_pump();
		CU_ASSERT(trap_hook == NULL);
		full += buffered == 15;
		stats = lab_stats("bad");
		CU_ASSERT(stats.forwarded == 5 && stats.dropped[VR_DROP_FAULTED] == 1);
		CU_ASSERT(lab_stats("good").forwarded == 10);
		lab_discard();
		lab_close();
	}
	/* Unless the machine is very slow. */
	CU_ASSERT(full > 0);
}

static void
nothing(void)
{
}

/* A turn that sends more than the output holds at once, after it was given up. */
static void
test_much_output(void)
{
	static struct frame frame;
	struct router_stats stats;
	struct ipv4 ipv4;

	lab_open(2, "{" HARD PORTS("0",
			    "0") ", 'routers': [{'name': 'bad', 'lcore': 0," TRAP
				 "'interfaces': [{'name': 'lan', 'port': 'p0', 'mac': "
				 "'02:00:00:00:00:01', "
				 "'addresses': ['10.0.0.1/24']}, {'name': 'wan', 'port': 'p1', "
				 "'mtu': 68, "
				 "'mac': '02:00:00:00:00:02', 'addresses': ['192.0.2.1/24']}], "
				 "'routes': "
				 "[{'prefix': '198.18.0.0/15', 'via': '192.0.2.2'}], 'neighbours': "
				 "[{'interface': 'wan', 'address': '192.0.2.2', 'mac': "
				 "'02:00:00:00:02:02'}]}]}");
	meanwhile = nothing;
	trap_hook = stay_away;
	ipv4 = packet_on(0, 0);
	ipv4.payload = pair_bytes;
	ipv4.length = 1200;
	frame_ipv4(&frame, &ipv4);
	for (unsigned int i = 0; i < 20; i++)
		lab_inject(LAN, &frame);
	lab_pump();
	CU_ASSERT(trap_hook == NULL);
	stats = lab_stats("bad");
	CU_ASSERT(stats.received == 20 && stats.dropped[VR_DROP_FAULTED] == 20);
	CU_ASSERT(stats.fragments == 0 && stats.fragments_lost > 200);
	lab_expect_nothing();
	CU_ASSERT(reset("bad") == 0);
	lab_inject(LAN, &frame);
	lab_pump();
	CU_ASSERT(lab_stats("bad").forwarded == 1);
	lab_discard();
}

/*
 * Random: a chain of linked routers and two that get stuck, one in the other's time or alone, on
 * any workers, several times; frames in every FIFO. What went in at one end comes out at the other,
 * in order.
 */
#define CHAIN 5
#define ROUNDS 6
#define LABS 25

static uint16_t next_id;
static unsigned int depth;

static const char *
chain_router(char *text, size_t size, unsigned int i)
{
	char west[160], east[160];

	if (i == 0)
		snprintf(west, sizeof(west),
			"{'name': 'lan', 'port': 'p0', 'vlan': 6, 'mac': '02:00:00:00:00:01', "
			"'addresses': ['10.0.0.1/24']}");
	else
		snprintf(west, sizeof(west), "{'name': 'west', 'addresses': ['172.16.%u.2/24']}",
			i - 1);
	if (i == CHAIN - 1)
		snprintf(east, sizeof(east),
			"{'name': 'wan', 'port': 'p1', 'vlan': 6, 'mac': '02:00:00:00:00:02', "
			"'addresses': ['192.0.2.1/24']}");
	else
		snprintf(
			east, sizeof(east), "{'name': 'east', 'addresses': ['172.16.%u.1/24']}", i);
	snprintf(text, size,
		"{'name': 'r%u', 'fifo': 1024, 'lcore': %u, 'interfaces': [%s, %s], 'routes': "
		"[{'prefix': '198.18.0.0/15', 'via': '%s%u.2'}]%s}",
		i, random32() % 3, west, east, i == CHAIN - 1 ? "192.0." : "172.16.",
		i == CHAIN - 1 ? 2 : i,
		i == CHAIN - 1 ? ", 'neighbours': [{'interface': 'wan', 'address': '192.0.2.2', "
				 "'mac': '02:00:00:00:02:02'}]"
			       : "");
	return text;
}

/* Some frames more, and some passes of whoever can. */
static void
stir(void)
{
	unsigned int n = random32() % 60;

	inject_ids(6, next_id, (uint16_t)n);
	next_id += n;
	for (unsigned int i = random32() % 60; i > 0; i--) {
		unsigned int worker = random32() % 3;

		if (random32() % 20 == 0)
			lab_poll();
		else if (!watchdog_is_inside(&lab.vrouter->workers[worker]->watchdog))
			lab_pass(worker);
	}
}

static void stay_away_at_random(void);

static void
trap_one(unsigned int which)
{
	static struct frame frame;
	struct ipv4 ipv4 = packet_on((uint16_t)(20 + which), 0);

	frame_ipv4(&frame, &ipv4);
	trap_hook = stay_away_at_random;
	lab_inject(LAN, &frame);
}

static bool
somebody_is_known_stuck(unsigned int n)
{
	for (unsigned int i = 0; i < lab.vrouter->n_workers; i++)
		n -= lab.vrouter->watches[i].stuck != NULL && n > 0;
	return n == 0;
}

static void
stay_away_at_random(void)
{
	unsigned int visits = 0;

	depth++;
	stir();
	/* Or it comes back before anybody has noticed. */
	if (random32() % 8 != 0) {
		while (!somebody_is_known_stuck(depth) && visits++ < VISITS_MAX) {
			trap_spin(1);
			lab_poll();
		}
		CU_ASSERT_FATAL(visits < VISITS_MAX);
	}
	stir();
	if (depth == 1 && random32() % 2 == 0)
		trap_one(1);
	stir();
	if (random32() % 2 == 0)
		lab_pump();
	stir();
	depth--;
}

static unsigned int
take_chain(int *last)
{
	static struct frame sent;
	unsigned int n = 0;

	while (lab_take(WAN, &sent)) {
		int id = frame_get16(&sent, frame_l3(&sent) + 4);

		if (frame_get16(&sent, 14) != 6)
			continue;
		CU_ASSERT(id == *last + 1);
		*last = id;
		n++;
	}
	lab_discard();
	return n;
}

static void
open_chain(void)
{
	char chain[CHAIN * 640] = "", links[300] = "", text[640], bad[2][64];

	for (unsigned int i = 0; i < CHAIN; i++) {
		chain_router(text, sizeof(text), i);
		snprintf(chain + strlen(chain), sizeof(chain) - strlen(chain), "%s%s",
			i > 0 ? ", " : "", text);
		if (i > 0)
			snprintf(links + strlen(links), sizeof(links) - strlen(links),
				"%s['r%u:east', 'r%u:west']", i > 1 ? ", " : "", i - 1, i);
	}
	for (unsigned int i = 0; i < 2; i++)
		snprintf(bad[i], sizeof(bad[i]), "'lcore': %u," TRAP, random32() % 3);
	lab_open(3,
		"{" HARD "'ports': [{'name': 'p0', 'device': 'net_ring_p0', 'lcore': %u, "
		"'rx_descriptors': 4096}, {'name': 'p1', 'device': 'net_ring_p1', 'lcore': "
		"%u}], 'links': [%s], 'routers': [%s, " ROUTER ", " ROUTER "]}",
		random32() % 3, random32() % 3, links, chain, "bad0", bad[0], 20, 20, "bad1",
		bad[1], 21, 21);
}

static void
test_at_random(void)
{
	for (unsigned int i = 0; i < LABS; i++) {
		int last = -1;

		next_id = 0;
		open_chain();
		/* The first find the others' MACs. */
		inject_ids(6, 0, 1);
		next_id++;
		lab_pump();
		CU_ASSERT(take_chain(&last) == 1);
		for (unsigned int round = 0; round < ROUNDS; round++) {
			stir();
			trap_one(0);
			stir();
			lab_pump();
			trap_hook = NULL;
			take_chain(&last);
			CU_ASSERT(last == next_id - 1);
			for (unsigned int k = 0; k < CHAIN; k++) {
				char name[8];

				snprintf(name, sizeof(name), "r%u", k);
				CU_ASSERT(lab_stats(name).dropped_all == 0);
			}
			for (unsigned int k = 0; k < 2; k++) {
				const char *name = k == 0 ? "bad0" : "bad1";

				if (router_is_faulted(lab_router(name)))
					CU_ASSERT(reset(name) == 0);
			}
		}
		lab_close();
	}
}

static void
wait_for_it(void)
{
	inject_ids(6, 0, N);
	lab_poll();
	CU_ASSERT(lab_stats("good").forwarded == 0);
}

/* With nobody to take over, others wait, and go on afterwards. */
static void
test_one_worker(void)
{
	open_two(HARD);
	get_stuck(wait_for_it);
	expect_back();
	CU_ASSERT(lab_stats("bad").forwarded == 1 && lab_stats("good").forwarded == N);
	lab_discard();
}

/* The bound is never above what the thread has had, and exact where a sample is near. */
static void
test_bound(void)
{
	struct watchdog_sample samples[WATCHDOG_SAMPLES] = { 0 };

	/* Of a clock of 1 GHz, where a cycle is a ns. Nothing is known: nothing is said. */
	CU_ASSERT(watchdog_cpu_since(samples, 1000, 1000000000, 5000) == 0);
	/* A sample before the turn: what went by until then may all have been CPU time. */
	samples[1] = (struct watchdog_sample){ .tsc = 900, .cpu = 100 };
	CU_ASSERT(watchdog_cpu_since(samples, 1000, 1000000000, 250) == 50);
	CU_ASSERT(watchdog_cpu_since(samples, 1000, 1000000000, 150) == 0);
	/* One within the turn: all since then. */
	samples[0] = samples[1];
	samples[1] = (struct watchdog_sample){ .tsc = 1100, .cpu = 150 };
	CU_ASSERT(watchdog_cpu_since(samples, 1000, 1000000000, 250) == 100);
	CU_ASSERT(watchdog_cpu_since(samples, 1000, 1000000000, 140) == 0);
	for (unsigned int i = 0; i < 100000; i++) {
		/* A thread that has the core for some of the time, and when its turn began. */
		uint64_t now = 1000, cpu = 1000, since = 0, had = 0;
		unsigned int begins = 1 + random32() % 40;

		memset(samples, 0, sizeof(samples));
		for (unsigned int k = 0; k < 80; k++) {
			uint64_t step = random32() % 100;
			bool runs = random32() % 3 > 0;

			if (k == begins)
				since = now;
			now += step;
			cpu += runs ? step : 0;
			if (k >= begins)
				had += runs ? step : 0;
			/* Its clock is read later than the other. */
			if (random32() % 20 == 0) {
				samples[0] = samples[1];
				samples[1] =
					(struct watchdog_sample){ now - random32() % (step + 1),
						cpu };
			}
		}
		CU_ASSERT(watchdog_cpu_since(samples, since, 1000000000, cpu) <= had);
	}
}

CU_TestInfo watchdog_tests[] = {
	{ "a router whose turn takes too long is faulted until it is reset", test_soft_limit },
	{ "time away from the core does not count", test_time_away },
	{ "limits of 0 are none", test_off },
	{ "the neighbours of a faulted router stay", test_neighbours_stay },
	{ "faulted routers stop, go and come back with what they hold", test_stop_faulted },
	{ "others go on on other workers when one does not come back", test_hard_limit },
	{ "routers are deleted meanwhile", test_deleted },
	{ "reservations go along where they fit", test_reserves },
	{ "frames ready to be sent are sent", test_transmit_buffers },
	{ "what is sent after all is dropped", test_much_output },
	{ "linked routers, several times, any workers", test_at_random },
	{ "with one worker all wait", test_one_worker },
	{ "CPU time is never overestimated", test_bound },
	CU_TEST_INFO_NULL,
};
