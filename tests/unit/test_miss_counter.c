/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * What can be seen of a counter without one of the processor: that it is told why there is none;
 * that events of the kernel go the same way and are found unreadable; that a page is read as the
 * kernel says, while it changes; that sums are right.
 */

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <CUnit/Basic.h>
#include <CUnit/TestDB.h>
#include <rte_pause.h>

#include "miss_counter/miss_counter.h"
#include "random.h"

#define TRIES_MS 10000

static unsigned int
open_files(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned int n = 0;

	CU_ASSERT_FATAL(folder != NULL);
	while (readdir(folder) != NULL)
		n++;
	closedir(folder);
	return n;
}

/* Pages of perf events that are mapped. */
static unsigned int
mapped_pages(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	unsigned int n = 0;

	CU_ASSERT_FATAL(maps != NULL);
	while (fgets(line, sizeof(line), maps) != NULL)
		n += strstr(line, "perf_event") != NULL;
	fclose(maps);
	return n;
}

static const char *
text_of(enum miss_counter_step failed, int error)
{
	static char text[MISS_COUNTER_TEXT_SIZE];
	const struct miss_counter counter = { .failed = failed, .error = error };

	return miss_counter_error_text(&counter, text);
}

/* Each reason is told in words of its own, with what can be done. */
static void
test_texts(void)
{
	static const struct {
		int error;
		const char *words;
	} opening[] = {
		{ EACCES, "kernel.perf_event_paranoid" },
		{ EPERM, "CAP_PERFMON" },
		{ ENOENT, "no counter of cache misses" },
		{ EOPNOTSUPP, "no counter of cache misses" },
		{ ENODEV, "no counter of cache misses" },
		{ ENOSYS, "without perf_event_open()" },
		{ EINVAL, "in this form" },
		{ EBUSY, "another program" },
		{ EMFILE, "ulimit -n" },
		{ ENOMEM, "no memory" },
		{ EIO, "Input/output error" },
	};

	for (unsigned int i = 0; i < sizeof(opening) / sizeof(opening[0]); i++)
		CU_ASSERT(strstr(text_of(MISS_COUNTER_OPEN, opening[i].error), opening[i].words) !=
			  NULL);
	CU_ASSERT(strstr(text_of(MISS_COUNTER_MAP, EPERM), "perf_event_mlock_kb") != NULL);
	CU_ASSERT(strstr(text_of(MISS_COUNTER_MAP, EIO), "Input/output error") != NULL);
	CU_ASSERT(strstr(text_of(MISS_COUNTER_READ, ENODATA), "rdpmc") != NULL);
	CU_ASSERT_STRING_EQUAL(text_of(MISS_COUNTER_UNASKED, 0), "not asked for");
	CU_ASSERT_STRING_EQUAL(miss_counter_source_name(MISS_COUNTER_NONE), "none");
	CU_ASSERT_STRING_EQUAL(miss_counter_source_name(MISS_COUNTER_HARDWARE), "hardware");
	CU_ASSERT_STRING_EQUAL(miss_counter_source_name(MISS_COUNTER_INJECTED), "injected");
}

/* Another program may have the processor's counters for itself for a while. */
static bool
count_once(struct miss_counter *counter, uint64_t *misses)
{
	for (unsigned int i = 0; i < TRIES_MS; i++) {
		miss_counter_start(counter);
		if (miss_counter_stop(counter, misses))
			return true;
		usleep(1000);
	}
	return false;
}

/* Whatever this machine has: a counter that counts, or a reason. Nothing is left of either. */
static void
test_hardware(void)
{
	unsigned int files = open_files();
	char text[MISS_COUNTER_TEXT_SIZE];
	struct miss_counter counter;
	uint64_t misses;
	int rc = miss_counter_open(&counter);

	if (rc == 0) {
		CU_ASSERT_EQUAL(counter.source, MISS_COUNTER_HARDWARE);
		CU_ASSERT(count_once(&counter, &misses));
		CU_ASSERT(misses < UINT32_MAX);
		printf("(hardware) ");
	} else {
		CU_ASSERT_EQUAL(counter.source, MISS_COUNTER_NONE);
		CU_ASSERT(counter.failed != MISS_COUNTER_UNASKED && counter.error == -rc);
		miss_counter_start(&counter);
		CU_ASSERT_FALSE(miss_counter_stop(&counter, &misses));
		printf("(none: %s) ", miss_counter_error_text(&counter, text));
	}
	miss_counter_close(&counter);
	miss_counter_close(&counter);
	CU_ASSERT_EQUAL(counter.source, MISS_COUNTER_NONE);
	CU_ASSERT_EQUAL(open_files(), files);
	CU_ASSERT_EQUAL(mapped_pages(), 0);
}

