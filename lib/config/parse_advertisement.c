/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "parse_advertisement.h"
#include "parse.h"

#define AUTONOMOUS_DEPTH 64 /* an interface identifier has the other half (RFC 4862 5.5.3) */

void
parse_check_advertised_prefix(struct report *report, struct value value, void *item, bool slips)
{
	struct config_advertised_prefix *prefix = item;
	const json_t *valid = json_object_get(value.json, "valid_lifetime");
	const json_t *preferred = json_object_get(value.json, "preferred_lifetime");
	bool known = (valid == NULL || json_is_integer(valid)) &&
	             (preferred == NULL || json_is_integer(preferred));

	if (slips)
		return;
	/* One that is given alone may well be below the other's default. */
	if (preferred == NULL && prefix->preferred_lifetime > prefix->valid_lifetime)
		prefix->preferred_lifetime = prefix->valid_lifetime;
	if (known && prefix->preferred_lifetime > prefix->valid_lifetime)
		report_value(report, field_node(report, value, "preferred_lifetime"),
			"no more than \"valid_lifetime\", %u", prefix->valid_lifetime);
	if (prefix->prefix.depth == PARSE_BAD_ROUTE || prefix->prefix.depth == AUTONOMOUS_DEPTH)
		return;
	if (!field_given(value, "autonomous"))
		prefix->autonomous = false;
	else if (prefix->autonomous)
		report_value(report, field_node(report, value, "autonomous"),
			"false: hosts make themselves addresses of a /64 only");
}

static void
check_intervals(struct report *report, struct value value, struct config_advertisement *item)
{
	unsigned int longest = item->max_interval;

	if (longest < CONFIG_ADVERTISEMENT_INTERVAL_MIN ||
		longest > CONFIG_ADVERTISEMENT_INTERVAL_MAX)
		return;
	if (!field_given(value, "min_interval"))
		item->min_interval = longest >= 9 ? longest * 33 / 100 + 1 : longest * 3 / 4;
	else if (item->min_interval != UINT16_MAX && item->min_interval > longest * 3 / 4)
		report_value(report, field_node(report, value, "min_interval"),
			"no more than three quarters of \"max_interval\", %u", longest * 3 / 4);
	if (item->min_interval < CONFIG_ADVERTISEMENT_INTERVAL_MIN - 1)
		item->min_interval = CONFIG_ADVERTISEMENT_INTERVAL_MIN - 1;
	if (!field_given(value, "lifetime"))
		item->lifetime = longest * 3;
	else if (item->lifetime != 0 && item->lifetime < longest)
		report_value(report, field_node(report, value, "lifetime"),
			"0 for no default router, or at least \"max_interval\", %u", longest);
}

void
parse_check_advertisement(struct report *report, struct value value, void *item, bool slips)
{
	struct config_advertisement *advertisement = item;

	advertisement->own_prefixes = !field_given(value, "prefixes");
	if (!slips)
		check_intervals(report, value, advertisement);
	if (advertisement->n_prefixes > CONFIG_ADVERTISEMENT_PREFIXES_MAX)
		report_error(report, field_node(report, value, "prefixes"),
			"found %u prefixes, expected %d at most", advertisement->n_prefixes,
			CONFIG_ADVERTISEMENT_PREFIXES_MAX);
}

void
parse_check_advertised(
	struct report *report, struct value value, const struct config_interface *interface)
{
	if (interface->router_advertisement == NULL)
		return;
	for (unsigned int i = 0; i < interface->n_addresses; i++)
		if (interface->addresses[i].address.family == IP_FAMILY_IPV6 ||
			interface->addresses[i].depth == PARSE_BAD_DEPTH)
			return;
	report_error(report, field_node(report, value, "router_advertisement"),
		"found an interface without an IPv6 address, expected one to advertise from");
}
