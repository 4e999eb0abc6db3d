/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The element mirror: copies on an interface and in files, which are read as the format says
 * (draft-ietf-opsawg-pcapng), not with the library that writes them.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pair.h"
#include "pipeline.h"
#include "pipeline_report.h"
#include "tests.h"

#define RATES "'icmp_rate': 10000000, 'echo_rate': 10000000,"
#define BLOCK_SECTION 0x0a0d0d0a
#define BLOCK_INTERFACE 1
#define BLOCK_PACKET 6
#define OPTION_FLAGS 2
#define OPTION_QUEUE 6
#define FLAG_IN 1
#define FLAG_OUT 2
#define WAITING_MAX 511

static char path[] = "/tmp/test_mirror.XXXXXX";

static const char *
open_file(void)
{
	int fd;

	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	CU_ASSERT_FATAL(fd >= 0);
	close(fd);
	return path;
}

static void
open_mirrors(uint16_t vlan, const char *ingress, const char *egress)
{
	static char more[4096];

	snprintf(more, sizeof(more), RATES "'pipeline': {'ingress': [%s], 'egress': [%s]},",
		ingress, egress);
	lab.mirrors = true;
	pair_open((struct pair_options){ .lan_vlan = vlan, .ipv6 = true, .more = more });
}

static int64_t
state(const char *element, const char *key)
{
	json_t *shown = report_element(lab_router("r"), element);
	json_t *value = json_object_get(json_object_get(shown, "state"), key);
	int64_t n = json_is_true(value) ? 1 : json_integer_value(value);

	json_decref(shown);
	return n;
}

/* Frames as they came in, and as they go out. */
static void
test_interface(void)
{
	static uint8_t payload[64];
	struct ipv4 ipv4 = pair_packet();
	static struct frame in, out, copy;

	for (uint16_t vlan = 0; vlan <= 7; vlan += 7) {
		open_mirrors(vlan, "{'type': 'mirror', 'interface': 'wan'}", "");
		ipv4 = pair_packet();
		ipv4.options = (const uint8_t[]){ 1, 1, 1, 1 };
		ipv4.n_options = 4;
		ipv4.payload = payload;
		ipv4.length = fill_udp(payload, &ipv4, 1024, 53, NULL, 24);
		frame_ipv4(&in, &ipv4);
		pair_forwarded(&out, &ipv4);
		pair_inject(&ipv4);
		lab_pump();
		/* The copy leaves behind what was in the output, or before. */
		CU_ASSERT_FATAL(lab_take(WAN, &copy));
		if (frame_equal(&copy, &out))
			lab_expect(WAN, &in);
		else
			lab_expect(WAN, &out);
		lab_expect_nothing();
		CU_ASSERT(state("mirror", "copied") == 1);
		lab_close();

		open_mirrors(vlan, "", "{'type': 'mirror', 'interface': 'lan', 'snap_length': 64}");
		pair_inject(&ipv4);
		lab_pump();
		lab_expect(WAN, &out);
		CU_ASSERT_FATAL(lab_take(LAN, &copy));
		CU_ASSERT(copy.length == RTE_MIN(64u, out.length));
		CU_ASSERT(memcmp(copy.bytes, out.bytes, copy.length) == 0);
		lab_expect_nothing();
		lab_close();
	}
}

/* One of each so many, and not always the same. */
static void
test_sampling(void)
{
	unsigned int places[10] = { 0 }, copies = 0, used = 0;
	static struct frame frame;

	open_mirrors(0, "{'type': 'mirror', 'interface': 'lan', 'sample': 10}", "");
	for (unsigned int i = 0; i < 5000; i++) {
		struct ipv4 ipv4 = pair_packet();

		ipv4.id = (uint16_t)i;
		pair_inject(&ipv4);
		if (i % 61 == 0)
			lab_pump();
		while (lab_take(LAN, &frame)) {
			unsigned int id = frame_get16(&frame, 14 + 4);

			places[id % 10]++;
			CU_ASSERT(id / 10 == copies);
			copies++;
		}
		if (i % 700 == 0)
			lab_discard();
	}
	lab_pump();
	CU_ASSERT(state("mirror", "copied") == 500);
	for (unsigned int i = 0; i < 10; i++)
		used += places[i] > 0;
	CU_ASSERT(used >= 5);
	lab_discard();
}

/* A file, read block by block. */

struct reader {
	FILE *file;
	unsigned int sections;
	unsigned int interfaces;
	unsigned int packets;
	uint64_t last; /* timestamp */
};

struct packet {
	struct frame frame; /* what was kept */
	uint32_t original;
	uint32_t flags;
	uint32_t queue;
};

