/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>

#include "expect.h"
#include "run.h"
#include "scenario.h"
#include "test_sim.h"

/* What scenario files may have wrong, and what is said about it. */

static const char base[] =
	"{\n"
	"\"description\": \"base\", \"duration_ms\": 20, \"windows_ms\": [10], \"workers\": 2,\n"
	"\"routers\": [\n"
	"{\"name\": \"one\", \"worker\": 0, \"arrivals\": {\"pps\": 1000000}, \"packets\": "
	"{\"cycles\": 1000}},\n"
	"{\"name\": \"two\", \"worker\": 0, \"weight\": 2, \"arrivals\": {\"process\": "
	"\"always\"}, \"packets\": {\"cycles\": 500}}\n"
	"],\n"
	"\"runs\": [{\"name\": \"first\"}, {\"name\": \"second\"}],\n"
	"\"expect\": {\"routers\": [{\"router\": \"one\", \"loss_percent_max\": 0}]}\n"
	"}\n";

static const struct {
	const char *piece, *instead;
	const char *error; /* the first line */
} cases[] = {
	{ "\"pps\": 1000000", "\"pps\": 0",
		"base:4: $.routers[0].arrivals.pps: found 0, expected an integer from 1 to "
		"1000000000" },
	{ "\"pps\": 1000000", "\"pqs\": 1000000",
		"base:4: $.routers[0].arrivals.pqs: found an unknown key (did you mean \"pps\"?), "
		"expected one of \"process\", \"phase\", \"pps\", \"on_us\", \"off_us\", "
		"\"steps\"" },
	{ "{\"pps\": 1000000}", "{}",
		"base:4: $.routers[0].arrivals: found no \"pps\", expected it or \"steps\"" },
	{ "\"pps\": 1000000", "\"pps\": 1, \"on_us\": 5",
		"base:4: $.routers[0].arrivals: found one of \"on_us\" and \"off_us\", expected "
		"both or none" },
	{ "\"pps\": 1000000", "\"pps\": 1, \"steps\": []",
		"base:4: $.routers[0].arrivals: found both \"pps\" and \"steps\", expected one of "
		"them" },
	{ "\"pps\": 1000000", "\"steps\": [{\"at_ms\": 5, \"pps\": 1}, {\"at_ms\": 5, \"pps\": 1}]",
		"base:4: $.routers[0].arrivals.steps[1].at_ms: found 5, expected more than that "
		"of the step before, 5" },
	{ "\"always\"", "\"allways\"",
		"base:5: $.routers[1].arrivals.process: found \"allways\", expected \"constant\", "
		"\"poisson\" or \"always\" (did you mean \"always\"?)" },
	{ "\"process\": \"always\"", "\"process\": \"always\", \"pps\": 5",
		"base:5: $.routers[1].arrivals: found a rate or bursts beside \"always\", "
		"expected none: there is always a packet more" },
	{ "{\"cycles\": 1000}", "{}",
		"base:4: $.routers[0].packets: expected exactly one of \"cycles\", \"mixed\" and "
		"\"pattern\"" },
	{ "{\"cycles\": 1000}", "{\"mixed\": [{\"cycles\": 5, \"probability\": 0.4}]}",
		"base:4: $.routers[0].packets.mixed: found probabilities that add up to 0.4, "
		"expected 1" },
	{ "{\"cycles\": 1000}", "{\"mixed\": [{\"cycles\": 5, \"probability\": 1.5}]}",
		"base:4: $.routers[0].packets.mixed[0].probability: found 1.5, expected a number "
		"from 0 to 1" },
	{ "\"weight\": 2", "\"weight\": 2, \"weights\": [1]",
		"base:5: $.routers[1]: found both \"weight\" and \"weights\", expected one of "
		"them" },
	{ "\"weight\": 2", "\"weights\": [0]",
		"base:5: $.routers[1].weights[0]: found 0, expected an integer from 1 to 10000" },
	{ "\"weight\": 2", "\"feed\": \"shared\"",
		"base:5: $.routers[1].feed: found \"shared\", expected \"own\" where there is "
		"always a packet more" },
	{ "\"weight\": 2", "\"reserve\": {\"runtime_us\": 500, \"period_us\": 400}",
		"base:5: $.routers[1].reserve.runtime_us: found 500, expected no more than "
		"\"period_us\", 400" },
	{ "\"worker\": 0, \"weight\": 2", "\"worker\": 2",
		"base:5: $.routers[1].worker: found 2, expected one of the workers, 0 to 1" },
	{ "\"name\": \"two\"", "\"name\": \"one\"",
		"base:7: $.runs[0]: found two routers \"one\", expected one" },
	{ "\"name\": \"two\"", "\"name\": \"two\", \"count\": 4096",
		"base:7: $.runs[0]: found 4097 routers, expected 1 to 4096" },
	{ "\"second\"", "\"first\"", "base:7: $.runs[1]: found two runs \"first\", expected one" },
	{ "\"name\": \"second\"", "\"name\": \"second\", \"cost\": {\"mode\": \"guess\"}",
		"base:7: $.runs[1].cost.mode: found \"guess\", expected \"exact\", \"sampled\", "
		"\"packets\" or \"round_robin\"" },
	{ "\"router\": \"one\"", "\"router\": \"three\"",
		"base:8: $.expect.routers[0].router: found \"three\", expected one of the "
		"routers" },
	{ "\"loss_percent_max\": 0", "\"alone\": \"third\", \"quanta_max\": 3",
		"base:8: $.expect.routers[0].alone: found \"third\", expected one of the runs" },
	{ "\"loss_percent_max\": 0", "\"from_ms\": 5, \"to_ms\": 10",
		"base:8: $.expect.routers[0]: found times that are not multiples of the first "
		"window, 10 ms" },
	{ "\"duration_ms\": 20", "\"duration_ms\": 25",
		"base:1: $: found \"duration_ms\" 25, expected a multiple of the first window, "
		"10 ms" },
	{ "\"workers\": 2", "\"workers\": 129",
		"base:2: $.workers: found 129, expected an integer from 1 to 128" },
	{ "\"workers\": 2", "\"step_us\": 300",
		"base:2: $.step_us: found 300, expected a divisor of 1000" },
	{ "\"workers\": 2", "\"linear\": {\"router\": \"one\"}, \"workers\": 2",
		"base:2: $.linear.router: found \"one\", expected a router that has a reserve in "
		"each run" },
	{ "\"workers\": 2",
		"\"draw\": [{\"title\": \"t\", \"what\": \"share\", \"run\": \"x\"}], "
		"\"workers\": 2",
		"base:2: $.draw[0].run: found \"x\", expected one of the runs" },
	{ "\"description\": \"base\", ", "",
		"base:1: $: found no \"description\", expected a text: what the scenario shows" },
	{ base, "[1]", "base:1: $: found a list, expected an object (a scenario)" },
	{ base, "{", "base:1: " },
};

