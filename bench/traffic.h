/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef BENCH_TRAFFIC_H
#define BENCH_TRAFFIC_H

#include <assert.h>
#include <stdint.h>

#include <rte_byteorder.h>

/*
 * A file of traffic, written by scenario.c and played by source.c: this header, then its flows, one
 * frame each, in the order in which they are sent, over and over. A frame is the template with the
 * flow's fields put in. So a million flows take 16 or 24 MB, read in order, and not a million
 * frames in as many buffers: what the program under test waits for are its own tables.
 */

#define TRAFFIC_MAGIC UINT64_C(0x31636966666172e4)
#define TRAFFIC_FRAME 60 /* bytes: 64 with the FCS */

struct traffic_header {
	uint64_t magic;
	uint32_t flows;
	uint8_t is_ipv6;
	uint8_t is_tagged;
	uint8_t reserved[2];
	uint8_t frame[64]; /* the template; what is behind TRAFFIC_FRAME is zero */
};

static_assert(sizeof(struct traffic_header) == 80, "the layout is that of the file");

struct traffic_flow_ipv4 {
	rte_be32_t source;
	rte_be32_t destination;
	rte_be16_t checksum;
	rte_be16_t vlan;
	uint8_t mac; /* the last byte of the destination, where frames are tagged */
	uint8_t reserved[3];
};

struct traffic_flow_ipv6 {
	uint8_t destination[16];
	rte_be32_t source; /* the last four bytes of it */
	rte_be16_t vlan;
	uint8_t mac;
	uint8_t reserved;
};

static_assert(sizeof(struct traffic_flow_ipv4) == 16, "the layout is that of the file");
static_assert(sizeof(struct traffic_flow_ipv6) == 24, "the layout is that of the file");

#endif
