/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The element acl in a router: what passes, what does not, and that nothing dodges it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pair.h"
#include "pipeline.h"
#include "pipeline_report.h"
#include "tests.h"

#define RATES "'icmp_rate': 10000000, 'echo_rate': 10000000,"
#define DENY_53 \
	"{'type': 'acl', 'default': 'permit', 'rules': [{'action': 'deny', " \
	"'protocol': 'udp', 'destination_port': 53}]}"
#define PERMIT_53 \
	"{'type': 'acl', 'default': 'deny', 'rules': [{'action': 'permit', " \
	"'protocol': 'udp', 'destination_port': 53}]}"
#define NEXT_FRAGMENT 44
#define NEXT_OPTIONS 60

static char rules_path[] = "/tmp/test_acl_rules.XXXXXX";

static void
open_acl(const char *side, const char *acl)
{
	static char more[4096];

	snprintf(more, sizeof(more), RATES "'pipeline': {'%s': [%s]},", side, acl);
	pair_open((struct pair_options){ .ipv6 = true, .more = more });
}

static int64_t
hits(unsigned int rule)
{
	json_t *rows = report_element_list(lab_router("r"), "acl", UINT32_MAX);
	int64_t packets =
		json_integer_value(json_object_get(json_array_get(rows, rule), "packets"));

	json_decref(rows);
	return packets;
}

/* Of one side, by reason. */
static int64_t
dropped(const char *side, const char *reason)
{
	json_t *shown = report_element(lab_router("r"), "acl");
	json_t *drops = json_object_get(json_object_get(shown, side), "drops");
	int64_t n = json_integer_value(json_object_get(drops, reason));

	json_decref(shown);
	return n;
}

static struct ipv4
udp_to(uint16_t port)
{
	static uint8_t payload[64];
	struct ipv4 ipv4 = pair_packet();

	ipv4.payload = payload;
	ipv4.length = fill_udp(payload, &ipv4, 1024, port, NULL, 24);
	return ipv4;
}

static struct ipv6
udp6_to(uint16_t port)
{
	static uint8_t payload[64];
	struct ipv6 ipv6 = pair_packet6();

	ipv6.payload = payload;
	ipv6.next_header = PROTOCOL_UDP;
	ipv6.length = fill_udp6(payload, &ipv6, 1024, port, NULL, 24);
	return ipv6;
}

/* Nothing comes out, and the element says why. */
static void
drops(const struct ipv4 *ipv4, const char *side, const char *reason)
{
	int64_t before = dropped(side, reason);
	uint64_t of_router = lab_dropped("r", VR_DROP_ELEMENT);

	pair_inject(ipv4);
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(dropped(side, reason) == before + 1);
	CU_ASSERT(lab_dropped("r", VR_DROP_ELEMENT) == of_router + 1);
}

static void
drops6(const struct ipv6 *ipv6, const char *side, const char *reason)
{
	int64_t before = dropped(side, reason);

	pair_inject6(ipv6);
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(dropped(side, reason) == before + 1);
}

static void
test_ports(void)
{
	for (unsigned int i = 0; i < 2; i++) {
		const char *side = i == 0 ? "ingress" : "egress";

		open_acl(side, DENY_53);
		pair_forwards((struct ipv4[]){ udp_to(80) });
		pair_forwards6((struct ipv6[]){ udp6_to(80) });
		drops((struct ipv4[]){ udp_to(53) }, side, "denied");
		drops6((struct ipv6[]){ udp6_to(53) }, side, "denied");
		CU_ASSERT(hits(0) == 2);
		lab_close();
	}
	open_acl("ingress", PERMIT_53);
	pair_forwards((struct ipv4[]){ udp_to(53) });
	pair_forwards6((struct ipv6[]){ udp6_to(53) });
	drops((struct ipv4[]){ udp_to(80) }, "ingress", "denied");
	drops6((struct ipv6[]){ udp6_to(80) }, "ingress", "denied");
	CU_ASSERT(hits(0) == 2);
}

