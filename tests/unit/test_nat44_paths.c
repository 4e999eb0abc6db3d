/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * What does not go the fast way: hairpinning, ICMP errors, fragments, addresses one for one and
 * port forwards.
 */

#include <string.h>

#include <CUnit/Basic.h>

#include "nat44_fixture.h"
#include "random.h"
#include "test_nat44.h"

#define PLAIN "{'type': 'nat44', 'outside': 'wan', 'addresses': ['203.0.113.1']}"
#define HOST_A IP(10, 0, 0, 5)
#define HOST_B IP(10, 0, 0, 6)
#define REMOTE IP(198, 51, 100, 7)

static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP };

static struct spec
from(uint8_t protocol, uint32_t host, uint16_t port)
{
	return (struct spec){ .protocol = protocol,
		.source = { host, port },
		.destination = { REMOTE, protocol == IPPROTO_ICMP ? port : 80 },
		.flags = 0x02,
		.type = 8,
		.payload = 32 };
}

/* The outside endpoint that it gets. */
static struct end
mapped(const struct spec *spec)
{
	int fate;
	struct rte_mbuf *mbuf = out(spec, &fate);
	struct end end;

	CU_ASSERT_FATAL(mbuf != NULL);
	end = source_of(mbuf);
	drop(mbuf);
	return end;
}

/* Hairpinning: both ends become what the other is to know. */
void
test_hairpin(void)
{
	CU_ASSERT_FATAL(nat_open(PLAIN));
	for (unsigned int i = 0; i < 2; i++) {
		struct spec a = from(protocols[i], HOST_A, 5000),
			    b = from(protocols[i], HOST_B, 6001);
		struct end outside_b = mapped(&b), outside_a;
		struct rte_mbuf *mbuf;
		int fate;

		a.destination = outside_b;
		mbuf = in(&a, LAN, &fate);
		CU_ASSERT_FATAL(mbuf != NULL && checksums_ok(mbuf));
		CU_ASSERT(ends_equal(destination_of(mbuf), b.source));
		outside_a = source_of(mbuf);
		CU_ASSERT(outside_a.address == POOL && outside_a.port == 5000);
		drop(mbuf);
		b.destination = outside_a;
		b.flags = 0x12;
		mbuf = in(&b, LAN, &fate);
		CU_ASSERT_FATAL(mbuf != NULL && checksums_ok(mbuf));
		CU_ASSERT(ends_equal(source_of(mbuf), outside_b));
		CU_ASSERT(ends_equal(destination_of(mbuf), a.source));
		drop(mbuf);
		/* One whose endpoint stands for nobody. */
		a.destination.port++;
		CU_ASSERT(in(&a, LAN, &fate) == NULL && fate == NAT44_NO_MAPPING);
	}
	CU_ASSERT(nat->state->counters.hairpinned == 4);
}

/* The session of the sender takes the room of the one that it sends to: that is gone then. */
void
test_hairpin_no_room(void)
{
	struct spec a = from(IPPROTO_UDP, HOST_A, 5000), b = from(IPPROTO_UDP, HOST_B, 6001);
	int fate;

	CU_ASSERT_FATAL(nat_open("{'type': 'nat44', 'outside': 'wan', 'addresses': "
				 "['203.0.113.1'], 'max_sessions': 1}"));
	b.destination = mapped(&a);
	CU_ASSERT(in(&b, LAN, &fate) == NULL && fate == NAT44_NO_MAPPING);
	CU_ASSERT(nat->state->counters.hairpinned == 0 && nat->state->n_sessions == 1);
}

static void
check_error_in(uint8_t protocol, uint32_t quoted, uint8_t type, uint8_t code)
{
	struct spec a = from(protocol, HOST_A, (uint16_t)random32());
	struct rte_mbuf *sent, *error, *original = packet(&a);
	uint32_t at;
	int fate;

	a.no_checksum = random32() % 4 == 0;
	sent = out(&a, &fate);
	CU_ASSERT_FATAL(sent != NULL);
	error = error_about(sent, IP(192, 0, 2, 1), type, code, quoted);
	CU_ASSERT_FATAL(send_in(error, WAN) == NAT44_GO_ON);
	CU_ASSERT(checksums_ok(error));
	CU_ASSERT(ip_of(error)->dst_addr == ip_of(original)->src_addr);
	CU_ASSERT(ip_of(error)->src_addr == RTE_BE32(IP(192, 0, 2, 1)));
	/* What is quoted is what was sent: the IP header, and the ports or the identifier. */
	CU_ASSERT(memcmp(l4_of(error) + 8, ip_of(original), 20) == 0);
	at = protocol == IPPROTO_ICMP ? 4 : 0;
	CU_ASSERT(memcmp(l4_of(error) + 28 + at, l4_of(original) + at, at == 0 ? 4 : 2) == 0);
	if (quoted >= 1000)
		CU_ASSERT(quoted_checksums_ok(error));
	drop(error);
	drop(sent);
	drop(original);
}

