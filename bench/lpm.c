/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The compact tables against DPDK's rte_fib and rte_fib6: look-ups, loading, changes, memory. All
 * take turns on the same addresses; a ratio is taken in each round, and the median of the rounds
 * is the result. The peer is the fastest of all modes of rte_fib that can carry a value of more
 * than 15 bits. Times of look-ups are in TSC cycles, others are CPU time of the thread.
 *
 * lpm-bench [EAL options] -- [--routes FILE] [--seed N] [--rounds N] [--burst N] [--next-hops N]
 *	[--only EXPERIMENT] [--json FILE]
 *
 * Experiments: full4, full6, small, small6, many, changes, memory.
 */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_fib.h>
#include <rte_fib6.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

#include "lpm_report.h"
#include "lpm_routes.h"
#include "lpm_subject.h"
#include "lpm_wrap/dpdk_ipv6.h"
#include "lpm_wrap/lpm.h"

static struct {
	const char *routes;
	const char *json;
	const char *only;
	uint64_t seed;
	unsigned int rounds;
	unsigned int burst;
	unsigned int next_hops;
} options = { .seed = 1, .rounds = 7, .burst = 32, .next_hops = 256 };

static uint64_t random_state;

/* Addresses between two looks at the clock. */
#define STRETCH 65536u

/* The median stretch, so that it does not matter if somebody else had the core now and then. */
static double
run_once(const struct subject *subject, unsigned int tables, uint32_t addresses)
{
	double stretches[ADDRESSES / STRETCH];
	unsigned int table = 0;
	uint32_t at = 0;

	subject->prepare(subject);
	for (uint32_t stretch = 0; stretch < RTE_DIM(stretches); stretch++) {
		uint64_t start = rte_rdtsc();

		for (uint32_t done = 0; done < STRETCH; done += options.burst) {
			subject->look_up(subject->tables[table], at, options.burst);
			at = (at + options.burst) % addresses;
			table = table + 1 == tables ? 0 : table + 1;
		}
		stretches[stretch] = (double)(rte_rdtsc() - start) / STRETCH;
	}
	return spread_of(stretches, RTE_DIM(stretches)).median;
}

static bool
is_ours(const struct subject *subject)
{
	return strncmp(subject->name, "compact", 7) == 0;
}

/* rte_fib with 2-byte entries is shown, but it cannot carry the values that the tables promise. */
static bool
is_narrow(const struct subject *subject)
{
	return strstr(subject->name, "2B") != NULL;
}

static struct subject *
fastest(struct subject *subjects, unsigned int count, bool ours)
{
	struct subject *best = NULL;

	for (unsigned int i = 0; i < count; i++) {
		if (is_ours(&subjects[i]) != ours || is_narrow(&subjects[i]))
			continue;
		if (best == NULL || spread_of(subjects[i].cycles, options.rounds).median <
					    spread_of(best->cycles, options.rounds).median)
			best = &subjects[i];
	}
	return best;
}

static void
compete(const char *name, struct subject *subjects, unsigned int count, unsigned int tables,
	uint32_t addresses, double wanted)
{
	const struct subject *ours, *peer;
	double ratios[ROUNDS_MAX];
	struct spread ratio;

	for (unsigned int round = 0; round < options.rounds; round++)
		for (unsigned int i = 0; i < count; i++)
			subjects[i].cycles[round] = run_once(&subjects[i], tables, addresses);
	ours = fastest(subjects, count, true);
	peer = fastest(subjects, count, false);
	for (unsigned int round = 0; round < options.rounds; round++)
		ratios[round] = peer->cycles[round] / ours->cycles[round];
	ratio = spread_of(ratios, options.rounds);

	json_begin(name, "cycles");
	if (json != NULL)
		fprintf(json, "\"subjects\": [");
	printf("%s\n", name);
	for (unsigned int i = 0; i < count; i++) {
		struct spread spread = spread_of(subjects[i].cycles, options.rounds);

		printf("    %-24s %7.2f  (%.2f to %.2f)\n", subjects[i].name, spread.median,
			spread.min, spread.max);
		if (json != NULL)
			fprintf(json, "%s{\"name\": \"%s\", ", i ? ", " : "", subjects[i].name);
		json_spread("cycles", spread);
		if (json != NULL)
			fprintf(json, "}");
	}
	if (json != NULL)
		fprintf(json, "], \"peer\": \"%s\", ", peer->name);
	json_spread("ratio", ratio);
	json_end(wanted, ratio.median >= wanted);
	printf("    %-24s %6.2fx  (%.2f to %.2f)", peer->name, ratio.median, ratio.min, ratio.max);
	if (wanted > 0)
		printf("  wanted >= %.1f%s", wanted, ratio.median >= wanted ? "" : "  MISSED");
	printf("\n");
	missed += ratio.median < wanted;
}

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "lpm-bench: %s: %s\n", what, rte_strerror(rte_errno));
	exit(1);
}

