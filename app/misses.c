/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "misses.h"

bool
misses_counted(const struct config *config)
{
	return config->memory == NULL || config->memory->counters == CONFIG_MEMORY_COUNTERS_AUTO;
}

uint32_t
misses_per_second(const struct config *config)
{
	return config->memory != NULL ? config->memory->misses_per_second : 0;
}

static bool
same_reason(const struct miss_counter *a, const struct miss_counter *b)
{
	return a->source == b->source && a->failed == b->failed && a->error == b->error;
}

/* Whether another worker before this one has the same to tell. */
static bool
is_told(const struct vrouter *vrouter, unsigned int worker)
{
	for (unsigned int i = 0; i < worker; i++)
		if (same_reason(&vrouter->workers[i]->misses, &vrouter->workers[worker]->misses))
			return true;
	return false;
}

void
misses_tell(const struct vrouter *vrouter)
{
	char text[MISS_COUNTER_TEXT_SIZE];

	if (!misses_counted(vrouter->config))
		return;
	for (unsigned int i = 0; i < vrouter->n_workers; i++) {
		const struct miss_counter *misses = &vrouter->workers[i]->misses;

		if (misses->source != MISS_COUNTER_NONE || is_told(vrouter, i))
			continue;
		vrouter_tell(vrouter, "memory counters: none: %s%s",
			miss_counter_error_text(misses, text),
			misses_per_second(vrouter->config) > 0
				? "; \"misses_per_second\" has no effect"
				: "");
	}
}
