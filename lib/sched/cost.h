/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SCHED_COST_H
#define SCHED_COST_H

#include <stdbool.h>
#include <stdint.h>

struct sched_entity;

/*
 * What a turn is charged. Exact is what makes shares hold; the others are what other schedulers do,
 * to compare with.
 */

enum sched_cost_mode {
	SCHED_COST_EXACT,       /* what it took */
	SCHED_COST_SAMPLED,     /* one turn in `period` what it took, the others what it predicts */
	SCHED_COST_PACKETS,     /* by its packets: a full turn is a quantum */
	SCHED_COST_ROUND_ROBIN, /* a quantum, whatever it did */
};

#define SCHED_COST_PERIOD_MAX 65536

struct sched_cost {
	enum sched_cost_mode mode;
	/* Of SCHED_COST_SAMPLED: 1 to SCHED_COST_PERIOD_MAX turns of an entity. */
	uint32_t period;
	/* Which turn of each period: the first, or one that nobody knows without the seed. */
	bool random_phase;
	uint64_t seed;
};

/* Whether the entity's next turn is charged by what it takes. */
bool sched_cost_timed(const struct sched_cost *cost, const struct sched_entity *entity);

/*
 * What the turn that it had is charged, before it is counted in `turns`. `taken` is not looked at
 * unless sched_cost_timed(). A turn without packets counts as one of one packet. The predicted cost
 * of a packet follows.
 */
uint64_t sched_cost_of(const struct sched_cost *cost, struct sched_entity *entity, uint64_t taken,
	uint32_t packets, uint32_t quantum);

#endif
