/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_log.h>
#include <rte_ring_elem.h>
#include <rte_string_fns.h>

#include "link.h"
#include "pool.h"
#include "router.h"
#include "stats.h"
#include "vrf/multicast.h"
#include "vrf/reassembly.h"

/* A worker that does not look at its mail for so long is stuck. */
#define MAIL_TIMEOUT_NS UINT64_C(1000000000)

static unsigned int
port_index(const struct vrouter *vrouter, const char *name)
{
	unsigned int i;

	for (i = 0; i < vrouter->n_ports; i++)
		if (strcmp(vrouter->ports[i].name, name) == 0)
			break;
	return i;
}

/* The config's interface as the router wants it; addresses are borrowed. */
static void
describe_interface(const struct vrouter *vrouter, const struct config_interface *config,
	struct vr_interface *interface, struct ip_prefix *addresses)
{
	const struct port *port = &vrouter->ports[port_index(vrouter, config->port)];

	strlcpy(interface->name, config->name, sizeof(interface->name));
	interface->port = port->index;
	interface->outer_vlan = config->outer_vlan;
	interface->vlan = config->vlan;
	interface->mtu = config->mtu != CONFIG_MTU_OF_PORT ? config->mtu : port->mtu;
	interface->mac = config->has_mac ? config->mac : port->mac;
	interface->n_addresses = (uint16_t)config->n_addresses;
	interface->addresses = addresses;
	if (config->n_addresses > 0)
		memcpy(addresses, config->addresses, config->n_addresses * sizeof(*addresses));
}

enum lpm_engine_type
router_table_engine(const struct config_router *config)
{
	static const enum lpm_engine_type engines[] = {
		[CONFIG_TABLE_ENGINE_COMPACT] = LPM_ENGINE_COMPACT,
		[CONFIG_TABLE_ENGINE_FIB] = LPM_ENGINE_FIB,
		[CONFIG_TABLE_ENGINE_LPM] = LPM_ENGINE_LPM,
	};

	return engines[config->table_engine];
}

static void
add_prefix(struct vr_advertisement *advertisement, const struct config_advertised_prefix *prefix)
{
	advertisement->prefixes[advertisement->n_prefixes++] =
		(struct vr_advertised_prefix){ .prefix = prefix->prefix,
			.on_link = prefix->on_link,
			.autonomous = prefix->autonomous,
			.valid_lifetime = prefix->valid_lifetime,
			.preferred_lifetime = prefix->preferred_lifetime };
}

/* Those that the interface is in, as if the config had told them without anything else. */
static void
add_own_prefixes(struct vr_advertisement *advertisement, const struct config_interface *interface)
{
	for (unsigned int i = 0; i < interface->n_addresses; i++) {
		const struct ip_prefix *address = &interface->addresses[i];
		struct config_advertised_prefix prefix = { .prefix = ip_prefix_network(address),
			.on_link = true,
			.autonomous = true,
			.valid_lifetime = CONFIG_VALID_LIFETIME_DEFAULT,
			.preferred_lifetime = CONFIG_PREFERRED_LIFETIME_DEFAULT };

		if (address->address.family == IP_FAMILY_IPV6 && address->depth == 64 &&
			!ip_address_is_link_local(&address->address) &&
			advertisement->n_prefixes < CONFIG_ADVERTISEMENT_PREFIXES_MAX)
			add_prefix(advertisement, &prefix);
	}
}

