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
 * writer). Look-ups may run on any thread at any time, without a lock.
 *
 * IPv4 addresses are uint32_t in host byte order. Functions return 0 or a negative errno.
 */

#define LPM_NO_ROUTE 0u
/* Values are 1 .. LPM_VALUE_MAX: DIR-24-8 and its accounting keep two bits of 32 for themselves. */
#define LPM_VALUE_MAX 0x3fffffffu
#define LPM_IPV4_DEPTH_MAX 32
/* Where create is told no limit. */
#define LPM_MAX_ROUTES_DEFAULT 65536

struct lpm;

struct lpm_params {
	/* Unique among the tables of one engine; copied. At most 20 characters are used. */
	const char *name;
	/* The most routes the table may hold; 0 means LPM_MAX_ROUTES_DEFAULT. */
	uint32_t max_routes;
	/* NUMA node of the memory, or SOCKET_ID_ANY (-1). */
	int socket;
};

/* NULL with rte_errno set: ENOMEM no memory, EEXIST the name is taken, EINVAL a parameter. */
struct lpm *lpm_create(const struct lpm_params *params);

/* Frees the table; no look-up may be under way. NULL is allowed. */
void lpm_free(struct lpm *lpm);

/*
 * Adds a route or replaces the value of the one with the same prefix.
 * -EINVAL: depth over 32, host bits set, or a value that is LPM_NO_ROUTE or too large;
 * -ENOSPC: max_routes reached, or the engine's own limit; -ENOMEM. The table is then as it was.
 */
int lpm_add(struct lpm *lpm, uint32_t prefix, uint8_t depth, uint32_t value);

/* -EINVAL as for add; -ENOENT: no route with exactly this prefix. */
int lpm_delete(struct lpm *lpm, uint32_t prefix, uint8_t depth);

/* The value of exactly this prefix, or LPM_NO_ROUTE. */
uint32_t lpm_get(const struct lpm *lpm, uint32_t prefix, uint8_t depth);

/* values[i] is the value of the longest prefix that covers addresses[i], or LPM_NO_ROUTE. */
void lpm_lookup_bulk(const struct lpm *lpm, const uint32_t *addresses, uint32_t *values,
	unsigned int n);

/* The same for one address; for the slow path. */
uint32_t lpm_lookup(const struct lpm *lpm, uint32_t address);

/* Gives false to end the walk. */
typedef bool (*lpm_walk_fn)(uint32_t prefix, uint8_t depth, uint32_t value, void *context);

/* Visits every route in the order of address, then depth. The table must not change meanwhile. */
void lpm_walk(const struct lpm *lpm, lpm_walk_fn fn, void *context);

/* Routes in the table. */
uint32_t lpm_count(const struct lpm *lpm);

/* Bytes held, reserved ones included. */
size_t lpm_memory(const struct lpm *lpm);

#endif