static struct lpm *
new_compact(enum lpm_family family, uint32_t max_routes, struct rte_rcu_qsbr *rcu)
{
	struct lpm_params params = { .name = "compact",
		.max_routes = max_routes,
		.socket = -1,
		.family = family,
		.rcu = rcu };
	struct lpm *lpm = lpm_create(&params);

	must(lpm != NULL, "lpm_create");
	return lpm;
}

static void
add_compact(struct lpm *lpm, enum lpm_family family, const struct route *route)
{
	uint8_t prefix[16];
	int ret;

	key_to_ipv6(route->key, prefix);
	ret = family == LPM_IPV4 ? lpm_add(lpm, key_to_ipv4(route->key), route->depth, route->value)
	                         : lpm6_add(lpm, prefix, route->depth, route->value);
	rte_errno = -ret;
	must(ret == 0, "adding a route");
}

static void *
new_fib(enum lpm_family family, const struct routes *routes, int size, uint32_t groups,
	const char *name)
{
	struct rte_fib_conf conf = { .type = RTE_FIB_DIR24_8,
		.max_routes = routes->count + 8,
		.dir24_8 = { .nh_sz = size, .num_tbl8 = groups } };
	struct rte_fib6_conf conf6 = { .type = RTE_FIB6_TRIE,
		.max_routes = routes->count + 8,
		.trie = { .nh_sz = size, .num_tbl8 = groups } };
	void *fib = family == LPM_IPV4 ? (void *)rte_fib_create(name, -1, &conf)
	                               : (void *)rte_fib6_create(name, -1, &conf6);

	must(fib != NULL, name);
	return fib;
}

static void
add_fib(void *fib, enum lpm_family family, const struct route *route)
{
	uint8_t prefix[16];
	int ret;

	key_to_ipv6(route->key, prefix);
	ret = family == LPM_IPV4
	              ? rte_fib_add(fib, key_to_ipv4(route->key), route->depth, route->value)
	              : rte_fib6_add(fib, dpdk_ipv6(prefix), route->depth, route->value);
	rte_errno = -ret;
	must(ret == 0, "adding a route to rte_fib");
}

static void
free_fib(void *fib, enum lpm_family family)
{
	if (family == LPM_IPV4)
		rte_fib_free(fib);
	else
		rte_fib6_free(fib);
}

/* Of this thread, which is not always alone on its core. */
static double
cpu_nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

static double
fill_compact(struct lpm *lpm, enum lpm_family family, const struct routes *routes)
{
	double start = cpu_nanoseconds();

	for (uint32_t i = 0; i < routes->count; i++)
		add_compact(lpm, family, &routes->list[i]);
	return (cpu_nanoseconds() - start) / routes->count;
}

static double
fill_fib(void *fib, enum lpm_family family, const struct routes *routes)
{
	double start = cpu_nanoseconds();

	for (uint32_t i = 0; i < routes->count; i++)
		add_fib(fib, family, &routes->list[i]);
	return (cpu_nanoseconds() - start) / routes->count;
}

