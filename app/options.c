/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "port/port.h"

enum option_id {
	OPTION_CONFIG,
	OPTION_INTERACTIVE,
	OPTION_CMDLINE_FILE,
	OPTION_CONSOLE_SOCKET,
	OPTION_STATS_PERIOD,
	OPTION_RUN_FOR,
	OPTION_CHECK,
	OPTION_HELP,
	OPTION_VERSION,
	OPTIONS
};

static const struct option {
	const char *name;
	const char *argument; /* NULL: takes none */
	const char *text;
} table[OPTIONS] = {
	[OPTION_CONFIG] = { "--vr-config", "FILE", "the ports and routers, in JSON (required)" },
	[OPTION_INTERACTIVE] = { "-i", NULL, "console on the terminal" },
	[OPTION_CMDLINE_FILE] = { "--cmdline-file", "FILE",
		"console commands to run at the start" },
	[OPTION_CONSOLE_SOCKET] = { "--console-socket", "PATH",
		"console on this Unix socket (default: vrouter.sock in EAL's runtime folder)" },
	[OPTION_STATS_PERIOD] = { "--stats-period", "SECONDS", "print statistics so often" },
	[OPTION_RUN_FOR] = { "--run-for", "SECONDS",
		"stop after so long, print the final statistics" },
	[OPTION_CHECK] = { "--check", NULL, "check the config, start nothing" },
	[OPTION_HELP] = { "--help", NULL, "this text" },
	[OPTION_VERSION] = { "--version", NULL, "versions of the program and of DPDK" },
};

void
options_usage(FILE *out, const char *program)
{
	fprintf(out,
		"Usage: %s [EAL options] --vr-config FILE [options]\n\n"
		"Many virtual routers in one DPDK process, each with its share of the CPU.\n\n"
		"Options (EAL's and these in any order):\n",
		program);
	for (int i = 0; i < OPTIONS; i++) {
		char left[64];

		snprintf(left, sizeof(left), "%s%s%s", table[i].name,
			table[i].argument == NULL ? "" : " ",
			table[i].argument == NULL ? "" : table[i].argument);
		fprintf(out, "  %-24s  %s\n", left, table[i].text);
	}
	fprintf(out,
		"\nEAL options that are needed most:\n"
		"  -l 0-3                    lcores: the first is the control thread's, the others "
		"are workers\n"
		"  --no-huge -m 512          without hugepages, MiB of memory\n"
		"  --file-prefix NAME        to run more than one\n"
		"\nExamples: configs/ in the source; manual: dpdk-vrouter(8), "
		"docs/configuration.md\n");
}

/* The option that `argument` is, its value after '=' if it has one; OPTIONS: none of ours. */
static enum option_id
find(const char *argument, const char **value)
{
	*value = NULL;
	for (int i = 0; i < OPTIONS; i++) {
		size_t length = strlen(table[i].name);

		if (strncmp(argument, table[i].name, length) != 0)
			continue;
		if (argument[length] == '\0')
			return i;
		if (argument[length] == '=' && length > 2) {
			*value = argument + length + 1;
			return i;
		}
	}
	return OPTIONS;
}

/* Characters that differ, with one inserted or left out counting as one; small is alike. */
static unsigned int
distance(const char *a, const char *b)
{
	unsigned int best;

	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	if (*a == '\0' || *b == '\0')
		return (unsigned int)(strlen(a) + strlen(b));
	if (strlen(a) > 24 || strlen(b) > 24)
		return 24;
	best = strcmp(a + 1, b + 1) == 0 ? 1 : 24;
	if (strcmp(a + 1, b) == 0 || strcmp(a, b + 1) == 0)
		best = 1;
	if (a[1] == b[0] && a[0] == b[1] && strcmp(a + 2, b + 2) == 0)
		best = 1;
	return best;
}

/* The option that was probably meant, or OPTIONS. */
static enum option_id
similar(const char *argument)
{
	int i;

	for (i = 0; i < OPTIONS; i++)
		if (table[i].name[1] == '-' && distance(argument, table[i].name) <= 2)
			break;
	return i;
}

static int
parse_seconds(const char *name, const char *value, unsigned int *seconds, FILE *errors)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(value, &end, 10);
	if (errno != 0 || *value < '0' || *value > '9' || *end != '\0' || number < 1 ||
		number > 1000000) {
		fprintf(errors, "%s: found \"%s\", expected seconds, 1 to 1000000\n", name, value);
		return -EINVAL;
	}
	*seconds = (unsigned int)number;
	return 0;
}

static int
take(struct options *options, enum option_id id, const char *value, FILE *errors)
{
	switch (id) {
	case OPTION_CONFIG:
		options->config_file = value;
		return 0;
	case OPTION_INTERACTIVE:
		options->interactive = true;
		return 0;
	case OPTION_CMDLINE_FILE:
		options->cmdline_file = value;
		return 0;
	case OPTION_CONSOLE_SOCKET:
		options->console_socket = value;
		return 0;
	case OPTION_STATS_PERIOD:
		return parse_seconds(table[id].name, value, &options->stats_period, errors);
	case OPTION_RUN_FOR:
		return parse_seconds(table[id].name, value, &options->run_for, errors);
	case OPTION_CHECK:
		options->check = true;
		return 0;
	case OPTION_HELP:
		options->help = true;
		return 0;
	case OPTION_VERSION:
		options->version = true;
		return 0;
	case OPTIONS:
		break;
	}
	return -EINVAL;
}

