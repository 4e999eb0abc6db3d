/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>
#include <rte_pause.h>
#include <rte_rcu_qsbr.h>

#include "worker/receive.h"
#include "worker/step.h"
#include "worker/worker.h"

#define MAILBOX_SIZE 256
/*
 * Packets that a turn runs at once, where they may differ much in what they cost: then it looks
 * whether its quantum is over.
 */
#define PART_OF_TURN 16
/* Billing may put a router this far behind its share. */
#define DEBT_LIMIT_US 100000

static inline uint64_t
owner_word(const struct vr_instance *vr, const struct vr_tx *tx)
{
	return (uint64_t)(uintptr_t)vr | tx->class |
	       (uint64_t)tx->interface << OWNER_INTERFACE_SHIFT;
}

static void
on_refused(uint64_t owner, const struct rte_mbuf *mbuf)
{
	vr_instance_refused((struct vr_instance *)(uintptr_t)(owner & OWNER_POINTER_MASK),
		(uint16_t)(owner >> OWNER_INTERFACE_SHIFT), owner & OWNER_CLASS_MASK,
		mbuf->pkt_len);
}

/* The ports that the instance gets frames from. */
static uint64_t
ports_of(const struct worker *worker, const struct instance *instance)
{
	const struct vr *vr = instance->vr->vr;
	uint64_t bits = 0;

	for (unsigned int i = 0; i < worker->n_polled; i++)
		for (uint16_t k = 0; k < vr->n_interfaces; k++)
			if (vr->interfaces[k].port == worker->polled[i].port->index)
				bits |= worker_port_bit(i);
	return bits;
}

/* Shows frames that were pushed to the routers at the other ends of links, and wakes those. */
static void
publish(struct worker *worker, struct feed *touched)
{
	for (struct feed *feed = touched; feed != NULL; feed = feed->next_touched) {
		struct instance *instance = feed->instance;
		uint32_t pushed = feed->tail - feed->published;

		worker->handed_over += pushed;
		feed_publish(feed);
		feed->burst = 0;
		if (likely(feed->local)) {
			worker->queued += pushed;
			wake(worker, instance);
		} else {
			worker->crossed += pushed;
			worker_ring(__atomic_load_n(&feed->consumer, __ATOMIC_RELAXED), instance);
		}
	}
}

/*
 * What is in the output goes to the transmit buffers, or over links; frames for one port mostly
 * follow each other.
 */
static void
transmit(struct vr_instance *vr, struct vr_output *output)
{
	const struct vr_tx *tx = output->frames, *end = tx + output->n;
	struct worker *worker = output->context;
	struct feed *touched = NULL;

	while (tx < end) {
		uint16_t port = tx->port;
		struct tx_buffer *buffer = &worker->tx[port];
		uint16_t n;

		if (port >= worker->n_ports) {
			tx = handover_push(__atomic_load_n(&worker->links, __ATOMIC_ACQUIRE),
				port - worker->n_ports, vr, tx, end, &touched);
			continue;
		}
		n = buffer->n;
		do {
			tx_buffer_set(buffer, n++, tx->mbuf, owner_word(vr, tx));
			tx++;
		} while (tx < end && tx->port == port && n < TX_BUFFER_SIZE);
		tx_buffer_filled(buffer, n);
	}
	publish(worker, touched);
	output->n = 0;
}

/* What a worker that is not waited for any more would have sent. */
static void
drop_output(struct vr_instance *vr, struct vr_output *output)
{
	for (unsigned int i = 0; i < output->n; i++) {
		const struct vr_tx *tx = &output->frames[i];

		vr_instance_unsend(vr, tx);
		vr_instance_lose(vr, tx->class, VR_DROP_FAULTED);
		rte_pktmbuf_free(tx->mbuf);
	}
	output->n = 0;
}

/* In the middle of a turn, when the output has no room for more. */
static void
flush_output(struct vr_instance *vr, struct vr_output *output)
{
	struct worker *worker = output->context;

	if (likely(watchdog_leave(&worker->watchdog)))
		transmit(vr, output);
	else
		drop_output(vr, output);
	watchdog_enter_again(&worker->watchdog);
}

