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

/* An address as one number; of either family, aligned to the right. */
__extension__ typedef unsigned __int128 number;

static unsigned int
bits_of(const struct ip_address *a)
{
	return a->family == IP_FAMILY_IPV4 ? 32 : 128;
}

static number
number_of(const struct ip_address *a)
{
	number n = 0;

	for (unsigned int i = 0; i < bits_of(a) / 8; i++)
		n = n << 8 | a->bytes[i];
	return n;
}

/* What is left of an address without its last bits. */
static number
without(const struct ip_address *a, unsigned int depth)
{
	return depth == 0 ? 0 : number_of(a) >> (bits_of(a) - depth);
}

static bool
is_link_local(const struct ip_address *a)
{
	return a->family == IP_FAMILY_IPV6 && without(a, 10) == 0x3fa;
}

static bool
is_host(const struct ip_address *a)
{
	uint8_t top = a->bytes[0];

	if (a->family == IP_FAMILY_IPV4)
		return top != 0 && top != 127 && top < 224;
	return top != 0xff && number_of(a) > 1 && without(a, 96) != 0xffff &&
	       (!is_link_local(a) || without(a, 64) == (number)0xfe80 << 48);
}

static bool
same(const struct ip_address *a, const struct ip_address *b)
{
	return a->family == b->family && number_of(a) == number_of(b);
}

static bool
in_subnet(const struct ip_address *address, const struct ip_prefix *a)
{
	return address->family == a->address.family &&
	       without(address, a->depth) == without(&a->address, a->depth);
}

static bool
overlap(const struct ip_prefix *a, const struct ip_prefix *b)
{
	return in_subnet(&a->address, b) || in_subnet(&b->address, a);
}

/* Not the first of a subnet that has more than two addresses, nor, of IPv4, the last. */
static bool
is_inside(const struct ip_address *address, const struct ip_prefix *a)
{
	unsigned int rest = bits_of(address) - a->depth;
	number within = number_of(address) ^ without(address, a->depth) << (rest % 128);

	if (rest < 2)
		return in_subnet(address, a);
	return in_subnet(address, a) && within != 0 &&
	       (address->family == IP_FAMILY_IPV6 || within != ((number)1 << rest) - 1);
}

static bool
is_unicast(const struct rte_ether_addr *mac)
{
	static const struct rte_ether_addr zero;

	return (mac->addr_bytes[0] & 1) == 0 && memcmp(mac, &zero, sizeof(zero)) != 0;
}

