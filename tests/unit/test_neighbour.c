/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Neighbours of one router on a clock of the test's, without a worker: what it would punt is put into
 * the ring, what it is told to send or drop is read from the other.
 */

#include <errno.h>
#include <string.h>

#include <CUnit/Basic.h>
#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_mempool.h>
#include <rte_rcu_qsbr.h>
#include <rte_ring_elem.h>

#include "vrf/instance.h"
#include "vrf/neighbour.h"
#include "random.h"

#define SECOND  UINT64_C(1000000000)
#define TIMEOUT 20 /* seconds */
#define IP(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
#define HOST(i)        (IP(10, 0, 1, 0) + (i))
#define MAX_NEIGHBOURS 1000

static struct rte_mempool *pool;
static struct reclaim *readers;
static struct vr *vr;
static uint64_t now;
static char error[VR_ERROR_SIZE];

/* What the router told its worker since. */
static struct told {
	unsigned int resumed;
	unsigned int dropped;
	unsigned int asked_all;
	unsigned int asked_one;
	uint32_t target; /* of the latest request */
	struct rte_ether_addr to; /* and its destination */
} told;

static void
open_router(uint32_t max_neighbours, uint32_t max_routes)
{
	struct vr_address addresses[] = { { IP(10, 0, 0, 1), 16 } };
	struct vr_interface interfaces[] = { { .name = "lan",
		.mtu = 1500,
		.mac = { { 2, 0, 0, 0, 0, 1 } },
		.n_addresses = 1,
		.addresses = addresses } };
	struct vr_params params = { .name = "r",
		.interfaces = interfaces,
		.n_interfaces = 1,
		.max_routes = max_routes,
		.max_neighbours = max_neighbours,
		.neighbour_timeout = TIMEOUT,
		.hz = SECOND,
		.socket = SOCKET_ID_ANY,
		.pool = pool,
		.reclaim = readers };

	now = 1000 * SECOND;
	vr = vr_create(&params, error);
	CU_ASSERT_FATAL(vr != NULL);
}

static size_t
heap_in_use(void)
{
	struct rte_malloc_socket_stats stats;

	rte_malloc_get_socket_stats(0, &stats);
	return stats.heap_allocsz_bytes;
}

static size_t heap_before;

static void
set_up(void)
{
	heap_before = heap_in_use();
	readers = reclaim_create(1);
	rte_rcu_qsbr_thread_register(reclaim_qsbr(readers), 0);
	rte_rcu_qsbr_thread_online(reclaim_qsbr(readers), 0);
}

/* All the memory and all the buffers are back, whatever a test left behind. */
static void
tear_down(void)
{
	rte_rcu_qsbr_thread_offline(reclaim_qsbr(readers), 0);
	rte_rcu_qsbr_thread_unregister(reclaim_qsbr(readers), 0);
	if (vr != NULL)
		vr_retire(vr);
	vr = NULL;
	reclaim_destroy(readers);
	CU_ASSERT(rte_mempool_in_use_count(pool) == 0);
	CU_ASSERT(heap_in_use() == heap_before);
}

/* The only reader is done with all it has seen. */
static void
pass_quiescent(void)
{
	rte_rcu_qsbr_quiescent(reclaim_qsbr(readers), 0);
	CU_ASSERT(reclaim_poll(readers) == 0);
}

static void
punt(struct vr_punt *element)
{
	CU_ASSERT_FATAL(rte_ring_sp_enqueue_elem(vr->instance->punt, element, sizeof(*element)) == 0);
}

static void
resolve(uint32_t address)
{
	struct vr_punt element = { .mbuf = rte_pktmbuf_alloc(pool),
		.address = address,
		.code = VR_PUNT_RESOLVE,
		.class = VR_CLASS_FORWARDED };

	CU_ASSERT_FATAL(element.mbuf != NULL);
	punt(&element);
}

static struct rte_ether_addr
mac_of(unsigned int number)
{
	return (struct rte_ether_addr){ { 2, 1, 0, 0, (uint8_t)(number >> 8), (uint8_t)number } };
}

static void
hear(uint32_t address, unsigned int mac, enum vr_punt_code code)
{
	struct vr_punt element = { .mac = mac_of(mac), .address = address, .code = (uint8_t)code };

	punt(&element);
}

