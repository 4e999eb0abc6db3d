/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <string.h>

#include "frame.h"
#include "guard.h"
#include "stage.h"

/*
 * Frames through the whole program: ports, classification, FIFOs, schedule, routers, the control
 * thread with its timers, and out again. stage.h tells what is there to receive them.
 *
 * An input is a list of steps. Each begins with an octet of flags and one or two octets of length,
 * and is followed by so many octets of a frame; the last may be cut short.
 *
 *	bits 0-1  port; 3: no frame but an event, which the next octet names
 *	bit 2     checksums that are wrong are put right, which mutation could not do
 *	bit 3     the frame comes in segments, the next octet's number of octets long
 *	bit 4     the buffer has room behind the frame, else it ends with it
 *	bit 5     the buffer has no room before the frame
 *	bit 6     all runs until nothing moves, before the next step
 *	bit 7     the length has two octets, else one
 *
 * Frames of steps without bit 6 arrive together.
 */

#define STEPS_MAX 64
#define TAIL_ROOM 128
#define SEGMENTS_MAX 64

enum step_flags {
	STEP_PORT = 0x03,
	STEP_FIX = 0x04,
	STEP_CHAIN = 0x08,
	STEP_TAIL_ROOM = 0x10,
	STEP_NO_HEAD_ROOM = 0x20,
	STEP_PUMP = 0x40,
	STEP_LONG = 0x80,
};

enum event {
	EVENT_CLOCK, /* by a number of 100 ms */
	EVENT_POLL,
	EVENT_PASS,     /* of a worker */
	EVENT_HOLD,     /* ports take no more frames than they have room for, or do again */
	EVENT_STARVE,   /* all runs until nothing moves, without a buffer to be had */
	EVENT_ELEMENTS, /* one of each, or none */
	EVENTS,
};

struct input {
	const uint8_t *bytes;
	size_t left;
};

static uint8_t
take_octet(struct input *input)
{
	if (input->left == 0)
		return 0;
	input->left--;
	return *input->bytes++;
}

static void
happen(struct input *input)
{
	enum event event = take_octet(input) % EVENTS;
	uint8_t amount = take_octet(input);

	switch (event) {
	case EVENT_CLOCK:
		lab.now += amount * (LAB_SECOND / 10);
		lab_poll();
		return;
	case EVENT_POLL:
		lab_poll();
		return;
	case EVENT_PASS:
		lab_pass(amount % STAGE_WORKERS);
		return;
	case EVENT_STARVE:
		guard_starve(true);
		if (!lab.hold)
			lab_pump();
		guard_starve(false);
		return;
	case EVENT_ELEMENTS:
		stage_set_elements((amount & 1) != 0);
		return;
	default:
		lab.hold = !lab.hold;
	}
}

/* Checksums */

static void
set_sum(uint8_t *field, const uint8_t *bytes, uint32_t length)
{
	uint16_t sum;

	field[0] = 0;
	field[1] = 0;
	sum = slow_checksum(bytes, length);
	field[0] = (uint8_t)(sum >> 8);
	field[1] = (uint8_t)sum;
}

static void
fix_ipv4(uint8_t *packet, uint32_t length)
{
	uint32_t header, total;

	if (length < 20)
		return;
	header = (packet[0] & 0x0f) * 4u;
	total = (uint32_t)(packet[2] << 8 | packet[3]);
	if (header < 20 || header > length)
		return;
	if (packet[9] == PROTOCOL_ICMP && total >= header + 4 && total <= length)
		set_sum(packet + header + 2, packet + header, total - header);
	set_sum(packet + 10, packet, header);
}

/* ICMPv6 directly behind the header, or behind those that have their length in the second octet. */
static void
fix_ipv6(uint8_t *packet, uint32_t length)
{
	static uint8_t pseudo[FRAME_MAX + 40];
	uint32_t offset = 40, total, rest;
	uint8_t next;

	if (length < 44)
		return;
	total = 40u + (uint32_t)(packet[4] << 8 | packet[5]);
	next = packet[6];
	while ((next == 0 || next == 43 || next == 60) && offset + 8 <= length) {
		next = packet[offset];
		offset += 8u + 8u * packet[offset + 1];
	}
	if (next != 58 || total > length || offset + 4 > total)
		return;
	rest = total - offset;
	packet[offset + 2] = 0;
	packet[offset + 3] = 0;
	memset(pseudo, 0, 40);
	memcpy(pseudo, packet + 8, 32);
	pseudo[34] = (uint8_t)(rest >> 8);
	pseudo[35] = (uint8_t)rest;
	pseudo[39] = 58;
	memcpy(pseudo + 40, packet + offset, rest);
	set_sum(packet + offset + 2, pseudo, rest + 40);
}

