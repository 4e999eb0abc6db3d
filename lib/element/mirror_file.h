/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_MIRROR_FILE_H
#define ELEMENT_MIRROR_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

/*
 * A pcapng file of copies, by librte_pcapng. A worker makes copies, as blocks of the file; the
 * control thread writes them. A file that is there already is added to, as a section of its own,
 * and never becomes larger than it may be.
 */

#define MIRROR_FILE_ERROR_SIZE 160

struct mirror_file;

/* Control thread. NULL with the reason. `max_size` in bytes; `who` is told in the file. */
struct mirror_file *mirror_file_open(
	const char *path, uint64_t max_size, const char *who, char error[MIRROR_FILE_ERROR_SIZE]);
void mirror_file_close(struct mirror_file *file);

/* What a buffer of the pool must have room for, headroom included, to take so many bytes. */
uint32_t mirror_file_buffer_size(uint32_t snap_length);

/*
 * Worker: the first `length` bytes of a frame as a block, from the pool. `interface` is told as the
 * number of the queue, `now` is when it passed, in cycles. NULL: no buffer.
 */
struct rte_mbuf *mirror_file_copy(const struct mirror_file *file, const struct rte_mbuf *frame,
	struct rte_mempool *pool, uint32_t length, uint16_t interface, bool out, uint64_t now);

/*
 * Control thread: writes the first of the copies, as many as fit; gives how many. All remain the
 * caller's. Negative errno: the file cannot be written, and is not to be any more.
 */
int mirror_file_write(struct mirror_file *file, struct rte_mbuf **copies, unsigned int n);

/* Bytes of the file. */
uint64_t mirror_file_size(const struct mirror_file *file);

#endif