static void
read_told(void)
{
	struct vr_inject element;
	const uint8_t *frame;

	while (rte_ring_sc_dequeue_elem(vr->instance->inject, &element, sizeof(element)) == 0) {
		frame = rte_pktmbuf_mtod(element.mbuf, const uint8_t *);
		if (element.code == VR_INJECT_RESUME)
			told.resumed++;
		else if (element.code == VR_INJECT_DROP)
			told.dropped++;
		else if (frame[0] & 1)
			told.asked_all++;
		else
			told.asked_one++;
		if (element.code == VR_INJECT_FRAME) {
			CU_ASSERT(element.class == VR_CLASS_ORIGINATED);
			CU_ASSERT(element.mbuf->data_len == 42);
			memcpy(&told.to, frame, sizeof(told.to));
			told.target = IP(frame[38], frame[39], frame[40], frame[41]);
		}
		rte_pktmbuf_free(element.mbuf);
	}
}

static void
poll(void)
{
	bool injected = neighbour_poll(vr, now);

	CU_ASSERT(injected == !rte_ring_empty(vr->instance->inject));
	read_told();
}

static int
add_static(uint32_t address, unsigned int mac)
{
	struct rte_ether_addr ether = mac_of(mac);

	return neighbour_add_static(vr, &vr->interfaces[0], address, &ether, error);
}

static int
add_route(uint32_t prefix, uint8_t depth, enum vr_route_type type, uint32_t via)
{
	struct vr_route route = { .prefix = prefix, .depth = depth, .type = type, .via = via };

	return vr_route_add(vr, &route, error);
}

/*
 * The machine against a model of it
 */

#define HOSTS    6
#define ROOM     5 /* neighbours at most */
#define GATEWAYS 3 /* of the hosts, the first ones may be gateways */

static struct model {
	bool known;
	enum neighbour_state state;
	unsigned int mac;
	unsigned int requests;
	unsigned int waiting;
	unsigned int routes;
	uint64_t deadline;
	bool blackhole; /* a static /32 for it */
} models[HOSTS];
static bool route_there[GATEWAYS];
static struct told expected;
static uint64_t limit_drops, queue_drops;

static unsigned int
n_known(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < HOSTS; i++)
		n += models[i].known;
	return n;
}

static bool
mac_known(const struct model *model)
{
	return model->known && (model->state == NEIGHBOUR_REACHABLE ||
		model->state == NEIGHBOUR_PROBING || model->state == NEIGHBOUR_STATIC);
}

static bool
model_make(struct model *model)
{
	if (model->known)
		return true;
	if (n_known() == ROOM)
		return false;
	*model = (struct model){ .known = true,
		.state = NEIGHBOUR_INCOMPLETE,
		.deadline = UINT64_MAX,
		.blackhole = model->blackhole };
	return true;
}

static void
model_forget(struct model *model)
{
	if (model->routes == 0) {
		*model = (struct model){ .blackhole = model->blackhole };
		return;
	}
	model->state = NEIGHBOUR_INCOMPLETE;
	model->requests = 0;
	model->deadline = UINT64_MAX;
}

static void
model_release(struct model *model, unsigned int *counter)
{
	*counter += model->waiting;
	model->waiting = 0;
}

static void
model_ask(struct model *model, unsigned int *counter)
{
	(*counter)++;
	model->requests++;
	model->deadline = now + SECOND;
}

static void
model_timer(struct model *model)
{
	if (!model->known || model->deadline > now)
		return;
	if (model->state == NEIGHBOUR_FAILED) {
		model_forget(model);
	} else if (model->state == NEIGHBOUR_REACHABLE) {
		model->state = NEIGHBOUR_PROBING;
		model->requests = 0;
		model_ask(model, &expected.asked_one);
	} else if (model->requests == 3) {
		model_release(model, &expected.dropped);
		model->state = NEIGHBOUR_FAILED;
		model->deadline = now + 3 * SECOND;
	} else {
		model_ask(model, model->state == NEIGHBOUR_PROBING ? &expected.asked_one :
								     &expected.asked_all);
	}
}

static void
model_resolve(struct model *model)
{
	if (!model_make(model)) {
		limit_drops++;
	} else if (model->state == NEIGHBOUR_FAILED) {
		expected.dropped++;
	} else if (model->state != NEIGHBOUR_INCOMPLETE) {
		expected.resumed++;
	} else {
		if (model->waiting < 4)
			model->waiting++;
		else
			queue_drops++;
		if (model->deadline == UINT64_MAX)
			model_ask(model, &expected.asked_all);
	}
}

