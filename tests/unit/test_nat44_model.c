/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The NAT against a list of who has which outside endpoint: random packets in both directions, by
 * bursts, and time that goes by.
 */

#include <string.h>

#include <CUnit/Basic.h>

#include "nat44_fixture.h"
#include "random.h"
#include "test_nat44.h"

#define HOSTS 16
#define PORTS 40
#define MAPPINGS (3 * HOSTS * PORTS)
#define STEPS 6000

struct mapping {
	uint8_t protocol;
	struct end inside;
	struct end outside; /* port 0: never had one */
	struct end remote;  /* to which it sent last */
	uint64_t used;      /* time of what it sent last */
	uint64_t last;      /* or got, where that counts */
};

static struct mapping mappings[MAPPINGS];

static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP };

static struct mapping *
mapping_of(unsigned int protocol, unsigned int host, unsigned int port)
{
	return &mappings[(protocol * HOSTS + host) * PORTS + port];
}

static void
start(void)
{
	memset(mappings, 0, sizeof(mappings));
	for (unsigned int p = 0; p < 3; p++)
		for (unsigned int h = 0; h < HOSTS; h++)
			for (unsigned int i = 0; i < PORTS; i++) {
				struct mapping *mapping = mapping_of(p, h, i);

				mapping->protocol = protocols[p];
				mapping->inside.address = IP(10, 0, 0, 1) + h;
				/* Some are not of the range. */
				mapping->inside.port = (uint16_t)(1000 + 2 * i * i + h % 2);
			}
}

/* Seconds of idleness that every mapping of the protocol outlives, and that none does. */
static uint32_t
shortest(uint8_t protocol)
{
	return protocol == IPPROTO_UDP ? 300 : protocol == IPPROTO_TCP ? 240 : 60;
}

static uint32_t
longest(uint8_t protocol)
{
	return protocol == IPPROTO_UDP ? 302 : protocol == IPPROTO_TCP ? 7442 : 62;
}

static bool
must_live(const struct mapping *mapping)
{
	return mapping->outside.port != 0 &&
	       now - mapping->used <= shortest(mapping->protocol) * HZ;
}

static bool
may_live(const struct mapping *mapping)
{
	return mapping->outside.port != 0 && now - mapping->last < longest(mapping->protocol) * HZ;
}

static struct end
random_remote(void)
{
	return (struct end){ IP(198, 51, 100, 1) + random32() % 50,
		(uint16_t)(1 + random32() % 3) };
}

static struct spec
spec_out(const struct mapping *mapping)
{
	struct spec spec = { .protocol = mapping->protocol,
		.source = mapping->inside,
		.destination = random_remote(),
		.flags = random32() % 4 == 0 ? 0x02 : 0x10,
		.type = 8,
		.payload = (uint16_t)(random32() % 30),
		.options = random32() % 16 == 0 ? 8 : 0,
		.no_checksum = random32() % 8 == 0 };

	if (mapping->protocol == IPPROTO_ICMP)
		spec.destination.port = spec.source.port;
	return spec;
}

/* The same packet but for addresses, ports and checksums; the other zero of a checksum is right. */
static bool
same_rest(const struct rte_mbuf *a, const struct rte_mbuf *b)
{
	const struct rte_ipv4_hdr *x = ip_of(a), *y = ip_of(b);
	uint32_t header = rte_ipv4_hdr_len(x);
	uint32_t upper = x->next_proto_id == IPPROTO_TCP ? 20 : 8;
	uint32_t length = rte_be_to_cpu_16(x->total_length);

	return a->pkt_len == b->pkt_len && memcmp(x, y, 10) == 0 &&
	       memcmp(x + 1, y + 1, header - 20) == 0 &&
	       memcmp((const uint8_t *)x + header + upper, (const uint8_t *)y + header + upper,
		       length - header - upper) == 0 &&
	       (x->next_proto_id != IPPROTO_TCP || memcmp(l4_of(a) + 4, l4_of(b) + 4, 12) == 0);
}

/* Nobody else has it, and it is of the pool. */
static void
check_new(const struct mapping *mapping, struct end outside, unsigned int n_addresses)
{
	CU_ASSERT(outside.address - POOL < n_addresses);
	CU_ASSERT(outside.port >= nat->state->low && outside.port <= nat->state->high);
	for (unsigned int i = 0; i < MAPPINGS; i++)
		CU_ASSERT_FALSE(&mappings[i] != mapping && must_live(&mappings[i]) &&
				mappings[i].protocol == mapping->protocol &&
				ends_equal(mappings[i].outside, outside));
	for (unsigned int i = 0; i < MAPPINGS; i++)
		if (must_live(&mappings[i]) &&
			mappings[i].inside.address == mapping->inside.address)
			CU_ASSERT(mappings[i].outside.address == outside.address);
}

static void
check_out(struct mapping *mapping, const struct spec *spec, struct rte_mbuf *mbuf,
	unsigned int n_addresses)
{
	struct rte_mbuf *was = packet(spec);
	struct end outside = source_of(mbuf);

	CU_ASSERT(checksums_ok(mbuf));
	CU_ASSERT(ends_equal(destination_of(mbuf),
		spec->protocol == IPPROTO_ICMP
			? (struct end){ spec->destination.address, outside.port }
			: spec->destination));
	if (!ends_equal(outside, mapping->outside)) {
		CU_ASSERT_FALSE(must_live(mapping));
		check_new(mapping, outside, n_addresses);
	}
	mapping->outside = outside;
	mapping->used = mapping->last = now;
	mapping->remote = spec->destination;
	drop(was);
}

