/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <string.h>

#include "pair.h"

struct pair_options pair;
const uint8_t pair_bytes[FRAME_MAX] = "payload of a packet whose payload does not matter";

static const char *
vlan_members(char *text, size_t size, uint16_t outer_vlan, uint16_t vlan)
{
	text[0] = '\0';
	if (outer_vlan != 0)
		snprintf(text, size, "'outer_vlan': %u, 'vlan': %u,", outer_vlan, vlan);
	else if (vlan != 0)
		snprintf(text, size, "'vlan': %u,", vlan);
	return text;
}

/* Each member of the IPv6 config only where that is wanted. */
static const char *
ipv6(const char *text)
{
	return pair.ipv6 ? text : "";
}

void
pair_open(struct pair_options options)
{
	char lan[40], wan[40];

	pair = options;
	lab_open(1,
		"{'ports': ["
		"  {'name': 'p0', 'device': 'net_ring_p0', 'mtu': %u},"
		"  {'name': 'p1', 'device': 'net_ring_p1', 'mtu': %u}],"
		" 'routers': [{'name': 'r', %s 'interfaces': ["
		"   {'name': 'lan', 'port': 'p0', %s 'mac': '02:00:00:00:00:01',"
		"    'addresses': ['10.0.0.1/24' %s]},"
		"   {'name': 'wan', 'port': 'p1', %s 'mac': '02:00:00:00:00:02',"
		"    'addresses': ['192.0.2.1/24' %s]}],"
		"  'routes': [{'prefix': '198.18.0.0/15', 'via': '192.0.2.2'} %s],"
		"  'neighbours': ["
		"   {'interface': 'lan', 'address': '10.0.0.2', 'mac': '02:00:00:00:0a:02'},"
		"   {'interface': 'wan', 'address': '192.0.2.2', 'mac': '02:00:00:00:02:02'} %s]}"
		" %s]}",
		options.lan_mtu != 0 ? options.lan_mtu : 1500,
		options.wan_mtu != 0 ? options.wan_mtu : 1500,
		options.more != NULL ? options.more
				     : "'icmp_rate': 10000000, 'echo_rate': 10000000,",
		vlan_members(lan, sizeof(lan), options.lan_outer_vlan, options.lan_vlan),
		ipv6(", '2001:db8:a::1/64'"),
		vlan_members(wan, sizeof(wan), options.wan_outer_vlan, options.wan_vlan),
		ipv6(", '2001:db8:b::1/64'"),
		ipv6(", {'prefix': '2001:db8:f000::/36', 'via': '2001:db8:b::2'}"),
		ipv6(", {'interface': 'lan', 'address': '2001:db8:a::2',"
		     "   'mac': '02:00:00:00:0a:02'},"
		     "  {'interface': 'wan', 'address': '2001:db8:b::2',"
		     "   'mac': '02:00:00:00:02:02'}"),
		options.routers != NULL ? options.routers : "");
}

struct ethernet
pair_to_host(void)
{
	return (struct ethernet){ HOST_MAC, LAN_MAC, pair.lan_vlan, pair.lan_outer_vlan };
}

struct ethernet
pair_to_gateway(void)
{
	return (struct ethernet){ GATEWAY_MAC, WAN_MAC, pair.wan_vlan, pair.wan_outer_vlan };
}

struct ipv4
pair_packet(void)
{
	return (struct ipv4){ .ethernet = { LAN_MAC, HOST_MAC, pair.lan_vlan, pair.lan_outer_vlan },
		.source = HOST_IP,
		.destination = FAR_IP,
		.ttl = 64,
		.protocol = PROTOCOL_UDP,
		.payload = pair_bytes,
		.length = 26 };
}

struct ipv4
pair_packet_back(void)
{
	struct ipv4 ipv4 = pair_packet();

	ipv4.ethernet =
		(struct ethernet){ WAN_MAC, GATEWAY_MAC, pair.wan_vlan, pair.wan_outer_vlan };
	ipv4.source = FAR_IP;
	ipv4.destination = HOST_IP;
	return ipv4;
}

