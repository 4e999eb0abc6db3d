/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef FAIRNESS_ACCOUNT_H
#define FAIRNESS_ACCOUNT_H

#include <jansson.h>

#include "flow.h"
#include "generator.h"
#include "preemption.h"
#include "sample.h"
#include "sink.h"
#include "stage.h"

/* What a phase has come to, as members of its JSON object. Times are ns or what the name says. */

/* The program's counters as they are now. NULL when there is no memory. */
struct account;
struct account *account_open(const struct stage *stage);
void account_close(struct account *account);

/* "routers" and "port_drops": what the counters have moved by since. */
void account_routers(const struct account *account, const struct stage *stage, json_t *result);

/* "flows", in the order of the case. */
void account_flows(json_t *result, const struct flow *flows, uint32_t n);

/* "sink": frames of no flow; "starved": frames that there was no buffer for. */
void account_course(json_t *result, const struct generator *generator, const struct sink *sink);

/* "loop": of generator and sink; times are cycles as given. */
void account_loop(json_t *result, uint64_t loops, uint64_t longest, uint64_t long_loops,
	uint64_t longest_poll);

/* "round_trip_cycles": before and after; 0 where there was no answer. */
void account_round_trips(json_t *result, const uint64_t cycles[2]);

/* "preemption": of the generator's thread, then the worker's. */
void account_preemption(
	json_t *result, const struct preemption before[2], const struct preemption after[2]);

/* "worker", "shares", "windows", from what was read on the worker's lcore. Cycles. */
void account_sample(json_t *result, const struct sample *sample, const struct worker *worker);

/* "receive": cycles a frame of a bare port. */
void account_receive(json_t *result, const struct sample_lcore *lcore);

#endif
