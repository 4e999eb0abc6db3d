/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "element/acl_rule.h"
#include "schema/text.h"

#define CLAUSES_EXPECTED \
	"\"from\", \"to\", \"flags\", \"established\", \"type\", \"fragment\", \"dscp\" or the " \
	"end of the line"

const char *const acl_action_words[ACL_ACTIONS] = { "permit", "deny", "count" };
const char *const acl_family_words[ACL_FAMILIES] = { "any", "ipv4", "ipv6" };
const char *const acl_fragment_words[ACL_FRAGMENTS] = { "", "none", "first", "later", "any" };

static const struct {
	const char *word;
	uint8_t number;
} protocols[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "icmp", IPPROTO_ICMP },
	{ "icmp6", IPPROTO_ICMPV6 },
	{ "sctp", IPPROTO_SCTP },
	{ "udplite", IPPROTO_UDPLITE },
	{ "dccp", IPPROTO_DCCP },
	{ "gre", 47 },
	{ "esp", 50 },
	{ "ah", 51 },
	{ "ipip", 4 },
	{ "igmp", 2 },
	{ "ospf", 89 },
	{ "pim", 103 },
	{ "vrrp", 112 },
};

static const char *const flag_words[] = { "fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr" };

/* Always -EINVAL. */
static int __attribute__((format(printf, 2, 3)))
expect(char expected[ACL_EXPECTED_SIZE], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(expected, ACL_EXPECTED_SIZE, format, args);
	va_end(args);
	return -EINVAL;
}

/* Values */

/* A decimal number from 0 to `max`. 0 or -EINVAL. */
static int
parse_number(const char *text, unsigned int max, unsigned int *number)
{
	unsigned int n = 0;

	if (*text == '\0')
		return -EINVAL;
	for (; *text != '\0'; text++) {
		if (!isdigit((unsigned char)*text))
			return -EINVAL;
		n = 10 * n + (unsigned int)(*text - '0');
		if (n > max)
			return -EINVAL;
	}
	*number = n;
	return 0;
}

static const char *
near_protocol(const char *text)
{
	for (unsigned int i = 0; i < RTE_DIM(protocols); i++)
		if (text_is_near(text, strlen(text), protocols[i].word))
			return protocols[i].word;
	return NULL;
}

int
acl_parse_protocol(
	const char *text, struct acl_protocol *protocol, char expected[ACL_EXPECTED_SIZE])
{
	unsigned int number;
	const char *near;

	protocol->given = strcmp(text, "any") != 0;
	if (!protocol->given)
		return 0;
	for (unsigned int i = 0; i < RTE_DIM(protocols); i++) {
		if (strcmp(text, protocols[i].word) == 0) {
			protocol->number = protocols[i].number;
			return 0;
		}
	}
	if (parse_number(text, UINT8_MAX, &number) == 0) {
		protocol->number = (uint8_t)number;
		return 0;
	}
	near = near_protocol(text);
	return expect(expected, "a protocol, like \"tcp\", or a number from 0 to 255%s%s%s",
		near == NULL ? "" : " (did you mean \"", near == NULL ? "" : near,
		near == NULL ? "" : "\"?)");
}

int
acl_parse_address(const char *text, struct acl_address *address, char expected[ACL_EXPECTED_SIZE])
{
	struct ip_prefix prefix, network;
	char form[IP_PREFIX_TEXT_SIZE];
	struct ip_address host;

	address->given = strcmp(text, "any") != 0;
	if (!address->given)
		return 0;
	if (ip_address_parse(text, &host) == 0) {
		address->prefix = ip_prefix_of_host(&host);
		return 0;
	}
	if (ip_prefix_parse(text, &prefix) != 0)
		return expect(expected, "\"any\", an address or a prefix, like \"10.1.0.0/16\" or "
					"\"2001:db8:1::/48\"");
	network = ip_prefix_network(&prefix);
	if (!ip_prefix_equal(&prefix, &network))
		return expect(expected, "a prefix without host bits: \"%s\"?",
			ip_prefix_text(&network, form));
	address->prefix = prefix;
	return 0;
}

int
acl_parse_ports(const char *text, struct acl_ports *ports, char expected[ACL_EXPECTED_SIZE])
{
	char low[8], high[8];
	unsigned int from, to;
	int n = 0;

	if (sscanf(text, "%6[0-9]-%6[0-9]%n", low, high, &n) != 2 || text[n] != '\0') {
		n = 0;
		if (sscanf(text, "%6[0-9]%n", low, &n) == 1 && text[n] == '\0')
			strcpy(high, low);
		else
			low[0] = '\0';
	}
	if (low[0] == '\0' || parse_number(low, UINT16_MAX, &from) != 0 ||
		parse_number(high, UINT16_MAX, &to) != 0)
		return expect(expected, "a port or a range, like \"80\" or \"1024-65535\"");
	if (from > to)
		return expect(expected, "a range from the lower to the higher port");
	*ports = (struct acl_ports){ .given = true, .low = (uint16_t)from, .high = (uint16_t)to };
	return 0;
}

