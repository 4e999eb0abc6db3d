/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "text.h"

#define LIKE_INTERFACE_ADDRESS \
	"an address with its prefix length, like \"10.0.0.1/24\" or \"2001:db8::1/64\""

const char *const text_route_types[] = {
	[CONFIG_ROUTE_VIA] = "via",
	[CONFIG_ROUTE_BLACKHOLE] = "blackhole",
	[CONFIG_ROUTE_UNREACHABLE] = "unreachable",
	[CONFIG_ROUTE_PROHIBIT] = "prohibit",
};

const char *const text_forwarders[] = {
	[CONFIG_FORWARDER_ROUTER] = "router",
	[CONFIG_FORWARDER_WIRE] = "wire",
};
const char *const text_table_engines[] = {
	[CONFIG_TABLE_ENGINE_COMPACT] = "compact",
	[CONFIG_TABLE_ENGINE_FIB] = "fib",
	[CONFIG_TABLE_ENGINE_LPM] = "lpm",
};

/* Always -EINVAL. */
static int __attribute__((format(printf, 2, 3)))
expect(char expected[TEXT_EXPECTED_SIZE], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(expected, TEXT_EXPECTED_SIZE, format, args);
	va_end(args);
	return -EINVAL;
}

/* The 54 bits between fe80::/10 and the interface's part are zero (RFC 4291 2.5.6). */
static const char *
not_a_host(const struct ip_address *address)
{
	static const uint8_t link_local[8] = { 0xfe, 0x80 };

	if (ip_address_is_link_local(address) &&
		memcmp(address->bytes, link_local, sizeof(link_local)) != 0)
		return "link-local ones are in fe80::/64";
	return ip_address_not_a_host(address);
}

const char *
text_not_in_subnet(const struct ip_address *address, uint8_t depth)
{
	struct ip_address network = ip_address_network(address, depth);
	struct ip_address last = ip_address_last(address, depth);

	/* RFC 3021; RFC 6164 */
	if (depth >= ip_family_bits(address->family) - 1)
		return NULL;
	if (ip_address_equal(address, &network))
		return address->family == IP_FAMILY_IPV4
		               ? "network address"
		               : "subnet-router anycast address"; /* RFC 4291 2.6.1 */
	if (address->family == IP_FAMILY_IPV4 && ip_address_equal(address, &last))
		return "broadcast address";
	return NULL;
}

int
text_parse_prefix(const char *text, struct ip_prefix *prefix, char expected[TEXT_EXPECTED_SIZE])
{
	struct ip_prefix parsed, network;
	char form[IP_PREFIX_TEXT_SIZE];

	if (text == NULL || ip_prefix_parse(text, &parsed) < 0)
		return expect(expected, TEXT_LIKE_PREFIX);
	network = ip_prefix_network(&parsed);
	if (!ip_prefix_equal(&parsed, &network))
		return expect(expected, "a prefix without host bits: \"%s\"?",
			ip_prefix_text(&network, form));
	if (parsed.depth >= 10 && ip_address_is_link_local(&parsed.address))
		return expect(expected, "a prefix outside fe80::/10, which no router forwards to");
	*prefix = parsed;
	return 0;
}

int
config_parse_via(const char *text, struct ip_address *address, char zone[CONFIG_NAME_MAX + 1])
{
	size_t length = strcspn(text, "%");
	char part[IP_ADDRESS_TEXT_SIZE];

	if (text[length] == '%' && !text_is_name(text + length + 1))
		return -EINVAL;
	if (length >= sizeof(part))
		return -EINVAL;
	memcpy(part, text, length);
	part[length] = '\0';
	if (ip_address_parse(part, address) < 0)
		return -EINVAL;
	strcpy(zone, text[length] == '%' ? text + length + 1 : "");
	return 0;
}

