/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The element acl against a list that is looked through from the first rule on, and the language of
 * its rules. The argument is the folder of acl_errors.txt.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <CUnit/Basic.h>
#include <rte_eal.h>
#include <rte_malloc.h>

#include "element/acl_config.h"
#include "element/element.h"
#include "random.h"

#define L2 14
#define FRAME_MAX 160
#define MEGABYTE (UINT64_C(1) << 20)
#define PACKETS 2048
#define MALFORMED UINT32_MAX

struct packet {
	struct rte_mbuf mbuf;
	uint8_t frame[FRAME_MAX];
};

static struct packet packets[PACKET_BURST_MAX];
static char *cases;

static bool
one_in(unsigned int n)
{
	return random32() % n == 0;
}

/* Rules: of few values, so that they meet each other and packets meet them. */

static struct ip_address
random_address(uint8_t family)
{
	struct ip_address address = { .family = family };
	unsigned int bytes = ip_family_bits(family) / 8;

	address.bytes[0] = family == IP_FAMILY_IPV4 ? 10 : 0x20;
	for (unsigned int i = 1; i < bytes; i++)
		address.bytes[i] = (uint8_t)(random32() % (i % 4 == 1 ? 2 : 3) * 85);
	return address;
}

static struct ip_prefix
random_prefix(uint8_t family)
{
	struct ip_prefix prefix = { random_address(family), 0 };

	prefix.depth = (uint8_t)(random32() % (ip_family_bits(family) + 1u));
	if (one_in(2))
		prefix.depth = one_in(2) ? 16 : ip_family_bits(family);
	return ip_prefix_network(&prefix);
}

static uint16_t
random_port(void)
{
	static const uint16_t ports[] = { 0, 1, 22, 53, 80, 443, 1023, 1024, 8080, 65535 };

	return one_in(8) ? (uint16_t)random32() : ports[random32() % RTE_DIM(ports)];
}

static uint8_t
random_protocol(uint8_t family)
{
	static const uint8_t protocols[] = { 6, 6, 6, 17, 17, 17, 132, 47, 89 };

	if (one_in(6))
		return family == IP_FAMILY_IPV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	return one_in(20) ? (uint8_t)(random32() % 256)
	                  : protocols[random32() % RTE_DIM(protocols)];
}

static struct acl_ports
random_ports(void)
{
	uint16_t a = random_port(), b = random_port();

	return (struct acl_ports){ .given = true, .low = RTE_MIN(a, b), .high = RTE_MAX(a, b) };
}

static void
add_upper(struct acl_rule *rule)
{
	uint8_t protocol = rule->protocol.number;

	if (packet_protocol_has_ports(protocol)) {
		if (one_in(3))
			rule->source_port = random_ports();
		if (one_in(2))
			rule->destination_port = random_ports();
	}
	if (protocol == IPPROTO_TCP && one_in(4)) {
		rule->tcp_flags.established = one_in(3);
		if (!rule->tcp_flags.established) {
			rule->tcp_flags.mask = (uint8_t)(1 + random32() % 31);
			rule->tcp_flags.value = (uint8_t)random32() & rule->tcp_flags.mask;
		}
	}
	if ((protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6) && one_in(2)) {
		rule->icmp_type = (int16_t)(random32() % 4);
		if (one_in(2))
			rule->icmp_code = (int16_t)(random32() % 4);
	}
}

