/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SIM_FLUID_H
#define SIM_FLUID_H

#include <stdint.h>

/*
 * What each router of a worker is entitled to, if it could be divided without end: the oracle for
 * what the schedule gives. It shares no code with it.
 *
 * At any time the one level L fits for which all together get what there is, and each
 *
 *	min(demand, limit, max(reserve, weight * L))
 *
 * or, where there is too little demand for that, all that they ask for: weighted max-min fairness.
 * (The limit counts as a demand.)
 */

struct fluid_share {
	double weight;
	double demand;  /* of the same unit as the capacity */
	double reserve; /* never more than all have room for, together */
	double received;
};

/* Fills in `received`. */
void fluid_fill(struct fluid_share *shares, unsigned int n, double capacity);

/* A router over time: what came and was not served waits, as far as there is room. */
struct fluid_router {
	double weight;
	double cycles;   /* of a packet */
	double before;   /* cycles of each that comes, taken first and whatever becomes of it */
	double reserve;  /* of the worker, 0 to 1 */
	double limit;    /* of the worker; 1: none */
	double room;     /* packets that can wait */
	int always;      /* it has no end of packets */
	double waiting;  /* packets */
	double received; /* cycles, of the latest step */
};

/* One step of `cycles`, in which so many packets came to each. */
void fluid_step(struct fluid_router *routers, struct fluid_share *shares, unsigned int n,
	const double *arrived, double cycles);

#endif
