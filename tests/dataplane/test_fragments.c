/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Packets longer than the MTU of their way out. The test puts the fragments together again: what
 * comes out is what went in.
 */

#include <string.h>

#include <rte_mbuf.h>

#include "pair.h"
#include "tests.h"

#define HEADER_MAX 60
#define NO_PACKET UINT32_MAX

/* What the fragments of one IPv4 packet, taken from a port, add up to. */
static struct whole {
	uint8_t header[HEADER_MAX]; /* of the first fragment */
	uint32_t header_length;
	uint32_t length; /* of the payload */
	uint32_t start;  /* where it starts in the datagram, for a fragment that was cut again */
	uint32_t n;
	bool more;
	uint8_t payload[FRAME_MAX];
} whole;

/* The options of a later fragment: those of the first that have the copied flag (RFC 791 3.1). */
static uint32_t
copied_options(const uint8_t *options, uint32_t length, uint8_t *copied)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < length && options[i] != 0;
		i += options[i] == 1 ? 1 : options[i + 1]) {
		if (options[i] == 1 || (options[i] & 0x80) == 0)
			continue;
		memcpy(copied + n, options + i, options[i + 1]);
		n += options[i + 1];
	}
	while (n % 4 != 0)
		copied[n++] = 0;
	return n;
}

/* Takes one fragment; each continues where the one before ended. */
static bool
take_fragment(unsigned int port, struct ethernet ethernet, uint16_t mtu)
{
	static struct frame sent, expected;
	uint8_t options[HEADER_MAX];
	const uint8_t *header;
	uint32_t l3, total, length, offset, n_options;

	if (!lab_take(port, &sent))
		return false;
	frame_ethernet(&expected, &ethernet, ETHERTYPE_IPV4);
	l3 = expected.length;
	CU_ASSERT(memcmp(sent.bytes, expected.bytes, l3) == 0);
	header = sent.bytes + l3;
	total = frame_get16(&sent, l3 + 2);
	length = (header[0] & 15) * 4u;
	offset = (frame_get16(&sent, l3 + 6) & 0x1fff) * 8u;
	CU_ASSERT_FATAL(sent.length == l3 + total && total <= mtu && total > length);
	CU_ASSERT(slow_checksum(header, length) == 0);
	if (whole.n == 0) {
		memcpy(whole.header, header, length);
		whole.header_length = length;
		whole.start = offset;
	} else {
		CU_ASSERT(memcmp(header + 1, whole.header + 1, 1) == 0);
		CU_ASSERT(memcmp(header + 4, whole.header + 4, 2) == 0);
		CU_ASSERT(memcmp(header + 8, whole.header + 8, 2) == 0);
		CU_ASSERT(memcmp(header + 12, whole.header + 12, 8) == 0);
		n_options = copied_options(whole.header + 20, whole.header_length - 20, options);
		CU_ASSERT(length == 20 + n_options && memcmp(header + 20, options, n_options) == 0);
		CU_ASSERT(whole.more);
	}
	CU_ASSERT_FATAL(offset == whole.start + whole.length);
	whole.more = (frame_get16(&sent, l3 + 6) & FRAGMENT_MORE) != 0;
	memcpy(whole.payload + whole.length, header + length, total - length);
	whole.length += total - length;
	whole.n++;
	return true;
}

/* Asserts that the fragments sent are this packet, whole again, and how many they are. */
static void
expect_pieces(const struct ipv4 *ipv4, unsigned int port, struct ethernet ethernet, uint16_t mtu)
{
	uint32_t piece = (mtu - 20u - ipv4->n_options) / 8 * 8;
	uint32_t fewest, most = (ipv4->length + piece - 1) / piece;

	memset(&whole, 0, sizeof(whole));
	while (take_fragment(port, ethernet, mtu))
		;
	piece = (mtu - 20u) / 8 * 8;
	fewest = (ipv4->length + piece - 1) / piece;
	CU_ASSERT(whole.n >= fewest && whole.n <= most);
	CU_ASSERT(whole.length == ipv4->length);
	CU_ASSERT(memcmp(whole.payload, ipv4->payload, ipv4->length) == 0);
	CU_ASSERT(whole.more == ((ipv4->fragment & FRAGMENT_MORE) != 0));
	CU_ASSERT(whole.start == (ipv4->fragment & 0x1fffu) * 8);
	CU_ASSERT(whole.header_length == 20u + ipv4->n_options);
	CU_ASSERT(whole.header[8] == ipv4->ttl - 1 && whole.header[9] == ipv4->protocol);
	CU_ASSERT(whole.header[1] == ipv4->tos);
	CU_ASSERT(whole.header[4] == ipv4->id >> 8 && whole.header[5] == (ipv4->id & 255));
	CU_ASSERT(ipv4->n_options == 0 ||
		  memcmp(whole.header + 20, ipv4->options, ipv4->n_options) == 0);
	lab_expect_nothing();
}

