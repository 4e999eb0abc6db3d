/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Routers that come and go.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "burst.h"
#include "tests.h"

/* A router's packets wait everywhere when it is deleted; another one's all get through. */
static void
test_add_delete(void)
{
	unsigned int sent = 0, seen = 0;

	for (unsigned int workers = 1; workers <= 3; workers += 2) {
		lab_open(workers, "{" PORTS("0", "%u") ", 'routers': [" ROUTER "]}", workers - 1,
			"stays", "'fifo': 256,", 5, 5);
		sent = seen = 0;
		for (unsigned int round = 0; round < 40; round++) {
			static struct frame frame;

			CU_ASSERT(lab_add_router(ROUTER, "goes", round % 2 ? "'lcore': 0," : "", 6,
					  6) == 0);
			for (unsigned int i = 0; i < 60; i++) {
				struct ipv4 ipv4 = packet_on(6, 0);

				inject_burst(5, 1);
				sent++;
				if (i % 3 == 0)
					ipv4.destination = IP(192, 0, 2, 50 + i);
				frame_ipv4(&frame, &ipv4);
				lab_inject(LAN, &frame);
			}
			/* Packets are in the port, in FIFOs, with the control thread: by round. */
			for (unsigned int i = 0; i < round % 5; i++)
				for (unsigned int w = 0; w < workers; w++)
					lab_pass((w + round) % workers);
			if (round % 3 == 0)
				lab_poll();
			CU_ASSERT(lab_delete_router("goes") == 0);
			CU_ASSERT(lab_delete_router("goes") < 0);
			lab_pump();
			CU_ASSERT(vrouter_find(lab.vrouter, "goes") == NULL);
			while (lab_take(WAN, &frame))
				seen += frame_get16(&frame, 14) == 5;
		}
		CU_ASSERT(seen == sent);
		CU_ASSERT(lab_stats("stays").forwarded == sent);
		CU_ASSERT(lab_stats("stays").dropped_all == 0);
		lab_discard();
		lab_close();
	}
}

/* Its name can be had again at once, and so can its VLAN and MAC. */
static void
test_delete_then_add(void)
{
	lab_open(2, "{" PORTS("0", "1") ", 'routers': [" ROUTER "]}", "first", "", 5, 5);
	for (unsigned int round = 0; round < 5; round++) {
		CU_ASSERT(lab_delete_router("first") == 0);
		CU_ASSERT(lab_add_router(ROUTER, "first", "", 5, 5) == 0);
		if (lab_error()[0] != '\0')
			printf("\n  %s", lab_error());
		inject_burst(5, N);
		lab_pump();
		CU_ASSERT(take_in_order(5) == N);
	}
}

/* Names that differ at their ends only. */
static void
test_long_names(void)
{
	lab_open(1, "{" PORTS("0", "0") ", 'routers': [" ROUTER "," ROUTER "]}",
		"customer-with-a-long-name-no-01", "", 5, 5, "customer-with-a-long-name-no-02", "",
		6, 6);
	inject_burst(6, N);
	lab_pump();
	CU_ASSERT(take_in_order(6) == N);
}

static void
test_add_errors(void)
{
	lab_open(1, "{" PORTS("0", "0") ", 'routers': [" ROUTER "]}", "r", "", 5, 5);
	/* Taken: name; VLAN and MAC. Wrong: lcore. */
	CU_ASSERT(lab_add_router(ROUTER, "r", "", 6, 6) != 0 && lab_error()[0] != '\0');
	CU_ASSERT(lab_add_router(ROUTER, "s", "", 5, 6) != 0 && lab_error()[0] != '\0');
	CU_ASSERT(lab_add_router(ROUTER, "s", "'lcore': 7,", 6, 6) != 0 && lab_error()[0] != '\0');
	CU_ASSERT(lab_add_router(ROUTER, "s", "'fifo': 65536,", 6, 6) != 0);
	CU_ASSERT(strstr(lab_error(), "mbufs") != NULL);
	CU_ASSERT(vrouter_find(lab.vrouter, "s") == NULL);
	lab_pump();
	inject_burst(5, N);
	lab_pump();
	CU_ASSERT(take_in_order(5) == N);
	/* An error late in the making: the MAC of the port is another interface's. */
	CU_ASSERT(lab_add_router("{'name': 's', 'interfaces': [{'name': 'i', 'port': 'p0',"
				 " 'addresses': ['10.0.0.1/24']}]}") == 0);
	CU_ASSERT(lab_add_router("{'name': 't', 'interfaces': [{'name': 'i', 'port': 'p0',"
				 " 'addresses': ['10.0.0.1/24']}]}") != 0);
	lab_pump();
	CU_ASSERT(lab.vrouter->config->n_routers == 2);
	CU_ASSERT(vrouter_find(lab.vrouter, "t") == NULL && vrouter_find(lab.vrouter, "s") != NULL);
}

/*
 * A worker that does not answer in time: the router is not added. What the worker was asked for it
 * will still find in its mail.
 */
static void
test_worker_stuck(void)
{
	lab_open(2, "{" PORTS("0", "0") ", 'routers': [" ROUTER "]}", "r", "", 5, 5);
	for (unsigned int round = 0; round < 2; round++) {
		lab_freeze(true);
		CU_ASSERT(lab_add_router(ROUTER, "late", "", 6, 6) != 0);
		CU_ASSERT(strstr(lab_error(), "does not answer") != NULL);
		CU_ASSERT(vrouter_find(lab.vrouter, "late") == NULL);
		CU_ASSERT(lab.vrouter->config->n_routers == 1);
		lab_freeze(false);
		/* Memory of the first is used for another, if it is freed too early. */
		CU_ASSERT(lab_add_router(ROUTER, "late", "", 6, 6) == 0);
		inject_burst(6, N);
		lab_pump();
		CU_ASSERT(take_in_order(6) == N);
		CU_ASSERT(lab.vrouter->workers[0]->sched.n_entities +
				  lab.vrouter->workers[1]->sched.n_entities ==
			  2);
		CU_ASSERT(lab_delete_router("late") == 0);
		lab_pump();
	}
}

static void (*relax_before)(struct vrouter *);

/* All stand still for longer than a worker may take to answer, then all go on. */
static void
stand_still(struct vrouter *vrouter)
{
	usleep(1500000);
	vrouter->relax = relax_before;
}

static void
test_stopped(void)
{
	lab_open(2, "{" PORTS("0", "0") ", 'routers': [" ROUTER "]}", "r", "", 5, 5);
	relax_before = lab.vrouter->relax;
	lab.vrouter->relax = stand_still;
	CU_ASSERT(lab_add_router(ROUTER, "late", "", 6, 6) == 0);
	CU_ASSERT(lab.vrouter->relax == relax_before);
	inject_burst(6, N);
	lab_pump();
	CU_ASSERT(take_in_order(6) == N);
}

CU_TestInfo change_tests[] = {
	{ "routers come and go under traffic", test_add_delete },
	{ "a name can be had again at once", test_delete_then_add },
	{ "long names", test_long_names },
	{ "routers that can't be added", test_add_errors },
	{ "a worker that does not answer", test_worker_stuck },
	{ "a machine that was stopped", test_stopped },
	CU_TEST_INFO_NULL,
};
