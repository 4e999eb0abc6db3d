/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_ring_elem.h>

#include "packet/checksum.h"
#include "vrf/flow.h"
#include "vrf/icmp.h"
#include "vrf/ipv4.h"
#include "vrf/ipv6.h"
#include "vrf/send.h"
#include "vrf/table.h"
#include "vrf/tunnel_header.h"
#include "vrf/tunnel_input.h"
#include "vrf/tunnel_output.h"

#define TTL_OF_NO_PACKET 64 /* frames that are not IP have none to inherit */

/* Frames that follow each other into one tunnel. */
struct entry {
	struct vr_instance *instance;
	struct tunnel *tunnel;
	const struct next_hop *way; /* of the outer packets */
	struct vr_output *output;
	unsigned int level; /* headers that this run has put before the frames already */

	/* To be counted: frames that leave by `interface`. */
	uint64_t sent;
	uint64_t sent_bytes;
	uint64_t forwarded; /* of those sent */
	uint16_t interface;
	bool again; /* some have left by a tunnel */
};

/* What the outer header takes from the inner packet. */
struct inner {
	uint8_t tos;
	uint8_t ttl;
	uint8_t protocol; /* TUNNEL_PROTOCOL_IPV4 or _IPV6; 0: neither */
	rte_be16_t ether_type;
};

static inline struct inner
read_ip(const uint8_t *ip)
{
	if (ip[0] >> 4 == 4)
		return (struct inner){ ip[1], ip[8], TUNNEL_PROTOCOL_IPV4,
			RTE_BE16(RTE_ETHER_TYPE_IPV4) };
	return (struct inner){ (uint8_t)(ip[0] << 4 | ip[1] >> 4), ip[7], TUNNEL_PROTOCOL_IPV6,
		RTE_BE16(RTE_ETHER_TYPE_IPV6) };
}

static struct inner
read_frame(const uint8_t *frame)
{
	rte_be16_t ether_type;

	memcpy(&ether_type, frame + 2 * RTE_ETHER_ADDR_LEN, sizeof(ether_type));
	if (ether_type == RTE_BE16(RTE_ETHER_TYPE_IPV4) ||
		ether_type == RTE_BE16(RTE_ETHER_TYPE_IPV6))
		return read_ip(frame + RTE_ETHER_HDR_LEN);
	return (struct inner){ .ttl = TTL_OF_NO_PACKET };
}

/* What tells flows apart to those on the way: the same for all packets of one. */
static uint32_t
frame_hash(const struct vr_instance *instance, const struct rte_mbuf *mbuf)
{
	const uint8_t *frame = rte_pktmbuf_mtod(mbuf, const uint8_t *);
	struct packet_meta meta = { .l3_offset = RTE_ETHER_HDR_LEN };

	switch (read_frame(frame).protocol) {
	case TUNNEL_PROTOCOL_IPV4:
		meta.kind = PACKET_IPV4;
		break;
	case TUNNEL_PROTOCOL_IPV6:
		meta.kind = PACKET_IPV6;
		break;
	default:
		return 0;
	}
	return flow_hash(mbuf, meta, instance->vr->flow_seed);
}

static inline void
fill_ipv4(struct rte_ipv4_hdr *ip, const struct tunnel *tunnel, uint8_t tos, uint8_t ttl,
	uint8_t protocol, uint16_t length)
{
	uint32_t sum = tunnel->sum;

	sum += rte_cpu_to_be_16(tos);
	sum += rte_cpu_to_be_16(length);
	ip->type_of_service = tos;
	ip->total_length = rte_cpu_to_be_16(length);
	ip->time_to_live = ttl;
	if (protocol != 0)
		ip->next_proto_id = protocol;
	sum += rte_cpu_to_be_16((uint16_t)(ttl << 8 | protocol));
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	ip->hdr_checksum = (uint16_t)~sum;
}

static inline void
fill_ipv6(struct ipv6_header *ip, uint8_t tos, uint8_t ttl, uint8_t protocol, uint16_t length)
{
	ip->version_class_flow = rte_cpu_to_be_32(UINT32_C(6) << 28 | (uint32_t)tos << 20);
	ip->payload_length = rte_cpu_to_be_16(length - (uint16_t)sizeof(*ip));
	ip->hop_limit = ttl;
	if (protocol != 0)
		ip->next_header = protocol;
}

