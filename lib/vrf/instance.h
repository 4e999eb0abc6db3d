/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_INSTANCE_H
#define VRF_INSTANCE_H

#include <assert.h>
#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_ring.h>

#include "element/element.h"
#include "packet/packet.h"
#include "vrf/drop.h"
#include "vrf/token_bucket.h"
#include "vrf/vr.h"

/*
 * The part of a router that one worker runs: it takes bursts of frames, and gives the frames to
 * send. Only that worker touches it; others read its counters.
 *
 * Every frame received is once forwarded, answered, consumed or dropped with a reason, or it waits
 * with the control thread (punted, not yet returned):
 *
 *	input = forwarded + answered + consumed + sum of dropped + (punted - returned) + held
 *
 * where those held are fragments that wait for others and packets in elements. A packet put
 * together of several counts as one of them; the others are consumed.
 *
 * Packets that the router makes itself (ARP requests, ICMP errors) are counted apart:
 * originated when sent, originated_lost when not. So are the fragments of a packet that was too
 * long, but for the first, which is counted as the packet.
 */

/* What a frame is to the router, from its arrival to the port. */
enum vr_class {
	VR_CLASS_FORWARDED,
	VR_CLASS_ANSWERED,
	VR_CLASS_ORIGINATED,
	VR_CLASS_FRAGMENT, /* of a forwarded packet, behind the first */
	VR_CLASSES
};

struct vr_counters {
	uint64_t input;
	uint64_t sent[VR_CLASSES];
	uint64_t forwarded_bytes;
	uint64_t consumed;
	uint64_t punted;
	uint64_t returned;
	uint64_t originated_lost;
	uint64_t fragments_lost;
	uint64_t tunnelled;    /* of those sent: out of tunnels, to the routers that have them */
	uint64_t icmp_limited; /* ICMP errors not sent because of icmp_rate */
	uint64_t dropped[VR_DROP_REASONS];
};

struct vr_interface_counters {
	uint64_t rx_packets;
	uint64_t rx_bytes;
	uint64_t tx_packets;
	uint64_t tx_bytes;
};

/* From the worker to the control thread. */
enum vr_punt_code {
	VR_PUNT_RESOLVE, /* a packet waits for the MAC of `address` */
	/* What ARP or ND told of `address`; see neighbour.h. */
	VR_PUNT_ASKED,      /* it asked for us: `mac` is its own */
	VR_PUNT_ADVERTISED, /* it answered or announced, with `flags` */
	VR_PUNT_HEARD,      /* the same, but told to others: update what is known, no more */
	VR_PUNT_CLAIMED,    /* `mac` says that our `address` is its own, or probes for it */
	VR_PUNT_SOLICITED,  /* a host wants to know of routers on `interface` */
	VR_PUNT_USED,       /* a packet went by `next_hop`, whose neighbour is STALE */
	VR_PUNT_TUNNEL_MTU, /* packets of `tunnel` are too long for their way */
};

/* Of ADVERTISED and HEARD, as RFC 4861 4.4 has them, and of CLAIMED. */
enum vr_told {
	VR_TOLD_MAC = 1, /* there is one */
	VR_TOLD_SOLICITED = 2,
	VR_TOLD_OVERRIDE = 4,
	VR_TOLD_ROUTER = 8,
	VR_TOLD_PROBE = 16, /* CLAIMED */
};

struct vr_punt {
	union {
		struct rte_mbuf *mbuf;     /* RESOLVE; owned by the receiver */
		struct rte_ether_addr mac; /* ASKED, ADVERTISED, HEARD, CLAIMED */
		uint32_t next_hop;         /* USED: its index */
		struct {
			uint32_t serial;
			uint16_t mtu; /* that the outer way takes */
		} tunnel;             /* TUNNEL_MTU */
	};
	struct ip_address address;
	uint8_t code;
	union {
		uint8_t class; /* RESOLVE */
		uint8_t flags; /* ADVERTISED, HEARD, CLAIMED; enum vr_told */
	};
	uint16_t interface;
};

/* From the control thread to the worker; the mbuf comes with it. */
enum vr_inject_code {
	VR_INJECT_FRAME,  /* send as it is on `interface` */
	VR_INJECT_RESUME, /* look it up again: its next hop is known now */
	VR_INJECT_DROP,   /* its next hop could not be resolved: drop for `reason` */
	VR_INJECT_TICK,   /* no packet: another second has passed */
};

struct vr_inject {
	struct rte_mbuf *mbuf;
	uint16_t interface;
	uint8_t code;
	uint8_t class;
	uint32_t reason; /* enum vr_drop */
};

static_assert(sizeof(struct vr_punt) == 32, "a ring element that is copied at once");
static_assert(sizeof(struct vr_inject) == 16, "a ring element that is copied at once");

#define VR_PUNT_RING 128 /* entries; RESOLVE may use half, so that answers get through */
#define VR_INJECT_RING 128
#define VR_INJECT_BURST 16 /* taken per run */

/* When a host was told of a better way last. */
struct vr_redirected {
	uint32_t host; /* hash */
	uint64_t at;   /* cycles */
};

#define VR_REDIRECTED 64

