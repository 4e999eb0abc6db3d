/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * A source of frames for experiments: a plugin for any DPDK program (EAL option -d). It waits for
 * the port net_null0, which delivers buffers without content as fast as they are asked for, and
 * fills them with the frames of the file in BENCH_TRAFFIC (traffic.h), each as it is received.
 *
 * It does in software what a NIC does by DMA: the frame is in the cache when the program looks at
 * it, and costs the same whether there are one or a million flows, which is what makes cases
 * comparable. net_pcap can't: it keeps each frame in an mbuf of its own, and a million of those
 * come from memory, at the price of several misses a packet for every program alike; and l3fwd
 * has room for eight thousand.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_mbuf.h>

#include "traffic.h"

#define PORT_NAME "net_null0"
#define WAIT_US 1000

static struct {
	struct traffic_header header;
	const void *flows;
	uint32_t next;
	pthread_t waiting;
} source;

struct ipv4_fields {
	rte_be16_t checksum;
	rte_be32_t source;
	rte_be32_t destination;
} __rte_packed;

struct ipv6_fields {
	rte_be32_t source;
	uint8_t destination[16];
} __rte_packed;

static inline uint32_t
take_next(void)
{
	uint32_t flow = source.next;

	source.next = flow + 1 == source.header.flows ? 0 : flow + 1;
	return flow;
}

static inline void
set_vlan(uint8_t *frame, rte_be16_t vlan, uint8_t mac)
{
	frame[RTE_ETHER_ADDR_LEN - 1] = mac;
	memcpy(frame + RTE_ETHER_HDR_LEN, &vlan, sizeof(vlan));
}

static uint16_t
fill_ipv4(uint16_t port __rte_unused, uint16_t queue __rte_unused, struct rte_mbuf *mbufs[],
	uint16_t n, uint16_t max __rte_unused, void *context __rte_unused)
{
	const unsigned int fields_at =
		RTE_ETHER_HDR_LEN + 10 + (source.header.is_tagged ? RTE_VLAN_HLEN : 0);
	const struct traffic_flow_ipv4 *flows = source.flows;

	for (unsigned int i = 0; i < n; i++) {
		const struct traffic_flow_ipv4 *flow = &flows[take_next()];
		uint8_t *frame = rte_pktmbuf_mtod(mbufs[i], uint8_t *);
		struct ipv4_fields fields = { flow->checksum, flow->source, flow->destination };

		memcpy(frame, source.header.frame, sizeof(source.header.frame));
		memcpy(frame + fields_at, &fields, sizeof(fields));
		if (source.header.is_tagged)
			set_vlan(frame, flow->vlan, flow->mac);
	}
	return n;
}

static uint16_t
fill_ipv6(uint16_t port __rte_unused, uint16_t queue __rte_unused, struct rte_mbuf *mbufs[],
	uint16_t n, uint16_t max __rte_unused, void *context __rte_unused)
{
	const unsigned int fields_at =
		RTE_ETHER_HDR_LEN + 20 + (source.header.is_tagged ? RTE_VLAN_HLEN : 0);
	const struct traffic_flow_ipv6 *flows = source.flows;

	for (unsigned int i = 0; i < n; i++) {
		const struct traffic_flow_ipv6 *flow = &flows[take_next()];
		uint8_t *frame = rte_pktmbuf_mtod(mbufs[i], uint8_t *);
		struct ipv6_fields fields = { .source = flow->source };

		memcpy(fields.destination, flow->destination, sizeof(fields.destination));
		memcpy(frame, source.header.frame, sizeof(source.header.frame));
		memcpy(frame + fields_at, &fields, sizeof(fields));
		if (source.header.is_tagged)
			set_vlan(frame, flow->vlan, flow->mac);
	}
	return n;
}

/* The port appears some time after the plugin is loaded, its queue a little later. */
static void *
wait_for_port(void *argument __rte_unused)
{
	rte_rx_callback_fn fill = source.header.is_ipv6 ? fill_ipv6 : fill_ipv4;
	uint16_t port;

	for (;;) {
		/* Before there is any port, DPDK may not be ready to be asked for its name. */
		if (rte_eth_find_next(0) < RTE_MAX_ETHPORTS &&
			rte_eth_dev_get_port_by_name(PORT_NAME, &port) == 0 &&
			rte_eth_add_first_rx_callback(port, 0, fill, NULL) != NULL)
			return NULL;
		usleep(WAIT_US);
	}
}

static void
fail(const char *path, const char *what)
{
	fprintf(stderr, "source of frames: BENCH_TRAFFIC=%s: %s\n", path, what);
	exit(1);
}

static void
load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	size_t flow_size, size;
	uint8_t *copy;

	if (fd < 0 || fstat(fd, &status) != 0)
		fail(path, strerror(errno));
	if (read(fd, &source.header, sizeof(source.header)) != sizeof(source.header) ||
		source.header.magic != TRAFFIC_MAGIC)
		fail(path, "found no traffic, expected a file of scenario's");
	flow_size = source.header.is_ipv6 ? sizeof(struct traffic_flow_ipv6)
	                                  : sizeof(struct traffic_flow_ipv4);
	size = source.header.flows * flow_size;
	if (size == 0 || (size_t)status.st_size != sizeof(source.header) + size)
		fail(path, "found another length than its header tells");
	/* In large pages if the kernel has some, like the program's own memory. */
	copy = aligned_alloc(2 << 20, RTE_ALIGN_CEIL(size, (size_t)(2 << 20)));
	if (copy == NULL)
		fail(path, "no memory");
	madvise(copy, size, MADV_HUGEPAGE);
	for (size_t done = 0; done < size;) {
		ssize_t got = read(fd, copy + done, size - done);

		if (got <= 0)
			fail(path, "can't be read");
		done += (size_t)got;
	}
	source.flows = copy;
	close(fd);
}

RTE_INIT(source_start)
{
	const char *path = getenv("BENCH_TRAFFIC");

	if (path == NULL)
		fail("", "is not set");
	load(path);
	if (pthread_create(&source.waiting, NULL, wait_for_port, NULL) != 0)
		fail(path, "no thread");
	pthread_detach(source.waiting);
}
