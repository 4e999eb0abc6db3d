/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "vrf/icmp.h"
#include "vrf/ipv4.h"
#include "vrf/ipv6.h"
#include "vrf/send.h"

bool
icmp_error_in_rate(struct vr_instance *instance)
{
	if (token_bucket_take(&instance->icmp, instance->now))
		return true;
	instance->counters.icmp_limited++;
	return false;
}

void
icmp_error(struct vr_instance *instance, const struct rte_mbuf *mbuf, enum icmp_error error,
	uint32_t info, struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	bool ipv4 = (meta.kind & ~PACKET_GROUP) == PACKET_IPV4;
	const struct ip_address *source;
	struct ip_address about;
	struct rte_mbuf *made;

	if (!(ipv4 ? icmp4_error_allowed(mbuf, meta) : icmp6_error_allowed(mbuf, meta, error)))
		return;
	if (ipv4)
		about = ip_address_of_ipv4(rte_be_to_cpu_32(ipv4_of(mbuf, meta)->src_addr));
	else
		about = ip_address_of_ipv6(ipv6_of(mbuf, meta)->source);
	source = vr_address_towards(instance->vr, meta.interface, &about);
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
