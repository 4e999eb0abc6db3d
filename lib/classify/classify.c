/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdbool.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_prefetch.h>

#include "classify/classify.h"
#include "classify/l2.h"

#define MAC_BITS 48
#define MAC_MASK ((UINT64_C(1) << MAC_BITS) - 1)
#define NO_KEY UINT64_MAX /* a group MAC, which no interface has */
#define PREFETCH_AHEAD 4

/*
 * The key of an interface inside an outer VLAN has L2_INSIDE in it, which those of others have not:
 * only who looks for one has to compare outer_vlan, and all others have the look-up they would have
 * without QinQ.
 */
struct slot {
	uint64_t key;
	struct feed *feed;
	uint16_t interface;
	uint16_t outer_vlan;
};

static_assert(sizeof(struct slot) == 24, "two or three a cache line");

struct classify_table {
	struct reclaim_node reclaim;
	uint32_t mask;
	uint32_t hash_shift;
	uint32_t n_targets;
	struct feed *only_feed;
	bool wires;        /* some targets take frames for any MAC: their keys have none */
	uint64_t key_mask; /* what keys have: no MACs where all targets are such */
	uint64_t vlans[L2_VLANS / 64]; /* those with an interface, not inside others */
	uint64_t outer_vlans[L2_VLANS / 64];
	struct classify_target *targets; /* ordered by outer VLAN and VLAN */
	struct slot slots[];             /* open addressing, at most half full */
};

static uint64_t
make_key(uint16_t vlan, const void *mac)
{
	uint64_t key;

	memcpy(&key, mac, sizeof(key));
	return (key & MAC_MASK) | ((uint64_t)vlan << MAC_BITS);
}

/*
 * Fibonacci hashing (Knuth, TAOCP 6.4): the uppermost bits of a product with 2^64 / phi, which
 * depend on every bit of the key. VLANs are at its top: lower bits of the product miss them.
 */
static uint32_t
hash(const struct classify_table *table, uint64_t key)
{
	return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> table->hash_shift);
}

/*
 * The outer VLAN has a multiplier of its own, 2^64 times the fraction of the square root of 3. Were
 * it only added to the key's bits, outer VLANs and MACs that are counted up together would cancel
 * out.
 */
static uint32_t
hash_inside(const struct classify_table *table, uint64_t key, uint16_t outer_vlan)
{
	return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15) +
				  outer_vlan * UINT64_C(0xbb67ae8584caa73b)) >>
			  table->hash_shift);
}

static void
set_bit(uint64_t bits[L2_VLANS / 64], uint16_t vlan)
{
	bits[vlan / 64] |= UINT64_C(1) << (vlan % 64);
}

static bool
has_bit(const uint64_t bits[L2_VLANS / 64], uint16_t vlan)
{
	return (bits[vlan / 64] >> (vlan % 64)) & 1;
}

static void
insert(struct classify_table *table, const struct classify_target *target)
{
	bool inside = target->outer_vlan != CLASSIFY_NO_OUTER;
	uint8_t mac[8] = { 0 };
	uint64_t key;
	uint32_t i;

	if (!target->any_mac)
		memcpy(mac, &target->mac, sizeof(target->mac));
	table->wires |= target->any_mac;
	key = make_key(target->vlan | (inside ? L2_INSIDE : 0), mac);
	i = inside ? hash_inside(table, key, target->outer_vlan) : hash(table, key);
	while (table->slots[i].feed != NULL)
		i = (i + 1) & table->mask;
	table->slots[i] = (struct slot){ key, target->feed, target->interface, target->outer_vlan };
	if (inside)
		set_bit(table->outer_vlans, target->outer_vlan);
	else
		set_bit(table->vlans, target->vlan);
}

static struct feed *
only_feed(const struct classify_target *targets, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++)
		if (targets[i].feed != targets[0].feed)
			return NULL;
	return n > 0 ? targets[0].feed : NULL;
}

static uint32_t
both_vlans(const struct classify_target *target)
{
	return (uint32_t)target->outer_vlan << 16 | target->vlan;
}

