/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_OWN_ADDRESS_H
#define VRF_OWN_ADDRESS_H

#include "vrf/instance.h"
#include "vrf/vr.h"

/*
 * The router's own addresses from its start on. An IPv6 address is tentative until nobody has
 * answered a solicitation for it (duplicate address detection, RFC 4862 5.4): until then it is
 * neither answered for nor sent from, and if somebody has it, it stays so. An address that is ready
 * to be used is announced (RFC 5227 2.3, RFC 4861 7.2.6), so that hosts that knew another MAC learn
 * the new one.
 *
 * The first message of each address comes after a random delay, so that many routers that start at
 * once don't send at once. Control thread, but for what says otherwise.
 */

enum own_address_state {
	OWN_ADDRESS_PREFERRED,
	OWN_ADDRESS_TENTATIVE,
	OWN_ADDRESS_DUPLICATE,
};

/* RFC 4862 5.1 DupAddrDetectTransmits, RFC 4861 10 RETRANS_TIMER. Times in ns. */
#define OWN_ADDRESS_PROBES 1
#define OWN_ADDRESS_PROBE_INTERVAL UINT64_C(1000000000)
/* RFC 5227 1.1 ANNOUNCE_NUM, ANNOUNCE_INTERVAL; within the limits of RFC 4861 7.2.6. */
#define OWN_ADDRESS_ANNOUNCEMENTS 2
#define OWN_ADDRESS_ANNOUNCE_INTERVAL UINT64_C(2000000000)
/* RFC 4861 10 MAX_RTR_SOLICITATION_DELAY; each address adds the other, so that they are few at a
 * time. */
#define OWN_ADDRESS_DELAY UINT64_C(1000000000)
#define OWN_ADDRESS_DELAY_EACH UINT64_C(2000000)
/* Somebody else's claims to one address are told of no more often. */
#define OWN_ADDRESS_EVENT_INTERVAL UINT64_C(60000000000)

/* For each address of each interface. 0 or -ENOMEM. */
int own_address_add_all(struct vr *vr);

/*
 * The interface is up again, or has a new MAC or address: what is in use is announced, what is not
 * is probed for.
 */
void own_address_restart(struct vr *vr, const struct vr_interface *interface);

/* Whether the start is over: nothing is to be probed for or announced any more. */
bool own_address_settled(const struct vr *vr);

/* A CLAIMED punt: `mac` has told that it has one of our addresses. */
void own_address_claimed(struct vr *vr, const struct vr_punt *punt);

void own_address_free_all(struct vr *vr);

/* Of the address with this index. Any thread. */
static inline enum own_address_state
own_address_state(const struct vr_interface *interface, uint16_t index)
{
	return (enum own_address_state)__atomic_load_n(
		&interface->address_states[index], __ATOMIC_RELAXED);
}

const char *own_address_state_name(enum own_address_state state);

#endif
