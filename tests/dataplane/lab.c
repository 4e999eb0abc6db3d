/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>

#include "lab.h"
#include "pipeline.h"
#include "ledger.h"
#include "link.h"
#include "router_links.h"
#include "vrf/own_address.h"
#include "watchdog.h"
#include "wire.h"

#define START_NS (1000 * LAB_SECOND)
/* Far beyond what any test needs until nothing moves. */
#define STEPS_MAX 1000000
#define PASSES_PER_POLL 4
#define SETTLE_STEP (LAB_SECOND / 10)
#define SETTLE_STEPS 1000

struct lab lab;

static char error_text[4096];

static char *log_text;
static size_t log_size;
static size_t log_seen;

static void
open_log(void)
{
	log_seen = 0;
	lab.vrouter->log = open_memstream(&log_text, &log_size);
}

static void
close_log(void)
{
	fclose(lab.vrouter->log);
	free(log_text);
	log_text = NULL;
}

const char *
lab_event(void)
{
	static char line[512];
	const char *start, *end;

	fflush(lab.vrouter->log);
	start = log_text + log_seen;
	end = memchr(start, '\n', log_size - log_seen);
	if (end == NULL)
		return NULL;
	snprintf(line, sizeof(line), "%.*s", (int)(end - start), start);
	log_seen += (size_t)(end - start) + 1;
	return line;
}

static FILE *
open_errors(void)
{
	memset(error_text, 0, sizeof(error_text));
	return fmemopen(error_text, sizeof(error_text) - 1, "w");
}

