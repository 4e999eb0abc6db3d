/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>
#include <rte_malloc.h>

#include "nat44_fixture.h"
#include "random.h"

struct nat44 *nat;
uint64_t now;
char nat_error[ELEMENT_ERROR_SIZE];
uint64_t memory_limit = UINT64_C(1) << 30;
bool pool_is_own;

static struct rte_mempool *pool;
static size_t heap_before;

/* The router */

static int
find_interface(void *context, const char *name)
{
	(void)context;
	return strcmp(name, "wan") == 0 ? WAN : strcmp(name, "lan") == 0 ? LAN : -ENOENT;
}

static bool
is_own(void *context, uint32_t address)
{
	uint32_t host = rte_be_to_cpu_32(address);

	(void)context;
	return host == ROUTER_WAN || host == ROUTER_LAN || (pool_is_own && host == POOL);
}

static const struct element_host host = { .is_own = is_own };

static size_t
heap_in_use(void)
{
	struct rte_malloc_socket_stats stats;

	rte_malloc_get_socket_stats(0, &stats);
	return stats.heap_allocsz_bytes;
}

void
fixture_open(void)
{
	if (pool == NULL)
		pool = rte_pktmbuf_pool_create("nat44", 1023, 0, 0, 2048, 0);
	CU_ASSERT_FATAL(pool != NULL);
	heap_before = heap_in_use();
	now = random32();
	pool_is_own = false;
}

void
fixture_close(void)
{
	nat_close();
	CU_ASSERT(rte_mempool_in_use_count(pool) == 0);
	CU_ASSERT(heap_in_use() == heap_before);
}

/* What is wrong is put to nat_error. */
static struct nat44 *
make(const char *text, struct element *previous)
{
	const struct element_type *type = element_type_find("nat44");
	char *json = strdup(text), *said = NULL;
	struct locate locate;
	struct report report = { .source = "test", .locate = &locate };
	struct nat44_config config = { 0 };
	struct element_params params = { .config = &config.element,
		.router = "r",
		.find_interface = find_interface,
		.previous = previous,
		.hz = HZ,
		.socket = SOCKET_ID_ANY,
		.memory_limit = memory_limit };
	struct nat44 *made = NULL;
	struct value value = { NULL, LOCATE_ROOT };
	size_t size;
	FILE *out;

	for (char *c = json; *c != '\0'; c++)
		*c = *c == '\'' ? '"' : *c;
	value.json = json_loads(json, 0, NULL);
	CU_ASSERT_FATAL(value.json != NULL && locate_build(&locate, json, strlen(json)) == 0);
	config.element.type = type;
	object_read(&report, value, type->config, &config);
	type->load(&report, value, &config.element);
	if (report_failed(&report)) {
		out = open_memstream(&said, &size);
		report_flush(&report, out);
		fclose(out);
		snprintf(nat_error, sizeof(nat_error), "%s", said);
		free(said);
	} else {
		made = (struct nat44 *)type->create(&params, nat_error);
		CU_ASSERT(made == NULL || params.memory_used >= made->state->size);
	}
	object_clear(type->config, &config);
	json_decref(value.json);
	locate_free(&locate);
	free(json);
	return made;
}

bool
nat_open(const char *json)
{
	nat_close();
	nat = make(json, NULL);
	return nat != NULL;
}

bool
nat_change(const char *json)
{
	struct nat44 *next = make(json, &nat->element);

	if (next == NULL)
		return false;
	element_type_find("nat44")->destroy(&nat->element);
	nat = next;
	return true;
}

void
nat_close(void)
{
	if (nat != NULL)
		element_type_find("nat44")->destroy(&nat->element);
	nat = NULL;
}

/* Packets that are none of the NAT's move its clock. */
void
nat_wait(uint32_t seconds)
{
	struct spec spec = { .protocol = IPPROTO_UDP,
		.source = { ROUTER_LAN, 1 },
		.destination = { IP(10, 0, 0, 1), 1 } };
	int fate;

	now += seconds * HZ;
	do {
		drop(in(&spec, LAN, &fate));
		CU_ASSERT_FATAL(fate == NAT44_GO_ON);
	} while (nat->state->sessions.turned < nat->state->now);
}

/* Sums, in network byte order: 16 bits at a time, the plain way. */

