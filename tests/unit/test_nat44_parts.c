/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The tables of the NAT against naive ones.
 */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>

#include "element/nat44_host.h"
#include "element/nat44_peer.h"
#include "element/nat44_port.h"
#include "element/nat44_session.h"
#include "random.h"
#include "test_nat44.h"

/* Sessions */

#define CAPACITY 200u

static struct nat44_sessions sessions;
static struct nat44_queue queue;

/* What must be of each session, by number; `inside` 0: free. */
struct expected {
	uint64_t inside;
	uint64_t outside;
	uint32_t due; /* not before */
	uint32_t waits;
};

static struct expected expected[CAPACITY + 1];
static uint32_t waiting[CAPACITY]; /* the oldest first */
static unsigned int n_waiting;

static void
forget_waiting(uint32_t number)
{
	unsigned int i = 0;

	while (waiting[i] != number)
		i++;
	memmove(&waiting[i], &waiting[i + 1], (--n_waiting - i) * sizeof(waiting[0]));
	expected[number].waits = 0;
}

static void
check_all(void)
{
	uint32_t number = queue.oldest;

	for (uint32_t i = 1; i <= CAPACITY; i++) {
		if (expected[i].inside == 0)
			continue;
		CU_ASSERT_FATAL(
			nat44_session_find(&sessions, NAT44_INSIDE, expected[i].inside) == i);
		CU_ASSERT_FATAL(
			nat44_session_find(&sessions, NAT44_OUTSIDE, expected[i].outside) == i);
	}
	for (unsigned int i = 0; i < n_waiting; i++) {
		CU_ASSERT_FATAL(number == waiting[i]);
		number = sessions.links[number].younger;
	}
	CU_ASSERT(number == 0);
}

/* Whether a key's bucket has all of its slots and the longest chain in use. */
static bool
has_no_place(enum nat44_side side, uint64_t key)
{
	const struct nat44_index *index = &sessions.index[side];
	uint64_t bucket = nat44_index_hash(index, key) & index->mask;
	unsigned int n = 0;

	for (uint32_t i = 1; i <= CAPACITY; i++) {
		uint64_t other = side == NAT44_INSIDE ? expected[i].inside : expected[i].outside;

		n += expected[i].inside != 0 &&
		     (nat44_index_hash(index, other) & index->mask) == bucket;
	}
	return n >= NAT44_BUCKET_SLOTS + NAT44_CHAIN_MAX;
}

static void
check_refusal(uint64_t inside, uint64_t outside)
{
	unsigned int used = 0;

	for (uint32_t i = 1; i <= CAPACITY; i++)
		used += expected[i].inside != 0;
	CU_ASSERT(used == CAPACITY || has_no_place(NAT44_INSIDE, inside) ||
		  has_no_place(NAT44_OUTSIDE, outside));
}

static void
add_one(uint32_t now)
{
	uint64_t inside = nat44_key(random32() % 1000 + 1, 7, IPPROTO_UDP);
	uint64_t outside = nat44_key(1, (uint16_t)random32(), IPPROTO_UDP);
	uint32_t number;

	if (nat44_session_find(&sessions, NAT44_INSIDE, inside) != 0 ||
		nat44_session_find(&sessions, NAT44_OUTSIDE, outside) != 0)
		return;
	number = nat44_session_add(&sessions, inside, outside, NAT44_UDP);
	if (number == 0) {
		check_refusal(inside, outside);
		return;
	}
	CU_ASSERT_FATAL(number <= CAPACITY && expected[number].inside == 0);
	expected[number] = (struct expected){ inside, outside, now + 1 + random32() % 3000, 0 };
	nat44_session_schedule(&sessions, number, expected[number].due);
	if (random32() % 2) {
		nat44_session_wait(&sessions, number, &queue);
		expected[number].waits = 1;
		waiting[n_waiting++] = number;
	}
}

