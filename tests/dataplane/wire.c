/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <CUnit/CUnit.h>
#include <rte_bus_vdev.h>
#include <rte_eth_ring.h>

#include "lab.h"
#include "ledger.h"
#include "wire.h"

#define PREFIX "net_ring_"
#define RX_ROOM 4096

struct collected {
	STAILQ_ENTRY(collected) link;
	uint32_t length;
	uint8_t bytes[];
};

static struct wire {
	char device[64];
	struct rte_ring *rx;
	struct rte_ring *tx[LAB_WORKERS_MAX];
	unsigned int n_tx;
	STAILQ_HEAD(, collected) frames;
	unsigned int n_frames;
} wires[LAB_PORTS_MAX];
static unsigned int n_wires;

static struct rte_ring *
make_ring(const char *what, unsigned int room)
{
	char name[RTE_RING_NAMESIZE];
	struct rte_ring *ring;

	snprintf(name, sizeof(name), "%s_%u", what, n_wires);
	ring = rte_ring_create(name, room, SOCKET_ID_ANY, RING_F_EXACT_SZ);
	CU_ASSERT_FATAL(ring != NULL);
	return ring;
}

void
wire_open(const char *device, unsigned int n_tx_queues, unsigned int room)
{
	struct wire *wire = &wires[n_wires];
	char name[16];

	CU_ASSERT_FATAL(n_wires < LAB_PORTS_MAX && n_tx_queues <= LAB_WORKERS_MAX);
	CU_ASSERT_FATAL(strncmp(device, PREFIX, strlen(PREFIX)) == 0);
	snprintf(wire->device, sizeof(wire->device), "%s", device);
	wire->rx = make_ring("rx", RX_ROOM);
	wire->n_tx = n_tx_queues;
	for (unsigned int i = 0; i < n_tx_queues; i++) {
		snprintf(name, sizeof(name), "tx%u", i);
		wire->tx[i] = make_ring(name, room);
	}
	STAILQ_INIT(&wire->frames);
	wire->n_frames = 0;
	n_wires++;
	CU_ASSERT_FATAL(rte_eth_from_rings(device + strlen(PREFIX), &wire->rx, 1, wire->tx,
				n_tx_queues, 0) >= 0);
}

void
wire_close_all(void)
{
	wire_forget();
	while (n_wires > 0) {
		struct wire *wire = &wires[--n_wires];

		CU_ASSERT(rte_vdev_uninit(wire->device) == 0);
		rte_ring_free(wire->rx);
		for (unsigned int i = 0; i < wire->n_tx; i++)
			rte_ring_free(wire->tx[i]);
	}
}

bool
wire_inject(
	struct rte_mempool *pool, unsigned int port, const struct frame *frame, uint16_t headroom)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);
	char *room;

	if (mbuf == NULL)
		return false;
	mbuf->data_off = headroom;
	room = rte_pktmbuf_append(mbuf, (uint16_t)frame->length);
	if (room == NULL) {
		rte_pktmbuf_free(mbuf);
		return false;
	}
	memcpy(room, frame->bytes, frame->length);
	return wire_inject_mbuf(port, mbuf);
}

bool
wire_inject_mbuf(unsigned int port, struct rte_mbuf *mbuf)
{
	if (rte_ring_enqueue(wires[port].rx, mbuf) == 0)
		return true;
	rte_pktmbuf_free(mbuf);
	return false;
}

static void
copy_bytes(const struct rte_mbuf *mbuf, uint8_t *bytes)
{
	for (; mbuf != NULL; bytes += mbuf->data_len, mbuf = mbuf->next)
		memcpy(bytes, rte_pktmbuf_mtod(mbuf, void *), mbuf->data_len);
}

/* Also that the mbuf is one a driver could send. */
static void
collect(struct wire *wire, struct rte_mbuf *mbuf)
{
	const char *reason = "";
	struct collected *frame = malloc(sizeof(*frame) + mbuf->pkt_len);

	assert(frame != NULL);
	CU_ASSERT(rte_mbuf_check(mbuf, 1, &reason) == 0);
	CU_ASSERT(lab.chains || (mbuf->nb_segs == 1 && mbuf->pkt_len == mbuf->data_len));
	CU_ASSERT(rte_mbuf_refcnt_read(mbuf) == 1 && mbuf->ol_flags == 0);
	frame->length = mbuf->pkt_len;
	copy_bytes(mbuf, frame->bytes);
	rte_pktmbuf_free(mbuf);
	ledger_sent((unsigned int)(wire - wires), frame->bytes, frame->length);
	STAILQ_INSERT_TAIL(&wire->frames, frame, link);
	wire->n_frames++;
}

void
wire_collect(void)
{
	void *mbuf;

	for (unsigned int i = 0; i < n_wires; i++)
		for (unsigned int k = 0; k < wires[i].n_tx; k++)
			while (rte_ring_dequeue(wires[i].tx[k], &mbuf) == 0)
				collect(&wires[i], mbuf);
}

bool
wire_quiet(void)
{
	for (unsigned int i = 0; i < n_wires; i++) {
		if (!rte_ring_empty(wires[i].rx))
			return false;
		for (unsigned int k = 0; k < wires[i].n_tx && !lab.hold; k++)
			if (!rte_ring_empty(wires[i].tx[k]))
				return false;
	}
	return true;
}

bool
wire_take(unsigned int port, struct frame *frame)
{
	struct wire *wire = &wires[port];
	struct collected *first = STAILQ_FIRST(&wire->frames);

	if (first == NULL)
		return false;
	STAILQ_REMOVE_HEAD(&wire->frames, link);
	wire->n_frames--;
	assert(first->length <= FRAME_MAX);
	frame->length = first->length;
	memcpy(frame->bytes, first->bytes, first->length);
	free(first);
	return true;
}

unsigned int
wire_waiting(unsigned int port)
{
	return wires[port].n_frames;
}

static void
free_mbufs(struct rte_ring *ring)
{
	void *mbuf;

	while (rte_ring_dequeue(ring, &mbuf) == 0)
		rte_pktmbuf_free(mbuf);
}

void
wire_forget(void)
{
	static struct frame frame;

	for (unsigned int i = 0; i < n_wires; i++) {
		free_mbufs(wires[i].rx);
		for (unsigned int k = 0; k < wires[i].n_tx; k++)
			free_mbufs(wires[i].tx[k]);
		while (wire_take(i, &frame))
			;
	}
}