void
test_errors_in(void)
{
	CU_ASSERT_FATAL(nat_open("{'type': 'nat44', 'outside': 'wan', 'addresses': "
				 "['203.0.113.1'], 'ports': [7000, 7999]}"));
	for (unsigned int i = 0; i < 300; i++) {
		uint8_t protocol = protocols[i % 3];

		check_error_in(protocol, 28, 11, 0);
		check_error_in(protocol, 28 + random32() % 30, 3, 3);
		check_error_in(protocol, 1000, 3, 4);
	}
	CU_ASSERT(nat->state->counters.errors == 900);
}

/*
 * About what came in: of the host, of a router inside that has no outside address, and of the
 * router itself.
 */
void
test_errors_out(void)
{
	static const uint32_t sources[] = { HOST_A, IP(10, 9, 9, 9), ROUTER_WAN };

	CU_ASSERT_FATAL(nat_open(PLAIN));
	for (unsigned int i = 0; i < 100; i++) {
		struct spec a = from(protocols[i % 2], HOST_A, (uint16_t)random32());
		struct spec reply = a;
		uint32_t source = sources[i % 3];
		struct rte_mbuf *came, *error, *was;
		int fate;

		reply.source = a.destination;
		reply.destination = mapped(&a);
		reply.flags = 0x12;
		came = packet(&reply);
		was = rte_pktmbuf_copy(came, came->pool, 0, UINT32_MAX);
		fate = send_in(came, WAN);
		CU_ASSERT_FATAL(fate == NAT44_GO_ON);
		error = error_about(came, source, 3, 3, 1000);
		CU_ASSERT_FATAL(send_out(error) == NAT44_GO_ON);
		CU_ASSERT(checksums_ok(error) && quoted_checksums_ok(error));
		CU_ASSERT(ip_of(error)->src_addr ==
			  rte_cpu_to_be_32(source == ROUTER_WAN ? ROUTER_WAN : POOL));
		CU_ASSERT(memcmp(l4_of(error) + 8, ip_of(was), 20) == 0);
		CU_ASSERT(memcmp(l4_of(error) + 28, l4_of(was), 4) == 0);
		drop(error);
		drop(was);
		drop(came);
	}
}

/* A sends to B's outside endpoint, and B, or a router on the way, says that it can't. */
void
test_errors_hairpin(void)
{
	CU_ASSERT_FATAL(nat_open(PLAIN));
	for (unsigned int i = 0; i < 20; i++) {
		struct spec a = from(protocols[i % 2], HOST_A, (uint16_t)(5000 + i));
		struct spec b = from(protocols[i % 2], HOST_B, (uint16_t)(6000 + i));
		struct rte_mbuf *sent, *was, *error;
		int fate;

		a.destination = mapped(&b);
		was = packet(&a);
		sent = in(&a, LAN, &fate);
		CU_ASSERT_FATAL(sent != NULL);
		error = error_about(sent, i < 10 ? HOST_B : IP(10, 0, 0, 99), 3, 3, 1000);
		CU_ASSERT_FATAL(send_in(error, LAN) == NAT44_GO_ON);
		CU_ASSERT(checksums_ok(error) && quoted_checksums_ok(error));
		CU_ASSERT(ip_of(error)->dst_addr == RTE_BE32(HOST_A));
		CU_ASSERT(ip_of(error)->src_addr == RTE_BE32(POOL));
		CU_ASSERT(memcmp(l4_of(error) + 8, ip_of(was), 20) == 0);
		CU_ASSERT(memcmp(l4_of(error) + 28, l4_of(was), 4) == 0);
		drop(error);
		drop(sent);
		drop(was);
	}
}

