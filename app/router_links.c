/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "link.h"
#include "router.h"
#include "router_links.h"
#include "vrf/tunnel.h"

/* Calls fn for each interface without a port of a router that runs or is leaving. */
static void
for_each_end(const struct vrouter *vrouter,
	void (*fn)(struct router *router, uint32_t end, uint16_t interface, void *context),
	void *context)
{
	const struct router_list *lists[] = { &vrouter->routers, &vrouter->leaving };
	struct router *router;

	for (unsigned int k = 0; k < 2; k++) {
		TAILQ_FOREACH(router, lists[k], link) {
			for (uint16_t i = 0; router->vr != NULL && i < router->vr->n_interfaces;
				i++) {
				const struct vr_interface *interface = &router->vr->interfaces[i];

				if (router_links_is_end(vrouter, interface))
					fn(router, interface->port - vrouter->n_ports, i, context);
			}
		}
	}
}

/* The same for each tunnel whose outer router is another, until one gives other than 0. */
static int
for_each_tunnel(const struct vrouter *vrouter,
	int (*fn)(struct router *router, const struct tunnel *tunnel, void *context), void *context)
{
	const struct router_list *lists[] = { &vrouter->routers, &vrouter->leaving };
	struct router *router;
	int rc = 0;

	for (unsigned int k = 0; k < 2; k++) {
		TAILQ_FOREACH(router, lists[k], link) {
			if (router->vr == NULL || router->vr->n_tunnels == 0)
				continue;
			for (uint16_t i = 0; i < router->vr->n_interfaces && rc == 0; i++) {
				const struct tunnel *tunnel = router->vr->interfaces[i].tunnel;

				if (tunnel != NULL && tunnel->elsewhere)
					rc = fn(router, tunnel, context);
			}
		}
	}
	return rc;
}

static void
mark(struct router *router, uint32_t end, uint16_t interface, void *context)
{
	uint8_t *used = context;

	(void)router;
	(void)interface;
	used[end] = 1;
}

struct numbers {
	const struct vrouter *vrouter;
	uint8_t *used;
	uint32_t n;
	uint32_t next;
};

static int
mark_tunnel(struct router *router, const struct tunnel *tunnel, void *context)
{
	struct numbers *numbers = context;

	(void)router;
	numbers->used[tunnel->output_port - numbers->vrouter->n_ports] = 1;
	numbers->used[tunnel->input_port - numbers->vrouter->n_ports] = 1;
	return 0;
}

static int
take_number(struct numbers *numbers, uint16_t *port)
{
	while (numbers->next < numbers->n && numbers->used[numbers->next])
		numbers->next++;
	if (numbers->next == numbers->n)
		return -ENOSPC;
	*port = (uint16_t)(numbers->vrouter->n_ports + numbers->next++);
	return 0;
}

static int
number_interface(struct numbers *numbers, const struct config_router *router,
	const struct config_interface *config, struct vr_interface *interface,
	struct tunnel_params *tunnel)
{
	int rc;

	if (config->has_port)
		return 0;
	if (config->tunnel == NULL)
		return take_number(numbers, &interface->port);
	if (!config_tunnel_is_elsewhere(router, config->tunnel))
		return 0;
	rc = take_number(numbers, &tunnel->output_port);
	return rc != 0 ? rc : take_number(numbers, &tunnel->input_port);
}

int
router_links_number(const struct vrouter *vrouter, const struct config_router *config,
	struct vr_interface *interfaces, struct tunnel_params *tunnels)
{
	struct numbers numbers = { .vrouter = vrouter, .n = VR_PORT_TUNNEL - vrouter->n_ports };
	int rc = 0;

	numbers.used = calloc(numbers.n + 1, 1);
	if (numbers.used == NULL)
		return -ENOMEM;
	for_each_end(vrouter, mark, numbers.used);
	for_each_tunnel(vrouter, mark_tunnel, &numbers);
	for (unsigned int i = 0; i < config->n_interfaces && rc == 0; i++)
		rc = number_interface(
			&numbers, config, &config->interfaces[i], &interfaces[i], &tunnels[i]);
	free(numbers.used);
	return rc;
}