static void
set_address(uint32_t at, struct key key)
{
	ipv4[at] = key_to_ipv4(key);
	key_to_ipv6(key, ipv6[at]);
}

static void
uniform_addresses(enum lpm_family family)
{
	for (uint32_t i = 0; i < ADDRESSES; i++) {
		struct key key = { random64(&random_state), random64(&random_state) };

		if (family == LPM_IPV6) /* 2000::/3 */
			key.high = key.high >> 3 | UINT64_C(1) << 61;
		set_address(i, key);
	}
}

static void
addresses_in(const struct routes *routes)
{
	for (uint32_t i = 0; i < ADDRESSES; i++)
		set_address(i, route_address(&routes->list[random64(&random_state) % routes->count],
				       &random_state));
}

static void
assign_values(struct routes *routes)
{
	for (uint32_t i = 0; i < routes->count; i++)
		routes->list[i].value = 1 + random64(&random_state) % options.next_hops;
}

static uint32_t
fib_groups(enum lpm_family family, uint32_t routes)
{
	return family == LPM_IPV4 ? RTE_MIN(routes + 1, 4096u) : 2 * routes + 16384;
}

static void
full_table(enum lpm_family family, const struct routes *routes)
{
	const char *version = family == LPM_IPV4 ? "IPv4" : "IPv6";
	bool is_ipv4 = family == LPM_IPV4;
	uint32_t groups = fib_groups(family, routes->count);
	struct subject subjects[SUBJECTS_MAX];
	double loads[ROUNDS_MAX], fib_loads[ROUNDS_MAX];
	struct lpm *lpm = NULL;
	void *fib = NULL, *narrow = NULL;
	unsigned int count;
	char name[64];

	for (unsigned int round = 0; round < options.rounds; round++) {
		lpm_free(lpm);
		lpm = new_compact(family, routes->count, NULL);
		loads[round] = fill_compact(lpm, family, routes);
		if (fib != NULL)
			free_fib(fib, family);
		fib = new_fib(family, routes,
			is_ipv4 ? (int)RTE_FIB_DIR24_8_4B : (int)RTE_FIB6_TRIE_4B, groups, "wide");
		fib_loads[round] = fill_fib(fib, family, routes);
	}
	snprintf(name, sizeof(name), "%s full table, loading", version);
	report(name, "ns/route", spread_of(loads, options.rounds), is_ipv4 ? 500 : 0);
	snprintf(name, sizeof(name), "%s full table, loading rte_fib", version);
	report(name, "ns/route", spread_of(fib_loads, options.rounds), 0);
	snprintf(name, sizeof(name), "%s full table, look-up memory", version);
	report_one(name, "bytes", lpm_lookup_memory(lpm), 12e6);
	snprintf(name, sizeof(name), "%s full table, all memory", version);
	report_one(name, "bytes", lpm_memory(lpm), 96e6);

	/* What rte_fib does with half the memory: next hops below 2^15, groups below 2^15. */
	if (options.next_hops < 32767 && groups < 32767) {
		narrow = new_fib(family, routes,
			is_ipv4 ? (int)RTE_FIB_DIR24_8_2B : (int)RTE_FIB6_TRIE_2B, groups,
			"narrow");
		fill_fib(narrow, family, routes);
	}
	count = add_subjects_compact(subjects, 0, family, &lpm, 1);
	count = add_subjects_fib(subjects, count, family, &fib, 1, "4B");
	if (narrow != NULL)
		count = add_subjects_fib(subjects, count, family, &narrow, 1, "2B");
	uniform_addresses(family);
	snprintf(name, sizeof(name), "%s full table, uniform addresses", version);
	compete(name, subjects, count, 1, ADDRESSES, is_ipv4 ? 1.0 : 0);
	addresses_in(routes);
	snprintf(name, sizeof(name), "%s full table, addresses in prefixes", version);
	compete(name, subjects, count, 1, ADDRESSES, is_ipv4 ? 1.0 : 1.5);

	lpm_free(lpm);
	free_fib(fib, family);
	if (narrow != NULL)
		free_fib(narrow, family);
}

