/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdlib.h>
#include <string.h>

#include <rte_mempool.h>
#include <rte_string_fns.h>

#include "config/text.h"
#include "cpu_time.h"
#include "misses.h"
#include "report.h"
#include "router.h"
#include "router_links.h"
#include "stats.h"
#include "tunnel_link.h"
#include "watchdog.h"
#include "vrf/multicast.h"
#include "vrf/neighbour.h"
#include "vrf/own_address.h"
#include "worker/receive.h"

static void
set_integer(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer((json_int_t)value));
}

static void
set_string(json_t *object, const char *key, const char *value)
{
	json_object_set_new(object, key, json_string(value));
}

/* With three decimals: more is noise, and JSON would show all of a double's. */
static void
set_ratio(json_t *object, const char *key, double part, double whole)
{
	double value = whole > 0 ? part / whole : 0;

	json_object_set_new(object, key, json_real((double)(int64_t)(value * 1000 + 0.5) / 1000));
}

static void
set_mac(json_t *object, const char *key, const struct rte_ether_addr *mac)
{
	char text[RTE_ETHER_ADDR_FMT_SIZE];

	rte_ether_format_addr(text, sizeof(text), mac);
	for (char *c = text; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'F')
			*c += 'a' - 'A';
	set_string(object, key, text);
}

static void
set_address(json_t *object, const char *key, const struct ip_address *address)
{
	char text[IP_ADDRESS_TEXT_SIZE];

	set_string(object, key, ip_address_text(address, text));
}

static json_t *
prefix_json(const struct ip_prefix *prefix)
{
	char text[IP_PREFIX_TEXT_SIZE];

	return json_string(ip_prefix_text(prefix, text));
}

static json_t *
drops_json(const struct router_stats *stats)
{
	json_t *drops = json_object();

	for (unsigned int i = 0; i < VR_DROP_REASONS; i++)
		if (stats->dropped[i] != 0)
			set_integer(drops, vr_drop_name(i), stats->dropped[i]);
	return drops;
}

/* Weights and cycles of all routers of a worker: what shares are parts of. */
struct worker_sum {
	uint64_t weights;
	uint64_t cycles;
};

static void
sum_workers(const struct vrouter *vrouter, struct worker_sum *sums)
{
	const struct router *router;
	struct router_stats stats;

	memset(sums, 0, vrouter->n_workers * sizeof(*sums));
	TAILQ_FOREACH(router, &vrouter->routers, link) {
		router_stats_read(router, &stats);
		sums[router->worker->index].weights += router->config->weight;
		sums[router->worker->index].cycles += stats.cycles;
	}
}

/* As it is in force; null: none. */
static void
set_server(json_t *object, const char *key, const struct config_server *config,
	const struct sched_share *share)
{
	json_t *server = json_null();

	if (config != NULL && share->runtime > 0) {
		server = json_object();
		set_integer(server, "runtime_us", config->runtime_us);
		set_integer(server, "period_us", config->period_us);
	}
	json_object_set_new(object, key, server);
}

/* Where nothing was counted there is no number, which 0 would be. */
static void
set_misses_per_packet(json_t *object, uint64_t misses, uint64_t packets)
{
	if (packets > 0)
		set_ratio(object, "misses_per_packet", (double)misses, (double)packets);
	else
		json_object_set_new(object, "misses_per_packet", json_null());
}

static void
set_known(json_t *object, const char *key, bool known, uint64_t value)
{
	json_object_set_new(object, key, known ? json_integer((json_int_t)value) : json_null());
}

static json_t *
router_summary(const struct router *router, const struct router_stats *stats,
	const struct worker_sum *sums)
{
	const struct worker_sum *sum = &sums[router->worker->index];
	char state[STATE_TEXT_SIZE];
	json_t *object = json_object();

	set_string(object, "name", router->name);
	set_string(object, "state", router_state_text(router, state));
	set_string(object, "forwarder", text_forwarders[router->config->forwarder]);
	set_integer(object, "lcore", router->worker->lcore);
	set_integer(object, "weight", router->config->weight);
	set_ratio(object, "entitlement_percent", 100.0 * router->config->weight,
		(double)sum->weights);
	set_server(object, "reserve", router->config->reserve, &router->instance->reserve);
	set_server(object, "limit", router->config->limit, &router->instance->limit);
	set_ratio(object, "share_percent", 100.0 * (double)stats->cycles, (double)sum->cycles);
	set_integer(object, "received", stats->received);
	set_integer(object, "forwarded", stats->forwarded);
	set_integer(object, "answered", stats->answered);
	set_integer(object, "consumed", stats->consumed);
	set_integer(object, "dropped", stats->dropped_all);
	set_integer(object, "queued", stats->queued);
	set_integer(object, "waiting", stats->waiting);
	set_integer(object, "originated", stats->originated);
	set_ratio(object, "cycles_per_packet", (double)stats->cycles, (double)stats->received);
	set_misses_per_packet(object, stats->misses, stats->counted_packets);
	return object;
}

