/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Neighbours of one router: their next hops and host routes, limits, and how they end.
 */

#include <errno.h>
#include <string.h>

#include <rte_eal.h>

#include "neighbour_fixture.h"
#include "random.h"

/*
 * Next hops
 */

/* A reader may still hold the place of a neighbour that is gone: nobody else gets it until then. */
static void
test_index_reuse(void)
{
	struct rte_ether_addr mac = mac_of(77);
	uint32_t old;

	open_router(MAX_NEIGHBOURS, 100);
	CU_ASSERT(add_static(HOST(0), 77) == 0);
	old = find(HOST(0))->index;
	CU_ASSERT(delete_neighbour(HOST(0)) == 0);
	reclaim_poll(readers);
	for (unsigned int i = 1; i < 100; i++) {
		CU_ASSERT(add_static(HOST(i), i) == 0);
		CU_ASSERT(find(HOST(i))->index != old);
		/* What the reader finds there is still whole. */
		CU_ASSERT(vr->next_hops[old]->type == NEXT_HOP_NEIGHBOUR &&
			  memcmp(vr->next_hops[old]->l2, &mac, sizeof(mac)) == 0);
	}
	pass_quiescent();
	CU_ASSERT(vr->next_hops[old]->type == NEXT_HOP_NO_ROUTE);
	CU_ASSERT(add_static(HOST(0), 1) == 0);
	CU_ASSERT(find(HOST(0))->index == old);
}

static void
check_all_next_hops(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		uint32_t index = lookup(HOST(i));
		const struct next_hop *next_hop = vr->next_hops[index];
		struct rte_ether_addr mac = mac_of(i);

		CU_ASSERT_FATAL(next_hop->type == NEXT_HOP_NEIGHBOUR && next_hop->index == index);
		CU_ASSERT_FATAL(is_of(next_hop->index, HOST(i)));
		CU_ASSERT_FATAL(memcmp(next_hop->l2, &mac, sizeof(mac)) == 0);
	}
}

/* The array grows under a reader that holds the first; full and emptied it stays as large. */
static void
test_growth(void)
{
	uint32_t high = 0;

	open_router(MAX_NEIGHBOURS, 100);
	for (unsigned int round = 0; round < 4; round++) {
		for (unsigned int i = 0; i < MAX_NEIGHBOURS; i++) {
			if (i % 2) {
				CU_ASSERT(add_static(HOST(i), i) == 0);
			} else {
				learn(HOST(i), i);
				poll_router();
			}
		}
		check_all_next_hops(MAX_NEIGHBOURS);
		CU_ASSERT(add_static(HOST(MAX_NEIGHBOURS), 1) == -ENOSPC);
		CU_ASSERT(strstr(error, "max_neighbours") != NULL);
		resolve(HOST(MAX_NEIGHBOURS));
		poll_router();
		CU_ASSERT(vr->instance->control_dropped[VR_DROP_NEIGHBOUR_LIMIT] == round + 1);
		CU_ASSERT(add_route(IP(20, 0, 0, 0), 8, VR_ROUTE_VIA, HOST(MAX_NEIGHBOURS)) ==
			  -ENOSPC);
		CU_ASSERT(lookup(IP(20, 1, 1, 1)) == LPM_NO_ROUTE);
		if (round == 0)
			high = vr->n_next_hops;
		CU_ASSERT(vr->n_next_hops == high);
		for (unsigned int i = 0; i < MAX_NEIGHBOURS; i++)
			CU_ASSERT(delete_neighbour(HOST(i)) == 0);
		CU_ASSERT(vr->n_neighbours == 0 && vr->n_uncounted[IP_FAMILY_IPV4] - 2 == 0 &&
			  vr->n_dynamic == 0);
		pass_quiescent();
	}
}

/* A new MAC leaves routes and index as they are; the old next hop stays for who reads it. */
static void
test_new_mac(void)
{
	const struct next_hop *old;
	uint32_t index;

	open_router(MAX_NEIGHBOURS, 100);
	CU_ASSERT(add_route(IP(20, 0, 0, 0), 8, VR_ROUTE_VIA, HOST(1)) == 0);
	learn(HOST(1), 1);
	poll_router();
	index = find(HOST(1))->index;
	old = vr->next_hops[index];
	hear(HOST(1), 2, VR_PUNT_HEARD);
	poll_router();
	CU_ASSERT(vr->next_hops[index] != old && lookup(IP(20, 1, 1, 1)) == index);
	CU_ASSERT(old->l2[5] == 1 && vr->next_hops[index]->l2[5] == 2);
	/* The same again changes nothing. */
	learn(HOST(1), 2);
	poll_router();
	old = vr->next_hops[index];
	learn(HOST(1), 2);
	poll_router();
	CU_ASSERT(vr->next_hops[index] == old);
	pass_quiescent();
}