/* About nothing that was sent, or cut short: they change nothing and don't pass. */
void
test_errors_unknown(void)
{
	struct spec a = from(IPPROTO_UDP, HOST_A, 5000), b = from(IPPROTO_UDP, POOL, 4999);
	struct rte_mbuf *sent, *error, *stranger = packet(&b);
	int fate;

	CU_ASSERT_FATAL(nat_open(PLAIN));
	sent = out(&a, &fate);
	error = error_about(stranger, REMOTE, 3, 3, 28);
	CU_ASSERT(send_in(error, WAN) == NAT44_ICMP_ERROR);
	pool_is_own = true;
	CU_ASSERT(send_in(error, WAN) == NAT44_GO_ON);
	pool_is_own = false;
	drop(error);
	for (uint32_t length = 0; length < 28; length++) {
		error = error_about(sent, REMOTE, 3, 3, length);
		CU_ASSERT(send_in(error, WAN) == NAT44_ICMP_ERROR);
		drop(error);
		error = error_about(stranger, HOST_A, 3, 3, length);
		CU_ASSERT(send_out(error) == NAT44_ICMP_ERROR);
		drop(error);
	}
	/* Of the router about what was for itself. */
	error = error_about(stranger, ROUTER_WAN, 3, 3, 28);
	CU_ASSERT(send_out(error) == NAT44_GO_ON && checksums_ok(error));
	CU_ASSERT(ip_of(error)->src_addr == RTE_BE32(ROUTER_WAN));
	drop(error);
	CU_ASSERT(nat->state->counters.errors == 0);
	drop(sent);
	drop(stranger);
}

/* What the two make together must be the packet translated as one. */
static void
check_fragments(struct rte_mbuf *first, struct rte_mbuf *second, const struct rte_mbuf *whole)
{
	uint32_t n = rte_be_to_cpu_16(ip_of(first)->total_length) - 20;

	CU_ASSERT(checksums_ok(first) && checksums_ok(second));
	CU_ASSERT(ip_of(first)->src_addr == ip_of(whole)->src_addr);
	CU_ASSERT(ip_of(second)->src_addr == ip_of(whole)->src_addr);
	CU_ASSERT(ip_of(first)->dst_addr == ip_of(whole)->dst_addr);
	CU_ASSERT(ip_of(second)->dst_addr == ip_of(whole)->dst_addr);
	CU_ASSERT(memcmp(l4_of(first), l4_of(whole), n) == 0);
	CU_ASSERT(memcmp(l4_of(second), l4_of(whole) + n,
			  rte_be_to_cpu_16(ip_of(second)->total_length) - 20) == 0);
}

/* In order, out and in, by bursts of one. */
void
test_fragments(void)
{
	struct rte_mbuf *whole, *first, *second;

	CU_ASSERT_FATAL(nat_open(PLAIN));
	for (unsigned int i = 0; i < 300; i++) {
		struct spec a = from(protocols[i % 3], HOST_A + i % 5, (uint16_t)(4000 + i));

		a.payload = 200;
		a.id = (uint16_t)i;
		whole = packet(&a);
		cut(whole, 64, &first, &second);
		CU_ASSERT(send_out(first) == NAT44_GO_ON && send_out(second) == NAT44_GO_ON);
		CU_ASSERT(send_out(whole) == NAT44_GO_ON && checksums_ok(whole));
		check_fragments(first, second, whole);
		drop(first);
		drop(second);
		a.source = a.destination;
		a.destination = source_of(whole);
		a.type = 0;
		drop(whole);
		whole = packet(&a);
		cut(whole, 64, &first, &second);
		CU_ASSERT(
			send_in(first, WAN) == NAT44_GO_ON && send_in(second, WAN) == NAT44_GO_ON);
		CU_ASSERT(send_in(whole, WAN) == NAT44_GO_ON && checksums_ok(whole));
		check_fragments(first, second, whole);
		drop(first);
		drop(second);
		drop(whole);
	}
	CU_ASSERT(nat->state->counters.fragments == 600);
}

