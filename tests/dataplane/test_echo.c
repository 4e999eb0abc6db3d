/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Packets for the router itself.
 */

#include <stdio.h>
#include <string.h>

#include "pair.h"
#include "tests.h"

#define ECHO_REQUEST 8
#define ECHO_REPLY 0

static uint8_t icmp_payload[9000];

static struct ipv4
echo_request(uint32_t to, uint32_t length)
{
	struct ipv4 ipv4 = pair_packet();

	ipv4.destination = to;
	ipv4.protocol = PROTOCOL_ICMP;
	ipv4.payload = icmp_payload;
	ipv4.length = fill_icmp(icmp_payload, ECHO_REQUEST, 0, random32(), NULL, length);
	return ipv4;
}

/*
 * In one's complement zero has two forms. Where the sum of the rest is not zero, either verifies; a
 * message that is all zeros needs 0xffff.
 */
static void
accept_other_zero(struct frame *expected, const struct frame *sent, const struct ipv4 *reply)
{
	uint32_t at = frame_l3(expected) + 20u + reply->n_options + 2;

	if (frame_get16(expected, at) == 0 && frame_get16(sent, at) == 0xffff)
		frame_set16(expected, at, 0xffff);
}

/* Asserts that the next frame of the port is the reply (its identification may be any). */
static void
expect_reply(const struct ipv4 *request, unsigned int port, struct ethernet ethernet)
{
	static struct frame sent, expected;
	uint8_t payload[9000];
	struct ipv4 reply = *request;
	uint16_t checksum;

	memcpy(payload, request->payload, request->length);
	payload[0] = ECHO_REPLY;
	payload[2] = payload[3] = 0;
	checksum = slow_checksum(payload, request->length);
	payload[2] = (uint8_t)(checksum >> 8);
	payload[3] = (uint8_t)checksum;
	CU_ASSERT_FATAL(lab_take(port, &sent));
	reply.ethernet = ethernet;
	reply.source = request->destination;
	reply.destination = request->source;
	reply.ttl = 64;
	reply.id = frame_get16(&sent, frame_l3(&sent) + 4);
	reply.payload = payload;
	reply.padding = 0;
	frame_ipv4(&expected, &reply);
	accept_other_zero(&expected, &sent, &reply);
	CU_ASSERT(frame_equal(&sent, &expected));
	if (!frame_equal(&sent, &expected)) {
		frame_dump("sent", &sent);
		frame_dump("expected", &expected);
	}
	lab_expect_nothing();
}

static void
ping(const struct ipv4 *request)
{
	pair_inject(request);
	lab_pump();
	expect_reply(request, LAN, pair_to_host());
}

static void
test_sizes(void)
{
	static const uint16_t vlans[] = { 0, 10 };

	for (unsigned int v = 0; v < RTE_DIM(vlans); v++) {
		pair_open((struct pair_options){ .lan_vlan = vlans[v] });
		for (uint32_t length = 0; length <= 1472; length++) {
			struct ipv4 request = echo_request(LAN_IP, length);

			request.padding = length < 18 ? 18 - length : 0;
			ping(&request);
		}
		lab_close();
	}
}

static void
test_fields(void)
{
	uint8_t options[40];
	struct ipv4 request;

	pair_open((struct pair_options){ 0 });
	for (unsigned int ttl = 0; ttl <= 255; ttl += ttl < 3 ? 1 : 21) {
		request = echo_request(WAN_IP, 33);
		request.ttl = (uint8_t)ttl;
		request.tos = (uint8_t)ttl;
		request.fragment = ttl & 1 ? FRAGMENT_DONT : 0;
		ping(&request);
	}
	memset(options, 1, sizeof(options)); /* no operation */
	for (uint8_t n = 4; n <= sizeof(options); n += 4) {
		request = echo_request(LAN_IP, 100);
		request.options = options;
		request.n_options = n;
		ping(&request);
	}
}

/* Every value that the checksum can have, and so every one that the reply's can. */
static void
test_every_checksum(void)
{
	pair_open((struct pair_options){ .more = "'echo_rate': 10000000," });
	for (uint32_t rest = 0; rest <= UINT16_MAX; rest += 5) {
		struct ipv4 request = echo_request(LAN_IP, 0);

		request.length = fill_icmp(icmp_payload, ECHO_REQUEST, 0, rest, NULL, 0);
		ping(&request);
	}
}

