/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_INTERFACE_H
#define VRF_INTERFACE_H

#include "vrf/vr.h"

/* A router's interfaces, made with it and for as long as it is; the rest is in vr.h. */

/* Those of the params, with what is filled in. 0; or -ENOMEM, with what there is to be freed. */
int interfaces_copy(struct vr *vr, const struct vr_params *params);
void interfaces_free(struct vr *vr);

#endif
