/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <string.h>

#include <rte_malloc.h>

#include "classify/l2.h"
#include "worker/handover.h"

#define MAC_MASK ((UINT64_C(1) << 48) - 1)

static inline uint64_t
load_mac(const void *frame)
{
	uint64_t mac;

	memcpy(&mac, frame, sizeof(mac));
	return mac;
}

struct handover_table *
handover_table_create(uint32_t n, int socket)
{
	struct handover_table *table;

	table = rte_zmalloc_socket("handover", sizeof(*table) + n * sizeof(table->ends[0]),
		RTE_CACHE_LINE_SIZE, socket);
	if (table != NULL)
		table->n = n;
	return table;
}

void
handover_table_set(struct handover_table *table, uint32_t end, struct feed *feed,
	const struct vr_interface *interface, bool any_mac)
{
	uint8_t bytes[sizeof(uint64_t)] = { 0 };
	uint64_t mask = any_mac ? 0 : MAC_MASK;

	memcpy(bytes, &interface->mac, sizeof(interface->mac));
	table->ends[end] = (struct handover_end){ .feed = feed,
		.mac = load_mac(bytes) & mask,
		.mac_mask = mask,
		.interface = interface->index,
		.mtu = interface->mtu };
}

void
handover_table_set_tunnel(struct handover_table *table, uint32_t end, struct feed *feed)
{
	table->ends[end] = (struct handover_end){ .feed = feed, .as_is = true };
}

void
handover_table_free(struct handover_table *table)
{
	rte_free(table);
}

static void
free_node(struct reclaim_node *node)
{
	handover_table_free((struct handover_table *)node);
}

void
handover_table_retire(struct handover_table *table, struct reclaim *reclaim)
{
	static_assert(offsetof(struct handover_table, reclaim) == 0, "the node is the table");

	if (table != NULL)
		reclaim_retire(reclaim, &table->reclaim, free_node);
}

/* Anything but an IP or ARP packet for the end's own MAC. */
static struct packet_meta __rte_noinline
take_up_other(const struct handover_end *to, const struct rte_mbuf *mbuf)
{
	const uint8_t *frame = rte_pktmbuf_mtod(mbuf, const uint8_t *);
	struct packet_meta meta = { .interface = to->interface };
	struct l2 l2 = l2_parse(frame, mbuf->data_len);

	if (l2.kind == PACKET_OTHER && !(l2.vlan & L2_BAD))
		l2 = l2_parse_other(frame, mbuf->data_len, l2);
	if (l2.vlan != CLASSIFY_UNTAGGED)
		l2 = (struct l2){ .offset = RTE_ETHER_HDR_LEN, .kind = PACKET_OTHER };
	meta.l3_offset = l2.offset;
	meta.kind = l2.kind;
	if (mbuf->pkt_len - l2.offset > to->mtu)
		meta.kind = PACKET_LONG;
	else if (frame[0] & 1)
		meta.kind |= PACKET_GROUP;
	else if ((load_mac(frame) & to->mac_mask) != to->mac)
		meta.kind = PACKET_STRAY;
	return meta;
}

static inline struct packet_meta
take_up(const struct handover_end *to, const struct rte_mbuf *mbuf)
{
	const uint8_t *frame = rte_pktmbuf_mtod(mbuf, const uint8_t *);
	rte_be16_t ether_type;
	enum packet_kind kind;

	memcpy(&ether_type, frame + 2 * RTE_ETHER_ADDR_LEN, sizeof(ether_type));
	kind = l2_kind(ether_type);
	if (likely(((load_mac(frame) & to->mac_mask) == to->mac) & (kind != PACKET_OTHER) &
		    (mbuf->pkt_len - RTE_ETHER_HDR_LEN <= to->mtu)))
		return (struct packet_meta){ to->interface, RTE_ETHER_HDR_LEN, (uint8_t)kind };
	return take_up_other(to, mbuf);
}

static const struct vr_tx *
refuse(struct vr_instance *vr, const struct vr_tx *tx, const struct vr_tx *last)
{
	uint16_t port = tx->port;

	for (; tx < last && tx->port == port; tx++) {
		vr_instance_unsend(vr, tx);
		vr_instance_lose(vr, tx->class, VR_DROP_LINK_DOWN);
		rte_pktmbuf_free(tx->mbuf);
	}
	return tx;
}

const struct vr_tx *
handover_push(const struct handover_table *table, uint32_t end, struct vr_instance *vr,
	const struct vr_tx *tx, const struct vr_tx *last, struct feed **touched)
{
	struct rte_mbuf *mbufs[VR_OUTPUT_MAX];
	const struct handover_end *to;
	uint16_t port = tx->port;
	struct feed *feed;
	uint32_t n = 0, pushed;

	/* A table is older than a router that is only just being added. */
	if (unlikely(table == NULL || end >= table->n || table->ends[end].feed == NULL))
		return refuse(vr, tx, last);
	to = &table->ends[end];
	feed = to->feed;
	do {
		if (likely(!to->as_is))
			packet_meta_set(tx->mbuf, take_up(to, tx->mbuf));
		mbufs[n++] = tx->mbuf;
		tx++;
	} while (tx < last && tx->port == port);
	if (feed->burst == 0) {
		feed->next_touched = *touched;
		*touched = feed;
	}
	pushed = feed_push(feed, mbufs, n);
	if (unlikely(pushed < n))
		rte_pktmbuf_free_bulk(mbufs + pushed, n - pushed);
	return tx;
}