/* Words with commas between them, or "none"; -1: something else. */
static int
parse_flag_list(const char *text, size_t length)
{
	int flags = 0;

	if (length == 4 && memcmp(text, "none", 4) == 0)
		return 0;
	for (;;) {
		size_t n = 0;
		unsigned int i = 0;

		while (n < length && text[n] != ',')
			n++;
		while (i < RTE_DIM(flag_words) &&
			(strlen(flag_words[i]) != n || memcmp(flag_words[i], text, n) != 0))
			i++;
		if (i == RTE_DIM(flag_words))
			return -1;
		flags |= 1 << i;
		if (n == length)
			return flags;
		text += n + 1;
		length -= n + 1;
	}
}

int
acl_parse_flags(const char *text, struct acl_flags *flags, char expected[ACL_EXPECTED_SIZE])
{
	const char *slash = strchr(text, '/');
	int value, mask;

	if (strcmp(text, "established") == 0) {
		*flags = (struct acl_flags){ .established = true };
		return 0;
	}
	value = parse_flag_list(text, slash == NULL ? strlen(text) : (size_t)(slash - text));
	mask = slash == NULL ? value : parse_flag_list(slash + 1, strlen(slash + 1));
	if (value < 0 || mask <= 0)
		return expect(expected,
			"flags that are set, of those looked at, like \"syn/syn,ack\": \"fin\", "
			"\"syn\", \"rst\", \"psh\", \"ack\", \"urg\", \"ece\", \"cwr\"");
	if ((value & ~mask) != 0)
		return expect(expected, "all flags before the \"/\" behind it, too");
	*flags = (struct acl_flags){ .value = (uint8_t)value, .mask = (uint8_t)mask };
	return 0;
}

/* Rules */

void
acl_rule_init(struct acl_rule *rule)
{
	memset(rule, 0, sizeof(*rule));
	rule->dscp = -1;
	rule->icmp_type = -1;
	rule->icmp_code = -1;
}

bool
acl_rule_has_upper(const struct acl_rule *rule)
{
	return rule->source_port.given || rule->destination_port.given ||
	       rule->tcp_flags.mask != 0 || rule->tcp_flags.established || rule->icmp_type >= 0;
}

/* Adds a family that a part of the rule is of; false where it was another. */
static bool
join_family(struct acl_rule *rule, bool given, uint8_t family)
{
	if (!given)
		return true;
	if (rule->family != ACL_FAMILY_ANY && rule->family != family)
		return false;
	rule->family = family;
	return true;
}

static bool
is_protocol(const struct acl_rule *rule, uint8_t number)
{
	return rule->protocol.given && rule->protocol.number == number;
}

int
acl_rule_complete(struct acl_rule *rule, char error[ACL_EXPECTED_SIZE])
{
	bool icmp = is_protocol(rule, IPPROTO_ICMP), icmp6 = is_protocol(rule, IPPROTO_ICMPV6);

	if (!join_family(rule, rule->source.given, rule->source.prefix.address.family + 1) ||
		!join_family(rule, rule->destination.given,
			rule->destination.prefix.address.family + 1) ||
		!join_family(rule, icmp, ACL_FAMILY_IPV4) ||
		!join_family(rule, icmp6, ACL_FAMILY_IPV6))
		return expect(error,
			"found parts of IPv4 and parts of IPv6, expected those of one family");
	if ((rule->source_port.given || rule->destination_port.given) &&
		(!rule->protocol.given || !packet_protocol_has_ports(rule->protocol.number)))
		return expect(error,
			"found ports, expected a protocol that has them: \"tcp\", \"udp\", "
			"\"sctp\", \"udplite\" or \"dccp\"");
	if ((rule->tcp_flags.mask != 0 || rule->tcp_flags.established) &&
		!is_protocol(rule, IPPROTO_TCP))
		return expect(error, "found TCP flags, expected the protocol \"tcp\"");
	if (rule->icmp_type >= 0 && !icmp && !icmp6)
		return expect(
			error, "found an ICMP type, expected the protocol \"icmp\" or \"icmp6\"");
	if (rule->icmp_code >= 0 && rule->icmp_type < 0)
		return expect(error, "found an ICMP code without a type, expected both");
	if (rule->fragment == ACL_FRAGMENT_LATER && acl_rule_has_upper(rule))
		return expect(error,
			"found ports, flags or an ICMP type, expected none: later fragments have "
			"none");
	return 0;
}

/* Lines */

struct parser {
	char *rest;
	struct acl_rule *rule;
	struct acl_error *error;
	bool seen[8]; /* by the clause's number */
};

