/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The element nat44: the life of sessions, ports, limits, filtering, changes, bad input.
 */

#include <string.h>

#include <CUnit/Basic.h>
#include <rte_eal.h>

#include "element/nat44_flow.h"
#include "nat44_fixture.h"
#include "random.h"
#include "test_nat44.h"

#define BASE "'type': 'nat44', 'outside': 'wan', 'addresses': ['203.0.113.1']"
#define PLAIN "{" BASE "}"
#define WITH(keys) "{" BASE ", " keys "}"
#define HOST IP(10, 0, 0, 5)
#define REMOTE IP(198, 51, 100, 7)

#define SYN 0x02
#define SYN_ACK 0x12
#define ACK 0x10
#define FIN 0x11
#define RST 0x04

static struct spec
from(uint8_t protocol, uint32_t host, uint16_t port)
{
	return (struct spec){ .protocol = protocol,
		.source = { host, port },
		.destination = { REMOTE, 80 },
		.flags = SYN,
		.type = 8,
		.payload = 10 };
}

static struct end
mapped(const struct spec *spec, int *fate)
{
	struct rte_mbuf *mbuf = out(spec, fate);
	struct end end = { 0 };

	if (mbuf != NULL)
		end = source_of(mbuf);
	drop(mbuf);
	return end;
}

static bool
goes_out(const struct spec *spec)
{
	int fate;

	return mapped(spec, &fate).port != 0;
}

/* A reply to it, whatever it became. */
static int
reply(const struct spec *spec, struct end outside, struct end remote, uint8_t flags)
{
	struct spec back = { .protocol = spec->protocol,
		.source = remote,
		.destination = outside,
		.flags = flags,
		.type = 0 };
	int fate;

	if (spec->protocol == IPPROTO_ICMP)
		back.source.port = outside.port;
	drop(in(&back, WAN, &fate));
	return fate;
}

/* TCP */

static struct spec tcp;
static struct end tcp_outside;

static void
tcp_out(uint8_t flags)
{
	int fate;
	struct end outside;

	tcp.flags = flags;
	outside = mapped(&tcp, &fate);
	CU_ASSERT(fate == NAT44_GO_ON);
	tcp_outside = outside;
}

static void
tcp_in(uint8_t flags)
{
	CU_ASSERT(reply(&tcp, tcp_outside, tcp.destination, flags) == NAT44_GO_ON);
}

/* Whether the session lives so long without a packet: then it is there a moment before the end. */
static void
check_tcp_life(uint32_t seconds)
{
	uint64_t created = nat->state->counters.created;

	nat_wait(seconds);
	CU_ASSERT(nat->state->n_sessions == 1);
	nat_wait(2);
	CU_ASSERT(nat->state->n_sessions == 0);
	CU_ASSERT(nat->state->counters.created == created);
}

static void
open_tcp(void)
{
	tcp = from(IPPROTO_TCP, HOST, (uint16_t)(1024 + random32() % 60000));
	tcp_out(SYN);
	tcp_in(SYN_ACK);
	tcp_out(ACK);
}

static void
test_tcp(void)
{
	CU_ASSERT_FATAL(nat_open(PLAIN));
	tcp = from(IPPROTO_TCP, HOST, 5000);
	tcp_out(SYN);
	check_tcp_life(240);
	tcp_out(SYN);
	tcp_in(RST);
	check_tcp_life(240);
	open_tcp();
	check_tcp_life(7440);
	/* Idle is who is idle both ways. */
	open_tcp();
	nat_wait(7000);
	tcp_in(ACK);
	check_tcp_life(7440);
	open_tcp();
	tcp_out(FIN);
	nat_wait(3000);
	tcp_in(FIN);
	tcp_out(ACK);
	check_tcp_life(240);
	open_tcp();
	tcp_in(FIN);
	check_tcp_life(7440);
	open_tcp();
	tcp_out(RST);
	check_tcp_life(240);
	open_tcp();
	tcp_in(RST);
	check_tcp_life(240);
}

