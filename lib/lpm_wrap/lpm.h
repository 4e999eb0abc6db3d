/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef LPM_WRAP_LPM_H
#define LPM_WRAP_LPM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A longest-prefix-match table of one family, behind one interface whatever the engine.
 *
 * A route is (prefix, depth) -> value; the value is a 32-bit index that means nothing here.
 * LPM_NO_ROUTE is reserved: a look-up that matches nothing gives it, and no route may carry it.
 *
 * Threads: create, add, delete, free, get, walk and memory belong to the control thread (one
 * writer). Look-ups may run on any thread at any time, without a lock. With the compact engine
 * every answer is that of the table before or after a change, never of something between; a
 * change that concerns many addresses need not reach all of them at the same instant. If there
 * are readers at all, params.rcu is theirs: each reports a quiescent state between its look-ups.
 * The writer never waits for them.
 *
 * IPv4 addresses are uint32_t in host byte order, IPv6 addresses 16 bytes in network order;
 * functions with lpm6_ are for tables of LPM_IPV6, their likes with lpm_ for those of LPM_IPV4,
 * and what takes no address is for both. Functions return 0 or a negative errno.
 */

#define LPM_NO_ROUTE 0u
/* Values are 1 .. LPM_VALUE_MAX: DIR-24-8 and its accounting keep two bits of 32 for themselves. */
#define LPM_VALUE_MAX 0x3fffffffu
#define LPM_IPV4_DEPTH_MAX 32
#define LPM_IPV6_DEPTH_MAX 128
/* Where create is told no limit. */
#define LPM_MAX_ROUTES_DEFAULT 65536

struct lpm;
struct rte_rcu_qsbr;

enum lpm_family {
	LPM_IPV4,
	LPM_IPV6,
};

/*
 * LPM_ENGINE_COMPACT is the project's own (trie.h); the others are DPDK's, for comparison. Their
 * memory is taken at create, for max_routes. rte_lpm carries values below 2^24, rte_lpm6 below
 * 2^21. rte_fib's groups of 256 and those of rte_lpm6 are not under RCU: while a table changes, a
 * look-up in one of those can be wrong.
 */
enum lpm_engine_type {
	LPM_ENGINE_COMPACT,
	LPM_ENGINE_FIB, /* rte_fib DIR-24-8, rte_fib6 TRIE */
	LPM_ENGINE_LPM, /* rte_lpm, rte_lpm6 */
	LPM_ENGINE_COUNT,
};

struct lpm_params {
	/*
	 * Copied; at most 20 characters are used. DPDK's engines want it unique among the tables
	 * of one engine, in both families.
	 */
	const char *name;
	/* The most routes the table may hold; 0 means LPM_MAX_ROUTES_DEFAULT. */
	uint32_t max_routes;
	/* NUMA node of the memory, or SOCKET_ID_ANY (-1). */
	int socket;
	enum lpm_family family;
	enum lpm_engine_type engine;
	/* The readers' variable, which outlives the table; NULL: nobody reads during a change. */
	struct rte_rcu_qsbr *rcu;
};

/* "compact", "fib", "lpm". */
const char *lpm_engine_name(enum lpm_engine_type engine);

/* -EINVAL: no engine has this name. */
int lpm_engine_by_name(const char *name, enum lpm_engine_type *engine);

/*
 * NULL with rte_errno set: ENOMEM no memory, EEXIST the name is taken (DPDK's engines), EINVAL a
 * parameter.
 */
struct lpm *lpm_create(const struct lpm_params *params);

/* Frees the table; no look-up may be under way. NULL is allowed. */
void lpm_free(struct lpm *lpm);

/*
 * Adds a route or replaces the value of the one with the same prefix.
 * -EINVAL: depth over 32 (128), host bits set, or a value that is LPM_NO_ROUTE or too large;
 * -ENOSPC: max_routes reached, or the engine's own limit; -ENOMEM. The table is then as it was.
 */
