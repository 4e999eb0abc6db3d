/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Writes what one case of scale.py needs: OUTPUT.routes for dpdk-vrouter, OUTPUT.rules for l3fwd
 * (where it is small enough), and OUTPUT.traffic (traffic.h). The same arguments give the same
 * files.
 *
 * scenario --family 4|6 --routes N --flows N --gateways N --output PATH [--table FILE] [--seed N]
 *	[--vlans FIRST:COUNT] [--uniform] [--macs N]
 *
 * Up to 512 routes are networks side by side, of the blocks that RFC 2544 and RFC 5180 set aside
 * for benchmarks; more are drawn from the table of the Internet, FILE or a made-up one, and 0
 * stands for all of it. Route i leads to gateway i modulo N: 192.168.G.2 or fd00:0:0:G::2.
 * Destinations are inside the prefixes, each as likely as another; with --uniform they are any
 * unicast address, and a default route takes those that are in none. Flow i is on VLAN FIRST + i
 * modulo COUNT, and when all have had their turn for the next of the N MACs, 02:00:00:00:00:01 and
 * so on.
 */

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "lpm_routes.h"
#include "traffic.h"

#define SIDE_BY_SIDE_MAX 512
#define L3FWD_RULES_MAX 512
#define NO_NEXT_HEADER 59 /* RFC 8200 4.7 */

static struct {
	enum lpm_family family;
	uint32_t routes;
	uint32_t flows;
	uint32_t gateways;
	uint32_t first_vlan;
	uint32_t vlans; /* 0: untagged */
	uint32_t macs;
	uint64_t seed;
	const char *table;
	const char *output;
	bool uniform;
} options = { .family = LPM_IPV4, .routes = 1, .flows = 1, .gateways = 1, .seed = 1, .macs = 1 };

static uint64_t random_state;

static void __attribute__((noreturn)) fail(const char *name, const char *what)
{
	fprintf(stderr, "scenario: %s: %s\n", name, what);
	exit(1);
}

static FILE *
create(const char *suffix)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s.%s", options.output, suffix);
	file = fopen(path, "w");
	if (file == NULL)
		fail(path, strerror(errno));
	return file;
}

static void
finish(FILE *file)
{
	if (fclose(file) != 0)
		fail(options.output, strerror(errno));
}

/* 198.18.i.0/24 and 2001:2:0:i::/64. */
static void
side_by_side(struct routes *routes)
{
	routes->count = options.routes;
	routes->list = calloc(routes->count, sizeof(routes->list[0]));
	if (routes->list == NULL)
		fail("routes", "no memory");
	for (uint32_t i = 0; i < routes->count; i++) {
		struct key ipv6 = { UINT64_C(0x2001000200000000) + i, 0 };

		if (options.family == LPM_IPV4) {
			routes->list[i].key = key_of_ipv4(RTE_IPV4(198, 18, 0, 0) + (i << 8));
			routes->list[i].depth = 24;
		} else {
			routes->list[i].key = ipv6;
			routes->list[i].depth = 64;
		}
	}
}

/* Where packets from the Internet can go; the experiment's own networks are private ones. */
static bool
is_destination(struct key key)
{
	uint32_t ipv4 = key_to_ipv4(key);

	if (options.family == LPM_IPV6)
		return key.high >> 61 == 1;
	return ipv4 >= RTE_IPV4(1, 0, 0, 0) && ipv4 < RTE_IPV4(224, 0, 0, 0) && ipv4 >> 24 != 10 &&
	       ipv4 >> 24 != 127 && ipv4 >> 20 != 0xac1 && ipv4 >> 16 != 0xc0a8;
}

/* Tables that were seen somewhere have some private networks too. */
static void
leave_out_private(struct routes *routes)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < routes->count; i++)
		if (is_destination(routes->list[i].key))
			routes->list[kept++] = routes->list[i];
	routes->count = kept;
}

static void
of_the_internet(struct routes *routes)
{
	if (options.table != NULL && routes_load(routes, options.family, options.table) < 0)
		exit(1);
	if (options.table == NULL && routes_make(routes, options.family, 0, options.seed) < 0)
		fail("routes", "no memory");
	leave_out_private(routes);
	if (options.routes == 0)
		return;
	if (options.routes > routes->count)
		fail("--routes", "the table has fewer");
	routes_shuffle(routes, options.seed);
	routes->count = options.routes;
}

static void
text_of(const struct route *route, char text[INET6_ADDRSTRLEN])
{
	rte_be32_t ipv4 = rte_cpu_to_be_32(key_to_ipv4(route->key));
	uint8_t ipv6[16];

	key_to_ipv6(route->key, ipv6);
	if (options.family == LPM_IPV4)
		inet_ntop(AF_INET, &ipv4, text, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, ipv6, text, INET6_ADDRSTRLEN);
}

