/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <stdlib.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_memory.h>
#include <sanitizer/lsan_interface.h>

#include "guard.h"
#include "stage.h"

/* Little enough for an input to fill. */
#define TX_ROOM 16

static const char *const routers[] = {
	"{'name': 'r', 'lcore': 0, 'fifo': 64, 'icmp_rate': 10000000, 'echo_rate': 10000000,"
	" 'max_routes': 64, 'max_neighbours': 24, 'accept_source_route': true, 'interfaces': ["
	"  {'name': 'plain', 'port': 'a', 'mac': '02:00:00:00:00:01',"
	"   'addresses': ['10.0.0.1/24', '10.0.1.1/24', '10.0.2.1/30', '2001:db8::1/64',"
	"   'fe80::1/64'], 'router_advertisement': {'max_interval': 4}},"
	"  {'name': 'tagged', 'port': 'a', 'vlan': 10, 'mac': '02:00:00:00:00:02',"
	"   'addresses': ['192.0.2.1/24', '2001:db8:1::1/64']},"
	"  {'name': 'uplink', 'port': 'b', 'vlan': 20, 'mac': '02:00:00:00:00:03',"
	"   'addresses': ['203.0.113.0/31']},"
	"  {'name': 'host', 'port': 'b', 'vlan': 30, 'mac': '02:00:00:00:00:04',"
	"   'addresses': ['198.51.100.1/32']},"
	"  {'name': 'bare', 'port': 'c', 'mac': '02:00:00:00:00:05', 'addresses': []},"
	"  {'name': 'inner', 'port': 'c', 'outer_vlan': 5, 'vlan': 10, 'mac': '02:00:00:00:00:06',"
	"   'addresses': ['198.51.101.1/24', '2001:db8:2::1/127']},"
	"  {'name': 'link', 'mac': '02:00:00:00:00:07',"
	"   'addresses': ['10.5.0.1/30', '2001:db8:5::1/64']},"
	"  {'name': 'ipip', 'tunnel': {'type': 'ipip', 'local': '10.0.0.1', 'remote': '10.0.0.2',"
	"    'ttl': 'inherit'}, 'addresses': ['10.7.0.1/30', '2001:db8:70::1/64']},"
	"  {'name': 'gre', 'tunnel': {'type': 'gre', 'key': 1, 'local': '2001:db8::1',"
	"    'remote': '2001:db8::2'}, 'addresses': ['10.7.1.1/30', '2001:db8:71::1/64']},"
	"  {'name': 'vxlan', 'mac': '02:00:00:00:00:08', 'tunnel': {'type': 'vxlan', 'vni': 1,"
	"    'local': '192.0.2.1', 'remote': '192.0.2.2'},"
	"    'addresses': ['10.7.2.1/24', '2001:db8:72::1/64']},"
	"  {'name': 'nested', 'tunnel': {'type': 'gre', 'local': '10.7.0.1',"
	"    'remote': '198.23.1.1'}, 'addresses': ['10.7.3.1/30', '2001:db8:73::1/64']}],"
	" 'routes': ["
	"  {'prefix': '198.18.0.0/16', 'via': '10.0.0.2'},"
	"  {'prefix': '198.19.0.0/16', 'via': '192.0.2.9'},"
	"  {'prefix': '198.20.0.0/16', 'via': '203.0.113.1'},"
	"  {'prefix': '198.21.0.0/16', 'via': ['10.0.0.2', '192.0.2.2', '203.0.113.1']},"
	"  {'prefix': '198.21.0.0/16', 'via': '192.0.2.77', 'distance': 9},"
	"  {'prefix': '198.22.0.0/16', 'via': '10.5.0.2'},"
	"  {'prefix': '198.23.0.0/16', 'via': '10.7.0.2'},"
	"  {'prefix': '198.24.0.0/16', 'via': '10.7.1.2'},"
	"  {'prefix': '198.25.0.0/16', 'via': '10.7.2.2'},"
	"  {'prefix': '198.26.0.0/16', 'via': '10.7.3.2'},"
	"  {'prefix': '2001:db8:27::/48', 'via': '2001:db8:70::2'},"
	"  {'prefix': '2001:db8:28::/48', 'via': ['fe80::9%gre', '2001:db8:72::2']},"
	"  {'prefix': '10.6.0.0/24', 'via': '10.5.0.2'},"
	"  {'prefix': '2001:db8:22::/48', 'via': '2001:db8:5::2'},"
	"  {'prefix': '2001:db8:18::/48', 'via': '2001:db8::2'},"
	"  {'prefix': '2001:db8:19::/48', 'via': 'fe80::2%plain'},"
	"  {'prefix': '2001:db8:20::/48', 'via': ['2001:db8:1::2', '2001:db8:2::']},"
	"  {'prefix': '2001:db8:21::/48', 'type': 'prohibit'},"
	"  {'prefix': '10.0.1.128/25', 'via': '10.0.0.3'},"
	"  {'prefix': '172.16.0.0/16', 'type': 'blackhole'},"
	"  {'prefix': '172.17.0.0/16', 'type': 'unreachable'},"
	"  {'prefix': '172.18.0.0/16', 'type': 'prohibit'}],"
	" 'neighbours': ["
	"  {'interface': 'plain', 'address': '10.0.0.2', 'mac': '02:00:00:00:0a:02'},"
	"  {'interface': 'tagged', 'address': '192.0.2.2', 'mac': '02:00:00:00:0b:02'},"
	"  {'interface': 'plain', 'address': '2001:db8::2', 'mac': '02:00:00:00:0a:02'},"
	"  {'interface': 'tagged', 'address': '2001:db8:1::2', 'mac': '02:00:00:00:0b:02'},"
	"  {'interface': 'uplink', 'address': '203.0.113.1', 'mac': '02:00:00:00:0c:02'}],"
	" 'multicast_routes': ["
	"  {'group': '239.1.1.1', 'in': 'plain', 'out': ['tagged', 'uplink', 'inner']},"
	"  {'group': 'ff0e::1', 'source': '2001:db8::2', 'in': 'plain', 'out': ['inner', "
	"'tagged']}]}",
	"{'name': 's', 'lcore': 1, 'fifo': 32, 'icmp_rate': 1, 'echo_rate': 1,"
	" 'neighbour_timeout': 2, 'max_routes': 64, 'max_neighbours': 4, 'interfaces': ["
	"  {'name': 'plain', 'port': 'a', 'mac': '02:00:00:00:00:11',"
	"   'addresses': ['10.0.0.1/24', '2001:db8::1/64']},"
	"  {'name': 'uplink', 'port': 'b', 'vlan': 20, 'mac': '02:00:00:00:00:12',"
	"   'addresses': ['203.0.113.2/31']},"
	"  {'name': 'away', 'tunnel': {'type': 'gre', 'router': 'r', 'local': '192.0.2.1',"
	"   'remote': '192.0.2.2'}, 'addresses': ['10.7.4.1/30', '2001:db8:74::1/64']}],"
	" 'routes': [{'prefix': '0.0.0.0/0', 'via': '203.0.113.3'},"
	"  {'prefix': '198.27.0.0/16', 'via': '10.7.4.2'}]}",
	"{'name': 't', 'lcore': 1, 'fifo': 32, 'icmp_rate': 10000000, 'echo_rate': 10000000,"
	" 'max_routes': 64, 'max_neighbours': 16, 'interfaces': ["
	"  {'name': 'link', 'mac': '02:00:00:00:00:21', 'mtu': 1280,"
	"   'addresses': ['10.5.0.2/30', '2001:db8:5::2/64']},"
	"  {'name': 'wire', 'mac': '02:00:00:00:00:22',"
	"   'addresses': ['10.6.0.1/24', '2001:db8:6::1/64']}],"
	" 'routes': ["
	"  {'prefix': '0.0.0.0/0', 'via': '10.5.0.1'},"
	"  {'prefix': '198.22.0.0/17', 'via': '10.6.0.2'},"
	"  {'prefix': '::/0', 'via': '2001:db8:6::2'}],"
	" 'neighbours': ["
	"  {'interface': 'wire', 'address': '10.6.0.2', 'mac': '02:00:00:00:0d:02'},"
	"  {'interface': 'wire', 'address': '2001:db8:6::2', 'mac': '02:00:00:00:0d:02'}]}",
	"{'name': 'n', 'lcore': 1, 'fifo': 32, 'icmp_rate': 10000000, 'echo_rate': 10000000,"
	" 'max_routes': 64, 'max_neighbours': 16, 'interfaces': ["
	"  {'name': 'lan', 'port': 'a', 'vlan': 11, 'mac': '02:00:00:00:00:31',"
	"   'addresses': ['10.0.0.1/24']},"
	"  {'name': 'wan', 'port': 'b', 'vlan': 21, 'mac': '02:00:00:00:00:32',"
	"   'addresses': ['192.0.2.1/24']}],"
	" 'routes': [{'prefix': '0.0.0.0/0', 'via': '192.0.2.2'}],"
	" 'neighbours': ["
	"  {'interface': 'lan', 'address': '10.0.0.2', 'mac': '02:00:00:00:0a:02'},"
	"  {'interface': 'lan', 'address': '10.0.0.3', 'mac': '02:00:00:00:0a:03'},"
	"  {'interface': 'wan', 'address': '192.0.2.2', 'mac': '02:00:00:00:0b:02'}],"
	" 'pipeline': {'ingress': [{'type': 'nat44', 'name': 'nat', 'outside': 'wan',"
	"   'addresses': ['192.0.2.1'], 'ports': [1024, 1031], 'filtering': 'address',"
	"   'inside': ['10.0.0.0/16'], 'max_sessions': 12, 'max_sessions_per_host': 8,"
	"   'static': [{'inside': '10.0.0.3', 'outside': '192.0.2.8'}],"
	"   'forwards': [{'protocol': 'udp', 'outside': '192.0.2.1', 'port': 9,"
	"    'inside': '10.0.0.2'}]}], 'egress': ['nat']}}",
	"{'name': 'w', 'lcore': 0, 'fifo': 32, 'forwarder': 'wire', 'interfaces': ["
	"  {'name': 'a', 'port': 'c', 'vlan': 40}, {'name': 'b'}],"
	" 'pipeline': {'ingress': ["
	"  {'type': 'count', 'prefixes': ['0.0.0.0/0', '2001:db8::/32']}],"
	"  'egress': ['count', {'type': 'mark', 'rules': [{'has_dscp': 'ef', 'dscp': 1}]}]}}",
	"{'name': 'p', 'lcore': 1, 'fifo': 32, 'icmp_rate': 10000000, 'echo_rate': 10000000,"
	" 'max_routes': 64, 'max_neighbours': 8, 'interfaces': ["
	"  {'name': 'inside', 'port': 'a', 'vlan': 50, 'mac': '02:00:00:00:00:31',"
	"   'addresses': ['10.8.0.1/24', '2001:db8:8::1/64']},"
	"  {'name': 'outside', 'port': 'c', 'vlan': 51, 'mac': '02:00:00:00:00:32',"
	"   'addresses': ['192.0.2.129/25', '2001:db8:9::1/64']}],"
	" 'routes': ["
	"  {'prefix': '0.0.0.0/0', 'via': '192.0.2.130'},"
	"  {'prefix': '172.16.0.0/16', 'type': 'blackhole'},"
	"  {'prefix': '::/0', 'via': '2001:db8:9::2'}],"
	" 'neighbours': ["
	"  {'interface': 'inside', 'address': '10.8.0.2', 'mac': '02:00:00:00:0a:02'},"
	"  {'interface': 'inside', 'address': '2001:db8:8::2', 'mac': '02:00:00:00:0a:02'},"
	"  {'interface': 'outside', 'address': '192.0.2.130', 'mac': '02:00:00:00:0e:02'},"
	"  {'interface': 'outside', 'address': '2001:db8:9::2', 'mac': '02:00:00:00:0e:02'}],"
	" 'multicast_routes': [{'group': '239.1.1.1', 'in': 'inside', 'out': ['outside']}]}",
};

