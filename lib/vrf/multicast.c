/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>

#include <rte_malloc.h>

#include "vrf/error.h"
#include "vrf/fragment.h"
#include "vrf/ipv4.h"
#include "vrf/ipv6.h"
#include "vrf/l2.h"
#include "vrf/multicast.h"
#include "vrf/send.h"

/* Immutable once workers can see it. */
struct multicast_table {
	struct reclaim_node reclaim;
	uint32_t n;
	uint32_t mask;   /* of the slots */
	uint16_t *slots; /* index of the route + 1; 0: free. At most half are used */
	struct multicast_route routes[]; /* in order */
};

static uint32_t
slot_of(const struct ip_address *group, const struct ip_address *source)
{
	return ip_address_hash(group, ip_address_hash(source, 0));
}

static const struct multicast_route *
find(const struct multicast_table *table, const struct ip_address *group,
	const struct ip_address *source)
{
	uint32_t i;

	if (table == NULL)
		return NULL;
	for (i = slot_of(group, source); table->slots[i & table->mask] != 0; i++) {
		const struct multicast_route *route =
			&table->routes[table->slots[i & table->mask] - 1];

		if (ip_address_equal(&route->group, group) &&
			ip_address_equal(&route->source, source))
			return route;
	}
	return NULL;
}

/* Room for n routes, without any. */
static struct multicast_table *
create(const struct vr *vr, uint32_t n)
{
	uint32_t n_slots = rte_align32pow2(2 * n + 2);
	struct multicast_table *table;
	size_t size = sizeof(*table) + n * sizeof(table->routes[0]);

	table = rte_zmalloc_socket("multicast", size + n_slots * sizeof(table->slots[0]),
		RTE_CACHE_LINE_SIZE, vr->socket);
	if (table == NULL)
		return NULL;
	table->slots = RTE_PTR_ADD(table, size);
	table->mask = n_slots - 1;
	return table;
}

static void
append(struct multicast_table *table, const struct multicast_route *route)
{
	uint32_t i = slot_of(&route->group, &route->source);

	table->routes[table->n++] = *route;
	while (table->slots[i & table->mask] != 0)
		i++;
	table->slots[i & table->mask] = (uint16_t)table->n;
}

static void
free_table(struct reclaim_node *node)
{
	rte_free(RTE_PTR_SUB(node, offsetof(struct multicast_table, reclaim)));
}

static void
publish(struct vr *vr, struct multicast_table *table)
{
	struct multicast_table *old = (struct multicast_table *)(uintptr_t)vr->multicast;

	__atomic_store_n(&vr->multicast, table, __ATOMIC_RELEASE);
	if (old != NULL)
		reclaim_retire(vr->reclaim, &old->reclaim, free_table);
}

static int
compare(const struct multicast_route *a, const struct multicast_route *b)
{
	int order = memcmp(&a->group, &b->group, sizeof(a->group));

	return order != 0 ? order : memcmp(&a->source, &b->source, sizeof(a->source));
}

static int
check(const struct vr *vr, const struct multicast_route *route, char error[VR_ERROR_SIZE])
{
	char text[IP_ADDRESS_TEXT_SIZE];

	ip_address_text(&route->group, text);
	if (!ip_address_is_multicast(&route->group))
		return error_set(
			error, -EINVAL, "router %s: %s is no multicast group", vr->name, text);
	if (ip_address_is_link_group(&route->group))
		return error_set(error, -EINVAL,
			"router %s: group %s is of one link and is not routed", vr->name, text);
	if (route->source.family != route->group.family ||
		(!ip_address_is_zero(&route->source) &&
			ip_address_not_a_host(&route->source) != NULL))
		return error_set(error, -EINVAL,
			"router %s: group %s: its source is no host's %s address", vr->name, text,
			ip_family_name(route->group.family));
	if (route->n_out == 0 || route->n_out > MULTICAST_OUT_MAX)
		return error_set(error, -EINVAL,
			"router %s: group %s: %u interfaces out, expected 1 to %u", vr->name, text,
			route->n_out, MULTICAST_OUT_MAX);
	for (uint16_t i = 0; i < route->n_out; i++) {
		const char *name = vr->interfaces[route->out[i]].name;

		if (route->out[i] == route->in)
			return error_set(error, -EINVAL,
				"router %s: group %s: interface %s is both in and out", vr->name,
				text, name);
		for (uint16_t k = 0; k < i; k++)
			if (route->out[k] == route->out[i])
				return error_set(error, -EINVAL,
					"router %s: group %s: interface %s is out twice", vr->name,
					text, name);
	}
	return 0;
}

