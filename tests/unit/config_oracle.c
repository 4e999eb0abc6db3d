/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <string.h>

#include "config_oracle.h"

#define RULE(holds) \
	do { \
		if (!(holds)) \
			return #holds; \
	} while (0)

static bool
is_name(const char *name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

	return name[0] != '\0' && strspn(name, letters) == strlen(name);
}

static bool
is_host(uint32_t a)
{
	uint8_t top = a >> 24;

	return top != 0 && top != 127 && (top < 224 || top > 239) && a != UINT32_MAX;
}

static bool
in_subnet(uint32_t address, const struct config_address *a)
{
	uint64_t size = UINT64_C(1) << (32 - a->depth);

	return address / size == a->address / size;
}

static bool
overlap(const struct config_address *a, const struct config_address *b)
{
	return in_subnet(a->address, b) || in_subnet(b->address, a);
}

/* Not the first and not the last of a subnet that has more than two addresses. */
static bool
is_inside(uint32_t address, const struct config_address *a)
{
	uint64_t size = UINT64_C(1) << (32 - a->depth);

	return in_subnet(address, a) &&
	       (size <= 2 || (address % size != 0 && address % size != size - 1));
}

static bool
is_unicast(const struct rte_ether_addr *mac)
{
	static const struct rte_ether_addr zero;

	return (mac->addr_bytes[0] & 1) == 0 && memcmp(mac, &zero, sizeof(zero)) != 0;
}

static const struct config_address *
longest_subnet(
	const struct config_router *r, uint32_t address, const struct config_interface **interface)
{
	const struct config_address *longest = NULL;

	for (unsigned int i = 0; i < r->n_interfaces; i++) {
		for (unsigned int a = 0; a < r->interfaces[i].n_addresses; a++) {
			const struct config_address *subnet = &r->interfaces[i].addresses[a];

			if (!in_subnet(address, subnet))
				continue;
			if (longest != NULL && longest->depth >= subnet->depth)
				continue;
			longest = subnet;
			*interface = &r->interfaces[i];
		}
	}
	return longest;
}

static bool
is_own(const struct config_router *r, uint32_t address)
{
	for (unsigned int i = 0; i < r->n_interfaces; i++) {
		for (unsigned int a = 0; a < r->interfaces[i].n_addresses; a++) {
			if (r->interfaces[i].addresses[a].address == address)
				return true;
		}
	}
	return false;
}

static const char *
check_addresses(const struct config_interface *i, const struct config_interface *other)
{
	for (unsigned int a = 0; a < i->n_addresses; a++) {
		const struct config_address *x = &i->addresses[a];

		RULE(x->depth >= 1 && x->depth <= 32);
		RULE(is_host(x->address));
		RULE(is_inside(x->address, x));
		for (unsigned int b = 0; b < other->n_addresses; b++) {
			const struct config_address *y = &other->addresses[b];

			if (x == y)
				continue;
			RULE(x->address != y->address);
			RULE(i != other || !overlap(x, y));
			RULE(x->depth != y->depth || !overlap(x, y));
		}
	}
	return NULL;
}

static const char *
check_interfaces(const struct config *c, const struct config_router *r)
{
	for (unsigned int i = 0; i < r->n_interfaces; i++) {
		const struct config_interface *x = &r->interfaces[i];
		const char *wrong = NULL;
		unsigned int port = 0;

		RULE(is_name(x->name));
		RULE(x->vlan <= 4094 && x->outer_vlan <= 4094);
		RULE(x->outer_vlan == 0 || x->vlan != 0);
		RULE(!x->has_mac || is_unicast(&x->mac));
		while (port < c->n_ports && strcmp(c->ports[port].name, x->port) != 0)
			port++;
		RULE(port < c->n_ports);
		for (unsigned int o = 0; o < r->n_interfaces && wrong == NULL; o++) {
			RULE(o == i || strcmp(x->name, r->interfaces[o].name) != 0);
			wrong = check_addresses(x, &r->interfaces[o]);
		}
		if (wrong != NULL)
			return wrong;
	}
	return NULL;
}

static const char *
check_route(const struct config_router *r, unsigned int i)
{
	const struct config_route *route = &r->routes[i];
	const struct config_interface *interface = NULL;
	const struct config_address as_subnet = { route->prefix, route->depth };

	RULE(route->depth <= 32);
	RULE(route->depth == 32 || (route->prefix & (UINT32_MAX >> route->depth)) == 0);
	for (unsigned int o = 0; o < i; o++)
		RULE(r->routes[o].prefix != route->prefix || r->routes[o].depth != route->depth);
	for (unsigned int o = 0; o < r->n_interfaces; o++) {
		for (unsigned int a = 0; a < r->interfaces[o].n_addresses; a++) {
			const struct config_address *x = &r->interfaces[o].addresses[a];

			RULE(x->depth != route->depth || !in_subnet(x->address, &as_subnet));
		}
	}
	RULE(route->depth != 32 || !is_own(r, route->prefix));
	if (route->type == CONFIG_ROUTE_VIA) {
		const struct config_address *subnet = longest_subnet(r, route->via, &interface);

		RULE(is_host(route->via));
		RULE(subnet != NULL);
		RULE(is_inside(route->via, subnet));
		RULE(!is_own(r, route->via));
	}
	return NULL;
}