int
text_parse_via(const char *text, struct ip_address *via, char zone[CONFIG_NAME_MAX + 1],
	char expected[TEXT_EXPECTED_SIZE])
{
	struct ip_address parsed;
	const char *why;

	if (text == NULL || config_parse_via(text, &parsed, zone) < 0)
		return expect(expected, "%s", TEXT_LIKE_VIA);
	why = not_a_host(&parsed);
	if (why != NULL)
		return expect(expected, "a host's address (%s)", why);
	if (ip_address_is_link_local(&parsed) && zone[0] == '\0')
		return expect(expected, "an interface after the address, like \"fe80::2%%lan\": a "
					"link-local one may "
					"be on any");
	if (!ip_address_is_link_local(&parsed) && zone[0] != '\0')
		return expect(
			expected, "no interface after the address: only a link-local one needs it");
	*via = parsed;
	return 0;
}

int
text_parse_neighbour(
	const char *text, struct ip_address *address, char expected[TEXT_EXPECTED_SIZE])
{
	struct ip_address parsed;
	const char *why;

	if (text == NULL || ip_address_parse(text, &parsed) < 0)
		return expect(expected, TEXT_LIKE_ADDRESS);
	why = not_a_host(&parsed);
	if (why != NULL)
		return expect(expected, "a host's address (%s)", why);
	*address = parsed;
	return 0;
}

int
text_parse_interface_address(
	const char *text, struct ip_prefix *address, char expected[TEXT_EXPECTED_SIZE])
{
	struct ip_prefix parsed, network;
	char form[IP_PREFIX_TEXT_SIZE];
	const char *why;

	address->depth = 0;
	if (text == NULL || ip_prefix_parse(text, &parsed) < 0)
		return expect(expected, LIKE_INTERFACE_ADDRESS);
	if (parsed.depth == 0)
		return expect(expected, "a prefix length from 1 to %u",
			ip_family_bits(parsed.address.family));
	why = not_a_host(&parsed.address);
	if (why != NULL)
		return expect(expected, "a host's address (%s)", why);
	if (ip_address_is_link_local(&parsed.address) && parsed.depth != 64)
		return expect(expected,
			"the prefix length 64 of a link-local address, like \"fe80::1/64\"");
	*address = parsed;
	why = text_not_in_subnet(&parsed.address, parsed.depth);
	if (why == NULL)
		return 0;
	network = ip_prefix_network(&parsed);
	return expect(expected, "a host's address (this is the %s of %s)", why,
		ip_prefix_text(&network, form));
}

int
config_parse_mac(const char *text, struct rte_ether_addr *mac)
{
	return text_parse_mac(text, mac);
}

/* "03:00.0", or with its domain "0000:03:00.0"; canonical is with. */
static int
pci_canonical(char name[TEXT_DEVICE_MAX])
{
	unsigned int domain = 0;
	unsigned int bus;
	unsigned int device;
	unsigned int function;
	size_t length = strlen(name);
	int end = -1;

	if (sscanf(name, "%8x:%2x:%2x.%1x%n", &domain, &bus, &device, &function, &end) != 4 ||
		end != (int)length) {
		domain = 0;
		end = -1;
		if (sscanf(name, "%2x:%2x.%1x%n", &bus, &device, &function, &end) != 3 ||
			end != (int)length)
			return -EINVAL;
	}
	if (device > 0x1f || function > 7)
		return -EINVAL;
	snprintf(name, TEXT_DEVICE_MAX, "%04x:%02x:%02x.%x", domain, bus, device, function);
	return 0;
}

int
text_parse_device(const char *text, char name[TEXT_DEVICE_MAX])
{
	size_t length;

	if (strncmp(text, "pci:", 4) == 0)
		text += 4;
	else if (strncmp(text, "vdev:", 5) == 0)
		text += 5;
	length = strcspn(text, ",");
	if (length == 0 || length >= TEXT_DEVICE_MAX)
		return -EINVAL;
	for (const char *c = text; *c != '\0'; c++) {
		if (iscntrl((unsigned char)*c) || (*c == ' ' && c < text + length))
			return -EINVAL;
	}
	memset(name, 0, TEXT_DEVICE_MAX);
	memcpy(name, text, length);
	if (strchr(name, ':') == NULL || strspn(name, "0123456789abcdefABCDEF:.") != length)
		return 0;
	return pci_canonical(name);
}
