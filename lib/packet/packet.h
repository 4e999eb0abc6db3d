/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef PACKET_PACKET_H
#define PACKET_PACKET_H

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_mbuf.h>

/*
 * What classification learnt of a frame, kept in the mbuf until its router has it, so that no
 * later stage parses the L2 header again. It lives in the upper half of mbuf.hash, which is on the
 * first cache line and used by no driver that has no flow director rules; the RSS hash in the lower
 * half stays.
 */

/* For headers on the wire: behind 14 bytes of Ethernet they begin at even addresses, no better. */
#define PACKET_HEADER __attribute__((packed, aligned(2)))

/* The most packets that one turn or one receive handles. */
#define PACKET_BURST_MAX 64

enum packet_kind {
	PACKET_IPV4,
	PACKET_ARP,
	PACKET_IPV6,
	PACKET_OTHER,
	/* What an end of a link would not have taken up from a wire. */
	PACKET_STRAY, /* for another MAC */
	PACKET_LONG,  /* longer than its MTU */
	/* Added to the kind of an outer packet of a tunnel that the router itself has made. */
	PACKET_OUTER = 0x40,
	/* Added to the kind when the frame's destination is a group address. */
	PACKET_GROUP = 0x80,
};

struct packet_meta {
	uint16_t interface; /* index in the router */
	uint8_t l3_offset;  /* bytes from the start of the frame to the L3 header */
	uint8_t kind;
};

static_assert(sizeof(struct packet_meta) == sizeof(uint32_t), "kept in 32 bits of the mbuf");

static inline void
packet_meta_set(struct rte_mbuf *mbuf, struct packet_meta meta)
{
	__builtin_memcpy(&mbuf->hash.fdir.hi, &meta, sizeof(meta));
}

static inline struct packet_meta
packet_meta_get(const struct rte_mbuf *mbuf)
{
	struct packet_meta meta;

	__builtin_memcpy(&meta, &mbuf->hash.fdir.hi, sizeof(meta));
	return meta;
}

/* Cuts the last `excess` bytes off, fewer than there are; the chain keeps its first segment. */
static inline void
packet_trim(struct rte_mbuf *mbuf, uint32_t excess)
{
	while (unlikely(mbuf->nb_segs > 1)) {
		struct rte_mbuf *last = mbuf, *before = mbuf;

		while (last->next != NULL) {
			before = last;
			last = last->next;
		}
		if (last->data_len > excess)
			break;
		excess -= last->data_len;
		mbuf->pkt_len -= last->data_len;
		mbuf->nb_segs--;
		before->next = NULL;
		rte_pktmbuf_free_seg(last);
	}
	if (excess != 0)
		rte_pktmbuf_trim(mbuf, (uint16_t)excess);
}

/* Takes `length` bytes out that are `at` bytes behind the L3 header's start, in the first segment.
 */
static inline void
packet_strip(struct rte_mbuf *mbuf, struct packet_meta meta, uint16_t at, uint16_t length)
{
	uint8_t *frame = rte_pktmbuf_mtod(mbuf, uint8_t *);

	memmove(frame + length, frame, (size_t)meta.l3_offset + at);
	rte_pktmbuf_adj(mbuf, length);
}

/* Cuts off what is behind the `length` bytes from the L3 header on: Ethernet pads short frames. */
static inline void
packet_end_at(struct rte_mbuf *mbuf, struct packet_meta meta, uint32_t length)
{
	uint32_t excess = mbuf->pkt_len - meta.l3_offset - length;

	if (unlikely(excess != 0))
		packet_trim(mbuf, excess);
}

#endif
