/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>

#include <rte_string_fns.h>

#include "route_list.h"
#include "vrf/vr.h"

/* So few that the control thread is not kept from others, so many that a piece is worth its while.
 */
#define PIECE 512

/* Columns as wide as what is in them can be. */
#define ROW_FORMAT "%-18s  %-11s  %-15s  %s"
#define ROW_SIZE 192

struct route_list {
	char router[CONFIG_NAME_MAX + 1];
	bool json;
	bool begun;
	bool ended;
	/* Where the next piece begins. */
	struct ip_prefix next;
	/* Of the piece that is being printed. */
	FILE *out;
	unsigned int room;
};

struct route_list *
route_list_create(const struct router *router, bool json)
{
	struct route_list *list = calloc(1, sizeof(*list));

	if (list == NULL)
		return NULL;
	strlcpy(list->router, router->name, sizeof(list->router));
	list->json = json;
	return list;
}

void
route_list_free(struct route_list *list)
{
	free(list);
}

static void
print_row(FILE *out, const char *prefix, const char *type, const char *via, const char *interface)
{
	char row[ROW_SIZE];
	int length = snprintf(row, sizeof(row), ROW_FORMAT, prefix, type, via, interface);

	while (length > 0 && row[length - 1] == ' ')
		length--;
	fprintf(out, "%.*s\n", length, row);
}

/* No name in it needs to be escaped. */
static void
print_object(
	FILE *out, const char *prefix, const char *type, const char *via, const char *interface)
{
	fprintf(out, "{\"prefix\":\"%s\",\"type\":\"%s\"", prefix, type);
	if (via[0] != '\0')
		fprintf(out, ",\"via\":\"%s\"", via);
	if (interface[0] != '\0')
		fprintf(out, ",\"interface\":\"%s\"", interface);
	fputc('}', out);
}

/* The prefix that comes behind this one in the order of the walk, if there is one. */
static bool
next_place(struct ip_prefix *prefix)
{
	if (!ip_prefix_is_host(prefix)) {
		prefix->depth++;
		return true;
	}
	prefix->depth = 0;
	if (ip_address_next(&prefix->address))
		return true;
	if (prefix->address.family == IP_FAMILY_IPV6)
		return false;
	*prefix = (struct ip_prefix){ .address.family = IP_FAMILY_IPV6 };
	return true;
}

static bool
print_route(const struct vr_route *route, void *context)
{
	const char *interface = route->interface == NULL ? "" : route->interface->name;
	const char *type = vr_route_type_name(route->type);
	char prefix[IP_PREFIX_TEXT_SIZE];
	char via[IP_ADDRESS_TEXT_SIZE] = "";
	struct route_list *list = context;

	ip_prefix_text(&route->prefix, prefix);
	if (route->type == VR_ROUTE_VIA)
		ip_address_text(&route->via, via);
	if (list->json) {
		fputc(list->begun ? ',' : '[', list->out);
		print_object(list->out, prefix, type, via, interface);
	} else {
		if (!list->begun)
			print_row(list->out, "prefix", "type", "via", "interface");
		print_row(list->out, prefix, type, via, interface);
	}
	list->begun = true;
	list->next = route->prefix;
	list->ended = !next_place(&list->next);
	return --list->room > 0;
}

int
route_list_print(struct route_list *list, const struct vrouter *vrouter, FILE *out)
{
	const struct router *router = vrouter_find(vrouter, list->router);

	list->out = out;
	list->room = PIECE;
	if (router != NULL && !list->ended)
		vr_route_walk_from(router->vr, &list->next, print_route, list);
	if (list->room == 0)
		return 1;
	if (list->json)
		fputs(list->begun ? "]\n" : "[]\n", out);
	else if (!list->begun)
		print_row(out, "prefix", "type", "via", "interface");
	if (router != NULL)
		return 0;
	if (!list->json)
		fprintf(out, "router %s: deleted while its routes were shown\n", list->router);
	return -ENOENT;
}
