/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "element/acl_config.h"
#include "schema/text_lines.h"

#define CAPACITY_FIRST 64

/*
 * Values that a file of rules has as words, too: a string, or a number where the words are one.
 * Gives NULL for any other.
 */
static const char *
text_of(struct value value, char number[24])
{
	if (!json_is_integer(value.json))
		return json_string_value(value.json);
	snprintf(number, 24, "%lld", (long long)json_integer_value(value.json));
	return number;
}

#define DEFINE_FIELD(name, struct_tag, parse, fallback_expected) \
	static bool name##_read(struct report *report, struct value value, \
		const struct field *field, void *object) \
	{ \
		char expected[ACL_EXPECTED_SIZE] = fallback_expected; \
		char number[24]; \
		const char *text = text_of(value, number); \
\
		if (text != NULL && \
			parse(text, (struct struct_tag *)((char *)object + field->offset), \
				expected) == 0) \
			return true; \
		report_value(report, value.node, "%s", expected); \
		((struct acl_rule *)object)->broken = true; \
		return false; \
	} \
	static const struct field_type name = { .read = name##_read, .fail = field_leave }

DEFINE_FIELD(field_protocol, acl_protocol, acl_parse_protocol,
	"a protocol, like \"tcp\", or a number from 0 to 255");
DEFINE_FIELD(field_prefix, acl_address, acl_parse_address,
	"\"any\", an address or a prefix, like \"10.1.0.0/16\" or \"2001:db8:1::/48\"");
DEFINE_FIELD(field_ports, acl_ports, acl_parse_ports,
	"a port or a range, like \"80\" or \"1024-65535\"");
DEFINE_FIELD(field_flags, acl_flags, acl_parse_flags,
	"flags that are set, of those looked at, like \"syn/syn,ack\", or \"established\"");

#define PART(member, how) \
	{ \
		.key = #member, .type = &field_##how, .offset = offsetof(struct acl_rule, member) \
	}

static const struct field acl_rule_fields[] = {
	{ .key = "action",
		.type = &field_word,
		.required = true,
		.offset = offsetof(struct acl_rule, action),
		.size = sizeof(uint8_t),
		.max = ACL_ACTIONS - 1,
		.words = acl_action_words,
		.expected = "\"permit\", \"deny\" or \"count\"" },
	FIELD_WORD(acl_rule, family, acl_family_words, 0, ACL_FAMILIES - 1, 0,
		"\"any\", \"ipv4\" or \"ipv6\""),
	PART(protocol, protocol),
	PART(source, prefix),
	PART(destination, prefix),
	PART(source_port, ports),
	PART(destination_port, ports),
	PART(tcp_flags, flags),
	FIELD_INTEGER(acl_rule, icmp_type, 0, UINT8_MAX, -1),
	FIELD_INTEGER(acl_rule, icmp_code, 0, UINT8_MAX, -1),
	/* Left out: 0. */
	{ .key = "fragment",
		.type = &field_word,
		.offset = offsetof(struct acl_rule, fragment),
		.size = sizeof(uint8_t),
		.min = ACL_FRAGMENT_NONE,
		.max = ACL_FRAGMENTS - 1,
		.fallback = ACL_FRAGMENT_IGNORED,
		.words = acl_fragment_words + 1,
		.expected = "\"none\", \"first\", \"later\" or \"any\"" },
	FIELD_INTEGER(acl_rule, dscp, 0, 63, -1),
};

static void
check_rule(struct report *report, struct value value, void *item, bool slips)
{
	struct acl_rule *rule = item;
	char error[ACL_EXPECTED_SIZE];

	if (slips || rule->broken)
		return;
	if (acl_rule_complete(rule, error) != 0)
		report_error(report, value.node, "%s", error);
}

static const struct kind rule_kind = {
	FIELD_OBJECTS(acl_rule, "an object (a rule)"),
	.check = check_rule,
};

static const struct field acl_config_fields[] = {
	ELEMENT_FIELDS,
	{ .key = "default",
		.type = &field_word,
		.required = true,
		.offset = offsetof(struct acl_config, otherwise),
		.size = sizeof(uint8_t),
		.max = ACL_DENY,
		.words = acl_action_words,
		.expected =
			"\"permit\" or \"deny\": what becomes of packets that no rule decides" },
	FIELD_LIST(acl_config, rules, rule_kind, false),
	FIELD_TEXT(acl_config, rules_file, path, false, "the path of a file of rules"),
};

const struct kind acl_kind = { ELEMENT_KIND(acl_config, "an object (an acl element)") };

/* The file */

struct reader {
	struct text_lines lines;
	struct acl_config *config;
	unsigned int capacity;
};

static void
append(struct reader *reader, const struct acl_rule *rule)
{
	struct acl_config *config = reader->config;

	if (acl_config_count(config) >= ACL_RULES_MAX) {
		line_report_error(reader->lines.report, reader->lines.line,
			"found a rule more, expected %d at most", ACL_RULES_MAX);
		reader->lines.stop = true;
		return;
	}
	if (config->n_file_rules == reader->capacity) {
		unsigned int capacity = 2 * reader->capacity + CAPACITY_FIRST;
		void *rules = realloc(config->file_rules, capacity * sizeof(*rule));

		if (rules == NULL) {
			line_report_error(
				reader->lines.report, reader->lines.line, "out of memory");
			reader->lines.stop = true;
			return;
		}
		config->file_rules = rules;
		reader->capacity = capacity;
	}
	config->file_rules[config->n_file_rules++] = *rule;
}

static void
take_line(struct text_lines *lines, char *text)
{
	struct reader *reader = (struct reader *)lines;
	struct acl_error error;
	struct acl_rule rule;
	int rc = acl_rule_parse(text, &rule, &error);

	rule.line = lines->line;
	if (rc > 0)
		append(reader, &rule);
	else if (rc < 0 && error.word != NULL)
		line_report_value(lines->report, lines->line, error.word, strlen(error.word), "%s",
			error.expected);
	else if (rc < 0)
		line_report_error(lines->report, lines->line, "%s", error.expected);
}

const char *
acl_config_read_file(struct line_report *report, struct acl_config *config)
{
	struct reader reader = {
		.lines = { .report = report,
			.line_max = ACL_LINE_MAX,
			.size_max = ACL_FILE_MAX,
			.take = take_line },
		.config = config,
	};

	return text_lines_read(&reader.lines);
}

void
acl_config_load(struct report *report, struct value value, struct element_config *element)
{
	struct acl_config *config = (struct acl_config *)element;
	struct line_report *lines;
	const char *why;

	if (config->n_rules > ACL_RULES_MAX)
		report_error(report, locate_member(report->locate, value.node, "rules"),
			"found %u rules, expected %d at most", config->n_rules, ACL_RULES_MAX);
	if (config->rules_file == NULL)
		return;
	lines = report_file(report, config->rules_file);
	if (lines == NULL)
		return;
	why = acl_config_read_file(lines, config);
	if (why != NULL)
		report_value(report, locate_member(report->locate, value.node, "rules_file"),
			"a file of rules (%s: %s)", config->rules_file, why);
}

void
acl_config_unload(struct element_config *element)
{
	free(((struct acl_config *)element)->file_rules);
}
