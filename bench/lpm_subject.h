/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef BENCH_LPM_SUBJECT_H
#define BENCH_LPM_SUBJECT_H

#include "lpm_report.h"
#include "lpm_wrap/lpm.h"

#define ADDRESSES (1u << 20)
#define SUBJECTS_MAX 12
#define TABLES_MAX 64
#define BURST_MAX 256

/* What all look up; an experiment fills in those of its family. */
extern uint32_t ipv4[ADDRESSES];
extern uint8_t ipv6[ADDRESSES][16];

/* Somebody who answers look-ups. With several tables, a burst goes to one after the other. */
struct subject {
	char name[32];
	void (*prepare)(const struct subject *subject);
	void (*look_up)(void *table, uint32_t first, unsigned int n);
	void *tables[TABLES_MAX];
	int mode;
	double cycles[ROUNDS_MAX];
};

/*
 * Add a subject for each look-up function of tables of this kind that the machine has; give the
 * new count. The size is that of rte_fib's entries, for the name.
 */
unsigned int add_subjects_compact(struct subject *subjects, unsigned int count,
	enum lpm_family family, struct lpm **tables, unsigned int table_count);
unsigned int add_subjects_fib(struct subject *subjects, unsigned int count, enum lpm_family family,
	void **tables, unsigned int table_count, const char *size);

#endif
