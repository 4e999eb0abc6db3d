/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef DATAPLANE_BURST_H
#define DATAPLANE_BURST_H

#include "pair.h"

/*
 * Several routers like "r" of pair.h, each on a VLAN of its own on both ports, and bursts of
 * numbered packets from the host of one to far away.
 */

#define N 100 /* packets of a burst, where the number does not matter */

/* Arguments: name, more members ("'weight': 3,"), VLAN of the lan, VLAN of the wan. */
#define ROUTER \
	"{'name': '%s', %s 'interfaces': [" \
	" {'name': 'lan', 'port': 'p0', 'vlan': %u, 'mac': '02:00:00:00:00:01'," \
	"  'addresses': ['10.0.0.1/24']}," \
	" {'name': 'wan', 'port': 'p1', 'vlan': %u, 'mac': '02:00:00:00:00:02'," \
	"  'addresses': ['192.0.2.1/24']}]," \
	" 'routes': [{'prefix': '198.18.0.0/15', 'via': '192.0.2.2'}]," \
	" 'neighbours': [{'interface': 'lan', 'address': '10.0.0.2', 'mac': '02:00:00:00:0a:02'}," \
	"  {'interface': 'wan', 'address': '192.0.2.2', 'mac': '02:00:00:00:02:02'}]}"
#define PORTS(lcore0, lcore1) \
	"'ports': [{'name': 'p0', 'device': 'net_ring_p0', 'lcore': " lcore0 "}," \
	" {'name': 'p1', 'device': 'net_ring_p1', 'lcore': " lcore1 "}]"

struct ipv4 packet_on(uint16_t vlan, uint16_t id);

/* Injects packets 0 .. n - 1. */
void inject_burst(uint16_t vlan, unsigned int n);

/*
 * Takes all that was sent on the wan; gives how many frames of it are on the VLAN, and asserts that
 * they are as expected and in order.
 */
unsigned int take_in_order(uint16_t vlan);

#endif
