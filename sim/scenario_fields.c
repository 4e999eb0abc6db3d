/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "config/parse_cost.h"
#include "real.h"
#include "scenario_fields.h"
#include "schema/table.h"
#include "schema/text.h"

#define NAME_EXPECTED "a name of 1 to 31 characters out of A-Z, a-z, 0-9, \"_\", \".\" and \"-\""
#define CYCLES_MAX 100000000
#define RATE_MAX 1000000000
#define BURST_MAX 100000000 /* us */

#define NAME(object, member, must) FIELD_TEXT(object, member, name, must, NAME_EXPECTED)
#define REQUIRED_INTEGER(object, member, low, high, text) \
	{ \
		.key = #member, .type = &field_integer, .required = true, \
		.offset = offsetof(struct object, member), \
		.size = sizeof(((struct object *)NULL)->member), .min = low, .max = high, \
		.expected = text, \
	}
#define OBJECT(object, member, of, must) \
	{ \
		.key = #member, .type = &object_pointer, .required = must, \
		.offset = offsetof(struct object, member), .items = &of, \
		.expected = "an object (" #member ")", \
	}

static void
read_weight(struct report *report, struct value value, void *item)
{
	json_int_t weight = json_integer_value(value.json);

	if (json_is_integer(value.json) && weight >= 1 && weight <= CONFIG_WEIGHT_MAX)
		*(uint32_t *)item = (uint32_t)weight;
	else
		report_value(report, value.node, "an integer from 1 to %d", CONFIG_WEIGHT_MAX);
}
static const struct kind weights_kind = { .size = sizeof(uint32_t), .read = read_weight };

static void
read_window(struct report *report, struct value value, void *item)
{
	json_int_t ms = json_integer_value(value.json);

	if (json_is_integer(value.json) && ms >= 1 && ms <= SCENARIO_MS_MAX)
		*(uint32_t *)item = (uint32_t)ms;
	else
		report_value(report, value.node, "an integer from 1 to %d", SCENARIO_MS_MAX);
}
static const struct kind windows_ms_kind = { .size = sizeof(uint32_t), .read = read_window };

/* Arrivals */

static const char *const processes[] = {
	[SCENARIO_CONSTANT] = "constant",
	[SCENARIO_POISSON] = "poisson",
	[SCENARIO_ALWAYS] = "always",
};
static const char *const phases[] = {
	[SCENARIO_PHASE_RANDOM] = "random",
	[SCENARIO_PHASE_FIXED] = "fixed",
};

static const struct field scenario_step_fields[] = {
	REQUIRED_INTEGER(scenario_step, at_ms, 0, SCENARIO_MS_MAX, "an integer from 0 to 600000"),
	REQUIRED_INTEGER(scenario_step, pps, 0, RATE_MAX, "an integer from 0 to 1000000000"),
};
static const struct kind step_kind = { FIELD_OBJECTS(scenario_step, "an object (a step)") };

static void
check_steps(struct report *report, struct value value, const struct scenario_arrivals *arrivals)
{
	uint32_t steps = field_node(report, value, "steps");

	for (unsigned int i = 1; i < arrivals->n_steps; i++) {
		uint32_t node = locate_item(report->locate, steps, i);

		if (arrivals->steps[i].at_ms <= arrivals->steps[i - 1].at_ms)
			report_value(report, locate_member(report->locate, node, "at_ms"),
				"more than that of the step before, %u",
				arrivals->steps[i - 1].at_ms);
	}
}

/* Of a process that is none, nothing is known. */
static bool
process_known(struct value value)
{
	const char *text = json_string_value(json_object_get(value.json, "process"));
	const char *near;

	return !field_given(value, "process") ||
	       (text != NULL && text_find_word(text, processes, ARRAY_SIZE(processes), &near) >= 0);
}

static void
check_arrivals(struct report *report, struct value value, void *item, bool slips)
{
	const struct scenario_arrivals *arrivals = item;
	bool rated = field_given(value, "pps") || field_given(value, "steps");

	if (slips || !process_known(value))
		return;
	check_steps(report, value, arrivals);
	if (field_given(value, "pps") && field_given(value, "steps"))
		report_error(report, value.node,
			"found both \"pps\" and \"steps\", expected one of them");
	if (field_given(value, "on_us") != field_given(value, "off_us"))
		report_error(report, value.node,
			"found one of \"on_us\" and \"off_us\", expected both or none");
	if (arrivals->process == SCENARIO_ALWAYS && (rated || field_given(value, "on_us")))
		report_error(report, value.node,
			"found a rate or bursts beside \"always\", expected none: there is always "
			"a packet more");
	if (arrivals->process != SCENARIO_ALWAYS && !rated)
		report_error(report, value.node, "found no \"pps\", expected it or \"steps\"");
}

