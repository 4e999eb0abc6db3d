/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_common.h>

#include "element/nat44_host.h"

static uint32_t
n_slots(uint32_t capacity)
{
	return rte_align32pow2(2 * capacity);
}

size_t
nat44_hosts_size(uint32_t capacity)
{
	return n_slots(capacity) * sizeof(struct nat44_host);
}

void
nat44_hosts_init(struct nat44_hosts *hosts, uint32_t capacity, void *memory)
{
	hosts->slots = memory;
	hosts->mask = n_slots(capacity) - 1;
	nat44_secret_init(&hosts->secret);
}

static uint32_t
slot_of(const struct nat44_hosts *hosts, uint32_t address)
{
	return (uint32_t)nat44_hash(&hosts->secret, address, 0) & hosts->mask;
}

/* Its slot, or the free one where it would be. */
static uint32_t
find(const struct nat44_hosts *hosts, uint32_t address)
{
	uint32_t i = slot_of(hosts, address);

	while (hosts->slots[i].n != 0 && hosts->slots[i].address != address)
		i = (i + 1) & hosts->mask;
	return i;
}

bool
nat44_host_add(struct nat44_hosts *hosts, uint32_t address, uint32_t limit)
{
	struct nat44_host *host = &hosts->slots[find(hosts, address)];

	if (host->n >= limit)
		return false;
	if (host->n == 0)
		hosts->n++;
	host->address = address;
	host->n++;
	return true;
}

/* Moves those back that are behind the gap and could not be found across it. */
static void
close_gap(struct nat44_hosts *hosts, uint32_t gap)
{
	uint32_t i = gap;

	for (;;) {
		uint32_t home;

		i = (i + 1) & hosts->mask;
		if (hosts->slots[i].n == 0)
			break;
		home = slot_of(hosts, hosts->slots[i].address);
		if (((i - home) & hosts->mask) < ((i - gap) & hosts->mask))
			continue;
		hosts->slots[gap] = hosts->slots[i];
		gap = i;
	}
	hosts->slots[gap].n = 0;
}

void
nat44_host_remove(struct nat44_hosts *hosts, uint32_t address)
{
	uint32_t i = find(hosts, address);

	if (hosts->slots[i].n == 0 || --hosts->slots[i].n > 0)
		return;
	hosts->n--;
	close_gap(hosts, i);
}
