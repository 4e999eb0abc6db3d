/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * Classification against a list of interfaces that is searched from end to end, FIFOs against an
 * array that only grows.
 */

#include <string.h>

#include <CUnit/Basic.h>
#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_mempool.h>

#include "classify/classify.h"
#include "random.h"

#define FEEDS 8
#define TARGETS_MAX 200
#define FIFO 64
#define QUEUE_MAX 4096

static struct rte_mempool *pool;

/* What should be in a FIFO, in order: serial numbers of frames. */
struct naive {
	struct feed *feed;
	unsigned int n;
	struct {
		uint32_t serial;
		uint16_t interface;
		uint8_t kind;
		uint8_t l3_offset;
	} queue[FIFO];
	uint64_t received;
	uint64_t dropped;
	bool touched;
};

static struct naive naives[FEEDS];
static struct classify_target targets[TARGETS_MAX];
static unsigned int n_targets;
static struct classify_counters expected, counters;
static uint32_t serial;

static struct rte_ether_addr
random_mac(void)
{
	struct rte_ether_addr mac = { { 2, 0, 0, 0, (uint8_t)(random32() % 4),
		(uint8_t)(random32() % 8) } };

	/* Ones that differ in one byte only, wherever it is. */
	mac.addr_bytes[1 + random32() % 3] = (uint8_t)(random32() % 2);
	return mac;
}

static uint16_t
random_vlan(void)
{
	static const uint16_t vlans[] = { 0, 1, 2, 63, 64, 65, 100, 4093, 4094 };

	return vlans[random32() % RTE_DIM(vlans)];
}

/* Few of them, so that pairs are met again; some are VLANs too. */
static uint16_t
random_outer_vlan(void)
{
	static const uint16_t vlans[] = { 1, 5, 64, 4094 };

	return vlans[random32() % RTE_DIM(vlans)];
}

static bool
is_of(const struct classify_target *target, uint16_t outer_vlan, uint16_t vlan)
{
	return target->outer_vlan == outer_vlan && target->vlan == vlan;
}

static const struct classify_target *
naive_find(uint16_t outer_vlan, uint16_t vlan, const uint8_t *mac)
{
	for (unsigned int i = 0; i < n_targets; i++)
		if (is_of(&targets[i], outer_vlan, vlan) && memcmp(&targets[i].mac, mac, 6) == 0)
			return &targets[i];
	return NULL;
}

static struct classify_table *
make_table(unsigned int n)
{
	struct classify_table *table;

	n_targets = 0;
	while (n_targets < n) {
		struct rte_ether_addr mac = random_mac();
		uint16_t vlan = random_vlan();
		uint16_t outer_vlan = vlan != 0 && random32() % 2 ? random_outer_vlan() : 0;

		if (naive_find(outer_vlan, vlan, mac.addr_bytes) != NULL)
			continue;
		targets[n_targets] =
			(struct classify_target){ .feed = naives[random32() % FEEDS].feed,
				.interface = (uint16_t)random32(),
				.outer_vlan = outer_vlan,
				.vlan = vlan,
				.mac = mac };
		n_targets++;
	}
	table = classify_table_create(targets, n_targets, SOCKET_ID_ANY);
	CU_ASSERT_FATAL(table != NULL);
	return table;
}

static void
naive_push(const struct classify_target *target, uint16_t type, uint8_t offset, bool group)
{
	struct naive *naive = NULL;

	for (unsigned int i = 0; i < FEEDS; i++)
		if (naives[i].feed == target->feed)
			naive = &naives[i];
	naive->received++;
	naive->touched = true;
	if (naive->n == FIFO) {
		naive->dropped++;
		return;
	}
	naive->queue[naive->n].serial = serial;
	naive->queue[naive->n].interface = target->interface;
	naive->queue[naive->n].l3_offset = offset;
	naive->queue[naive->n].kind = (uint8_t)((type == 0x0800          ? PACKET_IPV4
							: type == 0x0806 ? PACKET_ARP
							: type == 0x86dd ? PACKET_IPV6
									 : PACKET_OTHER) |
						(group ? PACKET_GROUP : 0));
	naive->n++;
}

