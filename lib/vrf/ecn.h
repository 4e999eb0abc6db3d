/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_ECN_H
#define VRF_ECN_H

#include <stdint.h>

/*
 * Explicit congestion notification through tunnels (RFC 6040). A tunnel begins in normal mode: the
 * outer header gets the inner one's field (4.1).
 */

enum ecn {
	ECN_NOT_ECT = 0,
	ECN_ECT_1 = 1,
	ECN_ECT_0 = 2,
	ECN_CE = 3,
};

#define ECN_MASK 3
#define ECN_DROP UINT8_MAX

/* The inner field as it leaves the tunnel (4.2, figure 4), or ECN_DROP. */
static inline uint8_t
ecn_leave(uint8_t inner, uint8_t outer)
{
	static const uint8_t table[4][4] = {
		[ECN_NOT_ECT] = { [ECN_NOT_ECT] = ECN_NOT_ECT,
			[ECN_ECT_0] = ECN_NOT_ECT,
			[ECN_ECT_1] = ECN_NOT_ECT,
			[ECN_CE] = ECN_DROP },
		[ECN_ECT_0] = { [ECN_NOT_ECT] = ECN_ECT_0,
			[ECN_ECT_0] = ECN_ECT_0,
			[ECN_ECT_1] = ECN_ECT_1,
			[ECN_CE] = ECN_CE },
		[ECN_ECT_1] = { [ECN_NOT_ECT] = ECN_ECT_1,
			[ECN_ECT_0] = ECN_ECT_1,
			[ECN_ECT_1] = ECN_ECT_1,
			[ECN_CE] = ECN_CE },
		[ECN_CE] = { [ECN_NOT_ECT] = ECN_CE,
			[ECN_ECT_0] = ECN_CE,
			[ECN_ECT_1] = ECN_CE,
			[ECN_CE] = ECN_CE },
	};

	return table[inner & ECN_MASK][outer & ECN_MASK];
}

#endif
