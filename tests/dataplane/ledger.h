/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef DATAPLANE_LEDGER_H
#define DATAPLANE_LEDGER_H

#include <stdint.h>

#include "vrouter.h"

/*
 * The lab's own count of what was sent, per (port, VLANs, source MAC), and what must be true of the
 * program's counters once it has stopped. For lab.c and wire.c.
 */

void ledger_clear(void);

/* The same when all counters were set to zero, nothing being on its way but what waits. */
void ledger_restart(const struct vrouter *vrouter);

/* A frame was seen on a port. */
void ledger_sent(unsigned int port, const uint8_t *frame, uint32_t length);

/* The router's counters are final and it is about to be freed. */
void ledger_router_leaves(const struct router *router);

/* After vrouter_stop(), once all that was sent has been seen. */
void ledger_check(struct vrouter *vrouter);

#endif