static const struct field scenario_arrivals_fields[] = {
	FIELD_WORD(scenario_arrivals, process, processes, SCENARIO_CONSTANT, SCENARIO_ALWAYS,
		SCENARIO_CONSTANT, "\"constant\", \"poisson\" or \"always\""),
	FIELD_WORD(scenario_arrivals, phase, phases, SCENARIO_PHASE_RANDOM, SCENARIO_PHASE_FIXED,
		SCENARIO_PHASE_RANDOM, "\"random\" or \"fixed\""),
	FIELD_INTEGER(scenario_arrivals, pps, 1, RATE_MAX, 0),
	FIELD_INTEGER(scenario_arrivals, on_us, 1, BURST_MAX, 0),
	FIELD_INTEGER(scenario_arrivals, off_us, 1, BURST_MAX, 0),
	FIELD_LIST(scenario_arrivals, steps, step_kind, false),
};
static const struct kind arrivals_kind = {
	FIELD_OBJECTS(scenario_arrivals, "an object (arrivals)"),
	.check = check_arrivals,
};

/* Packets */

static const struct field mixed_fields[] = {
	REQUIRED_INTEGER(scenario_packet, cycles, 1, CYCLES_MAX, "an integer from 1 to 100000000"),
	FIELD_INTEGER(scenario_packet, misses, 0, CYCLES_MAX, 0),
	{
		.key = "probability",
		.type = &field_real,
		.required = true,
		.offset = offsetof(struct scenario_packet, probability),
		.size = sizeof(double),
		.min = 0,
		.max = 1,
		.expected = "a number from 0 to 1",
	},
};
static const struct kind mixed_kind = {
	.expected = "an object (a packet of a mix)",
	.size = sizeof(struct scenario_packet),
	.fields = mixed_fields,
	.n_fields = FIELD_COUNT(mixed_fields),
	.line_offset = offsetof(struct scenario_packet, line),
};

static const struct field pattern_fields[] = {
	REQUIRED_INTEGER(scenario_packet, packets, 1, RATE_MAX, "an integer from 1 to 1000000000"),
	REQUIRED_INTEGER(scenario_packet, cycles, 1, CYCLES_MAX, "an integer from 1 to 100000000"),
	FIELD_INTEGER(scenario_packet, misses, 0, CYCLES_MAX, 0),
};
static const struct kind pattern_kind = {
	.expected = "an object (packets of a pattern)",
	.size = sizeof(struct scenario_packet),
	.fields = pattern_fields,
	.n_fields = FIELD_COUNT(pattern_fields),
	.line_offset = offsetof(struct scenario_packet, line),
};

static void
check_packets(struct report *report, struct value value, void *item, bool slips)
{
	const struct scenario_packets *packets = item;
	double sum = 0;

	if (slips)
		return;
	if (field_given(value, "cycles") + field_given(value, "mixed") +
			field_given(value, "pattern") !=
		1) {
		report_error(report, value.node,
			"expected exactly one of \"cycles\", \"mixed\" and \"pattern\"");
		return;
	}
	if (field_given(value, "misses") && !field_given(value, "cycles"))
		report_error(report, field_node(report, value, "misses"),
			"found \"misses\" beside a list, expected it in the list's items");
	if (!field_given(value, "cycles") && packets->n_mixed + packets->n_pattern == 0)
		report_error(report, value.node, "found an empty list, expected packets");
	for (unsigned int i = 0; i < packets->n_mixed; i++)
		sum += packets->mixed[i].probability;
	if (packets->n_mixed > 0 && real_given(sum) && fabs(sum - 1) > 1e-6)
		report_error(report, field_node(report, value, "mixed"),
			"found probabilities that add up to %g, expected 1", sum);
}