/* What is before the L3 header: a letter for each tag, C (0x8100) or S (0x88a8). */
struct naive_l2 {
	char tags[4];
	uint16_t vlans[3];
	uint16_t type;
	uint8_t offset;
	bool cut;
};

static uint16_t
word(const uint8_t *frame, uint32_t offset)
{
	return (uint16_t)(frame[offset] << 8 | frame[offset + 1]);
}

static struct naive_l2
naive_parse(const uint8_t *frame, uint32_t length)
{
	struct naive_l2 l2 = { .offset = 14 };

	for (unsigned int i = 0; i <= 3; i++) {
		l2.cut = length < l2.offset;
		l2.type = l2.cut ? 0 : word(frame, l2.offset - 2u);
		if (i == 3 || (l2.type != 0x8100 && l2.type != 0x88a8))
			break;
		l2.tags[i] = l2.type == 0x8100 ? 'C' : 'S';
		l2.vlans[i] = length < l2.offset + 2u ? 0 : word(frame, l2.offset) & 0xfff;
		l2.offset = (uint8_t)(l2.offset + 4);
	}
	return l2;
}

/* The reason for which tags like these are nobody's; CLASSIFY_DROP_REASONS: somebody's, perhaps. */
static enum classify_drop
naive_refuse(const struct naive_l2 *l2)
{
	static const struct {
		const char *tags; /* as many as count */
		enum classify_drop reason;
	} refused[] = { { "CC", CLASSIFY_DROP_DOUBLE }, { "CS", CLASSIFY_DROP_DOUBLE },
		{ "SS", CLASSIFY_DROP_DOUBLE }, { "SCC", CLASSIFY_DROP_MORE },
		{ "SCS", CLASSIFY_DROP_MORE } };

	for (unsigned int i = 0; i < RTE_DIM(refused); i++)
		if (strncmp(l2->tags, refused[i].tags, strlen(refused[i].tags)) == 0)
			return refused[i].reason;
	if (l2->cut)
		return CLASSIFY_DROP_SHORT;
	if (l2->tags[0] == 'S' && l2->vlans[0] != 0 && l2->vlans[1] == 0)
		return CLASSIFY_DROP_OUTER_ONLY;
	return CLASSIFY_DROP_REASONS;
}

static void
naive_deliver(const uint8_t *frame, const struct naive_l2 *l2)
{
	bool outer = l2->tags[0] == 'S';
	uint16_t outer_vlan = outer ? l2->vlans[0] : 0;
	uint16_t vlan = l2->vlans[outer];
	const struct classify_target *one = naive_find(outer_vlan, vlan, frame);
	unsigned int n = 0, n_outer = 0;

	for (unsigned int i = 0; i < n_targets; i++) {
		n += is_of(&targets[i], outer_vlan, vlan);
		n_outer += targets[i].outer_vlan == outer_vlan;
	}
	if (n == 0) {
		expected.dropped[outer_vlan != 0 && n_outer == 0 ? CLASSIFY_DROP_OUTER_VLAN
								 : CLASSIFY_DROP_VLAN]++;
	} else if (frame[0] & 1) {
		for (unsigned int i = 0; i < n_targets; i++)
			if (is_of(&targets[i], outer_vlan, vlan))
				naive_push(&targets[i], l2->type, l2->offset, true);
		expected.copies += n - 1;
	} else if (one != NULL) {
		naive_push(one, l2->type, l2->offset, false);
	} else {
		expected.dropped[CLASSIFY_DROP_MAC]++;
	}
}

static void
naive_classify(const uint8_t *frame, uint32_t length)
{
	struct naive_l2 l2 = naive_parse(frame, length);
	enum classify_drop reason = naive_refuse(&l2);

	expected.frames++;
	expected.bytes += length;
	if (reason == CLASSIFY_DROP_REASONS)
		naive_deliver(frame, &l2);
	else
		expected.dropped[reason]++;
}

