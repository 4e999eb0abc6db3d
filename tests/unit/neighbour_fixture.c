/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <string.h>

#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>
#include <rte_ring_elem.h>

#include "neighbour_fixture.h"

struct rte_mempool *pool;
struct reclaim *readers;
struct vr *vr;
uint64_t now;
char error[VR_ERROR_SIZE];

struct told told;

#define START_SECONDS 10

void
open_router(uint32_t max_neighbours, uint32_t max_routes)
{
	static const uint8_t own6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	struct ip_prefix addresses[] = { { ip_address_of_ipv4(IP(10, 0, 0, 1)), 16 },
		{ ip_address_of_ipv6(own6), 64 } };
	struct vr_interface interfaces[] = { { .name = "lan",
		.mtu = 1500,
		.mac = { { 2, 0, 0, 0, 0, 1 } },
		.n_addresses = RTE_DIM(addresses),
		.addresses = addresses } };
	struct vr_params params = { .name = "r",
		.interfaces = interfaces,
		.n_interfaces = 1,
		.max_routes = max_routes,
		.max_neighbours = max_neighbours,
		.neighbour_timeout = TIMEOUT,
		.hz = SECOND,
		.socket = SOCKET_ID_ANY,
		.pool = pool,
		.reclaim = readers };

	now = 1000 * SECOND;
	vr = vr_create(&params, error);
	CU_ASSERT_FATAL(vr != NULL);
	for (unsigned int i = 0; i < START_SECONDS; i++) {
		now += SECOND;
		poll_router();
	}
	memset(&told, 0, sizeof(told));
}

static size_t
heap_in_use(void)
{
	struct rte_malloc_socket_stats stats;

	rte_malloc_get_socket_stats(0, &stats);
	return stats.heap_allocsz_bytes;
}

static size_t heap_before;

void
set_up(void)
{
	heap_before = heap_in_use();
	readers = reclaim_create(1);
	rte_rcu_qsbr_thread_register(reclaim_qsbr(readers), 0);
	rte_rcu_qsbr_thread_online(reclaim_qsbr(readers), 0);
}

void
tear_down(void)
{
	rte_rcu_qsbr_thread_offline(reclaim_qsbr(readers), 0);
	rte_rcu_qsbr_thread_unregister(reclaim_qsbr(readers), 0);
	if (vr != NULL)
		vr_retire(vr);
	vr = NULL;
	reclaim_destroy(readers);
	CU_ASSERT(rte_mempool_in_use_count(pool) == 0);
	CU_ASSERT(heap_in_use() == heap_before);
}

void
pass_quiescent(void)
{
	rte_rcu_qsbr_quiescent(reclaim_qsbr(readers), 0);
	CU_ASSERT(reclaim_poll(readers) == 0);
}

static void
punt(struct vr_punt *element)
{
	CU_ASSERT_FATAL(
		rte_ring_sp_enqueue_elem(vr->instance->punt, element, sizeof(*element)) == 0);
}

void
resolve_ip(struct ip_address address)
{
	struct vr_punt element = { .mbuf = rte_pktmbuf_alloc(pool),
		.address = address,
		.code = VR_PUNT_RESOLVE,
		.class = VR_CLASS_FORWARDED };

	CU_ASSERT_FATAL(element.mbuf != NULL);
	punt(&element);
}

void
resolve(uint32_t address)
{
	resolve_ip(ip_address_of_ipv4(address));
}

struct ip_address
host6(unsigned int i)
{
	uint8_t bytes[16] = { 0x20, 0x01, 0x0d,
		0xb8, [13] = 1, [14] = (uint8_t)(i >> 8), [15] = (uint8_t)i };

	return ip_address_of_ipv6(bytes);
}

struct rte_ether_addr
mac_of(unsigned int number)
{
	return (struct rte_ether_addr){ { 2, 1, 0, 0, (uint8_t)(number >> 8), (uint8_t)number } };
}

