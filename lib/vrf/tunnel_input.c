/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <netinet/in.h>

#include <rte_ring_elem.h>

#include "packet/checksum.h"
#include "vrf/ecn.h"
#include "vrf/ipv4.h"
#include "vrf/ipv6.h"
#include "vrf/send.h"
#include "vrf/tunnel_header.h"
#include "vrf/tunnel_input.h"
#include "vrf/tunnel_table.h"

#define GO_ON VR_DROP_REASONS
/* What tells that there is no tunnel for the packet. */
#define NOT_OURS (VR_DROP_REASONS + 1)

/* A packet on its way out of a tunnel. */
struct leaver {
	struct vr_instance *instance;
	struct rte_mbuf *mbuf;
	struct packet_meta meta; /* the outer packet's */
	uint8_t protocol;        /* of what is behind the outer IP header */
	uint16_t at;             /* of that, in the frame */
	struct tunnel_key key;
	struct tunnel *tunnel;
	uint16_t inner; /* where the inner packet or frame begins */
	uint8_t kind;   /* of it; of a frame not yet known */
};

static bool
is_ipv4(struct packet_meta meta)
{
	return (meta.kind & ~PACKET_GROUP) == PACKET_IPV4;
}

/* The first segment's bytes at the place, `length` of them; NULL: it ends before. */
static const void *
bytes_at(const struct leaver *l, uint32_t at, uint32_t length)
{
	if (at + length > l->mbuf->data_len)
		return NULL;
	return rte_pktmbuf_mtod_offset(l->mbuf, const void *, at);
}

/* The local end is the destination of what comes, the remote one its source. */
static void
read_ends(struct leaver *l)
{
	l->key.local = send_destination(l->mbuf, l->meta);
	if (is_ipv4(l->meta))
		l->key.remote =
			ip_address_of_ipv4(rte_be_to_cpu_32(ipv4_of(l->mbuf, l->meta)->src_addr));
	else
		l->key.remote = ip_address_of_ipv6(ipv6_of(l->mbuf, l->meta)->source);
}

static bool
find(struct leaver *l)
{
	const struct tunnel_table *table =
		__atomic_load_n(&l->instance->vr->tunnel_table, __ATOMIC_ACQUIRE);

	l->tunnel = tunnel_table_find(table, &l->key);
	return l->tunnel != NULL;
}

static int
read_ipip(struct leaver *l)
{
	l->key.type = TUNNEL_IPIP;
	l->inner = l->at;
	l->kind = l->protocol == TUNNEL_PROTOCOL_IPV4 ? PACKET_IPV4 : PACKET_IPV6;
	return find(l) ? GO_ON : NOT_OURS;
}

static bool
sum_ok(const struct leaver *l, uint32_t at, uint64_t pseudo)
{
	uint16_t sum;

	return rte_raw_cksum_mbuf(l->mbuf, at, l->mbuf->pkt_len - at, &sum) == 0 &&
	       checksum_fold(pseudo + sum) == 0xffff;
}

static int
read_gre(struct leaver *l)
{
	const struct gre_header *gre = bytes_at(l, l->at, sizeof(*gre));
	uint32_t at = l->at + sizeof(*gre);
	const void *key;

	if (gre == NULL || (gre->flags & GRE_REFUSED) != 0)
		return VR_DROP_TUNNEL_HEADER;
	l->key.type = TUNNEL_GRE;
	if (gre->flags & GRE_CHECKSUM)
		at += GRE_OPTION;
	if (gre->flags & GRE_KEY) {
		key = bytes_at(l, at, GRE_OPTION);
		if (key == NULL)
			return VR_DROP_TUNNEL_HEADER;
		memcpy(&l->key.key, key, sizeof(l->key.key));
		l->key.key = rte_be_to_cpu_32(l->key.key);
		l->key.has_key = true;
		at += GRE_OPTION;
	}
	if (gre->flags & GRE_SEQUENCE)
		at += GRE_OPTION;
	if (!find(l))
		return NOT_OURS;
	if (at > l->mbuf->data_len)
		return VR_DROP_TUNNEL_HEADER;
	if ((gre->flags & GRE_CHECKSUM) && !sum_ok(l, l->at, 0))
		return VR_DROP_TUNNEL_CHECKSUM;
	l->inner = (uint16_t)at;
	if (gre->protocol == RTE_BE16(RTE_ETHER_TYPE_IPV4))
		l->kind = PACKET_IPV4;
	else if (gre->protocol == RTE_BE16(RTE_ETHER_TYPE_IPV6))
		l->kind = PACKET_IPV6;
	else
		return VR_DROP_TUNNEL_PROTOCOL;
	return GO_ON;
}

