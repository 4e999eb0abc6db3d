/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The state machine of neighbour.h against a model of it, after each of many random events.
 */

#include <errno.h>
#include <string.h>

#include "neighbour_fixture.h"
#include "random.h"
#include "vrf/table.h"

#define HOSTS 8    /* one half of each family */
#define ROOM 6     /* neighbours at most */
#define GATEWAYS 4 /* of the hosts, the first ones may be gateways */

static struct model {
	bool known;
	enum neighbour_state state;
	unsigned int mac;
	unsigned int requests;
	unsigned int waiting;
	unsigned int routes;
	uint64_t deadline, latest; /* where they differ, somewhere between */
	uint64_t created;
	uint64_t sorted; /* number of the event that put it at the end of a list */
	bool of_user;
	bool is_router;
	bool blackhole; /* a static host route for it */
} models[HOSTS];
static bool route_there[GATEWAYS];
static struct told expected;
#define ROUNDS 60000

static uint64_t limit_drops, queue_drops;
static uint64_t n_sorted;

static struct ip_address
host(unsigned int i)
{
	return i % 2 == 0 ? ip_address_of_ipv4(HOST(i)) : host6(i);
}

/* A prefix that only routes via the gateway have, and an address in it. */
static struct ip_prefix
behind(unsigned int i)
{
	struct ip_prefix prefix = { host(i), i % 2 == 0 ? 16 : 48 };

	prefix.address.bytes[0] = 0x30;
	prefix.address.bytes[1] = (uint8_t)i;
	prefix.address = ip_address_network(&prefix.address, prefix.depth);
	return prefix;
}

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
	return model->known && model->state != NEIGHBOUR_INCOMPLETE &&
	       model->state != NEIGHBOUR_FAILED;
}

static bool
may_go(const struct model *model)
{
	return model->known && !model->of_user && model->routes == 0;
}

static bool
unresolved(const struct model *model)
{
	return may_go(model) && !mac_known(model);
}

static bool
stale(const struct model *model)
{
	return may_go(model) && model->state == NEIGHBOUR_STALE;
}

static struct model *
oldest(bool (*of_kind)(const struct model *model))
{
	struct model *found = NULL;

	for (unsigned int i = 0; i < HOSTS; i++)
		if (of_kind(&models[i]) && (found == NULL || models[i].sorted < found->sorted))
			found = &models[i];
	return found;
}

/* To be put before and after a change that may move it from one list to another. */
static int
list_of(const struct model *model)
{
	return unresolved(model) ? 1 : stale(model) ? 2 : 0;
}

static void
sort(struct model *model, int before)
{
	if (list_of(model) != before)
		model->sorted = ++n_sorted;
}

static void
evict(struct model *model)
{
	limit_drops += model->waiting;
	*model = (struct model){ .blackhole = model->blackhole };
}

static bool
make_room(enum vr_punt_code code, bool by_user)
{
	struct model *model;

	if (n_known() < ROOM)
		return true;
	model = oldest(unresolved);
	if (model != NULL && code == VR_PUNT_RESOLVE && now - model->created < NEIGHBOUR_PATIENCE)
		return false;
	if (model == NULL && by_user)
		model = oldest(stale);
	if (model != NULL)
		evict(model);
	return model != NULL;
}

static bool
model_make(struct model *model, enum vr_punt_code code, bool by_user)
{
	if (model->known)
		return true;
	if (!make_room(code, by_user))
		return false;
	*model = (struct model){ .known = true,
		.state = NEIGHBOUR_INCOMPLETE,
		.deadline = UINT64_MAX,
		.latest = UINT64_MAX,
		.created = now,
		.of_user = by_user,
		.blackhole = model->blackhole };
	sort(model, 0);
	return true;
}

static void
model_deadline(struct model *model, uint64_t deadline)
{
	model->deadline = deadline;
	model->latest = deadline;
}

