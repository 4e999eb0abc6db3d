/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <netinet/in.h>

#include <rte_icmp.h>

#include "packet/checksum.h"
#include "vrf/icmp.h"
#include "vrf/ipv4.h"
#include "vrf/send.h"
#include "vrf/tunnel_input.h"

/* An error fits, IP header included, in what every host takes (RFC 1812 4.3.2.3). */
#define ERROR_SIZE_MAX 576
#define TTL 64

enum type {
	ECHO_REPLY = 0,
	UNREACHABLE = 3,
	SOURCE_QUENCH = 4,
	REDIRECT = 5,
	ECHO_REQUEST = 8,
	TIME_EXCEEDED = 11,
	PARAMETER_PROBLEM = 12,
};

/* RFC 792, RFC 1812 5.2.7.1. */
static const struct {
	uint8_t type;
	uint8_t code;
} errors[ICMP_ERRORS] = {
	[ICMP_ERROR_TTL] = { TIME_EXCEEDED, 0 },
	[ICMP_ERROR_NO_ROUTE] = { UNREACHABLE, 0 },
	[ICMP_ERROR_HOST] = { UNREACHABLE, 1 },
	[ICMP_ERROR_PROHIBITED] = { UNREACHABLE, 13 },
	[ICMP_ERROR_TOO_BIG] = { UNREACHABLE, 4 },
	[ICMP_ERROR_PORT] = { UNREACHABLE, 3 },
	[ICMP_ERROR_PROTOCOL] = { UNREACHABLE, 2 },
	[ICMP_ERROR_PARAMETER] = { PARAMETER_PROBLEM, 0 },
	[ICMP_ERROR_REDIRECT] = { REDIRECT, 1 },
	[ICMP_ERROR_SOURCE_ROUTE] = { UNREACHABLE, 5 },
	[ICMP_ERROR_REASSEMBLY] = { TIME_EXCEEDED, 1 },
};

struct error_header {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	rte_be32_t info;
};

static_assert(sizeof(struct error_header) == 8, "RFC 792");

/* RFC 1812 4.3.2.7: nothing is sent about these. Invalid sources were dropped before. */
bool
icmp4_error_allowed(const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	const struct rte_ipv4_hdr *ip = ipv4_of(mbuf, meta);
	const uint8_t *icmp = (const uint8_t *)ip + ipv4_header_length(ip);

	if (meta.kind & PACKET_GROUP)
		return false;
	if (ip->fragment_offset & RTE_BE16(RTE_IPV4_HDR_OFFSET_MASK))
		return false;
	if (ip->next_proto_id != IPPROTO_ICMP)
		return true;
	if (icmp >= rte_pktmbuf_mtod(mbuf, const uint8_t *) + mbuf->data_len)
		return false;
	return *icmp != UNREACHABLE && *icmp != TIME_EXCEEDED && *icmp != REDIRECT &&
	       *icmp != PARAMETER_PROBLEM && *icmp != SOURCE_QUENCH;
}

static void
fill_ip(struct vr_instance *instance, struct rte_ipv4_hdr *ip, uint16_t length, rte_be32_t source,
	rte_be32_t destination)
{
	ip->version_ihl = RTE_IPV4_VHL_DEF;
	/* Precedence 6, internetwork control (RFC 1812 4.3.2.5). */
	ip->type_of_service = 0xc0;
	ip->total_length = rte_cpu_to_be_16(length);
	ip->packet_id = rte_cpu_to_be_16(instance->identification++);
	ip->fragment_offset = 0;
	ip->time_to_live = TTL;
	ip->next_proto_id = IPPROTO_ICMP;
	ip->hdr_checksum = 0;
	ip->src_addr = source;
	ip->dst_addr = destination;
	ip->hdr_checksum = checksum_of(ip, sizeof(*ip));
}

struct rte_mbuf *
icmp4_make_error(struct vr_instance *instance, const struct rte_mbuf *mbuf, enum icmp_error error,
	uint32_t info, const struct ip_address *source)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	const struct rte_ipv4_hdr *about = ipv4_of(mbuf, meta);
	uint16_t quoted = RTE_MIN(mbuf->data_len - meta.l3_offset,
		ERROR_SIZE_MAX - (int)sizeof(*about) - (int)sizeof(struct error_header));
	uint16_t length = sizeof(*about) + sizeof(struct error_header) + quoted;
	struct packet_meta own = { meta.interface, 0, PACKET_IPV4 };
	struct rte_mbuf *made = rte_pktmbuf_alloc(instance->pool);
	struct error_header *icmp;
	struct rte_ipv4_hdr *ip;

	if (made == NULL)
		return NULL;
	ip = (struct rte_ipv4_hdr *)rte_pktmbuf_append(made, length);
	if (ip == NULL) {
		rte_pktmbuf_free(made);
		return NULL;
	}
	fill_ip(instance, ip, length, rte_cpu_to_be_32(ip_address_to_ipv4(source)),
		about->src_addr);
	icmp = (struct error_header *)(ip + 1);
	*icmp = (struct error_header){ .type = errors[error].type,
		.code = errors[error].code,
		.info = rte_cpu_to_be_32(error == ICMP_ERROR_PARAMETER ? info << 24 : info) };
	memcpy(icmp + 1, about, quoted);
	icmp->checksum = checksum_of(icmp, sizeof(*icmp) + quoted);
	packet_meta_set(made, own);
	return made;
}

