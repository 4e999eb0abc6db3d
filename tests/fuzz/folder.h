/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef FUZZ_FOLDER_H
#define FUZZ_FOLDER_H

/*
 * A folder of the process's own, for inputs that name files: it is the working folder while one
 * runs, and not in between, when libFuzzer reads and writes what its command line names. It goes
 * with the process, unless that crashes. Where one of these fails, the process ends.
 */
void folder_make(void);
void folder_file(const char *name, const char *text);

void folder_enter(void);
void folder_leave(void);

#endif
