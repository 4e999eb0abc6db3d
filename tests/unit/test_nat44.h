/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef TESTS_TEST_NAT44_H
#define TESTS_TEST_NAT44_H

/* test_nat44_model.c */
void test_model(void);
void test_model_pool(void);

/* test_nat44_parts.c */
void test_hash(void);
void test_sessions(void);
void test_ports(void);
void test_hosts(void);
void test_peers(void);

/* test_nat44_paths.c: hairpinning, ICMP errors, fragments, addresses one for one, forwards */
void test_hairpin(void);
void test_hairpin_no_room(void);
void test_errors_in(void);
void test_errors_out(void);
void test_errors_hairpin(void);
void test_errors_unknown(void);
void test_fragments(void);
void test_fragments_reordered(void);
void test_fragments_by_router(void);
void test_static(void);
void test_forwards(void);

#endif
