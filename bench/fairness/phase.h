/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef FAIRNESS_PHASE_H
#define FAIRNESS_PHASE_H

#include <jansson.h>

#include "generator.h"
#include "preemption.h"
#include "sample.h"
#include "sink.h"
#include "stage.h"

/*
 * A stretch of traffic on a stage: warm-up, a time that counts, and a time to let what is queued
 * run out. What comes of it is one JSON object; all that a person should judge is left to who
 * asked.
 */

#define PHASE_NAME_SIZE 96

/* What the lcores do, beside the flows. */
struct phase {
	char name[PHASE_NAME_SIZE];
	enum sample_work work;
	uint64_t warmup, measure, window; /* cycles; window 0: none but the whole */
	uint64_t slip, stall;
	struct flow *flows;
	uint32_t n_flows;
};

/* Reads one. 0, or -1 with the reason on stderr. */
int phase_parse(struct phase *phase, const json_t *json, const struct stage *stage);
void phase_clear(struct phase *phase);

/* Runs it and gives its result; NULL when there is no memory. */
json_t *phase_run(struct phase *phase, struct stage *stage, struct sample_lcore *lcore);

#endif
