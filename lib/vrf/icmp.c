/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "vrf/icmp.h"
#include "vrf/ipv4.h"
#include "vrf/ipv6.h"
#include "vrf/send.h"
#include "vrf/table.h"

bool
icmp_error_in_rate(struct vr_instance *instance)
{
	if (token_bucket_take(&instance->icmp, instance->now))
		return true;
	instance->counters.icmp_limited++;
	return false;
}

/*
 * The address that an error comes from: the one the packet was for, if that is the router's (RFC
 * 4443 2.2), otherwise the one its sender knows the router by. `asked` is where it may be kept.
 */
static const struct ip_address *
source_of(const struct vr *vr, const struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct ip_address *sender, struct ip_address *asked)
{
	*asked = send_destination(mbuf, meta);
	if (ip_address_is_link_local(asked)
			? vr_interface_has(&vr->interfaces[meta.interface], asked)
			: table_lookup(vr, asked) == NEXT_HOP_INDEX_LOCAL)
		return asked;
	return vr_address_towards(vr, meta.interface, sender);
}

void
icmp_error(struct vr_instance *instance, const struct rte_mbuf *mbuf, enum icmp_error error,
	uint32_t info, struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	bool ipv4 = (meta.kind & ~PACKET_GROUP) == PACKET_IPV4;
	const struct ip_address *source;
	struct ip_address about, asked;
	struct rte_mbuf *made;

	if (!(ipv4 ? icmp4_error_allowed(mbuf, meta) : icmp6_error_allowed(mbuf, meta, error)))
		return;
	if (ipv4)
		about = ip_address_of_ipv4(rte_be_to_cpu_32(ipv4_of(mbuf, meta)->src_addr));
	else
		about = ip_address_of_ipv6(ipv6_of(mbuf, meta)->source);
	source = source_of(instance->vr, mbuf, meta, &about, &asked);
	if (source == NULL)
		return;
	if (!icmp_error_in_rate(instance))
		return;
	made = (ipv4 ? icmp4_make_error : icmp6_make_error)(instance, mbuf, error, info, source);
	if (made == NULL)
		instance->counters.originated_lost++;
	else
		send_back(instance, made, mbuf, VR_CLASS_ORIGINATED, output);
}