/* As in many papers: 512 nets of /24, side by side, in cache; or picked from the full table. */
static void
small_table(const char *name, enum lpm_family family, const struct routes *routes,
	const struct routes *destinations, double wanted)
{
	struct lpm *lpm = new_compact(family, 0, NULL);
	void *fib = new_fib(family, routes,
		family == LPM_IPV4 ? (int)RTE_FIB_DIR24_8_4B : (int)RTE_FIB6_TRIE_4B,
		fib_groups(family, routes->count), "small");
	struct subject subjects[SUBJECTS_MAX];
	unsigned int count;

	fill_compact(lpm, family, routes);
	fill_fib(fib, family, routes);
	addresses_in(destinations);
	count = add_subjects_compact(subjects, 0, family, &lpm, 1);
	count = add_subjects_fib(subjects, count, family, &fib, 1, "4B");
	compete(name, subjects, count, 1, 8192, wanted);
	lpm_free(lpm);
	free_fib(fib, family);
}

static void
small_tables(struct routes *shuffled)
{
	struct route side_by_side[512], scattered[512];
	struct routes routes = { .list = side_by_side, .count = RTE_DIM(side_by_side) };
	unsigned int found = 0;

	for (unsigned int i = 0; i < RTE_DIM(side_by_side); i++)
		side_by_side[i] = (struct route){ .key = key_of_ipv4(0x0a000000 + (i << 8)),
			.depth = 24,
			.value = 1 + i % options.next_hops };
	small_table("IPv4 512 routes side by side", LPM_IPV4, &routes, &routes, 1.0);
	for (uint32_t i = 0; i < shuffled->count && found < RTE_DIM(scattered); i++)
		if (shuffled->list[i].depth == 24)
			scattered[found++] = shuffled->list[i];
	routes.list = scattered;
	routes.count = found;
	small_table("IPv4 512 routes of the full table", LPM_IPV4, &routes, &routes, 0);
}

/* What two interfaces add to a router's IPv6 table: their nets, and their own addresses. */
static const struct route of_interfaces[] = {
	{ { UINT64_C(0xfd01000000000000), 0 }, 1, 64 },
	{ { UINT64_C(0xfd01000000000000), 0 }, 2, 128 },
	{ { UINT64_C(0xfd01000000000000), 1 }, 2, 128 },
	{ { UINT64_C(0xfd00000000000000), 0 }, 3, 48 },
	{ { UINT64_C(0xfd00000000000000), 0 }, 2, 128 },
	{ { UINT64_C(0xfd00000000000000), 1 }, 2, 128 },
};

/* Of a router with its interfaces and some networks of 64 bits: all in a row, or in 2001:db8::/32.
 */
static void
small_ipv6_table(uint32_t count, bool in_a_row)
{
	struct route list[RTE_DIM(of_interfaces) + 512];
	struct routes routes = { .list = list, .count = RTE_DIM(of_interfaces) + count };
	struct routes networks = { .list = list + RTE_DIM(of_interfaces), .count = count };
	char name[64];

	memcpy(list, of_interfaces, sizeof(of_interfaces));
	for (uint32_t i = 0; i < count; i++)
		networks.list[i] = (struct route){
			.key.high = in_a_row ? UINT64_C(0x2001000200000000) + i
			                     : UINT64_C(0x20010db800000000) +
			                               (uint32_t)random64(&random_state),
			.depth = 64,
			.value = 1 + i % options.next_hops,
		};
	snprintf(name, sizeof(name), "IPv6 %u route%s %s", count, count == 1 ? "" : "s",
		in_a_row ? "side by side" : "of 2001:db8::/32");
	small_table(name, LPM_IPV6, &routes, &networks, 0);
}

