/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef MISS_COUNTER_MISS_COUNTER_H
#define MISS_COUNTER_MISS_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/perf_event.h>

/*
 * How often a thread misses the last cache before memory, as the processor counts it, read without
 * a system call. Many machines, nearly all virtual ones included, count nothing that a program can
 * read: then there is no counter, and nothing is known, which is not the same as no misses.
 *
 * The kernel lets programs read counters unless /sys/bus/event_source/devices/cpu/rdpmc is 0. Who
 * writes 0 there while a counter is open ends the program, for the page does not tell it in time.
 *
 * A counter is of the thread that opens it, which alone reads it, starts and stops; what it is and
 * why may be read by others once it is open. With an injected one, whoever has the number says how
 * many misses there were: tests.
 */

enum miss_counter_source {
	MISS_COUNTER_NONE,
	MISS_COUNTER_HARDWARE,
	MISS_COUNTER_INJECTED,
};

/* What could not be done, if there is no counter. */
enum miss_counter_step {
	MISS_COUNTER_UNASKED, /* nobody has tried */
	MISS_COUNTER_OPEN,
	MISS_COUNTER_MAP,
	MISS_COUNTER_READ, /* the processor counts, and does not let the program read */
};

struct miss_counter {
	enum miss_counter_source source;
	enum miss_counter_step failed;
	int error;    /* errno of what failed */
	bool started; /* `start` is known */
	uint64_t start;
	const struct perf_event_mmap_page *page; /* of one of hardware, and */
	int fd;                                  /* its descriptor */
	const uint64_t *number;                  /* of an injected one */
};

/*
 * Of misses that the thread has in its own code, not in the kernel's. On failure there is none, and
 * why is noted. 0, or a negative errno.
 */
int miss_counter_open(struct miss_counter *counter);

/* The same of any event of perf_event_open(2). One that only the kernel counts cannot be read. */
int miss_counter_open_event(struct miss_counter *counter, uint32_t type, uint64_t config);

/* Counts what `number` goes up by. */
void miss_counter_inject(struct miss_counter *counter, const uint64_t *number);

/* There is none then. Zeroes are one that was never opened. */
void miss_counter_close(struct miss_counter *counter);

/* "none", "hardware", "injected" */
const char *miss_counter_source_name(enum miss_counter_source source);

#define MISS_COUNTER_TEXT_SIZE 256

/* Why there is none, in words for people, with what can be done about it. */
const char *miss_counter_error_text(
	const struct miss_counter *counter, char text[MISS_COUNTER_TEXT_SIZE]);

/* What RDPMC gives of a counter of the processor. */
typedef uint64_t (*miss_counter_pmc_fn)(uint32_t index);

/* Reading again as often as this has been disturbed each time: something else is wrong. */
#define MISS_COUNTER_TRIES 16

/* The lowest `width` bits, 1 to 64, as a signed number. */
static inline int64_t
miss_counter_extend(uint64_t value, unsigned int width)
{
	return (int64_t)(value << (64 - width)) >> (64 - width);
}

/*
 * The value of the event that a page describes, as the comment in the kernel's perf_event.h lays
 * down; what the page says is of one moment if `lock` is the same, and even, before and after.
 * False: not on a counter of the processor now, or one that programs may not read.
 */
static inline __attribute__((always_inline)) bool
miss_counter_read_page(
	const struct perf_event_mmap_page *page, miss_counter_pmc_fn pmc, uint64_t *value)
{
	const volatile struct perf_event_mmap_page *live = page;

	for (unsigned int i = 0; i < MISS_COUNTER_TRIES; i++) {
		uint32_t seq = __atomic_load_n(&page->lock, __ATOMIC_ACQUIRE);
		uint32_t index = live->index;
		int64_t count = live->offset;
		uint16_t width = live->pmc_width;
		bool readable = live->cap_user_rdpmc && index != 0 && width >= 1 && width <= 64;
		uint64_t raw = readable ? pmc(index - 1) : 0;

		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if ((seq & 1) != 0 || __atomic_load_n(&page->lock, __ATOMIC_RELAXED) != seq)
			continue;
		if (!readable)
			return false;
		*value = (uint64_t)count + (uint64_t)miss_counter_extend(raw, width);
		return true;
	}
	return false;
}

/* Where the processor has no such instruction no page says that it may be used. */
static inline uint64_t
miss_counter_rdpmc(uint32_t index)
{
#ifdef __x86_64__
	uint32_t low, high;

	__asm__ volatile("rdpmc" : "=a"(low), "=d"(high) : "c"(index) : "memory");
	return (uint64_t)high << 32 | low;
#else
	return index;
#endif
}

/* What it stands at; false: that is not known now. Its thread. */
static inline bool
miss_counter_read(const struct miss_counter *counter, uint64_t *value)
{
	switch (counter->source) {
	case MISS_COUNTER_HARDWARE:
		return miss_counter_read_page(counter->page, miss_counter_rdpmc, value);
	case MISS_COUNTER_INJECTED:
		*value = __atomic_load_n(counter->number, __ATOMIC_RELAXED);
		return true;
	default:
		return false;
	}
}

/* Counts from here on. Its thread. */
static inline void
miss_counter_start(struct miss_counter *counter)
{
	counter->started = miss_counter_read(counter, &counter->start);
}

/* Misses since it was started; false: they are not known. Its thread. */
static inline bool
miss_counter_stop(const struct miss_counter *counter, uint64_t *misses)
{
	uint64_t now;

	if (!counter->started || !miss_counter_read(counter, &now) || now < counter->start)
		return false;
	*misses = now - counter->start;
	return true;
}

#endif
