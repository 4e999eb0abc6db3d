/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <string.h>

#include "commands.h"
#include "report.h"
#include "route_list.h"
#include "router_links.h"
#include "show.h"

static const struct table_column router_columns[] = { { "name", "router" }, { "lcore", "lcore" },
	{ "weight", "weight" }, { "entitlement_percent", "entitled%" }, { "reserve", "reserve" },
	{ "limit", "limit" }, { "share_percent", "share%" }, { "received", "received" },
	{ "forwarded", "forwarded" }, { "answered", "answered" }, { "consumed", "consumed" },
	{ "dropped", "dropped" }, { "queued", "queued" }, { "waiting", "waiting" },
	{ "cycles_per_packet", "cycles/packet" }, { "misses_per_packet", "misses/packet" },
	{ "state", "state" }, { NULL, NULL } };
static const struct table_column neighbour_columns[] = { { "address", "address" },
	{ "interface", "interface" }, { "mac", "mac" }, { "state", "state" },
	{ "age_s", "age (s)" }, { "routes", "routes" }, { "waiting", "waiting" }, { NULL, NULL } };
static const struct table_column multicast_columns[] = { { "group", "group" },
	{ "source", "source" }, { "in", "in" }, { "out", "out" }, { NULL, NULL } };
static const struct table_column interface_columns[] = { { "name", "interface" },
	{ "port", "port" }, { "outer_vlan", "outer vlan" }, { "vlan", "vlan" }, { "mac", "mac" },
	{ "mtu", "mtu" }, { "state", "state" }, { "rx_packets", "rx packets" },
	{ "rx_bytes", "rx bytes" }, { "tx_packets", "tx packets" }, { "tx_bytes", "tx bytes" },
	{ "addresses", "addresses" }, { "address_states", "address states" }, { NULL, NULL } };
static const struct table_column linked_interface_columns[] = { { "name", "interface" },
	{ "port", "port" }, { "outer_vlan", "outer vlan" }, { "vlan", "vlan" }, { "link", "link" },
	{ "mac", "mac" }, { "mtu", "mtu" }, { "state", "state" }, { "rx_packets", "rx packets" },
	{ "rx_bytes", "rx bytes" }, { "tx_packets", "tx packets" }, { "tx_bytes", "tx bytes" },
	{ "addresses", "addresses" }, { "address_states", "address states" }, { NULL, NULL } };
static const struct table_column link_columns[] = { { "a", "a" }, { "b", "b" },
	{ "state", "state" }, { "packets_from_a", "packets from a" },
	{ "packets_from_b", "packets from b" }, { NULL, NULL } };
static const struct table_column port_columns[] = { { "port", "port" }, { "name", "name" },
	{ "device", "device" }, { "driver", "driver" }, { "link", "link" }, { "lcore", "lcore" },
	{ "polled_for", "polled for" }, { "tx_queues", "tx queues" }, { "tx_mode", "tx mode" },
	{ "rx_packets", "rx packets" }, { "tx_packets", "tx packets" },
	{ "tx_refused", "tx refused" }, { "missed", "missed" }, { NULL, NULL } };
static const struct table_column lcore_columns[] = { { "lcore", "lcore" }, { "routers", "routers" },
	{ "awake", "awake" }, { "reserved_percent", "reserved%" }, { "rx_packets", "rx packets" },
	{ "crossed", "crossed" }, { "handed_over", "handed over" }, { "run_percent", "run%" },
	{ "billed_percent", "billed%" }, { "unbilled_percent", "unbilled%" },
	{ "idle_percent", "idle%" }, { "housekeeping_percent", "housekeeping%" },
	{ "memory_counters", "memory counters" }, { "misses_per_packet", "misses/packet" },
	{ "state", "state" }, { NULL, NULL } };
static const struct table_column drop_columns[] = { { "where", "where" }, { "name", "name" },
	{ "reason", "reason" }, { "packets", "packets" }, { "meaning", "meaning" },
	{ NULL, NULL } };

void
command_show_router(struct words *words, struct console_session *session)
{
	struct router *router;

	if (strcmp(words->name, "all") == 0) {
		show_json(session, report_routers(session->vrouter), words, router_columns);
		return;
	}
	router = command_router(words, session);
	if (router != NULL)
		show_json(session, report_router(session->vrouter, router), words, NULL);
}

static void
list_routes(struct console_session *session, const struct router *router, const struct words *words,
	enum route_list_what what)
{
	session->routes = route_list_create(router, what, words->json[0] != '\0');
	if (session->routes == NULL)
		fprintf(session->errors, "no memory\n");
}

static bool
has_links(const struct vrouter *vrouter, const struct router *router)
{
	for (uint16_t i = 0; i < router->vr->n_interfaces; i++)
		if (router_links_is_end(vrouter, &router->vr->interfaces[i]))
			return true;
	return false;
}

void
command_show_router_part(struct words *words, struct console_session *session)
{
	const char *what = words->arguments[0];
	struct router *router = command_router(words, session);

	if (router == NULL)
		return;
	if (strcmp(what, "routes") == 0)
		list_routes(session, router, words, ROUTE_LIST_ACTIVE);
	else if (strcmp(what, "standby") == 0)
		list_routes(session, router, words, ROUTE_LIST_STANDBY);
	else if (strcmp(what, "neighbours") == 0)
		show_json(session, report_neighbours(router), words, neighbour_columns);
	else if (strcmp(what, "multicast") == 0)
		show_json(session, report_multicast(router), words, multicast_columns);
	else if (strcmp(what, "memory") == 0)
		show_json(session, report_router_memory(router), words, NULL);
	else
		show_json(session, report_interfaces(session->vrouter, router), words,
			has_links(session->vrouter, router) ? linked_interface_columns
							    : interface_columns);
}

void
command_show_memory(struct words *words, struct console_session *session)
{
	show_json(session, report_memory(session->vrouter), words, NULL);
}

void
command_show_port(struct words *words, struct console_session *session)
{
	const struct vrouter *vrouter = session->vrouter;
	unsigned long index;

	if (strcmp(words->name, "all") == 0) {
		show_json(session, report_ports(vrouter), words, port_columns);
		return;
	}
	for (unsigned int i = 0; i < vrouter->n_ports; i++) {
		if (strcmp(vrouter->ports[i].name, words->name) == 0 ||
			(command_number(words->name, &index) && index == i)) {
			show_json(session, report_port(vrouter, i), words, NULL);
			return;
		}
	}
	fprintf(session->errors,
		"port %s: there is none of this name or number (see show port all)\n", words->name);
}

void
command_show_links(struct words *words, struct console_session *session)
{
	show_json(session, report_links(session->vrouter), words, link_columns);
}

void
command_show_lcore(struct words *words, struct console_session *session)
{
	show_json(session, report_lcores(session->vrouter), words, lcore_columns);
}

void
command_show_drops(struct words *words, struct console_session *session)
{
	show_json(session, report_drops(session->vrouter), words, drop_columns);
}
