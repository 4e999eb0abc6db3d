/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdlib.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "sample.h"

/* What has been charged and billed since its turn before. */
static void
look_at_charge(struct sample *sample, const struct sched_entity *entity)
{
	uint64_t since = entity->charged - sample->last[entity->index];

	sample->largest[entity->index] = RTE_MAX(sample->largest[entity->index], since);
}

static void
take(struct sample *sample, struct worker *worker)
{
	struct sample_account *accounts =
		&sample->accounts[(size_t)sample->taken * sample->n_entities];

	sample->times[sample->taken] = worker->now;
	sample->cycles[sample->taken] = worker->cycles;
	for (uint32_t i = 0; i < sample->n_entities; i++) {
		const struct sched_entity *entity = sample->entities[i];

		/* Bills that its next turn is yet to follow. */
		look_at_charge(sample, entity);
		accounts[i] = (struct sample_account){ entity->charged, entity->packets,
			entity->turns, sample->used[entity->index] };
	}
	sample->taken++;
	/* What this took is on nobody's account. */
	worker->now = rte_rdtsc();
}

/* Whose turn it was is known of those that still have work. */
static void
look_at_turn(struct sample *sample, const struct worker *worker, uint64_t before)
{
	const struct sched_entity *entity = worker->sched.running;
	uint64_t pass = worker->now - before;

	sample->longest_pass = RTE_MAX(sample->longest_pass, pass);
	if (pass > sample->stall) {
		sample->stalls++;
		sample->stalled += pass;
	}
	if (entity == NULL) {
		sample->slept += sample->taken > 0 && worker->sched.n_awake > 0;
		return;
	}
	sample->used[entity->index] += worker->cycles.run - sample->run;
	look_at_charge(sample, entity);
	sample->last[entity->index] = entity->charged;
}

static void
look(struct sample_lcore *lcore, struct sample *sample, uint64_t before)
{
	struct worker *worker = lcore->worker;

	look_at_turn(sample, worker, before);
	sample->run = worker->cycles.run;
	if (worker->now >= sample->from + sample->taken * sample->window)
		take(sample, worker);
	if (sample->taken <= sample->n_windows)
		return;
	__atomic_store_n(&lcore->sample, NULL, __ATOMIC_RELAXED);
	__atomic_store_n(&sample->done, 1, __ATOMIC_RELEASE);
}

static void
pass(struct sample_lcore *lcore)
{
	struct sample *sample = __atomic_load_n(&lcore->sample, __ATOMIC_ACQUIRE);
	uint64_t before = lcore->worker->now;

	worker_pass(lcore->worker);
	if (unlikely(sample != NULL))
		look(lcore, sample, before);
}

static void
forward(const struct worker *worker)
{
	uint16_t out = worker->polled[worker->n_polled - 1].port->id;
	struct rte_mbuf *mbufs[PACKET_BURST_MAX];

	for (unsigned int i = 0; i + 1 < worker->n_polled; i++) {
		uint16_t n =
			rte_eth_rx_burst(worker->polled[i].port->id, 0, mbufs, PACKET_BURST_MAX);
		uint16_t sent = rte_eth_tx_burst(out, 0, mbufs, n);

		rte_pktmbuf_free_bulk(mbufs + sent, n - sent);
	}
}

/* As classification does: all of a burst at once, then one by one. */
static uint64_t
read_headers(struct rte_mbuf *const *mbufs, uint16_t n)
{
	uint64_t sum = 0;

	for (uint16_t i = 0; i < n; i++)
		rte_prefetch0(rte_pktmbuf_mtod(mbufs[i], void *));
	for (uint16_t i = 0; i < n; i++)
		sum += *rte_pktmbuf_mtod(mbufs[i], const volatile uint64_t *);
	return sum;
}

/* One burst; gives how many there were. */
static uint16_t
receive_burst(struct sample_lcore *lcore, uint16_t port)
{
	struct rte_mbuf *mbufs[PACKET_BURST_MAX];
	uint64_t times[4];
	uint16_t n;

	times[0] = rte_rdtsc();
	n = rte_eth_rx_burst(port, 0, mbufs, PACKET_BURST_MAX);
	times[1] = rte_rdtsc();
	read_headers(mbufs, n);
	times[2] = rte_rdtsc();
	rte_pktmbuf_free_bulk(mbufs, n);
	times[3] = rte_rdtsc();
	/* Full ones count, as under a flood. */
	if (n < PACKET_BURST_MAX)
		return n;
	lcore->received += n;
	lcore->receive_cycles += times[1] - times[0];
	lcore->read_cycles += times[2] - times[1];
	lcore->free_cycles += times[3] - times[2];
	return n;
}

