/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>

#include "element/acl_table.h"

#define FIELDS_MAX 15

/* Groups of four octets of the key, in order; the protocol is before the first. */
enum group {
	GROUP_PROTOCOL,
	GROUP_SOURCE, /* one or four */
};

/* A rule as one of the tables has it. */
struct projected {
	struct acl_rule rule;
	unsigned int number;
	unsigned int category; /* of a count rule */
};

struct build {
	const struct acl_rule *rules;
	unsigned int n;
	struct projected *projected;
	unsigned int n_projected;
	uint32_t otherwise;             /* number of the first rule that decides all packets */
	struct rte_acl_rule *rte_rules; /* room for two for each, one behind the other */
	unsigned int n_rte_rules;
	uint32_t rule_size;
	struct rte_acl_config config;
	uint8_t family; /* enum ip_family */
	bool later;
	bool extras; /* flags, DSCP or kind of fragment are looked at */
	int socket;
	char *error;
};

/* Rules for a table */

/* False: there is no such rule for these packets. */
static bool
project(const struct acl_rule *rule, uint8_t family, bool later, struct acl_rule *as)
{
	*as = *rule;
	if (rule->family != ACL_FAMILY_ANY && rule->family != family + 1)
		return false;
	if (!later) {
		if (rule->fragment == ACL_FRAGMENT_ANY)
			as->fragment = ACL_FRAGMENT_FIRST;
		return rule->fragment != ACL_FRAGMENT_LATER;
	}
	if (rule->fragment == ACL_FRAGMENT_NONE || rule->fragment == ACL_FRAGMENT_FIRST)
		return false;
	as->fragment = ACL_FRAGMENT_IGNORED;
	if (!acl_rule_has_upper(rule))
		return true;
	as->source_port.given = as->destination_port.given = false;
	as->tcp_flags = (struct acl_flags){ 0 };
	as->icmp_type = as->icmp_code = -1;
	return rule->action == ACL_PERMIT;
}

static bool
has_extras(const struct acl_rule *rule)
{
	return rule->tcp_flags.mask != 0 || rule->tcp_flags.established || rule->dscp >= 0 ||
	       rule->fragment != ACL_FRAGMENT_IGNORED;
}

/* Whether later fragments and other packets have the same rules. */
static bool
are_alike(const struct build *build)
{
	for (unsigned int i = 0; i < build->n; i++) {
		const struct acl_rule *rule = &build->rules[i];

		if ((rule->family == ACL_FAMILY_ANY || rule->family == build->family + 1) &&
			(acl_rule_has_upper(rule) || rule->fragment != ACL_FRAGMENT_IGNORED))
			return false;
	}
	return true;
}

static bool
is_any(const struct acl_address *address)
{
	return !address->given || address->prefix.depth == 0;
}

static bool
decides_all(const struct acl_rule *rule)
{
	return rule->action != ACL_COUNT && !rule->protocol.given && is_any(&rule->source) &&
	       is_any(&rule->destination) && !acl_rule_has_upper(rule) && !has_extras(rule);
}

/*
 * One that decides all packets is left out of the table, and so is what follows it: the search ends
 * as soon as it is known that none of the others matches.
 */
static void
project_all(struct build *build)
{
	build->n_projected = 0;
	build->otherwise = 0;
	build->extras = false;
	for (unsigned int i = 0; i < build->n; i++) {
		struct projected *projected = &build->projected[build->n_projected];

		if (!project(&build->rules[i], build->family, build->later, &projected->rule))
			continue;
		projected->number = i + 1;
		if (decides_all(&projected->rule)) {
			build->otherwise = projected->number;
			return;
		}
		build->extras |= has_extras(&projected->rule);
		build->n_projected++;
	}
}

/* Categories of count rules */

static bool
addresses_meet(const struct acl_address *a, const struct acl_address *b)
{
	return !a->given || !b->given ||
	       ip_address_matches(&a->prefix.address, &b->prefix.address,
		       RTE_MIN(a->prefix.depth, b->prefix.depth));
}

static bool
ports_meet(const struct acl_ports *a, const struct acl_ports *b)
{
	return !a->given || !b->given || (a->low <= b->high && b->low <= a->high);
}