static uint8_t payload[FRAME_MAX];

static struct ipv4
long_packet(uint32_t length)
{
	struct ipv4 ipv4 = pair_packet();

	random_bytes(payload, sizeof(payload));
	ipv4.payload = payload;
	ipv4.length = length;
	ipv4.id = (uint16_t)random32();
	ipv4.tos = (uint8_t)random32();
	return ipv4;
}

static void
forward_in_pieces(const struct ipv4 *ipv4)
{
	struct router_stats before = lab_stats("r"), after;

	pair_inject(ipv4);
	lab_pump();
	expect_pieces(ipv4, WAN, pair_to_gateway(), pair.wan_mtu);
	after = lab_stats("r");
	CU_ASSERT(after.forwarded == before.forwarded + 1);
	CU_ASSERT(after.fragments == before.fragments + whole.n - 1);
	CU_ASSERT(after.forwarded_bytes - before.forwarded_bytes >= ipv4->length + 20);
}

static void
test_sizes(void)
{
	static const struct {
		uint16_t mtu;
		uint16_t lan_vlan;
		uint16_t wan_vlan;
	} cases[] = { { 68, 0, 10 }, { 69, 10, 0 }, { 576, 0, 0 }, { 1280, 5, 6 }, { 1499, 0, 0 },
		{ 1500, 0, 0 } };

	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		uint32_t longest = cases[i].mtu - 20u;

		pair_open((struct pair_options){ .lan_mtu = 9000,
			.wan_mtu = cases[i].mtu,
			.lan_vlan = cases[i].lan_vlan,
			.wan_vlan = cases[i].wan_vlan });
		for (uint32_t length = longest - 3; length < longest + 20; length++) {
			struct ipv4 ipv4 = long_packet(length);

			if (length <= longest)
				pair_forwards(&ipv4);
			else
				forward_in_pieces(&ipv4);
		}
		for (unsigned int k = 0; k < 40; k++) {
			struct ipv4 ipv4 = long_packet(longest + 1 + random32() % (8980 - longest));

			ipv4.padding = random32() % 10;
			ipv4.ttl = (uint8_t)(2 + random32() % 254);
			forward_in_pieces(&ipv4);
		}
		forward_in_pieces((struct ipv4[]){ long_packet(8980) });
		lab_close();
	}
}

/* A fragment that is cut again keeps its place and its flag. */
static void
test_fragments_of_fragments(void)
{
	pair_open((struct pair_options){ .wan_mtu = 600 });
	for (unsigned int offset = 0; offset < 0x1fff - 200; offset += 1 + random32() % 500) {
		struct ipv4 ipv4 = long_packet(1480);

		ipv4.fragment = (uint16_t)(offset | FRAGMENT_MORE);
		forward_in_pieces(&ipv4);
		ipv4.length = 1000 + random32() % 480;
		ipv4.fragment = (uint16_t)offset;
		forward_in_pieces(&ipv4);
	}
}

/* Some that go with every fragment, some that stay with the first. */
static void
test_options(void)
{
	static const struct {
		uint8_t n;
		uint8_t bytes[40];
	} cases[] = {
		{ 4, { 1, 1, 1, 0 } },
		{ 4, { 0x94, 4, 0, 0 } },
		{ 8, { 0x94, 4, 0, 0, 0x88, 4, 0x12, 0x34 } },
		{ 12, { 1, 0x82, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9 } },
		{ 40, { 0x1e, 38, 9, 9, [38] = 1, [39] = 0 } },
		{ 40, { 0x9e, 38, 9, 9, [38] = 1, [39] = 0 } },
		{ 40, { 0x9e, 20, 9, 9, [20] = 0x1e, [21] = 20 } },
	};

	pair_open((struct pair_options){ .wan_mtu = 256 });
	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		struct ipv4 ipv4 = long_packet(1440);

		ipv4.options = cases[i].bytes;
		ipv4.n_options = cases[i].n;
		forward_in_pieces(&ipv4);
	}
}

