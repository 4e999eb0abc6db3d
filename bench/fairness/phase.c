/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_string_fns.h>

#include "account.h"
#include "phase.h"

#define US 1e6 /* a second */
#define SLIP_US 500
#define STALL_US 500
/* Traffic goes on behind the last moment that counts. */
#define TAIL_US 500
#define QUIET_US 2000
#define DRAIN_US 2000000
#define WINDOWS_MAX 20000

static uint64_t
cycles_of_us(double us)
{
	return (uint64_t)(us * (double)rte_get_tsc_hz() / US);
}

static int
parse_work(struct phase *phase, const char *work)
{
	static const char *const works[] = { [SAMPLE_PRODUCT] = "product",
		[SAMPLE_FORWARD] = "forward",
		[SAMPLE_RECEIVE] = "receive" };

	for (unsigned int i = 0; i < RTE_DIM(works); i++) {
		phase->work = i;
		if (strcmp(works[i], work) == 0)
			return 0;
	}
	fprintf(stderr, "%s: work: expected product, forward or receive\n", phase->name);
	return -1;
}

static int
parse_flows(struct phase *phase, const json_t *flows, const struct stage *stage)
{
	const char *port;
	json_t *entry;
	size_t i;

	phase->flows = calloc(json_array_size(flows) + 1, sizeof(*phase->flows));
	if (phase->flows == NULL || json_array_size(flows) >= UINT16_MAX)
		return -1;
	json_array_foreach(flows, i, entry) {
		int index;

		if (flow_parse(&phase->flows[i], entry, rte_get_tsc_hz()) != 0)
			return -1;
		phase->n_flows++;
		port = json_string_value(json_object_get(entry, "port"));
		index = stage_port(stage, port);
		if (index < 0) {
			fprintf(stderr, "flow %s: no port %s\n", phase->flows[i].name, port);
			return -1;
		}
		phase->flows[i].port = (uint16_t)index;
	}
	return 0;
}

int
phase_parse(struct phase *phase, const json_t *json, const struct stage *stage)
{
	double warmup, measure, window = 0, slip = SLIP_US, stall = STALL_US;
	const char *name, *work = "product";
	json_error_t error;
	json_t *flows;

	*phase = (struct phase){ 0 };
	if (json_unpack_ex((json_t *)(uintptr_t)json, &error, 0,
		    "{s:s, s?:s, s:F, s:F, s?:F, s?:F, s?:F, s:o}", "name", &name, "work", &work,
		    "warmup_us", &warmup, "measure_us", &measure, "window_us", &window, "slip_us",
		    &slip, "stall_us", &stall, "flows", &flows) != 0) {
		fprintf(stderr, "a phase: %s\n", error.text);
		return -1;
	}
	strlcpy(phase->name, name, sizeof(phase->name));
	if (warmup < 0 || measure <= 0 || window < 0 || slip <= 0 || stall <= 0 ||
		(window > 0 && measure / window > WINDOWS_MAX)) {
		fprintf(stderr, "%s: expected times above 0, and %u windows at most\n", name,
			WINDOWS_MAX);
		return -1;
	}
	phase->warmup = cycles_of_us(warmup);
	phase->measure = cycles_of_us(measure);
	phase->window = cycles_of_us(window);
	phase->slip = cycles_of_us(slip);
	phase->stall = cycles_of_us(stall);
	if (parse_work(phase, work) == 0 && parse_flows(phase, flows, stage) == 0)
		return 0;
	phase_clear(phase);
	return -1;
}

void
phase_clear(struct phase *phase)
{
	for (uint32_t i = 0; i < phase->n_flows; i++)
		flow_clear(&phase->flows[i]);
	free(phase->flows);
	*phase = (struct phase){ 0 };
}

/* The main lcore's part of a phase under way. */
struct course {
	struct generator generator;
	struct sink sink;
	uint64_t loops, longest_loop, long_loops;
};

static struct sample *
make_sample(const struct phase *phase, const struct stage *stage)
{
	uint32_t n_windows = phase->window > 0 ? (uint32_t)(phase->measure / phase->window) : 1;
	uint32_t n = stage->vrouter->config->n_routers, i = 0;
	struct sched_entity **entities = calloc(n + 1, sizeof(*entities));
	struct sample *sample;
	struct router *router;

	if (entities == NULL)
		return NULL;
	TAILQ_FOREACH(router, &stage->vrouter->routers, link)
		entities[i++] = &router->instance->entity;
	sample = sample_create(stage->vrouter->workers[0], entities, n, n_windows);
	free(entities);
	if (sample == NULL)
		return NULL;
	sample->window = phase->window > 0 ? phase->window : phase->measure;
	sample->stall = phase->stall;
	return sample;
}

static void
start(struct course *course, struct phase *phase, struct stage *stage)
{
	static uint16_t phases;
	uint64_t now = rte_rdtsc() + cycles_of_us(1000);

	*course = (struct course){
		.generator = { .flows = phase->flows,
			.n_flows = phase->n_flows,
			.phase = ++phases,
			.start = now,
			.slip = phase->slip,
			.count_from = now + phase->warmup,
			.count_to = now + phase->warmup + phase->measure,
			.ports = stage->rx,
			.pool = stage->frames },
		.sink = { .flows = phase->flows,
			.n_flows = phase->n_flows,
			.phase = phases,
			.count_from = now + phase->warmup,
			.count_to = now + phase->warmup + phase->measure,
			.ports = stage->tx,
			.n_ports = stage->n_ports },
	};
	stage->longest_poll = 0;
	while (rte_rdtsc() < now)
		;
}

