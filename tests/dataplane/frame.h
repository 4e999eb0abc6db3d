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
 * DPDK is used. MACs are numbers of 48 bits, IPv4 addresses of 32, in host byte order; IPv6
 * addresses are bytes in network order.
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
	PROTOCOL_ICMP6 = 58,
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

/* An IPv6 address as a value. */
struct ip6 {
	uint8_t bytes[16];
};

/* Of its text; the test ends where that is none. */
struct ip6 ip6(const char *text);
bool ip6_equal(struct ip6 a, struct ip6 b);

/* ff02::1:ffXX:XXXX of the address (RFC 4291 2.7.1), and the MAC of a group (RFC 2464 7). */
struct ip6 ip6_solicited_node(struct ip6 address);
uint64_t ip6_group_mac(struct ip6 group);

/* fe80:: and the modified EUI-64 of the MAC (RFC 4291 appendix A). */
struct ip6 ip6_link_local(uint64_t mac);

struct ipv6 {
	struct ethernet ethernet;
	struct ip6 source;
	struct ip6 destination;
	uint8_t hop_limit;
	uint8_t next_header;
	uint8_t traffic_class;
	uint32_t flow_label;
	const uint8_t *payload; /* extension headers are a part of it */
	uint32_t length;        /* of the payload */
	uint32_t padding;       /* bytes behind the packet, not zero */
};

/* A neighbour solicitation or advertisement (RFC 4861 4.3, 4.4). */
struct nd {
	struct ethernet ethernet;
	struct ip6 source;
	struct ip6 destination;
	uint8_t hop_limit; /* 0: 255, as it must be */
	uint8_t type;
	uint8_t code;
	uint8_t flags; /* of an advertisement */
	struct ip6 target;
	uint8_t option; /* type of the link-layer option; 0: none */
	uint64_t mac;   /* in it */
	/* Appended as they are, more options say. */
	const uint8_t *more;
	uint32_t n_more;
};

enum {
	ND_ROUTER_SOLICITATION = 133,
	ND_ROUTER_ADVERTISEMENT = 134,
	ND_SOLICITATION = 135,
	ND_ADVERTISEMENT = 136,
	ND_REDIRECT = 137,
	ND_SOURCE = 1, /* link-layer options */
	ND_TARGET = 2,
	ND_ROUTER = 0x80, /* flags */
	ND_SOLICITED = 0x40,
	ND_OVERRIDE = 0x20,
};

#define ARP_REQUEST 1
#define ARP_REPLY 2

void frame_ethernet(struct frame *frame, const struct ethernet *ethernet, uint16_t type);
void frame_ipv4(struct frame *frame, const struct ipv4 *ipv4);
void frame_arp(struct frame *frame, const struct arp *arp);
void frame_ipv6(struct frame *frame, const struct ipv6 *ipv6);
void frame_nd(struct frame *frame, const struct nd *nd);

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

/* The same over IPv6, whose pseudo header ICMPv6 has in its checksum too. */
uint32_t fill_udp6(uint8_t *payload, const struct ipv6 *ipv6, uint16_t source, uint16_t destination,
	const void *data, uint32_t length);
uint32_t fill_icmp6(uint8_t *payload, const struct ipv6 *ipv6, uint8_t type, uint8_t code,
	uint32_t rest, const void *data, uint32_t length);

/* The checksum of an upper-layer packet over IPv6 (RFC 8200 8.1) whose checksum field is 0. */
uint16_t slow_checksum6(
	const struct ipv6 *ipv6, uint8_t protocol, const uint8_t *bytes, uint32_t length);

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
	uint32_t rest; /* in place of `mtu` */
};
void frame_icmp_error(
	struct frame *frame, const struct icmp_error *error, const struct frame *about);

/*
 * The ICMPv6 error that RFC 4443 wants about the IPv6 packet in `about`: as much of it as fits 1280
 * bytes, hop limit 64. `rest` is the MTU or the pointer, or 0.
 */
struct icmp6_error {
	struct ethernet ethernet;
	struct ip6 source;
	uint8_t type;
	uint8_t code;
	uint32_t rest;
};
void frame_icmp6_error(
	struct frame *frame, const struct icmp6_error *error, const struct frame *about);

/* The Internet checksum (RFC 1071), 16 bits at a time, the carry added at each step. */
uint16_t slow_checksum(const uint8_t *bytes, uint32_t length);

#endif
