/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <netinet/in.h>

#include <rte_ip.h>

#include "packet/checksum.h"
#include "vrf/icmp.h"
#include "vrf/ipv6.h"
#include "vrf/local.h"
#include "vrf/nd.h"
#include "vrf/send.h"
#include "vrf/tunnel_input.h"

/* An error fits in the MTU that every link has (RFC 4443 3). */
#define ERROR_SIZE_MAX 1280
#define HOP_LIMIT 64

enum type {
	UNREACHABLE = 1,
	TOO_BIG = 2,
	TIME_EXCEEDED = 3,
	PARAMETER_PROBLEM = 4,
	INFORMATIONAL = 128, /* and above; errors are below */
	LISTENER_QUERY = 130,
	LISTENER_REPORT = 131,
	LISTENER_DONE = 132,
	LISTENER_REPORT_2 = 143,
	ECHO_REQUEST = 128,
	ECHO_REPLY = 129,
	REDIRECT = 137,
};

/* RFC 4443 3. */
static const struct {
	uint8_t type;
	uint8_t code;
} errors[ICMP_ERRORS] = {
	[ICMP_ERROR_TTL] = { TIME_EXCEEDED, 0 },
	[ICMP_ERROR_NO_ROUTE] = { UNREACHABLE, 0 },
	[ICMP_ERROR_HOST] = { UNREACHABLE, 3 },
	[ICMP_ERROR_PROHIBITED] = { UNREACHABLE, 1 },
	[ICMP_ERROR_TOO_BIG] = { TOO_BIG, 0 },
	[ICMP_ERROR_PORT] = { UNREACHABLE, 4 },
	[ICMP_ERROR_PROTOCOL] = { PARAMETER_PROBLEM, 1 },
	[ICMP_ERROR_SCOPE] = { UNREACHABLE, 2 },
	[ICMP_ERROR_PARAMETER] = { PARAMETER_PROBLEM, 0 },
	[ICMP_ERROR_OPTION] = { PARAMETER_PROBLEM, 2 },
	[ICMP_ERROR_REASSEMBLY] = { TIME_EXCEEDED, 1 },
};

struct icmp6_header {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	rte_be32_t info;
} PACKET_HEADER;

static_assert(sizeof(struct icmp6_header) == 8, "RFC 4443 2.1");

/* The sum of the pseudo header (RFC 8200 8.1). */
static uint64_t
pseudo_sum(const struct ipv6_header *ip, uint32_t length)
{
	rte_be32_t tail[2] = { rte_cpu_to_be_32(length), RTE_BE32(IPPROTO_ICMPV6) };

	return checksum_add(tail, sizeof(tail), checksum_add(ip->source, 32, 0));
}

uint16_t
icmp6_checksum(const struct ipv6_header *ip, const void *message, uint16_t length)
{
	return (uint16_t)~checksum_fold(checksum_add(message, length, pseudo_sum(ip, length)));
}

/* RFC 4443 2.4 (e); a multicast destination is no reason against two of them. */
bool
icmp6_error_allowed(const struct rte_mbuf *mbuf, struct packet_meta meta, enum icmp_error error)
{
	const struct ipv6_header *ip = ipv6_of(mbuf, meta);
	struct ip_address source = ip_address_of_ipv6(ip->source);
	struct ipv6_upper upper;
	const uint8_t *type;

	if (ip_address_not_a_host(&source) != NULL)
		return false;
	if (((meta.kind & PACKET_GROUP) || ip->destination[0] == 0xff) &&
		error != ICMP_ERROR_TOO_BIG && error != ICMP_ERROR_OPTION)
		return false;
	if (!ipv6_find_upper(mbuf, meta, &upper))
		return true;
	if (upper.fragment) {
		const rte_be16_t *offset = RTE_PTR_ADD(ip, upper.fragment_at + 2);

		if ((*offset & RTE_BE16(0xfff8)) != 0)
			return false;
	}
	if (upper.protocol != IPPROTO_ICMPV6)
		return true;
	type = RTE_PTR_ADD(ip, upper.offset);
	if (type >= rte_pktmbuf_mtod(mbuf, const uint8_t *) + mbuf->data_len)
		return false;
	return *type >= INFORMATIONAL && *type != REDIRECT;
}

static void
fill_ip(struct ipv6_header *ip, uint16_t length, const uint8_t *source, const uint8_t *destination)
{
	ip->version_class_flow = IPV6_VERSION;
	ip->payload_length = rte_cpu_to_be_16(length);
	ip->next_header = IPPROTO_ICMPV6;
	ip->hop_limit = HOP_LIMIT;
	memcpy(ip->source, source, sizeof(ip->source));
	memcpy(ip->destination, destination, sizeof(ip->destination));
}

struct rte_mbuf *
icmp6_make_error(struct vr_instance *instance, const struct rte_mbuf *mbuf, enum icmp_error error,
	uint32_t info, const struct ip_address *source)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	const struct ipv6_header *about = ipv6_of(mbuf, meta);
	uint16_t quoted = RTE_MIN(mbuf->pkt_len - meta.l3_offset,
		ERROR_SIZE_MAX - sizeof(*about) - sizeof(struct icmp6_header));
	struct packet_meta own = { meta.interface, 0, PACKET_IPV6 };
	uint16_t length = sizeof(struct icmp6_header) + quoted;
	struct rte_mbuf *made = rte_pktmbuf_alloc(instance->pool);
	struct icmp6_header *icmp;
	struct ipv6_header *ip;
	const void *quote;

	if (made == NULL)
		return NULL;
	ip = (struct ipv6_header *)rte_pktmbuf_append(made, sizeof(*ip) + length);
	if (ip == NULL) {
		rte_pktmbuf_free(made);
		return NULL;
	}
	fill_ip(ip, length, source->bytes, about->source);
	icmp = (struct icmp6_header *)(ip + 1);
	*icmp = (struct icmp6_header){ .type = errors[error].type,
		.code = errors[error].code,
		.info = rte_cpu_to_be_32(info) };
	/* It gives the address in the packet where the bytes are in one piece. */
	quote = rte_pktmbuf_read(mbuf, meta.l3_offset, quoted, icmp + 1);
	if (quote != icmp + 1)
		memcpy(icmp + 1, quote, quoted);
	icmp->checksum = icmp6_checksum(ip, icmp, length);
	packet_meta_set(made, own);
	return made;
}

