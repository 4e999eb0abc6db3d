/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <netinet/in.h>

#include <rte_malloc.h>

#include "vrf/icmp.h"
#include "vrf/ipv4.h"
#include "vrf/ipv6.h"
#include "vrf/reassembly.h"
#include "vrf/send.h"

#define DATAGRAM_MAX 65535u

/* Which datagram a fragment is of. No padding: compared as bytes. */
struct key {
	uint8_t source[16];
	uint8_t destination[16];
	uint32_t identification;
	uint16_t family;
	uint16_t protocol; /* IPv4 */
};

static_assert(sizeof(struct key) == 40, "compared as bytes");

/* Where a fragment is in the datagram, in bytes. */
struct piece {
	struct rte_mbuf *mbuf;
	uint16_t offset;
	uint16_t length;
};

/* What a fragment's headers say. */
struct fragment {
	struct key key;
	uint16_t headers; /* bytes of the frame before the fragment's data */
	uint16_t offset;
	uint16_t length;
	bool more;
};

struct datagram {
	struct key key;
	bool used;
	bool spoilt;      /* nothing of it is taken any more */
	uint8_t n;        /* pieces, in order of their offsets */
	uint32_t born;    /* tick */
	uint32_t serial;  /* in order of their coming */
	uint32_t present; /* bytes */
	uint32_t total;   /* bytes; 0: its end has not come */
	struct piece pieces[REASSEMBLY_FRAGMENTS];
};

struct reassembly {
	uint32_t now;    /* tick */
	uint32_t serial; /* of the next datagram */
	/* Atomic: read by others. */
	uint32_t used; /* datagrams */
	uint32_t held; /* pieces */
	struct datagram datagrams[REASSEMBLY_DATAGRAMS];
};

struct fragment_header {
	uint8_t next_header;
	uint8_t reserved;
	rte_be16_t offset_flags; /* the offset in 8 bytes, 3 bits up */
	rte_be32_t identification;
} PACKET_HEADER;

static_assert(sizeof(struct fragment_header) == 8, "RFC 8200 4.5");

struct reassembly *
reassembly_create(int socket)
{
	return rte_zmalloc_socket(
		"reassembly", sizeof(struct reassembly), RTE_CACHE_LINE_SIZE, socket);
}

size_t
reassembly_size(void)
{
	return sizeof(struct reassembly);
}

uint32_t
reassembly_held(const struct reassembly *reassembly)
{
	return __atomic_load_n(&reassembly->held, __ATOMIC_RELAXED);
}

bool
reassembly_is_busy(const struct reassembly *reassembly)
{
	return __atomic_load_n(&reassembly->used, __ATOMIC_RELAXED) > 0;
}

static void
count_used(struct reassembly *reassembly, int32_t change)
{
	__atomic_store_n(&reassembly->used, reassembly->used + (uint32_t)change, __ATOMIC_RELAXED);
}

static void
count_held(struct reassembly *reassembly, int32_t change)
{
	__atomic_store_n(&reassembly->held, reassembly->held + (uint32_t)change, __ATOMIC_RELAXED);
}

uint32_t
reassembly_drop_all(struct reassembly *reassembly)
{
	uint32_t held = reassembly->held;

	for (unsigned int i = 0; i < REASSEMBLY_DATAGRAMS; i++) {
		struct datagram *datagram = &reassembly->datagrams[i];

		for (uint8_t k = 0; k < datagram->n; k++)
			rte_pktmbuf_free(datagram->pieces[k].mbuf);
		*datagram = (struct datagram){ 0 };
	}
	count_used(reassembly, -(int32_t)reassembly->used);
	count_held(reassembly, -(int32_t)held);
	return held;
}

void
reassembly_free(struct reassembly *reassembly)
{
	if (reassembly == NULL)
		return;
	reassembly_drop_all(reassembly);
	rte_free(reassembly);
}

