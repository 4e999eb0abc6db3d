/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "folder.h"

static char path[4096];
static int inside, outside;

static int
remove_one(const char *name, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	return remove(name);
}

static void
remove_all(void)
{
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void
need(bool done, const char *name)
{
	if (done)
		return;
	perror(name);
	exit(1);
}

void
folder_make(void)
{
	const char *parent = getenv("TMPDIR");

	snprintf(path, sizeof(path), "%s/dpdk-vrouter-fuzz-XXXXXX",
		parent != NULL ? parent : "/tmp");
	need(mkdtemp(path) != NULL, path);
	outside = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	inside = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	need(outside >= 0 && inside >= 0, path);
	atexit(remove_all);
}

void
folder_file(const char *name, const char *text)
{
	FILE *file;

	folder_enter();
	file = fopen(name, "w");
	need(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0, name);
	folder_leave();
}

void
folder_enter(void)
{
	need(fchdir(inside) == 0, path);
}

void
folder_leave(void)
{
	need(fchdir(outside) == 0, ".");
}
