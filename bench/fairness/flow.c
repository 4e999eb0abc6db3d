/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_string_fns.h>

#include "flow.h"

#define US 1e6 /* a second */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
parse_bytes(struct flow_frame *frame, const char *text)
{
	size_t length = strlen(text) / 2;

	if (strlen(text) % 2 != 0 || length < RTE_ETHER_HDR_LEN || length > FLOW_FRAME_MAX)
		return -1;
	for (size_t i = 0; i < length; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		frame->bytes[i] = (uint8_t)(high << 4 | low);
	}
	frame->length = (uint16_t)length;
	return 0;
}

static int
parse_frames(struct flow *flow, const json_t *frames)
{
	size_t i;
	json_t *entry;

	flow->n_frames = (uint32_t)json_array_size(frames);
	flow->frames = calloc(flow->n_frames + 1, sizeof(*flow->frames));
	if (flow->n_frames == 0 || flow->frames == NULL)
		return -1;
	json_array_foreach(frames, i, entry) {
		const char *bytes = NULL;
		int count = 1;

		if (json_unpack(entry, "{s:s, s?:i}", "bytes", &bytes, "count", &count) != 0 ||
			count < 1 || parse_bytes(&flow->frames[i], bytes) != 0)
			return -1;
		flow->frames[i].count = (uint32_t)count;
	}
	return 0;
}

static bool
fits(const struct flow *flow, int at, size_t bytes)
{
	for (uint32_t i = 0; i < flow->n_frames; i++)
		if (at < 0 || (size_t)at + bytes > flow->frames[i].length)
			return false;
	return true;
}

static int
parse_varied(struct flow *flow, const json_t *varied)
{
	size_t i;
	json_t *entry;

	if (json_array_size(varied) > FLOW_VARIED_MAX)
		return -1;
	json_array_foreach(varied, i, entry) {
		int at, bytes, n;

		if (json_unpack(entry, "{s:i, s:i, s:i}", "at", &at, "bytes", &bytes, "n", &n) !=
				0 ||
			(bytes != 2 && bytes != 4) || n < 1 || !fits(flow, at, (size_t)bytes))
			return -1;
		flow->varied[flow->n_varied++] = (struct flow_varied){
			.at = (uint16_t)at, .bytes = (uint8_t)bytes, .n = (uint32_t)n
		};
	}
	return 0;
}

static int
parse_times(struct flow *flow, double on, double off, double phase, uint64_t hz)
{
	const double cycles = (double)hz / US;

	if (flow->rate < 0 || on < 0 || off < 0 || phase < 0 || (off > 0 && on <= 0))
		return -1;
	flow->on = (uint64_t)(on * cycles);
	flow->off = (uint64_t)(off * cycles);
	flow->phase = (uint64_t)(phase * cycles);
	if (flow->rate > 0)
		flow->interval =
			(uint64_t)((double)hz / flow->rate * (double)(1u << FLOW_TIME_SHIFT)) | 1;
	flow->due = flow->phase << FLOW_TIME_SHIFT;
	return 0;
}

static int
parse(struct flow *flow, const json_t *json, uint64_t hz, const char **why)
{
	double on = 0, off = 0, phase = 0;
	int greedy = 0, delay = 0, mark_at = -1, ipv4_at = -1;
	const char *name, *port;
	json_t *frames, *varied = NULL;
	json_error_t error;

	*why = "expected name, port, frames, and rate or greedy";
	if (json_unpack_ex((json_t *)(uintptr_t)json, &error, 0,
		    "{s:s, s:s, s?:F, s?:b, s?:F, s?:F, s?:F, s:o, s?:i, s?:i, s?:o, s?:b}", "name",
		    &name, "port", &port, "rate", &flow->rate, "greedy", &greedy, "on_us", &on,
		    "off_us", &off, "phase_us", &phase, "frames", &frames, "mark_at", &mark_at,
		    "ipv4_at", &ipv4_at, "varied", &varied, "delay", &delay) != 0)
		return -1;
	strlcpy(flow->name, name, sizeof(flow->name));
	flow->greedy = greedy != 0;
	flow->mark_at = mark_at;
	flow->ipv4_at = ipv4_at;
	*why = "frames: expected bytes in hexadecimal, 14 to 1514, and a count";
	if (parse_frames(flow, frames) != 0)
		return -1;
	*why = "mark_at or ipv4_at: beyond the frame";
	if ((mark_at >= 0 && !fits(flow, mark_at, sizeof(struct flow_mark))) ||
		(ipv4_at >= 0 && !fits(flow, ipv4_at, sizeof(struct rte_ipv4_hdr))))
		return -1;
	*why = "varied: expected at most 4 of at, bytes (2 or 4) and n, within the frame";
	if (varied != NULL && parse_varied(flow, varied) != 0)
		return -1;
	*why = "expected positive times and rates";
	if (parse_times(flow, on, off, phase, hz) != 0)
		return -1;
	if (delay != 0)
		flow->delay = calloc(1, sizeof(*flow->delay));
	return 0;
}

int
flow_parse(struct flow *flow, const json_t *json, uint64_t hz)
{
	const char *why;

	*flow = (struct flow){ 0 };
	if (parse(flow, json, hz, &why) == 0)
		return 0;
	fprintf(stderr, "flow %s: %s\n", flow->name, why);
	flow_clear(flow);
	return -1;
}

void
flow_clear(struct flow *flow)
{
	free(flow->frames);
	free(flow->delay);
	*flow = (struct flow){ 0 };
}

/* Adds to a field in network order, which may lie anywhere. */
static void
add(uint8_t *field, unsigned int bytes, uint32_t value)
{
	for (unsigned int i = bytes; i-- > 0; value >>= 8) {
		value += field[i];
		field[i] = (uint8_t)value;
	}
}

static void
vary(struct flow *flow, uint8_t *bytes)
{
	for (uint32_t i = 0; i < flow->n_varied; i++) {
		struct flow_varied *varied = &flow->varied[i];

		add(bytes + varied->at, varied->bytes, varied->next);
		/* A mixed radix counter: the next field moves on when this one is through. */
		if (++varied->next < varied->n)
			break;
		varied->next = 0;
	}
	if (flow->ipv4_at >= 0) {
		struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(void *)(bytes + flow->ipv4_at);

		ip->hdr_checksum = 0;
		ip->hdr_checksum = rte_ipv4_cksum(ip);
	}
}

void
flow_fill(struct flow *flow, struct rte_mbuf *mbuf, const struct flow_mark *mark)
{
	const struct flow_frame *frame = &flow->frames[flow->frame];
	uint8_t *bytes = rte_pktmbuf_mtod(mbuf, uint8_t *);

	memcpy(bytes, frame->bytes, frame->length);
	mbuf->data_len = frame->length;
	mbuf->pkt_len = frame->length;
	if (flow->n_varied > 0)
		vary(flow, bytes);
	if (flow->mark_at >= 0)
		memcpy(bytes + flow->mark_at, mark, sizeof(*mark));
	if (++flow->of_frame < frame->count)
		return;
	flow->of_frame = 0;
	flow->frame = flow->frame + 1 < flow->n_frames ? flow->frame + 1 : 0;
}