enum clause {
	CLAUSE_FROM,
	CLAUSE_TO,
	CLAUSE_FLAGS,
	CLAUSE_ESTABLISHED,
	CLAUSE_TYPE,
	CLAUSE_FRAGMENT,
	CLAUSE_DSCP,
	CLAUSES
};

static const char *const clause_words[CLAUSES] = { "from", "to", "flags", "established", "type",
	"fragment", "dscp" };

static bool
next_is(const struct parser *parser, const char *word)
{
	const char *text = parser->rest + strspn(parser->rest, TEXT_SPACES);
	size_t length = strlen(word);

	return strncmp(text, word, length) == 0 &&
	       (text[length] == '\0' || strchr(TEXT_SPACES, text[length]) != NULL);
}

static int
take_number(struct parser *parser, unsigned int max, unsigned int *number)
{
	parser->error->word = text_next_word(&parser->rest);
	if (parse_number(parser->error->word, max, number) == 0)
		return 0;
	return expect(parser->error->expected, "a number from 0 to %u", max);
}

static int
take_address(struct parser *parser, struct acl_address *address, struct acl_ports *ports)
{
	parser->error->word = text_next_word(&parser->rest);
	if (acl_parse_address(parser->error->word, address, parser->error->expected) != 0)
		return -EINVAL;
	if (!next_is(parser, "port"))
		return 0;
	text_next_word(&parser->rest);
	parser->error->word = text_next_word(&parser->rest);
	return acl_parse_ports(parser->error->word, ports, parser->error->expected);
}

static int
take_flags(struct parser *parser)
{
	parser->error->word = text_next_word(&parser->rest);
	return acl_parse_flags(
		parser->error->word, &parser->rule->tcp_flags, parser->error->expected);
}

static int
take_type(struct parser *parser)
{
	unsigned int number;

	if (take_number(parser, UINT8_MAX, &number) != 0)
		return -EINVAL;
	parser->rule->icmp_type = (int16_t)number;
	if (!next_is(parser, "code"))
		return 0;
	text_next_word(&parser->rest);
	if (take_number(parser, UINT8_MAX, &number) != 0)
		return -EINVAL;
	parser->rule->icmp_code = (int16_t)number;
	return 0;
}

static int
take_fragment(struct parser *parser)
{
	const char *near;
	int i;

	parser->error->word = text_next_word(&parser->rest);
	i = text_find_word(parser->error->word, acl_fragment_words + 1, ACL_FRAGMENTS - 1, &near);
	if (i < 0)
		return expect(parser->error->expected, "\"none\", \"first\", \"later\" or \"any\"");
	parser->rule->fragment = (uint8_t)(i + 1);
	return 0;
}

static int
take_clause(struct parser *parser, enum clause clause)
{
	struct acl_rule *rule = parser->rule;
	unsigned int number;

	switch (clause) {
	case CLAUSE_FROM:
		return take_address(parser, &rule->source, &rule->source_port);
	case CLAUSE_TO:
		return take_address(parser, &rule->destination, &rule->destination_port);
	case CLAUSE_FLAGS:
		return take_flags(parser);
	case CLAUSE_ESTABLISHED:
		rule->tcp_flags = (struct acl_flags){ .established = true };
		return 0;
	case CLAUSE_TYPE:
		return take_type(parser);
	case CLAUSE_FRAGMENT:
		return take_fragment(parser);
	case CLAUSE_DSCP:
	default:
		if (take_number(parser, 63, &number) != 0)
			return -EINVAL;
		rule->dscp = (int8_t)number;
		return 0;
	}
}

static int
take_clauses(struct parser *parser)
{
	for (;;) {
		char *word = text_next_word(&parser->rest);
		const char *near;
		int clause;

		parser->error->word = word;
		if (word[0] == '\0')
			return 0;
		clause = text_find_word(word, clause_words, CLAUSES, &near);
		if (clause < 0 && strcmp(word, "port") == 0)
			return expect(parser->error->expected,
				"\"port\" behind \"from PREFIX\" or \"to PREFIX\"");
		if (clause < 0)
			return expect(parser->error->expected, "%s", CLAUSES_EXPECTED);
		if (parser->seen[clause] ||
			(clause == CLAUSE_ESTABLISHED && parser->seen[CLAUSE_FLAGS]) ||
			(clause == CLAUSE_FLAGS && parser->seen[CLAUSE_ESTABLISHED]))
			return expect(parser->error->expected, "it once");
		parser->seen[clause] = true;
		if (take_clause(parser, (enum clause)clause) != 0)
			return -EINVAL;
	}
}

