/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef FUZZ_GUARD_H
#define FUZZ_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

/*
 * Packet buffers that AddressSanitizer can watch. They come from one large mapping, where nothing
 * would notice a read beyond a frame or a buffer used after it was freed. So
 *
 * - a buffer in the pool is poisoned as a whole, its mbuf too, and buffers are handed out in the
 *   order in which they came back, so that one rests as long as possible. Freed twice, read or
 *   written after its end: all is found. (No cache of an lcore stands between.)
 * - a buffer ends where its frame ends (guard_fit()): there is no tail room, and what is behind the
 *   last byte is poisoned. rte_pktmbuf_append() tells of no room, as it would with a full buffer,
 *   so that code that appends is not accused for it.
 *
 * What is before the frame is its head room, which may be written. Code of DPDK's libraries is not
 * instrumented, its memcpy() and the like are.
 */

/* For EAL: --mbuf-pool-ops-name. */
#define GUARD_OPS "guarded"

/* From now on, or no more, buffers of the pool are poisoned. All must be in the pool. */
void guard_start(struct rte_mempool *pool);
void guard_stop(void);

/* While it starves, the pool has no buffer to give. */
void guard_starve(bool starved);

/*
 * Ends each segment's buffer `room` bytes behind its data. It is as large as ever once it has gone
 * back to the pool.
 */
void guard_fit(struct rte_mbuf *mbuf, uint16_t room);

#endif