/* A reset from elsewhere changes nothing, nor does one that the inside host does not believe. */
static void
test_tcp_reset(void)
{
	struct end other = { REMOTE + 1, 80 };

	CU_ASSERT_FATAL(nat_open(PLAIN));
	open_tcp();
	CU_ASSERT(reply(&tcp, tcp_outside, other, RST) == NAT44_GO_ON);
	CU_ASSERT(reply(&tcp, tcp_outside, other, FIN) == NAT44_GO_ON);
	nat_wait(7000);
	/* Neither does it keep it alive. */
	CU_ASSERT(reply(&tcp, tcp_outside, other, ACK) == NAT44_GO_ON);
	check_tcp_life(440);
	open_tcp();
	tcp_in(RST);
	nat_wait(200);
	tcp_out(ACK);
	check_tcp_life(7440);
	/* No session for what is no beginning. */
	tcp.flags = RST;
	CU_ASSERT_FALSE(goes_out(&tcp));
	CU_ASSERT(nat->state->n_sessions == 0);
}

/* Two connections from one port: the end of one is not that of the other. */
static void
test_tcp_shared(void)
{
	struct end other = { REMOTE + 1, 80 }, first;

	CU_ASSERT_FATAL(nat_open(PLAIN));
	open_tcp();
	first = tcp_outside;
	tcp.destination = other;
	tcp_out(SYN);
	CU_ASSERT(ends_equal(tcp_outside, first));
	tcp_in(SYN_ACK);
	tcp.destination.address = REMOTE;
	tcp_out(FIN);
	tcp_in(FIN);
	tcp_out(ACK);
	nat_wait(7000);
	tcp.destination = other;
	tcp_in(ACK);
	check_tcp_life(7440);
	/* One after the other: the second begins anew, and ends. */
	open_tcp();
	tcp_out(FIN);
	tcp_in(FIN);
	tcp.destination = other;
	tcp_out(SYN);
	tcp_in(SYN_ACK);
	nat_wait(7000);
	tcp_out(FIN);
	tcp_in(FIN);
	check_tcp_life(240);
}

/* UDP and ICMP queries are kept by what goes out, not by what comes in (RFC 4787 REQ-6). */
static void
test_timeouts(void)
{
	static const struct {
		uint8_t protocol;
		uint32_t seconds;
	} lives[] = { { IPPROTO_UDP, 150 }, { IPPROTO_ICMP, 77 } };

	CU_ASSERT_FATAL(nat_open(WITH("'udp_timeout': 150, 'icmp_timeout': 77")));
	for (unsigned int i = 0; i < RTE_DIM(lives); i++) {
		struct spec spec = from(lives[i].protocol, HOST, 5000);
		struct end outside;
		int fate;

		outside = mapped(&spec, &fate);
		nat_wait(lives[i].seconds);
		CU_ASSERT(ends_equal(mapped(&spec, &fate), outside));
		nat_wait(lives[i].seconds);
		CU_ASSERT(reply(&spec, outside, spec.destination, 0) == NAT44_GO_ON);
		nat_wait(2);
		CU_ASSERT(reply(&spec, outside, spec.destination, 0) == NAT44_NO_MAPPING);
		CU_ASSERT(nat->state->n_sessions == 0);
	}
}

/* Ports */

