/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdlib.h>
#include <string.h>

#include "stats.h"
#include "watch.h"

/* The drop reasons shown of a router, most frequent first. */
#define REASONS_SHOWN 3

struct seen {
	char name[CONFIG_NAME_MAX + 1];
	struct router_stats stats;
};

struct watch {
	struct seen *seen;
	size_t n_seen;
	uint64_t then; /* ns; 0: nothing seen yet */
};

struct watch *
watch_create(void)
{
	return calloc(1, sizeof(struct watch));
}

void
watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	free(watch->seen);
	free(watch);
}

/* What was seen of the router last time. `hint` is where it is unless routers came or went. */
static const struct router_stats *
seen_before(const struct watch *watch, const char *name, size_t hint)
{
	static const struct router_stats none;

	if (watch == NULL)
		return &none;
	if (hint < watch->n_seen && strcmp(watch->seen[hint].name, name) == 0)
		return &watch->seen[hint].stats;
	for (size_t i = 0; i < watch->n_seen; i++)
		if (strcmp(watch->seen[i].name, name) == 0)
			return &watch->seen[i].stats;
	return &none;
}

/* The count since `before`, or since a clear that came between. */
static uint64_t
since(uint64_t value, uint64_t before)
{
	return value >= before ? value - before : value;
}

static void
print_drops(const struct router_stats *stats, const struct router_stats *before, double seconds,
	FILE *out)
{
	bool shown[VR_DROP_REASONS] = { false };

	for (unsigned int n = 0; n < REASONS_SHOWN; n++) {
		unsigned int best = VR_DROP_REASONS;
		uint64_t most = 0;

		for (unsigned int i = 0; i < VR_DROP_REASONS; i++) {
			uint64_t count = since(stats->dropped[i], before->dropped[i]);

			if (!shown[i] && count > most) {
				most = count;
				best = i;
			}
		}
		if (best == VR_DROP_REASONS)
			return;
		shown[best] = true;
		fprintf(out, "%s%s %.3f", n == 0 ? "" : ", ", vr_drop_name(best),
			(double)most / seconds / 1e6);
	}
}

/* Weights and cycles of all routers of a worker: what shares are parts of. */
struct worker_sum {
	uint64_t weights;
	uint64_t cycles;
};

static void
sum_workers(const struct watch *watch, const struct vrouter *vrouter, struct worker_sum *sums)
{
	const struct router *router;
	struct router_stats stats;
	size_t i = 0;

	memset(sums, 0, vrouter->n_workers * sizeof(*sums));
	TAILQ_FOREACH(router, &vrouter->routers, link) {
		struct worker_sum *sum = &sums[router->worker->index];

		router_stats_read(router, &stats);
		sum->weights += router->config->weight;
		sum->cycles += since(stats.cycles, seen_before(watch, router->name, i++)->cycles);
	}
}

static void
print_router(const struct router *router, const struct router_stats *before,
	const struct worker_sum *sum, double seconds, FILE *out)
{
	uint64_t cycles, forwarded, received;
	struct router_stats stats;

	router_stats_read(router, &stats);
	cycles = since(stats.cycles, before->cycles);
	forwarded = since(stats.forwarded, before->forwarded);
	received = since(stats.received, before->received);
	fprintf(out, "%-16s %5u %6u %8.1f%% %8.1f%% %9.3f %9.3f %8.0f  ", router->name,
		router->worker->lcore, router->config->weight,
		100.0 * router->config->weight / (double)sum->weights,
		sum->cycles == 0 ? 0.0 : 100.0 * (double)cycles / (double)sum->cycles,
		(double)received / seconds / 1e6, (double)forwarded / seconds / 1e6,
		forwarded == 0 ? 0.0 : (double)cycles / (double)forwarded);
	print_drops(&stats, before, seconds, out);
	fputc('\n', out);
}

static void
print_worker(const struct vrouter *vrouter, unsigned int index, FILE *out)
{
	const struct worker *worker = vrouter->workers[index];
	struct worker_stats stats;
	double whole;

	worker_stats_read(vrouter, index, &stats);
	whole = (double)stats.cycles.elapsed;
	if (whole <= 0)
		return;
	fprintf(out,
		"lcore %u: routers' turns %.1f%%, classification %.1f%% billed %.1f%% not, idle "
		"%.1f%%, housekeeping %.1f%%\n",
		worker->lcore, 100.0 * (double)stats.cycles.run / whole,
		100.0 * (double)stats.cycles.billed / whole,
		100.0 * (double)stats.cycles.unbilled / whole,
		100.0 * (double)stats.cycles.idle / whole,
		100.0 * (double)stats.cycles.housekeeping / whole);
}

static void
print(const struct watch *watch, const struct vrouter *vrouter, double seconds, FILE *out)
{
	struct worker_sum sums[RTE_MAX_LCORE];
	const struct router *router;
	size_t i = 0;

	sum_workers(watch, vrouter, sums);
	fprintf(out, "%-16s %5s %6s %9s %9s %9s %9s %8s  %s\n", "router", "lcore", "weight",
		"entitled", "share", "Mpps in", "Mpps out", "cyc/pkt", "dropped (Mpps)");
	TAILQ_FOREACH(router, &vrouter->routers, link)
		print_router(router, seen_before(watch, router->name, i++),
			&sums[router->worker->index], seconds, out);
	for (unsigned int k = 0; k < vrouter->n_workers; k++)
		print_worker(vrouter, k, out);
}

static void
remember(struct watch *watch, const struct vrouter *vrouter, uint64_t now)
{
	const struct router *router;
	struct seen *seen;
	size_t n = 0;

	TAILQ_FOREACH(router, &vrouter->routers, link)
		n++;
	seen = realloc(watch->seen, (n + 1) * sizeof(*seen));
	if (seen == NULL)
		return;
	watch->seen = seen;
	watch->n_seen = n;
	TAILQ_FOREACH(router, &vrouter->routers, link) {
		memcpy(seen->name, router->name, sizeof(seen->name));
		router_stats_read(router, &seen->stats);
		seen++;
	}
	watch->then = now;
}

static double
seconds_running(const struct vrouter *vrouter)
{
	struct worker_stats stats;

	worker_stats_read(vrouter, 0, &stats);
	return (double)(stats.cycles.elapsed + 1) / (double)vrouter->hz;
}

void
watch_print(struct watch *watch, const struct vrouter *vrouter, uint64_t now, FILE *out)
{
	double seconds =
		watch->then == 0 ? seconds_running(vrouter) : (double)(now - watch->then) / 1e9;

	print(watch, vrouter, seconds, out);
	remember(watch, vrouter, now);
}

void
watch_print_total(const struct vrouter *vrouter, FILE *out)
{
	print(NULL, vrouter, seconds_running(vrouter), out);
}