/* What the interface advertises, to be freed. 0 or -ENOMEM. */
static int
describe_advertisement(const struct config_interface *config, struct vr_interface *interface)
{
	const struct config_advertisement *wanted = config->router_advertisement;
	struct vr_advertisement *made;

	if (wanted == NULL)
		return 0;
	made = calloc(
		1, sizeof(*made) + CONFIG_ADVERTISEMENT_PREFIXES_MAX * sizeof(made->prefixes[0]));
	if (made == NULL)
		return -ENOMEM;
	made->min_interval = wanted->min_interval;
	made->max_interval = wanted->max_interval;
	made->lifetime = wanted->lifetime;
	made->hop_limit = (uint8_t)wanted->hop_limit;
	made->mtu = wanted->mtu;
	made->managed = wanted->managed;
	made->other_config = wanted->other_config;
	made->source_link_address = wanted->source_link_address;
	for (unsigned int i = 0; i < wanted->n_prefixes; i++)
		add_prefix(made, &wanted->prefixes[i]);
	if (wanted->own_prefixes)
		add_own_prefixes(made, config);
	interface->advertisement = made;
	return 0;
}

static void
log_event(const char *text, void *context)
{
	const struct vrouter *vrouter = context;

	if (vrouter->log != NULL)
		fprintf(vrouter->log, "%s\n", text);
	else
		RTE_LOG(WARNING, USER1, "%s\n", text);
}

static struct vr *
make_vr(struct vrouter *vrouter, const struct config_router *config, int socket, FILE *errors)
{
	struct vr_interface *interfaces = calloc(config->n_interfaces + 1, sizeof(*interfaces));
	struct ip_prefix *addresses;
	struct vr_params params = { .name = config->name,
		.interfaces = interfaces,
		.n_interfaces = (uint16_t)config->n_interfaces,
		.table_engine = router_table_engine(config),
		.max_routes = config->max_routes,
		.max_neighbours = config->max_neighbours,
		.neighbour_timeout = config->neighbour_timeout,
		.icmp_rate = config->icmp_rate,
		.echo_rate = config->echo_rate,
		.redirects = config->redirects,
		.accept_source_route = config->accept_source_route,
		.hz = vrouter->hz,
		.socket = socket,
		.pool = vrouter->pool,
		.reclaim = vrouter->reclaim,
		.event = log_event,
		.event_context = vrouter };
	char error[VR_ERROR_SIZE];
	size_t n_addresses = 1;
	struct vr *vr = NULL;

	for (unsigned int i = 0; i < config->n_interfaces; i++)
		n_addresses += config->interfaces[i].n_addresses;
	addresses = calloc(n_addresses, sizeof(*addresses));
	if (interfaces == NULL || addresses == NULL) {
		fprintf(errors, "router %s: no memory\n", config->name);
	} else {
		struct ip_prefix *next = addresses;
		int rc = 0;

		for (unsigned int i = 0; i < config->n_interfaces && rc == 0; i++) {
			describe_interface(vrouter, &config->interfaces[i], &interfaces[i], next);
			next += config->interfaces[i].n_addresses;
			rc = describe_advertisement(&config->interfaces[i], &interfaces[i]);
		}
		snprintf(error, sizeof(error), "router %s: no memory", config->name);
		if (rc == 0)
			vr = vr_create(&params, error);
		if (vr == NULL)
			fprintf(errors, "%s\n", error);
	}
	for (unsigned int i = 0; interfaces != NULL && i < config->n_interfaces; i++)
		free((void *)(uintptr_t)interfaces[i].advertisement);
	free(addresses);
	free(interfaces);
	return vr;
}

/* The config is checked: every name is an interface's. */
static int
add_multicast(struct vr *vr, const struct config_router *config, const char *source, FILE *errors)
{
	char error[VR_ERROR_SIZE];

	for (unsigned int i = 0; i < config->n_multicast_routes; i++) {
		const struct config_multicast_route *wanted = &config->multicast_routes[i];
		struct multicast_route route = { .group = wanted->group,
			.source = wanted->source,
			.in = vr_interface_find(vr, wanted->in)->index };

		route.source.family = route.group.family;
		for (unsigned int k = 0; k < wanted->n_out; k++)
			route.out[route.n_out++] =
				vr_interface_find(vr, wanted->out[k].name)->index;
		if (multicast_add(vr, &route, error) == 0)
			continue;
		fprintf(errors, "%s:%u: %s\n", source, wanted->line, error);
		return -EINVAL;
	}
	return 0;
}