static bool
numbers_meet(int a, int b)
{
	return a < 0 || b < 0 || a == b;
}

/* False only where no packet matches both. */
static bool
rules_meet(const struct acl_rule *a, const struct acl_rule *b)
{
	return addresses_meet(&a->destination, &b->destination) &&
	       addresses_meet(&a->source, &b->source) &&
	       (!a->protocol.given || !b->protocol.given ||
		       a->protocol.number == b->protocol.number) &&
	       ports_meet(&a->source_port, &b->source_port) &&
	       ports_meet(&a->destination_port, &b->destination_port) &&
	       numbers_meet(a->icmp_type, b->icmp_type) &&
	       numbers_meet(a->icmp_code, b->icmp_code) && numbers_meet(a->dscp, b->dscp) &&
	       ((a->tcp_flags.value ^ b->tcp_flags.value) & a->tcp_flags.mask &
		       b->tcp_flags.mask) == 0;
}

/* Puts the rule into the first category whose rules it does not meet. */
static bool
find_category(struct build *build, unsigned int i, unsigned int *categories)
{
	struct projected *projected = build->projected;
	uint32_t met = 0;
	char text[ACL_TEXT_SIZE];

	for (unsigned int j = 0; j < i; j++)
		if (projected[j].rule.action == ACL_COUNT &&
			rules_meet(&projected[i].rule, &projected[j].rule))
			met |= 1u << projected[j].category;
	projected[i].category = (unsigned int)__builtin_ctz(~met);
	*categories = RTE_MAX(*categories, projected[i].category + 1);
	if (projected[i].category < ACL_CATEGORIES_MAX)
		return true;
	snprintf(build->error, ELEMENT_ERROR_SIZE,
		"rule %u (%.60s) meets count rules before it so that a packet may match more than "
		"%d of them",
		projected[i].number, acl_rule_text(&projected[i].rule, text), ACL_CATEGORIES_MAX);
	return false;
}

/* Gives their number as librte_acl has it; 0: no count rules; negative: there would be too many. */
static int
find_categories(struct build *build)
{
	unsigned int categories = 0;

	for (unsigned int i = 0; i < build->n_projected; i++)
		if (build->projected[i].rule.action == ACL_COUNT &&
			!find_category(build, i, &categories))
			return -EINVAL;
	return categories <= 1 ? (int)categories
	                       : RTE_ALIGN((int)categories, (int)RTE_ACL_RESULTS_MULTIPLIER);
}

/* Fields */

static void
define(struct build *build, uint8_t type, uint8_t size, uint8_t group, size_t offset)
{
	struct rte_acl_config *config = &build->config;

	config->defs[config->num_fields] = (struct rte_acl_field_def){ .type = type,
		.size = size,
		.field_index = (uint8_t)config->num_fields,
		.input_index = group,
		.offset = (uint32_t)offset };
	config->num_fields++;
}

static void
define_fields(struct build *build, unsigned int categories)
{
	unsigned int words = build->family == IP_FAMILY_IPV4 ? 1 : 4;
	uint8_t group = GROUP_SOURCE;

	build->config = (struct rte_acl_config){ .num_categories = categories };
	define(build, RTE_ACL_FIELD_TYPE_BITMASK, 1, GROUP_PROTOCOL,
		offsetof(struct packet_tuple, protocol));
	for (unsigned int i = 0; i < words; i++)
		define(build, RTE_ACL_FIELD_TYPE_MASK, 4, group++,
			offsetof(struct packet_tuple, source) + 4 * i);
	for (unsigned int i = 0; i < words; i++)
		define(build, RTE_ACL_FIELD_TYPE_MASK, 4, group++,
			offsetof(struct packet_tuple, destination) + 4 * i);
	define(build, RTE_ACL_FIELD_TYPE_RANGE, 2, group,
		offsetof(struct packet_tuple, source_port));
	define(build, RTE_ACL_FIELD_TYPE_RANGE, 2, group++,
		offsetof(struct packet_tuple, destination_port));
	for (unsigned int i = 0; build->extras && i < 4; i++)
		define(build, RTE_ACL_FIELD_TYPE_BITMASK, 1, group,
			offsetof(struct packet_tuple, tcp_flags) + i);
	build->rule_size = RTE_ACL_RULE_SZ(build->config.num_fields);
}

