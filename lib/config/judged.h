/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_JUDGED_H
#define CONFIG_JUDGED_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "interface_names.h"
#include "schema/line_report.h"
#include "schema/report.h"
#include "taken.h"

/*
 * A router under validation: what its interfaces' addresses come to, against which its routes and
 * neighbours are judged. For validate_*.c.
 */

#define ANY_INTERFACE UINT32_MAX

/* An address of the router's, by where it stands; index of `own`. */
struct own_address {
	uint32_t interface;
	uint32_t index;
	bool reported;
};

/* A prefix of one interface or of any; an address is the prefix of it alone. */
struct judged_key {
	uint32_t interface; /* or ANY_INTERFACE */
	struct ip_prefix prefix;
	uint16_t zero; /* instead of padding */
};
static_assert(sizeof(struct judged_key) == 24, "compared byte by byte");

/* The depths of a family's subnets, each once, the longest first. */
struct judged_depths {
	uint8_t n;
	uint8_t depths[128];
};

/* A router and what its interfaces' addresses come to. */
struct judged {
	struct report *report;
	struct line_report *lines; /* of its file of routes */
	const struct config_router *router;
	uint32_t node;
	uint32_t interfaces_node;
	uint32_t routes_node;
	uint32_t neighbours_node;
	uint32_t multicast_node;
	struct own_address *own;
	uint32_t n_own;
	struct taken subnets; /* judged_subnet_key() -> index of own; link-local ones not of any */
	struct taken addresses; /* judged_address_key() -> index of own */
	struct interface_names names;
	struct judged_depths depths[IP_FAMILIES];
	bool all_known; /* no name and no address of an interface is unreadable */
};

/*
 * Where a value stands: in the text, or in the file of routes, of which nothing is kept but what it
 * came to.
 */
struct place {
	uint32_t node;
	const struct config_route *route; /* of the file; NULL: in the text */
	const struct config_via *via;     /* one of its gateways; NULL: its prefix */
};

/* Whose address it is, and what it is. */
const struct config_interface *judged_interface(
	const struct judged *j, const struct own_address *own);
const struct ip_prefix *judged_address(const struct judged *j, const struct own_address *own);

/* Where it stands in the text. */
uint32_t judged_node(const struct judged *j, const struct own_address *own);
uint32_t judged_line(const struct judged *j, const struct own_address *own);

/* ", line 7" where that is a line of what the place is in too; else "". */
#define JUDGED_LINE_SIZE sizeof(", line 4294967295")
const char *judged_line_text(const struct judged *j, const struct place *place,
	const struct own_address *own, char text[JUDGED_LINE_SIZE]);

struct judged_key judged_subnet_key(uint32_t interface, const struct ip_prefix *prefix);

/* Of the interface where the address is link-local (RFC 4007 6), else of any. */
struct judged_key judged_address_key(uint32_t interface, const struct ip_address *address);

/* The router's own address, a link-local one of this interface; or NULL. */
struct own_address *judged_own(
	const struct judged *j, uint32_t interface, const struct ip_address *address);

/* The subnet of one interface or any, or NULL. */
struct own_address *judged_subnet(
	const struct judged *j, uint32_t interface, const struct ip_prefix *prefix);

/* The longest subnet with this address and a depth below `limit`, of one interface or any. */
#define ANY_DEPTH 129
struct own_address *judged_longest(const struct judged *j, uint32_t interface,
	const struct ip_address *address, unsigned int limit);

/* What was expected at this place. */
void judged_report(struct judged *j, const struct place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * That this can be another host's address on the interface, or ANY_INTERFACE, in the given subnet
 * of ours; else it is reported.
 */
bool judged_host(struct judged *j, const struct place *place, uint32_t interface,
	const struct ip_address *address, const struct ip_prefix *subnet);

/* The same of a link-local address: every interface that has IPv6 addresses is in fe80::/64. */
bool judged_link_local(struct judged *j, const struct place *place, uint32_t interface,
	const struct ip_address *address);

/* validate_routes.c: the routes, and how many neighbours they and the static ones need. */
void validate_routes(struct judged *j);
uint32_t validate_count_neighbours(struct judged *j);

/* Its multicast routes (validate_multicast.c). */
void validate_multicast(struct judged *j);

#endif