/*
 * Host routes
 */

static void
test_host_routes(void)
{
	uint32_t index;

	open_router(MAX_NEIGHBOURS, 4);
	/* The table: a connected and a local route; two are left, host routes aside. */
	for (unsigned int i = 0; i < 100; i++)
		CU_ASSERT(add_static(HOST(i), i) == 0);
	CU_ASSERT(add_route(HOST(3), 32, VR_ROUTE_UNREACHABLE, 0) == 0);
	CU_ASSERT(lookup(HOST(3)) == NEXT_HOP_INDEX_UNREACHABLE);
	CU_ASSERT(add_route(HOST(3), 32, VR_ROUTE_BLACKHOLE, 0) == -EEXIST);
	CU_ASSERT(add_route(HOST(4), 32, VR_ROUTE_VIA, HOST(5)) == 0);
	CU_ASSERT(add_route(IP(20, 0, 0, 0), 8, VR_ROUTE_BLACKHOLE, 0) == -ENOSPC);
	/* Not even in place of a host route. */
	CU_ASSERT(add_route(HOST(6), 32, VR_ROUTE_BLACKHOLE, 0) == -ENOSPC);
	index = find(HOST(6))->index;
	CU_ASSERT(lookup(HOST(6)) == index);
	CU_ASSERT(vr->n_uncounted[IP_FAMILY_IPV4] - 2 == 98);
	index = find(HOST(5))->index;
	CU_ASSERT(lookup(HOST(4)) == index);
	/* The neighbour goes, its static route stays; it comes back, and so on. */
	CU_ASSERT(delete_neighbour(HOST(4)) == 0);
	CU_ASSERT(lookup(HOST(4)) == index);
	CU_ASSERT(add_static(HOST(4), 4) == 0);
	CU_ASSERT(lookup(HOST(4)) == index);
	CU_ASSERT(delete_route(HOST(4), 32) == 0);
	CU_ASSERT(lookup(HOST(4)) == find(HOST(4))->index);
	CU_ASSERT(delete_route(HOST(4), 32) == -EPERM);
	CU_ASSERT(delete_route(HOST(3), 32) == 0);
	CU_ASSERT(lookup(HOST(3)) == find(HOST(3))->index);
	CU_ASSERT(vr->n_uncounted[IP_FAMILY_IPV4] - 2 == 100 && vr->n_static_routes == 0);
	/* Unlike them, a static route is found in the walk as what it is. */
	CU_ASSERT(delete_route(HOST(200), 32) == -ENOENT);
	CU_ASSERT(delete_route(IP(10, 0, 0, 1), 32) == -EPERM);
	CU_ASSERT(delete_route(IP(10, 0, 0, 0), 16) == -EPERM);
	CU_ASSERT(delete_route(IP(10, 0, 255, 255), 32) == -EPERM);
}

/* A static route for a part of the subnet holds for the neighbours in it, whoever comes first. */
static void
test_part_of_subnet(void)
{
	const uint32_t part = HOST(0) & ~UINT32_C(0xff);
	uint32_t index, far;

	open_router(MAX_NEIGHBOURS, 8);
	CU_ASSERT(add_static(HOST(1), 1) == 0 && add_static(HOST(300), 2) == 0);
	index = find(HOST(1))->index;
	far = find(HOST(300))->index;
	CU_ASSERT(lookup(HOST(1)) == index);
	CU_ASSERT(add_route(part, 24, VR_ROUTE_BLACKHOLE, 0) == 0);
	CU_ASSERT(lookup(HOST(1)) == NEXT_HOP_INDEX_BLACKHOLE);
	learn(HOST(2), 3);
	vr_poll(vr, now);
	CU_ASSERT(find(HOST(2))->state == NEIGHBOUR_REACHABLE);
	CU_ASSERT(lookup(HOST(2)) == NEXT_HOP_INDEX_BLACKHOLE);
	CU_ASSERT(lookup(HOST(300)) == far && vr->n_uncounted[IP_FAMILY_IPV4] - 2 == 1);
	/* One that covers the whole subnet changes nothing. */
	CU_ASSERT(add_route(IP(10, 0, 0, 0), 15, VR_ROUTE_BLACKHOLE, 0) == 0);
	CU_ASSERT(lookup(HOST(300)) == far);
	CU_ASSERT(delete_route(part, 24) == 0);
	CU_ASSERT(lookup(HOST(1)) == index);
	CU_ASSERT(lookup(HOST(2)) == find(HOST(2))->index);
	CU_ASSERT(vr->n_uncounted[IP_FAMILY_IPV4] - 2 == 3 && vr->n_static_routes == 1);
}

