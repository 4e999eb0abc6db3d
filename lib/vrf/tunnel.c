/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_jhash.h>
#include <rte_malloc.h>

#include "packet/checksum.h"
#include "packet/ipv6_header.h"
#include "vrf/control.h"
#include "vrf/ecn.h"
#include "vrf/neighbour.h"
#include "vrf/tunnel_header.h"
#include "vrf/tunnel_table.h"

static_assert(
	sizeof(struct ipv6_header) + sizeof(struct udp_header) + sizeof(struct vxlan_header) <=
		TUNNEL_HEADER_MAX,
	"the longest header fits");

const char *
tunnel_type_name(enum tunnel_type type)
{
	static const char *const names[] = {
		[TUNNEL_IPIP] = "ipip",
		[TUNNEL_GRE] = "gre",
		[TUNNEL_VXLAN] = "vxlan",
	};

	return names[type];
}

/* Of what is between the outer IP header and the inner packet or frame. */
static uint8_t
shim_length(const struct tunnel_params *params)
{
	switch ((enum tunnel_type)params->type) {
	case TUNNEL_GRE:
		return sizeof(struct gre_header) + (params->has_key ? GRE_OPTION : 0);
	case TUNNEL_VXLAN:
		return sizeof(struct udp_header) + sizeof(struct vxlan_header);
	default:
		return 0;
	}
}

static uint8_t
header_length(const struct tunnel_params *params)
{
	uint8_t ip = params->local.family == IP_FAMILY_IPV4 ? sizeof(struct rte_ipv4_hdr)
	                                                    : sizeof(struct ipv6_header);

	return ip + shim_length(params);
}

uint16_t
tunnel_overhead(const struct tunnel_params *params)
{
	return header_length(params) + (params->type == TUNNEL_VXLAN ? RTE_ETHER_HDR_LEN : 0);
}

/* What the outer IP header says is in it; ipip has each packet say its own. */
static uint8_t
protocol_of(const struct tunnel_params *params)
{
	if (params->type == TUNNEL_IPIP)
		return 0;
	return params->type == TUNNEL_GRE ? TUNNEL_PROTOCOL_GRE : TUNNEL_PROTOCOL_UDP;
}

static void
write_shim(uint8_t *at, const struct tunnel_params *params)
{
	struct gre_header gre = { .flags = params->has_key ? GRE_KEY : 0 };
	struct udp_header udp = { .destination = rte_cpu_to_be_16(params->port) };
	struct vxlan_header vxlan = { .flags = VXLAN_FLAG_VNI };
	rte_be32_t key = rte_cpu_to_be_32(params->key);

	if (params->type == TUNNEL_GRE) {
		memcpy(at, &gre, sizeof(gre));
		if (params->has_key)
			memcpy(at + sizeof(gre), &key, sizeof(key));
	} else if (params->type == TUNNEL_VXLAN) {
		memcpy(vxlan.vni, (const uint8_t *)&key + 1, sizeof(vxlan.vni));
		memcpy(at, &udp, sizeof(udp));
		memcpy(at + sizeof(udp), &vxlan, sizeof(vxlan));
	}
}

/*
 * One that is never cut needs no identification (RFC 6864 4.1), which saves a counter that packets
 * of all tunnels would share.
 */
static void
write_header(struct tunnel *tunnel)
{
	const struct tunnel_params *params = &tunnel->params;
	uint8_t *at = tunnel->header + TUNNEL_HEADER_MAX - tunnel->header_length;
	struct rte_ipv4_hdr ipv4 = { .version_ihl = RTE_IPV4_VHL_DEF,
		.fragment_offset = RTE_BE16(RTE_IPV4_HDR_DF_FLAG),
		.next_proto_id = protocol_of(params) };
	struct ipv6_header ipv6 = { .version_class_flow = IPV6_VERSION,
		.next_header = protocol_of(params) };

	if (params->local.family == IP_FAMILY_IPV4) {
		memcpy(&ipv4.src_addr, params->local.bytes, sizeof(ipv4.src_addr));
		memcpy(&ipv4.dst_addr, params->remote.bytes, sizeof(ipv4.dst_addr));
		tunnel->sum = checksum_fold(checksum_add(&ipv4, sizeof(ipv4), 0));
		memcpy(at, &ipv4, sizeof(ipv4));
		write_shim(at + sizeof(ipv4), params);
	} else {
		memcpy(ipv6.source, params->local.bytes, sizeof(ipv6.source));
		memcpy(ipv6.destination, params->remote.bytes, sizeof(ipv6.destination));
		memcpy(at, &ipv6, sizeof(ipv6));
		write_shim(at + sizeof(ipv6), params);
	}
}

