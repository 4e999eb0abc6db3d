/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_CONSOLE_H
#define APP_CONSOLE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "vrouter.h"

/*
 * The console: on the terminal and, for any number of clients, on a Unix socket. It never waits for
 * a client: what one does not read is kept for it, and a client with output left is not listened
 * to.
 *
 * A terminal gets a line editor with history and completion. A client of the socket sends lines
 * and reads the answers, nothing else is written to it; once it has closed its sending side and
 * all is answered, it is closed. Two lines are for the client itself: after "status" each answer
 * ends with a line that is "# ok" or "# error", "interactive" gives it the line editor instead.
 *
 * Thread: control thread, with vrouter.lock held.
 */

struct console;

/* NULL with the reason in `errors`. `quit` is set by the command of that name. */
struct console *console_create(struct vrouter *vrouter, bool *quit, FILE *errors);
void console_destroy(struct console *console);

/* Listens on a new socket at `path`, mode 0600. A stale one is replaced, one in use is not. */
int console_listen(struct console *console, const char *path, FILE *errors);

/* Serves standard input and output: a line editor if they are a terminal. */
int console_serve_terminal(struct console *console, FILE *errors);

/* Runs the commands of a file, one a line, on the terminal client or on standard output. */
int console_run_file(struct console *console, const char *path, FILE *errors);

/* Descriptors to wait for, at most `n`; gives how many. */
unsigned int console_poll_fds(const struct console *console, struct pollfd *fds, unsigned int n);

/* Serves what is ready, and live tables that are due at `now` (ns). */
void console_serve(struct console *console, uint64_t now);

/* For commands.c: runs one line for the current client, its answer goes to `out` and `errors`. */
struct console_session {
	struct vrouter *vrouter;
	FILE *out;
	FILE *errors; /* whoever writes here has failed */
	bool *quit;
	bool watch;                /* set by the command: show the live table */
	bool close;                /* set by the command: the client goes */
	struct route_list *routes; /* set by the command: the answer is this, piece by piece */
};

void commands_run(struct console_session *session, const char *line);

/* Completion as of librte_cmdline's cmdline_complete(). */
int commands_complete(
	struct vrouter *vrouter, const char *line, int *state, char *text, unsigned int size);

/* 0 or -ENOMEM; once, before the first of the above. */
int commands_init(void);
void commands_fini(void);

#endif