static const struct field scenario_packets_fields[] = {
	FIELD_INTEGER(scenario_packets, cycles, 1, CYCLES_MAX, 0),
	FIELD_INTEGER(scenario_packets, misses, 0, CYCLES_MAX, 0),
	FIELD_LIST(scenario_packets, mixed, mixed_kind, false),
	FIELD_LIST(scenario_packets, pattern, pattern_kind, false),
};
static const struct kind packets_kind = {
	FIELD_OBJECTS(scenario_packets, "an object (what packets cost)"),
	.check = check_packets,
};

/* Routers */

static const char *const feeds[] = {
	[SCENARIO_OWN] = "own",
	[SCENARIO_SHARED] = "shared",
};

static void
check_router(struct report *report, struct value value, void *item, bool slips)
{
	const struct scenario_router *router = item;

	if (slips)
		return;
	if (field_given(value, "weight") && field_given(value, "weights"))
		report_error(report, value.node,
			"found both \"weight\" and \"weights\", expected one of them");
	if (router->arrivals != NULL && router->arrivals->process == SCENARIO_ALWAYS &&
		router->feed == SCENARIO_SHARED)
		report_error(report, field_node(report, value, "feed"),
			"found \"shared\", expected \"own\" where there is always a packet more");
}

static const struct field scenario_router_fields[] = {
	NAME(scenario_router, name, true),
	FIELD_INTEGER(scenario_router, count, 1, SCENARIO_ROUTERS_MAX, 1),
	FIELD_INTEGER(scenario_router, weight, 1, CONFIG_WEIGHT_MAX, 1),
	FIELD_LIST(scenario_router, weights, weights_kind, false),
	OBJECT(scenario_router, reserve, reserve_kind, false),
	OBJECT(scenario_router, limit, limit_kind, false),
	OBJECT(scenario_router, arrivals, arrivals_kind, true),
	OBJECT(scenario_router, packets, packets_kind, true),
	FIELD_WORD(scenario_router, feed, feeds, SCENARIO_OWN, SCENARIO_SHARED, SCENARIO_OWN,
		"\"own\" or \"shared\""),
	FIELD_INTEGER(scenario_router, fifo, 1, SCENARIO_FIFO_MAX, 512),
	FIELD_INTEGER(scenario_router, worker, 0, SCENARIO_WORKERS_MAX - 1, SCENARIO_WORKER_ANY),
};
static const struct kind router_kind = {
	FIELD_OBJECTS(scenario_router, "an object (a router, or several)"),
	.check = check_router,
};

/* Memory, what is expected, runs */

static const char *const chargings[] = {
	[SCENARIO_DOMINANT] = "dominant",
	[SCENARIO_CYCLES] = "cycles",
};
static const struct field scenario_memory_fields[] = {
	REQUIRED_INTEGER(scenario_memory, misses_per_second, 1, INT64_C(1000000000000),
		"an integer from 1 to 1000000000000"),
	FIELD_WORD(scenario_memory, charging, chargings, SCENARIO_DOMINANT, SCENARIO_CYCLES,
		SCENARIO_DOMINANT, "\"dominant\" or \"cycles\""),
};
static const struct kind memory_kind = { FIELD_OBJECTS(scenario_memory, "an object (memory)") };

#define PERCENT(object, member) FIELD_REAL(object, member, 0, 1000000, "a number of percent")
#define MICROSECONDS(object, member) \
	FIELD_REAL(object, member, 0, 1000000000, "a number of microseconds")

static void
check_wanted(struct report *report, struct value value, void *item, bool slips)
{
	(void)item;
	if (!slips && field_given(value, "alone") != field_given(value, "quanta_max"))
		report_error(report, value.node,
			"found one of \"alone\" and \"quanta_max\", expected both or none");
}

static const struct field scenario_wanted_fields[] = {
	NAME(scenario_wanted, router, true),
	FIELD_INTEGER(scenario_wanted, from_ms, 0, SCENARIO_MS_MAX, 0),
	FIELD_INTEGER(scenario_wanted, to_ms, 0, SCENARIO_MS_MAX, 0),
	PERCENT(scenario_wanted, loss_percent_max),
	PERCENT(scenario_wanted, loss_percent_min),
	PERCENT(scenario_wanted, error_percent_max),
	PERCENT(scenario_wanted, share_percent_min),
	PERCENT(scenario_wanted, share_percent_max),
	PERCENT(scenario_wanted, dominant_percent_min),
	PERCENT(scenario_wanted, dominant_percent_max),
	MICROSECONDS(scenario_wanted, p999_us_max),
	NAME(scenario_wanted, alone, false),
	FIELD_REAL(scenario_wanted, quanta_max, 0, 1000000, "a number of quanta"),
};
static const struct kind wanted_kind = {
	FIELD_OBJECTS(scenario_wanted, "an object (what is expected of a router)"),
	.check = check_wanted,
};