/* One of each type; more would make each input slow. */
static const char elements[] =
	"{'ingress': ["
	"  {'type': 'ttl_guard', 'minimum': 250, 'protocol': 'tcp', 'destination_port': '170-180'},"
	"  {'type': 'urpf', 'interfaces': ['inside']},"
	"  {'type': 'acl', 'default': 'permit', 'rules': ["
	"   {'action': 'count', 'source': '10.8.0.0/25'},"
	"   {'action': 'deny', 'protocol': 'tcp', 'tcp_flags': 'syn,fin'},"
	"   {'action': 'deny', 'protocol': 'icmp', 'icmp_type': 13},"
	"   {'action': 'deny', 'protocol': 'udp', 'destination_port': '1-8'},"
	"   {'action': 'deny', 'destination': '2001:db8:dead::/48', 'fragment': 'any'}]},"
	"  {'type': 'police', 'color_aware': true, 'committed_rate': 1000000,"
	"   'committed_burst': 2000, 'peak_rate': 100000000, 'peak_burst': 20000,"
	"   'yellow': 'mark', 'yellow_dscp': 'af12', 'classes': [{'dscps': ['ef'],"
	"    'committed_rate': 8000, 'committed_burst': 500, 'peak_rate': 8000,"
	"    'peak_burst': 500}]},"
	"  {'type': 'nat44', 'outside': 'outside', 'addresses': ['192.0.2.140'],"
	"   'inside': ['10.8.0.0/24'], 'ports': [1024, 1039], 'max_sessions': 16,"
	"   'filtering': 'address', 'static': [{'inside': '10.8.0.3', 'outside': '192.0.2.141'}],"
	"   'forwards': [{'protocol': 'tcp', 'outside': '192.0.2.140', 'port': 80,"
	"    'inside': '10.8.0.2'}]},"
	"  {'type': 'count', 'by': 'source', 'prefixes': ['10.0.0.0/8', '10.8.0.0/25',"
	"   '2001:db8::/32', '::/0']}],"
	" 'egress': ["
	"  {'type': 'mark', 'dscp': 'cs1', 'rules': ["
	"   {'protocol': 'udp', 'source_port': 53, 'dscp': 'af41'},"
	"   {'source': '2001:db8:8::/64', 'dscp': 'ef'}]},"
	"  'nat44', 'count',"
	"  {'type': 'mirror', 'interface': 'inside', 'sample': 2},"
	"  {'type': 'burn', 'cycles': 10, 'distribution': 'uniform'},"
	"  {'type': 'shape', 'rate': 100000000, 'burst': 200, 'max_delay': 1, 'early_delay': 0,"
	"   'max_packets': 16, 'interface': 'outside'}]}";