/* Replies follow the routes, and wait for ARP where they have to. */
static void
test_way_back(void)
{
	struct arp answer = { .ethernet = { LAN_MAC, STRANGE_MAC, 10 },
		.operation = ARP_REPLY,
		.sender_mac = STRANGE_MAC,
		.sender = IP(10, 0, 0, 99),
		.target_mac = LAN_MAC,
		.target = LAN_IP };
	static struct frame frame;
	struct ipv4 request;

	pair_open((struct pair_options){ .lan_vlan = 10 });
	request = echo_request(LAN_IP, 56);
	request.source = FAR_IP;
	pair_inject(&request);
	lab_pump();
	expect_reply(&request, WAN, pair_to_gateway());

	request = echo_request(LAN_IP, 56);
	request.source = IP(10, 0, 0, 99);
	pair_inject(&request);
	lab_pump();
	CU_ASSERT(lab_take(LAN, &frame) && frame_get16(&frame, 16) == ETHERTYPE_ARP);
	CU_ASSERT(lab_stats("r").waiting == 1);
	frame_arp(&frame, &answer);
	lab_inject(LAN, &frame);
	lab_pump();
	expect_reply(&request, LAN, (struct ethernet){ STRANGE_MAC, LAN_MAC, 10 });
	CU_ASSERT(lab_stats("r").answered == 2);

	/* Nobody to answer to. */
	request.source = IP(198, 51, 100, 1);
	frame_ipv4(&frame, &request);
	pair_drops(LAN, &frame, VR_DROP_NO_ROUTE);
	request.source = LAN_IP;
	frame_ipv4(&frame, &request);
	pair_drops(LAN, &frame, VR_DROP_NO_ROUTE);
	request.source = IP(10, 0, 0, 255);
	frame_ipv4(&frame, &request);
	pair_drops(LAN, &frame, VR_DROP_SOURCE);
}

/* A reply is no longer than what the way back takes. */
static void
test_mtu_of_the_way_back(void)
{
	struct ipv4 request;

	pair_open((struct pair_options){ .lan_mtu = 9000, .wan_mtu = 1000 });
	request = echo_request(LAN_IP, 972);
	request.source = FAR_IP;
	pair_inject(&request);
	lab_pump();
	expect_reply(&request, WAN, pair_to_gateway());
	/* A longer one goes in pieces: see the fragments. */
	request = echo_request(LAN_IP, 973);
	request.source = FAR_IP;
	pair_inject(&request);
	lab_pump();
	CU_ASSERT(lab_waiting(WAN) == 2 && lab_stats("r").answered == 2);
	lab_discard();
}

static void
test_broken(void)
{
	static struct frame frame;
	struct ipv4 request;

	pair_open((struct pair_options){ 0 });
	for (uint32_t byte = 0; byte < 8 + 33; byte++) {
		request = echo_request(LAN_IP, 33);
		icmp_payload[byte] ^= (uint8_t)(1 << random32() % 8);
		if (byte == 0)
			continue; /* then it is something else */
		frame_ipv4(&frame, &request);
		pair_drops(LAN, &frame, VR_DROP_ECHO_CHECKSUM);
	}
}

/* ICMP that asks for nothing is taken in silence. */
static void
test_other_icmp(void)
{
	struct ipv4 ipv4;
	uint64_t consumed = 0;

	pair_open((struct pair_options){ 0 });
	for (unsigned int type = 0; type < 256; type++) {
		if (type == ECHO_REQUEST)
			continue;
		ipv4 = echo_request(LAN_IP, 28);
		ipv4.length = fill_icmp(icmp_payload, (uint8_t)type, 0, 0, NULL, 28);
		pair_inject(&ipv4);
		consumed++;
	}
	for (uint32_t length = 0; length < 8; length++) {
		ipv4 = echo_request(LAN_IP, 0);
		ipv4.length = length;
		pair_inject(&ipv4);
		ipv4.padding = 30;
		pair_inject(&ipv4);
		consumed += 2;
	}
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(lab_stats("r").consumed == consumed);
}

CU_TestInfo echo_tests[] = {
	{ "replies of all sizes", test_sizes },
	{ "header fields and options", test_fields },
	{ "every checksum", test_every_checksum },
	{ "the way back", test_way_back },
	{ "the mtu of the way back", test_mtu_of_the_way_back },
	{ "broken requests", test_broken },
	{ "other ICMP", test_other_icmp },
	CU_TEST_INFO_NULL,
};
