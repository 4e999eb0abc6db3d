/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef FAIRNESS_SAMPLE_H
#define FAIRNESS_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "round_trip.h"
#include "worker/worker.h"

/*
 * The worker's lcore: its loop, and what is read in it, between two passes, where all accounts are
 * exact. The time that reading takes is left out of the worker's accounts, so nobody is charged
 * for it; it is one look at two words a pass, and a copy of all accounts at the end of a window.
 *
 * Instead of the worker, the same lcore can do what a bare port costs, to compare with.
 */

enum sample_work {
	SAMPLE_PRODUCT, /* the worker's pass */
	SAMPLE_FORWARD, /* frames go from the ports to the last one, as they are */
	SAMPLE_RECEIVE, /* frames are received, looked at and freed */
	SAMPLE_ANSWER,  /* round_trip_answer() */
};

/* Of one entity at one moment. */
struct sample_account {
	uint64_t charged;
	uint64_t packets;
	uint64_t turns;
	uint64_t used; /* what its turns took, charged or not; not of those that it went to sleep
	                  after */
};

/* What one phase wants to know. Filled in by the control thread, then the lcore's until `done`. */
struct sample {
	uint64_t from, window; /* TSC, cycles */
	uint32_t n_windows;
	uint64_t stall; /* a pass longer than this is told of */

	uint32_t taken; /* moments: one more than windows */
	uint64_t *times;
	struct worker_cycles *cycles;
	struct sample_account *accounts; /* n_entities for each moment */
	uint32_t n_entities;
	struct sched_entity **entities;

	/*
	 * From when it was handed over to the last moment: who was charged much before the first
	 * moment gets less behind it.
	 */
	uint64_t *used;    /* cycles of turns after which there was more work, by entity.index */
	uint64_t *largest; /* most charged and billed from one turn to the next, by entity.index */
	uint64_t *last;    /* charged at the turn before */
	uint64_t run;      /* cycles of all turns, at the pass before */
	uint64_t slept; /* turns, behind the first moment, after which a router had no more work */
	uint64_t longest_pass;
	uint64_t stalls, stalled; /* passes, and cycles in them */
	uint32_t done;            /* atomic */
};

struct sample_lcore {
	struct worker *worker;
	uint32_t work;         /* enum sample_work; atomic */
	uint32_t doing;        /* what it does now; atomic */
	struct sample *sample; /* NULL: nothing to read; atomic */
	int thread;            /* as the kernel calls it; atomic */
	uint64_t passes;       /* of its loop, whatever it does; atomic */

	/*
	 * Of SAMPLE_RECEIVE: cycles in the port's receive function, in reading the frames' first
	 * bytes, which the generator has in its cache, and in giving buffers back.
	 */
	uint64_t received, receive_cycles, read_cycles, free_cycles;

	struct round_trip round_trip;
};

/* As worker_main(); of a struct sample_lcore. */
int sample_lcore_main(void *lcore);

/* Waits until the lcore does this. */
void sample_set_work(struct sample_lcore *lcore, enum sample_work work);

/* Of these entities, as they are now. NULL when there is no memory. */
struct sample *sample_create(struct worker *worker, struct sched_entity *const *entities,
	uint32_t n_entities, uint32_t n_windows);
void sample_free(struct sample *sample);

#endif