static const struct ip_prefix *
longest_subnet(const struct config_router *r, const struct ip_address *address,
	const struct config_interface **interface)
{
	const struct ip_prefix *longest = NULL;

	for (unsigned int i = 0; i < r->n_interfaces; i++) {
		for (unsigned int a = 0; a < r->interfaces[i].n_addresses; a++) {
			const struct ip_prefix *subnet = &r->interfaces[i].addresses[a];

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
has_address(const struct config_interface *i, const struct ip_address *address)
{
	for (unsigned int a = 0; a < i->n_addresses; a++)
		if (same(&i->addresses[a].address, address))
			return true;
	return false;
}

static bool
is_own(const struct config_router *r, const struct ip_address *address)
{
	for (unsigned int i = 0; i < r->n_interfaces; i++)
		if (has_address(&r->interfaces[i], address))
			return true;
	return false;
}

/* A link-local address of another host on this interface. */
static bool
is_on_link(const struct config_interface *i, const struct ip_address *address)
{
	bool ipv6 = false;

	for (unsigned int a = 0; a < i->n_addresses; a++)
		ipv6 |= i->addresses[a].address.family == IP_FAMILY_IPV6;
	if (!ipv6)
		return false;
	return is_host(address) && is_link_local(address) && number_of(address) << 64 != 0 &&
	       !has_address(i, address);
}

static const char *
check_addresses(const struct config_interface *i, const struct config_interface *other)
{
	for (unsigned int a = 0; a < i->n_addresses; a++) {
		const struct ip_prefix *x = &i->addresses[a];

		RULE(x->depth >= 1 && x->depth <= bits_of(&x->address));
		RULE(is_host(&x->address));
		RULE(is_inside(&x->address, x));
		RULE(!is_link_local(&x->address) || x->depth == 64);
		for (unsigned int b = 0; b < other->n_addresses; b++) {
			const struct ip_prefix *y = &other->addresses[b];

			if (x == y || (i != other && is_link_local(&x->address)))
				continue;
			RULE(!is_link_local(&x->address) || !is_link_local(&y->address));
			RULE(!same(&x->address, &y->address));
			RULE(i != other || !overlap(x, y));
			RULE(x->depth != y->depth || !overlap(x, y));
		}
	}
	return NULL;
}

static bool
ends_at(const struct config_link_end *end, const struct config_router *r,
	const struct config_interface *x)
{
	return strcmp(end->router, r->name) == 0 && strcmp(end->interface, x->name) == 0;
}

static unsigned int
count_links(const struct config *c, const struct config_router *r, const struct config_interface *x)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < c->n_links; i++)
		n += ends_at(&c->links[i].ends[0], r, x) + ends_at(&c->links[i].ends[1], r, x);
	return n;
}

/* Each of its ends is an interface; that those have no ports is judged with them. */
static const char *
check_link(const struct config *c, const struct config_link *link)
{
	for (unsigned int e = 0; e < 2; e++) {
		unsigned int n = 0;

		for (unsigned int r = 0; r < c->n_routers; r++)
			for (unsigned int i = 0; i < c->routers[r].n_interfaces; i++)
				n += ends_at(&link->ends[e], &c->routers[r],
					&c->routers[r].interfaces[i]);
		RULE(n == 1);
	}
	return NULL;
}

static const struct config_router *
outer_router(const struct config *c, const struct config_router *r, const struct config_tunnel *t)
{
	const char *name = t->router[0] != '\0' ? t->router : r->name;

	for (unsigned int i = 0; i < c->n_routers; i++)
		if (strcmp(c->routers[i].name, name) == 0)
			return &c->routers[i];
	return NULL;
}

static bool
same_ends(const struct config_tunnel *t, const struct config_tunnel *o)
{
	if (t->type != o->type || !same(&t->local, &o->local) || !same(&t->remote, &o->remote))
		return false;
	if (t->type == CONFIG_TUNNEL_VXLAN)
		return t->vni == o->vni && t->port == o->port;
	return t->has_key == o->has_key && (!t->has_key || t->key == o->key);
}

static const char *
check_tunnel(
	const struct config *c, const struct config_router *r, const struct config_interface *x)
{
	const struct config_tunnel *t = x->tunnel;
	const struct config_router *outer = outer_router(c, r, t);
	unsigned int n_same = 0;

	RULE(!x->has_port && x->vlan == 0 && x->outer_vlan == 0);
	RULE(count_links(c, r, x) == 0);
	RULE(t->type <= CONFIG_TUNNEL_VXLAN);
	RULE(t->type == CONFIG_TUNNEL_GRE || !t->has_key);
	RULE(t->type == CONFIG_TUNNEL_VXLAN || (!x->has_mac && x->router_advertisement == NULL));
	RULE(t->vni <= 0xffffff && t->port >= 1);
	RULE(t->ttl <= 255 && t->dscp <= 64);
	RULE(is_host(&t->local) && is_host(&t->remote));
	RULE(!is_link_local(&t->local) && !is_link_local(&t->remote));
	RULE(t->local.family == t->remote.family && !same(&t->local, &t->remote));
	RULE(outer != NULL);
	RULE(is_own(outer, &t->local) && !is_own(outer, &t->remote));
	for (unsigned int k = 0; k < c->n_routers; k++)
		for (unsigned int i = 0; i < c->routers[k].n_interfaces; i++) {
			const struct config_tunnel *o = c->routers[k].interfaces[i].tunnel;

			n_same += o != NULL && outer_router(c, &c->routers[k], o) == outer &&
			          same_ends(t, o);
		}
	RULE(n_same == 1);
	return NULL;
}

/* What there is without a port: a tunnel's MTU is what 1500 bytes leave it. */
static uint16_t
mtu_without_port(const struct config_interface *x)
{
	static const uint16_t shims[] = { 0, 4, 8 + 8 + 14 };

	if (x->tunnel == NULL)
		return 1500;
	return (uint16_t)(1500 - (x->tunnel->local.family == IP_FAMILY_IPV4 ? 20 : 40) -
			  shims[x->tunnel->type] - (x->tunnel->has_key ? 4 : 0));
}

static const char *
check_interfaces(const struct config *c, const struct config_router *r)
{
	for (unsigned int i = 0; i < r->n_interfaces; i++) {
		const struct config_interface *x = &r->interfaces[i];
		const char *wrong = NULL;
		unsigned int port = 0;
		uint16_t mtu;

		RULE(is_name(x->name));
		RULE(x->vlan <= 4094 && x->outer_vlan <= 4094);
		RULE(x->outer_vlan == 0 || x->vlan != 0);
		RULE(!x->has_mac || is_unicast(&x->mac));
		while (port < c->n_ports && strcmp(c->ports[port].name, x->port) != 0)
			port++;
		RULE(x->has_addresses || r->forwarder == CONFIG_FORWARDER_WIRE);
		RULE(x->has_port == (x->port[0] != '\0'));
		RULE(!x->has_port || port < c->n_ports);
		if (x->tunnel != NULL)
			wrong = check_tunnel(c, r, x);
		RULE(x->has_port || x->tunnel != NULL ||
			(x->vlan == 0 && count_links(c, r, x) == 1));
		RULE(!x->has_port || count_links(c, r, x) == 0);
		mtu = x->has_port ? c->ports[port].mtu : mtu_without_port(x);
		RULE(x->mtu == 0 || (x->mtu >= 68 && x->mtu <= (x->has_port ? mtu : 9000)));
		for (unsigned int a = 0; a < x->n_addresses; a++)
			RULE(x->addresses[a].address.family == IP_FAMILY_IPV4 ||
				(x->mtu != 0 ? x->mtu : mtu) >= 1280);
		for (unsigned int o = 0; o < r->n_interfaces && wrong == NULL; o++) {
			RULE(o == i || strcmp(x->name, r->interfaces[o].name) != 0);
			wrong = check_addresses(x, &r->interfaces[o]);
		}
		if (wrong != NULL)
			return wrong;
	}
	return NULL;
}

/* The gateways of a route, one by one. */
static const struct ip_address *
gateway(const struct config_router *r, const struct config_route *route, unsigned int k,
	uint32_t *zone)
{
	*zone = route->n_vias == 1 ? route->zone : r->vias[route->first_via + k].zone;
	return route->n_vias == 1 ? &route->via : &r->vias[route->first_via + k].address;
}

static const char *
check_via(const struct config_router *r, const struct config_route *route, unsigned int k)
{
	uint32_t zone, other_zone;
	const struct ip_address *via = gateway(r, route, k, &zone);
	const struct config_interface *interface = NULL;
	const struct ip_prefix *subnet = longest_subnet(r, via, &interface);

	RULE(via->family == route->prefix.address.family);
	RULE(is_link_local(via) == (zone != CONFIG_ZONE_NONE));
	for (unsigned int o = 0; o < k; o++)
		RULE(!same(via, gateway(r, route, o, &other_zone)) || zone != other_zone);
	if (is_link_local(via)) {
		RULE(zone < r->n_interfaces);
		RULE(is_on_link(&r->interfaces[zone], via));
		return NULL;
	}
	RULE(is_host(via));
	RULE(subnet != NULL);
	RULE(is_inside(via, subnet));
	RULE(!is_own(r, via));
	return NULL;
}

static const char *
check_vias(const struct config_router *r, const struct config_route *route)
{
	const char *wrong = NULL;

	RULE(route->n_vias >= 1 && route->n_vias <= 64);
	RULE(route->n_vias == 1 || route->first_via + route->n_vias <= r->n_vias);
	for (unsigned int k = 0; k < route->n_vias && wrong == NULL; k++) {
		if (route->n_vias > 1)
			RULE(r->vias[route->first_via + k].weight - 1u < 256);
		wrong = check_via(r, route, k);
	}
	return wrong;
}

static const char *
check_route(const struct config_router *r, unsigned int i)
{
	const struct config_route *route = &r->routes[i];
	const struct ip_prefix *prefix = &route->prefix;
	unsigned int bits = bits_of(&prefix->address);
	unsigned int n_same = 0;

	RULE(prefix->depth <= bits);
	RULE(prefix->depth == bits ||
		number_of(&prefix->address) << (128 - bits) << prefix->depth == 0);
	RULE(prefix->depth < 10 || !is_link_local(&prefix->address));
	RULE(route->distance >= 1 && route->distance <= 255);
	for (unsigned int o = 0; o < i; o++) {
		if (r->routes[o].prefix.depth != prefix->depth ||
			!same(&r->routes[o].prefix.address, &prefix->address))
			continue;
		RULE(r->routes[o].distance != route->distance);
		RULE(++n_same < 16);
	}
	for (unsigned int o = 0; o < r->n_interfaces; o++) {
		for (unsigned int a = 0; a < r->interfaces[o].n_addresses; a++) {
			const struct ip_prefix *x = &r->interfaces[o].addresses[a];

			RULE(x->depth != prefix->depth || !in_subnet(&x->address, prefix));
		}
	}
	RULE(prefix->depth != bits || !is_own(r, &prefix->address));
	if (route->type == CONFIG_ROUTE_VIA)
		return check_vias(r, route);
	RULE(route->n_vias == 0);
	return NULL;
}

static const char *
check_neighbour(const struct config_router *r, unsigned int i)
{
	const struct config_neighbour *n = &r->neighbours[i];
	const struct config_interface *interface = NULL;
	const struct ip_prefix *subnet = longest_subnet(r, &n->address, &interface);
	bool link_local = is_link_local(&n->address);

	for (unsigned int o = 0; link_local && o < r->n_interfaces; o++)
		if (strcmp(r->interfaces[o].name, n->interface) == 0)
			interface = &r->interfaces[o];
	RULE(interface != NULL && strcmp(interface->name, n->interface) == 0);
	if (link_local) {
		RULE(is_on_link(interface, &n->address));
	} else {
		RULE(is_host(&n->address));
		RULE(is_inside(&n->address, subnet));
		RULE(!is_own(r, &n->address));
	}
	RULE(is_unicast(&n->mac));
	for (unsigned int o = 0; o < i; o++)
		RULE(!same(&r->neighbours[o].address, &n->address) ||
			(link_local && strcmp(r->neighbours[o].interface, n->interface) != 0));
	return NULL;
}

static bool
is_static(const struct config_router *r, const struct ip_address *via, uint32_t zone)
{
	for (unsigned int k = 0; k < r->n_neighbours; k++)
		if (same(via, &r->neighbours[k].address) &&
			(!is_link_local(via) ||
				strcmp(r->interfaces[zone].name, r->neighbours[k].interface) == 0))
			return true;
	return false;
}

/* Whether one of the routes before, or of this one's gateways before, is the same gateway. */
static bool
is_again(const struct config_router *r, unsigned int route, unsigned int n,
	const struct ip_address *via, uint32_t zone)
{
	uint32_t other_zone;

	for (unsigned int i = 0; i <= route; i++)
		for (unsigned int k = 0; k < (i == route ? n : r->routes[i].n_vias); k++)
			if (same(gateway(r, &r->routes[i], k, &other_zone), via) &&
				other_zone == zone)
				return true;
	return false;
}

/* Neighbours that must be known from the start: static ones, and those that routes lead to. */
static unsigned int
count_neighbours(const struct config_router *r)
{
	unsigned int n = r->n_neighbours;

	for (unsigned int i = 0; i < r->n_routes; i++) {
		for (unsigned int k = 0; k < r->routes[i].n_vias; k++) {
			uint32_t zone;
			const struct ip_address *via = gateway(r, &r->routes[i], k, &zone);

			n += !is_static(r, via, zone) && !is_again(r, i, k, via, zone);
		}
	}
	return n;
}

/* Routes that the table of one family must hold. */
static unsigned int
count_routes(const struct config_router *r, unsigned int family)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < r->n_routes; i++)
		n += r->routes[i].prefix.address.family == family;
	for (unsigned int i = 0; i < r->n_interfaces; i++) {
		for (unsigned int a = 0; a < r->interfaces[i].n_addresses; a++) {
			const struct ip_prefix *x = &r->interfaces[i].addresses[a];

			if (x->address.family == family && !is_link_local(&x->address))
				n += x->depth == bits_of(&x->address) ? 1 : 2;
		}
	}
	return n;
}