/*
 * RFC 7348 4.1 and RFC 6935 let it be zero; over IPv6 it is summed all the same, for hosts that
 * take no zero there. `mbuf` begins with the UDP header.
 */
static uint16_t
udp_checksum(const struct rte_mbuf *mbuf, const struct ipv6_header *ip)
{
	rte_be32_t tail[2] = { rte_cpu_to_be_32(mbuf->pkt_len), RTE_BE32(TUNNEL_PROTOCOL_UDP) };
	uint64_t sum = checksum_add(tail, sizeof(tail), checksum_add(ip->source, 32, 0));
	uint16_t raw = 0, checksum;

	rte_raw_cksum_mbuf(mbuf, 0, mbuf->pkt_len, &raw);
	checksum = (uint16_t)~checksum_fold(sum + raw);
	return checksum != 0 ? checksum : 0xffff;
}

static void
fill_udp(struct rte_mbuf *mbuf, const struct tunnel *tunnel, uint8_t *at, uint32_t hash,
	uint16_t length)
{
	struct udp_header *udp = (struct udp_header *)at;

	udp->source = rte_cpu_to_be_16((uint16_t)(VXLAN_SOURCE_PORT_MIN | hash >> 18));
	udp->length = rte_cpu_to_be_16(length);
	if (tunnel->family == IP_FAMILY_IPV4)
		return;
	rte_pktmbuf_prepend(mbuf, sizeof(*udp) + sizeof(struct vxlan_header));
	udp->checksum = udp_checksum(mbuf, (const struct ipv6_header *)at - 1);
	rte_pktmbuf_adj(mbuf, sizeof(*udp) + sizeof(struct vxlan_header));
}

/* Makes room before the frame by moving it in its buffer. */
static bool __rte_noinline
make_room(struct rte_mbuf *mbuf, uint16_t room)
{
	uint16_t shift = RTE_ALIGN_CEIL(room, RTE_CACHE_LINE_SIZE);
	uint8_t *data = rte_pktmbuf_mtod(mbuf, uint8_t *);

	if (mbuf->nb_segs > 1 || rte_pktmbuf_tailroom(mbuf) < shift)
		return false;
	memmove(data + shift, data, mbuf->data_len);
	mbuf->data_off += shift;
	return true;
}

/* For the outer header and any L2 header. */
static inline bool
has_room(const struct tunnel *tunnel, struct rte_mbuf *mbuf)
{
	uint16_t need = tunnel->header_length + NEXT_HOP_L2_MAX;

	return likely(mbuf->data_off + tunnel->l2 >= need) || make_room(mbuf, need);
}

static inline void
put_ether_type(uint8_t *shim, rte_be16_t ether_type)
{
	memcpy(shim + offsetof(struct gre_header, protocol), &ether_type, sizeof(ether_type));
}

/*
 * Fills in what a packet of a point to point tunnel has of its own, with the rest of the header
 * before `end` already there. Type and family are constants wherever that counts.
 */
static __rte_always_inline void
fill_header(const struct tunnel *tunnel, uint8_t *end, uint8_t type, uint8_t family,
	const struct inner *inner, uint16_t length)
{
	uint8_t *ip = end - tunnel->header_length;
	uint8_t tos = tunnel->tos | (inner->tos & tunnel->dscp_mask);
	uint8_t ttl = tunnel->ttl != 0 ? tunnel->ttl : inner->ttl;
	uint8_t protocol = type == TUNNEL_IPIP ? inner->protocol : 0;
	size_t size =
		family == IP_FAMILY_IPV4 ? sizeof(struct rte_ipv4_hdr) : sizeof(struct ipv6_header);

	if (type == TUNNEL_GRE)
		put_ether_type(ip + size, inner->ether_type);
	if (family == IP_FAMILY_IPV4)
		fill_ipv4((struct rte_ipv4_hdr *)ip, tunnel, tos, ttl, protocol, length);
	else
		fill_ipv6((struct ipv6_header *)ip, tos, ttl, protocol, length);
}