static void
remove_one(uint32_t number)
{
	if (expected[number].waits)
		forget_waiting(number);
	expected[number].inside = 0;
	nat44_session_remove(&sessions, number, &queue);
}

/* Whatever is due comes once it is, and nothing long before. */
static void
turn(uint32_t now)
{
	unsigned int budget = 1 + random32() % 2000;
	uint32_t number;

	while ((number = nat44_session_due(&sessions, now, &budget)) != 0) {
		CU_ASSERT_FATAL(expected[number].inside != 0);
		if (expected[number].due > now) {
			nat44_session_schedule(&sessions, number, expected[number].due);
			continue;
		}
		remove_one(number);
	}
	if (sessions.turned != now)
		return;
	for (uint32_t i = 1; i <= CAPACITY; i++)
		CU_ASSERT_FATAL(expected[i].inside == 0 || expected[i].due > now);
}

void
test_sessions(void)
{
	size_t size = nat44_sessions_size(CAPACITY);
	void *memory = aligned_alloc(64, RTE_ALIGN_CEIL(size, 64));
	uint32_t now = 1;

	memset(memory, 0, size);
	nat44_sessions_init(&sessions, CAPACITY, memory);
	for (unsigned int step = 0; step < 200000; step++) {
		uint32_t number = 1 + random32() % CAPACITY;

		switch (random32() % 8) {
		default:
			add_one(now);
			break;
		case 5:
			if (expected[number].inside != 0)
				remove_one(number);
			break;
		case 6:
			if (expected[number].waits) {
				nat44_session_answered(&sessions, number, &queue);
				forget_waiting(number);
			}
			break;
		case 7:
			now += random32() % (random32() % 100 == 0 ? 5000 : 30);
			turn(now);
		}
		if (step % 1000 == 0)
			check_all();
	}
	check_all();
	for (uint32_t i = 1; i <= CAPACITY; i++)
		if (expected[i].inside != 0)
			remove_one(i);
	for (unsigned int i = 0; i < NAT44_WHEEL_SLOTS; i++)
		CU_ASSERT(sessions.wheel[i] == 0);
	for (uint32_t i = 0; i < 2 * (sessions.index[0].mask + 1); i++)
		CU_ASSERT(sessions.index[0].buckets[i].overflow == 0);
	free(memory);
}

/* Hosts and ports that follow each other are spread as if at random, whatever the secret. */
void
test_hash(void)
{
	enum {
		BUCKETS = 16384
	};
	static uint8_t n_in[BUCKETS], n_tagged[BUCKETS];

	for (unsigned int round = 0; round < 3000; round++) {
		unsigned int n_ports = 1u << random32() % 17,
			     step = 1 + random32() % (65536 / n_ports) % 8;
		unsigned int most = 0, most_tagged = 0;
		struct nat44_secret secret;

		nat44_secret_init(&secret);
		memset(n_in, 0, sizeof(n_in));
		memset(n_tagged, 0, sizeof(n_tagged));
		for (uint32_t i = 0; i < 4 * BUCKETS; i++) {
			uint64_t key = nat44_key(rte_cpu_to_be_32(0x0a000001 + i / n_ports * step),
				rte_cpu_to_be_16((uint16_t)(1024 + i % n_ports * step)), 17);
			uint64_t hash = nat44_hash(&secret, key, 0);
			unsigned int n = ++n_in[hash % BUCKETS];
			unsigned int n_tag = ++n_tagged[hash >> 50];

			most = RTE_MAX(most, n);
			most_tagged = RTE_MAX(most_tagged, n_tag);
		}
		/* Poisson's 4 a bucket: more than 28 once in 10^15 buckets. */
		CU_ASSERT_FATAL(most < 28 && most_tagged < 28);
	}
}

/* Ports */

static bool used[65536];

