/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include <rte_common.h>
#include <rte_jhash.h>

#include "address.h"

const char *
ip_family_name(enum ip_family family)
{
	return family == IP_FAMILY_IPV4 ? "IPv4" : "IPv6";
}

bool
ip_address_is_zero(const struct ip_address *address)
{
	static const uint8_t zero[sizeof(address->bytes)];

	return memcmp(address->bytes, zero, sizeof(zero)) == 0;
}

uint32_t
ip_address_hash(const struct ip_address *address, uint32_t seed)
{
	uint32_t words[sizeof(address->bytes) / sizeof(uint32_t)];

	memcpy(words, address->bytes, sizeof(words));
	return rte_jhash_32b(words, RTE_DIM(words), seed + address->family);
}

uint32_t
ip_prefix_hash(const struct ip_prefix *prefix, uint32_t seed)
{
	return ip_address_hash(&prefix->address, seed ^ (uint32_t)prefix->depth << 8);
}

/* The bits of byte i that are among the first `depth`. */
static uint8_t
mask_of_byte(unsigned int i, uint8_t depth)
{
	if (depth >= 8 * (i + 1))
		return 0xff;
	return depth <= 8 * i ? 0 : (uint8_t)(0xff00u >> (depth - 8 * i));
}

struct ip_address
ip_address_network(const struct ip_address *address, uint8_t depth)
{
	struct ip_address network = { .family = address->family };
	unsigned int whole = depth / 8;

	memcpy(network.bytes, address->bytes, whole);
	if (depth % 8 != 0)
		network.bytes[whole] = address->bytes[whole] & mask_of_byte(whole, depth);
	return network;
}

struct ip_address
ip_address_last(const struct ip_address *address, uint8_t depth)
{
	unsigned int n = ip_family_bits(address->family) / 8;
	struct ip_address last = *address;

	for (unsigned int i = 0; i < n; i++)
		last.bytes[i] |= (uint8_t)~mask_of_byte(i, depth);
	return last;
}

bool
ip_address_next(struct ip_address *address)
{
	unsigned int i = ip_family_bits(address->family) / 8;

	while (i-- > 0)
		if (++address->bytes[i] != 0)
			return true;
	return false;
}

bool
ip_address_matches(const struct ip_address *a, const struct ip_address *b, uint8_t depth)
{
	unsigned int whole = depth / 8;

	if (a->family != b->family || memcmp(a->bytes, b->bytes, whole) != 0)
		return false;
	return depth % 8 == 0 ||
	       ((a->bytes[whole] ^ b->bytes[whole]) & mask_of_byte(whole, depth)) == 0;
}

static const char *
ipv4_not_a_host(const uint8_t *bytes)
{
	if (bytes[0] == 255 && bytes[1] == 255 && bytes[2] == 255 && bytes[3] == 255)
		return "255.255.255.255 is the broadcast address";
	if (bytes[0] >> 4 == 0xe)
		return "224.0.0.0/4 is multicast";
	if (bytes[0] >> 4 == 0xf)
		return "240.0.0.0/4 is reserved";
	if (bytes[0] == 127)
		return "127.0.0.0/8 is loopback";
	if (bytes[0] == 0)
		return "0.0.0.0/8 is no host's";
	return NULL;
}

const char *
ip_address_not_a_host(const struct ip_address *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t loopback[16] = { [15] = 1 };

	if (address->family == IP_FAMILY_IPV4)
		return ipv4_not_a_host(address->bytes);
	if (ip_address_is_multicast(address))
		return "ff00::/8 is multicast";
	if (ip_address_is_zero(address))
		return ":: is no host's";
	if (memcmp(address->bytes, loopback, sizeof(loopback)) == 0)
		return "::1 is loopback";
	if (memcmp(address->bytes, mapped, sizeof(mapped)) == 0)
		return "::ffff:0:0/96 stands for IPv4 addresses";
	return NULL;
}

const char *
ip_address_text(const struct ip_address *address, char *text)
{
	int family = address->family == IP_FAMILY_IPV4 ? AF_INET : AF_INET6;

	return inet_ntop(family, address->bytes, text, IP_ADDRESS_TEXT_SIZE);
}

const char *
ip_prefix_text(const struct ip_prefix *prefix, char *text)
{
	size_t length;

	ip_address_text(&prefix->address, text);
	length = strlen(text);
	snprintf(text + length, IP_PREFIX_TEXT_SIZE - length, "/%u", prefix->depth);
	return text;
}

int
ip_address_parse(const char *text, struct ip_address *address)
{
	struct ip_address parsed = { .family = IP_FAMILY_IPV4 };

	if (strchr(text, ':') != NULL)
		parsed.family = IP_FAMILY_IPV6;
	if (inet_pton(parsed.family == IP_FAMILY_IPV4 ? AF_INET : AF_INET6, text, parsed.bytes) !=
		1)
		return -EINVAL;
	*address = parsed;
	return 0;
}

/* One to three digits, no leading zero, at most `max`; -1 where it is not that. */
static int
parse_depth(const char *text, int max)
{
	int depth = 0;
	int n;

	if (text[0] == '0' && text[1] != '\0')
		return -1;
	for (n = 0; isdigit((unsigned char)text[n]) && n < 3; n++)
		depth = 10 * depth + text[n] - '0';
	return n == 0 || text[n] != '\0' || depth > max ? -1 : depth;
}

int
ip_prefix_parse(const char *text, struct ip_prefix *prefix)
{
	const char *slash = strchr(text, '/');
	char address[IP_ADDRESS_TEXT_SIZE];
	struct ip_prefix parsed;
	int depth;

	if (slash == NULL || (size_t)(slash - text) >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	if (ip_address_parse(address, &parsed.address) != 0)
		return -EINVAL;
	depth = parse_depth(slash + 1, ip_family_bits(parsed.address.family));
	if (depth < 0)
		return -EINVAL;
	parsed.depth = (uint8_t)depth;
	*prefix = parsed;
	return 0;
}