static int
add_static(struct vr *vr, const struct config_router *config, const char *source, FILE *errors)
{
	char error[VR_ERROR_SIZE];

	for (unsigned int i = 0; i < config->n_neighbours; i++) {
		const struct config_neighbour *wanted = &config->neighbours[i];

		if (neighbour_add_static(vr, vr_interface_find(vr, wanted->interface),
			    &wanted->address, &wanted->mac, error) == 0)
			continue;
		fprintf(errors, "%s:%u: %s\n", source, wanted->line, error);
		return -EINVAL;
	}
	if (add_multicast(vr, config, source, errors) != 0)
		return -EINVAL;
	return routes_add_config(vr, config, source, errors);
}

static bool
has_interface_on(const struct vr *vr, const struct port *port)
{
	for (uint16_t i = 0; i < vr->n_interfaces; i++)
		if (vr->interfaces[i].port == port->index)
			return true;
	return false;
}

/* Whether `worker` polls a port that the router has an interface on. */
static bool
classifies_for(const struct worker *worker, const struct vr *vr)
{
	for (unsigned int i = 0; i < worker->n_polled; i++)
		if (has_interface_on(vr, worker->polled[i].port))
			return true;
	return false;
}

static struct instance *
make_instance(struct vrouter *vrouter, const struct config_router *config, struct vr *vr,
	struct worker *worker)
{
	struct instance *instance =
		instance_create(vr->instance, config->weight, vrouter->n_workers, worker->socket);

	if (instance == NULL)
		return NULL;
	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		struct worker *producer = vrouter->workers[i];
		struct feed *feed;

		if (!classifies_for(producer, vr))
			continue;
		feed = feed_create(
			config->fifo, instance, worker, producer == worker, worker->socket);
		if (feed == NULL) {
			instance_free(instance);
			return NULL;
		}
		instance->feeds[instance->n_feeds++] = feed;
	}
	return instance;
}

static bool
wait_for_mail(struct vrouter *vrouter, const struct instance *instance)
{
	uint64_t deadline = vrouter_clock() + MAIL_TIMEOUT_NS;

	while (!worker_mail_done(instance)) {
		if (vrouter_clock() > deadline)
			return false;
		vrouter->relax(vrouter);
	}
	return true;
}

static int
attach(struct vrouter *vrouter, struct router *router, FILE *errors)
{
	int rc = worker_attach(router->worker, router->instance);

	if (rc == -ENOSPC)
		fprintf(errors, "router %s: lcore %u runs %u routers already, the most it can\n",
			router->name, router->worker->lcore, WORKER_INSTANCES_MAX);
	else if (rc != 0)
		fprintf(errors, "router %s: lcore %u takes no requests now, try again\n",
			router->name, router->worker->lcore);
	if (rc != 0)
		return rc;
	if (wait_for_mail(vrouter, router->instance))
		return 0;
	fprintf(errors, "router %s: lcore %u does not answer\n", router->name,
		router->worker->lcore);
	return -ETIMEDOUT;
}

/* Its worker has taken it up or will when it gets on, so it has to leave like one that ran. */
static void
give_up(struct router *router)
{
	struct vrouter *vrouter = router->vrouter;

	TAILQ_REMOVE(&vrouter->routers, router, link);
	router->state = ROUTER_UNANSWERED;
	router->config = NULL;
	TAILQ_INSERT_TAIL(&vrouter->leaving, router, link);
}