static void
test_port_choice(void)
{
	struct spec a = from(IPPROTO_UDP, HOST, 5000), b = from(IPPROTO_UDP, HOST + 1, 5000);
	unsigned int n_next = 0;
	struct end end;
	int fate;

	CU_ASSERT_FATAL(nat_open(PLAIN));
	CU_ASSERT(mapped(&a, &fate).port == 5000);
	for (uint32_t i = 0; i < 200; i++) {
		b.source.address = HOST + 1 + i;
		end = mapped(&b, &fate);
		CU_ASSERT(end.port != 5000 && end.port % 2 == 0 && end.port >= 1024);
		n_next += end.port > 5000 && end.port < 5500;
	}
	CU_ASSERT(n_next < 20);
	/* Another protocol's are others, a well-known one is not kept. */
	b = from(IPPROTO_TCP, HOST + 1, 5000);
	CU_ASSERT(mapped(&b, &fate).port == 5000);
	b = from(IPPROTO_TCP, HOST + 1, 53);
	end = mapped(&b, &fate);
	CU_ASSERT(end.port >= 1024 && end.port % 2 == 1);
	/* ICMP identifiers are ports. */
	b = from(IPPROTO_ICMP, HOST, 5000);
	CU_ASSERT(mapped(&b, &fate).port == 5000);
	b = from(IPPROTO_ICMP, HOST + 1, 5000);
	CU_ASSERT(mapped(&b, &fate).port != 5000);
}

/* All sessions of a host have one address (RFC 4787 REQ-2), and hosts are spread. */
static void
test_pairing(void)
{
	unsigned int n_of[4] = { 0 };
	int fate;

	CU_ASSERT_FATAL(nat_open("{'type': 'nat44', 'outside': 'wan', 'addresses': ['203.0.113.1', "
				 "'203.0.113.2', '203.0.113.3', '203.0.113.4']}"));
	for (uint32_t host = 0; host < 256; host++) {
		uint32_t address = 0;

		for (unsigned int i = 0; i < 20; i++) {
			struct spec spec = from(random32() % 2 ? IPPROTO_UDP : IPPROTO_TCP,
				IP(10, 1, 0, 0) + host, (uint16_t)random32());
			uint32_t got = mapped(&spec, &fate).address;

			CU_ASSERT_FATAL(fate == NAT44_GO_ON && got - POOL < 4);
			CU_ASSERT(address == 0 || got == address);
			address = got;
		}
		n_of[address - POOL]++;
	}
	for (unsigned int i = 0; i < 4; i++)
		CU_ASSERT(n_of[i] > 30);
}

/* Limits */

/* Begins one, answered or not; gives its outside port, 0 with the fate if there is none. */
static uint16_t
begin(uint32_t host, uint16_t port, bool answer, int *fate)
{
	struct spec spec = from(IPPROTO_UDP, host, port);
	struct end end = mapped(&spec, fate);

	if (end.port != 0 && answer)
		CU_ASSERT(reply(&spec, end, spec.destination, 0) == NAT44_GO_ON);
	return end.port;
}

/* At the limit those without an answer make room, the oldest first; those with one stay. */
static void
test_session_limit(void)
{
	struct spec spec;
	int fate;

	CU_ASSERT_FATAL(nat_open(WITH("'max_sessions': 10")));
	for (uint16_t i = 0; i < 10; i++)
		CU_ASSERT(begin(HOST + i, 5000, i % 2 == 0, &fate) != 0);
	for (uint16_t i = 10; i < 15; i++)
		CU_ASSERT(begin(HOST + i, 5000, true, &fate) != 0);
	CU_ASSERT(nat->state->counters.reused == 5);
	CU_ASSERT(begin(HOST + 15, 5000, true, &fate) == 0 && fate == NAT44_SESSION_LIMIT);
	spec = from(IPPROTO_TCP, HOST + 15, 5000);
	CU_ASSERT(mapped(&spec, &fate).port == 0 && fate == NAT44_SESSION_LIMIT);
	CU_ASSERT(nat->state->n_sessions == 10 && nat->state->counters.reused == 5);
	/* Those there are go on: as many as fit. */
	for (uint16_t i = 0; i < 15; i += i < 10 ? 2 : 1)
		CU_ASSERT(begin(HOST + i, 5000, true, &fate) != 0);
	CU_ASSERT(nat->state->counters.created == 15);
	nat_wait(400);
	CU_ASSERT(begin(HOST + 15, 5000, true, &fate) != 0);
	/* Also across protocols and addresses. */
	for (uint16_t i = 0; i < 9; i++)
		begin(HOST + i, 5000, false, &fate);
	CU_ASSERT(mapped(&spec, &fate).port != 0);
}

