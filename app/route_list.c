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

/* Columns as wide as what is in them mostly is. */
#define ROW_FORMAT "%-18s  %-11s  %8s  %-14s  %-15s  %-15s  %s"
#define ROW_SIZE 256

/* What tells a route that stands by from all others. */
struct standby {
	struct ip_prefix prefix;
	uint8_t source; /* enum vr_route_source */
	uint8_t distance;
};

struct route_list {
	char router[CONFIG_NAME_MAX + 1];
	enum route_list_what what;
	bool json;
	bool begun;
	bool ended;
	/* Where the next piece begins. */
	struct ip_prefix next;
	/* Of those that stood by when the list began; made at once, as there is no order to go on
	 * in. */
	struct standby *standby;
	uint32_t n_standby;
	uint32_t next_standby;
	/* Of the piece that is being printed. */
	FILE *out;
	unsigned int room;
};

static bool
note_standby(const struct vr_route *route, void *context)
{
	struct route_list *list = context;

	list->standby[list->n_standby++] =
		(struct standby){ route->prefix, route->source, route->distance };
	return true;
}

static int
note_all_standby(struct route_list *list, const struct vr *vr)
{
	list->standby = calloc(vr->n_rib + 1u, sizeof(*list->standby));
	return list->standby == NULL ? -ENOMEM : vr_route_walk_standby(vr, note_standby, list);
}

struct route_list *
route_list_create(const struct router *router, enum route_list_what what, bool json)
{
	struct route_list *list = calloc(1, sizeof(*list));

	if (list == NULL)
		return NULL;
	strlcpy(list->router, router->name, sizeof(list->router));
	list->what = what;
	list->json = json;
	if (what == ROUTE_LIST_ACTIVE || note_all_standby(list, router->vr) == 0)
		return list;
	route_list_free(list);
	return NULL;
}

void
route_list_free(struct route_list *list)
{
	if (list != NULL)
		free(list->standby);
	free(list);
}

/* A line of text. */
struct row {
	const char *prefix;
	const char *type;
	const char *distance;
	const char *why;
	const char *via;
	const char *interface;
	const char *weight;
};

static void
print_row(const struct route_list *list, struct row row)
{
	char text[ROW_SIZE];
	int length;

	if (list->what == ROUTE_LIST_STANDBY)
		length = snprintf(text, sizeof(text), ROW_FORMAT, row.prefix, row.type,
			row.distance, row.why, row.via, row.interface, row.weight);
	else
		length = snprintf(text, sizeof(text), "%-18s  %-11s  %8s  %-15s  %-15s  %s",
			row.prefix, row.type, row.distance, row.via, row.interface, row.weight);
	while (length > 0 && text[length - 1] == ' ')
		length--;
	fprintf(list->out, "%.*s\n", length, text);
}

static void
print_title(const struct route_list *list)
{
	print_row(list,
		(struct row){ "prefix", "type", "distance", "why", "via", "interface", "weight" });
}

static const char *
why_text(const struct vr_route *route)
{
	return route->standby == VR_STANDBY_DOWN ? "interface down" : "farther";
}

/* A row for each gateway. */
static void
print_rows(const struct route_list *list, const struct vr_route *route, const char *prefix,
	const char *via)
{
	struct row row = { prefix, vr_route_type_name(route->type), "", why_text(route), via,
		route->interface == NULL ? "" : route->interface->name, "" };
	char address[IP_ADDRESS_TEXT_SIZE];
	char distance[8], weight[8];

	snprintf(distance, sizeof(distance), "%u", route->distance);
	row.distance = distance;
	for (uint16_t i = 0; route->n_vias > 1 && i < route->n_vias; i++) {
		snprintf(weight, sizeof(weight), "%u", route->vias[i].weight);
		row.via = ip_address_text(&route->vias[i].address, address);
		row.interface = route->vias[i].interface->name;
		row.weight = weight;
		print_row(list, row);
		row.prefix = row.type = row.distance = row.why = "";
	}
	if (route->n_vias <= 1)
		print_row(list, row);
}

static void
print_vias(FILE *out, const struct vr_route *route)
{
	char address[IP_ADDRESS_TEXT_SIZE];

	fputs(",\"via\":", out);
	for (uint16_t i = 0; i < route->n_vias; i++)
		fprintf(out, "%c{\"address\":\"%s\",\"interface\":\"%s\",\"weight\":%u}",
			i == 0 ? '[' : ',', ip_address_text(&route->vias[i].address, address),
			route->vias[i].interface->name, route->vias[i].weight);
	fputc(']', out);
}

/* No name in it needs to be escaped. */
static void
print_object(const struct route_list *list, const struct vr_route *route, const char *prefix,
	const char *via)
{
	FILE *out = list->out;

	fprintf(out, "{\"prefix\":\"%s\",\"type\":\"%s\",\"distance\":%u", prefix,
		vr_route_type_name(route->type), route->distance);
	if (list->what == ROUTE_LIST_STANDBY)
		fprintf(out, ",\"why\":\"%s\"", why_text(route));
	if (route->n_vias > 1)
		print_vias(out, route);
	else if (via[0] != '\0')
		fprintf(out, ",\"via\":\"%s\"", via);
	if (route->interface != NULL)
		fprintf(out, ",\"interface\":\"%s\"", route->interface->name);
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

static void
print_route(struct route_list *list, const struct vr_route *route)
{
	char prefix[IP_PREFIX_TEXT_SIZE];
	char via[IP_ADDRESS_TEXT_SIZE] = "";

	ip_prefix_text(&route->prefix, prefix);
	if (route->type == VR_ROUTE_VIA && route->n_vias <= 1)
		ip_address_text(&route->via, via);
	if (list->json) {
		fputc(list->begun ? ',' : '[', list->out);
		print_object(list, route, prefix, via);
	} else {
		if (!list->begun)
			print_title(list);
		print_rows(list, route, prefix, via);
	}
	list->begun = true;
	list->room--;
}

static bool
print_active(const struct vr_route *route, void *context)
{
	struct route_list *list = context;

	print_route(list, route);
	list->next = route->prefix;
	list->ended = !next_place(&list->next);
	return list->room > 0;
}

/* Those that still stand by. */
static void
print_standby(struct route_list *list, const struct vr *vr)
{
	while (list->room > 0 && list->next_standby < list->n_standby) {
		const struct standby *key = &list->standby[list->next_standby++];
		struct vr_route route;

		if (vr_route_find(vr, &key->prefix, key->source, key->distance, &route) &&
			route.standby != VR_STANDBY_NOT)
			print_route(list, &route);
	}
}

static void
print_piece(struct route_list *list, const struct vr *vr)
{
	list->room = PIECE;
	if (list->what == ROUTE_LIST_STANDBY)
		print_standby(list, vr);
	else if (!list->ended)
		vr_route_walk_from(vr, &list->next, print_active, list);
}

int
route_list_print(struct route_list *list, const struct vrouter *vrouter, FILE *out)
{
	const struct router *router = vrouter_find(vrouter, list->router);

	list->out = out;
	list->room = PIECE;
	if (router != NULL)
		print_piece(list, router->vr);
	if (list->room == 0)
		return 1;
	if (list->json)
		fputs(list->begun ? "]\n" : "[]\n", out);
	else if (!list->begun)
		print_title(list);
	if (router != NULL)
		return 0;
	if (!list->json)
		fprintf(out, "router %s: deleted while its routes were shown\n", list->router);
	return -ENOENT;
}
