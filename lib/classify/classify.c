/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdbool.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_prefetch.h>

#include "classify/classify.h"

#define VLANS 4096
#define VLAN_NONE VLANS /* the tag is cut off, or not 802.1Q */
#define MAC_BITS 48
#define NO_KEY UINT64_MAX /* a group MAC, which no interface has */
#define PREFETCH_AHEAD 4

struct slot {
	uint64_t key;
	struct feed *feed;
	uint32_t interface;
};

struct classify_table {
	struct reclaim_node reclaim;
	uint32_t mask;
	uint32_t hash_shift;
	uint32_t n_targets;
	uint64_t vlans[VLANS / 64];      /* those with an interface */
	struct classify_target *targets; /* ordered by VLAN */
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

static void
insert(struct classify_table *table, const struct classify_target *target)
{
	uint8_t mac[8] = { 0 };
	uint64_t key;
	uint32_t i;

	memcpy(mac, &target->mac, sizeof(target->mac));
	key = make_key(target->vlan, mac);
	for (i = hash(table, key); table->slots[i].feed != NULL; i = (i + 1) & table->mask)
		;
	table->slots[i] = (struct slot){ key, target->feed, target->interface };
	table->vlans[target->vlan / 64] |= UINT64_C(1) << (target->vlan % 64);
}

static int
by_vlan(const void *a, const void *b)
{
	const struct classify_target *left = a;
	const struct classify_target *right = b;

	return (int)left->vlan - (int)right->vlan;
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
	uint16_t vlan;
	uint8_t offset; /* of L3 */
	uint8_t kind;
};

static struct l2
parse_l2(const uint8_t *frame, uint32_t length)
{
	struct l2 l2 = { CLASSIFY_UNTAGGED, RTE_ETHER_HDR_LEN, 0 };
	rte_be16_t ether_type, tag;

	memcpy(&ether_type, frame + 12, sizeof(ether_type));
	if (ether_type == RTE_BE16(RTE_ETHER_TYPE_VLAN)) {
		if (unlikely(length < RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN)) {
			l2.vlan = VLAN_NONE;
			return l2;
		}
		memcpy(&tag, frame + 14, sizeof(tag));
		memcpy(&ether_type, frame + 16, sizeof(ether_type));
		l2.vlan = rte_be_to_cpu_16(tag) & (VLANS - 1);
		l2.offset += RTE_VLAN_HLEN;
	}
	l2.kind = kind_of(ether_type);
	/* Its VLANs are another provider's, not ours. Asked last: IPv4 pays nothing for it. */
	if (unlikely(l2.kind == PACKET_OTHER) && l2.offset == RTE_ETHER_HDR_LEN &&
		ether_type == RTE_BE16(RTE_ETHER_TYPE_QINQ))
		l2.vlan = VLAN_NONE;
	return l2;
}

static __rte_always_inline void
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

static uint32_t
first_of_vlan(const struct classify_table *table, uint16_t vlan)
{
	uint32_t low = 0, high = table->n_targets;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (table->targets[middle].vlan < vlan)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A frame for a group address: the last interface gets the frame, those before it copies. */
static void __rte_noinline
push_group(const struct classify_table *table, struct l2 l2, struct rte_mbuf *mbuf,
	struct feed **touched, struct classify_counters *counters)
{
	const struct classify_target *target = &table->targets[first_of_vlan(table, l2.vlan)];
	const struct classify_target *end = table->targets + table->n_targets;
	struct rte_mbuf *copy;

	for (; target + 1 < end && target[1].vlan == l2.vlan; target++) {
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

/* Everything but a frame for the MAC of an interface. */
static void __rte_noinline
classify_other(const struct classify_table *table, struct rte_mbuf *mbuf, const uint8_t *frame,
	struct l2 l2, struct feed **touched, struct classify_counters *counters)
{
	rte_be16_t ether_type;

	memcpy(&ether_type, frame + 12, sizeof(ether_type));
	if (ether_type == RTE_BE16(RTE_ETHER_TYPE_QINQ))
		drop(mbuf, CLASSIFY_DROP_TAGS, counters);
	else if (l2.vlan == VLAN_NONE)
		drop(mbuf, CLASSIFY_DROP_SHORT, counters);
	else if (!vlan_known(table, l2.vlan))
		drop(mbuf, CLASSIFY_DROP_VLAN, counters);
	else if (frame[0] & 1)
		push_group(table, l2, mbuf, touched, counters);
	else
		drop(mbuf, CLASSIFY_DROP_MAC, counters);
}

/* Where a frame goes, found before the first is pushed so that feeds come into the cache meanwhile.
 */
struct found {
	const struct slot *slot; /* NULL: the frame is too short */
	struct l2 l2;
};

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
			push(slot->feed, (uint16_t)slot->interface, found[i].l2, 0, mbufs[i],
				touched);
		else
			classify_other(table, mbufs[i], rte_pktmbuf_mtod(mbufs[i], uint8_t *),
				found[i].l2, touched, counters);
	}
}
