/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ring.h>

#include "classify/classify.h"
#include "miss_counter/miss_counter.h"
#include "port/port.h"
#include "port/tx_buffer.h"
#include "sched/sched.h"
#include "worker/handover.h"
#include "worker/instance.h"
#include "worker/watchdog.h"

struct rte_rcu_qsbr;

/*
 * A polled lcore. Each pass of its loop sorts what came in on the ports it polls into FIFOs, picks
 * an instance by virtual time, runs it, and charges what that took. The end of one measurement is
 * the start of the next, so that
 *
 *	run + billed + unbilled + idle + housekeeping = elapsed
 *
 * holds exactly. Over all workers, run + billed is what their instances were charged, if the cost
 * of turns is exact, but for bills that are still on their way from one worker to another.
 */

#define WORKER_INSTANCES_MAX 4096 /* 64 words of doorbells of 64 bits */

/* TSC cycles spent, by what for. Written by the worker. */
struct worker_cycles {
	uint64_t run;          /* turns of instances */
	uint64_t billed;       /* classification, billed to the routers whose frames they were */
	uint64_t unbilled;     /* classification: frames for nobody, polls that found nothing */
	uint64_t idle;         /* nothing to run */
	uint64_t housekeeping; /* quiescent states, flushes, mail */
	uint64_t elapsed;
};

/* A port that the worker polls. */
struct worker_port {
	struct port *port;
	const struct classify_table *table; /* swapped by the control thread */
	bool own;                           /* one router's alone, polled in that one's turns */
	uint64_t last_found;                /* when it had frames */
	uint64_t next_visit;                /* while its router sleeps and others have work */
	struct classify_counters counters;
	uint64_t rx_packets;
	uint64_t polls;
	uint64_t empty_polls;
};

enum worker_state {
	WORKER_STOPPED,
	WORKER_RUNNING,
	WORKER_DRAINING, /* takes no frames in, runs what is queued, then stops */
};

struct worker {
	unsigned int index;
	unsigned int lcore;
	int socket;
	uint32_t state;     /* enum worker_state; atomic */
	uint32_t receiving; /* whether it polls ports; atomic */
	uint64_t hz;
	uint64_t now; /* end of the latest measurement */
	uint64_t drain_deadline;

	struct sched sched;
	struct worker_cycles cycles;
	int64_t classify_credit; /* cycles that classification may take under overload */
	uint64_t next_receive;   /* when all ports are to be asked, at the latest */
	uint64_t last_housekeeping;
	uint64_t last_flush;   /* of what is to be transmitted */
	uint64_t need_until;   /* some router may be short of frames that wait behind others' */
	uint64_t full_ports;   /* shared ones in which the latest receive left frames behind */
	bool sorts_for_others; /* some of its frames are for routers on other workers */
	uint64_t queued;   /* frames that it has put into FIFOs of its own instances, not yet run */
	uint32_t n_shared; /* of the ports it polls, those of several routers */
	uint32_t n_fed;    /* routers of its own for which the latest receive had frames */
	uint32_t owners_awake; /* ports of a router's own whose router has work */
	uint64_t passes;
	struct miss_counter misses; /* of turns; opened by the worker */
	bool counts_misses;         /* it is to open it */
	uint64_t counted_misses;    /* in turns of which they are known, */
	uint64_t counted_packets;   /* and the packets of those */
	uint64_t crossed;           /* frames handed to another worker's FIFO */
	uint64_t handed_over;       /* frames that went over links */

	struct rte_rcu_qsbr *qsbr;
	struct rte_ring *mailbox;           /* struct instance *, from the control thread */
	unsigned int n_ports;               /* of the whole process */
	struct tx_buffer *tx;               /* one for each port */
	const struct handover_table *links; /* swapped by the control thread */
	struct alarms alarms;               /* of instances that sleep */
	unsigned int n_polled;
	unsigned int n_given; /* of `polled`, the control thread's count; it is behind that */
	uint32_t n_offered;   /* which it says here, and then in `news` */
	uint32_t news;        /* there is something to take over; atomic */
	uint32_t news_read;   /* the worker's */
	uint64_t rx_before;   /* received on ports that others poll now; the control thread's */
	bool parked;          /* back from a turn that was not waited for; atomic */
	struct worker_port *polled;
	struct vr_output output;
	struct watchdog watchdog;

