/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef DATAPLANE_FRAME_H
#define DATAPLANE_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "../unit/random.h"

/*
 * Whole frames from what a test says of them, written byte by byte and with every checksum summed
 * anew, so that they are an oracle for the program's own short cuts. Nothing of the program or of
 * DPDK is used. MACs are numbers of 48 bits, IPv4 addresses of 32, in host byte order.
 */

#define FRAME_MAX 9300
#define MAC_BROADCAST UINT64_C(0xffffffffffff)
#define IP(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

struct frame {
	uint32_t length;
	uint8_t bytes[FRAME_MAX];
};

/*
 * An Ethernet header. A tag of 0 means none; one with VLAN 0 has some other bit set. The outer tag
 * is of 802.1ad, the other of 802.1Q.
 */
struct ethernet {
	uint64_t to;
	uint64_t from;
	uint16_t tag;
	uint16_t outer_tag;
};

#define TAG_PRIORITY 0xe000 /* priority 7, VLAN 0 */

enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_ARP = 0x0806,
	ETHERTYPE_VLAN = 0x8100,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_QINQ = 0x88a8,
	FRAGMENT_DONT = 0x4000,
	FRAGMENT_MORE = 0x2000,
};

struct ipv4 {
	struct ethernet ethernet;
	uint32_t source;
	uint32_t destination;
	uint8_t ttl;
	uint8_t protocol;
	uint8_t tos;
	uint16_t id;
	uint16_t fragment; /* flags and offset, as in the header */
	const uint8_t *options;
	uint8_t n_options; /* bytes, a multiple of 4 */
	const uint8_t *payload;
	uint32_t length;  /* of the payload */
	uint32_t padding; /* bytes behind the packet, not zero */
};

struct arp {
	struct ethernet ethernet;
	uint16_t operation;
	uint64_t sender_mac;
	uint32_t sender;
	uint64_t target_mac;
	uint32_t target;
	uint32_t padding;
};

#define ARP_REQUEST 1
#define ARP_REPLY 2

void frame_ethernet(struct frame *frame, const struct ethernet *ethernet, uint16_t type);
void frame_ipv4(struct frame *frame, const struct ipv4 *ipv4);
void frame_arp(struct frame *frame, const struct arp *arp);

/* Appends. */
void frame_u8(struct frame *frame, uint8_t value);
void frame_u16(struct frame *frame, uint16_t value);
void frame_u32(struct frame *frame, uint32_t value);
void frame_bytes(struct frame *frame, const void *bytes, uint32_t length);

/* Big endian, at an offset. */
uint16_t frame_get16(const struct frame *frame, uint32_t offset);
uint32_t frame_get32(const struct frame *frame, uint32_t offset);
void frame_set16(struct frame *frame, uint32_t offset, uint16_t value);

/* Sums the IPv4 header at `offset` again after a test has changed it. */
void frame_fix_ipv4(struct frame *frame, uint32_t offset);

/* Bytes before the L3 header of a frame, whatever tags it has. */
uint32_t frame_l3(const struct frame *frame);

bool frame_equal(const struct frame *a, const struct frame *b);
void frame_dump(const char *title, const struct frame *frame);

/*
 * Payloads, each put in `payload` (at least 28 + length bytes), giving its length. `data` NULL: a
 * pattern. `fill_udp` needs the addresses for its checksum.
 */
uint32_t fill_udp(uint8_t *payload, const struct ipv4 *ipv4, uint16_t source, uint16_t destination,
	const void *data, uint32_t length);
uint32_t fill_icmp(uint8_t *payload, uint8_t type, uint8_t code, uint32_t rest, const void *data,
	uint32_t length);

/*
 * The ICMP error that RFC 792 and RFC 1812 4.3 want about the IPv4 packet in `about`: its header
 * and as much of it as fits 576 bytes, precedence 6, TTL 64.
 */
struct icmp_error {
	struct ethernet ethernet;
	uint32_t source;
	uint8_t type;
	uint8_t code;
	uint16_t mtu;
	uint16_t id;
};
void frame_icmp_error(
	struct frame *frame, const struct icmp_error *error, const struct frame *about);

/* The Internet checksum (RFC 1071), 16 bits at a time, the carry added at each step. */
uint16_t slow_checksum(const uint8_t *bytes, uint32_t length);

#endif
