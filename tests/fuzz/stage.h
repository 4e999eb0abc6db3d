/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef FUZZ_STAGE_H
#define FUZZ_STAGE_H

#include "lab.h"

/*
 * The lab as the fuzz targets have it: two workers, three ports, and routers made anew for each
 * input. EAL, ports, workers and the pool stay; they know no router once theirs are gone.
 *
 * So each input finds the same state and a finding shows again when its input is replayed by
 * itself. To keep routers between inputs would be faster by a third, and let one input build upon
 * another; but what it finds then depends on thousands of inputs before, which nobody can replay.
 * An input holds several frames and moments instead. What is left of chance is the TSC, by which
 * the schedule sizes turns and rates are limited.
 *
 *	port a (0)  r.plain    untagged  10.0.0.1/24, 10.0.1.1/24, 10.0.2.1/30, 2001:db8::1/64,
 *	                                 fe80::1/64; advertises itself
 *	            r.tagged   VLAN 10   192.0.2.1/24, 2001:db8:1::1/64
 *	            s.plain    untagged  10.0.0.1/24, 2001:db8::1/64
 *	port b (1)  r.uplink   VLAN 20   203.0.113.0/31      an MTU of 576
 *	            s.uplink   VLAN 20   203.0.113.2/31
 *	            r.host     VLAN 30   198.51.100.1/32
 *	            n.lan, n.wan  VLAN 11 of a, 10.0.0.1/24; VLAN 21 of b, 192.0.2.1/24, the outside
 *	                                 of its nat44
 *	port c (2)  r.bare     untagged  no address          an MTU of 1280
 *	            r.inner    VLAN 10 in service VLAN 5    198.51.101.1/24, 2001:db8:2::1/127
 *	            w.a        VLAN 40   a wire's, to t
 *	            p.outside  VLAN 51   192.0.2.129/25, 2001:db8:9::1/64
 *	port a (0)  p.inside   VLAN 50   10.8.0.1/24, 2001:db8:8::1/64
 *	links       r.link 10.5.0.1/30, 2001:db8:5::1/64 to t.link 10.5.0.2/30, 2001:db8:5::2/64
 *	            t.wire 10.6.0.1/24, 2001:db8:6::1/64 to w.b
 *
 * tunnels     r.ipip     10.0.0.1 to 10.0.0.2           10.7.0.1/30, 2001:db8:70::1/64
 *             r.gre      2001:db8::1 to 2001:db8::2     10.7.1.1/30, 2001:db8:71::1/64; key 1
 *             r.vxlan    192.0.2.1 to 192.0.2.2         10.7.2.1/24, 2001:db8:72::1/64; VNI 1
 *             r.nested   gre, 10.7.0.1 to 198.23.1.1    10.7.3.1/30, 2001:db8:73::1/64; in r.ipip
 *             s.away     gre, 192.0.2.1 to 192.0.2.2    10.7.4.1/30, 2001:db8:74::1/64; by r
 *
 * r reaches 198.23.0.0/16 and on, 2001:db8:27::/48 and on by them in this order, s 198.27.0.0/16.
 *
 * p sends all that it does not know out; w counts and marks. stage_set_elements() gives p a
 * pipeline with an element of each type, which translates 10.8.0.0/24 to 192.0.2.140. It takes some
 * milliseconds to make, which is why not every input has it.
 *
 * t sends IPv4 that it does not know back to r, half of 198.22.0.0/16 too, and IPv6 by the wire.
 *
 * MACs are 02:00:00:00:00:01 and on for r, ...:11 and on for s, ...:21 and on for t,
 * ...:31 and on for p, in this order.
 */

#define STAGE_PORTS 3
#define STAGE_WORKERS 2

/* EAL and the lab. Once; ends the process if it cannot. */
void stage_open(char *name);

/* The routers, fresh. */
void stage_begin(void);

/* Makes p's pipeline anew, or takes it away. */
void stage_set_elements(bool set);

/*
 * The routers go, all that there are. Asserts that the counters add up, no buffer is lost, and
 * frames sent are such as a router may send.
 */
void stage_end(void);

/* Looks at the frames sent so far and forgets them. */
void stage_check_sent(void);

#endif