/* FNV-1a; the end of a name counts too, so that it is told where one ends and the next begins. */
static uint64_t
hash_name(uint64_t hash, const char *name)
{
	do
		hash = (hash ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
	while (*name++ != '\0');
	return hash;
}

struct rte_ether_addr
router_links_mac(const char *router, const char *interface)
{
	uint64_t hash = hash_name(UINT64_C(0xcbf29ce484222325), router);
	struct rte_ether_addr mac;

	hash = hash_name(hash, interface);
	/* Low bits of a product depend on low bits of its factors only. */
	hash ^= hash >> 32;
	memcpy(&mac, &hash, sizeof(mac));
	mac.addr_bytes[0] &= (uint8_t)~RTE_ETHER_GROUP_ADDR;
	mac.addr_bytes[0] |= RTE_ETHER_LOCAL_ADMIN_ADDR;
	return mac;
}

static void
count(struct router *router, uint32_t end, uint16_t interface, void *context)
{
	uint32_t *n = context;

	(void)interface;
	if (router->state == ROUTER_RUNNING)
		*n = RTE_MAX(*n, end + 1);
}

static int
count_tunnel(struct router *router, const struct tunnel *tunnel, void *context)
{
	uint32_t n_ports = router->vrouter->n_ports;
	uint32_t *n = context;

	if (router->state == ROUTER_RUNNING)
		*n = RTE_MAX(*n, RTE_MAX(tunnel->output_port, tunnel->input_port) - n_ports + 1);
	return 0;
}

static void
list_end(struct router *router, uint32_t end, uint16_t interface, void *context)
{
	struct router_link_ends *ends = context;

	if (router->state == ROUTER_RUNNING)
		ends->all[end] = (struct router_link_end){ router, interface, ROUTER_LINK_NO_PEER };
}

static int
by_name(const void *a, const void *b)
{
	return strcmp((*(struct router *const *)a)->name, (*(struct router *const *)b)->name);
}

/* All that run, by name. */
static struct router **
sort_routers(const struct vrouter *vrouter, unsigned int *n)
{
	struct router **sorted;
	struct router *router;

	*n = 0;
	TAILQ_FOREACH(router, &vrouter->routers, link)
		++*n;
	sorted = calloc(*n + 1, sizeof(*sorted));
	*n = 0;
	if (sorted == NULL)
		return NULL;
	TAILQ_FOREACH(router, &vrouter->routers, link)
		sorted[(*n)++] = router;
	qsort(sorted, *n, sizeof(*sorted), by_name);
	return sorted;
}

/* The index of the end that runs, or ROUTER_LINK_NO_PEER. */
static uint32_t
find_end(const struct vrouter *vrouter, struct router **sorted, unsigned int n,
	const struct config_link_end *named)
{
	struct router key, *wanted = &key, **found;
	const struct vr_interface *interface;

	strcpy(key.name, named->router);
	found = bsearch(&wanted, sorted, n, sizeof(*sorted), by_name);
	if (found == NULL)
		return ROUTER_LINK_NO_PEER;
	interface = vr_interface_find((*found)->vr, named->interface);
	if (interface == NULL || !router_links_is_end(vrouter, interface))
		return ROUTER_LINK_NO_PEER;
	return interface->port - vrouter->n_ports;
}

static int
join(const struct vrouter *vrouter, struct router_link_ends *ends)
{
	unsigned int n;
	struct router **sorted = sort_routers(vrouter, &n);

	if (sorted == NULL)
		return -ENOMEM;
	for (unsigned int i = 0; i < vrouter->config->n_links; i++) {
		const struct config_link *link = &vrouter->config->links[i];
		uint32_t a = find_end(vrouter, sorted, n, &link->ends[0]);
		uint32_t b = find_end(vrouter, sorted, n, &link->ends[1]);

		if (a == ROUTER_LINK_NO_PEER || b == ROUTER_LINK_NO_PEER)
			continue;
		ends->all[a].peer = b;
		ends->all[b].peer = a;
	}
	free(sorted);
	return 0;
}

static struct router_link_ends *
make_ends(const struct vrouter *vrouter)
{
	struct router_link_ends *ends;
	uint32_t n = 0;

	for_each_end(vrouter, count, &n);
	for_each_tunnel(vrouter, count_tunnel, &n);
	ends = calloc(1, sizeof(*ends) + n * sizeof(ends->all[0]));
	if (ends == NULL)
		return NULL;
	ends->n = n;
	for_each_end(vrouter, list_end, ends);
	if (join(vrouter, ends) == 0)
		return ends;
	free(ends);
	return NULL;
}

static const struct vr_interface *
interface_of(const struct router_link_end *end)
{
	return &end->router->vr->interfaces[end->interface];
}

/* Frames that leave by `from` are pushed by its worker to the router at `to`. */
static int
connect_ends(struct router_links *links, uint32_t index, const struct router_link_end *from,
	const struct router_link_end *to)
{
	struct worker *producer = from->router->worker, *consumer = to->router->worker;
	struct handover_table *table = links->tables[producer->index];
	struct feed *feed;

	if (!interface_of(from)->enabled || !interface_of(to)->enabled)
		return 0;
	feed = instance_feed(to->router->instance, to->router->config->fifo, consumer, producer,
		true, consumer->socket);
	if (feed == NULL)
		return -ENOMEM;
	handover_table_set(table, index, feed, interface_of(to),
		to->router->vr->forwarder == VR_FORWARDER_WIRE);
	return 0;
}

/* What leaves at this end is pushed by the worker of `from` to `to`, as it is. */
static int
connect_tunnel_end(struct router_links *links, uint16_t port, const struct router *from,
	const struct router *to)
{
	struct worker *consumer = to->worker;
	struct feed *feed = instance_feed(
		to->instance, to->config->fifo, consumer, from->worker, true, consumer->socket);

	if (feed == NULL)
		return -ENOMEM;
	handover_table_set_tunnel(
		links->tables[from->worker->index], port - from->vrouter->n_ports, feed);
	return 0;
}

static int
connect_tunnel(struct router *router, const struct tunnel *tunnel, void *context)
{
	const struct router *outer = vrouter_find(router->vrouter, tunnel->params.router);
	int rc;

	if (router->state != ROUTER_RUNNING || outer == NULL ||
		!router->vr->interfaces[tunnel->interface].enabled)
		return 0;
	rc = connect_tunnel_end(context, tunnel->output_port, router, outer);
	return rc != 0 ? rc : connect_tunnel_end(context, tunnel->input_port, outer, router);
}

static int
make_tables(const struct vrouter *vrouter, struct router_links *links)
{
	const struct router_link_ends *ends = links->ends;

	links->tables = calloc(vrouter->n_workers, sizeof(*links->tables));
	if (links->tables == NULL)
		return -ENOMEM;
	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		links->tables[i] = handover_table_create(ends->n, vrouter->workers[i]->socket);
		if (links->tables[i] == NULL)
			return -ENOMEM;
	}
	for (uint32_t i = 0; i < ends->n; i++) {
		const struct router_link_end *end = &ends->all[i];

		if (end->router != NULL && end->peer != ROUTER_LINK_NO_PEER &&
			connect_ends(links, i, end, &ends->all[end->peer]) != 0)
			return -ENOMEM;
	}
	return for_each_tunnel(vrouter, connect_tunnel, links);
}

