/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_ACL_RULE_H
#define ELEMENT_ACL_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "address/address.h"
#include "packet/tuple.h"

/*
 * A rule of an acl, and its text form, a line in words:
 *
 *	ACTION [FAMILY] [PROTOCOL] [from PREFIX [port PORTS]] [to PREFIX [port PORTS]]
 *		[flags SET/OF | established] [type N [code N]] [fragment WORD] [dscp N]
 *
 *	deny tcp from 10.0.0.0/8 to 192.0.2.1 port 80-90 flags syn/syn,ack
 *
 * docs/acl.md has the language and what rules mean. Plain values: any thread.
 */

enum acl_action {
	ACL_PERMIT,
	ACL_DENY,
	ACL_COUNT, /* counts, and the rules behind it go on */
	ACL_ACTIONS
};

/* enum ip_family plus one */
enum acl_family {
	ACL_FAMILY_ANY,
	ACL_FAMILY_IPV4,
	ACL_FAMILY_IPV6,
	ACL_FAMILIES
};

enum acl_fragment {
	ACL_FRAGMENT_IGNORED,
	ACL_FRAGMENT_NONE,
	ACL_FRAGMENT_FIRST,
	ACL_FRAGMENT_LATER,
	ACL_FRAGMENT_ANY, /* the first or a later one */
	ACL_FRAGMENTS
};

extern const char *const acl_action_words[ACL_ACTIONS];
extern const char *const acl_family_words[ACL_FAMILIES];
extern const char *const acl_fragment_words[ACL_FRAGMENTS]; /* "" for ACL_FRAGMENT_IGNORED */

struct acl_ports {
	uint16_t low;
	uint16_t high;
	bool given;
	uint8_t reserved;
};

struct acl_protocol {
	bool given;
	uint8_t number;
};

struct acl_flags {
	uint8_t value; /* no bit that `mask` has not */
	uint8_t mask;  /* 0: any */
	bool established;
};

struct acl_address {
	bool given;
	struct ip_prefix prefix; /* without bits behind it */
};

struct acl_rule {
	uint8_t action;   /* enum acl_action */
	uint8_t family;   /* enum acl_family; that of the addresses and of ICMP, once complete */
	uint8_t fragment; /* enum acl_fragment */
	int8_t dscp;      /* -1: any */
	struct acl_protocol protocol;
	struct acl_address source;
	struct acl_address destination;
	struct acl_ports source_port;
	struct acl_ports destination_port;
	struct acl_flags tcp_flags;
	uint8_t reserved;
	int16_t icmp_type; /* -1: any */
	int16_t icmp_code; /* -1: any */
	bool broken;       /* a part of it could not be read */
	unsigned int line; /* of its text */
};

/* What two rules that mean the same have in common: all but the line, without padding. */
#define ACL_RULE_COMPARED offsetof(struct acl_rule, broken)

static_assert(ACL_RULE_COMPARED == 4 + 2 + 2 * 19 + 2 * 6 + 4 + 4, "compared as bytes");

#define ACL_EXPECTED_SIZE 160
#define ACL_LINE_MAX 511
#define ACL_TEXT_SIZE 320 /* of the longest rule in words */

/* What is wrong: found "WORD", expected ...; or, without a word, `expected` says what was found. */
struct acl_error {
	const char *word; /* in the text that was parsed */
	char expected[ACL_EXPECTED_SIZE];
};

/* A rule that matches everything. */
void acl_rule_init(struct acl_rule *rule);

/*
 * One line; the text is changed. 1: a rule; 0: nothing but spaces or a comment ("#"); -EINVAL with
 * the first that is wrong.
 */
int acl_rule_parse(char *text, struct acl_rule *rule, struct acl_error *error);

/*
 * Values by themselves, as the line and the config have them. 0, or -EINVAL and what was expected.
 */
int acl_parse_protocol(
	const char *text, struct acl_protocol *protocol, char expected[ACL_EXPECTED_SIZE]);
int acl_parse_address(
	const char *text, struct acl_address *address, char expected[ACL_EXPECTED_SIZE]);
int acl_parse_ports(const char *text, struct acl_ports *ports, char expected[ACL_EXPECTED_SIZE]);
int acl_parse_flags(const char *text, struct acl_flags *flags, char expected[ACL_EXPECTED_SIZE]);

/*
 * Judges the parts of a rule together and sets its family. 0, or -EINVAL with "found ..., expected
 * ..." in `error`.
 */
int acl_rule_complete(struct acl_rule *rule, char error[ACL_EXPECTED_SIZE]);

/* The rule in words, as acl_rule_parse() takes them; gives `text`. */
const char *acl_rule_text(const struct acl_rule *rule, char text[ACL_TEXT_SIZE]);

/* Whether it asks for more than addresses, protocol, DSCP and fragment. */
bool acl_rule_has_upper(const struct acl_rule *rule);

#endif
