/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "taken.h"
#include "text.h"
#include "validate.h"

/* An interface of the text, and the link that ends at it. */
struct joint {
	const struct config_interface *interface;
	uint32_t node;
	uint32_t link; /* its node, or LOCATE_NONE */
};

struct joints {
	struct report *report;
	const struct config *config;
	uint32_t links_node;
	struct taken taken; /* struct config_link_end -> index of all */
	struct joint *all;
	uint32_t n;
	bool all_known; /* no name of a router or an interface is unreadable */
};

/* Compared byte by byte. */
static struct config_link_end
end_key(const char *router, const char *interface)
{
	struct config_link_end key;

	memset(&key, 0, sizeof(key));
	memcpy(key.router, router, strlen(router));
	memcpy(key.interface, interface, strlen(interface));
	return key;
}

static void
list_router(struct joints *j, const struct config_router *router, uint32_t node)
{
	uint32_t interfaces = locate_member(j->report->locate, node, "interfaces");

	j->all_known &= router->name[0] != '\0';
	for (uint32_t i = 0; i < router->n_interfaces; i++) {
		const struct config_interface *interface = &router->interfaces[i];
		struct config_link_end key = end_key(router->name, interface->name);

		j->all_known &= interface->name[0] != '\0';
		j->all[j->n] = (struct joint){ interface,
			locate_item(j->report->locate, interfaces, i), LOCATE_NONE };
		/* Of two with one name, the first is meant; the second is told of elsewhere. */
		taken_claim(&j->taken, &key, j->n++);
	}
}

static const struct config_router *
find_router(const struct config *config, const char *name, const char **near)
{
	*near = NULL;
	for (uint32_t i = 0; i < config->n_routers; i++) {
		if (strcmp(config->routers[i].name, name) == 0)
			return &config->routers[i];
		if (text_is_near(name, strlen(name), config->routers[i].name))
			*near = config->routers[i].name;
	}
	return NULL;
}

static void
report_unknown(struct joints *j, const struct config_link_end *end, uint32_t node)
{
	char guess[CONFIG_NAME_MAX + sizeof(" (did you mean \"\"?)")] = "";
	const struct config_router *router;
	const char *near;

	if (!j->all_known)
		return;
	router = find_router(j->config, end->router, &near);
	for (uint32_t i = 0; router != NULL && i < router->n_interfaces; i++)
		if (text_is_near(
			    end->interface, strlen(end->interface), router->interfaces[i].name))
			near = router->interfaces[i].name;
	if (near != NULL)
		snprintf(guess, sizeof(guess), " (did you mean \"%s\"?)", near);
	if (router == NULL)
		report_value(j->report, node, "the name of a router before the \":\"%s", guess);
	else
		report_value(j->report, node,
			"the name of an interface of router \"%s\" after the \":\"%s", router->name,
			guess);
}

/* What is at this end, unless it is a mistake. */
static const struct joint *
check_end(struct joints *j, const struct config_link_end *end, uint32_t link, uint32_t node)
{
	struct config_link_end key = end_key(end->router, end->interface);
	uint32_t index;
	struct joint *joint;

	if (end->router[0] == '\0')
		return NULL;
	index = taken_find(&j->taken, &key);
	if (index == TAKEN_BY_NOBODY) {
		report_unknown(j, end, node);
		return NULL;
	}
	joint = &j->all[index];
	if (joint->interface->tunnel != NULL) {
		report_value(j->report, node, "an interface that is no tunnel (line %u)",
			report_line(j->report, joint->node));
		return NULL;
	}
	if (joint->interface->has_port) {
		report_value(j->report, node,
			"an interface without a \"port\" (it has one, line %u)",
			report_line(j->report, joint->node));
		return NULL;
	}
	if (joint->link != LOCATE_NONE) {
		report_value(j->report, node, "an interface that no other link ends at (line %u)",
			report_line(j->report, joint->link));
		return NULL;
	}
	joint->link = link;
	return joint;
}