/* Puts the outer header before the frame; there is room. */
static void
put_header(const struct tunnel *tunnel, struct rte_mbuf *mbuf, uint32_t hash, uint16_t length)
{
	uint8_t *end = rte_pktmbuf_mtod_offset(mbuf, uint8_t *, tunnel->l2);
	struct inner inner = tunnel->l2 != 0 ? read_ip(end) : read_frame(end);
	size_t size = tunnel->family == IP_FAMILY_IPV4 ? sizeof(struct rte_ipv4_hdr)
	                                               : sizeof(struct ipv6_header);

	memcpy(end - tunnel->header_length,
		tunnel->header + TUNNEL_HEADER_MAX - tunnel->header_length, tunnel->header_length);
	fill_header(tunnel, end, tunnel->type, tunnel->family, &inner, length);
	if (tunnel->type == TUNNEL_VXLAN)
		fill_udp(mbuf, tunnel, end - tunnel->header_length + size, hash,
			length - (uint16_t)size);
}

/* The frame with its outer IP header, and without L2 header. */
static inline void
begin_at_ip(struct rte_mbuf *mbuf, const struct tunnel *tunnel)
{
	int16_t growth = (int16_t)(tunnel->header_length - tunnel->l2);

	mbuf->data_off = (uint16_t)(mbuf->data_off - growth);
	mbuf->data_len = (uint16_t)(mbuf->data_len + growth);
	mbuf->pkt_len = (uint32_t)((int32_t)mbuf->pkt_len + growth);
}

/* It does not leave: it was never sent, neither by the router nor by the tunnel. */
static void
take_back(struct entry *entry, const struct vr_tx *tx, uint32_t bytes)
{
	struct vr_instance *instance = entry->instance;
	struct vr_interface_counters *counters = &instance->interfaces[entry->tunnel->interface];

	instance->counters.sent[tx->class]--;
	if (tx->class == VR_CLASS_FORWARDED || tx->class == VR_CLASS_FRAGMENT)
		instance->counters.forwarded_bytes -= bytes - TUNNEL_L2;
	counters->tx_packets--;
	counters->tx_bytes -= bytes - entry->tunnel->l2;
}

/* An error to the inner packet's sender, as far as there is room for it without a flush. */
static void
tell_sender(const struct entry *entry, const struct vr_tx *tx, enum icmp_error error, uint32_t info)
{
	struct packet_meta meta = packet_meta_get(tx->mbuf);

	/* Of the router's own making, or already in a tunnel: nobody is to be told. */
	if (tx->class != VR_CLASS_FORWARDED || entry->level > 0 ||
		entry->output->n >= VR_OUTPUT_MAX - VR_OUTPUT_UNCHECKED)
		return;
	meta.l3_offset = TUNNEL_L2;
	packet_meta_set(tx->mbuf, meta);
	icmp_error(entry->instance, tx->mbuf, error, info, entry->output);
}

static void
drop(struct entry *entry, const struct vr_tx *tx, enum vr_drop reason)
{
	entry->tunnel->output_errors++;
	take_back(entry, tx, tx->mbuf->pkt_len);
	send_drop(entry->instance, tx->mbuf, tx->class, reason);
}

/* The way takes less than the tunnel's MTU says: the control thread hears of it (RFC 2003 5.1). */
static void __rte_noinline
too_long(struct entry *entry, const struct vr_tx *tx, uint16_t mtu)
{
	uint16_t overhead = tunnel_overhead(&entry->tunnel->params);

	tunnel_tell_mtu(entry->instance, entry->tunnel, mtu);
	if (mtu > overhead)
		tell_sender(entry, tx, ICMP_ERROR_TOO_BIG, mtu - overhead);
	drop(entry, tx, VR_DROP_MTU);
}

/* One of several next hops, the packet's way, or what leads nowhere. */
static const struct next_hop *
way_of(const struct entry *entry, uint32_t hash)
{
	const struct next_hop *way = entry->way;

	if (way->type != NEXT_HOP_GROUP)
		return way;
	return send_next_hop(entry->instance->vr, way->buckets->indexes[hash & way->buckets->mask]);
}

/* Not straight to a neighbour: false where that is the end of it. */
static bool __rte_noinline
leave_other(struct entry *entry, const struct vr_tx *tx, const struct next_hop *way, uint32_t hash,
	uint16_t length)
{
	struct vr_instance *instance = entry->instance;
	const struct tunnel *tunnel = entry->tunnel;
	bool ipv4 = tunnel->family == IP_FAMILY_IPV4;
	struct packet_meta meta = { .interface = tunnel->interface,
		.kind = PACKET_OUTER | (ipv4 ? PACKET_IPV4 : PACKET_IPV6) };

	if (way->type == NEXT_HOP_STALE) {
		send_tell_used(instance, way);
		return true;
	}
	if (send_has_l2(way))
		return true;
	if (!send_leads_out(way)) {
		tell_sender(entry, tx, ICMP_ERROR_HOST, 0);
		drop(entry, tx, VR_DROP_TUNNEL_ROUTE);
		return false;
	}
	take_back(entry, tx, tx->mbuf->pkt_len);
	put_header(tunnel, tx->mbuf, hash, length);
	begin_at_ip(tx->mbuf, tunnel);
	packet_meta_set(tx->mbuf, meta);
	send_resolve(instance, tx->mbuf, tx->class, way->interface,
		way->type == NEXT_HOP_INCOMPLETE ? &way->address : &tunnel->params.remote);
	return false;
}

