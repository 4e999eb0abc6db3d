/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Routers joined by links:
 *
 *	HOST 10.0.0.2 --- lan 10.0.0.1/24 [a] east 10.9.0.1/30 ===
 *	=== 10.9.0.2/30 west [b] 192.0.2.1/24 wan --- GATEWAY 192.0.2.2, 198.18.0.0/15
 *
 * and the same in IPv6. After each test the ledger asserts that what left by one end came in at the
 * other.
 */

#include <stdio.h>
#include <string.h>

#include "burst.h"
#include "link.h"
#include "pair.h"
#include "router_links.h"
#include "tests.h"

#define EAST_IP IP(10, 9, 0, 1)
#define WEST_IP IP(10, 9, 0, 2)

#define RATES "'icmp_rate': 10000000, 'echo_rate': 10000000, "

/* Arguments: more of the router, of its link's interface; a's `lan` is on port 0. */
#define ROUTER_A(more, link) \
	"{'name': 'a', " RATES more " 'interfaces': [" \
	" {'name': 'lan', 'port': 'p0', 'mac': '02:00:00:00:00:01'," \
	"  'addresses': ['10.0.0.1/24', '2001:db8:a::1/64']}," \
	" {'name': 'east', " link " 'addresses': ['10.9.0.1/30', '2001:db8:9::1/64']}]," \
	" 'routes': [{'prefix': '198.18.0.0/15', 'via': '10.9.0.2'}," \
	"  {'prefix': '192.0.2.0/24', 'via': '10.9.0.2'}," \
	"  {'prefix': '2001:db8:f000::/36', 'via': '2001:db8:9::2'}]," \
	" 'neighbours': [{'interface': 'lan', 'address': '10.0.0.2'," \
	"  'mac': '02:00:00:00:0a:02'}, {'interface': 'lan', 'address': '2001:db8:a::2'," \
	"  'mac': '02:00:00:00:0a:02'}]}"
#define ROUTER_B(more, link) \
	"{'name': 'b', " RATES more " 'interfaces': [" \
	" {'name': 'wan', 'port': 'p1', 'mac': '02:00:00:00:00:02'," \
	"  'addresses': ['192.0.2.1/24', '2001:db8:b::1/64']}," \
	" {'name': 'west', " link " 'addresses': ['10.9.0.2/30', '2001:db8:9::2/64']}]," \
	" 'routes': [{'prefix': '198.18.0.0/15', 'via': '192.0.2.2'}," \
	"  {'prefix': '10.0.0.0/24', 'via': '10.9.0.1'}," \
	"  {'prefix': '2001:db8:a::/64', 'via': '2001:db8:9::1'}," \
	"  {'prefix': '2001:db8:f000::/36', 'via': '2001:db8:b::2'}]," \
	" 'neighbours': [{'interface': 'wan', 'address': '192.0.2.2'," \
	"  'mac': '02:00:00:00:02:02'}, {'interface': 'wan', 'address': '2001:db8:b::2'," \
	"  'mac': '02:00:00:00:02:02'}]}"
#define BOTH(a, b) ROUTER_A(a, "") ", " ROUTER_B(b, "")
#define LINK "'links': [['a:east', 'b:west']]"

/* As pair_packet(), as it comes out behind `hops` routers. */
static bool
comes_out(unsigned int port, struct ipv4 ipv4, unsigned int hops)
{
	static struct frame frame;

	ipv4.ethernet = port == WAN ? (struct ethernet){ GATEWAY_MAC, WAN_MAC }
	                            : (struct ethernet){ HOST_MAC, LAN_MAC };
	ipv4.ttl = (uint8_t)(ipv4.ttl - hops);
	frame_ipv4(&frame, &ipv4);
	return lab_expect(port, &frame);
}

static void
crosses(void)
{
	struct ipv4 there = pair_packet(), back = pair_packet_back();

	pair_inject(&there);
	lab_pump();
	comes_out(WAN, there, 2);
	pair_inject(&back);
	lab_pump();
	comes_out(LAN, back, 2);
	lab_expect_nothing();
}