static void
model_forget(struct model *model)
{
	int list = list_of(model);

	if (model->routes == 0) {
		*model = (struct model){ .blackhole = model->blackhole };
		return;
	}
	model->state = NEIGHBOUR_INCOMPLETE;
	model->requests = 0;
	model->created = now;
	model_deadline(model, UINT64_MAX);
	sort(model, list);
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
	model_deadline(model, now + SECOND);
}

static void
model_enter(struct model *model, enum neighbour_state state, uint64_t deadline)
{
	int list = list_of(model);

	model->state = state;
	model->requests = 0;
	model_deadline(model, deadline);
	sort(model, list);
}

static void
model_stale(struct model *model)
{
	model_enter(model, NEIGHBOUR_STALE, now + TIMEOUT * SECOND);
}

static void
model_learn(struct model *model, unsigned int mac, bool confirmed)
{
	model->mac = mac;
	if (confirmed) {
		model_enter(model, NEIGHBOUR_REACHABLE, now + 15 * SECOND);
		model->latest = now + 45 * SECOND;
	} else {
		model_stale(model);
	}
	model_release(model, &expected.resumed);
}

static void
model_timer(struct model *model)
{
	if (!model->known || model->deadline > now)
		return;
	switch (model->state) {
	case NEIGHBOUR_FAILED:
		model_forget(model);
		return;
	case NEIGHBOUR_REACHABLE:
		model_stale(model);
		return;
	case NEIGHBOUR_STALE:
		if (model->routes > 0)
			model_deadline(model, now + TIMEOUT * SECOND);
		else
			model_forget(model);
		return;
	case NEIGHBOUR_DELAY:
		model_enter(model, NEIGHBOUR_PROBE, now);
		break;
	default:
		break;
	}
	if (model->requests == 3) {
		model_release(model, &expected.dropped);
		model_enter(model, NEIGHBOUR_FAILED, now + 3 * SECOND);
	} else {
		model_ask(model, model->state == NEIGHBOUR_PROBE ? &expected.asked_one
								 : &expected.asked_all);
	}
}