static_assert(offsetof(struct packet_tuple, dscp) == offsetof(struct packet_tuple, tcp_flags) + 1 &&
		      offsetof(struct packet_tuple, fragment) ==
			      offsetof(struct packet_tuple, tcp_flags) + 2,
	"the order of the last group");

static struct rte_acl_field *
fill_exact(struct rte_acl_field *field, bool given, uint8_t value)
{
	field->value.u8 = given ? value : 0;
	field->mask_range.u8 = given ? UINT8_MAX : 0;
	return field + 1;
}

static struct rte_acl_field *
fill_address(
	struct rte_acl_field *field, const struct build *build, const struct acl_address *address)
{
	unsigned int words = build->family == IP_FAMILY_IPV4 ? 1 : 4;
	unsigned int depth = address->given ? address->prefix.depth : 0;

	for (unsigned int i = 0; i < words; i++, field++) {
		unsigned int bits = RTE_MIN(depth, 32u);
		rte_be32_t word;

		memcpy(&word, address->prefix.address.bytes + 4 * i, sizeof(word));
		field->value.u32 = bits == 0 ? 0 : rte_be_to_cpu_32(word);
		field->mask_range.u32 = bits;
		depth -= bits;
	}
	return field;
}

static struct rte_acl_field *
fill_ports(struct rte_acl_field *field, const struct acl_ports *ports)
{
	field->value.u16 = ports->given ? ports->low : 0;
	field->mask_range.u16 = ports->given ? ports->high : UINT16_MAX;
	return field + 1;
}

/* Type and code are where the source's port is. */
static struct acl_ports
icmp_ports(const struct acl_rule *rule)
{
	uint16_t type = (uint16_t)(rule->icmp_type << 8);

	if (rule->icmp_code < 0)
		return (struct acl_ports){ .given = true, .low = type, .high = type | UINT8_MAX };
	type |= (uint16_t)rule->icmp_code;
	return (struct acl_ports){ .given = true, .low = type, .high = type };
}

static void
fill(struct build *build, const struct projected *projected, struct acl_flags flags)
{
	struct rte_acl_rule *rte_rule =
		RTE_PTR_ADD(build->rte_rules, (size_t)build->rule_size * build->n_rte_rules++);
	const struct acl_rule *rule = &projected->rule;
	struct rte_acl_field *field = rte_rule->field;
	struct acl_ports source = rule->icmp_type < 0 ? rule->source_port : icmp_ports(rule);

	memset(rte_rule, 0, build->rule_size);
	rte_rule->data.category_mask = 1u << projected->category;
	rte_rule->data.priority = (int32_t)(build->n + 1 - projected->number);
	rte_rule->data.userdata = projected->number;
	field = fill_exact(field, rule->protocol.given, rule->protocol.number);
	field = fill_address(field, build, &rule->source);
	field = fill_address(field, build, &rule->destination);
	field = fill_ports(field, &source);
	field = fill_ports(field, &rule->destination_port);
	if (!build->extras)
		return;
	field->value.u8 = flags.value;
	field->mask_range.u8 = flags.mask;
	field = fill_exact(field + 1, rule->dscp >= 0, (uint8_t)rule->dscp);
	field = fill_exact(field, rule->fragment != ACL_FRAGMENT_IGNORED,
		rule->fragment == ACL_FRAGMENT_FIRST ? PACKET_FRAGMENT_FIRST
						     : PACKET_FRAGMENT_NONE);
	fill_exact(field, false, 0);
}

static void
fill_all(struct build *build, bool count)
{
	static const struct acl_flags established[] = { { 0x10, 0x10, false },
		{ 0x04, 0x04, false } };

	build->n_rte_rules = 0;
	for (unsigned int i = 0; i < build->n_projected; i++) {
		struct projected *projected = &build->projected[i];

		if ((projected->rule.action == ACL_COUNT) != count)
			continue;
		if (!count)
			projected->category = 0;
		if (!projected->rule.tcp_flags.established) {
			fill(build, projected, projected->rule.tcp_flags);
			continue;
		}
		/* ACK or RST is set. */
		fill(build, projected, established[0]);
		fill(build, projected, established[1]);
	}
}

