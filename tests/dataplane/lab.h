/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef DATAPLANE_LAB_H
#define DATAPLANE_LAB_H

#include <stdbool.h>
#include <stdint.h>

#include <CUnit/CUnit.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "frame.h"
#include "stats.h"
#include "vrf/neighbour.h"
#include "vrouter.h"

/*
 * The whole program in one thread, but for main(): the config is loaded from text, ports are rings
 * that the test fills and reads, workers take turns in lab_pump(), and the clock of the control
 * thread is a number. (Cycles and the rate limits go by the real TSC; no test depends on either.)
 *
 * A port is of the lab if its "device" is "net_ring_" and any name. Ports are counted in the order
 * of the config.
 */

#define LAB_PORTS_MAX 4
#define LAB_WORKERS_MAX 3
#define LAB_TX_ROOM 4096 /* frames that a port takes before it is read */
#define LAB_SECOND UINT64_C(1000000000)

struct lab {
	struct vrouter *vrouter;
	uint64_t now; /* ns, what vrouter_poll() is told */
	/* For the next lab_open() only. */
	unsigned int tx_room; /* instead of LAB_TX_ROOM; a power of two */
	bool one_tx_queue;    /* for all workers */
	bool starting;        /* not yet settled: see lab_settle() */
	/* Frames stay in the ports, which fill. */
	bool hold;
	/* Frames that came in several segments may leave so. */
	bool chains;
	/* Frames may leave as somebody else had made them: only their sum is known. */
	bool mirrors;
	/* Copies may fail, for want of buffers. */
	bool starves;
};

extern struct lab lab;

/*
 * Starts it with workers 0 .. n - 1. `json` is a format as of printf(); in what it gives, a single
 * quote stands for a double one. On an error in the config the test ends.
 */
void lab_open(unsigned int n_workers, const char *json, ...) __attribute__((format(printf, 2, 3)));

/*
 * Lets the clock go on until every router has probed for its addresses and announced them, and
 * forgets those frames. lab_open() does it, unless told that the test looks at the start.
 */
void lab_settle(void);

/* The next event that was logged; NULL when there is no more. */
const char *lab_event(void);

/*
 * Stops it, if it runs, and asserts what must hold whatever was done: each router's counters add up
 * and nothing waits; ports have as many frames as routers and drops; each worker's cycles add up
 * and are what routers were charged; frames and bytes sent are those seen; every mbuf came back.
 * After each test, by itself.
 */
void lab_close(void);

/*
 * Accounts between two moments at which there is no router: the second asserts what lab_close()
 * does, for all that came and went since the first.
 */
void lab_start_accounts(void);
void lab_check_accounts(void);

/* As `clear stats` does, in the lab's own accounts too. Nothing may move. */
void lab_clear_stats(void);

/* Lets all run until nothing moves. */
void lab_pump(void);

/* One pass of one worker. The time that the test itself took is not on the worker's account. */
void lab_pass(unsigned int worker);

/* One visit of the control thread. */
void lab_poll(void);

/* Moves the clock, then pumps. */
void lab_advance(uint64_t ns);

/* A frame that arrives; seen at the next pump. */
void lab_inject(unsigned int port, const struct frame *frame);

/* The same, with so many bytes of room before it in its buffer. */
void lab_inject_headroom(unsigned int port, const struct frame *frame, uint16_t headroom);

/* The same with a buffer of the caller's, which is taken over; false when the port is full. */
bool lab_inject_mbuf(unsigned int port, struct rte_mbuf *mbuf);

/* The next frame that was sent; false when there is no more. */
bool lab_take(unsigned int port, struct frame *frame);

/* Frames sent and not yet taken. */
unsigned int lab_waiting(unsigned int port);

/* Takes and forgets all. */
void lab_discard(void);

/* Asserts that the next frame sent is this one. */
#define lab_expect(port, frame) lab_expect_at(port, frame, __FILE__, __LINE__)
bool lab_expect_at(
	unsigned int port, const struct frame *frame, const char *file, unsigned int line);

/* Asserts that the next frame is this ICMP error about `about`, its identification aside. */
#define lab_expect_error(port, error, about) \
	lab_expect_error_at(port, error, about, __FILE__, __LINE__)
bool lab_expect_error_at(unsigned int port, const struct icmp_error *error,
	const struct frame *about, const char *file, unsigned int line);

/* The same of ICMPv6. */
#define lab_expect_error6(port, error, about) \
	lab_expect_error6_at(port, error, about, __FILE__, __LINE__)
bool lab_expect_error6_at(unsigned int port, const struct icmp6_error *error,
	const struct frame *about, const char *file, unsigned int line);

/* Asserts that no frame is left on any port. */
#define lab_expect_nothing() lab_expect_nothing_at(__FILE__, __LINE__)
bool lab_expect_nothing_at(const char *file, unsigned int line);

/* An assertion that tells where the caller's caller is. */
bool lab_assert_at(bool holds, const char *what, const char *file, unsigned int line);

struct router *lab_router(const char *name);
struct router_stats lab_stats(const char *name);
uint64_t lab_dropped(const char *router, enum vr_drop reason);
uint64_t lab_port_dropped(unsigned int port, enum classify_drop reason);
struct neighbour *lab_neighbour(const char *router, uint32_t address);
/* `interface` matters to a link-local address only. */
struct neighbour *lab_neighbour6(const char *router, const char *interface, struct ip6 address);

/* Changes of what runs; each gives 0 or a negative errno and does not pump. */
int lab_add_route(const char *router, uint32_t prefix, uint8_t depth, uint32_t via);
int lab_add_route_type(const char *router, uint32_t prefix, uint8_t depth, enum vr_route_type type);
int lab_delete_prefix(const char *router, const struct ip_prefix *prefix);
int lab_delete_route(const char *router, uint32_t prefix, uint8_t depth);
int lab_add_neighbour(const char *router, const char *interface, uint32_t address, uint64_t mac);
int lab_delete_neighbour(const char *router, uint32_t address);
int lab_add_router(const char *json, ...) __attribute__((format(printf, 1, 2)));
int lab_delete_router(const char *name);
int lab_set_pipeline(const char *router, const char *json, ...)
	__attribute__((format(printf, 2, 3)));
int lab_add_link(const char *a, const char *b);
int lab_delete_link(const char *end);
int lab_set_interface(const char *router, const char *interface, bool up);

/* Whether workers stand still while a change waits for them. */
void lab_freeze(bool frozen);

/* What the latest change that failed told. */
const char *lab_error(void);

struct rte_ether_addr lab_mac(uint64_t mac);

#endif