static const char *
check_router(const struct config *c, const struct config_router *r)
{
	const char *wrong = check_interfaces(c, r);

	RULE(is_name(r->name));
	RULE(strcmp(r->name, "all") != 0 && strcmp(r->name, "json") != 0);
	RULE(r->weight >= 1 && r->weight <= 10000);
	for (unsigned int k = 0; k < 2; k++) {
		const struct config_server *server = k == 0 ? r->reserve : r->limit;

		if (server == NULL)
			continue;
		RULE(server->runtime_us >= 1 && server->runtime_us <= server->period_us);
		RULE(server->period_us >= 100 && server->period_us <= 100000);
	}
	RULE(r->lcore >= -1);
	RULE(r->fifo >= 32 && r->fifo <= 65536 && __builtin_popcount(r->fifo) == 1);
	RULE(r->neighbour_timeout >= 1);
	RULE(r->table_engine <= 2);
	if (r->forwarder == CONFIG_FORWARDER_WIRE) {
		RULE(r->n_interfaces == 2 && r->n_routes == 0 && r->n_neighbours == 0);
		RULE(r->n_multicast_routes == 0);
		for (unsigned int i = 0; i < 2; i++)
			RULE(r->interfaces[i].n_addresses == 0 && !r->interfaces[i].has_mac);
	}
	RULE(count_routes(r, IP_FAMILY_IPV4) <= r->max_routes);
	RULE(count_routes(r, IP_FAMILY_IPV6) <= r->max_routes);
	RULE(count_neighbours(r) <= r->max_neighbours);
	for (unsigned int i = 0; i < r->n_routes && wrong == NULL; i++)
		wrong = check_route(r, i);
	for (unsigned int i = 0; i < r->n_neighbours && wrong == NULL; i++)
		wrong = check_neighbour(r, i);
	return wrong;
}

