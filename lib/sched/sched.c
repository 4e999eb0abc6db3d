/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sched/sched.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define FRACTION SCHED_VIRTUAL_SHIFT
/* A weight's inverse is in 2^-INVERSE. */
#define INVERSE 40
/* Above this all virtual times are moved down together, long before they could wrap. */
#define REBASE_ABOVE (UINT64_C(1) << 62)
/* What a miss is worth is in 2^-MISS_SHIFT cycles. */
#define MISS_SHIFT 16
#define MISS_CYCLES_MAX (UINT64_C(1) << (32 + MISS_SHIFT))

static uint64_t
inverse(uint32_t weight)
{
	return (UINT64_C(1) << INVERSE) / weight;
}

/* A quarter of a quantum of the heaviest, down to a power of two. */
static void
set_bucket(struct sched *sched, uint64_t smallest_inverse)
{
	unsigned __int128 quarter = (unsigned __int128)sched->quantum * smallest_inverse / 4;
	uint64_t units = (uint64_t)(quarter >> (INVERSE - FRACTION));

	sched->smallest_inverse = smallest_inverse;
	sched->bucket_shift = units > 0 ? 63 - (uint32_t)__builtin_clzll(units) : 0;
}

int
sched_init(struct sched *sched, uint32_t capacity, uint32_t quantum, uint64_t debt_limit)
{
	int rc;

	memset(sched, 0, sizeof(*sched));
	rc = calendar_init(&sched->calendar, capacity);
	sched->entities = calloc(capacity, sizeof(struct sched_entity *));
	sched->free = calloc(capacity, sizeof(*sched->free));
	rc |= server_heap_init(&sched->ready, capacity);
	rc |= server_heap_init(&sched->spent, 2 * capacity);
	if (rc != 0 || sched->entities == NULL || sched->free == NULL) {
		sched_fini(sched);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < capacity; i++)
		sched->free[i] = capacity - 1 - i;
	sched->capacity = capacity;
	sched->quantum = quantum;
	sched->debt_limit = debt_limit;
	set_bucket(sched, inverse(1));
	return 0;
}

void
sched_fini(struct sched *sched)
{
	calendar_fini(&sched->calendar);
	server_heap_fini(&sched->ready);
	server_heap_fini(&sched->spent);
	free(sched->entities);
	free(sched->free);
	memset(sched, 0, sizeof(*sched));
}

void
sched_entity_init(struct sched_entity *entity, uint32_t weight)
{
	memset(entity, 0, sizeof(*entity));
	entity->reserve.position = SERVER_NOWHERE;
	entity->limit.position = SERVER_NOWHERE;
	entity->weight = weight;
	entity->inverse_weight = inverse(weight);
}

void
sched_set_weight(struct sched_entity *entity, uint32_t weight)
{
	entity->weight = weight;
	__atomic_store_n(&entity->inverse_weight, inverse(weight), __ATOMIC_RELAXED);
}

void
sched_remove(struct sched *sched, struct sched_entity *entity)
{
	sched_sleep(sched, entity);
	(void)sched_set_reserve(sched, entity, 0, 0, 0);
	(void)sched_set_limit(sched, entity, 0, 0, 0);
	if (entity->queued)
		calendar_remove(&sched->calendar, entity->index);
	entity->queued = false;
	sched->entities[entity->index] = NULL;
	sched->free[sched->capacity - sched->n_entities--] = entity->index;
	if (sched->n_entities == 0) {
		calendar_clear(&sched->calendar);
		set_bucket(sched, inverse(1));
	}
}

static void
enqueue(struct sched *sched, struct sched_entity *entity)
{
	entity->queued = true;
	calendar_put(&sched->calendar, entity->index, entity->virtual_time >> sched->bucket_shift);
}