static void
model_resolve(struct model *model)
{
	if (!model_make(model, VR_PUNT_RESOLVE, false)) {
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
model_asked(struct model *model, unsigned int mac)
{
	if (model->known && model->state == NEIGHBOUR_STATIC)
		return;
	if (!model_make(model, VR_PUNT_ASKED, false))
		return;
	if (!mac_known(model) || model->mac != mac)
		model_learn(model, mac, false);
}

/* RFC 4861 7.2.5, in its words. */
static void
model_advertised(struct model *model, unsigned int mac, uint8_t flags)
{
	bool differs = (flags & VR_TOLD_MAC) && model->mac != mac;

	if (!model->known || model->state == NEIGHBOUR_STATIC)
		return;
	if (!mac_known(model)) {
		if (!(flags & VR_TOLD_MAC))
			return;
		model->is_router = flags & VR_TOLD_ROUTER;
		model_learn(model, mac, flags & VR_TOLD_SOLICITED);
		return;
	}
	if (!(flags & VR_TOLD_OVERRIDE) && differs) {
		if (model->state == NEIGHBOUR_REACHABLE)
			model_stale(model);
		return;
	}
	model->is_router = flags & VR_TOLD_ROUTER;
	if (flags & VR_TOLD_SOLICITED)
		model_learn(model, differs ? mac : model->mac, true);
	else if (differs)
		model_learn(model, mac, false);
}

static void
do_static(unsigned int i)
{
	struct model *model = &models[i];
	unsigned int mac = random32() % 3;
	int rc = add_static_ip(host(i), mac);

	if (model->known && model->state == NEIGHBOUR_STATIC && model->mac == mac) {
		CU_ASSERT(rc == -EEXIST);
		return;
	}
	if (!model_make(model, VR_PUNT_RESOLVE + 100, true)) {
		CU_ASSERT(rc == -ENOSPC);
		return;
	}
	CU_ASSERT(rc == 0);
	model->mac = mac;
	model->of_user = true;
	model_enter(model, NEIGHBOUR_STATIC, UINT64_MAX);
	model_release(model, &expected.resumed);
}

static void
do_delete(unsigned int i)
{
	int rc = delete_neighbour_ip(host(i));

	CU_ASSERT(rc == (models[i].known ? 0 : -ENOENT));
	if (rc == 0) {
		model_release(&models[i], &expected.dropped);
		model_forget(&models[i]);
	}
}

static void
do_blackhole(unsigned int i)
{
	struct ip_address address = host(i);
	struct ip_prefix prefix = ip_prefix_of_host(&address);

	CU_ASSERT((models[i].blackhole ? vr_route_delete(vr, &prefix, 0, error)
				       : add_route_ip(prefix, VR_ROUTE_BLACKHOLE, address)) == 0);
	models[i].blackhole = !models[i].blackhole;
}

/* A route via a gateway comes or goes. */
static void
do_route(unsigned int i)
{
	struct model *model = &models[i];
	struct ip_prefix prefix = behind(i);
	int list, rc;

	if (!route_there[i]) {
		rc = add_route_ip(prefix, VR_ROUTE_VIA, host(i));
		CU_ASSERT(rc == (model_make(model, VR_PUNT_RESOLVE + 100, true) ? 0 : -ENOSPC));
		route_there[i] = rc == 0;
		list = list_of(model);
		model->routes += rc == 0;
		if (rc == 0)
			sort(model, list);
		return;
	}
	CU_ASSERT(vr_route_delete(vr, &prefix, 0, error) == 0);
	route_there[i] = false;
	if (--model->routes > 0)
		return;
	/* Now it is as one that a packet made. */
	model->of_user = model->state == NEIGHBOUR_STATIC;
	sort(model, 0);
	if (model->state == NEIGHBOUR_INCOMPLETE && model->deadline == UINT64_MAX)
		model_forget(model);
}

static enum next_hop_type
type_of(const struct model *model)
{
	if (!mac_known(model))
		return NEXT_HOP_INCOMPLETE;
	return model->state == NEIGHBOUR_STALE ? NEXT_HOP_STALE : NEXT_HOP_NEIGHBOUR;
}

static void
compare_next_hop(unsigned int i, const struct neighbour *neighbour)
{
	const struct next_hop *next_hop = vr->next_hops[neighbour->index];
	struct rte_ether_addr mac = mac_of(models[i].mac);
	struct ip_prefix prefix = behind(i);

	CU_ASSERT(next_hop->index == neighbour->index &&
		  vr->owners[neighbour->index].neighbour == neighbour);
	CU_ASSERT(next_hop->type == type_of(&models[i]));
	if (mac_known(&models[i]))
		CU_ASSERT(memcmp(next_hop->l2, &mac, sizeof(mac)) == 0);
	if (i < GATEWAYS && route_there[i])
		CU_ASSERT(table_lookup(vr, &prefix.address) == neighbour->index);
}

static void
compare(unsigned int i)
{
	struct model *model = &models[i];
	const struct neighbour *neighbour = find_ip(host(i));
	struct ip_address address = host(i);
	struct ip_prefix prefix = ip_prefix_of_host(&address);
	uint32_t host_route = table_get(vr, &prefix);

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
	CU_ASSERT(neighbour->timer.deadline >= model->deadline &&
		  neighbour->timer.deadline <= model->latest);
	model_deadline(model, neighbour->timer.deadline);
	CU_ASSERT(neighbour->timer.deadline >= timers_next(&vr->timers));
	CU_ASSERT(neighbour->dynamic == !model->of_user);
	CU_ASSERT(neighbour->is_router == model->is_router);
	CU_ASSERT(neighbour->host_route == (mac_known(model) && !model->blackhole));
	if (neighbour->host_route)
		CU_ASSERT(host_route == neighbour->index);
	if (model->state == NEIGHBOUR_INCOMPLETE || model->state == NEIGHBOUR_PROBE)
		CU_ASSERT(neighbour->requests == model->requests);
	compare_next_hop(i, neighbour);
}

static void
compare_all(void)
{
	unsigned int waiting = 0, host_routes = 0, n_unresolved = 0;

	for (unsigned int i = 0; i < HOSTS; i++) {
		compare(i);
		waiting += models[i].waiting;
		host_routes += i % 2 == 0 && mac_known(&models[i]) && !models[i].blackhole;
		n_unresolved += unresolved(&models[i]);
	}
	CU_ASSERT(vr->n_neighbours == n_known());
	CU_ASSERT(vr->n_unresolved == n_unresolved);
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

static void
do_advertise(unsigned int i, unsigned int mac)
{
	uint8_t flags = random32() & 15;
	bool heard = random32() % 3 == 0;

	hear_ip(host(i), mac, heard ? VR_PUNT_HEARD : VR_PUNT_ADVERTISED, flags);
	if (!heard || mac_known(&models[i]))
		model_advertised(&models[i], mac, flags);
}

static void
do_use(unsigned int i)
{
	const struct neighbour *neighbour = find_ip(host(i));

	if (neighbour == NULL)
		return;
	use(neighbour->index);
	if (models[i].state == NEIGHBOUR_STALE)
		model_enter(&models[i], NEIGHBOUR_DELAY, now + 5 * SECOND);
}

static struct model *
first_due(uint64_t by)
{
	struct model *first = NULL;

	for (unsigned int i = 0; i < HOSTS; i++)
		if (models[i].known && models[i].deadline <= by &&
			(first == NULL || models[i].deadline < first->deadline))
			first = &models[i];
	return first;
}

/*
 * Time goes by. Timers that are late are late one at a time: deadlines are then never the same, so
 * there is one order for the model and for the code.
 */
static void
pass_time(uint64_t ns)
{
	uint64_t to = now + ns;
	struct model *model;

	while ((model = first_due(to)) != NULL) {
		bool late = random32() % 4 == 0;
		uint64_t deadline = model->deadline;

		model->deadline = UINT64_MAX;
		if (late && first_due(to) == NULL)
			now = to;
		else
			now = RTE_MAX(now, deadline);
		model->deadline = deadline;
		model_timer(model);
		poll_router();
		compare_all();
	}
	now = to;
}

static void
random_event(void)
{
	unsigned int i = random32() % HOSTS;
	unsigned int mac = random32() % 3;

	pass_time(1);
	switch (random32() % 13) {
	case 0:
	case 1:
	case 2:
		resolve_ip(host(i));
		model_resolve(&models[i]);
		break;
	case 3:
		hear_ip(host(i), mac, VR_PUNT_ASKED, 0);
		model_asked(&models[i], mac);
		break;
	case 4:
	case 5:
		do_advertise(i, mac);
		break;
	case 6:
	case 7:
		do_use(i);
		break;
	case 8:
		pass_time(SECOND / 4 * (random32() % 8));
		break;
	case 9:
		pass_time(SECOND * (random32() % (TIMEOUT + 2)));
		break;
	case 10:
		do_static(i);
		break;
	case 11:
		do_delete(i);
		break;
	default:
		if (i < GATEWAYS && random32() % 2)
			do_route(i);
		else
			do_blackhole(i);
	}
	poll_router();
}

static bool
all_seen(void)
{
	return told.resumed > 0 && told.dropped > 0 && told.asked_one > 0 && limit_drops > 0 &&
	       queue_drops > 0;
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
	/* Long enough, and then until the rarest has come up. */
	for (unsigned int i = 0; i < ROUNDS || (i < 20 * ROUNDS && !all_seen()); i++) {
		random_event();
		compare_all();
	}
	CU_ASSERT(all_seen());
}

CU_TestInfo neighbour_model_tests[] = {
	{ "random events against a model", test_model },
	CU_TEST_INFO_NULL,
};
