/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <string.h>

#include "tube.h"
#include "vrf/tunnel.h"

struct tube tube;

static const char *
or_nothing(const char *text)
{
	return text != NULL ? text : "";
}

static const char *
type_members(void)
{
	static const char *const members[TUBE_TYPES] = {
		[TUBE_IPIP] = "'type': 'ipip',",
		[TUBE_GRE] = "'type': 'gre',",
		[TUBE_GRE_KEY] = "'type': 'gre', 'key': 14600926,",
		[TUBE_VXLAN] = "'type': 'vxlan', 'vni': 14600926,",
	};

	return members[tube.type];
}

void
tube_open(struct tube options)
{
	bool vxlan = options.type == TUBE_VXLAN;

	tube = options;
	pair = (struct pair_options){ .ipv6 = true };
	lab_open(1,
		"{'ports': ["
		"  {'name': 'p0', 'device': 'net_ring_p0'},"
		"  {'name': 'p1', 'device': 'net_ring_p1', 'mtu': %u}],"
		" 'routers': [{'name': 'r', 'icmp_rate': 10000000, 'echo_rate': 10000000,"
		"  'interfaces': ["
		"   {'name': 'lan', 'port': 'p0', 'mac': '02:00:00:00:00:01',"
		"    'addresses': ['10.0.0.1/24', '2001:db8:a::1/64']},"
		"   {'name': 'wan', 'port': 'p1', 'mac': '02:00:00:00:00:02',"
		"    'addresses': ['192.0.2.1/24', '2001:db8:b::1/64']},"
		"   {'name': 't', %s %s 'tunnel': {%s %s 'local': '%s', 'remote': '%s'},"
		"    'addresses': ['172.16.0.1/30', 'fd00:77::1/64']} %s],"
		"  'routes': ["
		"   {'prefix': '203.0.113.0/24', 'via': '192.0.2.2'},"
		"   {'prefix': '2001:db8:9::/48', 'via': '2001:db8:b::2'},"
		"   {'prefix': '198.18.0.0/15', 'via': '172.16.0.2'},"
		"   {'prefix': '2001:db8:f000::/36', 'via': 'fd00:77::2'} %s],"
		"  'neighbours': [%s %s"
		"   {'interface': 'lan', 'address': '10.0.0.2', 'mac': '02:00:00:00:0a:02'},"
		"   {'interface': 'lan', 'address': '2001:db8:a::2',"
		"    'mac': '02:00:00:00:0a:02'}]}"
		" %s]}",
		options.wan_mtu != 0 ? options.wan_mtu : 1500,
		vxlan ? "'mac': '02:00:00:00:00:77'," : "", or_nothing(options.interface),
		type_members(), or_nothing(options.members),
		options.outer6 ? "2001:db8:b::1" : "192.0.2.1",
		options.outer6 ? "2001:db8:9::9" : "203.0.113.9", or_nothing(options.interfaces),
		or_nothing(options.routes),
		options.gateway_unknown ? ""
					: "{'interface': 'wan', 'address': '192.0.2.2',"
					  " 'mac': '02:00:00:00:02:02'},"
					  "{'interface': 'wan', 'address': '2001:db8:b::2',"
					  " 'mac': '02:00:00:00:02:02'},",
		vxlan ? "{'interface': 't', 'address': '172.16.0.2', 'mac': '02:00:00:00:77:02'},"
			"{'interface': 't', 'address': 'fd00:77::2', 'mac': '02:00:00:00:77:02'},"
		      : "",
		or_nothing(options.routers));
}

uint32_t
tube_overhead(void)
{
	static const uint32_t shims[TUBE_TYPES] = { 0, 4, 8, 8 + 8 + 14 };

	return (tube.outer6 ? 40 : 20) + shims[tube.type];
}

static uint8_t
protocol_of(uint16_t inner_type)
{
	switch (tube.type) {
	case TUBE_IPIP:
		return inner_type == ETHERTYPE_IPV6 ? 41 : 4;
	case TUBE_VXLAN:
		return PROTOCOL_UDP;
	default:
		return 47;
	}
}

static void
append_inner(struct frame *data, const struct tube_header *header, const struct frame *inner)
{
	static struct frame ethernet;
	uint16_t type = frame_get16(inner, frame_l3(inner) - 2);
	struct ethernet to_peer = { TUBE_PEER_MAC, TUBE_MAC };
	struct ethernet from_peer = { TUBE_MAC, TUBE_PEER_MAC };

	if (tube.type == TUBE_VXLAN && !header->raw) {
		frame_ethernet(&ethernet, header->back ? &from_peer : &to_peer, type);
		frame_bytes(data, ethernet.bytes, ethernet.length);
	}
	if (header->raw)
		frame_bytes(data, inner->bytes, inner->length);
	else
		frame_bytes(data, inner->bytes + frame_l3(inner), inner->length - frame_l3(inner));
}

