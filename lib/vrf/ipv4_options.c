/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "vrf/icmp.h"
#include "vrf/ipv4.h"
#include "vrf/ipv4_options.h"
#include "vrf/send.h"
#include "vrf/table.h"

#define MS_PER_DAY 86400000u

enum type {
	END = 0,
	NO_OPERATION = 1,
	RECORD_ROUTE = 7,
	TIMESTAMP = 68,
	LOOSE_SOURCE_ROUTE = 131,
	STRICT_SOURCE_ROUTE = 137,
};

/* Where they are in an option; a pointer counts from 1. */
enum place {
	TYPE,
	LENGTH,
	POINTER,
	ROUTE, /* the first address of a route */
	OVERFLOW = 3,
	STAMPS, /* the first timestamp or address */
};

enum stamp {
	STAMP_ONLY = 0,
	STAMP_ADDRESS = 1,
	STAMP_GIVEN = 3, /* only at the addresses that are there */
};

#define OVERFLOW_MAX 0xf0

/* Each check gives the octet of the option that is wrong, or FINE. */
#define FINE 255

static uint8_t
check_route(const uint8_t *option)
{
	if (option[LENGTH] < ROUTE)
		return LENGTH;
	if (option[POINTER] <= ROUTE)
		return POINTER;
	if (option[POINTER] <= option[LENGTH] && option[POINTER] + 3 > option[LENGTH])
		return POINTER;
	return FINE;
}

static uint8_t
stamp_size(const uint8_t *option)
{
	return (option[OVERFLOW] & 0x0f) == STAMP_ONLY ? 4 : 8;
}

static uint8_t
check_timestamp(const uint8_t *option)
{
	uint8_t flag;

	if (option[LENGTH] < STAMPS)
		return LENGTH;
	if (option[POINTER] <= STAMPS)
		return POINTER;
	flag = option[OVERFLOW] & 0x0f;
	if (flag != STAMP_ONLY && flag != STAMP_ADDRESS && flag != STAMP_GIVEN)
		return OVERFLOW;
	if (option[POINTER] > option[LENGTH])
		return option[OVERFLOW] >= OVERFLOW_MAX && flag != STAMP_GIVEN ? OVERFLOW : FINE;
	return option[POINTER] + stamp_size(option) - 1 > option[LENGTH] ? POINTER : FINE;
}

/* Notes the option's place, of which there may be one. */
static uint8_t
note(const uint8_t *header, uint8_t at, struct ipv4_options *options)
{
	const uint8_t *option = header + at;
	uint8_t *place;

	switch (option[TYPE]) {
	case LOOSE_SOURCE_ROUTE:
	case STRICT_SOURCE_ROUTE:
		place = &options->source_route;
		options->strict = option[TYPE] == STRICT_SOURCE_ROUTE;
		break;
	case RECORD_ROUTE:
		place = &options->record_route;
		break;
	case TIMESTAMP:
		place = &options->timestamp;
		break;
	default:
		return FINE;
	}
	if (*place != 0)
		return TYPE;
	*place = at;
	return option[TYPE] == TIMESTAMP ? check_timestamp(option) : check_route(option);
}

/* False where the options make no sense; `*wrong` is then the octet of the header to blame. */
static bool
read_options(const struct rte_ipv4_hdr *ip, struct ipv4_options *options, uint8_t *wrong)
{
	const uint8_t *header = (const uint8_t *)ip;
	uint8_t length = ipv4_header_length(ip);
	uint8_t at = sizeof(*ip), fault;

	*options = (struct ipv4_options){ 0 };
	while (at < length && header[at] != END) {
		if (header[at] == NO_OPERATION) {
			at++;
			continue;
		}
		*wrong = at;
		if (at + 1 == length || header[at + LENGTH] < 2 ||
			header[at + LENGTH] > length - at)
			return false;
		fault = note(header, at, options);
		*wrong = at + fault;
		if (fault != FINE)
			return false;
		at += header[at + LENGTH];
	}
	return true;
}

static void
refuse(struct vr_instance *instance, struct rte_mbuf *mbuf, enum icmp_error error, uint32_t info,
	enum vr_drop reason, struct vr_output *output)
{
	icmp_error(instance, mbuf, error, info, output);
	send_drop(instance, mbuf, VR_CLASS_FORWARDED, reason);
}

static rte_be32_t
read_address(const uint8_t *at)
{
	rte_be32_t address;

	memcpy(&address, at, sizeof(address));
	return address;
}

static bool
is_own(const struct vr *vr, rte_be32_t address)
{
	struct ip_address own = ip_address_of_ipv4(rte_be_to_cpu_32(address));

	return vr_owns(vr, &own);
}