static int
refuse(const char *argument, FILE *errors)
{
	fprintf(errors, "%s: not an option of this program (see --help)\n", argument);
	return -EINVAL;
}

/* EAL's options that take a value as the next argument, so that the value is not ours. */
static bool
eal_takes_value(const char *argument)
{
	static const char *const names[] = { "-a", "--allow", "-b", "--block", "-c", "-d", "-l",
		"-m", "-n", "-r", "-s", "-S", "--file-prefix", "--lcores", "--vdev", "--log-level",
		"--main-lcore", "--socket-mem", "--huge-dir", "--proc-type", "--iova-mode",
		"--base-virtaddr", "--force-max-simd-bitwidth", "--syslog", "--socket-limit",
		"--mbuf-pool-ops-name", "--vfio-intr", "--vfio-vf-token", "--trace", "--trace-dir",
		"--trace-bufsz", "--trace-mode" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(argument, names[i]) == 0)
			return true;
	return false;
}

/* The command line while it is read. */
struct arguments {
	int argc;
	char **argv;
	int next;
	bool only_ours; /* after `--` */
};

/* Not one of ours: EAL's, or nobody's. */
static int
take_foreign(struct options *options, struct arguments *arguments, char *argument, FILE *errors)
{
	enum option_id meant = similar(argument);
	bool more = arguments->next < arguments->argc;

	if (meant != OPTIONS) {
		/* Its value is not to be told as a mistake of its own. */
		if (table[meant].argument != NULL && more &&
			arguments->argv[arguments->next][0] != '-')
			arguments->next++;
		fprintf(errors, "%s: no such option, did you mean %s?\n", argument,
			table[meant].name);
		return -EINVAL;
	}
	if (arguments->only_ours || argument[0] != '-')
		return refuse(argument, errors);
	options->eal_argv[options->eal_argc++] = argument;
	if (eal_takes_value(argument) && more)
		options->eal_argv[options->eal_argc++] = arguments->argv[arguments->next++];
	return 0;
}

static int
take_own(struct options *options, struct arguments *arguments, enum option_id id, const char *value,
	FILE *errors)
{
	const struct option *option = &table[id];

	if (option->argument == NULL && value != NULL) {
		fprintf(errors, "%s takes no value\n", option->name);
		return -EINVAL;
	}
	if (option->argument != NULL && value == NULL && arguments->next < arguments->argc &&
		strncmp(arguments->argv[arguments->next], "--", 2) != 0)
		value = arguments->argv[arguments->next++];
	if (option->argument != NULL && (value == NULL || value[0] == '\0')) {
		fprintf(errors, "%s: %s is missing\n", option->name, option->argument);
		return -EINVAL;
	}
	return take(options, id, value, errors);
}

int
options_parse(struct options *options, int argc, char **argv, FILE *errors)
{
	struct arguments arguments = { .argc = argc, .argv = argv, .next = 1 };
	int rc = 0;

	memset(options, 0, sizeof(*options));
	options->eal_argv = calloc((size_t)argc + 1, sizeof(*options->eal_argv));
	if (options->eal_argv == NULL) {
		fprintf(errors, "no memory\n");
		return -ENOMEM;
	}
	options->eal_argv[options->eal_argc++] = argv[0];
	while (arguments.next < argc) {
		char *argument = argv[arguments.next++];
		const char *value;
		enum option_id id;

		if (strcmp(argument, "--") == 0) {
			arguments.only_ours = true;
			continue;
		}
		id = find(argument, &value);
		if (id == OPTIONS ? take_foreign(options, &arguments, argument, errors) != 0
				  : take_own(options, &arguments, id, value, errors) != 0)
			rc = -EINVAL;
	}
	return rc;
}

static bool
user_chose_devices(const struct options *options)
{
	for (int i = 1; i < options->eal_argc; i++) {
		const char *argument = options->eal_argv[i];

		if (strncmp(argument, "-a", 2) == 0 || strncmp(argument, "-b", 2) == 0 ||
			strncmp(argument, "--allow", 7) == 0 ||
			strncmp(argument, "--block", 7) == 0 || strcmp(argument, "--no-pci") == 0)
			return true;
	}
	return false;
}

int
options_add_devices(struct options *options, const struct config *config)
{
	size_t size = (size_t)options->eal_argc + 2 * config->n_ports + 2;
	char **argv;
	int argc = 0;

	if (user_chose_devices(options))
		return 0;
	argv = calloc(size, sizeof(*argv));
	if (argv == NULL)
		return -ENOMEM;
	/* Before the user's, whose last one may lack its value. */
	argv[argc++] = options->eal_argv[0];
	for (unsigned int i = 0; i < config->n_ports; i++) {
		if (!port_device_is_pci(config->ports[i].device))
			continue;
		argv[argc++] = (char *)(uintptr_t) "-a";
		argv[argc++] = config->ports[i].device;
	}
	if (argc == 1)
		argv[argc++] = (char *)(uintptr_t) "--no-pci";
	for (int i = 1; i < options->eal_argc; i++)
		argv[argc++] = options->eal_argv[i];
	free(options->eal_argv);
	options->eal_argv = argv;
	options->eal_argc = argc;
	return 0;
}

void
options_free(struct options *options)
{
	free(options->eal_argv);
	options->eal_argv = NULL;
}