static struct vr_interface_counters
counters_of(const char *router, const char *interface)
{
	struct vr_interface_counters counters;

	interface_stats_read(lab_router(router),
		vr_interface_find(lab_router(router)->vr, interface)->index, &counters);
	return counters;
}

static bool
is_up(const char *router, const char *interface)
{
	return vr_interface_find(lab_router(router)->vr, interface)->up;
}

/* The first packet waits until ARP or ND has found the other end's MAC, over the link. */
static void
test_forwarding(void)
{
	struct vr_interface_counters east, west;
	struct ipv6 there6, back6;
	struct frame frame;

	pair = (struct pair_options){ .ipv6 = true };
	lab_open(1, "{" PORTS("0", "0") ", 'routers': [" BOTH("", "") "], " LINK "}");
	crosses();
	CU_ASSERT(lab_neighbour("a", WEST_IP)->state == NEIGHBOUR_REACHABLE);
	CU_ASSERT(lab_stats("a").forwarded == 2 && lab_stats("b").forwarded == 2);
	crosses();

	there6 = pair_packet6();
	back6 = pair_packet6_back();
	for (unsigned int i = 0; i < 2; i++) {
		pair_inject6(&there6);
		lab_pump();
		there6.hop_limit--;
		pair_forwarded6(&frame, &there6);
		lab_expect(WAN, &frame);
		there6.hop_limit++;
		pair_inject6(&back6);
		lab_pump();
		back6.hop_limit--;
		pair_forwarded6(&frame, &back6);
		lab_expect(LAN, &frame);
		back6.hop_limit++;
	}
	lab_expect_nothing();
	east = counters_of("a", "east");
	west = counters_of("b", "west");
	CU_ASSERT(east.tx_packets == west.rx_packets && east.tx_bytes == west.rx_bytes);
	CU_ASSERT(west.tx_packets == east.rx_packets && west.tx_bytes == east.rx_bytes);
	CU_ASSERT(lab_stats("b").received_over_links == east.tx_packets);
}

/* Made of the names: of one's own, stable, and no group's. */
static void
test_macs(void)
{
	struct rte_ether_addr mac = router_links_mac("a", "east");

	for (unsigned int i = 0; i < 1000; i++) {
		struct rte_ether_addr other;
		char name[16];

		snprintf(name, sizeof(name), "east%u", i);
		other = router_links_mac("a", name);
		CU_ASSERT(rte_is_local_admin_ether_addr(&other));
		CU_ASSERT(rte_is_unicast_ether_addr(&other));
		CU_ASSERT(!rte_is_same_ether_addr(&other, &mac));
	}
	mac = router_links_mac("ab", "c");
	CU_ASSERT(memcmp(&mac, &(struct rte_ether_addr){ { 0 } }, sizeof(mac)) != 0);
	for (unsigned int i = 0; i < 2; i++) {
		struct rte_ether_addr same = router_links_mac("ab", "c");
		struct rte_ether_addr shifted = router_links_mac("a", "bc");

		CU_ASSERT(rte_is_same_ether_addr(&mac, &same));
		CU_ASSERT(!rte_is_same_ether_addr(&mac, &shifted));
	}
}

static struct ipv4
long_packet(bool back, uint32_t length, bool may_be_cut)
{
	struct ipv4 ipv4 = back ? pair_packet_back() : pair_packet();

	ipv4.length = length - 20;
	ipv4.fragment = may_be_cut ? 0 : FRAGMENT_DONT;
	return ipv4;
}