static struct acl_rule
random_rule(unsigned int counts)
{
	struct acl_rule rule;
	uint8_t family = one_in(2) ? IP_FAMILY_IPV4 : IP_FAMILY_IPV6;
	char error[ACL_EXPECTED_SIZE];

	do {
		acl_rule_init(&rule);
		rule.action = one_in(2) ? ACL_PERMIT : ACL_DENY;
		if (counts != 0 && one_in(counts))
			rule.action = ACL_COUNT;
		if (one_in(3))
			rule.family = family + 1;
		rule.source.given = !one_in(4);
		if (rule.source.given)
			rule.source.prefix = random_prefix(family);
		rule.destination.given = !one_in(4);
		if (rule.destination.given)
			rule.destination.prefix = random_prefix(family);
		rule.protocol.given = !one_in(4);
		if (rule.protocol.given) {
			rule.protocol.number = random_protocol(family);
			add_upper(&rule);
		}
		if (one_in(8))
			rule.fragment = (uint8_t)(1 + random32() % 4);
		if (one_in(8))
			rule.dscp = (int8_t)(random32() % 4);
	} while (acl_rule_complete(&rule, error) != 0);
	return rule;
}

/* Packets */

static uint16_t
random_offset(void)
{
	static const uint16_t offsets[] = { 0, 0, 1, 100 };

	return offsets[random32() % RTE_DIM(offsets)];
}

static void
fill_upper(uint8_t *upper, uint8_t protocol)
{
	rte_be16_t ports[2] = { rte_cpu_to_be_16(random_port()), rte_cpu_to_be_16(random_port()) };

	memcpy(upper, ports, sizeof(ports));
	if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6) {
		upper[0] = (uint8_t)(random32() % 4);
		upper[1] = (uint8_t)(random32() % 4);
	}
	upper[13] = (uint8_t)(random32() % 32);
}

static uint32_t
fill_ipv4(uint8_t *ip)
{
	struct ip_address source = random_address(IP_FAMILY_IPV4);
	struct ip_address destination = random_address(IP_FAMILY_IPV4);
	uint16_t fragment = one_in(4) ? (uint16_t)(random_offset() | (one_in(2) ? 0x2000 : 0)) : 0;
	uint32_t header = one_in(4) ? 20 + 4 * (random32() % 11) : 20;

	ip[0] = (uint8_t)(0x40 | header / 4);
	ip[1] = (uint8_t)(random32() % 4 << 2);
	ip[6] = (uint8_t)(fragment >> 8);
	ip[7] = (uint8_t)fragment;
	ip[9] = random_protocol(IP_FAMILY_IPV4);
	memcpy(ip + 12, source.bytes, 4);
	memcpy(ip + 16, destination.bytes, 4);
	fill_upper(ip + header, ip[9]);
	return header;
}

static uint32_t
fill_ipv6(uint8_t *ip)
{
	struct ip_address source = random_address(IP_FAMILY_IPV6);
	struct ip_address destination = random_address(IP_FAMILY_IPV6);
	uint8_t protocol = random_protocol(IP_FAMILY_IPV6);
	uint8_t *next = &ip[6];
	uint32_t header = 40;

	ip[0] = 0x60;
	ip[1] = (uint8_t)(random32() % 4 << 6);
	memcpy(ip + 8, source.bytes, 16);
	memcpy(ip + 24, destination.bytes, 16);
	if (one_in(4)) {
		*next = 60;
		next = &ip[header];
		ip[header + 1] = 0;
		header += 8;
	}
	if (one_in(4)) {
		uint16_t fragment = (uint16_t)(random_offset() << 3 | random32() % 2);

		*next = 44;
		next = &ip[header];
		ip[header + 2] = (uint8_t)(fragment >> 8);
		ip[header + 3] = (uint8_t)fragment;
		header += 8;
	}
	*next = protocol;
	fill_upper(ip + header, protocol);
	return header;
}

static void
make_packet(struct packet *packet)
{
	bool ipv4 = one_in(2);
	uint32_t header, length;

	random_bytes(packet->frame, sizeof(packet->frame));
	header = ipv4 ? fill_ipv4(packet->frame + L2) : fill_ipv6(packet->frame + L2);
	length = L2 + header + (one_in(16) ? random32() % 20 : 20);
	packet->mbuf = (struct rte_mbuf){ .buf_addr = packet->frame,
		.data_len = (uint16_t)length,
		.pkt_len = length,
		.nb_segs = 1 };
	packet_meta_set(&packet->mbuf,
		(struct packet_meta){ .l3_offset = L2, .kind = ipv4 ? PACKET_IPV4 : PACKET_IPV6 });
}