/* Options and extension headers move the ports, not the rules. */
static void
test_options(void)
{
	uint8_t options[40], payload[96];
	struct ipv4 ipv4 = udp_to(53);
	struct ipv6 ipv6 = udp6_to(53);

	open_acl("ingress", DENY_53);
	memset(options, 1, sizeof(options));
	ipv4.options = options;
	for (ipv4.n_options = 4; ipv4.n_options <= 40; ipv4.n_options += 4)
		drops(&ipv4, "ingress", "denied");
	/* One and more headers of options, each with a PadN. */
	for (uint32_t n = 1; n <= 4; n++) {
		memset(payload, 0, sizeof(payload));
		for (uint32_t i = 0; i < n; i++)
			memcpy(payload + 8 * i, (uint8_t[]){ NEXT_OPTIONS, 0, 1, 4 }, 4);
		payload[8 * (n - 1)] = PROTOCOL_UDP;
		memcpy(payload + 8 * n, udp6_to(53).payload, 32);
		ipv6.next_header = NEXT_OPTIONS;
		ipv6.payload = payload;
		ipv6.length = 8 * n + 32;
		drops6(&ipv6, "ingress", "denied");
	}
	CU_ASSERT(hits(0) == 14);
}

static struct ipv4
fragment_of(uint16_t port, uint16_t fragment)
{
	struct ipv4 ipv4 = udp_to(port);

	ipv4.fragment = fragment;
	ipv4.id = 77;
	return ipv4;
}

/* RFC 1858 and RFC 3128. */
static void
test_fragments(void)
{
	struct ipv4 tcp = udp_to(80);

	/* What a deny rule has let pass can't be put together without its first fragment. */
	open_acl("ingress", DENY_53);
	drops((struct ipv4[]){ fragment_of(53, FRAGMENT_MORE) }, "ingress", "denied");
	pair_forwards((struct ipv4[]){ fragment_of(53, 3) });
	pair_forwards((struct ipv4[]){ fragment_of(80, FRAGMENT_MORE) });
	/* A TCP header that goes on in the next fragment, and one that writes over it. */
	tcp.protocol = PROTOCOL_TCP;
	tcp.fragment = FRAGMENT_MORE;
	tcp.length = 16;
	drops(&tcp, "ingress", "malformed");
	tcp.fragment = 1;
	drops(&tcp, "ingress", "malformed");
	tcp.fragment = 2;
	drops(&tcp, "ingress", "malformed");
	tcp.fragment = 3;
	pair_forwards(&tcp);
	/* Cut off without being a fragment. */
	tcp.fragment = 0;
	drops(&tcp, "ingress", "malformed");
	lab_close();

	/* Later fragments go by the addresses and protocol of what is permitted. */
	open_acl("ingress", PERMIT_53);
	pair_forwards((struct ipv4[]){ fragment_of(53, FRAGMENT_MORE) });
	pair_forwards((struct ipv4[]){ fragment_of(80, 3) });
	drops((struct ipv4[]){ fragment_of(80, FRAGMENT_MORE) }, "ingress", "denied");
	tcp.fragment = 3;
	drops(&tcp, "ingress", "denied");
	lab_close();

	open_acl("ingress", "{'type': 'acl', 'default': 'permit', 'rules': [{'action': 'deny', "
			    "'fragment': 'any'}]}");
	pair_forwards((struct ipv4[]){ udp_to(80) });
	drops((struct ipv4[]){ fragment_of(80, FRAGMENT_MORE) }, "ingress", "denied");
	drops((struct ipv4[]){ fragment_of(80, 3) }, "ingress", "denied");
}

static void
test_fragments6(void)
{
	uint8_t payload[64] = { PROTOCOL_UDP };
	struct ipv6 ipv6 = udp6_to(53);

	memcpy(payload + 8, ipv6.payload, 32);
	ipv6.next_header = NEXT_FRAGMENT;
	ipv6.payload = payload;
	ipv6.length = 40;
	open_acl("ingress", DENY_53);
	drops6(&ipv6, "ingress", "denied"); /* atomic (RFC 6946) */
	payload[3] = 1;
	drops6(&ipv6, "ingress", "denied");
	payload[3] = 32;
	pair_forwards6(&ipv6);
	/* A first fragment without all headers (RFC 7112). */
	payload[0] = NEXT_OPTIONS;
	payload[3] = 1;
	payload[8] = PROTOCOL_UDP;
	payload[9] = 100;
	drops6(&ipv6, "ingress", "malformed");
}

