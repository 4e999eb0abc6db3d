/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <inttypes.h>
#include <math.h>

#include "result.h"

/* Lines of one group; those of more routers show its first, its last and its worst. */
#define LINES_MAX 8
#define WORKER_LINES_MAX 16

static double
percent(double part)
{
	return 100 * part;
}

static double
us(const struct sim_run *run, uint64_t cycles)
{
	return (double)cycles / run->scenario->mhz;
}

static void
print_router(const struct sim_run *run, const struct sim_router *router, FILE *out)
{
	double elapsed = (double)run->workers[router->worker].now;

	fprintf(out, "%-20s %6u %6u ", router->name, router->worker, router->weight);
	if (router->always)
		fprintf(out, "%10s", "always");
	else
		fprintf(out, "%10.1f",
			(double)router->counters.offered / run->scenario->duration_ms);
	fprintf(out, " %9.3f %9.3f %8.3f", percent(router->entitled / elapsed),
		percent(sim_run_share(run, router)), percent(sim_run_error(router)));
	if (run->workers[router->worker].memory != NULL)
		fprintf(out, " %9.3f", percent(sim_run_dominant(run, router)));
	if (router->always) {
		fprintf(out, " %8s %9s %9s %9s\n", "-", "-", "-", "-");
		return;
	}
	fprintf(out, " %8.3f %9.1f %9.1f %9.1f\n", percent(sim_run_loss(router)),
		us(run, delays_quantile(router->delays, 0.5)),
		us(run, delays_quantile(router->delays, 0.999)), us(run, router->delays->max));
}

static uint32_t
worst_of(const struct sim_run *run, uint32_t from, uint32_t n)
{
	uint32_t worst = from;

	for (uint32_t i = from; i < from + n; i++)
		if (fabs(sim_run_error(&run->routers[i])) >
			fabs(sim_run_error(&run->routers[worst])))
			worst = i;
	return worst;
}

static void
print_routers(const struct sim_run *run, FILE *out)
{
	fprintf(out, "%-20s %6s %6s %10s %9s %9s %8s", "router", "worker", "weight", "kpps",
		"entitled%", "received%", "error%");
	if (run->workers[0].memory != NULL)
		fprintf(out, " %9s", "dominant%");
	fprintf(out, " %8s %9s %9s %9s\n", "loss%", "p50 us", "p99.9 us", "max us");
	for (uint32_t i = 0; i < run->n_routers;) {
		uint32_t n = run->routers[i].group->count;
		uint32_t worst = worst_of(run, i, n);

		for (uint32_t j = i; j < i + n; j++)
			if (n <= LINES_MAX || j == i || j == worst || j == i + n - 1)
				print_router(run, &run->routers[j], out);
		if (n > LINES_MAX)
			fprintf(out, "  (of %" PRIu32 ": the first, the last and the worst)\n", n);
		i += n;
	}
}

static void
print_worker(const struct sim_run *run, uint32_t w, FILE *out)
{
	const struct sim_worker *worker = &run->workers[w];
	double misses = 0;

	fprintf(out, "worker %-3u %4u routers, turns %7.3f%%, billed %6.3f%%, idle %7.3f%%", w,
		worker->n_routers, percent((double)worker->run / (double)worker->now),
		percent((double)worker->billed / (double)worker->now),
		percent((double)worker->idle / (double)worker->now));
	for (uint32_t i = 0; i < worker->n_routers; i++)
		misses += (double)worker->routers[i]->counters.misses;
	if (worker->memory != NULL)
		fprintf(out, ", misses %.1f%% of the budget",
			percent(misses * 1000 / run->scenario->duration_ms /
				(double)worker->memory->misses_per_second));
	fputc('\n', out);
}

static void
print_pairwise(const struct sim_run *run, FILE *out)
{
	uint64_t pairs;
	double worst = sim_run_pairwise(run, &pairs);

	if (pairs == 0)
		fputs("pairwise: no two routers were both busy through a window\n", out);
	else
		fprintf(out,
			"pairwise: worst difference %.4f of its bound, of %" PRIu64
			" pairs in windows\n",
			worst, pairs);
}

void
result_print(const struct sim_run *run, FILE *out)
{
	double idle = 0;

	print_routers(run, out);
	for (uint32_t w = 0; w < run->n_workers; w++) {
		idle += (double)run->workers[w].idle / (double)run->workers[w].now;
		if (run->n_workers <= WORKER_LINES_MAX)
			print_worker(run, w, out);
	}
	if (run->n_workers > WORKER_LINES_MAX)
		fprintf(out, "%" PRIu32 " workers, idle %.3f%% on average\n", run->n_workers,
			percent(idle / run->n_workers));
	print_pairwise(run, out);
	fprintf(out, "Jain index: %.6f\n", run->jain);
}

/* JSON */

