/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdlib.h>

#include <rte_cycles.h>

#include "account.h"
#include "stats.h"

#define NS 1e9 /* a second */

struct account {
	uint32_t n_routers;
	struct router_stats *routers;
	struct port_stats *ports;
};

static json_t *
number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static double
ns_of(double cycles)
{
	return cycles * NS / (double)rte_get_tsc_hz();
}

struct account *
account_open(const struct stage *stage)
{
	struct account *account = calloc(1, sizeof(*account));
	const struct vrouter *vrouter = stage->vrouter;
	const struct router *router;
	uint32_t i = 0;

	if (account == NULL)
		return NULL;
	account->n_routers = vrouter->config->n_routers;
	account->routers = calloc(account->n_routers + 1, sizeof(*account->routers));
	account->ports = calloc(vrouter->n_ports + 1, sizeof(*account->ports));
	if (account->routers == NULL || account->ports == NULL) {
		account_close(account);
		return NULL;
	}
	TAILQ_FOREACH(router, &vrouter->routers, link)
		router_stats_read(router, &account->routers[i++]);
	for (i = 0; i < vrouter->n_ports; i++)
		port_stats_read(vrouter, i, &account->ports[i]);
	return account;
}

void
account_close(struct account *account)
{
	if (account == NULL)
		return;
	free(account->routers);
	free(account->ports);
	free(account);
}

/* The router's own, not what its FIFOs refused: those come first among the reasons. */
static json_t *
drops_of(const struct router_stats *before, const struct router_stats *after)
{
	json_t *drops = json_object();

	for (unsigned int i = 0; i < VR_DROP_REASONS; i++)
		if (after->dropped[i] != before->dropped[i])
			json_object_set_new(drops, vr_drop_name(i),
				number(after->dropped[i] - before->dropped[i]));
	return drops;
}

void
account_routers(const struct account *account, const struct stage *stage, json_t *result)
{
	json_t *routers = json_array(), *ports = json_object();
	const struct router *router;
	uint32_t i = 0;

	TAILQ_FOREACH(router, &stage->vrouter->routers, link) {
		const struct router_stats *before = &account->routers[i++];
		struct router_stats after;

		router_stats_read(router, &after);
		json_array_append_new(routers,
			json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name", router->name,
				"received", number(after.received - before->received), "forwarded",
				number(after.forwarded - before->forwarded), "answered",
				number(after.answered - before->answered), "consumed",
				number(after.consumed - before->consumed), "originated",
				number(after.originated - before->originated), "waiting",
				number(after.queued + after.waiting), "dropped",
				drops_of(before, &after)));
	}
	for (i = 0; i < stage->n_ports; i++) {
		struct port_stats after;

		port_stats_read(stage->vrouter, i, &after);
		for (unsigned int k = 0; k < CLASSIFY_DROP_REASONS; k++) {
			uint64_t dropped =
				after.classify.dropped[k] - account->ports[i].classify.dropped[k];

			if (dropped > 0)
				json_object_set_new(ports, classify_drop_name(k), number(dropped));
		}
	}
	json_object_set_new(result, "routers", routers);
	json_object_set_new(result, "port_drops", ports);
}

/* [upper edge in ns, how many, ...] of the slots that have any. */
static json_t *
delay_of(const struct histogram *delay)
{
	json_t *slots;

	if (delay == NULL)
		return json_null();
	slots = json_array();
	for (uint32_t slot = 0; slot < HISTOGRAM_SLOTS; slot++) {
		if (delay->slots[slot] == 0)
			continue;
		json_array_append_new(slots, json_real(ns_of((double)histogram_upper_edge(slot))));
		json_array_append_new(slots, number(delay->slots[slot]));
	}
	return slots;
}

static json_t *
counts_of(const struct flow_counts *counts)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "offered", number(counts->offered), "refused",
		number(counts->refused), "slipped", number(counts->slipped), "received",
		number(counts->received));
}

void
account_flows(json_t *result, const struct flow *flows, uint32_t n)
{
	json_t *all = json_array();

	for (uint32_t i = 0; i < n; i++)
		json_array_append_new(all,
			json_pack("{s:s, s:o, s:o, s:o}", "name", flows[i].name, "counted",
				counts_of(&flows[i].counted), "total", counts_of(&flows[i].total),
				"delay_ns", delay_of(flows[i].delay)));
	json_object_set_new(result, "flows", all);
}

void
account_course(json_t *result, const struct generator *generator, const struct sink *sink)
{
	json_object_set_new(result, "starved", number(generator->starved));
	json_object_set_new(result, "sink",
		json_pack("{s:o, s:o, s:o, s:o}", "arp", number(sink->arp), "icmp",
			number(sink->icmp), "other", number(sink->other), "late",
			number(sink->late)));
}