static bool
chain_checksum_ok(const struct rte_mbuf *mbuf, uint32_t offset, uint32_t length)
{
	uint16_t sum;

	return rte_raw_cksum_mbuf(mbuf, offset, length, &sum) == 0 && sum == 0xffff;
}

/* Turns an echo request into its reply and sends it back. */
static void
echo(struct vr_instance *instance, struct rte_mbuf *mbuf, struct rte_ipv4_hdr *ip,
	struct rte_icmp_hdr *icmp, const struct ipv4_options *options, struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	rte_be32_t destination = ip->src_addr;
	uint16_t length = rte_be_to_cpu_16(ip->total_length) - ipv4_header_length(ip);
	uint16_t old_word, new_word; /* type and code */

	if (!chain_checksum_ok(mbuf, meta.l3_offset + ipv4_header_length(ip), length)) {
		send_drop(instance, mbuf, VR_CLASS_ANSWERED, VR_DROP_ECHO_CHECKSUM);
		return;
	}
	if (!token_bucket_take(&instance->echo, instance->now)) {
		send_drop(instance, mbuf, VR_CLASS_ANSWERED, VR_DROP_ECHO_LIMIT);
		return;
	}
	memcpy(&old_word, icmp, sizeof(old_word));
	icmp->icmp_type = ECHO_REPLY;
	memcpy(&new_word, icmp, sizeof(new_word));
	icmp->icmp_cksum = checksum_update(icmp->icmp_cksum, old_word, new_word);
	/* Zero has two forms. The update gives this one to a reply of nothing but zeros too, which
	 * only the other makes verify; for all else either does. */
	if (unlikely(icmp->icmp_cksum == 0))
		icmp->icmp_cksum = 0xffff;
	if (options != NULL)
		ipv4_options_reply(ip, options, &destination);
	ip->src_addr = ip->dst_addr;
	ip->dst_addr = destination;
	if (options != NULL)
		ipv4_options_record(instance, mbuf, meta, options, meta.interface);
	ip->time_to_live = TTL;
	ip->packet_id = rte_cpu_to_be_16(instance->identification++);
	ip->hdr_checksum = 0;
	ip->hdr_checksum = checksum_of(ip, ipv4_header_length(ip));
	send_routed(instance, mbuf, VR_CLASS_ANSWERED, output);
}

/* Whether it is an error, and whole. */
static bool
tells_of_packet(const struct rte_mbuf *mbuf, const struct rte_ipv4_hdr *ip,
	const struct rte_icmp_hdr *icmp, const uint8_t *end)
{
	uint32_t at = (uint32_t)((const uint8_t *)icmp - rte_pktmbuf_mtod(mbuf, const uint8_t *));

	return (const uint8_t *)(icmp + 1) <= end &&
	       (icmp->icmp_type == UNREACHABLE || icmp->icmp_type == TIME_EXCEEDED ||
		       icmp->icmp_type == PARAMETER_PROBLEM) &&
	       chain_checksum_ok(mbuf, at,
		       rte_be_to_cpu_16(ip->total_length) - (uint32_t)ipv4_header_length(ip));
}

void
icmp4_input(struct vr_instance *instance, struct rte_mbuf *mbuf, const struct ipv4_options *options,
	struct vr_output *output)
{
	struct rte_ipv4_hdr *ip = ipv4_of(mbuf, packet_meta_get(mbuf));
	struct rte_icmp_hdr *icmp = (struct rte_icmp_hdr *)((uint8_t *)ip + ipv4_header_length(ip));
	uint8_t *end = rte_pktmbuf_mtod(mbuf, uint8_t *) + mbuf->data_len;

	if ((uint8_t *)(icmp + 1) <= end && icmp->icmp_type == ECHO_REQUEST) {
		echo(instance, mbuf, ip, icmp, options, output);
		return;
	}
	if (instance->vr->tunnel_table != NULL && tells_of_packet(mbuf, ip, icmp, end))
		tunnel_error_input(instance, mbuf, ipv4_header_length(ip));
	instance->counters.consumed++;
	rte_pktmbuf_free(mbuf);
}