json_t *
report_routers(const struct vrouter *vrouter)
{
	struct worker_sum sums[RTE_MAX_LCORE];
	json_t *array = json_array();
	const struct router *router;
	struct router_stats stats;

	sum_workers(vrouter, sums);
	TAILQ_FOREACH(router, &vrouter->routers, link) {
		router_stats_read(router, &stats);
		json_array_append_new(array, router_summary(router, &stats, sums));
	}
	return array;
}

json_t *
report_router(const struct vrouter *vrouter, const struct router *router)
{
	struct worker_sum sums[RTE_MAX_LCORE];
	struct router_stats stats;
	json_t *object;

	sum_workers(vrouter, sums);
	router_stats_read(router, &stats);
	object = router_summary(router, &stats, sums);
	set_integer(object, "received_over_links", stats.received_over_links);
	set_integer(object, "tunnelled", stats.tunnelled);
	set_integer(object, "forwarded_bytes", stats.forwarded_bytes);
	set_integer(object, "originated_lost", stats.originated_lost);
	set_integer(object, "fragments", stats.fragments);
	set_integer(object, "fragments_lost", stats.fragments_lost);
	set_integer(object, "icmp_limited", stats.icmp_limited);
	set_integer(object, "cycles", stats.cycles);
	set_known(object, "misses", stats.counted_packets > 0, stats.misses);
	set_known(object, "surcharge_cycles",
		stats.counted_packets > 0 && misses_per_second(vrouter->config) > 0,
		stats.surcharge);
	set_integer(object, "turns", stats.turns);
	set_ratio(object, "packets_per_turn", (double)stats.run_packets, (double)stats.turns);
	set_integer(object, "fifo", router->config->fifo);
	set_integer(object, "interfaces", router->vr->n_interfaces);
	set_string(object, "table_engine", lpm_engine_name(router_table_engine(router->config)));
	set_integer(object, "ipv4_routes", lpm_count(router->vr->tables[IP_FAMILY_IPV4]));
	set_integer(object, "ipv6_routes", lpm_count(router->vr->tables[IP_FAMILY_IPV6]));
	set_integer(object, "max_routes", router->vr->max_routes);
	set_integer(object, "neighbours", router->vr->n_neighbours);
	set_integer(object, "max_neighbours", router->vr->max_neighbours);
	json_object_set_new(object, "drops", drops_json(&stats));
	return object;
}

/* Adds the router's bytes to those in the object, by what for. */
static void
add_memory(json_t *object, const struct router *router)
{
	const struct instance *instance = router->instance;
	struct vr_memory memory;
	size_t fifos = 0, all;

	vr_memory(router->vr, &memory);
	for (uint16_t i = 0; i < instance->n_feeds; i++)
		fifos += sizeof(struct feed) +
		         (instance->feeds[i]->mask + 1) * sizeof(instance->feeds[i]->slots[0]);
	memory.instance += sizeof(*instance) + instance->n_feeds * sizeof(instance->feeds[0]);
	all = memory.tables + memory.next_hops + memory.neighbours + memory.interfaces +
	      memory.elements + memory.instance + fifos;
#define ADD(key, bytes) \
	set_integer( \
		object, key, (uint64_t)json_integer_value(json_object_get(object, key)) + (bytes))
	ADD("tables_bytes", memory.tables);
	ADD("next_hops_bytes", memory.next_hops);
	ADD("neighbours_bytes", memory.neighbours);
	ADD("interfaces_bytes", memory.interfaces);
	ADD("elements_bytes", memory.elements);
	ADD("instance_bytes", memory.instance);
	ADD("fifos_bytes", fifos);
	ADD("all_bytes", all);
#undef ADD
}