static void
model_hear(struct model *model, unsigned int mac, bool to_us)
{
	bool knew = mac_known(model);

	if (model->known && model->state == NEIGHBOUR_STATIC)
		return;
	if (to_us ? !model_make(model) : !knew)
		return;
	model->state = NEIGHBOUR_REACHABLE;
	model->mac = mac;
	model->requests = 0;
	model->deadline = now + TIMEOUT * SECOND;
	model_release(model, &expected.resumed);
}

static void
do_static(unsigned int i)
{
	struct model *model = &models[i];
	unsigned int mac = random32() % 3;
	int rc = add_static(HOST(i), mac);

	if (model->known && model->state == NEIGHBOUR_STATIC && model->mac == mac) {
		CU_ASSERT(rc == -EEXIST);
		return;
	}
	if (!model_make(model)) {
		CU_ASSERT(rc == -ENOSPC);
		return;
	}
	CU_ASSERT(rc == 0);
	model->state = NEIGHBOUR_STATIC;
	model->mac = mac;
	model->deadline = UINT64_MAX;
	model->requests = 0;
	model_release(model, &expected.resumed);
}

static void
do_delete(unsigned int i)
{
	int rc = neighbour_delete(vr, HOST(i), error);

	CU_ASSERT(rc == (models[i].known ? 0 : -ENOENT));
	if (rc == 0) {
		model_release(&models[i], &expected.dropped);
		model_forget(&models[i]);
	}
}

/* A route via a gateway, or a blackhole for a host, comes or goes. */
static void
do_route(unsigned int i)
{
	struct model *model = &models[i];
	uint32_t prefix = IP(20, i, 0, 0);

	if (random32() % 2) {
		CU_ASSERT(model->blackhole ?
				vr_route_delete(vr, HOST(i), 32, error) == 0 :
				add_route(HOST(i), 32, VR_ROUTE_BLACKHOLE, 0) == 0);
		model->blackhole = !model->blackhole;
	} else if (i < GATEWAYS && route_there[i]) {
		CU_ASSERT(vr_route_delete(vr, prefix, 16, error) == 0);
		route_there[i] = false;
		if (--model->routes == 0 && model->state == NEIGHBOUR_INCOMPLETE &&
			model->deadline == UINT64_MAX)
			model_forget(model);
	} else if (i < GATEWAYS) {
		int rc = add_route(prefix, 16, VR_ROUTE_VIA, HOST(i));

		CU_ASSERT(rc == (model_make(model) ? 0 : -ENOSPC));
		route_there[i] = rc == 0;
		model->routes += rc == 0;
	}
}

static void
compare(unsigned int i)
{
	const struct model *model = &models[i];
	const struct neighbour *neighbour = neighbour_find(vr, HOST(i));
	uint32_t host_route = lpm_get(vr->lpm, HOST(i), 32);
	const struct next_hop *next_hop;
	struct rte_ether_addr mac = mac_of(model->mac);

	CU_ASSERT_FATAL((neighbour != NULL) == model->known);
	if (model->blackhole) {
		CU_ASSERT(host_route == NEXT_HOP_INDEX_BLACKHOLE);
	} else {
		CU_ASSERT((host_route != LPM_NO_ROUTE) == mac_known(model));
	}
	if (!model->known)
		return;
	CU_ASSERT_FATAL(neighbour->state == model->state);
	CU_ASSERT(neighbour->n_waiting == model->waiting);
	CU_ASSERT(neighbour->n_routes == model->routes);
	CU_ASSERT(neighbour->deadline == model->deadline);
	CU_ASSERT(neighbour->deadline >= vr->next_deadline);
	CU_ASSERT(neighbour->host_route == (mac_known(model) && !model->blackhole));
	if (neighbour->host_route)
		CU_ASSERT(host_route == neighbour->index);
	if (model->state == NEIGHBOUR_INCOMPLETE || model->state == NEIGHBOUR_PROBING)
		CU_ASSERT(neighbour->requests == model->requests);
	next_hop = vr->next_hops[neighbour->index];
	CU_ASSERT(next_hop->index == neighbour->index && next_hop->address == HOST(i));
	CU_ASSERT(next_hop->type == (mac_known(model) ? NEXT_HOP_NEIGHBOUR : NEXT_HOP_INCOMPLETE));
	if (mac_known(model))
		CU_ASSERT(memcmp(next_hop->l2, &mac, sizeof(mac)) == 0);
	if (i < GATEWAYS && route_there[i])
		CU_ASSERT(lpm_lookup(vr->lpm, IP(20, i, 1, 1)) == neighbour->index);
}

