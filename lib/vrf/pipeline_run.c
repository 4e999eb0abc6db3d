/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_cycles.h>

#include "packet/ipv6_header.h"
#include "vrf/ipv4.h"
#include "vrf/ipv6.h"
#include "vrf/l2.h"
#include "vrf/pipeline.h"
#include "vrf/pipeline_host.h"
#include "vrf/send.h"

/* Prime, so that it meets no period of what is measured. */
#define TIMED_ONE_IN 17

/* Whether the router has to account for a packet of this class (instance.h). */
static bool
is_received(uint16_t class)
{
	return class == VR_CLASS_FORWARDED || class == VR_CLASS_ANSWERED;
}

static void
account_dropped(struct vr_instance *instance, struct element_burst *burst, unsigned int i)
{
	struct vr_tx tx;

	if (burst->side == ELEMENT_INGRESS) {
		instance->counters.dropped[VR_DROP_ELEMENT]++;
	} else {
		tx = pipeline_tx(burst->mbufs[i], burst->tags[i]);
		vr_instance_unsend(instance, &tx);
		vr_instance_lose(instance, tx.class, VR_DROP_ELEMENT);
	}
	rte_pktmbuf_free(burst->mbufs[i]);
}

static void
account_consumed(struct vr_instance *instance, struct element_burst *burst, unsigned int i)
{
	struct vr_tx tx;

	if (burst->side == ELEMENT_INGRESS) {
		instance->counters.consumed++;
		return;
	}
	tx = pipeline_tx(burst->mbufs[i], burst->tags[i]);
	vr_instance_unsend(instance, &tx);
	instance->held += is_received(tx.class);
}

/* Takes those out that do not go on. */
static void __rte_noinline
settle(struct vr_instance *instance, struct element *element, struct element_burst *burst)
{
	struct element_counters *counters = &element->rare[burst->side];
	unsigned int n = 0;

	for (unsigned int i = 0; i < burst->n; i++) {
		uint64_t bit = UINT64_C(1) << i;

		if (burst->dropped & bit) {
			counters->dropped[burst->reasons[i]]++;
			account_dropped(instance, burst, i);
			continue;
		}
		if (burst->consumed & bit) {
			counters->consumed++;
			account_consumed(instance, burst, i);
			continue;
		}
		burst->mbufs[n] = burst->mbufs[i];
		if (burst->side == ELEMENT_EGRESS)
			burst->tags[n] = burst->tags[i];
		n++;
	}
	burst->n = n;
}

static inline void
run_one(struct vr_instance *instance, struct element *element, struct element_burst *burst)
{
	burst->dropped = 0;
	burst->consumed = 0;
	element->process[burst->side](element, burst);
	if ((burst->dropped | burst->consumed) != 0)
		settle(instance, element, burst);
	element->out[burst->side] += burst->n;
}

/* The same with a look at the clock before the first and behind each. */
static void __rte_noinline
run_timed(struct vr_instance *instance, struct element *const *elements, unsigned int n_elements,
	struct element_burst *burst)
{
	uint64_t then = rte_rdtsc();

	for (unsigned int i = 0; i < n_elements && burst->n > 0; i++) {
		struct element_counters *counters = &elements[i]->rare[burst->side];
		uint64_t now;

		counters->timed += burst->n;
		run_one(instance, elements[i], burst);
		now = rte_rdtsc();
		counters->cycles += now - then;
		then = now;
	}
}

/*
 * What an element costs is told by one burst in some: the router pays for every cycle in any case,
 * and the clock would cost as much as a simple element.
 */
static void
run(struct vr_instance *instance, struct element *const *elements, unsigned int n_elements,
	struct element_burst *burst)
{
	if (unlikely(instance->element_runs++ % TIMED_ONE_IN == 0)) {
		run_timed(instance, elements, n_elements, burst);
		return;
	}
	for (unsigned int i = 0; i < n_elements && burst->n > 0; i++)
		run_one(instance, elements[i], burst);
}

