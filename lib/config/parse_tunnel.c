/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <string.h>

#include "config_field.h"
#include "parse_tunnel.h"
#include "schema/table.h"
#include "text.h"

#define OUTER_IPV4 20
#define OUTER_IPV6 40
#define GRE 4
#define GRE_KEY 4
#define VXLAN (8 + 8 + 14) /* UDP, VXLAN and the inner Ethernet header */

bool
config_tunnel_is_elsewhere(const struct config_router *router, const struct config_tunnel *tunnel)
{
	return tunnel->router[0] != '\0' && strcmp(tunnel->router, router->name) != 0;
}

uint16_t
config_tunnel_overhead(const struct config_tunnel *tunnel)
{
	uint16_t outer = tunnel->local.family == IP_FAMILY_IPV4 ? OUTER_IPV4 : OUTER_IPV6;

	switch (tunnel->type) {
	case CONFIG_TUNNEL_GRE:
		return outer + GRE + (tunnel->has_key ? GRE_KEY : 0);
	case CONFIG_TUNNEL_VXLAN:
		return outer + VXLAN;
	default:
		return outer;
	}
}

uint16_t
config_interface_mtu(const struct config_interface *interface)
{
	if (interface->mtu != CONFIG_MTU_OF_PORT)
		return interface->mtu;
	return CONFIG_MTU_DEFAULT - config_tunnel_overhead(interface->tunnel);
}

/* A number, or the word for the inner packet's own: the field's fallback or its other end. */
static bool
inherit_read(struct report *report, struct value value, const struct field *field, void *object,
	uint16_t inherit)
{
	const char *text = json_string_value(value.json);

	if (text == NULL || strcmp(text, "inherit") != 0)
		return field_integer.read(report, value, field, object);
	field_store(field, object, inherit);
	return true;
}

static bool
ttl_read(struct report *report, struct value value, const struct field *field, void *object)
{
	return inherit_read(report, value, field, object, CONFIG_TUNNEL_TTL_INHERIT);
}

static bool
dscp_read(struct report *report, struct value value, const struct field *field, void *object)
{
	return inherit_read(report, value, field, object, CONFIG_TUNNEL_DSCP_INHERIT);
}

static const struct field_type field_ttl = { .read = ttl_read, .fail = field_leave };
static const struct field_type field_dscp = { .read = dscp_read, .fail = field_leave };

static const char *const types[] = {
	[CONFIG_TUNNEL_IPIP] = "ipip",
	[CONFIG_TUNNEL_GRE] = "gre",
	[CONFIG_TUNNEL_VXLAN] = "vxlan",
};

static void
refuse_key(struct report *report, struct value value, const char *key, const char *type)
{
	if (field_given(value, key))
		report_error(report, field_node(report, value, key),
			"found \"%s\" in a tunnel of another type, expected it for \"%s\" only",
			key, type);
}

static void
check_type(struct report *report, struct value value, struct config_tunnel *tunnel, bool slips)
{
	const char *text = json_string_value(json_object_get(value.json, "type"));
	const char *near;

	if (text == NULL || text_find_word(text, types, ARRAY_SIZE(types), &near) < 0)
		return;
	tunnel->has_key = tunnel->type == CONFIG_TUNNEL_GRE && field_given(value, "key");
	if (tunnel->type != CONFIG_TUNNEL_GRE)
		refuse_key(report, value, "key", "gre");
	if (tunnel->type != CONFIG_TUNNEL_VXLAN) {
		refuse_key(report, value, "vni", "vxlan");
		refuse_key(report, value, "port", "vxlan");
	} else if (!field_given(value, "vni") && !slips) {
		report_error(report, value.node,
			"found no \"vni\", expected an integer from 0 to %d",
			CONFIG_TUNNEL_VNI_MAX);
	}
}

static void
check_end(struct report *report, struct value value, const char *key, struct ip_address *end)
{
	if (!ip_address_is_link_local(end))
		return;
	report_value(report, field_node(report, value, key),
		"an address that is not link-local, which the outer packets can be routed by");
	*end = (struct ip_address){ 0 };
}

