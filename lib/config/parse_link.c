/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <string.h>

#include "config.h"
#include "parse_link.h"
#include "text.h"

static bool
copy_name(const char *text, size_t length, char name[CONFIG_NAME_MAX + 1])
{
	if (length > CONFIG_NAME_MAX)
		return false;
	memcpy(name, text, length);
	name[length] = '\0';
	return text_is_name(name);
}

int
config_parse_link_end(const char *text, struct config_link_end *end)
{
	const char *colon = strchr(text, ':');

	if (colon != NULL && copy_name(text, (size_t)(colon - text), end->router) &&
		copy_name(colon + 1, strlen(colon + 1), end->interface))
		return 0;
	*end = (struct config_link_end){ 0 };
	return -EINVAL;
}

bool
config_link_end_equal(const struct config_link_end *a, const struct config_link_end *b)
{
	return strcmp(a->router, b->router) == 0 && strcmp(a->interface, b->interface) == 0;
}

struct config_link *
config_link_find(const struct config *config, const struct config_link_end *end, unsigned int *side)
{
	for (unsigned int i = 0; i < config->n_links; i++)
		for (*side = 0; *side < 2; (*side)++)
			if (config_link_end_equal(&config->links[i].ends[*side], end))
				return &config->links[i];
	return NULL;
}

void
parse_link(struct report *report, struct value value, void *item)
{
	struct config_link *link = item;

	link->line = report_line(report, value.node);
	if (json_array_size(value.json) != 2) {
		report_value(report, value.node,
			"a list of two interfaces, like [\"lb:east\", \"br1:west\"]");
		return;
	}
	for (unsigned int i = 0; i < 2; i++) {
		const char *text = json_string_value(json_array_get(value.json, i));

		if (text == NULL || config_parse_link_end(text, &link->ends[i]) != 0)
			report_value(report, locate_item(report->locate, value.node, i),
				"a router and an interface of it, like \"lb:east\"");
	}
}