struct ipv6
pair_packet6(void)
{
	return (struct ipv6){ .ethernet = { LAN_MAC, HOST_MAC, pair.lan_vlan },
		.source = HOST_IP6,
		.destination = FAR_IP6,
		.hop_limit = 64,
		.next_header = PROTOCOL_UDP,
		.payload = pair_bytes,
		.length = 26 };
}

struct ipv6
pair_packet6_back(void)
{
	struct ipv6 packet = pair_packet6();

	packet.ethernet = (struct ethernet){ WAN_MAC, GATEWAY_MAC, pair.wan_vlan };
	packet.source = FAR_IP6;
	packet.destination = HOST_IP6;
	return packet;
}

static unsigned int
way_in(const struct ethernet *ethernet)
{
	return ethernet->to == WAN_MAC ? WAN : LAN;
}

void
pair_inject(const struct ipv4 *ipv4)
{
	static struct frame frame;

	frame_ipv4(&frame, ipv4);
	lab_inject(way_in(&ipv4->ethernet), &frame);
}

void
pair_forwarded(struct frame *frame, const struct ipv4 *ipv4)
{
	struct ipv4 out = *ipv4;

	out.ethernet = way_in(&ipv4->ethernet) == LAN ? pair_to_gateway() : pair_to_host();
	out.ttl--;
	out.padding = 0;
	frame_ipv4(frame, &out);
}

bool
pair_forwards_at(const struct ipv4 *ipv4, const char *file, unsigned int line)
{
	static struct frame expected;

	pair_inject(ipv4);
	lab_pump();
	pair_forwarded(&expected, ipv4);
	return lab_expect_at(1 - way_in(&ipv4->ethernet), &expected, file, line) &&
	       lab_expect_nothing_at(file, line);
}

void
pair_inject6(const struct ipv6 *packet)
{
	static struct frame frame;

	frame_ipv6(&frame, packet);
	lab_inject(way_in(&packet->ethernet), &frame);
}

void
pair_forwarded6(struct frame *frame, const struct ipv6 *packet)
{
	struct ipv6 out = *packet;

	out.ethernet = way_in(&packet->ethernet) == LAN ? pair_to_gateway() : pair_to_host();
	out.hop_limit--;
	out.padding = 0;
	frame_ipv6(frame, &out);
}

bool
pair_forwards6_at(const struct ipv6 *packet, const char *file, unsigned int line)
{
	static struct frame expected;

	pair_inject6(packet);
	lab_pump();
	pair_forwarded6(&expected, packet);
	return lab_expect_at(1 - way_in(&packet->ethernet), &expected, file, line) &&
	       lab_expect_nothing_at(file, line);
}

bool
pair_drops_at(unsigned int port, const struct frame *frame, enum vr_drop reason, const char *file,
	unsigned int line)
{
	struct router_stats before = lab_stats("r");
	struct router_stats after;
	char what[128];

	lab_inject(port, frame);
	lab_pump();
	after = lab_stats("r");
	snprintf(what, sizeof(what), "dropped as %s", vr_drop_name(reason));
	for (unsigned int i = 0; i < VR_DROP_REASONS; i++)
		if (i != reason && after.dropped[i] != before.dropped[i])
			printf("\n  dropped as %s", vr_drop_name(i));
	return lab_assert_at(after.dropped[reason] == before.dropped[reason] + 1 &&
				     after.dropped_all == before.dropped_all + 1,
		       what, file, line) &&
	       lab_expect_nothing_at(file, line);
}

bool
pair_ignores_at(unsigned int port, const struct frame *frame, enum classify_drop reason,
	const char *file, unsigned int line)
{
	uint64_t received = lab_stats("r").received;
	struct port_stats before, after;
	char what[128];
	bool alone;

	port_stats_read(lab.vrouter, port, &before);
	lab_inject(port, frame);
	lab_pump();
	port_stats_read(lab.vrouter, port, &after);
	before.classify.dropped[reason]++;
	alone = memcmp(before.classify.dropped, after.classify.dropped,
			sizeof(after.classify.dropped)) == 0;
	snprintf(what, sizeof(what), "dropped by the port as %s alone", classify_drop_name(reason));
	return lab_assert_at(alone, what, file, line) &&
	       lab_assert_at(lab_stats("r").received == received, "not received", file, line) &&
	       lab_expect_nothing_at(file, line);
}
