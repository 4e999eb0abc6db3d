/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Routes of several distances, with one and with many gateways, out of interfaces that go down and
 * come back, against a plain list of them.
 */

#include <stdlib.h>

#include <CUnit/Basic.h>
#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

#include "random.h"
#include "vrf/multipath.h"
#include "vrf/neighbour.h"
#include "vrf/rib.h"
#include "vrf/table.h"

#define INTERFACES 4
#define GATEWAYS 3 /* of each interface and family */
#define ROUNDS 20000
#define PREFIXES 12
#define DISTANCES 4
#define MAX_ROUTES 60

static struct reclaim *readers;
static struct vr *vr;
static char error[VR_ERROR_SIZE];
static size_t heap_before;

/* 10.I.0.0/16 and fd00:I::/64 on interface I; gateway G is host G + 2. */
static struct ip_address
host(uint8_t family, unsigned int interface, unsigned int i)
{
	uint8_t bytes[16] = { 0xfd, 0, 0, (uint8_t)interface, [15] = (uint8_t)i };

	if (family == IP_FAMILY_IPV6)
		return ip_address_of_ipv6(bytes);
	return ip_address_of_ipv4(UINT32_C(10) << 24 | interface << 16 | i);
}

static size_t
heap_in_use(void)
{
	struct rte_malloc_socket_stats stats;

	rte_malloc_get_socket_stats(0, &stats);
	return stats.heap_allocsz_bytes;
}

static void
set_up(void)
{
	struct ip_prefix addresses[INTERFACES][2];
	struct vr_interface interfaces[INTERFACES] = { 0 };
	struct vr_params params = { .name = "r",
		.interfaces = interfaces,
		.n_interfaces = INTERFACES,
		.max_routes = MAX_ROUTES,
		.max_neighbours = 1000,
		.hz = 1000000000,
		.socket = SOCKET_ID_ANY };

	heap_before = heap_in_use();
	readers = reclaim_create(1);
	params.reclaim = readers;
	for (unsigned int i = 0; i < INTERFACES; i++) {
		addresses[i][0] = (struct ip_prefix){ host(IP_FAMILY_IPV4, i, 1), 16 };
		addresses[i][1] = (struct ip_prefix){ host(IP_FAMILY_IPV6, i, 1), 64 };
		interfaces[i] = (struct vr_interface){ .mtu = 1500,
			.mac = { { 2, 0, 0, 0, 0, (uint8_t)i } },
			.n_addresses = 2,
			.addresses = addresses[i] };
		snprintf(interfaces[i].name, sizeof(interfaces[i].name), "i%u", i);
	}
	vr = vr_create(&params, error);
	CU_ASSERT_FATAL(vr != NULL);
}

static void
tear_down(void)
{
	vr_retire(vr);
	reclaim_destroy(readers);
	CU_ASSERT(heap_in_use() == heap_before);
}

/*
 * Against the list
 */

struct model_route {
	bool there;
	uint8_t type;
	uint16_t n_vias;
	struct vr_via vias[GATEWAYS * INTERFACES];
};

/* By family, prefix and distance - 1. */
static struct model_route model[IP_FAMILIES][PREFIXES][DISTANCES];
static bool up[INTERFACES];

/* Nested ones, a host's, and one inside of a connected subnet. */
static struct ip_prefix
prefix_of(uint8_t family, unsigned int i)
{
	static const char *const texts[IP_FAMILIES][PREFIXES] = {
		{ "0.0.0.0/0", "20.0.0.0/8", "20.1.0.0/16", "20.1.1.0/24", "20.1.1.1/32",
			"20.1.1.128/25", "30.0.0.0/8", "10.0.1.0/24", "10.1.0.7/32", "128.0.0.0/1",
			"10.0.0.0/8", "30.0.0.0/7" },
		{ "::/0", "2001:db8::/32", "2001:db8:1::/48", "2001:db8:1:1::/64",
			"2001:db8:1:1::1/128", "2001:db8:1:1:8000::/65", "2002::/16",
			"fd00::100/120", "fd00:1::7/128", "8000::/1", "fd00::/16", "2002::/15" }
	};
	struct ip_prefix prefix;

	CU_ASSERT_FATAL(ip_prefix_parse(texts[family][i], &prefix) == 0);
	return prefix;
}

static bool
model_usable(const struct model_route *route)
{
	if (route->type != VR_ROUTE_VIA)
		return true;
	for (uint16_t i = 0; i < route->n_vias; i++)
		if (up[route->vias[i].interface->index])
			return true;
	return false;
}

