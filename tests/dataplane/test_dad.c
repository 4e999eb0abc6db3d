/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The router's own addresses: duplicate address detection (RFC 4862 5.4), announcements, conflicts.
 */

#include <string.h>

#include <rte_ethdev.h>

#include "pair.h"
#include "tests.h"

#define OTHER_MAC UINT64_C(0x0200000000dd)
#define ALL_NODES ip6("ff02::1")
#define UNSPECIFIED ip6("::")

/* A router whose start is seen. */
static void
open_starting(void)
{
	lab.starting = true;
	pair_open((struct pair_options){ .ipv6 = true });
}

static enum own_address_state
state_of(struct ip6 address)
{
	struct ip_address own = ip_address_of_ipv6(address.bytes);
	const struct vr_interface *lan = vr_interface_find(lab_router("r")->vr, "lan");

	for (uint16_t i = 0; i < lan->n_addresses; i++)
		if (ip_address_equal(&lan->addresses[i].address, &own))
			return own_address_state(lan, i);
	CU_FAIL_FATAL("no such address");
	return OWN_ADDRESS_PREFERRED;
}

static void
make_probe(struct frame *frame, struct ip6 address, uint64_t mac)
{
	struct ip6 group = ip6_solicited_node(address);
	struct nd nd = { .ethernet = { ip6_group_mac(group), mac, 0 },
		.source = UNSPECIFIED,
		.destination = group,
		.type = ND_SOLICITATION,
		.target = address };

	frame_nd(frame, &nd);
}

static void
make_advertisement(struct frame *frame, struct ip6 address, uint64_t mac, uint8_t flags)
{
	struct nd nd = { .ethernet = { ip6_group_mac(ALL_NODES), mac, 0 },
		.source = address,
		.destination = ALL_NODES,
		.type = ND_ADVERTISEMENT,
		.flags = flags,
		.target = address,
		.option = ND_TARGET,
		.mac = mac };

	frame_nd(frame, &nd);
}

static void
make_announcement(struct frame *frame, struct ip6 address)
{
	make_advertisement(frame, address, LAN_MAC, ND_ROUTER | ND_OVERRIDE);
}

static void
make_gratuitous_arp(struct frame *frame)
{
	struct arp arp = { .ethernet = { MAC_BROADCAST, LAN_MAC, 0 },
		.operation = ARP_REQUEST,
		.sender_mac = LAN_MAC,
		.sender = LAN_IP,
		.target = LAN_IP };

	frame_arp(frame, &arp);
}

/* What the start of the lan is made of, each with how often it was sent. */
static struct {
	struct frame frame;
	unsigned int n;
} wanted[5];

static void
want_all(void)
{
	memset(wanted, 0, sizeof(wanted));
	make_gratuitous_arp(&wanted[0].frame);
	make_probe(&wanted[1].frame, LAN_IP6, LAN_MAC);
	make_probe(&wanted[2].frame, ip6_link_local(LAN_MAC), LAN_MAC);
	make_announcement(&wanted[3].frame, LAN_IP6);
	make_announcement(&wanted[4].frame, ip6_link_local(LAN_MAC));
}

static void
count_sent(void)
{
	static struct frame frame;
	unsigned int i;

	while (lab_take(LAN, &frame)) {
		for (i = 0; i < RTE_DIM(wanted); i++)
			if (frame_equal(&frame, &wanted[i].frame))
				break;
		CU_ASSERT_FATAL(i < RTE_DIM(wanted));
		wanted[i].n++;
		/* An address is announced when it is ready, and not before. */
		if (i == 3)
			CU_ASSERT(state_of(LAN_IP6) == OWN_ADDRESS_PREFERRED);
	}
}