/* An event that there is not, and one that the kernel does not let be told this way. */
static void
test_open_failure(void)
{
	unsigned int files = open_files();
	struct miss_counter counter;

	CU_ASSERT(miss_counter_open_event(&counter, UINT32_C(0xffff), 0) < 0);
	CU_ASSERT_EQUAL(counter.failed, MISS_COUNTER_OPEN);
	CU_ASSERT(counter.source == MISS_COUNTER_NONE && counter.error != 0);
	CU_ASSERT(miss_counter_open_event(&counter, PERF_TYPE_SOFTWARE, UINT64_MAX) < 0);
	CU_ASSERT_EQUAL(counter.failed, MISS_COUNTER_OPEN);
	CU_ASSERT_EQUAL(open_files(), files);
}

/* They open and have a page, with index 0: not to be read, whatever it says. */
static void
test_software(void)
{
	static const uint64_t events[] = { PERF_COUNT_SW_PAGE_FAULTS, PERF_COUNT_SW_CPU_CLOCK,
		PERF_COUNT_SW_TASK_CLOCK, PERF_COUNT_SW_CONTEXT_SWITCHES };
	unsigned int files = open_files();

	for (unsigned int i = 0; i < 100; i++) {
		struct miss_counter counter;

		CU_ASSERT(miss_counter_open_event(&counter, PERF_TYPE_SOFTWARE, events[i % 4]) < 0);
		CU_ASSERT_EQUAL(counter.source, MISS_COUNTER_NONE);
		if (counter.failed == MISS_COUNTER_OPEN) {
			CU_ASSERT(counter.error == EACCES || counter.error == EPERM ||
				  counter.error == ENOSYS);
			printf("(not allowed here) ");
			return;
		}
		/* What a user may have mapped is for all programs of the user. */
		if (counter.failed == MISS_COUNTER_MAP && counter.error == EPERM) {
			printf("(no more of them here) ");
			return;
		}
		CU_ASSERT_EQUAL(counter.failed, MISS_COUNTER_READ);
		CU_ASSERT_EQUAL(counter.error, ENODATA);
		CU_ASSERT_EQUAL(open_files(), files);
		CU_ASSERT_EQUAL(mapped_pages(), 0);
	}
}

static struct perf_event_mmap_page page;
static uint64_t pmc_value;
static uint32_t pmc_index;
static unsigned int pmc_reads;

static uint64_t
fake_pmc(uint32_t index)
{
	pmc_index = index;
	pmc_reads++;
	return pmc_value;
}

static bool
read_page(uint64_t *value)
{
	pmc_reads = 0;
	return miss_counter_read_page(&page, fake_pmc, value);
}

static uint64_t
random64(void)
{
	return (uint64_t)random32() << 32 | random32();
}

/* The processor's counter is `width` bits of a number that the kernel starts below zero. */
static void
test_width(void)
{
	for (unsigned int i = 0; i < 100000; i++) {
		unsigned int width = 1 + random32() % 64;
		unsigned __int128 range = (unsigned __int128)1 << width;
		uint64_t garbage = width == 64 ? 0 : random64() << width;
		uint64_t raw = random64() & (uint64_t)(range - 1);
		__int128 is = raw >= range / 2 ? (__int128)raw - (__int128)range : (__int128)raw;
		uint64_t value;

		page = (struct perf_event_mmap_page){ .lock = random32() & ~1U,
			.index = 1 + random32() % 20,
			.offset = (int64_t)random64(),
			.pmc_width = (uint16_t)width };
		page.cap_user_rdpmc = 1;
		pmc_value = raw | garbage;
		CU_ASSERT_FATAL(read_page(&value));
		CU_ASSERT_EQUAL(value, (uint64_t)((__int128)page.offset + is));
		CU_ASSERT_EQUAL(pmc_index, page.index - 1);
		CU_ASSERT_EQUAL(pmc_reads, 1);
	}
}

/* RDPMC would end the program where it may not be used. */
static void
test_not_readable(void)
{
	uint64_t value;

	for (unsigned int i = 0; i < 6; i++) {
		page = (struct perf_event_mmap_page){ .lock = 4,
			.index = i != 1,
			.offset = 5,
			.pmc_width = i == 2 ? 0 : (i == 3 ? 65 : 48) };
		page.cap_user_rdpmc = i != 4;
		CU_ASSERT_EQUAL(read_page(&value), i == 0 || i == 5);
		CU_ASSERT_EQUAL(pmc_reads, i == 0 || i == 5);
	}
	/* For ever being written: it is given up. */
	page.lock = 5;
	CU_ASSERT_FALSE(read_page(&value));
	CU_ASSERT(pmc_reads <= MISS_COUNTER_TRIES);
}