static void
fix(struct frame *frame)
{
	uint32_t l3 = 14;
	uint16_t type;

	if (frame->length < l3)
		return;
	type = frame_get16(frame, 12);
	while ((type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ) && l3 + 4 <= frame->length) {
		type = frame_get16(frame, l3 + 2);
		l3 += 4;
	}
	if (type == ETHERTYPE_IPV4)
		fix_ipv4(frame->bytes + l3, frame->length - l3);
	else if (type == ETHERTYPE_IPV6)
		fix_ipv6(frame->bytes + l3, frame->length - l3);
}

/* Buffers */

/* A buffer with the bytes; NULL: there is none left, or they are too many for one. */
static struct rte_mbuf *
fill(const uint8_t *bytes, uint32_t length, uint16_t head_room)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(lab.vrouter->pool);
	char *room;

	if (mbuf == NULL)
		return NULL;
	mbuf->data_off = head_room;
	room = rte_pktmbuf_append(mbuf, (uint16_t)length);
	if (room == NULL) {
		rte_pktmbuf_free(mbuf);
		return NULL;
	}
	memcpy(room, bytes, length);
	return mbuf;
}

static struct rte_mbuf *
make_chain(const struct frame *frame, uint32_t size, uint16_t head_room)
{
	struct rte_mbuf *first = fill(frame->bytes, RTE_MIN(size, frame->length), head_room);
	struct rte_mbuf *last = first;

	for (uint32_t at = size; first != NULL && at < frame->length; at += size) {
		uint32_t left = frame->length - at;
		struct rte_mbuf *segment = fill(frame->bytes + at, RTE_MIN(size, left), 0);

		if (segment == NULL) {
			rte_pktmbuf_free(first);
			return NULL;
		}
		last->next = segment;
		last = segment;
		first->nb_segs++;
		first->pkt_len += segment->data_len;
	}
	return first;
}

static void
arrive(const struct frame *frame, uint8_t flags, uint8_t segment)
{
	uint16_t head_room = flags & STEP_NO_HEAD_ROOM ? 0 : RTE_PKTMBUF_HEADROOM;
	uint32_t size = RTE_MAX(frame->length, 1u);
	struct rte_mbuf *mbuf;

	if (flags & STEP_CHAIN)
		size = RTE_MAX(segment + 1u, frame->length / SEGMENTS_MAX + 1);
	mbuf = make_chain(frame, size, head_room);
	if (mbuf == NULL)
		return;
	guard_fit(mbuf, flags & STEP_TAIL_ROOM ? TAIL_ROOM : 0);
	lab_inject_mbuf(flags & STEP_PORT, mbuf);
}

static void
step(struct input *input)
{
	static struct frame frame;
	uint8_t flags = take_octet(input);
	uint8_t segment = 0;

	if ((flags & STEP_PORT) == STAGE_PORTS) {
		happen(input);
	} else {
		if (flags & STEP_CHAIN)
			segment = take_octet(input);
		frame.length = take_octet(input);
		if (flags & STEP_LONG)
			frame.length |= (uint32_t)take_octet(input) << 8;
		frame.length = RTE_MIN(frame.length, RTE_MIN(input->left, (size_t)FRAME_MAX));
		memcpy(frame.bytes, input->bytes, frame.length);
		input->bytes += frame.length;
		input->left -= frame.length;
		if (flags & STEP_FIX)
			fix(&frame);
		arrive(&frame, flags, segment);
	}
	if ((flags & STEP_PUMP) && !lab.hold)
		lab_pump();
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	stage_open((*argv)[0]);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, length };

	stage_begin();
	for (unsigned int i = 0; i < STEPS_MAX && input.left > 0; i++)
		step(&input);
	stage_end();
	return 0;
}