json_t *
report_router_memory(const struct router *router)
{
	json_t *object = json_object();

	add_memory(object, router);
	return object;
}

json_t *
report_memory(const struct vrouter *vrouter)
{
	const struct router *router;
	json_t *object = json_object();
	json_t *routers = json_object();
	json_t *pool = json_object();
	unsigned int n = 0;

	TAILQ_FOREACH(router, &vrouter->routers, link) {
		add_memory(routers, router);
		n++;
	}
	set_integer(object, "routers", n);
	json_object_set_new(object, "routers_memory", routers);
	set_integer(pool, "buffers", vrouter->pool_size);
	set_integer(pool, "buffers_in_use", rte_mempool_in_use_count(vrouter->pool));
	set_integer(pool, "buffers_bytes",
		(uint64_t)vrouter->pool_size * rte_mempool_calc_obj_size(vrouter->pool->elt_size,
						       vrouter->pool->flags, NULL));
	json_object_set_new(object, "packets_memory", pool);
	return object;
}

struct listing {
	const struct neighbour **neighbours;
	uint32_t n;
};

static bool
list_neighbour(const struct neighbour *neighbour, void *context)
{
	struct listing *list = context;

	list->neighbours[list->n++] = neighbour;
	return true;
}

/* By address, then by interface: link-local ones may be on several. */
static int
compare_neighbours(const void *a, const void *b)
{
	const struct neighbour *left = *(const struct neighbour *const *)a;
	const struct neighbour *right = *(const struct neighbour *const *)b;
	int order = memcmp(&left->address, &right->address, sizeof(left->address));

	return order != 0 ? order : (int)left->interface - (int)right->interface;
}

static json_t *
neighbour_json(const struct neighbour *neighbour, uint64_t now)
{
	bool known = neighbour_is_known(neighbour);
	json_t *object = json_object();

	set_address(object, "address", &neighbour->address);
	set_string(object, "interface", neighbour->vr->interfaces[neighbour->interface].name);
	if (known)
		set_mac(object, "mac", &neighbour->mac);
	set_string(object, "state", neighbour_state_name(neighbour->state));
	if (known && neighbour->state != NEIGHBOUR_STATIC)
		set_integer(object, "age_s", (now - neighbour->updated) / 1000000000);
	set_integer(object, "routes", neighbour->n_routes);
	set_integer(object, "waiting", neighbour->n_waiting);
	return object;
}

json_t *
report_neighbours(const struct router *router)
{
	const struct vr *vr = router->vr;
	struct listing list = { calloc(vr->n_neighbours + 1u, sizeof(*list.neighbours)), 0 };
	json_t *array;

	if (list.neighbours == NULL)
		return NULL;
	neighbour_walk(vr, list_neighbour, &list);
	qsort(list.neighbours, list.n, sizeof(*list.neighbours), compare_neighbours);
	array = json_array();
	for (uint32_t i = 0; i < list.n; i++)
		json_array_append_new(array, neighbour_json(list.neighbours[i], vrouter_clock()));
	free(list.neighbours);
	return array;
}

json_t *
report_multicast(const struct router *router)
{
	const struct vr *vr = router->vr;
	json_t *array = json_array();
	uint32_t n;
	const struct multicast_route *routes = multicast_routes(vr, &n);

	for (uint32_t i = 0; i < n; i++) {
		json_t *object = json_object(), *out = json_array();

		set_address(object, "group", &routes[i].group);
		if (ip_address_is_zero(&routes[i].source))
			set_string(object, "source", "any");
		else
			set_address(object, "source", &routes[i].source);
		set_string(object, "in", vr->interfaces[routes[i].in].name);
		for (uint16_t k = 0; k < routes[i].n_out; k++)
			json_array_append_new(
				out, json_string(vr->interfaces[routes[i].out[k]].name));
		json_object_set_new(object, "out", out);
		json_array_append_new(array, object);
	}
	return array;
}

/* One for each of "addresses". */
static json_t *
address_states(const struct vr_interface *interface)
{
	json_t *array = json_array();

	for (uint16_t i = 0; i < interface->n_addresses; i++)
		json_array_append_new(array,
			json_string(own_address_state_name(own_address_state(interface, i))));
	return array;
}

