/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <rte_config.h>

#include "parse.h"
#include "taken.h"
#include "text.h"
#include "validate.h"

#define NAMES_TOLD 8 /* in a message */

/* The text's ports and routers, and what a single router is to join. */
struct whole {
	struct report *report;
	const struct config *config;
	const struct config *running; /* NULL: a whole config */
	uint32_t ports_node;
	uint32_t routers_node;
};

/* An interface and whose it is, in this text or among what runs. */
struct attachment {
	const struct config_router *router;
	const struct config_interface *interface;
	uint32_t node; /* LOCATE_NONE: it runs */
};

/* Two interfaces with one of these would both be meant by the same frames. No padding. */
struct attachment_key {
	char port[CONFIG_NAME_MAX + 1];
	uint16_t outer_vlan;
	uint16_t vlan;
	struct rte_ether_addr mac; /* zero: the port's own */
};
static_assert(sizeof(struct attachment_key) == 42, "compared byte by byte");

struct attachments {
	struct taken taken;
	struct taken vlans; /* the same whatever the MAC; the first that has one */
	struct attachment *all;
	uint32_t n;
};

static uint32_t
router_node(const struct whole *w, uint32_t i)
{
	return w->running != NULL ? LOCATE_ROOT
	                          : locate_item(w->report->locate, w->routers_node, i);
}

void
validate_name(struct report *report, struct taken *names, const char *name, uint32_t node,
	const char *what)
{
	char key[CONFIG_NAME_MAX + 1] = "";
	uint32_t holder;

	if (name[0] == '\0')
		return;
	strcpy(key, name);
	holder = taken_claim(names, key, node);
	if (holder != TAKEN_BY_NOBODY)
		report_value(report, locate_member(report->locate, node, "name"),
			"a name no other %s has (first on line %u)", what,
			report_line(report, holder));
}

/* Ports */

static void
check_device(const struct whole *w, struct taken *devices, uint32_t i)
{
	const struct config_port *port = &w->config->ports[i];
	struct report *report = w->report;
	char key[TEXT_DEVICE_MAX];
	uint32_t holder;

	if (port->device == NULL || text_parse_device(port->device, key) < 0)
		return;
	holder = taken_claim(devices, key, i);
	if (holder != TAKEN_BY_NOBODY)
		report_value(report,
			locate_member(report->locate, locate_item(report->locate, w->ports_node, i),
				"device"),
			"a device no other port has (port \"%s\" has %s, line %u)",
			w->config->ports[holder].name, key,
			report_line(report, locate_item(report->locate, w->ports_node, holder)));
}

static void
check_ports(const struct whole *w)
{
	const struct config *config = w->config;
	struct taken names = { 0 };
	struct taken devices = { 0 };

	if (config->n_ports == 0 && w->ports_node != LOCATE_NONE)
		report_value(w->report, w->ports_node, "at least one port");
	if (config->n_ports > RTE_MAX_ETHPORTS)
		report_error(w->report, w->ports_node,
			"found %u ports, expected at most %d, the limit of this DPDK",
			config->n_ports, RTE_MAX_ETHPORTS);
	if (taken_init(&names, config->n_ports, CONFIG_NAME_MAX + 1) < 0 ||
		taken_init(&devices, config->n_ports, TEXT_DEVICE_MAX) < 0)
		report_no_memory(w->report);
	for (uint32_t i = 0; !w->report->no_memory && i < config->n_ports; i++) {
		validate_name(w->report, &names, config->ports[i].name,
			locate_item(w->report->locate, w->ports_node, i), "port");
		check_device(w, &devices, i);
	}
	taken_free(&names);
	taken_free(&devices);
}

/* Interfaces and the ports they name */

/* "p0", "p1" and, where there is one, the name that was probably meant. */
static void
tell_port_names(const struct config *known, const char *name, char *text, size_t size)
{
	const char *near = NULL;
	size_t used = snprintf(text, size, "%s", known->n_ports == 0 ? "(there is none)" : "");

	for (uint32_t i = 0; i < known->n_ports; i++) {
		const char *port = known->ports[i].name;

		if (text_is_near(name, strlen(name), port))
			near = port;
		if (i < NAMES_TOLD)
			used += snprintf(
				text + used, size - used, "%s\"%s\"", i == 0 ? "" : ", ", port);
		else if (i == NAMES_TOLD)
			used += snprintf(text + used, size - used, ", ...");
	}
	if (near != NULL)
		snprintf(text + used, size - used, " (did you mean \"%s\"?)", near);
}