/* Now and then, as a worker that has other work. */
static void
receive(struct sample_lcore *lcore)
{
	uint64_t until = rte_rdtsc() + 2 * lcore->worker->sched.quantum;

	for (unsigned int i = 0; i + 1 < lcore->worker->n_polled; i++)
		while (receive_burst(lcore, lcore->worker->polled[i].port->id) == PACKET_BURST_MAX)
			;
	while (rte_rdtsc() < until)
		;
}

static void
work(struct sample_lcore *lcore)
{
	uint32_t wanted = __atomic_load_n(&lcore->work, __ATOMIC_ACQUIRE);

	if (unlikely(wanted != lcore->doing)) {
		__atomic_store_n(&lcore->doing, wanted, __ATOMIC_RELEASE);
		lcore->worker->now = rte_rdtsc();
	}
	if (likely(wanted == SAMPLE_PRODUCT))
		pass(lcore);
	else if (wanted == SAMPLE_FORWARD)
		forward(lcore->worker);
	else if (wanted == SAMPLE_RECEIVE)
		receive(lcore);
	else
		round_trip_answer(&lcore->round_trip);
}

int
sample_lcore_main(void *argument)
{
	struct sample_lcore *lcore = argument;
	struct worker *worker = lcore->worker;

	__atomic_store_n(&lcore->thread, gettid(), __ATOMIC_RELEASE);
	worker_begin(worker);
	while (likely(__atomic_load_n(&worker->state, __ATOMIC_RELAXED) == WORKER_RUNNING) ||
		!worker_drained(worker)) {
		work(lcore);
		__atomic_store_n(&lcore->passes, lcore->passes + 1, __ATOMIC_RELEASE);
	}
	worker_end(worker);
	return 0;
}

void
sample_set_work(struct sample_lcore *lcore, enum sample_work wanted)
{
	__atomic_store_n(&lcore->work, wanted, __ATOMIC_RELEASE);
	while (__atomic_load_n(&lcore->doing, __ATOMIC_ACQUIRE) != wanted)
		rte_delay_us_sleep(100);
}

struct sample *
sample_create(struct worker *worker, struct sched_entity *const *entities, uint32_t n_entities,
	uint32_t n_windows)
{
	struct sample *sample = calloc(1, sizeof(*sample));
	uint32_t slots = worker->sched.capacity;

	if (sample == NULL)
		return NULL;
	sample->n_windows = n_windows;
	sample->n_entities = n_entities;
	sample->times = calloc(n_windows + 1, sizeof(*sample->times));
	sample->cycles = calloc(n_windows + 1, sizeof(*sample->cycles));
	sample->accounts =
		calloc((size_t)(n_windows + 1) * n_entities + 1, sizeof(*sample->accounts));
	sample->entities = calloc(n_entities + 1, sizeof(struct sched_entity *));
	sample->largest = calloc(slots, sizeof(*sample->largest));
	sample->used = calloc(slots, sizeof(*sample->used));
	sample->last = calloc(slots, sizeof(*sample->last));
	if (sample->times == NULL || sample->cycles == NULL || sample->accounts == NULL ||
		sample->entities == NULL || sample->largest == NULL || sample->used == NULL ||
		sample->last == NULL) {
		sample_free(sample);
		return NULL;
	}
	sample->run = worker->cycles.run;
	for (uint32_t i = 0; i < n_entities; i++) {
		sample->entities[i] = entities[i];
		sample->last[entities[i]->index] = entities[i]->charged;
	}
	return sample;
}

void
sample_free(struct sample *sample)
{
	if (sample == NULL)
		return;
	free(sample->times);
	free(sample->cycles);
	free(sample->accounts);
	free(sample->entities);
	free(sample->largest);
	free(sample->used);
	free(sample->last);
	free(sample);
}