/* The sender keeps to its own MTU; what is longer than the receiver's is lost, as on a wire. */
static void
test_mtu(void)
{
	struct icmp_error error = { .ethernet = { GATEWAY_MAC, WAN_MAC },
		.source = WAN_IP,
		.type = 3,
		.code = 4,
		.mtu = 1000 };
	static struct frame frame;
	struct ipv4 ipv4;

	pair = (struct pair_options){ 0 };
	lab_open(1, "{" PORTS("0", "0") ", 'routers': [" ROUTER_A(
			    "", "") ", "
				    "{'name': 'b', " RATES " 'interfaces': ["
				    " {'name': 'wan', 'port': 'p1', 'mac': '02:00:00:00:00:02',"
				    "  'addresses': ['192.0.2.1/24']},"
				    " {'name': 'west', 'mtu': 1000, 'addresses': ['10.9.0.2/30']}],"
				    " 'routes': [{'prefix': '198.18.0.0/15', 'via': '192.0.2.2'},"
				    "  {'prefix': '10.0.0.0/24', 'via': '10.9.0.1'}],"
				    " 'neighbours': [{'interface': 'wan', 'address': '192.0.2.2',"
				    "  'mac': '02:00:00:00:02:02'}]}], " LINK "}");
	crosses();
	ipv4 = long_packet(false, 1000, false);
	pair_inject(&ipv4);
	lab_pump();
	comes_out(WAN, ipv4, 2);
	ipv4 = long_packet(false, 1001, true);
	pair_inject(&ipv4);
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(lab_dropped("b", VR_DROP_LONG) == 1);

	ipv4 = long_packet(true, 1000, false);
	pair_inject(&ipv4);
	lab_pump();
	comes_out(LAN, ipv4, 2);
	ipv4 = long_packet(true, 1001, false);
	frame_ipv4(&frame, &ipv4);
	lab_inject(WAN, &frame);
	lab_pump();
	lab_expect_error(WAN, &error, &frame);
	ipv4 = long_packet(true, 1400, true);
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT(lab_waiting(LAN) == 2);
	CU_ASSERT(lab_stats("b").fragments == 1);
	lab_discard();
}

/* An end has a MAC like any interface: frames for another are not its own. */
static void
test_strays(void)
{
	struct ipv4 ipv4 = pair_packet();

	pair = (struct pair_options){ 0 };
	lab_open(1, "{" PORTS("0", "0") ", 'routers': [" BOTH("", "") "], " LINK "}");
	CU_ASSERT(lab_add_neighbour("a", "east", WEST_IP, STRANGE_MAC) == 0);
	pair_inject(&ipv4);
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(lab_dropped("b", VR_DROP_STRAY) == 1);
	CU_ASSERT(lab_delete_neighbour("a", WEST_IP) == 0);
	crosses();
}

/* A burst from port to port, all of it, in order. */
static void
burst_crosses(unsigned int n)
{
	struct ipv4 ipv4 = pair_packet();

	for (unsigned int i = 0; i < n; i++) {
		ipv4.id = (uint16_t)i;
		pair_inject(&ipv4);
	}
	lab_pump();
	for (unsigned int i = 0; i < n; i++) {
		ipv4.id = (uint16_t)i;
		comes_out(WAN, ipv4, 2);
	}
	lab_expect_nothing();
}

/* Whoever polls the ports and runs the routers: all of them on other workers, too. */
static void
test_across_workers(void)
{
	static const char *const places[][4] = {
		{ "0", "0", "'lcore': 0,", "'lcore': 1," },
		{ "0", "1", "'lcore': 0,", "'lcore': 1," },
		{ "1", "0", "'lcore': 0,", "'lcore': 1," },
		{ "2", "2", "'lcore': 1,", "'lcore': 1," },
		{ "2", "2", "'lcore': 1,", "'lcore': 0," },
	};

	for (unsigned int i = 0; i < RTE_DIM(places); i++) {
		pair = (struct pair_options){ 0 };
		lab_open(3,
			"{'ports': [{'name': 'p0', 'device': 'net_ring_p0', 'lcore': %s},"
			" {'name': 'p1', 'device': 'net_ring_p1', 'lcore': %s}],"
			" 'routers': [" ROUTER_A("%s", "") ", " ROUTER_B("%s", "") "], " LINK "}",
			places[i][0], places[i][1], places[i][2], places[i][3]);
		crosses();
		burst_crosses(N);
		lab_close();
	}
}