static bool
speaks_ipv6(const struct config_interface *interface)
{
	for (uint32_t i = 0; i < interface->n_addresses; i++)
		if (interface->addresses[i].address.family == IP_FAMILY_IPV6)
			return true;
	return false;
}

/* -1 cast to the field's type stands for an MTU that could not be read. */
static bool
mtu_known(uint16_t mtu)
{
	return mtu != UINT16_MAX;
}

/* Hosts must not be told of more than the link takes (RFC 4861 6.2.1). */
static void
check_advertised_mtu(const struct whole *w, const struct config_interface *interface, uint16_t mtu,
	uint32_t node)
{
	const struct config_advertisement *advertisement = interface->router_advertisement;

	if (advertisement == NULL || !mtu_known(advertisement->mtu) || advertisement->mtu <= mtu)
		return;
	node = locate_member(w->report->locate, node, "router_advertisement");
	report_value(w->report, locate_member(w->report->locate, node, "mtu"),
		"no more than the interface's own, %u", mtu);
}

static void
check_mtu(const struct whole *w, const struct config_interface *interface,
	const struct config_port *port, uint32_t node)
{
	bool own = interface->mtu != CONFIG_MTU_OF_PORT;
	uint16_t mtu = own ? interface->mtu : port->mtu;
	uint32_t at = locate_member(w->report->locate, node, own ? "mtu" : "port");

	if (!mtu_known(interface->mtu) || !mtu_known(port->mtu))
		return;
	if (interface->mtu > port->mtu)
		report_error(w->report, at, "found %u, expected at most %u, the mtu of port \"%s\"",
			mtu, port->mtu, port->name);
	else if (mtu < CONFIG_MTU_IPV6 && speaks_ipv6(interface) && own)
		report_error(w->report, at,
			"found %u, expected at least %u on an interface with IPv6 addresses", mtu,
			CONFIG_MTU_IPV6);
	else if (mtu < CONFIG_MTU_IPV6 && speaks_ipv6(interface))
		report_error(w->report, at,
			"found port \"%s\", whose mtu is %u, expected one with at least %u for an "
			"interface with IPv6 addresses",
			port->name, mtu, CONFIG_MTU_IPV6);
	else
		check_advertised_mtu(w, interface, mtu, node);
}

/* Without a port. */
static void
check_link_mtu(const struct whole *w, const struct config_interface *interface, uint32_t node)
{
	uint16_t mtu = interface->mtu != CONFIG_MTU_OF_PORT ? interface->mtu : CONFIG_MTU_DEFAULT;

	if (!mtu_known(interface->mtu))
		return;
	if (mtu < CONFIG_MTU_IPV6 && speaks_ipv6(interface))
		report_value(w->report, locate_member(w->report->locate, node, "mtu"),
			"at least %u on an interface with IPv6 addresses", CONFIG_MTU_IPV6);
	else
		check_advertised_mtu(w, interface, mtu, node);
}

static void
check_tunnel_mtu(const struct whole *w, const struct config_interface *interface, uint32_t node)
{
	if (!mtu_known(interface->mtu))
		return;
	if (config_interface_mtu(interface) < CONFIG_MTU_IPV6 && speaks_ipv6(interface))
		report_value(w->report, locate_member(w->report->locate, node, "mtu"),
			"at least %u on an interface with IPv6 addresses", CONFIG_MTU_IPV6);
	else
		check_advertised_mtu(w, interface, config_interface_mtu(interface), node);
}

