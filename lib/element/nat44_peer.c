/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <rte_common.h>

#include "element/nat44_peer.h"

static uint32_t
n_sets(uint32_t capacity)
{
	return rte_align32pow2(RTE_MAX(capacity / NAT44_PEER_WAYS, 1u));
}

size_t
nat44_peers_size(uint32_t capacity)
{
	return (size_t)n_sets(capacity) * NAT44_PEER_WAYS * sizeof(struct nat44_peer);
}

void
nat44_peers_init(struct nat44_peers *peers, uint32_t capacity, void *memory)
{
	peers->peers = memory;
	peers->mask = n_sets(capacity) - 1;
	nat44_secret_init(&peers->secret);
}

static struct nat44_peer *
set_of(const struct nat44_peers *peers, uint64_t inside, uint32_t remote, uint16_t port)
{
	uint64_t end = remote | (uint64_t)port << 32;
	uint32_t hash = (uint32_t)nat44_hash(&peers->secret, inside, end);

	return &peers->peers[NAT44_PEER_WAYS * (hash & peers->mask)];
}

static struct nat44_peer *
find(const struct nat44_peers *peers, uint64_t inside, uint32_t remote, uint16_t port)
{
	struct nat44_peer *set = set_of(peers, inside, remote, port);

	for (unsigned int i = 0; i < NAT44_PEER_WAYS; i++)
		if (set[i].inside == inside && set[i].remote == remote && set[i].port == port)
			return &set[i];
	return NULL;
}

void
nat44_peer_add(
	struct nat44_peers *peers, uint64_t inside, uint32_t remote, uint16_t port, uint32_t until)
{
	struct nat44_peer *peer = find(peers, inside, remote, port);

	if (peer == NULL) {
		struct nat44_peer *set = set_of(peers, inside, remote, port);

		peer = &set[0];
		for (unsigned int i = 1; i < NAT44_PEER_WAYS; i++)
			if (set[i].until < peer->until)
				peer = &set[i];
	}
	*peer = (struct nat44_peer){
		.inside = inside, .remote = remote, .port = port, .until = until
	};
}

bool
nat44_peer_is(const struct nat44_peers *peers, uint64_t inside, uint32_t remote, uint16_t port,
	uint32_t now)
{
	const struct nat44_peer *peer = find(peers, inside, remote, port);

	return peer != NULL && peer->until > now;
}