/* A router whose FIFO is full refuses what comes over a link, and counts it. */
static void
test_overflow(void)
{
	struct ipv4 ipv4 = pair_packet();
	struct router_stats a, b;

	pair = (struct pair_options){ 0 };
	lab_open(2, "{" PORTS("0", "0") ", 'routers': [" BOTH(
			    "'lcore': 0,", "'lcore': 1, 'fifo': 32,") "], " LINK "}");
	crosses();
	lab_clear_stats();
	for (unsigned int i = 0; i < N; i++)
		pair_inject(&ipv4);
	for (unsigned int i = 0; i < 10 * N; i++)
		lab_pass(0);
	a = lab_stats("a");
	b = lab_stats("b");
	CU_ASSERT(a.forwarded == N && a.dropped_all == 0);
	CU_ASSERT(b.received == N && b.received_over_links == N && b.queued == 32);
	CU_ASSERT(b.dropped[VR_DROP_FIFO_FULL] == N - 32 && b.dropped_all == N - 32);
	lab_pump();
	CU_ASSERT(lab_stats("b").forwarded == 32 && lab_waiting(WAN) == 32);
	lab_discard();
	burst_crosses(32);
}

/*
 * Routers of a ring send what nobody has round it until its TTL ends; the one that ends it tells
 * the sender, whose way back leads on round the ring.
 */
#define RING_FORMAT \
	", {'name': 'n%u', 'lcore': %u, " RATES "'interfaces': [" \
	" {'name': 'left', 'addresses': ['10.8.%u.2/24']}," \
	" {'name': 'right', 'addresses': ['10.8.%u.1/24']}]," \
	" 'routes': [{'prefix': '0.0.0.0/0', 'via': '10.8.%u.2'}]}"

static void
open_ring(unsigned int n, unsigned int workers, const char *more)
{
	static char routers[16384], links[4096];
	size_t used = 0, used_links = 0;

	/* The first, and where hosts are. */
	used += (size_t)snprintf(routers, sizeof(routers),
		"{'name': 'n0', 'lcore': 0, " RATES "'redirects': false, 'interfaces': ["
		" {'name': 'lan', 'port': 'p0', 'mac': '02:00:00:00:00:01',"
		"  'addresses': ['10.0.0.1/24']},"
		" {'name': 'left', 'addresses': ['10.8.%u.2/24']},"
		" {'name': 'right', 'addresses': ['10.8.0.1/24']}],"
		" 'routes': [{'prefix': '0.0.0.0/0', 'via': '10.8.0.2'}],"
		" 'neighbours': [{'interface': 'lan', 'address': '10.0.0.2',"
		"  'mac': '02:00:00:00:0a:02'}]}",
		n - 1);
	for (unsigned int i = 1; i < n; i++)
		used += (size_t)snprintf(routers + used, sizeof(routers) - used, RING_FORMAT, i,
			i % workers, i - 1, i, i);
	for (unsigned int i = 0; i < n; i++)
		used_links += (size_t)snprintf(links + used_links, sizeof(links) - used_links,
			"%s['n%u:right', 'n%u:left']", i == 0 ? "" : ", ", i, (i + 1) % n);
	pair = (struct pair_options){ 0 };
	lab_open(workers, "{" PORTS("0", "0") ", 'routers': [%s %s], 'links': [%s]}", routers, more,
		links);
}

static uint64_t
forwarded_in_ring(unsigned int n)
{
	uint64_t forwarded = 0;
	char name[16];

	for (unsigned int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		forwarded += lab_stats(name).forwarded;
	}
	return forwarded;
}