static const struct field scenario_expect_fields[] = {
	PERCENT(scenario_expect, error_percent_max),
	FIELD_REAL(scenario_expect, jain_min, 0, 1, "a number from 0 to 1"),
	FIELD_REAL(scenario_expect, pairwise_max, 0, 1000000, "a part of the bound"),
	PERCENT(scenario_expect, busy_percent_min),
	FIELD_LIST(scenario_expect, routers, wanted_kind, false),
};
static const struct kind expect_kind = {
	FIELD_OBJECTS(scenario_expect, "an object (what is expected)"),
};

static const struct field scenario_run_fields[] = {
	NAME(scenario_run, name, true),
	OBJECT(scenario_run, cost, cost_kind, false),
	OBJECT(scenario_run, memory, memory_kind, false),
	FIELD_LIST(scenario_run, routers, router_kind, false),
	OBJECT(scenario_run, expect, expect_kind, false),
};
static const struct kind run_kind = { FIELD_OBJECTS(scenario_run, "an object (a run)") };

static const struct field scenario_linear_fields[] = {
	NAME(scenario_linear, router, true),
	PERCENT(scenario_linear, percent_max),
};
static const struct kind linear_kind = { FIELD_OBJECTS(scenario_linear, "an object (a line)") };

const char *const scenario_drawing_words[] = {
	[SCENARIO_DRAW_SHARE] = "share",
	[SCENARIO_DRAW_THROUGHPUT] = "throughput",
	[SCENARIO_DRAW_PAIRWISE] = "pairwise",
	[SCENARIO_DRAW_RUNS_SHARE] = "runs_share",
	[SCENARIO_DRAW_RUNS_DOMINANT] = "runs_dominant",
	[SCENARIO_DRAW_RUNS_DELAY] = "runs_delay",
};
static const struct field scenario_chart_fields[] = {
	FIELD_TEXT(scenario_chart, title, path, true, "a title"),
	{
		.key = "what",
		.type = &field_word,
		.required = true,
		.offset = offsetof(struct scenario_chart, what),
		.size = sizeof(uint8_t),
		.max = SCENARIO_DRAWINGS - 1,
		.words = scenario_drawing_words,
		.expected = "\"share\", \"throughput\", \"pairwise\", \"runs_share\", "
			    "\"runs_dominant\" or \"runs_delay\"",
	},
	NAME(scenario_chart, run, false),
};
static const struct kind chart_kind = { FIELD_OBJECTS(scenario_chart, "an object (a chart)") };

static const struct field scenario_fields[] = {
	FIELD_TEXT(scenario, description, path, true, "a text: what the scenario shows"),
	FIELD_INTEGER(scenario, seed, 0, INT64_MAX, 1),
	FIELD_INTEGER(scenario, duration_ms, 1, SCENARIO_MS_MAX, 1000),
	FIELD_INTEGER(scenario, mhz, 1, 100000, 2600),
	FIELD_INTEGER(scenario, quantum_us, 1, 1000, 10),
	FIELD_INTEGER(scenario, workers, 1, SCENARIO_WORKERS_MAX, 1),
	FIELD_INTEGER(scenario, turn_cycles, 0, CYCLES_MAX, 0),
	FIELD_INTEGER(scenario, classify_cycles, 0, CYCLES_MAX, 30),
	FIELD_INTEGER(scenario, nic_queue, 1, SCENARIO_FIFO_MAX, 1024),
	FIELD_INTEGER(scenario, step_us, 1, 1000, 1000),
	FIELD_LIST(scenario, windows_ms, windows_ms_kind, false),
	OBJECT(scenario, cost, cost_kind, false),
	OBJECT(scenario, memory, memory_kind, false),
	FIELD_LIST(scenario, routers, router_kind, false),
	FIELD_LIST(scenario, runs, run_kind, false),
	OBJECT(scenario, expect, expect_kind, false),
	OBJECT(scenario, linear, linear_kind, false),
	FIELD_LIST(scenario, draw, chart_kind, false),
};
const struct kind scenario_kind = { FIELD_OBJECTS(scenario, "an object (a scenario)") };