/* Puts what elements do not see behind the others; gives how many the others are. */
static unsigned int
part(struct rte_mbuf **mbufs, unsigned int n)
{
	struct rte_mbuf *unseen[PACKET_BURST_MAX];
	unsigned int n_seen = 0, n_unseen = 0;

	for (unsigned int i = 0; i < n; i++) {
		struct packet_meta meta = packet_meta_get(mbufs[i]);

		if ((meta.kind & ~PACKET_GROUP) == PACKET_IPV6 &&
			unlikely(ipv6_is_neighbour_discovery(mbufs[i], meta)))
			unseen[n_unseen++] = mbufs[i];
		else
			mbufs[n_seen++] = mbufs[i];
	}
	for (unsigned int i = 0; i < n_unseen; i++)
		mbufs[n_seen + i] = unseen[i];
	return n_seen;
}

unsigned int
pipeline_ingress(struct vr_instance *instance, const struct pipeline *pipeline, uint8_t family,
	struct rte_mbuf **mbufs, unsigned int n)
{
	unsigned int n_seen = family == IP_FAMILY_IPV6 ? part(mbufs, n) : n;
	struct element_burst burst;

	burst.n = n_seen;
	burst.side = ELEMENT_INGRESS;
	burst.kind = family == IP_FAMILY_IPV4 ? PACKET_IPV4 : PACKET_IPV6;
	burst.mbufs = mbufs;
	burst.tags = NULL;
	burst.now = instance->now;
	burst.host = &instance->host;
	run(instance, pipeline->sides[ELEMENT_INGRESS], pipeline->n[ELEMENT_INGRESS], &burst);
	for (unsigned int i = n_seen; i < n; i++)
		mbufs[burst.n++] = mbufs[i];
	return burst.n;
}

bool
pipeline_ingress_one(struct vr_instance *instance, struct rte_mbuf *mbuf)
{
	const struct pipeline *pipeline = pipeline_of(instance);
	uint8_t kind = packet_meta_get(mbuf).kind & ~PACKET_GROUP;

	return pipeline == NULL || pipeline->n[ELEMENT_INGRESS] == 0 ||
	       pipeline_ingress(instance, pipeline,
		       kind == PACKET_IPV4 ? IP_FAMILY_IPV4 : IP_FAMILY_IPV6, &mbuf, 1) == 1;
}

/* The rest is filled in as it goes. */
static inline void
begin_egress(const struct vr_instance *instance, struct element_burst *burst,
	struct rte_mbuf **mbufs, uint64_t *tags)
{
	burst->n = 0;
	burst->side = ELEMENT_EGRESS;
	burst->kind = ELEMENT_ANY_KIND;
	burst->mbufs = mbufs;
	burst->tags = tags;
	burst->now = instance->now;
	burst->host = &instance->host;
}

/*
 * Marks the frame as an IP packet of the interface out, whose L2 header has `offset` bytes; false:
 * elements do not see it.
 */
static inline bool
describe(const struct vr_tx *tx, uint8_t offset)
{
	struct packet_meta meta = { tx->interface, offset, PACKET_IPV4 };
	const uint8_t *frame = rte_pktmbuf_mtod(tx->mbuf, const uint8_t *);
	rte_be16_t ether_type;

	memcpy(&ether_type, frame + offset - sizeof(ether_type), sizeof(ether_type));
	if (unlikely(ether_type != RTE_BE16(RTE_ETHER_TYPE_IPV4))) {
		meta.kind = PACKET_IPV6;
		if (ether_type != RTE_BE16(RTE_ETHER_TYPE_IPV6) ||
			ipv6_is_neighbour_discovery(tx->mbuf, meta))
			return false;
	}
	if (unlikely(frame[0] & 1))
		meta.kind |= PACKET_GROUP;
	packet_meta_set(tx->mbuf, meta);
	return true;
}