static void
ring_ends(unsigned int n, unsigned int workers)
{
	static struct frame frame;
	struct ipv4 ipv4;

	open_ring(n, workers, "");
	for (unsigned int ttl = 1; ttl <= 2 * n; ttl++) {
		unsigned int last = (ttl - 1) % n;
		struct frame sent;

		ipv4 = pair_packet();
		ipv4.ttl = (uint8_t)ttl;
		frame_ipv4(&frame, &ipv4);
		lab_inject(LAN, &frame);
		lab_pump();
		/* Time exceeded, of the interface that the packet came in by. */
		CU_ASSERT_FATAL(lab_take(LAN, &sent));
		CU_ASSERT(sent.bytes[34] == 11 && sent.bytes[35] == 0);
		CU_ASSERT(frame_get32(&sent, 26) ==
			  (ttl == 1 ? LAN_IP : IP(10, 8, (last + n - 1) % n, 2)));
		/* It went on round the ring to where it began. */
		CU_ASSERT(sent.bytes[22] == (last == 0 ? 64 : 64 - (n - last)));
		lab_expect_nothing();
	}
	lab_clear_stats();
	ipv4 = pair_packet();
	ipv4.ttl = 255;
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT(forwarded_in_ring(n) >= 254);
	lab_discard();
	lab_close();
}

static void
test_ring(void)
{
	ring_ends(2, 1);
	ring_ends(16, 1);
	ring_ends(5, 2);
	ring_ends(16, 3);
}

/* Both ends at one router: what leaves by one comes in by the other. */
static void
test_self_link(void)
{
	struct router_stats stats;
	struct ipv4 ipv4;

	for (unsigned int workers = 1; workers <= 2; workers++) {
		pair = (struct pair_options){ 0 };
		lab_open(workers,
			"{" PORTS("0",
				"0") ", 'routers': [{'name': 'r', 'lcore': %u, " RATES
				     " 'redirects': false, 'interfaces': ["
				     " {'name': 'lan', 'port': 'p0', 'mac': '02:00:00:00:00:01',"
				     "  'addresses': ['10.0.0.1/24']},"
				     " {'name': 'x', 'mac': '02:00:00:00:01:01', 'addresses': "
				     "['10.8.0.1/24']},"
				     " {'name': 'y', 'mac': '02:00:00:00:01:02', 'addresses': "
				     "['10.8.1.1/24']}],"
				     " 'routes': [{'prefix': '198.18.0.0/15', 'via': '10.8.0.2'}],"
				     " 'neighbours': [{'interface': 'lan', 'address': '10.0.0.2',"
				     "  'mac': '02:00:00:00:0a:02'}, {'interface': 'x', 'address': "
				     "'10.8.0.2',"
				     "  'mac': '02:00:00:00:01:02'}]}], 'links': [['r:x', 'r:y']]}",
			workers - 1);
		lab_clear_stats();
		ipv4 = pair_packet();
		ipv4.ttl = 64;
		pair_inject(&ipv4);
		lab_pump();
		stats = lab_stats("r");
		CU_ASSERT(stats.received == 64 && stats.forwarded == 63);
		CU_ASSERT(stats.received_over_links == 63);
		CU_ASSERT(stats.dropped[VR_DROP_TTL] == 1 && stats.originated == 1);
		CU_ASSERT(lab_waiting(LAN) == 1);
		lab_close();
	}
}