/* A burst of what goes out, of several mappings and of the same again. */
static void
step_out(unsigned int n_addresses)
{
	struct rte_mbuf *mbufs[PACKET_BURST_MAX], *were[PACKET_BURST_MAX];
	struct mapping *of[PACKET_BURST_MAX];
	struct spec specs[PACKET_BURST_MAX];
	int fates[PACKET_BURST_MAX];
	unsigned int n = 1 + random32() % 40;

	for (unsigned int i = 0; i < n; i++) {
		of[i] = i > 0 && random32() % 4 == 0 ? of[random32() % i]
		                                     : &mappings[random32() % MAPPINGS];
		specs[i] = spec_out(of[i]);
		mbufs[i] = packet(&specs[i]);
		were[i] = rte_pktmbuf_copy(mbufs[i], mbufs[i]->pool, 0, UINT32_MAX);
	}
	send_burst(mbufs, n, ELEMENT_EGRESS, WAN, fates);
	for (unsigned int i = 0; i < n; i++) {
		CU_ASSERT_FATAL(fates[i] == NAT44_GO_ON);
		check_out(of[i], &specs[i], mbufs[i], n_addresses);
		CU_ASSERT(same_rest(mbufs[i], were[i]));
		drop(mbufs[i]);
		drop(were[i]);
	}
}

static struct spec
spec_in(const struct mapping *mapping)
{
	struct spec spec = { .protocol = mapping->protocol,
		.source = random32() % 2 ? mapping->remote : random_remote(),
		.destination = mapping->outside,
		.flags = 0x10,
		.type = 0,
		.payload = (uint16_t)(random32() % 30),
		.no_checksum = random32() % 8 == 0 };

	if (mapping->protocol == IPPROTO_ICMP)
		spec.source.port = spec.destination.port;
	return spec;
}

/* Of those that may have this outside endpoint one gets it, or none, if none must. */
static void
check_in(const struct spec *spec, const struct rte_mbuf *mbuf, int fate)
{
	bool must = false, may = false;

	for (unsigned int i = 0; i < MAPPINGS; i++) {
		struct mapping *mapping = &mappings[i];

		if (mapping->protocol != spec->protocol ||
			!ends_equal(mapping->outside, spec->destination))
			continue;
		must |= must_live(mapping);
		if (fate != NAT44_GO_ON || !may_live(mapping) ||
			!ends_equal(mapping->inside, destination_of(mbuf)))
			continue;
		may = true;
		if (spec->protocol == IPPROTO_TCP)
			mapping->last = now;
	}
	if (fate == NAT44_GO_ON) {
		CU_ASSERT(may);
		CU_ASSERT(checksums_ok(mbuf));
	} else {
		CU_ASSERT(fate == NAT44_NO_MAPPING);
		CU_ASSERT_FALSE(must);
	}
}

static void
step_in(void)
{
	struct rte_mbuf *mbufs[PACKET_BURST_MAX], *were[PACKET_BURST_MAX];
	struct spec specs[PACKET_BURST_MAX];
	int fates[PACKET_BURST_MAX];
	unsigned int n = 1 + random32() % 40;

	for (unsigned int i = 0; i < n; i++) {
		specs[i] = spec_in(&mappings[random32() % MAPPINGS]);
		if (specs[i].destination.port == 0)
			specs[i].destination = (struct end){ POOL, (uint16_t)random32() };
		if (specs[i].protocol == IPPROTO_ICMP)
			specs[i].source.port = specs[i].destination.port;
		mbufs[i] = packet(&specs[i]);
		were[i] = rte_pktmbuf_copy(mbufs[i], mbufs[i]->pool, 0, UINT32_MAX);
	}
	send_burst(mbufs, n, ELEMENT_INGRESS, WAN, fates);
	for (unsigned int i = 0; i < n; i++) {
		check_in(&specs[i], mbufs[i], fates[i]);
		CU_ASSERT(same_rest(mbufs[i], were[i]));
		drop(mbufs[i]);
		drop(were[i]);
	}
}

static void
run(const char *json, unsigned int n_addresses)
{
	CU_ASSERT_FATAL(nat_open(json));
	start();
	for (unsigned int i = 0; i < STEPS; i++) {
		if (random32() % 8 == 0)
			nat_wait(random32() % (random32() % 16 == 0 ? 8000 : 40));
		else if (random32() % 2 == 0)
			step_out(n_addresses);
		else
			step_in();
	}
	nat_wait(8000);
	nat_wait(1);
	CU_ASSERT(nat->state->n_sessions == 0);
	CU_ASSERT(nat->state->counters.created == nat->state->counters.expired);
	for (unsigned int i = 0; i < n_addresses; i++)
		for (unsigned int p = 0; p < NAT44_PROTOCOLS; p++)
			CU_ASSERT(nat44_ports_in_use(&nat->state->addresses[i].ports[p]) == 0);
}

void
test_model(void)
{
	run("{'type': 'nat44', 'outside': 'wan', 'addresses': ['203.0.113.1']}", 1);
}

void
test_model_pool(void)
{
	run("{'type': 'nat44', 'outside': 'wan', 'addresses': ['203.0.113.1', '203.0.113.2', "
	    "'203.0.113.3'], 'ports': [20000, 22047], 'max_sessions': 4000, "
	    "'max_sessions_per_host': 200}",
		3);
}
