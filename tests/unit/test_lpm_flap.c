/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * One writer flaps routes while readers look up. For each watched address the writer keeps a
 * history of the routes that cover it; an answer is right if it is that of a state between the one
 * in force before the look-up and the one begun after it.
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <CUnit/Basic.h>
#include <rte_common.h>
#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

#include "lpm_routes.h"
#include "lpm_wrap/lpm.h"

#define WATCHED 64 /* addresses, each in a /6 of its own */
#define NESTED 5   /* routes over each: the default route, and four of its own */
#define HISTORY 4096
#define READERS 2
#define CHANGES 30000
#define NOISE 20000
#define NOISE_VALUE 300
#define BESIDE_VALUE 301

/* Values of the routes over an address, the default route's in the lowest byte; 0: absent. */
union state {
	uint8_t values[8];
	uint64_t word;
};

struct watched {
	struct key address;
	uint8_t depths[NESTED];
	uint8_t beside;                     /* depth of a route that leaves the path, or 0 */
	union state now;                    /* the writer's */
	uint64_t history[HISTORY];          /* states, by number */
	uint64_t begun __rte_cache_aligned; /* the state that a change under way leads to */
	uint64_t done; /* the state that all look-ups from now on see, or a later one */
};

static struct watched watched[WATCHED];
static struct lpm *lpm;
static struct rte_rcu_qsbr *rcu;
static enum lpm_family family;
static uint64_t random_state;
static bool stop;

struct reader {
	pthread_t thread;
	unsigned int id;
	uint64_t bursts;
	uint64_t wrong;
	uint64_t forgotten;  /* more changes during one look-up than the history holds */
	uint64_t overlapped; /* answers during a change */
};

static uint32_t
answer(uint64_t word)
{
	union state state = { .word = word };

	for (int i = NESTED - 1; i >= 0; i--)
		if (state.values[i] != 0)
			return state.values[i];
	return LPM_NO_ROUTE;
}

static void
check(struct reader *reader, const struct watched *watch, uint64_t first, uint32_t value)
{
	uint64_t last = __atomic_load_n(&watch->begun, __ATOMIC_ACQUIRE);

	reader->overlapped += last != first;
	for (uint64_t number = first; number <= last; number++)
		if (answer(__atomic_load_n(&watch->history[number % HISTORY], __ATOMIC_RELAXED)) ==
			value)
			return;
	/* What was read may have been overwritten meanwhile. */
	if (__atomic_load_n(&watch->begun, __ATOMIC_ACQUIRE) - first >= HISTORY)
		reader->forgotten++;
	else
		reader->wrong++;
}

static void
look_up(uint32_t values[WATCHED])
{
	uint32_t ipv4[WATCHED];
	uint8_t ipv6[WATCHED][16];

	for (unsigned int i = 0; i < WATCHED; i++) {
		ipv4[i] = key_to_ipv4(watched[i].address);
		key_to_ipv6(watched[i].address, ipv6[i]);
	}
	if (family == LPM_IPV4)
		lpm_lookup_bulk(lpm, ipv4, values, WATCHED);
	else
		lpm6_lookup_bulk(lpm, (const uint8_t(*)[16])ipv6, values, WATCHED);
}

static void *
read_table(void *argument)
{
	struct reader *reader = argument;

	rte_rcu_qsbr_thread_register(rcu, reader->id);
	rte_rcu_qsbr_thread_online(rcu, reader->id);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		uint64_t first[WATCHED];
		uint32_t values[WATCHED];

		for (unsigned int i = 0; i < WATCHED; i++)
			first[i] = __atomic_load_n(&watched[i].done, __ATOMIC_ACQUIRE);
		look_up(values);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		for (unsigned int i = 0; i < WATCHED; i++)
			check(reader, &watched[i], first[i], values[i]);
		rte_rcu_qsbr_quiescent(rcu, reader->id);
		__atomic_store_n(&reader->bursts, reader->bursts + 1, __ATOMIC_RELAXED);
	}
	rte_rcu_qsbr_thread_offline(rcu, reader->id);
	rte_rcu_qsbr_thread_unregister(rcu, reader->id);
	return NULL;
}

static int
change(struct key key, uint8_t depth, uint32_t value)
{
	uint8_t prefix[16];

	key = key_mask(key, depth);
	key_to_ipv6(key, prefix);
	if (family == LPM_IPV4)
		return value == LPM_NO_ROUTE ? lpm_delete(lpm, key_to_ipv4(key), depth)
		                             : lpm_add(lpm, key_to_ipv4(key), depth, value);
	return value == LPM_NO_ROUTE ? lpm6_delete(lpm, prefix, depth)
	                             : lpm6_add(lpm, prefix, depth, value);
}

