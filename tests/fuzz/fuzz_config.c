/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <config/config.h>

#include "../unit/config_oracle.h"
#include "folder.h"

/*
 * The text of a config: once as that of a whole config, once as that of a router to be added to one
 * that runs. What is accepted must be right by every rule (config_oracle.h); what is refused must
 * be told in lines of the form that config.h promises, fit for a terminal.
 */

static const char running_text[] =
	"{\"ports\": [{\"name\": \"p0\", \"device\": \"net_null0\"},"
	" {\"name\": \"p1\", \"device\": \"net_null1\"}],"
	" \"routers\": [{\"name\": \"running\", \"interfaces\": [{\"name\": \"lan\","
	" \"port\": \"p0\", \"vlan\": 10, \"mac\": \"02:00:00:00:00:01\","
	" \"addresses\": [\"10.0.0.1/24\"]}]}]}";

static struct config *running;

static void
fail(const char *what, const char *text)
{
	fprintf(stderr, "\n%s: %s\n", what, text);
	abort();
}

/* "fuzz:LINE: $...: found ..., expected ..."; lines about files of routes are not looked into. */
static void
check_line(const char *line, size_t length)
{
	unsigned int number = 0;
	int read = 0;

	for (size_t i = 0; i < length; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			fail("a message with a control character", line);
	if (strncmp(line, "fuzz:", 5) != 0)
		return;
	if (sscanf(line, "fuzz:%u: $%n", &number, &read) != 1 || read == 0 || number == 0 ||
		memmem(line, length, ": found ", 8) == NULL ||
		memmem(line, length, ", expected ", 11) == NULL)
		fail("a message of another form", line);
}

static void
check_errors(const char *errors)
{
	if (errors[0] == '\0')
		fail("refused", "without a word");
	while (*errors != '\0') {
		const char *end = strchr(errors, '\n');

		if (end == NULL)
			fail("a message without an end", errors);
		check_line(errors, (size_t)(end - errors));
		errors = end + 1;
	}
}

static void
load(const char *text, const struct config *with)
{
	char *errors = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&errors, &size);
	struct config *config = with == NULL ? config_load_text(text, "fuzz", out)
	                                     : config_load_router(text, "fuzz", with, out);
	const char *wrong;

	fclose(out);
	if (config == NULL) {
		check_errors(errors);
	} else {
		wrong = with == NULL ? config_oracle(config) : NULL;
		if (errors[0] != '\0')
			fail("accepted, but told", errors);
		if (wrong != NULL)
			fail("accepted, but not so", wrong);
		config_free(config);
	}
	free(errors);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	folder_make();
	folder_file("routes.txt", "10.9.0.0/16 via 10.0.0.2\n10.8.0.0/16 blackhole # a comment\n");
	folder_file("wrong.txt", "10.9.0.0/16 via 10.0.0.2\n10.8.0.0/16 vai 10.0.0.2\n");
	running = config_load_text(running_text, "running", stderr);
	return running == NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *text = malloc(length + 1);

	memcpy(text, bytes, length);
	text[length] = '\0';
	folder_enter();
	load(text, NULL);
	load(text, running);
	folder_leave();
	free(text);
	return 0;
}
