/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "preemption.h"

static void
read_switches(int thread, struct preemption *preemption)
{
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", thread);
	file = fopen(path, "r");
	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "nonvoluntary_ctxt_switches: %" SCNu64, &preemption->switches) ==
			1)
			break;
	fclose(file);
}

static void
read_waited(int thread, struct preemption *preemption)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/schedstat", thread);
	file = fopen(path, "r");
	if (file == NULL)
		return;
	if (fscanf(file, "%*u %" SCNu64, &preemption->waited_ns) != 1)
		preemption->waited_ns = 0;
	fclose(file);
}

static void
read_stolen(unsigned int cpu, struct preemption *preemption)
{
	FILE *file = fopen("/proc/stat", "r");
	char line[512];
	unsigned int found;
	uint64_t ticks;

	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "cpu%u %*u %*u %*u %*u %*u %*u %*u %" SCNu64, &found, &ticks) !=
				2 ||
			found != cpu)
			continue;
		preemption->stolen_ms = ticks * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
		break;
	}
	fclose(file);
}

void
preemption_read(int thread, unsigned int cpu, struct preemption *preemption)
{
	*preemption = (struct preemption){ 0 };
	read_switches(thread, preemption);
	read_waited(thread, preemption);
	read_stolen(cpu, preemption);
}

struct preemption
preemption_since(const struct preemption *before, const struct preemption *after)
{
	return (struct preemption){ after->switches - before->switches,
		after->waited_ns - before->waited_ns, after->stolen_ms - before->stolen_ms };
}
