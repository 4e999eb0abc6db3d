/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Many routes at once: all of them or none, while packets go on.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pair.h"
#include "tests.h"
#include "vrf/table.h"

#define ROUNDS 200
#define BATCH_MAX 300
#define ROUTES_MAX 4000
#define NEIGHBOURS 40

#define ADDRESS(a, b, c, d) \
	{ \
		IP_FAMILY_IPV4, \
		{ \
			(a), (b), (c), (d) \
		} \
	}
#define PREFIX(a, b, c, d, depth) \
	{ \
		ADDRESS(a, b, c, d), (depth) \
	}

/* What a table and its neighbours come to as text, so that two states can be compared. */
static bool
print_route(const struct vr_route *route, void *context)
{
	char prefix[IP_PREFIX_TEXT_SIZE], via[IP_ADDRESS_TEXT_SIZE];

	fprintf(context, "%s %s %s %s\n", ip_prefix_text(&route->prefix, prefix),
		vr_route_type_name(route->type), ip_address_text(&route->via, via),
		route->interface == NULL ? "-" : route->interface->name);
	return true;
}

static bool
print_neighbour(const struct neighbour *neighbour, void *context)
{
	char address[IP_ADDRESS_TEXT_SIZE];

	fprintf(context, "%s %s %u routes, host route %d\n",
		ip_address_text(&neighbour->address, address),
		neighbour_state_name(neighbour->state), neighbour->n_routes, neighbour->host_route);
	return true;
}

static char *
describe(const struct vr *vr)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	vr_route_walk(vr, print_route, out);
	for (uint32_t i = 0; i < 256; i++) {
		const struct neighbour *neighbour = lab_neighbour("r", IP(10, 0, 0, i));

		if (neighbour != NULL)
			print_neighbour(neighbour, out);
	}
	fprintf(out, "%u routes, %u static, %u not counted; %u neighbours, %u dynamic\n",
		lpm_count(vr->tables[IP_FAMILY_IPV4]), vr->n_static_routes,
		vr->n_uncounted[IP_FAMILY_IPV4], vr->n_neighbours, vr->n_dynamic);
	fclose(out);
	return text;
}

struct refusals {
	uint32_t n;
	uint32_t first;
	uint32_t last;
	char error[VR_ERROR_SIZE];
};

static void
on_refused(uint32_t i, const char *error, void *context)
{
	struct refusals *refusals = context;

	if (refusals->n++ == 0) {
		refusals->first = i;
		snprintf(refusals->error, sizeof(refusals->error), "%s", error);
	}
	refusals->last = i;
}

static void
open_router(void)
{
	lab_open(1,
		"{'ports': [{'name': 'p0', 'device': 'net_ring_0'}], 'routers': [{'name': 'r',"
		" 'max_routes': %u, 'max_neighbours': %u, 'interfaces': [{'name': 'lan',"
		" 'port': 'p0', 'mac': '02:00:00:00:00:01', 'addresses': ['10.0.0.1/24']}]}]}",
		ROUTES_MAX, NEIGHBOURS);
}

/* Few prefixes, so that batches meet what is there; hosts and parts of the link among them. */
static struct vr_route
random_route(void)
{
	struct vr_route route = { .type = random32() % 4 == 0 ? VR_ROUTE_BLACKHOLE : VR_ROUTE_VIA,
		.via = ADDRESS(10, 0, 0, 2 + random32() % 20) };

	if (random32() % 4 == 0)
		route.prefix = (struct ip_prefix)PREFIX(
			10, 0, 0, 30 + random32() % 8, 25 + random32() % 8);
	else
		route.prefix = (struct ip_prefix)PREFIX(
			20, random32() % 4, random32() % 256, 0, 8 + random32() % 20);
	route.prefix = ip_prefix_network(&route.prefix);
	return route;
}

static bool
same_prefix(const struct vr_route *a, const struct vr_route *b)
{
	return ip_prefix_equal(&a->prefix, &b->prefix);
}