static void
test_refused(void)
{
	struct ip_address host = ip_address_of_ipv4(HOST(1));
	struct rte_ether_addr group = { { 1, 0, 0x5e, 0, 0, 1 } }, zero = { { 0 } };

	open_router(MAX_NEIGHBOURS, 100);
	CU_ASSERT(add_static(IP(10, 0, 0, 1), 1) == -EINVAL);
	CU_ASSERT(add_static(IP(10, 0, 0, 0), 1) == -EINVAL);
	CU_ASSERT(add_static(IP(10, 0, 255, 255), 1) == -EINVAL);
	CU_ASSERT(add_static(IP(10, 1, 0, 1), 1) == -ENETUNREACH);
	CU_ASSERT(neighbour_add_static(vr, &vr->interfaces[0], &host, &group, error) == -EINVAL);
	CU_ASSERT(neighbour_add_static(vr, &vr->interfaces[0], &host, &zero, error) == -EINVAL);
	CU_ASSERT(add_route(IP(20, 0, 0, 0), 8, VR_ROUTE_VIA, IP(10, 0, 0, 1)) == -EINVAL);
	CU_ASSERT(add_route(IP(20, 0, 0, 0), 8, VR_ROUTE_VIA, IP(10, 0, 255, 255)) == -EINVAL);
	CU_ASSERT(add_route(IP(20, 0, 0, 0), 8, VR_ROUTE_VIA, IP(30, 0, 0, 1)) == -ENETUNREACH);
	CU_ASSERT(add_route(IP(20, 0, 0, 1), 8, VR_ROUTE_VIA, HOST(1)) == -EINVAL);
	CU_ASSERT(add_route(HOST(1), 32, VR_ROUTE_VIA, HOST(1)) == -EINVAL);
	CU_ASSERT(add_route(IP(20, 0, 0, 0), 8, VR_ROUTE_LOCAL, 0) == -EINVAL);
	CU_ASSERT(add_route(IP(10, 0, 0, 0), 16, VR_ROUTE_BLACKHOLE, 0) == -EEXIST);
	CU_ASSERT(vr->n_neighbours == 0 && vr->n_static_routes == 0);
}

/*
 * Limits and ends
 */

/* All of a router's neighbours together hold so many packets. */
static void
test_packets_held(void)
{
	open_router(MAX_NEIGHBOURS, 100);
	for (unsigned int i = 0; i < 100; i++) {
		resolve(HOST(i % 50));
		resolve(HOST(i % 50));
		poll_router();
		CU_ASSERT(rte_mempool_in_use_count(pool) == vr->n_waiting);
		CU_ASSERT(vr->n_waiting <= NEIGHBOUR_QUEUE_ALL);
	}
	CU_ASSERT(vr->n_waiting == NEIGHBOUR_QUEUE_ALL);
	CU_ASSERT(vr->instance->control_dropped[VR_DROP_NEIGHBOUR_QUEUE] ==
		  200 - NEIGHBOUR_QUEUE_ALL);
	for (unsigned int i = 0; i < 50; i++) {
		learn(HOST(i), i);
		poll_router();
	}
	CU_ASSERT(vr->n_waiting == 0);
}

static bool
known(unsigned int i)
{
	const struct neighbour *neighbour = find(HOST(i));

	return neighbour != NULL && neighbour_is_known(neighbour);
}

/*
 * What packets make without an answer takes a part of the table. The oldest goes for a new one, but
 * not at once, and never one that is known.
 */