static void
count_sent(struct entry *entry, uint16_t next)
{
	struct vr_interface_counters *counters = &entry->instance->interfaces[entry->interface];

	counters->tx_packets += entry->sent;
	counters->tx_bytes += entry->sent_bytes;
	entry->sent = 0;
	entry->sent_bytes = 0;
	entry->interface = next;
}

/* Gives whether the frame is still there, then it is the outer one. */
static inline bool
enter(struct entry *entry, struct vr_tx *tx)
{
	struct tunnel *tunnel = entry->tunnel;
	struct rte_mbuf *mbuf = tx->mbuf;
	uint32_t length = mbuf->pkt_len - tunnel->l2 + tunnel->header_length;
	const struct next_hop *way = entry->way;
	uint32_t hash = tunnel->flow;

	if (tunnel->type == TUNNEL_VXLAN)
		hash = frame_hash(entry->instance, mbuf);
	if (unlikely(way->type == NEXT_HOP_GROUP))
		way = way_of(entry, hash);
	if (unlikely(length > way->mtu && send_leads_out(way))) {
		too_long(entry, tx, way->mtu);
		return false;
	}
	if (!has_room(tunnel, mbuf)) {
		drop(entry, tx, VR_DROP_HEADROOM);
		return false;
	}
	if (unlikely(way->type != NEXT_HOP_NEIGHBOUR) &&
		!leave_other(entry, tx, way, hash, (uint16_t)length))
		return false;
	put_header(tunnel, mbuf, hash, (uint16_t)length);
	begin_at_ip(mbuf, tunnel);
	send_rewrite(mbuf, 0, way);
	if (unlikely(way->interface != entry->interface))
		count_sent(entry, way->interface);
	entry->sent++;
	entry->sent_bytes += mbuf->pkt_len;
	entry->forwarded += (tx->class == VR_CLASS_FORWARDED) | (tx->class == VR_CLASS_FRAGMENT);
	entry->again |= way->port == VR_PORT_TUNNEL;
	tx->port = way->port;
	tx->interface = way->interface;
	return true;
}

/* To another router, as they are: it finds the way. */
static bool
enter_elsewhere(struct entry *entry, struct vr_tx *tx)
{
	struct tunnel *tunnel = entry->tunnel;
	struct rte_mbuf *mbuf = tx->mbuf;
	uint32_t length = mbuf->pkt_len - tunnel->l2 + tunnel->header_length;
	bool ipv4 = tunnel->family == IP_FAMILY_IPV4;
	struct packet_meta meta = { .interface = VR_INTERFACE_NONE,
		.kind = PACKET_OUTER | (ipv4 ? PACKET_IPV4 : PACKET_IPV6) };
	uint32_t hash =
		tunnel->type == TUNNEL_VXLAN ? frame_hash(entry->instance, mbuf) : tunnel->flow;

	if (!has_room(tunnel, mbuf)) {
		drop(entry, tx, VR_DROP_HEADROOM);
		return false;
	}
	put_header(tunnel, mbuf, hash, (uint16_t)length);
	begin_at_ip(mbuf, tunnel);
	packet_meta_set(mbuf, meta);
	entry->forwarded += (tx->class == VR_CLASS_FORWARDED) | (tx->class == VR_CLASS_FRAGMENT);
	tx->port = tunnel->output_port;
	return true;
}

static unsigned int
enter_run_elsewhere(struct entry *entry, struct vr_tx *from, unsigned int n, struct vr_tx *to)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < n; i++)
		if (enter_elsewhere(entry, &from[i]))
			to[kept++] = from[i];
	return kept;
}

static unsigned int
enter_run_other(struct entry *entry, struct vr_tx *from, unsigned int n, struct vr_tx *to)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < n; i++)
		if (likely(enter(entry, &from[i])))
			to[kept++] = from[i];
	return kept;
}

