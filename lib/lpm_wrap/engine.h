/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef LPM_WRAP_ENGINE_H
#define LPM_WRAP_ENGINE_H

#include <assert.h>

#include <rte_common.h>

#include "lpm_wrap/key.h"
#include "lpm_wrap/lpm.h"
#include "lpm_wrap/store.h"

/* Longer names would not fit the prefixes that rte_fib, rte_rib and rte_mempool put before them. */
#define LPM_NAME_MAX 20

/*
 * An engine answers look-ups; which routes there are is kept by the store in front of it. A room
 * behind lpm.h: only lpm.c and the engines' own files include this.
 */
struct lpm_engine {
	const char *name;
	/*
	 * Sets the look-up of lpm's family. 0 or a negative errno; lpm has its parameters, an
	 * empty store and state_size bytes of zeroes at state.
	 */
	int (*create)(struct lpm *lpm, const struct lpm_params *params);
	/* After a create that failed, too. */
	void (*free)(struct lpm *lpm);
	/*
	 * Makes the engine follow the store, in which the route of this prefix has just been set
	 * or removed. After a failure the caller undoes that and, if must_resync, calls once
	 * more.
	 */
	int (*update)(struct lpm *lpm, struct key key, unsigned int depth);
	bool must_resync;
	/* The largest value, for each family. */
	uint32_t value_max[2];
	/* Bytes of what look-ups read, and of what only the writer needs, without state itself. */
	size_t (*memory)(const struct lpm *lpm, size_t *writer);
	void (*reclaim)(struct lpm *lpm);
	size_t state_size;
};

typedef void (*lpm_lookup_ipv4_fn)(
	const void *state, const uint32_t *addresses, uint32_t *values, unsigned int n);
typedef void (*lpm_lookup_ipv6_fn)(
	const void *state, const uint8_t (*addresses)[16], uint32_t *values, unsigned int n);

struct lpm {
	/* What a look-up reads. */
	void *state; /* the engine's */
	union {
		lpm_lookup_ipv4_fn lookup_ipv4;
		lpm_lookup_ipv6_fn lookup_ipv6;
	};
	const struct lpm_engine *engine;
	/* What a change writes. */
	struct store store __rte_cache_aligned;
	struct rte_rcu_qsbr *rcu;
	enum lpm_family family;
	uint32_t max_routes;
	int socket;
	char name[LPM_NAME_MAX + 1];
};

static_assert(offsetof(struct lpm, store) == RTE_CACHE_LINE_SIZE, "changes disturb no reader");

extern const struct lpm_engine lpm_engine_compact;
extern const struct lpm_engine lpm_engine_fib;
extern const struct lpm_engine lpm_engine_lpm;

/* Bytes allocated from DPDK's heaps: what an engine of DPDK takes is the difference. */
size_t lpm_heap_used(void);

#endif
