/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <time.h>

#include <rte_cycles.h>
#include <rte_malloc.h>
#include <rte_random.h>
#include <rte_ring_elem.h>

#include "vrf/instance.h"
#include "vrf/reassembly.h"
#include "vrf/l2.h"
#include "vrf/pipeline_host.h"
#include "vrf/tunnel.h"

/* A second's worth of a rate may be a tenth of it at once, at least this many. */
#define BURST_MIN 10
/* Packets a second of one router that may make the control thread work. */
#define RESOLVE_RATE 1000
#define LEARN_RATE 1000
#define NS_PER_MS 1000000

static struct rte_ring *
make_ring(unsigned int element_size, unsigned int count, int socket)
{
	ssize_t size = rte_ring_get_memsize_elem(element_size, count);
	struct rte_ring *ring;

	/* Not rte_ring_create(): a memzone for each ring would run out at thousands of routers. */
	ring = rte_zmalloc_socket("vr_ring", size, RTE_CACHE_LINE_SIZE, socket);
	if (ring == NULL)
		return NULL;
	if (rte_ring_init(ring, "vr", count, RING_F_SP_ENQ | RING_F_SC_DEQ) != 0) {
		rte_free(ring);
		return NULL;
	}
	return ring;
}

static void
init_bucket(struct token_bucket *bucket, uint32_t rate, uint64_t hz)
{
	token_bucket_init(bucket, rate, RTE_MAX(rate / 10, (uint32_t)BURST_MIN), hz, 0);
}

static void
set_clock(struct vr_instance *instance)
{
	struct timespec now;
	uint64_t ms;

	clock_gettime(CLOCK_REALTIME, &now);
	ms = (uint64_t)now.tv_sec * MS_PER_S + (uint64_t)now.tv_nsec / NS_PER_MS;
	__atomic_store_n(&instance->utc_offset, ms - rte_rdtsc() / instance->cycles_per_ms,
		__ATOMIC_RELAXED);
}

void
vr_instance_tick(struct vr_instance *instance)
{
	struct vr_inject tick = { .code = VR_INJECT_TICK };

	set_clock(instance);
	/* With a full ring the worker has enough to do; the next second is as good. */
	if (reassembly_is_busy(instance->reassembly))
		rte_ring_sp_enqueue_elem(instance->inject, &tick, sizeof(tick));
}

struct vr_instance *
vr_instance_create(const struct vr *vr, const struct vr_params *params)
{
	struct vr_instance *instance;

	instance = rte_zmalloc_socket(
		"vr_instance", sizeof(*instance), RTE_CACHE_LINE_SIZE, params->socket);
	if (instance == NULL)
		return NULL;
	instance->vr = vr;
	instance->pool = params->pool;
	instance->cycles_per_ms = RTE_MAX(params->hz / MS_PER_S, UINT64_C(1));
	set_clock(instance);
	instance->identification = (uint16_t)rte_rand();
	instance->fragment_identification = (uint32_t)rte_rand();
	init_bucket(&instance->icmp, params->icmp_rate, params->hz);
	init_bucket(&instance->echo, params->echo_rate, params->hz);
	init_bucket(&instance->resolve, RESOLVE_RATE, params->hz);
	init_bucket(&instance->learn, LEARN_RATE, params->hz);
	instance->interfaces = rte_calloc_socket("vr_interface_counters", params->n_interfaces + 1,
		sizeof(*instance->interfaces), RTE_CACHE_LINE_SIZE, params->socket);
	instance->punt = make_ring(sizeof(struct vr_punt), VR_PUNT_RING, params->socket);
	instance->inject = make_ring(sizeof(struct vr_inject), VR_INJECT_RING, params->socket);
	instance->reassembly = reassembly_create(params->socket);
	pipeline_host_init(instance);
	if (instance->interfaces == NULL || instance->punt == NULL || instance->inject == NULL ||
		instance->reassembly == NULL) {
		vr_instance_free(instance);
		return NULL;
	}
	return instance;
}

static void
free_rings(struct vr_instance *instance)
{
	struct vr_inject inject;
	struct vr_punt punt;

	if (instance->punt != NULL)
		while (rte_ring_sc_dequeue_elem(instance->punt, &punt, sizeof(punt)) == 0)
			if (punt.code == VR_PUNT_RESOLVE)
				rte_pktmbuf_free(punt.mbuf);
	if (instance->inject != NULL)
		while (rte_ring_sc_dequeue_elem(instance->inject, &inject, sizeof(inject)) == 0)
			rte_pktmbuf_free(inject.mbuf);
	rte_free(instance->punt);
	rte_free(instance->inject);
}

