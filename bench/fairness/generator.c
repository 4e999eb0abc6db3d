/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_cycles.h>

#include "generator.h"

#define BURST 64
/* In one visit of a flow, so that it does not keep the others and the sink for long. */
#define VISIT 512

/* `n` frames for which there is room. Gives how many were sent. */
static uint32_t
send(struct generator *generator, struct flow *flow, uint64_t now, uint32_t n)
{
	struct flow_mark mark = {
		.sent = now, .phase = generator->phase, .flow = (uint16_t)(flow - generator->flows)
	};
	struct rte_mbuf *mbufs[BURST];
	uint32_t sent = 0;

	while (sent < n) {
		uint32_t burst = RTE_MIN(n - sent, (uint32_t)BURST);

		if (rte_pktmbuf_alloc_bulk(generator->pool, mbufs, burst) != 0) {
			generator->starved += n - sent;
			break;
		}
		for (uint32_t i = 0; i < burst; i++)
			flow_fill(flow, mbufs[i], &mark);
		rte_ring_sp_enqueue_bulk(generator->ports[flow->port], (void **)mbufs, burst, NULL);
		sent += burst;
	}
	return sent;
}

static void
offer(struct generator *generator, struct flow *flow, uint32_t n)
{
	uint64_t now = rte_rdtsc();
	uint32_t room = rte_ring_free_count(generator->ports[flow->port]);
	uint32_t sent = send(generator, flow, now, RTE_MIN(n, room));

	/* One that is greedy knows no frame that is refused. */
	if (flow->greedy)
		n = sent;
	flow->total.offered += n;
	flow->total.refused += n - sent;
	if (now < generator->count_from || now >= generator->count_to)
		return;
	flow->counted.offered += n;
	flow->counted.refused += n - sent;
}

/* To the start of the next burst, if the one that is due lies behind the end of its own. */
static void
skip_pause(struct flow *flow)
{
	uint64_t period = (flow->on + flow->off) << FLOW_TIME_SHIFT;
	uint64_t first = flow->phase << FLOW_TIME_SHIFT;
	uint64_t into = (flow->due - first) % period;

	if (into >= flow->on << FLOW_TIME_SHIFT)
		flow->due += period - into;
}

static void
slip(const struct generator *generator, struct flow *flow, uint64_t late, uint64_t now)
{
	uint64_t n = late / flow->interval;

	flow->due += n * flow->interval;
	flow->total.slipped += n;
	if (now >= generator->count_from && now < generator->count_to)
		flow->counted.slipped += n;
}

static void
run_flow(struct generator *generator, struct flow *flow, uint64_t now)
{
	uint64_t at = (now - generator->start) << FLOW_TIME_SHIFT;
	uint32_t n = 0;

	if (flow->greedy) {
		n = RTE_MIN(rte_ring_free_count(generator->ports[flow->port]), (uint32_t)BURST);
		if (n > 0)
			offer(generator, flow, n);
		return;
	}
	if (flow->interval == 0 || at < flow->due)
		return;
	if (at - flow->due > generator->slip << FLOW_TIME_SHIFT)
		slip(generator, flow, at - flow->due, now);
	if (flow->off == 0) {
		n = (uint32_t)RTE_MIN((at - flow->due) / flow->interval + 1, (uint64_t)VISIT);
		flow->due += n * flow->interval;
	} else {
		skip_pause(flow);
		while (n < VISIT && flow->due <= at) {
			n++;
			flow->due += flow->interval;
			skip_pause(flow);
		}
	}
	if (n > 0)
		offer(generator, flow, n);
}

void
generator_run(struct generator *generator)
{
	uint64_t now = rte_rdtsc();

	for (uint32_t i = 0; i < generator->n_flows; i++)
		run_flow(generator, &generator->flows[i], now);
}