static bool
message_ok(const struct rte_mbuf *mbuf, const struct ipv6_header *ip, uint16_t offset)
{
	uint32_t length = sizeof(*ip) + rte_be_to_cpu_16(ip->payload_length) - offset;
	uint32_t at = offset + (uint32_t)((const uint8_t *)ip - rte_pktmbuf_mtod(mbuf, uint8_t *));
	uint16_t sum;

	if (length < 4 || at + 4 > mbuf->data_len ||
		rte_raw_cksum_mbuf(mbuf, at, length, &sum) != 0)
		return false;
	return checksum_fold(pseudo_sum(ip, length) + sum) == 0xffff;
}

/* The address to answer from: the one that was asked, unless that was a group. NULL: none yet. */
static const uint8_t *
answer_source(const struct vr *vr, uint16_t in, const struct ipv6_header *ip)
{
	struct ip_address asker = ip_address_of_ipv6(ip->source);
	const struct ip_address *source;

	if (ip->destination[0] != 0xff)
		return ip->destination;
	source = vr_interface_source(&vr->interfaces[in], &asker);
	return source != NULL ? source->bytes : NULL;
}

/* Turns an echo request into its reply and sends it back. */
static void
echo(struct vr_instance *instance, struct rte_mbuf *mbuf, struct ipv6_header *ip,
	struct icmp6_header *icmp, struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	const uint8_t *own = answer_source(instance->vr, meta.interface, ip);
	uint8_t destination[16], source[16];
	uint16_t old_word, new_word; /* type and code */
	uint16_t extensions = (uint16_t)((uint8_t *)icmp - (uint8_t *)(ip + 1));
	uint64_t sum;

	if (own == NULL) {
		send_drop(instance, mbuf, VR_CLASS_ANSWERED, VR_DROP_ADDRESS_UNUSABLE);
		return;
	}
	if (!token_bucket_take(&instance->echo, instance->now)) {
		send_drop(instance, mbuf, VR_CLASS_ANSWERED, VR_DROP_ECHO_LIMIT);
		return;
	}
	memcpy(source, own, sizeof(source));
	/* Those were for the request. */
	if (extensions != 0) {
		packet_strip(mbuf, meta, sizeof(*ip), extensions);
		ip = ipv6_of(mbuf, meta);
		ip->next_header = IPPROTO_ICMPV6;
		ip->payload_length =
			rte_cpu_to_be_16(rte_be_to_cpu_16(ip->payload_length) - extensions);
	}
	memcpy(destination, ip->source, sizeof(destination));
	memcpy(&old_word, icmp, sizeof(old_word));
	icmp->type = ECHO_REPLY;
	memcpy(&new_word, icmp, sizeof(new_word));
	/* HC' = ~(~HC + ~m + m') over all words that change (RFC 1624); the checksum is not 0. */
	sum = (uint16_t)~icmp->checksum + (uint64_t)(uint16_t)~old_word + new_word;
	sum += (uint64_t)(uint16_t)~checksum_fold(checksum_add(ip->source, 32, 0));
	memcpy(ip->source, source, sizeof(source));
	memcpy(ip->destination, destination, sizeof(destination));
	sum += checksum_fold(checksum_add(ip->source, 32, 0));
	icmp->checksum = (uint16_t)~checksum_fold(sum);
	ip->hop_limit = HOP_LIMIT;
	meta.kind = PACKET_IPV6;
	packet_meta_set(mbuf, meta);
	send_back(instance, mbuf, mbuf, VR_CLASS_ANSWERED, output);
}

/* MLD (RFC 2710, RFC 3810), which is for who routes groups. */
static bool
is_listener_message(uint8_t type)
{
	return type == LISTENER_QUERY || type == LISTENER_REPORT || type == LISTENER_DONE ||
	       type == LISTENER_REPORT_2;
}

void
icmp6_input(struct vr_instance *instance, struct rte_mbuf *mbuf, uint16_t offset,
	struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	struct ipv6_header *ip = ipv6_of(mbuf, meta);
	struct icmp6_header *icmp = RTE_PTR_ADD(ip, offset);
	bool whole = meta.l3_offset + offset + sizeof(*icmp) <= mbuf->data_len;

	if (!message_ok(mbuf, ip, offset)) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_ICMP_CHECKSUM);
		return;
	}
	if (nd_is_message(icmp->type)) {
		nd_input(instance, mbuf, offset, output);
		return;
	}
	if (is_listener_message(icmp->type)) {
		local_to_host(instance, mbuf);
		return;
	}
	if (icmp->type == ECHO_REQUEST && whole) {
		echo(instance, mbuf, ip, icmp, output);
		return;
	}
	if (icmp->type < INFORMATIONAL && whole)
		tunnel_error_input(instance, mbuf, offset);
	instance->counters.consumed++;
	rte_pktmbuf_free(mbuf);
}
