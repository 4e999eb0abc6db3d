/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef WORKER_INSTANCE_H
#define WORKER_INSTANCE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "classify/feed.h"
#include "sched/sched.h"
#include "vrf/instance.h"
#include "worker/alarm.h"

/*
 * A router's instance as its worker knows it: its place in the schedule, where its frames come
 * from, and the code that forwards them.
 */

enum instance_mail {
	INSTANCE_NO_MAIL,
	INSTANCE_ATTACH,
	INSTANCE_DETACH,
	INSTANCE_RESET,
	INSTANCE_RESERVE,
	INSTANCE_LIMIT,
	INSTANCE_CANCELLED, /* the worker has it in its mailbox still, and will do nothing */
	INSTANCE_OPENED,    /* the worker is doing what it was asked */
};

/* What its worker found when a turn took too long. */
struct instance_fault {
	uint64_t took;  /* ns */
	uint64_t limit; /* ns */
	unsigned int lcore;
};

struct instance {
	struct sched_entity entity; /* first: the schedule gives it back */
	/*
	 * Read by the worker when it is attached, or asked for the one of them; what the worker can
	 * give, the control thread sees to.
	 */
	struct sched_share reserve, limit;
	struct vr_instance *vr;
	struct alarm alarm; /* for what its elements hold */
	uint32_t slot;      /* of the worker's doorbells */
	uint16_t n_feeds;   /* goes up while its worker runs it; atomic */
	uint16_t next_feed; /* whose turn it is to be emptied first */
	uint16_t next_port; /* of its own, the same */
	bool attached;
	bool asleep; /* has no work; what is held back by a limit may have some */
	/* Its turns drop what there is, and nothing else. Set by the worker, read by all; atomic.
	 */
	bool faulted;
	bool first_feeds;            /* some feeds are to be emptied before the others; atomic */
	struct instance_fault fault; /* where faulted */
	uint64_t ports; /* that its worker polls and it has interfaces on; worker_port_bit() */
	uint64_t counted_packets; /* of turns of which the misses are known */
	uint64_t virtual_missed;  /* of the schedule's virtual time, what it slept through */
	uint64_t virtual_since;   /* since then */
	uint64_t unbilled;        /* cycles that other workers spent for it, to be billed; atomic */
	uint32_t mail;            /* enum instance_mail: what the worker is asked to do; atomic */
	uint16_t feeds_max;
	/* One for each worker that classifies for it, one for each with routers linked to it. */
	struct feed *feeds[];
};

static_assert(offsetof(struct instance, entity) == 0, "the entity is the instance");

static inline struct instance *
instance_of(struct sched_entity *entity)
{
	return (struct instance *)entity;
}

/* Asleep, in no schedule, room for `feeds_max`. NULL when there is no memory. Control thread. */
struct instance *instance_create(
	struct vr_instance *vr, uint32_t weight, unsigned int feeds_max, int socket);

/*
 * The feed to this instance, whose worker is `consumer`, that `producer` fills: as it sorts, or,
 * `internal`, as it runs routers that are linked to this one. It is made with `capacity`, or one
 * that nobody fills any more is taken, unless it is there. It stays until the instance is freed.
 * NULL when there is no memory. Control thread.
 */
struct feed *instance_feed(struct instance *instance, uint32_t capacity, void *consumer,
	const void *producer, bool internal, int socket);

/*
 * Nobody fills the feeds any more that `producer` did, which is not running; what is in them goes
 * before all that comes later. Control thread.
 */
void instance_orphan_feeds(struct instance *instance, const void *producer);

/* Another worker empties its feeds, once it runs it; none does now. Control thread. */
void instance_set_consumer(struct instance *instance, void *consumer);

/*
 * The worker that runs it, and no other, may have come to be one that fills its feeds. `queued`
 * goes up by the frames in those. That worker.
 */
void instance_settle_feeds(struct instance *instance, const void *worker, uint64_t *queued);

/* As instance_take(), of feeds that go first. */
uint32_t instance_take_first(
	struct instance *instance, struct rte_mbuf **mbufs, uint32_t n, uint64_t *local);

/* Frees it and its feeds, not the router's part. NULL is allowed. Control thread. */
void instance_free(struct instance *instance);

/* Whether there is something to run for, by now. Its worker. */
static inline bool
instance_has_work(const struct instance *instance, uint64_t now)
{
	uint16_t n = __atomic_load_n(&instance->n_feeds, __ATOMIC_ACQUIRE);

	for (uint16_t i = 0; i < n; i++)
		if (feed_depth(instance->feeds[i]) > 0)
			return true;
	return vr_instance_has_injected(instance->vr) ||
	       (vr_instance_is_due(instance->vr, now) && !instance->faulted);
}

/*
 * Of a router that runs next, while another does: with thousands of them, what each needs is no
 * longer in the caches. In three steps, each of which wants what the one before has loaded. Its
 * worker; `instance` may be NULL.
 */
static inline void
instance_prefetch(const struct instance *instance)
{
	if (instance == NULL)
		return;
	rte_prefetch0(&instance->entity);
	rte_prefetch0(&instance->vr);
	rte_prefetch0(&instance->feeds[0]);
}

static inline void
instance_prefetch_feed(const struct instance *instance)
{
	if (instance == NULL || instance->n_feeds == 0)
		return;
	rte_prefetch0(instance->vr);
	rte_prefetch0(&instance->vr->counters);
	rte_prefetch0(&instance->feeds[0]->published);
	rte_prefetch0(&instance->feeds[0]->head);
	rte_prefetch0(&instance->feeds[0]->mask);
}

static inline void
instance_prefetch_frames(const struct instance *instance)
{
	const struct feed *feed;

	if (instance == NULL || instance->n_feeds == 0)
		return;
	feed = instance->feeds[0];
	rte_prefetch0(&feed->slots[feed->head & feed->mask]);
	rte_prefetch0(&feed->slots[(feed->head + 8) & feed->mask]);
	rte_prefetch0(instance->vr->vr);
	rte_prefetch0(instance->vr->interfaces);
}

/*
 * Up to `n` frames from its feeds, which take turns in being first. `local` goes down by those that
 * its own worker had classified. Its worker.
 */
static inline uint32_t
instance_take(struct instance *instance, struct rte_mbuf **mbufs, uint32_t n, uint64_t *local)
{
	uint16_t n_feeds = __atomic_load_n(&instance->n_feeds, __ATOMIC_ACQUIRE);
	uint32_t taken = 0;

	if (unlikely(__atomic_load_n(&instance->first_feeds, __ATOMIC_RELAXED))) {
		taken = instance_take_first(instance, mbufs, n, local);
		if (taken > 0)
			return taken;
	}
	for (uint16_t i = 0; i < n_feeds; i++) {
		struct feed *feed = instance->feeds[(instance->next_feed + i) % n_feeds];
		uint32_t got = feed_take(feed, mbufs + taken, n - taken);

		taken += got;
		if (feed->local)
			*local -= got;
	}
	instance->next_feed++;
	return taken;
}

#endif