/* The oracle */

static bool
in_prefix(const struct acl_address *prefix, const uint8_t *bytes, uint8_t family)
{
	struct ip_address address = { .family = family };

	memcpy(address.bytes, bytes, ip_family_bits(family) / 8);
	return !prefix->given || ip_prefix_covers(&prefix->prefix, &address);
}

static bool
in_ports(const struct acl_ports *ports, rte_be16_t port)
{
	uint16_t host = rte_be_to_cpu_16(port);

	return !ports->given || (host >= ports->low && host <= ports->high);
}

static bool
matches_upper(const struct acl_rule *rule, const struct packet_tuple *tuple)
{
	if (!in_ports(&rule->source_port, tuple->source_port) ||
		!in_ports(&rule->destination_port, tuple->destination_port))
		return false;
	if (rule->tcp_flags.established && (tuple->tcp_flags & 0x14) == 0)
		return false;
	if ((tuple->tcp_flags & rule->tcp_flags.mask) != rule->tcp_flags.value)
		return false;
	if (rule->icmp_type >= 0 && rule->icmp_type != tuple->icmp_type)
		return false;
	return rule->icmp_code < 0 || rule->icmp_code == tuple->icmp_code;
}

static bool
matches_fragment(const struct acl_rule *rule, uint8_t fragment)
{
	switch (rule->fragment) {
	case ACL_FRAGMENT_NONE:
		return fragment == PACKET_FRAGMENT_NONE;
	case ACL_FRAGMENT_FIRST:
		return fragment == PACKET_FRAGMENT_FIRST;
	case ACL_FRAGMENT_LATER:
		return fragment == PACKET_FRAGMENT_LATER;
	case ACL_FRAGMENT_ANY:
		return fragment != PACKET_FRAGMENT_NONE;
	default:
		return true;
	}
}

static bool
matches(const struct acl_rule *rule, const struct packet_tuple *tuple)
{
	uint8_t family = tuple->kind == PACKET_IPV4 ? IP_FAMILY_IPV4 : IP_FAMILY_IPV6;

	if (rule->family != ACL_FAMILY_ANY && rule->family != family + 1)
		return false;
	if (rule->protocol.given && rule->protocol.number != tuple->protocol)
		return false;
	if (rule->dscp >= 0 && rule->dscp != tuple->dscp)
		return false;
	if (!in_prefix(&rule->source, tuple->source, family) ||
		!in_prefix(&rule->destination, tuple->destination, family) ||
		!matches_fragment(rule, tuple->fragment))
		return false;
	if (tuple->fragment == PACKET_FRAGMENT_LATER && acl_rule_has_upper(rule))
		return rule->action == ACL_PERMIT;
	return matches_upper(rule, tuple);
}

/* Counts hits; gives the number of the rule that decides, 0 for the default, or MALFORMED. */
static uint32_t
decide(const struct acl_config *config, bool asks_upper, const struct packet_tuple *tuple,
	uint64_t *hits)
{
	if (tuple->cut && asks_upper)
		return MALFORMED;
	for (unsigned int i = 0; i < acl_config_count(config); i++) {
		const struct acl_rule *rule = acl_config_rule(config, i);

		if (!matches(rule, tuple))
			continue;
		hits[i + 1]++;
		if (rule->action != ACL_COUNT)
			return i + 1;
	}
	hits[0]++;
	return 0;
}

/* The element */

static const struct element_type *
type(void)
{
	const struct element_type *found = element_type_find("acl");

	CU_ASSERT_PTR_NOT_NULL_FATAL(found);
	return found;
}