/* The frame in buffers of these sizes, the last one as often as needed. */
static struct rte_mbuf *
chain_of(const struct frame *frame, const uint32_t *sizes, unsigned int n)
{
	struct rte_mbuf *head = NULL, *segment;

	for (uint32_t at = 0, i = 0; at < frame->length; i++) {
		uint32_t size = RTE_MIN(sizes[RTE_MIN(i, n - 1)], frame->length - at);

		segment = rte_pktmbuf_alloc(lab.vrouter->pool);
		CU_ASSERT_FATAL(segment != NULL);
		memcpy(rte_pktmbuf_append(segment, (uint16_t)size), frame->bytes + at, size);
		at += size;
		if (head == NULL)
			head = segment;
		else
			CU_ASSERT_FATAL(rte_pktmbuf_chain(head, segment) == 0);
	}
	return head;
}

/* Packets that came in several buffers, padding in some of them, are trimmed, sent and cut alike.
 */
static void
test_chains(void)
{
	static struct frame frame, expected;

	lab.chains = true;
	pair_open((struct pair_options){ .lan_mtu = 9000, .wan_mtu = 1000 });
	for (unsigned int i = 0; i < 200; i++) {
		uint32_t sizes[] = { 34 + random32() % 100, 1 + random32() % 200,
			1 + random32() % 1500 };
		struct ipv4 ipv4 = long_packet(1 + random32() % 1960);

		ipv4.padding = random32() % 60;
		frame_ipv4(&frame, &ipv4);
		CU_ASSERT(lab_inject_mbuf(LAN, chain_of(&frame, sizes, RTE_DIM(sizes))));
		lab_pump();
		if (ipv4.length > 980) {
			expect_pieces(&ipv4, WAN, pair_to_gateway(), 1000);
		} else {
			pair_forwarded(&expected, &ipv4);
			lab_expect(WAN, &expected);
			lab_expect_nothing();
		}
	}
	lab_close();
	lab.chains = false;
}

/* Pieces of packets that are the router's own. */
static void
test_own(void)
{
	uint8_t request[FRAME_MAX];
	struct ipv4 ipv4;

	pair_open((struct pair_options){ .lan_mtu = 9000, .wan_mtu = 576 });
	for (uint32_t length = 540; length < 8970; length += 1 + random32() % 300) {
		for (unsigned int dont = 0; dont < 2; dont++) {
			struct router_stats before = lab_stats("r"), after;

			ipv4 = pair_packet();
			ipv4.source = FAR_IP;
			ipv4.destination = LAN_IP;
			ipv4.protocol = PROTOCOL_ICMP;
			ipv4.payload = request;
			ipv4.fragment = dont ? FRAGMENT_DONT : 0;
			ipv4.length = fill_icmp(request, 8, 0, 0x1234, NULL, length);
			pair_inject(&ipv4);
			lab_pump();
			if (20 + ipv4.length <= 576) {
				CU_ASSERT(lab_waiting(WAN) == 1);
				lab_discard();
				continue;
			}
			memset(&whole, 0, sizeof(whole));
			while (take_fragment(WAN, pair_to_gateway(), 576))
				;
			CU_ASSERT(whole.length == ipv4.length && !whole.more && whole.start == 0);
			CU_ASSERT(whole.payload[0] == 0);
			CU_ASSERT(slow_checksum(whole.payload, whole.length) == 0);
			CU_ASSERT(memcmp(whole.payload + 4, request + 4, length) == 0);
			after = lab_stats("r");
			CU_ASSERT(after.answered == before.answered + 1);
			CU_ASSERT(after.originated == before.originated + whole.n - 1);
		}
	}
}

