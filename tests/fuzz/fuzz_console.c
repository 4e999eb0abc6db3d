/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "console.h"
#include "folder.h"
#include "stage.h"

/*
 * What a client of the console types, line editor ("interactive") and live table included, while
 * packets pass. An input is the client's bytes; it is connected anew for each, and has closed its
 * sending side before it reads. The routers are those of stage.h, and new for each input.
 */

#define SOCKET "console.sock"
/* The console serves a client in pieces; none has more than this for what an input can ask. */
#define ROUNDS_MAX 20000
#define ROUNDS_WITH_PACKETS 4
/* So long a live table may run. */
#define ROUNDS_WATCHED 8

static struct console *console;
static bool quit;

/*
 * `clear stats` must not leave the lab's own counts behind. The linker has commands.c call this,
 * and gives it the real one (--wrap).
 */
void __real_stats_clear(struct vrouter *vrouter);
void __wrap_stats_clear(struct vrouter *vrouter);

static bool clearing;

void
__wrap_stats_clear(struct vrouter *vrouter)
{
	if (clearing) {
		__real_stats_clear(vrouter);
		return;
	}
	clearing = true;
	lab_pump();
	lab_clear_stats();
	clearing = false;
}

static int
connect_client(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = SOCKET };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		perror(SOCKET);
		exit(1);
	}
	return fd;
}

/* Packets for each kind of next hop, and ARP. */
static void
inject_packets(void)
{
	static const uint32_t destinations[] = { IP(10, 0, 0, 1), IP(10, 0, 0, 7),
		IP(198, 18, 0, 1), IP(198, 19, 0, 1), IP(172, 16, 0, 1), IP(172, 17, 0, 1),
		IP(8, 8, 8, 8) };
	static struct frame frame;
	struct ipv4 ipv4 = { .ethernet = { UINT64_C(0x020000000001), UINT64_C(0x020000000a02), 0 },
		.source = IP(10, 0, 0, 2),
		.ttl = 64,
		.protocol = PROTOCOL_UDP,
		.payload = (const uint8_t *)"twelve bytes",
		.length = 12 };
	struct arp arp = { .ethernet = { MAC_BROADCAST, UINT64_C(0x020000000a04), 0 },
		.operation = ARP_REQUEST,
		.sender_mac = UINT64_C(0x020000000a04),
		.sender = IP(10, 0, 0, 4),
		.target = IP(10, 0, 0, 1) };

	for (unsigned int i = 0; i < RTE_DIM(destinations); i++) {
		ipv4.destination = destinations[i];
		frame_ipv4(&frame, &ipv4);
		lab_inject(0, &frame);
	}
	frame_arp(&frame, &arp);
	lab_inject(0, &frame);
}

/* Gives whether there may be more. */
static bool
read_answers(int fd)
{
	char text[4096];
	ssize_t size;

	while ((size = read(fd, text, sizeof(text))) > 0)
		;
	return size < 0 && errno == EAGAIN;
}

/* Nothing is to be done before a client comes; one that has left its live table running, aside. */
static bool
nothing_awaited(void)
{
	struct pollfd fds[4];

	return console_poll_fds(console, fds, RTE_DIM(fds)) <= 1;
}

static void
turn(uint64_t now)
{
	for (unsigned int i = 0; i < STAGE_WORKERS; i++)
		lab_pass(i);
	lab_poll();
	console_serve(console, now);
}

/* Until the console has closed the connection. */
static void
serve(int fd)
{
	uint64_t now = vrouter_clock();
	unsigned int watched = 0;

	for (unsigned int i = 0; i < ROUNDS_MAX; i++) {
		if (i < ROUNDS_WITH_PACKETS)
			inject_packets();
		turn(now);
		if (!read_answers(fd))
			return;
		if (!nothing_awaited())
			continue;
		now += LAB_SECOND;
		if (++watched > ROUNDS_WATCHED)
			return;
	}
	CU_FAIL("the console goes on and on");
}

/* It notices that nobody looks at the live table any more. */
static void
leave(int fd)
{
	uint64_t now = vrouter_clock() + ROUNDS_WATCHED * LAB_SECOND;

	close(fd);
	for (unsigned int i = 0; i < 4; i++) {
		now += 2 * LAB_SECOND;
		turn(now);
	}
}

/* Which of the first descriptors are open, a bit each. */
static uint64_t
open_descriptors(void)
{
	uint64_t open = 0;

	for (int fd = 0; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			open |= UINT64_C(1) << fd;
	return open;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
end(void)
{
	folder_enter();
	console_destroy(console);
	folder_leave();
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	stage_open((*argv)[0]);
	folder_make();
	folder_file("routes.txt", "10.9.0.0/16 via 10.0.0.2\n10.8.0.0/16 blackhole # a comment\n");
	folder_file("wrong.txt", "10.9.0.0/16 via 10.0.0.2\n10.8.0.0/16 vai 10.0.0.2\n");
	folder_file("router.json",
		"{\"name\": \"t\", \"interfaces\": [{\"name\": \"lan\", \"port\": \"a\","
		" \"vlan\": 77, \"mac\": \"02:00:00:00:00:77\", \"addresses\": [\"10.7.0.1/24\"]}],"
		" \"routes_file\": \"empty.txt\"}");
	folder_file("empty.txt", "");
	folder_file("pipeline.json",
		"{\"ingress\": [{\"type\": \"mark\", \"dscp\": \"ef\"}, {\"type\":"
		" \"ttl_guard\", \"name\": \"g\"}], \"egress\": [\"mark\"]}");
	console = console_create(lab.vrouter, &quit, stderr);
	folder_enter();
	if (console == NULL || console_listen(console, SOCKET, stderr) != 0)
		return 1;
	folder_leave();
	atexit(end);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	uint64_t before = open_descriptors();
	ssize_t sent;
	int fd;

	quit = false;
	folder_enter();
	fd = connect_client();
	stage_begin();
	sent = send(fd, bytes, length, MSG_NOSIGNAL);
	CU_ASSERT(sent == (ssize_t)length);
	shutdown(fd, SHUT_WR);
	serve(fd);
	leave(fd);
	CU_ASSERT(open_descriptors() == before);
	folder_leave();
	stage_end();
	return 0;
}
