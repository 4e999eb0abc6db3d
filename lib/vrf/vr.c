/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_random.h>
#include <rte_ring_elem.h>
#include <rte_string_fns.h>

#include "vrf/advertiser.h"
#include "vrf/connected.h"
#include "vrf/instance.h"
#include "vrf/interface.h"
#include "vrf/multicast.h"
#include "vrf/multipath.h"
#include "vrf/neighbour.h"
#include "vrf/neighbour_route.h"
#include "vrf/own_address.h"
#include "vrf/pipeline.h"
#include "vrf/reassembly.h"
#include "vrf/rib.h"
#include "vrf/table.h"
#include "vrf/tunnel.h"
#include "vrf/vr.h"

#define NEXT_HOPS_START 16
#define NEIGHBOUR_BUCKETS 16

/* Behind the slots there are as many owners. */
struct next_hop_array {
	struct reclaim_node reclaim;
	const struct next_hop *slots[];
};

static struct next_hop_array *
array_of(const struct next_hop **slots)
{
	return RTE_PTR_SUB(slots, offsetof(struct next_hop_array, slots));
}

static void
free_array(struct reclaim_node *node)
{
	rte_free(node);
}

static void
free_next_hop(struct reclaim_node *node)
{
	rte_free(RTE_PTR_SUB(node, offsetof(struct next_hop, reclaim)));
}

/* Twice the places; readers go on with the old array until they load the new one. */
static int
grow_next_hops(struct vr *vr, uint32_t size)
{
	const struct next_hop **old = vr->next_hops;
	struct next_hop_array *array;
	union next_hop_owner *owners;
	uint32_t *indexes;

	array = rte_zmalloc_socket("next_hops",
		sizeof(*array) + size * (sizeof(array->slots[0]) + sizeof(*owners)),
		RTE_CACHE_LINE_SIZE, vr->socket);
	indexes = realloc(vr->free_indexes, size * sizeof(*indexes));
	if (indexes != NULL)
		vr->free_indexes = indexes;
	if (array == NULL || indexes == NULL) {
		rte_free(array);
		return -ENOMEM;
	}
	owners = (union next_hop_owner *)(array->slots + size);
	if (old != NULL) {
		memcpy(array->slots, old, vr->n_next_hops * sizeof(old[0]));
		memcpy(owners, vr->owners, vr->n_next_hops * sizeof(*owners));
	}
	/* In this order: who knows the larger array of next hops finds as many owners. */
	__atomic_store_n(&vr->owners, owners, __ATOMIC_RELEASE);
	__atomic_store_n(&vr->next_hops, array->slots, __ATOMIC_RELEASE);
	vr->next_hops_size = size;
	if (old != NULL)
		reclaim_retire(vr->reclaim, &array_of(old)->reclaim, free_array);
	return 0;
}

struct next_hop *
vr_next_hop_new(const struct vr *vr, uint32_t index, enum next_hop_type type)
{
	struct next_hop *next_hop;

	next_hop =
		rte_zmalloc_socket("next_hop", sizeof(*next_hop), RTE_CACHE_LINE_SIZE, vr->socket);
	if (next_hop == NULL)
		return NULL;
	next_hop->index = index;
	next_hop->type = type;
	return next_hop;
}

uint32_t
vr_next_hop_allocate(struct vr *vr)
{
	uint32_t index;

	if (vr->n_free_indexes > 0)
		return vr->free_indexes[--vr->n_free_indexes];
	if (vr->n_next_hops == vr->next_hops_size &&
		grow_next_hops(vr, 2 * vr->next_hops_size) != 0)
		return 0;
	index = vr->n_next_hops++;
	vr->next_hops[index] = vr->next_hops[NEXT_HOP_INDEX_NO_ROUTE];
	return index;
}

void
vr_next_hop_publish(struct vr *vr, struct next_hop *next_hop)
{
	const struct next_hop *no_route = vr->next_hops[NEXT_HOP_INDEX_NO_ROUTE];
	const struct next_hop *old = vr->next_hops[next_hop->index];

	__atomic_store_n(&vr->next_hops[next_hop->index], next_hop, __ATOMIC_RELEASE);
	if (old != NULL && old != no_route)
		reclaim_retire(vr->reclaim, (struct reclaim_node *)(uintptr_t)&old->reclaim,
			free_next_hop);
}

void
vr_next_hop_release(struct vr *vr, uint32_t index)
{
	const struct next_hop *no_route = vr->next_hops[NEXT_HOP_INDEX_NO_ROUTE];

	if (vr->next_hops[index] != no_route)
		rte_free((void *)(uintptr_t)vr->next_hops[index]);
	vr->next_hops[index] = no_route;
	vr->owners[index].neighbour = NULL;
	vr->free_indexes[vr->n_free_indexes++] = index;
}

