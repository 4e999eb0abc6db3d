/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "element/acl_config.h"
#include "packet/tuple.h"
#include "schema/line_report.h"

/*
 * A file of rules of an acl: what is accepted is the same when it is written in words and read
 * again. Where the first octet is NUL, what follows is an IP packet whose tuple is read, IPv4 if
 * the second is even.
 */

static int file;
static char path[64];

static void
fail(const char *what, const char *text)
{
	fprintf(stderr, "\n%s: %s\n", what, text);
	abort();
}

static void
check_rule(const struct acl_rule *rule)
{
	char text[ACL_TEXT_SIZE], copy[ACL_TEXT_SIZE], error[ACL_EXPECTED_SIZE];
	struct acl_rule again = *rule;
	struct acl_error why;

	acl_rule_text(rule, text);
	if (acl_rule_complete(&again, error) != 0)
		fail("accepted, but not complete", error);
	if (strlen(text) >= ACL_LINE_MAX)
		fail("longer than a line", text);
	strcpy(copy, text);
	if (acl_rule_parse(copy, &again, &why) != 1)
		fail("accepted, but not again", text);
	if (memcmp(&again, rule, ACL_RULE_COMPARED) != 0)
		fail("another rule the second time", text);
	if (again.source_port.low > again.source_port.high || again.dscp > 63 ||
		again.icmp_type > UINT8_MAX || (again.tcp_flags.value & ~again.tcp_flags.mask) != 0)
		fail("accepted", text);
}

static void
check_errors(const struct line_report *report, const char *errors, size_t size)
{
	if ((report->n_errors > 0) != (size > 0))
		fail("errors", errors);
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)errors[i];

		if ((c < 0x20 && c != '\n') || c == 0x7f)
			fail("a message with a control character", errors);
	}
}

static void
read_rules(const uint8_t *bytes, size_t length)
{
	struct line_report report = { .path = path }, kept;
	struct acl_config config = { 0 };
	char *errors = NULL;
	size_t size;
	FILE *out = open_memstream(&errors, &size);

	if (out == NULL || ftruncate(file, 0) != 0 ||
		pwrite(file, bytes, length, 0) != (ssize_t)length)
		fail("memfd", "no memory");
	acl_config_read_file(&report, &config);
	kept = report;
	line_report_flush(&report, out);
	fclose(out);
	check_errors(&kept, errors, size);
	for (unsigned int i = 0; i < config.n_file_rules; i++)
		check_rule(&config.file_rules[i]);
	acl_config_unload(&config.element);
	free(errors);
}

/* From memory that ends with the packet. */
static void
read_tuple(uint8_t kind, const uint8_t *bytes, size_t length)
{
	struct packet_tuple tuple;
	uint8_t *packet;

	if (length < (kind == PACKET_IPV4 ? 20 : sizeof(struct ipv6_header)))
		return;
	packet = malloc(length);
	memcpy(packet, bytes, length);
	packet_tuple_read(kind, packet, (uint32_t)length, &tuple);
	if ((tuple.known & PACKET_KNOWN_PORTS) != 0 && tuple.fragment == PACKET_FRAGMENT_LATER)
		fail("ports", "of a later fragment");
	if (tuple.upper_offset > length)
		fail("an upper layer", "behind the packet");
	free(packet);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	file = memfd_create("rules", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	return file < 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length >= 2 && bytes[0] == '\0')
		read_tuple(bytes[1] % 2 == 0 ? PACKET_IPV4 : PACKET_IPV6, bytes + 2, length - 2);
	else
		read_rules(bytes, length);
	return 0;
}
