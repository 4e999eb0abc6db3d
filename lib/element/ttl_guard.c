/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_malloc.h>

#include "element/element.h"
#include "element/match.h"

/*
 * The Generalized TTL Security Mechanism (RFC 5082): a packet that comes with a TTL or hop limit of
 * 255 was sent by a neighbour, as each router on the way would have taken one off, and nobody can
 * make that up from afar. Packets that match and have less than a minimum are dropped.
 */

#define TTL_MAX 255

enum ttl_guard_reason {
	TTL_GUARD_TTL,
	TTL_GUARD_HOP_LIMIT,
};

static const struct element_reason reasons[] = {
	[TTL_GUARD_TTL] = { "ttl", "an IPv4 packet from farther away than the minimum tells" },
	[TTL_GUARD_HOP_LIMIT] = { "hop_limit", "the same of IPv6" },
};

struct ttl_guard_config {
	struct element_config element;
	struct match match;
	uint8_t minimum;
	struct element_interface *interfaces;
	unsigned int n_interfaces;
};

static const struct field ttl_guard_config_fields[] = {
	ELEMENT_FIELDS,
	MATCH_FIELDS(ttl_guard_config),
	FIELD_INTEGER(ttl_guard_config, minimum, 1, TTL_MAX, TTL_MAX),
	FIELD_LIST(ttl_guard_config, interfaces, element_interface_kind, false),
};
static const struct kind ttl_guard_kind = {
	ELEMENT_KIND(ttl_guard_config, "an object (a ttl_guard element)"),
};

#define BITS 64

struct ttl_guard {
	struct element element;
	struct match match;
	uint8_t minimum;
	bool all;                                     /* interfaces */
	uint64_t unmatched;                           /* packets with less that passed */
	uint64_t dropped[TTL_MAX];                    /* by what they had */
	uint64_t interfaces[(UINT16_MAX + 1) / BITS]; /* bits */
};

static bool
set_interfaces(struct ttl_guard *guard, const struct element_params *params,
	char error[ELEMENT_ERROR_SIZE])
{
	const struct ttl_guard_config *config = (const struct ttl_guard_config *)params->config;

	guard->all = config->n_interfaces == 0;
	for (unsigned int i = 0; i < config->n_interfaces; i++) {
		int index = element_find_interface(params, config->interfaces[i].name, error);

		if (index < 0)
			return false;
		guard->interfaces[index / BITS] |= UINT64_C(1) << (index % BITS);
	}
	return true;
}

static void
take_over(struct ttl_guard *guard, const struct ttl_guard *previous)
{
	guard->unmatched = previous->unmatched;
	memcpy(guard->dropped, previous->dropped, sizeof(guard->dropped));
}

static struct element *
ttl_guard_create(struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	const struct ttl_guard_config *config = (const struct ttl_guard_config *)params->config;
	struct ttl_guard *guard = element_zalloc(params, "counters", sizeof(*guard), error);

	if (guard == NULL)
		return NULL;
	guard->match = config->match;
	guard->minimum = config->minimum;
	if (!set_interfaces(guard, params, error)) {
		rte_free(guard);
		return NULL;
	}
	if (params->previous != NULL)
		take_over(guard, (const struct ttl_guard *)params->previous);
	return &guard->element;
}

static void
ttl_guard_destroy(struct element *element)
{
	rte_free(element);
}

static uint8_t
ttl_of(const struct rte_mbuf *mbuf, struct packet_meta meta, bool is_ipv4)
{
	const void *ip = rte_pktmbuf_mtod_offset(mbuf, const void *, meta.l3_offset);

	return is_ipv4 ? ((const struct rte_ipv4_hdr *)ip)->time_to_live
	               : ((const struct ipv6_header *)ip)->hop_limit;
}

static bool
is_guarded(const struct ttl_guard *guard, uint16_t interface)
{
	return guard->all || (guard->interfaces[interface / BITS] >> (interface % BITS) & 1) != 0;
}

static bool
matches(struct ttl_guard *guard, const struct rte_mbuf *mbuf)
{
	struct packet_tuple tuple;

	packet_tuple_of(mbuf, &tuple);
	if (match_packet(&guard->match, &tuple))
		return true;
	guard->unmatched++;
	return false;
}

static void
ttl_guard_process(struct element *element, struct element_burst *burst)
{
	struct ttl_guard *guard = (struct ttl_guard *)element;

	for (unsigned int i = 0; i < burst->n; i++) {
		const struct rte_mbuf *mbuf = burst->mbufs[i];
		struct packet_meta meta = packet_meta_get(mbuf);
		bool is_ipv4 = (meta.kind & (uint8_t)~PACKET_GROUP) == PACKET_IPV4;
		uint8_t ttl = ttl_of(mbuf, meta, is_ipv4);

		if (likely(ttl >= guard->minimum) || !is_guarded(guard, meta.interface) ||
			!matches(guard, mbuf))
			continue;
		guard->dropped[ttl]++;
		element_drop(burst, i, is_ipv4 ? TTL_GUARD_TTL : TTL_GUARD_HOP_LIMIT);
	}
}

static json_t *
ttl_guard_show(const struct element *element)
{
	const struct ttl_guard *guard = (const struct ttl_guard *)element;

	return json_pack("{s:I}", "unmatched_packets", (json_int_t)guard->unmatched);
}

static json_t *
ttl_guard_show_rows(const struct element *element, unsigned int limit)
{
	const struct ttl_guard *guard = (const struct ttl_guard *)element;
	json_t *rows = json_array();

	for (unsigned int ttl = 0; ttl < TTL_MAX && json_array_size(rows) < limit; ttl++)
		if (guard->dropped[ttl] != 0)
			json_array_append_new(
				rows, json_pack("{s:i, s:I}", "ttl", (int)ttl, "packets",
					      (json_int_t)guard->dropped[ttl]));
	return rows;
}

static struct element_type ttl_guard_type = {
	.name = "ttl_guard",
	.text = "drops packets from farther away than they may be (RFC 5082)",
	.sides = ELEMENT_AT_INGRESS,
	.config = &ttl_guard_kind,
	.reasons = reasons,
	.n_reasons = ARRAY_SIZE(reasons),
	.create = ttl_guard_create,
	.destroy = ttl_guard_destroy,
	.process = { [ELEMENT_INGRESS] = ttl_guard_process },
	.show = ttl_guard_show,
	.show_rows = ttl_guard_show_rows,
};
ELEMENT_REGISTER(ttl_guard_type);