/*
 * Into a point to point tunnel, to one resolved neighbour: what nearly all do. The header is copied
 * in one go, more of it than there is, where there is room for that.
 */
static __rte_always_inline unsigned int
enter_run_straight(struct entry *entry, struct vr_tx *from, unsigned int n, struct vr_tx *to,
	uint8_t type, uint8_t family)
{
	const struct tunnel *tunnel = entry->tunnel;
	const struct next_hop way = *entry->way;
	uint16_t growth = tunnel->header_length - TUNNEL_L2;
	uint16_t whole = growth + way.l2_length;
	uint64_t bytes = 0, forwarded = 0;
	unsigned int kept = 0, others = 0;

	for (unsigned int i = 0; i < n; i++) {
		struct rte_mbuf *mbuf = from[i].mbuf;
		uint32_t length = mbuf->pkt_len + growth;
		uint16_t class = from[i].class;
		struct inner inner;
		uint8_t *end;

		if (unlikely((length > way.mtu) |
			     (mbuf->data_off < TUNNEL_HEADER_MAX + NEXT_HOP_L2_MAX))) {
			if (enter(entry, &from[i]))
				to[kept + others++] = from[i];
			continue;
		}
		end = rte_pktmbuf_mtod_offset(mbuf, uint8_t *, TUNNEL_L2);
		inner = read_ip(end);
		memcpy(end - TUNNEL_HEADER_MAX, tunnel->header, TUNNEL_HEADER_MAX);
		fill_header(tunnel, end, type, family, &inner, (uint16_t)length);
		mbuf->data_off = (uint16_t)(mbuf->data_off - whole);
		mbuf->data_len = (uint16_t)(mbuf->data_len + whole);
		mbuf->pkt_len = length + way.l2_length;
		end -= tunnel->header_length + way.l2_length;
		memcpy(end, way.l2, 14);
		if (unlikely(way.l2_length > 14))
			memcpy(end + 14, way.l2 + 14, way.l2_length - 14);
		bytes += length;
		forwarded += (class == VR_CLASS_FORWARDED) | (class == VR_CLASS_FRAGMENT);
		to[kept + others] = (struct vr_tx){ mbuf, way.port, way.interface, class };
		kept++;
	}
	entry->again |= way.port == VR_PORT_TUNNEL && kept > 0;
	entry->sent += kept;
	entry->sent_bytes += bytes + (uint64_t)kept * way.l2_length;
	entry->forwarded += forwarded;
	return kept + others;
}

static unsigned int
enter_run(struct entry *entry, struct vr_tx *from, unsigned int n, struct vr_tx *to)
{
	const struct tunnel *tunnel = entry->tunnel;
	const struct vr *vr = entry->instance->vr;
	unsigned int kept;

	entry->way = send_next_hop(vr, table_lookup(vr, &tunnel->params.remote));
	entry->interface = entry->way->interface;
	if (entry->way->type != NEXT_HOP_NEIGHBOUR || tunnel->type == TUNNEL_VXLAN)
		kept = enter_run_other(entry, from, n, to);
	else if (tunnel->type == TUNNEL_GRE && tunnel->family == IP_FAMILY_IPV4)
		kept = enter_run_straight(entry, from, n, to, TUNNEL_GRE, IP_FAMILY_IPV4);
	else
		kept = enter_run_straight(entry, from, n, to, tunnel->type, tunnel->family);
	count_sent(entry, 0);
	return kept;
}

/* The `n` frames at `from` go into one tunnel; those that are left go to `to`. Gives how many. */
static unsigned int
enter_all(struct entry *entry, struct vr_tx *from, unsigned int n, struct vr_tx *to)
{
	struct vr_instance *instance = entry->instance;
	const struct tunnel *tunnel = entry->tunnel;
	unsigned int kept;

	/* That header does not travel. */
	instance->interfaces[tunnel->interface].tx_bytes -= (uint64_t)tunnel->l2 * n;
	kept = (tunnel->elsewhere ? enter_run_elsewhere : enter_run)(entry, from, n, to);
	instance->counters.forwarded_bytes +=
		entry->forwarded * (uint64_t)(tunnel->header_length + TUNNEL_L2 - tunnel->l2);
	entry->forwarded = 0;
	return kept;
}

static bool
in_tunnel(const struct vr_tx *tx, uint16_t interface)
{
	return tx->port == VR_PORT_TUNNEL && tx->interface == interface;
}