/* It has become runnable. */
static void
rise(struct sched *sched, struct sched_entity *entity, uint64_t now)
{
	entity->awake = true;
	sched->n_awake++;
	if (entity->virtual_time < sched->virtual_time)
		entity->virtual_time = sched->virtual_time;
	/* Else it slept where it was in the calendar, and sched_pick() puts it right. */
	if (!entity->queued)
		enqueue(sched, entity);
	if (likely(!entity->served) || entity->reserve.runtime == 0 ||
		server_queued(&entity->reserve))
		return;
	server_resume(&entity->reserve, now);
	server_heap_put(&sched->ready, &entity->reserve);
}

static void
retire(struct sched *sched, struct sched_entity *entity)
{
	entity->awake = false;
	if (sched->running == entity)
		sched->running = NULL;
	if (unlikely(entity->served) && server_queued(&entity->reserve) &&
		entity->reserve.budget > 0)
		server_heap_remove(&sched->ready, &entity->reserve);
	/* Once nobody has work, a new busy period starts with all debts forgiven. */
	if (--sched->n_awake == 0)
		sched->virtual_time = sched->latest_finish;
}

static void
hold_back(struct sched *sched, struct sched_entity *entity)
{
	retire(sched, entity);
	entity->held_back = true;
	sched->n_held_back++;
}

static void
let_go(struct sched *sched, struct sched_entity *entity)
{
	entity->held_back = false;
	sched->n_held_back--;
}

static void
wake(struct sched *sched, struct sched_entity *entity, uint64_t now)
{
	if (likely(!entity->served) || !server_queued(&entity->limit)) {
		rise(sched, entity, now);
		return;
	}
	entity->held_back = true;
	sched->n_held_back++;
}

void
sched_wake(struct sched *sched, struct sched_entity *entity, uint64_t now)
{
	if (entity->awake || entity->held_back)
		return;
	entity->owed = 0;
	wake(sched, entity, now);
}

uint64_t
sched_wake_late(struct sched *sched, struct sched_entity *entity, uint64_t now, uint32_t most)
{
	uint64_t missed = 0, rest;

	if (entity->awake || entity->held_back)
		return 0;
	if (entity->virtual_time < sched->virtual_time)
		missed = sched->virtual_time - entity->virtual_time;
	rest = sched_virtual(entity, most - (entity->owed < most ? entity->owed : most));
	if (missed <= rest) {
		entity->owed += (uint32_t)(missed * entity->weight >> SCHED_VIRTUAL_SHIFT);
		rest = missed;
	} else {
		entity->owed = most;
	}
	wake(sched, entity, now);
	return missed - rest;
}

void
sched_sleep(struct sched *sched, struct sched_entity *entity)
{
	if (entity->awake)
		retire(sched, entity);
	else if (entity->held_back)
		let_go(sched, entity);
}

/*
 * Virtual time only grows, so one that was billed while it waited comes up too early, is found to
 * be so, and put where it belongs; one that fell asleep is dropped. Each bill and each sleep causes
 * that once at most.
 */
static struct sched_entity *
take_first(struct sched *sched)
{
	while (!calendar_empty(&sched->calendar)) {
		uint32_t index = calendar_take(&sched->calendar);
		struct sched_entity *entity = sched->entities[index];
		uint64_t bucket;

		entity->queued = false;
		/* All others are in this bucket or later: so is who wakes from now on. */
		bucket = sched->calendar.cursor;
		if (sched->virtual_time >> sched->bucket_shift < bucket)
			sched->virtual_time = bucket << sched->bucket_shift;
		if (unlikely(!entity->awake))
			continue;
		if (likely(entity->virtual_time >> sched->bucket_shift == bucket)) {
			sched->virtual_time = entity->virtual_time;
			return entity;
		}
		enqueue(sched, entity);
	}
	return NULL;
}

