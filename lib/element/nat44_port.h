/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_NAT44_PORT_H
#define ELEMENT_NAT44_PORT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The ports of one outside address and one protocol. Ports are in host byte order. Even and odd
 * ones are apart, as a session is to get one of its own parity (RFC 4787 REQ-4).
 */

#define NAT44_PARITY_WORDS 512u /* of 64 ports of one parity */
#define NAT44_FULL_WORDS 8u     /* a bit for each of these */

struct nat44_ports {
	uint64_t used[2][NAT44_PARITY_WORDS]; /* or not to be given */
	uint64_t full[2][NAT44_FULL_WORDS];   /* words of which no port is free */
	uint32_t free[2];                     /* ports */
	uint16_t low;                         /* those from low to high are given */
	uint16_t high;
};

void nat44_ports_init(struct nat44_ports *ports, uint16_t low, uint16_t high);

/*
 * Takes `wanted` if it is free, else a free one at random of the same parity, else one of the
 * other. -1: none is free. Bounded by a few words, however many are used.
 */
int nat44_ports_take(struct nat44_ports *ports, uint16_t wanted, uint32_t random);

/* Takes this very one, which may be outside of the range; false: a session has it. */
bool nat44_ports_reserve(struct nat44_ports *ports, uint16_t port);

/* Gives back what either took. */
void nat44_ports_give(struct nat44_ports *ports, uint16_t port);

/* Those of the range. */
uint32_t nat44_ports_in_use(const struct nat44_ports *ports);

#endif
