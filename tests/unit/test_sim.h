/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef TESTS_TEST_SIM_H
#define TESTS_TEST_SIM_H

/* Tests of scenario files, in test_sim_scenario.c. */

void test_refused_scenarios(void);
void test_unmet(void);

#endif