/* Routes out of an end whose peer is gone or taken down stand by; they come back with it. */
static void
test_peer_down(void)
{
	struct ipv4 ipv4 = pair_packet();

	pair = (struct pair_options){ 0 };
	lab_open(2, "{" PORTS("0", "1") ", 'routers': [" BOTH(
			    "'lcore': 0,", "'lcore': 1,") "], " LINK "}");
	crosses();
	CU_ASSERT(lab_set_interface("b", "west", false) == 0);
	CU_ASSERT(!is_up("a", "east") && !is_up("b", "west") && is_up("a", "lan"));
	lab_pump();
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT(lab_dropped("a", VR_DROP_NO_ROUTE) == 1);
	lab_discard();
	CU_ASSERT(lab_set_interface("b", "west", true) == 0);
	CU_ASSERT(is_up("a", "east") && is_up("b", "west"));
	lab_settle();
	crosses();

	CU_ASSERT(lab_delete_router("b") == 0);
	CU_ASSERT(!is_up("a", "east"));
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT(lab_dropped("a", VR_DROP_NO_ROUTE) == 2);
	/* The link is still there, and only waits for it. */
	CU_ASSERT(lab_add_router(ROUTER_B("'lcore': 0,", "")) == 0);
	CU_ASSERT(is_up("a", "east") && is_up("b", "west"));
	lab_settle();
	crosses();

	CU_ASSERT(lab_delete_link("b:west") == 0);
	CU_ASSERT(!is_up("a", "east") && !is_up("b", "west"));
	lab_pump();
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT(lab_dropped("a", VR_DROP_NO_ROUTE) == 3);
	CU_ASSERT(lab_add_link("b:west", "a:east") == 0);
	lab_settle();
	crosses();
}

/* Frames that are on their way out when the peer goes are counted by who sent them. */
static void
test_link_down(void)
{
	struct ipv4 ipv4 = pair_packet();

	pair = (struct pair_options){ 0 };
	lab_open(1, "{" PORTS("0", "0") ", 'routers': [" BOTH("", "") "], " LINK "}");
	crosses();
	CU_ASSERT(lab_set_interface("b", "west", false) == 0);
	/* As a worker sees it that has found the route just before it was taken away. */
	vr_interface_set_up(
		lab_router("a")->vr, vr_interface_find(lab_router("a")->vr, "east")->index, true);
	CU_ASSERT(lab_add_neighbour("a", "east", WEST_IP, STRANGE_MAC) == 0);
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT(lab_dropped("a", VR_DROP_LINK_DOWN) == 1);
	CU_ASSERT(lab_stats("a").forwarded == 2);
}

/* Peers come and go while packets for them are under way, and nobody else is disturbed. */
static void
test_changes_under_traffic(void)
{
	struct ipv4 ipv4 = pair_packet();
	struct ipv4 other = packet_on(30, 0);

	for (unsigned int workers = 1; workers <= 2; workers++) {
		unsigned int sent = 0;

		pair = (struct pair_options){ 0 };
		lab_open(workers,
			"{" PORTS("0", "0") ", 'routers': [" ROUTER_A("'lcore': 0,",
				"") ", " ROUTER_B("'lcore': %u,", "") ", " ROUTER "], " LINK "}",
			workers - 1, "outside", "'lcore': 0,", 30, 40);
		crosses();
		lab_clear_stats();
		for (unsigned int i = 0; i < 300; i++) {
			for (unsigned int k = 0; k < 20; k++)
				pair_inject(&ipv4);
			for (unsigned int k = 0; k < 5; k++, sent++) {
				static struct frame frame;

				frame_ipv4(&frame, &other);
				lab_inject(LAN, &frame);
			}
			for (unsigned int k = (random32() % 6); k > 0; k--)
				lab_pass((random32() % workers));
			switch ((random32() % 6)) {
			case 0:
				if (vrouter_find(lab.vrouter, "b") != NULL)
					CU_ASSERT(lab_delete_router("b") == 0);
				break;
			case 1:
				if (vrouter_find(lab.vrouter, "b") == NULL)
					CU_ASSERT(lab_add_router(ROUTER_B("'lcore': %u,", ""),
							  (random32() % workers)) == 0);
				break;
			case 2:
				lab_delete_link("a:east");
				break;
			case 3:
				lab_add_link("a:east", "b:west");
				break;
			case 4:
				lab_set_interface("a", "east", (random32() % 2) == 0);
				break;
			default:
				lab_poll();
			}
			if ((random32() % 4) == 0)
				lab_pump();
		}
		lab_pump();
		CU_ASSERT(lab_stats("outside").forwarded == sent);
		CU_ASSERT(lab_stats("outside").dropped_all == 0);
		lab_close();
	}
}

