/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_TEXT_H
#define CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "schema/text.h"

/* Text forms beside those of config.h, and what there is to say about their values. */

/* The part of a device's text that names it, canonical: two of one device are equal. */
#define TEXT_DEVICE_MAX 64 /* with its end, as DPDK's RTE_DEV_NAME_MAX_LEN */

/*
 * What a value can be, by itself: each gives 0; or -EINVAL, and `expected` says what was expected.
 * Text that is NULL is refused like any other.
 */
#define TEXT_EXPECTED_SIZE 160
#define TEXT_LIKE_PREFIX "a prefix, like \"10.1.0.0/16\" or \"2001:db8:1::/48\""
#define TEXT_LIKE_ADDRESS "an IP address, like \"10.0.0.2\" or \"2001:db8::2\""
#define TEXT_LIKE_VIA "an IP address, like \"10.0.0.2\", \"2001:db8::2\" or \"fe80::2%lan\""
/* Of what follows the "%". For printf. */
#define TEXT_ZONE "the name of an interface of the router after \"%%\""

int text_parse_prefix(
	const char *text, struct ip_prefix *prefix, char expected[TEXT_EXPECTED_SIZE]);
int text_parse_via(const char *text, struct ip_address *via, char zone[CONFIG_NAME_MAX + 1],
	char expected[TEXT_EXPECTED_SIZE]);
int text_parse_neighbour(
	const char *text, struct ip_address *address, char expected[TEXT_EXPECTED_SIZE]);

/* Where it is no host's but its subnet is right, *address is known even so; else depth is 0. */
int text_parse_interface_address(
	const char *text, struct ip_prefix *address, char expected[TEXT_EXPECTED_SIZE]);

/* "network address" and the like: why no host of its subnet can have the address. NULL: one can. */
const char *text_not_in_subnet(const struct ip_address *address, uint8_t depth);

/* "net_pcap0" of "net_pcap0,rx_pcap=x"; "0000:03:00.0" of "03:00.0". 0 or -EINVAL. */
int text_parse_device(const char *text, char name[TEXT_DEVICE_MAX]);

/*
 * What a route's type, a table's engine and a forwarder are called; index: CONFIG_ROUTE_,
 * CONFIG_TABLE_ENGINE_, CONFIG_FORWARDER_.
 */
#define TEXT_ROUTE_TYPES 4
#define TEXT_TABLE_ENGINES 3
#define TEXT_FORWARDERS 2
extern const char *const text_route_types[TEXT_ROUTE_TYPES]; /* "via" for CONFIG_ROUTE_VIA */
extern const char *const text_table_engines[TEXT_TABLE_ENGINES];
extern const char *const text_forwarders[TEXT_FORWARDERS];

#endif