static void
test_port_limit(void)
{
	int fate;

	CU_ASSERT_FATAL(nat_open(WITH("'ports': [2000, 2007]")));
	for (uint16_t i = 0; i < 8; i++)
		CU_ASSERT(begin(HOST + i, 5000, i != 4, &fate) != 0);
	CU_ASSERT(begin(HOST + 8, 5000, true, &fate) != 0);
	CU_ASSERT(begin(HOST + 9, 5000, true, &fate) == 0 && fate == NAT44_NO_PORT);
	CU_ASSERT(nat->state->counters.reused == 1 && nat->state->n_sessions == 8);
	CU_ASSERT(begin(HOST + 4, 5000, true, &fate) == 0 && fate == NAT44_NO_PORT);
	nat_wait(302);
	CU_ASSERT(begin(HOST + 9, 5000, true, &fate) != 0);
}

static void
test_host_limit(void)
{
	int fate;

	CU_ASSERT_FATAL(nat_open(WITH("'max_sessions_per_host': 3")));
	for (uint16_t i = 0; i < 3; i++)
		CU_ASSERT(begin(HOST, 5000 + i, false, &fate) != 0);
	CU_ASSERT(begin(HOST, 6000, false, &fate) == 0 && fate == NAT44_HOST_LIMIT);
	CU_ASSERT(begin(HOST, 5001, false, &fate) != 0);
	CU_ASSERT(begin(HOST + 1, 6000, false, &fate) != 0);
	nat_wait(302);
	CU_ASSERT(begin(HOST, 6000, false, &fate) != 0);
}

static void
test_memory_limit(void)
{
	memory_limit = UINT64_C(20) << 20;
	CU_ASSERT_FALSE(nat_open(WITH("'max_sessions': 1000000")));
	CU_ASSERT(strstr(nat_error,
			  "1000000 sessions: with them the router's elements would take") != NULL);
	CU_ASSERT(nat_open(WITH("'max_sessions': 100000")));
	memory_limit = UINT64_C(200) << 20;
	CU_ASSERT(nat_open(WITH("'max_sessions': 1000000")));
	memory_limit = UINT64_C(1) << 30;
}

/* A flood of flows from one host: those that are answered live on, and others may begin. */
static void
test_flood(void)
{
	struct rte_mbuf *mbufs[32];
	int fates[32], fate;

	CU_ASSERT_FATAL(nat_open(WITH("'max_sessions': 20000")));
	open_tcp();
	for (uint32_t burst = 0; burst < 10000; burst++) {
		for (unsigned int i = 0; i < 32; i++) {
			struct spec spec = from(random32() % 2 ? IPPROTO_UDP : IPPROTO_TCP,
				HOST + 1 + random32() % 64, (uint16_t)random32());

			mbufs[i] = packet(&spec);
		}
		now += HZ / 1000;
		send_burst(mbufs, 32, ELEMENT_EGRESS, WAN, fates);
		for (unsigned int i = 0; i < 32; i++) {
			CU_ASSERT_FATAL(fates[i] == NAT44_GO_ON);
			drop(mbufs[i]);
		}
		CU_ASSERT_FATAL(nat->state->n_sessions <= 20000);
		if (burst % 100 == 0) {
			tcp_in(ACK);
			CU_ASSERT(begin(IP(10, 7, 0, 0) + burst, 9000, true, &fate) != 0);
		}
	}
	CU_ASSERT(nat->state->n_sessions == 20000);
	CU_ASSERT(nat->state->sessions.n[NAT44_TCP_ESTABLISHED] == 1);
	tcp_in(ACK);
}

/* Filtering */

