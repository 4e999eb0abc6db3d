/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <netinet/in.h>

#include <rte_ip.h>
#include <rte_icmp.h>

#include "packet/checksum.h"
#include "vrf/icmp.h"
#include "vrf/send.h"

/* An error fits, IP header included, in what every host takes (RFC 1812 4.3.2.3). */
#define ERROR_SIZE_MAX 576
#define TTL 64

struct icmp_error_header {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	rte_be16_t unused;
	rte_be16_t mtu;
};

static_assert(sizeof(struct icmp_error_header) == 8, "RFC 792");

static uint8_t
header_length(const struct rte_ipv4_hdr *ip)
{
	return (ip->version_ihl & 0x0f) * 4;
}

static bool
is_fragment(const struct rte_ipv4_hdr *ip)
{
	return (ip->fragment_offset & RTE_BE16(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)) !=
	       0;
}

/* RFC 1812 4.3.2.7: nothing is sent about these. Invalid sources were dropped before. */
static bool
error_forbidden(const struct rte_mbuf *mbuf, struct packet_meta meta, const struct rte_ipv4_hdr *ip)
{
	const uint8_t *icmp = (const uint8_t *)ip + header_length(ip);

	if (meta.kind & PACKET_GROUP)
		return true;
	if (ip->fragment_offset & RTE_BE16(RTE_IPV4_HDR_OFFSET_MASK))
		return true;
	if (ip->next_proto_id != IPPROTO_ICMP)
		return false;
	if (icmp >= rte_pktmbuf_mtod(mbuf, const uint8_t *) + mbuf->data_len)
		return true;
	return *icmp == ICMP_UNREACHABLE || *icmp == ICMP_TIME_EXCEEDED || *icmp == ICMP_REDIRECT ||
	       *icmp == ICMP_PARAMETER_PROBLEM || *icmp == 4;
}

