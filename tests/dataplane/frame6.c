/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"

#define HOP_LIMIT_OWN 64
#define ERROR6_MAX 1280
#define HEADER6 40

struct ip6
ip6(const char *text)
{
	struct ip6 address;

	if (inet_pton(AF_INET6, text, address.bytes) == 1)
		return address;
	printf("\n  %s is no IPv6 address\n", text);
	abort();
}

bool
ip6_equal(struct ip6 a, struct ip6 b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

struct ip6
ip6_solicited_node(struct ip6 address)
{
	struct ip6 group = ip6("ff02::1:ff00:0");

	memcpy(group.bytes + 13, address.bytes + 13, 3);
	return group;
}

uint64_t
ip6_group_mac(struct ip6 group)
{
	const uint8_t *b = group.bytes;

	return UINT64_C(0x333300000000) | (uint32_t)b[12] << 24 | (uint32_t)b[13] << 16 |
	       (uint32_t)b[14] << 8 | b[15];
}

struct ip6
ip6_link_local(uint64_t mac)
{
	struct ip6 address = ip6("fe80::ff:fe00:0");

	for (unsigned int i = 0; i < 3; i++) {
		address.bytes[8 + i] = (uint8_t)(mac >> (40 - 8 * i));
		address.bytes[13 + i] = (uint8_t)(mac >> (16 - 8 * i));
	}
	address.bytes[8] ^= 2;
	return address;
}

void
frame_ipv6(struct frame *frame, const struct ipv6 *ipv6)
{
	frame_ethernet(frame, &ipv6->ethernet, ETHERTYPE_IPV6);
	frame_u32(frame,
		UINT32_C(0x60000000) | (uint32_t)ipv6->traffic_class << 20 | ipv6->flow_label);
	frame_u16(frame, (uint16_t)ipv6->length);
	frame_u8(frame, ipv6->next_header);
	frame_u8(frame, ipv6->hop_limit);
	frame_bytes(frame, ipv6->source.bytes, sizeof(ipv6->source));
	frame_bytes(frame, ipv6->destination.bytes, sizeof(ipv6->destination));
	frame_bytes(frame, ipv6->payload, ipv6->length);
	for (uint32_t i = 0; i < ipv6->padding; i++)
		frame_u8(frame, (uint8_t)(0xa5 + i));
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

uint16_t
slow_checksum6(const struct ipv6 *ipv6, uint8_t protocol, const uint8_t *bytes, uint32_t length)
{
	static uint8_t pseudo[HEADER6 + FRAME_MAX];

	assert(length <= FRAME_MAX);
	memcpy(pseudo, ipv6->source.bytes, 16);
	memcpy(pseudo + 16, ipv6->destination.bytes, 16);
	put32(pseudo + 32, length);
	put32(pseudo + 36, protocol);
	memcpy(pseudo + HEADER6, bytes, length);
	return slow_checksum(pseudo, HEADER6 + length);
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

uint32_t
fill_udp6(uint8_t *payload, const struct ipv6 *ipv6, uint16_t source, uint16_t destination,
	const void *data, uint32_t length)
{
	uint16_t sum;

	put16(payload, source);
	put16(payload + 2, destination);
	put16(payload + 4, 8 + length);
	put16(payload + 6, 0);
	fill_data(payload + 8, data, length);
	sum = slow_checksum6(ipv6, PROTOCOL_UDP, payload, 8 + length);
	put16(payload + 6, sum == 0 ? 0xffff : sum);
	return 8 + length;
}

uint32_t
fill_icmp6(uint8_t *payload, const struct ipv6 *ipv6, uint8_t type, uint8_t code, uint32_t rest,
	const void *data, uint32_t length)
{
	payload[0] = type;
	payload[1] = code;
	put16(payload + 2, 0);
	put32(payload + 4, rest);
	fill_data(payload + 8, data, length);
	put16(payload + 2, slow_checksum6(ipv6, PROTOCOL_ICMP6, payload, 8 + length));
	return 8 + length;
}

void
frame_nd(struct frame *frame, const struct nd *nd)
{
	uint8_t payload[256], data[240];
	uint32_t length = 16;
	struct ipv6 ipv6 = {
		.ethernet = nd->ethernet,
		.source = nd->source,
		.destination = nd->destination,
		.hop_limit = nd->hop_limit != 0 ? nd->hop_limit : 255,
		.next_header = PROTOCOL_ICMP6,
		.payload = payload,
	};

	memcpy(data, nd->target.bytes, 16);
	if (nd->option != 0) {
		data[length] = nd->option;
		data[length + 1] = 1;
		put16(data + length + 2, (uint32_t)(nd->mac >> 32));
		put32(data + length + 4, (uint32_t)nd->mac);
		length += 8;
	}
	assert(length + nd->n_more <= sizeof(data));
	if (nd->n_more != 0)
		memcpy(data + length, nd->more, nd->n_more);
	length += nd->n_more;
	ipv6.length = fill_icmp6(
		payload, &ipv6, nd->type, nd->code, (uint32_t)nd->flags << 24, data, length);
	frame_ipv6(frame, &ipv6);
}

void
frame_icmp6_error(struct frame *frame, const struct icmp6_error *error, const struct frame *about)
{
	uint32_t l3 = frame_l3(about);
	uint32_t quoted = HEADER6 + frame_get16(about, l3 + 4);
	uint8_t payload[ERROR6_MAX];
	struct ipv6 ipv6 = {
		.ethernet = error->ethernet,
		.source = error->source,
		.hop_limit = HOP_LIMIT_OWN,
		.next_header = PROTOCOL_ICMP6,
		.payload = payload,
	};

	memcpy(ipv6.destination.bytes, about->bytes + l3 + 8, 16);
	if (quoted > ERROR6_MAX - HEADER6 - 8)
		quoted = ERROR6_MAX - HEADER6 - 8;
	ipv6.length = fill_icmp6(
		payload, &ipv6, error->type, error->code, error->rest, about->bytes + l3, quoted);
	frame_ipv6(frame, &ipv6);
}
