/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_NAT44_HOST_H
#define ELEMENT_NAT44_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "element/nat44_hash.h"

/*
 * How many sessions each inside host has, for a limit. A hash table with linear probing, at most
 * half full, keyed so that nobody can choose addresses that meet. One writer.
 */

struct nat44_host {
	uint32_t address; /* network byte order */
	uint32_t n;       /* 0: free */
};

struct nat44_hosts {
	struct nat44_host *slots;
	uint32_t mask;
	uint32_t n; /* hosts */
	struct nat44_secret secret;
};

/* Bytes for the hosts of `capacity` sessions. */
size_t nat44_hosts_size(uint32_t capacity);

/* `memory` is zeroed and has nat44_hosts_size() bytes. */
void nat44_hosts_init(struct nat44_hosts *hosts, uint32_t capacity, void *memory);

/* One session more, unless it has `limit` or more of them; false: it has. */
bool nat44_host_add(struct nat44_hosts *hosts, uint32_t address, uint32_t limit);

/* One session less. */
void nat44_host_remove(struct nat44_hosts *hosts, uint32_t address);

#endif