/* All at once: more fragments than an output has places, in order, none lost. */
static void
test_many(void)
{
	struct ipv4 ipv4[40];

	pair_open((struct pair_options){ .lan_mtu = 9000, .wan_mtu = 68 });
	for (unsigned int i = 0; i < RTE_DIM(ipv4); i++) {
		ipv4[i] = long_packet(i % 3 == 0 ? 40 : 5000);
		ipv4[i].id = (uint16_t)i;
		ipv4[i].ttl = (uint8_t)(2 + i);
		ipv4[i].payload = pair_bytes;
		pair_inject(&ipv4[i]);
	}
	lab_pump();
	for (unsigned int i = 0; i < RTE_DIM(ipv4); i++) {
		memset(&whole, 0, sizeof(whole));
		do {
			CU_ASSERT_FATAL(take_fragment(WAN, pair_to_gateway(), 68));
		} while (whole.more);
		CU_ASSERT(whole.length == ipv4[i].length && whole.header[8] == ipv4[i].ttl - 1);
		CU_ASSERT(whole.header[5] == i);
	}
	lab_expect_nothing();
}

/* A port that takes nothing: the first fragment is the packet, the others are fragments lost. */
static void
test_refused(void)
{
	struct router_stats stats;
	struct ipv4 ipv4;

	lab.tx_room = 16;
	pair_open((struct pair_options){ .lan_mtu = 9000, .wan_mtu = 576 });
	lab.hold = true;
	for (unsigned int i = 0; i < 10; i++) {
		ipv4 = long_packet(5000);
		pair_inject(&ipv4);
	}
	lab_pump();
	lab.hold = false;
	lab_pump();
	stats = lab_stats("r");
	CU_ASSERT(stats.forwarded + stats.dropped[VR_DROP_TX_FULL] == 10);
	CU_ASSERT(stats.forwarded + stats.fragments == 16);
	CU_ASSERT(stats.fragments + stats.fragments_lost == 90);
	lab_discard();
}

/* No buffers for all of the fragments: none is sent, the packet is counted. */
static void
test_no_buffers(void)
{
	static struct rte_mbuf *taken[200000];
	unsigned int n = 0, left;
	struct ipv4 ipv4;

	pair_open((struct pair_options){ .lan_mtu = 9000, .wan_mtu = 576 });
	while ((taken[n] = rte_pktmbuf_alloc(lab.vrouter->pool)) != NULL)
		n++;
	for (left = 1; left < 25; left++) {
		uint64_t dropped = lab_dropped("r", VR_DROP_NO_BUFFER);

		for (unsigned int i = 0; i < left; i++)
			rte_pktmbuf_free(taken[--n]);
		ipv4 = long_packet(5000);
		pair_inject(&ipv4);
		lab_pump();
		if (lab_waiting(WAN) > 0)
			expect_pieces(&ipv4, WAN, pair_to_gateway(), 576);
		else
			CU_ASSERT(lab_dropped("r", VR_DROP_NO_BUFFER) == dropped + 1);
		while ((taken[n] = rte_pktmbuf_alloc(lab.vrouter->pool)) != NULL)
			n++;
	}
	CU_ASSERT(lab_stats("r").forwarded > 0 && lab_dropped("r", VR_DROP_NO_BUFFER) > 0);
	while (n > 0)
		rte_pktmbuf_free(taken[--n]);
}

/* DF, or TTL ran out: an ICMP error and no fragment. */
static void
test_not_cut(void)
{
	struct ipv4 ipv4;

	pair_open((struct pair_options){ .wan_mtu = 576 });
	ipv4 = long_packet(1000);
	ipv4.fragment = FRAGMENT_DONT;
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT(lab_waiting(WAN) == 0 && lab_waiting(LAN) == 1);
	CU_ASSERT(lab_dropped("r", VR_DROP_MTU) == 1);
	ipv4.fragment = 0;
	ipv4.ttl = 1;
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT(lab_waiting(WAN) == 0 && lab_waiting(LAN) == 2);
	CU_ASSERT(lab_dropped("r", VR_DROP_TTL) == 1);
	lab_discard();
}

CU_TestInfo fragments_tests[] = {
	{ "packets of all sizes", test_sizes },
	{ "fragments of fragments", test_fragments_of_fragments },
	{ "options", test_options },
	{ "packets in several buffers", test_chains },
	{ "the router's own packets", test_own },
	{ "many at once", test_many },
	{ "refused by the port", test_refused },
	{ "without buffers", test_no_buffers },
	{ "what is not cut", test_not_cut },
	CU_TEST_INFO_NULL,
};
