/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <string.h>

#include "commands.h"
#include "vrf/multicast.h"

/* "any" is the zero address of the group's family. */
static bool
source_argument(struct console_session *session, const char *text, struct multicast_route *route)
{
	if (strcmp(text, "any") != 0)
		return command_address(session, "source", text, &route->source);
	route->source = (struct ip_address){ .family = route->group.family };
	return true;
}

static bool
interface_argument(
	struct console_session *session, const struct vr *vr, const char *name, uint16_t *index)
{
	const struct vr_interface *interface = vr_interface_find(vr, name);

	if (interface == NULL) {
		fprintf(session->errors, "router %s: no interface %s (see show vr %s interfaces)\n",
			vr->name, name, vr->name);
		return false;
	}
	*index = interface->index;
	return true;
}

/* Names with blanks between them. */
static bool
out_arguments(struct console_session *session, const struct vr *vr, char *names,
	struct multicast_route *route)
{
	char *rest;

	for (char *name = strtok_r(names, " \t", &rest); name != NULL;
		name = strtok_r(NULL, " \t", &rest)) {
		if (route->n_out == MULTICAST_OUT_MAX) {
			fprintf(session->errors, "out: more than %u interfaces\n",
				MULTICAST_OUT_MAX);
			return false;
		}
		if (!interface_argument(session, vr, name, &route->out[route->n_out++]))
			return false;
	}
	return true;
}

void
command_add_multicast(struct words *words, struct console_session *session)
{
	struct router *router = command_router_with_tables(words, session);
	struct multicast_route route = { 0 };
	char error[VR_ERROR_SIZE];

	if (router == NULL ||
		!command_address(session, "group", words->arguments[0], &route.group) ||
		!source_argument(session, words->arguments[1], &route) ||
		!interface_argument(session, router->vr, words->arguments[2], &route.in) ||
		!out_arguments(session, router->vr, words->rest, &route))
		return;
	if (multicast_add(router->vr, &route, error) != 0)
		fprintf(session->errors, "%s\n", error);
}

void
command_del_multicast(struct words *words, struct console_session *session)
{
	struct router *router = command_router_with_tables(words, session);
	struct multicast_route route = { 0 };
	char error[VR_ERROR_SIZE];

	if (router == NULL ||
		!command_address(session, "group", words->arguments[0], &route.group) ||
		!source_argument(session, words->arguments[1], &route))
		return;
	if (multicast_delete(router->vr, &route.group, &route.source, error) != 0)
		fprintf(session->errors, "%s\n", error);
}
