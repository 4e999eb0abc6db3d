/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SIM_PAIRWISE_H
#define SIM_PAIRWISE_H

#include <stdbool.h>
#include <stdint.h>

#include "router.h"

/*
 * What sched.h promises of any two routers of a worker that both stay awake, looked at in windows
 * of one length that follow each other: |S_i/w_i - S_j/w_j| against its bound. Those with a
 * reservation or a limit are left out, as they are there. Windows end where a turn does.
 */

struct pairwise_window {
	double difference; /* cycles at weight 1: of the pair that came nearest to its bound */
	double bound;
};

struct pairwise {
	uint64_t width; /* cycles */
	uint64_t end;   /* of the window that is open */
	unsigned int n; /* windows that are over */
	unsigned int capacity;
	struct pairwise_window *windows;
	double *begin;  /* dominant service at its begin, by slot */
	bool *slept;    /* in it, by slot */
	uint64_t pairs; /* looked at */
	double worst;   /* difference / bound */
};

/* -ENOMEM. */
int pairwise_init(struct pairwise *pairwise, uint64_t width, uint64_t duration, uint32_t routers);
void pairwise_fini(struct pairwise *pairwise);

static inline void
pairwise_sleep(struct pairwise *pairwise, uint32_t slot)
{
	pairwise->slept[slot] = true;
}

/* The window that is open ends now. */
void pairwise_close(struct pairwise *pairwise, const struct sched *sched,
	struct sim_router *const *routers, uint32_t n);

#endif