/* A flood goes round a ring until its TTL ends, beside a router that loses nothing. */
static void
test_flood_in_ring(void)
{
	char outside[1024];

	for (unsigned int workers = 1; workers <= 3; workers++) {
		struct ipv4 ipv4 = pair_packet();
		unsigned int taken = 0;

		snprintf(outside, sizeof(outside), ", " ROUTER, "outside", "'lcore': 0,", 30, 40);
		open_ring(4, workers, outside);
		lab_clear_stats();
		ipv4.ttl = 255;
		for (unsigned int i = 0; i < 100; i++) {
			for (unsigned int k = 0; k < 30; k++)
				pair_inject(&ipv4);
			inject_burst(30, 16);
			for (unsigned int k = 0; k < 64; k++)
				lab_pass(k % workers);
			taken += take_in_order(40);
		}
		lab_pump();
		taken += take_in_order(40);
		CU_ASSERT(taken == 100 * 16);
		CU_ASSERT(lab_stats("outside").forwarded == 100 * 16);
		CU_ASSERT(lab_stats("outside").dropped_all == 0);
		CU_ASSERT(forwarded_in_ring(4) > 0);
		lab_close();
	}
}

static void
refused(int rc, const char *error)
{
	CU_ASSERT(rc != 0);
	CU_ASSERT_STRING_EQUAL(lab_error(), error);
}

static void
test_refused(void)
{
	pair = (struct pair_options){ 0 };
	lab_open(1, "{" PORTS("0", "0") ", 'routers': [" BOTH("", "") "], " LINK "}");
	CU_ASSERT(lab_add_router(
			  "{'name': 'c', 'interfaces': ["
			  " {'name': 'x', 'mac': '02:00:00:00:01:01', 'addresses': []},"
			  " {'name': 'y', 'mac': '02:00:00:00:01:01', 'addresses': []}]}") == 0);
	CU_ASSERT(!is_up("c", "x"));
	refused(lab_add_link("a:east", "c:x"),
		"router a: interface east is linked to b:west already (see del link)\n");
	refused(lab_add_link("c:x", "d:y"),
		"router d: there is none of this name (see show vr all)\n");
	refused(lab_add_link("c:x", "a:west"),
		"router a: no interface west (see show vr a interfaces)\n");
	refused(lab_add_link("c:x", "a:lan"),
		"router a: interface lan is on port p0, expected one without a port\n");
	refused(lab_add_link("c:x", "c:x"), "router c: interface x cannot be linked to itself\n");
	refused(lab_add_link("c:x", "c:y"),
		"both ends have the same MAC, expected one of its own at each\n");
	refused(lab_delete_link("c:x"), "no link ends at c:x (see show links)\n");
	CU_ASSERT(lab.vrouter->config->n_links == 1);
	CU_ASSERT(lab_delete_router("b") == 0);
	refused(lab_add_router("{'name': 'b', 'interfaces': [{'name': 'west', 'port': 'p1',"
			       " 'addresses': []}]}"),
		"lab:1: $.interfaces[0].port: found \"p1\", expected no \"port\": a link from "
		"a:east ends here (see del link)\n");
	CU_ASSERT(lab_add_router(ROUTER_B("", "")) == 0);
	lab_settle();
	crosses();
}

CU_TestInfo links_tests[] = {
	{ "forwarding, ARP and ND", test_forwarding },
	{ "MACs made up", test_macs },
	{ "MTU", test_mtu },
	{ "strays", test_strays },
	{ "across workers", test_across_workers },
	{ "overflow", test_overflow },
	{ "ring", test_ring },
	{ "self link", test_self_link },
	{ "peer down", test_peer_down },
	{ "link down", test_link_down },
	{ "changes under traffic", test_changes_under_traffic },
	{ "flood in a ring", test_flood_in_ring },
	{ "refused", test_refused },
	CU_TEST_INFO_NULL,
};
