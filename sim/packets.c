/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "packets.h"

void
packets_init(struct packets *packets, const struct scenario_packets *config, struct prng prng)
{
	*packets = (struct packets){ .config = config, .prng = prng };
	if (config->n_pattern > 0)
		packets->left = config->pattern[0].packets;
}

static void
add(struct packets_cost *cost, const struct scenario_packet *packet, uint32_t n)
{
	cost->cycles += (uint64_t)packet->cycles * n;
	cost->misses += (uint64_t)packet->misses * n;
}

/* The probabilities add up to 1. */
static const struct scenario_packet *
draw(struct packets *packets)
{
	const struct scenario_packets *config = packets->config;
	double at = prng_real(&packets->prng);
	unsigned int i = 0;

	while (i < config->n_mixed - 1 && at > config->mixed[i].probability)
		at -= config->mixed[i++].probability;
	return &config->mixed[i];
}

static void
run_pattern(struct packets *packets, uint32_t n, struct packets_cost *cost)
{
	const struct scenario_packets *config = packets->config;

	while (n > 0) {
		uint32_t now = n < packets->left ? n : packets->left;

		add(cost, &config->pattern[packets->at], now);
		n -= now;
		packets->left -= now;
		if (packets->left > 0)
			continue;
		packets->at = (packets->at + 1) % config->n_pattern;
		packets->left = config->pattern[packets->at].packets;
	}
}

struct packets_cost
packets_run(struct packets *packets, uint32_t n)
{
	const struct scenario_packets *config = packets->config;
	struct packets_cost cost = { 0 };

	if (config->n_mixed > 0) {
		for (uint32_t i = 0; i < n; i++)
			add(&cost, draw(packets), 1);
	} else if (config->n_pattern > 0) {
		run_pattern(packets, n, &cost);
	} else {
		cost.cycles = (uint64_t)config->cycles * n;
		cost.misses = (uint64_t)config->misses * n;
	}
	return cost;
}

void
packets_mean(const struct scenario_packets *config, double *cycles, double *misses)
{
	double n = 0;

	*cycles = config->cycles;
	*misses = config->misses;
	if (config->n_mixed + config->n_pattern == 0)
		return;
	*cycles = *misses = 0;
	for (unsigned int i = 0; i < config->n_mixed + config->n_pattern; i++) {
		const struct scenario_packet *packet =
			config->n_mixed > 0 ? &config->mixed[i] : &config->pattern[i];
		double part = config->n_mixed > 0 ? packet->probability : packet->packets;

		*cycles += part * packet->cycles;
		*misses += part * packet->misses;
		n += part;
	}
	*cycles /= n;
	*misses /= n;
}
