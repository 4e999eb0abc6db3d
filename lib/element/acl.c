/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>

#include "element/acl_config.h"
#include "element/acl_table.h"
#include "element/element.h"

/* Permits, denies and counts packets by rules; docs/acl.md. */

enum {
	ACL_DENIED,
	ACL_MALFORMED,
};

static const struct element_reason acl_reasons[] = {
	[ACL_DENIED] = { "denied", "denied by a rule, or by default" },
	[ACL_MALFORMED] = { "malformed",
		"without the headers that rules ask for, or about to write over them" },
};

struct acl_hits {
	uint64_t packets;
	uint64_t bytes;
};

/* Of the packets of a burst, those for one table. */
struct batch {
	unsigned int n;
	const uint8_t *keys[PACKET_BURST_MAX];
	uint8_t packets[PACKET_BURST_MAX]; /* their place in the burst */
};

struct acl {
	struct element element;
	struct acl_table tables[ACL_TABLES];
	bool asks_upper; /* some rule asks for more than the IP header has */
	unsigned int n_rules;
	struct acl_rule *rules;
	/* By the rule's index plus one; 0: of packets that no rule decides. */
	struct acl_hits *hits;
	uint8_t *denies;
};

/* Making */

static int
compare_rules(const void *left, const void *right)
{
	return memcmp(*(const struct acl_rule *const *)left, *(const struct acl_rule *const *)right,
		ACL_RULE_COMPARED);
}

/* Of rules that are the same, only the first is ever hit: the sort must keep them in order. */
static int
compare_sorted(const void *left, const void *right)
{
	const struct acl_rule *a = *(const struct acl_rule *const *)left;
	const struct acl_rule *b = *(const struct acl_rule *const *)right;
	int order = compare_rules(left, right);

	return order != 0 ? order : a < b ? -1 : a > b;
}

static const struct acl_rule **
sort_rules(const struct acl *acl)
{
	const struct acl_rule **sorted = calloc(acl->n_rules + 1, sizeof(*sorted));

	for (unsigned int i = 0; sorted != NULL && i < acl->n_rules; i++)
		sorted[i] = &acl->rules[i];
	if (sorted != NULL)
		qsort(sorted, acl->n_rules, sizeof(*sorted), compare_sorted);
	return sorted;
}

/* Rules that stay go on counting where they were: both lists in order, side by side. */
static void
take_hits(struct acl *acl, const struct acl *old)
{
	const struct acl_rule **mine = sort_rules(acl), **its = sort_rules(old);
	unsigned int i = 0, k = 0;

	acl->hits[0] = old->hits[0];
	while (mine != NULL && its != NULL && i < acl->n_rules && k < old->n_rules) {
		int order = compare_rules(&mine[i], &its[k]);

		if (order == 0)
			acl->hits[mine[i] - acl->rules + 1] = old->hits[its[k] - old->rules + 1];
		i += order <= 0;
		k += order >= 0;
	}
	free(mine);
	free(its);
}

static void
acl_destroy(struct element *element)
{
	struct acl *acl = (struct acl *)element;

	acl_tables_free(acl->tables);
	rte_free(acl->rules);
	rte_free(acl->hits);
	rte_free(acl->denies);
	rte_free(acl);
}

static bool
fill(struct acl *acl, struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	const struct acl_config *config = (const struct acl_config *)params->config;
	unsigned int n = acl_config_count(config);
	char what[32];

	snprintf(what, sizeof(what), "%u rules", n);
	acl->n_rules = n;
	acl->rules = element_zalloc(params, what, (n + 1) * sizeof(*acl->rules), error);
	if (acl->rules == NULL)
		return false;
	acl->hits = element_zalloc(params, what, (n + 1) * sizeof(*acl->hits), error);
	if (acl->hits == NULL)
		return false;
	acl->denies = element_zalloc(params, what, n + 1, error);
	if (acl->denies == NULL)
		return false;
	acl->denies[0] = config->otherwise == ACL_DENY;
	for (unsigned int i = 0; i < n; i++) {
		acl->rules[i] = *acl_config_rule(config, i);
		acl->denies[i + 1] = acl->rules[i].action == ACL_DENY;
		acl->asks_upper |=
			acl->rules[i].protocol.given || acl_rule_has_upper(&acl->rules[i]);
	}
	return acl_tables_build(acl->tables, acl->rules, n, params, error);
}

static struct element *
acl_create(struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	struct acl *acl = element_zalloc(params, "an acl", sizeof(*acl), error);

	if (acl == NULL)
		return NULL;
	if (!fill(acl, params, error)) {
		acl_destroy(&acl->element);
		return NULL;
	}
	if (params->previous != NULL)
		take_hits(acl, (const struct acl *)params->previous);
	return &acl->element;
}

/* Packets */