/* Zero says that there is none, over IPv6 too (RFC 768, RFC 6935 5). */
static bool
udp_sum_ok(const struct leaver *l, const struct udp_header *udp)
{
	rte_be32_t tail[2] = { rte_cpu_to_be_32(rte_be_to_cpu_16(udp->length)),
		RTE_BE32(IPPROTO_UDP) };
	uint64_t pseudo = checksum_add(tail, sizeof(tail), 0);

	if (udp->checksum == 0)
		return true;
	if (is_ipv4(l->meta))
		pseudo = checksum_add(&ipv4_of(l->mbuf, l->meta)->src_addr, 8, pseudo);
	else
		pseudo = checksum_add(ipv6_of(l->mbuf, l->meta)->source, 32, pseudo);
	return sum_ok(l, l->at, pseudo);
}

static int
read_vxlan(struct leaver *l)
{
	const struct udp_header *udp = bytes_at(l, l->at, sizeof(*udp));
	const struct vxlan_header *vxlan = bytes_at(l, l->at + sizeof(*udp), sizeof(*vxlan));
	uint32_t length, available = l->mbuf->pkt_len - l->at;

	/* One that is too short is for no port. */
	if (udp == NULL || vxlan == NULL)
		return NOT_OURS;
	l->key.type = TUNNEL_VXLAN;
	l->key.port = rte_be_to_cpu_16(udp->destination);
	l->key.has_key = true;
	l->key.key = vxlan_vni(vxlan);
	if (!find(l))
		return NOT_OURS;
	length = rte_be_to_cpu_16(udp->length);
	if (length < sizeof(*udp) + sizeof(*vxlan) || length > available ||
		(vxlan->flags & VXLAN_FLAG_VNI) == 0)
		return VR_DROP_TUNNEL_HEADER;
	if (length < available)
		packet_trim(l->mbuf, available - length);
	if (!udp_sum_ok(l, udp))
		return VR_DROP_TUNNEL_CHECKSUM;
	l->inner = (uint16_t)(l->at + sizeof(*udp) + sizeof(*vxlan));
	return GO_ON;
}

/* The inner frame's kind; it is for the interface, and has no tag (RFC 7348 6.1). */
static int
read_frame(struct leaver *l)
{
	const struct rte_ether_hdr *frame = bytes_at(l, l->inner, sizeof(*frame));

	if (frame == NULL)
		return VR_DROP_TUNNEL_HEADER;
	switch (frame->ether_type) {
	case RTE_BE16(RTE_ETHER_TYPE_IPV4):
		l->kind = PACKET_IPV4;
		break;
	case RTE_BE16(RTE_ETHER_TYPE_IPV6):
		l->kind = PACKET_IPV6;
		break;
	case RTE_BE16(RTE_ETHER_TYPE_ARP):
		l->kind = PACKET_ARP;
		break;
	case RTE_BE16(RTE_ETHER_TYPE_VLAN):
	case RTE_BE16(RTE_ETHER_TYPE_QINQ):
		return VR_DROP_TUNNEL_FRAME;
	default:
		l->kind = PACKET_OTHER;
	}
	if (rte_is_multicast_ether_addr(&frame->dst_addr))
		l->kind |= PACKET_GROUP;
	else if (!rte_is_same_ether_addr(&frame->dst_addr, &l->tunnel->mac))
		return VR_DROP_TUNNEL_FRAME;
	return GO_ON;
}

