/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <string.h>

#include "config_fixture.h"

static void
test_via_form(void)
{
	static const char *const wrong[] = { "", "%", "%lan", "fe80::2%", "fe80::2%%",
		"fe80::2%l%n", "fe80::2%lan ", " fe80::2", "fe80::2 %lan", "fe80::2%lan/64",
		"fe80::2/64", "10.0.0.2/24", "10.0.0.02", "fe80:::2%lan", "lan%fe80::2",
		"fe80::2%abcdefghijklmnopqrstuvwxyz012345",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000%lan" };
	static const char *const right[][3] = { { "10.0.0.2", "10.0.0.2", "" },
		{ "10.0.0.2%lan", "10.0.0.2", "lan" }, { "::", "::", "" },
		{ "fe80::2", "fe80::2", "" }, { "FE80:0::2%A.b_c-9", "fe80::2", "A.b_c-9" },
		{ "fe80::2%abcdefghijklmnopqrstuvwxyz01234", "fe80::2",
			"abcdefghijklmnopqrstuvwxyz01234" } };
	struct ip_address address = ip_address_of_ipv4(7);
	char zone[CONFIG_NAME_MAX + 1] = "as it was";
	char text[IP_ADDRESS_TEXT_SIZE];

	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CU_ASSERT(config_parse_via(wrong[i], &address, zone) == -EINVAL);
	CU_ASSERT(ip_address_to_ipv4(&address) == 7 && strcmp(zone, "as it was") == 0);
	for (unsigned int i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		CU_ASSERT(config_parse_via(right[i][0], &address, zone) == 0);
		CU_ASSERT_STRING_EQUAL(ip_address_text(&address, text), right[i][1]);
		CU_ASSERT_STRING_EQUAL(zone, right[i][2]);
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
	{ "via form", test_via_form },
	{ "MAC form", test_mac_form },
	CU_TEST_INFO_NULL,
};
