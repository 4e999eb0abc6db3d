/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_mempool.h>

#include "element/element.h"
#include "pool.h"
#include "vrf/fragment.h"
#include "vrf/instance.h"
#include "vrf/neighbour.h"
#include "vrf/reassembly.h"

#define CACHE 512
/* Held by one worker: a burst in, its outputs, fragments, the pool's cache and its slack. */
#define PER_WORKER (CACHE + CACHE / 2 + 4 * PACKET_BURST_MAX + FRAGMENT_BUFFERS)
/* For routers added later, and for drivers that keep some (net_pcap replays from memory). */
#define SPARE 8192
#define AF_XDP_RING 2048 /* XSK_RING_PROD__DEFAULT_NUM_DESCS of libxdp */
#define L2_OVERHEAD (RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN + RTE_ETHER_CRC_LEN)

/*
 * net_af_xdp has rings of its own size, whatever is asked for. It does not give back what is in its
 * fill and completion rings when it is closed (as of DPDK 22.11), which is nobody else's loss.
 */
static uint32_t
af_xdp_rings(const struct config *config)
{
	uint32_t frames = 0;

	for (unsigned int i = 0; i < config->n_ports; i++)
		if (strncmp(config->ports[i].device, "net_af_xdp", strlen("net_af_xdp")) == 0)
			frames += 2 * AF_XDP_RING;
	return frames;
}

uint32_t
pool_of_pipeline(const struct config_pipeline *pipeline)
{
	uint32_t need = 0;

	for (unsigned int i = 0; i < pipeline->n_elements; i++)
		if (pipeline->elements[i]->type->buffers != NULL)
			need += pipeline->elements[i]->type->buffers(pipeline->elements[i]);
	return need;
}

/* An end of a link, or a tunnel into another router. */
static bool
has_internal_feed(const struct config_router *router, const struct config_interface *interface)
{
	if (interface->tunnel != NULL)
		return config_tunnel_is_elsewhere(router, interface->tunnel);
	return !interface->has_port;
}

static const struct config_router *
find_router(const struct config *config, uint32_t n_routers, const char *name)
{
	for (uint32_t i = 0; i < n_routers; i++)
		if (strcmp(config->routers[i].name, name) == 0)
			return &config->routers[i];
	return NULL;
}

/* Routers into which tunnels of this one lead have a feed of each worker that does. */
static uint32_t
outer_need(const struct vrouter *vrouter, uint32_t n_routers, const struct config_router *router)
{
	const struct config_router *outer;
	uint32_t need = 0;

	for (unsigned int i = 0; i < router->n_interfaces; i++) {
		const struct config_tunnel *tunnel = router->interfaces[i].tunnel;

		if (tunnel == NULL || !config_tunnel_is_elsewhere(router, tunnel))
			continue;
		outer = find_router(vrouter->config, n_routers, tunnel->router);
		need += outer != NULL ? outer->fifo : 0;
	}
	return need;
}

static uint32_t
router_need(const struct vrouter *vrouter, const struct config_router *router)
{
	unsigned int n_linked = 0, feeds;

	for (unsigned int i = 0; i < router->n_interfaces; i++)
		n_linked += has_internal_feed(router, &router->interfaces[i]);
	feeds = RTE_MIN(vrouter->n_workers, RTE_MAX(router->n_interfaces - n_linked, 1u)) +
	        RTE_MIN(vrouter->n_workers, n_linked);
	return router->fifo * feeds + pool_of_pipeline(&router->pipeline) + VR_PUNT_RING / 2 +
	       VR_INJECT_RING + NEIGHBOUR_QUEUE_ALL + REASSEMBLY_HELD_MAX;
}

