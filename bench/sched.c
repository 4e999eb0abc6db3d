/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * What the schedule itself costs, in TSC cycles: the decision (pick and charge) beside the same
 * with a binary heap, and all that a turn takes (pick, budget, clock, charge, and sleep and wake
 * where a turn empties its FIFO). The two take turns on the same costs; a figure is the median of
 * many short stretches.
 *
 * sched-bench [--json FILE] [--rounds N]
 */

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cycles.h>

#include "lpm_report.h"
#include "sched/sched.h"

#define QUANTUM 26000
#define DEBT 260000000
#define COSTS 65536u
#define STRETCHES 101u
#define TURNS 4096u
#define ENTITIES_MAX 4096u

struct mix {
	const char *name;
	double turn_max; /* wanted of a turn at 1,024 routers: 10 cycles/packet, or 60 at one packet
	                  */
	uint32_t weight_max;
	uint32_t cost_low, cost_high;
};

static const struct mix mixes[] = {
	{ "full bursts", 640, 1, 20000, 32000 },
	{ "full bursts, one cost", 640, 1, 26000, 26000 },
	{ "one packet", 60, 1, 80, 400 },
	{ "weights 1..8", 60, 8, 80, 32000 },
	{ "weights 1..10000", 60, 10000, 80, 32000 },
};

static uint32_t costs[COSTS];
static uint32_t weights[ENTITIES_MAX];
static unsigned int rounds = 7;

/* The schedule as a binary heap, which is what it was. */
struct slot {
	uint64_t virtual_time;
	struct sched_entity *entity;
};

static struct slot heap[ENTITIES_MAX];
static struct sched_entity heap_entities[ENTITIES_MAX];
static struct sched_entity entities[ENTITIES_MAX];
static struct sched sched;

static void
heap_put(uint32_t position, struct slot slot)
{
	heap[position] = slot;
	slot.entity->index = position;
}

static void __attribute__((noinline)) heap_charge(uint32_t n, uint64_t cost)
{
	struct slot slot = heap[0];
	uint32_t position = 0, child;
	unsigned __int128 product =
		(unsigned __int128)cost * slot.entity->inverse_weight + slot.entity->remainder;

	slot.entity->remainder = (uint32_t)product & 0xffffff;
	slot.entity->charged += cost;
	slot.entity->turns++;
	slot.virtual_time += (uint64_t)(product >> 24);
	while ((child = 2 * position + 1) < n) {
		if (child + 1 < n && heap[child + 1].virtual_time < heap[child].virtual_time)
			child++;
		if (slot.virtual_time <= heap[child].virtual_time)
			break;
		heap_put(position, heap[child]);
		position = child;
	}
	heap_put(position, slot);
}

static void
start(uint32_t n)
{
	if (sched_init(&sched, n, QUANTUM, DEBT) != 0)
		exit(EXIT_FAILURE);
	for (uint32_t i = 0; i < n; i++) {
		sched_entity_init(&entities[i], weights[i]);
		sched_add(&sched, &entities[i]);
		sched_wake(&sched, &entities[i], 0);
		sched_entity_init(&heap_entities[i], weights[i]);
		heap_put(i, (struct slot){ .entity = &heap_entities[i] });
	}
}

static double
stretch_heap(uint32_t n, uint32_t at)
{
	uint64_t begin = rte_rdtsc();

	for (uint32_t i = 0; i < TURNS; i++)
		heap_charge(n, costs[(at + i) % COSTS]);
	return (double)(rte_rdtsc() - begin) / TURNS;
}

static double
stretch_sched(uint32_t n, uint32_t at)
{
	uint64_t begin = rte_rdtsc();

	(void)n;
	for (uint32_t i = 0; i < TURNS; i++)
		sched_charge(&sched, sched_pick(&sched, 0), costs[(at + i) % COSTS], 64);
	return (double)(rte_rdtsc() - begin) / TURNS;
}