static void
check_filtering(const char *json, bool other_port, bool other_address)
{
	struct spec spec = from(IPPROTO_UDP, HOST, 5000);
	struct end remote = spec.destination, outside;
	int fate;

	CU_ASSERT_FATAL(nat_open(json));
	outside = mapped(&spec, &fate);
	for (unsigned int i = 0; i < 50; i++) {
		spec.destination.address = REMOTE + 1 + i;
		CU_ASSERT(ends_equal(mapped(&spec, &fate), outside));
		CU_ASSERT(reply(&spec, outside, spec.destination, 0) == NAT44_GO_ON);
	}
	CU_ASSERT(reply(&spec, outside, remote, 0) == NAT44_GO_ON);
	fate = reply(&spec, outside, (struct end){ REMOTE + 7, 81 }, 0);
	CU_ASSERT(fate == (other_port ? NAT44_GO_ON : NAT44_FILTERED));
	fate = reply(&spec, outside, (struct end){ REMOTE, 81 }, 0);
	CU_ASSERT(fate == (other_port ? NAT44_GO_ON : NAT44_FILTERED));
	fate = reply(&spec, outside, (struct end){ REMOTE + 99, 80 }, 0);
	CU_ASSERT(fate == (other_address ? NAT44_GO_ON : NAT44_FILTERED));
}

static void
test_filtering(void)
{
	check_filtering(PLAIN, true, true);
	check_filtering(WITH("'filtering': 'address'"), true, false);
	check_filtering(WITH("'filtering': 'address_and_port'"), false, false);
}

/* Changes: sessions stay where they can, with the new config. */

static void
test_change(void)
{
	struct spec spec = from(IPPROTO_UDP, HOST, 5000);
	struct end outside;
	int fate;

	CU_ASSERT_FATAL(nat_open(WITH("'max_sessions': 100")));
	outside = mapped(&spec, &fate);
	CU_ASSERT_FATAL(nat_change(WITH("'max_sessions': 50, 'udp_timeout': 1000")));
	CU_ASSERT(nat->state->n_sessions == 1);
	nat_wait(1000);
	CU_ASSERT(reply(&spec, outside, spec.destination, 0) == NAT44_GO_ON);
	CU_ASSERT_FATAL(nat_change(WITH("'max_sessions': 50, 'inside': ['10.1.0.0/16']")));
	CU_ASSERT(nat->state->n_sessions == 1);
	CU_ASSERT_FATAL(nat_change(WITH("'max_sessions': 101")));
	CU_ASSERT(nat->state->n_sessions == 0);
	mapped(&spec, &fate);
	CU_ASSERT_FATAL(nat_change(WITH("'max_sessions': 101, 'filtering': 'address'")));
	CU_ASSERT(nat->state->n_sessions == 0);
	mapped(&spec, &fate);
	CU_ASSERT_FATAL(nat_change(WITH("'max_sessions': 101, 'ports': [1024, 2000]")));
	CU_ASSERT(nat->state->n_sessions == 0);
	mapped(&spec, &fate);
	CU_ASSERT_FALSE(nat_change(WITH("'outside': 'dmz', 'max_sessions': 10")));
	CU_ASSERT(nat->state->n_sessions == 1);
}