void
vr_instance_free(struct vr_instance *instance)
{
	if (instance == NULL)
		return;
	free_rings(instance);
	reassembly_free(instance->reassembly);
	rte_free(instance->interfaces);
	rte_free(instance);
}

static void
drop_injected(struct vr_instance *instance, enum vr_drop reason)
{
	struct vr_inject inject;

	for (unsigned int i = 0; i < VR_INJECT_BURST; i++) {
		if (rte_ring_sc_dequeue_elem(instance->inject, &inject, sizeof(inject)) != 0)
			return;
		if (inject.mbuf == NULL)
			continue;
		if (inject.code != VR_INJECT_FRAME && inject.class != VR_CLASS_ORIGINATED)
			instance->counters.returned++;
		vr_instance_lose(instance, inject.class, reason);
		rte_pktmbuf_free(inject.mbuf);
	}
}

void
vr_instance_drop(
	struct vr_instance *instance, struct rte_mbuf **mbufs, unsigned int n, enum vr_drop reason)
{
	drop_injected(instance, reason);
	instance->counters.input += n;
	instance->counters.dropped[reason] += n;
	rte_pktmbuf_free_bulk(mbufs, n);
}

static bool
is_of_forwarded(uint16_t class)
{
	return class == VR_CLASS_FORWARDED || class == VR_CLASS_FRAGMENT;
}

/* By one frame up or down. */
static void
count_sent(struct vr_instance *instance, uint16_t interface, uint16_t class, uint32_t bytes,
	int64_t sign)
{
	struct vr_interface_counters *counters = &instance->interfaces[interface];

	instance->counters.sent[class] += (uint64_t)sign;
	counters->tx_packets += (uint64_t)sign;
	counters->tx_bytes += (uint64_t)(sign * bytes);
	if (is_of_forwarded(class))
		instance->counters.forwarded_bytes +=
			(uint64_t)(sign * ((int64_t)bytes -
						  l2_length(&instance->vr->interfaces[interface])));
}

/* The same of what is handed over between a tunnel and its outer router, without L2 header. */
static void
count_handed_over(struct vr_instance *instance, const struct vr_tx *tx, int64_t sign)
{
	struct packet_meta meta = packet_meta_get(tx->mbuf);
	uint64_t length = tx->mbuf->pkt_len - meta.l3_offset;
	struct vr_interface_counters *counters;

	instance->counters.sent[tx->class] += (uint64_t)sign;
	if (is_of_forwarded(tx->class))
		instance->counters.forwarded_bytes += (uint64_t)sign * length;
	if (tx->interface == VR_INTERFACE_NONE) {
		instance->counters.tunnelled += (uint64_t)sign;
		return;
	}
	counters = &instance->interfaces[tx->interface];
	counters->tx_packets += (uint64_t)sign;
	counters->tx_bytes +=
		(uint64_t)sign *
		(length - instance->vr->interfaces[tx->interface].tunnel->header_length);
}

static bool
is_handed_over(const struct vr_instance *instance, const struct vr_tx *tx)
{
	const struct tunnel *tunnel;

	if (tx->interface == VR_INTERFACE_NONE)
		return true;
	tunnel = instance->vr->interfaces[tx->interface].tunnel;
	return tunnel != NULL && tx->port != VR_PORT_TUNNEL;
}

void
vr_instance_send(struct vr_instance *instance, const struct vr_tx *tx)
{
	if (unlikely(is_handed_over(instance, tx)))
		count_handed_over(instance, tx, 1);
	else
		count_sent(instance, tx->interface, tx->class, tx->mbuf->pkt_len, 1);
}

void
vr_instance_unsend(struct vr_instance *instance, const struct vr_tx *tx)
{
	if (unlikely(is_handed_over(instance, tx)))
		count_handed_over(instance, tx, -1);
	else
		count_sent(instance, tx->interface, tx->class, tx->mbuf->pkt_len, -1);
}

void
vr_instance_lose(struct vr_instance *instance, enum vr_class class, enum vr_drop reason)
{
	if (class == VR_CLASS_ORIGINATED)
		instance->counters.originated_lost++;
	else if (class == VR_CLASS_FRAGMENT)
		instance->counters.fragments_lost++;
	else
		instance->counters.dropped[reason]++;
}

void
vr_instance_refused(
	struct vr_instance *instance, uint16_t interface, enum vr_class class, uint32_t bytes)
{
	count_sent(instance, interface, class, bytes, -1);
	vr_instance_lose(instance, class, VR_DROP_TX_FULL);
}
