/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sched/calendar.h"
#include "sched/cost.h"
#include "sched/server.h"

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
 * the router's next charge.) Rounding adds SCHED_VIRTUAL_UNIT for each of the two, and 10^-8 of
 * what they received.
 *
 * Deciding is O(1) on average (see calendar.h), whatever the weights.
 *
 * An entity may have a reservation: `runtime` cycles in each `period`, for which it is picked
 * before all others, the earliest deadline first (constant bandwidth servers, see server.h). Over
 * the whole it gets the greater of its reservation and its share by weight: what it had by
 * reservation counts in its virtual time, and once the reservation is used up it shares with the
 * others. While it has work, what is reserved is received by each deadline, late by one burst at
 * most (of another that was running), and by what others ran over their budgets: each once, by less
 * than a burst; all that where no burst is as long as its period, since it is never given more than
 * one runtime at once. sched_budget() makes bursts small enough for what is left of a budget.
 *
 * An entity may have a limit of the same form. Once it is used up, it is held back: it does not run
 * until it is replenished, when sched_pick() is called at that time or later. In n periods from the
 * time when the limit was set it gets n runtimes and one burst at most; in any time t at most
 * t/period + 2 runtimes and one burst. Both servers cost O(log n) each time they run out.
 *
 * Cycles are not all that a worker has: what routers miss in the caches that workers share slows
 * others down. Where misses are counted (sched_set_memory()), a turn moves the virtual time by its
 * dominant cost, which is the part that it took of the worker's cycles or of its misses, whichever
 * is greater:
 *
 *	max(cycles / capacity, misses / budget) * capacity	cycles
 *
 * So each gets its share of what it needs most: dominant resource fairness (Ghodsi et
 * al., NSDI 2011, section 4.1), for packets (Ghodsi et al., SIGCOMM 2012, section 5.1, without
 * memory of earlier turns). The bounds above hold with S and c so counted. Reservations and limits
 * are of cycles.
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
	/* Never reset; all cycles charged and billed, misses apart. */
	uint64_t charged;
	uint64_t turns;
	uint64_t packets;
	/* What virtual_time was rounded down by, so that no weight loses by rounding. */
	uint32_t remainder;
	uint32_t index;           /* among the entities of the schedule */
	uint32_t cost_per_packet; /* predicted, cycles */
	uint32_t weight;
	bool awake;     /* has work, and is not held back */
	bool held_back; /* has work, and is out of its limit */
	bool served;    /* has a reservation or a limit */
	/* In the calendar: at its virtual time, or at an earlier one of before a bill. */
	bool queued;
	uint32_t owed; /* cycles, by sched_wake_late() */
	/* Those without one never look here. */
	struct sched_server reserve, limit;
	/* Never reset, and 0 where misses are not counted. */
	uint64_t misses;
	uint64_t surcharge; /* cycles that dominant costs were above what is in `charged` */
};

static_assert(offsetof(struct sched_entity, reserve) == 64, "one cache line");

/* Reservations of a schedule, in millionths. */
#define SCHED_RESERVED_MAX 950000

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
	struct sched_cost cost;   /* exact, unless set */
	struct server_heap ready; /* reservations of those awake, with budget */
	struct server_heap spent; /* reservations and limits without, until their deadlines */
	uint32_t n_served;
	uint32_t n_held_back;
	uint32_t reserved;              /* millionths */
	bool by_reservation;            /* what runs was picked for its reservation */
	struct sched_entity **entities; /* by index; NULL where free */
	uint32_t *free;                 /* indices */
	/* What a miss is worth in cycles, in units of 2^-16; 0: misses are free. */
	uint64_t miss_cycles;
};

/*
 * For up to `capacity` entities; a turn is meant to last `quantum` cycles. `debt_limit` is how far,
 * in cycles of its own share, billing may put an entity behind the others. 0 or -ENOMEM.
 */
int sched_init(struct sched *sched, uint32_t capacity, uint32_t quantum, uint64_t debt_limit);
void sched_fini(struct sched *sched);

/* How turns are charged from now on. -EINVAL: a period of samples out of range. */
int sched_set_cost(struct sched *sched, const struct sched_cost *cost);

/*
 * In the time in which a worker has so many cycles, it may have so many misses; 0 misses: any
 * number, and dominant costs are cycles. A miss is worth 2^32 cycles at most. From now on.
 */
void sched_set_memory(struct sched *sched, uint64_t cycles, uint64_t misses);

