/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdlib.h>
#include <string.h>

#include "scenario.h"
#include "scenario_fields.h"
#include "schema/document.h"
#include "schema/object.h"

static const uint32_t default_windows_ms[] = { 10, 100 };

void
scenario_free(struct scenario *scenario)
{
	if (scenario == NULL)
		return;
	object_clear(&scenario_kind, scenario);
	free(scenario);
}

const struct scenario_router *
scenario_group(const struct scenario *scenario, const struct scenario_run *run, unsigned int i)
{
	if (i < scenario->n_routers)
		return &scenario->routers[i];
	i -= scenario->n_routers;
	return i < run->n_routers ? &run->routers[i] : NULL;
}

static const struct scenario_router *
find_group(const struct scenario *scenario, const struct scenario_run *run, const char *name)
{
	const struct scenario_router *group;

	for (unsigned int i = 0; (group = scenario_group(scenario, run, i)) != NULL; i++)
		if (strcmp(group->name, name) == 0)
			return group;
	return NULL;
}

static const struct scenario_run *
find_run(const struct scenario *scenario, const char *name)
{
	for (unsigned int i = 0; i < scenario->n_runs; i++)
		if (strcmp(scenario->runs[i].name, name) == 0)
			return &scenario->runs[i];
	return NULL;
}

static void
complete(struct report *report, struct scenario *scenario)
{
	if (scenario->n_windows_ms == 0) {
		scenario->windows_ms = malloc(sizeof(default_windows_ms));
		if (scenario->windows_ms != NULL)
			memcpy(scenario->windows_ms, default_windows_ms,
				sizeof(default_windows_ms));
		scenario->n_windows_ms = ARRAY_SIZE(default_windows_ms);
	}
	if (scenario->n_runs == 0) {
		free(scenario->runs);
		scenario->runs = calloc(1, sizeof(*scenario->runs));
		scenario->n_runs = scenario->runs != NULL;
		if (scenario->runs != NULL)
			strcpy(scenario->runs[0].name, "run");
	}
	if (scenario->windows_ms == NULL || scenario->runs == NULL)
		report_no_memory(report);
}

static void
check_placed(struct report *report, const struct scenario *scenario, uint32_t list,
	const struct scenario_router *routers, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		uint32_t node = locate_item(report->locate, list, i);

		if (routers[i].worker >= (int)scenario->workers)
			report_value(report, locate_member(report->locate, node, "worker"),
				"one of the workers, 0 to %u", scenario->workers - 1);
	}
}

/* Names are told apart, and there are neither none nor too many routers. */
static void
check_groups(struct report *report, const struct scenario *scenario, const struct scenario_run *run,
	uint32_t node)
{
	const struct scenario_router *group;
	uint32_t n = 0;

	for (unsigned int i = 0; (group = scenario_group(scenario, run, i)) != NULL; i++) {
		n += group->count;
		if (group->name[0] != '\0' && find_group(scenario, run, group->name) != group)
			report_error(report, node, "found two routers \"%s\", expected one",
				group->name);
	}
	if (n == 0 || n > SCENARIO_ROUTERS_MAX)
		report_error(report, node, "found %u routers, expected 1 to %u", n,
			SCENARIO_ROUTERS_MAX);
}

static void
check_wanted(struct report *report, const struct scenario *scenario, const struct scenario_run *run,
	const struct scenario_wanted *wanted, uint32_t node)
{
	if (wanted->router[0] != '\0' && find_group(scenario, run, wanted->router) == NULL)
		report_value(report, locate_member(report->locate, node, "router"),
			"one of the routers");
	if (wanted->alone[0] != '\0' && find_run(scenario, wanted->alone) == NULL)
		report_value(
			report, locate_member(report->locate, node, "alone"), "one of the runs");
	else if (wanted->alone[0] != '\0' &&
		 find_group(scenario, find_run(scenario, wanted->alone), wanted->router) == NULL)
		report_value(report, locate_member(report->locate, node, "alone"),
			"a run with the router \"%s\"", wanted->router);
	if (wanted->from_ms >= (wanted->to_ms > 0 ? wanted->to_ms : SCENARIO_MS_MAX))
		report_value(report, locate_member(report->locate, node, "from_ms"),
			"less than \"to_ms\", %u", wanted->to_ms);
	if (wanted->from_ms % scenario->windows_ms[0] + wanted->to_ms % scenario->windows_ms[0] > 0)
		report_error(report, node,
			"found times that are not multiples of the first window, %u ms",
			scenario->windows_ms[0]);
}

