/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_version.h>

#include "console.h"
#include "options.h"
#include "report.h"
#include "stats.h"
#include "table.h"
#include "telemetry.h"
#include "vrouter.h"
#include "watch.h"

#define TICK_MS 1
#define POLL_FDS 64
#define SECOND_NS UINT64_C(1000000000)

/* What the control thread works with. */
struct program {
	const struct options *options;
	struct vrouter *vrouter;
	struct console *console;
	struct watch *watch;
	int signals;
	bool quit;
	uint64_t end; /* ns */
	uint64_t next_stats;
};

static int
open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	/* Blocked before other threads are made, so that all inherit it. */
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void
read_signals(struct program *program)
{
	struct signalfd_siginfo info;

	while (read(program->signals, &info, sizeof(info)) == sizeof(info))
		program->quit = true;
}

static void
print_stats(struct program *program, uint64_t now)
{
	if (program->options->stats_period == 0 || now < program->next_stats)
		return;
	program->next_stats = now + program->options->stats_period * SECOND_NS;
	watch_print(program->watch, program->vrouter, now, stdout);
	fputc('\n', stdout);
	fflush(stdout);
}

/* The control thread's loop. The lock is free only while it waits. */
static void
control(struct program *program)
{
	struct vrouter *vrouter = program->vrouter;
	struct pollfd fds[POLL_FDS];
	unsigned int n;
	uint64_t now;

	while (!program->quit) {
		pthread_mutex_lock(&vrouter->lock);
		now = vrouter_clock();
		vrouter_poll(vrouter, now);
		console_serve(program->console, now);
		print_stats(program, now);
		fds[0] = (struct pollfd){ .fd = program->signals, .events = POLLIN };
		n = 1 + console_poll_fds(program->console, fds + 1, POLL_FDS - 1);
		pthread_mutex_unlock(&vrouter->lock);
		if (program->quit || now >= program->end)
			break;
		if (poll(fds, n, TICK_MS) > 0 && fds[0].revents != 0)
			read_signals(program);
	}
}

static void
print_final(const struct vrouter *vrouter)
{
	static const struct table_column columns[] = { { "where", "where" }, { "name", "name" },
		{ "reason", "reason" }, { "packets", "packets" }, { "meaning", "meaning" },
		{ NULL, NULL } };
	json_t *drops = report_drops(vrouter);

	watch_print_total(vrouter, stdout);
	if (json_array_size(drops) > 0) {
		printf("\nDropped:\n");
		table_print(stdout, drops, columns);
	}
	json_decref(drops);
	fflush(stdout);
}

static int
start_console(struct program *program)
{
	const struct options *options = program->options;
	char path[256];

	program->console = console_create(program->vrouter, &program->quit, stderr);
	if (program->console == NULL)
		return -ENOMEM;
	if (options->console_socket != NULL)
		snprintf(path, sizeof(path), "%s", options->console_socket);
	else
		snprintf(path, sizeof(path), "%s/vrouter.sock", rte_eal_get_runtime_dir());
	if (console_listen(program->console, path, stderr) != 0)
		return -EIO;
	if (options->interactive && console_serve_terminal(program->console, stderr) != 0)
		return -EIO;
	if (options->cmdline_file != NULL)
		return console_run_file(program->console, options->cmdline_file, stderr);
	return 0;
}

static int
run(struct program *program)
{
	const struct options *options = program->options;
	struct vrouter *vrouter = program->vrouter;
	bool stopped;
	uint64_t now;
	int rc;

	program->watch = watch_create();
	if (program->watch == NULL)
		return -ENOMEM;
	rc = vrouter_launch(vrouter, stderr);
	if (rc == 0)
		rc = telemetry_start(vrouter, stderr);
	if (rc == 0)
		rc = start_console(program);
	if (rc == 0) {
		now = vrouter_clock();
		program->next_stats = now + options->stats_period * SECOND_NS;
		program->end =
			options->run_for == 0 ? UINT64_MAX : now + options->run_for * SECOND_NS;
		control(program);
	}
	telemetry_stop();
	stopped = vrouter_stop(vrouter);
	console_destroy(program->console);
	if (rc == 0)
		print_final(vrouter);
	/* A worker is still reading what would be freed. */
	if (!stopped) {
		fflush(NULL);
		_exit(1);
	}
	watch_free(program->watch);
	return rc;
}

static unsigned int
list_workers(unsigned int *lcores)
{
	unsigned int n = 0;
	unsigned int lcore;

	RTE_LCORE_FOREACH_WORKER(lcore)
		lcores[n++] = lcore;
	return n;
}

/* EAL has started. Gives the exit status. */
static int
start(struct options *options, struct config *config, int signals)
{
	struct program program = { .options = options, .signals = signals };
	unsigned int lcores[RTE_MAX_LCORE];
	unsigned int n = list_workers(lcores);
	int rc;

	if (n == 0) {
		fprintf(stderr,
			"no lcore is left for a worker: give at least two, as -l 0-1; on one CPU "
			"--lcores '0@0,1@0'\n");
		config_free(config);
		return 1;
	}
	program.vrouter = vrouter_create(config, options->config_file, lcores, n, stderr);
	if (program.vrouter == NULL)
		return 1;
	rc = run(&program);
	if (vrouter_destroy(program.vrouter, stderr) != 0)
		rc = -ENOMEM;
	return rc == 0 ? 0 : 1;
}

static int
run_eal(struct options *options, struct config *config)
{
	int signals = open_signals();
	int rc;

	if (signals < 0 || options_add_devices(options, config) != 0) {
		fprintf(stderr, "no memory\n");
		config_free(config);
		return 1;
	}
	if (rte_eal_init(options->eal_argc, options->eal_argv) < 0) {
		fprintf(stderr,
			"EAL did not start: %s. Without hugepages: --no-huge -m 512. Is another "
			"DPDK process running? --file-prefix NAME. See --help.\n",
			rte_strerror(rte_errno));
		config_free(config);
		return 1;
	}
	rc = start(options, config, signals);
	rte_eal_cleanup();
	close(signals);
	return rc;
}

static void
print_check(const struct options *options, const struct config *config)
{
	printf("%s: %u ports, %u routers: ok\n", options->config_file, config->n_ports,
		config->n_routers);
}

static int
run_options(struct options *options, const char *name)
{
	struct config *config;

	if (options->help) {
		options_usage(stdout, name);
		return 0;
	}
	if (options->version) {
		printf("dpdk-vrouter %s, %s\n", VROUTER_VERSION, rte_version());
		return 0;
	}
	if (options->config_file == NULL) {
		fprintf(stderr, "--vr-config FILE is missing (see --help)\n");
		return 1;
	}
	config = config_load_file(options->config_file, stderr);
	if (config == NULL)
		return 1;
	if (options->check) {
		print_check(options, config);
		config_free(config);
		return 0;
	}
	return run_eal(options, config);
}

int
main(int argc, char **argv)
{
	struct options options;
	int rc = 1;

	if (options_parse(&options, argc, argv, stderr) == 0)
		rc = run_options(&options, argv[0]);
	options_free(&options);
	return rc;
}
