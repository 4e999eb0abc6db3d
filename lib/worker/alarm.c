/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stddef.h>

#include <rte_common.h>

#include "worker/alarm.h"

void
alarm_set(struct alarms *alarms, struct alarm *alarm, uint64_t due)
{
	uint64_t slot = RTE_MAX(alarm_slot_of(due), alarms->slot);

	alarm_cancel(alarms, alarm);
	alarm->due = due;
	alarm->set = true;
	alarms->n++;
	LIST_INSERT_HEAD(&alarms->slots[slot % ALARM_SLOTS], alarm, link);
}

static void
run_slot(struct alarms *alarms, uint64_t slot, uint64_t now,
	void (*ring)(struct alarm *alarm, void *context), void *context)
{
	struct alarm *alarm, *next;

	for (alarm = LIST_FIRST(&alarms->slots[slot % ALARM_SLOTS]); alarm != NULL; alarm = next) {
		next = LIST_NEXT(alarm, link);
		if (alarm->due > now)
			continue;
		alarm_cancel(alarms, alarm);
		ring(alarm, context);
	}
}

void
alarms_run(struct alarms *alarms, uint64_t now, void (*ring)(struct alarm *alarm, void *context),
	void *context)
{
	uint64_t last = alarm_slot_of(now);

	/* One turn sees them all. */
	if (last - alarms->slot >= ALARM_SLOTS)
		alarms->slot = last - ALARM_SLOTS + 1;
	for (; alarms->slot < last && alarms->n > 0; alarms->slot++)
		run_slot(alarms, alarms->slot, now, ring, context);
	alarms->slot = last;
	/* That of now is looked at again: not all in it may be due. */
	if (alarms->n > 0)
		run_slot(alarms, last, now, ring, context);
}
