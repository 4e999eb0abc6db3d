/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <netinet/in.h>

#include "vrf/icmp.h"
#include "vrf/ipv6_options.h"
#include "vrf/send.h"

enum type {
	PAD_1 = 0,
	PAD_N = 1,
	ROUTER_ALERT = 5,
};

/* What is done with an option that is not known: the two highest bits of its type. */
enum action {
	ACTION_SKIP = 0x00,
	ACTION_DROP = 0x40,
	ACTION_TELL = 0x80,
	ACTION_TELL_UNICAST = 0xc0,
};

#define ACTION_MASK 0xc0

struct extension {
	uint8_t next_header;
	uint8_t length; /* beyond the first 8 bytes, in 8 bytes */
	uint8_t routing_type;
	uint8_t segments_left;
};

static void
refuse(struct vr_instance *instance, struct rte_mbuf *mbuf, enum icmp_error error, uint32_t info,
	enum vr_drop reason, struct vr_output *output)
{
	icmp_error(instance, mbuf, error, info, output);
	send_drop(instance, mbuf, VR_CLASS_FORWARDED, reason);
}

/* An option that is not known, `at` bytes behind the IPv6 header. True: it is passed over. */
static bool
pass_over(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta, uint16_t at,
	struct vr_output *output)
{
	const struct ipv6_header *ip = ipv6_of(mbuf, meta);
	const uint8_t *option = (const uint8_t *)ip + at;
	bool group = ip->destination[0] == 0xff;

	switch (*option & ACTION_MASK) {
	case ACTION_SKIP:
		return true;
	case ACTION_DROP:
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_OPTIONS);
		return false;
	case ACTION_TELL_UNICAST:
		if (group) {
			send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_OPTIONS);
			return false;
		}
		break;
	}
	refuse(instance, mbuf, ICMP_ERROR_OPTION, at, VR_DROP_OPTIONS, output);
	return false;
}

bool
ipv6_options_input(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	uint16_t offset, struct vr_output *output)
{
	const uint8_t *header = (const uint8_t *)ipv6_of(mbuf, meta);
	const struct extension *extension = (const void *)(header + offset);
	uint16_t end = (uint16_t)(offset + 8 + 8 * extension->length);

	for (uint16_t at = offset + 2; at < end;) {
		uint8_t type = header[at];

		if (type == PAD_1) {
			at++;
			continue;
		}
		if (at + 2 > end || at + 2 + header[at + 1] > end) {
			refuse(instance, mbuf, ICMP_ERROR_PARAMETER, at, VR_DROP_OPTIONS, output);
			return false;
		}
		if (type != PAD_N && type != ROUTER_ALERT &&
			!pass_over(instance, mbuf, meta, at, output))
			return false;
		at = (uint16_t)(at + 2 + header[at + 1]);
	}
	return true;
}

/* One header, whole in the first segment. */
static bool
header_input(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct ipv6_upper *upper, struct vr_output *output)
{
	const struct extension *extension = RTE_PTR_ADD(ipv6_of(mbuf, meta), upper->offset);

	switch (upper->protocol) {
	case IPPROTO_HOPOPTS:
		/* The first was looked at before; there is no second (RFC 8200 4.1). */
		if (upper->offset == sizeof(struct ipv6_header))
			return true;
		refuse(instance, mbuf, ICMP_ERROR_PROTOCOL, upper->at, VR_DROP_EXTENSIONS, output);
		return false;
	case IPPROTO_DSTOPTS:
		return ipv6_options_input(instance, mbuf, meta, upper->offset, output);
	default:
		/* No type of routing header is followed (RFC 8200 4.4, RFC 5095). */
		if (extension->segments_left == 0)
			return true;
		refuse(instance, mbuf, ICMP_ERROR_PARAMETER,
			upper->offset + offsetof(struct extension, routing_type),
			VR_DROP_SOURCE_ROUTE, output);
		return false;
	}
}

bool
ipv6_headers_input(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	struct ipv6_upper *upper, struct vr_output *output)
{
	ipv6_upper_start(mbuf, meta, upper);
	for (unsigned int i = 0; ipv6_is_extension(upper->protocol) && !upper->fragment; i++) {
		struct ipv6_upper here = *upper;

		if (i == IPV6_EXTENSIONS_MAX || !ipv6_upper_next(mbuf, meta, upper)) {
			send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_EXTENSIONS);
			return false;
		}
		if (!upper->fragment && !header_input(instance, mbuf, meta, &here, output))
			return false;
	}
	return true;
}