/* The nearest route to this prefix that can be used, and its distance. */
static const struct model_route *
model_best(uint8_t family, unsigned int prefix, uint8_t *distance)
{
	for (uint8_t d = 0; d < DISTANCES; d++) {
		const struct model_route *route = &model[family][prefix][d];

		*distance = (uint8_t)(d + 1);
		if (route->there && model_usable(route))
			return route;
	}
	return NULL;
}

static uint32_t
model_count(uint8_t family)
{
	uint32_t n = 2 * INTERFACES; /* connected and local ones */

	for (unsigned int i = 0; i < PREFIXES; i++)
		for (unsigned int d = 0; d < DISTANCES; d++)
			n += model[family][i][d].there;
	return n;
}

static struct model_route
random_route(uint8_t family)
{
	static const uint8_t others[] = { VR_ROUTE_BLACKHOLE, VR_ROUTE_UNREACHABLE,
		VR_ROUTE_PROHIBIT };
	struct model_route route = { .there = true, .type = VR_ROUTE_VIA };
	unsigned int chosen = random32();

	if (random32() % 4 == 0) {
		route.type = others[random32() % RTE_DIM(others)];
		return route;
	}
	if (random32() % 2 == 0)
		chosen = 1u << random32() % (GATEWAYS * INTERFACES);
	for (unsigned int i = 0; i < GATEWAYS * INTERFACES; i++)
		if (chosen & 1u << i)
			route.vias[route.n_vias++] = (struct vr_via){
				.address = host(family, i % INTERFACES, 2 + i / INTERFACES),
				.weight = (uint16_t)(1 + random32() % 5),
				.interface = &vr->interfaces[i % INTERFACES]
			};
	if (route.n_vias == 0)
		route.type = VR_ROUTE_BLACKHOLE;
	return route;
}

static struct vr_route
describe(const struct model_route *wanted, struct ip_prefix prefix, uint8_t distance)
{
	struct vr_route route = { .prefix = prefix, .type = wanted->type, .distance = distance };

	route.n_vias = wanted->n_vias;
	route.vias = wanted->vias;
	if (wanted->n_vias == 1)
		route.via = wanted->vias[0].address;
	return route;
}

static bool
same(const struct vr_route *route, const struct model_route *wanted)
{
	if (route->type != wanted->type || route->n_vias != wanted->n_vias)
		return false;
	if (wanted->n_vias == 1)
		return ip_address_equal(&route->via, &wanted->vias[0].address) &&
		       route->interface == wanted->vias[0].interface;
	for (uint16_t i = 0; i < wanted->n_vias; i++)
		if (!ip_address_equal(&route->vias[i].address, &wanted->vias[i].address) ||
			route->vias[i].interface != wanted->vias[i].interface ||
			route->vias[i].weight != wanted->vias[i].weight)
			return false;
	return true;
}

static unsigned int n_seen;

static bool
check_listed(const struct vr_route *route, void *context)
{
	const bool *standby = context;
	uint8_t family = route->prefix.address.family;
	const struct model_route *best;
	uint8_t distance;

	if (route->source != VR_SOURCE_STATIC || route->type == VR_ROUTE_LOCAL ||
		route->type == VR_ROUTE_BROADCAST)
		return true;
	for (unsigned int i = 0; i < PREFIXES; i++) {
		struct ip_prefix prefix = prefix_of(family, i);

		if (!ip_prefix_equal(&prefix, &route->prefix))
			continue;
		best = model_best(family, i, &distance);
		CU_ASSERT(same(route, &model[family][i][route->distance - 1]));
		CU_ASSERT((best != NULL && distance == route->distance) == !*standby);
		n_seen++;
		return true;
	}
	CU_FAIL("a route that nobody added");
	return true;
}

static void
check_lists(void)
{
	bool standby = false;
	unsigned int n = 0;

	n_seen = 0;
	vr_route_walk(vr, check_listed, &standby);
	standby = true;
	CU_ASSERT(vr_route_walk_standby(vr, check_listed, &standby) == 0);
	for (uint8_t family = 0; family < IP_FAMILIES; family++) {
		CU_ASSERT(rib_count(vr, family) <= model_count(family));
		n += model_count(family) - 2 * INTERFACES;
	}
	CU_ASSERT(n_seen == n && vr->n_static_routes == n);
}