/* Tables */

static bool
explain(struct build *build, int rc)
{
	if (rc == -ERANGE)
		snprintf(build->error, ELEMENT_ERROR_SIZE,
			"its %u rules overlap in too many ways for librte_acl", build->n);
	else
		snprintf(build->error, ELEMENT_ERROR_SIZE,
			"no memory for the tables of its %u rules", build->n);
	return false;
}

/*
 * librte_acl is given no limit of memory: with one it first builds a single trie, whatever that
 * takes, and only then looks how large it is. Without, it parts the rules into up to 8 tries of
 * bounded size.
 */
static bool
make_context(struct build *build, bool count, unsigned int categories, struct rte_acl_ctx **context)
{
	static unsigned int n_contexts;
	char name[RTE_ACL_NAMESIZE];
	struct rte_acl_param param = { .name = name, .socket_id = build->socket };
	int rc;

	define_fields(build, categories);
	fill_all(build, count);
	if (build->n_rte_rules == 0)
		return true;
	snprintf(name, sizeof(name), "acl%u", n_contexts++);
	param.rule_size = build->rule_size;
	param.max_rule_num = build->n_rte_rules;
	*context = rte_acl_create(&param);
	if (*context == NULL)
		return explain(build, -ENOMEM);
	rc = rte_acl_add_rules(*context, build->rte_rules, build->n_rte_rules);
	if (rc == 0)
		rc = rte_acl_build(*context, &build->config);
	return rc == 0 || explain(build, rc);
}

static bool
make_table(struct build *build, struct acl_table *table)
{
	int categories;

	project_all(build);
	table->otherwise = build->otherwise;
	categories = find_categories(build);
	if (categories < 0 || !make_context(build, false, 1, &table->decide))
		return false;
	table->categories = (uint32_t)categories;
	return categories == 0 || make_context(build, true, table->categories, &table->count);
}

static bool
make_tables(struct build *build, struct acl_table tables[ACL_TABLES])
{
	for (unsigned int i = 0; i < ACL_TABLES; i++) {
		build->family = i < ACL_TABLES / 2 ? IP_FAMILY_IPV4 : IP_FAMILY_IPV6;
		build->later = i % 2 == 1;
		if (build->later && are_alike(build)) {
			tables[i] = tables[i - 1];
			tables[i].shared = true;
		} else if (!make_table(build, &tables[i])) {
			return false;
		}
	}
	return true;
}

/* What DPDK's heaps have given away; the control thread is the only one that asks them. */
static size_t
heap_used(void)
{
	struct rte_malloc_socket_stats stats;
	size_t used = 0;

	for (unsigned int i = 0; i < rte_socket_count(); i++)
		if (rte_malloc_get_socket_stats(rte_socket_id_by_idx(i), &stats) == 0)
			used += stats.heap_allocsz_bytes;
	return used;
}

bool
acl_tables_build(struct acl_table tables[ACL_TABLES], const struct acl_rule *rules, unsigned int n,
	struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	struct build build = { .rules = rules, .n = n, .socket = params->socket, .error = error };
	size_t used = heap_used();
	char what[64];
	bool made;

	build.projected = malloc((n + 1) * sizeof(*build.projected));
	build.rte_rules = malloc((n + 1) * 2 * RTE_ACL_RULE_SZ(FIELDS_MAX));
	made = build.projected != NULL && build.rte_rules != NULL ? make_tables(&build, tables)
	                                                          : explain(&build, -ENOMEM);
	free(build.projected);
	free(build.rte_rules);
	if (!made)
		return false;
	snprintf(what, sizeof(what), "the tables of %u rules", n);
	used = heap_used() - used;
	return element_claim(params, what, used, error);
}

void
acl_tables_free(struct acl_table tables[ACL_TABLES])
{
	for (unsigned int i = 0; i < ACL_TABLES; i++) {
		if (tables[i].shared)
			continue;
		rte_acl_free(tables[i].decide);
		rte_acl_free(tables[i].count);
	}
}
