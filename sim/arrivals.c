/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <math.h>

#include "arrivals.h"

#define US_PER_MS 1000.0
#define US_PER_SECOND 1e6

void
arrivals_init(struct arrivals *arrivals, const struct scenario_arrivals *config,
	uint32_t cycles_per_us, struct prng prng)
{
	*arrivals = (struct arrivals){
		.config = config,
		.prng = prng,
		.cycles_per_us = cycles_per_us,
		.on = true,
		.first = true,
	};
	if (config->on_us > 0 && config->phase == SCENARIO_PHASE_RANDOM)
		arrivals->offset = prng_real(&arrivals->prng) * (config->on_us + config->off_us);
	arrivals->on = arrivals->offset < config->on_us || config->on_us == 0;
}

/* In packets a microsecond. */
static double
rate(const struct arrivals *arrivals)
{
	const struct scenario_arrivals *config = arrivals->config;

	if (!arrivals->on)
		return 0;
	if (config->n_steps == 0)
		return config->pps / US_PER_SECOND;
	if (arrivals->step == 0)
		return 0;
	return config->steps[arrivals->step - 1].pps / US_PER_SECOND;
}

static double
step_end(const struct arrivals *arrivals)
{
	const struct scenario_arrivals *config = arrivals->config;

	if (arrivals->step == config->n_steps)
		return INFINITY;
	return config->steps[arrivals->step].at_ms * US_PER_MS;
}

static double
burst_end(const struct arrivals *arrivals)
{
	const struct scenario_arrivals *config = arrivals->config;
	double period = (double)config->on_us + config->off_us;

	if (config->on_us == 0)
		return INFINITY;
	return (double)arrivals->burst * period + (arrivals->on ? config->on_us : period) -
	       arrivals->offset;
}

/* The piece that ends there is over. */
static void
enter(struct arrivals *arrivals, double end)
{
	if (step_end(arrivals) <= end) {
		arrivals->step++;
		return;
	}
	arrivals->burst += !arrivals->on;
	arrivals->on = !arrivals->on;
}

static bool
over(const struct arrivals *arrivals)
{
	const struct scenario_arrivals *config = arrivals->config;

	return config->n_steps > 0 && arrivals->step == config->n_steps &&
	       config->steps[config->n_steps - 1].pps == 0;
}

static double
units(struct arrivals *arrivals)
{
	const struct scenario_arrivals *config = arrivals->config;
	bool first = arrivals->first;

	arrivals->first = false;
	if (config->process == SCENARIO_POISSON)
		return -log(prng_real(&arrivals->prng));
	if (!first)
		return 1;
	return config->phase == SCENARIO_PHASE_RANDOM ? prng_real(&arrivals->prng) : 0;
}

uint64_t
arrivals_next(struct arrivals *arrivals)
{
	double left = units(arrivals);

	for (;;) {
		double end = fmin(step_end(arrivals), burst_end(arrivals));
		double packets = rate(arrivals);

		if (packets > 0 && arrivals->now + left / packets < end) {
			arrivals->now += left / packets;
			return (uint64_t)(arrivals->now * arrivals->cycles_per_us);
		}
		if (over(arrivals) || isinf(end))
			return ARRIVALS_NEVER;
		left = fmax(0, left - (end - arrivals->now) * packets);
		arrivals->now = end;
		enter(arrivals, end);
	}
}
