/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * What each element costs: a router without a pipeline and one with it forward the same bursts of
 * 32 frames of 64 bytes in turn, burst by burst, on one core and without ports. A figure is the
 * median of thousands of such bursts, so that a machine that takes the core away now and then does
 * not change it; what is reported is the difference, a round at a time. UDP over IPv4, 512 routes,
 * 100,000 flows in random order.
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_random.h>
#include <rte_rcu_qsbr.h>
#include <rte_udp.h>

#include "config/config.h"
#include "lpm_report.h"
#include "packet/checksum.h"
#include "pipeline.h"
#include "vrf/instance.h"
#include "vrf/neighbour.h"
#include "vrf/pipeline.h"

#define BURST 32
#define FRAME 60 /* and four of the checksum */
#define BURSTS 3000
#define POOL 4095
#define ROUNDS 9
#define FLOWS 100000
#define ROUTES 512
#define IP(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

struct headers {
	struct rte_ether_hdr ethernet;
	struct rte_ipv4_hdr ip;
	struct rte_udp_hdr udp;
	uint8_t padding[FRAME - 42];
} __attribute__((packed, aligned(2)));

static_assert(sizeof(struct headers) == FRAME, "a frame");

static struct rte_mempool *pool;
static struct reclaim *readers;
static struct rte_mbuf *mbufs[BURST];
static struct headers *flows;
static struct config_router config;
static unsigned int rounds = ROUNDS;

static void __attribute__((noreturn)) fail(const char *what)
{
	fprintf(stderr, "elements: %s\n", what);
	exit(EXIT_FAILURE);
}

static void
make_flow(struct headers *headers, uint32_t i)
{
	*headers = (struct headers){
		.ethernet = { .ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV4) },
		.ip = { .version_ihl = RTE_IPV4_VHL_DEF,
			.total_length = RTE_BE16(FRAME - sizeof(struct rte_ether_hdr)),
			.time_to_live = 64,
			.next_proto_id = IPPROTO_UDP,
			.src_addr = rte_cpu_to_be_32(IP(10, 1, 0, 0) + i % 50000),
			.dst_addr = rte_cpu_to_be_32(
				IP(198, 18, 0, 0) + (uint32_t)rte_rand_max(ROUTES << 8)) },
		.udp = { .src_port = rte_cpu_to_be_16((uint16_t)(1024 + i % 60000)),
			.dst_port = RTE_BE16(9),
			.dgram_len = RTE_BE16(FRAME - 34) },
	};
	headers->ip.hdr_checksum = checksum_of(&headers->ip, sizeof(headers->ip));
}

