/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef FAIRNESS_FLOW_H
#define FAIRNESS_FLOW_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>
#include <rte_mbuf.h>

#include "histogram.h"

/*
 * A flow of frames into one port: what they are, when they come, and what became of them. Frames
 * are given as bytes, so that only who writes the case knows of protocols; into each goes a mark,
 * by which the sink knows it again.
 *
 * Times are cycles since the start of the phase, in 2^-20 where precision matters.
 */

#define FLOW_FRAME_MAX 1514
#define FLOW_VARIED_MAX 4
#define FLOW_TIME_SHIFT 20

/* In a frame's payload, in the byte order of the machine. */
struct flow_mark {
	uint64_t sent; /* TSC */
	uint16_t phase;
	uint16_t flow;
} __attribute__((packed));

static_assert(sizeof(struct flow_mark) == 12, "fits in a tagged frame of 64 bytes over UDP");

/* Frames of one kind, so many in a row. */
struct flow_frame {
	uint16_t length;
	uint32_t count;
	uint8_t bytes[FLOW_FRAME_MAX];
};

/* A field that counts up from frame to frame: `n` values from the template's on. */
struct flow_varied {
	uint16_t at;
	uint8_t bytes; /* 2 or 4, in network order */
	uint32_t n;
	uint32_t next;
};

struct flow_counts {
	uint64_t offered; /* refused by the full port, or sent */
	uint64_t refused;
	uint64_t slipped;  /* not offered: the generator itself was late */
	uint64_t received; /* by the sink */
};

struct flow {
	char name[64];
	uint16_t port;
	bool greedy; /* fills the port whenever there is room */
	double rate; /* frames a second, while it is on */
	uint64_t interval;
	uint64_t due;
	uint64_t on, off, phase; /* cycles; on 0: always */

	uint32_t n_frames;
	struct flow_frame *frames; /* one after the other, over and over */
	uint32_t frame, of_frame;
	int32_t mark_at; /* -1: none */
	int32_t ipv4_at; /* of the header whose checksum is to follow; -1: none */
	uint32_t n_varied;
	struct flow_varied varied[FLOW_VARIED_MAX];

	struct flow_counts total, counted; /* the second: what was offered while counting */
	struct histogram
		*delay; /* cycles, of what was offered while counting; NULL: not asked for */
};

/* Reads a flow of a case. 0, or -1 with the reason on stderr. */
int flow_parse(struct flow *flow, const json_t *json, uint64_t hz);
void flow_clear(struct flow *flow);

/* Makes the next frame in a buffer that is empty. */
void flow_fill(struct flow *flow, struct rte_mbuf *mbuf, const struct flow_mark *mark);

#endif
