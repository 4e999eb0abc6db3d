/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "config/config.h"

/*
 * A scenario as its file has it; docs/simulator.md tells what the keys mean. Plain data, which
 * scenario_load() has checked and others only read. Doubles that are left out are not numbers
 * (real.h).
 */

#define SCENARIO_WORKERS_MAX 128
#define SCENARIO_ROUTERS_MAX 4096 /* of a run */
#define SCENARIO_WINDOWS_MAX 4
#define SCENARIO_WORKER_ANY (-1)
#define SCENARIO_MS_MAX 600000
#define SCENARIO_FIFO_MAX 65536

enum scenario_process {
	SCENARIO_CONSTANT,
	SCENARIO_POISSON,
	SCENARIO_ALWAYS, /* there is always a packet more */
};

enum scenario_phase {
	SCENARIO_PHASE_RANDOM,
	SCENARIO_PHASE_FIXED,
};

enum scenario_feed {
	SCENARIO_OWN,    /* a NIC queue of its own: what does not fit costs nobody anything */
	SCENARIO_SHARED, /* one NIC queue for all such of a worker, which sorts its packets */
};

enum scenario_charging {
	SCENARIO_DOMINANT,
	SCENARIO_CYCLES,
};

struct scenario_step {
	uint32_t at_ms;
	uint32_t pps;
	unsigned int line;
};

struct scenario_arrivals {
	uint8_t process; /* enum scenario_process */
	uint8_t phase;   /* enum scenario_phase */
	uint32_t pps;    /* of on/off bursts: while on */
	uint32_t on_us;  /* 0: always on */
	uint32_t off_us;
	struct scenario_step *steps; /* instead of pps, by time */
	unsigned int n_steps;
	unsigned int line;
};

/* What a packet costs its router. */
struct scenario_packet {
	uint32_t cycles;
	uint32_t misses;
	double probability; /* in `mixed` */
	uint32_t packets;   /* in `pattern`: how many in a row */
	unsigned int line;
};

struct scenario_packets {
	uint32_t cycles; /* of each, unless there is a list */
	uint32_t misses;
	struct scenario_packet *mixed;
	unsigned int n_mixed;
	struct scenario_packet *pattern;
	unsigned int n_pattern;
	unsigned int line;
};

struct scenario_router {
	char name[CONFIG_NAME_MAX + 1];
	uint32_t count; /* so many of them */
	uint32_t weight;
	uint32_t *weights; /* instead: of each in turn, from the first again */
	unsigned int n_weights;
	struct config_server *reserve; /* NULL: none */
	struct config_server *limit;   /* NULL: none */
	struct scenario_arrivals *arrivals;
	struct scenario_packets *packets;
	uint8_t feed;  /* enum scenario_feed */
	uint32_t fifo; /* packets */
	int worker;    /* or SCENARIO_WORKER_ANY */
	unsigned int line;
};

struct scenario_memory {
	uint64_t misses_per_second; /* that a worker may have */
	uint8_t charging;           /* enum scenario_charging */
	unsigned int line;
};

/* What is to come out for a router, or for each of a group. */
struct scenario_wanted {
	char router[CONFIG_NAME_MAX + 1];
	uint32_t from_ms, to_ms; /* for loss and share; to_ms 0: the end */
	double loss_percent_max;
	double loss_percent_min;
	double error_percent_max;
	double share_percent_min; /* of the worker's time, or of its scarcest */
	double share_percent_max;
	double dominant_percent_min;
	double dominant_percent_max;
	double p999_us_max;
	char alone[CONFIG_NAME_MAX + 1]; /* a run to compare delays with */
	double quanta_max;               /* p99.9 beyond that of the run `alone` */
	unsigned int line;
};

struct scenario_expect {
	double error_percent_max; /* of any router */
	double jain_min;
	double pairwise_max; /* worst difference / bound, in any window */
	double busy_percent_min;
	struct scenario_wanted *routers;
	unsigned int n_routers;
	unsigned int line;
};

struct scenario_run {
	char name[CONFIG_NAME_MAX + 1];
	struct config_cost *cost;        /* NULL: the scenario's */
	struct scenario_memory *memory;  /* NULL: the scenario's */
	struct scenario_router *routers; /* beside the scenario's */
	unsigned int n_routers;
	struct scenario_expect *expect; /* beside the scenario's */
	unsigned int line;
};

/* What comes out over all runs. */
struct scenario_linear {
	char router[CONFIG_NAME_MAX + 1];
	double percent_max; /* throughput off the straight line through 0 by its reserve */
	unsigned int line;
};

enum scenario_drawing {
	SCENARIO_DRAW_SHARE,
	SCENARIO_DRAW_THROUGHPUT,
	SCENARIO_DRAW_PAIRWISE,
	SCENARIO_DRAW_RUNS_SHARE,
	SCENARIO_DRAW_RUNS_DOMINANT,
	SCENARIO_DRAW_RUNS_DELAY,
	SCENARIO_DRAWINGS,
};

extern const char *const scenario_drawing_words[SCENARIO_DRAWINGS];

struct scenario_chart {
	char *title;
	uint8_t what;                  /* enum scenario_drawing */
	char run[CONFIG_NAME_MAX + 1]; /* "": the first */
	unsigned int line;
};

struct scenario {
	char *description;
	uint64_t seed;
	uint32_t duration_ms;
	uint32_t mhz; /* cycles a microsecond */
	uint32_t quantum_us;
	uint32_t workers;
	uint32_t turn_cycles;     /* that each turn takes beside its packets */
	uint32_t classify_cycles; /* of a packet from a shared queue */
	uint32_t nic_queue;       /* packets of a shared queue */
	uint32_t step_us;         /* of the fluid model */
	uint32_t *windows_ms;     /* the first is that of the series */
	unsigned int n_windows_ms;
	struct config_cost *cost;       /* NULL: exact */
	struct scenario_memory *memory; /* NULL: misses are not counted */
	struct scenario_router *routers;
	unsigned int n_routers;
	struct scenario_run *runs; /* one at least */
	unsigned int n_runs;
	struct scenario_expect *expect; /* of each run */
	struct scenario_linear *linear;
	struct scenario_chart *draw;
	unsigned int n_draw;
	unsigned int line;
};

/* NULL, and all that is wrong is in `errors`. */
struct scenario *scenario_load_file(const char *path, FILE *errors);
struct scenario *scenario_load_text(const char *text, const char *source, FILE *errors);
void scenario_free(struct scenario *scenario);

/* The i-th of the groups of routers that a run has: the scenario's and its own. NULL: no more. */
const struct scenario_router *scenario_group(
	const struct scenario *scenario, const struct scenario_run *run, unsigned int i);

#endif