static uint8_t
outer_tos(const struct leaver *l)
{
	if (is_ipv4(l->meta))
		return ipv4_of(l->mbuf, l->meta)->type_of_service;
	return (uint8_t)(rte_be_to_cpu_32(ipv6_of(l->mbuf, l->meta)->version_class_flow) >> 20);
}

static bool
merge_ipv4(struct rte_ipv4_hdr *ip, uint8_t outer)
{
	uint8_t old = ip->type_of_service, ecn = ecn_leave(old, outer);
	uint16_t old_word, new_word;

	if (ecn == ECN_DROP)
		return false;
	if (ecn == (old & ECN_MASK))
		return true;
	memcpy(&old_word, ip, sizeof(old_word));
	ip->type_of_service = (uint8_t)((old & ~ECN_MASK) | ecn);
	memcpy(&new_word, ip, sizeof(new_word));
	ip->hdr_checksum = checksum_update(ip->hdr_checksum, old_word, new_word);
	return true;
}

static bool
merge_ipv6(struct ipv6_header *ip, uint8_t outer)
{
	uint32_t word = rte_be_to_cpu_32(ip->version_class_flow);
	uint8_t ecn = ecn_leave((uint8_t)(word >> 20), outer);

	if (ecn == ECN_DROP)
		return false;
	word = (word & ~((uint32_t)ECN_MASK << 20)) | (uint32_t)ecn << 20;
	ip->version_class_flow = rte_cpu_to_be_32(word);
	return true;
}

/*
 * What the outer header says of congestion (RFC 6040 4.2). A packet whose header is not whole goes
 * on to be found out.
 */
static bool
merge_ecn(const struct leaver *l)
{
	bool frame = l->tunnel->type == TUNNEL_VXLAN;
	uint32_t at = l->inner + (frame ? (uint32_t)RTE_ETHER_HDR_LEN : 0);
	void *ip = rte_pktmbuf_mtod_offset(l->mbuf, void *, at);
	uint8_t outer = outer_tos(l);

	switch (l->kind & ~PACKET_GROUP) {
	case PACKET_IPV4:
		return bytes_at(l, at, sizeof(struct rte_ipv4_hdr)) == NULL ||
		       merge_ipv4(ip, outer);
	case PACKET_IPV6:
		return bytes_at(l, at, sizeof(struct ipv6_header)) == NULL || merge_ipv6(ip, outer);
	default:
		return true;
	}
}

static int
read(struct leaver *l)
{
	int reason;

	switch (l->protocol) {
	case TUNNEL_PROTOCOL_IPV4:
	case TUNNEL_PROTOCOL_IPV6:
		reason = read_ipip(l);
		break;
	case TUNNEL_PROTOCOL_GRE:
		reason = read_gre(l);
		break;
	case TUNNEL_PROTOCOL_UDP:
		reason = read_vxlan(l);
		break;
	default:
		return NOT_OURS;
	}
	if (reason == GO_ON && l->tunnel->type == TUNNEL_VXLAN)
		reason = read_frame(l);
	if (reason == GO_ON && !merge_ecn(l))
		reason = VR_DROP_TUNNEL_ECN;
	return reason;
}

/* To the router that has the tunnel. */
static void
hand_over(struct vr_instance *instance, struct rte_mbuf *mbuf, const struct tunnel *tunnel,
	struct vr_output *output)
{
	struct vr_tx *tx;

	if (unlikely(output->n >= VR_OUTPUT_MAX - VR_OUTPUT_UNCHECKED))
		send_flush(instance, output);
	tx = &output->frames[output->n++];
	*tx = (struct vr_tx){ mbuf, tunnel->input_port, VR_INTERFACE_NONE, VR_CLASS_FORWARDED };
	vr_instance_send(instance, tx);
}

