/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sched/calendar.h"

int
calendar_init(struct calendar *calendar, uint32_t capacity)
{
	memset(calendar, 0, sizeof(*calendar));
	calendar->nodes = calloc(capacity, sizeof(*calendar->nodes));
	return calendar->nodes != NULL ? 0 : -ENOMEM;
}

void
calendar_fini(struct calendar *calendar)
{
	free(calendar->nodes);
	memset(calendar, 0, sizeof(*calendar));
}

void
calendar_clear(struct calendar *calendar)
{
	calendar->cursor = 0;
	calendar->levels = 0;
	memset(calendar->slots, 0, sizeof(calendar->slots));
}

void
calendar_remove(struct calendar *calendar, uint32_t item)
{
	struct calendar_node *nodes = calendar->nodes;
	uint64_t key = nodes[item].key;
	uint32_t level = calendar_level(key ^ calendar->cursor);
	uint32_t slot = calendar_slot(key, level);
	struct calendar_list *list = &calendar->lists[level][slot];
	uint32_t before = list->first;

	if (list->first == item && list->last == item) {
		calendar_vacate(calendar, level, slot);
		return;
	}
	if (list->first == item) {
		list->first = nodes[item].next;
		return;
	}
	while (nodes[before].next != item)
		before = nodes[before].next;
	nodes[before].next = nodes[item].next;
	if (list->last == item)
		list->last = before;
}

/* The cursor goes up to the smallest key, so that items of that key are in place at once. */
void
calendar_deal(struct calendar *calendar, uint32_t level, uint32_t slot)
{
	const struct calendar_node *nodes = calendar->nodes;
	uint32_t first = calendar->lists[level][slot].first;
	uint64_t smallest = UINT64_MAX;
	uint32_t item, next;

	for (item = first; item != CALENDAR_NONE; item = nodes[item].next)
		if (nodes[item].key < smallest)
			smallest = nodes[item].key;
	calendar_vacate(calendar, level, slot);
	calendar->cursor = smallest;
	for (item = first; item != CALENDAR_NONE; item = next) {
		next = nodes[item].next;
		calendar_put(calendar, item, nodes[item].key);
	}
}