/* Fragments that the router makes at egress: the first has the ports, the others the addresses. */
static void
test_fragments_made(void)
{
	static uint8_t payload[1400];
	struct ipv4 ipv4 = pair_packet();
	static struct frame frame;

	pair_open((struct pair_options){
		.wan_mtu = 600, .more = RATES "'pipeline': {'egress': [" PERMIT_53 "]}," });
	ipv4.payload = payload;
	ipv4.length = fill_udp(payload, &ipv4, 1024, 53, NULL, 1200);
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT(lab_waiting(WAN) == 3);
	CU_ASSERT(hits(0) == 3);
	while (lab_take(WAN, &frame))
		;
	ipv4.length = fill_udp(payload, &ipv4, 1024, 80, NULL, 1200);
	pair_inject(&ipv4);
	lab_pump();
	CU_ASSERT(lab_waiting(WAN) == 2);
	CU_ASSERT(dropped("egress", "denied") == 1);
	while (lab_take(WAN, &frame))
		;
}

/* The router's own packets pass at egress, what is for it at ingress. */
static void
test_own(void)
{
	static uint8_t payload[64];
	struct ipv4 echo = pair_packet();

	echo.destination = LAN_IP;
	echo.protocol = PROTOCOL_ICMP;
	echo.payload = payload;
	echo.length = fill_icmp(payload, 8, 0, 1, NULL, 32);
	open_acl("egress", "{'type': 'acl', 'default': 'permit', 'rules': [{'action': 'deny', "
			   "'protocol': 'icmp', 'icmp_type': 0}]}");
	pair_inject(&echo);
	lab_pump();
	lab_expect_nothing();
	CU_ASSERT(dropped("egress", "denied") == 1 && hits(0) == 1);
	lab_close();
	open_acl("ingress", "{'type': 'acl', 'default': 'permit', 'rules': [{'action': 'deny', "
			    "'protocol': 'icmp', 'icmp_type': 8, 'icmp_code': 0}]}");
	drops(&echo, "ingress", "denied");
	lab_close();
	/* ARP and neighbour discovery go by it. */
	open_acl("egress", "{'type': 'acl', 'default': 'deny'}");
	drops((struct ipv4[]){ udp_to(80) }, "egress", "denied");
	lab_inject(LAN, (struct frame[]){ { 0 } });
	lab_pump();
	lab_discard();
}

/* Rules in a file */