/* What is not the NAT's to touch, and what it may not let out. */
static void
test_untouched(void)
{
	struct spec own = from(IPPROTO_ICMP, ROUTER_WAN, 7), transit = from(IPPROTO_TCP, HOST, 1);
	struct spec outside = from(IPPROTO_UDP, IP(172, 16, 0, 1), 9);
	struct rte_mbuf *mbuf, *was;
	int fate;

	CU_ASSERT_FATAL(nat_open(WITH("'inside': ['10.0.0.0/8']")));
	own.type = 0;
	mbuf = out(&own, &fate);
	CU_ASSERT(mbuf != NULL && ends_equal(source_of(mbuf), own.source));
	drop(mbuf);
	mbuf = out(&outside, &fate);
	CU_ASSERT(mbuf != NULL && ends_equal(source_of(mbuf), outside.source));
	drop(mbuf);
	/* For the router, and for no outside address. */
	pool_is_own = true;
	own.source.address = REMOTE;
	own.destination.address = POOL;
	own.type = 8;
	mbuf = in(&own, WAN, &fate);
	CU_ASSERT(mbuf != NULL && ip_of(mbuf)->dst_addr == RTE_BE32(POOL));
	drop(mbuf);
	pool_is_own = false;
	CU_ASSERT(in(&own, WAN, &fate) == NULL && fate == NAT44_NO_MAPPING);
	mbuf = in(&transit, WAN, &fate);
	CU_ASSERT(mbuf != NULL && checksums_ok(mbuf));
	CU_ASSERT(ends_equal(destination_of(mbuf), transit.destination));
	drop(mbuf);
	/* By another interface than the outside one. */
	mbuf = packet(&transit);
	was = rte_pktmbuf_copy(mbuf, mbuf->pool, 0, UINT32_MAX);
	send_burst(&mbuf, 1, ELEMENT_EGRESS, LAN, &fate);
	CU_ASSERT(fate == NAT44_GO_ON &&
		  memcmp(ip_of(mbuf), ip_of(was), rte_pktmbuf_data_len(was) - L2) == 0);
	drop(mbuf);
	drop(was);
	transit.protocol = 47;
	CU_ASSERT(out(&transit, &fate) == NULL && fate == NAT44_PROTOCOL);
	CU_ASSERT(nat->state->n_sessions == 0);
}

/* Packets cut short or made of noise: some fate, and no byte beside them read (ASan sees it). */
static void
test_noise(void)
{
	static const uint8_t some[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMP, 47 };
	static const uint8_t types[] = { 0, 3, 8, 11, 12, 5, 13, 42 };

	CU_ASSERT_FATAL(
		nat_open("{'type': 'nat44', 'outside': 'wan', 'addresses': ['203.0.113.1'], "
			 "'static': [{'inside': '10.0.0.7', 'outside': '203.0.113.2'}]}"));
	for (unsigned int i = 0; i < 200000; i++) {
		uint32_t address = random32() % 4 ? IP(10, 0, 0, 5) + random32() % 4 : REMOTE;
		struct spec spec =
			from(some[random32() % RTE_DIM(some)], address, (uint16_t)(random32() % 8));
		struct rte_mbuf *mbuf;
		uint32_t length;

		spec.type = types[random32() % RTE_DIM(types)];
		spec.payload = (uint16_t)(random32() % 60);
		spec.offset = random32() % 8 == 0 ? 8 : 0;
		spec.more = random32() % 8 == 0;
		spec.destination.address = random32() % 2 ? POOL + random32() % 2 : REMOTE;
		mbuf = packet(&spec);
		for (unsigned int k = 0; k < random32() % 4; k++)
			ip_of(mbuf)[1].version_ihl ^= (uint8_t)random32();
		if (spec.type == 3 && spec.offset == 0) {
			/* Something like a packet in it. */
			struct rte_mbuf *about = packet(&spec);
			uint32_t room = rte_pktmbuf_data_len(mbuf) - L2 - 28;

			if (spec.protocol == IPPROTO_ICMP)
				memcpy(l4_of(mbuf) + 8, ip_of(about), RTE_MIN(room, 60u));
			drop(about);
		}
		length = random32() % (rte_pktmbuf_data_len(mbuf) - L2 - 20 + 1);
		if (random32() % 2)
			rte_pktmbuf_trim(mbuf, (uint16_t)length);
		if (random32() % 2)
			send_out(mbuf);
		else
			send_in(mbuf, (uint16_t)(random32() % 2));
		drop(mbuf);
	}
}

/* Config */

static void
refused(const char *json, const char *why)
{
	bool opened = nat_open(json);

	CU_ASSERT_FALSE(opened);
	if (opened || strstr(nat_error, why) == NULL) {
		printf("\n%s\n\t%s\n", json, opened ? "is taken" : nat_error);
		CU_FAIL("another message");
	}
}