/* What the list says of an address: the longest prefix with a route that can be used. */
static void
check_lookup(uint8_t family)
{
	struct ip_prefix prefix = prefix_of(family, random32() % PREFIXES);
	struct ip_address last = ip_address_last(&prefix.address, prefix.depth);
	struct ip_address address = random32() % 2 ? prefix.address : last;
	const struct model_route *best = NULL;
	uint32_t index = table_lookup(vr, &address);
	const struct next_hop *next_hop = vr->next_hops[index];
	int depth = -1;

	for (unsigned int i = 0; i < PREFIXES; i++) {
		struct ip_prefix other = prefix_of(family, i);
		const struct model_route *route;
		uint8_t distance;

		if (!ip_prefix_covers(&other, &address) || other.depth <= depth)
			continue;
		route = model_best(family, i, &distance);
		if (route == NULL)
			continue;
		best = route;
		depth = other.depth;
	}
	for (unsigned int i = 0; i < INTERFACES; i++) {
		struct ip_prefix subnet = { host(family, i, 1),
			family == IP_FAMILY_IPV4 ? 16 : 64 };
		struct ip_address end = ip_address_last(&subnet.address, subnet.depth);
		struct ip_address start = ip_address_network(&subnet.address, subnet.depth);

		if (!ip_prefix_covers(&subnet, &address) || subnet.depth <= depth)
			continue;
		/* Broadcast and anycast addresses are not of the list. */
		if (ip_address_equal(&start, &address) || ip_address_equal(&end, &address))
			return;
		if (up[i]) {
			CU_ASSERT(next_hop->type == NEXT_HOP_CONNECTED && next_hop->interface == i);
			return;
		}
	}
	if (best == NULL)
		CU_ASSERT(index == LPM_NO_ROUTE)
	else if (best->type == VR_ROUTE_BLACKHOLE)
		CU_ASSERT(next_hop->type == NEXT_HOP_BLACKHOLE)
	else if (best->type == VR_ROUTE_UNREACHABLE)
		CU_ASSERT(next_hop->type == NEXT_HOP_UNREACHABLE)
	else if (best->type == VR_ROUTE_PROHIBIT)
		CU_ASSERT(next_hop->type == NEXT_HOP_PROHIBIT)
	else if (best->n_vias == 1)
		CU_ASSERT(ip_address_equal(
			&vr->owners[index].neighbour->address, &best->vias[0].address))
	else
		CU_ASSERT(next_hop->type == NEXT_HOP_GROUP)
}

static void
change_route(uint8_t family, unsigned int i, uint8_t d)
{
	struct model_route *there = &model[family][i][d];
	struct model_route wanted = random_route(family);
	struct ip_prefix prefix = prefix_of(family, i);
	struct vr_route route = describe(&wanted, prefix, (uint8_t)(d + 1));
	bool full = model_count(family) >= MAX_ROUTES;
	unsigned int what = random32() % 4;
	int rc;

	if (what == 0) {
		rc = vr_route_delete(vr, &prefix, (uint8_t)(d + 1), error);
		CU_ASSERT(rc == (there->there ? 0 : -ENOENT));
		there->there = false;
	} else if (what == 1) {
		rc = vr_route_replace(vr, &route, error);
		CU_ASSERT(rc == (there->there ? 0 : -ENOENT));
		if (rc == 0)
			*there = wanted;
	} else {
		rc = vr_route_add(vr, &route, error);
		CU_ASSERT(rc == (there->there ? -EEXIST : full ? -ENOSPC : 0));
		if (rc == 0)
			*there = wanted;
	}
}

static void
test_against_list(void)
{
	memset(model, 0, sizeof(model));
	memset(up, 1, sizeof(up));
	for (unsigned int round = 0; round < ROUNDS; round++) {
		uint8_t family = random32() % IP_FAMILIES;

		if (random32() % 8 == 0) {
			unsigned int i = random32() % INTERFACES;

			up[i] = random32() % 3 != 0;
			CU_ASSERT(vr_interface_set_up(vr, (uint16_t)i, up[i]) == 0);
		}
		change_route(family, random32() % PREFIXES, random32() % DISTANCES);
		check_lookup(family);
		if (round % 16 == 0)
			check_lists();
		reclaim_poll(readers);
	}
	for (unsigned int i = 0; i < INTERFACES; i++)
		CU_ASSERT(vr_interface_set_up(vr, (uint16_t)i, true) == 0);
	for (uint8_t family = 0; family < IP_FAMILIES; family++)
		for (unsigned int i = 0; i < PREFIXES; i++)
			for (uint8_t d = 0; d < DISTANCES; d++) {
				struct ip_prefix prefix = prefix_of(family, i);

				if (model[family][i][d].there)
					CU_ASSERT(vr_route_delete(vr, &prefix, (uint8_t)(d + 1),
							  error) == 0);
			}
	CU_ASSERT(vr->n_neighbours == 0 && vr->n_rib == 0 && LIST_EMPTY(&vr->multipaths));
	CU_ASSERT(vr->n_standby[0] == 0 && vr->n_standby[1] == 0 && vr->n_static_routes == 0);
}