static void
write_routes(const struct routes *routes)
{
	const char *gateway = options.family == LPM_IPV4 ? "192.168.%u.2\n" : "fd00:0:0:%x::2\n";
	FILE *file = create("routes");
	char text[INET6_ADDRSTRLEN];

	for (uint32_t i = 0; i < routes->count; i++) {
		text_of(&routes->list[i], text);
		fprintf(file, "%s/%u via ", text, routes->list[i].depth);
		fprintf(file, gateway, i % options.gateways);
	}
	if (options.uniform) {
		fprintf(file, "%s via ", options.family == LPM_IPV4 ? "0.0.0.0/0" : "::/0");
		fprintf(file, gateway, 0u);
	}
	finish(file);
}

/* It wants all eight groups of an IPv6 address, with four digits each. */
static void
write_rules(const struct routes *routes)
{
	FILE *file = create("rules");
	char text[INET6_ADDRSTRLEN];
	uint8_t ipv6[16];

	for (uint32_t i = 0; i < routes->count; i++) {
		text_of(&routes->list[i], text);
		key_to_ipv6(routes->list[i].key, ipv6);
		fprintf(file, "R");
		if (options.family == LPM_IPV4)
			fprintf(file, "%s", text);
		for (unsigned int at = 0; options.family == LPM_IPV6 && at < 16; at += 2)
			fprintf(file, "%s%02x%02x", at > 0 ? ":" : "", ipv6[at], ipv6[at + 1]);
		fprintf(file, "/%u 1\n", routes->list[i].depth);
	}
	finish(file);
}

static struct key
destination(const struct routes *routes)
{
	struct key key;

	do {
		const struct route *route = &routes->list[random64(&random_state) % routes->count];

		key = route_address(route, &random_state);
		if (options.uniform)
			key = (struct key){ random64(&random_state), random64(&random_state) };
		if (options.uniform && options.family == LPM_IPV6) /* 2000::/3 */
			key.high = key.high >> 3 | UINT64_C(1) << 61;
	} while (!is_destination(key));
	return key;
}

static rte_be16_t
vlan_of(uint32_t flow)
{
	uint32_t vlan = options.vlans == 0 ? 0 : options.first_vlan + flow % options.vlans;

	return rte_cpu_to_be_16((uint16_t)vlan);
}

static uint8_t
mac_of(uint32_t flow)
{
	return options.vlans == 0 ? 1 : (uint8_t)(1 + flow / options.vlans % options.macs);
}

static uint32_t
l3_offset(void)
{
	return RTE_ETHER_HDR_LEN + (options.vlans > 0 ? sizeof(struct rte_vlan_hdr) : 0);
}

static void
write_flow_ipv4(FILE *file, const struct traffic_header *header, struct key key, uint32_t number)
{
	struct traffic_flow_ipv4 flow = { .vlan = vlan_of(number), .mac = mac_of(number) };
	struct rte_ipv4_hdr ip;

	memcpy(&ip, header->frame + l3_offset(), sizeof(ip));
	ip.src_addr = rte_cpu_to_be_32(
		RTE_IPV4(100, 64, 0, 1) + (uint32_t)(random64(&random_state) % 0x3ffffe));
	ip.dst_addr = rte_cpu_to_be_32(key_to_ipv4(key));
	flow.source = ip.src_addr;
	flow.destination = ip.dst_addr;
	flow.checksum = rte_ipv4_cksum(&ip);
	fwrite(&flow, sizeof(flow), 1, file);
}

static void
write_flow_ipv6(FILE *file, struct key key, uint32_t number)
{
	struct traffic_flow_ipv6 flow = { .vlan = vlan_of(number), .mac = mac_of(number) };

	key_to_ipv6(key, flow.destination);
	flow.source = (rte_be32_t)random64(&random_state);
	fwrite(&flow, sizeof(flow), 1, file);
}

static void
make_ipv4(uint8_t *at)
{
	struct rte_ipv4_hdr ip = { .version_ihl = 0x45, .time_to_live = 64 };
	uint16_t length = TRAFFIC_FRAME - l3_offset();
	struct rte_udp_hdr udp = { .src_port = RTE_BE16(1024), .dst_port = RTE_BE16(1024) };

	ip.total_length = rte_cpu_to_be_16(length);
	ip.next_proto_id = IPPROTO_UDP;
	udp.dgram_len = rte_cpu_to_be_16(length - sizeof(ip));
	memcpy(at, &ip, sizeof(ip));
	memcpy(at + sizeof(ip), &udp, sizeof(udp));
}

