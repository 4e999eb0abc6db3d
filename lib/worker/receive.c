/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_ethdev.h>

#include "worker/receive.h"
#include "worker/step.h"

#define RECEIVE_BURST ((uint32_t)PACKET_BURST_MAX)
/* Some drivers give frames by fours or eights, and none when asked for fewer. */
#define RECEIVE_LEAST 8u
/* Frames for each instance awake that make a turn worth its while. */
#define QUEUED_ENOUGH 32
/* An idle port of a router's own waits for a visit this part of its idle time, */
#define VISIT_PART 8
/* and so long at most. */
#define VISIT_LATEST_US 500

/* Frames in one receive, for each quantum since the one before; at most what a NIC queue holds. */
#define RECEIVE_QUANTUM 128
#define RECEIVE_MOST 1024
/* Where that takes more than a quarter of a quantum, the next one is the later, by so much at most.
 */
#define RECEIVE_PART 4
#define RECEIVE_LATEST 8 /* quanta */
/* Turns that a router does not lose while its frames may wait in a full port. */
#define LATE_QUANTA 8
/*
 * In need is who misses so many 512ths of the virtual time as there are routers awake, within
 * limits, over so many quanta of its own: emptying a port takes the time of all of them, and what
 * one misses is a part of its own share.
 */
#define NEED_PART 512
#define NEED_LEAST 8
#define NEED_MOST 64
#define NEED_SPAN 8
/* For so long shared ports are then emptied without delay; meanwhile each wake is judged by itself.
 */
#define NEED_US 1000
/* The price of a frame is in 2^-16 cycles. */
#define PRICE_SHIFT 16

/* What one receive has taken in. */
struct intake {
	struct feed *touched;
	unsigned int frames;
	uint64_t full; /* shared ports that may have more; worker_port_bit() */
};

/*
 * It wakes up, and its frames may have waited in a full port behind those of others: the turns that
 * went by meanwhile are owed to it, some of them. Gives whether it missed more than those, and more
 * than a little.
 */
static bool
wake_late(struct worker *worker, struct instance *instance)
{
	struct sched *sched = &worker->sched;
	uint64_t now = sched->virtual_time, since = instance->virtual_since;
	uint32_t part;
	bool needs;

	instance->asleep = false;
	instance->virtual_missed += sched_wake_late(
		sched, &instance->entity, worker->now, LATE_QUANTA * sched->quantum);
	if (worker->now >= worker->need_until && now >= since &&
		now - since <
			sched_virtual(&instance->entity, (uint64_t)NEED_SPAN * sched->quantum))
		return false;
	part = RTE_MIN(RTE_MAX(sched->n_awake, (uint32_t)NEED_LEAST), (uint32_t)NEED_MOST);
	needs = instance->virtual_missed > (now - since) / NEED_PART * part;
	instance->virtual_since = now;
	instance->virtual_missed = 0;
	return needs;
}

/*
 * Those in the list before `last` have got frames; they are seen before the next is picked. (Whose
 * feed is another worker's is not this worker's to wake.)
 */
static void
wake_touched(struct worker *worker, const struct intake *intake, const struct feed *last)
{
	for (struct feed *feed = intake->touched; feed != last; feed = feed->next_touched) {
		struct instance *instance = feed->instance;

		if (unlikely(!feed->local))
			continue;
		if ((instance->ports & worker->full_ports) == 0)
			wake(worker, instance);
		else if (instance->asleep && wake_late(worker, instance))
			worker->need_until = worker->now + worker->hz / US_PER_S * NEED_US;
	}
}

/*
 * Shows the frames to whom they are for, and bills each router for its part of what receiving and
 * sorting took, which it gives. The rest was spent on frames for nobody.
 */