struct router *
router_create(struct vrouter *vrouter, const struct config_router *config, struct worker *worker,
	FILE *errors)
{
	struct router *router = calloc(1, sizeof(*router));
	int rc = -ENOMEM;

	if (router == NULL) {
		fprintf(errors, "router %s: no memory\n", config->name);
		return NULL;
	}
	router->vrouter = vrouter;
	router->config = config;
	router->worker = worker;
	strlcpy(router->name, config->name, sizeof(router->name));
	TAILQ_INSERT_TAIL(&vrouter->routers, router, link);
	router->vr = make_vr(vrouter, config, worker->socket, errors);
	if (router->vr != NULL && add_static(router->vr, config, vrouter->source, errors) == 0) {
		router->instance = make_instance(vrouter, config, router->vr, worker);
		router->base = router_base_create(router->vr);
		if (router->instance == NULL || router->base == NULL)
			fprintf(errors, "router %s: no memory for a FIFO of %u packets\n",
				config->name, config->fifo);
		else
			rc = attach(vrouter, router, errors);
	}
	if (rc == 0)
		return router;
	if (rc == -ETIMEDOUT)
		give_up(router);
	else
		router_free(router);
	return NULL;
}

void
router_free(struct router *router)
{
	if (router->state == ROUTER_RUNNING)
		TAILQ_REMOVE(&router->vrouter->routers, router, link);
	else
		TAILQ_REMOVE(&router->vrouter->leaving, router, link);
	instance_free(router->instance);
	/* Neighbours retired before must be freed before their router. */
	if (router->vr != NULL)
		vr_retire(router->vr);
	router_base_free(router->base);
	free(router);
}

static struct feed *
feed_from(const struct instance *instance, const struct vrouter *vrouter,
	const struct worker *producer, const struct vr *vr)
{
	unsigned int k = 0;

	/* Feeds are in the order of the workers that classify for the router. */
	for (unsigned int i = 0; vrouter->workers[i] != producer; i++)
		if (classifies_for(vrouter->workers[i], vr))
			k++;
	return instance->feeds[k];
}

static struct classify_table *
make_table(const struct vrouter *vrouter, const struct worker *worker, const struct port *port)
{
	struct classify_target *targets;
	struct classify_table *table;
	struct router *router;
	unsigned int n = 0;

	TAILQ_FOREACH(router, &vrouter->routers, link)
		n += router->vr->n_interfaces;
	targets = calloc(n + 1, sizeof(*targets));
	if (targets == NULL)
		return NULL;
	n = 0;
	TAILQ_FOREACH(router, &vrouter->routers, link) {
		for (uint16_t i = 0; i < router->vr->n_interfaces; i++) {
			const struct vr_interface *interface = &router->vr->interfaces[i];

			if (interface->port != port->index || !interface->enabled)
				continue;
			targets[n++] = (struct classify_target){
				.feed = feed_from(router->instance, vrouter, worker, router->vr),
				.interface = i,
				.outer_vlan = interface->outer_vlan,
				.vlan = interface->vlan,
				.mac = interface->mac
			};
		}
	}
	table = classify_table_create(targets, n, worker->socket);
	free(targets);
	return table;
}

/* An interface without a MAC has its port's: only now it shows whether that collides. */
static int
check_macs(const struct vrouter *vrouter, FILE *errors)
{
	struct router *a, *b;

	TAILQ_FOREACH(a, &vrouter->routers, link) {
		for (unsigned int i = 0; i < a->config->n_interfaces; i++) {
			const struct vr_interface *mine = &a->vr->interfaces[i];

			if (a->config->interfaces[i].has_mac)
				continue;
			TAILQ_FOREACH(b, &vrouter->routers, link) {
				for (uint16_t k = 0; k < b->vr->n_interfaces; k++) {
					const struct vr_interface *other = &b->vr->interfaces[k];

					if (other == mine || other->port != mine->port ||
						other->outer_vlan != mine->outer_vlan ||
						other->vlan != mine->vlan ||
						!rte_is_same_ether_addr(&other->mac, &mine->mac))
						continue;
					fprintf(errors,
						"router %s: interface %s has the MAC and VLAN of "
						"router %s, interface %s (it has none of its own, "
						"so "
						"the port's)\n",
						a->name, mine->name, b->name, other->name);
					return -EEXIST;
				}
			}
		}
	}
	return 0;
}