static void
check_tunnel(struct report *report, struct value value, void *item, bool slips)
{
	struct config_tunnel *tunnel = item;

	check_type(report, value, tunnel, slips);
	check_end(report, value, "local", &tunnel->local);
	check_end(report, value, "remote", &tunnel->remote);
	if (ip_address_is_zero(&tunnel->local) || ip_address_is_zero(&tunnel->remote))
		return;
	if (tunnel->local.family != tunnel->remote.family)
		report_value(report, field_node(report, value, "remote"),
			"an %s address like \"local\"", ip_family_name(tunnel->local.family));
	else if (ip_address_equal(&tunnel->local, &tunnel->remote))
		report_value(report, field_node(report, value, "remote"),
			"another address than \"local\"");
}

static const struct field config_tunnel_fields[] = {
	{
		.key = "type",
		.type = &field_word,
		.required = true,
		.offset = offsetof(struct config_tunnel, type),
		.size = sizeof(uint8_t),
		.min = CONFIG_TUNNEL_IPIP,
		.max = CONFIG_TUNNEL_VXLAN,
		.words = types,
		.expected = "\"ipip\", \"gre\" or \"vxlan\"",
	},
	FIELD_TEXT(config_tunnel, local, neighbour, true, TEXT_LIKE_ADDRESS),
	FIELD_TEXT(config_tunnel, remote, neighbour, true, TEXT_LIKE_ADDRESS),
	FIELD_TEXT(config_tunnel, router, name, false, "the name of a router"),
	FIELD_INTEGER(config_tunnel, key, 0, UINT32_MAX, 0),
	FIELD_INTEGER(config_tunnel, vni, 0, CONFIG_TUNNEL_VNI_MAX, 0),
	FIELD_INTEGER(config_tunnel, port, 1, UINT16_MAX, CONFIG_TUNNEL_PORT_DEFAULT),
	{
		.key = "ttl",
		.type = &field_ttl,
		.offset = offsetof(struct config_tunnel, ttl),
		.size = sizeof(uint16_t),
		.min = 1,
		.max = 255,
		.fallback = CONFIG_TUNNEL_TTL_DEFAULT,
		.expected = "an integer from 1 to 255, or \"inherit\"",
	},
	{
		.key = "dscp",
		.type = &field_dscp,
		.offset = offsetof(struct config_tunnel, dscp),
		.size = sizeof(uint16_t),
		.min = 0,
		.max = CONFIG_TUNNEL_DSCP_MAX,
		.fallback = CONFIG_TUNNEL_DSCP_INHERIT,
		.expected = "an integer from 0 to 63, or \"inherit\"",
	},
};
const struct kind tunnel_kind = {
	FIELD_OBJECTS(config_tunnel, "an object (a tunnel)"),
	.check = check_tunnel,
};

static void
refuse_beside(struct report *report, struct value value, const char *key)
{
	if (field_given(value, key))
		report_error(report, field_node(report, value, key),
			"found \"%s\" beside \"tunnel\", expected it beside no \"tunnel\"", key);
}

/* They have no Ethernet. */
static void
refuse_on_point_to_point(struct report *report, struct value value, const char *key)
{
	if (field_given(value, key))
		report_error(report, field_node(report, value, key),
			"found \"%s\" of a point to point tunnel, expected it for \"vxlan\" only",
			key);
}

void
parse_check_tunnel(
	struct report *report, struct value value, const struct config_interface *interface)
{
	if (!field_given(value, "tunnel"))
		return;
	refuse_beside(report, value, "port");
	refuse_beside(report, value, "vlan");
	refuse_beside(report, value, "outer_vlan");
	if (interface->tunnel == NULL || interface->tunnel->type == CONFIG_TUNNEL_VXLAN)
		return;
	refuse_on_point_to_point(report, value, "mac");
	refuse_on_point_to_point(report, value, "router_advertisement");
}
