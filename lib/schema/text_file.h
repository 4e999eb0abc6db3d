/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SCHEMA_TEXT_FILE_H
#define SCHEMA_TEXT_FILE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * A regular file, plain or compressed by gzip (RFC 1952; several members after each other are one
 * text), read piece by piece. Anything else that has a path could keep its reader waiting, and
 * is refused.
 */

struct text_file;

/* A relative path in the text `source` begins at the folder of it. 0 or -ENOMEM. */
int text_file_make_absolute(char **path, const char *source);

/* NULL with the reason in *why. */
struct text_file *text_file_open(const char *path, const char **why);
void text_file_close(struct text_file *file);

/* The next bytes of the text, `size` at most; 0: its end; -1: *why is "found ..., expected ...". */
ssize_t text_file_read(struct text_file *file, char *text, size_t size, const char **why);

#endif
