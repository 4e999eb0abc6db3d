/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "sched/calendar.h"

/*
 * Who runs next on a worker, and for how long: start-time fair queueing (Goyal, Vin & Cheng,
 * SIGCOMM 1996) applied to CPU time. Each entity has a virtual time; the smallest among those with
 * work is picked, and what its turn really cost, divided by its weight, is added to it.
 *
 * Between two entities i and j that both stay awake, over any interval,
 *
 *	|S_i/w_i - S_j/w_j| <= c_i/w_i + c_j/w_j
 *
 * where S is the cycles received, w the weight and c the most that was charged and billed from one
 * pick to the next (theorem 1 of that paper), if those awake are served in the exact order of their
 * virtual times. Here they are in a calendar of buckets of B, and in a bucket served in the order
 * in which they came. Who is picked is in the first bucket, so its virtual time is less than B
 * above anyone's, where in the paper it is not above; this counts once for i and once for j:
 *
 *	|S_i/w_i - S_j/w_j| < c_i/w_i + c_j/w_j + 2B
 *
 * B is such that the heaviest entity crosses it in an eighth to a quarter of a quantum: 2B, for a
 * router, is half a quantum of its own at most. (While a weight grows, B is that of before, until
 *the router's next charge.) Rounding adds SCHED_VIRTUAL_UNIT for each of the two, and 10^-8 of what
 *they received.
 *
 * Deciding is O(1) on average (see calendar.h), whatever the weights.
 *
 * It knows no packets, ports or clocks: costs come as arguments, in cycles of any clock, so the
 * same code runs in a worker, in tests on a virtual clock and in simulations. A schedule and its
 * entities belong to one thread, but for sched_set_weight().
 */

#define SCHED_WEIGHT_MAX 10000
#define SCHED_BUDGET_MAX 64 /* packets a turn */

/* Virtual time is cycles / weight in units of 2^-16. */
#define SCHED_VIRTUAL_SHIFT 16
#define SCHED_VIRTUAL_UNIT (1.0 / (1 << SCHED_VIRTUAL_SHIFT))

struct sched_entity {
	uint64_t virtual_time;
	/* 2^40 / weight; the control thread may change it at any time. */
	uint64_t inverse_weight;
	/* Never reset; all cycles charged and billed. */
	uint64_t charged;
	uint64_t turns;
	uint64_t packets;
	/* What virtual_time was rounded down by, so that no weight loses by rounding. */
	uint32_t remainder;
	uint32_t index;           /* among the entities of the schedule */
	uint32_t cost_per_packet; /* predicted, cycles */
	uint32_t weight;
	bool awake;
	bool queued; /* in the calendar, at its virtual time or, since it was billed or slept,
	                before that */
};

static_assert(sizeof(struct sched_entity) == 64, "one cache line");

struct sched {
	struct calendar calendar; /* of those awake, but for the one that runs */
	struct sched_entity *running;
	uint32_t n_awake;
	uint32_t n_entities;
	uint32_t capacity;
	uint32_t quantum;       /* cycles */
	uint64_t virtual_time;  /* V: start tag of the latest pick */
	uint64_t latest_finish; /* the largest virtual time given out */
	uint64_t debt_limit;    /* cycles that a bill may put an entity behind, at weight 1 */
	uint32_t bucket_shift;  /* B is 2^bucket_shift units */
	/* Of the heaviest there has been since the schedule was last empty. */
	uint64_t smallest_inverse;
	struct sched_entity **entities; /* by index; NULL where free */
	uint32_t *free;                 /* indices */
};

/*
 * For up to `capacity` entities; a turn is meant to last `quantum` cycles. `debt_limit` is how far,
 * in cycles of its own share, billing may put an entity behind the others. 0 or -ENOMEM.
 */
int sched_init(struct sched *sched, uint32_t capacity, uint32_t quantum, uint64_t debt_limit);
void sched_fini(struct sched *sched);

/* Fills in an entity, asleep and in no schedule. 1 <= weight <= SCHED_WEIGHT_MAX. */
void sched_entity_init(struct sched_entity *entity, uint32_t weight);

/* -ENOSPC when the schedule is full. The entity starts asleep. */
int sched_add(struct sched *sched, struct sched_entity *entity);
void sched_remove(struct sched *sched, struct sched_entity *entity);

/* Takes effect with the next charge. Any thread. */
void sched_set_weight(struct sched_entity *entity, uint32_t weight);

/*
 * The entity has work. From sleep it comes back at the virtual time of those awake: sleeping earns
 * no credit. Nothing happens if it is awake.
 */
void sched_wake(struct sched *sched, struct sched_entity *entity);

/* The entity has no more work. */
void sched_sleep(struct sched *sched, struct sched_entity *entity);

/* What a turn of the picked entity cost, and how many packets it handled (0 is allowed). */
void sched_charge(
	struct sched *sched, struct sched_entity *entity, uint64_t cost, uint32_t packets);

/*
 * What was spent for an entity outside its turn (classification, drops at a full FIFO), awake or
 * asleep. The debt that comes of it is limited, so that a router is not locked out for long after
 * a flood that was not its doing.
 */
void sched_bill(struct sched *sched, struct sched_entity *entity, uint64_t cost);

/* The entity to run, which stays awake; NULL when all sleep. */
struct sched_entity *sched_pick(struct sched *sched);

static inline bool
sched_awake(const struct sched_entity *entity)
{
	return entity->awake;
}

/* How many packets the entity may take so that its turn lasts about the quantum. */
static inline uint32_t
sched_budget(const struct sched *sched, const struct sched_entity *entity)
{
	uint32_t cost = entity->cost_per_packet;

	if ((uint64_t)cost * SCHED_BUDGET_MAX <= sched->quantum)
		return SCHED_BUDGET_MAX;
	return cost >= sched->quantum ? 1 : sched->quantum / cost;
}

#endif