/* Out of order within a burst they pass, else the one too early is dropped, and one too late. */
void
test_fragments_reordered(void)
{
	struct spec a = from(IPPROTO_UDP, HOST_A, 4000);
	struct rte_mbuf *whole, *mbufs[2];
	int fates[2];

	CU_ASSERT_FATAL(nat_open(PLAIN));
	a.payload = 200;
	whole = packet(&a);
	cut(whole, 64, &mbufs[1], &mbufs[0]);
	CU_ASSERT(send_out(mbufs[0]) == NAT44_FRAGMENT);
	send_burst(mbufs, 2, ELEMENT_EGRESS, WAN, fates);
	CU_ASSERT(fates[0] == NAT44_GO_ON && fates[1] == NAT44_GO_ON);
	CU_ASSERT(send_out(whole) == NAT44_GO_ON);
	check_fragments(mbufs[1], mbufs[0], whole);
	drop(mbufs[0]);
	drop(mbufs[1]);
	drop(whole);
	whole = packet(&a);
	cut(whole, 64, &mbufs[0], &mbufs[1]);
	CU_ASSERT(send_out(mbufs[0]) == NAT44_GO_ON);
	nat_wait(NAT44_FRAGMENT_SECONDS + 1);
	CU_ASSERT(send_out(mbufs[1]) == NAT44_FRAGMENT);
	drop(mbufs[0]);
	drop(mbufs[1]);
	drop(whole);
	/* For the router itself: as they are. */
	pool_is_own = true;
	a.source.address = REMOTE;
	a.destination.address = POOL;
	whole = packet(&a);
	cut(whole, 64, &mbufs[0], &mbufs[1]);
	CU_ASSERT(send_in(mbufs[0], WAN) == NAT44_GO_ON && send_in(mbufs[1], WAN) == NAT44_GO_ON);
	check_fragments(mbufs[0], mbufs[1], whole);
	drop(mbufs[0]);
	drop(mbufs[1]);
	drop(whole);
}

/* What the router cuts has its headers in one segment and all else in the next. */
void
test_fragments_by_router(void)
{
	struct spec a = from(IPPROTO_TCP, HOST_A, 4000);
	struct rte_mbuf *whole, *first, *second, *head;

	CU_ASSERT_FATAL(nat_open(PLAIN));
	a.payload = 200;
	whole = packet(&a);
	cut(whole, 64, &first, &second);
	head = rte_pktmbuf_copy(first, first->pool, 0, L2 + 20);
	rte_pktmbuf_adj(first, L2 + 20);
	CU_ASSERT_FATAL(rte_pktmbuf_chain(head, first) == 0);
	CU_ASSERT(send_out(head) == NAT44_GO_ON && send_out(second) == NAT44_GO_ON);
	CU_ASSERT_FATAL(rte_pktmbuf_linearize(head) == 0);
	CU_ASSERT(send_out(whole) == NAT44_GO_ON);
	check_fragments(head, second, whole);
	drop(head);
	drop(second);
	drop(whole);
}

/* One for one: any protocol, both ways, without sessions; with others by hairpinning. */
void
test_static(void)
{
	static const uint8_t any[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, 47, 50, 132 };
	struct spec b = from(IPPROTO_UDP, HOST_B, 6000), error_of;
	struct rte_mbuf *mbuf, *error, *was;
	int fate;

	CU_ASSERT_FATAL(nat_open("{'type': 'nat44', 'outside': 'wan', 'addresses': "
				 "['203.0.113.1'], 'static': [{'inside': '10.0.0.5', 'outside': "
				 "'203.0.113.5'}]}"));
	for (unsigned int i = 0; i < RTE_DIM(any); i++) {
		struct spec a = from(any[i], HOST_A, 80), reply = a;

		mbuf = out(&a, &fate);
		CU_ASSERT_FATAL(mbuf != NULL && checksums_ok(mbuf));
		CU_ASSERT(ip_of(mbuf)->src_addr == RTE_BE32(POOL + 4));
		CU_ASSERT(any[i] == 47 || any[i] == 50 || any[i] == 132 ||
			  source_of(mbuf).port == 80);
		drop(mbuf);
		reply.source = a.destination;
		reply.destination = (struct end){ POOL + 4, a.source.port };
		mbuf = in(&reply, WAN, &fate);
		CU_ASSERT_FATAL(mbuf != NULL && checksums_ok(mbuf));
		CU_ASSERT(ip_of(mbuf)->dst_addr == RTE_BE32(HOST_A));
		CU_ASSERT(ip_of(mbuf)->src_addr == RTE_BE32(REMOTE));
		drop(mbuf);
	}
	CU_ASSERT(nat->state->n_sessions == 0);
	b.destination = (struct end){ POOL + 4, 53 };
	was = packet(&b);
	mbuf = in(&b, LAN, &fate);
	CU_ASSERT_FATAL(mbuf != NULL && checksums_ok(mbuf));
	CU_ASSERT(ends_equal(source_of(mbuf), (struct end){ POOL, 6000 }));
	CU_ASSERT(ends_equal(destination_of(mbuf), (struct end){ HOST_A, 53 }));
	error = error_about(mbuf, HOST_A, 3, 3, 1000);
	CU_ASSERT_FATAL(send_in(error, LAN) == NAT44_GO_ON);
	CU_ASSERT(checksums_ok(error) && quoted_checksums_ok(error));
	CU_ASSERT(ip_of(error)->src_addr == RTE_BE32(POOL + 4));
	CU_ASSERT(ip_of(error)->dst_addr == RTE_BE32(HOST_B));
	CU_ASSERT(memcmp(l4_of(error) + 8, ip_of(was), 20) == 0);
	drop(error);
	drop(mbuf);
	drop(was);
	/* Others have no address for such protocols. */
	error_of = from(47, HOST_B, 0);
	CU_ASSERT(out(&error_of, &fate) == NULL && fate == NAT44_PROTOCOL);
}

