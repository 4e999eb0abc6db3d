/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

/* The calendar against a list that is searched from end to end. */

#include <stdio.h>
#include <stdlib.h>

#include <CUnit/Basic.h>

#include "random.h"
#include "sched/calendar.h"

#define ITEMS 300
#define STEPS 20000

/* What is in, in the order in which it came. */
static struct {
	uint32_t item;
	uint64_t key;
} model[ITEMS];
static unsigned int n_model;
static bool in[ITEMS];
static struct calendar calendar;

/* Ahead of the cursor by a number of random size, in bits: equal keys, near ones and far ones. */
static uint64_t
random_key(unsigned int bits_max)
{
	unsigned int bits = random32() % (bits_max + 1);
	uint64_t ahead = ((uint64_t)random32() << 32 | random32()) >> (63 - bits) >> 1;

	return calendar.cursor + ahead;
}

static void
put(uint32_t item, uint64_t key)
{
	calendar_put(&calendar, item, key);
	model[n_model].item = item;
	model[n_model++].key = key;
	in[item] = true;
}

static void
forget(unsigned int at)
{
	in[model[at].item] = false;
	n_model--;
	for (; at < n_model; at++)
		model[at] = model[at + 1];
}

/* The smallest key; of equal ones what came first. */
static void
take(void)
{
	unsigned int first = 0;

	for (unsigned int i = 1; i < n_model; i++)
		if (model[i].key < model[first].key)
			first = i;
	CU_ASSERT_EQUAL_FATAL(calendar_take(&calendar), model[first].item);
	CU_ASSERT_EQUAL_FATAL(calendar.cursor, model[first].key);
	forget(first);
}

static void
step(unsigned int bits_max, unsigned int put_share)
{
	uint32_t item = random32() % ITEMS;

	if (random32() % 100 < put_share) {
		if (!in[item])
			put(item, random_key(bits_max));
	} else if (n_model > 0 && random32() % 8 == 0) {
		unsigned int at = random32() % n_model;

		calendar_remove(&calendar, model[at].item);
		forget(at);
	} else if (n_model > 0) {
		take();
	}
	CU_ASSERT_EQUAL_FATAL(calendar_empty(&calendar), n_model == 0);
}

static void
test_model(void)
{
	static const unsigned int bits[] = { 0, 3, 8, 16, 40, 50 };

	for (unsigned int round = 0; round < 60; round++) {
		CU_ASSERT_EQUAL_FATAL(calendar_init(&calendar, ITEMS), 0);
		n_model = 0;
		for (unsigned int i = 0; i < ITEMS; i++)
			in[i] = false;
		for (unsigned int i = 0; i < STEPS / 60 * 6; i++)
			step(bits[round % 6], i / 400 % 2 == 0 ? 70 : 30);
		while (n_model > 0)
			take();
		CU_ASSERT_TRUE(calendar_empty(&calendar));
		calendar_fini(&calendar);
	}
}

/* Up to the last key there is. */
static void
test_end(void)
{
	CU_ASSERT_EQUAL_FATAL(calendar_init(&calendar, 4), 0);
	n_model = 0;
	put(0, UINT64_MAX);
	put(1, 0);
	put(2, UINT64_MAX - 1);
	put(3, UINT64_MAX);
	while (n_model > 0)
		take();
	put(1, UINT64_MAX);
	take();
	calendar_clear(&calendar);
	CU_ASSERT_TRUE(calendar_empty(&calendar));
	put(2, 5);
	take();
	calendar_fini(&calendar);
}

int
main(void)
{
	CU_pSuite suite;

	random_start();
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	suite = CU_add_suite("calendar", NULL, NULL);
	CU_add_test(suite, "order, against a list", test_model);
	CU_add_test(suite, "the last keys", test_end);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	return CU_get_number_of_failures() == 0 && CU_get_error() == CUE_SUCCESS ? 0 : 1;
}