/* Before a change: the state that it leads to may be seen from now on. */
static void
begin(struct watched *watch, unsigned int nested, uint8_t value)
{
	watch->now.values[nested] = value;
	__atomic_store_n(
		&watch->history[(watch->begun + 1) % HISTORY], watch->now.word, __ATOMIC_RELAXED);
	__atomic_store_n(&watch->begun, watch->begun + 1, __ATOMIC_SEQ_CST);
}

static void
end(struct watched *watch)
{
	__atomic_store_n(&watch->done, watch->begun, __ATOMIC_SEQ_CST);
}

static void
flap_default(void)
{
	uint8_t value = watched[0].now.values[0] ? 0 : 1 + random64(&random_state) % 255;

	for (unsigned int i = 0; i < WATCHED; i++)
		begin(&watched[i], 0, value);
	CU_ASSERT_FATAL(change((struct key){ 0 }, 0, value) == 0);
	for (unsigned int i = 0; i < WATCHED; i++)
		end(&watched[i]);
}

static void
flap_one(void)
{
	struct watched *watch = &watched[random64(&random_state) % WATCHED];
	unsigned int nested = 1 + random64(&random_state) % (NESTED - 1);
	uint8_t old = watch->now.values[nested];
	/* Withdraw, announce, or announce with another value. */
	uint8_t value =
		old != 0 && random64(&random_state) % 2 ? 0 : 1 + random64(&random_state) % 255;

	begin(watch, nested, value);
	CU_ASSERT_FATAL(change(watch->address, watch->depths[nested], value) == 0);
	end(watch);
}

/*
 * A route that goes the way of a watched address for all but its last bit, and so ends and joins
 * the stretches without a branch on that way.
 */
static void
flap_beside(struct watched *watch)
{
	unsigned int depth_max = family == LPM_IPV4 ? 32 : 128;
	bool present = watch->beside != 0;
	unsigned int depth =
		present ? watch->beside : 7 + random64(&random_state) % (depth_max - 6);
	struct key key = watch->address;

	if (depth <= 64)
		key.high ^= UINT64_C(1) << (64 - depth);
	else
		key.low ^= UINT64_C(1) << (128 - depth);
	CU_ASSERT_FATAL(change(key, depth, present ? 0 : BESIDE_VALUE) == 0);
	watch->beside = present ? 0 : depth;
}

/* Routes that cover no watched address and are none beside one, so that arenas grow, are replaced
 * and shrink. */
static void
make_noise(struct routes *noise)
{
	CU_ASSERT_FATAL(routes_make(noise, family, NOISE, random_state) == 0);
	for (uint32_t i = 0; i < noise->count;) {
		const struct route *route = &noise->list[i];
		const struct watched *watch = &watched[route->key.high >> 58];

		if (route->depth < 7 || key_matches(watch->address, route->key, route->depth - 1))
			noise->list[i] = noise->list[--noise->count];
		else
			i++;
	}
	routes_shuffle(noise, random_state);
}

static void
make_watched(void)
{
	unsigned int depth_max = family == LPM_IPV4 ? 32 : 128;

	memset(watched, 0, sizeof(watched));
	for (unsigned int i = 0; i < WATCHED; i++) {
		struct watched *watch = &watched[i];

		watch->address.high = (uint64_t)i << 58 | random64(&random_state) >> 6;
		watch->address.low = random64(&random_state);
		watch->address = key_mask(watch->address, depth_max);
		for (unsigned int nested = 1; nested < NESTED; nested++) {
			unsigned int width = (depth_max - 6) / (NESTED - 1);

			watch->depths[nested] =
				7 + width * (nested - 1) + random64(&random_state) % width;
		}
	}
}

static void
flap(const struct routes *noise, const struct reader *readers)
{
	uint32_t present = 0;
	bool growing = true;

	for (unsigned int i = 0; i < CHANGES || readers[0].bursts < 100 || readers[1].bursts < 100;
		i++) {
		const struct route *route;

		flap_one();
		flap_beside(&watched[random64(&random_state) % WATCHED]);
		if (i % 1000 == 0)
			flap_default();
		/* The noise comes and goes as a whole, a few routes with each flap. */
		for (unsigned int j = 0; j < 4; j++) {
			if (present == (growing ? noise->count : 0))
				growing = !growing;
			route = &noise->list[growing ? present++ : --present];
			CU_ASSERT_FATAL(
				change(route->key, route->depth, growing ? NOISE_VALUE : 0) == 0);
		}
	}
	while (present > 0) {
		const struct route *route = &noise->list[--present];

		CU_ASSERT_FATAL(change(route->key, route->depth, 0) == 0);
	}
}