/* The end that the interface, without a port, is linked to, be it there or not; or NULL. */
static const struct config_link_end *
linked_to(const struct vrouter *vrouter, const struct router *router,
	const struct vr_interface *interface)
{
	const struct config_link *link;
	struct config_link_end end;
	unsigned int side;

	strlcpy(end.router, router->name, sizeof(end.router));
	strlcpy(end.interface, interface->name, sizeof(end.interface));
	link = config_link_find(vrouter->config, &end, &side);
	return link == NULL ? NULL : &link->ends[1 - side];
}

static void
set_link_end(json_t *object, const char *key, const struct config_link_end *end)
{
	set_string(object, key, "none");
	if (end != NULL)
		json_object_set_new(
			object, key, json_sprintf("%s:%s", end->router, end->interface));
}

static json_t *
tunnel_json(const struct tunnel *tunnel)
{
	const struct tunnel_params *params = &tunnel->params;
	json_t *object = json_object();

	set_string(object, "type", tunnel_type_name(params->type));
	set_address(object, "local", &params->local);
	set_address(object, "remote", &params->remote);
	set_string(object, "router", params->router);
	if (params->type == TUNNEL_VXLAN) {
		set_integer(object, "vni", params->key);
		set_integer(object, "port", params->port);
	} else if (params->has_key) {
		set_integer(object, "key", params->key);
	}
	if (params->ttl == 0)
		set_string(object, "ttl", "inherit");
	else
		set_integer(object, "ttl", params->ttl);
	if (params->inherit_dscp)
		set_string(object, "dscp", "inherit");
	else
		set_integer(object, "dscp", params->dscp);
	set_integer(object, "mtu", tunnel->mtu);
	set_integer(object, "output_errors", tunnel->output_errors);
	set_integer(object, "input_errors", tunnel->input_errors);
	set_integer(object, "icmp_errors", tunnel->icmp_errors);
	return object;
}

/* In short, for tables. */
static void
set_ends(json_t *object, const struct tunnel_params *params)
{
	char local[IP_ADDRESS_TEXT_SIZE], remote[IP_ADDRESS_TEXT_SIZE];

	json_object_set_new(object, "tunnel_ends",
		json_sprintf("%s %s to %s", tunnel_type_name(params->type),
			ip_address_text(&params->local, local),
			ip_address_text(&params->remote, remote)));
}

/* Where its frames go. */
static void
set_attachment(json_t *object, const struct vrouter *vrouter, const struct router *router,
	const struct vr_interface *interface)
{
	if (interface->tunnel != NULL) {
		set_ends(object, &interface->tunnel->params);
		json_object_set_new(object, "tunnel", tunnel_json(interface->tunnel));
		return;
	}
	if (router_links_is_end(vrouter, interface)) {
		set_link_end(object, "link", linked_to(vrouter, router, interface));
		return;
	}
	set_string(object, "port", vrouter->ports[interface->port].name);
	set_integer(object, "outer_vlan", interface->outer_vlan);
	set_integer(object, "vlan", interface->vlan);
}

static const char *
interface_state(const struct vrouter *vrouter, const struct vr_interface *interface)
{
	if (!interface->enabled)
		return "taken down";
	if (interface->tunnel != NULL)
		return interface->up ? "up" : tunnel_link_text(vrouter, interface);
	if (router_links_is_end(vrouter, interface) ? router_links_peer(vrouter, interface) == NULL
						    : !vrouter->ports[interface->port].link_up)
		return "link down";
	return interface->up ? "up" : "down";
}

json_t *
report_interfaces(const struct vrouter *vrouter, const struct router *router)
{
	const struct vr *vr = router->vr;
	json_t *array = json_array();

	for (uint16_t i = 0; i < vr->n_interfaces; i++) {
		const struct vr_interface *interface = &vr->interfaces[i];
		struct vr_interface_counters counters;
		json_t *addresses = json_array();
		json_t *object = json_object();

		interface_stats_read(router, i, &counters);
		set_string(object, "name", interface->name);
		set_attachment(object, vrouter, router, interface);
		if (!tunnel_is_point_to_point(interface))
			set_mac(object, "mac", &interface->mac);
		set_integer(object, "mtu", interface->mtu);
		set_string(object, "state", interface_state(vrouter, interface));
		for (uint16_t k = 0; k < interface->n_addresses; k++)
			json_array_append_new(addresses, prefix_json(&interface->addresses[k]));
		json_object_set_new(object, "addresses", addresses);
		json_object_set_new(object, "address_states", address_states(interface));
		set_integer(object, "rx_packets", counters.rx_packets);
		set_integer(object, "rx_bytes", counters.rx_bytes);
		set_integer(object, "tx_packets", counters.tx_packets);
		set_integer(object, "tx_bytes", counters.tx_bytes);
		json_array_append_new(array, object);
	}
	return array;
}

