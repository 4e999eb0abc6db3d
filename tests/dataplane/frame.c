/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "frame.h"

#define TTL_OWN 64
#define TOS_CONTROL 0xc0
#define ERROR_MAX 576

void
frame_u8(struct frame *frame, uint8_t value)
{
	assert(frame->length < FRAME_MAX);
	frame->bytes[frame->length++] = value;
}

void
frame_u16(struct frame *frame, uint16_t value)
{
	frame_u8(frame, value >> 8);
	frame_u8(frame, value & 0xff);
}

void
frame_u32(struct frame *frame, uint32_t value)
{
	frame_u16(frame, value >> 16);
	frame_u16(frame, value & 0xffff);
}

static void
append_mac(struct frame *frame, uint64_t mac)
{
	frame_u16(frame, (uint16_t)(mac >> 32));
	frame_u32(frame, (uint32_t)mac);
}

void
frame_bytes(struct frame *frame, const void *bytes, uint32_t length)
{
	const uint8_t *from = bytes;

	for (uint32_t i = 0; i < length; i++)
		frame_u8(frame, from[i]);
}

uint16_t
frame_get16(const struct frame *frame, uint32_t offset)
{
	return (uint16_t)(frame->bytes[offset] << 8 | frame->bytes[offset + 1]);
}

uint32_t
frame_get32(const struct frame *frame, uint32_t offset)
{
	return (uint32_t)frame_get16(frame, offset) << 16 | frame_get16(frame, offset + 2);
}

void
frame_set16(struct frame *frame, uint32_t offset, uint16_t value)
{
	frame->bytes[offset] = value >> 8;
	frame->bytes[offset + 1] = value & 0xff;
}

uint16_t
slow_checksum(const uint8_t *bytes, uint32_t length)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < length; i += 2) {
		sum += (uint32_t)bytes[i] << 8 | (i + 1 < length ? bytes[i + 1] : 0);
		if (sum > 0xffff)
			sum -= 0xffff;
	}
	return (uint16_t)(0xffff - sum);
}

void
frame_ethernet(struct frame *frame, const struct ethernet *ethernet, uint16_t type)
{
	frame->length = 0;
	append_mac(frame, ethernet->to);
	append_mac(frame, ethernet->from);
	if (ethernet->outer_tag != 0) {
		frame_u16(frame, ETHERTYPE_QINQ);
		frame_u16(frame, ethernet->outer_tag);
	}
	if (ethernet->tag != 0) {
		frame_u16(frame, ETHERTYPE_VLAN);
		frame_u16(frame, ethernet->tag);
	}
	frame_u16(frame, type);
}

static void
pad(struct frame *frame, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		frame_u8(frame, (uint8_t)(0xa5 + i));
}

void
frame_fix_ipv4(struct frame *frame, uint32_t offset)
{
	frame_set16(frame, offset + 10, 0);
	frame_set16(frame, offset + 10,
		slow_checksum(frame->bytes + offset, (frame->bytes[offset] & 15) * 4u));
}

void
frame_ipv4(struct frame *frame, const struct ipv4 *ipv4)
{
	uint32_t start;

	frame_ethernet(frame, &ipv4->ethernet, ETHERTYPE_IPV4);
	start = frame->length;
	frame_u8(frame, (uint8_t)(0x40 | (5 + ipv4->n_options / 4)));
	frame_u8(frame, ipv4->tos);
	frame_u16(frame, (uint16_t)(20 + ipv4->n_options + ipv4->length));
	frame_u16(frame, ipv4->id);
	frame_u16(frame, ipv4->fragment);
	frame_u8(frame, ipv4->ttl);
	frame_u8(frame, ipv4->protocol);
	frame_u16(frame, 0);
	frame_u32(frame, ipv4->source);
	frame_u32(frame, ipv4->destination);
	frame_bytes(frame, ipv4->options, ipv4->n_options);
	frame_fix_ipv4(frame, start);
	frame_bytes(frame, ipv4->payload, ipv4->length);
	pad(frame, ipv4->padding);
}

