/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef WORKER_TAKEOVER_H
#define WORKER_TAKEOVER_H

#include "worker/worker.h"

/*
 * What the control thread does in place of a worker that is not waited for any more
 * (watchdog_take()): the worker's code is inside of one router, whose instance is left alone, and
 * comes back to find itself parked, with nothing to run and no port to poll.
 */

/*
 * The worker is no reader any more, has no port and no mail; transmit buffers have only what is
 * from `stuck`. An instance that it was asked to let go is let go; of others the mail is gone.
 */
void takeover_worker(struct worker *worker, struct instance *stuck);

/*
 * Takes an instance out of the worker that was not waited for, with what is in its feeds. The
 * worker's `stuck` one too: its schedule and doorbells know it no more then.
 */
void takeover_instance(struct worker *worker, struct instance *instance);

/* What is in the feeds of an instance that no worker runs is dropped as stopped. */
void takeover_drop(struct instance *instance);

/*
 * Gives a port to a worker, with its counters, to be polled once it has its table and
 * worker_tell_news() was called.
 */
void takeover_port(struct worker_port *from, struct worker *to);

#endif