static void
check_ports(uint16_t low, uint16_t high)
{
	static struct nat44_ports ports;
	uint32_t n = 0;

	memset(used, 0, sizeof(used));
	nat44_ports_init(&ports, low, high);
	for (unsigned int step = 0; step < 300000; step++) {
		uint16_t wanted = (uint16_t)(random32() % 4 ? low + random32() % (high - low + 1u)
							    : random32());
		bool free_of_parity = false;
		int port;

		if (n > 0 && random32() % (step / 1000 % 2 ? 3 : 2) == 0 && used[wanted]) {
			nat44_ports_give(&ports, wanted);
			used[wanted] = false;
			n--;
		}
		port = nat44_ports_take(&ports, wanted, random32());
		if (port < 0) {
			CU_ASSERT_FATAL(n == high - low + 1u);
			continue;
		}
		CU_ASSERT_FATAL(port >= low && port <= high && !used[port]);
		if (wanted >= low && wanted <= high && !used[wanted])
			CU_ASSERT_FATAL(port == wanted);
		if ((port & 1) != (wanted & 1)) {
			for (uint32_t p = low; p <= high; p++)
				free_of_parity |= !used[p] && (p & 1) == (wanted & 1);
			CU_ASSERT_FATAL(!free_of_parity);
		}
		used[port] = true;
		n++;
		CU_ASSERT_FATAL(nat44_ports_in_use(&ports) == n);
	}
}

void
test_ports(void)
{
	check_ports(1024, 65535);
	check_ports(1, 65535);
	check_ports(4000, 4000);
	check_ports(4001, 4002);
	for (unsigned int i = 0; i < 6; i++) {
		uint16_t low = (uint16_t)(1 + random32() % 60000);

		check_ports(low, (uint16_t)(low + random32() % 600));
	}
}

/* Hosts */

#define HOSTS 300u

void
test_hosts(void)
{
	static uint32_t n_of[HOSTS];
	struct nat44_hosts hosts = { 0 };
	uint32_t n = 0, n_hosts;

	hosts.slots = calloc(1, nat44_hosts_size(HOSTS));
	nat44_hosts_init(&hosts, HOSTS, hosts.slots);
	memset(n_of, 0, sizeof(n_of));
	for (unsigned int step = 0; step < 300000; step++) {
		uint32_t host = random32() % HOSTS;

		if (n < HOSTS && random32() % 2) {
			bool added = nat44_host_add(&hosts, host * 256, 3);

			CU_ASSERT_FATAL(added == (n_of[host] < 3));
			n += added;
			n_of[host] += added;
		} else if (n_of[host] > 0) {
			nat44_host_remove(&hosts, host * 256);
			n_of[host]--;
			n--;
		}
		n_hosts = 0;
		for (uint32_t i = 0; step % 1000 == 0 && i < HOSTS; i++)
			n_hosts += n_of[i] > 0;
		CU_ASSERT_FATAL(step % 1000 != 0 || hosts.n == n_hosts);
	}
	free(hosts.slots);
}

/* Peers: the latest are always known. */

void
test_peers(void)
{
	struct nat44_peers peers = { 0 };
	void *memory = calloc(1, nat44_peers_size(1000));

	nat44_peers_init(&peers, 1000, memory);
	for (uint32_t i = 1; i < 100000; i++) {
		uint64_t inside = nat44_key(random32(), 1, IPPROTO_UDP);
		uint32_t remote = random32();
		uint16_t port = (uint16_t)random32();

		CU_ASSERT_FALSE_FATAL(nat44_peer_is(&peers, inside, remote, port, i));
		nat44_peer_add(&peers, inside, remote, port, i + 10);
		CU_ASSERT_TRUE_FATAL(nat44_peer_is(&peers, inside, remote, port, i + 9));
		CU_ASSERT_FALSE_FATAL(nat44_peer_is(&peers, inside, remote, port, i + 10));
		CU_ASSERT_FALSE_FATAL(
			nat44_peer_is(&peers, inside, remote, (uint16_t)(port + 1), i));
		CU_ASSERT_FALSE_FATAL(nat44_peer_is(&peers, inside + 1, remote, port, i));
	}
	free(memory);
}