static void
test_start(void)
{
	open_starting();
	want_all();
	lab_pump();
	lab_expect_nothing(); /* not at once: many may start together */
	CU_ASSERT(state_of(LAN_IP6) == OWN_ADDRESS_TENTATIVE);
	for (unsigned int i = 0; i < 60; i++) {
		lab_advance(LAB_SECOND / 10);
		count_sent();
	}
	CU_ASSERT(own_address_settled(lab_router("r")->vr));
	CU_ASSERT(state_of(LAN_IP6) == OWN_ADDRESS_PREFERRED);
	CU_ASSERT(state_of(ip6_link_local(LAN_MAC)) == OWN_ADDRESS_PREFERRED);
	CU_ASSERT(wanted[0].n == OWN_ADDRESS_ANNOUNCEMENTS);
	CU_ASSERT(wanted[1].n == OWN_ADDRESS_PROBES && wanted[2].n == OWN_ADDRESS_PROBES);
	CU_ASSERT(wanted[3].n == OWN_ADDRESS_ANNOUNCEMENTS &&
		  wanted[4].n == OWN_ADDRESS_ANNOUNCEMENTS);
	CU_ASSERT(lab_event() == NULL);
}

/* While it is tentative it is neither answered for nor answered from. */
static void
test_tentative(void)
{
	static struct frame frame;
	struct ipv6 ping;
	uint8_t payload[64];
	struct nd nd;

	open_starting();
	lab_pump();
	nd = (struct nd){ .ethernet = { ip6_group_mac(ip6_solicited_node(LAN_IP6)), HOST_MAC, 0 },
		.source = HOST_IP6,
		.destination = ip6_solicited_node(LAN_IP6),
		.type = ND_SOLICITATION,
		.target = LAN_IP6,
		.option = ND_SOURCE,
		.mac = HOST_MAC };
	frame_nd(&frame, &nd);
	lab_inject(LAN, &frame);
	lab_pump();
	lab_expect_nothing();
	ping = pair_packet6();
	ping.destination = LAN_IP6;
	ping.next_header = PROTOCOL_ICMP6;
	ping.payload = payload;
	ping.length = fill_icmp6(payload, &ping, 128, 0, 1, NULL, 20);
	frame_ipv6(&frame, &ping);
	pair_drops(LAN, &frame, VR_DROP_ADDRESS_UNUSABLE);
	/* Nor is a neighbour asked for from it, nor an error sent. */
	ping = pair_packet6();
	ping.destination = ip6("2001:db8:c::1");
	frame_ipv6(&frame, &ping);
	pair_drops(LAN, &frame, VR_DROP_NO_ROUTE);
	CU_ASSERT(state_of(LAN_IP6) == OWN_ADDRESS_TENTATIVE);
	lab_settle();
	/* Now it is. */
	frame_nd(&frame, &nd);
	lab_inject(LAN, &frame);
	lab_pump();
	CU_ASSERT(lab_waiting(LAN) == 1);
	lab_discard();
}

static void
is_duplicate(struct ip6 address)
{
	static struct frame frame;
	const char *event;
	uint8_t payload[64];
	struct ipv6 ping;

	CU_ASSERT(state_of(address) == OWN_ADDRESS_DUPLICATE);
	event = lab_event();
	CU_ASSERT_FATAL(event != NULL);
	CU_ASSERT(strstr(event, "router r: interface lan: 2001:db8:a::1") != NULL);
	CU_ASSERT(strstr(event, "02:00:00:00:00:DD") != NULL && strstr(event, "unused") != NULL);
	CU_ASSERT(lab_event() == NULL);
	for (unsigned int i = 0; i < 100; i++)
		lab_advance(LAB_SECOND);
	lab_discard();
	CU_ASSERT(state_of(address) == OWN_ADDRESS_DUPLICATE);
	ping = pair_packet6();
	ping.destination = address;
	ping.next_header = PROTOCOL_ICMP6;
	ping.payload = payload;
	ping.length = fill_icmp6(payload, &ping, 128, 0, 1, NULL, 20);
	frame_ipv6(&frame, &ping);
	pair_drops(LAN, &frame, VR_DROP_ADDRESS_UNUSABLE);
	/* The other address is not harmed. */
	CU_ASSERT(state_of(ip6_link_local(LAN_MAC)) == OWN_ADDRESS_PREFERRED);
}

