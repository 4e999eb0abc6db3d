/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Packets for the router itself that come in fragments, in both families: echo requests, because
 * the reply tells what they were put together to.
 */

#include <string.h>

#include "pair.h"
#include "tests.h"
#include "vrf/reassembly.h"

#define PIECES_MAX 64
#define ECHO_MAX 9000
#define MORE "'icmp_rate': 10000000, 'echo_rate': 10000000, 'fifo': 256,"

/* A datagram, and the fragments it is sent in. */
static struct {
	bool ipv6;
	uint32_t id;
	uint8_t payload[FRAME_MAX]; /* the echo request */
	uint32_t length;
	struct piece {
		uint32_t offset;
		uint32_t length;
	} pieces[PIECES_MAX];
	unsigned int n;
} sent;

static struct ipv6
echo6(void)
{
	struct ipv6 ipv6 = pair_packet6();

	ipv6.destination = LAN_IP6;
	ipv6.next_header = 58;
	return ipv6;
}

/* An echo request of so much data, in pieces of so much at most. */
static void
make(bool ipv6, uint32_t data, uint32_t piece)
{
	static uint8_t bytes[FRAME_MAX];
	struct ipv6 header = echo6();

	random_bytes(bytes, data);
	sent.ipv6 = ipv6;
	sent.id = random32();
	sent.length = ipv6 ? fill_icmp6(sent.payload, &header, 128, 0, 7, bytes, data)
	                   : fill_icmp(sent.payload, 8, 0, 7, bytes, data);
	sent.n = 0;
	piece = piece / 8 * 8;
	for (uint32_t at = 0; at < sent.length; at += piece) {
		CU_ASSERT_FATAL(sent.n < PIECES_MAX);
		sent.pieces[sent.n++] = (struct piece){ at, RTE_MIN(piece, sent.length - at) };
	}
}

static void
frame_piece6(struct frame *frame, uint32_t offset, uint32_t length, bool more)
{
	static uint8_t payload[FRAME_MAX];
	struct ipv6 ipv6 = echo6();
	uint16_t flags = (uint16_t)(offset | more);

	ipv6.next_header = 44;
	ipv6.payload = payload;
	ipv6.length = 8 + length;
	memcpy(payload, (uint8_t[]){ 58, 0, flags >> 8, (uint8_t)flags }, 4);
	memcpy(payload + 4, &sent.id, 4);
	memcpy(payload + 8, sent.payload + offset, length);
	frame_ipv6(frame, &ipv6);
}

static void
frame_piece(struct frame *frame, uint32_t offset, uint32_t length, bool more)
{
	struct ipv4 ipv4 = pair_packet();

	if (sent.ipv6) {
		frame_piece6(frame, offset, length, more);
		return;
	}
	ipv4.destination = LAN_IP;
	ipv4.protocol = PROTOCOL_ICMP;
	ipv4.id = (uint16_t)sent.id;
	ipv4.fragment = (uint16_t)(offset / 8 | (more ? FRAGMENT_MORE : 0));
	ipv4.payload = sent.payload + offset;
	ipv4.length = length;
	ipv4.padding = length < 26 ? 26 - length : 0;
	frame_ipv4(frame, &ipv4);
}

static void
inject_bytes(uint32_t offset, uint32_t length, bool more)
{
	static struct frame frame;

	frame_piece(&frame, offset, length, more);
	lab_inject(LAN, &frame);
}

static void
inject_piece(unsigned int i)
{
	inject_bytes(sent.pieces[i].offset, sent.pieces[i].length, i + 1 < sent.n);
}

/* Takes the reply, whole or in pieces that come in order. */
static uint32_t
take_reply(uint8_t *reply)
{
	static struct frame frame;
	uint32_t length = 0, header = sent.ipv6 ? 40 : 20;
	bool more = true;

	while (more) {
		uint32_t offset = 0, flags, at = 14 + header;

		if (!lab_take(LAN, &frame))
			return 0;
		more = false;
		if (!sent.ipv6) {
			flags = frame_get16(&frame, 20);
			offset = (flags & 0x1fff) * 8;
			more = (flags & FRAGMENT_MORE) != 0;
			CU_ASSERT(slow_checksum(frame.bytes + 14, 20) == 0);
			CU_ASSERT(frame.length == 14u + frame_get16(&frame, 16));
		} else if (frame.bytes[20] == 44) {
			flags = frame_get16(&frame, at + 2);
			offset = flags & 0xfff8;
			more = flags & 1;
			at += 8;
		}
		CU_ASSERT(offset == length && frame.length <= 14u + 1500);
		memcpy(reply + length, frame.bytes + at, frame.length - at);
		length += frame.length - at;
	}
	return length;
}

