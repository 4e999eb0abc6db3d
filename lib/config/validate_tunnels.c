/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "taken.h"
#include "text.h"
#include "validate.h"

/* What packets of a tunnel are told by in its outer router. No padding. */
struct ends_key {
	char router[CONFIG_NAME_MAX + 1];
	struct ip_address local;
	struct ip_address remote;
	uint8_t type;
	uint8_t has_key;
	uint16_t port;
	uint16_t zero;
	uint32_t key;
};
static_assert(sizeof(struct ends_key) == CONFIG_NAME_MAX + 1 + 44, "compared byte by byte");

/* An interface that is a tunnel, and whose it is. */
struct end {
	const struct config_router *router;
	const struct config_interface *interface;
	uint32_t node; /* LOCATE_NONE: it runs */
};

struct tunnels {
	struct report *report;
	const struct config *config;
	const struct config *running; /* NULL: a whole config */
	struct taken taken;           /* struct ends_key -> index of all */
	struct end *all;
	uint32_t n;
	bool all_known; /* the names of all routers are */
};

static const char *
outer_name(const struct end *end)
{
	const char *name = end->interface->tunnel->router;

	return name[0] != '\0' ? name : end->router->name;
}

static const struct config_router *
find_in(const struct config *config, const char *name, const char **near)
{
	for (uint32_t i = 0; config != NULL && i < config->n_routers; i++) {
		if (strcmp(config->routers[i].name, name) == 0)
			return &config->routers[i];
		if (text_is_near(name, strlen(name), config->routers[i].name))
			*near = config->routers[i].name;
	}
	return NULL;
}

static const struct config_router *
find_outer(const struct tunnels *t, const struct end *end, const char **near)
{
	const struct config_router *found = find_in(t->config, outer_name(end), near);

	return found != NULL ? found : find_in(t->running, outer_name(end), near);
}

enum has {
	HAS_NOT,
	HAS,
	MAY_HAVE, /* one of its addresses is unreadable */
};

static enum has
has_address(const struct config_router *router, const struct ip_address *address)
{
	enum has has = HAS_NOT;

	for (uint32_t i = 0; i < router->n_interfaces; i++) {
		const struct config_interface *interface = &router->interfaces[i];

		for (uint32_t a = 0; a < interface->n_addresses; a++) {
			if (ip_address_equal(&interface->addresses[a].address, address))
				return HAS;
			if (interface->addresses[a].depth == PARSE_BAD_DEPTH)
				has = MAY_HAVE;
		}
	}
	return has;
}

static void
check_outer(struct tunnels *t, const struct end *end)
{
	const struct config_tunnel *tunnel = end->interface->tunnel;
	const struct locate *locate = t->report->locate;
	uint32_t node = locate_member(locate, end->node, "tunnel");
	const char *near = NULL;
	const struct config_router *outer = find_outer(t, end, &near);

	if (outer == NULL && !t->all_known)
		return;
	if (outer == NULL && near != NULL)
		report_value(t->report, locate_member(locate, node, "router"),
			"the name of a router (did you mean \"%s\"?)", near);
	else if (outer == NULL)
		report_value(
			t->report, locate_member(locate, node, "router"), "the name of a router");
	if (outer == NULL)
		return;
	if (!ip_address_is_zero(&tunnel->local) && has_address(outer, &tunnel->local) == HAS_NOT)
		report_value(t->report, locate_member(locate, node, "local"),
			"an address of an interface of router \"%s\"", outer->name);
	if (!ip_address_is_zero(&tunnel->remote) && has_address(outer, &tunnel->remote) == HAS)
		report_value(t->report, locate_member(locate, node, "remote"),
			"an address that is none of router \"%s\" itself", outer->name);
}

static struct ends_key
key_of(const struct end *end)
{
	const struct config_tunnel *tunnel = end->interface->tunnel;
	bool vxlan = tunnel->type == CONFIG_TUNNEL_VXLAN;
	struct ends_key key;

	memset(&key, 0, sizeof(key));
	strcpy(key.router, outer_name(end));
	key.local = tunnel->local;
	key.remote = tunnel->remote;
	key.type = tunnel->type;
	key.has_key = tunnel->has_key;
	key.port = vxlan ? tunnel->port : 0;
	key.key = vxlan ? tunnel->vni : tunnel->key;
	return key;
}

static void
claim(struct tunnels *t, struct end end)
{
	const struct config_tunnel *tunnel = end.interface->tunnel;
	struct ends_key key = key_of(&end);
	const struct end *first;
	char place[32] = "which runs";
	uint32_t holder;

	if (ip_address_is_zero(&tunnel->local) || ip_address_is_zero(&tunnel->remote))
		return;
	holder = taken_claim(&t->taken, &key, t->n);
	if (holder == TAKEN_BY_NOBODY) {
		t->all[t->n++] = end;
		return;
	}
	if (end.node == LOCATE_NONE)
		return;
	first = &t->all[holder];
	if (first->node != LOCATE_NONE)
		snprintf(place, sizeof(place), "line %u", report_line(t->report, first->node));
	report_error(t->report, locate_member(t->report->locate, end.node, "tunnel"),
		"found the type, ends and key of another tunnel, expected some that no other has "
		"together (interface \"%s\" of router \"%s\" has them, %s)",
		first->interface->name, first->router->name, place);
}

static void
list_running(struct tunnels *t)
{
	for (uint32_t r = 0; t->running != NULL && r < t->running->n_routers; r++) {
		const struct config_router *router = &t->running->routers[r];

		for (uint32_t i = 0; i < router->n_interfaces; i++)
			if (router->interfaces[i].tunnel != NULL)
				claim(t, (struct end){
						 router, &router->interfaces[i], LOCATE_NONE });
	}
}

static void
check_router(struct tunnels *t, const struct config_router *router, uint32_t node)
{
	const struct locate *locate = t->report->locate;
	uint32_t interfaces = locate_member(locate, node, "interfaces");

	for (uint32_t i = 0; i < router->n_interfaces; i++) {
		struct end end = { router, &router->interfaces[i],
			locate_item(locate, interfaces, i) };

		if (end.interface->tunnel == NULL)
			continue;
		check_outer(t, &end);
		claim(t, end);
	}
}

static size_t
count(const struct config *config)
{
	size_t n = 0;

	for (uint32_t r = 0; config != NULL && r < config->n_routers; r++)
		for (uint32_t i = 0; i < config->routers[r].n_interfaces; i++)
			n += config->routers[r].interfaces[i].tunnel != NULL;
	return n;
}

void
validate_tunnels(struct report *report, const struct config *config, const struct config *running)
{
	struct tunnels t = {
		.report = report, .config = config, .running = running, .all_known = true
	};
	uint32_t list = locate_member(report->locate, LOCATE_ROOT, "routers");
	size_t n = count(config) + count(running);

	if (n == 0)
		return;
	t.all = calloc(n, sizeof(*t.all));
	if (t.all == NULL || taken_init(&t.taken, n, sizeof(struct ends_key)) < 0) {
		report_no_memory(report);
		free(t.all);
		return;
	}
	for (uint32_t r = 0; r < config->n_routers; r++)
		t.all_known &= config->routers[r].name[0] != '\0';
	list_running(&t);
	for (uint32_t r = 0; r < config->n_routers; r++)
		check_router(&t, &config->routers[r],
			running != NULL ? LOCATE_ROOT : locate_item(report->locate, list, r));
	taken_free(&t.taken);
	free(t.all);
}
