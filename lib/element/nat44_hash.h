/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_NAT44_HASH_H
#define ELEMENT_NAT44_HASH_H

#include <stdint.h>

#include <rte_random.h>

/*
 * The hash of all tables of the NAT. It is keyed: who does not know the secret cannot choose flows
 * that meet. Two products of 128 bits, each folded to 64; one by itself is linear enough for the
 * addresses and ports of a network, which follow each other, to meet in a few places under some
 * secrets.
 */

struct nat44_secret {
	uint64_t words[4];
};

static inline void
nat44_secret_init(struct nat44_secret *secret)
{
	for (unsigned int i = 0; i < 4; i++)
		secret->words[i] = rte_rand();
}

static inline uint64_t
nat44_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Of a key of 128 bits. All bits of it are as good as any. */
static inline uint64_t
nat44_hash(const struct nat44_secret *secret, uint64_t a, uint64_t b)
{
	const uint64_t *s = secret->words;

	return nat44_fold(nat44_fold(a ^ s[0], s[1] | 1) ^ b ^ s[2], s[3] | 1);
}

#endif