static int
make_fixed_next_hops(struct vr *vr)
{
	static const enum next_hop_type types[NEXT_HOP_INDEX_INTERFACES] = {
		[NEXT_HOP_INDEX_NO_ROUTE] = NEXT_HOP_NO_ROUTE,
		[NEXT_HOP_INDEX_LOCAL] = NEXT_HOP_LOCAL,
		[NEXT_HOP_INDEX_BROADCAST] = NEXT_HOP_BROADCAST,
		[NEXT_HOP_INDEX_BLACKHOLE] = NEXT_HOP_BLACKHOLE,
		[NEXT_HOP_INDEX_UNREACHABLE] = NEXT_HOP_UNREACHABLE,
		[NEXT_HOP_INDEX_PROHIBIT] = NEXT_HOP_PROHIBIT,
	};
	uint32_t n = NEXT_HOP_INDEX_INTERFACES + vr->n_interfaces;
	struct next_hop *next_hop;

	if (grow_next_hops(vr, rte_align32pow2(RTE_MAX(n + 1, NEXT_HOPS_START))) != 0)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		bool fixed = i < NEXT_HOP_INDEX_INTERFACES;

		next_hop = vr_next_hop_new(vr, i, fixed ? types[i] : NEXT_HOP_CONNECTED);
		if (next_hop == NULL)
			return -ENOMEM;
		if (!fixed) {
			const struct vr_interface *interface =
				&vr->interfaces[i - NEXT_HOP_INDEX_INTERFACES];

			next_hop->interface = interface->index;
			next_hop->port = interface->port;
			next_hop->mtu = interface->mtu;
			next_hop->l2_length = tunnel_is_point_to_point(interface) ? TUNNEL_L2 : 0;
		}
		vr->next_hops[i] = next_hop;
		vr->n_next_hops++;
	}
	return 0;
}

static int
add_tunnels(struct vr *vr)
{
	for (uint16_t i = 0; i < vr->n_interfaces; i++)
		if (vr->interfaces[i].tunnel_params != NULL &&
			tunnel_add(vr, &vr->interfaces[i]) != 0)
			return -ENOMEM;
	return 0;
}

/* What the user may add, and what comes with it: neighbours, and two addresses of each subnet. */
static uint32_t
table_size(const struct vr_params *params)
{
	uint32_t size = params->max_routes + params->max_neighbours;

	for (uint16_t i = 0; i < params->n_interfaces; i++)
		size += 2u * params->interfaces[i].n_addresses;
	return size;
}

/*
 * Not the router's name: two may begin alike, of which a table's name holds only so much, and a new
 * router may have the name of one whose table is still to be freed.
 */
static void
name_table(char *name, size_t size)
{
	static uint32_t n_tables;

	snprintf(name, size, "vr_%u", n_tables++);
}

static int
make_tables(struct vr *vr, const struct vr_params *params)
{
	static const enum lpm_family families[IP_FAMILIES] = {
		[IP_FAMILY_IPV4] = LPM_IPV4, [IP_FAMILY_IPV6] = LPM_IPV6
	};
	char name[16];
	struct lpm_params lpm = { .name = name,
		.max_routes = table_size(params),
		.socket = params->socket,
		.engine = params->table_engine,
		.rcu = reclaim_qsbr(params->reclaim) };

	for (unsigned int i = 0; i < IP_FAMILIES; i++) {
		name_table(name, sizeof(name));
		lpm.family = families[i];
		vr->tables[i] = lpm_create(&lpm);
		if (vr->tables[i] == NULL)
			return -rte_errno;
	}
	return 0;
}