int
router_links_make(struct vrouter *vrouter, struct router_links *links)
{
	*links = (struct router_links){ .ends = make_ends(vrouter) };
	if (links->ends != NULL && make_tables(vrouter, links) == 0)
		return 0;
	router_links_drop(vrouter, links);
	return -ENOMEM;
}

void
router_links_drop(const struct vrouter *vrouter, struct router_links *links)
{
	for (unsigned int i = 0; links->tables != NULL && i < vrouter->n_workers; i++)
		handover_table_free(links->tables[i]);
	free(links->tables);
	free(links->ends);
}

void
router_links_publish(struct vrouter *vrouter, struct router_links *links)
{
	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		struct worker *worker = vrouter->workers[i];
		struct handover_table *old = (struct handover_table *)(uintptr_t)worker->links;

		__atomic_store_n(&worker->links, links->tables[i], __ATOMIC_RELEASE);
		handover_table_retire(old, vrouter->reclaim);
	}
	free(links->tables);
	free(vrouter->link_ends);
	vrouter->link_ends = links->ends;
}

const struct router_link_end *
router_links_peer(const struct vrouter *vrouter, const struct vr_interface *interface)
{
	const struct router_link_ends *ends = vrouter->link_ends;
	uint32_t index = interface->port - vrouter->n_ports;
	const struct router_link_end *peer;

	if (ends == NULL || index >= ends->n || ends->all[index].router == NULL ||
		ends->all[index].peer == ROUTER_LINK_NO_PEER)
		return NULL;
	peer = &ends->all[ends->all[index].peer];
	return interface_of(peer)->enabled ? peer : NULL;
}