static uint32_t
put16(uint8_t *frame, uint32_t at, uint16_t value)
{
	frame[at] = (uint8_t)(value >> 8);
	frame[at + 1] = (uint8_t)value;
	return at + 2;
}

static uint32_t
put_tag(uint8_t *frame, uint32_t at, uint16_t type, uint16_t vlan)
{
	at = put16(frame, at, type);
	return put16(frame, at, vlan | (uint16_t)(random32() & 0xf000));
}

/* Mostly such as some interface may have, else any. */
static uint32_t
put_random_tags(uint8_t *frame, uint32_t at)
{
	uint16_t vlan = random_vlan();

	switch (random32() % 4) {
	case 0:
		return vlan != 0 || random32() % 4 == 0 ? put_tag(frame, at, 0x8100, vlan) : at;
	case 1:
	case 2:
		at = put_tag(frame, at, 0x88a8, random32() % 8 == 0 ? 0 : random_outer_vlan());
		return put_tag(frame, at, 0x8100, vlan);
	default:
		for (unsigned int n = random32() % 4; n > 0; n--)
			at = put_tag(frame, at, random32() % 2 ? 0x8100 : 0x88a8,
				random32() % 2 ? 0 : random_outer_vlan());
		return at;
	}
}

static struct rte_mbuf *
random_frame(void)
{
	static const uint16_t types[] = { 0x0800, 0x0806, 0x86dd, 0x88cc, 0x8100, 0x88a8 };
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);
	uint32_t length = random32() % 10 == 0 ? random32() % 32 : 40;
	struct rte_ether_addr mac = random_mac();
	uint8_t frame[40] = { 0 };

	CU_ASSERT_FATAL(mbuf != NULL);
	if (random32() % 8 == 0)
		memset(&mac, random32() % 2 ? 0xff : 1, sizeof(mac));
	memcpy(frame, &mac, sizeof(mac));
	put16(frame, put_random_tags(frame, 12), types[random32() % RTE_DIM(types)]);
	memcpy(frame + 32, &serial, sizeof(serial));
	memcpy(rte_pktmbuf_append(mbuf, (uint16_t)length), frame, length);
	return mbuf;
}

static void
check_touched(struct feed *touched)
{
	for (; touched != NULL; touched = touched->next_touched) {
		bool found = false;

		for (unsigned int i = 0; i < FEEDS; i++) {
			if (naives[i].feed != touched)
				continue;
			CU_ASSERT(naives[i].touched);
			naives[i].touched = false;
			found = true;
		}
		CU_ASSERT(found && touched->burst > 0);
		feed_publish(touched);
		touched->burst = 0;
	}
	for (unsigned int i = 0; i < FEEDS; i++)
		CU_ASSERT(!naives[i].touched && naives[i].feed->burst == 0);
}

/*
 * Takes some of what is in a FIFO. Which of the interfaces of a VLAN comes first at a broadcast is
 * left open, so frames with the same number may be in any order.
 */
static void
take_some(struct naive *naive, unsigned int most)
{
	struct rte_mbuf *mbufs[FIFO];
	unsigned int n = feed_take(naive->feed, mbufs, most), k;

	CU_ASSERT_FATAL(n == RTE_MIN(most, naive->n));
	for (unsigned int i = 0; i < n; i++) {
		struct packet_meta meta = packet_meta_get(mbufs[i]);
		uint32_t number = naive->queue[0].serial;
		uint32_t found;

		for (k = 0; k < naive->n && naive->queue[k].serial == number; k++)
			if (naive->queue[k].interface == meta.interface)
				break;
		CU_ASSERT_FATAL(k < naive->n && naive->queue[k].serial == number);
		CU_ASSERT(naive->queue[k].kind == meta.kind);
		CU_ASSERT(naive->queue[k].l3_offset == meta.l3_offset);
		if (mbufs[i]->data_len == 40) {
			memcpy(&found, rte_pktmbuf_mtod_offset(mbufs[i], void *, 32), 4);
			CU_ASSERT(found == number);
		}
		CU_ASSERT(rte_mbuf_refcnt_read(mbufs[i]) == 1);
		rte_pktmbuf_free(mbufs[i]);
		naive->n--;
		memmove(&naive->queue[k], &naive->queue[k + 1],
			(naive->n - k) * sizeof(naive->queue[0]));
	}
}