/* The address that an error about a packet from `source` comes from; 0 when there is none. */
static uint32_t
error_source(const struct vr *vr, uint16_t in, uint32_t source)
{
	const struct vr_interface *interface = &vr->interfaces[in];
	const struct vr_address *subnet = vr_interface_subnet(interface, source);

	if (subnet != NULL)
		return subnet->address;
	if (interface->n_addresses > 0)
		return interface->addresses[0].address;
	for (uint16_t i = 0; i < vr->n_interfaces; i++)
		if (vr->interfaces[i].n_addresses > 0)
			return vr->interfaces[i].addresses[0].address;
	return 0;
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

static struct rte_mbuf *
make_error(struct vr_instance *instance, const struct rte_mbuf *mbuf, struct packet_meta meta,
	enum icmp_type type, uint8_t code, uint16_t mtu, uint32_t source)
{
	const struct rte_ipv4_hdr *about =
		rte_pktmbuf_mtod_offset(mbuf, const struct rte_ipv4_hdr *, meta.l3_offset);
	uint16_t quoted = RTE_MIN(mbuf->data_len - meta.l3_offset,
		ERROR_SIZE_MAX - (int)sizeof(*about) - (int)sizeof(struct icmp_error_header));
	uint16_t length = sizeof(*about) + sizeof(struct icmp_error_header) + quoted;
	struct packet_meta own = { meta.interface, 0, PACKET_IPV4 };
	struct rte_mbuf *error = rte_pktmbuf_alloc(instance->pool);
	struct icmp_error_header *icmp;
	struct rte_ipv4_hdr *ip;

	if (error == NULL)
		return NULL;
	ip = (struct rte_ipv4_hdr *)rte_pktmbuf_append(error, length);
	if (ip == NULL) {
		rte_pktmbuf_free(error);
		return NULL;
	}
	fill_ip(instance, ip, length, rte_cpu_to_be_32(source), about->src_addr);
	icmp = (struct icmp_error_header *)(ip + 1);
	*icmp = (struct icmp_error_header){
		.type = type, .code = code, .mtu = rte_cpu_to_be_16(mtu)
	};
	memcpy(icmp + 1, about, quoted);
	icmp->checksum = checksum_of(icmp, sizeof(*icmp) + quoted);
	packet_meta_set(error, own);
	return error;
}

void
icmp_error(struct vr_instance *instance, const struct rte_mbuf *mbuf, enum icmp_type type,
	uint8_t code, uint16_t mtu, struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	const struct rte_ipv4_hdr *ip =
		rte_pktmbuf_mtod_offset(mbuf, const struct rte_ipv4_hdr *, meta.l3_offset);
	struct rte_mbuf *error;
	uint32_t source;

	if (error_forbidden(mbuf, meta, ip))
		return;
	source = error_source(instance->vr, meta.interface, rte_be_to_cpu_32(ip->src_addr));
	if (source == 0)
		return;
	if (!token_bucket_take(&instance->icmp, instance->now)) {
		instance->counters.icmp_limited++;
		return;
	}
	error = make_error(instance, mbuf, meta, type, code, mtu, source);
	if (error == NULL)
		instance->counters.originated_lost++;
	else
		send_routed(instance, error, VR_CLASS_ORIGINATED, output);
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
	struct rte_icmp_hdr *icmp, struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	rte_be32_t destination = ip->src_addr;
	uint16_t length = rte_be_to_cpu_16(ip->total_length) - header_length(ip);
	uint16_t old_word, new_word; /* type and code */

	if (!chain_checksum_ok(mbuf, meta.l3_offset + header_length(ip), length)) {
		send_drop(instance, mbuf, VR_CLASS_ANSWERED, VR_DROP_ECHO_CHECKSUM);
		return;
	}
	if (!token_bucket_take(&instance->echo, instance->now)) {
		send_drop(instance, mbuf, VR_CLASS_ANSWERED, VR_DROP_ECHO_LIMIT);
		return;
	}
	memcpy(&old_word, icmp, sizeof(old_word));
	icmp->icmp_type = ICMP_ECHO_REPLY;
	memcpy(&new_word, icmp, sizeof(new_word));
	icmp->icmp_cksum = checksum_update(icmp->icmp_cksum, old_word, new_word);
	/* Zero has two forms. The update gives this one to a reply of nothing but zeros too, which
	 * only the other makes verify; for all else either does. */
	if (unlikely(icmp->icmp_cksum == 0))
		icmp->icmp_cksum = 0xffff;
	ip->src_addr = ip->dst_addr;
	ip->dst_addr = destination;
	ip->time_to_live = TTL;
	ip->packet_id = rte_cpu_to_be_16(instance->identification++);
	ip->hdr_checksum = 0;
	ip->hdr_checksum = checksum_of(ip, header_length(ip));
	send_routed(instance, mbuf, VR_CLASS_ANSWERED, output);
}

static void
icmp_input(struct vr_instance *instance, struct rte_mbuf *mbuf, struct rte_ipv4_hdr *ip,
	struct vr_output *output)
{
	struct rte_icmp_hdr *icmp = (struct rte_icmp_hdr *)((uint8_t *)ip + header_length(ip));
	uint8_t *end = rte_pktmbuf_mtod(mbuf, uint8_t *) + mbuf->data_len;

	if ((uint8_t *)(icmp + 1) <= end && icmp->icmp_type == ICMP_ECHO_REQUEST) {
		echo(instance, mbuf, ip, icmp, output);
		return;
	}
	instance->counters.consumed++;
	rte_pktmbuf_free(mbuf);
}

void
icmp_local_input(struct vr_instance *instance, struct rte_mbuf *mbuf, struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	struct rte_ipv4_hdr *ip =
		rte_pktmbuf_mtod_offset(mbuf, struct rte_ipv4_hdr *, meta.l3_offset);

	if (is_fragment(ip)) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_LOCAL_FRAGMENT);
		return;
	}
	switch (ip->next_proto_id) {
	case IPPROTO_ICMP:
		icmp_input(instance, mbuf, ip, output);
		return;
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		icmp_error(instance, mbuf, ICMP_UNREACHABLE, ICMP_PORT, 0, output);
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_LOCAL_PORT);
		return;
	default:
		icmp_error(instance, mbuf, ICMP_UNREACHABLE, ICMP_PROTOCOL, 0, output);
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_LOCAL_PROTOCOL);
	}
}