/* What was learnt of the way is too old to be believed. */
static void
forget_mtu(struct timer *timer, uint64_t now)
{
	struct tunnel *tunnel = RTE_PTR_SUB(timer, offsetof(struct tunnel, mtu_timer));

	if (vr_interface_set_mtu(tunnel->vr, tunnel->interface, tunnel->mtu) != 0)
		timer_set(&tunnel->vr->timers, timer, now + CONTROL_RETRY);
}

int
tunnel_add(struct vr *vr, struct vr_interface *interface)
{
	static uint32_t serial;
	const struct tunnel_params *params = interface->tunnel_params;
	struct tunnel *tunnel;

	tunnel = rte_zmalloc_socket("tunnel", sizeof(*tunnel), RTE_CACHE_LINE_SIZE, vr->socket);
	if (tunnel == NULL)
		return -ENOMEM;
	tunnel->params = *params;
	tunnel->header_length = header_length(params);
	tunnel->l2 = params->type == TUNNEL_VXLAN ? 0 : TUNNEL_L2;
	tunnel->type = params->type;
	tunnel->family = params->local.family;
	tunnel->ttl = params->ttl;
	tunnel->tos = params->inherit_dscp ? 0 : (uint8_t)(params->dscp << 2);
	tunnel->dscp_mask = params->inherit_dscp ? UINT8_MAX : ECN_MASK;
	tunnel->interface = interface->index;
	tunnel->key = (struct tunnel_key){ .local = params->local,
		.remote = params->remote,
		.type = params->type,
		.has_key = params->has_key || params->type == TUNNEL_VXLAN,
		.port = params->type == TUNNEL_VXLAN ? params->port : 0,
		.key = params->key };
	tunnel->flow = (uint16_t)rte_jhash(&tunnel->key, sizeof(tunnel->key), vr->flow_seed);
	tunnel->mac = interface->mac;
	tunnel->elsewhere = strcmp(params->router, vr->name) != 0;
	tunnel->output_port = params->output_port;
	tunnel->input_port = params->input_port;
	tunnel->vr = vr;
	tunnel->mtu = interface->mtu;
	tunnel->serial = ++serial;
	write_header(tunnel);
	if (timer_add(&vr->timers, &tunnel->mtu_timer, forget_mtu) != 0) {
		rte_free(tunnel);
		return -ENOMEM;
	}
	interface->tunnel = tunnel;
	interface->tunnel_params = &tunnel->params;
	vr->n_tunnels++;
	return 0;
}

static void
free_table(struct reclaim_node *node)
{
	rte_free(node);
}

static void
publish(struct vr *outer, struct tunnel_table *table)
{
	struct tunnel_table *old = (struct tunnel_table *)(uintptr_t)outer->tunnel_table;

	__atomic_store_n(&outer->tunnel_table, table, __ATOMIC_RELEASE);
	if (old != NULL)
		reclaim_retire(outer->reclaim, &old->reclaim, free_table);
}