static void
drop(struct vr_instance *instance, struct rte_mbuf *mbuf)
{
	send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_REASSEMBLY);
}

static void
drop_pieces(struct vr_instance *instance, struct datagram *datagram)
{
	count_held(instance->reassembly, -(int32_t)datagram->n);
	for (uint8_t i = 0; i < datagram->n; i++)
		drop(instance, datagram->pieces[i].mbuf);
	datagram->n = 0;
}

static void
forget(struct vr_instance *instance, struct datagram *datagram)
{
	drop_pieces(instance, datagram);
	datagram->used = false;
	count_used(instance->reassembly, -1);
}

/* It stays known until its time is over, so that its other fragments do not make another. */
static void
spoil(struct vr_instance *instance, struct datagram *datagram, struct rte_mbuf *mbuf)
{
	drop_pieces(instance, datagram);
	datagram->spoilt = true;
	drop(instance, mbuf);
}

static struct datagram *
find(struct reassembly *reassembly, const struct key *key)
{
	for (unsigned int i = 0; i < REASSEMBLY_DATAGRAMS && reassembly->used > 0; i++) {
		struct datagram *datagram = &reassembly->datagrams[i];

		if (datagram->used && memcmp(&datagram->key, key, sizeof(*key)) == 0)
			return datagram;
	}
	return NULL;
}

/* The oldest but `keep`; one with pieces, if wanted. NULL: there is none. */
static struct datagram *
oldest(struct reassembly *reassembly, const struct datagram *keep, bool with_pieces)
{
	struct datagram *found = NULL;

	for (unsigned int i = 0; i < REASSEMBLY_DATAGRAMS; i++) {
		struct datagram *datagram = &reassembly->datagrams[i];

		if (!datagram->used || datagram == keep || (with_pieces && datagram->n == 0))
			continue;
		if (found == NULL ||
			reassembly->serial - datagram->serial > reassembly->serial - found->serial)
			found = datagram;
	}
	return found;
}

static struct datagram *
start(struct vr_instance *instance, const struct key *key)
{
	struct reassembly *reassembly = instance->reassembly;
	struct datagram *datagram = reassembly->datagrams;

	if (reassembly->used == REASSEMBLY_DATAGRAMS)
		forget(instance, oldest(reassembly, NULL, false));
	while (datagram->used)
		datagram++;
	*datagram = (struct datagram){
		.key = *key, .used = true, .born = reassembly->now, .serial = reassembly->serial++
	};
	count_used(reassembly, 1);
	return datagram;
}

/* Whether the end of the datagram, as far as it is known, fits with this fragment. */
static bool
end_fits(const struct datagram *datagram, const struct fragment *fragment)
{
	uint32_t end = (uint32_t)fragment->offset + fragment->length;
	const struct piece *last;

	if (datagram->total != 0)
		return fragment->more ? end < datagram->total : end == datagram->total;
	if (fragment->more || datagram->n == 0)
		return true;
	last = &datagram->pieces[datagram->n - 1];
	return (uint32_t)last->offset + last->length <= end;
}

enum fit {
	FITS,
	REPEATS,
	SPOILS,
};

/* Where the fragment comes among the pieces. */
static enum fit
find_place(const struct datagram *datagram, const struct fragment *fragment, uint8_t *place)
{
	uint32_t end = (uint32_t)fragment->offset + fragment->length;
	uint8_t i = 0;

	while (i < datagram->n && datagram->pieces[i].offset < fragment->offset)
		i++;
	*place = i;
	if (i < datagram->n && datagram->pieces[i].offset == fragment->offset &&
		datagram->pieces[i].length == fragment->length)
		return end_fits(datagram, fragment) ? REPEATS : SPOILS;
	if (i < datagram->n && datagram->pieces[i].offset < end)
		return SPOILS;
	if (i > 0 && (uint32_t)datagram->pieces[i - 1].offset + datagram->pieces[i - 1].length >
			     fragment->offset)
		return SPOILS;
	if (datagram->n == REASSEMBLY_FRAGMENTS || !end_fits(datagram, fragment))
		return SPOILS;
	return FITS;
}

