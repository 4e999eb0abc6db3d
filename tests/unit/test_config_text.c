/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config_fixture.h"

static void
test_address_form(void)
{
	static const char characters[] = "0123456789...0125/ x";
	unsigned int right = 0;

	srandom(1);
	for (unsigned int i = 0; i < 200000; i++) {
		uint32_t address = 0x01020304;
		struct in_addr oracle;
		char text[24];
		size_t length;
		int rc;

		snprintf(text, sizeof(text), "%ld.%ld.%ld.%ld", random() % 300, random() % 26,
			random() % 10, random() % 256);
		length = strlen(text);
		if (random() % 2 == 0)
			text[random() % length] = characters[random() % (sizeof(characters) - 1)];
		rc = config_parse_address(text, &address);
		if (inet_pton(AF_INET, text, &oracle) == 1) {
			CU_ASSERT(rc == 0 && address == ntohl(oracle.s_addr));
			right++;
		} else {
			CU_ASSERT(rc == -EINVAL && address == 0x01020304);
		}
	}
	CU_ASSERT(right > 1000);
}

static void
test_prefix_form(void)
{
	static const char *const wrong[] = { "", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33",
		"10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/ 8", "10.0.0.0/8 ",
		"10.0.0.0/256", "10.0.0.0/4294967304", "10.0.0.1/31", "10.1.0.0/15", "0.0.0.1/0",
		"10.0.0/24", "10.0.0.0.0/8", "10.0.0.0//8", " 10.0.0.0/8", "10.0.0.0/8x" };
	uint32_t prefix = 7;
	uint8_t depth = 9;
	char text[32];

	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CU_ASSERT(config_parse_prefix(wrong[i], &prefix, &depth) == -EINVAL);
	CU_ASSERT(prefix == 7 && depth == 9);
	for (unsigned int d = 0; d <= 32; d++) {
		uint32_t p = d == 0 ? 0 : 0xffffffffu << (32 - d);

		snprintf(text, sizeof(text), "%u.%u.%u.%u/%u", p >> 24, p >> 16 & 0xff,
			p >> 8 & 0xff, p & 0xff, d);
		CU_ASSERT(config_parse_prefix(text, &prefix, &depth) == 0);
		CU_ASSERT(prefix == p && depth == d);
		if (d == 32)
			continue;
		/* one host bit */
		snprintf(text, sizeof(text), "%u.%u.%u.%u/%u", p >> 24, p >> 16 & 0xff,
			p >> 8 & 0xff, (p & 0xff) | 1, d);
		CU_ASSERT(config_parse_prefix(text, &prefix, &depth) == -EINVAL);
	}
}

static void
test_mac_form(void)
{
	static const char *const wrong[] = { "", "02:00:00:00:00",
		"02:00:00:00:00:01:", "2:0:0:0:0:1", "02-00-00-00-00-01", "0200.0000.0001",
		"02:00:00:00:00:0g", "02:00:00:00:00:001", " 02:00:00:00:00:01",
		"02:00:00:00:00:01 ", "02:00:00:00:00:1", "+2:00:00:00:00:01" };
	struct rte_ether_addr mac = { .addr_bytes = { 7 } };

	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CU_ASSERT(config_parse_mac(wrong[i], &mac) == -EINVAL);
	CU_ASSERT(mac.addr_bytes[0] == 7);
	CU_ASSERT(config_parse_mac("0a:Bc:dE:f1:90:FF", &mac) == 0);
	CU_ASSERT(memcmp(&mac, "\x0a\xbc\xde\xf1\x90\xff", 6) == 0);
	CU_ASSERT(config_parse_mac("ff:ff:ff:ff:ff:ff", &mac) == 0);
}

CU_TestInfo config_text_tests[] = {
	{ "address form", test_address_form },
	{ "prefix form", test_prefix_form },
	{ "MAC form", test_mac_form },
	CU_TEST_INFO_NULL,
};