static int
by_vlan(const void *a, const void *b)
{
	uint32_t left = both_vlans(a);
	uint32_t right = both_vlans(b);

	return (left > right) - (left < right);
}

struct classify_table *
classify_table_create(const struct classify_target *targets, unsigned int n, int socket)
{
	struct classify_table *table;
	uint32_t n_slots = rte_align32pow2(2 * n + 2);

	table = rte_zmalloc_socket("classify", sizeof(*table) + n_slots * sizeof(table->slots[0]),
		RTE_CACHE_LINE_SIZE, socket);
	if (table == NULL)
		return NULL;
	table->mask = n_slots - 1;
	table->hash_shift = 64 - (uint32_t)__builtin_ctz(n_slots);
	table->n_targets = n;
	table->only_feed = only_feed(targets, n);
	table->targets = rte_malloc_socket(
		"classify", (n + 1) * sizeof(*targets), RTE_CACHE_LINE_SIZE, socket);
	if (table->targets == NULL) {
		rte_free(table);
		return NULL;
	}
	memcpy(table->targets, targets, n * sizeof(*targets));
	table->key_mask = ~MAC_MASK;
	for (unsigned int i = 0; i < n; i++)
		if (!targets[i].any_mac)
			table->key_mask = UINT64_MAX;
	qsort(table->targets, n, sizeof(*targets), by_vlan);
	for (uint32_t i = 0; i < n_slots; i++)
		table->slots[i].key = NO_KEY;
	for (unsigned int i = 0; i < n; i++)
		insert(table, &targets[i]);
	return table;
}

struct feed *
classify_table_only_feed(const struct classify_table *table)
{
	return table->only_feed;
}

void
classify_table_free(struct classify_table *table)
{
	if (table == NULL)
		return;
	rte_free(table->targets);
	rte_free(table);
}

static void
free_node(struct reclaim_node *node)
{
	classify_table_free((struct classify_table *)node);
}

void
classify_table_retire(struct classify_table *table, struct reclaim *reclaim)
{
	static_assert(offsetof(struct classify_table, reclaim) == 0, "the node is the table");

	if (table != NULL)
		reclaim_retire(reclaim, &table->reclaim, free_node);
}

const char *
classify_drop_name(enum classify_drop reason)
{
	static const char *const names[CLASSIFY_DROP_REASONS] = {
#define X(symbol, name, text) [CLASSIFY_DROP_##symbol] = name,
		CLASSIFY_DROP_LIST(X)
#undef X
	};

	return names[reason];
}

const char *
classify_drop_text(enum classify_drop reason)
{
	static const char *const texts[CLASSIFY_DROP_REASONS] = {
#define X(symbol, name, text) [CLASSIFY_DROP_##symbol] = text,
		CLASSIFY_DROP_LIST(X)
#undef X
	};

	return texts[reason];
}

/* Frames that have their meta. */
static __rte_always_inline void
push(struct feed *feed, struct rte_mbuf **mbufs, unsigned int n, struct feed **touched)
{
	unsigned int pushed;

	if (feed->burst == 0) {
		feed->next_touched = *touched;
		*touched = feed;
		rte_prefetch0(feed->instance);
	}
	pushed = feed_push(feed, mbufs, n);
	if (unlikely(pushed < n))
		rte_pktmbuf_free_bulk(mbufs + pushed, n - pushed);
}

static void
push_to(const struct classify_target *target, struct l2 l2, struct rte_mbuf *mbuf,
	struct feed **touched)
{
	struct packet_meta meta = { target->interface, l2.offset, l2.kind | PACKET_GROUP };

	packet_meta_set(mbuf, meta);
	push(target->feed, &mbuf, 1, touched);
}