static const struct {
	const char *ends[2];
} links[] = { { { "r:link", "t:link" } }, { { "t:wire", "w:b" } } };

/* Memory of DPDK's, which may hold the only pointer to some that malloc() gave. */
static int
add_root(const struct rte_memseg_list *list, void *context)
{
	(void)context;
	__lsan_register_root_region(list->base_va, list->len);
	return 0;
}

static void
start_eal(char *name)
{
	char *eal_args[] = { name, "--no-huge", "-m", "256", "--no-pci", "--no-shconf",
		"--no-telemetry", "-l", "0", "--log-level", "*:4", "--mbuf-pool-ops-name",
		GUARD_OPS };

	if (rte_eal_init(RTE_DIM(eal_args), eal_args) < 0) {
		fprintf(stderr, "EAL did not start: %s\n", rte_strerror(rte_errno));
		exit(1);
	}
	rte_memseg_list_walk(add_root, NULL);
	/* Pools have no cache for a thread that is no lcore. */
	RTE_PER_LCORE(_lcore_id) = LCORE_ID_ANY;
}

void
stage_open(char *name)
{
	start_eal(name);
	lab.tx_room = TX_ROOM;
	lab_open(STAGE_WORKERS, "{'mbufs': 32768, 'ports': ["
				" {'name': 'a', 'device': 'net_ring_a', 'lcore': 0},"
				" {'name': 'b', 'device': 'net_ring_b', 'lcore': 1, 'mtu': 576},"
				" {'name': 'c', 'device': 'net_ring_c', 'lcore': 0, 'mtu': 1280}],"
				" 'routers': []}");
	lab.chains = true;
	lab.starves = true;
	lab.mirrors = true;
	guard_start(lab.vrouter->pool);
}