static void
test_eviction(void)
{
	open_router(100, 100);
	for (unsigned int i = 0; i < 75; i++) {
		hear(HOST(i), i, VR_PUNT_ASKED);
		poll_router();
	}
	for (unsigned int i = 100; i < 200; i++) {
		resolve(HOST(i));
		poll_router();
		CU_ASSERT(vr->n_unresolved == RTE_MIN(i - 99, 25u));
	}
	CU_ASSERT(vr->n_neighbours == 100 && find(HOST(124)) != NULL && find(HOST(125)) == NULL);
	CU_ASSERT(vr->instance->control_dropped[VR_DROP_NEIGHBOUR_LIMIT] == 75);
	/* With patience over, the oldest goes, and what waited for it. */
	now += NEIGHBOUR_PATIENCE;
	resolve(HOST(150));
	poll_router();
	CU_ASSERT(find(HOST(100)) == NULL && find(HOST(101)) != NULL && find(HOST(150)) != NULL);
	CU_ASSERT(vr->instance->control_dropped[VR_DROP_NEIGHBOUR_LIMIT] == 76);
	CU_ASSERT(rte_mempool_in_use_count(pool) == vr->n_waiting && vr->n_waiting == 25);
	/* Who tells its MAC needs not wait, nor does the user. */
	hear(HOST(200), 1, VR_PUNT_ASKED);
	poll_router();
	CU_ASSERT(known(200) && find(HOST(101)) == NULL);
	CU_ASSERT(add_static(HOST(201), 1) == 0 && find(HOST(102)) == NULL);
	for (unsigned int i = 0; i < 75; i++)
		CU_ASSERT(known(i));
	/* Nobody unanswered is left: packets and messages are refused, the user is not. */
	for (unsigned int i = 103; i <= 124; i++)
		CU_ASSERT(delete_neighbour(HOST(i)) == 0);
	CU_ASSERT(delete_neighbour(HOST(150)) == 0);
	for (unsigned int i = 300; i < 323; i++) {
		hear(HOST(i), i, VR_PUNT_ASKED);
		poll_router();
	}
	CU_ASSERT(vr->n_neighbours == 100 && vr->n_unresolved == 0);
	hear(HOST(400), 1, VR_PUNT_ASKED);
	resolve(HOST(401));
	poll_router();
	CU_ASSERT(find(HOST(400)) == NULL && find(HOST(401)) == NULL);
	CU_ASSERT(add_static(HOST(402), 1) == 0 && find(HOST(0)) == NULL && known(1));
	CU_ASSERT(add_route(IP(20, 0, 0, 0), 8, VR_ROUTE_VIA, HOST(403)) == 0);
	CU_ASSERT(find(HOST(1)) == NULL && known(2) && vr->n_neighbours == 100);
}

/* The worker does not get on: what does not fit its ring is dropped and counted, or tried later. */
static void
test_ring_full(void)
{
	unsigned int n = 0;

	open_router(MAX_NEIGHBOURS, 100);
	memset(&told, 0, sizeof(told));
	for (unsigned int i = 0; i < 200; i++) {
		resolve(HOST(i));
		vr_poll(vr, now);
	}
	/* Not more than half of the ring by requests. */
	CU_ASSERT(rte_ring_count(vr->instance->inject) == VR_INJECT_RING / 2);
	for (unsigned int i = 0; i < 30; i++) {
		learn(HOST(300), i);
		vr_poll(vr, now);
	}
	for (unsigned int i = 0; i < 200; i++) {
		resolve(HOST(300));
		vr_poll(vr, now);
	}
	CU_ASSERT(rte_ring_count(vr->instance->inject) == VR_INJECT_RING - 1);
	CU_ASSERT(vr->instance->control_dropped[VR_DROP_NEIGHBOUR_QUEUE] ==
		  200 - NEIGHBOUR_QUEUE_ALL + 200 - (VR_INJECT_RING - 1 - VR_INJECT_RING / 2));
	/* It gets on: within some milliseconds everyone has been asked for, once. */
	for (unsigned int i = 0; i < 20; i++) {
		read_told();
		now += SECOND / 1000;
		vr_poll(vr, now);
	}
	read_told();
	CU_ASSERT(told.asked_all == 200 && vr->instance->control_lost == 0);
	for (unsigned int i = 0; i < 200; i++)
		n += find(HOST(i))->requests;
	CU_ASSERT(n == 200);
}

