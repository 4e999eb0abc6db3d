/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <math.h>

#include <rte_cycles.h>
#include <rte_malloc.h>
#include <rte_random.h>

#include "element/element.h"

/*
 * Costs what it is told to cost: cycles, and reads that miss the cache. For experiments on how the
 * CPU is shared: a burst spends the sum of what its packets draw.
 */

#define BURN_CYCLES_MAX 1000000000000 /* minutes */
#define BURN_READS_MAX 10000
#define DRAWS 4096 /* a distribution's quantiles; a power of two */
#define PARETO_SHAPE 1.5
#define LINE RTE_CACHE_LINE_SIZE

enum burn_distribution {
	BURN_CONSTANT,
	BURN_UNIFORM, /* 0 .. twice the mean */
	BURN_EXPONENTIAL,
	BURN_PARETO, /* few packets have most of it */
};

static const char *const distributions[] = {
	[BURN_CONSTANT] = "constant",
	[BURN_UNIFORM] = "uniform",
	[BURN_EXPONENTIAL] = "exponential",
	[BURN_PARETO] = "pareto",
};

struct burn_config {
	struct element_config element;
	uint64_t cycles; /* a packet, on the average */
	uint32_t reads;
	uint32_t memory; /* MB to read in */
	uint8_t distribution;
};

static const struct field burn_config_fields[] = {
	ELEMENT_FIELDS,
	FIELD_INTEGER(burn_config, cycles, 0, BURN_CYCLES_MAX, 0),
	FIELD_INTEGER(burn_config, reads, 0, BURN_READS_MAX, 0),
	FIELD_INTEGER(burn_config, memory, 1, 4096, 32),
	FIELD_WORD(burn_config, distribution, distributions, BURN_CONSTANT, BURN_PARETO,
		BURN_CONSTANT, "\"constant\", \"uniform\", \"exponential\" or \"pareto\""),
};
static const struct kind burn_kind = { ELEMENT_KIND(burn_config, "an object (a burn element)") };

/* One of a cache line: the index of the next in one cycle through all of them, at random. */
struct burn_line {
	uint32_t next;
	uint8_t padding[LINE - sizeof(uint32_t)];
};

struct burn {
	struct element element;
	uint64_t cycles;
	uint32_t reads;
	bool constant;
	uint64_t random;
	uint32_t at; /* the line read last */
	struct burn_line *lines;
	uint64_t spent;
	uint64_t draws[DRAWS]; /* cycles */
};

/* The value that a fraction `u` of all draws is below, with a mean of 1. */
static double
quantile(enum burn_distribution distribution, double u)
{
	switch (distribution) {
	case BURN_UNIFORM:
		return 2 * u;
	case BURN_EXPONENTIAL:
		return -log(1 - u);
	case BURN_PARETO:
		return (PARETO_SHAPE - 1) / PARETO_SHAPE * pow(1 - u, -1 / PARETO_SHAPE);
	default:
		return 1;
	}
}

/* Scaled, so that cutting the tail off does not change the mean. */
static void
make_draws(struct burn *burn, const struct burn_config *config)
{
	double sum = 0;

	for (unsigned int i = 0; i < DRAWS; i++)
		sum += quantile(config->distribution, (i + 0.5) / DRAWS);
	for (unsigned int i = 0; i < DRAWS; i++)
		burn->draws[i] = (uint64_t)((double)config->cycles * DRAWS / sum *
					    quantile(config->distribution, (i + 0.5) / DRAWS));
}

/* Sattolo's algorithm: a permutation that is one cycle. */
static void
make_lines(struct burn_line *lines, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		lines[i].next = i;
	for (uint32_t i = n - 1; i > 0; i--) {
		uint32_t k = (uint32_t)rte_rand_max(i);

		RTE_SWAP(lines[i].next, lines[k].next);
	}
}

static void
burn_destroy(struct element *element)
{
	rte_free(((struct burn *)element)->lines);
	rte_free(element);
}

static struct element *
burn_create(struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	const struct burn_config *config = (const struct burn_config *)params->config;
	struct burn *burn = element_zalloc(params, "burn", sizeof(*burn), error);
	size_t size = (size_t)config->memory << 20;

	if (burn == NULL)
		return NULL;
	burn->cycles = config->cycles;
	burn->reads = config->reads;
	burn->constant = config->distribution == BURN_CONSTANT;
	burn->random = rte_rand() | 1;
	make_draws(burn, config);
	if (burn->reads == 0)
		return &burn->element;
	burn->lines = element_zalloc(params, "memory to read in", size, error);
	if (burn->lines == NULL) {
		burn_destroy(&burn->element);
		return NULL;
	}
	make_lines(burn->lines, (uint32_t)(size / LINE));
	return &burn->element;
}

/* Xorshift (Marsaglia 2003). */
static uint64_t
draw(struct burn *burn)
{
	burn->random ^= burn->random << 13;
	burn->random ^= burn->random >> 7;
	burn->random ^= burn->random << 17;
	return burn->random;
}

static uint64_t
cost_of(struct burn *burn, unsigned int n)
{
	uint64_t cost = 0;

	if (burn->constant)
		return n * burn->cycles;
	for (unsigned int i = 0; i < n; i++)
		cost += burn->draws[draw(burn) >> 32 & (DRAWS - 1)];
	return cost;
}

static void
burn_process(struct element *element, struct element_burst *burst)
{
	struct burn *burn = (struct burn *)element;
	uint64_t cost = cost_of(burn, burst->n);
	uint64_t until = rte_rdtsc() + cost;
	uint32_t at = burn->at;

	for (uint32_t i = 0; i < burst->n * burn->reads; i++)
		at = burn->lines[at].next;
	/* Written, so that the reads are not for nothing. */
	burn->at = at;
	burn->spent += cost;
	while (cost != 0 && (int64_t)(rte_rdtsc() - until) < 0)
		;
}

static json_t *
burn_show(const struct element *element)
{
	const struct burn *burn = (const struct burn *)element;

	return json_pack("{s:I}", "cycles_spent", (json_int_t)burn->spent);
}

static struct element_type burn_type = {
	.name = "burn",
	.text = "spends cycles and cache misses, for experiments",
	.sides = ELEMENT_AT_INGRESS | ELEMENT_AT_EGRESS,
	.config = &burn_kind,
	.create = burn_create,
	.destroy = burn_destroy,
	.process = { [ELEMENT_INGRESS] = burn_process, [ELEMENT_EGRESS] = burn_process },
	.show = burn_show,
};
ELEMENT_REGISTER(burn_type);