static void
burst(const struct classify_table *table)
{
	struct rte_mbuf *mbufs[PACKET_BURST_MAX];
	unsigned int n = random32() % (PACKET_BURST_MAX + 1);
	struct feed *touched = NULL;

	/* One frame at a time for the naive one, all at once for the other. */
	for (unsigned int i = 0; i < n; i++) {
		serial++;
		mbufs[i] = random_frame();
		naive_classify(rte_pktmbuf_mtod(mbufs[i], uint8_t *), mbufs[i]->data_len);
	}
	classify_burst(table, mbufs, n, &touched, &counters);
	check_touched(touched);
	CU_ASSERT(memcmp(&counters, &expected, sizeof(counters)) == 0);
}

static void
test_table(void)
{
	static const unsigned int sizes[] = { 0, 1, 2, 3, 7, 30, TARGETS_MAX };

	memset(&counters, 0, sizeof(counters));
	memset(&expected, 0, sizeof(expected));
	for (unsigned int i = 0; i < FEEDS; i++) {
		naives[i] = (struct naive){ .feed = feed_create(
						    FIFO, NULL, NULL, NULL, SOCKET_ID_ANY) };
		CU_ASSERT_FATAL(naives[i].feed != NULL);
	}
	for (unsigned int s = 0; s < RTE_DIM(sizes) * 4; s++) {
		struct classify_table *table = make_table(sizes[s % RTE_DIM(sizes)]);

		for (unsigned int i = 0; i < 150; i++) {
			burst(table);
			for (unsigned int k = 0; k < FEEDS; k++)
				take_some(&naives[k], random32() % FIFO);
		}
		classify_table_free(table);
		for (unsigned int k = 0; k < FEEDS; k++) {
			CU_ASSERT(naives[k].feed->received == naives[k].received);
			CU_ASSERT(naives[k].feed->dropped == naives[k].dropped);
			CU_ASSERT(feed_depth(naives[k].feed) == naives[k].n);
		}
	}
	for (unsigned int i = 0; i < CLASSIFY_DROP_REASONS; i++)
		CU_ASSERT(counters.dropped[i] > 0);
	/* What is left in them goes back to the pool with them. */
	for (unsigned int i = 0; i < FEEDS; i++)
		feed_free(naives[i].feed);
	feed_free(NULL);
	classify_table_free(NULL);
	CU_ASSERT(rte_mempool_in_use_count(pool) == 0);
}

/* No buffer for a copy: the others get theirs, and the frame is not lost. */
static void
test_no_buffers(void)
{
	struct rte_mbuf *all[2048], *mbuf;
	struct feed *touched = NULL;
	struct classify_table *table;
	unsigned int n = 0;

	memset(&counters, 0, sizeof(counters));
	for (unsigned int i = 0; i < 3; i++) {
		naives[i].feed = feed_create(FIFO, NULL, NULL, NULL, SOCKET_ID_ANY);
		targets[i] = (struct classify_target){
			.feed = naives[i].feed, .vlan = 0, .mac = { { 2, 0, 0, 0, 0, (uint8_t)i } }
		};
	}
	table = classify_table_create(targets, 3, SOCKET_ID_ANY);
	mbuf = rte_pktmbuf_alloc(pool);
	memset(rte_pktmbuf_append(mbuf, 60), 0xff, 60);
	while (n < RTE_DIM(all) && (all[n] = rte_pktmbuf_alloc(pool)) != NULL)
		n++;
	rte_pktmbuf_free(all[--n]);
	classify_burst(table, &mbuf, 1, &touched, &counters);
	CU_ASSERT(counters.copies == 1 && counters.copy_failed == 1);
	rte_pktmbuf_free_bulk(all, n);
	for (unsigned int i = 0; i < 3; i++)
		feed_free(naives[i].feed);
	classify_table_free(table);
	CU_ASSERT(rte_mempool_in_use_count(pool) == 0);
}