int
router_publish_tables(struct vrouter *vrouter, FILE *errors)
{
	struct classify_table **tables = calloc(vrouter->n_ports + 1, sizeof(*tables));
	unsigned int n = 0;

	if (tables == NULL) {
		fprintf(errors, "no memory for the classification tables\n");
		return -ENOMEM;
	}
	if (check_macs(vrouter, errors) != 0) {
		free(tables);
		return -EEXIST;
	}
	/* All are made before the first is swapped in. */
	for (; n < vrouter->n_ports; n++) {
		const struct port *port = &vrouter->ports[n];

		tables[n] = make_table(vrouter, vrouter->workers[port->worker], port);
		if (tables[n] == NULL)
			break;
	}
	if (n < vrouter->n_ports) {
		while (n > 0)
			classify_table_free(tables[--n]);
		free(tables);
		fprintf(errors, "no memory for the classification tables\n");
		return -ENOMEM;
	}
	for (n = 0; n < vrouter->n_ports; n++) {
		const struct port *port = &vrouter->ports[n];
		struct worker_port *polled = worker_port_find(vrouter->workers[port->worker], port);
		struct classify_table *old = (struct classify_table *)(uintptr_t)polled->table;

		__atomic_store_n(&polled->table, tables[n], __ATOMIC_RELEASE);
		classify_table_retire(old, vrouter->reclaim);
	}
	free(tables);
	return 0;
}

/* The config's array of routers has moved or changed. */
static void
find_configs(struct vrouter *vrouter)
{
	struct config *config = vrouter->config;
	struct router *router;

	TAILQ_FOREACH(router, &vrouter->routers, link)
		for (unsigned int i = 0; i < config->n_routers; i++)
			if (strcmp(config->routers[i].name, router->name) == 0)
				router->config = &config->routers[i];
}

static int
append_config(struct vrouter *vrouter, struct config *fragment, FILE *errors)
{
	struct config *config = vrouter->config;
	struct config_router *routers =
		realloc(config->routers, (config->n_routers + 1) * sizeof(*config->routers));

	if (routers == NULL) {
		fprintf(errors, "no memory\n");
		return -ENOMEM;
	}
	config->routers = routers;
	routers[config->n_routers++] = fragment->routers[0];
	fragment->n_routers = 0; /* its strings have moved */
	find_configs(vrouter);
	return 0;
}

static void
remove_config(struct vrouter *vrouter, const char *name)
{
	struct config *config = vrouter->config;

	for (unsigned int i = 0; i < config->n_routers; i++) {
		if (strcmp(config->routers[i].name, name) != 0)
			continue;
		config_router_clear(&config->routers[i]);
		config->routers[i] = config->routers[--config->n_routers];
		break;
	}
	find_configs(vrouter);
}

static bool
pool_suffices(const struct vrouter *vrouter, const char *name, FILE *errors)
{
	uint64_t need = pool_need(vrouter, vrouter->config->n_routers);

	if (need <= vrouter->pool_size)
		return true;
	fprintf(errors,
		"router %s: its FIFOs could need %" PRIu64
		" packet buffers more than there are; give it "
		"a smaller \"fifo\", or start with \"mbufs\" of at least %" PRIu64 "\n",
		name, need - vrouter->pool_size, need);
	return false;
}

int
vrouter_add_router(
	struct vrouter *vrouter, struct config *fragment, const char *source, FILE *errors)
{
	char name[CONFIG_NAME_MAX + 1];
	struct router *router = NULL;
	struct worker *worker;
	const char *own_source = vrouter->source;
	int rc;