void
account_loop(json_t *result, uint64_t loops, uint64_t longest, uint64_t long_loops,
	uint64_t longest_poll)
{
	json_object_set_new(result, "loop",
		json_pack("{s:o, s:f, s:o, s:f}", "loops", number(loops), "longest_ns",
			ns_of((double)longest), "long", number(long_loops), "longest_poll_ns",
			ns_of((double)longest_poll)));
}

void
account_preemption(
	json_t *result, const struct preemption before[2], const struct preemption after[2])
{
	static const char *const threads[] = { "generator", "worker" };
	json_t *preemption = json_object();

	for (unsigned int i = 0; i < RTE_DIM(threads); i++) {
		struct preemption since = preemption_since(&before[i], &after[i]);

		json_object_set_new(preemption, threads[i],
			json_pack("{s:o, s:o, s:o}", "switches", number(since.switches),
				"waited_ns", number(since.waited_ns), "stolen_ms",
				number(since.stolen_ms)));
	}
	json_object_set_new(result, "preemption", preemption);
}

void
account_round_trips(json_t *result, const uint64_t cycles[2])
{
	json_object_set_new(result, "round_trip_cycles",
		json_pack("[o, o]", number(cycles[0]), number(cycles[1])));
}

static json_t *
cycles_of(const struct worker_cycles *before, const struct worker_cycles *after)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "run", number(after->run - before->run),
		"billed", number(after->billed - before->billed), "unbilled",
		number(after->unbilled - before->unbilled), "idle",
		number(after->idle - before->idle), "housekeeping",
		number(after->housekeeping - before->housekeeping), "elapsed",
		number(after->elapsed - before->elapsed));
}

/* Of each entity, between two moments. */
static json_t *
shares_of(const struct sample *sample, uint32_t from, uint32_t to)
{
	const struct sample_account *before = &sample->accounts[(size_t)from * sample->n_entities];
	const struct sample_account *after = &sample->accounts[(size_t)to * sample->n_entities];
	json_t *shares = json_array();

	for (uint32_t i = 0; i < sample->n_entities; i++)
		json_array_append_new(
			shares, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "charged",
					number(after[i].charged - before[i].charged), "used",
					number(after[i].used - before[i].used), "packets",
					number(after[i].packets - before[i].packets), "turns",
					number(after[i].turns - before[i].turns), "largest",
					number(sample->largest[sample->entities[i]->index]),
					"weight", number(sample->entities[i]->weight)));
	return shares;
}

static json_t *
windows_of(const struct sample *sample)
{
	json_t *windows = json_array();

	for (uint32_t window = 0; window < sample->n_windows; window++) {
		const struct sample_account *before =
			&sample->accounts[(size_t)window * sample->n_entities];
		json_t *charged = json_array();

		for (uint32_t i = 0; i < sample->n_entities; i++)
			json_array_append_new(charged,
				number(before[sample->n_entities + i].charged - before[i].charged));
		json_array_append_new(windows, charged);
	}
	return windows;
}

void
account_sample(json_t *result, const struct sample *sample, const struct worker *worker)
{
	uint32_t last = sample->n_windows;
	json_t *cycles = cycles_of(&sample->cycles[0], &sample->cycles[last]);

	json_object_set_new(result, "worker", cycles);
	/* 2B, in cycles at weight 1: see sched.h. */
	json_object_set_new(result, "bucket",
		json_real(
			(double)(UINT64_C(1) << worker->sched.bucket_shift) * SCHED_VIRTUAL_UNIT));
	json_object_set_new(result, "quantum", number(worker->sched.quantum));
	json_object_set_new(result, "slept", number(sample->slept));
	json_object_set_new(
		result, "longest_pass_ns", json_real(ns_of((double)sample->longest_pass)));
	json_object_set_new(result, "stalls", number(sample->stalls));
	json_object_set_new(result, "stalled_ns", json_real(ns_of((double)sample->stalled)));
	json_object_set_new(result, "shares", shares_of(sample, 0, last));
	if (last > 1)
		json_object_set_new(result, "windows", windows_of(sample));
}

void
account_receive(json_t *result, const struct sample_lcore *lcore)
{
	double n = lcore->received > 0 ? (double)lcore->received : 1;

	json_object_set_new(result, "receive",
		json_pack("{s:o, s:f, s:f, s:f}", "frames", number(lcore->received),
			"receive_cycles", (double)lcore->receive_cycles / n, "read_cycles",
			(double)lcore->read_cycles / n, "free_cycles",
			(double)lcore->free_cycles / n));
}
