/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "vrf/drop.h"

static const char *const names[VR_DROP_REASONS] = {
#define X(symbol, name, text) [VR_DROP_##symbol] = name,
	VR_DROP_LIST(X)
#undef X
};

static const char *const texts[VR_DROP_REASONS] = {
#define X(symbol, name, text) [VR_DROP_##symbol] = text,
	VR_DROP_LIST(X)
#undef X
};

const char *
vr_drop_name(enum vr_drop reason)
{
	return names[reason];
}

const char *
vr_drop_text(enum vr_drop reason)
{
	return texts[reason];
}