	strlcpy(name, fragment->routers[0].name, sizeof(name));
	worker = place_router(vrouter, &fragment->routers[0], source, errors);
	rc = worker == NULL ? -EINVAL : append_config(vrouter, fragment, errors);
	config_free(fragment);
	if (rc != 0)
		return rc;
	vrouter->source = source;
	if (pool_suffices(vrouter, name, errors))
		router = router_create(vrouter,
			&vrouter->config->routers[vrouter->config->n_routers - 1], worker, errors);
	vrouter->source = own_source;
	if (router == NULL) {
		remove_config(vrouter, name);
		return -EINVAL;
	}
	link_adopt(vrouter, router);
	rc = router_publish_tables(vrouter, errors);
	if (rc != 0) {
		/* No table leads to it, so none has to be made for it to leave. */
		give_up(router);
		remove_config(vrouter, name);
	}
	return rc;
}

static void
on_unreached(struct reclaim_node *node)
{
	struct router *router = RTE_PTR_SUB(node, offsetof(struct router, reclaim));

	/* A full mailbox is tried again after another grace period. */
	if (worker_detach(router->worker, router->instance) == 0)
		router->state = ROUTER_LEAVING;
	else
		reclaim_retire(router->vrouter->reclaim, &router->reclaim, on_unreached);
}

void
router_leave_step(struct router *router)
{
	if (!worker_mail_done(router->instance))
		return;
	if (router->state == ROUTER_LEAVING)
		router_free(router);
	/* No table has led to it. A full mailbox is tried again. */
	else if (router->state == ROUTER_UNANSWERED &&
		 worker_detach(router->worker, router->instance) == 0)
		router->state = ROUTER_LEAVING;
}

int
vrouter_delete_router(struct vrouter *vrouter, const char *name, FILE *errors)
{
	struct router *router = vrouter_find(vrouter, name);
	int rc;

	if (router == NULL) {
		fprintf(errors, "router %s: there is none of this name\n", name);
		return -ENOENT;
	}
	TAILQ_REMOVE(&vrouter->routers, router, link);
	rc = router_publish_tables(vrouter, errors);
	if (rc != 0) {
		TAILQ_INSERT_TAIL(&vrouter->routers, router, link);
		return rc;
	}
	if (vr_stop(router->vr))
		worker_ring(router->worker, router->instance);
	router->state = ROUTER_UNREACHED;
	router->config = NULL;
	TAILQ_INSERT_TAIL(&vrouter->leaving, router, link);
	remove_config(vrouter, name);
	reclaim_retire(vrouter->reclaim, &router->reclaim, on_unreached);
	return 0;
}

void
router_drop_rest(struct router *router)
{
	struct vr_instance *vr = router->instance->vr;
	struct rte_mbuf *mbuf;
	struct vr_inject inject;
	struct vr_punt punt;

	while (instance_take(router->instance, &mbuf, 1, &router->worker->queued) == 1) {
		vr->counters.input++;
		vr->counters.dropped[VR_DROP_STOPPED]++;
		rte_pktmbuf_free(mbuf);
	}
	while (rte_ring_sc_dequeue_elem(vr->punt, &punt, sizeof(punt)) == 0) {
		if (punt.code != VR_PUNT_RESOLVE)
			continue;
		if (punt.class == VR_CLASS_ORIGINATED)
			vr->control_lost++;
		else
			vr->control_dropped[VR_DROP_STOPPED]++;
		rte_pktmbuf_free(punt.mbuf);
	}
	while (rte_ring_sc_dequeue_elem(vr->inject, &inject, sizeof(inject)) == 0) {
		if (inject.mbuf == NULL)
			continue;
		if (inject.class == VR_CLASS_ORIGINATED)
			vr->control_lost++;
		else
			vr->control_dropped[VR_DROP_STOPPED]++;
		rte_pktmbuf_free(inject.mbuf);
	}
	/* Counted where the worker would have: it has stopped. */
	vr->counters.dropped[VR_DROP_STOPPED] += reassembly_drop_all(vr->reassembly);
}