void
frame_arp(struct frame *frame, const struct arp *arp)
{
	frame_ethernet(frame, &arp->ethernet, ETHERTYPE_ARP);
	frame_u16(frame, 1);
	frame_u16(frame, ETHERTYPE_IPV4);
	frame_u8(frame, 6);
	frame_u8(frame, 4);
	frame_u16(frame, arp->operation);
	append_mac(frame, arp->sender_mac);
	frame_u32(frame, arp->sender);
	append_mac(frame, arp->target_mac);
	frame_u32(frame, arp->target);
	pad(frame, arp->padding);
}

uint32_t
frame_l3(const struct frame *frame)
{
	uint32_t at = 12;

	while (frame_get16(frame, at) == ETHERTYPE_VLAN || frame_get16(frame, at) == ETHERTYPE_QINQ)
		at += 4;
	return at + 2;
}

bool
frame_equal(const struct frame *a, const struct frame *b)
{
	return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

void
frame_dump(const char *title, const struct frame *frame)
{
	printf("\n  %s, %u bytes:", title, frame->length);
	for (uint32_t i = 0; i < frame->length && i < 160; i++)
		printf("%s%02x", i % 32 == 0 ? "\n    " : i % 4 == 0 ? " " : "", frame->bytes[i]);
	printf("\n");
}

/* The data of a test: given, or a pattern that is different at each place. */
static void
fill_data(uint8_t *to, const void *data, uint32_t length)
{
	if (data != NULL)
		memcpy(to, data, length);
	for (uint32_t i = 0; data == NULL && i < length; i++)
		to[i] = (uint8_t)(i * 7 + i / 256 + 1);
}

static void
put16(uint8_t *bytes, uint32_t value)
{
	bytes[0] = (uint8_t)(value >> 8);
	bytes[1] = (uint8_t)value;
}

static void
put32(uint8_t *bytes, uint32_t value)
{
	put16(bytes, value >> 16);
	put16(bytes + 2, value);
}

uint32_t
fill_udp(uint8_t *payload, const struct ipv4 *ipv4, uint16_t source, uint16_t destination,
	const void *data, uint32_t length)
{
	uint8_t pseudo[12 + 8 + FRAME_MAX];

	put16(payload, source);
	put16(payload + 2, destination);
	put16(payload + 4, 8 + length);
	put16(payload + 6, 0);
	fill_data(payload + 8, data, length);
	put32(pseudo, ipv4->source);
	put32(pseudo + 4, ipv4->destination);
	put16(pseudo + 8, PROTOCOL_UDP);
	put16(pseudo + 10, 8 + length);
	memcpy(pseudo + 12, payload, 8 + length);
	put16(payload + 6, slow_checksum(pseudo, 12 + 8 + length));
	return 8 + length;
}

uint32_t
fill_icmp(uint8_t *payload, uint8_t type, uint8_t code, uint32_t rest, const void *data,
	uint32_t length)
{
	payload[0] = type;
	payload[1] = code;
	put16(payload + 2, 0);
	put32(payload + 4, rest);
	fill_data(payload + 8, data, length);
	put16(payload + 2, slow_checksum(payload, 8 + length));
	return 8 + length;
}

void
frame_icmp_error(struct frame *frame, const struct icmp_error *error, const struct frame *about)
{
	uint32_t l3 = frame_l3(about);
	uint32_t quoted = frame_get16(about, l3 + 2);
	uint8_t payload[ERROR_MAX];
	struct ipv4 ipv4 = {
		.ethernet = error->ethernet,
		.source = error->source,
		.destination = frame_get32(about, l3 + 12),
		.ttl = TTL_OWN,
		.protocol = PROTOCOL_ICMP,
		.tos = TOS_CONTROL,
		.id = error->id,
		.payload = payload,
	};

	if (quoted > ERROR_MAX - 28)
		quoted = ERROR_MAX - 28;
	ipv4.length = fill_icmp(payload, error->type, error->code, error->rest | error->mtu,
		about->bytes + l3, quoted);
	frame_ipv4(frame, &ipv4);
}