/* Fills in an entity, asleep and in no schedule. 1 <= weight <= SCHED_WEIGHT_MAX. */
void sched_entity_init(struct sched_entity *entity, uint32_t weight);

/* -ENOSPC when the schedule is full. The entity starts asleep. */
int sched_add(struct sched *sched, struct sched_entity *entity);
void sched_remove(struct sched *sched, struct sched_entity *entity);

/* Takes effect with the next charge. Any thread. */
void sched_set_weight(struct sched_entity *entity, uint32_t weight);

/* What so many cycles add to the entity's virtual time. */
static inline uint64_t
sched_virtual(const struct sched_entity *entity, uint64_t cycles)
{
	return (cycles << SCHED_VIRTUAL_SHIFT) / entity->weight;
}

/* What a reservation is of a worker, in millionths, rounded up. */
uint32_t sched_millionths(uint64_t runtime, uint64_t period);

/*
 * Of an entity that is in the schedule; 0 and 0: none. Its first period begins now. -EINVAL unless
 * runtime <= period, neither is 0, and for reservations period <= the limit of debt. -ENOSPC if all
 * reservations would be more than SCHED_RESERVED_MAX: sched->reserved has what there is. On errors
 * everything stays as it is.
 */
int sched_set_reserve(struct sched *sched, struct sched_entity *entity, uint64_t runtime,
	uint64_t period, uint64_t now);
int sched_set_limit(struct sched *sched, struct sched_entity *entity, uint64_t runtime,
	uint64_t period, uint64_t now);

/*
 * The entity has work. From sleep it comes back at the virtual time of those awake: sleeping earns
 * no credit. Nothing happens if it is awake.
 */
void sched_wake(struct sched *sched, struct sched_entity *entity, uint64_t now);

/*
 * The same of one that is taken to have had work all the while, which nobody had looked at: what it
 * missed, up to `most` cycles of its own, is owed to it, with what still was from before. Of each
 * turn up to half, until all is made up for, does not move its virtual time; so it gets up to twice
 * its share, and keeps nobody waiting for several turns in a row. For those that have work and
 * sleep only so, the bound above holds over all the time with most/w added for each. Gives what it
 * missed beyond `most`, in virtual time, which is lost.
 */
uint64_t sched_wake_late(
	struct sched *sched, struct sched_entity *entity, uint64_t now, uint32_t most);

/* The entity has no more work. */
void sched_sleep(struct sched *sched, struct sched_entity *entity);

/*
 * What a turn of the picked entity took, and how many packets it handled (0 is allowed). What it is
 * charged for that is by sched->cost.
 */
void sched_charge(
	struct sched *sched, struct sched_entity *entity, uint64_t taken, uint32_t packets);

/*
 * The same where misses are counted: those of the turn, too. They put the entity no farther behind
 * than bills may, whatever a counter says.
 */
void sched_charge_memory(struct sched *sched, struct sched_entity *entity, uint64_t taken,
	uint64_t misses, uint32_t packets);

/*
 * What was spent for an entity outside its turn (classification, drops at a full FIFO), awake or
 * asleep. The debt that comes of it is limited, so that a router is not locked out for long after
 * a flood that was not its doing.
 */
void sched_bill(struct sched *sched, struct sched_entity *entity, uint64_t cost);

/* The entity to run, which stays awake; NULL when all sleep or are held back. */
struct sched_entity *sched_pick(struct sched *sched, uint64_t now);

/*
 * Who is picked next, unless something changes: a hint, for what there is to be loaded. NULL when
 * none is known.
 */
static inline struct sched_entity *
sched_hint(const struct sched *sched)
{
	uint32_t index = calendar_hint(&sched->calendar);

	return index == CALENDAR_NONE ? NULL : sched->entities[index];
}

/* The cycles that a turn of what was picked may take by its budgets, at most the quantum. */
uint32_t sched_allowance(const struct sched *sched, const struct sched_entity *entity);

/*
 * The earliest time at which sched_pick() may find more than it finds now, without anyone waking.
 * UINT64_MAX when there is no such time.
 */
static inline uint64_t
sched_next_time(const struct sched *sched)
{
	return sched->spent.n > 0 ? sched->spent.slots[0].time : UINT64_MAX;
}

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
	uint32_t cycles = entity->served ? sched_allowance(sched, entity) : sched->quantum;

	if ((uint64_t)cost * SCHED_BUDGET_MAX <= cycles)
		return SCHED_BUDGET_MAX;
	return cost >= cycles ? 1 : cycles / cost;
}

#endif