/* A poll takes so many punts, the next takes the rest. */
static void
test_poll_is_bounded(void)
{
	open_router(MAX_NEIGHBOURS, 100);
	for (unsigned int i = 0; i < 60; i++)
		hear(HOST(i), i, VR_PUNT_ASKED);
	poll_router();
	CU_ASSERT(vr->n_neighbours == 32);
	poll_router();
	CU_ASSERT(vr->n_neighbours == 60);
}

static void
test_stop(void)
{
	open_router(MAX_NEIGHBOURS, 100);
	memset(&told, 0, sizeof(told));
	for (unsigned int i = 0; i < 5; i++)
		resolve(HOST(i));
	poll_router();
	CU_ASSERT(vr->n_waiting == 5);
	vr_stop(vr);
	CU_ASSERT(vr->n_waiting == 0 && rte_mempool_in_use_count(pool) == 0);
	CU_ASSERT(vr->instance->control_dropped[VR_DROP_STOPPED] == 5);
	resolve(HOST(1));
	learn(HOST(2), 2);
	now += 100 * SECOND;
	told.asked_all = 0;
	poll_router();
	CU_ASSERT(vr->instance->control_dropped[VR_DROP_STOPPED] == 6);
	CU_ASSERT(told.asked_all == 0 && told.resumed == 0);
	CU_ASSERT(find(HOST(2))->state == NEIGHBOUR_INCOMPLETE);
}

/* Freed with packets that wait, in both rings, and with neighbours retired but not yet freed. */
static void
test_freed_in_use(void)
{
	open_router(MAX_NEIGHBOURS, 100);
	for (unsigned int i = 0; i < 20; i++) {
		resolve(HOST(i));
		CU_ASSERT(add_static(HOST(100 + i), i) == 0);
		CU_ASSERT(add_route(IP(20, i, 0, 0), 16, VR_ROUTE_VIA, HOST(200 + i % 3)) == 0);
	}
	vr_poll(vr, now);
	for (unsigned int i = 0; i < 20; i++) {
		resolve(HOST(i));
		CU_ASSERT(delete_neighbour(HOST(100 + i)) == 0);
		CU_ASSERT(add_static(HOST(100 + i), i) == 0);
	}
	CU_ASSERT(vr->n_waiting == 20 && rte_mempool_in_use_count(pool) == 60);
}

int
main(int argc, char **argv)
{
	char *eal_args[] = { argv[0], "--no-huge", "-m", "512", "--no-pci", "--no-shconf",
		"--no-telemetry", "-l", "0", "--log-level", "*:4" };
	CU_SuiteInfo suites[] = { { "model", NULL, NULL, set_up, tear_down, neighbour_model_tests },
		CU_SUITE_INFO_NULL };
	unsigned int failures;
	CU_pSuite suite;

	(void)argc;
	random_start();
	if (rte_eal_init(RTE_DIM(eal_args), eal_args) < 0)
		return 1;
	pool = rte_pktmbuf_pool_create("test", 1023, 0, 0, 256, SOCKET_ID_ANY);
	CU_initialize_registry();
	CU_register_suites(suites);
	suite = CU_add_suite_with_setup_and_teardown("neighbour", NULL, NULL, set_up, tear_down);
	CU_add_test(suite, "places of next hops are not reused too early", test_index_reuse);
	CU_add_test(suite, "growth and max_neighbours", test_growth);
	CU_add_test(suite, "a new MAC", test_new_mac);
	CU_add_test(suite, "host routes and static routes", test_host_routes);
	CU_add_test(suite, "static routes for a part of a subnet", test_part_of_subnet);
	CU_add_test(suite, "what is refused", test_refused);
	CU_add_test(suite, "packets held", test_packets_held);
	CU_add_test(suite, "who goes when the table is full", test_eviction);
	CU_add_test(suite, "a full ring", test_ring_full);
	CU_add_test(suite, "a poll is bounded", test_poll_is_bounded);
	CU_add_test(suite, "stopping", test_stop);
	CU_add_test(suite, "freed in use", test_freed_in_use);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures() + (pool == NULL);
	CU_cleanup_registry();
	rte_mempool_free(pool);
	rte_eal_cleanup();
	return failures != 0;
}
