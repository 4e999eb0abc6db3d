/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "port/tx_buffer.h"

static uint16_t
send_shared(struct tx_buffer *buffer)
{
	uint16_t sent;

	if (!rte_spinlock_trylock(&buffer->port->tx_lock)) {
		buffer->lock_waits++;
		rte_spinlock_lock(&buffer->port->tx_lock);
	}
	sent = rte_eth_tx_burst(buffer->port_id, buffer->queue, buffer->mbufs, buffer->n);
	rte_spinlock_unlock(&buffer->port->tx_lock);
	return sent;
}

void
tx_buffer_flush(struct tx_buffer *buffer)
{
	uint16_t sent;

	if (buffer->n == 0)
		return;
	if (buffer->shared)
		sent = send_shared(buffer);
	else
		sent = rte_eth_tx_burst(buffer->port_id, buffer->queue, buffer->mbufs, buffer->n);
	buffer->sent += sent;
	if (unlikely(sent < buffer->n)) {
		for (uint16_t i = sent; i < buffer->n; i++)
			buffer->refused(buffer->owners[i], buffer->mbufs[i]);
		buffer->n_refused += buffer->n - sent;
		rte_pktmbuf_free_bulk(&buffer->mbufs[sent], buffer->n - sent);
	}
	buffer->n = 0;
}

void
tx_buffer_flush_others(struct tx_buffer *buffer, uint64_t owner, uint64_t mask)
{
	struct rte_mbuf *mbufs[TX_BUFFER_SIZE];
	uint64_t owners[TX_BUFFER_SIZE];
	uint16_t n = 0, others = 0;

	for (uint16_t i = 0; i < buffer->n; i++) {
		if ((buffer->owners[i] & mask) != owner) {
			tx_buffer_set(buffer, others++, buffer->mbufs[i], buffer->owners[i]);
			continue;
		}
		mbufs[n] = buffer->mbufs[i];
		owners[n++] = buffer->owners[i];
	}
	buffer->n = others;
	tx_buffer_flush(buffer);
	for (uint16_t i = 0; i < n; i++)
		tx_buffer_set(buffer, i, mbufs[i], owners[i]);
	buffer->n = n;
}