static struct element *
make(const struct acl_config *config, struct element *previous, uint64_t limit,
	char error[ELEMENT_ERROR_SIZE])
{
	struct element_params params = { .config = &config->element,
		.router = "r",
		.previous = previous,
		.hz = 1000000,
		.socket = (int)rte_socket_id_by_idx(0),
		.memory_limit = limit };
	struct element *element = type()->create(&params, error);

	if (element != NULL) {
		element->type = type();
		element->memory = params.memory_used;
	}
	return element;
}

static int64_t
row_packets(const struct element *element, unsigned int i)
{
	json_t *rows = type()->show_rows(element, UINT32_MAX);
	int64_t packets_of =
		json_integer_value(json_object_get(json_array_get(rows, i), "packets"));

	json_decref(rows);
	return packets_of;
}

static void
compare_hits(const struct element *element, unsigned int n, const uint64_t *hits)
{
	json_t *shown = type()->show(element), *rows = type()->show_rows(element, UINT32_MAX);

	CU_ASSERT(
		json_integer_value(json_object_get(shown, "default_packets")) == (int64_t)hits[0]);
	CU_ASSERT_FATAL(json_array_size(rows) == n);
	for (unsigned int i = 0; i < n; i++) {
		json_t *row = json_array_get(rows, i);

		CU_ASSERT_FATAL(json_integer_value(json_object_get(row, "packets")) ==
				(int64_t)hits[i + 1]);
	}
	json_decref(shown);
	json_decref(rows);
}