/* Routes with no prefix twice and none that the table has already: all of them can be added. */
static uint32_t
random_batch(const struct vr *vr, struct vr_route *routes, uint32_t n)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct vr_route route = random_route();
		uint32_t value = table_get(vr, &route.prefix);
		const struct neighbour *neighbour = neighbour_find(vr, NULL, &route.prefix.address);
		bool taken =
			value != LPM_NO_ROUTE &&
			(neighbour == NULL || !neighbour->host_route || route.prefix.depth < 32);

		for (uint32_t k = 0; k < used && !taken; k++)
			taken = same_prefix(&routes[k], &route);
		if (!taken)
			routes[used++] = route;
	}
	return used;
}

/* Makes a route of the batch, not its first, such that it can't be added; what must come of it. */
static int
spoil(struct vr_route *routes, uint32_t at)
{
	static const struct vr_route wrong[] = {
		{ .prefix = PREFIX(30, 0, 0, 1, 24), .type = VR_ROUTE_BLACKHOLE },
		{ .prefix = PREFIX(30, 0, 0, 0, 33), .type = VR_ROUTE_BLACKHOLE },
		{ .prefix = PREFIX(30, 0, 0, 0, 24), .via = ADDRESS(10, 1, 0, 1) },
		{ .prefix = PREFIX(30, 0, 0, 0, 24), .via = ADDRESS(10, 0, 0, 1) },
		{ .prefix = PREFIX(30, 0, 0, 0, 24), .type = VR_ROUTE_LOCAL },
		{ .prefix = PREFIX(10, 0, 0, 0, 24), .type = VR_ROUTE_PROHIBIT },
	};
	static const int codes[] = { -EINVAL, -EINVAL, -ENETUNREACH, -EINVAL, -EINVAL, -EEXIST };
	uint32_t which = random32() % (RTE_DIM(wrong) + 1);

	if (which == RTE_DIM(wrong)) {
		/* Shows only when the first of the two is in the table. */
		routes[at] = routes[random32() % at];
		return -EEXIST;
	}
	routes[at] = wrong[which];
	return codes[which];
}

static void
learn_neighbours(void)
{
	for (uint32_t i = 30; i < 38; i += 1 + random32() % 2)
		CU_ASSERT_FATAL(lab_add_neighbour("r", "lan", IP(10, 0, 0, i),
					UINT64_C(0x020000000100) + i) == 0);
}

static void
test_all_or_none(void)
{
	static struct vr_route routes[BATCH_MAX];
	unsigned int added = 0, refused = 0;
	struct vr *vr;

	open_router();
	vr = lab_router("r")->vr;
	learn_neighbours();
	for (unsigned int round = 0; round < ROUNDS; round++) {
		uint32_t n = random_batch(vr, routes, 1 + random32() % BATCH_MAX);
		struct refusals refusals = { 0 };
		char *before = describe(vr), *after;
		uint32_t count = vr->n_static_routes;
		uint32_t at = n < 2 ? 0 : 1 + random32() % (n - 1);
		int wanted = n < 2 || round % 3 == 0 ? 0 : spoil(routes, at);
		int rc;

		rc = vr_routes_add(vr, routes, n, on_refused, &refusals);
		after = describe(vr);
		if (rc == 0) {
			CU_ASSERT(refusals.n == 0);
			CU_ASSERT(vr->n_static_routes == count + n);
			for (uint32_t i = 0; i < n; i++)
				CU_ASSERT(table_get(vr, &routes[i].prefix) != LPM_NO_ROUTE);
			added++;
		} else {
			CU_ASSERT(rc == wanted && refusals.n == 1);
			CU_ASSERT(strncmp(refusals.error, "router r: ", 10) == 0);
			CU_ASSERT_STRING_EQUAL(after, before);
			refused++;
		}
		/* Most go again, so that there is room for others. */
		for (uint32_t i = 0; rc == 0 && i < n; i++)
			if (random32() % 10 != 0)
				CU_ASSERT(lab_delete_prefix("r", &routes[i].prefix) == 0);
		free(before);
		free(after);
		lab_pump();
	}
	CU_ASSERT(added > ROUNDS / 10 && refused > ROUNDS / 10);
}