static void
replenish(struct sched *sched, uint64_t now)
{
	while (sched_next_time(sched) <= now) {
		struct sched_server *server = sched->spent.slots[0].server;
		struct sched_entity *entity = sched->entities[server->entity];

		server_heap_remove(&sched->spent, server);
		server_replenish(server, now);
		if (server->budget <= 0) {
			server_heap_put(&sched->spent, server);
		} else if (server == &entity->limit && entity->held_back) {
			let_go(sched, entity);
			rise(sched, entity, now);
		} else if (server == &entity->reserve && entity->awake) {
			server_heap_put(&sched->ready, server);
		}
	}
}

/* What was billed since it was last looked at counts. */
static bool
within_limit(struct sched *sched, struct sched_entity *entity, uint64_t now)
{
	struct sched_server *limit = &entity->limit;

	if (limit->runtime == 0)
		return true;
	server_replenish(limit, now);
	if (limit->budget > 0)
		return true;
	server_heap_put(&sched->spent, limit);
	hold_back(sched, entity);
	return false;
}

static struct sched_entity *
take_reserved(struct sched *sched, uint64_t now)
{
	replenish(sched, now);
	while (sched->ready.n > 0) {
		struct sched_entity *entity = sched->entities[sched->ready.slots[0].server->entity];

		if (within_limit(sched, entity, now))
			return entity;
	}
	return NULL;
}

static struct sched_entity *
pick_served(struct sched *sched, uint64_t now)
{
	struct sched_entity *entity = take_reserved(sched, now);

	sched->by_reservation = entity != NULL;
	if (entity != NULL)
		return entity;
	do {
		entity = take_first(sched);
	} while (entity != NULL && !within_limit(sched, entity, now));
	return entity;
}

struct sched_entity *
sched_pick(struct sched *sched, uint64_t now)
{
	struct sched_entity *running = sched->running;

	sched->running = NULL;
	if (running != NULL && !running->queued)
		enqueue(sched, running);
	sched->running = likely(sched->n_served == 0) ? take_first(sched) : pick_served(sched, now);
	return sched->running;
}

uint32_t
sched_allowance(const struct sched *sched, const struct sched_entity *entity)
{
	int64_t cycles = sched->quantum;

	if (entity->limit.runtime > 0 && entity->limit.budget < cycles)
		cycles = entity->limit.budget;
	if (sched->by_reservation && entity == sched->running && entity->reserve.budget < cycles)
		cycles = entity->reserve.budget;
	return cycles > 0 ? (uint32_t)cycles : 0;
}

uint32_t
sched_millionths(uint64_t runtime, uint64_t period)
{
	if (period == 0)
		return 0;
	return (uint32_t)(((unsigned __int128)runtime * 1000000 + period - 1) / period);
}

static int
check_server(uint64_t runtime, uint64_t period, uint64_t period_max)
{
	if (runtime == 0 && period == 0)
		return 0;
	return runtime == 0 || runtime > period || period > period_max ? -EINVAL : 0;
}

static void
set_server(struct sched *sched, struct sched_entity *entity, struct sched_server *server,
	uint64_t runtime, uint64_t period, uint64_t now)
{
	if (server_queued(server))
		server_heap_remove(server->budget > 0 ? &sched->ready : &sched->spent, server);
	server_set(server, runtime, period, now);
	server->entity = entity->index;
	sched->n_served -= entity->served;
	entity->served = entity->reserve.runtime > 0 || entity->limit.runtime > 0;
	sched->n_served += entity->served;
}

int
sched_set_reserve(struct sched *sched, struct sched_entity *entity, uint64_t runtime,
	uint64_t period, uint64_t now)
{
	struct sched_server *reserve = &entity->reserve;
	uint32_t reserved;
	int rc = check_server(runtime, period, sched->debt_limit);

	if (rc != 0)
		return rc;
	reserved = sched->reserved - sched_millionths(reserve->runtime, reserve->period) +
	           sched_millionths(runtime, period);
	if (runtime > 0 && reserved > SCHED_RESERVED_MAX)
		return -ENOSPC;
	sched->reserved = reserved;
	sched->by_reservation &= sched->running != entity;
	set_server(sched, entity, reserve, runtime, period, now);
	if (runtime > 0 && entity->awake)
		server_heap_put(&sched->ready, reserve);
	return 0;
}

