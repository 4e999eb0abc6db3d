/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_PIPELINE_HOST_H
#define VRF_PIPELINE_HOST_H

#include "vrf/instance.h"

/* What an instance offers the elements of its router (struct element_host). */
void pipeline_host_init(struct vr_instance *instance);

/* Sends what elements made in this run. Worker. */
void pipeline_host_flush(struct vr_instance *instance, struct vr_output *output);

#endif