/* The action, and what may stand before the clauses. */
static int
take_head(struct parser *parser, const char *word)
{
	const char *near;
	int i = text_find_word(word, acl_action_words, ACL_ACTIONS, &near);

	parser->error->word = word;
	if (i < 0)
		return expect(parser->error->expected, "\"permit\", \"deny\" or \"count\"");
	parser->rule->action = (uint8_t)i;
	for (i = ACL_FAMILY_IPV4; i < ACL_FAMILIES; i++) {
		if (next_is(parser, acl_family_words[i])) {
			text_next_word(&parser->rest);
			parser->rule->family = (uint8_t)i;
			break;
		}
	}
	for (i = 0; i < CLAUSES; i++)
		if (next_is(parser, clause_words[i]))
			return 0;
	if (next_is(parser, "") || next_is(parser, "port"))
		return 0;
	parser->error->word = text_next_word(&parser->rest);
	return acl_parse_protocol(
		parser->error->word, &parser->rule->protocol, parser->error->expected);
}

int
acl_rule_parse(char *text, struct acl_rule *rule, struct acl_error *error)
{
	struct parser parser = { .rest = text, .rule = rule, .error = error };
	const char *word;

	text[strcspn(text, "#")] = '\0';
	word = text_next_word(&parser.rest);
	if (word[0] == '\0')
		return 0;
	acl_rule_init(rule);
	if (take_head(&parser, word) != 0 || take_clauses(&parser) != 0)
		return -EINVAL;
	error->word = NULL;
	return acl_rule_complete(rule, error->expected) == 0 ? 1 : -EINVAL;
}

/* Text */

struct writer {
	char *text;
	size_t used;
};

static void __attribute__((format(printf, 2, 3)))
put(struct writer *writer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	writer->used += (size_t)vsnprintf(
		writer->text + writer->used, ACL_TEXT_SIZE - writer->used, format, args);
	va_end(args);
}

static void
put_protocol(struct writer *writer, const struct acl_protocol *protocol)
{
	if (!protocol->given)
		return;
	for (unsigned int i = 0; i < RTE_DIM(protocols); i++) {
		if (protocols[i].number == protocol->number) {
			put(writer, " %s", protocols[i].word);
			return;
		}
	}
	put(writer, " %u", protocol->number);
}

static void
put_address(struct writer *writer, const char *word, const struct acl_address *address,
	const struct acl_ports *ports)
{
	char form[IP_PREFIX_TEXT_SIZE];

	if (!address->given && !ports->given)
		return;
	if (!address->given)
		strcpy(form, "any");
	else if (ip_prefix_is_host(&address->prefix))
		ip_address_text(&address->prefix.address, form);
	else
		ip_prefix_text(&address->prefix, form);
	put(writer, " %s %s", word, form);
	if (!ports->given)
		return;
	put(writer, " port %u", ports->low);
	if (ports->high != ports->low)
		put(writer, "-%u", ports->high);
}

static void
put_flag_list(struct writer *writer, uint8_t flags)
{
	const char *comma = "";

	if (flags == 0)
		put(writer, "none");
	for (unsigned int i = 0; i < RTE_DIM(flag_words); i++) {
		if ((flags & 1u << i) != 0) {
			put(writer, "%s%s", comma, flag_words[i]);
			comma = ",";
		}
	}
}

static void
put_flags(struct writer *writer, const struct acl_flags *flags)
{
	if (flags->established)
		put(writer, " established");
	if (flags->mask == 0)
		return;
	put(writer, " flags ");
	put_flag_list(writer, flags->value);
	put(writer, "/");
	put_flag_list(writer, flags->mask);
}

/* Whether the words that follow tell the family anyway. */
static bool
tells_family(const struct acl_rule *rule)
{
	return rule->source.given || rule->destination.given || is_protocol(rule, IPPROTO_ICMP) ||
	       is_protocol(rule, IPPROTO_ICMPV6);
}

const char *
acl_rule_text(const struct acl_rule *rule, char text[ACL_TEXT_SIZE])
{
	struct writer writer = { .text = text };

	put(&writer, "%s", acl_action_words[rule->action]);
	if (rule->family != ACL_FAMILY_ANY && !tells_family(rule))
		put(&writer, " %s", acl_family_words[rule->family]);
	put_protocol(&writer, &rule->protocol);
	put_address(&writer, "from", &rule->source, &rule->source_port);
	put_address(&writer, "to", &rule->destination, &rule->destination_port);
	put_flags(&writer, &rule->tcp_flags);
	if (rule->icmp_type >= 0)
		put(&writer, " type %d", rule->icmp_type);
	if (rule->icmp_code >= 0)
		put(&writer, " code %d", rule->icmp_code);
	if (rule->fragment != ACL_FRAGMENT_IGNORED)
		put(&writer, " fragment %s", acl_fragment_words[rule->fragment]);
	if (rule->dscp >= 0)
		put(&writer, " dscp %d", rule->dscp);
	return text;
}