/* Every route that is wrong in itself is told. */
static void
test_all_told(void)
{
	struct vr_route routes[40];
	struct refusals refusals = { 0 };
	struct vr *vr;

	open_router();
	vr = lab_router("r")->vr;
	for (uint32_t i = 0; i < RTE_DIM(routes); i++)
		routes[i] = (struct vr_route){ .prefix = PREFIX(20, i, 0, 0, 16),
			.via = ADDRESS(10, i % 2, 0, 2) };
	CU_ASSERT(
		vr_routes_add(vr, routes, RTE_DIM(routes), on_refused, &refusals) == -ENETUNREACH);
	CU_ASSERT(refusals.n == 20 && refusals.first == 1 && refusals.last == 39);
	CU_ASSERT_STRING_EQUAL(
		refusals.error, "router r: next hop 10.1.0.2 is on no subnet of its interfaces");
	CU_ASSERT(vr->n_static_routes == 0 && vr->n_neighbours == 0);
	CU_ASSERT(vr_routes_add(vr, routes, 0, on_refused, &refusals) == 0);
}

/* max_routes is known before anything is added, max_neighbours only when it is reached. */
static void
test_limits(void)
{
	static struct vr_route routes[ROUTES_MAX];
	struct refusals refusals = { 0 };
	char *before, *after;
	struct vr *vr;

	open_router();
	vr = lab_router("r")->vr;
	learn_neighbours();
	before = describe(vr);
	for (uint32_t i = 0; i < ROUTES_MAX; i++)
		routes[i] = (struct vr_route){ .prefix = PREFIX(20, i >> 8, i % 256, 0, 24),
			.type = VR_ROUTE_BLACKHOLE };
	CU_ASSERT(vr_routes_add(vr, routes, ROUTES_MAX, on_refused, &refusals) == -ENOSPC);
	/* The subnet and the router's own address count too. */
	CU_ASSERT(refusals.n == 1 && refusals.first == ROUTES_MAX - 2);
	CU_ASSERT_STRING_EQUAL(refusals.error,
		"router r: no room for 4000 more IPv4 routes: the table holds 2, its max_routes is "
		"4000");
	after = describe(vr);
	CU_ASSERT_STRING_EQUAL(after, before);
	free(after);
	/* Those that are refused anyhow need no room. */
	refusals.n = 0;
	routes[7].prefix.depth = routes[ROUTES_MAX - 1].prefix.depth = 8;
	CU_ASSERT(vr_routes_add(vr, routes, ROUTES_MAX, on_refused, &refusals) == -EINVAL);
	CU_ASSERT(refusals.n == 2 && refusals.first == 7 && refusals.last == ROUTES_MAX - 1);
	routes[7].prefix.depth = routes[ROUTES_MAX - 1].prefix.depth = 24;

	for (uint32_t i = 0; i < 200; i++) {
		routes[i].type = VR_ROUTE_VIA;
		routes[i].via = (struct ip_address)ADDRESS(10, 0, 0, 50 + i);
	}
	refusals.n = 0;
	CU_ASSERT(vr_routes_add(vr, routes, 200, on_refused, &refusals) == -ENOSPC);
	CU_ASSERT(refusals.n == 1 && strstr(refusals.error, ": max_neighbours reached") != NULL);
	after = describe(vr);
	CU_ASSERT_STRING_EQUAL(after, before);
	free(after);
	free(before);

	refusals.n = 0;
	CU_ASSERT(vr_routes_add(vr, routes + 200, ROUTES_MAX - 200, on_refused, &refusals) == 0);
	CU_ASSERT(refusals.n == 0);
}

struct page {
	struct vr_route *routes;
	uint32_t n;
	uint32_t end; /* it is full there */
};

static bool
take(const struct vr_route *route, void *context)
{
	struct page *page = context;

	page->routes[page->n++] = *route;
	return page->n < page->end;
}

/* Routes of IPv6 of all depths, many the same: those are refused and not counted. */
static uint32_t
add_ipv6(struct vr *vr, uint32_t n)
{
	char error[VR_ERROR_SIZE];
	uint32_t added = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct vr_route route = { .type = VR_ROUTE_BLACKHOLE };
		uint8_t bytes[16];

		random_bytes(bytes, sizeof(bytes));
		bytes[0] = (uint8_t)(0x20 | (random32() & 1));
		memset(bytes + 1, random32() % 3 == 0 ? 0xff : 0, 6);
		route.prefix.address = ip_address_of_ipv6(bytes);
		route.prefix.depth = (uint8_t)(random32() % 129);
		route.prefix = ip_prefix_network(&route.prefix);
		added += vr_route_add(vr, &route, error) == 0;
	}
	return added;
}