static void
check_port_reference(const struct whole *w, const struct config_interface *interface, uint32_t node)
{
	const struct config *known = w->running != NULL ? w->running : w->config;
	char names[(NAMES_TOLD + 2) * (CONFIG_NAME_MAX + 8)];

	if (interface->tunnel != NULL) {
		check_tunnel_mtu(w, interface, node);
		return;
	}
	if (!interface->has_port)
		check_link_mtu(w, interface, node);
	if (interface->port[0] == '\0')
		return;
	if (w->running == NULL && known->n_ports == 0)
		return; /* told once, as the list's fault */
	for (uint32_t i = 0; i < known->n_ports; i++) {
		/* One that has no readable name may be the one that is meant. */
		if (known->ports[i].name[0] == '\0')
			return;
		if (strcmp(known->ports[i].name, interface->port) == 0) {
			check_mtu(w, interface, &known->ports[i], node);
			return;
		}
	}
	tell_port_names(known, interface->port, names, sizeof(names));
	report_value(w->report, locate_member(w->report->locate, node, "port"),
		"the name of a port: %s", names);
}

static bool
attachment_key(const struct config_interface *interface, struct attachment_key *key)
{
	if (interface->port[0] == '\0' || interface->vlan == PARSE_BAD_VLAN ||
		interface->outer_vlan == PARSE_BAD_VLAN)
		return false;
	if (interface->has_mac && rte_is_zero_ether_addr(&interface->mac))
		return false;
	memset(key, 0, sizeof(*key));
	memcpy(key->port, interface->port, strnlen(interface->port, CONFIG_NAME_MAX));
	key->outer_vlan = interface->outer_vlan;
	key->vlan = interface->vlan;
	if (interface->has_mac)
		key->mac = interface->mac;
	return true;
}

static void
report_attachment(struct report *report, const struct attachment *a, const struct attachment *first)
{
	const struct config_interface *i = a->interface;
	char vlan[40] = "untagged";
	char mac[RTE_ETHER_ADDR_FMT_SIZE + 8] = "the port's own MAC";
	char place[32] = "which runs";

	if (i->outer_vlan != CONFIG_VLAN_NONE)
		snprintf(vlan, sizeof(vlan), "VLAN %u in outer VLAN %u", i->vlan, i->outer_vlan);
	else if (i->vlan != CONFIG_VLAN_NONE)
		snprintf(vlan, sizeof(vlan), "VLAN %u", i->vlan);
	if (i->has_mac)
		snprintf(mac, sizeof(mac), "MAC %02x:%02x:%02x:%02x:%02x:%02x",
			RTE_ETHER_ADDR_BYTES(&i->mac));
	if (first->node != LOCATE_NONE)
		snprintf(place, sizeof(place), "line %u", report_line(report, first->node));
	report_error(report, a->node,
		"found port \"%s\", %s, %s, expected a port, VLAN and MAC that no other interface "
		"has together (interface \"%s\" of router \"%s\" has them, %s)",
		i->port, vlan, mac, first->interface->name, first->router->name, place);
}

static bool
is_wire(const struct attachment *attachment)
{
	return attachment->router->forwarder == CONFIG_FORWARDER_WIRE;
}

static void
report_wire(struct report *report, const struct attachment *a, const struct attachment *first)
{
	const struct attachment *wire = is_wire(a) ? a : first;

	report_error(report, a->node,
		"found a port and VLAN of interface \"%s\" of router \"%s\", expected others: "
		"\"%s\" "
		"is a wire, which takes all frames",
		first->interface->name, first->router->name, wire->router->name);
}

static void
attach(struct report *report, struct attachments *attachments, struct attachment a)
{
	struct attachment_key key;
	uint32_t holder;

	if (!attachment_key(a.interface, &key))
		return;
	holder = taken_claim(&attachments->taken, &key, attachments->n);
	if (holder != TAKEN_BY_NOBODY) {
		if (a.node != LOCATE_NONE)
			report_attachment(report, &a, &attachments->all[holder]);
		return;
	}
	attachments->all[attachments->n++] = a;
	/* A wire takes all frames of its VLAN, so that no other interface can be on it. */
	key.mac = (struct rte_ether_addr){ { 0 } };
	holder = taken_claim(&attachments->vlans, &key, attachments->n - 1);
	if (holder != TAKEN_BY_NOBODY && a.node != LOCATE_NONE &&
		(is_wire(&a) || is_wire(&attachments->all[holder])))
		report_wire(report, &a, &attachments->all[holder]);
}

