/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ADDRESS_ADDRESS_H
#define ADDRESS_ADDRESS_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_byteorder.h>

/*
 * IP addresses and prefixes of both families, and their text forms. Plain values: any thread, no
 * memory of their own. Bytes are in network order; an IPv4 address has the first four, and the rest
 * is zero, so that equal addresses are equal byte by byte and memcmp() sorts them, IPv4 first.
 */

enum ip_family {
	IP_FAMILY_IPV4,
	IP_FAMILY_IPV6,
	IP_FAMILIES
};

struct ip_address {
	uint8_t family; /* enum ip_family */
	uint8_t bytes[16];
};

/* An address of an interface has bits behind the prefix, too; a route's prefix has none. */
struct ip_prefix {
	struct ip_address address;
	uint8_t depth;
};

static_assert(sizeof(struct ip_address) == 17, "no padding: compared as bytes");
static_assert(sizeof(struct ip_prefix) == 18, "no padding: compared as bytes");

/* Longest text forms, with their end. */
#define IP_ADDRESS_TEXT_SIZE 46
#define IP_PREFIX_TEXT_SIZE 50

static inline uint8_t
ip_family_bits(uint8_t family)
{
	return family == IP_FAMILY_IPV4 ? 32 : 128;
}

/* "IPv4", "IPv6". */
const char *ip_family_name(enum ip_family family);

/* Host byte order. */
static inline struct ip_address
ip_address_of_ipv4(uint32_t host)
{
	struct ip_address address = { .family = IP_FAMILY_IPV4 };
	rte_be32_t bytes = rte_cpu_to_be_32(host);

	memcpy(address.bytes, &bytes, sizeof(bytes));
	return address;
}

static inline uint32_t
ip_address_to_ipv4(const struct ip_address *address)
{
	rte_be32_t bytes;

	memcpy(&bytes, address->bytes, sizeof(bytes));
	return rte_be_to_cpu_32(bytes);
}

static inline struct ip_address
ip_address_of_ipv6(const void *bytes)
{
	struct ip_address address = { .family = IP_FAMILY_IPV6 };

	memcpy(address.bytes, bytes, sizeof(address.bytes));
	return address;
}

static inline bool
ip_address_equal(const struct ip_address *a, const struct ip_address *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* For hash tables; who does not know the seed cannot tell which addresses meet. */
uint32_t ip_address_hash(const struct ip_address *address, uint32_t seed);
uint32_t ip_prefix_hash(const struct ip_prefix *prefix, uint32_t seed);

static inline bool
ip_prefix_equal(const struct ip_prefix *a, const struct ip_prefix *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Not one bit set: 0.0.0.0 or ::. */
bool ip_address_is_zero(const struct ip_address *address);

/* The first `depth` bits, the others zero (or all ones). */
struct ip_address ip_address_network(const struct ip_address *address, uint8_t depth);
struct ip_address ip_address_last(const struct ip_address *address, uint8_t depth);

/* False at the last address of the family. */
bool ip_address_next(struct ip_address *address);

/* Whether the first `depth` bits are equal; never for two families. */
bool ip_address_matches(const struct ip_address *a, const struct ip_address *b, uint8_t depth);

static inline bool
ip_prefix_covers(const struct ip_prefix *prefix, const struct ip_address *address)
{
	return ip_address_matches(&prefix->address, address, prefix->depth);
}

/* Whether it is one address: /32 or /128. */
static inline bool
ip_prefix_is_host(const struct ip_prefix *prefix)
{
	return prefix->depth == ip_family_bits(prefix->address.family);
}

/* The prefix that is only this address. */
static inline struct ip_prefix
ip_prefix_of_host(const struct ip_address *address)
{
	return (struct ip_prefix){ *address, ip_family_bits(address->family) };
}

/* The prefix without bits behind it. */
static inline struct ip_prefix
ip_prefix_network(const struct ip_prefix *prefix)
{
	return (struct ip_prefix){ ip_address_network(&prefix->address, prefix->depth),
		prefix->depth };
}

/* fe80::/10 (RFC 4291 2.5.6), ff00::/8; of an IPv4 address, 224.0.0.0/4. */
static inline bool
ip_address_is_link_local(const struct ip_address *address)
{
	return address->family == IP_FAMILY_IPV6 && address->bytes[0] == 0xfe &&
	       (address->bytes[1] & 0xc0) == 0x80;
}

static inline bool
ip_address_is_multicast(const struct ip_address *address)
{
	return address->family == IP_FAMILY_IPV6 ? address->bytes[0] == 0xff
	                                         : address->bytes[0] >> 4 == 0xe;
}

/*
 * Whether the multicast address is of one link, or less, and routed nowhere: 224.0.0.0/24 (RFC 5771
 * 4), IPv6 scopes 0 to 2 (RFC 7346).
 */
static inline bool
ip_address_is_link_group(const struct ip_address *address)
{
	const uint8_t *bytes = address->bytes;

	if (address->family == IP_FAMILY_IPV4)
		return bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0;
	return bytes[0] == 0xff && (bytes[1] & 0x0f) <= 2;
}

/*
 * Why no host can have this address, or NULL: it can (RFC 1122 3.2.1.3, RFC 4291 2.5). Also told of
 * IPv4-mapped addresses, which are on no link.
 */
const char *ip_address_not_a_host(const struct ip_address *address);

/* Dotted quad, or RFC 5952; gives `text`, of IP_ADDRESS_TEXT_SIZE. */
const char *ip_address_text(const struct ip_address *address, char *text);

/* "10.0.0.0/8"; gives `text`, of IP_PREFIX_TEXT_SIZE. */
const char *ip_prefix_text(const struct ip_prefix *prefix, char *text);

/* Four decimal octets without leading zeros, or RFC 4291 2.2, and nothing else. 0 or -EINVAL. */
int ip_address_parse(const char *text, struct ip_address *address);

/* ADDRESS/DEPTH; bits behind the prefix are kept. 0 or -EINVAL. */
int ip_prefix_parse(const char *text, struct ip_prefix *prefix);

#endif
