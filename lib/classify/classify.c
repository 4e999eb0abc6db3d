/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdbool.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_prefetch.h>

#include "classify/classify.h"

#define VLANS 4096
#define MAC_BITS 48

/* What may be where a key has its VLAN. */
#define BAD 0x4000        /* and a drop reason: whatever the destination, the frame is nobody's */
#define INSIDE 0x8000     /* and a VLAN: one inside an outer VLAN */
#define NO_KEY UINT64_MAX /* a group MAC, which no interface has */
#define PREFETCH_AHEAD 4

/*
 * The key of an interface inside an outer VLAN has INSIDE in it, which those of others have not:
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
	uint64_t vlans[VLANS / 64];      /* those with an interface, not inside others */
	struct classify_target *targets; /* ordered by outer VLAN and VLAN */
	struct slot slots[];             /* open addressing, at most half full */
};

static uint64_t
make_key(uint16_t vlan, const void *mac)
{
	uint64_t key;

	memcpy(&key, mac, sizeof(key));
	return (key & ((UINT64_C(1) << MAC_BITS) - 1)) | ((uint64_t)vlan << MAC_BITS);
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
insert(struct classify_table *table, const struct classify_target *target)
{
	bool inside = target->outer_vlan != CLASSIFY_NO_OUTER;
	uint8_t mac[8] = { 0 };
	uint64_t key;
	uint32_t i;

	memcpy(mac, &target->mac, sizeof(target->mac));
	key = make_key(target->vlan | (inside ? INSIDE : 0), mac);
	i = inside ? hash_inside(table, key, target->outer_vlan) : hash(table, key);
	while (table->slots[i].feed != NULL)
		i = (i + 1) & table->mask;
	table->slots[i] = (struct slot){ key, target->feed, target->interface, target->outer_vlan };
	if (!inside)
		table->vlans[target->vlan / 64] |= UINT64_C(1) << (target->vlan % 64);
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
	table->targets = rte_malloc_socket(
		"classify", (n + 1) * sizeof(*targets), RTE_CACHE_LINE_SIZE, socket);
	if (table->targets == NULL) {
		rte_free(table);
		return NULL;
	}
	memcpy(table->targets, targets, n * sizeof(*targets));
	qsort(table->targets, n, sizeof(*targets), by_vlan);
	for (uint32_t i = 0; i < n_slots; i++)
		table->slots[i].key = NO_KEY;
	for (unsigned int i = 0; i < n; i++)
		insert(table, &targets[i]);
	return table;
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

static bool
vlan_known(const struct classify_table *table, uint16_t vlan)
{
	return (table->vlans[vlan / 64] >> (vlan % 64)) & 1;
}

static enum packet_kind
kind_of(rte_be16_t ether_type)
{
	if (ether_type == RTE_BE16(RTE_ETHER_TYPE_IPV4))
		return PACKET_IPV4;
	if (ether_type == RTE_BE16(RTE_ETHER_TYPE_ARP))
		return PACKET_ARP;
	if (ether_type == RTE_BE16(RTE_ETHER_TYPE_IPV6))
		return PACKET_IPV6;
	return PACKET_OTHER;
}

/* The L2 header, read once: 802.1Q tags are followed, VLAN 0 counts as untagged. */
struct l2 {
	uint16_t vlan;  /* as in a key */
	uint8_t offset; /* of L3 */
	uint8_t kind;
};

/* Of a frame without a tag or with one of 802.1Q; what it is not, is PACKET_OTHER. */
static struct l2
parse_l2(const uint8_t *frame, uint32_t length)
{
	struct l2 l2 = { CLASSIFY_UNTAGGED, RTE_ETHER_HDR_LEN, 0 };
	rte_be16_t ether_type, tag;

	memcpy(&ether_type, frame + 12, sizeof(ether_type));
	if (ether_type == RTE_BE16(RTE_ETHER_TYPE_VLAN)) {
		if (unlikely(length < RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN)) {
			l2.vlan = BAD | CLASSIFY_DROP_SHORT;
			return l2;
		}
		memcpy(&tag, frame + 14, sizeof(tag));
		memcpy(&ether_type, frame + 16, sizeof(ether_type));
		l2.vlan = rte_be_to_cpu_16(tag) & (VLANS - 1);
		l2.offset += RTE_VLAN_HLEN;
	}
	l2.kind = kind_of(ether_type);
	return l2;
}

static uint16_t
get16(const uint8_t *frame, uint32_t offset)
{
	return (uint16_t)(frame[offset] << 8 | frame[offset + 1]);
}

/* Below an outer tag, where parse_l2() stops. */
static bool
is_tag(uint16_t ether_type)
{
	return ether_type == RTE_ETHER_TYPE_VLAN || ether_type == RTE_ETHER_TYPE_QINQ;
}

static uint16_t
outer_vlan_of(const uint8_t *frame)
{
	return get16(frame, 14) & (VLANS - 1);
}

static struct l2
bad(enum classify_drop reason)
{
	return (struct l2){ .vlan = (uint16_t)(BAD | reason) };
}

/*
 * Of a frame that begins with an 802.1ad tag. VLAN 0 in it is a priority and no VLAN, so the VLAN
 * of the tag below it is not inside another.
 */
static struct l2
parse_outer(const uint8_t *frame, uint32_t length)
{
	struct l2 l2 = { .offset = RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN };
	uint16_t outer_vlan, type;

	if (length < RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN)
		return bad(CLASSIFY_DROP_SHORT);
	outer_vlan = outer_vlan_of(frame);
	type = get16(frame, 16);
	if (type == RTE_ETHER_TYPE_QINQ)
		return bad(CLASSIFY_DROP_DOUBLE);
	if (type != RTE_ETHER_TYPE_VLAN) {
		if (outer_vlan != CLASSIFY_NO_OUTER)
			return bad(CLASSIFY_DROP_OUTER_ONLY);
		l2.offset = RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN;
		l2.kind = kind_of(rte_cpu_to_be_16(type));
		return l2;
	}
	if (length < l2.offset)
		return bad(CLASSIFY_DROP_SHORT);
	type = get16(frame, 20);
	if (is_tag(type))
		return bad(CLASSIFY_DROP_MORE);
	l2.vlan = get16(frame, 18) & (VLANS - 1);
	l2.kind = kind_of(rte_cpu_to_be_16(type));
	if (outer_vlan == CLASSIFY_NO_OUTER)
		return l2;
	if (l2.vlan == CLASSIFY_UNTAGGED)
		return bad(CLASSIFY_DROP_OUTER_ONLY);
	l2.vlan |= INSIDE;
	return l2;
}

/* Of a frame that is PACKET_OTHER to parse_l2(), which gave `l2`. */
static struct l2
parse_other(const uint8_t *frame, uint32_t length, struct l2 l2)
{
	uint16_t type = get16(frame, l2.offset - sizeof(rte_be16_t));

	if (l2.offset != RTE_ETHER_HDR_LEN)
		return is_tag(type) ? bad(CLASSIFY_DROP_DOUBLE) : l2;
	return type == RTE_ETHER_TYPE_QINQ ? parse_outer(frame, length) : l2;
}

static inline __rte_always_inline void
push(struct feed *feed, uint16_t interface, struct l2 l2, uint8_t flags, struct rte_mbuf *mbuf,
	struct feed **touched)
{
	struct packet_meta meta = { interface, l2.offset, l2.kind | flags };

	packet_meta_set(mbuf, meta);
	if (feed->burst == 0) {
		feed->next_touched = *touched;
		*touched = feed;
		rte_prefetch0(feed->instance);
	}
	if (unlikely(!feed_push(feed, mbuf)))
		rte_pktmbuf_free(mbuf);
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
		push(target->feed, target->interface, l2, PACKET_GROUP, copy, touched);
	}
	push(target->feed, target->interface, l2, PACKET_GROUP, mbuf, touched);
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

/* The first target of the frame's VLAN; NULL: there is none, and the reason is told. */
static const struct classify_target *
find_vlan(const struct classify_table *table, const uint8_t *frame, struct l2 l2,
	enum classify_drop *reason)
{
	uint16_t vlan = l2.vlan & (VLANS - 1);
	const struct classify_target *target, *end = table->targets + table->n_targets;
	uint32_t outer;

	*reason = CLASSIFY_DROP_VLAN;
	if (!(l2.vlan & INSIDE))
		return vlan_known(table, vlan) ? &table->targets[first_of_vlan(table, vlan)] : NULL;
	outer = outer_vlan_of(frame);
	target = &table->targets[first_of_vlan(table, outer << 16 | vlan)];
	if (target < end && both_vlans(target) == (outer << 16 | vlan))
		return target;
	target = &table->targets[first_of_vlan(table, outer << 16)];
	if (target == end || target->outer_vlan != outer)
		*reason = CLASSIFY_DROP_OUTER_VLAN;
	return NULL;
}

/* Everything but a frame for the MAC of an interface. */
static void __rte_noinline
classify_other(const struct classify_table *table, struct rte_mbuf *mbuf, const uint8_t *frame,
	struct l2 l2, struct feed **touched, struct classify_counters *counters)
{
	const struct classify_target *target;
	enum classify_drop reason;

	if (l2.vlan & BAD) {
		drop(mbuf, l2.vlan & ~BAD, counters);
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
	const struct slot *slot; /* NULL: the frame is too short */
	struct l2 l2;
};

/* Frames with an outer tag, or of a type that routers do not know. */
static struct found __rte_noinline
find_other(const struct classify_table *table, const uint8_t *frame, uint32_t length, struct l2 l2)
{
	struct found found = { .l2 = parse_other(frame, length, l2) };
	uint64_t key = make_key(found.l2.vlan, frame);

	found.slot = found.l2.vlan & INSIDE ? find_inside(table, key, outer_vlan_of(frame))
	                                    : find(table, key);
	rte_prefetch0(found.slot->feed);
	return found;
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
		uint64_t key;

		if (i + PREFETCH_AHEAD < n)
			rte_prefetch0(rte_pktmbuf_mtod(mbufs[i + PREFETCH_AHEAD], void *));
		bytes += mbufs[i]->pkt_len;
		found[i].slot = NULL;
		if (unlikely(mbufs[i]->data_len < RTE_ETHER_HDR_LEN))
			continue;
		found[i].l2 = parse_l2(frame, mbufs[i]->data_len);
		if (unlikely(found[i].l2.kind == PACKET_OTHER)) {
			found[i] = find_other(table, frame, mbufs[i]->data_len, found[i].l2);
			continue;
		}
		key = make_key(found[i].l2.vlan, frame);
		if (key != last_key) {
			slot = find(table, key);
			last_key = key;
			rte_prefetch0(slot->feed);
		}
		found[i].slot = slot;
	}
	counters->frames += n;
	counters->bytes += bytes;
}

void
classify_burst(const struct classify_table *table, struct rte_mbuf **mbufs, unsigned int n,
	struct feed **touched, struct classify_counters *counters)
{
	struct found found[PACKET_BURST_MAX];

	find_burst(table, mbufs, n, found, counters);
	for (unsigned int i = 0; i < n; i++) {
		const struct slot *slot = found[i].slot;

		if (unlikely(slot == NULL))
			drop(mbufs[i], CLASSIFY_DROP_SHORT, counters);
		else if (likely(slot->feed != NULL))
			push(slot->feed, slot->interface, found[i].l2, 0, mbufs[i], touched);
		else
			classify_other(table, mbufs[i], rte_pktmbuf_mtod(mbufs[i], uint8_t *),
				found[i].l2, touched, counters);
	}
}