static void
test_config(void)
{
	refused("{'type': 'nat44', 'outside': 'wan'}", "found no \"addresses\"");
	refused("{'type': 'nat44', 'outside': 'wan', 'addresses': []}",
		"expected an outside address at least");
	refused("{'type': 'nat44', 'outside': 'dmz', 'addresses': ['203.0.113.1']}", "dmz");
	refused("{'type': 'nat44', 'outside': 'wan', 'addresses': ['2001:db8::1']}",
		"expected an IPv4 address");
	refused("{'type': 'nat44', 'outside': 'wan', 'addresses': ['0.0.0.0']}",
		"expected the address of a host");
	refused("{'type': 'nat44', 'outside': 'wan', 'addresses': ['203.0.113.1', '203.0.113.1']}",
		"expected each address once");
	refused(WITH("'ports': [2000]"), "expected the first port and the last");
	refused(WITH("'ports': [2000, 1999]"), "expected the first port and the last");
	refused(WITH("'ports': [0, 65535]"), "expected the first port and the last");
	refused(WITH("'udp_timeout': 119"), "expected an integer from 120 to 86400");
	refused(WITH("'tcp_timeout': 7439"), "expected an integer from 7440 to 86400");
	refused(WITH("'max_sessions': 0"), "expected an integer from 1 to");
	refused(WITH("'inside': ['2001:db8::/32']"), "expected an IPv4 prefix");
	refused(WITH("'inside': ['10.0.0.1/8']"), "without host bits");
	refused(WITH("'filtering': 'adress'"), "did you mean \"address\"?");
	refused(WITH("'static': [{'inside': '10.0.0.5', 'outside': '203.0.113.1'}]"),
		"expected one that only this host has");
	refused(WITH("'static': [{'inside': '10.0.0.5', 'outside': '203.0.113.2'}, {'inside': "
		     "'10.0.0.5', 'outside': '203.0.113.3'}]"),
		"the inside address of line 1 again");
	refused(WITH("'forwards': [{'protocol': 'icmp', 'outside': '203.0.113.1', 'port': 80, "
		     "'inside': '10.0.0.5'}]"),
		"expected \"tcp\" or \"udp\"");
	refused(WITH("'forwards': [{'protocol': 'tcp', 'outside': '203.0.113.9', 'port': 80, "
		     "'inside': '10.0.0.5'}]"),
		"not among the \"addresses\"");
	refused(WITH("'forwards': [{'protocol': 'tcp', 'outside': '203.0.113.1', 'port': 80, "
		     "'inside': '10.0.0.5'}, {'protocol': 'tcp', 'outside': '203.0.113.1', 'port': "
		     "80, 'inside': '10.0.0.6'}]"),
		"the outside address and port of line 1 again");
	refused(WITH("'forwards': [{'protocol': 'tcp', 'outside': '203.0.113.1', 'port': 81, "
		     "'inside': '10.0.0.5', 'inside_port': 80}, {'protocol': 'tcp', 'outside': "
		     "'203.0.113.1', 'port': 80, 'inside': '10.0.0.5'}]"),
		"the inside address and port of line 1 again");
	CU_ASSERT(
		nat_open(WITH("'forwards': [{'protocol': 'tcp', 'outside': '203.0.113.1', 'port': "
			      "80, 'inside': '10.0.0.5'}, {'protocol': 'udp', 'outside': "
			      "'203.0.113.1', 'port': 80, 'inside': '10.0.0.5'}]")));
}