int lpm_add(struct lpm *lpm, uint32_t prefix, uint8_t depth, uint32_t value);
int lpm6_add(struct lpm *lpm, const uint8_t prefix[16], uint8_t depth, uint32_t value);

/*
 * -EINVAL as for add; -ENOENT: no route with exactly this prefix; -ENOMEM: even a table with
 * less in it is built aside, and there is no memory for that. The table is then as it was.
 */
int lpm_delete(struct lpm *lpm, uint32_t prefix, uint8_t depth);
int lpm6_delete(struct lpm *lpm, const uint8_t prefix[16], uint8_t depth);

/* The value of exactly this prefix, or LPM_NO_ROUTE. */
uint32_t lpm_get(const struct lpm *lpm, uint32_t prefix, uint8_t depth);
uint32_t lpm6_get(const struct lpm *lpm, const uint8_t prefix[16], uint8_t depth);

/*
 * The value of the longest route of at most max_depth that covers the address, and in *depth its
 * own depth; or LPM_NO_ROUTE.
 */
uint32_t lpm_cover(const struct lpm *lpm, uint32_t address, uint8_t max_depth, uint8_t *depth);
uint32_t lpm6_cover(
	const struct lpm *lpm, const uint8_t address[16], uint8_t max_depth, uint8_t *depth);

/* values[i] is the value of the longest prefix that covers addresses[i], or LPM_NO_ROUTE. */
void lpm_lookup_bulk(
	const struct lpm *lpm, const uint32_t *addresses, uint32_t *values, unsigned int n);
void lpm6_lookup_bulk(
	const struct lpm *lpm, const uint8_t (*addresses)[16], uint32_t *values, unsigned int n);

/* The same for one address; for the slow path. */
uint32_t lpm_lookup(const struct lpm *lpm, uint32_t address);
uint32_t lpm6_lookup(const struct lpm *lpm, const uint8_t address[16]);

/* Gives false to end the walk. */
typedef bool (*lpm_walk_fn)(uint32_t prefix, uint8_t depth, uint32_t value, void *context);
typedef bool (*lpm6_walk_fn)(
	const uint8_t prefix[16], uint8_t depth, uint32_t value, void *context);

/* Visits every route in the order of address, then depth. The table must not change meanwhile. */
void lpm_walk(const struct lpm *lpm, lpm_walk_fn fn, void *context);
void lpm6_walk(const struct lpm *lpm, lpm6_walk_fn fn, void *context);

/*
 * Visits the routes from (prefix, depth) on, whether there is such a one or not: for a walk in
 * several parts, between which the table may change.
 */
void lpm_walk_from(
	const struct lpm *lpm, uint32_t prefix, uint8_t depth, lpm_walk_fn fn, void *context);
void lpm6_walk_from(const struct lpm *lpm, const uint8_t prefix[16], uint8_t depth, lpm6_walk_fn fn,
	void *context);

/* Routes in the table. */
uint32_t lpm_count(const struct lpm *lpm);

/* Bytes held, reserved ones included. */
size_t lpm_memory(const struct lpm *lpm);

/* Of these, what look-ups read; the rest is for changes. DPDK's engines do not tell them apart. */
size_t lpm_lookup_memory(const struct lpm *lpm);

/*
 * Frees what was replaced and is no longer read. Changes do so themselves, so this is only for a
 * table that has not changed for a while.
 */
void lpm_reclaim(struct lpm *lpm);

/*
 * The compact engine has several look-up functions with the same answers, the best of which create
 * chooses. Gives the name of the chosen one, "" for DPDK's engines.
 */
const char *lpm_lookup_name(const struct lpm *lpm);

/* Chooses another, before there are readers; -EINVAL: unknown, -ENOTSUP: not on this machine. */
int lpm_lookup_choose(struct lpm *lpm, const char *name);

#endif
