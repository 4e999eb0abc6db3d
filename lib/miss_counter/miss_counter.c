/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "miss_counter/miss_counter.h"

#define PARANOID_FILE "/proc/sys/kernel/perf_event_paranoid"

static size_t
page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static int
fail(struct miss_counter *counter, enum miss_counter_step step, int error)
{
	miss_counter_close(counter);
	counter->failed = step;
	counter->error = error;
	return -error;
}

int
miss_counter_open_event(struct miss_counter *counter, uint32_t type, uint64_t config)
{
	/* Pinned: it is counted all the time, or not at all, and never estimated. */
	struct perf_event_attr attr = { .type = type,
		.size = sizeof(attr),
		.config = config,
		.pinned = 1,
		.exclude_kernel = 1,
		.exclude_hv = 1 };
	uint64_t value;
	void *page;
	int fd, error;

	*counter = (struct miss_counter){ 0 };
	fd = (int)syscall(
		SYS_perf_event_open, &attr, 0, -1, -1, (unsigned long)PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return fail(counter, MISS_COUNTER_OPEN, errno);
	page = mmap(NULL, page_size(), PROT_READ, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED) {
		error = errno;
		close(fd);
		return fail(counter, MISS_COUNTER_MAP, error);
	}
	counter->fd = fd;
	counter->page = page;
	counter->source = MISS_COUNTER_HARDWARE;
	if (!miss_counter_read(counter, &value))
		return fail(counter, MISS_COUNTER_READ, ENODATA);
	return 0;
}

int
miss_counter_open(struct miss_counter *counter)
{
	return miss_counter_open_event(counter, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES);
}

void
miss_counter_inject(struct miss_counter *counter, const uint64_t *number)
{
	miss_counter_close(counter);
	counter->source = MISS_COUNTER_INJECTED;
	counter->number = number;
}

void
miss_counter_close(struct miss_counter *counter)
{
	if (counter->page != NULL) {
		munmap((void *)(uintptr_t)counter->page, page_size());
		close(counter->fd);
	}
	*counter = (struct miss_counter){ 0 };
}

const char *
miss_counter_source_name(enum miss_counter_source source)
{
	static const char *const names[] = {
		[MISS_COUNTER_NONE] = "none",
		[MISS_COUNTER_HARDWARE] = "hardware",
		[MISS_COUNTER_INJECTED] = "injected",
	};

	return names[source];
}

/* -1: not known. */
static int
paranoid(void)
{
	FILE *file = fopen(PARANOID_FILE, "re");
	int level = -1;

	if (file == NULL)
		return -1;
	if (fscanf(file, "%d", &level) != 1)
		level = -1;
	fclose(file);
	return level;
}

static const char *
text_of_open(int error)
{
	switch (error) {
	case ENOENT:
	case ENODEV:
	case EOPNOTSUPP:
		return "this machine has no counter of cache misses, or does not show it to its "
		       "virtual machines";
	case ENOSYS:
		return "the kernel is built without perf_event_open()";
	case EINVAL:
	case E2BIG:
		return "the kernel or the processor cannot count them in this form";
	case EBUSY:
	case ENOSPC:
		return "another program has the processor's counters for itself";
	case EMFILE:
	case ENFILE:
		return "there are no file descriptors left (ulimit -n)";
	case ENOMEM:
		return "no memory";
	default:
		return NULL;
	}
}

static const char *
text_of_map(int error)
{
	switch (error) {
	case EPERM:
	case EAGAIN:
		return "its page cannot be mapped: kernel.perf_event_mlock_kb and the limit of "
		       "locked memory (ulimit -l) are used up";
	case ENOMEM:
		return "its page cannot be mapped: no memory";
	default:
		return NULL;
	}
}

static const char *
text_of(const struct miss_counter *counter)
{
	switch (counter->failed) {
	case MISS_COUNTER_OPEN:
		return text_of_open(counter->error);
	case MISS_COUNTER_MAP:
		return text_of_map(counter->error);
	case MISS_COUNTER_READ:
		return "the processor's counter cannot be read by programs (see "
		       "/sys/bus/event_source/devices/cpu/rdpmc)";
	default:
		return "not asked for";
	}
}

const char *
miss_counter_error_text(const struct miss_counter *counter, char text[MISS_COUNTER_TEXT_SIZE])
{
	const char *known = text_of(counter);

	if (counter->failed == MISS_COUNTER_OPEN &&
		(counter->error == EACCES || counter->error == EPERM))
		snprintf(text, MISS_COUNTER_TEXT_SIZE,
			"kernel.perf_event_paranoid, %d, forbids it: 2 or less allows it, and so "
			"does the capability CAP_PERFMON",
			paranoid());
	else if (known != NULL)
		snprintf(text, MISS_COUNTER_TEXT_SIZE, "%s", known);
	else
		snprintf(text, MISS_COUNTER_TEXT_SIZE, "perf_event_open(): %s",
			strerror(counter->error));
	return text;
}