static void
expect_reply(void)
{
	static uint8_t reply[FRAME_MAX];
	struct ipv6 back = echo6();

	CU_ASSERT(take_reply(reply) == sent.length);
	CU_ASSERT(reply[0] == (sent.ipv6 ? 129 : 0) && reply[1] == 0);
	CU_ASSERT(memcmp(reply + 4, sent.payload + 4, sent.length - 4) == 0);
	if (sent.ipv6) {
		uint16_t sum = (uint16_t)(reply[2] << 8 | reply[3]);

		reply[2] = reply[3] = 0;
		back.destination = back.source;
		back.source = LAN_IP6;
		CU_ASSERT(slow_checksum6(&back, 58, reply, sent.length) == sum);
	} else {
		CU_ASSERT(slow_checksum(reply, sent.length) == 0);
	}
	lab_expect_nothing();
}

static void
shuffle(unsigned int *order, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		order[i] = i;
	for (unsigned int i = n; i > 1; i--) {
		unsigned int k = random32() % i, other = order[k];

		order[k] = order[i - 1];
		order[i - 1] = other;
	}
}

static void
open_family(bool ipv6)
{
	(void)ipv6;
	pair_open((struct pair_options){ .ipv6 = true, .more = MORE });
}

/* Any size, any pieces, any order; some come twice. */
static void
test_orders(void)
{
	for (unsigned int ipv6 = 0; ipv6 < 2; ipv6++) {
		open_family(ipv6);
		for (unsigned int i = 0; i < 400; i++) {
			uint32_t most = ipv6 ? 1432 : 1480;
			unsigned int order[PIECES_MAX];
			struct router_stats before = lab_stats("r"), after;
			unsigned int twice = 0;

			if (i < 3)
				make(ipv6, (const uint32_t[]){ ECHO_MAX, 8972, 1473 }[i], most);
			else
				make(ipv6, 9 + random32() % 3000, 200 + random32() % 1200);
			shuffle(order, sent.n);
			for (unsigned int k = 0; k < sent.n; k++) {
				inject_piece(order[k]);
				if (k + 1 < sent.n && random32() % 4 == 0) {
					inject_piece(order[random32() % (k + 1)]);
					twice++;
				}
			}
			lab_pump();
			expect_reply();
			after = lab_stats("r");
			CU_ASSERT(after.answered == before.answered + 1);
			CU_ASSERT(after.consumed == before.consumed + sent.n - 1);
			CU_ASSERT(after.dropped[VR_DROP_REASSEMBLY] ==
				  before.dropped[VR_DROP_REASSEMBLY] + twice);
			CU_ASSERT(after.waiting == 0);
		}
		lab_close();
	}
}

/* Overlaps lose all of the datagram, what comes later too (RFC 5722). */
static void
test_overlaps(void)
{
	static const struct piece overlaps[] = { { 0, 808 }, { 8, 800 }, { 792, 8 }, { 400, 808 },
		{ 800, 808 }, { 1592, 16 }, { 0, 8 }, { 408, 16 } };

	for (unsigned int ipv6 = 0; ipv6 < 2; ipv6++) {
		open_family(ipv6);
		for (unsigned int i = 0; i < RTE_DIM(overlaps); i++) {
			uint64_t dropped = lab_dropped("r", VR_DROP_REASSEMBLY);

			make(ipv6, 2400 - 8, 800);
			inject_piece(0);
			inject_piece(1);
			inject_bytes(overlaps[i].offset, overlaps[i].length, true);
			inject_piece(2);
			inject_piece(0);
			lab_pump();
			lab_expect_nothing();
			CU_ASSERT(lab_dropped("r", VR_DROP_REASSEMBLY) == dropped + 5);
			CU_ASSERT(lab_stats("r").waiting == 0);
		}
		/* Two ends; one behind the end. */
		make(ipv6, 2400 - 8, 800);
		inject_piece(2);
		inject_bytes(800, 808, false);
		lab_pump();
		make(ipv6, 2400 - 8, 800);
		inject_bytes(800, 808, false);
		inject_bytes(1608, 8, true);
		lab_pump();
		CU_ASSERT(lab_stats("r").waiting == 0);
		lab_expect_nothing();
		lab_close();
	}
}