/* What the outer IP packet carries, its UDP checksum zero. */
static void
fill_payload(struct frame *data, const struct tube_header *header, const struct frame *inner)
{
	uint16_t type = frame_get16(inner, frame_l3(inner) - 2);

	data->length = 0;
	if (header->shim != NULL) {
		frame_bytes(data, header->shim, header->n_shim);
	} else if (tube.type == TUBE_GRE) {
		frame_u16(data, 0);
		frame_u16(data, type);
	} else if (tube.type == TUBE_GRE_KEY) {
		frame_u16(data, 0x2000);
		frame_u16(data, type);
		frame_u32(data, TUBE_KEY);
	} else if (tube.type == TUBE_VXLAN) {
		frame_u16(data, header->source_port);
		frame_u16(data, TUBE_PORT);
		frame_u32(data, 0);
		frame_u32(data, 0x08000000);
		frame_u32(data, TUBE_KEY << 8);
	}
	append_inner(data, header, inner);
	if (tube.type == TUBE_VXLAN && header->shim == NULL)
		frame_set16(data, 4, (uint16_t)data->length);
}

static void
wrap_ipv4(struct frame *frame, const struct tube_header *header, struct ethernet ethernet,
	uint8_t protocol, const struct frame *data)
{
	struct ipv4 outer = { .ethernet = ethernet,
		.source = header->back ? END_IP : WAN_IP,
		.destination = header->back ? WAN_IP : END_IP,
		.ttl = header->ttl,
		.protocol = protocol,
		.tos = header->tos,
		.id = header->id,
		.fragment = header->fragment != 0 ? header->fragment : FRAGMENT_DONT,
		.payload = data->bytes,
		.length = data->length };

	frame_ipv4(frame, &outer);
}

static void
wrap_ipv6(struct frame *frame, const struct tube_header *header, struct ethernet ethernet,
	uint8_t protocol, struct frame *data)
{
	struct ipv6 outer = { .ethernet = ethernet,
		.source = header->back ? END_IP6 : WAN_IP6,
		.destination = header->back ? WAN_IP6 : END_IP6,
		.hop_limit = header->ttl,
		.next_header = protocol,
		.traffic_class = header->tos,
		.payload = data->bytes,
		.length = data->length };
	uint16_t sum;

	if (protocol == PROTOCOL_UDP && !header->no_checksum) {
		sum = slow_checksum6(&outer, protocol, data->bytes, data->length);
		frame_set16(data, 6, sum != 0 ? sum : 0xffff);
	}
	frame_ipv6(frame, &outer);
}

void
tube_wrap(struct frame *frame, const struct tube_header *header, const struct frame *inner)
{
	static struct frame data;
	uint8_t protocol = protocol_of(frame_get16(inner, frame_l3(inner) - 2));
	struct ethernet out = pair_to_gateway();
	struct ethernet in = { WAN_MAC, GATEWAY_MAC };

	fill_payload(&data, header, inner);
	if (tube.outer6)
		wrap_ipv6(frame, header, header->back ? in : out, protocol, &data);
	else
		wrap_ipv4(frame, header, header->back ? in : out, protocol, &data);
}

bool
tube_expect_at(const struct tube_header *header, const struct frame *inner, const char *file,
	unsigned int line)
{
	struct tube_header wanted = *header;
	static struct frame sent, expected;
	uint32_t ports = 14 + (tube.outer6 ? 40 : 20);

	if (!lab_take(WAN, &sent))
		return lab_assert_at(false, "a frame is sent into the tunnel", file, line);
	if (tube.type == TUBE_VXLAN) {
		wanted.source_port = frame_get16(&sent, ports);
		lab_assert_at(wanted.source_port >= 49152, "the source port is a dynamic one", file,
			line);
	}
	tube_wrap(&expected, &wanted, inner);
	if (frame_equal(&sent, &expected))
		return lab_assert_at(true, "", file, line);
	frame_dump("sent", &sent);
	frame_dump("expected", &expected);
	return lab_assert_at(false, "the frame sent is the one expected", file, line);
}

void
tube_inject(const struct tube_header *header, const struct frame *inner)
{
	static struct frame frame;

	tube_wrap(&frame, header, inner);
	lab_inject(WAN, &frame);
}

struct vr_interface *
tube_interface(void)
{
	struct vr *vr = lab_router("r")->vr;

	return (struct vr_interface *)(uintptr_t)vr_interface_find(vr, "t");
}
