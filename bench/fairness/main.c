/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * fairness-bench [EAL options] -- [-n] [FILE]
 *
 * Runs the program's own code on ports of rings, with traffic at offered rates: a generator and
 * sink on the main lcore, the worker on the other. The file, or the standard input, has JSON
 * objects one after the other: first the config (stage.h), then phases (phase.h), each of which is
 * answered by one object, a line on the standard output, before the next is read. fairness.py makes
 * them and judges the answers. -n asks for the CPU before others, as far as nice goes.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "phase.h"

#define NICE -20

/*
 * Asked for, not insisted on: a phase tells when others had the CPU. Where the kernel has a group
 * for each session (sched(7), autogroup), it is the group's that counts.
 */
static void
ask_for_the_cpu(void)
{
	FILE *group;

	(void)!setpriority(PRIO_PROCESS, 0, NICE);
	group = fopen("/proc/self/autogroup", "w");
	if (group == NULL)
		return;
	fprintf(group, "%d", NICE);
	fclose(group);
}

static json_t *
read_object(FILE *file)
{
	json_error_t error;
	json_t *object;
	int c;

	while ((c = fgetc(file)) == ' ' || c == '\n' || c == '\t' || c == '\r')
		;
	if (c == EOF)
		return NULL;
	ungetc(c, file);
	object = json_loadf(file, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
	if (object == NULL) {
		fprintf(stderr, "input: line %d: %s\n", error.line, error.text);
		exit(EXIT_FAILURE);
	}
	return object;
}

static int
run_phases(FILE *file, struct stage *stage, struct sample_lcore *lcore)
{
	json_t *object, *result;
	struct phase phase;

	while ((object = read_object(file)) != NULL) {
		if (phase_parse(&phase, object, stage) != 0)
			return -1;
		result = phase_run(&phase, stage, lcore);
		phase_clear(&phase);
		json_decref(object);
		if (result == NULL || json_dumpf(result, stdout, JSON_COMPACT) != 0) {
			fprintf(stderr, "no memory for a result\n");
			return -1;
		}
		json_decref(result);
		fputc('\n', stdout);
		fflush(stdout);
	}
	return 0;
}

/* The worker's loop is ours; to all else it runs as the program launches it. */
static int
launch(struct stage *stage, struct sample_lcore *lcore)
{
	struct worker *worker = stage->vrouter->workers[0];
	int rc;

	*lcore = (struct sample_lcore){ .worker = worker };
	stage->vrouter->launched = true;
	rc = rte_eal_remote_launch(sample_lcore_main, lcore, worker->lcore);
	while (rc == 0 && __atomic_load_n(&worker->state, __ATOMIC_ACQUIRE) != WORKER_RUNNING)
		rte_delay_us_sleep(100);
	return rc;
}

static int
run(FILE *file, unsigned int worker_lcore)
{
	struct sample_lcore lcore;
	json_t *object = read_object(file);
	struct stage stage;
	int rc;

	if (object == NULL || stage_open(&stage, object, worker_lcore) != 0)
		return -1;
	json_decref(object);
	rc = launch(&stage, &lcore);
	if (rc == 0) {
		stage_settle(&stage);
		rc = run_phases(file, &stage, &lcore);
	}
	return stage_close(&stage) != 0 ? -1 : rc;
}

static FILE *
open_case(int argc, char **argv)
{
	bool nice = false;
	FILE *file = stdin;
	int option;

	while ((option = getopt(argc, argv, "n")) != -1) {
		if (option != 'n')
			return NULL;
		nice = true;
	}
	if (argc - optind > 1) {
		fprintf(stderr, "expected [-n] and one file at most\n");
		return NULL;
	}
	if (optind < argc)
		file = fopen(argv[optind], "r");
	if (file == NULL)
		fprintf(stderr, "%s: %s\n", argv[optind], strerror(errno));
	if (nice)
		ask_for_the_cpu();
	return file;
}

int
main(int argc, char **argv)
{
	unsigned int worker_lcore;
	int eal = 0, rc;
	FILE *file;

	/* Ours first: threads that EAL makes are as nice as this one. */
	while (eal < argc - 1 && strcmp(argv[eal], "--") != 0)
		eal++;
	file = open_case(argc - eal, argv + eal);
	if (file == NULL)
		return EXIT_FAILURE;
	if (rte_eal_init(argc, argv) < 0) {
		fprintf(stderr, "EAL does not start: %s\n", rte_strerror(rte_errno));
		return EXIT_FAILURE;
	}
	worker_lcore = rte_get_next_lcore(-1, 1, 0);
	if (worker_lcore >= RTE_MAX_LCORE) {
		fprintf(stderr, "expected two lcores, as --lcores 0@0,1@1\n");
		return EXIT_FAILURE;
	}
	rc = run(file, worker_lcore);
	rte_eal_cleanup();
	return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
