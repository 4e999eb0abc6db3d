/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef TESTS_NEIGHBOUR_FIXTURE_H
#define TESTS_NEIGHBOUR_FIXTURE_H

#include <CUnit/Basic.h>
#include <rte_mempool.h>

#include "reclaim/reclaim.h"
#include "vrf/instance.h"
#include "vrf/neighbour.h"

/*
 * One router without a worker, on a clock of the test's. What the worker would punt is put into the
 * ring; what it is told to send or drop is read from the other.
 */

#define SECOND UINT64_C(1000000000)
#define TIMEOUT 20 /* seconds */
#define IP(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
#define HOST(i) (IP(10, 0, 1, 0) + (i))
#define MAX_NEIGHBOURS 1000

extern struct rte_mempool *pool;
extern struct reclaim *readers; /* with one reader, on this thread */
extern struct vr *vr;
extern uint64_t now;
extern char error[VR_ERROR_SIZE];

/* What the router told its worker since. */
extern struct told {
	unsigned int resumed;
	unsigned int dropped;
	unsigned int asked_all;
	unsigned int asked_one;
} told;

/* Of the suite. The second asserts that all memory and all buffers are back. */
void set_up(void);
void tear_down(void);

/* One interface "lan", 10.0.0.1/16 and 2001:db8::1/64, whose start is over. */
void open_router(uint32_t max_neighbours, uint32_t max_routes);

/* The only reader is done with all it has seen. */
void pass_quiescent(void);

/*
 * A packet waits for the address; ARP or ND tells of it; a packet went by its STALE next hop. Seen
 * at the next poll.
 */
void resolve(uint32_t address);
void resolve_ip(struct ip_address address);
void hear(uint32_t address, unsigned int mac, enum vr_punt_code code);
void hear_ip(struct ip_address address, unsigned int mac, enum vr_punt_code code, uint8_t flags);
void use(uint32_t next_hop);

/* It asks, and then answers: REACHABLE at the next poll. */
void learn(uint32_t address, unsigned int mac);

/* Polls and adds to `told`; vr_poll() alone leaves it in the ring. */
void poll_router(void);
void read_told(void);

struct rte_ether_addr mac_of(unsigned int number);
int add_static(uint32_t address, unsigned int mac);
int add_static_ip(struct ip_address address, unsigned int mac);
int add_route(uint32_t prefix, uint8_t depth, enum vr_route_type type, uint32_t via);
int add_route_ip(struct ip_prefix prefix, enum vr_route_type type, struct ip_address via);
int delete_route(uint32_t prefix, uint8_t depth);
int delete_neighbour(uint32_t address);
int delete_neighbour_ip(struct ip_address address);

struct neighbour *find(uint32_t address);
struct neighbour *find_ip(struct ip_address address);
uint32_t lookup(uint32_t address);
bool is_of(uint32_t index, uint32_t address);

/* 2001:db8::1:0 and so on. */
struct ip_address host6(unsigned int i);

extern CU_TestInfo neighbour_model_tests[];

#endif