/* Stands for the interface of what is handed over between tunnels and their outer routers. */
#define VR_INTERFACE_NONE UINT16_MAX

/* A frame to send, complete with its L2 header. */
struct vr_tx {
	struct rte_mbuf *mbuf;
	uint16_t port; /* that of the interface */
	uint16_t interface;
	uint16_t class;
};

static_assert(sizeof(struct vr_tx) == 16, "two stores");

/* Frames that elements make while the output is in their hands, in one run. */
#define VR_ASIDE_MAX PACKET_BURST_MAX

/* Packets that may leave tunnels before they are looked at: one for each that is taken. */
#define VR_LEFT_MAX (PACKET_BURST_MAX + VR_INJECT_BURST)

struct vr_instance {
	/* Hot. */
	const struct vr *vr;
	struct vr_interface_counters *interfaces;
	struct rte_ring *inject;
	struct rte_ring *punt;
	uint64_t now; /* of the current run */
	uint64_t due; /* when elements want to be run without a packet, in cycles; ELEMENT_NEVER */
	uint32_t n_left;
	uint32_t n_aside;
	uint32_t element_runs; /* to look at the clock for some of them */

	struct vr_counters counters;
	struct rte_mempool *pool;
	struct reassembly *reassembly;
	struct token_bucket icmp;
	struct token_bucket echo;
	struct token_bucket resolve;
	struct token_bucket learn;
	struct vr_redirected redirected[VR_REDIRECTED];
	uint64_t cycles_per_ms;
	uint64_t utc_offset; /* of `now` in ms to UT, in ms; atomic: set by the control thread */
	struct rte_mbuf *left[VR_LEFT_MAX]; /* out of tunnels; see tunnel_input.h */
	uint16_t identification;            /* of packets it makes */
	uint32_t fragment_identification;   /* of IPv6 packets it cuts */

	struct element_host host; /* what its elements may ask for */
	uint64_t held;            /* packets received that elements hold */
	struct vr_tx aside[VR_ASIDE_MAX];

	/* Written by the control thread: packets it dropped while they waited. */
	uint64_t control_dropped[VR_DROP_REASONS];
	uint64_t control_lost; /* of its own making */
};

#define VR_OUTPUT_MAX (2 * (PACKET_BURST_MAX + VR_INJECT_BURST))
/* Packets that one run may forward without looking whether there is room for them. */
#define VR_OUTPUT_UNCHECKED (PACKET_BURST_MAX + VR_INJECT_BURST)

static_assert(VR_OUTPUT_MAX > VR_OUTPUT_UNCHECKED, "room for what is looked after");

struct vr_output {
	unsigned int n;
	struct vr_tx frames[VR_OUTPUT_MAX];

	/* The owner's: takes the n frames, in order, and leaves the output empty. */
	void (*flush)(struct vr_instance *instance, struct vr_output *output);
	void *context;
};

/* NULL when there is no memory. Control thread. */
struct vr_instance *vr_instance_create(const struct vr *vr, const struct vr_params *params);

/* Frees it and the packets in its rings. NULL is allowed. Control thread. */
void vr_instance_free(struct vr_instance *instance);

/*
 * Takes `n` <= PACKET_BURST_MAX frames with their packet_meta set, runs each to its end, and what
 * the control thread has injected first. Frames to send are put in `output`, which is emptied
 * before, and flushed whenever there may be no room for more; what is left in it at the end is the
 * caller's. All others are freed or punted. `now` is in cycles. Worker.
 */
void vr_instance_run(struct vr_instance *instance, struct rte_mbuf **mbufs, unsigned int n,
	uint64_t now, struct vr_output *output);

/*
 * Instead of running it: frames as vr_instance_run() takes them, and what the control thread has
 * injected, are dropped for `reason`. Worker.
 */
void vr_instance_drop(
	struct vr_instance *instance, struct rte_mbuf **mbufs, unsigned int n, enum vr_drop reason);

/*
 * To be called each second: sets the clock that the router tells others the time by, and wakes the
 * worker for what is held there. Control thread.
 */
void vr_instance_tick(struct vr_instance *instance);

/* A frame of an earlier output that the port did not take (it is freed by the caller). Worker. */
void vr_instance_refused(
	struct vr_instance *instance, uint16_t interface, enum vr_class class, uint32_t bytes);

/* Counts a frame as sent, or no more; what becomes of it then is told by vr_instance_lose().
 * Worker. */
void vr_instance_send(struct vr_instance *instance, const struct vr_tx *tx);
void vr_instance_unsend(struct vr_instance *instance, const struct vr_tx *tx);

/* Counts a packet of this class as dropped, or lost if it is of the router's own making. Worker. */
void vr_instance_lose(struct vr_instance *instance, enum vr_class class, enum vr_drop reason);

/* Elements want to be run though no packet comes. Worker. */
static inline bool
vr_instance_is_due(const struct vr_instance *instance, uint64_t now)
{
	return instance->due <= now;
}

/* Something is injected and waits. Worker. */
static inline bool
vr_instance_has_injected(const struct vr_instance *instance)
{
	return !rte_ring_empty(instance->inject);
}

#endif