/*
 * Buckets
 */

static struct vr_via vias[GATEWAYS * INTERFACES];

static const struct next_hop_buckets *
buckets_of_default(void)
{
	struct ip_address any = ip_address_of_ipv4(UINT32_C(0x08080808));
	const struct next_hop *next_hop = vr->next_hops[table_lookup(vr, &any)];

	CU_ASSERT_FATAL(next_hop->type == NEXT_HOP_GROUP);
	return next_hop->buckets;
}

/* How many buckets each gateway has; gives the number of all. */
static uint32_t
count_buckets(uint32_t counts[GATEWAYS * INTERFACES], uint32_t owner[MULTIPATH_BUCKETS_MAX])
{
	const struct next_hop_buckets *buckets = buckets_of_default();

	memset(counts, 0, GATEWAYS * INTERFACES * sizeof(counts[0]));
	for (uint32_t i = 0; i <= buckets->mask; i++) {
		const struct neighbour *neighbour = vr->owners[buckets->indexes[i]].neighbour;
		unsigned int k = 0;

		while (!ip_address_equal(&vias[k].address, &neighbour->address))
			k++;
		counts[k]++;
		owner[i] = k;
	}
	return buckets->mask + 1;
}

static void
check_shares(const bool *in, uint32_t *owner)
{
	uint32_t counts[GATEWAYS * INTERFACES];
	uint32_t n = count_buckets(counts, owner), weights = 0;

	for (unsigned int i = 0; i < RTE_DIM(vias); i++)
		weights += in[i] ? vias[i].weight : 0;
	for (unsigned int i = 0; i < RTE_DIM(vias); i++) {
		uint32_t due = in[i] ? n * vias[i].weight : 0;

		CU_ASSERT(counts[i] >= due / weights && counts[i] <= due / weights + 1);
		CU_ASSERT(in[i] || counts[i] == 0);
	}
}

static struct vr_route
route_of(const bool *in, struct vr_via *used)
{
	struct vr_route route = {
		.prefix.address.family = IP_FAMILY_IPV4, .type = VR_ROUTE_VIA, .vias = used
	};

	for (unsigned int i = 0; i < RTE_DIM(vias); i++)
		if (in[i])
			used[route.n_vias++] = vias[i];
	return route;
}

/* Of those that stay, none takes flows from another; who goes gives all of its own. */
static void
check_moved(const uint32_t *before, const uint32_t *after, uint32_t n, const bool *was,
	const bool *is, const uint32_t *counts_before)
{
	uint32_t moved = 0, must = 0, added = 0;

	for (unsigned int i = 0; i < RTE_DIM(vias); i++) {
		if (was[i] && !is[i])
			must += counts_before[i];
		added += !was[i] && is[i];
	}
	for (uint32_t i = 0; i < n; i++) {
		moved += before[i] != after[i];
		if (added == 0 && is[before[i]])
			CU_ASSERT(before[i] == after[i]);
	}
	if (added == 0)
		CU_ASSERT(moved == must);
}

static void
test_buckets(void)
{
	static uint32_t before[MULTIPATH_BUCKETS_MAX], after[MULTIPATH_BUCKETS_MAX];
	uint32_t counts[GATEWAYS * INTERFACES];
	struct vr_via used[GATEWAYS * INTERFACES];
	bool in[GATEWAYS * INTERFACES], was[GATEWAYS * INTERFACES];
	struct vr_route route;
	uint32_t n;

	for (unsigned int i = 0; i < RTE_DIM(vias); i++)
		vias[i] = (struct vr_via){ host(IP_FAMILY_IPV4, i % INTERFACES, 2 + i / INTERFACES),
			(uint16_t)(1 + random32() % 6), &vr->interfaces[i % INTERFACES] };
	memset(in, 1, sizeof(in));
	route = route_of(in, used);
	CU_ASSERT_FATAL(vr_route_add(vr, &route, error) == 0);
	check_shares(in, before);
	for (unsigned int round = 0; round < 300; round++) {
		unsigned int i = random32() % RTE_DIM(vias);

		memcpy(was, in, sizeof(in));
		n = count_buckets(counts, before);
		in[i] = !in[i];
		route = route_of(in, used);
		if (route.n_vias < 2) {
			in[i] = !in[i];
			continue;
		}
		CU_ASSERT_FATAL(vr_route_replace(vr, &route, error) == 0);
		check_shares(in, after);
		check_moved(before, after, n, was, in, counts);
		reclaim_poll(readers);
	}
	/* An interface that goes down takes its gateways' buckets with it and gives them back. */
	memset(in, 1, sizeof(in));
	route = route_of(in, used);
	CU_ASSERT_FATAL(vr_route_replace(vr, &route, error) == 0);
	for (unsigned int i = 0; i < INTERFACES; i++) {
		memset(was, 1, sizeof(was));
		memset(in, 1, sizeof(in));
		for (unsigned int k = i; k < RTE_DIM(vias); k += INTERFACES)
			in[k] = false;
		n = count_buckets(counts, before);
		CU_ASSERT(vr_interface_set_up(vr, (uint16_t)i, false) == 0);
		check_shares(in, after);
		check_moved(before, after, n, was, in, counts);
		CU_ASSERT(vr_interface_set_up(vr, (uint16_t)i, true) == 0);
		check_shares(was, after);
	}
	/* Two routes with the same gateways have them in common. */
	route.prefix.depth = 1;
	CU_ASSERT_FATAL(vr_route_add(vr, &route, error) == 0);
	CU_ASSERT(LIST_NEXT(LIST_FIRST(&vr->multipaths), link) == NULL);
}

