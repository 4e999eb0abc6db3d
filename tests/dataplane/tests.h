/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef DATAPLANE_TESTS_H
#define DATAPLANE_TESTS_H

#include <CUnit/CUnit.h>

/* The suites, in the order in which they run. */
#define SUITES(X) \
	X(forward) \
	X(icmp) \
	X(echo) \
	X(arp) \
	X(resolve) \
	X(nd) \
	X(dad) \
	X(ra) \
	X(input) \
	X(overload) \
	X(own_port) \
	X(change) \
	X(isolation) \
	X(routes) \
	X(paths) \
	X(multicast) \
	X(tags) \
	X(options) \
	X(redirect) \
	X(reassembly) \
	X(martians) \
	X(ipv6) \
	X(fragments) \
	X(links) \
	X(acl) \
	X(mirror) \
	X(pipeline) \
	X(elements) \
	X(nat44) \
	X(wire) \
	X(tunnels) \
	X(tunnel_ways) \
	X(watchdog)

#define X(name) extern CU_TestInfo name##_tests[];
SUITES(X)
#undef X

#endif