#define FORWARDS(list) \
	"{'type': 'nat44', 'outside': 'wan', 'addresses': ['203.0.113.1'], 'forwards': [" list "]" \
	"}"
#define WEB \
	"{'protocol': 'tcp', 'outside': '203.0.113.1', 'port': 80, 'inside': '10.0.0.5', " \
	"'inside_port': 8080}"
#define GAME "{'protocol': 'udp', 'outside': '203.0.113.1', 'port': 4000, 'inside': '10.0.0.6'}"

static bool
reaches(uint8_t protocol, uint16_t port, struct end inside, uint16_t interface)
{
	struct spec spec = from(protocol, interface == WAN ? REMOTE : IP(10, 0, 0, 44), 1234);
	struct rte_mbuf *mbuf;
	bool same;
	int fate;

	spec.destination = (struct end){ POOL, port };
	mbuf = in(&spec, interface, &fate);
	if (mbuf == NULL)
		return false;
	same = checksums_ok(mbuf) && ends_equal(destination_of(mbuf), inside);
	drop(mbuf);
	return same;
}

void
test_forwards(void)
{
	struct spec reply = from(IPPROTO_TCP, HOST_A, 8080),
		    taker = from(IPPROTO_UDP, HOST_A, 4000);
	struct rte_mbuf *mbuf;
	int fate;

	CU_ASSERT_FATAL(nat_open(FORWARDS(WEB)));
	CU_ASSERT(reaches(IPPROTO_TCP, 80, (struct end){ HOST_A, 8080 }, WAN));
	CU_ASSERT(reaches(IPPROTO_TCP, 80, (struct end){ HOST_A, 8080 }, LAN));
	CU_ASSERT_FALSE(reaches(IPPROTO_UDP, 80, (struct end){ HOST_A, 8080 }, WAN));
	reply.flags = 0x12;
	mbuf = out(&reply, &fate);
	CU_ASSERT_FATAL(mbuf != NULL && checksums_ok(mbuf));
	CU_ASSERT(ends_equal(source_of(mbuf), (struct end){ POOL, 80 }));
	drop(mbuf);
	nat_wait(100000);
	CU_ASSERT(reaches(IPPROTO_TCP, 80, (struct end){ HOST_A, 8080 }, WAN));
	/* A new forward takes its port from whoever has it, and gives it back when it goes. */
	CU_ASSERT(ends_equal(mapped(&taker), (struct end){ POOL, 4000 }));
	CU_ASSERT_FATAL(nat_change(FORWARDS(WEB ", " GAME)));
	CU_ASSERT(reaches(IPPROTO_UDP, 4000, (struct end){ HOST_B, 4000 }, WAN));
	CU_ASSERT(reaches(IPPROTO_TCP, 80, (struct end){ HOST_A, 8080 }, WAN));
	CU_ASSERT(mapped(&taker).port != 4000);
	/* Also when several changes come before the next packet. */
	for (unsigned int i = 0; i < 5; i++)
		CU_ASSERT_FATAL(nat_change(i % 2 == 0 ? FORWARDS("") : FORWARDS(WEB)));
	CU_ASSERT_FALSE(reaches(IPPROTO_TCP, 80, (struct end){ HOST_A, 8080 }, WAN));
	CU_ASSERT_FATAL(nat_change(FORWARDS(GAME)));
	CU_ASSERT_FATAL(nat_change(FORWARDS("")));
	CU_ASSERT_FATAL(nat_change(FORWARDS(WEB)));
	CU_ASSERT(reaches(IPPROTO_TCP, 80, (struct end){ HOST_A, 8080 }, WAN));
	CU_ASSERT_FATAL(nat_change(FORWARDS("")));
	CU_ASSERT_FALSE(reaches(IPPROTO_UDP, 4000, (struct end){ HOST_B, 4000 }, WAN));
	CU_ASSERT_FALSE(reaches(IPPROTO_TCP, 80, (struct end){ HOST_A, 8080 }, WAN));
	taker.source.address = HOST_B;
	CU_ASSERT(ends_equal(mapped(&taker), (struct end){ POOL, 4000 }));
}