int
sched_set_limit(struct sched *sched, struct sched_entity *entity, uint64_t runtime, uint64_t period,
	uint64_t now)
{
	int rc = check_server(runtime, period, INT64_MAX);

	if (rc != 0)
		return rc;
	set_server(sched, entity, &entity->limit, runtime, period, now);
	if (entity->held_back) {
		let_go(sched, entity);
		rise(sched, entity, now);
	}
	return 0;
}

/* All virtual times go down by `base`, and all who are in the calendar are put in anew. */
static void
requeue(struct sched *sched, uint64_t base)
{
	calendar_clear(&sched->calendar);
	sched->latest_finish -= base;
	sched->virtual_time -= base;
	for (uint32_t i = 0; i < sched->capacity; i++) {
		struct sched_entity *entity = sched->entities[i];

		if (entity == NULL)
			continue;
		entity->virtual_time =
			entity->virtual_time < base ? 0 : entity->virtual_time - base;
		entity->queued = false;
		if (entity->awake && entity != sched->running)
			enqueue(sched, entity);
	}
}

static void
rebase(struct sched *sched)
{
	requeue(sched, sched->virtual_time >> sched->bucket_shift << sched->bucket_shift);
}

/* One heavier than all before: buckets become narrower. */
static void
refine(struct sched *sched, uint64_t inverse_weight)
{
	uint32_t shift = sched->bucket_shift;

	set_bucket(sched, inverse_weight);
	if (sched->bucket_shift != shift)
		requeue(sched, 0);
}

/* Of the entity's weight, which may have changed. */
static uint64_t
inverse_now(struct sched *sched, const struct sched_entity *entity)
{
	uint64_t inverse_weight = __atomic_load_n(&entity->inverse_weight, __ATOMIC_RELAXED);

	if (unlikely(inverse_weight < sched->smallest_inverse))
		refine(sched, inverse_weight);
	return inverse_weight;
}

int
sched_add(struct sched *sched, struct sched_entity *entity)
{
	if (sched->n_entities == sched->capacity)
		return -ENOSPC;
	entity->awake = false;
	entity->queued = false;
	entity->owed = 0;
	entity->virtual_time = sched->virtual_time;
	entity->index = sched->free[sched->capacity - ++sched->n_entities];
	sched->entities[entity->index] = entity;
	(void)inverse_now(sched, entity);
	return 0;
}

/* Cost divided by weight; `remainder` carries what is below the unit from one to the next. */
static uint64_t
virtual_cost(uint64_t inverse_weight, uint64_t cost, uint32_t *remainder)
{
	unsigned __int128 product = (unsigned __int128)cost * inverse_weight + *remainder;

	*remainder = (uint32_t)product & ((UINT32_C(1) << (INVERSE - FRACTION)) - 1);
	return (uint64_t)(product >> (INVERSE - FRACTION));
}

static void
advance(struct sched *sched, struct sched_entity *entity, uint64_t virtual_time)
{
	entity->virtual_time = virtual_time;
	if (virtual_time > sched->latest_finish)
		sched->latest_finish = virtual_time;
	if (virtual_time > REBASE_ABOVE)
		rebase(sched);
}

/* Of one awake: its reservation is ready, or it is spent and waits for its deadline. */
static void
spend_reserve(struct sched *sched, struct sched_server *reserve, uint64_t cost)
{
	bool ready = reserve->budget > 0;

	reserve->budget -= (int64_t)cost;
	if (!ready || reserve->budget > 0)
		return;
	server_heap_remove(&sched->ready, reserve);
	server_heap_put(&sched->spent, reserve);
}

/* How far billing and reservations may put it ahead of the others. */
static uint64_t
farthest(const struct sched *sched, uint64_t inverse_weight)
{
	uint32_t none = 0;

	return sched->virtual_time + virtual_cost(inverse_weight, sched->debt_limit, &none);
}