/* The first target that is not below these VLANs. */
static uint32_t
first_of_vlan(const struct classify_table *table, uint32_t vlans)
{
	uint32_t low = 0, high = table->n_targets;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (both_vlans(&table->targets[middle]) < vlans)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * A frame for a group address: the last interface gets the frame, those before it copies. `target`
 * is the first of its VLAN.
 */
static void
push_group(const struct classify_table *table, const struct classify_target *target, struct l2 l2,
	struct rte_mbuf *mbuf, struct feed **touched, struct classify_counters *counters)
{
	const struct classify_target *end = table->targets + table->n_targets;
	uint32_t vlans = both_vlans(target);
	struct rte_mbuf *copy;

	for (; target + 1 < end && both_vlans(target + 1) == vlans; target++) {
		copy = rte_pktmbuf_copy(mbuf, mbuf->pool, 0, UINT32_MAX);
		if (copy == NULL) {
			counters->copy_failed++;
			continue;
		}
		counters->copies++;
		push_to(target, l2, copy, touched);
	}
	push_to(target, l2, mbuf, touched);
}

static void
drop(struct rte_mbuf *mbuf, enum classify_drop reason, struct classify_counters *counters)
{
	counters->dropped[reason]++;
	rte_pktmbuf_free(mbuf);
}

static const struct slot *
find(const struct classify_table *table, uint64_t key)
{
	uint32_t i = hash(table, key);

	while (table->slots[i].key != key && table->slots[i].feed != NULL)
		i = (i + 1) & table->mask;
	return &table->slots[i];
}

static const struct slot *
find_inside(const struct classify_table *table, uint64_t key, uint16_t outer_vlan)
{
	uint32_t i = hash_inside(table, key, outer_vlan);

	while ((table->slots[i].key != key || table->slots[i].outer_vlan != outer_vlan) &&
		table->slots[i].feed != NULL)
		i = (i + 1) & table->mask;
	return &table->slots[i];
}

/* Of a frame for no interface's MAC: the slot of the wire that its VLAN is, or one without a feed.
 */
static const struct slot *
find_wire(const struct classify_table *table, uint64_t key)
{
	return find(table, key & ~MAC_MASK);
}

/* The first target of the frame's VLAN; NULL: there is none, and the reason is told. */
static const struct classify_target *
find_vlan(const struct classify_table *table, const uint8_t *frame, struct l2 l2,
	enum classify_drop *reason)
{
	uint16_t outer_vlan = l2.vlan & L2_INSIDE ? l2_outer_vlan(frame) : CLASSIFY_NO_OUTER;
	uint32_t vlans = (uint32_t)outer_vlan << 16 | (l2.vlan & (L2_VLANS - 1));
	uint32_t first;

	*reason = CLASSIFY_DROP_OUTER_VLAN;
	if (outer_vlan != CLASSIFY_NO_OUTER && !has_bit(table->outer_vlans, outer_vlan))
		return NULL;
	*reason = CLASSIFY_DROP_VLAN;
	if (outer_vlan == CLASSIFY_NO_OUTER && !has_bit(table->vlans, l2.vlan))
		return NULL;
	first = first_of_vlan(table, vlans);
	if (first == table->n_targets || both_vlans(&table->targets[first]) != vlans)
		return NULL;
	return &table->targets[first];
}

/* Everything but a frame for the MAC of an interface. */
static void __rte_noinline
classify_other(const struct classify_table *table, struct rte_mbuf *mbuf, const uint8_t *frame,
	struct l2 l2, struct feed **touched, struct classify_counters *counters)
{
	const struct classify_target *target;
	enum classify_drop reason;

	if (l2.vlan & L2_BAD) {
		drop(mbuf, l2.vlan & ~L2_BAD, counters);
		return;
	}
	target = find_vlan(table, frame, l2, &reason);
	if (target == NULL)
		drop(mbuf, reason, counters);
	else if (frame[0] & 1)
		push_group(table, target, l2, mbuf, touched, counters);
	else
		drop(mbuf, CLASSIFY_DROP_MAC, counters);
}

/* Where a frame goes, found before the first is pushed so that feeds come into the cache meanwhile.
 */
struct found {
	struct feed *feed; /* NULL: it has no interface's MAC and VLANs */
	struct l2 l2;
};

static inline struct found
keep(struct rte_mbuf *mbuf, const struct slot *slot, struct l2 l2)
{
	struct packet_meta meta = { slot->interface, l2.offset, l2.kind };

	packet_meta_set(mbuf, meta);
	return (struct found){ slot->feed, l2 };
}

static const struct slot *
find_vlans(const struct classify_table *table, uint64_t key, uint16_t vlan, const uint8_t *frame)
{
	return vlan & L2_INSIDE ? find_inside(table, key, l2_outer_vlan(frame)) : find(table, key);
}

/* Frames that are too short, have an outer tag, or are of a type that routers do not know. */
static struct found __rte_noinline
find_other(const struct classify_table *table, struct rte_mbuf *mbuf)
{
	const uint8_t *frame = rte_pktmbuf_mtod(mbuf, const uint8_t *);
	const struct slot *slot;
	struct l2 l2 = { .vlan = L2_BAD | CLASSIFY_DROP_SHORT };
	uint64_t key;

	if (mbuf->data_len < RTE_ETHER_HDR_LEN)
		return (struct found){ NULL, l2 };
	l2 = l2_parse_other(frame, mbuf->data_len, l2_parse(frame, mbuf->data_len));
	key = make_key(l2.vlan, frame);
	slot = find_vlans(table, key, l2.vlan, frame);
	if (unlikely(table->wires && slot->feed == NULL && !(l2.vlan & L2_BAD)))
		slot = find_vlans(table, key & ~MAC_MASK, l2.vlan, frame);
	rte_prefetch0(slot->feed);
	return keep(mbuf, slot, l2);
}

static void
find_burst(const struct classify_table *table, struct rte_mbuf **mbufs, unsigned int n,
	struct found *found, struct classify_counters *counters)
{
	const struct slot *slot = NULL;
	uint64_t last_key = NO_KEY;
	uint64_t bytes = 0;

	for (unsigned int i = 0; i < RTE_MIN(n, PREFETCH_AHEAD); i++)
		rte_prefetch0(rte_pktmbuf_mtod(mbufs[i], void *));
	for (unsigned int i = 0; i < n; i++) {
		const uint8_t *frame = rte_pktmbuf_mtod(mbufs[i], const uint8_t *);
		struct l2 l2;
		uint64_t key;

		if (i + PREFETCH_AHEAD < n)
			rte_prefetch0(rte_pktmbuf_mtod(mbufs[i + PREFETCH_AHEAD], void *));
		bytes += mbufs[i]->pkt_len;
		if (unlikely(mbufs[i]->data_len < RTE_ETHER_HDR_LEN)) {
			found[i] = find_other(table, mbufs[i]);
			continue;
		}
		l2 = l2_parse(frame, mbufs[i]->data_len);
		if (unlikely(l2.kind == PACKET_OTHER)) {
			found[i] = find_other(table, mbufs[i]);
			continue;
		}
		key = make_key(l2.vlan, frame) & table->key_mask;
		if (key != last_key) {
			slot = find(table, key);
			if (unlikely(table->wires && slot->feed == NULL))
				slot = find_wire(table, key);
			last_key = key;
			rte_prefetch0(slot->feed);
		}
		found[i] = keep(mbufs[i], slot, l2);
	}
	counters->frames += n;
	counters->bytes += bytes;
}

void
classify_burst(const struct classify_table *table, struct rte_mbuf **mbufs, unsigned int n,
	struct feed **touched, struct classify_counters *counters)
{
	struct found found[PACKET_BURST_MAX];
	unsigned int run;

	find_burst(table, mbufs, n, found, counters);
	for (unsigned int i = 0; i < n; i += run) {
		run = 1;
		if (unlikely(found[i].feed == NULL)) {
			classify_other(table, mbufs[i], rte_pktmbuf_mtod(mbufs[i], uint8_t *),
				found[i].l2, touched, counters);
			continue;
		}
		while (i + run < n && found[i + run].feed == found[i].feed)
			run++;
		push(found[i].feed, mbufs + i, run, touched);
	}
}
