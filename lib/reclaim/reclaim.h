/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef RECLAIM_RECLAIM_H
#define RECLAIM_RECLAIM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct rte_rcu_qsbr;

/*
 * Memory that workers may still be reading is retired here and freed once each of them has passed
 * a quiescent state (rte_rcu_qsbr). The node is part of the retired object, so retiring needs no
 * memory and cannot fail. Nothing here waits. Thread: control thread only.
 */

struct reclaim_node {
	STAILQ_ENTRY(reclaim_node) link;
	uint64_t token;
	void (*free)(struct reclaim_node *node);
};

struct reclaim;

/* For up to `max_threads` readers, numbered from 0. NULL when there is no memory. */
struct reclaim *reclaim_create(uint32_t max_threads);

/* Frees all that was retired; no reader may be left. NULL is allowed. */
void reclaim_destroy(struct reclaim *reclaim);

/* What the readers register with and report to. */
struct rte_rcu_qsbr *reclaim_qsbr(struct reclaim *reclaim);

/*
 * Calls free(node) once every reader that might know the object is done. It must be out of reach
 * of new readers already.
 */
void reclaim_retire(struct reclaim *reclaim, struct reclaim_node *node,
	void (*free)(struct reclaim_node *node));

/*
 * A reader is about to be taken for gone though it may come back: all that was retired until now is
 * kept until reclaim_release(), which is to be called once no such reader is left.
 */
void reclaim_hold(struct reclaim *reclaim);
void reclaim_release(struct reclaim *reclaim);

/* A moment, and whether since then every reader has been done with what it read then. */
uint64_t reclaim_start(struct reclaim *reclaim);
bool reclaim_has_passed(struct reclaim *reclaim, uint64_t token);

/* Frees what can be freed now, of what is not held; gives how many are left. */
unsigned int reclaim_poll(struct reclaim *reclaim);

#endif