int
multicast_add(struct vr *vr, const struct multicast_route *route, char error[VR_ERROR_SIZE])
{
	const struct multicast_table *old = vr->multicast;
	uint32_t n = old == NULL ? 0 : old->n, i = 0;
	char text[IP_ADDRESS_TEXT_SIZE];
	struct multicast_table *table;
	int rc = check(vr, route, error);

	if (rc != 0)
		return rc;
	ip_address_text(&route->group, text);
	if (find(old, &route->group, &route->source) != NULL)
		return error_set(error, -EEXIST,
			"router %s: a route of that source to group %s exists", vr->name, text);
	if (n == MULTICAST_ROUTES_MAX)
		return error_set(error, -ENOSPC, "router %s: %u multicast routes, the most it can",
			vr->name, n);
	table = create(vr, n + 1);
	if (table == NULL)
		return error_set(error, -ENOMEM, "router %s: group %s: no memory", vr->name, text);
	for (; i < n && compare(&old->routes[i], route) < 0; i++)
		append(table, &old->routes[i]);
	append(table, route);
	for (; i < n; i++)
		append(table, &old->routes[i]);
	publish(vr, table);
	return 0;
}

int
multicast_delete(struct vr *vr, const struct ip_address *group, const struct ip_address *source,
	char error[VR_ERROR_SIZE])
{
	const struct multicast_table *old = vr->multicast;
	const struct multicast_route *gone = find(old, group, source);
	char text[IP_ADDRESS_TEXT_SIZE];
	struct multicast_table *table = NULL;

	ip_address_text(group, text);
	if (gone == NULL)
		return error_set(error, -ENOENT, "router %s: no route of that source to group %s",
			vr->name, text);
	if (old->n > 1) {
		table = create(vr, old->n - 1);
		if (table == NULL)
			return error_set(
				error, -ENOMEM, "router %s: group %s: no memory", vr->name, text);
	}
	for (uint32_t i = 0; i < old->n; i++)
		if (&old->routes[i] != gone)
			append(table, &old->routes[i]);
	publish(vr, table);
	return 0;
}

const struct multicast_route *
multicast_routes(const struct vr *vr, uint32_t *n)
{
	*n = vr->multicast == NULL ? 0 : vr->multicast->n;
	return vr->multicast == NULL ? NULL : vr->multicast->routes;
}

size_t
multicast_memory(const struct vr *vr)
{
	const struct multicast_table *table = vr->multicast;

	if (table == NULL)
		return 0;
	return sizeof(*table) + table->n * sizeof(table->routes[0]) +
	       (table->mask + 1) * sizeof(table->slots[0]);
}

void
multicast_free_all(struct vr *vr)
{
	rte_free((void *)(uintptr_t)vr->multicast);
}

static struct ip_address
source_of(const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	if ((meta.kind & ~PACKET_GROUP) == PACKET_IPV4)
		return ip_address_of_ipv4(rte_be_to_cpu_32(ipv4_of(mbuf, meta)->src_addr));
	return ip_address_of_ipv6(ipv6_of(mbuf, meta)->source);
}

/* The route of this source, else that of any. */
static const struct multicast_route *
look_up(const struct vr *vr, const struct ip_address *group, const struct ip_address *source)
{
	const struct multicast_table *table = __atomic_load_n(&vr->multicast, __ATOMIC_ACQUIRE);
	const struct ip_address any = { .family = group->family };
	const struct multicast_route *route = find(table, group, source);

	return route != NULL ? route : find(table, group, &any);
}

/* RFC 1112 6.4, RFC 2464 7. */
static struct rte_ether_addr
group_mac(const struct ip_address *group)
{
	const uint8_t *b = group->bytes;

	if (group->family == IP_FAMILY_IPV4)
		return (struct rte_ether_addr){ { 0x01, 0x00, 0x5e, b[1] & 0x7f, b[2], b[3] } };
	return (struct rte_ether_addr){ { 0x33, 0x33, b[12], b[13], b[14], b[15] } };
}