static uint32_t
word(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static void
read_options(const uint8_t *at, const uint8_t *end, struct packet *packet)
{
	while (at + 4 <= end) {
		uint16_t code, length;

		memcpy(&code, at, 2);
		memcpy(&length, at + 2, 2);
		CU_ASSERT_FATAL(at + 4 + length <= end);
		if (code == OPTION_FLAGS)
			packet->flags = word(at + 4);
		if (code == OPTION_QUEUE)
			packet->queue = word(at + 4);
		at += 4 + RTE_ALIGN(length, 4);
	}
}

static void
read_packet(struct reader *reader, const uint8_t *body, uint32_t length, struct packet *packet)
{
	uint64_t stamp = (uint64_t)word(body + 4) << 32 | word(body + 8);

	CU_ASSERT(word(body) < reader->interfaces);
	CU_ASSERT(stamp >= reader->last);
	reader->last = stamp;
	packet->frame.length = word(body + 12);
	packet->original = word(body + 16);
	CU_ASSERT_FATAL(packet->frame.length <= length - 20 && packet->frame.length <= FRAME_MAX);
	memcpy(packet->frame.bytes, body + 20, packet->frame.length);
	read_options(body + 20 + RTE_ALIGN(packet->frame.length, 4), body + length, packet);
	reader->packets++;
}

/* The next packet; false at the end of the file, which is where a block ends. */
static bool
read_block(struct reader *reader, struct packet *packet)
{
	static uint8_t body[FRAME_MAX + 256];
	uint32_t head[2], trailer;

	while (fread(head, sizeof(head), 1, reader->file) == 1) {
		CU_ASSERT_FATAL(head[1] >= 12 && head[1] - 12 <= sizeof(body) && head[1] % 4 == 0);
		CU_ASSERT_FATAL(fread(body, head[1] - 12, 1, reader->file) == 1);
		CU_ASSERT_FATAL(fread(&trailer, sizeof(trailer), 1, reader->file) == 1);
		CU_ASSERT_FATAL(trailer == head[1]);
		if (head[0] == BLOCK_SECTION) {
			reader->sections++;
			reader->interfaces = 0;
		} else if (head[0] == BLOCK_INTERFACE) {
			reader->interfaces++;
		} else if (head[0] == BLOCK_PACKET) {
			read_packet(reader, body, head[1] - 12, packet);
			return true;
		}
	}
	CU_ASSERT(feof(reader->file) != 0);
	return false;
}

static struct reader
open_reader(void)
{
	struct reader reader = { .file = fopen(path, "r") };

	CU_ASSERT_PTR_NOT_NULL_FATAL(reader.file);
	return reader;
}

static void
test_file(void)
{
	static char ingress[256];
	static uint8_t payload[1600];
	static struct packet packet;
	static struct frame frame;
	struct reader reader;

	snprintf(ingress, sizeof(ingress), "{'type': 'mirror', 'file': '%s', 'snap_length': 1000}",
		open_file());
	open_mirrors(5, ingress, "'mirror'");
	for (uint32_t length = 0; length < 1400; length += 1 + length / 4) {
		struct ipv4 ipv4 = pair_packet();

		ipv4.payload = payload;
		ipv4.length = fill_udp(payload, &ipv4, 1024, 53, NULL, length);
		pair_inject(&ipv4);
		lab_pump();
		lab_discard();
		lab_poll();
	}
	reader = open_reader();
	for (uint32_t length = 0; length < 1400; length += 1 + length / 4) {
		struct ipv4 ipv4 = pair_packet();

		ipv4.payload = payload;
		ipv4.length = fill_udp(payload, &ipv4, 1024, 53, NULL, length);
		for (unsigned int side = 0; side < 2; side++) {
			CU_ASSERT_FATAL(read_block(&reader, &packet));
			if (side == 0)
				frame_ipv4(&frame, &ipv4);
			else
				pair_forwarded(&frame, &ipv4);
			CU_ASSERT(packet.flags == (side == 0 ? FLAG_IN : FLAG_OUT));
			CU_ASSERT(packet.queue == side);
			CU_ASSERT(packet.original == frame.length);
			CU_ASSERT(packet.frame.length == RTE_MIN(frame.length, 1000u));
			CU_ASSERT(
				memcmp(packet.frame.bytes, frame.bytes, packet.frame.length) == 0);
		}
	}
	CU_ASSERT(!read_block(&reader, &packet));
	CU_ASSERT(reader.sections == 1);
	CU_ASSERT(state("mirror", "written") == (int64_t)reader.packets);
	fclose(reader.file);
	unlink(path);
}

static void
burst(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct ipv4 ipv4 = pair_packet();

		ipv4.id = (uint16_t)i;
		pair_inject(&ipv4);
	}
	while (lab_router("r") != NULL && lab_waiting(WAN) < n)
		lab_pass(0);
	lab_discard();
}

/* While the control thread is away, no more wait than may; all others are counted. */
static void
test_queue(void)
{
	static char ingress[256];

	snprintf(ingress, sizeof(ingress), "{'type': 'mirror', 'file': '%s'}", open_file());
	open_mirrors(0, ingress, "");
	burst(700);
	CU_ASSERT(state("mirror", "copied") == WAITING_MAX);
	CU_ASSERT(state("mirror", "lost_buffers") + state("mirror", "lost_queue") ==
		  700 - WAITING_MAX);
	CU_ASSERT(state("mirror", "written") == 0);
	for (unsigned int i = 0; i < 10; i++)
		lab_poll();
	CU_ASSERT(state("mirror", "written") == WAITING_MAX);
	burst(10);
	/* What waits at the end is written, too. */
	lab_close();
	{
		struct reader reader = open_reader();
		static struct packet packet;

		while (read_block(&reader, &packet))
			;
		CU_ASSERT(reader.packets == WAITING_MAX + 10);
		fclose(reader.file);
	}
	unlink(path);
}