static json_int_t
number(json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void
test_show(void)
{
	const struct element_type *type = element_type_find("nat44");
	json_t *shown, *rows, *row, *sessions;
	int fate;

	CU_ASSERT_FATAL(nat_open(WITH("'max_sessions_per_host': 7, 'ports': [5000, 5999]")));
	begin(HOST, 5000, true, &fate);
	begin(HOST, 5001, false, &fate);
	open_tcp();
	nat_wait(5);
	shown = type->show(&nat->element);
	sessions = json_object_get(shown, "sessions");
	CU_ASSERT(number(sessions, "live") == 3 && number(sessions, "udp") == 2);
	CU_ASSERT(number(sessions, "tcp_established") == 1 && number(sessions, "hosts") == 1);
	CU_ASSERT(number(sessions, "max") == 65536 && number(sessions, "max_per_host") == 7);
	CU_ASSERT(number(shown, "created") == 3 && number(shown, "expired") == 0);
	row = json_array_get(json_object_get(shown, "addresses"), 0);
	CU_ASSERT(number(row, "ports") == 1000);
	CU_ASSERT(number(json_object_get(row, "ports_in_use"), "udp") == 2);
	json_decref(shown);
	rows = type->show_rows(&nat->element, 2);
	CU_ASSERT_FATAL(json_array_size(rows) == 2);
	row = json_array_get(rows, 0);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(row, "inside")), "10.0.0.5:5000");
	CU_ASSERT_STRING_EQUAL(
		json_string_value(json_object_get(row, "outside")), "203.0.113.1:5000");
	CU_ASSERT_STRING_EQUAL(
		json_string_value(json_object_get(row, "remote")), "198.51.100.7:80");
	CU_ASSERT(number(row, "idle") == 5);
	json_decref(rows);
}

static const CU_TestInfo tests[] = {
	{ "hashes are spread", test_hash },
	{ "sessions, against a list", test_sessions },
	{ "ports, against a list", test_ports },
	{ "hosts, against a list", test_hosts },
	{ "peers", test_peers },
	{ "random packets, against a model", test_model },
	{ "the same with several addresses", test_model_pool },
	{ "TCP", test_tcp },
	{ "resets", test_tcp_reset },
	{ "TCP connections that share a port", test_tcp_shared },
	{ "timeouts of UDP and ICMP", test_timeouts },
	{ "which port", test_port_choice },
	{ "which address", test_pairing },
	{ "max_sessions", test_session_limit },
	{ "out of ports", test_port_limit },
	{ "max_sessions_per_host", test_host_limit },
	{ "max_memory", test_memory_limit },
	{ "a flood of new flows", test_flood },
	{ "filtering", test_filtering },
	{ "hairpinning", test_hairpin },
	{ "hairpinning without room", test_hairpin_no_room },
	{ "ICMP errors, in", test_errors_in },
	{ "ICMP errors, out", test_errors_out },
	{ "ICMP errors, hairpinned", test_errors_hairpin },
	{ "ICMP errors about nothing", test_errors_unknown },
	{ "fragments", test_fragments },
	{ "fragments out of order", test_fragments_reordered },
	{ "fragments that the router made", test_fragments_by_router },
	{ "one for one", test_static },
	{ "forwards", test_forwards },
	{ "changes", test_change },
	{ "what is left alone", test_untouched },
	{ "noise", test_noise },
	{ "config", test_config },
	{ "show", test_show },
	CU_TEST_INFO_NULL,
};

int
main(void)
{
	char *eal_args[] = { "test_nat44", "--no-huge", "-m", "512", "--no-pci", "--no-shconf",
		"--no-telemetry", "--log-level=error", "-l", "0", NULL };
	unsigned int failures;
	CU_pSuite suite;

	random_start();
	if (rte_eal_init(RTE_DIM(eal_args) - 1, eal_args) < 0)
		return 1;
	CU_initialize_registry();
	suite = CU_add_suite_with_setup_and_teardown(
		"nat44", NULL, NULL, fixture_open, fixture_close);
	for (const CU_TestInfo *test = tests; test->pName != NULL; test++)
		CU_add_test(suite, test->pName, test->pTestFunc);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	rte_eal_cleanup();
	return failures != 0;
}
