/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef PATIENCE_H
#define PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

#include "vrouter.h"

/*
 * How long a thread goes on waiting. Between two looks no more counts than PATIENCE_LOOK: when more
 * has passed, the process or the whole machine was stopped, and so was what is waited for.
 */

#define PATIENCE_LOOK UINT64_C(50000000) /* ns */

struct patience {
	uint64_t left;   /* ns */
	uint64_t looked; /* vrouter_clock() */
};

static inline struct patience
patience_of(uint64_t ns)
{
	return (struct patience){ ns, vrouter_clock() };
}

/* At each look; whether it has ended. */
static inline bool
patience_ends(struct patience *patience)
{
	uint64_t now = vrouter_clock();
	uint64_t passed = RTE_MIN(now - patience->looked, PATIENCE_LOOK);

	patience->looked = now;
	patience->left -= RTE_MIN(passed, patience->left);
	return patience->left == 0;
}

#endif
