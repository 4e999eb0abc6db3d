/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <math.h>

#include "arrivals.h"

#define US_PER_MS 1000.0
#define US_PER_SECOND 1e6

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

static uint32_t
rate(const struct arrivals *arrivals)
{
	const struct scenario_arrivals *config = arrivals->config;

	if (config->n_steps == 0)
		return config->pps;
	return arrivals->step > 0 ? config->steps[arrivals->step - 1].pps : 0;
}

static void
begin_piece(struct arrivals *arrivals)
{
	uint32_t pps = arrivals->on ? rate(arrivals) : 0;

	arrivals->interval = pps > 0 ? US_PER_SECOND / pps : 0;
	arrivals->end = fmin(step_end(arrivals), burst_end(arrivals));
}

static void
end_piece(struct arrivals *arrivals)
{
	arrivals->now = arrivals->end;
	if (step_end(arrivals) <= arrivals->end) {
		arrivals->step++;
	} else {
		arrivals->burst += !arrivals->on;
		arrivals->on = !arrivals->on;
	}
	begin_piece(arrivals);
}

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
	begin_piece(arrivals);
}

/* No piece to come has a rate. */
static bool
over(const struct arrivals *arrivals)
{
	const struct scenario_arrivals *config = arrivals->config;

	if (isinf(arrivals->end))
		return true;
	return config->n_steps > 0 && arrivals->step == config->n_steps && rate(arrivals) == 0;
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
		double at = arrivals->now + left * arrivals->interval;

		if (arrivals->interval > 0 && at < arrivals->end) {
			arrivals->now = at;
			return (uint64_t)(at * arrivals->cycles_per_us);
		}
		if (over(arrivals))
			return ARRIVALS_NEVER;
		if (arrivals->interval > 0)
			left = fmax(0, left - (arrivals->end - arrivals->now) / arrivals->interval);
		end_piece(arrivals);
	}
}