/* Of a turn. What the reservation gave counts, but not for so long that it is locked out later. */
static uint64_t
spend(struct sched *sched, struct sched_entity *entity, uint64_t cost, uint64_t inverse_weight,
	uint64_t virtual_time)
{
	uint64_t limit = farthest(sched, inverse_weight);

	entity->limit.budget -= (int64_t)cost;
	if (!sched->by_reservation || entity != sched->running)
		return virtual_time;
	spend_reserve(sched, &entity->reserve, cost);
	if (limit < entity->virtual_time)
		limit = entity->virtual_time;
	return virtual_time < limit ? virtual_time : limit;
}

int
sched_set_cost(struct sched *sched, const struct sched_cost *cost)
{
	if (cost->mode == SCHED_COST_SAMPLED &&
		(cost->period < 1 || cost->period > SCHED_COST_PERIOD_MAX))
		return -EINVAL;
	sched->cost = *cost;
	return 0;
}

void
sched_set_memory(struct sched *sched, uint64_t cycles, uint64_t misses)
{
	unsigned __int128 worth = 0;

	if (misses > 0)
		worth = ((unsigned __int128)cycles << MISS_SHIFT) / misses;
	sched->miss_cycles = worth < MISS_CYCLES_MAX ? (uint64_t)worth : MISS_CYCLES_MAX;
}

void
sched_charge(struct sched *sched, struct sched_entity *entity, uint64_t taken, uint32_t packets)
{
	uint64_t inverse_weight = inverse_now(sched, entity);
	uint64_t cost = sched_cost_of(&sched->cost, entity, taken, packets, sched->quantum);
	uint32_t let_off = cost / 2 < entity->owed ? (uint32_t)(cost / 2) : entity->owed;
	uint64_t virtual_time = entity->virtual_time +
	                        virtual_cost(inverse_weight, cost - let_off, &entity->remainder);

	entity->owed -= let_off;
	entity->charged += cost;
	entity->turns++;
	entity->packets += packets;
	if (unlikely(entity->served))
		virtual_time = spend(sched, entity, cost, inverse_weight, virtual_time);
	advance(sched, entity, virtual_time);
}

/* One turn owes no more for misses than bills may owe, whatever a counter says. */
static uint64_t
worth_of(const struct sched *sched, uint64_t misses)
{
	unsigned __int128 worth = (unsigned __int128)misses * sched->miss_cycles >> MISS_SHIFT;

	return worth < sched->debt_limit ? (uint64_t)worth : sched->debt_limit;
}

/* Puts it behind the others, but not for so long that it is locked out. */
static void
owe(struct sched *sched, struct sched_entity *entity, uint64_t cost)
{
	uint64_t inverse_weight = inverse_now(sched, entity);
	uint64_t limit = farthest(sched, inverse_weight);
	uint64_t virtual_time = entity->virtual_time;

	if (virtual_time >= limit)
		return;
	virtual_time += virtual_cost(inverse_weight, cost, &entity->remainder);
	advance(sched, entity, virtual_time < limit ? virtual_time : limit);
}

void
sched_charge_memory(struct sched *sched, struct sched_entity *entity, uint64_t taken,
	uint64_t misses, uint32_t packets)
{
	uint64_t worth = worth_of(sched, misses);
	uint64_t before = entity->charged, cost;

	sched_charge(sched, entity, taken, packets);
	cost = entity->charged - before;
	entity->misses += misses;
	if (worth <= cost)
		return;
	entity->surcharge += worth - cost;
	owe(sched, entity, worth - cost);
}

void
sched_bill(struct sched *sched, struct sched_entity *entity, uint64_t cost)
{
	entity->charged += cost;
	if (unlikely(entity->served)) {
		entity->limit.budget -= (int64_t)cost;
		if (entity->awake && entity->reserve.runtime > 0)
			spend_reserve(sched, &entity->reserve, cost);
	}
	owe(sched, entity, cost);
}