static void
small_ipv6_tables(void)
{
	small_ipv6_table(1, true);
	small_ipv6_table(512, true);
	small_ipv6_table(1, false);
	small_ipv6_table(20, false);
	small_ipv6_table(512, false);
}

static void
many_tables(const struct routes *shuffled)
{
	const uint32_t each = RTE_MIN(1000u, shuffled->count / TABLES_MAX);
	struct subject subjects[SUBJECTS_MAX];
	struct lpm *tables[TABLES_MAX];
	void *fibs[TABLES_MAX];
	unsigned int count;
	size_t memory = 0;

	for (unsigned int t = 0; t < TABLES_MAX; t++) {
		struct routes routes = { .list = shuffled->list + t * each, .count = each };
		char name[16];

		snprintf(name, sizeof(name), "many%u", t);
		tables[t] = new_compact(LPM_IPV4, 0, NULL);
		fibs[t] = new_fib(LPM_IPV4, &routes, RTE_FIB_DIR24_8_4B, 64, name);
		fill_compact(tables[t], LPM_IPV4, &routes);
		fill_fib(fibs[t], LPM_IPV4, &routes);
		memory += lpm_memory(tables[t]);
	}
	for (uint32_t i = 0; i < ADDRESSES; i++) {
		uint32_t first = i / options.burst % TABLES_MAX * each;

		set_address(
			i, route_address(&shuffled->list[first + random64(&random_state) % each],
				   &random_state));
	}
	count = add_subjects_compact(subjects, 0, LPM_IPV4, tables, TABLES_MAX);
	count = add_subjects_fib(subjects, count, LPM_IPV4, fibs, TABLES_MAX, "4B");
	report_one("IPv4 64 tables of 1000 routes, all memory", "bytes", memory, 0);
	compete("IPv4 64 tables of 1000 routes in turn", subjects, count, TABLES_MAX, ADDRESSES,
		2.0);
	for (unsigned int t = 0; t < TABLES_MAX; t++) {
		lpm_free(tables[t]);
		rte_fib_free(fibs[t]);
	}
}

static void
small_memory(const struct routes *shuffled, const struct routes *shuffled6)
{
	struct lpm *tables[2] = { new_compact(LPM_IPV4, 0, NULL), new_compact(LPM_IPV6, 0, NULL) };

	report_one("empty table, both families", "bytes",
		lpm_memory(tables[0]) + lpm_memory(tables[1]), 8192);
	for (unsigned int i = 0; i < 20; i++) {
		add_compact(tables[0], LPM_IPV4, &shuffled->list[i]);
		add_compact(tables[1], LPM_IPV6, &shuffled6->list[i]);
	}
	report_one("table of 20 routes, both families", "bytes",
		lpm_memory(tables[0]) + lpm_memory(tables[1]), 32768);
	lpm_free(tables[0]);
	lpm_free(tables[1]);
}

/* Look-ups on another core while routes change. */
struct load {
	struct lpm *lpm;
	struct rte_rcu_qsbr *rcu;
	uint32_t *addresses;
	uint32_t *allowed[2]; /* with all routes, and without the longest one */
	uint32_t count;
	bool stop;
	uint64_t looked_up;
	uint64_t wrong;
};

static int
look_up_under_changes(void *argument)
{
	struct load *load = argument;
	uint32_t values[BURST_MAX];

	rte_rcu_qsbr_thread_register(load->rcu, 0);
	rte_rcu_qsbr_thread_online(load->rcu, 0);
	for (uint32_t at = 0; !__atomic_load_n(&load->stop, __ATOMIC_RELAXED);
		at = (at + options.burst) % load->count) {
		lpm_lookup_bulk(load->lpm, load->addresses + at, values, options.burst);
		rte_rcu_qsbr_quiescent(load->rcu, 0);
		for (unsigned int i = 0; i < options.burst; i++)
			load->wrong += values[i] != load->allowed[0][at + i] &&
			               values[i] != load->allowed[1][at + i];
		load->looked_up += options.burst;
	}
	rte_rcu_qsbr_thread_offline(load->rcu, 0);
	rte_rcu_qsbr_thread_unregister(load->rcu, 0);
	return 0;
}

