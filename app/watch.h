/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_WATCH_H
#define APP_WATCH_H

#include <stdint.h>
#include <stdio.h>

#include "vrouter.h"

/*
 * The live table: for each router its share of the CPU against its entitlement, packets a second,
 * cycles a packet and drops by reason, since the previous print. Thread: with vrouter.lock held.
 */

struct watch;

struct watch *watch_create(void);
void watch_free(struct watch *watch);

/* Prints what happened since the previous call, or since the start in the first. `now` in ns. */
void watch_print(struct watch *watch, const struct vrouter *vrouter, uint64_t now, FILE *out);

/* The same over all the time since the start or the latest `clear stats`. */
void watch_print_total(const struct vrouter *vrouter, FILE *out);

#endif