static uint64_t
hand_over(struct worker *worker, const struct intake *intake)
{
	uint64_t cost = measure(worker);
	uint64_t billed = 0, price;
	unsigned int units = 0, fed = 0;

	for (struct feed *feed = intake->touched; feed != NULL; feed = feed->next_touched)
		units += feed->burst;
	/* Copies are frames too; frames for nobody are what is left of those received. */
	units = RTE_MAX(units, intake->frames);
	price = (cost << PRICE_SHIFT) / units;
	for (struct feed *feed = intake->touched; feed != NULL; feed = feed->next_touched) {
		struct instance *instance = feed->instance;
		uint64_t part = price * feed->burst >> PRICE_SHIFT;

		billed += part;
		if (likely(feed->local)) {
			fed++;
			worker->queued += feed->tail - feed->published;
			feed_publish(feed);
			sched_bill(&worker->sched, &instance->entity, part);
		} else {
			worker->sorts_for_others = true;
			worker->crossed += feed->tail - feed->published;
			feed_publish(feed);
			__atomic_fetch_add(&instance->unbilled, part, __ATOMIC_RELAXED);
			worker_ring(__atomic_load_n(&feed->consumer, __ATOMIC_RELAXED), instance);
		}
		feed->burst = 0;
	}
	worker->n_fed = fed;
	worker->cycles.billed += billed;
	worker->cycles.unbilled += cost - billed;
	add_credit(worker, -(int64_t)cost);
	return cost;
}

struct feed *
receive_own_feed(const struct classify_table *table)
{
	struct feed *feed = classify_table_only_feed(table);

	return feed != NULL && feed->local ? feed : NULL;
}

/* The feed of the router whose own the port is; it may have become so, or shared. */
static struct feed *
owner_of(struct worker *worker, struct worker_port *polled, const struct classify_table *table)
{
	struct feed *feed = receive_own_feed(table);
	bool own = feed != NULL &&
	           polled < worker->polled + WORKER_PORT_BITS - 1; /* it has a bit to itself */

	if (unlikely(own != polled->own)) {
		polled->own = own;
		worker->n_shared += own ? UINT32_MAX : 1;
	}
	return own ? feed : NULL;
}

/* A burst of a port at most, sorted. */
static uint32_t
take_in(struct worker *worker, struct worker_port *polled, const struct classify_table *table,
	uint32_t n, struct feed **touched)
{
	struct rte_mbuf *mbufs[RECEIVE_BURST];

	n = rte_eth_rx_burst(polled->port->id, 0, mbufs, (uint16_t)n);
	polled->polls++;
	if (n == 0) {
		polled->empty_polls++;
		return 0;
	}
	polled->rx_packets += n;
	polled->last_found = worker->now;
	classify_burst(table, mbufs, n, touched, &polled->counters);
	return n;
}

/*
 * Whether to look at a port whose router sleeps. The longer it has been idle the longer it may
 * wait, so that thousands of idle queues cost little.
 */
static bool
visit_due(const struct worker *worker, struct worker_port *polled)
{
	uint64_t latest = worker->hz / US_PER_S * VISIT_LATEST_US;
	uint64_t now = worker->now;

	if (worker->sched.n_awake > 0 && now < polled->next_visit)
		return false;
	polled->next_visit = now + RTE_MIN(latest, (now - polled->last_found) / VISIT_PART);
	return true;
}

/* One burst from each port that is to be polled. */
static void
receive_round(struct worker *worker, struct intake *intake)
{
	uint32_t owners_awake = 0;

	intake->full = 0;
	for (unsigned int i = 0; i < worker->n_polled; i++) {
		struct worker_port *polled = &worker->polled[i];
		const struct classify_table *table =
			__atomic_load_n(&polled->table, __ATOMIC_ACQUIRE);
		const struct feed *own = owner_of(worker, polled, table);
		uint32_t n;

		if (own != NULL && !((const struct instance *)own->instance)->asleep) {
			owners_awake++;
			continue;
		}
		if (own != NULL && !visit_due(worker, polled))
			continue;
		n = own == NULL ? RECEIVE_BURST : RTE_MIN(feed_room(own), RECEIVE_BURST);
		n = take_in(worker, polled, table, n, &intake->touched);
		intake->frames += n;
		if (n == RECEIVE_BURST && own == NULL)
			intake->full |= worker_port_bit(i);
	}
	worker->owners_awake = owners_awake;
}

/*
 * Turns of a few packets are dear, so there should be enough to run for those that are awake or
 * have got frames lately, and take them from shared ports; but not much more, as frames that wait
 * leave the caches. And whether routers on other workers have enough to run is not known here.
 */