static const char *
check_neighbour(const struct config_router *r, unsigned int i)
{
	const struct config_neighbour *n = &r->neighbours[i];
	const struct config_interface *interface = NULL;
	const struct config_address *subnet = longest_subnet(r, n->address, &interface);

	RULE(subnet != NULL);
	RULE(strcmp(interface->name, n->interface) == 0);
	RULE(is_host(n->address));
	RULE(is_inside(n->address, subnet));
	RULE(!is_own(r, n->address));
	RULE(is_unicast(&n->mac));
	for (unsigned int o = 0; o < i; o++)
		RULE(r->neighbours[o].address != n->address);
	return NULL;
}

/* Neighbours that must be known from the start: static ones, and those that routes lead to. */
static unsigned int
count_neighbours(const struct config_router *r)
{
	unsigned int n = r->n_neighbours;

	for (unsigned int i = 0; i < r->n_routes; i++) {
		bool known = r->routes[i].type != CONFIG_ROUTE_VIA;

		for (unsigned int k = 0; k < r->n_neighbours; k++)
			known |= r->neighbours[k].address == r->routes[i].via;
		for (unsigned int k = 0; k < i; k++)
			known |= r->routes[k].type == CONFIG_ROUTE_VIA &&
			         r->routes[k].via == r->routes[i].via;
		n += !known;
	}
	return n;
}

static const char *
check_router(const struct config *c, const struct config_router *r)
{
	const char *wrong = check_interfaces(c, r);
	uint64_t n_routes = r->n_routes;

	RULE(is_name(r->name));
	RULE(strcmp(r->name, "all") != 0 && strcmp(r->name, "json") != 0);
	RULE(r->weight >= 1 && r->weight <= 10000);
	RULE(r->lcore >= -1);
	RULE(r->fifo >= 32 && r->fifo <= 65536 && __builtin_popcount(r->fifo) == 1);
	RULE(r->neighbour_timeout >= 1);
	for (unsigned int i = 0; i < r->n_interfaces; i++) {
		for (unsigned int a = 0; a < r->interfaces[i].n_addresses; a++)
			n_routes += r->interfaces[i].addresses[a].depth == 32 ? 1 : 2;
	}
	RULE(n_routes <= r->max_routes);
	RULE(count_neighbours(r) <= r->max_neighbours);
	for (unsigned int i = 0; i < r->n_routes && wrong == NULL; i++)
		wrong = check_route(r, i);
	for (unsigned int i = 0; i < r->n_neighbours && wrong == NULL; i++)
		wrong = check_neighbour(r, i);
	return wrong;
}

static bool
same_frames(const struct config_interface *x, const struct config_interface *y)
{
	if (strcmp(x->port, y->port) != 0 || x->has_mac != y->has_mac)
		return false;
	if (x->vlan != y->vlan || x->outer_vlan != y->outer_vlan)
		return false;
	return !x->has_mac || memcmp(&x->mac, &y->mac, sizeof(x->mac)) == 0;
}

static const char *
check_pair(const struct config_router *r, const struct config_router *o)
{
	RULE(r == o || strcmp(r->name, o->name) != 0);
	for (unsigned int i = 0; i < r->n_interfaces; i++) {
		for (unsigned int k = 0; k < o->n_interfaces; k++)
			RULE(&r->interfaces[i] == &o->interfaces[k] ||
				!same_frames(&r->interfaces[i], &o->interfaces[k]));
	}
	return NULL;
}

static const char *
check_port(const struct config *c, unsigned int i)
{
	const struct config_port *p = &c->ports[i];

	RULE(is_name(p->name));
	RULE(p->device != NULL && p->device[0] != '\0');
	RULE(p->rx_descriptors >= 32 && p->rx_descriptors <= 32768);
	RULE(p->tx_descriptors >= 32 && p->tx_descriptors <= 32768);
	RULE(p->mtu >= 68 && p->mtu <= 9000);
	RULE(p->lcore >= -1);
	for (unsigned int o = 0; o < i; o++) {
		RULE(strcmp(p->name, c->ports[o].name) != 0);
		RULE(strcmp(p->device, c->ports[o].device) != 0);
	}
	return NULL;
}

const char *
config_oracle(const struct config *config)
{
	const char *wrong = NULL;

	RULE(config->quantum_us >= 1 && config->quantum_us <= 1000);
	RULE(config->n_ports >= 1);
	for (unsigned int i = 0; i < config->n_ports && wrong == NULL; i++)
		wrong = check_port(config, i);
	for (unsigned int i = 0; i < config->n_routers && wrong == NULL; i++) {
		wrong = check_router(config, &config->routers[i]);
		for (unsigned int o = 0; o < config->n_routers && wrong == NULL; o++)
			wrong = check_pair(&config->routers[i], &config->routers[o]);
	}
	return wrong;
}