static size_t
count_interfaces(const struct config *config)
{
	size_t n = 0;

	for (uint32_t i = 0; config != NULL && i < config->n_routers; i++)
		n += config->routers[i].n_interfaces;
	return n;
}

static int
attachments_init(struct attachments *attachments, size_t n)
{
	*attachments = (struct attachments){ .all = calloc(n + 1, sizeof(*attachments->all)) };
	if (attachments->all == NULL ||
		taken_init(&attachments->taken, n, sizeof(struct attachment_key)) < 0 ||
		taken_init(&attachments->vlans, n, sizeof(struct attachment_key)) < 0)
		return -ENOMEM;
	return 0;
}

static void
attach_running(const struct whole *w, struct attachments *attachments)
{
	for (uint32_t r = 0; w->running != NULL && r < w->running->n_routers; r++) {
		const struct config_router *router = &w->running->routers[r];

		for (uint32_t i = 0; i < router->n_interfaces; i++)
			attach(w->report, attachments,
				(struct attachment){ router, &router->interfaces[i], LOCATE_NONE });
	}
}

static void
attach_router(const struct whole *w, struct attachments *attachments, uint32_t r)
{
	const struct config_router *router = &w->config->routers[r];
	const struct locate *locate = w->report->locate;
	uint32_t interfaces = locate_member(locate, router_node(w, r), "interfaces");

	for (uint32_t i = 0; i < router->n_interfaces; i++) {
		uint32_t node = locate_item(locate, interfaces, i);

		check_port_reference(w, &router->interfaces[i], node);
		attach(w->report, attachments,
			(struct attachment){ router, &router->interfaces[i], node });
	}
}

static void
check_interfaces(const struct whole *w)
{
	struct attachments attachments;
	size_t n = count_interfaces(w->config) + count_interfaces(w->running);

	if (attachments_init(&attachments, n) < 0) {
		report_no_memory(w->report);
	} else {
		attach_running(w, &attachments);
		for (uint32_t r = 0; r < w->config->n_routers; r++)
			attach_router(w, &attachments, r);
	}
	taken_free(&attachments.taken);
	taken_free(&attachments.vlans);
	free(attachments.all);
}

/* Routers */

static void
check_name_runs(const struct whole *w)
{
	const char *name = w->config->routers[0].name;

	for (uint32_t i = 0; i < w->running->n_routers; i++) {
		if (name[0] != '\0' && strcmp(w->running->routers[i].name, name) == 0)
			report_value(w->report,
				locate_member(w->report->locate, LOCATE_ROOT, "name"),
				"a name no other router has (one that runs has it)");
	}
}

static void
check_router_names(const struct whole *w)
{
	struct taken names;

	if (taken_init(&names, w->config->n_routers, CONFIG_NAME_MAX + 1) < 0) {
		report_no_memory(w->report);
		return;
	}
	for (uint32_t i = 0; i < w->config->n_routers; i++)
		validate_name(
			w->report, &names, w->config->routers[i].name, router_node(w, i), "router");
	taken_free(&names);
}

void
validate_config(struct report *report, const struct config *config, const struct config *running)
{
	struct whole w = {
		.report = report,
		.config = config,
		.running = running,
		.ports_node = locate_member(report->locate, LOCATE_ROOT, "ports"),
		.routers_node = locate_member(report->locate, LOCATE_ROOT, "routers"),
	};

	if (running == NULL) {
		check_ports(&w);
		check_router_names(&w);
	} else {
		check_name_runs(&w);
	}
	check_interfaces(&w);
	if (running == NULL)
		validate_links(report, config);
	else
		validate_linked_again(report, &config->routers[0], running);
	validate_tunnels(report, config, running);
	for (uint32_t i = 0; i < config->n_routers; i++)
		if (config->routers[i].forwarder == CONFIG_FORWARDER_WIRE)
			validate_wire(report, &config->routers[i], router_node(&w, i));
	for (uint32_t i = 0; i < config->n_routers; i++)
		validate_router(report, &config->routers[i], router_node(&w, i), &report->lines[i]);
}
