/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef WORKER_RECEIVE_H
#define WORKER_RECEIVE_H

#include "worker/worker.h"

/*
 * Where a worker's frames come from. A port that only one router has interfaces on, and whose
 * worker runs that router, is the router's own: it is polled in the router's turn, who pays for
 * all of it, and not at all while the router is out of share, so that its queue overflows without
 * costing a cycle. While the router sleeps the port is visited, at falling rates. Other ports are
 * shared: what comes in is sorted into the FIFOs of routers, each of which is billed for its part.
 *
 * Worker.
 */

/* The one feed of a port that is a router's own by its table, NULL if it is shared. Any thread. */
struct feed *receive_own_feed(const struct classify_table *table);

/* Whether ports are to be asked before the next turn. */
bool receive_due(const struct worker *worker);

/* Asks the shared ports, and those of routers that sleep; wakes who got frames. */
void receive(struct worker *worker);

/*
 * In the instance's turn: fills up its feeds from its own ports, to some `n` frames. Gives whether
 * those ports may have more.
 */
bool receive_own(struct worker *worker, struct instance *instance, uint32_t n);

#endif