static bool
lacks_frames(const struct worker *worker)
{
	uint32_t awake = worker->sched.n_awake;
	uint32_t sharing = awake - RTE_MIN(awake, worker->owners_awake);

	return worker->sorts_for_others ||
	       worker->queued < (uint64_t)RTE_MAX(sharing, worker->n_fed) * QUEUED_ENOUGH;
}

/*
 * Once a quantum or somewhat later all ports are looked at in any case: anyone's frames may wait in
 * a shared queue behind those of others. While some router may be in need of them, ports that give
 * full bursts are emptied without delay. Under overload turns have their part of the time.
 */
bool
receive_due(const struct worker *worker)
{
	if (worker->n_polled == 0)
		return false;
	if (worker->sched.n_awake == 0)
		return true;
	if (worker->full_ports != 0 && worker->classify_credit <= 0)
		return false;
	return worker->now >= worker->next_receive ||
	       (worker->full_ports != 0 && worker->now < worker->need_until) ||
	       (worker->n_shared > 0 && lacks_frames(worker));
}

/* So that a port is emptied at the same rate whether turns are long or short. */
static uint64_t
receive_most(const struct worker *worker)
{
	uint64_t late = worker->now > worker->next_receive ? worker->now - worker->next_receive : 0;

	return RTE_MIN(RECEIVE_QUANTUM * (1 + late / worker->sched.quantum), RECEIVE_MOST);
}

/* Where more is left than is wanted, turns have their part of the time. */
static uint64_t
until_next(const struct worker *worker, uint64_t cost)
{
	uint64_t quantum = worker->sched.quantum;

	if (worker->full_ports == 0)
		return quantum;
	return RTE_MAX(quantum, RTE_MIN(cost * RECEIVE_PART, quantum * RECEIVE_LATEST));
}

void
receive(struct worker *worker)
{
	struct intake intake = { 0 };
	uint64_t most = receive_most(worker), start = worker->now, cost;

	do {
		const struct feed *last = intake.touched;

		receive_round(worker, &intake);
		wake_touched(worker, &intake, last);
	} while (intake.full != 0 && intake.frames < most);
	worker->full_ports = intake.full;
	if (intake.frames > 0) {
		cost = hand_over(worker, &intake);
		worker->next_receive = start + until_next(worker, cost);
		return;
	}
	cost = measure(worker);
	worker->n_fed = 0;
	worker->next_receive = start + worker->sched.quantum;
	if (worker->sched.n_awake == 0)
		worker->cycles.idle += cost;
	else
		worker->cycles.unbilled += cost;
}

/* The bit of `first` becomes bit 0. */
static uint64_t
rotate(uint64_t bits, unsigned int first)
{
	return bits >> first | bits << ((WORKER_PORT_BITS - first) % WORKER_PORT_BITS);
}

bool
receive_own(struct worker *worker, struct instance *instance, uint32_t n)
{
	unsigned int first = instance->next_port;
	bool more = false, served = false;

	if (unlikely(!__atomic_load_n(&worker->receiving, __ATOMIC_RELAXED)))
		return false;
	for (uint64_t bits = rotate(instance->ports, first); bits != 0; bits &= bits - 1) {
		unsigned int place =
			((unsigned int)__builtin_ctzll(bits) + first) % WORKER_PORT_BITS;
		struct worker_port *polled = &worker->polled[place];
		const struct classify_table *table =
			__atomic_load_n(&polled->table, __ATOMIC_ACQUIRE);
		struct feed *own = owner_of(worker, polled, table), *touched = NULL;
		uint32_t ask;

		if (own == NULL || own->instance != instance)
			continue;
		if (feed_depth(own) >= n)
			return true;
		if (!served)
			instance->next_port = (uint16_t)((place + 1) % WORKER_PORT_BITS);
		served = true;
		ask = RTE_ALIGN_CEIL(n - feed_depth(own), RECEIVE_LEAST);
		ask = RTE_MIN(ask, RTE_MIN(feed_room(own), RECEIVE_BURST));
		if (ask == 0)
			return true;
		more |= take_in(worker, polled, table, ask, &touched) == ask;
		worker->queued += own->tail - own->published;
		feed_publish(own);
		own->burst = 0;
	}
	return more;
}
