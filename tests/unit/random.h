/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include <stdint.h>

/*
 * Random numbers that can be had again: the seed is printed, TEST_SEED sets it. It is rte_rand()'s
 * too, by which what is tested draws.
 */

void random_start(void);
uint32_t random32(void);
void random_bytes(void *bytes, uint32_t length);

#endif
