/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_ACL_TABLE_H
#define ELEMENT_ACL_TABLE_H

#include <rte_acl.h>

#include "element/acl_rule.h"
#include "element/element.h"

/*
 * What librte_acl makes of rules. Packets of each family have a table of their own, and so have
 * later fragments, as they have no ports: for them a permit rule is what it says of addresses,
 * protocol and DSCP, and other rules that ask for more are not there (RFC 1858 3 has why that is
 * safe). The key is a struct packet_tuple.
 *
 * In one table the first rule that matches decides. Count rules are in a second, of up to 16
 * categories: each gives the first of its rules that matches, and the rules of one category never
 * match the same packet, so that each that matches is found.
 */

#define ACL_TABLES 4
#define ACL_CATEGORIES_MAX RTE_ACL_MAX_CATEGORIES

struct acl_table {
	struct rte_acl_ctx *decide; /* NULL: no rules */
	struct rte_acl_ctx *count;  /* NULL: none */
	uint32_t categories;        /* of count: 1, 4, 8, 12 or 16 */
	uint32_t otherwise;         /* the rule that decides where `decide` gives none; 0: none */
	bool shared;                /* is that of the packets that are whole */
};

/* Which one a packet is for. */
static inline unsigned int
acl_table_of(const struct packet_tuple *tuple)
{
	static_assert(PACKET_IPV4 == 0 && PACKET_IPV6 == 2 && PACKET_FRAGMENT_LATER == 2 &&
			      PACKET_FRAGMENT_FIRST == 1,
		"they add up");
	return tuple->kind | tuple->fragment >> 1;
}

/*
 * Control thread. The numbers that the tables give are the rules' indexes plus one; 0: none. The
 * memory counts against the router's limit. False with the reason; acl_tables_free() in any case.
 */
bool acl_tables_build(struct acl_table tables[ACL_TABLES], const struct acl_rule *rules,
	unsigned int n, struct element_params *params, char error[ELEMENT_ERROR_SIZE]);
void acl_tables_free(struct acl_table tables[ACL_TABLES]);

#endif
