/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "sched/cost.h"
#include "sched/sched.h"

/* The predicted cost follows the measured one by an eighth a turn. */
#define COST_SHIFT 3

/* splitmix64 (Steele, Lea & Flood, OOPSLA 2014). */
static uint64_t
mix(uint64_t z)
{
	z += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static bool
sampled(const struct sched_cost *cost, const struct sched_entity *entity)
{
	uint64_t which = 0;

	/* There is nothing to predict from yet. */
	if (entity->cost_per_packet == 0)
		return true;
	if (cost->random_phase)
		which = mix(mix(cost->seed ^ entity->index) ^ entity->turns / cost->period) %
		        cost->period;
	return entity->turns % cost->period == which;
}

bool
sched_cost_timed(const struct sched_cost *cost, const struct sched_entity *entity)
{
	if (cost->mode == SCHED_COST_SAMPLED)
		return sampled(cost, entity);
	return cost->mode == SCHED_COST_EXACT;
}

static void
predict(struct sched_entity *entity, uint64_t taken, uint32_t packets)
{
	uint64_t measured;

	if (packets == 0)
		return;
	measured = taken / packets;
	if (measured > UINT32_MAX / 2)
		measured = UINT32_MAX / 2;
	if (entity->cost_per_packet == 0)
		entity->cost_per_packet = (uint32_t)measured;
	else
		entity->cost_per_packet +=
			((int64_t)measured - (int64_t)entity->cost_per_packet) >> COST_SHIFT;
}

uint64_t
sched_cost_of(const struct sched_cost *cost, struct sched_entity *entity, uint64_t taken,
	uint32_t packets, uint32_t quantum)
{
	uint64_t units = packets > 0 ? packets : 1;

	if (sched_cost_timed(cost, entity)) {
		predict(entity, taken, packets);
		return taken;
	}
	if (cost->mode == SCHED_COST_SAMPLED)
		return units * entity->cost_per_packet;
	/* So that turns are as long as can be. */
	entity->cost_per_packet = quantum / SCHED_BUDGET_MAX;
	return cost->mode == SCHED_COST_PACKETS ? units * quantum / SCHED_BUDGET_MAX : quantum;
}