static void
check_macs(struct joints *j, const struct joint *a, const struct joint *b, uint32_t link)
{
	if (a == NULL || b == NULL || !a->interface->has_mac || !b->interface->has_mac ||
		rte_is_zero_ether_addr(&a->interface->mac) ||
		!rte_is_same_ether_addr(&a->interface->mac, &b->interface->mac))
		return;
	report_error(j->report, link,
		"found two ends with MAC %02x:%02x:%02x:%02x:%02x:%02x, expected one of its own at "
		"each",
		RTE_ETHER_ADDR_BYTES(&a->interface->mac));
}

static void
check_link(struct joints *j, uint32_t i)
{
	const struct config_link *link = &j->config->links[i];
	const struct locate *locate = j->report->locate;
	uint32_t node = locate_item(locate, j->links_node, i);
	const struct joint *joints[2];

	if (link->ends[0].router[0] != '\0' &&
		config_link_end_equal(&link->ends[0], &link->ends[1])) {
		joints[0] = check_end(j, &link->ends[0], node, locate_item(locate, node, 0));
		if (joints[0] != NULL)
			report_value(j->report, locate_item(locate, node, 1),
				"another interface than at the first end");
		return;
	}
	for (uint32_t k = 0; k < 2; k++)
		joints[k] = check_end(j, &link->ends[k], node, locate_item(locate, node, k));
	check_macs(j, joints[0], joints[1], node);
}

/* Those that could not be read may be the ones that are missed. */
static bool
links_known(const struct joints *j)
{
	for (uint32_t i = 0; i < j->config->n_links; i++)
		if (j->config->links[i].ends[0].router[0] == '\0' ||
			j->config->links[i].ends[1].router[0] == '\0')
			return false;
	return j->all_known;
}

static void
check_without_port(struct joints *j)
{
	if (!links_known(j))
		return;
	for (uint32_t i = 0; i < j->n; i++)
		if (!j->all[i].interface->has_port && j->all[i].interface->tunnel == NULL &&
			j->all[i].link == LOCATE_NONE)
			report_error(j->report, j->all[i].node,
				"found no \"port\", no \"tunnel\" and no link that ends here, "
				"expected one of them");
}

void
validate_links(struct report *report, const struct config *config)
{
	uint32_t routers = locate_member(report->locate, LOCATE_ROOT, "routers");
	struct joints j = {
		.report = report,
		.config = config,
		.links_node = locate_member(report->locate, LOCATE_ROOT, "links"),
		.all_known = true,
	};
	size_t n = 0;

	if (config->n_links > CONFIG_LINKS_MAX)
		report_error(report, j.links_node, "found %u links, expected at most %d",
			config->n_links, CONFIG_LINKS_MAX);
	for (uint32_t i = 0; i < config->n_routers; i++)
		n += config->routers[i].n_interfaces;
	j.all = calloc(n + 1, sizeof(*j.all));
	if (j.all == NULL || taken_init(&j.taken, n, sizeof(struct config_link_end)) < 0) {
		report_no_memory(report);
	} else {
		for (uint32_t i = 0; i < config->n_routers; i++)
			list_router(
				&j, &config->routers[i], locate_item(report->locate, routers, i));
		for (uint32_t i = 0; i < config->n_links; i++)
			check_link(&j, i);
		check_without_port(&j);
	}
	taken_free(&j.taken);
	free(j.all);
}

/* A link outlives its routers, so one that runs may wait for an interface of this name. */
void
validate_linked_again(
	struct report *report, const struct config_router *router, const struct config *running)
{
	uint32_t interfaces = locate_member(report->locate, LOCATE_ROOT, "interfaces");

	for (uint32_t i = 0; i < router->n_interfaces && router->name[0] != '\0'; i++) {
		const struct config_interface *interface = &router->interfaces[i];
		struct config_link_end end = end_key(router->name, interface->name);
		const char *own = interface->tunnel != NULL ? "tunnel" : "port";
		const struct config_link *link;
		unsigned int side;

		if ((interface->port[0] == '\0' && interface->tunnel == NULL) ||
			interface->name[0] == '\0')
			continue;
		link = config_link_find(running, &end, &side);
		if (link != NULL)
			report_value(report,
				locate_member(report->locate,
					locate_item(report->locate, interfaces, i), own),
				"no \"%s\": a link from %s:%s ends here (see del link)", own,
				link->ends[1 - side].router, link->ends[1 - side].interface);
	}
}