static void
test_refused(void)
{
	struct vr_via two[2] = { { host(IP_FAMILY_IPV4, 0, 2), 1, NULL },
		{ host(IP_FAMILY_IPV4, 1, 2), 1, NULL } };
	struct vr_route route = { .prefix.address.family = IP_FAMILY_IPV4,
		.type = VR_ROUTE_VIA,
		.n_vias = 2,
		.vias = two };

	two[1].weight = 0;
	CU_ASSERT(vr_route_add(vr, &route, error) == -EINVAL);
	CU_ASSERT_STRING_EQUAL(error, "router r: next hop 10.1.0.2: weight 0, expected 1 to 256");
	two[1].weight = 257;
	CU_ASSERT(vr_route_add(vr, &route, error) == -EINVAL);
	two[1] = two[0];
	CU_ASSERT(vr_route_add(vr, &route, error) == -EINVAL);
	CU_ASSERT_STRING_EQUAL(error, "router r: next hop 10.0.0.2 twice");
	two[1].address = host(IP_FAMILY_IPV6, 1, 2);
	CU_ASSERT(vr_route_add(vr, &route, error) == -EINVAL);
	CU_ASSERT_STRING_EQUAL(error, "router r: next hop fd00:1::2 is no IPv4 address");
	two[1].address = host(IP_FAMILY_IPV4, 99, 2);
	CU_ASSERT(vr_route_add(vr, &route, error) == -ENETUNREACH);
	CU_ASSERT(vr->n_neighbours == 0 && LIST_EMPTY(&vr->multipaths));
	two[1].address = host(IP_FAMILY_IPV4, 1, 2);
	CU_ASSERT(vr_route_add(vr, &route, error) == 0);
	CU_ASSERT(vr_route_add(vr, &route, error) == -EEXIST);
	route.distance = 7;
	CU_ASSERT(vr_route_add(vr, &route, error) == 0);
	CU_ASSERT(vr_route_delete(vr, &route.prefix, 0, error) == -EINVAL);
	CU_ASSERT_STRING_EQUAL(
		error, "router r: there are 2 routes to 0.0.0.0/0: say which, with its distance");
	CU_ASSERT(vr_route_delete(vr, &route.prefix, 8, error) == -ENOENT);
	CU_ASSERT(vr_route_delete(vr, &route.prefix, 1, error) == 0);
	CU_ASSERT(vr_route_delete(vr, &route.prefix, 0, error) == 0);
	CU_ASSERT(vr->n_neighbours == 0);
}

int
main(int argc, char **argv)
{
	char *eal_args[] = { argv[0], "--no-huge", "-m", "256", "--no-pci", "--no-shconf",
		"--no-telemetry", "-l", "0", "--log-level", "*:4" };
	unsigned int failures;
	CU_pSuite suite;

	(void)argc;
	random_start();
	if (rte_eal_init(RTE_DIM(eal_args), eal_args) < 0)
		return 1;
	CU_initialize_registry();
	suite = CU_add_suite_with_setup_and_teardown("rib", NULL, NULL, set_up, tear_down);
	CU_add_test(suite, "random changes against a list", test_against_list);
	CU_add_test(suite, "buckets of gateways that come and go", test_buckets);
	CU_add_test(suite, "what is refused", test_refused);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	rte_eal_cleanup();
	return failures != 0;
}