/* With what the worker does about it. */
static double
stretch_turn(uint32_t n, uint32_t at)
{
	uint64_t begin = rte_rdtsc(), now = begin;
	uint32_t budgets = 0;
	uint64_t elapsed = 0;

	(void)n;
	for (uint32_t i = 0; i < TURNS; i++) {
		struct sched_entity *entity = sched_pick(&sched, 0);
		uint64_t before = now;

		budgets += sched_budget(&sched, entity);
		now = rte_rdtsc();
		elapsed += now - before;
		sched_charge(&sched, entity, costs[(at + i) % COSTS], 64);
	}
	__asm__ volatile("" : : "r"(budgets), "r"(elapsed));
	return (double)(rte_rdtsc() - begin) / TURNS;
}

/* The FIFO was emptied, and soon has a frame again. */
static double
stretch_sleepy(uint32_t n, uint32_t at)
{
	uint64_t begin = rte_rdtsc(), now = begin;
	struct sched_entity *asleep = NULL;
	uint64_t elapsed = 0;

	(void)n;
	for (uint32_t i = 0; i < TURNS; i++) {
		struct sched_entity *entity = sched_pick(&sched, 0);
		uint64_t before = now;

		now = rte_rdtsc();
		elapsed += now - before;
		sched_charge(&sched, entity, costs[(at + i) % COSTS], 1);
		sched_sleep(&sched, entity);
		if (asleep != NULL)
			sched_wake(&sched, asleep, 0);
		asleep = entity;
	}
	if (asleep != NULL)
		sched_wake(&sched, asleep, 0);
	__asm__ volatile("" : : "r"(elapsed));
	return (double)(rte_rdtsc() - begin) / TURNS;
}

typedef double (*stretch_function)(uint32_t n, uint32_t at);

static const struct {
	const char *name;
	stretch_function run;
} subjects[] = {
	{ "heap, decision", stretch_heap },
	{ "sched, decision", stretch_sched },
	{ "sched, whole turn", stretch_turn },
	{ "sched, turn, sleep and wake", stretch_sleepy },
};

#define FIRST_TURN 2 /* of the subjects that are whole turns */

static void
make(const struct mix *mix, uint32_t n)
{
	for (uint32_t i = 0; i < COSTS; i++)
		costs[i] =
			mix->cost_low + (uint32_t)random() % (mix->cost_high - mix->cost_low + 1);
	for (uint32_t i = 0; i < n; i++)
		weights[i] = 1 + (uint32_t)random() % mix->weight_max;
}

static void
measure(const struct mix *mix, uint32_t n)
{
	static double stretches[RTE_DIM(subjects)][STRETCHES];
	double medians[RTE_DIM(subjects)][ROUNDS_MAX];
	char name[128];

	for (unsigned int round = 0; round < rounds; round++) {
		make(mix, n);
		start(n);
		for (uint32_t k = 0; k < STRETCHES; k++)
			for (unsigned int s = 0; s < RTE_DIM(subjects); s++)
				stretches[s][k] = subjects[s].run(n, k * TURNS);
		for (unsigned int s = 0; s < RTE_DIM(subjects); s++)
			medians[s][round] = spread_of(stretches[s], STRETCHES).median;
		sched_fini(&sched);
	}
	for (unsigned int s = 0; s < RTE_DIM(subjects); s++) {
		snprintf(name, sizeof(name), "%s: %s, %" PRIu32 " routers", mix->name,
			subjects[s].name, n);
		report(name, "cycles", spread_of(medians[s], rounds),
			n == 1024 && s >= FIRST_TURN ? mix->turn_max : 0);
	}
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", required_argument, NULL, 'j' },
		{ "rounds", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	static const uint32_t sizes[] = { 8, 64, 1024, 4096 };
	int option;

	while ((option = getopt_long(argc, argv, "j:r:", options, NULL)) != -1) {
		if (option == 'j')
			json = fopen(optarg, "w");
		else if (option == 'r')
			rounds = RTE_MIN(RTE_MAX(atoi(optarg), 1), ROUNDS_MAX);
		else
			return EXIT_FAILURE;
	}
	srandom(1);
	if (json != NULL)
		fputs("{\"results\": [", json);
	for (unsigned int m = 0; m < RTE_DIM(mixes); m++)
		for (unsigned int i = 0; i < RTE_DIM(sizes); i++)
			measure(&mixes[m], sizes[i]);
	if (json != NULL) {
		fputs("\n]}\n", json);
		fclose(json);
	}
	return missed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
