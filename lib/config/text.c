/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "text.h"

/* Decimal without sign or leading zeros, `max` at most. Moves *text past it. */
static int
parse_number(const char **text, unsigned int max, unsigned int *number)
{
	const char *at = *text;
	unsigned int n = 0;

	if (!isdigit((unsigned char)*at) || (at[0] == '0' && isdigit((unsigned char)at[1])))
		return -EINVAL;
	while (isdigit((unsigned char)*at)) {
		n = n * 10 + (*at++ - '0');
		if (n > max)
			return -EINVAL;
	}
	*text = at;
	*number = n;
	return 0;
}

static int
parse_quad(const char **text, uint32_t *address)
{
	uint32_t a = 0;

	for (int i = 0; i < 4; i++) {
		unsigned int octet;

		if (i > 0 && *(*text)++ != '.')
			return -EINVAL;
		if (parse_number(text, 255, &octet) < 0)
			return -EINVAL;
		a = a << 8 | octet;
	}
	*address = a;
	return 0;
}

int
config_parse_address(const char *text, uint32_t *address)
{
	uint32_t a;

	if (parse_quad(&text, &a) < 0 || *text != '\0')
		return -EINVAL;
	*address = a;
	return 0;
}

int
text_parse_address_depth(const char *text, uint32_t *address, uint8_t *depth)
{
	unsigned int d;
	uint32_t a;

	if (parse_quad(&text, &a) < 0 || *text++ != '/')
		return -EINVAL;
	if (parse_number(&text, 32, &d) < 0 || *text != '\0')
		return -EINVAL;
	*address = a;
	*depth = d;
	return 0;
}

int
config_parse_prefix(const char *text, uint32_t *prefix, uint8_t *depth)
{
	uint32_t a;
	uint8_t d;

	if (text_parse_address_depth(text, &a, &d) < 0 || (a & ~text_mask(d)) != 0)
		return -EINVAL;
	*prefix = a;
	*depth = d;
	return 0;
}

static int
hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

int
config_parse_mac(const char *text, struct rte_ether_addr *mac)
{
	struct rte_ether_addr m;

	for (int i = 0; i < RTE_ETHER_ADDR_LEN; i++) {
		if (i > 0 && *text++ != ':')
			return -EINVAL;
		if (hex_digit(text[0]) < 0 || hex_digit(text[1]) < 0)
			return -EINVAL;
		m.addr_bytes[i] = hex_digit(text[0]) << 4 | hex_digit(text[1]);
		text += 2;
	}
	if (*text != '\0')
		return -EINVAL;
	*mac = m;
	return 0;
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

int
text_parse_route_type(const char *text, enum config_route_type *type, const char **near)
{
	static const char *const words[] = {
		[CONFIG_ROUTE_BLACKHOLE] = "blackhole",
		[CONFIG_ROUTE_UNREACHABLE] = "unreachable",
		[CONFIG_ROUTE_PROHIBIT] = "prohibit",
	};

	*near = NULL;
	for (*type = CONFIG_ROUTE_BLACKHOLE; *type <= CONFIG_ROUTE_PROHIBIT; ++*type) {
		if (strcmp(text, words[*type]) == 0)
			return 0;
		if (text_is_near(text, strlen(text), words[*type]))
			*near = words[*type];
	}
	return -EINVAL;
}

bool
text_is_name(const char *text)
{
	size_t length = strlen(text);

	for (const char *c = text; *c != '\0'; c++) {
		if (!isalnum((unsigned char)*c) && strchr("_.-", *c) == NULL)
			return false;
	}
	return length >= 1 && length <= CONFIG_NAME_MAX;
}

const char *
text_not_a_host(uint32_t address)
{
	if (address == UINT32_MAX)
		return "255.255.255.255 is the broadcast address";
	if (address >> 28 == 0xe)
		return "224.0.0.0/4 is multicast";
	if (address >> 24 == 127)
		return "127.0.0.0/8 is loopback";
	if (address >> 24 == 0)
		return "0.0.0.0/8 is no host's";
	return NULL;
}

uint32_t
text_mask(uint8_t depth)
{
	return depth == 0 ? 0 : UINT32_MAX << (32 - depth);
}

static unsigned int
min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Damerau's distance in the restricted form (optimal string alignment), row by row. */
bool
text_is_near(const char *a, size_t a_length, const char *b)
{
	size_t b_length = strlen(b);
	size_t longest = a_length > b_length ? a_length : b_length;
	unsigned int rows[3][CONFIG_NAME_MAX + 1];
	unsigned int distance;

	if (a_length > CONFIG_NAME_MAX || b_length > CONFIG_NAME_MAX)
		return false;
	for (size_t j = 0; j <= b_length; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		unsigned int *row = rows[i % 3];
		const unsigned int *above = rows[(i + 2) % 3];
		const unsigned int *over = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			row[j] = min3(row[j - 1] + 1, above[j] + 1,
				above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
				over[j - 2] + 1 < row[j])
				row[j] = over[j - 2] + 1;
		}
	}
	distance = rows[a_length % 3][b_length];
	return distance <= 2 && 2 * distance < longest;
}
