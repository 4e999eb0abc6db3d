/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef WORKER_ALARM_H
#define WORKER_ALARM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/*
 * When to wake an instance that has nothing to do until a certain time: a timing wheel (Varghese &
 * Lauck 1987, scheme 6), of which one turn is some milliseconds. What is due later than that is
 * looked at once a turn. Times are cycles; an alarm is late by a slot at most, about 6 us. Its
 * worker only.
 */

#define ALARM_SLOT_SHIFT 14
#define ALARM_SLOTS 1024

struct alarm {
	LIST_ENTRY(alarm) link;
	uint64_t due;
	bool set;
};

struct alarms {
	uint64_t slot; /* the next one to look at, not yet wrapped */
	uint32_t n;
	LIST_HEAD(, alarm) slots[ALARM_SLOTS];
};

static inline uint64_t
alarm_slot_of(uint64_t time)
{
	return time >> ALARM_SLOT_SHIFT;
}

static inline void
alarms_init(struct alarms *alarms, uint64_t now)
{
	for (unsigned int i = 0; i < ALARM_SLOTS; i++)
		LIST_INIT(&alarms->slots[i]);
	alarms->slot = alarm_slot_of(now);
	alarms->n = 0;
}

static inline void
alarm_cancel(struct alarms *alarms, struct alarm *alarm)
{
	if (!alarm->set)
		return;
	LIST_REMOVE(alarm, link);
	alarm->set = false;
	alarms->n--;
}

/* Instead of what was set before. */
void alarm_set(struct alarms *alarms, struct alarm *alarm, uint64_t due);

/* Calls `ring` for each that is due by `now`; it is not set any more. Slots passed are looked at.
 */
void alarms_run(struct alarms *alarms, uint64_t now,
	void (*ring)(struct alarm *alarm, void *context), void *context);

#endif
