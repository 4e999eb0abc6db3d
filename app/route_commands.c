/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "commands.h"
#include "config/route_words.h"
#include "router.h"

static bool
prefix_argument(struct console_session *session, const char *text, struct ip_prefix *prefix)
{
	struct ip_prefix network;

	if (ip_prefix_parse(text, prefix) == 0) {
		network = ip_prefix_network(prefix);
		if (ip_prefix_equal(&network, prefix))
			return true;
	}
	fprintf(session->errors,
		"prefix: found %s, expected ADDRESS/LENGTH without host bits, as 10.1.0.0/16 or "
		"2001:db8::/32\n",
		text);
	return false;
}

/* What `add route` and `set route` have in common: `change` is what is done with the route. */
static void
with_route(struct words *words, struct console_session *session,
	int (*change)(struct vr *vr, const struct vr_route *route, char error[VR_ERROR_SIZE]))
{
	struct router *router = command_router_with_tables(words, session);
	struct vr_via vias[CONFIG_VIAS_MAX];
	struct route_words_error wrong;
	struct route_words said;
	struct vr_route route;
	char error[VR_ERROR_SIZE];
	struct ip_prefix prefix;
	char text[STR_TOKEN_SIZE + STR_MULTI_TOKEN_SIZE];

	if (router == NULL || !prefix_argument(session, words->arguments[0], &prefix))
		return;
	snprintf(text, sizeof(text), "%s %s", words->arguments[1], words->rest);
	if (route_words_parse(&said, text, &wrong) != 0) {
		route_words_tell(&wrong, session->errors);
		fputc('\n', session->errors);
		return;
	}
	if (!routes_of_words(router->vr, &said, &route, vias, session->errors))
		return;
	route.prefix = prefix;
	if (change(router->vr, &route, error) != 0)
		fprintf(session->errors, "%s\n", error);
}

void
command_add_route(struct words *words, struct console_session *session)
{
	with_route(words, session, vr_route_add);
}

void
command_set_route(struct words *words, struct console_session *session)
{
	with_route(words, session, vr_route_replace);
}

void
command_del_route(struct words *words, struct console_session *session)
{
	struct router *router = command_router_with_tables(words, session);
	unsigned long distance = 0; /* the only one */
	char error[VR_ERROR_SIZE];
	struct ip_prefix prefix;

	if (router == NULL || !prefix_argument(session, words->arguments[0], &prefix))
		return;
	if (words->arguments[1][0] != '\0' && (!command_number(words->arguments[2], &distance) ||
						      distance < 1 || distance > VR_DISTANCE_MAX))
		fprintf(session->errors, "distance: found %s, expected an integer from 1 to %u\n",
			words->arguments[2], VR_DISTANCE_MAX);
	else if (vr_route_delete(router->vr, &prefix, (uint8_t)distance, error) != 0)
		fprintf(session->errors, "%s\n", error);
}

void
command_load_routes(struct words *words, struct console_session *session)
{
	struct router *router = command_router_with_tables(words, session);

	if (router != NULL)
		vrouter_load_routes(router, words->rest, session->errors);
}
