/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <string.h>

#include "element/nat44_port.h"

/* A port's place among those of its parity. */
struct place {
	unsigned int parity;
	unsigned int word;
	uint64_t bit;
};

static struct place
place_of(uint16_t port)
{
	return (struct place){ port & 1, port / 128, UINT64_C(1) << (port / 2 % 64) };
}

static bool
in_range(const struct nat44_ports *ports, uint16_t port)
{
	return port >= ports->low && port <= ports->high;
}

static bool
is_used(const struct nat44_ports *ports, uint16_t port)
{
	struct place place = place_of(port);

	return (ports->used[place.parity][place.word] & place.bit) != 0;
}

static void
set(struct nat44_ports *ports, uint16_t port)
{
	struct place place = place_of(port);
	uint64_t *word = &ports->used[place.parity][place.word];

	*word |= place.bit;
	if (*word == UINT64_MAX)
		ports->full[place.parity][place.word / 64] |= UINT64_C(1) << place.word % 64;
	ports->free[place.parity]--;
}

void
nat44_ports_init(struct nat44_ports *ports, uint16_t low, uint16_t high)
{
	memset(ports, 0xff, sizeof(*ports));
	memset(ports->free, 0, sizeof(ports->free));
	ports->low = low;
	ports->high = high;
	for (uint32_t port = low; port <= high; port++)
		nat44_ports_give(ports, (uint16_t)port);
}

/* The first bit that is zero at or behind `from`, or -1. */
static int
zero_from(const uint64_t *words, unsigned int n, unsigned int from)
{
	uint64_t mask = UINT64_MAX << from % 64;

	for (unsigned int i = from / 64; i < n; i++, mask = UINT64_MAX) {
		uint64_t zeroes = ~words[i] & mask;

		if (zeroes != 0)
			return (int)(64 * i) + __builtin_ctzll(zeroes);
	}
	return -1;
}

/* The first place that is free from `from` on, round the end; there is one. */
static unsigned int
free_from(const struct nat44_ports *ports, unsigned int parity, unsigned int from)
{
	const uint64_t *used = ports->used[parity];
	unsigned int word = from / 64;
	uint64_t zeroes = ~used[word] & UINT64_MAX << from % 64;
	int next;

	if (zeroes != 0)
		return 64 * word + __builtin_ctzll(zeroes);
	next = word + 1 == NAT44_PARITY_WORDS
	               ? -1
	               : zero_from(ports->full[parity], NAT44_FULL_WORDS, word + 1);
	if (next < 0)
		next = zero_from(ports->full[parity], NAT44_FULL_WORDS, 0);
	return 64 * (unsigned int)next + __builtin_ctzll(~used[next]);
}

int
nat44_ports_take(struct nat44_ports *ports, uint16_t wanted, uint32_t random)
{
	uint32_t n = (uint32_t)(ports->high - ports->low) + 1;
	unsigned int parity = wanted & 1;
	uint16_t port = wanted;

	if (is_used(ports, wanted)) {
		if (ports->free[parity] == 0)
			parity ^= 1;
		if (ports->free[parity] == 0)
			return -1;
		/* Within the range, so that none is likelier for what is outside of it. */
		port = (uint16_t)(ports->low + ((uint64_t)random * n >> 32));
		port = (uint16_t)(2 * free_from(ports, parity, port / 2) + parity);
	}
	set(ports, port);
	return port;
}

bool
nat44_ports_reserve(struct nat44_ports *ports, uint16_t port)
{
	if (!in_range(ports, port))
		return true;
	if (is_used(ports, port))
		return false;
	set(ports, port);
	return true;
}

void
nat44_ports_give(struct nat44_ports *ports, uint16_t port)
{
	struct place place = place_of(port);

	if (!in_range(ports, port))
		return;
	ports->used[place.parity][place.word] &= ~place.bit;
	ports->full[place.parity][place.word / 64] &= ~(UINT64_C(1) << place.word % 64);
	ports->free[place.parity]++;
}

uint32_t
nat44_ports_in_use(const struct nat44_ports *ports)
{
	return (uint32_t)(ports->high - ports->low) + 1 - ports->free[0] - ports->free[1];
}