static void
check_expect(struct report *report, const struct scenario *scenario, const struct scenario_run *run,
	const struct scenario_expect *expect, uint32_t node)
{
	uint32_t list = locate_member(report->locate, node, "routers");

	for (unsigned int i = 0; expect != NULL && i < expect->n_routers; i++)
		check_wanted(report, scenario, run, &expect->routers[i],
			locate_item(report->locate, list, i));
}

static void
check_runs(struct report *report, const struct scenario *scenario)
{
	uint32_t list = locate_member(report->locate, LOCATE_ROOT, "runs");

	for (unsigned int i = 0; i < scenario->n_runs; i++) {
		const struct scenario_run *run = &scenario->runs[i];
		uint32_t node =
			list == LOCATE_NONE ? LOCATE_ROOT : locate_item(report->locate, list, i);

		if (node == LOCATE_NONE)
			node = LOCATE_ROOT;
		check_groups(report, scenario, run, node);
		check_placed(report, scenario, locate_member(report->locate, node, "routers"),
			run->routers, run->n_routers);
		check_expect(report, scenario, run, run->expect,
			locate_member(report->locate, node, "expect"));
		check_expect(report, scenario, run, scenario->expect,
			locate_member(report->locate, LOCATE_ROOT, "expect"));
		if (find_run(scenario, run->name) != run)
			report_error(
				report, node, "found two runs \"%s\", expected one", run->name);
	}
}

static void
check_linear(struct report *report, const struct scenario *scenario)
{
	const struct scenario_linear *linear = scenario->linear;
	uint32_t node = locate_member(report->locate, LOCATE_ROOT, "linear");

	for (unsigned int i = 0; linear != NULL && i < scenario->n_runs; i++) {
		const struct scenario_router *group =
			find_group(scenario, &scenario->runs[i], linear->router);

		if (group != NULL && group->reserve != NULL)
			continue;
		report_value(report, locate_member(report->locate, node, "router"),
			"a router that has a reserve in each run");
		return;
	}
}

static void
check_draw(struct report *report, const struct scenario *scenario)
{
	uint32_t list = locate_member(report->locate, LOCATE_ROOT, "draw");

	for (unsigned int i = 0; i < scenario->n_draw; i++)
		if (scenario->draw[i].run[0] != '\0' &&
			find_run(scenario, scenario->draw[i].run) == NULL)
			report_value(report,
				locate_member(report->locate, locate_item(report->locate, list, i),
					"run"),
				"one of the runs");
}

/* What only the whole can tell; not where a part could not be read. */
static void
check_scenario(struct report *report, const struct scenario *scenario)
{
	uint32_t windows = locate_member(report->locate, LOCATE_ROOT, "windows_ms");

	if (scenario->n_windows_ms > SCENARIO_WINDOWS_MAX)
		report_error(report, windows, "found %u windows, expected %u at most",
			scenario->n_windows_ms, SCENARIO_WINDOWS_MAX);
	if (scenario->duration_ms % scenario->windows_ms[0] != 0)
		report_error(report, LOCATE_ROOT,
			"found \"duration_ms\" %u, expected a multiple of the first window, %u ms",
			scenario->duration_ms, scenario->windows_ms[0]);
	if (1000 % scenario->step_us != 0)
		report_value(report, locate_member(report->locate, LOCATE_ROOT, "step_us"),
			"a divisor of 1000");
	check_placed(report, scenario, locate_member(report->locate, LOCATE_ROOT, "routers"),
		scenario->routers, scenario->n_routers);
	check_runs(report, scenario);
	check_linear(report, scenario);
	check_draw(report, scenario);
}

static void
read_scenario(struct report *report, json_t *json, void *context)
{
	struct scenario *scenario = context;

	object_read(report, (struct value){ json, LOCATE_ROOT }, &scenario_kind, scenario);
	complete(report, scenario);
	if (!report_failed(report))
		check_scenario(report, scenario);
}

static struct scenario *
load(const char *text, const char *source, FILE *errors)
{
	struct scenario *scenario = calloc(1, sizeof(*scenario));
	struct document document = { source, errors, read_scenario, scenario };
	bool ok;

	if (scenario == NULL) {
		fprintf(errors, "%s: out of memory\n", source);
		return NULL;
	}
	if (text != NULL)
		ok = document_read_text(&document, text, strlen(text));
	else
		ok = document_read_file(&document);
	if (ok)
		return scenario;
	scenario_free(scenario);
	return NULL;
}

struct scenario *
scenario_load_text(const char *text, const char *source, FILE *errors)
{
	return load(text, source, errors);
}

struct scenario *
scenario_load_file(const char *path, FILE *errors)
{
	return load(NULL, path, errors);
}