void
stage_begin(void)
{
	lab_start_accounts();
	for (unsigned int i = 0; i < RTE_DIM(routers); i++) {
		if (lab_add_router("%s", routers[i]) != 0) {
			fprintf(stderr, "%s\n", lab_error());
			abort();
		}
	}
	/* They stay when their routers go. */
	for (unsigned int i = lab.vrouter->config->n_links; i < RTE_DIM(links); i++) {
		if (lab_add_link(links[i].ends[0], links[i].ends[1]) != 0) {
			fprintf(stderr, "%s\n", lab_error());
			abort();
		}
	}
	/* Past the time in which IPv6 addresses are tried. */
	lab_settle();
}

void
stage_set_elements(bool set)
{
	if (lab_set_pipeline("p", "%s", set ? elements : "{}") == 0)
		return;
	fprintf(stderr, "%s\n", lab_error());
	abort();
}

/* IPv4 as it must be on the wire: nothing cut off, nothing behind it, a checksum that verifies. */
static void
check_ipv4(const struct frame *frame, uint32_t l3)
{
	uint32_t header = (frame->bytes[l3] & 0x0f) * 4u;

	CU_ASSERT_FATAL(frame->length >= l3 + 20);
	CU_ASSERT_FATAL(frame->bytes[l3] >> 4 == 4 && header >= 20);
	CU_ASSERT_FATAL(frame_get16(frame, l3 + 2) == frame->length - l3);
	CU_ASSERT_FATAL(header <= frame->length - l3);
	CU_ASSERT(slow_checksum(frame->bytes + l3, header) == 0);
	CU_ASSERT(frame->bytes[l3 + 8] > 0);
}

/* A wire relays whatever comes. */
static bool
is_of_wire(unsigned int port, const struct frame *frame)
{
	return port == 2 && frame_get16(frame, 12) == ETHERTYPE_VLAN &&
	       (frame_get16(frame, 14) & 0xfff) == 40;
}

void
stage_check_sent(void)
{
	static struct frame frame;

	for (unsigned int i = 0; i < STAGE_PORTS; i++) {
		while (lab_take(i, &frame)) {
			uint32_t l3 = frame_l3(&frame);

			if (is_of_wire(i, &frame))
				continue;
			CU_ASSERT_FATAL(frame.length > l3);
			if (frame_get16(&frame, l3 - 2) == ETHERTYPE_IPV4)
				check_ipv4(&frame, l3);
		}
	}
}

void
stage_end(void)
{
	struct router *router;

	lab.hold = false;
	lab_pump();
	while ((router = TAILQ_FIRST(&lab.vrouter->routers)) != NULL)
		CU_ASSERT_FATAL(lab_delete_router(router->name) == 0);
	lab_pump();
	stage_check_sent();
	lab_check_accounts();
}