static void
delete_watched(void)
{
	if (watched[0].now.values[0] != 0)
		CU_ASSERT(change((struct key){ 0 }, 0, 0) == 0);
	for (unsigned int i = 0; i < WATCHED; i++) {
		for (unsigned int nested = 1; nested < NESTED; nested++)
			if (watched[i].now.values[nested] != 0)
				CU_ASSERT(change(watched[i].address, watched[i].depths[nested],
						  0) == 0);
		if (watched[i].beside != 0)
			flap_beside(&watched[i]);
	}
}

static void
check_flapping(enum lpm_family chosen, const char *lookup)
{
	struct lpm_params params = { .name = "flap", .socket = -1, .family = chosen, .rcu = rcu };
	struct reader readers[READERS] = { 0 };
	struct routes noise;
	size_t empty;

	family = chosen;
	lpm = lpm_create(&params);
	CU_ASSERT_PTR_NOT_NULL_FATAL(lpm);
	empty = lpm_memory(lpm);
	if (lpm_lookup_choose(lpm, lookup) < 0) {
		printf("(%s: not on this machine) ", lookup);
		lpm_free(lpm);
		return;
	}
	make_watched();
	make_noise(&noise);
	stop = false;
	for (unsigned int i = 0; i < READERS; i++) {
		readers[i].id = i;
		pthread_create(&readers[i].thread, NULL, read_table, &readers[i]);
	}
	flap(&noise, readers);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < READERS; i++) {
		pthread_join(readers[i].thread, NULL);
		CU_ASSERT(readers[i].wrong == 0);
		CU_ASSERT(readers[i].bursts > 0);
		printf("%lu bursts, %lu answers during changes, %lu not judged; ",
			readers[i].bursts, readers[i].overlapped, readers[i].forgotten);
	}
	delete_watched();
	CU_ASSERT(lpm_count(lpm) == 0);
	lpm_reclaim(lpm);
	lpm_reclaim(lpm);
	CU_ASSERT(lpm_memory(lpm) <= empty + 4096);
	routes_free(&noise);
	lpm_free(lpm);
}

static void
test_scalar(void)
{
	check_flapping(LPM_IPV4, "scalar");
	check_flapping(LPM_IPV6, "scalar");
}

static void
test_avx2(void)
{
	check_flapping(LPM_IPV4, "avx2");
	check_flapping(LPM_IPV6, "avx2");
}

static void
test_avx512(void)
{
	check_flapping(LPM_IPV4, "avx512");
	check_flapping(LPM_IPV6, "avx512");
}

int
main(int argc, char **argv)
{
	char *eal_args[] = { argv[0], "--no-huge", "-m", "512", "--no-pci", "--no-shconf",
		"--no-telemetry", "-l", "0", "--log-level", "*:4" };
	cpu_set_t cpus;
	CU_pSuite suite;
	unsigned int failures;

	random_state = argc > 1 ? strtoull(argv[1], NULL, 0) : (uint64_t)time(NULL);
	printf("seed %#lx (give it as the argument to repeat)\n", random_state);
	random_state = random_state * 2 + 1;
	pthread_getaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	if (rte_eal_init(RTE_DIM(eal_args), eal_args) < 0)
		return 1;
	/* EAL has put this thread on one core; the readers are to be on others. */
	pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	rcu = rte_zmalloc(NULL, rte_rcu_qsbr_get_memsize(READERS), RTE_CACHE_LINE_SIZE);
	if (rcu == NULL || rte_rcu_qsbr_init(rcu, READERS) != 0)
		return 1;
	CU_initialize_registry();
	suite = CU_add_suite("lpm_flap", NULL, NULL);
	CU_add_test(suite, "scalar look-ups while routes flap", test_scalar);
	CU_add_test(suite, "AVX2 look-ups while routes flap", test_avx2);
	CU_add_test(suite, "AVX-512 look-ups while routes flap", test_avx512);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	rte_free(rcu);
	rte_eal_cleanup();
	return failures != 0;
}
