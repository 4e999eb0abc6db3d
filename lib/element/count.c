/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdio.h>

#include <rte_ip.h>
#include <rte_malloc.h>

#include "address/address.h"
#include "element/element.h"
#include "lpm_wrap/lpm.h"
#include "packet/ipv6_header.h"

/*
 * Packets and bytes by prefix: each packet counts for the longest that covers its source or its
 * destination, or for none. The prefixes are a table of the compact kind of lib/lpm_wrap.
 */

#define PREFIXES_MAX 100000

enum count_by {
	COUNT_BY_DESTINATION,
	COUNT_BY_SOURCE,
};

struct count_prefix {
	struct ip_prefix prefix;
};

struct count_config {
	struct element_config element;
	uint8_t by;
	struct count_prefix *prefixes;
	unsigned int n_prefixes;
};

static const char *const sources[] = {
	[COUNT_BY_DESTINATION] = "destination",
	[COUNT_BY_SOURCE] = "source",
};

static const struct kind prefix_kind = {
	.items = "prefixes",
	.size = sizeof(struct count_prefix),
	.read = field_read_ip_prefix,
};

static const struct field count_config_fields[] = {
	ELEMENT_FIELDS,
	FIELD_WORD(count_config, by, sources, COUNT_BY_DESTINATION, COUNT_BY_SOURCE,
		COUNT_BY_DESTINATION, "\"destination\" or \"source\""),
	FIELD_LIST(count_config, prefixes, prefix_kind, true),
};

static void
check(struct report *report, struct value value, void *item, bool slips)
{
	struct count_config *config = item;

	(void)slips;
	if (config->n_prefixes > PREFIXES_MAX)
		report_error(report, locate_member(report->locate, value.node, "prefixes"),
			"found %u prefixes, expected %d at most", config->n_prefixes, PREFIXES_MAX);
}

static const struct kind count_kind = {
	ELEMENT_KIND(count_config, "an object (a count element)"),
	.check = check,
};

struct count_entry {
	uint64_t packets;
	uint64_t bytes;
};

/* The prefixes and, in the same order behind what no prefix covers, their counters. */
struct count {
	struct element element;
	bool by_source;
	struct lpm *tables[IP_FAMILIES];
	unsigned int n_prefixes;
	struct ip_prefix *prefixes;
	struct count_entry entries[];
};

static void
count_destroy(struct element *element)
{
	struct count *count = (struct count *)element;

	for (unsigned int i = 0; i < IP_FAMILIES; i++)
		lpm_free(count->tables[i]);
	rte_free(count->prefixes);
	rte_free(count);
}

static bool
make_tables(struct count *count, const struct element_params *params)
{
	static const enum lpm_family families[IP_FAMILIES] = {
		[IP_FAMILY_IPV4] = LPM_IPV4, [IP_FAMILY_IPV6] = LPM_IPV6
	};
	struct lpm_params lpm = { .name = "count",
		.max_routes = RTE_MAX(count->n_prefixes, 1u),
		.socket = params->socket };

	for (unsigned int i = 0; i < IP_FAMILIES; i++) {
		lpm.family = families[i];
		count->tables[i] = lpm_create(&lpm);
		if (count->tables[i] == NULL)
			return false;
	}
	return true;
}

/* Of a prefix that is there twice, the first counts. */
static int
add_prefix(struct count *count, unsigned int i)
{
	const struct ip_prefix *prefix = &count->prefixes[i];
	const uint8_t *bytes = prefix->address.bytes;

	if (prefix->address.family == IP_FAMILY_IPV4) {
		uint32_t ipv4 = ip_address_to_ipv4(&prefix->address);

		if (lpm_get(count->tables[IP_FAMILY_IPV4], ipv4, prefix->depth) != LPM_NO_ROUTE)
			return 0;
		return lpm_add(count->tables[IP_FAMILY_IPV4], ipv4, prefix->depth, i + 1);
	}
	if (lpm6_get(count->tables[IP_FAMILY_IPV6], bytes, prefix->depth) != LPM_NO_ROUTE)
		return 0;
	return lpm6_add(count->tables[IP_FAMILY_IPV6], bytes, prefix->depth, i + 1);
}

/* Prefixes that were there before go on from where they stood. */
static void
take_over(struct count *count, const struct count *old)
{
	for (unsigned int i = 0; i < count->n_prefixes; i++)
		for (unsigned int k = 0; k < old->n_prefixes; k++)
			if (ip_prefix_equal(&count->prefixes[i], &old->prefixes[k]))
				count->entries[i + 1] = old->entries[k + 1];
}

#define TAKE_OVER_MAX 4096 /* more would keep the control thread */

