/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_ACL_CONFIG_H
#define ELEMENT_ACL_CONFIG_H

#include "element/acl_rule.h"
#include "element/element_config.h"
#include "schema/table.h"

/* What the config says of an acl, and the file of rules that it may name. Control thread. */

#define ACL_RULES_MAX 10000
#define ACL_FILE_MAX (UINT32_C(16) << 20) /* bytes, uncompressed */

struct acl_config {
	struct element_config element;
	uint8_t otherwise; /* ACL_PERMIT or ACL_DENY: of what no rule decides */
	struct acl_rule *rules;
	unsigned int n_rules;
	char *rules_file; /* NULL: none */
	/* Of the file, behind the others; see acl_config_load(). */
	struct acl_rule *file_rules;
	unsigned int n_file_rules;
};

extern const struct kind acl_kind;

/* Those of an element's type. */
void acl_config_load(struct report *report, struct value value, struct element_config *config);
void acl_config_unload(struct element_config *config);

/* Appends the rules of the file report->path. NULL, or why it cannot be opened. */
struct line_report;
const char *acl_config_read_file(struct line_report *report, struct acl_config *config);

static inline unsigned int
acl_config_count(const struct acl_config *config)
{
	return config->n_rules + config->n_file_rules;
}

/* The i-th rule of all, in their order. */
static inline const struct acl_rule *
acl_config_rule(const struct acl_config *config, unsigned int i)
{
	return i < config->n_rules ? &config->rules[i] : &config->file_rules[i - config->n_rules];
}

#endif