/* Frames `from` to `to` of the output; those that are left follow the first `n`, the new end. */
static unsigned int
egress_some(struct vr_instance *instance, const struct pipeline *pipeline, struct vr_output *output,
	unsigned int from, unsigned int to, unsigned int n)
{
	const struct vr_interface *interface =
		&instance->vr->interfaces[output->frames[from].interface];
	uint8_t offset = l2_length(interface);
	struct rte_mbuf *mbufs[PACKET_BURST_MAX];
	uint64_t tags[PACKET_BURST_MAX];
	struct element_burst burst;

	begin_egress(instance, &burst, mbufs, tags);
	for (unsigned int i = from; i < to; i++) {
		const struct vr_tx *tx = &output->frames[i];

		if (unlikely(tx->interface != interface->index)) {
			interface = &instance->vr->interfaces[tx->interface];
			offset = l2_length(interface);
		}
		if (unlikely(!describe(tx, offset))) {
			output->frames[n++] = *tx;
			continue;
		}
		mbufs[burst.n] = tx->mbuf;
		tags[burst.n++] = pipeline_tag(tx);
	}
	if (burst.n == 0)
		return n;
	run(instance, pipeline->sides[ELEMENT_EGRESS], pipeline->n[ELEMENT_EGRESS], &burst);
	/* All of them are where they were. */
	if (likely(n == from && burst.n == to - from))
		return to;
	for (unsigned int i = 0; i < burst.n; i++)
		output->frames[n++] = pipeline_tx(mbufs[i], tags[i]);
	return n;
}

/* The packets that the k-th element lets go now; they pass through those behind it. */
static void
release(struct vr_instance *instance, const struct pipeline *pipeline, unsigned int k,
	struct vr_output *output)
{
	struct element *element = pipeline->sides[ELEMENT_EGRESS][k];
	struct rte_mbuf *mbufs[PACKET_BURST_MAX];
	uint64_t tags[PACKET_BURST_MAX];
	struct element_burst burst;

	begin_egress(instance, &burst, mbufs, tags);
	burst.dropped = 0;
	burst.consumed = 0;
	burst.n = element->type->release(element, &burst);
	for (unsigned int i = 0; i < burst.n; i++) {
		struct vr_tx tx = pipeline_tx(mbufs[i], tags[i]);

		vr_instance_send(instance, &tx);
		instance->held -= is_received(tx.class);
	}
	element->rare[ELEMENT_EGRESS].released += burst.n;
	if (burst.dropped != 0)
		settle(instance, element, &burst);
	element->out[ELEMENT_EGRESS] += burst.n;
	run(instance, pipeline->sides[ELEMENT_EGRESS] + k + 1, pipeline->n[ELEMENT_EGRESS] - k - 1,
		&burst);
	if (output->n + burst.n > VR_OUTPUT_MAX)
		send_output(instance, output);
	for (unsigned int i = 0; i < burst.n; i++)
		output->frames[output->n++] = pipeline_tx(mbufs[i], tags[i]);
}

static void
release_due(struct vr_instance *instance, const struct pipeline *pipeline, struct vr_output *output)
{
	instance->due = ELEMENT_NEVER;
	for (unsigned int k = 0; k < pipeline->n[ELEMENT_EGRESS]; k++) {
		struct element *element = pipeline->sides[ELEMENT_EGRESS][k];

		if (element->type->release == NULL)
			continue;
		if (element->due <= instance->now)
			release(instance, pipeline, k, output);
		instance->due = RTE_MIN(instance->due, element->due);
	}
}

void
pipeline_egress(
	struct vr_instance *instance, const struct pipeline *pipeline, struct vr_output *output)
{
	unsigned int total = output->n, n = 0, to;

	if (pipeline->n[ELEMENT_EGRESS] > 0) {
		for (unsigned int from = 0; from < total; from = to) {
			to = RTE_MIN(from + PACKET_BURST_MAX, total);
			n = egress_some(instance, pipeline, output, from, to, n);
		}
		output->n = n;
	}
	if (pipeline->holds || instance->due != ELEMENT_NEVER)
		release_due(instance, pipeline, output);
	if (instance->n_aside > 0)
		pipeline_host_flush(instance, output);
}