uint64_t
pool_need(const struct vrouter *vrouter, uint32_t n_routers)
{
	const struct config *config = vrouter->config;
	uint64_t need = PER_WORKER * (vrouter->n_workers + 1) + af_xdp_rings(config);

	for (unsigned int i = 0; i < config->n_ports; i++)
		need += config->ports[i].rx_descriptors +
		        vrouter->n_workers * (config->ports[i].tx_descriptors + PACKET_BURST_MAX);
	for (uint32_t i = 0; i < n_routers; i++)
		need += router_need(vrouter, &config->routers[i]) +
		        outer_need(vrouter, n_routers, &config->routers[i]);
	return need;
}

static uint16_t
room(const struct config *config)
{
	uint32_t largest = RTE_MBUF_DEFAULT_DATAROOM;

	for (unsigned int i = 0; i < config->n_ports; i++)
		largest = RTE_MAX(largest, config->ports[i].mtu + (uint32_t)L2_OVERHEAD);
	for (unsigned int i = 0; i < config->n_routers; i++)
		for (unsigned int k = 0; k < config->routers[i].n_interfaces; k++)
			largest = RTE_MAX(largest,
				config->routers[i].interfaces[k].mtu + (uint32_t)L2_OVERHEAD);
	return (uint16_t)(RTE_ALIGN_CEIL(largest, 64) + RTE_PKTMBUF_HEADROOM);
}

/*
 * A stack gives the buffers that were used last, which are still in the caches; DPDK's default, a
 * ring, those that have rested longest, though thousands of them are there only for bad times. But
 * net_af_xdp (as of DPDK 22.11) takes the pool's memory for one piece from the first buffer on.
 */
static struct rte_mempool *
make_pool(const struct config *config, uint32_t size, uint16_t buffer_size)
{
	struct rte_mempool *pool = NULL;

	rte_errno = 0;
	if (rte_mbuf_user_mempool_ops() == NULL && rte_mbuf_platform_mempool_ops() == NULL &&
		af_xdp_rings(config) == 0)
		pool = rte_pktmbuf_pool_create_by_ops(
			"packets", size, CACHE, 0, buffer_size, SOCKET_ID_ANY, "lf_stack");
	/* EAL was told of another (--mbuf-pool-ops-name), or there is no driver for stacks. */
	if (pool == NULL && rte_errno != ENOMEM)
		pool = rte_pktmbuf_pool_create(
			"packets", size, CACHE, 0, buffer_size, SOCKET_ID_ANY);
	return pool;
}

int
pool_create(struct vrouter *vrouter, FILE *errors)
{
	const struct config *config = vrouter->config;
	uint64_t need = pool_need(vrouter, config->n_routers);
	uint32_t size = config->mbufs;

	if (need + SPARE > CONFIG_MBUFS_MAX) {
		fprintf(errors,
			"%s: ports, FIFOs and workers can hold %" PRIu64
			" packets at once, expected at "
			"most %u (give routers a smaller \"fifo\")\n",
			vrouter->source, need, CONFIG_MBUFS_MAX - SPARE);
		return -EINVAL;
	}
	if (size == 0)
		size = (uint32_t)need + SPARE;
	if (size < need) {
		fprintf(errors,
			"%s: $.mbufs: found %u, expected 0 or at least the %" PRIu64
			" that ports, FIFOs "
			"and workers can hold at once\n",
			vrouter->source, size, need);
		return -EINVAL;
	}
	vrouter->pool = make_pool(config, size, room(config));
	if (vrouter->pool == NULL) {
		fprintf(errors,
			"no memory for %u packet buffers of %u bytes: %s (give more hugepages, or "
			"with --no-huge a larger -m)\n",
			size, room(config), rte_strerror(rte_errno));
		return -ENOMEM;
	}
	vrouter->pool_size = size;
	return 0;
}

unsigned int
pool_destroy(struct vrouter *vrouter, FILE *errors)
{
	unsigned int lost = rte_mempool_in_use_count(vrouter->pool);

	if (lost <= af_xdp_rings(vrouter->config))
		lost = 0;
	if (lost > 0)
		fprintf(errors, "%u of %u packet buffers did not come back\n", lost,
			vrouter->pool_size);
	rte_mempool_free(vrouter->pool);
	return lost;
}