/* The place behind this one in the order of a walk; false behind the last. */
static bool
next_place(struct ip_prefix *prefix)
{
	if (prefix->depth < (prefix->address.family == IP_FAMILY_IPV4 ? 32 : 128)) {
		prefix->depth++;
		return true;
	}
	prefix->depth = 0;
	if (ip_address_next(&prefix->address))
		return true;
	if (prefix->address.family == IP_FAMILY_IPV6)
		return false;
	*prefix = (struct ip_prefix){ .address.family = IP_FAMILY_IPV6 };
	return true;
}

/* A walk in parts gives what one in one piece does, even where the last route seen has gone. */
static void
test_walk_from(void)
{
	static struct vr_route routes[BATCH_MAX], whole[3 * BATCH_MAX], parts[3 * BATCH_MAX];
	struct page all = { .routes = whole, .end = UINT32_MAX };
	struct page page = { .routes = parts };
	struct refusals refusals = { 0 };
	uint32_t n, n_ipv6;
	struct vr *vr;

	open_router();
	vr = lab_router("r")->vr;
	n = random_batch(vr, routes, BATCH_MAX);
	CU_ASSERT_FATAL(vr_routes_add(vr, routes, n, on_refused, &refusals) == 0);
	n_ipv6 = add_ipv6(vr, BATCH_MAX);
	vr_route_walk(vr, take, &all);
	CU_ASSERT(all.n == lpm_count(vr->tables[IP_FAMILY_IPV4]) + n_ipv6 && n_ipv6 > 100);
	/* Addresses in order, IPv4 first; of the same the shorter. The bytes of a prefix say so. */
	for (uint32_t i = 1; i < all.n; i++)
		CU_ASSERT(memcmp(&whole[i - 1].prefix, &whole[i].prefix, sizeof(whole[i].prefix)) <
			  0);
	while (page.n == page.end) {
		struct ip_prefix from = { 0 };

		if (page.n > 0)
			from = parts[page.n - 1].prefix;
		if (page.n > 0 && !next_place(&from))
			break;
		page.end += 1 + random32() % 20;
		vr_route_walk_from(vr, &from, take, &page);
		if (random32() % 2 == 0)
			lab_delete_prefix("r", &parts[page.n - 1].prefix);
	}
	CU_ASSERT_FATAL(page.n == all.n);
	for (uint32_t i = 0; i < all.n; i++)
		CU_ASSERT(same_prefix(&parts[i], &whole[i]) && parts[i].type == whole[i].type);
}

/* A batch that fails is not seen by packets for more than a moment, and then all is as it was. */
static void
test_packets(void)
{
	struct ipv4 ipv4;
	struct vr_route routes[] = {
		{ .prefix = { ip_address_of_ipv4(HOST_IP), 32 }, .type = VR_ROUTE_BLACKHOLE },
		{ .prefix = PREFIX(20, 0, 0, 0, 24), .type = VR_ROUTE_BLACKHOLE },
		{ .prefix = PREFIX(20, 0, 0, 0, 24), .type = VR_ROUTE_BLACKHOLE },
	};
	struct refusals refusals = { 0 };

	pair_open((struct pair_options){ 0 });
	ipv4 = pair_packet_back();
	pair_forwards(&ipv4);
	/* The first takes the place of the host route that ARP made. */
	CU_ASSERT(vr_routes_add(lab_router("r")->vr, routes, 3, on_refused, &refusals) == -EEXIST);
	CU_ASSERT(refusals.n == 1 && refusals.first == 2);
	pair_forwards(&ipv4);
	CU_ASSERT(vr_routes_add(lab_router("r")->vr, routes, 2, on_refused, &refusals) == 0);
	pair_inject(&ipv4);
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(lab_dropped("r", VR_DROP_BLACKHOLE) == 1);
}

CU_TestInfo routes_tests[] = {
	{ "all or none", test_all_or_none },
	{ "all that are wrong are told", test_all_told },
	{ "limits", test_limits },
	{ "a walk in parts", test_walk_from },
	{ "packets meanwhile", test_packets },
	CU_TEST_INFO_NULL,
};
