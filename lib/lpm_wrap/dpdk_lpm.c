/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * rte_lpm and rte_lpm6 as an engine. Neither knows a default route: it is kept beside them.
 */

#define ALLOW_EXPERIMENTAL_API

#include <errno.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_lpm.h>
#include <rte_lpm6.h>

#include "lpm_wrap/dpdk_ipv6.h"
#include "lpm_wrap/engine.h"

#define CHUNK 64
#define IPV4_HOP_MAX ((1u << 24) - 1)
#define IPV6_HOP_MAX ((1u << 21) - 1)

struct dpdk_lpm {
	struct rte_lpm *ipv4;
	struct rte_lpm6 *ipv6;
	uint32_t default_value;
	size_t memory;
};

static uint32_t
group_count(const struct lpm *lpm)
{
	uint64_t routes = lpm->max_routes;

	if (lpm->family == LPM_IPV4)
		return RTE_MIN(routes, 1024 + routes / 8) + 1;
	/* Each 8 bits of a path of rte_lpm6 take a group; a next hop's field bounds their number.
	 */
	routes = RTE_MIN(routes * 13, 16384 + 2 * routes) + 1;
	return RTE_MIN(routes, (uint64_t)IPV6_HOP_MAX);
}

static void
lookup_ipv4(const void *state, const uint32_t *addresses, uint32_t *values, unsigned int n)
{
	const struct dpdk_lpm *tables = state;
	uint32_t missing = __atomic_load_n(&tables->default_value, __ATOMIC_RELAXED);

	while (n > 0) {
		unsigned int chunk = RTE_MIN(n, (unsigned int)CHUNK);

		rte_lpm_lookup_bulk(tables->ipv4, addresses, values, chunk);
		for (unsigned int i = 0; i < chunk; i++)
			values[i] = values[i] & RTE_LPM_LOOKUP_SUCCESS ? values[i] & IPV4_HOP_MAX
			                                               : missing;
		addresses += chunk;
		values += chunk;
		n -= chunk;
	}
}

static void
lookup_ipv6(const void *state, const uint8_t (*addresses)[16], uint32_t *values, unsigned int n)
{
	const struct dpdk_lpm *tables = state;
	uint32_t missing = __atomic_load_n(&tables->default_value, __ATOMIC_RELAXED);

	rte_lpm6_lookup_bulk_func(tables->ipv6, dpdk_ipv6_bulk(addresses), (int32_t *)values, n);
	for (unsigned int i = 0; i < n; i++)
		values[i] = (int32_t)values[i] < 0 ? missing : values[i];
}

static int
create_ipv4(struct dpdk_lpm *tables, struct lpm *lpm)
{
	struct rte_lpm_config config = {
		.max_rules = lpm->max_routes,
		.number_tbl8s = group_count(lpm),
	};
	struct rte_lpm_rcu_config rcu = { .v = lpm->rcu, .mode = RTE_LPM_QSBR_MODE_DQ };

	lpm->lookup_ipv4 = lookup_ipv4;
	tables->ipv4 = rte_lpm_create(lpm->name, lpm->socket, &config);
	if (tables->ipv4 == NULL)
		return -rte_errno;
	if (lpm->rcu != NULL && rte_lpm_rcu_qsbr_add(tables->ipv4, &rcu) != 0)
		return -rte_errno;
	return 0;
}

static int
create_ipv6(struct dpdk_lpm *tables, struct lpm *lpm)
{
	struct rte_lpm6_config config = {
		.max_rules = lpm->max_routes,
		.number_tbl8s = group_count(lpm),
	};

	lpm->lookup_ipv6 = lookup_ipv6;
	tables->ipv6 = rte_lpm6_create(lpm->name, lpm->socket, &config);
	return tables->ipv6 == NULL ? -rte_errno : 0;
}

static int
create(struct lpm *lpm, const struct lpm_params *params)
{
	struct dpdk_lpm *tables = lpm->state;
	size_t before = lpm_heap_used();
	int ret = params->family == LPM_IPV4 ? create_ipv4(tables, lpm) : create_ipv6(tables, lpm);

	tables->memory = lpm_heap_used() - before;
	return ret;
}

static void
free_state(struct lpm *lpm)
{
	struct dpdk_lpm *tables = lpm->state;

	rte_lpm_free(tables->ipv4);
	rte_lpm6_free(tables->ipv6);
}

static int
update(struct lpm *lpm, struct key key, unsigned int depth)
{
	struct dpdk_lpm *tables = lpm->state;
	uint32_t value = store_get(&lpm->store, key, depth);
	uint8_t prefix[16];

	if (depth == 0) {
		__atomic_store_n(&tables->default_value, value, __ATOMIC_RELAXED);
		return 0;
	}
	if (lpm->family == LPM_IPV4) {
		if (value == LPM_NO_ROUTE)
			return rte_lpm_delete(tables->ipv4, key_to_ipv4(key), depth);
		return rte_lpm_add(tables->ipv4, key_to_ipv4(key), depth, value);
	}
	key_to_ipv6(key, prefix);
	if (value == LPM_NO_ROUTE)
		return rte_lpm6_delete(tables->ipv6, dpdk_ipv6(prefix), depth);
	return rte_lpm6_add(tables->ipv6, dpdk_ipv6(prefix), depth, value);
}

static size_t
memory(const struct lpm *lpm, size_t *writer)
{
	const struct dpdk_lpm *tables = lpm->state;

	*writer = 0;
	return tables->memory;
}

const struct lpm_engine lpm_engine_lpm = {
	.name = "lpm",
	.create = create,
	.free = free_state,
	.update = update,
	.must_resync = true,
	.value_max = { IPV4_HOP_MAX, IPV6_HOP_MAX },
	.memory = memory,
	.state_size = sizeof(struct dpdk_lpm),
};