/* Frames that left by one end; false: it is not there. */
static bool
read_link_end(const struct vrouter *vrouter, const struct config_link_end *end,
	const struct vr_interface **interface, uint64_t *packets)
{
	const struct router *router = vrouter_find(vrouter, end->router);
	struct vr_interface_counters counters;

	*packets = 0;
	*interface = router == NULL ? NULL : vr_interface_find(router->vr, end->interface);
	if (*interface == NULL || !router_links_is_end(vrouter, *interface))
		return false;
	interface_stats_read(router, (*interface)->index, &counters);
	*packets = counters.tx_packets;
	return true;
}

static json_t *
link_json(const struct vrouter *vrouter, const struct config_link *link)
{
	const struct vr_interface *ends[2];
	json_t *object = json_object();
	uint64_t packets[2];
	bool up = true;

	for (unsigned int i = 0; i < 2; i++)
		up &= read_link_end(vrouter, &link->ends[i], &ends[i], &packets[i]);
	for (unsigned int i = 0; i < 2; i++)
		up = up && ends[i]->enabled;
	set_link_end(object, "a", &link->ends[0]);
	set_link_end(object, "b", &link->ends[1]);
	set_string(object, "state", up ? "up" : "down");
	set_integer(object, "packets_from_a", packets[0]);
	set_integer(object, "packets_from_b", packets[1]);
	return object;
}

json_t *
report_links(const struct vrouter *vrouter)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < vrouter->config->n_links; i++)
		json_array_append_new(array, link_json(vrouter, &vrouter->config->links[i]));
	return array;
}

/* The router in whose turns the port is polled, if it is one's own. */
static const char *
polled_for(const struct vrouter *vrouter, const struct port *port)
{
	const struct worker_port *polled = worker_port_find(vrouter->workers[port->worker], port);
	const struct feed *feed =
		polled == NULL || polled->table == NULL ? NULL : receive_own_feed(polled->table);
	const struct router *router;

	TAILQ_FOREACH(router, &vrouter->routers, link)
		if (feed != NULL && feed->instance == router->instance)
			return router->name;
	return "all";
}

json_t *
report_port(const struct vrouter *vrouter, unsigned int index)
{
	const struct port *port = &vrouter->ports[index];
	json_t *object = json_object();
	json_t *drops = json_object();
	struct port_stats stats;
	char link[32];

	port_stats_read(vrouter, index, &stats);
	port_link_text(port, link, sizeof(link));
	set_integer(object, "port", index);
	set_string(object, "name", port->name);
	set_string(object, "device", port->device);
	set_string(object, "driver", port->driver);
	set_mac(object, "mac", &port->mac);
	set_string(object, "link", link);
	set_integer(object, "mtu", port->mtu);
	json_object_set_new(object, "promiscuous", json_boolean(port->promiscuous));
	set_string(object, "classification", "software");
	set_integer(object, "lcore", vrouter->workers[port->worker]->lcore);
	set_string(object, "polled_for", polled_for(vrouter, port));
	set_integer(object, "rx_descriptors", port->rx_descriptors);
	set_integer(object, "tx_descriptors", port->tx_descriptors);
	set_integer(object, "tx_queues", port->n_tx_queues);
	set_string(object, "tx_mode", port->shared_tx ? "shared, locked" : "one a worker");
	set_integer(object, "tx_lock_waits", stats.lock_waits);
	set_integer(object, "rx_packets", stats.classify.frames);
	set_integer(object, "rx_bytes", stats.classify.bytes);
	set_integer(object, "tx_packets", stats.tx_packets);
	set_integer(object, "tx_refused", stats.tx_refused);
	set_integer(object, "missed", stats.missed);
	set_integer(object, "no_buffer", stats.no_buffer);
	set_integer(object, "rx_errors", stats.rx_errors);
	set_integer(object, "tx_errors", stats.tx_errors);
	set_integer(object, "copies", stats.classify.copies);
	set_integer(object, "copies_failed", stats.classify.copy_failed);
	for (unsigned int i = 0; i < CLASSIFY_DROP_REASONS; i++)
		if (stats.classify.dropped[i] != 0)
			set_integer(drops, classify_drop_name(i), stats.classify.dropped[i]);
	json_object_set_new(object, "drops", drops);
	return object;
}

