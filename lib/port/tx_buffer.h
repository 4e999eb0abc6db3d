/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef PORT_TX_BUFFER_H
#define PORT_TX_BUFFER_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "port/port.h"

/*
 * The frames that one worker has ready for one port. Each carries a word from whoever handed it
 * in, so that a frame the port refuses is counted where it came from. Thread: its worker only.
 */

#define TX_BUFFER_SIZE 32 /* frames; a full buffer is flushed */

/* Told of each frame that the port did not take, just before it is freed. */
typedef void (*tx_refused_fn)(uint64_t owner, const struct rte_mbuf *mbuf);

struct tx_buffer {
	struct port *port;
	uint16_t port_id;
	uint16_t queue;
	uint16_t n;
	bool shared;
	tx_refused_fn refused;
	uint64_t sent;
	uint64_t n_refused;
	uint64_t lock_waits; /* times another worker held the queue */
	struct rte_mbuf *mbufs[TX_BUFFER_SIZE];
	uint64_t owners[TX_BUFFER_SIZE];
};

static inline void
tx_buffer_init(
	struct tx_buffer *buffer, struct port *port, unsigned int worker, tx_refused_fn refused)
{
	buffer->port = port;
	buffer->port_id = port->id;
	buffer->queue = port->shared_tx ? 0 : (uint16_t)worker;
	buffer->shared = port->shared_tx;
	buffer->refused = refused;
}

/* Hands all that is in the buffer to the port; what it does not take is dropped. */
void tx_buffer_flush(struct tx_buffer *buffer);

/* The same without the frames of whose owner's word `mask` leaves `owner`: they stay. */
void tx_buffer_flush_others(struct tx_buffer *buffer, uint64_t owner, uint64_t mask);

/*
 * Adding frames: each is set at a place of its own, from buffer->n on and below TX_BUFFER_SIZE,
 * then the buffer is told how far it is filled. It takes the frames over; `owner` means something
 * to the refused function only. There is always room for one.
 */
static inline void
tx_buffer_set(struct tx_buffer *buffer, uint16_t at, struct rte_mbuf *mbuf, uint64_t owner)
{
	buffer->mbufs[at] = mbuf;
	buffer->owners[at] = owner;
}

static inline void
tx_buffer_filled(struct tx_buffer *buffer, uint16_t n)
{
	buffer->n = n;
	if (n == TX_BUFFER_SIZE)
		tx_buffer_flush(buffer);
}

#endif
