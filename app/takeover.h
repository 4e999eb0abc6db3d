/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_TAKEOVER_H
#define APP_TAKEOVER_H

#include "vrouter.h"

/*
 * How the routers and ports of a worker go over to other workers while it is inside of one router
 * and not waited for (worker/takeover.h). In steps, none of which waits: feeds, ports and routers
 * are assigned anew; tables are made and swapped; the workers are asked to take them up; and after
 * a grace period all are rung, for the sake of who was rung where they had been.
 *
 * What is in FIFOs goes along, and is run before what comes later. Frames that the worker had ready
 * for ports are sent, but for those of the router that it is inside of. Control thread.
 */

/* Whether some worker other than this one could take over; NULL: at all. */
bool takeover_possible(const struct vrouter *vrouter, const struct worker *but);

/* After watchdog_take(). `stuck` is in one of the lists. */
void takeover_begin(struct vrouter *vrouter, struct worker *worker, struct router *stuck);

/* The worker has parked: its stuck router is to be run again, faulted, by it alone. */
void takeover_end(struct vrouter *vrouter, struct worker *worker, struct router *stuck);

/* What is left to do, as far as it can be done now. */
void takeover_step(struct vrouter *vrouter);

#endif
