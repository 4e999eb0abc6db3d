/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "result.h"
#include "run.h"
#include "scenario.h"

#define USAGE \
	"usage: vrouter-sim [--json FILE] [--seed N] [--seconds S] [--quiet] SCENARIO.json...\n" \
	"  --json FILE  writes all figures, with time series; of one scenario\n" \
	"  --seed N     instead of the scenario's\n" \
	"  --seconds S  instead of the scenario's duration; what it expects is then not checked\n" \
	"  --quiet      tells only what differs from what a scenario expects\n"

struct options {
	const char *json;
	bool has_seed;
	uint64_t seed;
	double seconds; /* 0: the scenario's duration */
	bool quiet;
};

static bool
parse_number(const char *text, double least, double most, double *number)
{
	char *end;

	*number = strtod(text, &end);
	return end != text && *end == '\0' && *number >= least && *number <= most;
}

static bool
parse_seed(const char *text, uint64_t *seed)
{
	char *end;

	*seed = strtoull(text, &end, 0);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

static bool
parse_option(struct options *options, int option)
{
	switch (option) {
	case 'j':
		options->json = optarg;
		return true;
	case 'q':
		options->quiet = true;
		return true;
	case 's':
		options->has_seed = true;
		if (parse_seed(optarg, &options->seed))
			return true;
		fprintf(stderr, "--seed: found \"%s\", expected a number\n", optarg);
		return false;
	case 't':
		if (parse_number(optarg, 0.001, SCENARIO_MS_MAX / 1e3, &options->seconds))
			return true;
		fprintf(stderr, "--seconds: found \"%s\", expected a number from 0.001 to %d\n",
			optarg, SCENARIO_MS_MAX / 1000);
		return false;
	default:
		return false;
	}
}

static bool
parse_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "json", required_argument, NULL, 'j' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "seed", required_argument, NULL, 's' },
		{ "seconds", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
		if (option == 'h') {
			fputs(USAGE, stdout);
			exit(EXIT_SUCCESS);
		}
		if (!parse_option(options, option)) {
			fputs(USAGE, stderr);
			return false;
		}
	}
	if (optind < argc && (options->json == NULL || optind + 1 == argc))
		return true;
	fputs(USAGE, stderr);
	return false;
}

static bool
write_json(const struct options *options, const struct scenario *scenario,
	const struct sim_run *runs, unsigned int n, const char *source, uint64_t seed)
{
	json_t *list = json_array(), *json;
	bool ok;

	for (unsigned int i = 0; i < n; i++)
		json_array_append_new(list, result_json(&runs[i]));
	json = json_pack("{ss ss sI si si so so}", "scenario", source, "description",
		scenario->description, "seed", (json_int_t)seed, "duration_ms",
		(int)scenario->duration_ms, "window_ms", (int)scenario->windows_ms[0], "draw",
		result_charts(scenario), "runs", list);
	ok = json != NULL && json_dump_file(json, options->json, JSON_REAL_PRECISION(6)) == 0;
	if (!ok)
		fprintf(stderr, "%s: cannot be written\n", options->json);
	json_decref(json);
	return ok;
}

static bool
go(struct sim_run *run, const struct scenario *scenario, unsigned int which, uint64_t seed,
	const struct options *options)
{
	if (sim_run_init(run, scenario, &scenario->runs[which], seed, stderr) != 0 ||
		sim_run_go(run, stderr) != 0)
		return false;
	if (options->quiet)
		return true;
	printf("%srun %s\n", which > 0 ? "\n" : "", run->config->name);
	result_print(run, stdout);
	return true;
}

static unsigned int
check(const struct sim_run *runs, unsigned int n, const char *source)
{
	unsigned int failed = expect_check_linear(runs, n, source, stderr);

	for (unsigned int i = 0; i < n; i++)
		failed += expect_check(runs, n, i, source, stderr);
	return failed;
}

/* Down to whole windows, of which there is one at least. */
static void
shorten(struct scenario *scenario, double seconds)
{
	uint32_t window = scenario->windows_ms[0], ms = (uint32_t)(seconds * 1e3);

	scenario->duration_ms = ms < window ? window : ms / window * window;
}

static bool
simulate(const char *path, const struct options *options)
{
	struct scenario *scenario = scenario_load_file(path, stderr);
	struct sim_run *runs = NULL;
	uint64_t seed;
	bool ok = false;
	unsigned int n = 0;

	if (scenario == NULL)
		return false;
	seed = options->has_seed ? options->seed : scenario->seed;
	if (options->seconds > 0)
		shorten(scenario, options->seconds);
	if (!options->quiet)
		printf("%s, seed %" PRIu64 ": %s\n", path, seed, scenario->description);
	runs = calloc(scenario->n_runs, sizeof(*runs));
	if (runs != NULL)
		for (ok = true; n < scenario->n_runs && ok; n++)
			ok = go(&runs[n], scenario, n, seed, options);
	if (ok && options->seconds == 0)
		ok = check(runs, n, path) == 0;
	if (n == scenario->n_runs && options->json != NULL)
		ok &= write_json(options, scenario, runs, n, path, seed);
	for (unsigned int i = 0; i < n; i++)
		sim_run_fini(&runs[i]);
	free(runs);
	scenario_free(scenario);
	return ok;
}

int
main(int argc, char **argv)
{
	struct options options = { 0 };
	bool ok = true;

	if (!parse_options(&options, argc, argv))
		return EXIT_FAILURE;
	for (int i = optind; i < argc; i++)
		ok &= simulate(argv[i], &options);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
