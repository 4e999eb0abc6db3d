/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "config/config.h"

/*
 * The command line: the program's own options and EAL's, in any order, with or without `--`. Ours
 * are taken out; the rest is what EAL gets.
 */

struct options {
	const char *config_file;
	const char *cmdline_file;
	const char *console_socket;
	unsigned int stats_period; /* s; 0: none */
	unsigned int run_for;      /* s; 0: until told to stop */
	bool interactive;
	bool check;
	bool help;
	bool version;

	int eal_argc;
	char **eal_argv; /* NULL terminated; freed by options_free() */
};

/* 0, or -EINVAL with what is wrong in `errors`. Strings belong to argv. */
int options_parse(struct options *options, int argc, char **argv, FILE *errors);

/* Adds to EAL's options what the config's ports need, unless the user chose otherwise. */
int options_add_devices(struct options *options, const struct config *config);

void options_free(struct options *options);

void options_usage(FILE *out, const char *program);

#endif