/* The interface, which can be an end of a link; NULL with the reason told. */
static const struct vr_interface *
check_end(const struct vrouter *vrouter, const struct config_link_end *end, FILE *errors)
{
	const struct router *router = vrouter_find(vrouter, end->router);
	const struct vr_interface *interface;
	const struct config_link *link;
	unsigned int side;

	if (router == NULL) {
		fprintf(errors, "router %s: there is none of this name (see show vr all)\n",
			end->router);
		return NULL;
	}
	interface = vr_interface_find(router->vr, end->interface);
	if (interface == NULL) {
		fprintf(errors, "router %s: no interface %s (see show vr %s interfaces)\n",
			end->router, end->interface, end->router);
		return NULL;
	}
	if (interface->tunnel != NULL) {
		fprintf(errors, "router %s: interface %s is a tunnel, expected one without\n",
			end->router, end->interface);
		return NULL;
	}
	if (interface->port < vrouter->n_ports) {
		fprintf(errors,
			"router %s: interface %s is on port %s, expected one without a port\n",
			end->router, end->interface, vrouter->ports[interface->port].name);
		return NULL;
	}
	link = config_link_find(vrouter->config, end, &side);
	if (link == NULL)
		return interface;
	fprintf(errors, "router %s: interface %s is linked to %s:%s already (see del link)\n",
		end->router, end->interface, link->ends[1 - side].router,
		link->ends[1 - side].interface);
	return NULL;
}

/* That of a wire's is of no use. */
static bool
has_mac(const struct vrouter *vrouter, const struct config_link_end *end)
{
	return vrouter_find(vrouter, end->router)->vr->forwarder != VR_FORWARDER_WIRE;
}

static bool
check_link(const struct vrouter *vrouter, const struct config_link *link, FILE *errors)
{
	const struct vr_interface *a = check_end(vrouter, &link->ends[0], errors);
	const struct vr_interface *b = check_end(vrouter, &link->ends[1], errors);

	if (a == NULL || b == NULL)
		return false;
	if (a == b) {
		fprintf(errors, "router %s: interface %s cannot be linked to itself\n",
			link->ends[0].router, link->ends[0].interface);
		return false;
	}
	if (has_mac(vrouter, &link->ends[0]) && has_mac(vrouter, &link->ends[1]) &&
		rte_is_same_ether_addr(&a->mac, &b->mac)) {
		fprintf(errors, "both ends have the same MAC, expected one of its own at each\n");
		return false;
	}
	if (vrouter->config->n_links < CONFIG_LINKS_MAX)
		return true;
	fprintf(errors, "there are %u links already, the most there can be\n", CONFIG_LINKS_MAX);
	return false;
}

/* The tables follow the config; where that fails, the config has to be as it was. */
static int
publish(struct vrouter *vrouter, FILE *errors)
{
	int rc = router_publish_tables(vrouter, errors);

	if (rc == 0)
		link_follow(vrouter);
	return rc;
}

int
vrouter_add_link(struct vrouter *vrouter, const struct config_link *link, FILE *errors)
{
	struct config *config = vrouter->config;
	struct config_link *links;
	int rc;

	if (!check_link(vrouter, link, errors))
		return -EINVAL;
	links = realloc(config->links, (config->n_links + 1) * sizeof(*links));
	if (links == NULL) {
		fprintf(errors, "no memory\n");
		return -ENOMEM;
	}
	config->links = links;
	links[config->n_links++] = *link;
	rc = publish(vrouter, errors);
	if (rc != 0)
		config->n_links--;
	return rc;
}

int
vrouter_delete_link(struct vrouter *vrouter, const struct config_link_end *end, FILE *errors)
{
	struct config *config = vrouter->config;
	struct config_link *link, *last, deleted;
	unsigned int side;
	int rc;

	link = config_link_find(config, end, &side);
	if (link == NULL) {
		fprintf(errors, "no link ends at %s:%s (see show links)\n", end->router,
			end->interface);
		return -ENOENT;
	}
	last = &config->links[--config->n_links];
	deleted = *link;
	*link = *last;
	*last = deleted;
	rc = publish(vrouter, errors);
	if (rc == 0)
		return 0;
	*last = *link;
	*link = deleted;
	config->n_links++;
	return rc;
}
