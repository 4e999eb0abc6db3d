/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef DATAPLANE_TESTS_H
#define DATAPLANE_TESTS_H

#include <CUnit/CUnit.h>

extern CU_TestInfo forward_tests[];
extern CU_TestInfo icmp_tests[];
extern CU_TestInfo echo_tests[];
extern CU_TestInfo arp_tests[];
extern CU_TestInfo resolve_tests[];
extern CU_TestInfo nd_tests[];
extern CU_TestInfo dad_tests[];
extern CU_TestInfo ra_tests[];
extern CU_TestInfo input_tests[];
extern CU_TestInfo overload_tests[];
extern CU_TestInfo change_tests[];
extern CU_TestInfo isolation_tests[];
extern CU_TestInfo routes_tests[];
extern CU_TestInfo tags_tests[];
extern CU_TestInfo multicast_tests[];
extern CU_TestInfo paths_tests[];
extern CU_TestInfo fragments_tests[];

#endif