static void
make_frames(void)
{
	static struct rte_mbuf *all[POOL];

	flows = calloc(FLOWS, sizeof(*flows));
	pool = rte_pktmbuf_pool_create(
		"bench", POOL, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (flows == NULL || pool == NULL)
		fail("no memory");
	for (uint32_t i = 0; i < FLOWS; i++)
		make_flow(&flows[i], i);
	/* Any of them, as in a pool that has been at work. */
	for (unsigned int i = 0; i < POOL; i++)
		all[i] = rte_pktmbuf_alloc(pool);
	for (unsigned int i = 0; i < BURST; i++) {
		unsigned int k = i + (unsigned int)rte_rand_max(POOL - i);

		RTE_SWAP(all[i], all[k]);
		mbufs[i] = all[i];
	}
	rte_pktmbuf_free_bulk(all + BURST, POOL - BURST);
}

static void
no_flush(struct vr_instance *instance, struct vr_output *output)
{
	(void)instance;
	output->n = 0;
}

static void
add_routes(struct vr *vr)
{
	char error[VR_ERROR_SIZE];
	struct rte_ether_addr mac = { { 2, 0, 0, 0, 2, 2 } };
	struct ip_address gateway = ip_address_of_ipv4(IP(192, 168, 0, 2));
	struct vr_route route = { .type = VR_ROUTE_VIA, .via = gateway };

	if (neighbour_add_static(vr, &vr->interfaces[1], &gateway, &mac, error) != 0)
		fail(error);
	route.prefix = (struct ip_prefix){ ip_address_of_ipv4(0), 0 };
	if (vr_route_add(vr, &route, error) != 0)
		fail(error);
	for (uint32_t i = 0; i < ROUTES; i++) {
		route.prefix =
			(struct ip_prefix){ ip_address_of_ipv4(IP(198, 18, 0, 0) + (i << 8)), 24 };
		if (vr_route_add(vr, &route, error) != 0)
			fail(error);
	}
}

static struct vr *
make_router(void)
{
	static struct ip_prefix addresses[2];
	struct vr_interface interfaces[2] = {
		{ .name = "in", .mtu = 1500, .n_addresses = 1, .addresses = &addresses[0] },
		{ .name = "out",
			.port = 1,
			.mtu = 1500,
			.n_addresses = 1,
			.addresses = &addresses[1] },
	};
	struct vr_params params = { .name = "r",
		.interfaces = interfaces,
		.n_interfaces = 2,
		.max_routes = 2 * ROUTES,
		.max_neighbours = 16,
		.neighbour_timeout = 300,
		.hz = rte_get_tsc_hz(),
		.icmp_rate = 1,
		.echo_rate = 1,
		.socket = SOCKET_ID_ANY,
		.pool = pool,
		.reclaim = readers };
	char error[VR_ERROR_SIZE];
	struct vr *vr;

	addresses[0] = (struct ip_prefix){ ip_address_of_ipv4(IP(10, 0, 0, 1)), 8 };
	addresses[1] = (struct ip_prefix){ ip_address_of_ipv4(IP(192, 168, 0, 1)), 16 };
	vr = vr_create(&params, error);
	if (vr == NULL)
		fail(error);
	add_routes(vr);
	return vr;
}

static void
make_pipeline(struct vr *vr, const char *text)
{
	struct config_pipeline pipeline;

	if (config_load_pipeline(text, "bench", &config, &pipeline, stderr) != 0 ||
		pipeline_apply(vr, &pipeline, NULL, stderr) != 0)
		fail("the pipeline is refused");
	config_pipeline_clear(&pipeline);
}

/* As classification leaves them. */
static void
fill(struct rte_mbuf *mbuf, const struct headers *headers)
{
	struct packet_meta meta = { 0, sizeof(struct rte_ether_hdr), PACKET_IPV4 };

	mbuf->data_off = RTE_PKTMBUF_HEADROOM;
	mbuf->data_len = FRAME;
	mbuf->pkt_len = FRAME;
	memcpy(rte_pktmbuf_mtod(mbuf, void *), headers, sizeof(*headers));
	packet_meta_set(mbuf, meta);
}

/* Cycles for one burst, through the router. */
static uint64_t
run(struct vr *vr, struct vr_output *output)
{
	uint64_t start;

	start = rte_rdtsc_precise();
	vr_instance_run(vr->instance, mbufs, BURST, start, output);
	start = rte_rdtsc_precise() - start;
	if (output->n != BURST)
		fail("a frame was not forwarded");
	return start;
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double
median(uint64_t *values)
{
	qsort(values, BURSTS, sizeof(*values), compare);
	return (double)values[BURSTS / 2] / BURST;
}

struct pair_result {
	double plain;
	double cost;
};

static struct pair_result
measure(struct vr *plain, struct vr *with)
{
	static uint64_t cycles[2][BURSTS];
	static struct vr_output output = { .flush = no_flush };
	struct vr *routers[2] = { plain, with };
	struct pair_result result;

	for (unsigned int i = 0; i < BURSTS; i++) {
		uint32_t picked[BURST];

		for (unsigned int k = 0; k < BURST; k++)
			picked[k] = (uint32_t)rte_rand_max(FLOWS);
		/* The second to run finds caches as the first has left them: each is it in turn. */
		for (unsigned int r = 0; r < 2; r++) {
			unsigned int which = (r + i) % 2;

			for (unsigned int k = 0; k < BURST; k++)
				fill(mbufs[k], &flows[picked[k]]);
			cycles[which][i] = run(routers[which], &output);
		}
	}
	result.plain = median(cycles[0]);
	result.cost = median(cycles[1]) - result.plain;
	return result;
}

static void
compare_with(struct vr *plain, const char *name, const char *text, double limit)
{
	double costs[ROUNDS_MAX];
	struct vr *with = make_router();

	if (text != NULL)
		make_pipeline(with, text);
	measure(plain, with);
	for (unsigned int i = 0; i < rounds; i++)
		costs[i] = measure(plain, with).cost;
	report(name, "cycles", spread_of(costs, rounds), limit);
	vr_free(with);
}

static void
report_plain(struct vr *plain)
{
	double values[ROUNDS_MAX];

	for (unsigned int i = 0; i < rounds; i++)
		values[i] = measure(plain, plain).plain;
	report("plain path", "cycles", spread_of(values, rounds), 0);
}

/* NAT */

#define NAT \
	"{\"type\": \"nat44\", \"name\": \"nat\", \"outside\": \"out\", \"addresses\": [" \
	"\"203.0.113.1\", \"203.0.113.2\", \"203.0.113.3\", \"203.0.113.4\"], \"max_sessions\": " \
	"%u}"
#define NAT_SESSIONS 1000000

static void
make_nat(struct vr *vr, unsigned int sessions)
{
	char text[512];

	snprintf(text, sizeof(text),
		"{\"ingress\": [\"nat\"], \"egress\": [" NAT "], \"max_memory\": 2048}", sessions);
	make_pipeline(vr, text);
}

static void
each_flow_once(struct vr *vr, struct vr_output *output)
{
	for (uint32_t i = 0; i + BURST <= FLOWS; i += BURST) {
		for (unsigned int k = 0; k < BURST; k++)
			fill(mbufs[k], &flows[i + k]);
		run(vr, output);
	}
}

static void
measure_nat(struct vr *plain)
{
	static struct vr_output output = { .flush = no_flush };
	double costs[ROUNDS_MAX], rates[ROUNDS_MAX];

	for (unsigned int i = 0; i < rounds; i++) {
		struct vr *with = make_router();
		uint64_t start;

		make_nat(with, 2 * FLOWS);
		start = rte_rdtsc();
		each_flow_once(with, &output);
		rates[i] = (double)FLOWS * (double)rte_get_tsc_hz() / (double)(rte_rdtsc() - start);
		measure(plain, with);
		costs[i] = measure(plain, with).cost;
		vr_free(with);
	}
	report("nat44, 100,000 sessions", "cycles", spread_of(costs, rounds), 90);
	report("nat44, new sessions", "a second", spread_of(rates, rounds), -500000);
}

/* Access lists: rules as an operator has them, that match none of the frames but the last. */
static char *
acl(unsigned int n)
{
	static char text[1 << 20];
	size_t used = (size_t)snprintf(text, sizeof(text),
		"{\"max_memory\": 4096, \"ingress\": [{\"type\": \"acl\", \"default\": \"deny\", "
		"\"rules\": [");

	for (unsigned int i = 0; i + 1 < n; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
			"{\"action\": \"deny\", \"protocol\": \"%s\", \"source\": "
			"\"172.%u.%u.%u/%u\","
			" \"destination_port\": %u},",
			rte_rand_max(2) == 0 ? "tcp" : "udp", (unsigned int)rte_rand_max(256),
			(unsigned int)rte_rand_max(256), 0u, 24u,
			(unsigned int)rte_rand_max(60000));
	snprintf(text + used, sizeof(text) - used, "{\"action\": \"permit\"}]}]}");
	return text;
}

#define RATES \
	"\"committed_rate\": 100000000000, \"committed_burst\": 268435456, " \
	"\"peak_rate\": 200000000000, \"peak_burst\": 536870912"

static char *
count(unsigned int n)
{
	static char text[65536];
	size_t used = (size_t)snprintf(
		text, sizeof(text), "{\"ingress\": [{\"type\": \"count\", \"prefixes\": [");

	for (unsigned int i = 0; i < n; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s\"198.%u.%u.0/24\"",
			i == 0 ? "" : ", ", 18 + i / 256, i % 256);
	snprintf(text + used, sizeof(text) - used, "]}]}");
	return text;
}

static void
measure_all(void)
{
	struct vr *plain = make_router();

	printf("cycles a packet; those of elements over the plain path\n");
	measure(plain, plain);
	report_plain(plain);
	compare_with(plain, "the same router again", NULL, 1);
	compare_with(plain, "an empty pipeline", "{}", 1);
	compare_with(plain, "burn, nothing", "{\"ingress\": [{\"type\": \"burn\"}]}", 0);
	compare_with(plain, "mark", "{\"ingress\": [{\"type\": \"mark\", \"dscp\": \"ef\"}]}", 8);
	compare_with(plain, "mark, at egress",
		"{\"egress\": [{\"type\": \"mark\", \"dscp\": \"ef\"}]}", 0);
	compare_with(plain, "police", "{\"ingress\": [{\"type\": \"police\", " RATES "}]}", 15);
	compare_with(plain, "police, RFC 4115",
		"{\"ingress\": [{\"type\": \"police\", \"mode\": \"rfc4115\", " RATES "}]}", 15);
	compare_with(plain, "urpf, strict", "{\"ingress\": [{\"type\": \"urpf\"}]}", 15);
	compare_with(plain, "urpf, loose",
		"{\"ingress\": [{\"type\": \"urpf\", \"mode\": \"loose\"}]}", 15);
	compare_with(plain, "count, 512 prefixes", count(ROUTES), 15);
	compare_with(plain, "acl, 10 rules", acl(10), 0);
	compare_with(plain, "acl, 1,000 rules", acl(1000), 60);
	compare_with(plain, "shape, below its rate",
		"{\"egress\": [{\"type\": \"shape\", \"rate\": 1000000000000, \"burst\": "
		"1073741824, \"max_packets\": 64}]}",
		0);
	measure_nat(plain);
	vr_free(plain);
}

static void
parse_options(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "r:j:")) != -1) {
		if (option == 'r')
			rounds = (unsigned int)atoi(optarg);
		else if (option == 'j')
			json = fopen(optarg, "w");
		if (option == '?' || rounds < 1 || rounds > ROUNDS_MAX ||
			(option == 'j' && json == NULL))
			fail("options: -r ROUNDS (1 to 101), -j FILE to be written");
	}
}

int
main(int argc, char **argv)
{
	static struct config_interface interfaces[2] = { { .name = "in" }, { .name = "out" } };
	int used = rte_eal_init(argc, argv);

	if (used < 0)
		fail("EAL does not start");
	parse_options(argc - used, argv + used);
	config.interfaces = interfaces;
	config.n_interfaces = 2;
	readers = reclaim_create(1);
	if (readers == NULL)
		fail("no memory");
	make_frames();
	if (json != NULL)
		fprintf(json, "{\n  \"results\": [");
	measure_all();
	if (json != NULL) {
		fprintf(json, "\n  ]\n}\n");
		fclose(json);
	}
	rte_eal_cleanup();
	return missed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
