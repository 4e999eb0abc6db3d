/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * What packets' headers say, against a parser that goes through them octet by octet. Each packet
 * ends where a page ends behind which nothing may be read.
 */

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <CUnit/Basic.h>
#include <rte_common.h>

#include "packet/tuple.h"
#include "random.h"

#define ROUNDS 400000
#define BYTES_MAX 512

static uint8_t *guard; /* the page that must not be read */

static const uint8_t protocols[] = { 6, 17, 6, 17, 6, 17, 1, 58, 132, 136, 33, 47, 50, 51, 59 };
static const uint8_t headers[] = { 0, 43, 44, 60 };

struct packet {
	uint8_t bytes[BYTES_MAX];
	uint32_t length;
	uint8_t kind;
};

static unsigned int
one_in(unsigned int n)
{
	return random32() % n == 0;
}

static uint8_t
random_protocol(bool ipv6)
{
	if (one_in(20))
		return (uint8_t)random32();
	if (ipv6 && one_in(3))
		return headers[random32() % RTE_DIM(headers)];
	return protocols[random32() % RTE_DIM(protocols)];
}

static uint16_t
random_fragment(void)
{
	static const uint16_t offsets[] = { 0, 0, 0, 1, 2, 3, 1000 };

	return (uint16_t)(offsets[random32() % RTE_DIM(offsets)] << 3 | random32() % 8);
}

static void
make_ipv4(struct packet *packet)
{
	uint8_t *bytes = packet->bytes;
	uint16_t fragment = random_fragment();

	bytes[0] = one_in(3) ? 0x40 | random32() % 16 : 0x45;
	bytes[6] = bytes[7] = 0;
	if (one_in(3)) {
		bytes[6] = (uint8_t)((fragment & 1) << 5 | fragment >> 11);
		bytes[7] = (uint8_t)(fragment >> 3);
	}
	bytes[9] = random_protocol(false);
}

static void
make_ipv6(struct packet *packet)
{
	uint8_t *bytes = packet->bytes;
	uint8_t protocol = random_protocol(true);
	uint32_t at = 40;

	bytes[0] = 0x60 | (bytes[0] & 0x0f);
	bytes[6] = protocol;
	while ((protocol == 0 || protocol == 43 || protocol == 44 || protocol == 60) &&
		at + 8 <= BYTES_MAX) {
		uint16_t fragment = random_fragment();
		uint32_t more = one_in(20) ? random32() % 256 : random32() % 3;

		bytes[at] = random_protocol(true);
		if (one_in(3))
			bytes[at] = protocol;
		bytes[at + 1] = (uint8_t)more;
		if (protocol == 44) {
			bytes[at + 2] = (uint8_t)(fragment >> 8);
			bytes[at + 3] = (uint8_t)fragment;
			more = 0;
		}
		protocol = bytes[at];
		at += 8 + 8 * more;
	}
}

static void
make_packet(struct packet *packet)
{
	uint32_t least;

	packet->kind = one_in(2) ? PACKET_IPV4 : PACKET_IPV6;
	least = packet->kind == PACKET_IPV4 ? 20 : 40;
	random_bytes(packet->bytes, sizeof(packet->bytes));
	if (packet->kind == PACKET_IPV4)
		make_ipv4(packet);
	else
		make_ipv6(packet);
	packet->length = least + random32() % (one_in(3) ? BYTES_MAX - least : 60);
}

/* The naive one */

static bool
naive_ports(uint8_t protocol)
{
	return protocol == 6 || protocol == 17 || protocol == 33 || protocol == 132 ||
	       protocol == 136;
}

static void
naive_upper(const struct packet *packet, uint32_t at, struct packet_tuple *tuple)
{
	const uint8_t *bytes = packet->bytes;
	uint8_t p = tuple->protocol;
	bool icmp = packet->kind == PACKET_IPV4 ? p == 1 : p == 58;
	uint32_t least = p == 6 ? 20 : p == 17 || p == 136 ? 8 : p == 132 || p == 33 ? 12 : 0;

	tuple->known |= PACKET_KNOWN_PROTOCOL;
	tuple->upper_offset = (uint16_t)at;
	if (tuple->fragment == PACKET_FRAGMENT_LATER)
		return;
	if (icmp)
		least = 4;
	if (at + least > packet->length)
		tuple->cut = true;
	if ((!icmp && !naive_ports(p)) || at + 4 > packet->length)
		return;
	tuple->known |= PACKET_KNOWN_PORTS;
	if (icmp) {
		tuple->icmp_type = bytes[at];
		tuple->icmp_code = bytes[at + 1];
		return;
	}
	tuple->source_port = rte_cpu_to_be_16((uint16_t)(bytes[at] << 8 | bytes[at + 1]));
	tuple->destination_port = rte_cpu_to_be_16((uint16_t)(bytes[at + 2] << 8 | bytes[at + 3]));
	if (p == 6 && !tuple->cut)
		tuple->tcp_flags = bytes[at + 13];
}

/* The offset counts in octets. */
static void
naive_fragment(struct packet_tuple *tuple, uint32_t offset, bool more, bool tcp)
{
	if (offset > 0)
		tuple->fragment = PACKET_FRAGMENT_LATER;
	if (offset == 0 && more)
		tuple->fragment = PACKET_FRAGMENT_FIRST;
	if (tcp && (offset == 8 || offset == 16))
		tuple->cut = true;
}

