/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_rcu_qsbr.h>

#include "worker/step.h"
#include "worker/takeover.h"

void
takeover_drop(struct instance *instance)
{
	struct rte_mbuf *mbufs[PACKET_BURST_MAX];
	uint64_t local = 0; /* none: nobody runs it */
	uint32_t n;

	while ((n = instance_take(instance, mbufs, PACKET_BURST_MAX, &local)) > 0) {
		instance->vr->counters.input += n;
		instance->vr->counters.dropped[VR_DROP_STOPPED] += n;
		rte_pktmbuf_free_bulk(mbufs, n);
	}
}

static void
read_mail(struct worker *worker, struct instance *instance)
{
	switch (instance->mail) {
	case INSTANCE_DETACH:
		takeover_instance(worker, instance);
		takeover_drop(instance);
		break;
	case INSTANCE_RESET:
		__atomic_store_n(&instance->faulted, false, __ATOMIC_RELEASE);
		break;
	default:
		break;
	}
	__atomic_store_n(&instance->mail, INSTANCE_NO_MAIL, __ATOMIC_RELEASE);
}

static void
forget_ports(struct worker *worker)
{
	for (unsigned int i = 0; i < worker->n_given; i++) {
		worker->rx_before += worker->polled[i].rx_packets;
		memset(&worker->polled[i], 0, sizeof(worker->polled[i]));
	}
	worker->n_polled = 0;
	worker->n_given = 0;
	worker->n_offered = 0;
	worker->news_read = worker->news;
	worker->n_shared = 0;
	worker->owners_awake = 0;
	worker->queued = 0;
	worker->full_ports = 0;
	worker->n_fed = 0;
	worker->need_until = 0;
	worker->sorts_for_others = false;
}

void
takeover_worker(struct worker *worker, struct instance *stuck)
{
	void *instance;

	rte_rcu_qsbr_thread_offline(worker->qsbr, worker->index);
	for (unsigned int i = 0; i < worker->n_ports; i++)
		tx_buffer_flush_others(
			&worker->tx[i], (uint64_t)(uintptr_t)stuck->vr, OWNER_POINTER_MASK);
	while (rte_ring_sc_dequeue(worker->mailbox, &instance) == 0)
		if (instance != stuck)
			read_mail(worker, instance);
	forget_ports(worker);
}

void
takeover_instance(struct worker *worker, struct instance *instance)
{
	if (instance->attached) {
		sched_remove(&worker->sched, &instance->entity);
		alarm_cancel(&worker->alarms, &instance->alarm);
	}
	instance->attached = false;
	instance->asleep = false;
	instance->ports = 0;
	for (uint16_t i = 0; i < instance->n_feeds; i++)
		instance->feeds[i]->local = false;
	for (unsigned int i = 0; i < WORKER_INSTANCES_MAX; i++)
		if (worker->slots[i] == instance)
			__atomic_store_n(&worker->slots[i], NULL, __ATOMIC_RELEASE);
}

void
takeover_port(struct worker_port *from, struct worker *to)
{
	struct worker_port *port = &to->polled[to->n_given++];

	*port = (struct worker_port){ .port = from->port,
		.table = from->table,
		.counters = from->counters,
		.polls = from->polls,
		.empty_polls = from->empty_polls };
	from->port->worker = to->index;
}
