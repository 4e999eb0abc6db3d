/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef TESTS_NAT44_FIXTURE_H
#define TESTS_NAT44_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ip.h>
#include <rte_mbuf.h>

#include "element/nat44.h"

/* A nat44 by itself, its packets and its clock. Addresses and ports are in host byte order. */

#define IP(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
#define HZ UINT64_C(1000000)
#define LAN 0
#define WAN 1
#define L2 14
#define ROUTER_WAN IP(203, 0, 113, 254)
#define ROUTER_LAN IP(10, 0, 0, 254)
#define POOL IP(203, 0, 113, 1) /* and those behind it */

extern struct nat44 *nat;
extern uint64_t now;
extern char nat_error[ELEMENT_ERROR_SIZE];
extern uint64_t memory_limit;
extern bool pool_is_own; /* POOL is an address of the router */

struct end {
	uint32_t address;
	uint16_t port;
};

struct spec {
	uint8_t protocol;
	struct end source;
	struct end destination; /* ICMP queries: the identifier is the port of both */
	uint8_t flags;          /* TCP */
	uint8_t type;           /* ICMP */
	uint16_t payload;       /* bytes */
	uint16_t options;       /* bytes of the IP header */
	uint16_t id;
	uint16_t offset;  /* of a fragment, in bytes */
	bool more;        /* fragments */
	bool no_checksum; /* UDP */
};

void fixture_open(void);
void fixture_close(void);

/* In place of the one there is; `json` with ' for ". False: nat_error says why. */
bool nat_open(const char *json);
/* A change of it. */
bool nat_change(const char *json);
void nat_close(void);

/* So many seconds go by, and enough bursts at the end. */
void nat_wait(uint32_t seconds);

/* A packet with all checksums right, at random payload. */
struct rte_mbuf *packet(const struct spec *spec);
/* An ICMP error about this packet, which quotes `length` bytes of it. */
struct rte_mbuf *error_about(
	const struct rte_mbuf *mbuf, uint32_t source, uint8_t type, uint8_t code, uint32_t length);
/* Cuts it: `at` bytes of IP payload (a multiple of 8) in `first`, the others in the second. */
void cut(const struct rte_mbuf *mbuf, uint32_t at, struct rte_mbuf **first,
	struct rte_mbuf **second);

/* Through the NAT, by itself: NAT44_GO_ON, or the reason. */
int send_out(struct rte_mbuf *mbuf); /* by WAN */
int send_in(struct rte_mbuf *mbuf, uint16_t interface);
void send_burst(struct rte_mbuf **mbufs, unsigned int n, enum element_side side, uint16_t interface,
	int *fates);

/* Both, with a packet made of this: what it became, freed by the caller; NULL: *fate tells. */
struct rte_mbuf *out(const struct spec *spec, int *fate);
struct rte_mbuf *in(const struct spec *spec, uint16_t interface, int *fate);

struct rte_ipv4_hdr *ip_of(const struct rte_mbuf *mbuf);
uint8_t *l4_of(const struct rte_mbuf *mbuf);
struct end source_of(const struct rte_mbuf *mbuf);
struct end destination_of(const struct rte_mbuf *mbuf);
bool ends_equal(struct end a, struct end b);

/* Whether all checksums are right, by summing anew; of a first fragment only that of IP. */
bool checksums_ok(const struct rte_mbuf *mbuf);
/* The same of the packet that an ICMP error quotes in whole. */
bool quoted_checksums_ok(const struct rte_mbuf *mbuf);

/* Frees what is not NULL. */
void drop(struct rte_mbuf *mbuf);

#endif