static void
compare_all(void)
{
	unsigned int waiting = 0, host_routes = 0;

	for (unsigned int i = 0; i < HOSTS; i++) {
		compare(i);
		waiting += models[i].waiting;
		host_routes += mac_known(&models[i]) && !models[i].blackhole;
	}
	CU_ASSERT(vr->n_neighbours == n_known());
	CU_ASSERT(vr->n_waiting == waiting);
	CU_ASSERT(vr->n_host_routes == host_routes);
	CU_ASSERT(vr->instance->control_dropped[VR_DROP_NEIGHBOUR_LIMIT] == limit_drops);
	CU_ASSERT(vr->instance->control_dropped[VR_DROP_NEIGHBOUR_QUEUE] == queue_drops);
	CU_ASSERT(rte_mempool_in_use_count(pool) == waiting);
	CU_ASSERT(told.resumed == expected.resumed && told.dropped == expected.dropped);
	CU_ASSERT_FATAL(
		told.asked_all == expected.asked_all && told.asked_one == expected.asked_one);
	/* Nothing of what is gone is kept, once readers are done with it. */
	pass_quiescent();
	CU_ASSERT(vr->n_next_hops - vr->n_free_indexes ==
		NEXT_HOP_INDEX_INTERFACES + 1 + n_known());
}

/* Timers are looked at after what was heard, so the order of the two is the model's too. */
static void
random_event(void)
{
	unsigned int i = random32() % HOSTS;
	unsigned int mac = random32() % 3;

	switch (random32() % 10) {
	case 0:
	case 1:
	case 2:
		resolve(HOST(i));
		model_resolve(&models[i]);
		break;
	case 3:
		hear(HOST(i), mac, VR_PUNT_LEARN);
		model_hear(&models[i], mac, true);
		break;
	case 4:
		hear(HOST(i), mac, VR_PUNT_HEARD);
		model_hear(&models[i], mac, false);
		break;
	case 5:
		now += SECOND / 4 * (random32() % 8);
		break;
	case 6:
		now += SECOND * (random32() % (TIMEOUT + 2));
		break;
	case 7:
		do_static(i);
		break;
	case 8:
		do_delete(i);
		break;
	default:
		do_route(i);
	}
	for (i = 0; i < HOSTS; i++)
		model_timer(&models[i]);
	poll();
}

static void
test_model(void)
{
	memset(models, 0, sizeof(models));
	memset(route_there, 0, sizeof(route_there));
	memset(&told, 0, sizeof(told));
	memset(&expected, 0, sizeof(expected));
	limit_drops = queue_drops = 0;
	open_router(ROOM, 100);
	for (unsigned int i = 0; i < 60000; i++) {
		random_event();
		compare_all();
	}
	CU_ASSERT(told.resumed > 0 && told.dropped > 0 && limit_drops > 0 && queue_drops > 0);
}

/*
 * Next hops
 */

/* A reader may still hold the place of a neighbour that is gone: nobody else gets it until then. */
static void
test_index_reuse(void)
{
	uint32_t old, index;

	open_router(MAX_NEIGHBOURS, 100);
	CU_ASSERT(add_static(HOST(0), 1) == 0);
	old = neighbour_find(vr, HOST(0))->index;
	CU_ASSERT(neighbour_delete(vr, HOST(0), error) == 0);
	reclaim_poll(readers);
	for (unsigned int i = 1; i < 100; i++) {
		CU_ASSERT(add_static(HOST(i), i) == 0);
		CU_ASSERT(neighbour_find(vr, HOST(i))->index != old);
		/* What the reader finds there is still whole. */
		index = vr->next_hops[old]->type;
		CU_ASSERT(index == NEXT_HOP_NEIGHBOUR && vr->next_hops[old]->address == HOST(0));
	}
	pass_quiescent();
	CU_ASSERT(vr->next_hops[old]->type == NEXT_HOP_NO_ROUTE);
	CU_ASSERT(add_static(HOST(0), 1) == 0);
	CU_ASSERT(neighbour_find(vr, HOST(0))->index == old);
}