/* A FIFO, its counters about to wrap, against an array of all that was ever taken in. */
static void
run_fifo(uint32_t capacity, uint32_t start)
{
	static struct rte_mbuf frames[QUEUE_MAX];
	struct feed *feed = feed_create(capacity, NULL, NULL, NULL, SOCKET_ID_ANY);
	unsigned int in = 0, published = 0, out = 0, pushed = 0, dropped = 0;
	struct rte_mbuf *given[PACKET_BURST_MAX], *taken[PACKET_BURST_MAX];

	CU_ASSERT_FATAL(feed != NULL);
	feed->head = feed->tail = feed->published = feed->head_seen = start;
	while (in < QUEUE_MAX) {
		uint32_t n = random32() % PACKET_BURST_MAX, room;

		switch (random32() % 3) {
		case 0:
			n = RTE_MIN(n, QUEUE_MAX - in);
			for (unsigned int i = 0; i < n; i++)
				given[i] = &frames[in + i];
			room = RTE_MIN(n, capacity - (in - out));
			CU_ASSERT_FATAL(feed_push(feed, given, n) == room);
			pushed += n;
			in += room;
			dropped += n - room;
			break;
		case 1:
			feed_publish(feed);
			published = in;
			break;
		default:
			CU_ASSERT_FATAL(feed_depth(feed) == published - out);
			n = feed_take(feed, taken, n);
			CU_ASSERT_FATAL(n <= published - out);
			for (unsigned int i = 0; i < n; i++)
				CU_ASSERT_FATAL(taken[i] == &frames[out++]);
		}
		CU_ASSERT_FATAL(feed->received == pushed && feed->dropped == dropped);
		CU_ASSERT_FATAL(feed->taken == out && feed->received == out + (in - out) + dropped);
	}
	feed_publish(feed);
	while (out < in) {
		uint32_t n = feed_take(feed, taken, 7);

		CU_ASSERT_FATAL(n == RTE_MIN(7u, in - out));
		out += n;
	}
	CU_ASSERT(feed_take(feed, taken, 1) == 0);
	feed_free(feed);
}

static void
test_fifo(void)
{
	static const uint32_t starts[] = { 0, 5, UINT32_MAX, UINT32_MAX - 100 };

	for (unsigned int i = 0; i < RTE_DIM(starts); i++) {
		run_fifo(1, starts[i]);
		run_fifo(2, starts[i]);
		run_fifo(32, starts[i]);
		run_fifo(1024, starts[i]);
	}
}

int
main(int argc, char **argv)
{
	char *eal_args[] = { argv[0], "--no-huge", "-m", "128", "--no-pci", "--no-shconf",
		"--no-telemetry", "-l", "0", "--log-level", "*:4" };
	unsigned int failures;
	CU_pSuite suite;

	(void)argc;
	random_start();
	if (rte_eal_init(RTE_DIM(eal_args), eal_args) < 0)
		return 1;
	pool = rte_pktmbuf_pool_create("test", 2047, 0, 0, 256, SOCKET_ID_ANY);
	CU_initialize_registry();
	suite = CU_add_suite("classify", NULL, NULL);
	CU_add_test(suite, "random frames against a list", test_table);
	CU_add_test(suite, "no buffers for copies", test_no_buffers);
	CU_add_test(suite, "a FIFO against an array", test_fifo);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures() + (pool == NULL);
	CU_cleanup_registry();
	rte_mempool_free(pool);
	rte_eal_cleanup();
	return failures != 0;
}
