/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>

#include "router.h"
#include "router_links.h"

static bool
has_interface_on(const struct vr *vr, const struct port *port)
{
	for (uint16_t i = 0; i < vr->n_interfaces; i++)
		if (vr->interfaces[i].port == port->index)
			return true;
	return false;
}

bool
router_is_sorted_by(const struct worker *worker, const struct vr *vr)
{
	for (unsigned int i = 0; i < worker->n_polled; i++)
		if (has_interface_on(vr, worker->polled[i].port))
			return true;
	return false;
}

static struct feed *
feed_from(const struct router *router, const struct worker *producer)
{
	struct worker *consumer = router->worker;

	return instance_feed(router->instance, router->config->fifo, consumer, producer, false,
		consumer->socket);
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
			struct feed *feed;

			if (interface->port != port->index || !interface->enabled)
				continue;
			feed = feed_from(router, worker);
			if (feed == NULL) {
				free(targets);
				return NULL;
			}
			targets[n++] = (struct classify_target){ .feed = feed,
				.interface = i,
				.outer_vlan = interface->outer_vlan,
				.vlan = interface->vlan,
				.any_mac = router->vr->forwarder == VR_FORWARDER_WIRE,
				.mac = interface->mac };
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

			if (a->config->interfaces[i].has_mac || mine->port >= vrouter->n_ports)
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
	struct router_links links;
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
	if (n < vrouter->n_ports || router_links_make(vrouter, &links) != 0) {
		while (n > 0)
			classify_table_free(tables[--n]);
		free(tables);
		fprintf(errors, "no memory for the tables of ports and links\n");
		return -ENOMEM;
	}
	router_links_publish(vrouter, &links);
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