static void
make_load(struct load *load, const struct routes *shuffled)
{
	load->count = 65536 / options.burst * options.burst;
	load->addresses = malloc(load->count * sizeof(uint32_t));
	load->allowed[0] = malloc(load->count * sizeof(uint32_t));
	load->allowed[1] = malloc(load->count * sizeof(uint32_t));
	must(load->addresses && load->allowed[0] && load->allowed[1], "addresses");
	load->rcu = rte_zmalloc(NULL, rte_rcu_qsbr_get_memsize(1), RTE_CACHE_LINE_SIZE);
	must(load->rcu != NULL && rte_rcu_qsbr_init(load->rcu, 1) == 0, "rcu");
	load->lpm = new_compact(LPM_IPV4, shuffled->count, load->rcu);
	/* Each route has a value of its own, so that any mistake shows. */
	for (uint32_t i = 0; i < shuffled->count; i++) {
		struct route route = shuffled->list[i];

		route.value = 1 + i;
		add_compact(load->lpm, LPM_IPV4, &route);
	}
	for (uint32_t i = 0; i < load->count; i++) {
		uint32_t address = key_to_ipv4(route_address(
			&shuffled->list[random64(&random_state) % shuffled->count], &random_state));
		uint8_t depth;

		load->addresses[i] = address;
		load->allowed[0][i] = lpm_cover(load->lpm, address, 32, &depth);
		load->allowed[1][i] = depth == 0 ? LPM_NO_ROUTE
		                                 : lpm_cover(load->lpm, address, depth - 1, &depth);
	}
}

static void
changes_under_load(const struct routes *shuffled)
{
	unsigned int lcore = rte_get_next_lcore(-1, 1, 0);
	const uint32_t changes = RTE_MIN(200000u, shuffled->count);
	double rates[ROUNDS_MAX];
	struct load load = { 0 };

	if (lcore == RTE_MAX_LCORE) {
		printf("changes under load: skipped, needs a second lcore\n");
		return;
	}
	make_load(&load, shuffled);
	rte_eal_remote_launch(look_up_under_changes, &load, lcore);
	for (unsigned int round = 0; round < options.rounds; round++) {
		double start = cpu_nanoseconds();

		for (uint32_t i = 0; i < changes; i++) {
			struct route route = shuffled->list[i];

			lpm_delete(load.lpm, key_to_ipv4(route.key), route.depth);
			lpm_add(load.lpm, key_to_ipv4(route.key), route.depth, 1 + i);
		}
		rates[round] = 2e9 * changes / (cpu_nanoseconds() - start);
	}
	__atomic_store_n(&load.stop, true, __ATOMIC_RELAXED);
	rte_eal_wait_lcore(lcore);
	report("IPv4 full table, changes under look-ups", "a second",
		spread_of(rates, options.rounds), -500000);
	report_one("    look-ups meanwhile", "in all", load.looked_up, 0);
	report_one("    wrong answers", "in all", load.wrong, load.wrong > 0 ? 1e-9 : 0);
	lpm_free(load.lpm);
	rte_free(load.rcu);
	free(load.addresses);
	free(load.allowed[0]);
	free(load.allowed[1]);
}

static void
get_routes(struct routes *routes, enum lpm_family family)
{
	if (options.routes == NULL)
		must(routes_make(routes, family, 0, options.seed) == 0, "making routes");
	else if (routes_load(routes, family, options.routes) < 0)
		exit(1);
	assign_values(routes);
	printf("%u %s routes, %s\n", routes->count, family == LPM_IPV4 ? "IPv4" : "IPv6",
		options.routes == NULL ? "made up" : "from the file");
}