	/* Rung by others after they gave an instance work. */
	alignas(RTE_CACHE_LINE_SIZE) uint64_t doorbell_words; /* which words have a bit set */
	uint64_t doorbells[WORKER_INSTANCES_MAX / 64];
	struct instance *slots[WORKER_INSTANCES_MAX]; /* written by the control thread */
};

struct worker_params {
	unsigned int index;
	unsigned int lcore;
	int socket;
	struct port *ports; /* of the process, all configured */
	unsigned int n_ports;
	uint32_t quantum_us;
	struct sched_cost cost;
	uint64_t hz;
	bool counts_misses;         /* if the machine can */
	uint32_t misses_per_second; /* that routers may share; 0: misses are free */
	struct rte_rcu_qsbr *qsbr;
	uint32_t soft_ms; /* of the watchdog; 0: off */
	uint32_t hard_ms;
	bool fence; /* !watchdog_register() */
};

/* Polls those ports whose `worker` is its index. NULL when there is no memory. Control thread. */
struct worker *worker_create(const struct worker_params *params);

/* It must have stopped. NULL is allowed. Control thread. */
void worker_free(struct worker *worker);

/* The loop, to be launched on the worker's lcore: runs until worker_stop(), gives 0. */
int worker_main(void *worker);

/* What worker_main() does before, in each pass of and after the loop; for tests in one thread. */
void worker_begin(struct worker *worker);
void worker_pass(struct worker *worker);
void worker_end(struct worker *worker);

/* No more frames are taken in; what is queued still runs. Control thread. */
void worker_stop_receiving(struct worker *worker);

/* The loop ends once nothing is queued, after `drain_us` at the latest. Control thread. */
void worker_stop(struct worker *worker, uint64_t drain_us);

/* Whether the loop would end now. The worker, or who runs it in one thread. */
bool worker_drained(const struct worker *worker);

/*
 * Asks the worker to take up an instance, or to let it go (its FIFOs are emptied, and nothing of it
 * is left in any buffer). Done once worker_mail_done(). A stopped worker does it at once.
 * -ENOSPC: it has WORKER_INSTANCES_MAX. -EAGAIN: its mailbox is full. Control thread.
 */
int worker_attach(struct worker *worker, struct instance *instance);
int worker_detach(struct worker *worker, struct instance *instance);
bool worker_mail_done(const struct instance *instance);

/* The same of asking it to run an instance again that is faulted. -EAGAIN. Control thread. */
int worker_reset(struct worker *worker, struct instance *instance);

/*
 * The same of asking it to take up the instance's reserve, or its limit, which stays as it is until
 * that is done. Of an instance whose mail is done. -EAGAIN. Control thread.
 */
int worker_set_reserve(struct worker *worker, struct instance *instance);
int worker_set_limit(struct worker *worker, struct instance *instance);

/*
 * It will not take up what it was asked with the two above. False: it has, or is about to. The mail
 * is done once the worker gets on. Control thread.
 */
bool worker_cancel(struct instance *instance);

/* The instance has got work (something injected). Any thread. */
void worker_ring(struct worker *worker, const struct instance *instance);

/* Which of its ports and feeds are its own may have changed. Control thread. */
static inline void
worker_tell_news(struct worker *worker)
{
	__atomic_store_n(&worker->n_offered, worker->n_given, __ATOMIC_RELEASE);
	__atomic_store_n(&worker->news, worker->news + 1, __ATOMIC_RELEASE);
}

/* The bit of a polled port, by its place; those behind share the last one. */
#define WORKER_PORT_BITS 64u

static inline uint64_t
worker_port_bit(unsigned int place)
{
	return UINT64_C(1) << RTE_MIN(place, WORKER_PORT_BITS - 1);
}

/* The worker's port entry for `port`, or NULL if another polls it. */
struct worker_port *worker_port_find(struct worker *worker, const struct port *port);

#endif
