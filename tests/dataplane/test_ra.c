/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */
#include "tests.h"
CU_TestInfo ra_tests[] = { CU_TEST_INFO_NULL };
