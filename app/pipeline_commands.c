/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "pipeline.h"
#include "pipeline_report.h"
#include "show.h"

#define LIST_LIMIT 10000

static const struct table_column pipeline_columns[] = { { "element", "element" },
	{ "type", "type" }, { "side", "side" }, { "in", "in" }, { "out", "out" },
	{ "dropped", "dropped" }, { "consumed", "consumed" },
	{ "cycles_per_packet", "cycles/packet" }, { "reasons", "dropped as" }, { NULL, NULL } };
static const struct table_column type_columns[] = { { "type", "type" }, { "ingress", "ingress" },
	{ "egress", "egress" }, { "meaning", "meaning" }, { NULL, NULL } };

void
command_show_pipeline(struct words *words, struct console_session *session)
{
	struct router *router = command_router(words, session);

	if (router != NULL)
		show_json(session, report_pipeline(router), words, pipeline_columns);
}

/* False, and told, if the router has no such element. */
static bool
know_element(struct console_session *session, const struct router *router, const char *name)
{
	json_t *object = report_element(router, name);

	if (object == NULL)
		fprintf(session->errors,
			"router %s: no element %s in its pipeline (see show vr %s pipeline)\n",
			router->name, name, router->name);
	json_decref(object);
	return object != NULL;
}

void
command_show_element(struct words *words, struct console_session *session)
{
	struct router *router = command_router(words, session);
	const char *name = words->arguments[1];

	if (router == NULL || !know_element(session, router, name))
		return;
	if (words->arguments[2][0] == '\0')
		show_json(session, report_element(router, name), words, NULL);
	else
		show_json(session, report_element_list(router, name, LIST_LIMIT), words,
			SHOW_ALL_COLUMNS);
}

void
command_show_elements(struct words *words, struct console_session *session)
{
	show_json(session, report_element_types(), words, type_columns);
}

/* `name` is the element that the text is for; NULL: the whole pipeline. */
static void
set_text(struct words *words, struct console_session *session, const char *name)
{
	struct router *router = command_router_to_change(words, session);
	const char *source;
	char *text;

	if (router == NULL)
		return;
	text = command_text(session, words->rest, &source);
	if (text == NULL)
		return;
	if (name == NULL)
		vrouter_set_pipeline(router, text, source, NULL, session->errors);
	else
		vrouter_set_element(router, name, text, source, session->errors);
	free(text);
}

void
command_set_pipeline(struct words *words, struct console_session *session)
{
	set_text(words, session, NULL);
}

void
command_set_element(struct words *words, struct console_session *session)
{
	set_text(words, session, words->arguments[1]);
}

void
command_add_element(struct words *words, struct console_session *session)
{
	struct router *router = command_router_to_change(words, session);
	enum element_side side =
		strcmp(words->arguments[1], "egress") == 0 ? ELEMENT_EGRESS : ELEMENT_INGRESS;

	if (router != NULL)
		vrouter_add_element(router, side,
			words->arguments[3][0] == '\0' ? NULL : words->arguments[3], words->rest,
			"console", session->errors);
}

void
command_del_element(struct words *words, struct console_session *session)
{
	struct router *router = command_router_to_change(words, session);

	if (router != NULL)
		vrouter_delete_element(router, words->arguments[1], session->errors);
}
