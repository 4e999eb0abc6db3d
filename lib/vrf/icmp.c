/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "vrf/icmp.h"
#include "vrf/ipv4.h"
#include "vrf/ipv6.h"
#include "vrf/own_address.h"
#include "vrf/send.h"

static const struct ip_address *
first_address(const struct vr_interface *interface, uint8_t family)
{
	for (uint16_t i = 0; i < interface->n_addresses; i++) {
		const struct ip_address *address = &interface->addresses[i].address;

		if (address->family == family && !ip_address_is_link_local(address) &&
			own_address_state(interface, i) == OWN_ADDRESS_PREFERRED)
			return address;
	}
	return NULL;
}

/*
 * The address that an error about a packet from `about` comes from: that of the subnet it is on,
 * else the first of the interface the packet came in by, else the router's first. NULL: none.
 */
static const struct ip_address *
source_of(const struct vr *vr, uint16_t in, const struct ip_address *about)
{
	const struct vr_interface *interface = &vr->interfaces[in];
	const struct ip_prefix *subnet = vr_interface_subnet(interface, about);
	const struct ip_address *address;

	address = subnet != NULL ? vr_interface_source(interface, about) : NULL;
	if (address != NULL)
		return address;
	address = first_address(interface, about->family);
	for (uint16_t i = 0; address == NULL && i < vr->n_interfaces; i++)
		address = first_address(&vr->interfaces[i], about->family);
	if (address == NULL && about->family == IP_FAMILY_IPV6 && interface->ipv6 &&
		vr_interface_may_use(interface, &interface->link_local))
		address = &interface->link_local;
	return address;
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
	source = source_of(instance->vr, meta.interface, &about);
	if (source == NULL)
		return;
	if (!token_bucket_take(&instance->icmp, instance->now)) {
		instance->counters.icmp_limited++;
		return;
	}
	made = (ipv4 ? icmp4_make_error : icmp6_make_error)(instance, mbuf, error, info, source);
	if (made == NULL)
		instance->counters.originated_lost++;
	else
		send_back(instance, made, mbuf, VR_CLASS_ORIGINATED, output);
}
