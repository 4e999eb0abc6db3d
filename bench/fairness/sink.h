/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef FAIRNESS_SINK_H
#define FAIRNESS_SINK_H

#include <stdint.h>

#include <rte_ring.h>

#include "flow.h"

/*
 * Takes what the routers send, knows frames of flows again by their mark (UDP over IPv4, behind the
 * header, with or without a tag), and measures how long they were under way. The generator's lcore.
 */
struct sink {
	struct flow *flows;
	uint32_t n_flows;
	uint16_t phase;
	uint64_t count_from, count_to; /* TSC: what was sent then is counted apart */
	struct rte_ring **ports;
	uint32_t n_ports;
	uint64_t arp, icmp, other, late; /* frames of none of these flows; of an earlier phase */
};

/* Gives how many frames there were. */
unsigned int sink_run(struct sink *sink);

#endif
