/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The state machine of neighbour.h against a model of it, after each of many random events.
 */

#include <errno.h>
#include <string.h>

#include "neighbour_fixture.h"
#include "random.h"

#define HOSTS 6
#define ROOM 5     /* neighbours at most */
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
	return model->known &&
	       (model->state == NEIGHBOUR_REACHABLE || model->state == NEIGHBOUR_PROBING ||
		       model->state == NEIGHBOUR_STATIC);
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
		model_ask(model, model->state == NEIGHBOUR_PROBING ? &expected.asked_one
								   : &expected.asked_all);
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
	int rc = delete_neighbour(HOST(i));

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
		CU_ASSERT(model->blackhole ? delete_route(HOST(i), 32) == 0
					   : add_route(HOST(i), 32, VR_ROUTE_BLACKHOLE, 0) == 0);
		model->blackhole = !model->blackhole;
	} else if (i < GATEWAYS && route_there[i]) {
		CU_ASSERT(delete_route(prefix, 16) == 0);
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
	const struct neighbour *neighbour = find(HOST(i));
	uint32_t host_route = lpm_get(vr->tables[IP_FAMILY_IPV4], HOST(i), 32);
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
	CU_ASSERT(next_hop->index == neighbour->index && is_of(next_hop->index, HOST(i)));
	CU_ASSERT(next_hop->type == (mac_known(model) ? NEXT_HOP_NEIGHBOUR : NEXT_HOP_INCOMPLETE));
	if (mac_known(model))
		CU_ASSERT(memcmp(next_hop->l2, &mac, sizeof(mac)) == 0);
	if (i < GATEWAYS && route_there[i])
		CU_ASSERT(lookup(IP(20, i, 1, 1)) == neighbour->index);
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
	CU_ASSERT(vr->n_uncounted[IP_FAMILY_IPV4] - 2 == host_routes);
	CU_ASSERT(vr->instance->control_dropped[VR_DROP_NEIGHBOUR_LIMIT] == limit_drops);
	CU_ASSERT(vr->instance->control_dropped[VR_DROP_NEIGHBOUR_QUEUE] == queue_drops);
	CU_ASSERT(rte_mempool_in_use_count(pool) == waiting);
	CU_ASSERT(told.resumed == expected.resumed && told.dropped == expected.dropped);
	CU_ASSERT_FATAL(
		told.asked_all == expected.asked_all && told.asked_one == expected.asked_one);
	/* Nothing of what is gone is kept, once readers are done with it. */
	pass_quiescent();
	CU_ASSERT(
		vr->n_next_hops - vr->n_free_indexes == NEXT_HOP_INDEX_INTERFACES + 1 + n_known());
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
	poll_router();
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

CU_TestInfo neighbour_model_tests[] = {
	{ "random events against a model", test_model },
	CU_TEST_INFO_NULL,
};
