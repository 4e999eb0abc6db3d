/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdlib.h>

#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

#include "reclaim/reclaim.h"

struct reclaim {
	struct rte_rcu_qsbr *qsbr;
	STAILQ_HEAD(reclaim_list, reclaim_node) retired; /* oldest first, so tokens never fall */
	struct reclaim_list held;                        /* all older than those */
	unsigned int n_retired;
	unsigned int n_held;
};

struct reclaim *
reclaim_create(uint32_t max_threads)
{
	struct reclaim *reclaim = calloc(1, sizeof(*reclaim));

	if (reclaim == NULL)
		return NULL;
	STAILQ_INIT(&reclaim->retired);
	STAILQ_INIT(&reclaim->held);
	reclaim->qsbr = rte_zmalloc(
		"reclaim_qsbr", rte_rcu_qsbr_get_memsize(max_threads), RTE_CACHE_LINE_SIZE);
	if (reclaim->qsbr == NULL || rte_rcu_qsbr_init(reclaim->qsbr, max_threads) != 0) {
		rte_free(reclaim->qsbr);
		free(reclaim);
		return NULL;
	}
	return reclaim;
}

static void
free_oldest(struct reclaim *reclaim)
{
	struct reclaim_node *node = STAILQ_FIRST(&reclaim->retired);

	STAILQ_REMOVE_HEAD(&reclaim->retired, link);
	reclaim->n_retired--;
	node->free(node);
}

void
reclaim_destroy(struct reclaim *reclaim)
{
	if (reclaim == NULL)
		return;
	reclaim_release(reclaim);
	while (!STAILQ_EMPTY(&reclaim->retired))
		free_oldest(reclaim);
	rte_free(reclaim->qsbr);
	free(reclaim);
}

struct rte_rcu_qsbr *
reclaim_qsbr(struct reclaim *reclaim)
{
	return reclaim->qsbr;
}

void
reclaim_retire(struct reclaim *reclaim, struct reclaim_node *node,
	void (*free_node)(struct reclaim_node *node))
{
	node->free = free_node;
	node->token = rte_rcu_qsbr_start(reclaim->qsbr);
	STAILQ_INSERT_TAIL(&reclaim->retired, node, link);
	reclaim->n_retired++;
}

uint64_t
reclaim_start(struct reclaim *reclaim)
{
	return rte_rcu_qsbr_start(reclaim->qsbr);
}

bool
reclaim_has_passed(struct reclaim *reclaim, uint64_t token)
{
	return rte_rcu_qsbr_check(reclaim->qsbr, token, false) == 1;
}

void
reclaim_hold(struct reclaim *reclaim)
{
	STAILQ_CONCAT(&reclaim->held, &reclaim->retired);
	reclaim->n_held += reclaim->n_retired;
	reclaim->n_retired = 0;
}

void
reclaim_release(struct reclaim *reclaim)
{
	STAILQ_CONCAT(&reclaim->held, &reclaim->retired);
	STAILQ_CONCAT(&reclaim->retired, &reclaim->held);
	reclaim->n_retired += reclaim->n_held;
	reclaim->n_held = 0;
}

unsigned int
reclaim_poll(struct reclaim *reclaim)
{
	struct reclaim_node *node;

	while ((node = STAILQ_FIRST(&reclaim->retired)) != NULL) {
		if (rte_rcu_qsbr_check(reclaim->qsbr, node->token, false) != 1)
			break;
		free_oldest(reclaim);
	}
	return reclaim->n_retired;
}