/*
 * The kernel moves the event from counter to counter: what is read is always a multiple of STEP,
 * which no mixture of two moments is, and does not go back.
 */
#define STEP (INT64_C(1) << 24)
#define COUNTERS 16
#define READS 300000
#define CHANGES 100000

static uint32_t writer_ended;

static uint64_t
counter_value(uint32_t index)
{
	return (index + 1) * UINT64_C(40503) & 0xfffff;
}

static void *
change_page(void *context)
{
	int64_t count = 0;

	(void)context;
	for (unsigned int i = 0; i < CHANGES; i++) {
		uint32_t index = (uint32_t)(i * UINT64_C(7)) % COUNTERS;

		count += STEP;
		__atomic_store_n(&page.lock, page.lock + 1, __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_RELEASE);
		__atomic_store_n(&page.index, index + 1, __ATOMIC_RELAXED);
		__atomic_store_n(
			&page.offset, count - (int64_t)counter_value(index), __ATOMIC_RELAXED);
		__atomic_store_n(&page.lock, page.lock + 1, __ATOMIC_RELEASE);
		for (unsigned int k = 0; k < i % 32; k++)
			rte_pause();
	}
	__atomic_store_n(&writer_ended, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void
test_changing(void)
{
	uint64_t seen = 0, value, reads = 0, changes = 0;
	unsigned int torn = 0, back = 0;
	pthread_t thread;

	page = (struct perf_event_mmap_page){
		.index = 1, .offset = -(int64_t)counter_value(0), .pmc_width = 48
	};
	page.cap_user_rdpmc = 1;
	CU_ASSERT_FATAL(pthread_create(&thread, NULL, change_page, NULL) == 0);
	while (reads < READS || !__atomic_load_n(&writer_ended, __ATOMIC_ACQUIRE)) {
		if (!miss_counter_read_page(&page, counter_value, &value))
			continue;
		reads++;
		torn += value % STEP != 0;
		back += value < seen;
		changes += value != seen;
		seen = value;
	}
	pthread_join(thread, NULL);
	CU_ASSERT_EQUAL(torn, 0);
	CU_ASSERT_EQUAL(back, 0);
	CU_ASSERT(changes > 0);
	CU_ASSERT(miss_counter_read_page(&page, counter_value, &value));
	CU_ASSERT_EQUAL(value, CHANGES * (uint64_t)STEP);
}

static void
test_injected(void)
{
	struct miss_counter counter = { 0 };
	uint64_t number = 7, misses = 1;

	miss_counter_inject(&counter, &number);
	CU_ASSERT_EQUAL(counter.source, MISS_COUNTER_INJECTED);
	/* Not started. */
	CU_ASSERT_FALSE(miss_counter_stop(&counter, &misses));
	miss_counter_start(&counter);
	CU_ASSERT(miss_counter_stop(&counter, &misses) && misses == 0);
	number += 12345;
	CU_ASSERT(miss_counter_stop(&counter, &misses) && misses == 12345);
	miss_counter_start(&counter);
	number = UINT64_MAX;
	CU_ASSERT(miss_counter_stop(&counter, &misses) && misses == UINT64_MAX - 12352);
	/* A counter that went back says nothing. */
	number = 3;
	CU_ASSERT_FALSE(miss_counter_stop(&counter, &misses));
	miss_counter_close(&counter);
	CU_ASSERT_FALSE(miss_counter_stop(&counter, &misses));
	CU_ASSERT_EQUAL(counter.source, MISS_COUNTER_NONE);
}

int
main(void)
{
	CU_pSuite suite;

	random_start();
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	suite = CU_add_suite("miss counter", NULL, NULL);
	CU_add_test(suite, "why there is none", test_texts);
	CU_add_test(suite, "the one of this machine", test_hardware);
	CU_add_test(suite, "events that do not open", test_open_failure);
	CU_add_test(suite, "events of the kernel", test_software);
	CU_add_test(suite, "widths and signs", test_width);
	CU_add_test(suite, "pages that are not to be read", test_not_readable);
	CU_add_test(suite, "a page that changes", test_changing);
	CU_add_test(suite, "an injected one", test_injected);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	return CU_get_number_of_failures() == 0 && CU_get_error() == CUE_SUCCESS ? 0 : 1;
}