static void
traffic(struct course *course, const struct phase *phase, struct stage *stage)
{
	uint64_t end = course->generator.count_to + cycles_of_us(TAIL_US);
	uint64_t now = rte_rdtsc(), before;

	do {
		generator_run(&course->generator);
		sink_run(&course->sink);
		stage_poll(stage);
		before = now;
		now = rte_rdtsc();
		course->loops++;
		course->longest_loop = RTE_MAX(course->longest_loop, now - before);
		course->long_loops += now - before > phase->slip;
	} while (now < end);
}

/*
 * Gives how long it took, in cycles; what has not come by then does not come. When all has been
 * quiet for long, the lcore may be away with frames in its hands: nothing is over before it has
 * passed once more.
 */
static uint64_t
run_out(struct course *course, struct stage *stage, const struct sample_lcore *lcore)
{
	uint64_t start = rte_rdtsc(), latest = start, enough = UINT64_MAX, passes, now;

	do {
		passes = __atomic_load_n(&lcore->passes, __ATOMIC_ACQUIRE);
		stage_poll(stage);
		now = rte_rdtsc();
		if (sink_run(&course->sink) > 0 || !stage_quiet(stage)) {
			latest = now;
			enough = UINT64_MAX;
		} else if (enough == UINT64_MAX && now - latest >= cycles_of_us(QUIET_US)) {
			/* The pass it is in, and a whole one. */
			enough = passes + 2;
		}
	} while (passes < enough && now - start < cycles_of_us(DRAIN_US));
	return latest - start;
}

/* Of the generator's thread and the worker's. */
static void
read_preemption(const struct sample_lcore *lcore, struct preemption preemption[2])
{
	preemption_read(gettid(), (unsigned int)rte_lcore_to_cpu_id((int)rte_get_main_lcore()),
		&preemption[0]);
	preemption_read(lcore->thread, (unsigned int)rte_lcore_to_cpu_id((int)lcore->worker->lcore),
		&preemption[1]);
}

static json_t *
report(const struct phase *phase, const struct stage *stage, const struct account *account,
	const struct course *course, uint64_t drained)
{
	json_t *result = json_object();

	json_object_set_new(result, "name", json_string(phase->name));
	json_object_set_new(result, "hz", json_integer((json_int_t)rte_get_tsc_hz()));
	json_object_set_new(
		result, "drained_us", json_real((double)drained * US / (double)rte_get_tsc_hz()));
	account_flows(result, phase->flows, phase->n_flows);
	account_routers(account, stage, result);
	account_course(result, &course->generator, &course->sink);
	account_loop(result, course->loops, course->longest_loop, course->long_loops,
		stage->longest_poll);
	return result;
}

static uint64_t
measure_round_trip(struct sample_lcore *lcore)
{
	uint64_t cycles;

	sample_set_work(lcore, SAMPLE_ANSWER);
	cycles = round_trip_measure(&lcore->round_trip);
	sample_set_work(lcore, SAMPLE_PRODUCT);
	return cycles;
}

/* With what was read on the worker's lcore, if it does the worker's work. */
static json_t *
run(struct phase *phase, struct stage *stage, struct sample_lcore *lcore, struct sample *sample,
	const struct account *account)
{
	struct preemption before[2], after[2];
	struct course course;
	uint64_t drained, round_trips[2];
	json_t *result;

	round_trips[0] = measure_round_trip(lcore);
	lcore->received = lcore->receive_cycles = lcore->read_cycles = lcore->free_cycles = 0;
	sample_set_work(lcore, phase->work);
	read_preemption(lcore, before);
	start(&course, phase, stage);
	if (sample != NULL)
		sample->from = course.generator.count_from;
	__atomic_store_n(&lcore->sample, sample, __ATOMIC_RELEASE);
	traffic(&course, phase, stage);
	read_preemption(lcore, after);
	drained = run_out(&course, stage, lcore);
	while (sample != NULL && !__atomic_load_n(&sample->done, __ATOMIC_ACQUIRE))
		rte_delay_us_sleep(100);
	sample_set_work(lcore, SAMPLE_PRODUCT);
	round_trips[1] = measure_round_trip(lcore);
	result = report(phase, stage, account, &course, drained);
	account_preemption(result, before, after);
	account_round_trips(result, round_trips);
	if (sample != NULL)
		account_sample(result, sample, lcore->worker);
	else
		account_receive(result, lcore);
	return result;
}

json_t *
phase_run(struct phase *phase, struct stage *stage, struct sample_lcore *lcore)
{
	struct account *account = account_open(stage);
	struct sample *sample = phase->work == SAMPLE_PRODUCT ? make_sample(phase, stage) : NULL;
	json_t *result = NULL;

	if (account != NULL && (sample != NULL || phase->work != SAMPLE_PRODUCT))
		result = run(phase, stage, lcore, sample, account);
	account_close(account);
	sample_free(sample);
	return result;
}
