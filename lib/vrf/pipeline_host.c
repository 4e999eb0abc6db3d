/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "vrf/ipv4.h"
#include "vrf/ipv6.h"
#include "vrf/pipeline_host.h"
#include "vrf/send.h"
#include "vrf/table.h"

/* Copies bypass the output, which elements are at work on. */
static void
host_send(void *context, struct rte_mbuf *frame, uint16_t interface)
{
	struct vr_instance *instance = context;
	struct vr_tx tx = { frame, instance->vr->interfaces[interface].port, interface,
		VR_CLASS_ORIGINATED };

	if (instance->n_aside == RTE_DIM(instance->aside)) {
		send_drop(instance, frame, VR_CLASS_ORIGINATED, VR_DROP_TX_FULL);
		return;
	}
	vr_instance_send(instance, &tx);
	instance->aside[instance->n_aside++] = tx;
}

void
pipeline_host_flush(struct vr_instance *instance, struct vr_output *output)
{
	for (unsigned int i = 0; i < instance->n_aside; i++) {
		if (output->n == VR_OUTPUT_MAX)
			send_output(instance, output);
		output->frames[output->n++] = instance->aside[i];
	}
	instance->n_aside = 0;
}

/* Whether some of the gateways is behind the interface. */
static bool
group_leads(const struct vr *vr, const struct next_hop *group, uint16_t interface)
{
	for (uint32_t i = 0; i <= group->buckets->mask; i++)
		if (send_next_hop(vr, group->buckets->indexes[i])->interface == interface)
			return true;
	return false;
}

static uint8_t
path_of(const struct vr *vr, const struct next_hop *next_hop, uint16_t interface)
{
	if (next_hop->type == NEXT_HOP_GROUP)
		return ELEMENT_PATH_EXISTS |
		       (group_leads(vr, next_hop, interface) ? ELEMENT_PATH_INTERFACE : 0);
	if (!send_leads_out(next_hop))
		return 0;
	return ELEMENT_PATH_EXISTS |
	       (next_hop->interface == interface ? ELEMENT_PATH_INTERFACE : 0);
}

/* What is of the link alone has no route, and is where it says. */
static bool
is_of_link(const struct ipv6_header *ip)
{
	static const uint8_t unspecified[16];

	return (ip->source[0] == 0xfe && (ip->source[1] & 0xc0) == 0x80) ||
	       memcmp(ip->source, unspecified, sizeof(unspecified)) == 0;
}

/* Of the packets before it, whose path is mostly the same. */
struct last_path {
	uint32_t index;
	uint16_t interface;
	uint8_t path;
};

static inline uint8_t
path_by(const struct vr *vr, uint32_t index, uint16_t interface, struct last_path *last)
{
	if (index != last->index || interface != last->interface)
		*last = (struct last_path){ index, interface,
			path_of(vr, send_next_hop(vr, index), interface) };
	return last->path;
}

static void
paths_ipv4(const struct vr *vr, struct rte_mbuf *const *mbufs, unsigned int n, uint8_t *paths)
{
	uint32_t sources[PACKET_BURST_MAX], indexes[PACKET_BURST_MAX];
	struct last_path last = { .index = LPM_NO_ROUTE };
	unsigned int k = 0;

	do {
		const struct rte_mbuf *mbuf = mbufs[k];

		sources[k] = rte_be_to_cpu_32(ipv4_of(mbuf, packet_meta_get(mbuf))->src_addr);
	} while (++k < n);
	lpm_lookup_bulk(vr->tables[IP_FAMILY_IPV4], sources, indexes, n);
	for (unsigned int i = 0; i < n; i++)
		paths[i] = path_by(vr, indexes[i], packet_meta_get(mbufs[i]).interface, &last);
}

static void
paths_ipv6(const struct vr *vr, struct rte_mbuf *const *mbufs, unsigned int n, uint8_t *paths)
{
	uint8_t sources[PACKET_BURST_MAX][16];
	uint32_t indexes[PACKET_BURST_MAX];
	struct last_path last = { .index = LPM_NO_ROUTE };

	for (unsigned int i = 0; i < n; i++)
		memcpy(sources[i], ipv6_of(mbufs[i], packet_meta_get(mbufs[i]))->source, 16);
	lpm6_lookup_bulk(vr->tables[IP_FAMILY_IPV6], (const uint8_t(*)[16])sources, indexes, n);
	for (unsigned int i = 0; i < n; i++) {
		struct packet_meta meta = packet_meta_get(mbufs[i]);

		if (unlikely(is_of_link(ipv6_of(mbufs[i], meta))))
			paths[i] = ELEMENT_PATH_EXISTS | ELEMENT_PATH_INTERFACE;
		else
			paths[i] = path_by(vr, indexes[i], meta.interface, &last);
	}
}

static void
host_source_paths(void *context, struct rte_mbuf *const *mbufs, unsigned int n, uint8_t *paths)
{
	const struct vr_instance *instance = context;

	if ((packet_meta_get(mbufs[0]).kind & (uint8_t)~PACKET_GROUP) == PACKET_IPV4)
		paths_ipv4(instance->vr, mbufs, n, paths);
	else
		paths_ipv6(instance->vr, mbufs, n, paths);
}

static bool
host_is_own(void *context, uint32_t address)
{
	const struct vr_instance *instance = context;
	struct ip_address own = ip_address_of_ipv4(rte_be_to_cpu_32(address));

	return table_lookup(instance->vr, &own) == NEXT_HOP_INDEX_LOCAL;
}

void
pipeline_host_init(struct vr_instance *instance)
{
	instance->host = (struct element_host){ .context = instance,
		.send = host_send,
		.source_paths = host_source_paths,
		.is_own = host_is_own };
	instance->due = ELEMENT_NEVER;
}
