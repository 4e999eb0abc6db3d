/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>

#include <rte_malloc.h>

#include "element/dscp.h"
#include "element/element.h"
#include "element/match.h"

/* Sets the DSCP: the first rule that matches says to what. */

#define RULES_MAX 64

struct mark_rule {
	struct match match;
	uint8_t dscp;
	unsigned int line;
};

struct mark_config {
	struct element_config element;
	struct mark_rule *rules;
	unsigned int n_rules;
	uint8_t dscp; /* of what no rule matches; DSCP_NONE: as it is */
};

static const struct field mark_rule_fields[] = {
	MATCH_FIELDS(mark_rule),
	{
		.key = "dscp",
		.type = &field_dscp,
		.required = true,
		.offset = offsetof(struct mark_rule, dscp),
		.expected = "the DSCP to set",
	},
};
static const struct kind rule_kind = { FIELD_OBJECTS(mark_rule, "an object (a rule)") };

static const struct field mark_config_fields[] = {
	ELEMENT_FIELDS,
	{
		.key = "dscp",
		.type = &field_dscp,
		.offset = offsetof(struct mark_config, dscp),
		.size = sizeof(uint8_t),
		.fallback = DSCP_NONE,
	},
	FIELD_LIST(mark_config, rules, rule_kind, false),
};

static void
check(struct report *report, struct value value, void *item, bool slips)
{
	struct mark_config *config = item;

	if (!slips && config->n_rules == 0 && json_object_get(value.json, "dscp") == NULL)
		report_error(
			report, value.node, "found neither \"dscp\" nor \"rules\", expected one");
	if (config->n_rules > RULES_MAX)
		report_error(report, value.node, "found %u rules, expected %d at most",
			config->n_rules, RULES_MAX);
}

static const struct kind mark_kind = {
	ELEMENT_KIND(mark_config, "an object (a mark element)"),
	.check = check,
};

struct mark {
	struct element element;
	uint8_t dscp;
	unsigned int n_rules;
	uint64_t set; /* packets whose DSCP became another */
	struct mark_rule rules[];
};

static struct element *
mark_create(struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	const struct mark_config *config = (const struct mark_config *)params->config;
	struct mark *mark = element_zalloc(
		params, "rules", sizeof(*mark) + config->n_rules * sizeof(mark->rules[0]), error);

	if (mark == NULL)
		return NULL;
	mark->dscp = config->dscp;
	mark->n_rules = config->n_rules;
	if (config->n_rules > 0)
		memcpy(mark->rules, config->rules, config->n_rules * sizeof(mark->rules[0]));
	return &mark->element;
}

static void
mark_destroy(struct element *element)
{
	rte_free(element);
}

static uint8_t
find(const struct mark *mark, const struct rte_mbuf *mbuf)
{
	struct packet_tuple tuple;

	packet_tuple_of(mbuf, &tuple);
	for (unsigned int i = 0; i < mark->n_rules; i++)
		if (match_packet(&mark->rules[i].match, &tuple))
			return mark->rules[i].dscp;
	return mark->dscp;
}

/* All packets of a burst of IPv4 to one DSCP, without a branch. */
static uint64_t
mark_ipv4(struct rte_mbuf *const *mbufs, unsigned int n, uint8_t dscp)
{
	const rte_be16_t wanted = rte_cpu_to_be_16((uint16_t)(dscp << 2));
	uint64_t set = 0;

	for (unsigned int i = 0; i < n; i++) {
		uint8_t *ip = rte_pktmbuf_mtod_offset(
			mbufs[i], uint8_t *, packet_meta_get(mbufs[i]).l3_offset);
		uint16_t old_word, new_word, checksum;

		memcpy(&old_word, ip, sizeof(old_word));
		memcpy(&checksum, ip + offsetof(struct rte_ipv4_hdr, hdr_checksum),
			sizeof(checksum));
		new_word = (old_word & RTE_BE16(0xff03)) | wanted;
		checksum = checksum_update(checksum, old_word, new_word);
		memcpy(ip, &new_word, sizeof(new_word));
		memcpy(ip + offsetof(struct rte_ipv4_hdr, hdr_checksum), &checksum,
			sizeof(checksum));
		set += new_word != old_word;
	}
	return set;
}

static uint64_t
mark_all(const struct element_burst *burst, uint8_t dscp)
{
	uint64_t set = 0;

	if (burst->kind == PACKET_IPV4)
		return mark_ipv4(burst->mbufs, burst->n, dscp);
	for (unsigned int i = 0; i < burst->n; i++)
		set += dscp_set(burst->mbufs[i], dscp);
	return set;
}

static void
mark_process(struct element *element, struct element_burst *burst)
{
	struct mark *mark = (struct mark *)element;

	if (mark->n_rules == 0) {
		mark->set += mark_all(burst, mark->dscp);
		return;
	}
	for (unsigned int i = 0; i < burst->n; i++) {
		uint8_t dscp = find(mark, burst->mbufs[i]);

		if (dscp != DSCP_NONE)
			mark->set += dscp_set(burst->mbufs[i], dscp);
	}
}

static json_t *
mark_show(const struct element *element)
{
	const struct mark *mark = (const struct mark *)element;

	return json_pack("{s:I}", "marked", (json_int_t)mark->set);
}

static struct element_type mark_type = {
	.name = "mark",
	.text = "sets the DSCP of packets by rules",
	.sides = ELEMENT_AT_INGRESS | ELEMENT_AT_EGRESS,
	.config = &mark_kind,
	.create = mark_create,
	.destroy = mark_destroy,
	.process = { [ELEMENT_INGRESS] = mark_process, [ELEMENT_EGRESS] = mark_process },
	.show = mark_show,
};
ELEMENT_REGISTER(mark_type);
