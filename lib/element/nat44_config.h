/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_NAT44_CONFIG_H
#define ELEMENT_NAT44_CONFIG_H

#include "address/address.h"
#include "element/element_config.h"

/* What the config says of a nat44. Addresses are in network byte order; 0: could not be read. */

#define NAT44_ADDRESSES_MAX 256u
#define NAT44_INSIDE_MAX 64u
#define NAT44_STATIC_MAX 256u
#define NAT44_FORWARDS_MAX 256u
#define NAT44_SESSIONS_MAX (1u << 22)

enum nat44_filtering {
	NAT44_FILTER_NONE,             /* endpoint independent */
	NAT44_FILTER_ADDRESS,          /* remote addresses that were sent to */
	NAT44_FILTER_ADDRESS_AND_PORT, /* and ports */
};

/* One address for one, all protocols and ports. */
struct nat44_static {
	uint32_t inside;
	uint32_t outside;
	unsigned int line;
};

struct nat44_forward {
	uint8_t protocol; /* IPPROTO_TCP, IPPROTO_UDP */
	uint32_t outside;
	uint16_t port; /* host byte order */
	uint32_t inside;
	uint16_t inside_port;
	unsigned int line;
};

struct nat44_config {
	struct element_config element;
	char outside[SCHEMA_NAME_MAX + 1];
	uint32_t *addresses;
	unsigned int n_addresses;
	struct ip_prefix *inside; /* none: all */
	unsigned int n_inside;
	struct nat44_static *statics;
	unsigned int n_statics;
	struct nat44_forward *forwards;
	unsigned int n_forwards;
	uint16_t low; /* ports, host byte order */
	uint16_t high;
	uint8_t filtering;
	uint32_t max_sessions;
	uint32_t max_sessions_per_host; /* 0: no limit of its own */
	uint32_t udp_timeout;           /* seconds */
	uint32_t icmp_timeout;
	uint32_t tcp_timeout;
	uint32_t tcp_transitory_timeout;
};

extern const struct kind nat44_kind;

/* Judges what fields can't: the element type's load. */
void nat44_config_load(struct report *report, struct value value, struct element_config *config);

#endif
