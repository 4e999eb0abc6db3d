/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdlib.h>
#include <string.h>

#include <rte_bus_vdev.h>
#include <rte_cycles.h>
#include <rte_eth_ring.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "stage.h"
#include "vrf/own_address.h"

#define PREFIX "net_ring_"
#define TX_ROOM 8192
#define CACHE 512
#define SPARE 8192 /* what worker and sink have in hand, and buffers of the pool's caches */
#define POLL_NS 1000000
#define SETTLE_STEP_NS 100000000
#define DRAIN 64

static struct rte_ring *
make_ring(const char *what, unsigned int index, unsigned int room)
{
	char name[RTE_RING_NAMESIZE];

	snprintf(name, sizeof(name), "%s_%u", what, index);
	return rte_ring_create(
		name, room, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ);
}

static int
make_port(struct stage *stage, const char *device, unsigned int room)
{
	unsigned int i = stage->n_ports;

	if (strncmp(device, PREFIX, strlen(PREFIX)) != 0 || i == RTE_MAX_ETHPORTS) {
		fprintf(stderr, "device %s: expected %sNAME, %u at most\n", device, PREFIX,
			RTE_MAX_ETHPORTS);
		return -1;
	}
	stage->rx[i] = make_ring("rx", i, room);
	stage->tx[i] = make_ring("tx", i, TX_ROOM);
	if (stage->rx[i] == NULL || stage->tx[i] == NULL ||
		rte_eth_from_rings(device + strlen(PREFIX), &stage->rx[i], 1, &stage->tx[i], 1, 0) <
			0) {
		fprintf(stderr, "device %s: no memory\n", device);
		return -1;
	}
	stage->n_ports++;
	return 0;
}

static int
make_pool(struct stage *stage, const struct config *config, unsigned int room,
	unsigned int frame_room)
{
	unsigned int n = SPARE + config->n_ports * (room + TX_ROOM);

	for (unsigned int i = 0; i < config->n_routers; i++)
		n += config->routers[i].fifo;
	stage->frames = rte_pktmbuf_pool_create("frames", n, CACHE, 0,
		(uint16_t)(RTE_PKTMBUF_HEADROOM + RTE_ALIGN_CEIL(frame_room, 64u)), SOCKET_ID_ANY);
	if (stage->frames != NULL)
		return 0;
	fprintf(stderr, "no memory for %u frames of %u bytes\n", n, frame_room);
	return -1;
}

static int
make_all(struct stage *stage, struct config *config, unsigned int room, unsigned int frame_room,
	unsigned int lcore)
{
	for (unsigned int i = 0; i < config->n_ports; i++) {
		if (make_port(stage, config->ports[i].device, room) != 0) {
			config_free(config);
			return -1;
		}
	}
	if (make_pool(stage, config, room, frame_room) != 0) {
		config_free(config);
		return -1;
	}
	stage->vrouter = vrouter_create(config, "case", &lcore, 1, stderr);
	return stage->vrouter != NULL ? 0 : -1;
}

int
stage_open(struct stage *stage, const json_t *json, unsigned int worker_lcore)
{
	int room = 1024, frame_room = 256;
	struct config *config;
	json_error_t error;
	json_t *tree;
	char *text;

	*stage = (struct stage){ 0 };
	if (json_unpack_ex((json_t *)(uintptr_t)json, &error, 0, "{s:o, s?:i, s?:i}", "config",
		    &tree, "ring", &room, "frame_room", &frame_room) != 0 ||
		room < 64 || !rte_is_power_of_2((uint32_t)room) || frame_room < 64 ||
		frame_room > 9000) {
		fprintf(stderr,
			"the case: expected config, ring (a power of two from 64) and frame_room "
			"(64 to 9000)\n");
		return -1;
	}
	text = json_dumps(tree, JSON_INDENT(1));
	config = text != NULL ? config_load_text(text, "case", stderr) : NULL;
	free(text);
	if (config == NULL)
		return -1;
	return make_all(stage, config, (unsigned int)room, (unsigned int)frame_room, worker_lcore);
}

static void
poll_at(struct stage *stage, uint64_t now)
{
	uint64_t start = rte_rdtsc(), took;

	vrouter_poll(stage->vrouter, now + stage->offset);
	took = rte_rdtsc() - start;
	stage->longest_poll = RTE_MAX(stage->longest_poll, took);
}

void
stage_poll(struct stage *stage)
{
	uint64_t now = rte_rdtsc();

	if (now < stage->next_poll)
		return;
	stage->next_poll = now + rte_get_tsc_hz() / (1000000000 / POLL_NS);
	poll_at(stage, vrouter_clock());
}

static bool
settled(const struct stage *stage)
{
	const struct router *router;

	TAILQ_FOREACH(router, &stage->vrouter->routers, link)
		if (!own_address_settled(router->vr))
			return false;
	return true;
}

void
stage_settle(struct stage *stage)
{
	while (!settled(stage)) {
		stage->offset += SETTLE_STEP_NS;
		poll_at(stage, vrouter_clock());
		/* The announcements leave. */
		do
			rte_delay_us_sleep(200);
		while (stage_drain(stage) > 0);
	}
	stage->longest_poll = 0;
}

static unsigned int
drain_ring(struct rte_ring *ring)
{
	struct rte_mbuf *mbufs[DRAIN];
	unsigned int n, all = 0;

	while ((n = rte_ring_sc_dequeue_burst(ring, (void **)mbufs, DRAIN, NULL)) > 0) {
		rte_pktmbuf_free_bulk(mbufs, n);
		all += n;
	}
	return all;
}

unsigned int
stage_drain(struct stage *stage)
{
	unsigned int all = 0;

	for (unsigned int i = 0; i < stage->n_ports; i++)
		all += drain_ring(stage->tx[i]);
	return all;
}

bool
stage_quiet(const struct stage *stage)
{
	const struct router *router;

	for (unsigned int i = 0; i < stage->n_ports; i++)
		if (!rte_ring_empty(stage->rx[i]) || !rte_ring_empty(stage->tx[i]))
			return false;
	TAILQ_FOREACH(router, &stage->vrouter->routers, link)
		for (uint16_t i = 0; i < router->instance->n_feeds; i++)
			if (feed_queued(router->instance->feeds[i]) > 0)
				return false;
	return true;
}

int
stage_port(const struct stage *stage, const char *name)
{
	for (unsigned int i = 0; i < stage->n_ports; i++)
		if (strcmp(stage->vrouter->ports[i].name, name) == 0)
			return (int)i;
	return -1;
}

int
stage_close(struct stage *stage)
{
	unsigned int lost = 0;

	if (stage->vrouter != NULL) {
		vrouter_stop(stage->vrouter);
		for (unsigned int i = 0; i < stage->n_ports; i++) {
			drain_ring(stage->rx[i]);
			drain_ring(stage->tx[i]);
		}
		lost = vrouter_destroy(stage->vrouter, stderr);
	}
	if (stage->frames != NULL)
		lost += rte_mempool_in_use_count(stage->frames);
	if (lost > 0)
		fprintf(stderr, "%u packet buffers did not come back\n", lost);
	rte_mempool_free(stage->frames);
	return lost == 0 ? 0 : -1;
}
