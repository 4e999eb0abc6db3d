/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_NAT44_FRAGMENT_H
#define ELEMENT_NAT44_FRAGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "element/nat44_hash.h"

/*
 * What first fragments were translated to, so that those that follow, which have no ports, are too
 * (RFC 4787 REQ-14). A set-associative cache: a new packet takes the place of the one of its set
 * that was seen longest ago. Addresses in network byte order. One writer.
 */

#define NAT44_FRAGMENT_SETS 256u
#define NAT44_FRAGMENT_WAYS 4u
#define NAT44_FRAGMENT_SECONDS 30u /* from the first on; as hosts wait, RFC 1122 3.3.2 */

struct nat44_fragment_key {
	uint32_t source; /* as they come */
	uint32_t destination;
	uint16_t identification;
	uint8_t protocol;
	uint8_t side; /* enum element_side */
};

struct nat44_fragment {
	struct nat44_fragment_key key;
	uint32_t until;  /* second; 0: free */
	uint32_t source; /* what they become */
	uint32_t destination;
};

struct nat44_fragments {
	struct nat44_secret secret;
	struct nat44_fragment sets[NAT44_FRAGMENT_SETS][NAT44_FRAGMENT_WAYS];
};

void nat44_fragments_init(struct nat44_fragments *fragments);

/* Remembers what a first fragment became. */
void nat44_fragment_add(struct nat44_fragments *fragments, const struct nat44_fragment_key *key,
	uint32_t source, uint32_t destination, uint32_t now);

/* NULL: its first has not come. */
const struct nat44_fragment *nat44_fragment_find(const struct nat44_fragments *fragments,
	const struct nat44_fragment_key *key, uint32_t now);

#endif