void
hear_ip(struct ip_address address, unsigned int mac, enum vr_punt_code code, uint8_t flags)
{
	struct vr_punt element = {
		.mac = mac_of(mac), .address = address, .code = (uint8_t)code, .flags = flags
	};

	punt(&element);
}

void
hear(uint32_t address, unsigned int mac, enum vr_punt_code code)
{
	uint8_t flags = VR_TOLD_MAC | VR_TOLD_OVERRIDE;

	if (code == VR_PUNT_ADVERTISED)
		flags |= VR_TOLD_SOLICITED;
	hear_ip(ip_address_of_ipv4(address), mac, code, flags);
}

void
learn(uint32_t address, unsigned int mac)
{
	hear(address, mac, VR_PUNT_ASKED);
	hear(address, mac, VR_PUNT_ADVERTISED);
}

void
use(uint32_t next_hop)
{
	struct vr_punt element = { .next_hop = next_hop, .code = VR_PUNT_USED };

	punt(&element);
}

void
read_told(void)
{
	struct vr_inject element;
	const uint8_t *frame;

	while (rte_ring_sc_dequeue_elem(vr->instance->inject, &element, sizeof(element)) == 0) {
		frame = rte_pktmbuf_mtod(element.mbuf, const uint8_t *);
		if (element.code == VR_INJECT_RESUME)
			told.resumed++;
		else if (element.code == VR_INJECT_DROP)
			told.dropped++;
		else if (frame[0] & 1)
			told.asked_all++;
		else
			told.asked_one++;
		if (element.code == VR_INJECT_FRAME) {
			CU_ASSERT(element.class == VR_CLASS_ORIGINATED);
			/* A probe has no option. */
			CU_ASSERT(element.mbuf->data_len == 42 || element.mbuf->data_len == 86 ||
				  (element.mbuf->data_len == 78 && frame[22] == 0));
		}
		rte_pktmbuf_free(element.mbuf);
	}
}

void
poll_router(void)
{
	bool injected = vr_poll(vr, now);

	CU_ASSERT(injected == !rte_ring_empty(vr->instance->inject));
	read_told();
}

int
add_static_ip(struct ip_address address, unsigned int mac)
{
	struct rte_ether_addr ether = mac_of(mac);

	return neighbour_add_static(vr, &vr->interfaces[0], &address, &ether, error);
}

int
add_static(uint32_t address, unsigned int mac)
{
	return add_static_ip(ip_address_of_ipv4(address), mac);
}

int
add_route_ip(struct ip_prefix prefix, enum vr_route_type type, struct ip_address via)
{
	struct vr_route route = { .prefix = prefix, .type = type, .via = via };

	return vr_route_add(vr, &route, error);
}

int
add_route(uint32_t prefix, uint8_t depth, enum vr_route_type type, uint32_t via)
{
	return add_route_ip((struct ip_prefix){ ip_address_of_ipv4(prefix), depth }, type,
		ip_address_of_ipv4(via));
}

int
delete_route(uint32_t prefix, uint8_t depth)
{
	struct ip_prefix deleted = { ip_address_of_ipv4(prefix), depth };

	return vr_route_delete(vr, &deleted, 0, error);
}

int
delete_neighbour_ip(struct ip_address address)
{
	return neighbour_delete(vr, NULL, &address, error);
}

int
delete_neighbour(uint32_t address)
{
	return delete_neighbour_ip(ip_address_of_ipv4(address));
}

struct neighbour *
find_ip(struct ip_address address)
{
	return neighbour_find(vr, NULL, &address);
}

struct neighbour *
find(uint32_t address)
{
	return find_ip(ip_address_of_ipv4(address));
}

uint32_t
lookup(uint32_t address)
{
	return lpm_lookup(vr->tables[IP_FAMILY_IPV4], address);
}

/* Whether the next hop at this place is that of the neighbour with this address. */
bool
is_of(uint32_t index, uint32_t address)
{
	return vr->owners[index].neighbour != NULL && vr->owners[index].neighbour == find(address);
}