/* The text with every ' turned into ". To be freed. */
static char *
quoted(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		abort();
	for (char *c = text; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	return text;
}

void
lab_pass(unsigned int worker)
{
	lab.vrouter->workers[worker]->now = rte_rdtsc();
	worker_pass(lab.vrouter->workers[worker]);
	if (!lab.hold)
		wire_collect();
}

/* What the workers do while the control thread waits for them. */
static void
pass(struct vrouter *vrouter)
{
	/* One of them may be where this is called from. */
	for (unsigned int i = 0; i < vrouter->n_workers; i++)
		if (vrouter->workers[i]->state == WORKER_RUNNING &&
			!watchdog_is_inside(&vrouter->workers[i]->watchdog))
			lab_pass(i);
}

void
lab_open(unsigned int n_workers, const char *json, ...)
{
	static const unsigned int lcores[LAB_WORKERS_MAX] = { 0, 1, 2 };
	FILE *errors = open_errors();
	struct config *config;
	va_list args;
	bool starting;
	char *text;

	va_start(args, json);
	text = quoted(json, args);
	va_end(args);
	config = config_load_text(text, "lab", errors);
	free(text);
	ledger_clear();
	lab.now = START_NS;
	lab.hold = false;
	if (config != NULL) {
		for (unsigned int i = 0; i < config->n_ports; i++)
			wire_open(config->ports[i].device, lab.one_tx_queue ? 1 : n_workers,
				lab.tx_room != 0 ? lab.tx_room : LAB_TX_ROOM);
		lab.vrouter = vrouter_create(config, "lab", lcores, n_workers, errors);
	}
	starting = lab.starting;
	lab.tx_room = 0;
	lab.one_tx_queue = false;
	lab.starting = false;
	fclose(errors);
	if (lab.vrouter == NULL) {
		printf("\n  %s", error_text);
		wire_close_all();
		CU_FAIL_FATAL("the lab does not open");
	}
	lab.vrouter->relax = pass;
	open_log();
	for (unsigned int i = 0; i < n_workers; i++)
		worker_begin(lab.vrouter->workers[i]);
	if (!starting)
		lab_settle();
}

static bool
router_quiet(const struct router *router)
{
	const struct vr_instance *vr = router->instance->vr;

	if (router->stuck)
		return true;
	for (uint16_t i = 0; i < router->instance->n_feeds; i++)
		if (feed_depth(router->instance->feeds[i]) > 0)
			return false;
	/* Nobody listens to one that is faulted. */
	return (rte_ring_empty(vr->punt) || router_is_faulted(router)) &&
	       rte_ring_empty(vr->inject) && worker_mail_done(router->instance);
}

static bool
worker_quiet(const struct worker *worker)
{
	if (watchdog_is_taken(&worker->watchdog))
		return !worker->parked;
	if (worker->sched.n_awake > 0 || worker->doorbell_words != 0)
		return false;
	for (unsigned int i = 0; i < worker->n_ports; i++)
		if (worker->tx[i].n > 0)
			return false;
	return true;
}

static bool
leaving_quiet(void)
{
	struct router *router;

	TAILQ_FOREACH(router, &lab.vrouter->leaving, link)
		if (!router->stuck)
			return false;
	return true;
}

static bool
quiet(void)
{
	struct router *router;

	TAILQ_FOREACH(router, &lab.vrouter->routers, link)
		if (!router_quiet(router))
			return false;
	for (unsigned int i = 0; i < lab.vrouter->n_workers; i++)
		if (!worker_quiet(lab.vrouter->workers[i]))
			return false;
	return wire_quiet() && lab.vrouter->takeover == TAKEOVER_DONE && leaving_quiet() &&
	       reclaim_poll(lab.vrouter->reclaim) == 0;
}

void
lab_poll(void)
{
	struct router *router;

	/* Those that the poll will free; nobody reaches them any more. */
	TAILQ_FOREACH(router, &lab.vrouter->leaving, link)
		if (router->state == ROUTER_LEAVING && worker_mail_done(router->instance))
			ledger_router_leaves(router);
	vrouter_poll(lab.vrouter, lab.now);
}

void
lab_pump(void)
{
	for (unsigned int steps = 0; steps < STEPS_MAX; steps++) {
		for (unsigned int i = 0; i < PASSES_PER_POLL; i++)
			pass(lab.vrouter);
		lab_poll();
		if (quiet())
			return;
	}
	CU_FAIL("it goes on and on");
}

static bool
settled(void)
{
	const struct router *router;

	TAILQ_FOREACH(router, &lab.vrouter->routers, link)
		if (!own_address_settled(router->vr))
			return false;
	return true;
}

void
lab_settle(void)
{
	lab_pump();
	for (unsigned int i = 0; i < SETTLE_STEPS && !settled(); i++)
		lab_advance(SETTLE_STEP);
	CU_ASSERT_FATAL(settled());
	lab_discard();
}

void
lab_advance(uint64_t ns)
{
	lab.now += ns;
	lab_pump();
}

void
lab_clear_stats(void)
{
	stats_clear(lab.vrouter);
	ledger_restart(lab.vrouter);
}

void
lab_start_accounts(void)
{
	CU_ASSERT_FATAL(TAILQ_EMPTY(&lab.vrouter->routers) && TAILQ_EMPTY(&lab.vrouter->leaving));
	lab_clear_stats();
}

void
lab_check_accounts(void)
{
	CU_ASSERT_FATAL(TAILQ_EMPTY(&lab.vrouter->routers) && TAILQ_EMPTY(&lab.vrouter->leaving));
	ledger_check(lab.vrouter);
	CU_ASSERT(rte_mempool_in_use_count(lab.vrouter->pool) == 0);
}

void
lab_close(void)
{
	struct router *router;
	FILE *errors;

	if (lab.vrouter == NULL)
		return;
	errors = open_errors();
	vrouter_stop(lab.vrouter);
	wire_collect();
	TAILQ_FOREACH(router, &lab.vrouter->leaving, link)
		ledger_router_leaves(router);
	ledger_check(lab.vrouter);
	lab.mirrors = false;
	wire_forget();
	close_log();
	CU_ASSERT(vrouter_destroy(lab.vrouter, errors) == 0);
	lab.vrouter = NULL;
	wire_close_all();
	fclose(errors);
	if (error_text[0] != '\0')
		printf("\n  %s", error_text);
}

void
lab_inject(unsigned int port, const struct frame *frame)
{
	lab_inject_headroom(port, frame, RTE_PKTMBUF_HEADROOM);
}

void
lab_inject_headroom(unsigned int port, const struct frame *frame, uint16_t headroom)
{
	if (!wire_inject(lab.vrouter->pool, port, frame, headroom))
		CU_FAIL_FATAL("no room to inject a frame");
}

bool
lab_inject_mbuf(unsigned int port, struct rte_mbuf *mbuf)
{
	return wire_inject_mbuf(port, mbuf);
}

bool
lab_take(unsigned int port, struct frame *frame)
{
	return wire_take(port, frame);
}

unsigned int
lab_waiting(unsigned int port)
{
	return wire_waiting(port);
}

void
lab_discard(void)
{
	static struct frame frame;

	for (unsigned int i = 0; i < lab.vrouter->n_ports; i++)
		while (wire_take(i, &frame))
			;
}

bool
lab_assert_at(bool holds, const char *what, const char *file, unsigned int line)
{
	CU_assertImplementation(holds, line, what, file, "", CU_FALSE);
	return holds;
}

bool
lab_expect_at(unsigned int port, const struct frame *frame, const char *file, unsigned int line)
{
	static struct frame sent;

	if (!lab_take(port, &sent))
		return lab_assert_at(false, "a frame is sent", file, line);
	if (frame_equal(&sent, frame))
		return lab_assert_at(true, "", file, line);
	frame_dump("sent", &sent);
	frame_dump("expected", frame);
	return lab_assert_at(false, "the frame sent is the one expected", file, line);
}

bool
lab_expect_error_at(unsigned int port, const struct icmp_error *error, const struct frame *about,
	const char *file, unsigned int line)
{
	struct icmp_error wanted = *error;
	static struct frame sent, expected;

	if (!lab_take(port, &sent))
		return lab_assert_at(false, "an ICMP error is sent", file, line);
	wanted.id = frame_get16(&sent, frame_l3(&sent) + 4);
	frame_icmp_error(&expected, &wanted, about);
	if (frame_equal(&sent, &expected))
		return lab_assert_at(true, "", file, line);
	frame_dump("sent", &sent);
	frame_dump("expected", &expected);
	return lab_assert_at(false, "the ICMP error is the one expected", file, line);
}

bool
lab_expect_error6_at(unsigned int port, const struct icmp6_error *error, const struct frame *about,
	const char *file, unsigned int line)
{
	static struct frame expected;

	frame_icmp6_error(&expected, error, about);
	return lab_expect_at(port, &expected, file, line);
}

bool
lab_expect_nothing_at(const char *file, unsigned int line)
{
	static struct frame sent;
	bool nothing = true;

	for (unsigned int i = 0; i < lab.vrouter->n_ports; i++) {
		if (!lab_take(i, &sent))
			continue;
		nothing = false;
		printf("\n  port %u", i);
		frame_dump("not expected", &sent);
	}
	return lab_assert_at(nothing, "no frame is sent", file, line);
}

struct router *
lab_router(const char *name)
{
	struct router *router = vrouter_find(lab.vrouter, name);

	CU_ASSERT_FATAL(router != NULL);
	return router;
}

struct router_stats
lab_stats(const char *name)
{
	struct router_stats stats;

	router_stats_read(lab_router(name), &stats);
	return stats;
}

uint64_t
lab_dropped(const char *router, enum vr_drop reason)
{
	return lab_stats(router).dropped[reason];
}

uint64_t
lab_port_dropped(unsigned int port, enum classify_drop reason)
{
	struct port_stats stats;

	port_stats_read(lab.vrouter, port, &stats);
	return stats.classify.dropped[reason];
}

struct neighbour *
lab_neighbour(const char *router, uint32_t address)
{
	struct ip_address host = ip_address_of_ipv4(address);

	return neighbour_find(lab_router(router)->vr, NULL, &host);
}

struct neighbour *
lab_neighbour6(const char *router, const char *interface, struct ip6 address)
{
	struct ip_address host = ip_address_of_ipv6(address.bytes);
	const struct vr *vr = lab_router(router)->vr;

	return neighbour_find(
		vr, interface != NULL ? vr_interface_find(vr, interface) : NULL, &host);
}

int
lab_add_route(const char *router, uint32_t prefix, uint8_t depth, uint32_t via)
{
	struct vr_route route = { .prefix = { ip_address_of_ipv4(prefix), depth },
		.via = ip_address_of_ipv4(via) };

	return vr_route_add(lab_router(router)->vr, &route, error_text);
}

int
lab_add_route_type(const char *router, uint32_t prefix, uint8_t depth, enum vr_route_type type)
{
	struct vr_route route = { .prefix = { ip_address_of_ipv4(prefix), depth }, .type = type };

	return vr_route_add(lab_router(router)->vr, &route, error_text);
}

int
lab_delete_prefix(const char *router, const struct ip_prefix *prefix)
{
	return vr_route_delete(lab_router(router)->vr, prefix, 0, error_text);
}

int
lab_delete_route(const char *router, uint32_t prefix, uint8_t depth)
{
	struct ip_prefix deleted = { ip_address_of_ipv4(prefix), depth };

	return lab_delete_prefix(router, &deleted);
}

struct rte_ether_addr
lab_mac(uint64_t mac)
{
	struct rte_ether_addr address;

	for (unsigned int i = 0; i < RTE_ETHER_ADDR_LEN; i++)
		address.addr_bytes[i] = (uint8_t)(mac >> (40 - 8 * i));
	return address;
}

int
lab_add_neighbour(const char *router, const char *interface, uint32_t address, uint64_t mac)
{
	struct ip_address host = ip_address_of_ipv4(address);
	struct rte_ether_addr ether = lab_mac(mac);
	struct vr *vr = lab_router(router)->vr;

	return neighbour_add_static(
		vr, vr_interface_find(vr, interface), &host, &ether, error_text);
}

int
lab_delete_neighbour(const char *router, uint32_t address)
{
	struct ip_address host = ip_address_of_ipv4(address);

	return neighbour_delete(lab_router(router)->vr, NULL, &host, error_text);
}

int
lab_add_router(const char *json, ...)
{
	FILE *errors = open_errors();
	struct config *fragment;
	va_list args;
	int rc = -1;
	char *text;

	va_start(args, json);
	text = quoted(json, args);
	va_end(args);
	fragment = config_load_router(text, "lab", lab.vrouter->config, errors);
	free(text);
	if (fragment != NULL)
		rc = vrouter_add_router(lab.vrouter, fragment, "lab", errors);
	fclose(errors);
	return rc;
}

int
lab_set_pipeline(const char *router, const char *json, ...)
{
	FILE *errors = open_errors();
	va_list args;
	char *text;
	int rc;

	va_start(args, json);
	text = quoted(json, args);
	va_end(args);
	rc = vrouter_set_pipeline(lab_router(router), text, "lab", NULL, errors);
	free(text);
	fclose(errors);
	return rc;
}

static void
do_nothing(struct vrouter *vrouter)
{
	(void)vrouter;
}

void
lab_freeze(bool frozen)
{
	lab.vrouter->relax = frozen ? do_nothing : pass;
}

int
lab_delete_router(const char *name)
{
	FILE *errors = open_errors();
	int rc = vrouter_delete_router(lab.vrouter, name, errors);

	fclose(errors);
	return rc;
}

int
lab_add_link(const char *a, const char *b)
{
	struct config_link link = { 0 };
	FILE *errors = open_errors();
	int rc = -EINVAL;

	if (config_parse_link_end(a, &link.ends[0]) == 0 &&
		config_parse_link_end(b, &link.ends[1]) == 0)
		rc = vrouter_add_link(lab.vrouter, &link, errors);
	fclose(errors);
	return rc;
}

int
lab_delete_link(const char *text)
{
	struct config_link_end end;
	FILE *errors = open_errors();
	int rc = -EINVAL;

	if (config_parse_link_end(text, &end) == 0)
		rc = vrouter_delete_link(lab.vrouter, &end, errors);
	fclose(errors);
	return rc;
}

int
lab_set_interface(const char *router, const char *interface, bool up)
{
	FILE *errors = open_errors();
	int rc = vrouter_set_interface(lab.vrouter, lab_router(router), interface, up, errors);

	fclose(errors);
	return rc;
}

const char *
lab_error(void)
{
	return error_text;
}
