/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_REASSEMBLY_H
#define VRF_REASSEMBLY_H

#include "vrf/instance.h"

/*
 * Puts the fragments of packets for the router itself together (RFC 791 3.2, RFC 8200 4.5). What a
 * router holds is bounded, in datagrams, in fragments of each, and in all; who comes when there is
 * no room takes the place of the oldest. Fragments that overlap lose the whole datagram and those
 * still to come (RFC 5722); one that comes twice does no harm.
 *
 * Not librte_ip_frag: up to DPDK 24.11 it tells datagrams of two protocols apart by nothing, takes
 * a fragment that comes twice for an error, knows no extension header before that of an IPv6
 * fragment, and does not tell how many fragments it dropped.
 *
 * Time is in ticks, which the control thread gives each second by VR_INJECT_TICK while there
 * is anything, so that a router to which nothing more comes gives its buffers back. Worker, if
 * nothing else is said.
 */

#define REASSEMBLY_DATAGRAMS 8
#define REASSEMBLY_FRAGMENTS 16 /* of a datagram */
#define REASSEMBLY_HELD_MAX 64  /* of all */
#define REASSEMBLY_TICKS 60     /* seconds (RFC 8200 4.5) */

struct reassembly;

/* NULL when there is no memory. Control thread. */
struct reassembly *reassembly_create(int socket);

/* Frees what is held too. NULL is allowed. Control thread, once no worker runs the router. */
void reassembly_free(struct reassembly *reassembly);

/* Drops all that is held, and gives how many fragments that were. Control thread, as above. */
uint32_t reassembly_drop_all(struct reassembly *reassembly);

/* Fragments held now. Any thread. */
uint32_t reassembly_held(const struct reassembly *reassembly);

/* Whether time matters: something is held, or not to be taken any more. Any thread. */
bool reassembly_is_busy(const struct reassembly *reassembly);

/* Bytes of it, without the packets. */
size_t reassembly_size(void);

/*
 * Takes a fragment whose header is valid and that ends as it says. Gives the packet, when that was
 * its last: without fragment header, in several segments perhaps, the packet_meta that of its first
 * fragment. Otherwise NULL: it is held, or dropped and counted.
 */
struct rte_mbuf *reassembly_ipv4(
	struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta);

/*
 * The same, with the fragment header `fragment_at` bytes behind the IPv6 header; the headers before
 * it have been looked at, and are gone afterwards.
 */
struct rte_mbuf *reassembly_ipv6(struct vr_instance *instance, struct rte_mbuf *mbuf,
	struct packet_meta meta, uint16_t fragment_at, struct vr_output *output);

/* A second has passed: datagrams that took too long are dropped, their senders told. */
void reassembly_tick(struct vr_instance *instance, struct vr_output *output);

#endif
