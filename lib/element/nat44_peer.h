/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_NAT44_PEER_H
#define ELEMENT_NAT44_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "element/nat44_hash.h"

/*
 * Remote ends that inside endpoints sent to, beside the first one, which is in the session: for
 * filtering that depends on them. A set-associative cache; where a set is full, the one that was
 * sent to longest ago is forgotten, and what it sends is filtered until it is sent to again. One
 * writer.
 */

#define NAT44_PEER_WAYS 4u

struct nat44_peer {
	uint64_t inside; /* nat44_key() of the inside endpoint; 0: free */
	uint32_t remote; /* network byte order */
	uint16_t port;   /* 0 where it does not matter */
	uint16_t unused;
	uint32_t until; /* second */
	uint32_t unused2;
};

struct nat44_peers {
	struct nat44_peer *peers;
	uint32_t mask; /* of sets */
	struct nat44_secret secret;
};

/* Bytes for those of `capacity` sessions, of which most have one remote end. */
size_t nat44_peers_size(uint32_t capacity);

/* `memory` is zeroed and has nat44_peers_size() bytes. */
void nat44_peers_init(struct nat44_peers *peers, uint32_t capacity, void *memory);

/* The endpoint sent to this remote end; it may send until that second. */
void nat44_peer_add(
	struct nat44_peers *peers, uint64_t inside, uint32_t remote, uint16_t port, uint32_t until);

/* Whether it may at `now`. */
bool nat44_peer_is(const struct nat44_peers *peers, uint64_t inside, uint32_t remote, uint16_t port,
	uint32_t now);

#endif