static void
hit(struct acl *acl, uint32_t number, const struct rte_mbuf *mbuf)
{
	acl->hits[number].packets++;
	acl->hits[number].bytes += mbuf->pkt_len;
}

/* Hits the count rules before those that decide. */
static void
count(struct acl *acl, const struct acl_table *table, struct batch *batch, const uint32_t *deciders,
	const struct element_burst *burst)
{
	uint32_t numbers[PACKET_BURST_MAX * ACL_CATEGORIES_MAX];

	rte_acl_classify(table->count, batch->keys, numbers, batch->n, table->categories);
	for (unsigned int i = 0; i < batch->n; i++) {
		const uint32_t *of = &numbers[i * table->categories];
		/* 0, nobody, is the largest. */
		uint32_t end = deciders[i] - 1;

		for (unsigned int c = 0; c < table->categories; c++)
			if (of[c] != 0 && of[c] - 1 < end)
				hit(acl, of[c], burst->mbufs[batch->packets[i]]);
	}
}

static void
judge(struct acl *acl, const struct acl_table *table, struct batch *batch,
	struct element_burst *burst)
{
	uint32_t numbers[PACKET_BURST_MAX];

	if (table->decide != NULL)
		rte_acl_classify(table->decide, batch->keys, numbers, batch->n, 1);
	else
		memset(numbers, 0, batch->n * sizeof(numbers[0]));
	for (unsigned int i = 0; i < batch->n; i++)
		numbers[i] = numbers[i] != 0 ? numbers[i] : table->otherwise;
	if (table->count != NULL)
		count(acl, table, batch, numbers, burst);
	for (unsigned int i = 0; i < batch->n; i++) {
		unsigned int packet = batch->packets[i];

		hit(acl, numbers[i], burst->mbufs[packet]);
		/* Without a branch: which it is, nobody can predict. */
		burst->dropped |= (uint64_t)acl->denies[numbers[i]] << packet;
		burst->reasons[packet] = ACL_DENIED;
	}
}

static void
acl_process(struct element *element, struct element_burst *burst)
{
	struct acl *acl = (struct acl *)element;
	struct packet_tuple tuples[PACKET_BURST_MAX];
	struct batch batches[ACL_TABLES];

	for (unsigned int t = 0; t < ACL_TABLES; t++)
		batches[t].n = 0;
	for (unsigned int i = 0; i < burst->n; i++) {
		struct packet_tuple *tuple = &tuples[i];
		struct batch *batch;

		packet_tuple_of(burst->mbufs[i], tuple);
		if (unlikely(tuple->cut && acl->asks_upper)) {
			element_drop(burst, i, ACL_MALFORMED);
			continue;
		}
		batch = &batches[acl_table_of(tuple)];
		batch->keys[batch->n] = (const uint8_t *)tuple;
		batch->packets[batch->n++] = (uint8_t)i;
	}
	for (unsigned int t = 0; t < ACL_TABLES; t++)
		if (batches[t].n > 0)
			judge(acl, &acl->tables[t], &batches[t], burst);
}

/* Showing */

static json_t *
acl_show(const struct element *element)
{
	const struct acl *acl = (const struct acl *)element;

	return json_pack("{s:i, s:s, s:I, s:I}", "rules", (int)acl->n_rules, "default",
		acl_action_words[acl->denies[0]], "default_packets",
		(json_int_t)acl->hits[0].packets, "default_bytes", (json_int_t)acl->hits[0].bytes);
}

static json_t *
acl_show_rows(const struct element *element, unsigned int limit)
{
	const struct acl *acl = (const struct acl *)element;
	json_t *rows = json_array();

	for (unsigned int i = 0; i < acl->n_rules && i < limit; i++) {
		const struct acl_hits *hits = &acl->hits[i + 1];
		char text[ACL_TEXT_SIZE];

		json_array_append_new(
			rows, json_pack("{s:s, s:i, s:I, s:I}", "rule",
				      acl_rule_text(&acl->rules[i], text), "line",
				      (int)acl->rules[i].line, "packets", (json_int_t)hits->packets,
				      "bytes", (json_int_t)hits->bytes));
	}
	return rows;
}

static struct element_type acl_type = {
	.name = "acl",
	.text = "permits, denies and counts packets by rules",
	.sides = ELEMENT_AT_INGRESS | ELEMENT_AT_EGRESS,
	.config = &acl_kind,
	.reasons = acl_reasons,
	.n_reasons = RTE_DIM(acl_reasons),
	.load = acl_config_load,
	.unload = acl_config_unload,
	.create = acl_create,
	.destroy = acl_destroy,
	.process = { [ELEMENT_INGRESS] = acl_process, [ELEMENT_EGRESS] = acl_process },
	.show = acl_show,
	.show_rows = acl_show_rows,
};
ELEMENT_REGISTER(acl_type);
