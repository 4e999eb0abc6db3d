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
	struct vr_aside *aside = &instance->aside;
	struct vr_tx tx = { frame, instance->vr->interfaces[interface].port, interface,
		VR_CLASS_ORIGINATED };

	if (aside->n == RTE_DIM(aside->frames)) {
		send_drop(instance, frame, VR_CLASS_ORIGINATED, VR_DROP_TX_FULL);
		return;
	}
	vr_instance_send(instance, &tx);
	aside->frames[aside->n++] = tx;
}

void
pipeline_host_flush(struct vr_instance *instance, struct vr_output *output)
{
	struct vr_aside *aside = &instance->aside;

	for (unsigned int i = 0; i < aside->n; i++) {
		if (output->n == VR_OUTPUT_MAX)
			send_output(instance, output);
		output->frames[output->n++] = aside->frames[i];
	}
	aside->n = 0;
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

static void
paths_ipv4(const struct vr *vr, struct rte_mbuf *const *mbufs, const uint8_t *places,
	unsigned int n, uint8_t *paths)
{
	uint32_t sources[PACKET_BURST_MAX], indexes[PACKET_BURST_MAX];

	for (unsigned int i = 0; i < n; i++) {
		const struct rte_mbuf *mbuf = mbufs[places[i]];

		sources[i] = rte_be_to_cpu_32(ipv4_of(mbuf, packet_meta_get(mbuf))->src_addr);
	}
	lpm_lookup_bulk(vr->tables[IP_FAMILY_IPV4], sources, indexes, n);
	for (unsigned int i = 0; i < n; i++)
		paths[places[i]] = path_of(vr, send_next_hop(vr, indexes[i]),
			packet_meta_get(mbufs[places[i]]).interface);
}

static void
paths_ipv6(const struct vr *vr, struct rte_mbuf *const *mbufs, const uint8_t *places,
	unsigned int n, uint8_t *paths)
{
	uint8_t sources[PACKET_BURST_MAX][16];
	uint32_t indexes[PACKET_BURST_MAX];

	for (unsigned int i = 0; i < n; i++) {
		const struct rte_mbuf *mbuf = mbufs[places[i]];

		memcpy(sources[i], ipv6_of(mbuf, packet_meta_get(mbuf))->source, 16);
	}
	lpm6_lookup_bulk(vr->tables[IP_FAMILY_IPV6], (const uint8_t(*)[16])sources, indexes, n);
	for (unsigned int i = 0; i < n; i++) {
		const struct rte_mbuf *mbuf = mbufs[places[i]];
		struct packet_meta meta = packet_meta_get(mbuf);

		if (is_of_link(ipv6_of(mbuf, meta)))
			paths[places[i]] = ELEMENT_PATH_EXISTS | ELEMENT_PATH_INTERFACE;
		else
			paths[places[i]] =
				path_of(vr, send_next_hop(vr, indexes[i]), meta.interface);
	}
}

static void
host_source_paths(void *context, struct rte_mbuf *const *mbufs, unsigned int n, uint8_t *paths)
{
	const struct vr_instance *instance = context;
	uint8_t ipv4[PACKET_BURST_MAX], ipv6[PACKET_BURST_MAX];
	unsigned int n_ipv4 = 0, n_ipv6 = 0;

	for (unsigned int i = 0; i < n; i++) {
		if ((packet_meta_get(mbufs[i]).kind & ~PACKET_GROUP) == PACKET_IPV4)
			ipv4[n_ipv4++] = (uint8_t)i;
		else
			ipv6[n_ipv6++] = (uint8_t)i;
	}
	if (n_ipv4 > 0)
		paths_ipv4(instance->vr, mbufs, ipv4, n_ipv4, paths);
	if (n_ipv6 > 0)
		paths_ipv6(instance->vr, mbufs, ipv6, n_ipv6, paths);
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