/* One less, where more than one is left. */
static bool
decrement_ttl(struct rte_mbuf *mbuf, struct packet_meta meta)
{
	struct rte_ipv4_hdr *ipv4 = ipv4_of(mbuf, meta);
	struct ipv6_header *ipv6 = ipv6_of(mbuf, meta);

	if ((meta.kind & ~PACKET_GROUP) == PACKET_IPV6) {
		if (ipv6->hop_limit <= 1)
			return false;
		ipv6->hop_limit--;
		return true;
	}
	if (ipv4->time_to_live <= 1)
		return false;
	ipv4->time_to_live--;
	ipv4->hdr_checksum = checksum_decrement_ttl(ipv4->hdr_checksum);
	return true;
}

static bool
may_cut(const struct rte_mbuf *mbuf, struct packet_meta meta)
{
	return (meta.kind & ~PACKET_GROUP) == PACKET_IPV4 &&
	       (ipv4_of(mbuf, meta)->fragment_offset & RTE_BE16(RTE_IPV4_HDR_DF_FLAG)) == 0;
}

static void
send_copy(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct vr_interface *interface, const struct rte_ether_addr *mac, enum vr_class class,
	struct vr_output *output)
{
	uint32_t length = mbuf->pkt_len - meta.l3_offset;
	bool ipv4 = (meta.kind & ~PACKET_GROUP) == PACKET_IPV4;
	rte_be16_t type = ipv4 ? RTE_BE16(RTE_ETHER_TYPE_IPV4) : RTE_BE16(RTE_ETHER_TYPE_IPV6);
	struct next_hop next_hop = {
		.port = interface->port, .interface = interface->index, .mtu = interface->mtu
	};

	if (length > interface->mtu && !may_cut(mbuf, meta)) {
		send_drop(instance, mbuf, class, VR_DROP_MTU);
		return;
	}
	if (length > interface->mtu) {
		next_hop.l2_length = l2_write(next_hop.l2, interface, mac, type);
		fragment_send(instance, mbuf, &next_hop, class, output);
		return;
	}
	instance->counters.forwarded_bytes += length;
	send_l3(instance, mbuf, meta.l3_offset, interface, mac, type, class, output);
}

/* The first is the packet itself in the counters, the others are frames more. */
static void
send_copies(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct multicast_route *route, struct vr_output *output)
{
	struct rte_ether_addr mac = group_mac(&route->group);
	const struct vr *vr = instance->vr;
	struct rte_mbuf *copy;

	for (uint16_t i = 1; i < route->n_out; i++) {
		copy = rte_pktmbuf_copy(mbuf, instance->pool, 0, UINT32_MAX);
		if (copy == NULL) {
			instance->counters.fragments_lost++;
			continue;
		}
		send_copy(instance, copy, meta, &vr->interfaces[route->out[i]], &mac,
			VR_CLASS_FRAGMENT, output);
	}
	send_copy(instance, mbuf, meta, &vr->interfaces[route->out[0]], &mac, VR_CLASS_FORWARDED,
		output);
}

void
multicast_forward(struct vr_instance *instance, struct rte_mbuf *mbuf, struct vr_output *output)
{
	struct packet_meta meta = packet_meta_get(mbuf);
	struct ip_address group = send_destination(mbuf, meta);
	struct ip_address source = source_of(mbuf, meta);
	enum vr_drop reason = VR_DROP_MULTICAST;
	const struct multicast_route *route = NULL;

	if (ip_address_is_link_group(&group) || ip_address_is_link_local(&source))
		reason = VR_DROP_LINK_LOCAL;
	else
		route = look_up(instance->vr, &group, &source);
	if (route != NULL && route->in != meta.interface)
		reason = VR_DROP_MULTICAST_IN;
	else if (route != NULL && !decrement_ttl(mbuf, meta))
		reason = VR_DROP_TTL;
	else if (route != NULL) {
		send_copies(instance, mbuf, meta, route, output);
		return;
	}
	send_drop(instance, mbuf, VR_CLASS_FORWARDED, reason);
}