static void
check_all_next_hops(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		uint32_t index = lpm_lookup(vr->lpm, HOST(i));
		const struct next_hop *next_hop = vr->next_hops[index];
		struct rte_ether_addr mac = mac_of(i);

		CU_ASSERT_FATAL(next_hop->type == NEXT_HOP_NEIGHBOUR && next_hop->index == index);
		CU_ASSERT_FATAL(next_hop->address == HOST(i));
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
				hear(HOST(i), i, VR_PUNT_LEARN);
				poll();
			}
		}
		check_all_next_hops(MAX_NEIGHBOURS);
		CU_ASSERT(add_static(HOST(MAX_NEIGHBOURS), 1) == -ENOSPC);
		CU_ASSERT(strstr(error, "max_neighbours") != NULL);
		resolve(HOST(MAX_NEIGHBOURS));
		poll();
		CU_ASSERT(vr->instance->control_dropped[VR_DROP_NEIGHBOUR_LIMIT] == round + 1);
		CU_ASSERT(add_route(IP(20, 0, 0, 0), 8, VR_ROUTE_VIA, HOST(MAX_NEIGHBOURS)) ==
			-ENOSPC);
		CU_ASSERT(lpm_lookup(vr->lpm, IP(20, 1, 1, 1)) == LPM_NO_ROUTE);
		if (round == 0)
			high = vr->n_next_hops;
		CU_ASSERT(vr->n_next_hops == high);
		for (unsigned int i = 0; i < MAX_NEIGHBOURS; i++)
			CU_ASSERT(neighbour_delete(vr, HOST(i), error) == 0);
		CU_ASSERT(vr->n_neighbours == 0 && vr->n_host_routes == 0 && vr->n_dynamic == 0);
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
	hear(HOST(1), 1, VR_PUNT_LEARN);
	poll();
	index = neighbour_find(vr, HOST(1))->index;
	old = vr->next_hops[index];
	hear(HOST(1), 2, VR_PUNT_HEARD);
	poll();
	CU_ASSERT(vr->next_hops[index] != old && lpm_lookup(vr->lpm, IP(20, 1, 1, 1)) == index);
	CU_ASSERT(old->l2[5] == 1 && vr->next_hops[index]->l2[5] == 2);
	/* The same again changes nothing. */
	old = vr->next_hops[index];
	hear(HOST(1), 2, VR_PUNT_LEARN);
	poll();
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
	CU_ASSERT(lpm_lookup(vr->lpm, HOST(3)) == NEXT_HOP_INDEX_UNREACHABLE);
	CU_ASSERT(add_route(HOST(3), 32, VR_ROUTE_BLACKHOLE, 0) == -EEXIST);
	CU_ASSERT(add_route(HOST(4), 32, VR_ROUTE_VIA, HOST(5)) == 0);
	CU_ASSERT(add_route(IP(20, 0, 0, 0), 8, VR_ROUTE_BLACKHOLE, 0) == -ENOSPC);
	/* Not even in place of a host route. */
	CU_ASSERT(add_route(HOST(6), 32, VR_ROUTE_BLACKHOLE, 0) == -ENOSPC);
	index = neighbour_find(vr, HOST(6))->index;
	CU_ASSERT(lpm_lookup(vr->lpm, HOST(6)) == index);
	CU_ASSERT(vr->n_host_routes == 98);
	index = neighbour_find(vr, HOST(5))->index;
	CU_ASSERT(lpm_lookup(vr->lpm, HOST(4)) == index);
	/* The neighbour goes, its static route stays; it comes back, and so on. */
	CU_ASSERT(neighbour_delete(vr, HOST(4), error) == 0);
	CU_ASSERT(lpm_lookup(vr->lpm, HOST(4)) == index);
	CU_ASSERT(add_static(HOST(4), 4) == 0);
	CU_ASSERT(lpm_lookup(vr->lpm, HOST(4)) == index);
	CU_ASSERT(vr_route_delete(vr, HOST(4), 32, error) == 0);
	CU_ASSERT(lpm_lookup(vr->lpm, HOST(4)) == neighbour_find(vr, HOST(4))->index);
	CU_ASSERT(vr_route_delete(vr, HOST(4), 32, error) == -EPERM);
	CU_ASSERT(vr_route_delete(vr, HOST(3), 32, error) == 0);
	CU_ASSERT(lpm_lookup(vr->lpm, HOST(3)) == neighbour_find(vr, HOST(3))->index);
	CU_ASSERT(vr->n_host_routes == 100 && vr->n_static_routes == 0);
	/* Unlike them, a static route is found in the walk as what it is. */
	CU_ASSERT(vr_route_delete(vr, HOST(200), 32, error) == -ENOENT);
	CU_ASSERT(vr_route_delete(vr, IP(10, 0, 0, 1), 32, error) == -EPERM);
	CU_ASSERT(vr_route_delete(vr, IP(10, 0, 0, 0), 16, error) == -EPERM);
	CU_ASSERT(vr_route_delete(vr, IP(10, 0, 255, 255), 32, error) == -EPERM);
}

