/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sched/sched.h"

/* Virtual time is cycles / weight in 2^-FRACTION; a weight's inverse is in 2^-INVERSE. */
#define FRACTION 16
#define INVERSE 40
/* Above this all virtual times are moved down together, long before they could wrap. */
#define REBASE_ABOVE (UINT64_C(1) << 62)
/* The predicted cost follows the measured one by an eighth a turn. */
#define COST_SHIFT 3

int
sched_init(struct sched *sched, uint32_t capacity, uint32_t quantum, uint64_t debt_limit)
{
	memset(sched, 0, sizeof(*sched));
	sched->heap = calloc(capacity, sizeof(*sched->heap));
	sched->entities = calloc(capacity, sizeof(*sched->entities));
	if (sched->heap == NULL || sched->entities == NULL) {
		sched_fini(sched);
		return -ENOMEM;
	}
	sched->capacity = capacity;
	sched->quantum = quantum;
	sched->debt_limit = debt_limit;
	return 0;
}

void
sched_fini(struct sched *sched)
{
	free(sched->heap);
	free(sched->entities);
	memset(sched, 0, sizeof(*sched));
}

static uint64_t
inverse(uint32_t weight)
{
	return (UINT64_C(1) << INVERSE) / weight;
}

void
sched_entity_init(struct sched_entity *entity, uint32_t weight)
{
	memset(entity, 0, sizeof(*entity));
	entity->position = SCHED_ASLEEP;
	entity->weight = weight;
	entity->inverse_weight = inverse(weight);
}

void
sched_set_weight(struct sched_entity *entity, uint32_t weight)
{
	entity->weight = weight;
	__atomic_store_n(&entity->inverse_weight, inverse(weight), __ATOMIC_RELAXED);
}

int
sched_add(struct sched *sched, struct sched_entity *entity)
{
	if (sched->n_entities == sched->capacity)
		return -ENOSPC;
	entity->position = SCHED_ASLEEP;
	entity->index = sched->n_entities;
	entity->virtual_time = sched->virtual_time;
	sched->entities[sched->n_entities++] = entity;
	return 0;
}

void
sched_remove(struct sched *sched, struct sched_entity *entity)
{
	struct sched_entity *last = sched->entities[--sched->n_entities];

	sched_sleep(sched, entity);
	sched->entities[entity->index] = last;
	last->index = entity->index;
}

static void
place(struct sched *sched, uint32_t position, struct sched_slot slot)
{
	sched->heap[position] = slot;
	slot.entity->position = position;
}

static void
sift_up(struct sched *sched, uint32_t position)
{
	struct sched_slot slot = sched->heap[position];
	uint32_t parent;

	for (; position > 0; position = parent) {
		parent = (position - 1) / 2;
		if (sched->heap[parent].virtual_time <= slot.virtual_time)
			break;
		place(sched, position, sched->heap[parent]);
	}
	place(sched, position, slot);
}

static void
sift_down(struct sched *sched, uint32_t position)
{
	struct sched_slot slot = sched->heap[position];
	uint32_t child;

	while ((child = 2 * position + 1) < sched->n_awake) {
		if (child + 1 < sched->n_awake &&
			sched->heap[child + 1].virtual_time < sched->heap[child].virtual_time)
			child++;
		if (slot.virtual_time <= sched->heap[child].virtual_time)
			break;
		place(sched, position, sched->heap[child]);
		position = child;
	}
	place(sched, position, slot);
}

void
sched_wake(struct sched *sched, struct sched_entity *entity)
{
	struct sched_slot slot = { .entity = entity };

	if (sched_awake(entity))
		return;
	if (entity->virtual_time < sched->virtual_time)
		entity->virtual_time = sched->virtual_time;
	slot.virtual_time = entity->virtual_time;
	place(sched, sched->n_awake, slot);
	sift_up(sched, sched->n_awake++);
}

void
sched_sleep(struct sched *sched, struct sched_entity *entity)
{
	uint32_t position = entity->position;
	uint32_t last;

	if (!sched_awake(entity))
		return;
	last = --sched->n_awake;
	entity->position = SCHED_ASLEEP;
	if (position != last) {
		place(sched, position, sched->heap[last]);
		sift_up(sched, position);
		sift_down(sched, sched->heap[position].entity->position);
	}
	/* Once nobody has work, a new busy period starts with all debts forgiven. */
	if (sched->n_awake == 0)
		sched->virtual_time = sched->latest_finish;
}

static void
rebase(struct sched *sched)
{
	uint64_t base = sched->virtual_time;

	for (uint32_t i = 0; i < sched->n_entities; i++) {
		uint64_t *time = &sched->entities[i]->virtual_time;

		*time = *time < base ? 0 : *time - base;
	}
	for (uint32_t i = 0; i < sched->n_awake; i++)
		sched->heap[i].virtual_time = sched->heap[i].entity->virtual_time;
	sched->virtual_time = 0;
	sched->latest_finish -= base;
}

/* Cost divided by weight; `remainder` carries what is below the unit from one to the next. */
static uint64_t
virtual_cost(const struct sched_entity *entity, uint64_t cost, uint64_t *remainder)
{
	uint64_t inverse_weight = __atomic_load_n(&entity->inverse_weight, __ATOMIC_RELAXED);
	unsigned __int128 product = (unsigned __int128)cost * inverse_weight + *remainder;

	*remainder = (uint64_t)product & ((UINT64_C(1) << (INVERSE - FRACTION)) - 1);
	return (uint64_t)(product >> (INVERSE - FRACTION));
}

static void
advance(struct sched *sched, struct sched_entity *entity, uint64_t virtual_time)
{
	entity->virtual_time = virtual_time;
	if (virtual_time > sched->latest_finish)
		sched->latest_finish = virtual_time;
	if (sched_awake(entity)) {
		sched->heap[entity->position].virtual_time = virtual_time;
		sift_down(sched, entity->position);
	}
	if (virtual_time > REBASE_ABOVE)
		rebase(sched);
}

static void
predict(struct sched_entity *entity, uint64_t cost, uint32_t packets)
{
	uint64_t measured;

	if (packets == 0)
		return;
	measured = cost / packets;
	if (measured > UINT32_MAX / 2)
		measured = UINT32_MAX / 2;
	if (entity->cost_per_packet == 0)
		entity->cost_per_packet = (uint32_t)measured;
	else
		entity->cost_per_packet +=
			((int64_t)measured - (int64_t)entity->cost_per_packet) >> COST_SHIFT;
}

void
sched_charge(struct sched *sched, struct sched_entity *entity, uint64_t cost, uint32_t packets)
{
	entity->charged += cost;
	entity->turns++;
	entity->packets += packets;
	predict(entity, cost, packets);
	advance(sched, entity,
		entity->virtual_time + virtual_cost(entity, cost, &entity->remainder));
}

void
sched_bill(struct sched *sched, struct sched_entity *entity, uint64_t cost)
{
	uint64_t none = 0;
	uint64_t limit = sched->virtual_time + virtual_cost(entity, sched->debt_limit, &none);
	uint64_t virtual_time = entity->virtual_time;

	entity->charged += cost;
	if (virtual_time >= limit)
		return;
	virtual_time += virtual_cost(entity, cost, &entity->remainder);
	advance(sched, entity, virtual_time < limit ? virtual_time : limit);
}
