/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "parse_cost.h"
#include "schema/table.h"
#include "text.h"

static const char *const modes[] = {
	[CONFIG_COST_EXACT] = "exact",
	[CONFIG_COST_SAMPLED] = "sampled",
	[CONFIG_COST_PACKETS] = "packets",
	[CONFIG_COST_ROUND_ROBIN] = "round_robin",
};

static const char *const phases[] = {
	[CONFIG_COST_PHASE_RANDOM] = "random",
	[CONFIG_COST_PHASE_FIXED] = "fixed",
};

static void
refuse_key(struct report *report, struct value value, const char *key)
{
	if (json_object_get(value.json, key) != NULL)
		report_error(report, locate_member(report->locate, value.node, key),
			"found \"%s\" in another mode, expected it for \"sampled\" only", key);
}

static void
check_cost(struct report *report, struct value value, void *item, bool slips)
{
	const char *text = json_string_value(json_object_get(value.json, "mode"));
	const struct config_cost *cost = item;
	const char *near;

	(void)slips;
	if (text == NULL || text_find_word(text, modes, ARRAY_SIZE(modes), &near) < 0 ||
		cost->mode == CONFIG_COST_SAMPLED)
		return;
	refuse_key(report, value, "period");
	refuse_key(report, value, "phase");
}

static const struct field config_cost_fields[] = {
	{
		.key = "mode",
		.type = &field_word,
		.required = true,
		.offset = offsetof(struct config_cost, mode),
		.size = sizeof(uint8_t),
		.min = CONFIG_COST_EXACT,
		.max = CONFIG_COST_ROUND_ROBIN,
		.words = modes,
		.expected = "\"exact\", \"sampled\", \"packets\" or \"round_robin\"",
	},
	FIELD_INTEGER(config_cost, period, 1, CONFIG_COST_PERIOD_MAX, CONFIG_COST_PERIOD_DEFAULT),
	FIELD_WORD(config_cost, phase, phases, CONFIG_COST_PHASE_RANDOM, CONFIG_COST_PHASE_FIXED,
		CONFIG_COST_PHASE_RANDOM, "\"random\" or \"fixed\""),
};
const struct kind cost_kind = {
	FIELD_OBJECTS(config_cost, "an object (how turns are charged)"),
	.check = check_cost,
};

static void
check_watchdog(struct report *report, struct value value, void *item, bool slips)
{
	const struct config_watchdog *watchdog = item;

	(void)slips;
	/* Those out of range have been reported. */
	if (watchdog->soft_ms > CONFIG_WATCHDOG_MS_MAX || watchdog->hard_ms == 0 ||
		watchdog->hard_ms > watchdog->soft_ms)
		return;
	if (json_object_get(value.json, "hard_ms") != NULL)
		report_value(report, locate_member(report->locate, value.node, "hard_ms"),
			"more than \"soft_ms\", %u, or 0", watchdog->soft_ms);
	else
		report_value(report, locate_member(report->locate, value.node, "soft_ms"),
			"less than \"hard_ms\", %u", watchdog->hard_ms);
}

static const struct field config_watchdog_fields[] = {
	FIELD_INTEGER(
		config_watchdog, soft_ms, 0, CONFIG_WATCHDOG_MS_MAX, CONFIG_WATCHDOG_SOFT_DEFAULT),
	FIELD_INTEGER(
		config_watchdog, hard_ms, 0, CONFIG_WATCHDOG_MS_MAX, CONFIG_WATCHDOG_HARD_DEFAULT),
};
const struct kind watchdog_kind = {
	FIELD_OBJECTS(config_watchdog, WATCHDOG_EXPECTED),
	.check = check_watchdog,
};

static const char *const memory_counters[] = {
	[CONFIG_MEMORY_COUNTERS_AUTO] = "auto",
	[CONFIG_MEMORY_COUNTERS_NONE] = "none",
};

static void
check_memory(struct report *report, struct value value, void *item, bool slips)
{
	const struct config_memory *memory = item;

	(void)slips;
	if (memory->counters == CONFIG_MEMORY_COUNTERS_NONE &&
		json_object_get(value.json, "misses_per_second") != NULL)
		report_error(report, locate_member(report->locate, value.node, "misses_per_second"),
			"found \"misses_per_second\" without counters, expected it for \"auto\" "
			"only");
}

static const struct field config_memory_fields[] = {
	FIELD_WORD(config_memory, counters, memory_counters, CONFIG_MEMORY_COUNTERS_AUTO,
		CONFIG_MEMORY_COUNTERS_NONE, CONFIG_MEMORY_COUNTERS_AUTO, "\"auto\" or \"none\""),
	FIELD_INTEGER(config_memory, misses_per_second, 1, CONFIG_MISSES_PER_SECOND_MAX, 0),
};
const struct kind config_memory_kind = {
	FIELD_OBJECTS(config_memory, MEMORY_EXPECTED),
	.check = check_memory,
};

static void
check_server(struct report *report, struct value value, void *item, bool slips)
{
	const struct config_server *server = item;

	(void)slips;
	if (server->runtime_us <= CONFIG_SERVER_PERIOD_MAX &&
		server->runtime_us > server->period_us && server->period_us > 0)
		report_value(report, locate_member(report->locate, value.node, "runtime_us"),
			"no more than \"period_us\", %u", server->period_us);
}

static const struct field config_server_fields[] = {
	{
		.key = "runtime_us",
		.type = &field_integer,
		.required = true,
		.offset = offsetof(struct config_server, runtime_us),
		.size = sizeof(uint32_t),
		.min = 1,
		.max = CONFIG_SERVER_PERIOD_MAX,
		.expected = "an integer from 1 to 100000",
	},
	{
		.key = "period_us",
		.type = &field_integer,
		.required = true,
		.offset = offsetof(struct config_server, period_us),
		.size = sizeof(uint32_t),
		.min = CONFIG_SERVER_PERIOD_MIN,
		.max = CONFIG_SERVER_PERIOD_MAX,
		.expected = "an integer from 100 to 100000",
	},
};
const struct kind reserve_kind = {
	FIELD_OBJECTS(config_server, RESERVE_EXPECTED),
	.check = check_server,
};
const struct kind limit_kind = {
	FIELD_OBJECTS(config_server, LIMIT_EXPECTED),
	.check = check_server,
};