/* A static route for a part of the subnet holds for the neighbours in it, whoever comes first. */
static void
test_part_of_subnet(void)
{
	const uint32_t part = HOST(0) & ~UINT32_C(0xff);
	uint32_t index, far;

	open_router(MAX_NEIGHBOURS, 8);
	CU_ASSERT(add_static(HOST(1), 1) == 0 && add_static(HOST(300), 2) == 0);
	index = neighbour_find(vr, HOST(1))->index;
	far = neighbour_find(vr, HOST(300))->index;
	CU_ASSERT(lpm_lookup(vr->lpm, HOST(1)) == index);
	CU_ASSERT(add_route(part, 24, VR_ROUTE_BLACKHOLE, 0) == 0);
	CU_ASSERT(lpm_lookup(vr->lpm, HOST(1)) == NEXT_HOP_INDEX_BLACKHOLE);
	hear(HOST(2), 3, VR_PUNT_LEARN);
	poll();
	CU_ASSERT(neighbour_find(vr, HOST(2))->state == NEIGHBOUR_REACHABLE);
	CU_ASSERT(lpm_lookup(vr->lpm, HOST(2)) == NEXT_HOP_INDEX_BLACKHOLE);
	CU_ASSERT(lpm_lookup(vr->lpm, HOST(300)) == far && vr->n_host_routes == 1);
	/* One that covers the whole subnet changes nothing. */
	CU_ASSERT(add_route(IP(10, 0, 0, 0), 15, VR_ROUTE_BLACKHOLE, 0) == 0);
	CU_ASSERT(lpm_lookup(vr->lpm, HOST(300)) == far);
	CU_ASSERT(vr_route_delete(vr, part, 24, error) == 0);
	CU_ASSERT(lpm_lookup(vr->lpm, HOST(1)) == index);
	CU_ASSERT(lpm_lookup(vr->lpm, HOST(2)) == neighbour_find(vr, HOST(2))->index);
	CU_ASSERT(vr->n_host_routes == 3 && vr->n_static_routes == 1);
}

static void
test_refused(void)
{
	struct rte_ether_addr group = { { 1, 0, 0x5e, 0, 0, 1 } }, zero = { { 0 } };

	open_router(MAX_NEIGHBOURS, 100);
	CU_ASSERT(add_static(IP(10, 0, 0, 1), 1) == -EINVAL);
	CU_ASSERT(add_static(IP(10, 0, 0, 0), 1) == -EINVAL);
	CU_ASSERT(add_static(IP(10, 0, 255, 255), 1) == -EINVAL);
	CU_ASSERT(add_static(IP(10, 1, 0, 1), 1) == -ENETUNREACH);
	CU_ASSERT(neighbour_add_static(vr, &vr->interfaces[0], HOST(1), &group, error) == -EINVAL);
	CU_ASSERT(neighbour_add_static(vr, &vr->interfaces[0], HOST(1), &zero, error) == -EINVAL);
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
		poll();
		CU_ASSERT(rte_mempool_in_use_count(pool) == vr->n_waiting);
		CU_ASSERT(vr->n_waiting <= NEIGHBOUR_QUEUE_ALL);
	}
	CU_ASSERT(vr->n_waiting == NEIGHBOUR_QUEUE_ALL);
	CU_ASSERT(vr->instance->control_dropped[VR_DROP_NEIGHBOUR_QUEUE] ==
		200 - NEIGHBOUR_QUEUE_ALL);
	for (unsigned int i = 0; i < 50; i++) {
		hear(HOST(i), i, VR_PUNT_LEARN);
		poll();
	}
	CU_ASSERT(vr->n_waiting == 0);
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
		neighbour_poll(vr, now);
	}
	/* Not more than half of the ring by requests. */
	CU_ASSERT(rte_ring_count(vr->instance->inject) == VR_INJECT_RING / 2);
	for (unsigned int i = 0; i < 30; i++) {
		hear(HOST(300), i, VR_PUNT_LEARN);
		neighbour_poll(vr, now);
	}
	for (unsigned int i = 0; i < 200; i++) {
		resolve(HOST(300));
		neighbour_poll(vr, now);
	}
	CU_ASSERT(rte_ring_count(vr->instance->inject) == VR_INJECT_RING - 1);
	CU_ASSERT(vr->instance->control_dropped[VR_DROP_NEIGHBOUR_QUEUE] ==
		200 - NEIGHBOUR_QUEUE_ALL + 200 - (VR_INJECT_RING - 1 - VR_INJECT_RING / 2));
	/* It gets on: within some milliseconds everyone has been asked for, once. */
	for (unsigned int i = 0; i < 20; i++) {
		read_told();
		now += SECOND / 1000;
		neighbour_poll(vr, now);
	}
	read_told();
	CU_ASSERT(told.asked_all == 200 && vr->instance->control_lost == 0);
	for (unsigned int i = 0; i < 200; i++)
		n += neighbour_find(vr, HOST(i))->requests;
	CU_ASSERT(n == 200);
}

