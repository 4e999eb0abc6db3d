/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <string.h>

#include <rte_common.h>
#include <rte_fib.h>
#include <rte_fib6.h>

#include "lpm_subject.h"
#include "lpm_wrap/dpdk_ipv6.h"

uint32_t ipv4[ADDRESSES];
uint8_t ipv6[ADDRESSES][16];

static void
lookup_compact_ipv4(void *table, uint32_t first, unsigned int n)
{
	uint32_t values[BURST_MAX];

	lpm_lookup_bulk(table, ipv4 + first, values, n);
	__asm__ volatile("" : : "r"(values) : "memory");
}

static void
lookup_compact_ipv6(void *table, uint32_t first, unsigned int n)
{
	uint32_t values[BURST_MAX];

	lpm6_lookup_bulk(table, (const uint8_t(*)[16])ipv6 + first, values, n);
	__asm__ volatile("" : : "r"(values) : "memory");
}

static void
lookup_fib(void *table, uint32_t first, unsigned int n)
{
	uint64_t values[BURST_MAX];

	rte_fib_lookup_bulk(table, ipv4 + first, values, n);
	__asm__ volatile("" : : "r"(values) : "memory");
}

static void
lookup_fib6(void *table, uint32_t first, unsigned int n)
{
	uint64_t values[BURST_MAX];

	rte_fib6_lookup_bulk(table, dpdk_ipv6_bulk((const uint8_t(*)[16])ipv6 + first), values, n);
	__asm__ volatile("" : : "r"(values) : "memory");
}

static const char *const lookup_names[] = { "scalar", "avx2", "avx512" };

static void
prepare_compact(const struct subject *subject)
{
	for (unsigned int i = 0; i < TABLES_MAX && subject->tables[i] != NULL; i++)
		lpm_lookup_choose(subject->tables[i], lookup_names[subject->mode]);
}

static void
prepare_fib(const struct subject *subject)
{
	for (unsigned int i = 0; i < TABLES_MAX && subject->tables[i] != NULL; i++)
		rte_fib_select_lookup(subject->tables[i], subject->mode);
}

static void
prepare_fib6(const struct subject *subject)
{
	for (unsigned int i = 0; i < TABLES_MAX && subject->tables[i] != NULL; i++)
		rte_fib6_select_lookup(subject->tables[i], subject->mode);
}

unsigned int
add_subjects_compact(struct subject *subjects, unsigned int count, enum lpm_family family,
	struct lpm **tables, unsigned int table_count)
{
	for (unsigned int mode = 0; mode < RTE_DIM(lookup_names); mode++) {
		struct subject *subject = &subjects[count];

		if (lpm_lookup_choose(tables[0], lookup_names[mode]) < 0)
			continue;
		memset(subject, 0, sizeof(*subject));
		snprintf(subject->name, sizeof(subject->name), "compact %s", lookup_names[mode]);
		subject->prepare = prepare_compact;
		subject->look_up = family == LPM_IPV4 ? lookup_compact_ipv4 : lookup_compact_ipv6;
		subject->mode = mode;
		memcpy(subject->tables, tables, table_count * sizeof(*tables));
		count++;
	}
	return count;
}

unsigned int
add_subjects_fib(struct subject *subjects, unsigned int count, enum lpm_family family,
	void **tables, unsigned int table_count, const char *size)
{
	static const char *const modes[] = { NULL, "macro", "inline", "uni", "avx512" };
	static const char *const modes6[] = { NULL, "scalar", "avx512" };
	unsigned int mode_count = family == LPM_IPV4 ? RTE_DIM(modes) : RTE_DIM(modes6);

	for (unsigned int mode = 1; mode < mode_count; mode++) {
		struct subject *subject = &subjects[count];

		if ((family == LPM_IPV4 ? rte_fib_select_lookup(tables[0], mode)
					: rte_fib6_select_lookup(tables[0], mode)) < 0)
			continue;
		memset(subject, 0, sizeof(*subject));
		snprintf(subject->name, sizeof(subject->name), "rte_fib%s %s %s",
			family == LPM_IPV4 ? "" : "6", size,
			family == LPM_IPV4 ? modes[mode] : modes6[mode]);
		subject->prepare = family == LPM_IPV4 ? prepare_fib : prepare_fib6;
		subject->look_up = family == LPM_IPV4 ? lookup_fib : lookup_fib6;
		subject->mode = mode;
		memcpy(subject->tables, tables, table_count * sizeof(*tables));
		count++;
	}
	return count;
}
