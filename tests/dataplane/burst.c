/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "burst.h"

struct ipv4
packet_on(uint16_t vlan, uint16_t id)
{
	struct ipv4 ipv4 = pair_packet();

	ipv4.ethernet.tag = vlan;
	ipv4.id = id;
	return ipv4;
}

void
inject_burst(uint16_t vlan, unsigned int n)
{
	static struct frame frame;

	for (unsigned int i = 0; i < n; i++) {
		struct ipv4 ipv4 = packet_on(vlan, (uint16_t)i);

		frame_ipv4(&frame, &ipv4);
		lab_inject(LAN, &frame);
	}
}

unsigned int
take_in_order(uint16_t vlan)
{
	static struct frame sent, expected;
	unsigned int n = 0;
	int last = -1;

	while (lab_take(WAN, &sent)) {
		struct ipv4 ipv4 = packet_on(vlan, frame_get16(&sent, frame_l3(&sent) + 4));

		if (frame_get16(&sent, 14) != vlan)
			continue;
		ipv4.ethernet = (struct ethernet){ GATEWAY_MAC, WAN_MAC, vlan };
		ipv4.ttl--;
		frame_ipv4(&expected, &ipv4);
		CU_ASSERT(frame_equal(&sent, &expected));
		CU_ASSERT(ipv4.id > last);
		last = ipv4.id;
		n++;
	}
	return n;
}
