/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef TESTS_CONFIG_ORACLE_H
#define TESTS_CONFIG_ORACLE_H

#include <config/config.h>

/*
 * Whether a config that was accepted is one that should have been: every rule once more, each by
 * the plainest comparison of all pairs. Gives what is wrong with it, or NULL.
 */
const char *config_oracle(const struct config *config);

#endif
