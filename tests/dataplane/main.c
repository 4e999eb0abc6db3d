/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Frames in, frames out: the whole program in one process, on ports of memory.
 */

#include <stdio.h>
#include <string.h>

#include <CUnit/Basic.h>
#include <rte_common.h>
#include <rte_eal.h>

#include "lab.h"
#include "tests.h"

static void
no_setup(void)
{
}

int
main(int argc, char **argv)
{
	char *eal_args[] = { argv[0], "--no-huge", "-m", "1024", "--no-pci", "--no-shconf",
		"--no-telemetry", "-l", "0", "--log-level", "*:4" };
#define X(name) { #name, NULL, NULL, no_setup, lab_close, name##_tests },
	CU_SuiteInfo suites[] = { SUITES(X) CU_SUITE_INFO_NULL };
#undef X
	CU_SuiteInfo chosen[] = { CU_SUITE_INFO_NULL, CU_SUITE_INFO_NULL };
	unsigned int failures, run;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned int i = 0; argc > 1 && suites[i].pName != NULL; i++)
		if (strcmp(suites[i].pName, argv[1]) == 0)
			chosen[0] = suites[i];
	random_start();
	if (rte_eal_init(RTE_DIM(eal_args), eal_args) < 0)
		return 1;
	CU_initialize_registry();
	CU_register_suites(argc > 1 ? chosen : suites);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	run = CU_get_number_of_tests_run();
	CU_cleanup_registry();
	rte_eal_cleanup();
	return failures != 0 || run == 0;
}