/* A poll takes so many punts, the next takes the rest. */
static void
test_poll_is_bounded(void)
{
	open_router(MAX_NEIGHBOURS, 100);
	for (unsigned int i = 0; i < 60; i++)
		hear(HOST(i), i, VR_PUNT_LEARN);
	poll();
	CU_ASSERT(vr->n_neighbours == 32);
	poll();
	CU_ASSERT(vr->n_neighbours == 60);
}

static void
test_stop(void)
{
	open_router(MAX_NEIGHBOURS, 100);
	memset(&told, 0, sizeof(told));
	for (unsigned int i = 0; i < 5; i++)
		resolve(HOST(i));
	poll();
	CU_ASSERT(vr->n_waiting == 5);
	neighbour_stop(vr);
	CU_ASSERT(vr->n_waiting == 0 && rte_mempool_in_use_count(pool) == 0);
	CU_ASSERT(vr->instance->control_dropped[VR_DROP_STOPPED] == 5);
	resolve(HOST(1));
	hear(HOST(2), 2, VR_PUNT_LEARN);
	now += 100 * SECOND;
	told.asked_all = 0;
	poll();
	CU_ASSERT(vr->instance->control_dropped[VR_DROP_STOPPED] == 6);
	CU_ASSERT(told.asked_all == 0 && told.resumed == 0);
	CU_ASSERT(neighbour_find(vr, HOST(2))->state == NEIGHBOUR_INCOMPLETE);
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
	neighbour_poll(vr, now);
	for (unsigned int i = 0; i < 20; i++) {
		resolve(HOST(i));
		CU_ASSERT(neighbour_delete(vr, HOST(100 + i), error) == 0);
		CU_ASSERT(add_static(HOST(100 + i), i) == 0);
	}
	CU_ASSERT(vr->n_waiting == 20 && rte_mempool_in_use_count(pool) == 60);
}

int
main(int argc, char **argv)
{
	char *eal_args[] = { argv[0], "--no-huge", "-m", "512", "--no-pci", "--no-shconf",
		"--no-telemetry", "-l", "0", "--log-level", "*:4" };
	unsigned int failures;
	CU_pSuite suite;

	(void)argc;
	random_start();
	if (rte_eal_init(RTE_DIM(eal_args), eal_args) < 0)
		return 1;
	pool = rte_pktmbuf_pool_create("test", 1023, 0, 0, 256, SOCKET_ID_ANY);
	CU_initialize_registry();
	suite = CU_add_suite_with_setup_and_teardown("neighbour", NULL, NULL, set_up, tear_down);
	CU_add_test(suite, "random events against a model", test_model);
	CU_add_test(suite, "places of next hops are not reused too early", test_index_reuse);
	CU_add_test(suite, "growth and max_neighbours", test_growth);
	CU_add_test(suite, "a new MAC", test_new_mac);
	CU_add_test(suite, "host routes and static routes", test_host_routes);
	CU_add_test(suite, "static routes for a part of a subnet", test_part_of_subnet);
	CU_add_test(suite, "what is refused", test_refused);
	CU_add_test(suite, "packets held", test_packets_held);
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