/* The base with a piece of it put another way. */
static char *
changed(const char *piece, const char *instead)
{
	const char *at = strstr(base, piece);
	char *text = NULL;

	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	CU_ASSERT_FATAL(asprintf(&text, "%.*s%s%s", (int)(at - base), base, instead,
				at + strlen(piece)) >= 0);
	return text;
}

void
test_refused_scenarios(void)
{
	struct scenario *scenario = scenario_load_text(base, "base", stderr);

	CU_ASSERT_PTR_NOT_NULL_FATAL(scenario);
	scenario_free(scenario);
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = changed(cases[i].piece, cases[i].instead), *told = NULL;
		size_t size, length = strlen(cases[i].error);
		FILE *errors = open_memstream(&told, &size);

		CU_ASSERT_PTR_NULL(scenario_load_text(text, "base", errors));
		fclose(errors);
		if (strncmp(told, cases[i].error, length) != 0) {
			printf("expected %s\nfound    %s", cases[i].error, told);
			CU_FAIL("another message");
		}
		free(told);
		free(text);
	}
}

/* What a run of the base is told for an expectation; "" where it is met. */
static char *
told_for(const char *expect)
{
	char *text = changed("{\"router\": \"one\", \"loss_percent_max\": 0}", expect);
	struct scenario *scenario = scenario_load_text(text, "base", stderr);
	char *told = NULL;
	size_t size;
	FILE *errors = open_memstream(&told, &size);
	struct sim_run run;

	CU_ASSERT_PTR_NOT_NULL_FATAL(scenario);
	CU_ASSERT_EQUAL_FATAL(sim_run_init(&run, scenario, scenario->runs, 1, stderr), 0);
	CU_ASSERT_EQUAL_FATAL(sim_run_go(&run, stderr), 0);
	expect_check(&run, 1, 0, "base", errors);
	fclose(errors);
	sim_run_fini(&run);
	scenario_free(scenario);
	free(text);
	return told;
}

/* One offers 1,000 Mcycles of the 2,600 and is entitled to a third of those. */
void
test_unmet(void)
{
	static const struct {
		const char *expect;
		const char *told;
	} expectations[] = {
		{ "{\"router\": \"one\", \"share_percent_min\": 33.2, \"error_percent_max\": 1}",
			"" },
		{ "{\"router\": \"two\", \"share_percent_max\": 66.8}", "" },
		{ "{\"router\": \"one\", \"loss_percent_max\": 0}",
			"base:8: run first: one: loss %: found " },
		{ "{\"router\": \"one\", \"share_percent_min\": 34}",
			"base:8: run first: one: share %: found 33." },
		{ "{\"router\": \"two\", \"share_percent_max\": 66}",
			"base:8: run first: two: share %: found 66." },
		{ "{\"router\": \"one\", \"p999_us_max\": 100}",
			"base:8: run first: one: p99.9 us: found " },
	};

	for (unsigned int i = 0; i < sizeof(expectations) / sizeof(expectations[0]); i++) {
		const char *expected = expectations[i].told;
		char *told = told_for(expectations[i].expect);

		if (strncmp(told, expected, expected[0] != '\0' ? strlen(expected) : 1) != 0) {
			printf("expected %s\nfound    %s\n", expected, told);
			CU_FAIL("another message");
		}
		free(told);
	}
}
