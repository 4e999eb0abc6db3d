/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef DATAPLANE_WIRE_H
#define DATAPLANE_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "frame.h"

/*
 * Ports of rings (net_ring): what a test puts in is received, what is sent is kept as bytes until
 * the test takes it. For lab.c.
 */

/* The device "net_ring_NAME"; `room` frames a transmit queue. */
void wire_open(const char *device, unsigned int n_tx_queues, unsigned int room);

/* Removes all devices; the frames in them are gone. */
void wire_close_all(void);

bool wire_inject(
	struct rte_mempool *pool, unsigned int port, const struct frame *frame, uint16_t headroom);

/* Takes the mbuf over; false, and it is freed, when the port is full. */
bool wire_inject_mbuf(unsigned int port, struct rte_mbuf *mbuf);

/* Reads all transmit queues; each frame is put down in the ledger. */
void wire_collect(void);

/* Nothing is on its way in, nothing is uncollected (but what the lab holds back). */
bool wire_quiet(void);

bool wire_take(unsigned int port, struct frame *frame);
unsigned int wire_waiting(unsigned int port);

/* Drops what was injected and never received, and what was collected. */
void wire_forget(void);

#endif