/* The file ends before its limit with a whole block, and the router goes on. */
static void
test_size(void)
{
	static char ingress[256];
	static uint8_t payload[1600];
	struct ipv4 ipv4 = pair_packet();
	static struct packet packet;
	struct reader reader;
	unsigned int sent = 0;

	snprintf(ingress, sizeof(ingress), "{'type': 'mirror', 'file': '%s', 'max_size': 1}",
		open_file());
	open_mirrors(0, ingress, "");
	ipv4.payload = payload;
	ipv4.length = fill_udp(payload, &ipv4, 1024, 53, NULL, 1400);
	for (unsigned int i = 0; i < 900; i++, sent++) {
		pair_inject(&ipv4);
		lab_pump();
		lab_discard();
		lab_poll();
	}
	reader = open_reader();
	while (read_block(&reader, &packet))
		;
	CU_ASSERT(ftell(reader.file) <= 1000000 && ftell(reader.file) > 1000000 - 1600);
	fclose(reader.file);
	CU_ASSERT(state("mirror", "stopped") == 1);
	CU_ASSERT(state("mirror", "written") == (int64_t)reader.packets);
	CU_ASSERT(state("mirror", "written") + state("mirror", "not_written") +
			  state("mirror", "past_limit") ==
		  (int64_t)sent);
	CU_ASSERT(state("mirror", "past_limit") > 0);
	unlink(path);
}

static const char *
set_mirror(const char *format, const char *file)
{
	static char text[512], errors[1024];
	FILE *out = fmemopen(errors, sizeof(errors), "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	snprintf(text, sizeof(text), format, file);
	for (char *c = text; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	errors[0] = '\0';
	vrouter_set_element(lab_router("r"), "mirror", text, "test", out);
	fclose(out);
	return errors;
}

/* A change adds a section, and nothing that was copied is lost. */
static void
test_change(void)
{
	static char ingress[256];
	static struct packet packet;
	struct reader reader;

	snprintf(ingress, sizeof(ingress), "{'type': 'mirror', 'file': '%s'}", open_file());
	open_mirrors(0, ingress, "");
	for (unsigned int i = 0; i < 5; i++) {
		burst(20);
		CU_ASSERT_STRING_EQUAL(set_mirror("{'type': 'mirror', 'file': '%s'}", path), "");
		burst(20);
	}
	lab_close();
	reader = open_reader();
	while (read_block(&reader, &packet))
		;
	CU_ASSERT(reader.sections == 6 && reader.packets == 200);
	fclose(reader.file);
	unlink(path);
}

static void
test_refused(void)
{
	static char text[256];
	FILE *file;

	open_mirrors(0, "{'type': 'mirror', 'interface': 'wan'}", "");
	open_file();
	file = fopen(path, "w");
	fputs("somebody's letters", file);
	fclose(file);
	snprintf(text, sizeof(text),
		"router r: element mirror: file %s is no pcapng file, and is left as it is\n",
		path);
	CU_ASSERT_STRING_EQUAL(set_mirror("{'type': 'mirror', 'file': '%s'}", path), text);
	file = fopen(path, "r");
	CU_ASSERT(fgets(text, sizeof(text), file) != NULL);
	CU_ASSERT_STRING_EQUAL(text, "somebody's letters");
	fclose(file);
	unlink(path);
	CU_ASSERT_PTR_NOT_NULL(strstr(set_mirror("{'type': 'mirror', 'file': '%s'}", "/proc/no/x"),
		"file /proc/no/x cannot be written: "));
	CU_ASSERT_PTR_NOT_NULL(strstr(
		set_mirror("{'type': 'mirror', 'file': '%s'}", "/dev/null"), "is no pcapng file"));
	CU_ASSERT_PTR_NOT_NULL(strstr(set_mirror("{'type': 'mirror', 'interface': '%s'}", "wna"),
		"did you mean \"wan\"?"));
	CU_ASSERT_PTR_NOT_NULL(strstr(set_mirror("{'type': 'mirror'}", ""),
		"found neither \"interface\" nor \"file\", expected one of them"));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(set_mirror("{'type': 'mirror', 'interface': 'wan', 'max_size': 1}", ""),
			"found a \"max_size\", expected none: there is no \"file\""));
	/* The first is still there. */
	burst(1);
	CU_ASSERT(state("mirror", "copied") == 1);
}

CU_TestInfo mirror_tests[] = {
	{ "to an interface", test_interface },
	{ "sampling", test_sampling },
	{ "to a file", test_file },
	{ "the control thread away", test_queue },
	{ "limit of size", test_size },
	{ "change", test_change },
	{ "what is refused", test_refused },
	CU_TEST_INFO_NULL,
};