static int
make_ports(struct worker *worker, const struct worker_params *params)
{
	worker->n_ports = params->n_ports;
	worker->tx = rte_calloc_socket("tx_buffers", params->n_ports + 1, sizeof(*worker->tx),
		RTE_CACHE_LINE_SIZE, params->socket);
	worker->polled = rte_calloc_socket("worker_ports", params->n_ports + 1,
		sizeof(*worker->polled), RTE_CACHE_LINE_SIZE, params->socket);
	if (worker->tx == NULL || worker->polled == NULL)
		return -ENOMEM;
	for (unsigned int i = 0; i < params->n_ports; i++) {
		struct port *port = &params->ports[i];

		tx_buffer_init(&worker->tx[i], port, params->index, on_refused);
		if (port->worker == params->index)
			worker->polled[worker->n_polled++].port = port;
	}
	worker->n_shared = worker->n_polled;
	worker->n_given = worker->n_polled;
	return 0;
}

struct worker *
worker_create(const struct worker_params *params)
{
	struct worker *worker;
	char name[RTE_RING_NAMESIZE];

	worker = rte_zmalloc_socket("worker", sizeof(*worker), RTE_CACHE_LINE_SIZE, params->socket);
	if (worker == NULL)
		return NULL;
	worker->index = params->index;
	worker->lcore = params->lcore;
	worker->socket = params->socket;
	worker->hz = params->hz;
	worker->counts_misses = params->counts_misses;
	worker->qsbr = params->qsbr;
	worker->output.flush = flush_output;
	worker->output.context = worker;
	watchdog_init(
		&worker->watchdog, params->hz, params->soft_ms, params->hard_ms, params->fence);
	alarms_init(&worker->alarms, rte_rdtsc());
	snprintf(name, sizeof(name), "mailbox_%u", params->index);
	worker->mailbox =
		rte_ring_create(name, MAILBOX_SIZE, params->socket, RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (worker->mailbox == NULL || make_ports(worker, params) != 0 ||
		sched_init(&worker->sched, WORKER_INSTANCES_MAX,
			(uint32_t)(params->quantum_us * params->hz / US_PER_S),
			(DEBT_LIMIT_US * params->hz + US_PER_S - 1) / US_PER_S) != 0 ||
		sched_set_cost(&worker->sched, &params->cost) != 0) {
		worker_free(worker);
		return NULL;
	}
	sched_set_memory(&worker->sched, params->hz, params->misses_per_second);
	return worker;
}

void
worker_free(struct worker *worker)
{
	if (worker == NULL)
		return;
	sched_fini(&worker->sched);
	rte_ring_free(worker->mailbox);
	rte_free(worker->tx);
	rte_free(worker->polled);
	rte_free(worker);
}

struct worker_port *
worker_port_find(struct worker *worker, const struct port *port)
{
	for (unsigned int i = 0; i < worker->n_given; i++)
		if (worker->polled[i].port == port)
			return &worker->polled[i];
	return NULL;
}

void
worker_ring(struct worker *worker, const struct instance *instance)
{
	uint32_t word = instance->slot / 64;

	__atomic_fetch_or(
		&worker->doorbells[word], UINT64_C(1) << (instance->slot % 64), __ATOMIC_ACQ_REL);
	__atomic_fetch_or(&worker->doorbell_words, UINT64_C(1) << word, __ATOMIC_ACQ_REL);
}

/* What other workers spent on its frames. */
static void
bill_foreign(struct worker *worker, struct instance *instance)
{
	uint64_t cost;

	if (likely(__atomic_load_n(&instance->unbilled, __ATOMIC_RELAXED) == 0))
		return;
	cost = __atomic_exchange_n(&instance->unbilled, 0, __ATOMIC_RELAXED);
	sched_bill(&worker->sched, &instance->entity, cost);
}

static void
answer_doorbells(struct worker *worker)
{
	uint64_t words;

	if (likely(__atomic_load_n(&worker->doorbell_words, __ATOMIC_RELAXED) == 0))
		return;
	words = __atomic_exchange_n(&worker->doorbell_words, 0, __ATOMIC_ACQ_REL);
	for (; words != 0; words &= words - 1) {
		uint32_t word = (uint32_t)__builtin_ctzll(words);
		uint64_t bits = __atomic_exchange_n(&worker->doorbells[word], 0, __ATOMIC_ACQ_REL);

		for (; bits != 0; bits &= bits - 1) {
			uint32_t slot = word * 64 + (uint32_t)__builtin_ctzll(bits);
			struct instance *instance = worker->slots[slot];

			if (instance == NULL || !instance->attached)
				continue;
			/* Billed first, one that slept would have it forgiven when it wakes. */
			if (instance_has_work(instance, worker->now))
				wake(worker, instance);
			bill_foreign(worker, instance);
		}
	}
}

/* A turn by which the limit seems to be exceeded: by the router, or has the core been away? */
static void
look_at_turn(const struct worker *worker, struct instance *instance)
{
	uint64_t took = watchdog_turn_cpu(&worker->watchdog);

	if (instance->faulted || took <= worker->watchdog.soft_ns)
		return;
	instance->fault = (struct instance_fault){ took, worker->watchdog.soft_ns, worker->lcore };
	__atomic_store_n(&instance->faulted, true, __ATOMIC_RELEASE);
}

/*
 * Back from a turn that was not waited for: the worker has nothing any more, and waits until it is
 * told to go on. The instance is no other's yet.
 */
static void
park(struct worker *worker, struct instance *instance, uint32_t n)
{
	uint64_t cost;

	drop_output(instance->vr, &worker->output);
	cost = measure(worker);
	worker->cycles.run += cost;
	instance->entity.charged += cost;
	instance->entity.turns++;
	instance->entity.packets += n;
	instance->fault = (struct instance_fault){ .took = cost / (worker->hz / MS_PER_S) * 1000000,
		.limit = worker->watchdog.hard,
		.lcore = worker->lcore };
	__atomic_store_n(&instance->faulted, true, __ATOMIC_RELEASE);
	__atomic_store_n(&worker->parked, true, __ATOMIC_RELEASE);
}

/* False: the worker is parked. */
static bool
forward(struct worker *worker, struct instance *instance, struct rte_mbuf **mbufs, uint32_t n)
{
	watchdog_enter(&worker->watchdog, instance, worker->now);
	vr_instance_run(instance->vr, mbufs, n, worker->now, &worker->output);
	if (unlikely(!watchdog_leave(&worker->watchdog))) {
		park(worker, instance, n);
		return false;
	}
	transmit(instance->vr, &worker->output);
	return true;
}

/* What is to be known of the turn while it lasts. */
static bool
quantum_is_over(const struct worker *worker)
{
	return rte_rdtsc() - worker->now >= worker->sched.quantum;
}

/* Elements may cost a hundred times as much for one packet as for another. */
static bool
has_pipeline(const struct instance *instance)
{
	return __atomic_load_n(&instance->vr->vr->pipeline, __ATOMIC_RELAXED) != NULL;
}

static void
charge(struct worker *worker, struct instance *instance, uint64_t cost, uint32_t n, bool counted)
{
	uint64_t misses;

	if (!counted || !miss_counter_stop(&worker->misses, &misses)) {
		sched_charge(&worker->sched, &instance->entity, cost, n);
		return;
	}
	sched_charge_memory(&worker->sched, &instance->entity, cost, misses, n);
	instance->counted_packets += n;
	worker->counted_misses += misses;
	worker->counted_packets += n;
}

/* False: the worker is parked. `counted`: its misses may be known. */
static __rte_always_inline bool
turn(struct worker *worker, struct instance *instance, bool counted)
{
	struct sched *sched = &worker->sched;
	struct rte_mbuf *mbufs[PACKET_BURST_MAX];
	uint32_t budget = sched_budget(sched, &instance->entity);
	uint32_t part_max = has_pipeline(instance) ? PART_OF_TURN : PACKET_BURST_MAX;
	uint32_t part, n = 0;
	const struct instance *next = (const struct instance *)sched_hint(sched);
	uint64_t cost;
	bool more;

	instance_prefetch(next);
	if (counted)
		miss_counter_start(&worker->misses);
	more = receive_own(worker, instance, budget);
	do {
		part = instance_take(
			instance, mbufs, RTE_MIN(budget - n, part_max), &worker->queued);
		if (unlikely(instance->faulted))
			vr_instance_drop(instance->vr, mbufs, part, VR_DROP_FAULTED);
		else if (!forward(worker, instance, mbufs, part))
			return false;
		n += part;
	} while (part == part_max && n < budget && !quantum_is_over(worker));
	instance_prefetch_feed(next);
	cost = measure(worker);
	worker->cycles.run += cost;
	add_credit(worker, (int64_t)(cost * CLASSIFY_SHARE));
	charge(worker, instance, cost, n, counted);
	bill_foreign(worker, instance);
	instance_prefetch_frames(next);
	if (unlikely(cost > worker->watchdog.soft))
		look_at_turn(worker, instance);
	if (more || instance_has_work(instance, worker->now))
		return true;
	sched_sleep(sched, &instance->entity);
	instance->asleep = true;
	if (unlikely(instance->vr->due != ELEMENT_NEVER) && !instance->faulted)
		alarm_set(&worker->alarms, &instance->alarm, instance->vr->due);
	return true;
}

static bool
run(struct worker *worker, struct instance *instance)
{
	if (likely(worker->misses.source == MISS_COUNTER_NONE))
		return turn(worker, instance, false);
	return turn(worker, instance, true);
}

static void
on_alarm(struct alarm *alarm, void *context)
{
	struct instance *instance = RTE_PTR_SUB(alarm, offsetof(struct instance, alarm));
	struct worker *worker = context;

	wake(worker, instance);
}

static void
flush(struct worker *worker)
{
	for (unsigned int i = 0; i < worker->n_ports; i++)
		tx_buffer_flush(&worker->tx[i]);
	worker->last_flush = worker->now;
}

/* What has been forwarded does not wait for a turn that may last longer than it has to wait. */
static void
flush_before(struct worker *worker, const struct sched_entity *entity)
{
	uint64_t turn = (uint64_t)sched_budget(&worker->sched, entity) * entity->cost_per_packet;

	if (worker->now + turn - worker->last_flush <= worker->sched.quantum)
		return;
	flush(worker);
	worker->cycles.housekeeping += measure(worker);
}

static void
empty_feeds(struct worker *worker, struct instance *instance)
{
	struct rte_mbuf *mbufs[PACKET_BURST_MAX];
	uint32_t n;

	while ((n = instance_take(instance, mbufs, PACKET_BURST_MAX, &worker->queued)) > 0) {
		instance->vr->counters.input += n;
		instance->vr->counters.dropped[VR_DROP_STOPPED] += n;
		rte_pktmbuf_free_bulk(mbufs, n);
	}
}

/* What others leave suffices: the control thread counts it. */
static void
take_up_reserve(struct worker *worker, struct instance *instance)
{
	(void)sched_set_reserve(&worker->sched, &instance->entity, instance->reserve.runtime,
		instance->reserve.period, worker->now);
}

static void
take_up_limit(struct worker *worker, struct instance *instance)
{
	(void)sched_set_limit(&worker->sched, &instance->entity, instance->limit.runtime,
		instance->limit.period, worker->now);
}

/* There is room: the control thread counts that, too. */
static void
take_up(struct worker *worker, struct instance *instance)
{
	sched_add(&worker->sched, &instance->entity);
	take_up_reserve(worker, instance);
	take_up_limit(worker, instance);
	instance_settle_feeds(instance, worker, &worker->queued);
	instance->ports = ports_of(worker, instance);
	instance->asleep = true;
	instance->attached = true;
	if (instance_has_work(instance, worker->now))
		wake(worker, instance);
}

static void
let_go(struct worker *worker, struct instance *instance)
{
	flush(worker);
	sched_remove(&worker->sched, &instance->entity);
	alarm_cancel(&worker->alarms, &instance->alarm);
	instance->attached = false;
	empty_feeds(worker, instance);
}

static void
read_mail(struct worker *worker, struct instance *instance)
{
	switch (__atomic_exchange_n(&instance->mail, INSTANCE_OPENED, __ATOMIC_ACQ_REL)) {
	case INSTANCE_ATTACH:
		take_up(worker, instance);
		break;
	case INSTANCE_DETACH:
		let_go(worker, instance);
		break;
	case INSTANCE_RESET:
		__atomic_store_n(&instance->faulted, false, __ATOMIC_RELEASE);
		if (instance_has_work(instance, worker->now))
			wake(worker, instance);
		break;
	case INSTANCE_RESERVE:
		take_up_reserve(worker, instance);
		break;
	case INSTANCE_LIMIT:
		take_up_limit(worker, instance);
		break;
	default:
		break;
	}
	__atomic_store_n(&instance->mail, INSTANCE_NO_MAIL, __ATOMIC_RELEASE);
}

/* Ports that it is given, and feeds that it has come to fill. */
static void
take_over(struct worker *worker, uint32_t news)
{
	uint32_t n = __atomic_load_n(&worker->n_offered, __ATOMIC_ACQUIRE);

	worker->news_read = news;
	for (; worker->n_polled < n; worker->n_polled++)
		worker->n_shared++;
	for (unsigned int i = 0; i < WORKER_INSTANCES_MAX; i++) {
		struct instance *instance = __atomic_load_n(&worker->slots[i], __ATOMIC_ACQUIRE);

		if (instance == NULL || !instance->attached)
			continue;
		instance->ports = ports_of(worker, instance);
		instance_settle_feeds(instance, worker, &worker->queued);
		if (instance_has_work(instance, worker->now))
			wake(worker, instance);
	}
}

static void
housekeeping(struct worker *worker)
{
	uint32_t news = __atomic_load_n(&worker->news, __ATOMIC_ACQUIRE);
	void *instance;

	flush(worker);
	answer_doorbells(worker);
	if (unlikely(news != worker->news_read))
		take_over(worker, news);
	if (unlikely(worker->alarms.n > 0))
		alarms_run(&worker->alarms, worker->now, on_alarm, worker);
	if (unlikely(rte_ring_sc_dequeue(worker->mailbox, &instance) == 0))
		read_mail(worker, instance);
	rte_rcu_qsbr_quiescent(worker->qsbr, worker->index);
	worker->last_housekeeping = worker->now;
}

static void
pass_parked(struct worker *worker)
{
	worker->cycles.idle += measure(worker);
	if (watchdog_is_taken(&worker->watchdog)) {
		rte_pause();
		return;
	}
	rte_rcu_qsbr_thread_online(worker->qsbr, worker->index);
	__atomic_store_n(&worker->parked, false, __ATOMIC_RELEASE);
}

void
worker_pass(struct worker *worker)
{
	struct sched_entity *entity;

	worker->passes++;
	if (unlikely(worker->parked)) {
		pass_parked(worker);
		return;
	}
	if (likely(__atomic_load_n(&worker->receiving, __ATOMIC_RELAXED)) && receive_due(worker))
		receive(worker);
	entity = sched_pick(&worker->sched, worker->now);
	if (entity != NULL) {
		flush_before(worker, entity);
		if (unlikely(!run(worker, instance_of(entity))))
			return;
	}
	if (entity != NULL && worker->now - worker->last_housekeeping < worker->sched.quantum)
		return;
	housekeeping(worker);
	/* No pause when idle: on a virtual machine it can cost a trap, and FIFOs overflow
	 * meanwhile. */
	if (entity != NULL)
		worker->cycles.housekeeping += measure(worker);
	else
		worker->cycles.idle += measure(worker);
}

void
worker_begin(struct worker *worker)
{
	rte_rcu_qsbr_thread_register(worker->qsbr, worker->index);
	rte_rcu_qsbr_thread_online(worker->qsbr, worker->index);
	watchdog_begin(&worker->watchdog);
	/* Where it cannot, why is told by the control thread. */
	if (worker->counts_misses)
		(void)miss_counter_open(&worker->misses);
	worker->now = rte_rdtsc();
	__atomic_store_n(&worker->receiving, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&worker->state, WORKER_RUNNING, __ATOMIC_RELEASE);
}

void
worker_end(struct worker *worker)
{
	flush(worker);
	miss_counter_close(&worker->misses);
	rte_rcu_qsbr_thread_offline(worker->qsbr, worker->index);
	rte_rcu_qsbr_thread_unregister(worker->qsbr, worker->index);
	__atomic_store_n(&worker->state, WORKER_STOPPED, __ATOMIC_RELEASE);
}

bool
worker_drained(const struct worker *worker)
{
	if (worker->now > __atomic_load_n(&worker->drain_deadline, __ATOMIC_RELAXED))
		return true;
	return worker->sched.n_awake == 0 && worker->sched.n_held_back == 0 &&
	       __atomic_load_n(&worker->doorbell_words, __ATOMIC_ACQUIRE) == 0;
}

int
worker_main(void *arg)
{
	struct worker *worker = arg;

	worker_begin(worker);
	while (likely(__atomic_load_n(&worker->state, __ATOMIC_RELAXED) == WORKER_RUNNING) ||
		!worker_drained(worker))
		worker_pass(worker);
	worker_end(worker);
	return 0;
}

void
worker_stop_receiving(struct worker *worker)
{
	__atomic_store_n(&worker->receiving, 0, __ATOMIC_RELEASE);
}

void
worker_stop(struct worker *worker, uint64_t drain_us)
{
	uint32_t running = WORKER_RUNNING;

	__atomic_store_n(&worker->drain_deadline, rte_rdtsc() + drain_us * worker->hz / US_PER_S,
		__ATOMIC_RELAXED);
	__atomic_compare_exchange_n(&worker->state, &running, WORKER_DRAINING, false,
		__ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

static int
send_mail(struct worker *worker, struct instance *instance, enum instance_mail mail)
{
	__atomic_store_n(&instance->mail, mail, __ATOMIC_RELEASE);
	if (__atomic_load_n(&worker->state, __ATOMIC_ACQUIRE) == WORKER_STOPPED) {
		read_mail(worker, instance);
		return 0;
	}
	if (rte_ring_sp_enqueue(worker->mailbox, instance) == 0)
		return 0;
	__atomic_store_n(&instance->mail, INSTANCE_NO_MAIL, __ATOMIC_RELAXED);
	return -EAGAIN;
}

int
worker_attach(struct worker *worker, struct instance *instance)
{
	uint32_t slot;
	int rc;

	for (slot = 0; slot < WORKER_INSTANCES_MAX && worker->slots[slot] != NULL; slot++)
		;
	if (slot == WORKER_INSTANCES_MAX)
		return -ENOSPC;
	instance->slot = slot;
	__atomic_store_n(&worker->slots[slot], instance, __ATOMIC_RELEASE);
	rc = send_mail(worker, instance, INSTANCE_ATTACH);
	if (rc != 0)
		worker->slots[slot] = NULL;
	return rc;
}

int
worker_detach(struct worker *worker, struct instance *instance)
{
	int rc = send_mail(worker, instance, INSTANCE_DETACH);

	if (rc == 0)
		__atomic_store_n(&worker->slots[instance->slot], NULL, __ATOMIC_RELEASE);
	return rc;
}

int
worker_reset(struct worker *worker, struct instance *instance)
{
	return send_mail(worker, instance, INSTANCE_RESET);
}

int
worker_set_reserve(struct worker *worker, struct instance *instance)
{
	return send_mail(worker, instance, INSTANCE_RESERVE);
}

int
worker_set_limit(struct worker *worker, struct instance *instance)
{
	return send_mail(worker, instance, INSTANCE_LIMIT);
}

bool
worker_cancel(struct instance *instance)
{
	uint32_t mail = __atomic_load_n(&instance->mail, __ATOMIC_ACQUIRE);

	if (mail != INSTANCE_RESERVE && mail != INSTANCE_LIMIT)
		return false;
	return __atomic_compare_exchange_n(&instance->mail, &mail, INSTANCE_CANCELLED, false,
		__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

bool
worker_mail_done(const struct instance *instance)
{
	return __atomic_load_n(&instance->mail, __ATOMIC_ACQUIRE) == INSTANCE_NO_MAIL;
}
