/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <string.h>

#include "interface_names.h"
#include "text.h"

static_assert(TAKEN_BY_NOBODY == CONFIG_ZONE_NONE, "an owner is an index");

int
interface_names_init(struct interface_names *names, const struct config_router *router)
{
	*names = (struct interface_names){ .router = router, .all_known = true };
	if (taken_init(&names->taken, router->n_interfaces, CONFIG_NAME_MAX + 1) < 0)
		return -ENOMEM;
	for (uint32_t i = 0; i < router->n_interfaces; i++) {
		char key[CONFIG_NAME_MAX + 1] = "";

		strcpy(key, router->interfaces[i].name);
		if (key[0] == '\0')
			names->all_known = false;
		else
			taken_claim(&names->taken, key, i);
	}
	return 0;
}

void
interface_names_free(struct interface_names *names)
{
	taken_free(&names->taken);
}

uint32_t
interface_names_find(const struct interface_names *names, const char *name)
{
	char key[CONFIG_NAME_MAX + 1] = "";

	strcpy(key, name);
	return taken_find(&names->taken, key);
}

const char *
interface_names_near(const struct interface_names *names, const char *name)
{
	const char *near = NULL;

	for (uint32_t i = 0; i < names->router->n_interfaces; i++)
		if (text_is_near(name, strlen(name), names->router->interfaces[i].name))
			near = names->router->interfaces[i].name;
	return near;
}