static bool
is_neighbour(const struct vr *vr, rte_be32_t address)
{
	struct ip_address next = ip_address_of_ipv4(rte_be_to_cpu_32(address));

	return vr_interface_towards(vr, &next) != NULL;
}

/* RFC 1812 5.2.4.1: at a stop of the route the next one becomes the destination. */
static bool
follow_route(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	struct ipv4_options *options, struct vr_output *output)
{
	struct rte_ipv4_hdr *ip = ipv4_of(mbuf, meta);
	uint8_t *option = (uint8_t *)ip + options->source_route;
	bool here = is_own(instance->vr, ip->dst_addr);
	rte_be32_t next;

	if (option[POINTER] > option[LENGTH])
		return true;
	if (!here && !options->strict)
		return true;
	next = read_address(option + option[POINTER] - 1);
	if (!here || (options->strict && !is_neighbour(instance->vr, next)) ||
		ipv4_martian_octets[ipv4_first_octet(next)] != 0) {
		refuse(instance, mbuf, ICMP_ERROR_SOURCE_ROUTE, 0, VR_DROP_SOURCE_ROUTE, output);
		return false;
	}
	ip->dst_addr = next;
	options->turned = true;
	return true;
}

bool
ipv4_options_input(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	struct ipv4_options *options, struct vr_output *output)
{
	uint8_t wrong;

	if (!read_options(ipv4_of(mbuf, meta), options, &wrong)) {
		refuse(instance, mbuf, ICMP_ERROR_PARAMETER, wrong, VR_DROP_OPTIONS, output);
		return false;
	}
	if (options->source_route == 0)
		return true;
	if (!instance->vr->accept_source_route) {
		send_drop(instance, mbuf, VR_CLASS_FORWARDED, VR_DROP_SOURCE_ROUTE);
		return false;
	}
	return follow_route(instance, mbuf, meta, options, output);
}

/* Milliseconds since midnight, UT. */
static rte_be32_t
time_of_day(const struct vr_instance *instance)
{
	uint64_t offset = __atomic_load_n(&instance->utc_offset, __ATOMIC_RELAXED);

	return rte_cpu_to_be_32(
		(uint32_t)((instance->now / instance->cycles_per_ms + offset) % MS_PER_DAY));
}

static void
append(uint8_t *option, rte_be32_t word)
{
	memcpy(option + option[POINTER] - 1, &word, sizeof(word));
	option[POINTER] += sizeof(word);
}

static void
record_time(struct vr_instance *instance, uint8_t *option, rte_be32_t own)
{
	uint8_t flag = option[OVERFLOW] & 0x0f;

	if (option[POINTER] > option[LENGTH]) {
		if (flag != STAMP_GIVEN)
			option[OVERFLOW] += 0x10;
		return;
	}
	if (flag == STAMP_GIVEN) {
		own = read_address(option + option[POINTER] - 1);
		if (!is_own(instance->vr, own))
			return;
	}
	if (flag != STAMP_ONLY)
		append(option, own);
	append(option, time_of_day(instance));
}

void
ipv4_options_record(struct vr_instance *instance, struct rte_mbuf *mbuf, struct packet_meta meta,
	const struct ipv4_options *options, uint16_t interface)
{
	struct rte_ipv4_hdr *ip = ipv4_of(mbuf, meta);
	struct ip_address towards = ip_address_of_ipv4(rte_be_to_cpu_32(ip->dst_addr));
	const struct ip_address *address = vr_address_towards(instance->vr, interface, &towards);
	uint8_t *route = (uint8_t *)ip + options->record_route;
	rte_be32_t own;

	if (address == NULL)
		return;
	own = rte_cpu_to_be_32(ip_address_to_ipv4(address));
	if (options->turned)
		append((uint8_t *)ip + options->source_route, own);
	if (options->record_route != 0 && route[POINTER] <= route[LENGTH])
		append(route, own);
	if (options->timestamp != 0)
		record_time(instance, (uint8_t *)ip + options->timestamp, own);
	ip->hdr_checksum = 0;
	ip->hdr_checksum = checksum_of(ip, ipv4_header_length(ip));
}

void
ipv4_options_reply(
	struct rte_ipv4_hdr *ip, const struct ipv4_options *options, rte_be32_t *destination)
{
	uint8_t *option = (uint8_t *)ip + options->source_route;
	unsigned int n = (option[LENGTH] - ROUTE) / 4u;
	rte_be32_t stops[10]; /* from the sender on */

	if (options->source_route == 0 || n == 0)
		return;
	stops[0] = *destination;
	for (unsigned int i = 0; i < n; i++)
		stops[i + 1] = read_address(option + ROUTE + 4 * i);
	*destination = stops[n];
	for (unsigned int i = 0; i < n; i++)
		memcpy(option + ROUTE + 4 * i, &stops[n - 1 - i], 4);
	option[POINTER] = ROUTE + 1;
}