static json_t *
series_json(const struct sim_run *run, const struct sim_router *router)
{
	const struct scenario *scenario = run->scenario;
	double ms = scenario->windows_ms[0], cycles = ms * 1000 * scenario->mhz;
	json_t *offered = json_array(), *forwarded = json_array(), *dropped = json_array();
	json_t *received = json_array(), *entitled = json_array();

	for (unsigned int i = 0; i < scenario->duration_ms / scenario->windows_ms[0]; i++) {
		const struct sim_sample *sample = &router->samples[i];

		json_array_append_new(offered, json_real(sample->offered / ms));
		json_array_append_new(forwarded, json_real(sample->forwarded / ms));
		json_array_append_new(dropped, json_real(sample->dropped / ms));
		json_array_append_new(
			received, json_real(percent((double)sample->cycles / cycles)));
		json_array_append_new(entitled, json_real(percent(sample->entitled / cycles)));
	}
	return json_pack("{so so so so so}", "offered_kpps", offered, "forwarded_kpps", forwarded,
		"dropped_kpps", dropped, "received_percent", received, "entitled_percent",
		entitled);
}

static json_t *
delay_json(const struct sim_run *run, const struct sim_router *router)
{
	if (router->delays->n == 0)
		return json_null();
	return json_pack("{sf sf sf}", "p50", us(run, delays_quantile(router->delays, 0.5)), "p999",
		us(run, delays_quantile(router->delays, 0.999)), "max",
		us(run, router->delays->max));
}

static json_t *
router_json(const struct sim_run *run, const struct sim_router *router)
{
	const struct config_server *reserve = router->group->reserve;
	double elapsed = (double)run->workers[router->worker].now;

	return json_pack("{ss ss si si sI sI sI sI sf sf sf sf sf sf so so}", "name", router->name,
		"group", router->group->name, "worker", (int)router->worker, "weight",
		(int)router->weight, "offered", (json_int_t)router->counters.offered, "forwarded",
		(json_int_t)router->counters.forwarded, "dropped",
		(json_int_t)router->counters.dropped, "misses", (json_int_t)router->counters.misses,
		"reserved_percent",
		reserve != NULL ? percent((double)reserve->runtime_us / reserve->period_us) : 0.0,
		"entitled_percent", percent(router->entitled / elapsed), "received_percent",
		percent(sim_run_share(run, router)), "error_percent",
		percent(sim_run_error(router)), "dominant_percent",
		percent(sim_run_dominant(run, router)), "loss_percent",
		percent(sim_run_loss(router)), "delay_us", delay_json(run, router), "series",
		series_json(run, router));
}

static json_t *
pairwise_json(const struct sim_run *run, const struct sim_worker *worker, unsigned int i)
{
	const struct pairwise *pairwise = &worker->pairwise[i];
	json_t *differences = json_array(), *bounds = json_array();

	for (unsigned int j = 0; j < pairwise->n && j < pairwise->capacity; j++) {
		json_array_append_new(differences,
			json_real(pairwise->windows[j].difference / run->scenario->mhz));
		json_array_append_new(
			bounds, json_real(pairwise->windows[j].bound / run->scenario->mhz));
	}
	return json_pack("{si sf so so}", "window_ms", (int)run->scenario->windows_ms[i], "worst",
		pairwise->worst, "difference_us", differences, "bound_us", bounds);
}

static json_t *
worker_json(const struct sim_run *run, const struct sim_worker *worker)
{
	json_t *pairwise = json_array();

	for (unsigned int i = 0; i < run->scenario->n_windows_ms; i++)
		json_array_append_new(pairwise, pairwise_json(run, worker, i));
	return json_pack("{sI sI sI sI so}", "elapsed", (json_int_t)worker->now, "run",
		(json_int_t)worker->run, "billed", (json_int_t)worker->billed, "idle",
		(json_int_t)worker->idle, "pairwise", pairwise);
}

json_t *
result_json(const struct sim_run *run)
{
	json_t *routers = json_array(), *workers = json_array();
	uint64_t pairs;
	double worst = sim_run_pairwise(run, &pairs);

	for (uint32_t i = 0; i < run->n_routers; i++)
		json_array_append_new(routers, router_json(run, &run->routers[i]));
	for (uint32_t w = 0; w < run->n_workers; w++)
		json_array_append_new(workers, worker_json(run, &run->workers[w]));
	return json_pack("{ss sf so sI so so}", "name", run->config->name, "jain", run->jain,
		"pairwise_worst", pairs > 0 ? json_real(worst) : json_null(), "pairs",
		(json_int_t)pairs, "workers", workers, "routers", routers);
}

json_t *
result_charts(const struct scenario *scenario)
{
	json_t *charts = json_array();

	for (unsigned int i = 0; i < scenario->n_draw; i++) {
		const struct scenario_chart *chart = &scenario->draw[i];
		const char *run = chart->run[0] != '\0' ? chart->run : scenario->runs[0].name;

		json_array_append_new(
			charts, json_pack("{ss ss ss}", "title", chart->title, "what",
					scenario_drawing_words[chart->what], "run", run));
	}
	return charts;
}