static void
insert(struct reassembly *reassembly, struct datagram *datagram, const struct fragment *fragment,
	struct rte_mbuf *mbuf, uint8_t place)
{
	struct piece *piece = &datagram->pieces[place];

	memmove(piece + 1, piece, (datagram->n - place) * sizeof(*piece));
	*piece = (struct piece){ mbuf, fragment->offset, fragment->length };
	datagram->n++;
	datagram->present += fragment->length;
	if (!fragment->more)
		datagram->total = (uint32_t)fragment->offset + fragment->length;
	count_held(reassembly, 1);
}

/* One chain of all pieces; the first keeps its headers. */
static struct rte_mbuf *
join(struct vr_instance *instance, struct datagram *datagram)
{
	struct rte_mbuf *whole = datagram->pieces[0].mbuf;
	uint8_t n = datagram->n;

	for (uint8_t i = 1; i < n; i++)
		/* There are fewer segments than a chain may have. */
		rte_pktmbuf_chain(whole, datagram->pieces[i].mbuf);
	instance->counters.consumed += n - 1u;
	count_held(instance->reassembly, -(int32_t)n);
	datagram->n = 0;
	forget(instance, datagram);
	/* What fits the MTU of a port fits one buffer, and not every port can send more. */
	if (whole->pkt_len - whole->data_len <= rte_pktmbuf_tailroom(whole))
		rte_pktmbuf_linearize(whole);
	return whole;
}

/* Gives the first fragment with all others behind it, once there are all; otherwise NULL. */
static struct rte_mbuf *
take(struct vr_instance *instance, struct rte_mbuf *mbuf, const struct fragment *fragment)
{
	struct reassembly *reassembly = instance->reassembly;
	struct datagram *datagram = find(reassembly, &fragment->key), *other;
	uint8_t place;

	if (datagram == NULL)
		datagram = start(instance, &fragment->key);
	if (datagram->spoilt) {
		drop(instance, mbuf);
		return NULL;
	}
	switch (find_place(datagram, fragment, &place)) {
	case SPOILS:
		spoil(instance, datagram, mbuf);
		return NULL;
	case REPEATS:
		drop(instance, mbuf);
		return NULL;
	case FITS:
		break;
	}
	if (reassembly->held == REASSEMBLY_HELD_MAX) {
		other = oldest(reassembly, datagram, true);
		forget(instance, other);
	}
	if (fragment->offset != 0)
		rte_pktmbuf_adj(mbuf, fragment->headers);
	insert(reassembly, datagram, fragment, mbuf, place);
	return datagram->present == datagram->total ? join(instance, datagram) : NULL;
}

struct rte_mbuf *
reassembly_ipv4(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta)
{
	struct rte_ipv4_hdr *ip = ipv4_of(mbuf, meta);
	uint16_t flags = rte_be_to_cpu_16(ip->fragment_offset), header = ipv4_header_length(ip);
	struct fragment fragment = {
		.key = { .identification = ip->packet_id, .protocol = ip->next_proto_id },
		.headers = meta.l3_offset + header,
		.offset = (uint16_t)((flags & RTE_IPV4_HDR_OFFSET_MASK) * 8),
		.length = rte_be_to_cpu_16(ip->total_length) - header,
		.more = (flags & RTE_IPV4_HDR_MF_FLAG) != 0,
	};

	memcpy(fragment.key.source, &ip->src_addr, sizeof(ip->src_addr));
	memcpy(fragment.key.destination, &ip->dst_addr, sizeof(ip->dst_addr));
	if (fragment.length == 0 || (fragment.more && fragment.length % 8 != 0) ||
		(uint32_t)header + fragment.offset + fragment.length > DATAGRAM_MAX) {
		drop(instance, mbuf);
		return NULL;
	}
	mbuf = take(instance, mbuf, &fragment);
	if (mbuf == NULL)
		return NULL;
	meta = packet_meta_get(mbuf);
	ip = ipv4_of(mbuf, meta);
	if (mbuf->pkt_len - meta.l3_offset > DATAGRAM_MAX) {
		drop(instance, mbuf);
		return NULL;
	}
	ip->total_length = rte_cpu_to_be_16((uint16_t)(mbuf->pkt_len - meta.l3_offset));
	ip->fragment_offset &= RTE_BE16(RTE_IPV4_HDR_DF_FLAG);
	ip->hdr_checksum = 0;
	ip->hdr_checksum = checksum_of(ip, ipv4_header_length(ip));
	return mbuf;
}

