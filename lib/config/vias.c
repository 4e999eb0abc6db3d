/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "schema/object.h"
#include "text.h"
#include "vias.h"

#define VIAS_FIRST 16

/* What there must be for any of a router's gateways to be read. */
struct reader {
	struct report *report;
	const struct interface_names *names;
};

/* A gateway on its way into the config. */
struct item {
	struct config_via via;
	const struct reader *reader;
};

static uint32_t
capacity(uint32_t n)
{
	return n == 0 ? 0 : RTE_MAX(VIAS_FIRST, rte_align32pow2(n));
}

int
vias_set(struct config_router *router, struct config_route *route, const struct config_via *vias,
	unsigned int n)
{
	void *all = router->vias;

	route->n_vias = (uint8_t)n;
	if (n == 1) {
		route->via = vias[0].address;
		route->zone = vias[0].zone;
		return 0;
	}
	if (capacity(router->n_vias + n) > capacity(router->n_vias))
		all = realloc(all, capacity(router->n_vias + n) * sizeof(*vias));
	if (all == NULL)
		return -ENOMEM;
	router->vias = all;
	route->first_via = router->n_vias;
	memcpy(router->vias + router->n_vias, vias, n * sizeof(*vias));
	router->n_vias += n;
	return 0;
}

/* Finds the interface of this name, or reports that there is none. */
static bool
find_zone(const struct reader *reader, uint32_t node, const char *zone, uint32_t *index)
{
	const char *near;

	*index = CONFIG_ZONE_NONE;
	if (zone[0] == '\0')
		return true;
	*index = interface_names_find(reader->names, zone);
	if (*index != CONFIG_ZONE_NONE)
		return true;
	if (!reader->names->all_known)
		return false; /* it may be the one whose name is told already */
	near = interface_names_near(reader->names, zone);
	if (near != NULL)
		report_value(reader->report, node, TEXT_ZONE " (did you mean \"%s\"?)", near);
	else
		report_value(reader->report, node, TEXT_ZONE);
	return false;
}

static bool
address_read(struct report *report, struct value value, const struct field *field, void *object)
{
	struct item *item = object;
	char expected[TEXT_EXPECTED_SIZE];
	char zone[CONFIG_NAME_MAX + 1];
	struct ip_address address;

	(void)field;
	if (text_parse_via(json_string_value(value.json), &address, zone, expected) < 0) {
		report_value(report, value.node, "%s", expected);
		return false;
	}
	if (!find_zone(item->reader, value.node, zone, &item->via.zone))
		return false;
	item->via.address = address;
	return true;
}

static void
address_fail(const struct field *field, void *object)
{
	(void)field;
	((struct item *)object)->via.address = (struct ip_address){ 0 };
}

static const struct field_type address_type = { address_read, address_fail };

static const struct field via_fields[] = {
	{
		.key = "address",
		.type = &address_type,
		.required = true,
		.expected = TEXT_LIKE_VIA,
	},
	{
		.key = "weight",
		.type = &field_integer,
		.offset = offsetof(struct item, via.weight),
		.size = sizeof(uint16_t),
		.min = 1,
		.max = CONFIG_VIA_WEIGHT_MAX,
		.fallback = CONFIG_VIA_WEIGHT_DEFAULT,
	},
};
static const struct kind via_kind = {
	.expected = TEXT_LIKE_VIA ", or an object with \"address\" and \"weight\"",
	.size = sizeof(struct item),
	.fields = via_fields,
	.n_fields = ARRAY_SIZE(via_fields),
};

static struct config_via
read_via(const struct reader *reader, struct value value)
{
	struct item item = { .via = { .weight = CONFIG_VIA_WEIGHT_DEFAULT,
				     .zone = CONFIG_ZONE_NONE },
		.reader = reader };

	if (json_is_string(value.json))
		address_read(reader->report, value, NULL, &item);
	else
		object_read(reader->report, value, &via_kind, &item);
	return item.via;
}

static unsigned int
read_list(const struct reader *reader, struct value list, struct config_via vias[CONFIG_VIAS_MAX])
{
	size_t n = json_array_size(list.json);

	if (n == 0)
		report_value(reader->report, list.node, "1 to %u gateways", CONFIG_VIAS_MAX);
	else if (n > CONFIG_VIAS_MAX)
		report_error(reader->report, list.node, "found %zu gateways, expected %u at most",
			n, CONFIG_VIAS_MAX);
	if (n == 0 || n > CONFIG_VIAS_MAX)
		return 0;
	for (size_t i = 0; i < n; i++)
		vias[i] = read_via(reader,
			(struct value){ json_array_get(list.json, i),
				locate_item(reader->report->locate, list.node, (uint32_t)i) });
	return (unsigned int)n;
}

static void
read_route(const struct reader *reader, struct value value, struct config_router *router,
	struct config_route *route)
{
	struct config_via vias[CONFIG_VIAS_MAX] = { { .zone = CONFIG_ZONE_NONE } };
	unsigned int n = 1;

	if (json_is_array(value.json))
		n = read_list(reader, value, vias);
	else if (json_is_string(value.json))
		vias[0] = read_via(reader, value);
	else
		report_value(
			reader->report, value.node, "%s", TEXT_LIKE_VIA ", or a list of gateways");
	/* One that could not be read stands for a list that could not. */
	if (vias_set(router, route, vias, RTE_MAX(n, 1u)) != 0)
		report_no_memory(reader->report);
}

void
vias_read(struct report *report, struct value routes, struct config_router *router)
{
	struct interface_names names;
	struct reader reader = { report, &names };

	if (interface_names_init(&names, router) < 0) {
		report_no_memory(report);
		return;
	}
	for (uint32_t i = 0; i < router->n_routes; i++) {
		uint32_t node = locate_item(report->locate, routes.node, i);
		struct value via = {
			json_object_get(json_array_get(routes.json, i), "via"),
			locate_member(report->locate, node, "via"),
		};

		router->routes[i].zone = CONFIG_ZONE_NONE;
		if (via.json != NULL)
			read_route(&reader, via, router, &router->routes[i]);
	}
	interface_names_free(&names);
}

static bool
nothing_read(struct report *report, struct value value, const struct field *field, void *object)
{
	(void)report;
	(void)value;
	(void)field;
	(void)object;
	return true;
}

static void
nothing_fail(const struct field *field, void *object)
{
	(void)field;
	(void)object;
}

const struct field_type vias_field = { nothing_read, nothing_fail };
