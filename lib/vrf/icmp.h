/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef VRF_ICMP_H
#define VRF_ICMP_H

#include "packet/ipv6_header.h"
#include "vrf/instance.h"
#include "vrf/ipv4_options.h"

/*
 * ICMP (RFC 792) and ICMPv6 (RFC 4443): answers to echo requests, and errors as RFC 1812 4.3 and
 * 5.2.7 and RFC 4443 2.4 want them. One thing is as most routers do it instead: an error comes from
 * the interface that the packet came in by, so that a traceroute shows the way there; one about a
 * packet for the router itself from the address that was for (RFC 4443 2.2). Both are limited per
 * router. Worker.
 */

/* What an error says, in either family. */
enum icmp_error {
	ICMP_ERROR_TTL,        /* TTL or hop limit ran out */
	ICMP_ERROR_NO_ROUTE,   /* network unreachable */
	ICMP_ERROR_HOST,       /* host or address unreachable */
	ICMP_ERROR_PROHIBITED, /* administratively */
	ICMP_ERROR_TOO_BIG,    /* info: the MTU of the next hop */
	ICMP_ERROR_PORT,
	ICMP_ERROR_PROTOCOL,  /* info, IPv6: where in the packet the unknown next header is named */
	ICMP_ERROR_SCOPE,     /* IPv6: a link-local source would leave its link */
	ICMP_ERROR_PARAMETER, /* info: where in the packet the wrong octet is */
	ICMP_ERROR_OPTION,    /* IPv6, info: where the option is that is not known */
	ICMP_ERROR_SOURCE_ROUTE, /* IPv4: it can't be followed */
	ICMP_ERROR_REASSEMBLY,   /* fragments did not come in time */
	ICMP_ERROR_REDIRECT,     /* IPv4, info: the address of the better gateway; see redirect.h */
	ICMP_ERRORS
};

/*
 * Sends an error about `mbuf`, which stays the caller's, unless the rules forbid it. `info` is 0
 * where nothing is said of it. The packet's header has been validated.
 */
void icmp_error(struct vr_instance *instance, const struct rte_mbuf *mbuf, enum icmp_error error,
	uint32_t info, struct vr_output *output);

/* Whether the rate allows one more error, which then is counted as sent. */
bool icmp_error_in_rate(struct vr_instance *instance);

/* Of a message of `length` bytes whose checksum field is zero. */
uint16_t icmp6_checksum(const struct ipv6_header *ip, const void *message, uint16_t length);

/*
 * Take an ICMP message for the router, which is no fragment; the packet ends as its header says.
 * `options` are those of the header, NULL: it has none.
 */
void icmp4_input(struct vr_instance *instance, struct rte_mbuf *mbuf,
	const struct ipv4_options *options, struct vr_output *output);
/* `offset` from the IPv6 header to the message. */
void icmp6_input(struct vr_instance *instance, struct rte_mbuf *mbuf, uint16_t offset,
	struct vr_output *output);

/*
 * Of each family, for icmp.c and redirect.c. Whether the rules allow an error about the packet; the
 * error as a packet without L2 header, its packet_meta set, or NULL: there is no buffer.
 */
bool icmp4_error_allowed(const struct rte_mbuf *mbuf, struct packet_meta meta);
bool icmp6_error_allowed(
	const struct rte_mbuf *mbuf, struct packet_meta meta, enum icmp_error error);
struct rte_mbuf *icmp4_make_error(struct vr_instance *instance, const struct rte_mbuf *mbuf,
	enum icmp_error error, uint32_t info, const struct ip_address *source);
struct rte_mbuf *icmp6_make_error(struct vr_instance *instance, const struct rte_mbuf *mbuf,
	enum icmp_error error, uint32_t info, const struct ip_address *source);

#endif