bool
tunnel_input(struct vr_instance *instance, struct rte_mbuf *mbuf, uint8_t protocol, uint16_t offset,
	struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	struct leaver l = { .instance = instance,
		.mbuf = mbuf,
		.meta = meta,
		.protocol = protocol,
		.at = (uint16_t)(meta.l3_offset + offset) };
	int reason;

	if (likely(instance->vr->tunnel_table == NULL) || (meta.kind & PACKET_GROUP))
		return false;
	read_ends(&l);
	reason = read(&l);
	if (reason == NOT_OURS)
		return false;
	/* There is room for all that one burst and what is injected can bring. */
	if (reason == GO_ON && instance->n_left == VR_LEFT_MAX)
		reason = VR_DROP_TUNNEL_LOOP;
	if (reason != GO_ON) {
		if (l.tunnel != NULL)
			l.tunnel->input_errors++;
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, (enum vr_drop)reason);
		return true;
	}
	rte_pktmbuf_adj(mbuf, l.inner);
	meta = (struct packet_meta){ .interface = l.tunnel->interface,
		.l3_offset = l.tunnel->type == TUNNEL_VXLAN ? RTE_ETHER_HDR_LEN : 0,
		.kind = l.kind };
	packet_meta_set(mbuf, meta);
	if (l.tunnel->elsewhere)
		hand_over(instance, mbuf, l.tunnel, output);
	else
		instance->left[instance->n_left++] = mbuf;
	return true;
}

/* The next lower of the sizes that links are known to have, for who does not tell (RFC 1191 7). */
static uint16_t
plateau(uint16_t length)
{
	static const uint16_t sizes[] = { 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296 };

	for (unsigned int i = 0; i < RTE_DIM(sizes); i++)
		if (sizes[i] < length)
			return sizes[i];
	return 68;
}

/* What an error quotes: a packet of ours, from its IP header on. */
struct quote {
	const uint8_t *ip;
	const uint8_t *end;
	struct tunnel_key key;
	uint16_t length; /* that it says of itself */
};

/* What is behind its IP header, which must not be cut off. */
static bool
quote_key(struct quote *q, uint8_t protocol, const uint8_t *at)
{
	const struct gre_header *gre = (const struct gre_header *)at;
	const struct udp_header *udp = (const struct udp_header *)at;
	rte_be32_t key;

	switch (protocol) {
	case TUNNEL_PROTOCOL_IPV4:
	case TUNNEL_PROTOCOL_IPV6:
		q->key.type = TUNNEL_IPIP;
		return true;
	case TUNNEL_PROTOCOL_GRE:
		q->key.type = TUNNEL_GRE;
		if (at + sizeof(*gre) > q->end || (gre->flags & ~GRE_KEY) != 0)
			return false;
		if (gre->flags == 0)
			return true;
		if (at + sizeof(*gre) + sizeof(key) > q->end)
			return false;
		memcpy(&key, gre + 1, sizeof(key));
		q->key.has_key = true;
		q->key.key = rte_be_to_cpu_32(key);
		return true;
	case TUNNEL_PROTOCOL_UDP:
		q->key.type = TUNNEL_VXLAN;
		if (at + sizeof(*udp) + sizeof(struct vxlan_header) > q->end)
			return false;
		q->key.has_key = true;
		q->key.port = rte_be_to_cpu_16(udp->destination);
		q->key.key = vxlan_vni((const struct vxlan_header *)(udp + 1));
		return true;
	default:
		return false;
	}
}