/* Somebody has it. */
static void
test_answered(void)
{
	static struct frame frame;

	open_starting();
	lab_pump();
	make_advertisement(&frame, LAN_IP6, OTHER_MAC, ND_OVERRIDE);
	lab_inject(LAN, &frame);
	lab_pump();
	is_duplicate(LAN_IP6);
}

/* Somebody wants it at the same time. */
static void
test_probed_together(void)
{
	static struct frame frame;

	open_starting();
	lab_pump();
	make_probe(&frame, LAN_IP6, OTHER_MAC);
	lab_inject(LAN, &frame);
	lab_pump();
	lab_expect_nothing();
	is_duplicate(LAN_IP6);
}

/* A hub sends our own frame back to us. */
static void
test_own_probe_back(void)
{
	static struct frame frame;

	open_starting();
	lab_pump();
	make_probe(&frame, LAN_IP6, LAN_MAC);
	lab_inject(LAN, &frame);
	lab_pump();
	CU_ASSERT(state_of(LAN_IP6) == OWN_ADDRESS_TENTATIVE);
	lab_settle();
	CU_ASSERT(state_of(LAN_IP6) == OWN_ADDRESS_PREFERRED);
}

static unsigned int
events(void)
{
	unsigned int n = 0;

	while (lab_event() != NULL)
		n++;
	return n;
}

/* Later claims are told of, but not each of them. */
static void
test_conflict_later(void)
{
	static struct frame frame;
	struct arp arp = { .ethernet = { MAC_BROADCAST, OTHER_MAC, 0 },
		.operation = ARP_REQUEST,
		.sender_mac = OTHER_MAC,
		.sender = LAN_IP,
		.target = LAN_IP };

	pair_open((struct pair_options){ .ipv6 = true });
	for (unsigned int round = 1; round <= 3; round++) {
		for (unsigned int i = 0; i < 10; i++) {
			make_advertisement(&frame, LAN_IP6, OTHER_MAC, ND_OVERRIDE);
			pair_drops(LAN, &frame, VR_DROP_ND_CONFLICT);
			frame_arp(&frame, &arp);
			pair_drops(LAN, &frame, VR_DROP_ARP_CONFLICT);
		}
		CU_ASSERT(events() == 2);
		lab_advance(OWN_ADDRESS_EVENT_INTERVAL);
	}
	CU_ASSERT(state_of(LAN_IP6) == OWN_ADDRESS_PREFERRED);
	lab_discard();
}

/* A port whose link comes back: all are announced again, and a duplicate may have become free. */
static void
test_link(void)
{
	static struct frame frame;
	uint16_t port;

	open_starting();
	lab_pump();
	make_advertisement(&frame, LAN_IP6, OTHER_MAC, ND_OVERRIDE);
	lab_inject(LAN, &frame);
	lab_settle();
	CU_ASSERT(state_of(LAN_IP6) == OWN_ADDRESS_DUPLICATE);
	port = lab.vrouter->ports[LAN].id;
	CU_ASSERT(rte_eth_dev_set_link_down(port) == 0);
	lab_advance(LAB_SECOND);
	lab_expect_nothing();
	CU_ASSERT(rte_eth_dev_set_link_up(port) == 0);
	want_all();
	for (unsigned int i = 0; i < 60; i++) {
		lab_advance(LAB_SECOND / 10);
		count_sent();
	}
	CU_ASSERT(state_of(LAN_IP6) == OWN_ADDRESS_PREFERRED);
	CU_ASSERT(wanted[0].n == OWN_ADDRESS_ANNOUNCEMENTS && wanted[1].n == OWN_ADDRESS_PROBES);
	CU_ASSERT(wanted[2].n == 0 && wanted[3].n == OWN_ADDRESS_ANNOUNCEMENTS &&
		  wanted[4].n == OWN_ADDRESS_ANNOUNCEMENTS);
}

CU_TestInfo dad_tests[] = {
	{ "the start of a router", test_start },
	{ "tentative", test_tentative },
	{ "somebody answers", test_answered },
	{ "somebody probes too", test_probed_together },
	{ "our own probe comes back", test_own_probe_back },
	{ "a conflict later", test_conflict_later },
	{ "a link that comes back", test_link },
	CU_TEST_INFO_NULL,
};
