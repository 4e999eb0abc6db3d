/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CLASSIFY_CLASSIFY_H
#define CLASSIFY_CLASSIFY_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

#include "classify/feed.h"
#include "packet/packet.h"
#include "reclaim/reclaim.h"

/*
 * Which router a frame of a shared queue belongs to, by (outer VLAN, VLAN, destination MAC): a hash
 * table of the port's interfaces, made anew by the control thread for each change and swapped in
 * one store, so that workers read it without a lock.
 *
 * The tags are those of IEEE 802.1Q-2018 clause 9: C is 0x8100 (802.1Q), S is 0x88a8 (802.1ad).
 * VLAN 0 is a priority and no VLAN (9.6), so it counts as if the tag were not there.
 *
 *	none, C(0), S(0), S(0) C(0)	untagged
 *	C(v), S(0) C(v)			VLAN v
 *	S(o) C(v)			VLAN v inside outer VLAN o
 *	S(o), S(o) C(0)			CLASSIFY_DROP_OUTER_ONLY
 *	C C, C S, S S			CLASSIFY_DROP_DOUBLE, whatever their VLANs
 *	S C C, S C S			CLASSIFY_DROP_MORE
 *
 * All of a VLAN that a wire has is the wire's, whoever it is for.
 *
 * A frame for a group address is copied to every interface of its VLAN; each copy is its
 * receiver's to pay.
 */

#define CLASSIFY_UNTAGGED 0
#define CLASSIFY_NO_OUTER 0

/* Where the frames of one interface go. */
struct classify_target {
	struct feed *feed;
	uint16_t interface;  /* index in its router */
	uint16_t outer_vlan; /* CLASSIFY_NO_OUTER, or 1 .. 4094; then `vlan` is one too */
	uint16_t vlan;       /* CLASSIFY_UNTAGGED, or 1 .. 4094 */
	bool any_mac; /* a wire's: it gets all frames of its VLAN, and nobody else is on it */
	struct rte_ether_addr mac;
};

struct classify_table;

/* A table of `n` targets with distinct (outer_vlan, vlan, mac). NULL when there is no memory. */
struct classify_table *classify_table_create(
	const struct classify_target *targets, unsigned int n, int socket);

/* Frees it once no worker reads it any more. NULL is allowed. */
void classify_table_retire(struct classify_table *table, struct reclaim *reclaim);

/* Frees it now; no worker may be reading it. NULL is allowed. */
void classify_table_free(struct classify_table *table);

/* The feed that all its targets have; NULL if they have several, or there are none. Any thread. */
struct feed *classify_table_only_feed(const struct classify_table *table);

/* Frames that are no router's, by reason. */
#define CLASSIFY_DROP_LIST(X) \
	X(SHORT, "short_frame", "no whole Ethernet header") \
	X(VLAN, "unknown_vlan", "no interface on its VLAN") \
	X(OUTER_VLAN, "unknown_outer_vlan", "no interface inside its outer VLAN") \
	X(MAC, "unknown_mac", "an interface on its VLAN, but not with its destination") \
	X(OUTER_ONLY, "outer_tag_only", "an 802.1ad tag with no VLAN inside") \
	X(DOUBLE, "double_tag", "two tags that are not 802.1Q inside 802.1ad") \
	X(MORE, "more_tags", "more than two tags")

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