static void
write_rules(const char *text)
{
	FILE *file = fopen(rules_path, "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fputs(text, file);
	fclose(file);
}

static const char *
with_path(const char *format)
{
	static char text[1024];

	snprintf(text, sizeof(text), format, rules_path);
	for (char *c = text; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	return text;
}

/* The errors of setting the element; "": none. */
static const char *
set_acl(const char *text)
{
	static char errors[4096];
	FILE *out = fmemopen(errors, sizeof(errors), "w");
	int rc;

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	errors[0] = '\0';
	rc = vrouter_set_element(lab_router("r"), "acl", with_path(text), "test", out);
	fclose(out);
	CU_ASSERT((rc == 0) == (errors[0] == '\0'));
	return errors;
}

#define FROM_FILE "{'type': 'acl', 'default': 'deny', 'rules_file': '%s'}"

static void
test_file(void)
{
	static char acl[512], expected[512];
	int fd = mkstemp(rules_path);

	CU_ASSERT_FATAL(fd >= 0);
	close(fd);
	write_rules("# for tests\npermit udp to any port 80\ncount from 10.0.0.0/8\n"
		    "permit udp to any port 81\n");
	snprintf(acl, sizeof(acl), FROM_FILE, rules_path);
	open_acl("ingress", acl);
	pair_forwards((struct ipv4[]){ udp_to(80) });
	pair_forwards((struct ipv4[]){ udp_to(81) });
	drops((struct ipv4[]){ udp_to(82) }, "ingress", "denied");
	CU_ASSERT(hits(0) == 1 && hits(1) == 2 && hits(2) == 1);

	/* What is wrong is told, and nothing changes. */
	write_rules("permit udp to any port 82\npermti udp\n");
	snprintf(expected, sizeof(expected),
		"%s:2: found \"permti\", expected \"permit\", \"deny\" or \"count\"\n", rules_path);
	CU_ASSERT_STRING_EQUAL(set_acl(FROM_FILE), expected);
	drops((struct ipv4[]){ udp_to(82) }, "ingress", "denied");

	/* Read again though the config is the same; rules that stay keep their hits. */
	write_rules("permit udp to any port 82\npermit udp to any port 81\n");
	CU_ASSERT_STRING_EQUAL(set_acl(FROM_FILE), "");
	pair_forwards((struct ipv4[]){ udp_to(82) });
	pair_forwards((struct ipv4[]){ udp_to(81) });
	drops((struct ipv4[]){ udp_to(80) }, "ingress", "denied");
	CU_ASSERT(hits(0) == 1 && hits(1) == 2);
	unlink(rules_path);
	CU_ASSERT_PTR_NOT_NULL(strstr(set_acl(FROM_FILE), "expected a file of rules ("));
	pair_forwards((struct ipv4[]){ udp_to(81) });
	strcpy(rules_path + strlen(rules_path) - 6, "XXXXXX");
}

/* Reloaded between any two passes of the worker, each packet is judged by one list or the other. */
static void
test_reload(void)
{
	unsigned int sent = 0, passed = 0, with_53 = 0;
	static struct frame frame;

	open_acl("ingress", DENY_53);
	for (unsigned int round = 0; round < 200; round++) {
		for (unsigned int i = 0; i < 20; i++) {
			struct ipv4 ipv4 = udp_to(i % 2 == 0 ? 53 : 80);

			pair_inject(&ipv4);
			sent++;
		}
		lab_pass(0);
		if (round % 3 == 0)
			CU_ASSERT_STRING_EQUAL(set_acl(round % 2 == 0 ? PERMIT_53 : DENY_53), "");
		lab_poll();
	}
	lab_pump();
	while (lab_take(WAN, &frame)) {
		passed++;
		with_53 += frame_get16(&frame, 14 + 20 + 2) == 53;
	}
	CU_ASSERT(passed > 0 && passed < sent);
	CU_ASSERT(with_53 > 0 && with_53 < passed);
	/* A slow machine has short turns, and then more comes than they take. */
	CU_ASSERT(lab_dropped("r", VR_DROP_ELEMENT) + lab_dropped("r", VR_DROP_FIFO_FULL) ==
		  sent - passed);
}

/* A limit that is too small refuses the new rules, and the old ones stay. */
static void
test_memory(void)
{
	char *rules = NULL;
	size_t size;
	FILE *out = open_memstream(&rules, &size);
	int fd = mkstemp(rules_path);

	CU_ASSERT_FATAL(fd >= 0 && out != NULL);
	close(fd);
	for (unsigned int i = 0; i < 10000; i++)
		fprintf(out, "deny tcp from 10.%u.%u.0/24 to any port %u\n", i / 250, i % 250,
			i + 1);
	fclose(out);
	write_rules(rules);
	free(rules);
	pair_open((struct pair_options){
		.more = RATES "'pipeline': {'max_memory': 1, 'ingress': [" DENY_53 "]}," });
	CU_ASSERT_PTR_NOT_NULL(strstr(set_acl(FROM_FILE), "\"max_memory\" is 1"));
	pair_forwards((struct ipv4[]){ udp_to(80) });
	drops((struct ipv4[]){ udp_to(53) }, "ingress", "denied");
	unlink(rules_path);
	strcpy(rules_path + strlen(rules_path) - 6, "XXXXXX");
}

CU_TestInfo acl_tests[] = {
	{ "ports, both families, both sides", test_ports },
	{ "options and extension headers", test_options },
	{ "fragments", test_fragments },
	{ "IPv6 fragments", test_fragments6 },
	{ "fragments of the router's making", test_fragments_made },
	{ "the router's own packets", test_own },
	{ "rules in a file", test_file },
	{ "reload under traffic", test_reload },
	{ "limit of memory", test_memory },
	CU_TEST_INFO_NULL,
};
