/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CLASSIFY_CLASSIFY_H
#define CLASSIFY_CLASSIFY_H

#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

#include "classify/feed.h"
#include "packet/packet.h"
#include "reclaim/reclaim.h"

/*
 * Which router a frame of a shared queue belongs to, by (VLAN, destination MAC): a hash table of
 * the port's interfaces, made anew by the control thread for each change and swapped in one store,
 * so that workers read it without a lock.
 *
 * A frame for a group address is copied to every interface of its VLAN; each copy is its
 * receiver's to pay.
 */

#define CLASSIFY_UNTAGGED 0

/* Where the frames of one interface go. */
struct classify_target {
	struct feed *feed;
	uint16_t interface; /* index in its router */
	uint16_t vlan;      /* CLASSIFY_UNTAGGED, or 1 .. 4094 */
	struct rte_ether_addr mac;
};

struct classify_table;

/* A table of `n` targets with distinct (vlan, mac). NULL when there is no memory. */
struct classify_table *classify_table_create(
	const struct classify_target *targets, unsigned int n, int socket);

/* Frees it once no worker reads it any more. NULL is allowed. */
void classify_table_retire(struct classify_table *table, struct reclaim *reclaim);

/* Frees it now; no worker may be reading it. NULL is allowed. */
void classify_table_free(struct classify_table *table);

/* Frames that are no router's, by reason. */
#define CLASSIFY_DROP_LIST(X) \
	X(SHORT, "short_frame", "no whole Ethernet header") \
	X(VLAN, "unknown_vlan", "no interface on its VLAN") \
	X(MAC, "unknown_mac", "an interface on its VLAN, but not with its destination") \
	X(TAGS, "outer_tag", "an outer 802.1ad tag")

enum classify_drop {
#define X(symbol, name, text) CLASSIFY_DROP_##symbol,
	CLASSIFY_DROP_LIST(X)
#undef X
	CLASSIFY_DROP_REASONS
};

/* The reason's name in the console and in JSON, and what it means. */
const char *classify_drop_name(enum classify_drop reason);
const char *classify_drop_text(enum classify_drop reason);

/* Counters of one port on the worker that polls it. */
struct classify_counters {
	uint64_t frames;
	uint64_t bytes;
	uint64_t copies;      /* extra frames made for group addresses */
	uint64_t copy_failed; /* no buffer for a copy */
	uint64_t dropped[CLASSIFY_DROP_REASONS];
};

/*
 * Sorts up to PACKET_BURST_MAX frames into feeds, which are put at the front of the list `touched`
 * (linked by feed.next_touched) unless they are on it. They are yet to be published. Frames that
 * a full feed refuses and frames for nobody are freed. Worker.
 *
 * frames = sum over feeds of received - copies + dropped.
 */
void classify_burst(const struct classify_table *table, struct rte_mbuf **mbufs, unsigned int n,
	struct feed **touched, struct classify_counters *counters);

#endif