static void
naive_ipv4(const struct packet *packet, struct packet_tuple *tuple)
{
	const uint8_t *bytes = packet->bytes;
	uint32_t header = 4 * (bytes[0] % 16);

	memcpy(tuple->source, bytes + 12, 4);
	memcpy(tuple->destination, bytes + 16, 4);
	tuple->dscp = bytes[1] / 4;
	tuple->protocol = bytes[9];
	naive_fragment(tuple, 8 * (bytes[6] % 32 * 256 + bytes[7]), bytes[6] & 0x20, bytes[9] == 6);
	if (header < 20 || header > packet->length)
		tuple->cut = true;
	else
		naive_upper(packet, header, tuple);
}

static void
naive_ipv6(const struct packet *packet, struct packet_tuple *tuple)
{
	const uint8_t *bytes = packet->bytes;
	uint32_t at = 40;
	unsigned int walked = 0;

	memcpy(tuple->source, bytes + 8, 16);
	memcpy(tuple->destination, bytes + 24, 16);
	tuple->dscp = (uint8_t)(bytes[0] % 16 * 4 + bytes[1] / 64);
	tuple->protocol = bytes[6];
	while (memchr(headers, tuple->protocol, sizeof(headers)) != NULL) {
		bool is_fragment = tuple->protocol == 44;
		uint32_t end;

		if (tuple->fragment == PACKET_FRAGMENT_LATER)
			return;
		if (++walked > 8 || at + 8 > packet->length) {
			tuple->cut = true;
			return;
		}
		end = at + (is_fragment ? 8 : 8 + 8 * bytes[at + 1]);
		if (end > packet->length) {
			tuple->cut = true;
			return;
		}
		if (is_fragment)
			naive_fragment(tuple, bytes[at + 2] * 256 + bytes[at + 3] / 8 * 8,
				bytes[at + 3] % 2, bytes[at] == 6);
		tuple->protocol = bytes[at];
		at = end;
	}
	naive_upper(packet, at, tuple);
}

static struct packet_tuple
naive(const struct packet *packet)
{
	struct packet_tuple tuple;

	memset(&tuple, 0, sizeof(tuple));
	tuple.kind = packet->kind;
	if (packet->kind == PACKET_IPV4)
		naive_ipv4(packet, &tuple);
	else
		naive_ipv6(packet, &tuple);
	return tuple;
}

/* Right before the guard; headers are at even addresses. */
static uint8_t *
place(const struct packet *packet)
{
	uint8_t *start = guard - RTE_ALIGN(packet->length, 2);

	memcpy(start, packet->bytes, packet->length);
	return start;
}

static struct packet_tuple
parse(const struct packet *packet, unsigned int l2)
{
	struct packet_meta meta = { .l3_offset = (uint8_t)l2,
		.kind = packet->kind | (one_in(4) ? PACKET_GROUP : 0) };
	uint8_t *start = place(packet);
	struct rte_mbuf mbuf = { .buf_addr = start - l2,
		.data_len = (uint16_t)(packet->length + l2),
		.pkt_len = packet->length + l2,
		.nb_segs = 1 };
	struct packet_tuple tuple;

	memset(&tuple, 0xff, sizeof(tuple));
	packet_meta_set(&mbuf, meta);
	packet_tuple_of(&mbuf, &tuple);
	return tuple;
}

static void
complain(const struct packet *packet)
{
	printf("kind %u:", packet->kind);
	for (uint32_t i = 0; i < packet->length; i++)
		printf(" %02x", packet->bytes[i]);
	putchar('\n');
}

static void
test_random(void)
{
	unsigned int seen[3] = { 0 }, cut = 0, short_way = 0;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct packet packet;
		struct packet_tuple expected, found;

		make_packet(&packet);
		expected = naive(&packet);
		found = parse(&packet, 14 + 4 * (random32() % 3));
		if (memcmp(&expected, &found, sizeof(found)) != 0)
			complain(&packet);
		CU_ASSERT_FATAL(memcmp(&expected, &found, sizeof(found)) == 0);
		packet_tuple_read(packet.kind, place(&packet), packet.length, &found);
		CU_ASSERT_FATAL(memcmp(&expected, &found, sizeof(found)) == 0);
		seen[found.fragment]++;
		cut += found.cut;
		short_way += !found.cut && found.fragment == PACKET_FRAGMENT_NONE &&
		             (found.protocol == 6 || found.protocol == 17);
	}
	CU_ASSERT(seen[1] > ROUNDS / 100 && seen[2] > ROUNDS / 100);
	CU_ASSERT(cut > ROUNDS / 100 && short_way > ROUNDS / 10);
}

/* Cut off at each length that it can have. */
static void
test_every_length(void)
{
	struct packet packet = { .kind = PACKET_IPV4 };
	struct packet_tuple tuple;

	random_bytes(packet.bytes, sizeof(packet.bytes));
	packet.bytes[0] = 0x45;
	packet.bytes[6] = packet.bytes[7] = 0;
	packet.bytes[9] = IPPROTO_TCP;
	for (packet.length = 20; packet.length <= 60; packet.length++) {
		tuple = parse(&packet, 14);
		CU_ASSERT((tuple.known & PACKET_KNOWN_PORTS) != 0 || packet.length < 24);
		CU_ASSERT(tuple.cut == (packet.length < 40));
		CU_ASSERT(tuple.tcp_flags == (packet.length < 40 ? 0 : packet.bytes[33]));
	}
}

int
main(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned int failures;
	CU_pSuite suite;

	random_start();
	guard = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (guard == MAP_FAILED || mprotect(guard + page, page, PROT_NONE) != 0)
		return 1;
	guard += page;
	CU_initialize_registry();
	suite = CU_add_suite("tuple", NULL, NULL);
	CU_add_test(suite, "random packets", test_random);
	CU_add_test(suite, "a TCP header of every length", test_every_length);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	return failures != 0;
}