json_t *
report_ports(const struct vrouter *vrouter)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < vrouter->n_ports; i++)
		json_array_append_new(array, report_port(vrouter, i));
	return array;
}

json_t *
report_lcores(const struct vrouter *vrouter)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		json_t *object = json_object();
		struct worker_stats stats;
		char state[STATE_TEXT_SIZE];
		double elapsed;

		worker_stats_read(vrouter, i, &stats);
		elapsed = (double)stats.cycles.elapsed;
		set_integer(object, "lcore", vrouter->workers[i]->lcore);
		set_string(object, "state", worker_state_text(vrouter, i, state));
		set_integer(object, "routers", stats.instances);
		set_integer(object, "awake", stats.awake);
		set_ratio(object, "reserved_percent",
			cpu_time_reserved(vrouter, vrouter->workers[i], NULL), 1e4);
		set_integer(object, "rx_packets", stats.rx_packets);
		set_integer(object, "crossed", stats.crossed);
		set_integer(object, "handed_over", stats.handed_over);
		set_ratio(object, "run_percent", 100.0 * (double)stats.cycles.run, elapsed);
		set_ratio(object, "billed_percent", 100.0 * (double)stats.cycles.billed, elapsed);
		set_ratio(
			object, "unbilled_percent", 100.0 * (double)stats.cycles.unbilled, elapsed);
		set_ratio(object, "idle_percent", 100.0 * (double)stats.cycles.idle, elapsed);
		set_ratio(object, "housekeeping_percent", 100.0 * (double)stats.cycles.housekeeping,
			elapsed);
		set_integer(object, "run_cycles", stats.cycles.run);
		set_integer(object, "billed_cycles", stats.cycles.billed);
		set_integer(object, "unbilled_cycles", stats.cycles.unbilled);
		set_integer(object, "idle_cycles", stats.cycles.idle);
		set_integer(object, "housekeeping_cycles", stats.cycles.housekeeping);
		set_integer(object, "elapsed_cycles", stats.cycles.elapsed);
		set_integer(object, "tsc_hz", vrouter->hz);
		set_string(object, "memory_counters",
			miss_counter_source_name(vrouter->workers[i]->misses.source));
		set_known(object, "misses", stats.counted_packets > 0, stats.misses);
		set_misses_per_packet(object, stats.misses, stats.counted_packets);
		json_array_append_new(array, object);
	}
	return array;
}

static void
append_drop(json_t *array, const char *where, const char *name, const char *reason, uint64_t count,
	const char *text)
{
	json_t *object;

	if (count == 0)
		return;
	object = json_object();
	set_string(object, "where", where);
	set_string(object, "name", name);
	set_string(object, "reason", reason);
	set_integer(object, "packets", count);
	set_string(object, "meaning", text);
	json_array_append_new(array, object);
}

json_t *
report_drops(const struct vrouter *vrouter)
{
	json_t *array = json_array();
	const struct router *router;
	struct router_stats router_stats;
	struct port_stats port_stats;

	TAILQ_FOREACH(router, &vrouter->routers, link) {
		router_stats_read(router, &router_stats);
		for (unsigned int i = 0; i < VR_DROP_REASONS; i++)
			append_drop(array, "router", router->name, vr_drop_name(i),
				router_stats.dropped[i], vr_drop_text(i));
	}
	for (unsigned int i = 0; i < vrouter->n_ports; i++) {
		port_stats_read(vrouter, i, &port_stats);
		for (unsigned int k = 0; k < CLASSIFY_DROP_REASONS; k++)
			append_drop(array, "port", vrouter->ports[i].name, classify_drop_name(k),
				port_stats.classify.dropped[k], classify_drop_text(k));
		append_drop(array, "port", vrouter->ports[i].name, "missed", port_stats.missed,
			"the device's receive queue was full");
		append_drop(array, "port", vrouter->ports[i].name, "no_buffer",
			port_stats.no_buffer, "the device had no buffer to receive into");
	}
	return array;
}
