/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef FAIRNESS_STAGE_H
#define FAIRNESS_STAGE_H

#include <stdint.h>

#include <jansson.h>
#include <rte_mempool.h>
#include <rte_ring.h>

#include "vrouter.h"

/*
 * The whole program but for main(), from a config, on ports of rings: what the generator puts into
 * `rx` is received, what is sent comes out of `tx`. One worker, on an lcore of its own (sample.h
 * has its loop); the control thread's work is done by whoever calls stage_poll().
 *
 * A port's "device" is "net_ring_" and a name.
 */
struct stage {
	struct vrouter *vrouter;
	struct rte_mempool *frames; /* the generator's */
	struct rte_ring *rx[RTE_MAX_ETHPORTS], *tx[RTE_MAX_ETHPORTS];
	unsigned int n_ports;
	uint64_t offset; /* ns, of the control thread's clock */
	uint64_t next_poll;
	uint64_t longest_poll; /* cycles */
};

/*
 * `json` has the config, "ring" (frames that a port has room for before they are received, a power
 * of two) and "frame_room" (bytes of the longest frame). Nothing polls yet. 0, or -1 with the
 * reason on stderr.
 */
int stage_open(struct stage *stage, const json_t *json, unsigned int worker_lcore);

/* The worker runs: lets the control thread's time go on until all addresses are announced. */
void stage_settle(struct stage *stage);

/* The work of the control thread, if a millisecond has passed. */
void stage_poll(struct stage *stage);

/* Frees what lies in the ports. Gives how many frames that was. */
unsigned int stage_drain(struct stage *stage);

/* Nothing is on its way, but what waits for an answer. The worker runs. */
bool stage_quiet(const struct stage *stage);

/* The port with this name in the config, or -1. */
int stage_port(const struct stage *stage, const char *name);

/* Stops the worker and frees all. 0, or -1 when buffers are missing. */
int stage_close(struct stage *stage);

#endif
