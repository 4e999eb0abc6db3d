/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_jhash.h>
#include <rte_string_fns.h>

#include "router.h"
#include "router_links.h"
#include "vrf/multicast.h"
#include "vrf/tunnel.h"

static unsigned int
port_index(const struct vrouter *vrouter, const char *name)
{
	unsigned int i;

	for (i = 0; i < vrouter->n_ports; i++)
		if (strcmp(vrouter->ports[i].name, name) == 0)
			break;
	return i;
}

/*
 * The same for the same interface at each start, and another at the tunnel's other end: of names
 * and addresses. A local one (RFC 7042 2.1).
 */
static struct rte_ether_addr
make_mac(const struct config_router *router, const struct config_interface *config)
{
	struct rte_ether_addr mac = { { 0x02 } };
	uint32_t hash[2] = { 0, 1 };

	for (unsigned int i = 0; i < 2; i++) {
		hash[i] = rte_jhash(router->name, strlen(router->name), hash[i]);
		hash[i] = rte_jhash(config->name, strlen(config->name), hash[i]);
		hash[i] = ip_address_hash(&config->tunnel->local, hash[i]);
		hash[i] = ip_address_hash(&config->tunnel->remote, hash[i]);
	}
	memcpy(&mac.addr_bytes[1], &hash[0], 4);
	memcpy(&mac.addr_bytes[5], &hash[1], 1);
	return mac;
}

static void
describe_tunnel(const struct config_router *router, const struct config_interface *config,
	struct tunnel_params *params, struct vr_interface *interface)
{
	static const enum tunnel_type types[] = { [CONFIG_TUNNEL_IPIP] = TUNNEL_IPIP,
		[CONFIG_TUNNEL_GRE] = TUNNEL_GRE,
		[CONFIG_TUNNEL_VXLAN] = TUNNEL_VXLAN };
	const struct config_tunnel *tunnel = config->tunnel;

	*params = (struct tunnel_params){ .output_port = params->output_port,
		.input_port = params->input_port,
		.type = types[tunnel->type],
		.ttl = (uint8_t)tunnel->ttl,
		.inherit_dscp = tunnel->dscp == CONFIG_TUNNEL_DSCP_INHERIT,
		.dscp = (uint8_t)tunnel->dscp,
		.has_key = tunnel->has_key,
		.key = tunnel->type == CONFIG_TUNNEL_VXLAN ? tunnel->vni : tunnel->key,
		.port = tunnel->port,
		.local = tunnel->local,
		.remote = tunnel->remote };
	strlcpy(params->router, tunnel->router[0] != '\0' ? tunnel->router : router->name,
		sizeof(params->router));
	interface->tunnel_params = params;
	interface->port = VR_PORT_TUNNEL;
	interface->mtu = config_interface_mtu(config);
	interface->mac = config->has_mac ? config->mac : make_mac(router, config);
}

/* What an interface on a port has of its own, or of the port. */
static void
describe_on_port(const struct port *port, const struct config_interface *config,
	struct vr_interface *interface)
{
	interface->port = port->index;
	interface->outer_vlan = config->outer_vlan;
	interface->vlan = config->vlan;
	interface->mtu = config->mtu != CONFIG_MTU_OF_PORT ? config->mtu : port->mtu;
	interface->mac = config->has_mac ? config->mac : port->mac;
}

/* The config's interface as the router wants it; addresses are borrowed. */
static void
describe_interface(const struct vrouter *vrouter, const struct config_router *router,
	const struct config_interface *config, struct vr_interface *interface,
	struct tunnel_params *tunnel, struct ip_prefix *addresses)
{
	strlcpy(interface->name, config->name, sizeof(interface->name));
	if (config->tunnel != NULL) {
		describe_tunnel(router, config, tunnel, interface);
	} else if (config->has_port) {
		describe_on_port(
			&vrouter->ports[port_index(vrouter, config->port)], config, interface);
	} else {
		interface->mtu =
			config->mtu != CONFIG_MTU_OF_PORT ? config->mtu : CONFIG_MTU_DEFAULT;
		interface->mac = config->has_mac ? config->mac
		                                 : router_links_mac(router->name, config->name);
	}
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
	vrouter_tell(context, "%s", text);
}

struct vr *
router_make_vr(
	struct vrouter *vrouter, const struct config_router *config, int socket, FILE *errors)
{
	struct vr_interface *interfaces = calloc(config->n_interfaces + 1, sizeof(*interfaces));
	struct tunnel_params *tunnels = calloc(config->n_interfaces + 1, sizeof(*tunnels));
	struct ip_prefix *addresses;
	struct vr_params params = { .name = config->name,
		.forwarder = config->forwarder == CONFIG_FORWARDER_WIRE ? VR_FORWARDER_WIRE
		                                                        : VR_FORWARDER_ROUTER,
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
	if (interfaces == NULL || tunnels == NULL || addresses == NULL) {
		fprintf(errors, "router %s: no memory\n", config->name);
	} else {
		struct ip_prefix *next = addresses;
		int rc = router_links_number(vrouter, config, interfaces, tunnels);

		for (unsigned int i = 0; i < config->n_interfaces && rc == 0; i++) {
			describe_interface(vrouter, config, &config->interfaces[i], &interfaces[i],
				&tunnels[i], next);
			next += config->interfaces[i].n_addresses;
			rc = describe_advertisement(&config->interfaces[i], &interfaces[i]);
		}
		snprintf(error, sizeof(error), "router %s: %s", config->name,
			rc == -ENOSPC ? "too many interfaces without a port" : "no memory");
		if (rc == 0)
			vr = vr_create(&params, error);
		if (vr == NULL)
			fprintf(errors, "%s\n", error);
	}
	for (unsigned int i = 0; interfaces != NULL && i < config->n_interfaces; i++)
		free((void *)(uintptr_t)interfaces[i].advertisement);
	free(addresses);
	free(tunnels);
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

int
router_add_static(
	struct vr *vr, const struct config_router *config, const char *source, FILE *errors)
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