static bool
quote_read(struct quote *q, bool is_4)
{
	const struct rte_ipv4_hdr *ipv4 = (const struct rte_ipv4_hdr *)q->ip;
	const struct ipv6_header *ipv6 = (const struct ipv6_header *)q->ip;

	/* Ours have neither options nor extension headers. */
	if (is_4) {
		if (q->ip + sizeof(*ipv4) > q->end || ipv4->version_ihl != RTE_IPV4_VHL_DEF)
			return false;
		q->length = rte_be_to_cpu_16(ipv4->total_length);
		q->key.local = ip_address_of_ipv4(rte_be_to_cpu_32(ipv4->src_addr));
		q->key.remote = ip_address_of_ipv4(rte_be_to_cpu_32(ipv4->dst_addr));
		return quote_key(q, ipv4->next_proto_id, (const uint8_t *)(ipv4 + 1));
	}
	if (q->ip + sizeof(*ipv6) > q->end)
		return false;
	q->key.local = ip_address_of_ipv6(ipv6->source);
	q->key.remote = ip_address_of_ipv6(ipv6->destination);
	return quote_key(q, ipv6->next_header, (const uint8_t *)(ipv6 + 1));
}

struct icmp_error_header {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	rte_be32_t info;
} PACKET_HEADER;

enum {
	ICMP4_UNREACHABLE = 3,
	ICMP4_UNREACHABLE_TOO_BIG = 4,
	ICMP6_TOO_BIG = 2,
};

/* The MTU that the error tells of; 0: it is of something else. */
static uint16_t
told_mtu(const struct icmp_error_header *icmp, bool ipv4, const struct quote *q)
{
	uint32_t info = rte_be_to_cpu_32(icmp->info);

	if (!ipv4)
		return icmp->type == ICMP6_TOO_BIG ? (uint16_t)RTE_MIN(info, UINT16_MAX) : 0;
	if (icmp->type != ICMP4_UNREACHABLE || icmp->code != ICMP4_UNREACHABLE_TOO_BIG)
		return 0;
	info &= UINT16_MAX;
	return info != 0 ? (uint16_t)info : plateau(q->length);
}

struct tunnel *
tunnel_of_outer(const struct vr *vr, const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	const struct tunnel_table *table = __atomic_load_n(&vr->tunnel_table, __ATOMIC_ACQUIRE);
	const uint8_t *frame = rte_pktmbuf_mtod(mbuf, const uint8_t *);
	struct quote quote = { .ip = frame + meta.l3_offset, .end = frame + mbuf->data_len };

	if (table == NULL || !quote_read(&quote, is_ipv4(meta)))
		return NULL;
	return tunnel_table_find(table, &quote.key);
}

void
tunnel_tell_mtu(struct vr_instance *instance, const struct tunnel *tunnel, uint16_t mtu)
{
	struct vr_punt punt = { .code = VR_PUNT_TUNNEL_MTU };

	if (tunnel == NULL || !token_bucket_take(&instance->learn, instance->now))
		return;
	punt.tunnel.serial = tunnel->serial;
	punt.tunnel.mtu = mtu;
	rte_ring_sp_enqueue_elem(instance->punt, &punt, sizeof(punt));
}

void
tunnel_error_input(struct vr_instance *instance, const struct rte_mbuf *mbuf, uint16_t offset)
{
	const struct tunnel_table *table =
		__atomic_load_n(&instance->vr->tunnel_table, __ATOMIC_ACQUIRE);
	struct packet_meta meta = packet_meta_get(mbuf);
	const uint8_t *frame = rte_pktmbuf_mtod(mbuf, const uint8_t *);
	const struct icmp_error_header *icmp =
		(const struct icmp_error_header *)(frame + meta.l3_offset + offset);
	struct quote quote = { .ip = (const uint8_t *)(icmp + 1), .end = frame + mbuf->data_len };
	bool ipv4 = is_ipv4(meta);
	struct tunnel *tunnel;
	uint16_t mtu;

	if (table == NULL || quote.ip > quote.end || !quote_read(&quote, ipv4))
		return;
	tunnel = tunnel_table_find(table, &quote.key);
	if (tunnel == NULL)
		return;
	tunnel->icmp_errors++;
	mtu = told_mtu(icmp, ipv4, &quote);
	if (mtu != 0)
		tunnel_tell_mtu(instance, tunnel, mtu);
}