static bool
same_frames(const struct config_interface *x, const struct config_interface *y, bool wire)
{
	if (!x->has_port || !y->has_port)
		return false;
	if (strcmp(x->port, y->port) != 0)
		return false;
	if (!wire && x->has_mac != y->has_mac)
		return false;
	if (x->vlan != y->vlan || x->outer_vlan != y->outer_vlan)
		return false;
	return wire || !x->has_mac || memcmp(&x->mac, &y->mac, sizeof(x->mac)) == 0;
}

static const char *
check_pair(const struct config_router *r, const struct config_router *o)
{
	RULE(r == o || strcmp(r->name, o->name) != 0);
	for (unsigned int i = 0; i < r->n_interfaces; i++) {
		for (unsigned int k = 0; k < o->n_interfaces; k++)
			RULE(&r->interfaces[i] == &o->interfaces[k] ||
				!same_frames(&r->interfaces[i], &o->interfaces[k],
					r->forwarder == CONFIG_FORWARDER_WIRE ||
						o->forwarder == CONFIG_FORWARDER_WIRE));
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
	if (config->cost != NULL) {
		RULE(config->cost->mode <= CONFIG_COST_ROUND_ROBIN);
		RULE(config->cost->period >= 1 && config->cost->period <= 65536);
	}
	if (config->watchdog != NULL) {
		RULE(config->watchdog->soft_ms <= 3600000 && config->watchdog->hard_ms <= 3600000);
		RULE(config->watchdog->hard_ms == 0 ||
			config->watchdog->hard_ms > config->watchdog->soft_ms);
	}
	if (config->memory != NULL) {
		RULE(config->memory->counters <= CONFIG_MEMORY_COUNTERS_NONE);
		RULE(config->memory->misses_per_second <= 1000000000);
		RULE(config->memory->counters == CONFIG_MEMORY_COUNTERS_AUTO ||
			config->memory->misses_per_second == 0);
	}
	RULE(config->n_ports >= 1);
	for (unsigned int i = 0; i < config->n_ports && wrong == NULL; i++)
		wrong = check_port(config, i);
	for (unsigned int i = 0; i < config->n_routers && wrong == NULL; i++) {
		wrong = check_router(config, &config->routers[i]);
		for (unsigned int o = 0; o < config->n_routers && wrong == NULL; o++)
			wrong = check_pair(&config->routers[i], &config->routers[o]);
	}
	for (unsigned int i = 0; i < config->n_links && wrong == NULL; i++)
		wrong = check_link(config, &config->links[i]);
	return wrong;
}
