/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "vrf/table.h"

static struct lpm *
table_of(const struct vr *vr, const struct ip_address *address)
{
	return vr->tables[address->family];
}

int
table_add(struct vr *vr, const struct ip_prefix *prefix, uint32_t value)
{
	struct lpm *lpm = table_of(vr, &prefix->address);

	if (prefix->address.family == IP_FAMILY_IPV4)
		return lpm_add(lpm, ip_address_to_ipv4(&prefix->address), prefix->depth, value);
	return lpm6_add(lpm, prefix->address.bytes, prefix->depth, value);
}

int
table_delete(struct vr *vr, const struct ip_prefix *prefix)
{
	struct lpm *lpm = table_of(vr, &prefix->address);

	if (prefix->address.family == IP_FAMILY_IPV4)
		return lpm_delete(lpm, ip_address_to_ipv4(&prefix->address), prefix->depth);
	return lpm6_delete(lpm, prefix->address.bytes, prefix->depth);
}

uint32_t
table_get(const struct vr *vr, const struct ip_prefix *prefix)
{
	const struct lpm *lpm = table_of(vr, &prefix->address);

	if (prefix->address.family == IP_FAMILY_IPV4)
		return lpm_get(lpm, ip_address_to_ipv4(&prefix->address), prefix->depth);
	return lpm6_get(lpm, prefix->address.bytes, prefix->depth);
}

uint32_t
table_cover(const struct vr *vr, const struct ip_address *address, uint8_t max_depth)
{
	const struct lpm *lpm = table_of(vr, address);
	uint8_t depth;

	if (address->family == IP_FAMILY_IPV4)
		return lpm_cover(lpm, ip_address_to_ipv4(address), max_depth, &depth);
	return lpm6_cover(lpm, address->bytes, max_depth, &depth);
}

uint32_t
table_lookup(const struct vr *vr, const struct ip_address *address)
{
	const struct lpm *lpm = table_of(vr, address);

	if (address->family == IP_FAMILY_IPV4)
		return lpm_lookup(lpm, ip_address_to_ipv4(address));
	return lpm6_lookup(lpm, address->bytes);
}

struct walk {
	table_walk_fn fn;
	void *context;
	bool ended;
};

static bool
walk_ipv4(uint32_t address, uint8_t depth, uint32_t value, void *context)
{
	struct ip_prefix prefix = { ip_address_of_ipv4(address), depth };
	struct walk *walk = context;

	walk->ended = !walk->fn(&prefix, value, walk->context);
	return !walk->ended;
}

static bool
walk_ipv6(const uint8_t address[16], uint8_t depth, uint32_t value, void *context)
{
	struct ip_prefix prefix = { ip_address_of_ipv6(address), depth };
	struct walk *walk = context;

	return walk->fn(&prefix, value, walk->context);
}

void
table_walk_from(
	const struct vr *vr, const struct ip_prefix *prefix, table_walk_fn fn, void *context)
{
	static const uint8_t first[16];
	const struct lpm *ipv6 = vr->tables[IP_FAMILY_IPV6];
	struct walk walk = { fn, context, false };

	if (prefix->address.family == IP_FAMILY_IPV6) {
		lpm6_walk_from(ipv6, prefix->address.bytes, prefix->depth, walk_ipv6, &walk);
		return;
	}
	lpm_walk_from(vr->tables[IP_FAMILY_IPV4], ip_address_to_ipv4(&prefix->address),
		prefix->depth, walk_ipv4, &walk);
	if (!walk.ended)
		lpm6_walk_from(ipv6, first, 0, walk_ipv6, &walk);
}