int
tunnel_attach(struct tunnel *tunnel, struct vr *outer)
{
	struct tunnel_table *table;

	if (tunnel->outer == outer)
		return 0;
	tunnel_detach(tunnel);
	if (outer->tunnel_table != NULL &&
		tunnel_table_find(outer->tunnel_table, &tunnel->key) != NULL)
		return -EEXIST;
	table = tunnel_table_create(outer, outer->n_attached + 1, tunnel, NULL);
	if (table == NULL)
		return -ENOMEM;
	LIST_INSERT_HEAD(&outer->tunnels, tunnel, link);
	outer->n_attached++;
	tunnel->outer = outer;
	publish(outer, table);
	return 0;
}

/* Without memory for a smaller table the old one goes on without it. */
static void
take_out(struct tunnel_table *table, const struct tunnel *tunnel, struct tunnel *nobody)
{
	for (uint32_t i = 0; i <= table->mask; i++)
		if (table->slots[i] == tunnel)
			__atomic_store_n(&table->slots[i], nobody, __ATOMIC_RELEASE);
}

void
tunnel_detach(struct tunnel *tunnel)
{
	/* No packet has its key: type, port and addresses are of no tunnel. */
	static struct tunnel nobody = { .key = { .type = UINT8_MAX } };
	struct vr *outer = tunnel->outer;
	struct tunnel_table *table = NULL;

	if (outer == NULL)
		return;
	if (outer->n_attached > 1)
		table = tunnel_table_create(outer, outer->n_attached - 1, NULL, tunnel);
	if (table != NULL || outer->n_attached == 1)
		publish(outer, table);
	else
		take_out((struct tunnel_table *)(uintptr_t)outer->tunnel_table, tunnel, &nobody);
	LIST_REMOVE(tunnel, link);
	outer->n_attached--;
	tunnel->outer = NULL;
}

static uint16_t
least_mtu(const struct tunnel *tunnel)
{
	uint16_t outer =
		tunnel->family == IP_FAMILY_IPV4 ? TUNNEL_MTU_MIN_IPV4 : TUNNEL_MTU_MIN_IPV6;
	uint16_t inner = outer - tunnel_overhead(&tunnel->params);

	/* Each link with IPv6 takes so much (RFC 8200 5). */
	if (tunnel->vr->interfaces[tunnel->interface].ipv6)
		return RTE_MAX(inner, (uint16_t)TUNNEL_MTU_MIN_IPV6);
	return inner;
}

static void
set_mtu(struct tunnel *tunnel, uint16_t outer)
{
	struct vr *vr = tunnel->vr;
	uint16_t overhead = tunnel_overhead(&tunnel->params);
	uint16_t mtu = outer > overhead ? outer - overhead : 0;

	mtu = RTE_MIN(RTE_MAX(mtu, least_mtu(tunnel)), tunnel->mtu);
	if (mtu > vr->interfaces[tunnel->interface].mtu || vr->frozen)
		return;
	if (vr_interface_set_mtu(vr, tunnel->interface, mtu) == 0 && mtu < tunnel->mtu)
		timer_set(&vr->timers, &tunnel->mtu_timer, vr->now + TUNNEL_MTU_TIME);
}

void
tunnel_mtu_told(struct vr *outer, uint32_t serial, uint16_t mtu)
{
	struct tunnel *tunnel;

	LIST_FOREACH(tunnel, &outer->tunnels, link)
		if (tunnel->serial == serial) {
			set_mtu(tunnel, mtu);
			return;
		}
}

void
tunnel_free_all(struct vr *vr)
{
	struct tunnel *tunnel;

	for (uint16_t i = 0; i < vr->n_interfaces; i++) {
		tunnel = vr->interfaces[i].tunnel;
		if (tunnel == NULL)
			continue;
		if (tunnel->outer != NULL && tunnel->outer != vr)
			tunnel_detach(tunnel);
		else if (tunnel->outer != NULL)
			LIST_REMOVE(tunnel, link);
		rte_free(tunnel);
	}
	/* Those of other routers stay without one to come from. */
	while ((tunnel = LIST_FIRST(&vr->tunnels)) != NULL) {
		LIST_REMOVE(tunnel, link);
		tunnel->outer = NULL;
	}
	rte_free((void *)(uintptr_t)vr->tunnel_table);
}