static bool
fill(struct count *count, struct element_params *params, const struct count_config *config,
	char error[ELEMENT_ERROR_SIZE])
{
	const struct count *old = (const struct count *)params->previous;

	snprintf(error, ELEMENT_ERROR_SIZE, "no memory for %u prefixes", config->n_prefixes);
	if (!make_tables(count, params))
		return false;
	for (unsigned int i = 0; i < config->n_prefixes; i++) {
		count->prefixes[i] = config->prefixes[i].prefix;
		if (add_prefix(count, i) != 0)
			return false;
	}
	if (old != NULL && count->n_prefixes <= TAKE_OVER_MAX && old->n_prefixes <= TAKE_OVER_MAX)
		take_over(count, old);
	return element_claim(params, "prefixes",
		lpm_memory(count->tables[IP_FAMILY_IPV4]) +
			lpm_memory(count->tables[IP_FAMILY_IPV6]),
		error);
}

static struct element *
count_create(struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	const struct count_config *config = (const struct count_config *)params->config;
	size_t n = config->n_prefixes;
	struct count *count = element_zalloc(
		params, "prefixes", sizeof(*count) + (n + 1) * sizeof(count->entries[0]), error);

	if (count == NULL)
		return NULL;
	count->by_source = config->by == COUNT_BY_SOURCE;
	count->n_prefixes = config->n_prefixes;
	count->prefixes =
		element_zalloc(params, "prefixes", (n + 1) * sizeof(*count->prefixes), error);
	if (count->prefixes != NULL && fill(count, params, config, error))
		return &count->element;
	count_destroy(&count->element);
	return NULL;
}

static void
add(struct count *count, struct rte_mbuf *const *mbufs, const uint32_t *values, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct count_entry *entry = &count->entries[values[i]];

		entry->packets++;
		entry->bytes += mbufs[i]->pkt_len - packet_meta_get(mbufs[i]).l3_offset;
	}
}

static void
count_ipv4(struct count *count, struct rte_mbuf *const *mbufs, unsigned int n)
{
	uint32_t addresses[PACKET_BURST_MAX], values[PACKET_BURST_MAX];
	unsigned int i = 0;

	if (n == 0)
		return;
	do {
		const struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(
			mbufs[i], const struct rte_ipv4_hdr *, packet_meta_get(mbufs[i]).l3_offset);

		addresses[i] = rte_be_to_cpu_32(count->by_source ? ip->src_addr : ip->dst_addr);
	} while (++i < n);
	lpm_lookup_bulk(count->tables[IP_FAMILY_IPV4], addresses, values, n);
	add(count, mbufs, values, n);
}

static void
count_ipv6(struct count *count, struct rte_mbuf *const *mbufs, unsigned int n)
{
	uint8_t addresses[PACKET_BURST_MAX][16];
	uint32_t values[PACKET_BURST_MAX];

	if (n == 0)
		return;
	for (unsigned int i = 0; i < n; i++) {
		const struct ipv6_header *ip = rte_pktmbuf_mtod_offset(
			mbufs[i], const struct ipv6_header *, packet_meta_get(mbufs[i]).l3_offset);

		memcpy(addresses[i], count->by_source ? ip->source : ip->destination, 16);
	}
	lpm6_lookup_bulk(count->tables[IP_FAMILY_IPV6], (const uint8_t(*)[16])addresses, values, n);
	add(count, mbufs, values, n);
}

static void
count_process(struct element *element, struct element_burst *burst)
{
	struct count *count = (struct count *)element;
	struct element_families families;

	if (burst->kind == PACKET_IPV4) {
		count_ipv4(count, burst->mbufs, burst->n);
		return;
	}
	element_part(burst, &families);
	count_ipv4(count, families.ipv4, families.n_ipv4);
	count_ipv6(count, families.ipv6, families.n_ipv6);
}

static json_t *
count_show(const struct element *element)
{
	const struct count *count = (const struct count *)element;

	return json_pack("{s:i, s:I, s:I}", "prefixes", (int)count->n_prefixes, "uncovered_packets",
		(json_int_t)count->entries[0].packets, "uncovered_bytes",
		(json_int_t)count->entries[0].bytes);
}

static json_t *
count_show_rows(const struct element *element, unsigned int limit)
{
	const struct count *count = (const struct count *)element;
	json_t *rows = json_array();
	char text[IP_PREFIX_TEXT_SIZE];

	for (unsigned int i = 0; i < count->n_prefixes && i < limit; i++)
		json_array_append_new(
			rows, json_pack("{s:s, s:I, s:I}", "prefix",
				      ip_prefix_text(&count->prefixes[i], text), "packets",
				      (json_int_t)count->entries[i + 1].packets, "bytes",
				      (json_int_t)count->entries[i + 1].bytes));
	return rows;
}

static struct element_type count_type = {
	.name = "count",
	.text = "counts packets and bytes by prefix",
	.sides = ELEMENT_AT_INGRESS | ELEMENT_AT_EGRESS,
	.config = &count_kind,
	.create = count_create,
	.destroy = count_destroy,
	.process = { [ELEMENT_INGRESS] = count_process, [ELEMENT_EGRESS] = count_process },
	.show = count_show,
	.show_rows = count_show_rows,
};
ELEMENT_REGISTER(count_type);