/* Sends packets through both. */
static void
compare(const struct acl_config *config, unsigned int n_packets)
{
	char error[ELEMENT_ERROR_SIZE] = "";
	struct element *element = make(config, NULL, 2048 * MEGABYTE, error);
	unsigned int n = acl_config_count(config);
	uint64_t *hits = calloc(n + 1, sizeof(*hits));
	struct rte_mbuf *mbufs[PACKET_BURST_MAX];
	bool asks_upper = false;

	if (element == NULL)
		printf("%s\n", error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(element);
	for (unsigned int i = 0; i < n; i++)
		asks_upper |= acl_config_rule(config, i)->protocol.given;
	for (unsigned int done = 0; done < n_packets;) {
		struct element_burst burst = { .n = 1 + random32() % PACKET_BURST_MAX,
			.mbufs = mbufs };

		for (unsigned int i = 0; i < burst.n; i++) {
			make_packet(&packets[i]);
			mbufs[i] = &packets[i].mbuf;
		}
		type()->process[ELEMENT_INGRESS](element, &burst);
		CU_ASSERT(burst.consumed == 0);
		for (unsigned int i = 0; i < burst.n; i++) {
			bool dropped = (burst.dropped >> i & 1) != 0;
			struct packet_tuple tuple;
			uint32_t by;

			packet_tuple_of(mbufs[i], &tuple);
			by = decide(config, asks_upper, &tuple, hits);
			if (by == MALFORMED) {
				CU_ASSERT_FATAL(dropped && burst.reasons[i] == 1);
				continue;
			}
			CU_ASSERT_FATAL(
				dropped ==
				(by == 0 ? config->otherwise == ACL_DENY
					 : acl_config_rule(config, by - 1)->action == ACL_DENY));
			CU_ASSERT_FATAL(!dropped || burst.reasons[i] == 0);
		}
		done += burst.n;
	}
	compare_hits(element, n, hits);
	type()->destroy(element);
	free(hits);
}

static struct acl_config
random_config(unsigned int n, unsigned int counts)
{
	struct acl_config config = { .otherwise = one_in(2) ? ACL_PERMIT : ACL_DENY,
		.n_rules = n,
		.rules = calloc(n + 1, sizeof(struct acl_rule)) };

	CU_ASSERT_PTR_NOT_NULL_FATAL(config.rules);
	for (unsigned int i = 0; i < n; i++)
		config.rules[i] = random_rule(counts);
	/* One that decides all, at the end or before, of one family or both. */
	if (n > 0 && one_in(2)) {
		struct acl_rule *all = &config.rules[one_in(2) ? n - 1 : random32() % n];

		acl_rule_init(all);
		all->action = one_in(2) ? ACL_PERMIT : ACL_DENY;
		all->family = (uint8_t)(random32() % ACL_FAMILIES);
	}
	return config;
}

static void
test_random(void)
{
	static const unsigned int sizes[] = { 0, 1, 2, 3, 10, 50, 200 };

	for (unsigned int round = 0; round < 60; round++) {
		struct acl_config config = random_config(sizes[round % RTE_DIM(sizes)], 0);

		compare(&config, PACKETS);
		free(config.rules);
	}
}

/* Few rules, so that never more than 16 meet. */
static void
test_counts(void)
{
	for (unsigned int round = 0; round < 60; round++) {
		struct acl_config config = random_config(1 + random32() % 16, 1 + random32() % 4);

		compare(&config, PACKETS);
		free(config.rules);
	}
}

static void
test_many(void)
{
	struct acl_config config = random_config(ACL_RULES_MAX, 0);

	compare(&config, PACKETS);
	/* Every other one now counts a host of its own. */
	for (unsigned int i = 0; i < ACL_RULES_MAX; i += 2) {
		struct ip_address address = ip_address_of_ipv4(0x0a000000 + i / 2);

		acl_rule_init(&config.rules[i]);
		config.rules[i].action = ACL_COUNT;
		config.rules[i].family = ACL_FAMILY_IPV4;
		config.rules[i].source.given = true;
		config.rules[i].source.prefix = ip_prefix_of_host(&address);
	}
	compare(&config, PACKETS);
	free(config.rules);
}

static void
test_too_many_counts(void)
{
	struct acl_config config = { .n_rules = 17, .rules = calloc(17, sizeof(struct acl_rule)) };
	char error[ELEMENT_ERROR_SIZE] = "";

	CU_ASSERT_PTR_NOT_NULL_FATAL(config.rules);
	for (unsigned int i = 0; i < 17; i++) {
		acl_rule_init(&config.rules[i]);
		config.rules[i].action = ACL_COUNT;
	}
	CU_ASSERT_PTR_NULL(make(&config, NULL, 100 * MEGABYTE, error));
	CU_ASSERT_STRING_EQUAL(error,
		"rule 17 (count) meets count rules before it so that a packet may match more than "
		"16 of them");
	config.n_rules = 16;
	compare(&config, PACKETS);
	free(config.rules);
}

/* A limit too small gives an error, and nothing stays. */
static void
test_memory(void)
{
	struct acl_config config = random_config(1000, 0);
	struct rte_malloc_socket_stats before, after;
	char error[ELEMENT_ERROR_SIZE] = "";
	uint64_t needed;
	struct element *element;
	int socket = (int)rte_socket_id_by_idx(0);

	rte_malloc_get_socket_stats(socket, &before);
	element = make(&config, NULL, 2048 * MEGABYTE, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(element);
	needed = element->memory;
	rte_malloc_get_socket_stats(socket, &after);
	/* What is claimed is what is taken, within the heap's own headers. */
	CU_ASSERT(needed >= after.heap_allocsz_bytes - before.heap_allocsz_bytes - 4096);
	type()->destroy(element);
	for (uint64_t limit = 0; limit < needed; limit += needed / 7) {
		CU_ASSERT_PTR_NULL(make(&config, NULL, limit, error));
		CU_ASSERT_PTR_NOT_NULL(strstr(error, "\"max_memory\" is"));
	}
	element = make(&config, NULL, needed, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(element);
	type()->destroy(element);
	rte_malloc_get_socket_stats(socket, &after);
	CU_ASSERT(before.heap_allocsz_bytes == after.heap_allocsz_bytes);
	free(config.rules);
}

static bool
is_before(const struct acl_config *config, unsigned int i)
{
	for (unsigned int k = 0; k < i; k++)
		if (memcmp(&config->rules[k], &config->rules[i], ACL_RULE_COMPARED) == 0)
			return true;
	return false;
}

/* Of rules that are the same only the first counts, which may be another one after a change. */
static void
make_different(struct acl_config *config)
{
	for (unsigned int i = 0; i < config->n_rules; i++)
		while (is_before(config, i))
			config->rules[i] = random_rule(0);
}

/* Rules that stay go on counting, wherever they stand now. */
static void
test_change(void)
{
	struct acl_config config = random_config(100, 0), changed;
	char error[ELEMENT_ERROR_SIZE] = "";
	struct rte_mbuf *mbufs[PACKET_BURST_MAX];
	struct element *old, *new;

	make_different(&config);
	old = make(&config, NULL, 100 * MEGABYTE, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(old);
	for (unsigned int round = 0; round < 50; round++) {
		struct element_burst burst = { .n = PACKET_BURST_MAX, .mbufs = mbufs };

		for (unsigned int i = 0; i < burst.n; i++) {
			make_packet(&packets[i]);
			mbufs[i] = &packets[i].mbuf;
		}
		type()->process[ELEMENT_EGRESS](old, &burst);
	}
	/* The first goes, and one comes in the middle. */
	changed = config;
	changed.rules = calloc(100, sizeof(struct acl_rule));
	CU_ASSERT_PTR_NOT_NULL_FATAL(changed.rules);
	memcpy(changed.rules, config.rules + 1, 99 * sizeof(struct acl_rule));
	changed.rules[99] = changed.rules[50];
	acl_rule_init(&changed.rules[50]);
	changed.rules[50].dscp = 63;
	new = make(&changed, old, 100 * MEGABYTE, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(new);
	for (unsigned int i = 0; i < 99; i++)
		CU_ASSERT(row_packets(new, i == 50 ? 99 : i) == row_packets(old, i + 1));
	CU_ASSERT(row_packets(new, 50) == 0);
	type()->destroy(old);
	type()->destroy(new);
	free(config.rules);
	free(changed.rules);
}

/* The language */

static void
test_text(void)
{
	for (unsigned int i = 0; i < 20000; i++) {
		struct acl_rule rule = random_rule(3), back;
		char text[ACL_TEXT_SIZE], again[ACL_TEXT_SIZE], copy[ACL_TEXT_SIZE];
		struct acl_error error;
		int rc;

		acl_rule_text(&rule, text);
		strcpy(copy, text);
		rc = acl_rule_parse(copy, &back, &error);
		if (rc != 1 || memcmp(&rule, &back, ACL_RULE_COMPARED) != 0)
			printf("%s\n", text);
		CU_ASSERT_FATAL(rc == 1);
		CU_ASSERT_FATAL(memcmp(&rule, &back, ACL_RULE_COMPARED) == 0);
		CU_ASSERT_STRING_EQUAL(text, acl_rule_text(&back, again));
	}
}

static void
read_lines(const char *text, size_t length, char **errors, struct acl_config *config)
{
	char path[] = "/tmp/test_acl.XXXXXX";
	struct line_report report = { .path = path };
	int fd = mkstemp(path);
	size_t size;
	FILE *out = open_memstream(errors, &size);

	CU_ASSERT_FATAL(fd >= 0 && out != NULL && write(fd, text, length) == (ssize_t)length);
	close(fd);
	CU_ASSERT_PTR_NULL(acl_config_read_file(&report, config));
	unlink(path);
	line_report_flush(&report, out);
	fclose(out);
}

/* What comes must be "PATH:ERROR" for each. */
static void
check_case(const char *file, size_t length, const char *expected)
{
	struct acl_config config = { 0 };
	char *errors, *line, *rest;

	read_lines(file, length, &errors, &config);
	rest = errors;
	while (*expected != '\0') {
		size_t n = strcspn(expected, "\n");

		line = strsep(&rest, "\n");
		CU_ASSERT_PTR_NOT_NULL_FATAL(line);
		line += strcspn(line, ":") + (*line != '\0');
		if (strlen(line) != n || memcmp(line, expected, n) != 0)
			printf("found    %s\nexpected %.*s\n", line, (int)n, expected);
		CU_ASSERT(strlen(line) == n && memcmp(line, expected, n) == 0);
		expected += n + (expected[n] == '\n');
	}
	CU_ASSERT(rest == NULL || *rest == '\0');
	free(errors);
	free(config.file_rules);
}

static void
test_errors(void)
{
	char file[4096] = "", expected[4096] = "";
	char *text = strdup(cases), *rest = text, *line;
	unsigned int n = 0;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (line[0] == '-') {
			if (expected[0] != '\0') {
				check_case(file, strlen(file), expected);
				file[0] = expected[0] = '\0';
			}
			strcat(strcat(file, line[1] == '\0' ? "" : line + 2), "\n");
		} else if (line[0] == '=') {
			strcat(strcat(expected, line + 2), "\n");
			n++;
		}
	}
	check_case(file, strlen(file), expected);
	CU_ASSERT(n > 40);
	free(text);
}

static void
test_file(void)
{
	struct acl_config config = { 0 };
	char *errors, *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (unsigned int i = 0; i < ACL_RULES_MAX; i++)
		fprintf(out, "permit tcp from 10.%u.%u.0/24 to any port %u # %u\r\n", i / 250,
			i % 250, i, i);
	fclose(out);
	read_lines(text, size, &errors, &config);
	CU_ASSERT_STRING_EQUAL(errors, "");
	CU_ASSERT(config.n_file_rules == ACL_RULES_MAX);
	CU_ASSERT(config.file_rules[777].destination_port.high == 777);
	CU_ASSERT(config.file_rules[777].line == 778);
	free(errors);
	/* Another one is one too many. */
	config.n_rules = 1;
	free(config.file_rules);
	config.file_rules = NULL;
	config.n_file_rules = 0;
	read_lines(text, size, &errors, &config);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(errors, ":10000: found a rule more, expected 10000 at most\n"));
	free(errors);
	free(text);
	free(config.file_rules);
}

static char *
read_cases(const char *folder)
{
	char path[4096], *text = NULL;
	size_t size, n;
	FILE *in, *out;
	char piece[4096];

	snprintf(path, sizeof(path), "%s/acl_errors.txt", folder);
	in = fopen(path, "r");
	if (in == NULL)
		return NULL;
	out = open_memstream(&text, &size);
	while ((n = fread(piece, 1, sizeof(piece), in)) > 0)
		fwrite(piece, 1, n, out);
	fclose(in);
	fclose(out);
	return text;
}

int
main(int argc, char **argv)
{
	char *eal_args[] = { "test_acl", "--no-huge", "-m", "512", "--no-pci", "--no-shconf",
		"--no-telemetry", "--log-level=error", "-l", "0", NULL };
	unsigned int failures;
	CU_pSuite suite;

	random_start();
	cases = argc > 1 ? read_cases(argv[1]) : NULL;
	if (cases == NULL || rte_eal_init(RTE_DIM(eal_args) - 1, eal_args) < 0)
		return 1;
	CU_initialize_registry();
	suite = CU_add_suite("acl", NULL, NULL);
	CU_add_test(suite, "random rules, random packets", test_random);
	CU_add_test(suite, "count rules among them", test_counts);
	CU_add_test(suite, "10,000 rules", test_many);
	CU_add_test(suite, "too many count rules that meet", test_too_many_counts);
	CU_add_test(suite, "limits of memory", test_memory);
	CU_add_test(suite, "a change keeps hits", test_change);
	CU_add_test(suite, "rules in words and back", test_text);
	CU_add_test(suite, "errors", test_errors);
	CU_add_test(suite, "a file of 10,000 rules", test_file);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	rte_eal_cleanup();
	free(cases);
	return failures != 0;
}