/* The extension headers go, the fragment header with them (RFC 8200 4.5). */
static struct rte_mbuf *
strip(struct rte_mbuf *mbuf)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	struct ipv6_header *ip;
	struct ipv6_upper upper;

	ipv6_find_upper(mbuf, meta, &upper);
	packet_strip(mbuf, meta, sizeof(*ip), upper.offset - (uint16_t)sizeof(*ip));
	ip = ipv6_of(mbuf, meta);
	ip->next_header = upper.protocol;
	ip->payload_length =
		rte_cpu_to_be_16((uint16_t)(mbuf->pkt_len - meta.l3_offset - sizeof(*ip)));
	return mbuf;
}

struct rte_mbuf *
reassembly_ipv6(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	uint16_t fragment_at, struct vr_output *output)
{
	const struct ipv6_header *ip = ipv6_of(mbuf, meta);
	const struct fragment_header *header = RTE_PTR_ADD(ip, fragment_at);
	uint16_t flags = rte_be_to_cpu_16(header->offset_flags);
	uint16_t data_at = (uint16_t)(fragment_at + sizeof(*header));
	struct fragment fragment = {
		.key = { .identification = header->identification, .family = IP_FAMILY_IPV6 },
		.headers = meta.l3_offset + data_at,
		.offset = flags & 0xfff8,
		.length = (uint16_t)(sizeof(*ip) + rte_be_to_cpu_16(ip->payload_length) - data_at),
		.more = flags & 1,
	};

	/* One that is whole has nothing to do with others (RFC 6946). */
	if (fragment.offset == 0 && !fragment.more)
		return strip(mbuf);
	if (fragment.more && fragment.length % 8 != 0) {
		icmp_error(instance, mbuf, ICMP_ERROR_PARAMETER,
			offsetof(struct ipv6_header, payload_length), output);
		drop(instance, mbuf);
		return NULL;
	}
	if ((uint32_t)fragment.offset + fragment.length > DATAGRAM_MAX) {
		icmp_error(instance, mbuf, ICMP_ERROR_PARAMETER,
			fragment_at + offsetof(struct fragment_header, offset_flags), output);
		drop(instance, mbuf);
		return NULL;
	}
	if (fragment.length == 0) {
		drop(instance, mbuf);
		return NULL;
	}
	memcpy(fragment.key.source, ip->source, 16);
	memcpy(fragment.key.destination, ip->destination, 16);
	mbuf = take(instance, mbuf, &fragment);
	return mbuf == NULL ? NULL : strip(mbuf);
}

void
reassembly_tick(struct vr_instance *instance, struct vr_output *output)
{
	struct reassembly *reassembly = instance->reassembly;

	reassembly->now++;
	for (unsigned int i = 0; i < REASSEMBLY_DATAGRAMS; i++) {
		struct datagram *datagram = &reassembly->datagrams[i];

		if (!datagram->used || reassembly->now - datagram->born <= REASSEMBLY_TICKS)
			continue;
		if (datagram->n > 0 && datagram->pieces[0].offset == 0)
			icmp_error(instance, datagram->pieces[0].mbuf, ICMP_ERROR_REASSEMBLY, 0,
				output);
		forget(instance, datagram);
	}
}