/* A minute, then what is there is dropped; who has the first fragment there is told. */
static void
test_time(void)
{
	static struct frame first;

	for (unsigned int ipv6 = 0; ipv6 < 2; ipv6++) {
		for (unsigned int with_first = 0; with_first < 2; with_first++) {
			open_family(ipv6);
			lab_pump();
			make(ipv6, 2400, 800);
			frame_piece(&first, sent.pieces[0].offset, sent.pieces[0].length, true);
			inject_piece(1);
			if (with_first)
				lab_inject(LAN, &first);
			lab_pump();
			CU_ASSERT(lab_stats("r").waiting == 1 + with_first);
			for (unsigned int s = 0; s < 59; s++)
				lab_advance(LAB_SECOND);
			CU_ASSERT(lab_stats("r").waiting == 1 + with_first);
			lab_expect_nothing();
			for (unsigned int s = 0; s < 3; s++)
				lab_advance(LAB_SECOND);
			CU_ASSERT(lab_stats("r").waiting == 0);
			CU_ASSERT(lab_dropped("r", VR_DROP_REASSEMBLY) == 1 + with_first);
			if (with_first && ipv6)
				lab_expect_error6(LAN,
					(&(struct icmp6_error){ pair_to_host(), LAN_IP6, 3, 1, 0 }),
					&first);
			else if (with_first)
				lab_expect_error(LAN,
					(&(struct icmp_error){ .ethernet = pair_to_host(),
						.source = LAN_IP,
						.type = 11,
						.code = 1 }),
					&first);
			lab_expect_nothing();
			/* What was spoilt is forgotten in time, too. */
			inject_piece(1);
			inject_bytes(800, 16, true);
			lab_pump();
			for (unsigned int s = 0; s < 62; s++)
				lab_advance(LAB_SECOND);
			for (unsigned int i = 0; i < sent.n; i++)
				inject_piece(i);
			lab_pump();
			expect_reply();
			lab_close();
		}
	}
}

/* However many come, so many are held; the newest datagram can always be put together. */
static void
test_bounds(void)
{
	for (unsigned int ipv6 = 0; ipv6 < 2; ipv6++) {
		open_family(ipv6);
		for (unsigned int i = 0; i < 300; i++) {
			make(ipv6, 8 * 20, 8 * (1 + i % 3));
			for (unsigned int k = 0; k + 1 < RTE_MIN(sent.n, 16u); k++)
				inject_piece(k);
			lab_pump();
			CU_ASSERT(lab_stats("r").waiting <= REASSEMBLY_HELD_MAX);
			make(ipv6, 4000, 600);
			for (unsigned int k = 0; k < sent.n; k++)
				inject_piece(k);
			lab_pump();
			expect_reply();
		}
		/* One of too many fragments. */
		make(ipv6, 8 * 20, 8);
		for (unsigned int k = 0; k < sent.n; k++)
			inject_piece(k);
		lab_pump();
		lab_expect_nothing();
		/* It goes with the router. */
		make(ipv6, 4000, 600);
		inject_piece(3);
		lab_pump();
		CU_ASSERT(lab_stats("r").waiting > 0);
		if (ipv6)
			CU_ASSERT(lab_delete_router("r") == 0);
		lab_pump();
		lab_close();
	}
}

/* No data, or an odd length before the end; beyond 65,535 bytes. */
static void
test_malformed(void)
{
	static struct frame frame;

	open_family(false);
	make(false, 2400, 800);
	inject_bytes(8, 0, true);
	inject_bytes(8, 12, true);
	inject_bytes(0, 1, true);
	lab_pump();
	frame_piece(&frame, 0, 800, true);
	frame_set16(&frame, 14 + 6, FRAGMENT_MORE | 0x1fff);
	frame_fix_ipv4(&frame, 14);
	pair_drops(LAN, &frame, VR_DROP_REASSEMBLY);
	CU_ASSERT(lab_dropped("r", VR_DROP_REASSEMBLY) == 4);
	/* IPv6 tells the sender. */
	make(true, 2400, 800);
	frame_piece(&frame, 0, 12, true);
	lab_inject(LAN, &frame);
	lab_pump();
	lab_expect_error6(LAN, (&(struct icmp6_error){ pair_to_host(), LAN_IP6, 4, 0, 4 }), &frame);
	frame_piece(&frame, 0, 800, true);
	frame_set16(&frame, 14 + 42, 0xfff9);
	lab_inject(LAN, &frame);
	lab_pump();
	lab_expect_nothing(); /* not about a later fragment */
	CU_ASSERT(lab_dropped("r", VR_DROP_REASSEMBLY) == 6);
	CU_ASSERT(lab_stats("r").waiting == 0);
	/* A fragment that is all there is is no fragment. */
	make(true, 100, 800);
	inject_bytes(0, sent.length, false);
	lab_pump();
	expect_reply();
}

/* Datagrams of two protocols may have the same identification (RFC 791 3.2). */
static void
test_protocols(void)
{
	static struct frame frame;

	open_family(false);
	make(false, 2400, 800);
	for (unsigned int i = 0; i < sent.n; i++) {
		frame_piece(&frame, sent.pieces[i].offset, sent.pieces[i].length, i + 1 < sent.n);
		frame.bytes[14 + 9] = PROTOCOL_TCP;
		frame_fix_ipv4(&frame, 14);
		lab_inject(LAN, &frame);
		inject_piece(i);
	}
	lab_pump();
	expect_reply();
	CU_ASSERT(lab_dropped("r", VR_DROP_TO_HOST) == 1);
}

CU_TestInfo reassembly_tests[] = {
	{ "any order", test_orders },
	{ "overlaps", test_overlaps },
	{ "in time", test_time },
	{ "bounds", test_bounds },
	{ "malformed", test_malformed },
	{ "two protocols", test_protocols },
	CU_TEST_INFO_NULL,
};