/* No UDP header would fit behind this one and a tag. */
static void
make_ipv6(uint8_t *at)
{
	struct rte_ipv6_hdr ip = { .vtc_flow = RTE_BE32(0x60000000), .hop_limits = 64 };
	static const uint8_t source[16] = { 0x20, 0x01, 0x00, 0x02, 0xff };

	ip.payload_len = rte_cpu_to_be_16(TRAFFIC_FRAME - l3_offset() - sizeof(ip));
	ip.proto = NO_NEXT_HEADER;
	memcpy(ip.src_addr, source, sizeof(source));
	memcpy(at, &ip, sizeof(ip));
}

static void
make_frame(struct traffic_header *header)
{
	static const uint8_t macs[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 1, 0 };
	bool is_ipv4 = options.family == LPM_IPV4;
	uint16_t type = is_ipv4 ? RTE_ETHER_TYPE_IPV4 : RTE_ETHER_TYPE_IPV6;
	uint8_t *at = header->frame + l3_offset();

	memcpy(header->frame, macs, sizeof(macs));
	header->frame[12] = RTE_ETHER_TYPE_VLAN >> 8; /* overwritten if there is no tag */
	header->frame[13] = RTE_ETHER_TYPE_VLAN & 0xff;
	at[-2] = type >> 8;
	at[-1] = type & 0xff;
	if (is_ipv4)
		make_ipv4(at);
	else
		make_ipv6(at);
}

static void
write_traffic(const struct routes *routes)
{
	struct traffic_header header = { .magic = TRAFFIC_MAGIC,
		.flows = options.flows,
		.is_ipv6 = options.family == LPM_IPV6,
		.is_tagged = options.vlans > 0 };
	FILE *file = create("traffic");

	make_frame(&header);
	fwrite(&header, sizeof(header), 1, file);
	for (uint32_t i = 0; i < options.flows; i++) {
		struct key key = destination(routes);

		if (options.family == LPM_IPV4)
			write_flow_ipv4(file, &header, key, i);
		else
			write_flow_ipv6(file, key, i);
	}
	finish(file);
}

static uint32_t
number(const char *text, uint32_t low, uint32_t high, const char *name)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text >= '0' && *text <= '9' && *end == '\0' && value >= low && value <= high)
		return (uint32_t)value;
	fprintf(stderr, "scenario: --%s %s: expected a number from %u to %u\n", name, text, low,
		high);
	exit(1);
}

static void
parse_vlans(char *text)
{
	char *colon = strchr(text, ':');

	if (colon == NULL)
		fail("--vlans", "expected FIRST:COUNT");
	*colon = '\0';
	options.first_vlan = number(text, 1, 4094, "vlans");
	options.vlans = number(colon + 1, 1, 4095 - options.first_vlan, "vlans");
}

static void
parse_options(int argc, char **argv)
{
	static const struct option known[] = {
		{ "family", required_argument, NULL, 'F' },
		{ "routes", required_argument, NULL, 'r' },
		{ "flows", required_argument, NULL, 'f' },
		{ "gateways", required_argument, NULL, 'g' },
		{ "output", required_argument, NULL, 'o' },
		{ "table", required_argument, NULL, 't' },
		{ "seed", required_argument, NULL, 's' },
		{ "vlans", required_argument, NULL, 'v' },
		{ "macs", required_argument, NULL, 'm' },
		{ "uniform", no_argument, NULL, 'u' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'F')
			options.family = number(optarg, 4, 6, "family") == 4 ? LPM_IPV4 : LPM_IPV6;
		else if (option == 'r')
			options.routes = number(optarg, 0, 1 << 24, "routes");
		else if (option == 'f')
			options.flows = number(optarg, 1, 1 << 24, "flows");
		else if (option == 'g')
			options.gateways = number(optarg, 1, 256, "gateways");
		else if (option == 'm')
			options.macs = number(optarg, 1, 255, "macs");
		else if (option == 's')
			options.seed = number(optarg, 0, UINT32_MAX, "seed");
		else if (option == 'o')
			options.output = optarg;
		else if (option == 't')
			options.table = optarg;
		else if (option == 'v')
			parse_vlans(optarg);
		else if (option == 'u')
			options.uniform = true;
		else
			exit(1);
	}
	if (options.output == NULL || optind < argc)
		fail("arguments", "expected --output PATH, and nothing that is no option");
}

int
main(int argc, char **argv)
{
	struct routes routes = { 0 };

	parse_options(argc, argv);
	random_state = options.seed * 2 + 1;
	if (options.routes > 0 && options.routes <= SIDE_BY_SIDE_MAX)
		side_by_side(&routes);
	else
		of_the_internet(&routes);
	write_routes(&routes);
	if (routes.count <= L3FWD_RULES_MAX)
		write_rules(&routes);
	write_traffic(&routes);
	printf("%u\n", routes.count);
	routes_free(&routes);
	return 0;
}
