/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_ADVERTISER_H
#define VRF_ADVERTISER_H

#include "vrf/vr.h"

/*
 * Router advertisements (RFC 4861 6.2) on interfaces that ask for them: at random intervals, more
 * often at first, soon after a solicitation, and a last one when the router goes. All of them go to
 * all nodes. Control thread.
 */

/* RFC 4861 10, router constants. Times in ns. */
#define ADVERTISER_INITIAL 3
#define ADVERTISER_INITIAL_INTERVAL UINT64_C(16000000000)
#define ADVERTISER_MIN_DELAY UINT64_C(3000000000) /* between two */
#define ADVERTISER_ANSWER_DELAY UINT64_C(500000000)

/* For each interface that advertises. 0 or -ENOMEM. */
int advertiser_add_all(struct vr *vr);
void advertiser_free_all(struct vr *vr);

/* A host has asked. */
void advertiser_solicited(struct vr *vr, uint16_t interface);

/* The router goes: hosts shall not take it as their default router any longer. */
void advertiser_stop(struct vr *vr);

#endif