static unsigned int
number(const char *text, unsigned int low, unsigned int high, const char *name)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (*text != '\0' && *end == '\0' && value >= low && value <= high)
		return value;
	fprintf(stderr, "lpm-bench: --%s %s: expected a number from %u to %u\n", name, text, low,
		high);
	exit(1);
}

static void
parse_options(int argc, char **argv)
{
	static const struct option known[] = {
		{ "routes", required_argument, NULL, 'f' },
		{ "seed", required_argument, NULL, 's' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "burst", required_argument, NULL, 'b' },
		{ "next-hops", required_argument, NULL, 'n' },
		{ "only", required_argument, NULL, 'o' },
		{ "json", required_argument, NULL, 'j' },
		{ 0 },
	};
	int option;

	options.routes = getenv("BENCH_ROUTES");
	if (options.routes != NULL && options.routes[0] == '\0')
		options.routes = NULL;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'f')
			options.routes = optarg;
		else if (option == 's')
			options.seed = number(optarg, 0, UINT32_MAX, "seed");
		else if (option == 'r')
			options.rounds = number(optarg, 1, ROUNDS_MAX, "rounds");
		else if (option == 'b')
			options.burst = number(optarg, 1, BURST_MAX, "burst");
		else if (option == 'n')
			options.next_hops = number(optarg, 1, 1000000, "next-hops");
		else if (option == 'o')
			options.only = optarg;
		else if (option == 'j')
			options.json = optarg;
		else
			exit(1);
	}
	if (options.burst & (options.burst - 1)) {
		fprintf(stderr, "lpm-bench: --burst %u: expected a power of two\n", options.burst);
		exit(1);
	}
}

static void
open_json(void)
{
	if (options.json == NULL)
		return;
	json = fopen(options.json, "w");
	if (json == NULL) {
		fprintf(stderr, "lpm-bench: %s: %s\n", options.json, strerror(errno));
		exit(1);
	}
	fprintf(json, "{\n  \"bench\": \"lpm\",\n  \"seed\": %lu,\n  \"routes\": \"%s\",\n",
		options.seed, options.routes == NULL ? "made up" : "file");
	fprintf(json, "  \"burst\": %u,\n  \"rounds\": %u,\n  \"next_hops\": %u,\n", options.burst,
		options.rounds, options.next_hops);
	fprintf(json, "  \"hugepages\": %s,\n  \"tsc_hz\": %lu,\n  \"results\": [",
		rte_eal_has_hugepages() ? "true" : "false", rte_get_tsc_hz());
}

static bool
wants(const char *experiment)
{
	return options.only == NULL || strcmp(options.only, experiment) == 0;
}

int
main(int argc, char **argv)
{
	struct routes routes, routes6;
	int eal_count = rte_eal_init(argc, argv);

	if (eal_count < 0)
		return 1;
	parse_options(argc - eal_count, argv + eal_count);
	random_state = options.seed * 2 + 1;
	printf("seed %lu, %u rounds, bursts of %u, %u next hops, %s\n", options.seed,
		options.rounds, options.burst, options.next_hops,
		rte_eal_has_hugepages() ? "hugepages" : "no hugepages");
	open_json();
	get_routes(&routes, LPM_IPV4);
	get_routes(&routes6, LPM_IPV6);
	if (wants("full4"))
		full_table(LPM_IPV4, &routes);
	if (wants("full6"))
		full_table(LPM_IPV6, &routes6);
	routes_shuffle(&routes, options.seed);
	routes_shuffle(&routes6, options.seed);
	if (wants("small"))
		small_tables(&routes);
	if (wants("small6"))
		small_ipv6_tables();
	if (wants("many"))
		many_tables(&routes);
	if (wants("changes"))
		changes_under_load(&routes);
	if (wants("memory"))
		small_memory(&routes, &routes6);
	if (json != NULL) {
		fprintf(json, "\n  ]\n}\n");
		fclose(json);
	}
	printf("%u of the figures missed\n", missed);
	routes_free(&routes);
	routes_free(&routes6);
	rte_eal_cleanup();
	return 0;
}
