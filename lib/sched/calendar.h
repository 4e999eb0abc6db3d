/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SCHED_CALENDAR_H
#define SCHED_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A queue by key that gives the smallest first, and those of equal keys in the order in which they
 * came: a radix heap (Ahuja, Mehlhorn, Orlin & Tarjan, J. ACM 37(2), 1990) of 64 slots a level, of
 * which a bitmap tells those in use (Brown's calendar queue, CACM 31(10), 1988, with its search
 * for the next day replaced by a count of trailing zeros).
 *
 * No key may be smaller than the latest one taken, the cursor. An item is in the level of the
 * highest digit (base 64) in which its key differs from the cursor, in the slot of its own digit
 * there; so everything in a level comes before everything in the next. Once a slot of a higher
 * level is the first, its items are dealt out to the levels below. An item moves down at most once
 * for each level, and not at all once it is alone in its slot: in practice once or twice, as many
 * times as there are digits in the number of items, however far keys are apart. Taking and putting
 * are O(1) on average; one take is O(items in a slot).
 *
 * Items are known by number, below the capacity. One thread.
 */

#define CALENDAR_DIGIT 6
#define CALENDAR_SLOTS (1u << CALENDAR_DIGIT)
#define CALENDAR_LEVELS 11 /* of 64 bits */
#define CALENDAR_NONE UINT32_MAX

struct calendar_node {
	uint64_t key;
	uint32_t next;
};

struct calendar_list {
	uint32_t first, last; /* only if the slot's bit is set */
};

struct calendar {
	uint64_t cursor;
	uint32_t levels;                 /* those with a slot in use */
	uint64_t slots[CALENDAR_LEVELS]; /* those in use */
	struct calendar_node *nodes;
	struct calendar_list lists[CALENDAR_LEVELS][CALENDAR_SLOTS];
};

/* 0 or -ENOMEM. */
int calendar_init(struct calendar *calendar, uint32_t capacity);
void calendar_fini(struct calendar *calendar);

/* Everything out; the cursor is 0. */
void calendar_clear(struct calendar *calendar);

/* Takes out an item that is in, wherever it is: O(items in its slot). */
void calendar_remove(struct calendar *calendar, uint32_t item);

/* The first slot, not of level 0 and not of one item, is dealt out to lower levels. */
void calendar_deal(struct calendar *calendar, uint32_t level, uint32_t slot);

/* Of the highest digit in which they differ; 43/256 is 1/6 for what a bit's number can be. */
static inline uint32_t
calendar_level(uint64_t difference)
{
	return (uint32_t)(63 - __builtin_clzll(difference | 1)) * 43 >> 8;
}

static inline uint32_t
calendar_slot(uint64_t key, uint32_t level)
{
	return (uint32_t)(key >> (level * CALENDAR_DIGIT)) % CALENDAR_SLOTS;
}

static inline bool
calendar_empty(const struct calendar *calendar)
{
	return calendar->levels == 0;
}

/* `item` is not in; `key` is not below the cursor. */
static inline void
calendar_put(struct calendar *calendar, uint32_t item, uint64_t key)
{
	uint32_t level = calendar_level(key ^ calendar->cursor);
	uint32_t slot = calendar_slot(key, level);
	struct calendar_list *list = &calendar->lists[level][slot];
	uint64_t bit = UINT64_C(1) << slot;

	calendar->nodes[item] = (struct calendar_node){ .key = key, .next = CALENDAR_NONE };
	if (calendar->slots[level] & bit) {
		calendar->nodes[list->last].next = item;
	} else {
		calendar->slots[level] |= bit;
		calendar->levels |= 1u << level;
		list->first = item;
	}
	list->last = item;
}

/* The item that comes next, or one near it; CALENDAR_NONE when there is none. */
static inline uint32_t
calendar_hint(const struct calendar *calendar)
{
	uint32_t level;

	if (calendar->levels == 0)
		return CALENDAR_NONE;
	level = (uint32_t)__builtin_ctz(calendar->levels);
	return calendar->lists[level][__builtin_ctzll(calendar->slots[level])].first;
}

/* The slot has become empty. */
static inline void
calendar_vacate(struct calendar *calendar, uint32_t level, uint32_t slot)
{
	calendar->slots[level] &= ~(UINT64_C(1) << slot);
	if (calendar->slots[level] == 0)
		calendar->levels &= ~(1u << level);
}

/* Takes out the first item, of which there must be one. */
static inline uint32_t
calendar_take(struct calendar *calendar)
{
	for (;;) {
		uint32_t level = (uint32_t)__builtin_ctz(calendar->levels);
		uint32_t slot = (uint32_t)__builtin_ctzll(calendar->slots[level]);
		struct calendar_list *list = &calendar->lists[level][slot];
		uint32_t item = list->first;

		if (level > 0 && item != list->last) {
			calendar_deal(calendar, level, slot);
			continue;
		}
		calendar->cursor = calendar->nodes[item].key;
		if (item == list->last)
			calendar_vacate(calendar, level, slot);
		else
			list->first = calendar->nodes[item].next;
		return item;
	}
}

#endif