static uint32_t
sum_of(const uint8_t *bytes, uint32_t length, uint32_t sum)
{
	for (uint32_t i = 0; i < length; i++)
		sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static uint32_t
l4_sum(const struct rte_ipv4_hdr *ip, uint32_t length)
{
	const uint8_t *l4 = (const uint8_t *)ip + rte_ipv4_hdr_len(ip);
	uint32_t sum = 0;

	if (ip->next_proto_id != IPPROTO_ICMP) {
		sum = sum_of((const uint8_t *)&ip->src_addr, 8, 0);
		sum += ip->next_proto_id + length;
	}
	return sum_of(l4, length, sum);
}

static int
l4_checksum_at(uint8_t protocol)
{
	return protocol == IPPROTO_TCP    ? 16
	       : protocol == IPPROTO_UDP  ? 6
	       : protocol == IPPROTO_ICMP ? 2
	                                  : -1;
}

static void
put(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint16_t
get(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void
sum_up(struct rte_ipv4_hdr *ip, bool no_checksum)
{
	uint32_t header = rte_ipv4_hdr_len(ip);
	uint32_t length = rte_be_to_cpu_16(ip->total_length) - header;
	uint8_t *l4 = (uint8_t *)ip + header;
	int at = l4_checksum_at(ip->next_proto_id);
	uint16_t sum;

	ip->hdr_checksum = 0;
	put((uint8_t *)&ip->hdr_checksum, (uint16_t)~sum_of((const uint8_t *)ip, header, 0));
	if (at < 0)
		return;
	put(l4 + at, 0);
	sum = (uint16_t)~l4_sum(ip, length);
	if (ip->next_proto_id == IPPROTO_UDP && sum == 0)
		sum = 0xffff;
	if (!no_checksum || ip->next_proto_id != IPPROTO_UDP)
		put(l4 + at, sum);
}

static bool
is_right(const struct rte_ipv4_hdr *ip)
{
	uint32_t header = rte_ipv4_hdr_len(ip);
	uint32_t length = rte_be_to_cpu_16(ip->total_length) - header;
	const uint8_t *l4 = (const uint8_t *)ip + header;
	int at = l4_checksum_at(ip->next_proto_id);

	if (sum_of((const uint8_t *)ip, header, 0) != 0xffff)
		return false;
	if (at < 0 || (ip->fragment_offset & RTE_BE16(0x3fff)) != 0 ||
		(ip->next_proto_id == IPPROTO_UDP && get(l4 + at) == 0))
		return true;
	return l4_sum(ip, length) == 0xffff;
}

bool
checksums_ok(const struct rte_mbuf *mbuf)
{
	return is_right(ip_of(mbuf));
}

bool
quoted_checksums_ok(const struct rte_mbuf *mbuf)
{
	return is_right((const struct rte_ipv4_hdr *)(l4_of(mbuf) + 8));
}

/* Packets */

struct rte_ipv4_hdr *
ip_of(const struct rte_mbuf *mbuf)
{
	return rte_pktmbuf_mtod_offset(mbuf, struct rte_ipv4_hdr *, L2);
}

uint8_t *
l4_of(const struct rte_mbuf *mbuf)
{
	return (uint8_t *)ip_of(mbuf) + rte_ipv4_hdr_len(ip_of(mbuf));
}

static struct rte_mbuf *
blank(uint32_t length)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);

	CU_ASSERT_FATAL(mbuf != NULL && rte_pktmbuf_append(mbuf, (uint16_t)(L2 + length)) != NULL);
	random_bytes(rte_pktmbuf_mtod(mbuf, void *), L2 + length);
	return mbuf;
}

static uint32_t
l4_header(uint8_t protocol)
{
	return protocol == IPPROTO_TCP ? 20 : 8;
}

static void
fill_l4(uint8_t *l4, const struct spec *spec, uint32_t length)
{
	if (spec->protocol == IPPROTO_ICMP) {
		l4[0] = spec->type;
		l4[1] = 0;
		put(l4 + 4, spec->source.port != 0 ? spec->source.port : spec->destination.port);
		return;
	}
	put(l4, spec->source.port);
	put(l4 + 2, spec->destination.port);
	if (spec->protocol == IPPROTO_TCP) {
		l4[12] = 0x50;
		l4[13] = spec->flags;
	} else if (spec->protocol == IPPROTO_UDP) {
		put(l4 + 4, (uint16_t)length);
		put(l4 + 6, 0);
	}
}

struct rte_mbuf *
packet(const struct spec *spec)
{
	uint32_t header = 20u + spec->options;
	uint32_t upper = (spec->offset == 0 ? l4_header(spec->protocol) : 0) + spec->payload;
	struct rte_mbuf *mbuf = blank(header + upper);
	struct rte_ipv4_hdr *ip = ip_of(mbuf);

	ip->version_ihl = (uint8_t)(0x40 | header / 4);
	ip->type_of_service = 0;
	ip->total_length = rte_cpu_to_be_16((uint16_t)(header + upper));
	ip->packet_id = rte_cpu_to_be_16(spec->id);
	ip->fragment_offset =
		rte_cpu_to_be_16((uint16_t)(spec->offset / 8 | (spec->more ? 0x2000 : 0)));
	ip->time_to_live = 64;
	ip->next_proto_id = spec->protocol;
	ip->src_addr = rte_cpu_to_be_32(spec->source.address);
	ip->dst_addr = rte_cpu_to_be_32(spec->destination.address);
	memset(ip + 1, 1, spec->options); /* no operation */
	if (spec->offset == 0)
		fill_l4(l4_of(mbuf), spec, upper);
	sum_up(ip, spec->no_checksum);
	return mbuf;
}

struct rte_mbuf *
error_about(
	const struct rte_mbuf *about, uint32_t source, uint8_t type, uint8_t code, uint32_t length)
{
	uint32_t quoted = RTE_MIN(length, (uint32_t)rte_be_to_cpu_16(ip_of(about)->total_length));
	struct spec spec = { .protocol = IPPROTO_ICMP,
		.source = { source, 0 },
		.destination = { rte_be_to_cpu_32(ip_of(about)->src_addr), 0 },
		.type = type,
		.payload = (uint16_t)quoted };
	struct rte_mbuf *mbuf = packet(&spec);

	l4_of(mbuf)[1] = code;
	memset(l4_of(mbuf) + 4, 0, 4);
	memcpy(l4_of(mbuf) + 8, ip_of(about), quoted);
	sum_up(ip_of(mbuf), false);
	return mbuf;
}

static struct rte_mbuf *
piece(const struct rte_mbuf *mbuf, uint32_t from, uint32_t to, bool more)
{
	uint32_t header = rte_ipv4_hdr_len(ip_of(mbuf));
	struct rte_mbuf *fragment = blank(header + to - from);
	struct rte_ipv4_hdr *ip = ip_of(fragment);

	memcpy(ip, ip_of(mbuf), header);
	memcpy((uint8_t *)ip + header, l4_of(mbuf) + from, to - from);
	ip->total_length = rte_cpu_to_be_16((uint16_t)(header + to - from));
	ip->fragment_offset = rte_cpu_to_be_16((uint16_t)(from / 8 | (more ? 0x2000 : 0)));
	ip->hdr_checksum = 0;
	put((uint8_t *)&ip->hdr_checksum, (uint16_t)~sum_of((const uint8_t *)ip, header, 0));
	return fragment;
}

void
cut(const struct rte_mbuf *mbuf, uint32_t at, struct rte_mbuf **first, struct rte_mbuf **second)
{
	uint32_t length =
		rte_be_to_cpu_16(ip_of(mbuf)->total_length) - rte_ipv4_hdr_len(ip_of(mbuf));

	*first = piece(mbuf, 0, at, true);
	*second = piece(mbuf, at, length, false);
}

static struct end
end_of(const struct rte_mbuf *mbuf, uint32_t address, unsigned int at)
{
	const uint8_t *l4 = l4_of(mbuf);
	uint8_t protocol = ip_of(mbuf)->next_proto_id;

	return (struct end){ rte_be_to_cpu_32(address),
		protocol == IPPROTO_ICMP ? get(l4 + 4) : get(l4 + at) };
}

struct end
source_of(const struct rte_mbuf *mbuf)
{
	return end_of(mbuf, ip_of(mbuf)->src_addr, 0);
}

struct end
destination_of(const struct rte_mbuf *mbuf)
{
	return end_of(mbuf, ip_of(mbuf)->dst_addr, 2);
}

bool
ends_equal(struct end a, struct end b)
{
	return a.address == b.address && a.port == b.port;
}

void
drop(struct rte_mbuf *mbuf)
{
	if (mbuf != NULL)
		rte_pktmbuf_free(mbuf);
}

/* Sending */

void
send_burst(struct rte_mbuf **mbufs, unsigned int n, enum element_side side, uint16_t interface,
	int *fates)
{
	uint64_t tags[PACKET_BURST_MAX] = { 0 };
	struct element_burst burst = {
		.n = n, .side = side, .mbufs = mbufs, .tags = tags, .now = now, .host = &host
	};

	for (unsigned int i = 0; i < n; i++)
		packet_meta_set(mbufs[i], (struct packet_meta){ interface, L2, PACKET_IPV4 });
	element_type_find("nat44")->process[side](&nat->element, &burst);
	CU_ASSERT_FATAL(burst.n == n && burst.consumed == 0);
	for (unsigned int i = 0; i < n; i++) {
		fates[i] = burst.dropped >> i & 1 ? burst.reasons[i] : NAT44_GO_ON;
		CU_ASSERT_FATAL(fates[i] < NAT44_N_REASONS);
	}
}

int
send_out(struct rte_mbuf *mbuf)
{
	int fate;

	send_burst(&mbuf, 1, ELEMENT_EGRESS, WAN, &fate);
	return fate;
}

int
send_in(struct rte_mbuf *mbuf, uint16_t interface)
{
	int fate;

	send_burst(&mbuf, 1, ELEMENT_INGRESS, interface, &fate);
	return fate;
}

static struct rte_mbuf *
if_it_goes_on(struct rte_mbuf *mbuf, int fate)
{
	if (fate == NAT44_GO_ON)
		return mbuf;
	rte_pktmbuf_free(mbuf);
	return NULL;
}

struct rte_mbuf *
out(const struct spec *spec, int *fate)
{
	struct rte_mbuf *mbuf = packet(spec);

	*fate = send_out(mbuf);
	return if_it_goes_on(mbuf, *fate);
}

struct rte_mbuf *
in(const struct spec *spec, uint16_t interface, int *fate)
{
	struct rte_mbuf *mbuf = packet(spec);

	*fate = send_in(mbuf, interface);
	return if_it_goes_on(mbuf, *fate);
}