/* Each frame for a tunnel gets one header more. Gives whether there are such still. */
static bool
enter_once(struct vr_instance *instance, struct vr_output *output, unsigned int level)
{
	struct entry entry = { .instance = instance, .output = output, .level = level };
	unsigned int n = output->n, kept = 0, i = 0, end;
	struct vr_tx *frames = output->frames;

	while (i < n) {
		if (frames[i].port != VR_PORT_TUNNEL) {
			frames[kept++] = frames[i++];
			continue;
		}
		for (end = i + 1; end < n && in_tunnel(&frames[end], frames[i].interface); end++)
			;
		entry.tunnel = instance->vr->interfaces[frames[i].interface].tunnel;
		kept += enter_all(&entry, &frames[i], end - i, &frames[kept]);
		i = end;
	}
	/* What was sent meanwhile: errors, which may go by a tunnel, too. */
	for (; i < output->n; i++) {
		entry.again |= frames[i].port == VR_PORT_TUNNEL;
		frames[kept++] = frames[i];
	}
	output->n = kept;
	return entry.again;
}

/* They have enough headers: their tunnels lead into each other. */
static void
drop_nested(struct vr_instance *instance, struct vr_output *output)
{
	struct entry entry = { .instance = instance, .output = output };
	unsigned int kept = 0;

	for (unsigned int i = 0; i < output->n; i++) {
		struct vr_tx *tx = &output->frames[i];

		if (tx->port != VR_PORT_TUNNEL) {
			output->frames[kept++] = *tx;
			continue;
		}
		entry.tunnel = instance->vr->interfaces[tx->interface].tunnel;
		instance->interfaces[tx->interface].tx_bytes -= entry.tunnel->l2;
		drop(&entry, tx, VR_DROP_TUNNEL_LOOP);
	}
	output->n = kept;
}

void
tunnel_output(struct vr_instance *instance, struct vr_output *output)
{
	for (unsigned int level = 0; level < TUNNEL_LEVELS_MAX; level++)
		if (!enter_once(instance, output, level))
			return;
	drop_nested(instance, output);
}

/* The tunnel's interface has sent it now; `length` is that of the outer packet. */
static void
count_resumed(struct vr_instance *instance, uint16_t interface, uint32_t length)
{
	instance->interfaces[interface].tx_packets++;
	instance->interfaces[interface].tx_bytes +=
		length - instance->vr->interfaces[interface].tunnel->header_length;
}

/* Its header is whole, so that only the way is left to be found, as for the router's own. */
void
tunnel_resume(struct vr_instance *instance, struct rte_mbuf *mbuf, enum vr_class class,
	struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	struct ip_address destination;
	const struct next_hop *way;

	meta.kind &= (uint8_t)~PACKET_OUTER;
	packet_meta_set(mbuf, meta);
	destination = send_destination(mbuf, meta);
	way = send_next_hop(instance->vr, table_lookup(instance->vr, &destination));
	if (way->type == NEXT_HOP_GROUP)
		way = send_member(instance->vr, way, mbuf, meta);
	if (!send_leads_out(way)) {
		send_drop(instance, mbuf, class, VR_DROP_TUNNEL_ROUTE);
		return;
	}
	if (mbuf->pkt_len > way->mtu) {
		tunnel_tell_mtu(instance, tunnel_of_outer(instance->vr, mbuf, meta), way->mtu);
		send_drop(instance, mbuf, class, VR_DROP_MTU);
		return;
	}
	if (!send_has_l2(way)) {
		meta.kind |= PACKET_OUTER;
		packet_meta_set(mbuf, meta);
		send_resolve(instance, mbuf, class, way->interface,
			way->type == NEXT_HOP_INCOMPLETE ? &way->address : &destination);
		return;
	}
	if (way->type == NEXT_HOP_STALE)
		send_tell_used(instance, way);
	if (!send_rewrite(mbuf, 0, way)) {
		send_drop(instance, mbuf, class, VR_DROP_HEADROOM);
		return;
	}
	if (meta.interface != VR_INTERFACE_NONE)
		count_resumed(instance, meta.interface, mbuf->pkt_len - way->l2_length);
	if (class == VR_CLASS_FORWARDED || class == VR_CLASS_FRAGMENT)
		instance->counters.forwarded_bytes += mbuf->pkt_len - way->l2_length;
	send_frame(instance, mbuf, way->port, way->interface, class, output);
}