struct vr *
vr_create(const struct vr_params *params, char error[VR_ERROR_SIZE])
{
	struct vr *vr = rte_zmalloc_socket("vr", sizeof(*vr), RTE_CACHE_LINE_SIZE, params->socket);
	snprintf(error, VR_ERROR_SIZE, "router %s: no memory", params->name);
	if (vr == NULL)
		return NULL;
	strlcpy(vr->name, params->name, sizeof(vr->name));
	vr->reclaim = params->reclaim;
	vr->pool = params->pool;
	vr->socket = params->socket;
	vr->max_routes = params->max_routes;
	vr->max_neighbours = params->max_neighbours;
	vr->neighbour_timeout = params->neighbour_timeout * UINT64_C(1000000000);
	vr->hz = params->hz;
	vr->event = params->event;
	vr->event_context = params->event_context;
	TAILQ_INIT(&vr->unresolved);
	TAILQ_INIT(&vr->stale);
	vr->flow_seed = (uint32_t)rte_rand();
	vr->forwarder = params->forwarder;
	vr->accept_source_route = params->accept_source_route;
	vr->redirects = params->redirects;
	vr->neighbours_mask = NEIGHBOUR_BUCKETS - 1;
	vr->neighbours = calloc(NEIGHBOUR_BUCKETS, sizeof(*vr->neighbours));
	if (vr->neighbours == NULL || interfaces_copy(vr, params) != 0 || add_tunnels(vr) != 0 ||
		own_address_add_all(vr) != 0 || advertiser_add_all(vr) != 0 ||
		make_fixed_next_hops(vr) != 0)
		goto failed;
	vr->instance = vr_instance_create(vr, params);
	if (vr->instance == NULL)
		goto failed;
	if (make_tables(vr, params) != 0) {
		snprintf(error, VR_ERROR_SIZE, "router %s: no table for %u routes: %s",
			params->name, params->max_routes, rte_strerror(rte_errno));
		goto failed;
	}
	if (connected_add(vr, error) != 0)
		goto failed;
	return vr;

failed:
	vr_free(vr);
	return NULL;
}

void
vr_free(struct vr *vr)
{
	if (vr == NULL)
		return;
	rib_free_all(vr);
	multicast_free_all(vr);
	pipeline_free(vr);
	if (vr->next_hops != NULL)
		multipath_free_all(vr);
	if (vr->neighbours != NULL)
		neighbour_free_all(vr);
	free(vr->neighbours);
	own_address_free_all(vr);
	advertiser_free_all(vr);
	tunnel_free_all(vr);
	timers_free(&vr->timers);
	for (unsigned int i = 0; i < IP_FAMILIES; i++)
		lpm_free(vr->tables[i]);
	vr_instance_free(vr->instance);
	if (vr->next_hops != NULL) {
		const struct next_hop *no_route = vr->next_hops[NEXT_HOP_INDEX_NO_ROUTE];

		for (uint32_t i = 1; i < vr->n_next_hops; i++)
			if (vr->next_hops[i] != no_route)
				rte_free((void *)(uintptr_t)vr->next_hops[i]);
		rte_free((void *)(uintptr_t)no_route);
		rte_free(array_of(vr->next_hops));
	}
	free(vr->free_indexes);
	interfaces_free(vr);
	rte_free(vr);
}

static void
free_retired(struct reclaim_node *node)
{
	vr_free(RTE_PTR_SUB(node, offsetof(struct vr, reclaim_node)));
}

void
vr_retire(struct vr *vr)
{
	reclaim_retire(vr->reclaim, &vr->reclaim_node, free_retired);
}

bool
vr_owns(const struct vr *vr, const struct ip_address *address)
{
	struct ip_prefix host = ip_prefix_of_host(address);

	return table_get(vr, &host) == NEXT_HOP_INDEX_LOCAL;
}

void
vr_memory(const struct vr *vr, struct vr_memory *memory)
{
	memory->tables = multicast_memory(vr);
	for (unsigned int i = 0; i < IP_FAMILIES; i++)
		memory->tables += lpm_memory(vr->tables[i]);
	memory->next_hops =
		sizeof(struct next_hop_array) +
		vr->next_hops_size * (sizeof(vr->next_hops[0]) + sizeof(vr->free_indexes[0]) +
					     sizeof(vr->owners[0])) +
		(vr->n_next_hops - vr->n_free_indexes) * sizeof(struct next_hop);
	memory->neighbours = (vr->neighbours_mask + 1) * sizeof(vr->neighbours[0]) +
	                     vr->n_neighbours * sizeof(struct neighbour) +
	                     vr->timers.room * sizeof(vr->timers.heap[0]);
	memory->interfaces = (vr->n_interfaces + 1u) *
	                     (sizeof(struct vr_interface) + sizeof(struct vr_interface_counters));
	for (uint16_t i = 0; i < vr->n_interfaces; i++)
		memory->interfaces +=
			(vr->interfaces[i].n_addresses + 1u) * (sizeof(struct ip_prefix) + 1);
	memory->elements = pipeline_memory(vr);
	memory->instance =
		sizeof(*vr) + sizeof(*vr->instance) + reassembly_size() +
		(size_t)rte_ring_get_memsize_elem(sizeof(struct vr_punt), VR_PUNT_RING) +
		(size_t)rte_ring_get_memsize_elem(sizeof(struct vr_inject), VR_INJECT_RING);
}
