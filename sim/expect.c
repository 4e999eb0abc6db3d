/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "expect.h"
#include "real.h"

/* What is being checked, and where to tell. */
struct check {
	const struct sim_run *runs;
	unsigned int n_runs;
	const struct sim_run *run;
	const char *source;
	FILE *errors;
	unsigned int failed;
};

static void __attribute__((format(printf, 3, 4)))
fail(struct check *check, unsigned int line, const char *format, ...)
{
	va_list args;

	fprintf(check->errors, "%s:%u: run %s: ", check->source, line, check->run->config->name);
	va_start(args, format);
	vfprintf(check->errors, format, args);
	va_end(args);
	fputc('\n', check->errors);
	check->failed++;
}

/* Rounded figures of which one is over the other would look alike. */
static void
at_most(struct check *check, unsigned int line, const char *what, const char *router, double found,
	double most)
{
	if (real_given(most) && !(found <= most))
		fail(check, line, "%s%s%s: found %.6g, expected %.6g at most", router,
			router[0] != '\0' ? ": " : "", what, found, most);
}

static void
at_least(struct check *check, unsigned int line, const char *what, const char *router, double found,
	double least)
{
	if (real_given(least) && !(found >= least))
		fail(check, line, "%s%s%s: found %.6g, expected %.6g at least", router,
			router[0] != '\0' ? ": " : "", what, found, least);
}

/* What a router received and lost in a part of the run. */
struct part {
	double share; /* percent */
	double loss;
	double error;
};

static struct part
part_of(const struct sim_run *run, const struct sim_router *router,
	const struct scenario_wanted *wanted)
{
	const struct scenario *scenario = run->scenario;
	uint32_t window = scenario->windows_ms[0];
	uint32_t to = wanted->to_ms > 0 ? wanted->to_ms : scenario->duration_ms;
	double offered = 0, dropped = 0, cycles = 0, entitled = 0;

	if (to > scenario->duration_ms)
		to = scenario->duration_ms;
	for (uint32_t i = wanted->from_ms / window; i < to / window; i++) {
		offered += router->samples[i].offered;
		dropped += router->samples[i].dropped;
		cycles += (double)router->samples[i].cycles;
		entitled += router->samples[i].entitled;
	}
	return (struct part){
		.share = 100 * cycles / ((double)(to - wanted->from_ms) * 1000 * scenario->mhz),
		.loss = offered > 0 ? 100 * dropped / offered : 0,
		.error = entitled > 0 ? 100 * fabs(cycles / entitled - 1) : 0,
	};
}

static double
p999_us(const struct sim_run *run, const struct sim_router *router)
{
	return (double)delays_quantile(router->delays, 0.999) / run->scenario->mhz;
}

static const struct sim_router *
find_router(const struct sim_run *run, const char *name)
{
	for (uint32_t i = 0; i < run->n_routers; i++)
		if (strcmp(run->routers[i].name, name) == 0)
			return &run->routers[i];
	return NULL;
}

static void
check_alone(
	struct check *check, const struct sim_router *router, const struct scenario_wanted *wanted)
{
	for (unsigned int i = 0; i < check->n_runs; i++) {
		const struct sim_run *run = &check->runs[i];
		const struct sim_router *alone;
		double beyond;

		if (strcmp(run->config->name, wanted->alone) != 0)
			continue;
		alone = find_router(run, router->name);
		if (alone == NULL)
			continue;
		beyond = p999_us(check->run, router) - p999_us(run, alone);
		at_most(check, wanted->line, "quanta that p99.9 is beyond that alone", router->name,
			beyond / run->scenario->quantum_us, wanted->quanta_max);
	}
}

static void
check_router(
	struct check *check, const struct sim_router *router, const struct scenario_wanted *wanted)
{
	struct part part = part_of(check->run, router, wanted);
	double dominant = 100 * sim_run_dominant(check->run, router);
	unsigned int line = wanted->line;

	at_most(check, line, "loss %", router->name, part.loss, wanted->loss_percent_max);
	at_least(check, line, "loss %", router->name, part.loss, wanted->loss_percent_min);
	at_most(check, line, "error %", router->name, part.error, wanted->error_percent_max);
	at_most(check, line, "share %", router->name, part.share, wanted->share_percent_max);
	at_least(check, line, "share %", router->name, part.share, wanted->share_percent_min);
	at_most(check, line, "dominant %", router->name, dominant, wanted->dominant_percent_max);
	at_least(check, line, "dominant %", router->name, dominant, wanted->dominant_percent_min);
	at_most(check, line, "p99.9 us", router->name, p999_us(check->run, router),
		wanted->p999_us_max);
	check_alone(check, router, wanted);
}

static void
check_expect(struct check *check, const struct scenario_expect *expect)
{
	const struct sim_run *run = check->run;
	uint64_t pairs;
	double worst = sim_run_pairwise(run, &pairs);

	if (expect == NULL)
		return;
	for (uint32_t i = 0; i < run->n_routers; i++)
		at_most(check, expect->line, "error %", run->routers[i].name,
			100 * fabs(sim_run_error(&run->routers[i])), expect->error_percent_max);
	at_least(check, expect->line, "Jain index", "", run->jain, expect->jain_min);
	at_most(check, expect->line, "pairwise difference / bound", "", worst,
		expect->pairwise_max);
	if (real_given(expect->pairwise_max) && pairs == 0)
		fail(check, expect->line,
			"found no two routers that were both busy through a window, expected some");
	for (uint32_t w = 0; w < run->n_workers; w++)
		at_least(check, expect->line, "busy %", "",
			100 * (1 - (double)run->workers[w].idle / (double)run->workers[w].now),
			expect->busy_percent_min);
	for (unsigned int i = 0; i < expect->n_routers; i++)
		for (uint32_t j = 0; j < run->n_routers; j++)
			if (strcmp(run->routers[j].group->name, expect->routers[i].router) == 0)
				check_router(check, &run->routers[j], &expect->routers[i]);
}

unsigned int
expect_check(const struct sim_run *runs, unsigned int n_runs, unsigned int which,
	const char *source, FILE *errors)
{
	struct check check = { runs, n_runs, &runs[which], source, errors, 0 };

	check_expect(&check, check.run->scenario->expect);
	check_expect(&check, check.run->config->expect);
	return check.failed;
}

/* Throughput by what is reserved, against the line through 0 that fits best. */
unsigned int
expect_check_linear(
	const struct sim_run *runs, unsigned int n_runs, const char *source, FILE *errors)
{
	const struct scenario_linear *linear = runs[0].scenario->linear;
	struct check check = { runs, n_runs, runs, source, errors, 0 };
	double xy = 0, xx = 0;

	for (unsigned int pass = 0; linear != NULL && pass < 2; pass++)
		for (unsigned int i = 0; i < n_runs; i++) {
			const struct sim_router *router = find_router(&runs[i], linear->router);
			const struct config_server *reserve = router->group->reserve;
			double x = (double)reserve->runtime_us / reserve->period_us;
			double y = (double)router->counters.forwarded;

			check.run = &runs[i];
			if (pass == 0) {
				xy += x * y;
				xx += x * x;
				continue;
			}
			at_most(&check, linear->line, "throughput off the line, %", router->name,
				100 * fabs(y / (x * xy / xx) - 1), linear->percent_max);
		}
	return check.failed;
}
